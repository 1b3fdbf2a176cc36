//! Explains why a document matches or not: every clause with its truth.

use std::fmt;

use super::evaluate::holds;
use super::node::{AnyElement, Node};
use crate::document::{Document, DocumentError};
use crate::syntax::{Expr, Span, ValuePath};

/// One clause of a filter and whether it holds for a document. Meant to be read by people.
///
/// ```
/// use scim_engine::{Filter, ResourceType};
/// use serde_json::json;
/// let filter: Filter = "title pr and active eq true".parse()?;
/// let matcher = filter.compile(&ResourceType::user())?;
/// let explanation = matcher.explain(&json!({"active": true}))?;
/// assert!(!explanation.holds());
/// assert_eq!(
///     explanation.to_string(),
///     "no  and\nno    title pr\nyes   active eq true\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Explanation {
    clause: String,
    span: Span,
    holds: bool,
    children: Vec<Explanation>,
}

impl Explanation {
    /// The clause as canonical text. A clause with children is `and`, `or`, `not` or `attr[…]`.
    pub fn clause(&self) -> &str {
        &self.clause
    }

    /// The byte range of the clause in the filter's text.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Whether the clause holds.
    pub fn holds(&self) -> bool {
        self.holds
    }

    /// The parts of the clause. Inside brackets a part holds if it holds for some element: all parts may hold although no
    /// single element satisfies all of them.
    pub fn children(&self) -> &[Explanation] {
        &self.children
    }

    /// An explanation that was pickled.
    #[cfg(feature = "python")]
    pub(crate) fn again(clause: String, span: std::ops::Range<usize>, holds: bool, children: Vec<Self>) -> Self {
        Self { clause, span: Span { start: span.start, end: span.end }, holds, children }
    }

    fn write(&self, depth: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mark = if self.holds { "yes" } else { "no " };
        writeln!(f, "{mark} {:indent$}{}", "", self.clause, indent = depth * 2)?;
        self.children.iter().try_for_each(|child| child.write(depth + 1, f))
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(0, f)
    }
}

/// Explains by walking the tree and the plan side by side: they have the same shape.
pub(super) fn explain<D: Document>(expr: &Expr<'_>, node: &Node, document: &D) -> Result<Explanation, D::Error> {
    clauses(expr, node, &mut |node| holds(node, document))
}

/// `holds` decides a node of the plan: for the document, or for some element of an attribute.
fn clauses<E>(expr: &Expr<'_>, node: &Node, holds: &mut dyn FnMut(&Node) -> Result<bool, E>) -> Result<Explanation, E>
where
    E: From<DocumentError>,
{
    let mut all = |terms: &[Expr<'_>], nodes: &[Node]| {
        terms.iter().zip(nodes).map(|(term, node)| clauses(term, node, holds)).collect::<Result<Vec<_>, E>>()
    };
    let (clause, children) = match (expr, node) {
        (Expr::And(terms), Node::And(nodes)) => ("and".to_owned(), all(terms, nodes)?),
        (Expr::Or(terms), Node::Or(any)) => ("or".to_owned(), all(terms, any.terms())?),
        (Expr::Not(not), Node::Not(inner)) => ("not".to_owned(), vec![clauses(&not.expr, inner, holds)?]),
        (Expr::ValuePath(path), Node::Any(any)) => (expr.to_string(), elements(path, any, holds)?),
        _ => (expr.to_string(), Vec::new()),
    };
    Ok(Explanation { clause, span: expr.span(), holds: holds(node)?, children })
}

/// The clauses inside brackets; each holds if it holds for some element.
fn elements<E>(
    path: &ValuePath<'_>,
    any: &AnyElement,
    holds: &mut dyn FnMut(&Node) -> Result<bool, E>,
) -> Result<Vec<Explanation>, E>
where
    E: From<DocumentError>,
{
    let mut of_some = |node: &Node| holds(&Node::Any(AnyElement { keys: any.keys.clone(), node: node.clone().into() }));
    let (inner, then) = match (&path.then, &*any.node) {
        (Some(then), Node::And(both)) => match &**both {
            [inner, test] => (inner, Some((then, test))),
            _ => (&*any.node, None),
        },
        (_, node) => (node, None),
    };
    let mut children = vec![clauses(&path.filter, inner, &mut of_some)?];
    if let Some((then, test)) = then {
        children.push(Explanation {
            clause: format!("{} {}", then.sub_attribute, then.test),
            span: then.span.to(then.test.span()),
            holds: of_some(test)?,
            children: Vec::new(),
        });
    }
    Ok(children)
}
