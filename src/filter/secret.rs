//! Finds filters and paths that name secret attributes. Messages about such filters and paths repeat no value (F13).

use crate::schema::{Attribute, ResourceType};
use crate::syntax::{AttrExp, AttrPath, Expr, PatchPath, ValuePath, names_secret};

/// Whether a filter on resources names an attribute that is never returned.
pub(crate) fn in_filter(resource_type: &ResourceType, expr: &Expr<'_>) -> bool {
    Secrets(resource_type).expr(expr, None)
}

/// Whether `attribute`, or a filter on its elements, names an attribute that is never returned.
#[cfg(feature = "python")]
pub(crate) fn in_brackets(resource_type: &ResourceType, attribute: &str, expr: &Expr<'_>) -> bool {
    let secrets = Secrets(resource_type);
    secrets.is_secret(attribute, None) || secrets.expr(expr, Some(attribute))
}

/// The part of a path that messages may show: all of it or, if the path or its brackets name a secret, only the
/// attribute.
pub(crate) fn shown_path<'p>(resource_type: &ResourceType, path: &'p PatchPath) -> &'p str {
    let (secrets, attr) = (Secrets(resource_type), path.attr());
    let is_secret = path.value_filter().is_some_and(|filter| {
        let sub = path.sub_attribute();
        names_secret(path.as_str())
            || secrets.path(attr, None)
            || sub.is_some_and(|sub| secrets.is_secret(sub, Some(attr.name())))
            || secrets.expr(filter, Some(attr.name()))
    });
    if is_secret { attr.as_str() } else { path.as_str() }
}

/// Compares names with those of all schemas of the resource type, whatever their URN. So it may hide too much, but
/// never shows a secret.
#[derive(Clone, Copy)]
struct Secrets<'a>(&'a ResourceType);

impl<'a> Secrets<'a> {
    fn attributes(self) -> impl Iterator<Item = &'a Attribute> {
        self.0.attributes().iter().chain(self.0.extensions().flat_map(|schema| &schema.attributes))
    }

    /// Whether an attribute of this name is never returned. `within` is the attribute in whose brackets the name is:
    /// then the name is that of a sub-attribute.
    fn is_secret(self, name: &str, within: Option<&str>) -> bool {
        let is_one = |attribute: &Attribute| {
            let is_name = attribute.name.eq_ignore_ascii_case(name);
            is_name && attribute.is_never_returned()
        };
        match within {
            None => self.attributes().any(is_one),
            Some(within) => {
                let mut owners = self.attributes().filter(|owner| owner.name.eq_ignore_ascii_case(within)).peekable();
                if owners.peek().is_none() {
                    // The attribute is unknown, so any secret with this name counts.
                    return self.attributes().any(|owner| is_one(owner) || owner.sub_attributes.iter().any(is_one));
                }
                // The name may be misplaced, as in `emails[password eq "x"]`, so the secrets among the attributes
                // count, too.
                owners.any(|owner| owner.sub_attributes.iter().any(is_one)) || self.attributes().any(is_one)
            }
        }
    }

    fn path(self, path: &AttrPath<'_>, within: Option<&str>) -> bool {
        let sub = path.sub_attribute();
        self.is_secret(path.name(), within) || sub.is_some_and(|sub| self.is_secret(sub, Some(path.name())))
    }

    fn expr(self, expr: &Expr<'_>, within: Option<&str>) -> bool {
        match expr {
            Expr::And(terms) | Expr::Or(terms) => terms.iter().any(|term| self.expr(term, within)),
            Expr::Not(not) => self.expr(&not.expr, within),
            Expr::Attr(AttrExp { path, .. }) => self.path(path, within),
            Expr::ValuePath(ValuePath { path, filter, then, .. }) => {
                let sub = then.as_ref().map(|then| &*then.sub_attribute);
                self.path(path, within)
                    || self.expr(filter, Some(path.name()))
                    || sub.is_some_and(|sub| self.is_secret(sub, Some(path.name())))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::{in_filter, shown_path};
    use crate::schema::{ResourceType, Schema};
    use crate::syntax::{Filter, PatchPath};
    use serde_json::json;

    fn vault() -> ResourceType {
        let schema = json!({"id": "urn:example:Vault", "attributes": [
            {"name": "pin", "mutability": "writeOnly"},
            {"name": "notes", "type": "complex", "returned": "never", "subAttributes": [{"name": "text"}]},
            {"name": "drawers", "type": "complex", "multiValued": true, "subAttributes": [
                {"name": "value"}, {"name": "code", "returned": "never"},
            ]},
            {"name": "code"},
        ]});
        let extension = json!({"id": "urn:example:Extra", "attributes": [{"name": "clause", "returned": "never"}]});
        let read = |schema| Schema::from_value(&schema).unwrap();
        ResourceType::from_schemas("Vault", read(schema), vec![read(extension)]).unwrap()
    }

    #[test]
    fn filters() {
        for (text, is_secret) in [
            ("code eq \"x\" and value eq \"x\"", false),
            ("PIN eq \"x\"", true),
            ("pin[value eq \"x\"]", true),
            ("id pr or not (notes.text eq \"x\")", true),
            ("drawers[value eq \"x\"]", false),
            ("drawers[value eq \"x\" and code eq \"y\"]", true),
            ("drawers[value eq \"x\"].code eq \"y\"", true),
            ("urn:example:Extra:clause eq \"x\"", true),
            ("other[code eq \"x\" and pin eq \"x\"]", true),
        ] {
            assert_eq!(in_filter(&vault(), text.parse::<Filter>().unwrap().expr()), is_secret, "{text}");
        }
    }

    #[test]
    fn paths() {
        for (text, shown) in [
            ("drawers[value eq \"x\"]", "drawers[value eq \"x\"]"),
            ("drawers[code eq \"x\"].value", "drawers"),
            ("drawers[value eq \"x\"].code", "drawers"),
            ("notes[text eq \"x\"]", "notes"),
            ("pin", "pin"),
            ("urn:example:Extra:clause[value eq \"x\"]", "urn:example:Extra:clause"),
            ("code[pin eq \"x\"]", "code"),
        ] {
            assert_eq!(shown_path(&vault(), &text.parse::<PatchPath>().unwrap()), shown);
        }
    }
}
