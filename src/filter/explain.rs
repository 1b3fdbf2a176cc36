//! Why a document matches or not: every clause with its truth.

use std::fmt;

use super::evaluate::holds;
use super::plan::Node;
use crate::document::Document;
use crate::syntax::{Expr, Span};

/// One clause of a filter and whether it holds of a document; for people.
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
    /// The clause in canonical text; `and`, `or`, `not` or `attr[…]` where its parts follow.
    pub fn clause(&self) -> &str {
        &self.clause
    }

    /// Where the clause stands in the filter's text.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Whether it holds.
    pub fn holds(&self) -> bool {
        self.holds
    }

    /// Its parts.
    pub fn children(&self) -> &[Explanation] {
        &self.children
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

/// Walks tree and plan, which have the same shape, side by side.
pub(super) fn explain<D: Document>(expr: &Expr<'_>, node: &Node, document: &D) -> Result<Explanation, D::Error> {
    let (clause, children) = match (expr, node) {
        (Expr::And(terms), Node::And(nodes)) => ("and".to_owned(), all(terms, nodes, document)?),
        (Expr::Or(terms), Node::Or(nodes)) => ("or".to_owned(), all(terms, nodes, document)?),
        (Expr::Not(not), Node::Not(inner)) => ("not".to_owned(), vec![explain(&not.expr, inner, document)?]),
        _ => (expr.to_string(), Vec::new()),
    };
    Ok(Explanation { clause, span: expr.span(), holds: holds(node, document)?, children })
}

fn all<D: Document>(terms: &[Expr<'_>], nodes: &[Node], document: &D) -> Result<Vec<Explanation>, D::Error> {
    terms.iter().zip(nodes).map(|(term, node)| explain(term, node, document)).collect()
}
