//! Resolves names. Every path and every key of a body is resolved here: the result is the attribute or schema that it
//! names in a resource type, or the reason why it names nothing.

use std::fmt;

use super::attr_ref::AttrRef;
use super::attribute::Attribute;
use super::resource_type::{ResourceType, Schema};
use crate::error::UnknownName;
use crate::suggest::nearest;
use crate::syntax::{AttrPath, attr_path};
use crate::tolerance::Tolerance;

/// The target of a path. As text it is the canonical path: `userName`, `urn:…:User:manager.value`.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub enum Resolved<'a> {
    /// An attribute, or a sub-attribute of it.
    Attribute {
        /// The extension that defines the attribute; `None` for the core schema and the common attributes.
        extension: Option<&'a Schema>,
        /// The attribute.
        attribute: &'a Attribute,
        /// The sub-attribute, if the path names one.
        sub_attribute: Option<&'a Attribute>,
    },
    /// The whole object of an extension.
    Extension(&'a Schema),
    /// The resource itself, named by the URN of its core schema.
    Core(&'a str),
}

/// The target of a path, and the deviations in the path that were tolerated.
#[derive(Debug, PartialEq)]
pub(crate) struct Resolution<'a> {
    pub target: Resolved<'a>,
    pub read_as: Vec<Loose>,
}

/// The target of a name that the host gave.
#[derive(Debug)]
pub(crate) enum Own<'a, 't> {
    Known(Resolved<'a>),
    /// A name that no schema defines, kept as a path. It is allowed only for [`ResourceType::any`].
    Untyped(AttrPath<'t>),
}

/// A deviation that was tolerated.
#[derive(Debug, PartialEq)]
pub(crate) struct Loose {
    /// The name of the switch in [`Tolerance`].
    pub kind: &'static str,
    /// The path as it was understood, in words for people.
    pub detail: String,
}

/// The reason why a path names nothing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Unresolved<'a> {
    /// No schema of the resource type has this URN.
    Schema,
    /// The text after the URN of this schema is not an attribute name.
    Malformed(&'a str),
    /// What precedes the name is neither the URN of a schema nor a URI.
    Prefix,
    /// The extension (or the core schema, if `None`) has no such attribute.
    Attribute(Option<&'a Schema>),
    /// The attribute has no such sub-attribute.
    SubAttribute { extension: Option<&'a Schema>, attribute: &'a Attribute },
    /// The path would be valid, but the switch `kind` of [`Tolerance`] is off. `write` is the correct form.
    Loose { kind: &'static str, write: String },
}

/// One of the ways to split a path into URN, name and sub-attribute.
#[derive(Clone, Copy)]
struct Reading<'t> {
    urn: &'t str,
    /// The name of the attribute; empty if the path is the URN alone.
    name: &'t str,
    sub: Option<&'t str>,
}

type LookedUp<'a, T> = Result<T, Unresolved<'a>>;

impl ResourceType {
    /// Resolves a path as filters do under the default [`Tolerance`].
    pub fn resolve(&self, path: &AttrPath<'_>) -> Option<Resolved<'_>> {
        self.look_up_read(path, &Tolerance::default()).ok().flatten().map(|found| found.target)
    }

    /// Resolves a path.
    pub(crate) fn look_up(&self, path: &AttrPath<'_>, tolerance: &Tolerance) -> LookedUp<'_, Resolution<'_>> {
        self.look_up_in(None, path, tolerance)
    }

    /// Resolves a path within the object of an extension, where its attributes have no URN.
    pub(crate) fn look_up_in<'a>(
        &'a self,
        within: Option<&'a Schema>,
        path: &AttrPath<'_>,
        tolerance: &Tolerance,
    ) -> LookedUp<'a, Resolution<'a>> {
        let mut read_as = Vec::new();
        let mut lookup = PathResolver { kind: self, path: path.as_str(), tolerance, read_as: &mut read_as };
        let target = if path.uri().is_some() { lookup.qualified(path) } else { lookup.unqualified(within, path) }?;
        Ok(Resolution { target, read_as })
    }

    /// Resolves the key of a body: a path, or a URN with characters that no path can have.
    pub(crate) fn look_up_key<'a>(
        &'a self,
        within: Option<&'a Schema>,
        key: &str,
        tolerance: &Tolerance,
    ) -> LookedUp<'a, Resolution<'a>> {
        match attr_path(key) {
            Some(path) => self.look_up_in(within, &path, tolerance),
            None => self.look_up_urn(key, tolerance)?.ok_or(Unresolved::Attribute(within)),
        }
    }

    /// Resolves a text as the URN of a schema, as the attribute `schemas` lists it. `None` if the text is not such a
    /// URN.
    pub(crate) fn look_up_urn(&self, text: &str, tolerance: &Tolerance) -> LookedUp<'_, Option<Resolution<'_>>> {
        let mut read_as = Vec::new();
        let mut lookup = PathResolver { kind: self, path: text, tolerance, read_as: &mut read_as };
        let target = match self.urn(text) {
            Some(target) => target,
            None => match self.old_urn(text) {
                Some(target) => lookup.loosely(target, &["legacy_schemas"])?,
                None => return Ok(None),
            },
        };
        Ok(Some(Resolution { target, read_as }))
    }

    /// Resolves a path for code that reads documents and never writes them. `None` for [`ResourceType::any`] if no
    /// schema defines the name: the path is then followed as it is written. The name of an extension's attribute
    /// without the URN of the extension is such a name, too, since nothing says that the extension is meant.
    pub(crate) fn look_up_read(
        &self,
        path: &AttrPath<'_>,
        tolerance: &Tolerance,
    ) -> LookedUp<'_, Option<Resolution<'_>>> {
        if !self.is_open() {
            return self.look_up(path, tolerance).map(Some);
        }
        match self.look_up(path, &Tolerance { bare_extension_names: false, ..*tolerance }) {
            Ok(found) => Ok(Some(found)),
            Err(malformed @ Unresolved::Malformed(_)) => Err(malformed),
            Err(_) if !path.has_uri() => Err(Unresolved::Prefix),
            Err(_) => Ok(None),
        }
    }

    /// Resolves a name that the host gave: that of an attribute, a sub-attribute or a schema. All such names are
    /// resolved here, so that a typing error is reported everywhere.
    pub(crate) fn look_up_own<'t>(&self, name: &'t str) -> Result<Own<'_, 't>, UnknownName> {
        let tolerance = Tolerance::default();
        let Some(path) = attr_path(name) else {
            return match self.look_up_urn(name, &tolerance) {
                Ok(Some(found)) => Ok(Own::Known(found.target)),
                _ => Err(UnknownName::new(name, &format!("`{name}` is not the name of an attribute"), None)),
            };
        };
        match self.look_up_read(&path, &tolerance) {
            Ok(Some(found)) => Ok(Own::Known(found.target)),
            Ok(None) => Ok(Own::Untyped(path)),
            Err(unresolved) => Err(unresolved.of_host(self, &path)),
        }
    }

    /// Resolves a name that the host gave and that must be a known attribute.
    pub(crate) fn look_up_own_attribute(&self, name: &str) -> Result<AttrRef<'_>, UnknownName> {
        match self.look_up_own(name)? {
            Own::Known(Resolved::Attribute { extension, attribute, sub_attribute }) => {
                Ok(AttrRef { extension, attribute, sub: sub_attribute })
            }
            Own::Known(_) => Err(UnknownName::new(name, &format!("`{name}` is a schema"), Some("name an attribute"))),
            Own::Untyped(path) => Err(Unresolved::Attribute(None).of_host(self, &path)),
        }
    }

    /// The schema with this URN, in any case.
    fn urn(&self, urn: &str) -> Option<Resolved<'_>> {
        let extension = self.extension(urn).map(Resolved::Extension);
        extension.or_else(|| self.core_urn(urn).map(Resolved::Core))
    }

    /// The schema that an old or invented URN means: see [`Self::modern_urn`].
    fn old_urn(&self, urn: &str) -> Option<Resolved<'_>> {
        self.urn(self.modern_urn(urn)?)
    }

    /// The URN of the schema of this resource type that is meant by a URN of SCIM 1.x or by a variant that clients
    /// invented, such as `urn:scim:schemas:core:2.0:User` (R1, tolerance `legacy_schemas`).
    pub(crate) fn modern_urn(&self, urn: &str) -> Option<&str> {
        const CORE: [&str; 2] = ["urn:scim:schemas:core:1.0", "urn:scim:schemas:core:2.0"];
        const ENTERPRISE: [&str; 2] =
            ["urn:scim:schemas:extension:enterprise:1.0", "urn:scim:schemas:extension:enterprise:2.0"];
        let is_kind = |kind: &&str| kind.eq_ignore_ascii_case("user") || kind.eq_ignore_ascii_case("group");
        let base = match urn.rsplit_once(':') {
            Some((base, kind)) if is_kind(&kind) => base,
            _ => urn,
        };
        let is_one = |known: &[&str]| known.iter().any(|known| known.eq_ignore_ascii_case(base));
        if is_one(&CORE) {
            return Some(&self.schema().id);
        }
        let enterprise = || self.extension(Schema::ENTERPRISE_USER).map(|schema| schema.id.as_str());
        is_one(&ENTERPRISE).then(enterprise).flatten()
    }

    /// The only extension that has an attribute of this name, and the attribute. `None` if several extensions have such
    /// an attribute, or if it is a core or common attribute (F12, tolerance `bare_extension_names`).
    pub(crate) fn only_extension_with(&self, name: &str) -> Option<(&Schema, &Attribute)> {
        if self.attribute(name).is_some() {
            return None;
        }
        let mut found = self.extensions_with(name);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    fn extensions_with(&self, name: &str) -> impl Iterator<Item = (&Schema, &Attribute)> {
        self.extensions().filter_map(move |schema| Some((schema, schema.attribute(name)?)))
    }
}

struct PathResolver<'a, 't> {
    kind: &'a ResourceType,
    path: &'t str,
    tolerance: &'t Tolerance,
    read_as: &'t mut Vec<Loose>,
}

impl<'a> PathResolver<'a, '_> {
    /// Resolves a path without a URN.
    fn unqualified(&mut self, within: Option<&'a Schema>, path: &AttrPath<'_>) -> LookedUp<'a, Resolved<'a>> {
        let (name, sub) = (path.name(), path.sub_attribute());
        let known = within.map_or_else(|| self.kind.attribute(name), |schema| schema.attribute(name));
        if let Some(attribute) = known {
            return self.attribute(within, attribute, sub);
        }
        let elsewhere = self.kind.only_extension_with(name).filter(|_| within.is_none());
        let Some((schema, attribute)) = elsewhere else { return Err(Unresolved::Attribute(within)) };
        let target = self.attribute(Some(schema), attribute, sub)?;
        self.loosely(target, &["bare_extension_names"])
    }

    /// Resolves a path with a URN. Three forms are tried in this order: the path as written, the path with an old URN,
    /// and the path with a dot in place of the last colon. In the first two forms, the whole text is tried as a URN
    /// before it is split into URN and name.
    fn qualified(&mut self, path: &AttrPath<'_>) -> LookedUp<'a, Resolved<'a>> {
        let kind = self.kind;
        let whole = Reading { urn: path.as_str(), name: "", sub: None };
        let parts = Reading { urn: path.uri().unwrap_or_default(), name: path.name(), sub: path.sub_attribute() };
        let mut fault = None;
        for reading in [whole, parts] {
            match kind.urn(reading.urn).map(|schema| self.below(schema, reading)) {
                Some(Ok(target)) => return Ok(target),
                other => fault = fault.or(other.and_then(Result::err)),
            }
        }
        for reading in [whole, parts] {
            match kind.old_urn(reading.urn).map(|schema| self.below(schema, reading)) {
                Some(Ok(target)) => return self.loosely(target, &["legacy_schemas"]),
                other => fault = fault.or(other.and_then(Result::err)),
            }
        }
        for reading in Reading::dotted(path.as_str()) {
            let kinds: &[&'static str] =
                if kind.urn(reading.urn).is_some() { &["dotted_urns"] } else { &["legacy_schemas", "dotted_urns"] };
            if let Some(schema) = kind.urn(reading.urn).or_else(|| kind.old_urn(reading.urn)) {
                // The longest known URN counts, whether or not its schema has the attribute (T6).
                let target = self.below(schema, reading).map_err(|error| fault.unwrap_or(error))?;
                return self.loosely(target, kinds);
            }
        }
        Err(fault.unwrap_or_else(|| self.stranger()))
    }

    /// Resolves the name of a reading in the schema of its URN.
    fn below(&mut self, schema: Resolved<'a>, reading: Reading<'_>) -> LookedUp<'a, Resolved<'a>> {
        if reading.name.is_empty() {
            return Ok(schema);
        }
        let (extension, attribute) = match schema {
            Resolved::Extension(schema) => (Some(schema), schema.attribute(reading.name)),
            _ => (None, self.kind.attribute(reading.name)),
        };
        self.attribute(extension, attribute.ok_or(Unresolved::Attribute(extension))?, reading.sub)
    }

    fn attribute(
        &mut self,
        extension: Option<&'a Schema>,
        attribute: &'a Attribute,
        sub: Option<&str>,
    ) -> LookedUp<'a, Resolved<'a>> {
        let Some(name) = sub else { return Ok(Resolved::Attribute { extension, attribute, sub_attribute: None }) };
        if let Some(sub) = attribute.sub_attribute(name) {
            return Ok(Resolved::Attribute { extension, attribute, sub_attribute: Some(sub) });
        }
        match attribute.value_with_id(name) {
            Some(sub) => {
                self.loosely(Resolved::Attribute { extension, attribute, sub_attribute: Some(sub) }, &["manager_id"])
            }
            None => Err(Unresolved::SubAttribute { extension, attribute }),
        }
    }

    /// Returns `target` if all switches in `kinds` are on, and records that they were needed.
    fn loosely(&mut self, target: Resolved<'a>, kinds: &[&'static str]) -> LookedUp<'a, Resolved<'a>> {
        for kind in kinds {
            if self.tolerance.get(kind) != Some(true) {
                return Err(Unresolved::Loose { kind, write: target.to_string() });
            }
            self.read_as.push(Loose { kind, detail: format!("`{}` was read as `{target}`", self.path) });
        }
        Ok(target)
    }

    /// The error for a path whose URN belongs to no schema. If the path only begins with a known URN, the rest is
    /// malformed.
    fn stranger(&self) -> Unresolved<'a> {
        let kind = self.kind;
        let urns = kind.core_urns().chain(kind.extensions().map(|schema| schema.id.as_str()));
        let begins = |urn: &&str| {
            let start = self.path.get(..urn.len()).is_some_and(|start| start.eq_ignore_ascii_case(urn));
            start && matches!(self.path.as_bytes().get(urn.len()), Some(b':' | b'.'))
        };
        urns.filter(begins).max_by_key(|urn| urn.len()).map_or(Unresolved::Schema, Unresolved::Malformed)
    }
}

impl<'t> Reading<'t> {
    /// The readings of a path that has a dot in place of the colon after the URN, such as `urn:…:User.manager.value`.
    /// At most one further dot follows, the one before a sub-attribute. So the dot after the URN is one of the last two
    /// dots of the text. The reading with the longer URN comes first.
    fn dotted(text: &'t str) -> impl Iterator<Item = Self> {
        text.rmatch_indices('.').take(2).filter_map(move |(at, _)| {
            let (urn, rest) = (text.get(..at)?, text.get(at + 1..)?);
            let (name, sub) = rest.split_once('.').map_or((rest, None), |(name, sub)| (name, Some(sub)));
            (!name.is_empty()).then_some(Self { urn, name, sub })
        })
    }
}

impl Unresolved<'_> {
    fn of_host(&self, kind: &ResourceType, path: &AttrPath<'_>) -> UnknownName {
        let (message, hint) = self.explain(kind, path);
        UnknownName::new(path.as_str(), &message, hint.as_deref())
    }

    /// The message, and a hint about the correct name if there is one.
    pub(crate) fn explain(&self, kind: &ResourceType, path: &AttrPath<'_>) -> (String, Option<String>) {
        match self {
            Self::Schema => {
                let message = format!("`{}` has no schema `{}`", kind.name(), path.uri().unwrap_or_default());
                let urns: Vec<&str> = kind.extensions().map(|schema| schema.id.as_str()).collect();
                (message, (!urns.is_empty()).then(|| format!("its extensions are `{}`", urns.join("`, `"))))
            }
            Self::Prefix => {
                let message = format!("`{path}` has no URI before its last colon");
                (message, Some("expected the URN of a schema, such as `urn:example:Badge`".to_owned()))
            }
            Self::Malformed(urn) => {
                let rest = path.as_str().get(urn.len() + 1..).unwrap_or_default();
                let hint = format!("after the URN of a schema stand `:` and one attribute, such as `{urn}:id`");
                (format!("`{rest}` is not the name of an attribute"), Some(hint))
            }
            Self::Attribute(extension) => {
                let (owner, attributes) = extension
                    .map_or((kind.name(), kind.attributes()), |schema| (schema.id.as_str(), &schema.attributes));
                let name = path.name();
                let others: Vec<String> =
                    kind.extensions_with(name).map(|(schema, found)| format!("{}:{}", schema.id, found.name)).collect();
                let hint = if extension.is_none() && !others.is_empty() {
                    Some(format!("it belongs to an extension: write `{}`", others.join("` or `")))
                } else {
                    near(name, attributes)
                };
                (format!("`{owner}` has no attribute `{path}`"), hint)
            }
            Self::SubAttribute { attribute, .. } => {
                unknown_sub(attribute, path.as_str().rsplit('.').next().unwrap_or_default())
            }
            Self::Loose { kind, write } => {
                let message = match *kind {
                    "bare_extension_names" => format!("`{path}` belongs to an extension"),
                    "legacy_schemas" => format!("`{path}` has an old URN"),
                    "dotted_urns" => format!("`{path}` has a dot where a colon is due"),
                    _ => format!("`{path}` is not a known name"),
                };
                (message, Some(format!("write `{write}`")))
            }
        }
    }
}

/// The message and hint for an unknown sub-attribute.
pub(crate) fn unknown_sub(attribute: &Attribute, sub: &str) -> (String, Option<String>) {
    (format!("`{}` has no sub-attribute `{sub}`", attribute.name), near(sub, &attribute.sub_attributes))
}

fn near(name: &str, known: &[Attribute]) -> Option<String> {
    let near = nearest(name, known.iter().map(|attribute| attribute.name.as_str()));
    near.map(|near| format!("did you mean `{near}`?"))
}

impl fmt::Display for Resolved<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Core(urn) => f.write_str(urn),
            Self::Extension(schema) => f.write_str(&schema.id),
            Self::Attribute { extension, attribute, sub_attribute } => {
                if let Some(extension) = extension {
                    write!(f, "{}:", extension.id)?;
                }
                f.write_str(&attribute.name)?;
                sub_attribute.map_or(Ok(()), |sub| write!(f, ".{}", sub.name))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use super::{Own, Resolution, ResourceType, Unresolved};
    use crate::schema::Schema;
    use crate::syntax::attr_path;
    use crate::tolerance::Tolerance;

    const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    fn found(kind: &ResourceType, path: &str, tolerance: &Tolerance) -> Result<(String, Vec<&'static str>), String> {
        match kind.look_up_key(None, path, tolerance) {
            Ok(Resolution { target, read_as }) => {
                Ok((target.to_string(), read_as.into_iter().map(|loose| loose.kind).collect()))
            }
            Err(unresolved) => {
                let (message, hint) = unresolved.explain(kind, &attr_path(path).unwrap());
                Err(format!("{message}; {}", hint.unwrap_or_default()))
            }
        }
    }

    #[test]
    fn names_and_how_they_were_read() {
        let manager = format!("{ENTERPRISE}:manager");
        let department = format!("{ENTERPRISE}:department");
        for (path, target, kinds) in [
            ("USERNAME", "userName", vec![]),
            ("name.familyname", "name.familyName", vec![]),
            (CORE, CORE, vec![]),
            (&format!("{CORE}:name.givenName"), "name.givenName", vec![]),
            (ENTERPRISE, ENTERPRISE, vec![]),
            (&department, &department, vec![]),
            ("department", &department, vec!["bare_extension_names"]),
            ("manager.managerId", &format!("{manager}.value"), vec!["manager_id", "bare_extension_names"]),
            ("urn:scim:schemas:core:1.0", CORE, vec!["legacy_schemas"]),
            ("URN:scim:schemas:core:1.0:User:userName", "userName", vec!["legacy_schemas"]),
            ("urn:scim:schemas:extension:enterprise:1.0", ENTERPRISE, vec!["legacy_schemas"]),
            ("urn:scim:schemas:extension:enterprise:2.0:department", &department, vec!["legacy_schemas"]),
            (&format!("{ENTERPRISE}.department"), &department, vec!["dotted_urns"]),
            (&format!("{CORE}.name.familyName"), "name.familyName", vec!["dotted_urns"]),
            (&format!("{manager}.displayName"), &format!("{manager}.displayName"), vec![]),
            ("urn:scim:schemas:core:1.0.title", "title", vec!["legacy_schemas", "dotted_urns"]),
        ] {
            let expected = Ok((target.to_owned(), kinds.clone()));
            assert_eq!(found(&ResourceType::user(), path, &Tolerance::default()), expected, "{path}");
            let strict = found(&ResourceType::user(), path, &Tolerance::strict());
            if kinds.is_empty() {
                assert_eq!(strict, expected, "{path}");
            } else {
                assert!(strict.unwrap_err().contains(&format!("write `{target}`")), "{path}");
            }
        }
    }

    #[test]
    fn the_longest_known_schema_before_a_dot() {
        let schema = |id: &str, name: &str| {
            let sub = json!([{"name": "c"}]);
            let attribute = json!({"name": name, "type": "complex", "subAttributes": sub});
            Schema::from_value(&json!({"id": id, "attributes": [attribute]})).unwrap()
        };
        let extensions = vec![schema("urn:example:a", "b"), schema("urn:example:a.b", "d")];
        let kind = ResourceType::from_schemas("A", schema("urn:example:core", "x"), extensions).unwrap();
        for (path, target) in [
            ("urn:example:a.b", "urn:example:a.b"),
            ("urn:example:a.b.d", "urn:example:a.b:d"),
            ("urn:example:a.b.d.c", "urn:example:a.b:d.c"),
            ("urn:example:a.b:d.c", "urn:example:a.b:d.c"),
            ("urn:example:core.x.c", "x"),
        ] {
            let found = found(&kind, path, &Tolerance::default()).unwrap().0;
            assert!(found.starts_with(target), "{path}: {found}");
        }
        assert!(found(&kind, "urn:example:a.b.c", &Tolerance::default()).is_err());
    }

    #[test]
    fn names_that_strict_mode_refuses() {
        let user = ResourceType::user();
        for (path, words) in [
            ("department", "`department` belongs to an extension"),
            ("urn:scim:schemas:core:1.0:User:title", "has an old URN"),
            (&format!("{CORE}.title"), "has a dot where a colon is due"),
        ] {
            let error = found(&user, path, &Tolerance::strict()).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }

    #[test]
    fn a_host_may_name_a_schema_by_its_old_urn() {
        let found =
            ResourceType::user().look_up_own("urn:scim:schemas:core:1.0").map(|own| matches!(own, Own::Known(_)));
        assert_eq!(found.ok(), Some(true));
        assert!(ResourceType::user().look_up_own("not a name").is_err());
    }

    #[test]
    fn names_that_name_nothing() {
        let user = ResourceType::user();
        for (path, words) in [
            ("usrName", "`User` has no attribute `usrName`; did you mean `userName`?"),
            ("name.famlyName", "`name` has no sub-attribute `famlyName`; did you mean `familyName`?"),
            ("urn:example:other:x", "`User` has no schema `urn:example:other`; its extensions are `urn:ietf"),
            (&format!("{ENTERPRISE}:departmnt"), "did you mean `department`?"),
            (&format!("{CORE}:name.first.initial"), "`name.first.initial` is not the name of an attribute"),
        ] {
            let error = found(&user, path, &Tolerance::default()).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
        let path = attr_path("department").unwrap();
        assert_eq!(ResourceType::any().look_up_read(&path, &Tolerance::default()), Ok(None));
        let path = format!("{CORE}:user..name");
        let read = attr_path(&path).map(|path| ResourceType::any().look_up_read(&path, &Tolerance::default()).is_err());
        assert!(read.unwrap_or(true));
        let malformed = format!("{CORE}:name.0th");
        let any = ResourceType::any();
        let path = attr_path(&malformed).unwrap();
        assert_eq!(any.look_up_read(&path, &Tolerance::default()), Err(Unresolved::Malformed(CORE)));
    }
}
