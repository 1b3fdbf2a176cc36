//! `scim explain`: shows the clauses of a filter, and which of them fail.

use std::io::Write as _;

use serde_json::{Map, Value, json};

use super::args::ExplainArgs;
use super::attribute::{Names, keys, values};
use super::clause::Clause;
use super::context::Context;
use super::exit::Exit;
use super::failure::{Failure, Stop};
use super::output::{Palette, stdout};
use super::{files, path};
use crate::filter::Matcher;
use crate::limits::Limits;
use crate::schema::ResourceType;
use crate::syntax::{Expr, Filter, Span, Test, ValuePath, Visit as _};

/// The most elements of a list that are shown.
pub(super) const SHOWN: usize = 5;

/// The most values that are shown for a clause.
const VALUES: usize = 100;

pub(super) fn run(args: &ExplainArgs) -> Result<Exit, Stop> {
    let context = Context::new(&args.common)?;
    if args.path {
        return path::run(args, &context);
    }
    let filter = context.filter(&args.filter)?;
    let document = args.resource.as_deref().map(files::read_json).transpose()?;
    let resource_type = context.type_or_any(document.as_ref());
    // Compiles the whole filter first, so that its errors have spans in the text that the user gave.
    filter
        .compile_with(&resource_type, &context.options.tolerance)
        .map_err(|error| Failure::compile(error, resource_type.name()))?;
    let explainer = Explainer { context: &context, resource_type: &resource_type };
    let clause = explainer.clause(filter.expr(), document.as_ref())?;
    let mut names = Names::new(&resource_type);
    names.visit_expr(filter.expr());
    show(args, &clause, &names, &json!({"filter": filter.to_string(), "resourceType": resource_type.name()}))
}

/// Prints a clause and the attributes that it names.
pub(super) fn show(args: &ExplainArgs, clause: &Clause, names: &Names<'_>, head: &Value) -> Result<Exit, Stop> {
    let mut out = stdout();
    if args.common.json {
        let mut whole = head.as_object().cloned().unwrap_or_default();
        if let Some(holds) = clause.holds {
            whole.insert("holds".to_owned(), holds.into());
        }
        whole.insert("tree".to_owned(), clause.json());
        whole.insert("attributes".to_owned(), names.json());
        writeln!(out, "{}", Value::Object(whole))?;
    } else {
        clause.write(&mut out, Palette::new(args.common.color))?;
        writeln!(out)?;
        names.write(&mut out)?;
    }
    out.flush()?;
    Ok(if clause.holds == Some(false) { Exit::No } else { Exit::Yes })
}

pub(super) struct Explainer<'a> {
    pub context: &'a Context,
    pub resource_type: &'a ResourceType,
}

impl Explainer<'_> {
    fn clause(&self, expr: &Expr<'_>, document: Option<&Value>) -> Result<Clause, Failure> {
        let holds = document.map(|document| self.holds(&expr.to_string(), document)).transpose()?;
        let mut clause = Clause { span: Some(expr.span()), holds, ..Clause::default() };
        match expr {
            Expr::And(terms) | Expr::Or(terms) => {
                clause.text.push_str(if matches!(expr, Expr::And(_)) { "and" } else { "or" });
                clause.children = terms.iter().map(|term| self.clause(term, document)).collect::<Result<_, _>>()?;
            }
            Expr::Not(not) => {
                clause.text.push_str("not");
                clause.children = vec![self.clause(&not.expr, document)?];
            }
            Expr::Attr(exp) => {
                clause.text = expr.to_string();
                let mut keys = keys(self.resource_type, &exp.path);
                if self.means_value(&exp.path, &exp.test) {
                    keys.push("value".to_owned());
                }
                clause.values = document.map(|document| cloned(values(document, &keys)));
            }
            Expr::ValuePath(path) => {
                clause.text = expr.to_string();
                self.elements(&mut clause, path, document)?;
            }
        }
        Ok(clause)
    }

    /// Whether a comparison means the `value` of a complex attribute, which it does without a sub-attribute (F10).
    fn means_value(&self, path: &crate::syntax::AttrPath<'_>, test: &Test<'_>) -> bool {
        use crate::schema::Resolved::Attribute;
        matches!(test, Test::Compare { .. })
            && matches!(
                self.resource_type.resolve(path),
                Some(Attribute { attribute, sub_attribute: None, .. }) if attribute.is_complex()
            )
    }

    /// Adds the clauses of a value path: those in its brackets, evaluated for each element.
    fn elements(&self, clause: &mut Clause, path: &ValuePath<'_>, document: Option<&Value>) -> Result<(), Failure> {
        let prefix = path.path.as_str();
        let inner = |element: Option<&Value>| -> Result<Vec<Clause>, Failure> {
            let mut clauses = match &*path.filter {
                Expr::And(terms) => self.all_inner(prefix, terms, element)?,
                one => vec![self.inner(prefix, one, element)?],
            };
            if let Some(then) = &path.then {
                let text = format!("{} {}", then.sub_attribute, then.test);
                clauses.push(self.leaf(prefix, text, then.span.to(then.test.span()), &then.sub_attribute, element)?);
            }
            Ok(clauses)
        };
        let Some(document) = document else {
            clause.children = inner(None)?;
            return Ok(());
        };
        let keys = keys(self.resource_type, &path.path);
        self.each_element(clause, &keys, document, |alone| inner(Some(alone)))
    }

    /// Adds a part for each element at `keys`. Of more than [`SHOWN`] elements it adds the first ones, and if some match, the
    /// first that match. `explain` gives the parts of an element, evaluated on a document with that element alone. `clause`
    /// must be about such elements.
    pub(super) fn each_element(
        &self,
        clause: &mut Clause,
        keys: &[String],
        document: &Value,
        explain: impl Fn(&Value) -> Result<Vec<Clause>, Failure>,
    ) -> Result<(), Failure> {
        let elements = values(document, keys);
        if elements.is_empty() {
            clause.values = Some(Vec::new());
        }
        let matcher = self.matcher(&clause.text)?;
        let mut asked = Vec::with_capacity(elements.len());
        for (index, element) in elements.into_iter().enumerate() {
            let holds = holds(&matcher, &alone(element, keys))?;
            asked.push((index, element, holds));
        }
        let count = asked.len();
        if count > SHOWN && clause.holds == Some(true) {
            asked.retain(|(_, _, holds)| *holds);
        }
        asked.truncate(SHOWN);
        clause.more = count - asked.len();
        for (index, element, holds) in asked {
            let children = explain(&alone(element, keys))?;
            clause.children.push(Clause {
                text: format!("element {index}"),
                holds: Some(holds),
                children,
                ..Clause::default()
            });
        }
        Ok(())
    }

    fn all_inner(&self, prefix: &str, terms: &[Expr<'_>], alone: Option<&Value>) -> Result<Vec<Clause>, Failure> {
        terms.iter().map(|term| self.inner(prefix, term, alone)).collect()
    }

    /// A part of the filter in the brackets after `prefix`, evaluated on a document with one element there.
    pub(super) fn inner(&self, prefix: &str, expr: &Expr<'_>, alone: Option<&Value>) -> Result<Clause, Failure> {
        let (text, terms) = match expr {
            Expr::Attr(exp) => {
                return self.leaf(prefix, expr.to_string(), expr.span(), exp.path.name(), alone);
            }
            Expr::And(terms) => ("and", terms.as_slice()),
            Expr::Or(terms) => ("or", terms.as_slice()),
            Expr::Not(not) => ("not", std::slice::from_ref(&*not.expr)),
            // Brackets within brackets do not parse.
            Expr::ValuePath(_) => ("", [].as_slice()),
        };
        let holds = alone.map(|alone| self.holds(&format!("{prefix}[{expr}]"), alone)).transpose()?;
        let children = self.all_inner(prefix, terms, alone)?;
        Ok(Clause { text: text.to_owned(), span: Some(expr.span()), holds, children, ..Clause::default() })
    }

    fn leaf(
        &self,
        prefix: &str,
        text: String,
        span: Span,
        name: &str,
        alone: Option<&Value>,
    ) -> Result<Clause, Failure> {
        let holds = alone.map(|alone| self.holds(&format!("{prefix}[{text}]"), alone)).transpose()?;
        let path = crate::syntax::attr_path(prefix);
        let mut keys = path.map_or_else(Vec::new, |path| keys(self.resource_type, &path));
        keys.push(name.to_owned());
        let values = alone.map(|alone| cloned(values(alone, &keys)));
        Ok(Clause { text, span: Some(span), holds, values, ..Clause::default() })
    }

    /// Whether a part of a filter, on its own, holds for a document.
    pub(super) fn holds(&self, text: &str, document: &Value) -> Result<bool, Failure> {
        holds(&self.matcher(text)?, document)
    }

    fn matcher(&self, text: &str) -> Result<Matcher, Failure> {
        // The whole filter was within the limit; the canonical text of a part may be longer than the whole.
        let limits = Limits { filter_bytes: usize::MAX, ..self.context.options.limits };
        let tolerance = &self.context.options.tolerance;
        let filter = Filter::parse_with(text, &limits, tolerance).map_err(Failure::parse)?;
        let compiled = filter.compile_with(self.resource_type, tolerance);
        compiled.map_err(|error| Failure::compile(error, self.resource_type.name()))
    }
}

fn holds(matcher: &Matcher, document: &Value) -> Result<bool, Failure> {
    matcher.matches(document).map_err(|error| Failure::plain(error.to_string()))
}

fn cloned(values: Vec<&Value>) -> Vec<Value> {
    values.into_iter().take(VALUES).cloned().collect()
}

/// A document with nothing but one element at the end of `keys`.
fn alone(element: &Value, keys: &[String]) -> Value {
    let list = Value::Array(vec![element.clone()]);
    keys.iter().rev().fold(list, |inner, key| Value::Object(Map::from_iter([(key.clone(), inner)])))
}
