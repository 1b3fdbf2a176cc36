//! Which attribute a name in a request means, in a form in which names can be compared.

use crate::error::UnknownName;
use crate::schema::{Own, Resolved, ResourceType};
use crate::syntax::{AttrPath, Expr, Limits, PatchPath, attr_path};
use crate::tolerance::Tolerance;

/// An attribute as a request names it: everything in lower case, an attribute of the core schema without its URN.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct Named {
    /// The URN of an extension, or of what no schema knows; empty for core attributes.
    pub urn: String,
    /// The attribute; empty for a whole schema.
    pub name: String,
    pub sub: Option<String>,
}

impl Named {
    /// None for what is no attribute name at all.
    pub(super) fn parse(text: &str, resource_type: &ResourceType, tolerance: &Tolerance) -> Option<Self> {
        Some(Self::of(&attr_path(text.trim())?, resource_type, tolerance))
    }

    /// The same of a name in `attributes`: one with brackets asks for some elements, and all of them are more than enough.
    pub(super) fn parse_wanted(text: &str, resource_type: &ResourceType, tolerance: &Tolerance) -> Option<Self> {
        Self::parse(text, resource_type, tolerance).or_else(|| {
            let path = PatchPath::parse_with(text, &Limits::default(), tolerance).ok()?;
            let named = Self::of(path.attr(), resource_type, tolerance);
            let sub = path.sub_attribute().map(str::to_ascii_lowercase);
            Some(Self { sub: sub.or(named.sub), ..named })
        })
    }

    /// One that the host names, and not a client.
    pub(super) fn own(text: &str, resource_type: &ResourceType) -> Result<Self, UnknownName> {
        Ok(match resource_type.look_up_own(text)? {
            Own::Known(target) => Self::known(&target),
            Own::Untyped(path) => Self::untyped(&path, resource_type),
        })
    }

    pub(super) fn of(path: &AttrPath<'_>, resource_type: &ResourceType, tolerance: &Tolerance) -> Self {
        let found = resource_type.look_up_read(path, tolerance).ok().flatten();
        found.map_or_else(|| Self::untyped(path, resource_type), |found| Self::known(&found.target))
    }

    fn known(target: &Resolved<'_>) -> Self {
        match target {
            Resolved::Core(_) => Self::lower("", "", None),
            Resolved::Extension(schema) => Self::lower(&schema.id, "", None),
            Resolved::Attribute { extension, attribute, sub_attribute } => {
                let urn = extension.map_or("", |schema| schema.id.as_str());
                Self::lower(urn, &attribute.name, sub_attribute.map(|sub| sub.name.as_str()))
            }
        }
    }

    fn untyped(path: &AttrPath<'_>, resource_type: &ResourceType) -> Self {
        let urn = path.uri().filter(|urn| !resource_type.is_core_urn(urn));
        Self::lower(urn.unwrap_or_default(), path.name(), path.sub_attribute())
    }

    fn lower(urn: &str, name: &str, sub: Option<&str>) -> Self {
        Self { urn: urn.to_ascii_lowercase(), name: name.to_ascii_lowercase(), sub: sub.map(str::to_ascii_lowercase) }
    }

    /// Whether one of the two is, or holds, the other, or is the other.
    pub(super) fn meets(&self, other: &Self) -> bool {
        if self.urn != other.urn {
            return false;
        }
        let is_part = |a: &str, b: &str| a.is_empty() || b.is_empty() || a == b;
        is_part(&self.name, &other.name)
            && is_part(self.sub.as_deref().unwrap_or_default(), other.sub.as_deref().unwrap_or_default())
    }
}

/// The attributes that a compiled filter looks at. Names in brackets are sub-attributes of what stands before them: that is
/// enough.
pub(super) fn names_in(expr: &Expr<'_>, resource_type: &ResourceType, found: &mut Vec<Named>) {
    let named = |path: &AttrPath<'_>| Named::of(path, resource_type, &Tolerance::default());
    match expr {
        Expr::And(terms) | Expr::Or(terms) => terms.iter().for_each(|term| names_in(term, resource_type, found)),
        Expr::Not(not) => names_in(&not.expr, resource_type, found),
        Expr::Attr(exp) => found.push(named(&exp.path)),
        Expr::ValuePath(path) => found.push(named(&path.path)),
    }
}

/// The same filter with all names in lower case: two that differ in nothing else ask the same.
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

fn lower(path: &mut AttrPath<'static>) {
    // The places in the text stay where they are: only ASCII letters change.
    path.text.to_mut().make_ascii_lowercase();
}
