//! The public face of a compiled filter.

use std::borrow::Cow;
use std::fmt;
use std::sync::{Arc, OnceLock};

use super::compile::{Compiler, equalities};
use super::error::CompileError;
use super::evaluate;
use super::explain::{Explanation, explain};
use super::plan::Plan;
use crate::document::Document;
use crate::schema::{AttrType, Resolved, ResourceType};
use crate::syntax::{AttrPath, Filter, Literal};
use crate::tolerance::Tolerance;

/// A filter whose names and types are settled. `Send`, `Sync`, immutable, cheap to clone: compile once, match often.
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

/// An equality that must hold of every match: `matcher.equalities()` lets a host answer from an index.
#[derive(Debug, Clone, PartialEq)]
pub struct Equality {
    /// The attribute in the schema's spelling: `userName`, `emails.value`, `urn:…:User:department`.
    pub path: String,
    /// What it is equal to.
    pub value: Literal<'static>,
    /// Whether case counts; if not, look the value up ignoring case.
    pub case_exact: bool,
}

impl Filter {
    /// Settles names and types for a resource type ([`ResourceType::any`] if it is not known).
    ///
    /// # Errors
    /// [`CompileError`]: what cannot be asked of the resource type (F9, F12, F13).
    pub fn compile(&self, resource_type: &ResourceType) -> Result<Matcher, CompileError> {
        self.compile_with(resource_type, &Tolerance::default())
    }

    /// As [`Filter::compile`]; of the tolerance only `boolean_strings` counts here.
    ///
    /// # Errors
    /// As [`Filter::compile`].
    pub fn compile_with(&self, resource_type: &ResourceType, tolerance: &Tolerance) -> Result<Matcher, CompileError> {
        let mut compiler = Compiler::new(resource_type, tolerance);
        let mut root =
            compiler.resource(self.expr()).map_err(|fault| CompileError::in_filter(fault, self, resource_type))?;
        root.share_members();
        Ok(Matcher(Arc::new(Plan {
            filter: self.clone(),
            resource_type: resource_type.clone(),
            root,
            wants: OnceLock::new(),
        })))
    }
}

impl Matcher {
    /// Whether a document satisfies the filter. `document` is a `&serde_json::Value` or any other [`Document`].
    ///
    /// # Errors
    /// Those of the document; for `&Value` only [`TooDeep`](crate::document::TooDeep).
    pub fn matches<D: Document>(&self, document: D) -> Result<bool, D::Error> {
        evaluate::holds(&self.0.root, &document)
    }

    /// Every clause of the filter with its truth for one document.
    ///
    /// # Errors
    /// As [`Matcher::matches`].
    pub fn explain<D: Document>(&self, document: D) -> Result<Explanation, D::Error> {
        explain(self.0.filter.expr(), &self.0.root, &document)
    }

    /// The equalities that must hold of every match, so that a host can answer `userName eq "x"` from an index before it
    /// matches anything. Empty if there are none: then every document has to be looked at. Equalities of dateTimes are
    /// left out: they hold of several texts.
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

    /// None for dateTimes: they are equal as instants, which an index of texts does not find.
    fn equality(&self, path: &str, value: &Literal<'static>) -> Option<Equality> {
        let parsed = crate::syntax::attr_path(path);
        let resolved = parsed.as_ref().and_then(|path| self.0.resource_type.resolve(path));
        let (path, case_exact, is_boolean) = match resolved {
            Some(Resolved::Attribute { extension, attribute, sub_attribute }) => {
                // F10: named alone, a complex attribute means its `value`; an element of a simple one is itself.
                let sub = sub_attribute.or_else(|| attribute.sub_attribute("value"));
                let leaf = sub.unwrap_or(attribute);
                if leaf.attr_type == AttrType::DateTime {
                    return None;
                }
                let mut path = extension.map_or_else(String::new, |schema| format!("{}:", schema.id));
                path.push_str(&attribute.name);
                if let Some(sub) = sub {
                    path.push('.');
                    path.push_str(&sub.name);
                }
                (path, leaf.is_case_exact(), leaf.attr_type == AttrType::Boolean)
            }
            _ => (self.simple_element(parsed.as_ref()).unwrap_or_else(|| path.to_owned()), false, false),
        };
        let value = match value {
            Literal::String(text) if is_boolean => {
                super::compile::parse_bool(text).map_or_else(|| value.clone(), Literal::Bool)
            }
            other => other.clone(),
        };
        Some(Equality { path, value, case_exact })
    }

    /// `schemas.value`, from `schemas[value eq …]`, is `schemas`.
    fn simple_element(&self, path: Option<&AttrPath<'_>>) -> Option<String> {
        let path = path.filter(|path| path.sub_attribute().is_some_and(|sub| sub.eq_ignore_ascii_case("value")))?;
        let attribute = self.0.resource_type.attribute(path.name())?;
        (path.uri().is_none() && !attribute.is_complex()).then(|| attribute.name.clone())
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.0
    }

    /// The filter this was compiled from.
    pub fn filter(&self) -> &Filter {
        &self.0.filter
    }

    /// The resource type it was compiled for.
    pub fn resource_type(&self) -> &ResourceType {
        &self.0.resource_type
    }

    /// The names of all keys that documents are asked for, at their [`Key::index`](crate::document::Key::index).
    pub fn key_names(&self) -> impl Iterator<Item = &str> {
        self.0.names().into_iter()
    }
}

impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Matcher({}, {})", self.0.resource_type.name(), Cow::from(self.0.filter.to_string()))
    }
}
