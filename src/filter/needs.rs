//! Reports which attributes a filter reads, for hosts that load only these.

use super::matcher::Matcher;
use super::node::Node;
use crate::document::Key;
use crate::error::UnknownName;
use crate::schema::{Own, Resolved};

impl Matcher {
    /// Whether the filter reads an attribute (`members`, `name.givenName`, `urn:…:User:manager`, or the URN of an
    /// extension) or a part of it. If not, the filter can be matched without loading the attribute.
    ///
    /// ```
    /// use scim_engine::{Filter, ResourceType};
    /// let filter: Filter = r#"title pr and emails[type eq "work"]"#.parse()?;
    /// let matcher = filter.compile(&ResourceType::user())?;
    /// assert!(matcher.needs("Title")? && matcher.needs("emails")? && matcher.needs("emails.type")?);
    /// assert!(!matcher.needs("groups")? && !matcher.needs("emails.value")?);
    /// assert!(matcher.needs("titel").is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`UnknownName`] if the resource type has no such attribute, or the text is not the name of an attribute.
    pub fn needs(&self, path: &str) -> Result<bool, UnknownName> {
        let own = self.resource_type().look_up_own(path)?;
        let names = match &own {
            Own::Known(Resolved::Core(_)) => return Ok(true),
            Own::Known(Resolved::Extension(schema)) => [Some(schema.id.as_str()), None, None],
            Own::Known(Resolved::Attribute { extension, attribute, sub_attribute }) => [
                extension.map(|schema| schema.id.as_str()),
                Some(attribute.name.as_str()),
                sub_attribute.map(|sub| sub.name.as_str()),
            ],
            Own::Untyped(path) => [path.uri(), Some(path.name()), path.sub_attribute()],
        };
        let names: Vec<&str> = names.into_iter().flatten().filter(|name| !name.is_empty()).collect();
        Ok(reads(&self.plan().root, &names))
    }
}

/// Whether the plan reads the value at the path `names`, a part of that value, or a value that contains it.
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
            ("title pr", vec!["title", "TITLE", core], vec!["name", urn]),
            ("name.givenName eq \"x\"", vec!["name", "name.givenName"], vec!["name.familyName", "displayName"]),
            ("name pr", vec!["name", "name.familyName"], vec!["displayName"]),
            ("emails eq \"x\"", vec!["emails", "emails.value"], vec!["emails.type"]),
            ("emails[type eq \"work\"].value eq \"x\"", vec!["emails.type", "emails.value"], vec!["emails.primary"]),
            ("not (emails[primary eq true])", vec!["emails", "emails.primary"], vec!["emails.type"]),
            ("schemas[value eq \"x\"]", vec!["schemas"], vec!["id"]),
            ("active eq true or meta.created pr", vec!["active", "meta"], vec!["meta.version"]),
            (&format!("{MANAGER}.value pr"), vec![urn, MANAGER, "manager"], vec!["title"]),
        ] {
            let matcher = Filter::parse(filter).unwrap().compile(&ResourceType::user()).unwrap();
            read.iter().for_each(|path| assert_eq!(matcher.needs(path), Ok(true), "{filter}: {path}"));
            unread.iter().for_each(|path| assert_eq!(matcher.needs(path), Ok(false), "{filter}: {path}"));
        }
    }

    #[test]
    fn what_names_nothing() {
        let matcher = Filter::parse("title pr").unwrap().compile(&ResourceType::user()).unwrap();
        for (path, words) in [
            ("titel", "did you mean `title`?"),
            ("titles", "did you mean `title`?"),
            ("", "is not the name"),
            ("title title", "is not the name"),
            ("nonsense", "`User` has no attribute `nonsense`"),
            ("name.famlyName", "did you mean `familyName`?"),
            ("urn:example:other", "`User` has no schema"),
        ] {
            let error = matcher.needs(path).unwrap_err();
            assert_eq!(error.name(), path);
            assert!(error.to_string().contains(words), "{error}");
        }
    }

    #[test]
    fn what_no_schema_knows() {
        let filter = "doors[lock.kind eq \"x\"] and urn:example:lease:1.0:rent gt 5";
        let matcher = Filter::parse(filter).unwrap().compile(&ResourceType::any()).unwrap();
        for path in ["doors", "DOORS.lock", "urn:example:lease:1.0:rent", "urn:example:lease:1.0"] {
            assert_eq!(matcher.needs(path), Ok(true), "{path}");
        }
        for path in ["door", "doors.key", "rent", "urn:example:lease:1.0:due"] {
            assert_eq!(matcher.needs(path), Ok(false), "{path}");
        }
    }
}
