//! Names of attributes in requests, in a form that can be compared.

use crate::error::UnknownName;
use crate::options::Options;
use crate::schema::{Own, Resolved, ResourceType};
use crate::syntax::{AttrPath, Expr, PatchPath, attr_path};
use crate::tolerance::Tolerance;

/// An attribute that a request names: in lower case, and without its URN if it belongs to the core schema.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct AttrName {
    /// The URN of an extension or of an unknown schema; empty for core attributes.
    pub urn: String,
    /// The name of the attribute; empty for a whole schema.
    pub name: String,
    pub sub: Option<String>,
}

impl AttrName {
    /// `None` if the text is not an attribute name.
    pub(super) fn parse(text: &str, resource_type: &ResourceType, tolerance: &Tolerance) -> Option<Self> {
        Self::of(&attr_path(text.trim())?, resource_type, tolerance)
    }

    /// Parses a name in `attributes`. Brackets in such a name, as in `emails[type eq "work"]`, ask for some of the
    /// elements. The brackets are dropped, since an answer with all elements includes the requested ones.
    pub(super) fn parse_wanted(text: &str, resource_type: &ResourceType, tolerance: &Tolerance) -> Option<Self> {
        Self::parse(text, resource_type, tolerance).or_else(|| {
            let path = PatchPath::parse_with(text, &Options::default().tolerance(*tolerance)).ok()?;
            let named = Self::of(path.attr(), resource_type, tolerance)?;
            let sub = path.sub_attribute().map(str::to_ascii_lowercase);
            Some(Self { sub: sub.or(named.sub), ..named })
        })
    }

    /// Resolves a name that the host gave. Unlike a name that a client gave, it must be known.
    pub(super) fn own(text: &str, resource_type: &ResourceType) -> Result<Self, UnknownName> {
        Ok(match resource_type.look_up_own(text)? {
            Own::Known(target) => Self::known(&target),
            Own::Untyped(path) => Self::untyped(&path, resource_type),
        })
    }

    /// `None` if what precedes the name is not a URI.
    fn of(path: &AttrPath<'_>, resource_type: &ResourceType, tolerance: &Tolerance) -> Option<Self> {
        let found = resource_type.look_up_read(path, tolerance).ok().flatten();
        let untyped = || path.has_uri().then(|| Self::untyped(path, resource_type));
        found.map_or_else(untyped, |found| Some(Self::known(&found.target)))
    }

    pub(super) fn known(target: &Resolved<'_>) -> Self {
        match target {
            Resolved::Core(_) => Self::lower("", "", None),
            Resolved::Extension(schema) => Self::lower(&schema.id, "", None),
            Resolved::Attribute { extension, attribute, sub_attribute } => {
                let urn = extension.map_or("", |schema| schema.id.as_str());
                Self::lower(urn, &attribute.name, sub_attribute.map(|sub| sub.name.as_str()))
            }
        }
    }

    pub(super) fn untyped(path: &AttrPath<'_>, resource_type: &ResourceType) -> Self {
        let urn = path.uri().filter(|urn| !resource_type.is_core_urn(urn));
        Self::lower(urn.unwrap_or_default(), path.name(), path.sub_attribute())
    }

    fn lower(urn: &str, name: &str, sub: Option<&str>) -> Self {
        Self { urn: urn.to_ascii_lowercase(), name: name.to_ascii_lowercase(), sub: sub.map(str::to_ascii_lowercase) }
    }

    /// Whether both names mean the same attribute, or one means a part of the other.
    pub(super) fn meets(&self, other: &Self) -> bool {
        if self.urn != other.urn {
            return false;
        }
        let is_part = |a: &str, b: &str| a.is_empty() || b.is_empty() || a == b;
        is_part(&self.name, &other.name)
            && is_part(self.sub.as_deref().unwrap_or_default(), other.sub.as_deref().unwrap_or_default())
    }
}

/// The attributes that a compiled filter reads. Names in brackets are left out, because they are sub-attributes of the
/// attribute before the brackets, which is included.
pub(super) fn names_in(expr: &Expr<'_>, resource_type: &ResourceType, found: &mut Vec<AttrName>) {
    let named = |path: &AttrPath<'_>| AttrName::of(path, resource_type, &Tolerance::default());
    match expr {
        Expr::And(terms) | Expr::Or(terms) => terms.iter().for_each(|term| names_in(term, resource_type, found)),
        Expr::Not(not) => names_in(&not.expr, resource_type, found),
        Expr::Attr(exp) => found.extend(named(&exp.path)),
        Expr::ValuePath(path) => found.extend(named(&path.path)),
    }
}

/// Turns all names of a filter into lower case, because filters that differ only in the case of names mean the same.
#[cfg(feature = "cursors")]
pub(super) fn lower_names(expr: &mut Expr<'static>) {
    match expr {
        Expr::And(terms) | Expr::Or(terms) => terms.iter_mut().for_each(lower_names),
        Expr::Not(not) => lower_names(&mut not.expr),
        Expr::Attr(exp) => lower(&mut exp.path),
        Expr::ValuePath(path) => {
            lower(&mut path.path);
            lower_names(&mut path.filter);
            if let Some(then) = &mut path.then {
                then.sub_attribute.to_mut().make_ascii_lowercase();
            }
        }
    }
}

#[cfg(feature = "cursors")]
fn lower(path: &mut AttrPath<'static>) {
    // Only ASCII letters change, so the offsets in the text stay valid.
    path.text.to_mut().make_ascii_lowercase();
}
