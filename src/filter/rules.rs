//! The attributes and operators that a host allows in filters (X2).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::error::{CompileError, CompileFault};
use super::matcher::Matcher;
use crate::error::UnknownName;
use crate::schema::{Own, Resolved, ResourceType};
use crate::syntax::{AttrPath, CompareOp, Expr, Literal, Span, Test, attr_path};
use crate::words::words;

/// The attributes and operators that a filter may use. By default all are allowed.
///
/// ```
/// use scim_engine::{Filter, FilterOperator, FilterRules, ResourceType};
/// let rules = FilterRules::default()
///     .attributes(["userName", "emails.value"])
///     .operators([FilterOperator::Eq, FilterOperator::And]);
/// let compiled = |text: &str| text.parse::<Filter>().unwrap().compile(&ResourceType::user()).unwrap();
/// assert!(compiled(r#"emails[value eq "ann@example.com"]"#).check(&rules).is_ok());
/// let error = compiled(r#"title eq "Guide""#).check(&rules).unwrap_err();
/// assert_eq!(error.message(), "`title` may not be filtered on: expected `userName` or `emails.value`");
/// ```
///
/// A tenant's configuration can have the rules: `{"attributes": ["userName"], "operators": ["eq", "and"]}`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FilterRules {
    attributes: Option<Vec<String>>,
    operators: Option<Vec<FilterOperator>>,
}

/// An operator of a filter, as [`FilterRules`] name it.
///
/// ```
/// use scim_engine::FilterOperator;
/// assert_eq!("sw".parse(), Ok(FilterOperator::Sw));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum FilterOperator {
    /// `eq`: equal.
    Eq,
    /// `ne`: not equal.
    Ne,
    /// `co`: contains.
    Co,
    /// `sw`: starts with.
    Sw,
    /// `ew`: ends with.
    Ew,
    /// `gt`: greater than.
    Gt,
    /// `ge`: greater than or equal to.
    Ge,
    /// `lt`: less than.
    Lt,
    /// `le`: less than or equal to.
    Le,
    /// `pr`: present.
    Pr,
    /// `and`.
    And,
    /// `or`.
    Or,
    /// `not`.
    Not,
}

words! {
    FilterOperator {
        "eq" => Eq,
        "ne" => Ne,
        "co" => Co,
        "sw" => Sw,
        "ew" => Ew,
        "gt" => Gt,
        "ge" => Ge,
        "lt" => Lt,
        "le" => Le,
        "pr" => Pr,
        "and" => And,
        "or" => Or,
        "not" => Not,
    }
}

impl From<CompareOp> for FilterOperator {
    fn from(op: CompareOp) -> Self {
        match op {
            CompareOp::Eq => Self::Eq,
            CompareOp::Ne => Self::Ne,
            CompareOp::Co => Self::Co,
            CompareOp::Sw => Self::Sw,
            CompareOp::Ew => Self::Ew,
            CompareOp::Gt => Self::Gt,
            CompareOp::Ge => Self::Ge,
            CompareOp::Lt => Self::Lt,
            CompareOp::Le => Self::Le,
        }
    }
}

impl FilterRules {
    /// Allows only these attributes: `userName`, `emails.value`, `urn:…:User:department`. `emails` includes its
    /// sub-attributes, and the URN of an extension includes all attributes of that extension. The names are checked
    /// once the resource type is known: a name that it does not have is then an error ([`FilterRules::check_names`]).
    #[must_use]
    pub fn attributes<T: Into<String>>(self, names: impl IntoIterator<Item = T>) -> Self {
        Self { attributes: Some(names.into_iter().map(Into::into).collect()), ..self }
    }

    /// Allows only these operators.
    #[must_use]
    pub fn operators(self, operators: impl IntoIterator<Item = FilterOperator>) -> Self {
        Self { operators: Some(operators.into_iter().collect()), ..self }
    }

    /// Checks that a resource type has every attribute that the rules name. [`Matcher::check`] checks the names, too.
    ///
    /// ```
    /// use scim_engine::{FilterRules, ResourceType};
    /// let rules = FilterRules::default().attributes(["userName", "titel"]);
    /// let error = rules.check_names(&ResourceType::user()).unwrap_err();
    /// assert_eq!(error.to_string(), "`User` has no attribute `titel`; did you mean `title`?");
    /// ```
    ///
    /// # Errors
    /// [`UnknownName`] for the first attribute that the resource type does not have.
    pub fn check_names(&self, resource_type: &ResourceType) -> Result<(), UnknownName> {
        self.names(resource_type).map(drop)
    }

    /// The allowed attributes by full name, in lower case.
    fn names(&self, resource_type: &ResourceType) -> Result<Vec<String>, UnknownName> {
        let full = |name: &String| {
            Ok(match resource_type.look_up_own(name)? {
                Own::Known(target) => target.to_string().to_lowercase(),
                Own::Untyped(path) => path.as_str().to_lowercase(),
            })
        };
        self.attributes.iter().flatten().map(full).collect()
    }

    /// The attributes that may be used; `None` if all may.
    pub fn allowed_attributes(&self) -> Option<&[String]> {
        self.attributes.as_deref()
    }

    /// The operators that may be used; `None` if all may.
    pub fn allowed_operators(&self) -> Option<&[FilterOperator]> {
        self.operators.as_deref()
    }
}

impl Matcher {
    /// Checks that the filter uses only attributes and operators that the rules allow.
    ///
    /// # Errors
    /// [`CompileError`], which is `invalidFilter`: it points at the attribute or operator that is not allowed
    /// and lists the allowed ones. If the rules name an attribute that the resource type does not have, the host is at
    /// fault: then the error says so, and its status is 500.
    pub fn check(&self, rules: &FilterRules) -> Result<(), CompileError> {
        let resource_type = self.resource_type();
        let names = rules.names(resource_type).map_err(CompileError::of_host)?;
        let checker = Checker { rules, resource_type, names };
        let filter = self.filter();
        checker.expr(filter.expr(), None).map_err(|fault| CompileError::in_filter(fault, filter, resource_type))
    }
}

/// The canonical name of a path in the resource type.
fn full_name(resource_type: &ResourceType, text: &str) -> String {
    let path = attr_path(text);
    let resolved = path.as_ref().and_then(|path| resource_type.resolve(path));
    resolved.map_or_else(|| text.to_owned(), |resolved| resolved.to_string())
}

struct Checker<'r> {
    rules: &'r FilterRules,
    resource_type: &'r ResourceType,
    /// The allowed attributes by full name, in lower case.
    names: Vec<String>,
}

impl Checker<'_> {
    /// Checks an expression. `within` is the attribute whose brackets enclose it, if there is one.
    fn expr(&self, expr: &Expr<'_>, within: Option<&str>) -> Result<(), CompileFault> {
        match expr {
            Expr::And(terms) => self.terms(FilterOperator::And, expr, terms, within),
            Expr::Or(terms) => self.terms(FilterOperator::Or, expr, terms, within),
            Expr::Not(not) => {
                self.operator(FilterOperator::Not, not.span)?;
                self.expr(&not.expr, within)
            }
            Expr::Attr(exp) => {
                let name = match within {
                    None => self.tested(&exp.path, &exp.test),
                    Some(within) => format!("{within}.{}", exp.path),
                };
                self.attribute(&name, &exp.path.to_string(), exp.path.span())?;
                self.test(&exp.test)
            }
            Expr::ValuePath(path) => {
                let name = full_name(self.resource_type, path.path.as_str());
                self.expr(&path.filter, Some(&name))?;
                let Some(then) = &path.then else { return Ok(()) };
                self.attribute(&format!("{name}.{}", then.sub_attribute), &then.sub_attribute, then.span)?;
                self.test(&then.test)
            }
        }
    }

    fn terms(
        &self,
        operator: FilterOperator,
        expr: &Expr<'_>,
        terms: &[Expr<'_>],
        within: Option<&str>,
    ) -> Result<(), CompileFault> {
        self.operator(operator, expr.span())?;
        terms.iter().try_for_each(|term| self.expr(term, within))
    }

    fn test(&self, test: &Test<'_>) -> Result<(), CompileFault> {
        match test {
            Test::Present { span } => self.operator(FilterOperator::Pr, *span),
            Test::Compare { op, op_span, .. } => self.operator((*op).into(), *op_span),
        }
    }

    /// The attribute that a comparison reads. A complex attribute that is named alone, and has a sub-attribute `value`,
    /// means that `value` (F10).
    fn tested(&self, path: &AttrPath<'_>, test: &Test<'_>) -> String {
        let resolved = self.resource_type.resolve(path);
        let is_compared = matches!(test, Test::Compare { value, .. } if !matches!(value, Literal::Null));
        match resolved {
            Some(Resolved::Attribute { attribute, sub_attribute: None, .. })
                if is_compared && attribute.sub_attribute("value").is_some() =>
            {
                format!("{}.value", full_name(self.resource_type, path.as_str()))
            }
            Some(resolved) => resolved.to_string(),
            None => path.as_str().to_owned(),
        }
    }

    fn attribute(&self, name: &str, shown: &str, span: Span) -> Result<(), CompileFault> {
        let Some(allowed) = &self.rules.attributes else { return Ok(()) };
        // The rules may allow the attribute by its own name, by that of the attribute that contains it, or by the URN
        // of its extension. A dot before the last colon belongs to the URN and does not begin a sub-attribute.
        let name = name.to_lowercase();
        let whole = name.rfind('.').filter(|dot| name.rfind(':').is_none_or(|colon| colon < *dot));
        let whole = whole.and_then(|dot| name.get(..dot)).unwrap_or(&name);
        let urn = whole.rsplit_once(':').map(|(urn, _)| urn);
        let is_allowed = |allowed: &String| [Some(&*name), Some(whole), urn].contains(&Some(allowed));
        if self.names.iter().any(is_allowed) {
            return Ok(());
        }
        Err(CompileFault::new(span, format!("`{shown}` may not be filtered on: {}", expected(allowed))))
    }

    fn operator(&self, operator: FilterOperator, span: Span) -> Result<(), CompileFault> {
        match &self.rules.operators {
            Some(allowed) if !allowed.contains(&operator) => {
                Err(CompileFault::new(span, format!("`{operator}` may not be used: {}", expected(allowed))))
            }
            _ => Ok(()),
        }
    }
}

/// Lists the allowed names, for a message.
fn expected(allowed: &[impl fmt::Display]) -> String {
    match allowed {
        [] => "nothing may be".to_owned(),
        [one] => format!("expected `{one}`"),
        [all @ .., last] => {
            let all: Vec<String> = all.iter().map(|one| format!("`{one}`")).collect();
            format!("expected {} or `{last}`", all.join(", "))
        }
    }
}
