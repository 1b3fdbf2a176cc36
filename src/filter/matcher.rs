//! The public type of a compiled filter.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use super::compile::{Compiler, equalities};
use super::error::CompileError;
use super::evaluate;
use super::explain::Explanation;
use super::plan::Plan;
use serde_json::Value;

use crate::document::{Document, DocumentError, ValueKind};
use crate::options::Options;
use crate::schema::{AttrType, Resolved, ResourceType};
use crate::syntax::{AttrPath, Filter, Literal};

/// A filter whose names and types are resolved. A matcher is `Send`, `Sync`, immutable and cheap to clone: compile
/// once, match often.
///
/// ```
/// use scim_engine::{Filter, ResourceType};
/// use serde_json::json;
/// let filter: Filter = r#"emails[type eq "work" and value co "@example.com"]"#.parse()?;
/// let matcher = filter.compile(&ResourceType::user())?;
/// assert!(matcher.matches(&json!({"emails": [{"type": "work", "value": "B@Example.com"}]}))?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Matcher(Arc<Plan>);

/// An equality that every match satisfies. A host can look its value up in an index: see [`Matcher::equalities`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Equality {
    /// The attribute as the schema spells it: `userName`, `emails.value`, `urn:…:User:department`.
    pub path: String,
    /// The value that the attribute must equal.
    pub value: Literal<'static>,
    /// Whether case counts. If not, look the value up ignoring case.
    pub case_exact: bool,
}

impl Filter {
    /// Resolves names and types for a resource type ([`ResourceType::any`] if it is not known).
    ///
    /// # Errors
    /// [`CompileError`] if the filter cannot be used for the resource type: an unknown or secret attribute, or an operator
    /// or literal that the attribute's type does not allow. `docs/MEANING.md` has the rules, under "Filter meaning".
    pub fn compile(&self, resource_type: &ResourceType) -> Result<Matcher, CompileError> {
        self.compile_with(resource_type, &Options::default())
    }

    /// Compiles as [`Filter::compile`] does, with options. These switches of the tolerance matter here: `bare_words` and
    /// `boolean_strings` for literals; `legacy_schemas`, `dotted_urns`, `bare_extension_names` and `manager_id` for
    /// names.
    ///
    /// # Errors
    /// As [`Filter::compile`].
    pub fn compile_with(&self, resource_type: &ResourceType, options: &Options) -> Result<Matcher, CompileError> {
        let mut compiler = Compiler::new(resource_type, &options.tolerance).of(self.as_str());
        let root =
            compiler.resource(self.expr()).map_err(|fault| CompileError::in_filter(fault, self, resource_type))?;
        let filter = compiler.rewritten(self.expr()).map_or_else(|| self.clone(), |expr| self.with_expr(expr));
        Ok(Matcher(Arc::new(Plan::new(filter, resource_type.clone(), root))))
    }
}

impl Matcher {
    /// Whether a document satisfies the filter. `document` is a `&serde_json::Value` or any other [`Document`].
    ///
    /// # Errors
    /// Those of the document; for `&Value` only [`DocumentError`].
    pub fn matches<D: Document>(&self, document: D) -> Result<bool, D::Error> {
        is_object(&document)?;
        evaluate::holds(&self.0.root, &document)
    }

    /// Whether a value satisfies the filter, for `iter().filter(|user| matcher.is_match(user))`. A value that
    /// [`Matcher::matches`] refuses, because it is nested too deep or is not an object, does not match.
    ///
    /// ```
    /// use scim_engine::{Filter, ResourceType};
    /// use serde_json::json;
    /// let users = [json!({"active": true}), json!({"active": false})];
    /// let matcher = "active eq true".parse::<Filter>()?.compile(&ResourceType::user())?;
    /// assert_eq!(users.iter().filter(|user| matcher.is_match(user)).count(), 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn is_match(&self, document: &Value) -> bool {
        self.matches(document).unwrap_or(false)
    }

    /// Explains why a document matches or not: returns every clause of the filter, whether it holds for the document,
    /// and the values that it was evaluated on.
    ///
    /// # Errors
    /// As [`Matcher::matches`]. Errors are possible where `matches` has none, because more of the document is
    /// read: the values of every clause, every element, and the values that are shown.
    pub fn explain<D: Document>(&self, document: D) -> Result<Explanation, D::Error> {
        is_object(&document)?;
        Explanation::new(&self.0, &document)
    }

    /// The equalities that every match satisfies, so that a host can answer `userName eq "x"` from an index before it
    /// matches documents. If the list is empty, every document must be matched. Equalities of dateTimes are left out,
    /// because several texts are the same instant, and so is `primary eq false`, because an absent `primary` is false
    /// (RFC 7643 §2.4). Look `userName` up by its [`username_key`](crate::username_key).
    ///
    /// ```
    /// use scim_engine::{Filter, ResourceType};
    /// let filter: Filter = r#"USERNAME eq "b" and (title pr or active eq true)"#.parse()?;
    /// let equalities = filter.compile(&ResourceType::user())?.equalities();
    /// assert_eq!(equalities.len(), 1);
    /// assert_eq!(equalities[0].path, "userName");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn equalities(&self) -> Vec<Equality> {
        let mut terms = Vec::new();
        equalities(self.0.filter.expr(), &mut terms);
        terms.into_iter().filter_map(|(path, value)| self.equality(&path, value)).collect()
    }

    /// The equality of a path and a literal. `None` if an index of values cannot answer it: for dateTimes, because
    /// different texts may be the same instant, and for `primary eq false`.
    fn equality(&self, path: &str, value: &Literal<'static>) -> Option<Equality> {
        let parsed = crate::syntax::attr_path(path);
        let resolved = parsed.as_ref().and_then(|path| self.0.resource_type.resolve(path));
        let (path, case_exact) = match resolved {
            Some(Resolved::Attribute { extension, attribute, sub_attribute }) => {
                // A complex attribute that is named alone, and has a sub-attribute `value`, means that `value` (F10). A
                // simple attribute has no sub-attributes and is itself the leaf.
                let sub = sub_attribute.or_else(|| attribute.sub_attribute("value"));
                let leaf = sub.unwrap_or(attribute);
                if leaf.attr_type == AttrType::DateTime {
                    return None;
                }
                // An absent `primary` is false, and an index of values has no entry for it (F15).
                if attribute.is_false_if_absent(leaf) && !matches!(value, Literal::Bool(true)) {
                    return None;
                }
                let path = Resolved::Attribute { extension, attribute, sub_attribute: sub }.to_string();
                (path, leaf.is_case_exact())
            }
            _ => (self.simple_element(parsed.as_ref()).unwrap_or_else(|| path.to_owned()), false),
        };
        Some(Equality { path, value: value.clone(), case_exact })
    }

    /// The name of a simple attribute if the path names its elements by `value`: `schemas.value`, which comes from
    /// `schemas[value eq …]`, is `schemas`.
    fn simple_element(&self, path: Option<&AttrPath<'_>>) -> Option<String> {
        let path = path.filter(|path| path.sub_attribute().is_some_and(|sub| sub.eq_ignore_ascii_case("value")))?;
        let attribute = self.0.resource_type.attribute(path.name())?;
        (path.uri().is_none() && !attribute.is_complex()).then(|| attribute.name.clone())
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.0
    }

    /// The filter from which the matcher was compiled. Loosely written names in it are corrected, so that
    /// [`ResourceType::resolve`] resolves all of them.
    pub fn filter(&self) -> &Filter {
        &self.0.filter
    }

    /// The resource type that the filter was compiled for.
    pub fn resource_type(&self) -> &ResourceType {
        &self.0.resource_type
    }

    /// The names of all members that the filter reads, ordered by [`Key::index`](crate::document::Key::index).
    #[cfg(feature = "python")]
    pub(crate) fn key_names(&self) -> impl Iterator<Item = &str> {
        self.0.names().into_iter()
    }
}

/// Only objects are matched: a negated filter would match anything else (F18).
#[inline]
fn is_object<D: Document>(document: &D) -> Result<(), D::Error> {
    if document.kind()? == ValueKind::Object { Ok(()) } else { Err(DocumentError::NoObject.into()) }
}

impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Matcher({}, {})", self.0.resource_type.name(), Cow::from(self.0.filter.to_string()))
    }
}

#[cfg(all(test, feature = "scan"))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde_json::json;

    use crate::document::DocumentError;
    use crate::scan::RawDocument;
    use crate::{Filter, Matcher, Options, ResourceType, Tolerance};

    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

    fn compiled(text: &str) -> Matcher {
        let tolerance = Tolerance { bare_words: true, ..Tolerance::default() };
        let options = Options::default().tolerance(tolerance);
        let filter = Filter::parse_with(text, &options).unwrap();
        filter.compile_with(&ResourceType::user(), &options).unwrap()
    }

    #[test]
    fn what_was_read_loosely_is_put_right() {
        for (text, canonical) in [
            ("DEPARTMENT pr", format!("{ENTERPRISE}:department pr")),
            (&format!("title pr and {ENTERPRISE}.manager.displayName sw \"x\""), {
                format!("title pr and {ENTERPRISE}:manager.displayName sw \"x\"")
            }),
            ("not (urn:scim:schemas:core:1.0:emails[value eq 5].type pr)", {
                "not (emails[value eq \"5\"].type pr)".to_owned()
            }),
            ("externalId eq TRUE or externalId eq 007", "externalId eq \"TRUE\" or externalId eq \"007\"".to_owned()),
            ("UserName eq \"x\" and active eq TRUE", "UserName eq \"x\" and active eq true".to_owned()),
            ("active ne \"False\"", "active ne false".to_owned()),
            ("emails[primary eq \"TRUE\"]", "emails[primary eq true]".to_owned()),
        ] {
            let matcher = compiled(text);
            assert_eq!(matcher.filter().to_string(), canonical);
            assert_eq!(matcher.filter().as_str(), text);
            let again = matcher.filter().compile_with(&ResourceType::user(), &Options::strict()).unwrap();
            assert_eq!(again.filter(), matcher.filter());
        }
        assert_eq!(compiled("department eq 5").equalities()[0].path, format!("{ENTERPRISE}:department"));
        assert_eq!(compiled("department pr").needs(ENTERPRISE), Ok(true));
    }

    #[test]
    fn what_an_index_does_not_find() {
        assert_eq!(compiled("emails.primary eq false and emails[primary eq \"False\"]").equalities(), []);
        assert_eq!(compiled("emails[primary eq true]").equalities()[0].path, "emails.primary");
    }

    #[test]
    fn only_an_object_is_a_document() {
        let matcher = compiled("not (title pr)");
        for value in [json!(null), json!(5), json!("x"), json!([]), json!([{"title": "x"}]), json!(true)] {
            assert_eq!(matcher.matches(&value), Err(DocumentError::NoObject), "{value}");
            assert_eq!(matcher.explain(&value), Err(DocumentError::NoObject), "{value}");
            let text = format!(" {value} ");
            for matched in [matcher.matches_slice(text.as_bytes()), matcher.matches_trusted(text.as_bytes())] {
                let error = matched.unwrap_err();
                assert!(!error.is_syntax(), "{text}: {error}");
            }
            let document = RawDocument::new(text.as_bytes()).unwrap();
            assert_eq!(matcher.matches(document), Err(DocumentError::NoObject), "{value}");
        }
        assert_eq!(matcher.matches(&json!({})), Ok(true));
    }

    #[test]
    fn equalities_have_the_type_of_their_attribute() {
        let filter: Filter = "userName eq \"true\" and active eq \"True\"".parse().unwrap();
        let found = filter.compile(&ResourceType::user()).unwrap().equalities();
        let values: Vec<_> = found.iter().map(|equality| (equality.path.as_str(), &equality.value)).collect();
        assert_eq!(
            values,
            [("userName", &crate::syntax::Literal::from("true")), ("active", &crate::syntax::Literal::from(true))]
        );
    }

    #[test]
    fn an_explanation_of_elements_says_where_they_are_chosen() {
        let filter: Filter = "title pr or emails[type eq \"work\"]".parse().unwrap();
        let matcher = filter.compile(&ResourceType::user()).unwrap();
        let explanation = matcher.explain(&json!({"emails": [{"type": "work"}]})).unwrap();
        let chosen = explanation.children().iter().find(|child| child.clause().starts_with("emails")).unwrap();
        assert_eq!(chosen.span().start, "title pr or ".len());
    }
}
