//! Which attributes a filter reads, for hosts that load no more than that.

use super::matcher::Matcher;
use super::plan::Node;
use crate::document::Key;
use crate::schema::Resolved;
use crate::syntax::attr_path;

impl Matcher {
    /// Whether the filter reads an attribute (`members`, `name.givenName`, `urn:…:User:manager`, or the URN of an extension),
    /// or a part of it: if not, a host need not load it to ask the filter.
    ///
    /// ```
    /// use scim_engine::{Filter, ResourceType};
    /// let filter: Filter = r#"title pr and emails[type eq "work"]"#.parse()?;
    /// let matcher = filter.compile(&ResourceType::user())?;
    /// assert!(matcher.needs("Title") && matcher.needs("emails") && matcher.needs("emails.type"));
    /// assert!(!matcher.needs("groups") && !matcher.needs("emails.value"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn needs(&self, path: &str) -> bool {
        let resource_type = self.resource_type();
        let Some(parsed) = attr_path(path) else { return false };
        let names = match resource_type.resolve(&parsed) {
            Some(Resolved::Core(_)) => return true,
            Some(Resolved::Extension(schema)) => [Some(schema.id.as_str()), None, None],
            Some(Resolved::Attribute { extension, attribute, sub_attribute }) => [
                extension.map(|schema| schema.id.as_str()),
                Some(attribute.name.as_str()),
                sub_attribute.map(|sub| sub.name.as_str()),
            ],
            None if resource_type.is_open() => [parsed.uri(), Some(parsed.name()), parsed.sub_attribute()],
            None => return false,
        };
        let names: Vec<&str> = names.into_iter().flatten().filter(|name| !name.is_empty()).collect();
        reads(&self.plan().root, &names)
    }
}

/// Whether what stands at the end of `names` is read, or something in it, or that it is in.
fn reads(node: &Node, names: &[&str]) -> bool {
    let meets = |keys: &[Key]| keys.iter().zip(names).all(|(key, name)| key.is(name));
    match node {
        Node::And(terms) => terms.iter().any(|term| reads(term, names)),
        Node::Or(any) => any.terms().iter().any(|term| reads(term, names)),
        Node::Not(inner) => reads(inner, names),
        Node::Test(test) => meets(&test.keys),
        Node::Any(any) => match names.get(any.keys.len()..) {
            Some(below) if !below.is_empty() => meets(&any.keys) && reads(&any.node, below),
            _ => meets(&any.keys),
        },
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use crate::{Filter, ResourceType};

    const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";

    #[test]
    fn what_is_read() {
        let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
        let core = "urn:ietf:params:scim:schemas:core:2.0:User:title";
        for (filter, read, unread) in [
            ("title pr", vec!["title", "TITLE", core], vec!["name", "", "title title", urn, "nonsense", "titles"]),
            ("name.givenName eq \"x\"", vec!["name", "name.givenName"], vec!["name.familyName", "displayName"]),
            ("name pr", vec!["name", "name.familyName"], vec!["displayName"]),
            ("emails eq \"x\"", vec!["emails", "emails.value"], vec!["emails.type"]),
            ("emails[type eq \"work\"].value eq \"x\"", vec!["emails.type", "emails.value"], vec!["emails.primary"]),
            ("not (emails[primary eq true])", vec!["emails", "emails.primary"], vec!["emails.type"]),
            ("schemas[value eq \"x\"]", vec!["schemas"], vec!["id"]),
            ("active eq true or meta.created pr", vec!["active", "meta"], vec!["meta.version"]),
            (&format!("{MANAGER}.value pr"), vec![urn, MANAGER, "manager"], vec!["urn:example:other"]),
        ] {
            let matcher = Filter::parse(filter).unwrap().compile(&ResourceType::user()).unwrap();
            read.iter().for_each(|path| assert!(matcher.needs(path), "{filter}: {path}"));
            unread.iter().for_each(|path| assert!(!matcher.needs(path), "{filter}: {path}"));
        }
    }

    #[test]
    fn what_no_schema_knows() {
        let filter = "doors[lock.kind eq \"x\"] and urn:example:lease:1.0:rent gt 5";
        let matcher = Filter::parse(filter).unwrap().compile(&ResourceType::any()).unwrap();
        for path in ["doors", "DOORS.lock", "urn:example:lease:1.0:rent", "urn:example:lease:1.0"] {
            assert!(matcher.needs(path), "{path}");
        }
        for path in ["door", "doors.key", "rent", "urn:example:lease:1.0:due"] {
            assert!(!matcher.needs(path), "{path}");
        }
    }
}
