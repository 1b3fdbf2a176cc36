//! Prints the clauses of a filter: whether each holds, and the values that the resource has for it.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

use crate::cli::failure::Failure;
use crate::cli::output::{Palette, short, styled};
use crate::filter::{Explanation, Matcher};
use crate::syntax::{Expr, Span};

/// A clause of a filter, with the clauses that it consists of.
#[derive(Debug, Default)]
pub(super) struct Clause {
    pub text: String,
    /// The place of the clause in the filter; none if the clause stands for an element of a multi-valued attribute.
    pub span: Option<Span>,
    /// Whether the clause holds; none without a resource.
    pub holds: Option<bool>,
    /// The values that the clause was evaluated on.
    pub values: Option<Vec<Value>>,
    /// The number of children that are not shown.
    pub more: usize,
    pub children: Vec<Clause>,
}

impl From<Explanation> for Clause {
    fn from(explanation: Explanation) -> Self {
        let Explanation { clause, span, holds, attribute, values, element, children, more } = explanation;
        Self {
            text: clause,
            span: element.is_none().then_some(span),
            holds: Some(holds),
            // The children of a value path such as `emails[type eq "work"]` are the elements of the attribute. A value path
            // without children has no values either, and is printed with `is unassigned`.
            values: (attribute.is_some() && children.is_empty()).then_some(values),
            more,
            children: children.into_iter().map(Self::from).collect(),
        }
    }
}

impl Clause {
    /// The clauses of a filter, explained for a document if there is one.
    pub(super) fn of(matcher: &Matcher, document: Option<&Value>) -> Result<Self, Failure> {
        match document {
            Some(document) => {
                matcher.explain(document).map(Self::from).map_err(|error| Failure::plain(error.to_string()))
            }
            None => Ok(Self::outline(matcher.filter().expr())),
        }
    }

    /// The clauses of a filter without a document.
    fn outline(expr: &Expr<'_>) -> Self {
        let all = |terms: &[Expr<'_>]| terms.iter().map(Self::outline).collect();
        let (text, children) = match expr {
            Expr::And(terms) => ("and".to_owned(), all(terms)),
            Expr::Or(terms) => ("or".to_owned(), all(terms)),
            Expr::Not(not) => ("not".to_owned(), vec![Self::outline(&not.expr)]),
            Expr::Attr(_) => (expr.to_string(), Vec::new()),
            Expr::ValuePath(path) => {
                let mut parts = match &*path.filter {
                    Expr::And(terms) => all(terms),
                    one => vec![Self::outline(one)],
                };
                parts.extend(path.then.as_ref().map(|then| Self {
                    text: format!("{} {}", then.sub_attribute, then.test),
                    span: Some(then.span.to(then.test.span())),
                    ..Self::default()
                }));
                (expr.to_string(), parts)
            }
        };
        Self { text, span: Some(expr.span()), children, ..Self::default() }
    }

    pub(super) fn write(&self, out: &mut impl Write, palette: Palette) -> io::Result<()> {
        let width = self.width(0);
        self.write_at(0, width, out, palette)
    }

    /// The column at which values begin: after the longest clause that has values, but at most at column `MOST`.
    fn width(&self, depth: usize) -> usize {
        const MOST: usize = 60;
        let own = if self.values.is_some() { depth * 2 + self.text.chars().count() } else { 0 };
        let below = self.children.iter().map(|child| child.width(depth + 1)).max().unwrap_or(0);
        own.min(MOST).max(below)
    }

    fn write_at(&self, depth: usize, width: usize, out: &mut impl Write, palette: Palette) -> io::Result<()> {
        let (mark, style) = match self.holds {
            None => ("", palette.faint),
            Some(true) => ("yes  ", palette.added),
            Some(false) => ("no   ", palette.removed),
        };
        let indent = depth * 2;
        write!(out, "{}{:indent$}{}", styled(style, mark), "", self.text)?;
        if let Some(values) = &self.values {
            let fill = width.saturating_sub(indent + self.text.chars().count()) + 2;
            write!(out, "{:fill$}{}", "", styled(palette.faint, &found(values)))?;
        }
        writeln!(out)?;
        for child in &self.children {
            child.write_at(depth + 1, width, out, palette)?;
        }
        if self.more > 0 {
            let indent = indent + 2 + mark.len();
            writeln!(out, "{:indent$}{}", "", styled(palette.faint, &format!("and {} more", self.more)))?;
        }
        Ok(())
    }

    pub(super) fn json(&self) -> Value {
        let mut members = Map::new();
        members.insert("clause".to_owned(), self.text.clone().into());
        if let Some(span) = self.span {
            members.insert("span".to_owned(), json!({"start": span.start, "end": span.end}));
        }
        if let Some(holds) = self.holds {
            members.insert("holds".to_owned(), holds.into());
        }
        if let Some(values) = &self.values {
            members.insert("values".to_owned(), values.clone().into());
        }
        if !self.children.is_empty() {
            members.insert("children".to_owned(), self.children.iter().map(Self::json).collect());
        }
        if self.more > 0 {
            members.insert("more".to_owned(), self.more.into());
        }
        Value::Object(members)
    }
}

/// The values of the resource, in a few words.
fn found(values: &[Value]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<_> = values.iter().take(SHOWN).map(short).collect();
    match values.len() {
        0 => "is unassigned".to_owned(),
        1 => format!("is {}", shown.concat()),
        count if count > SHOWN => format!("are {} and {} more", shown.join(", "), count - SHOWN),
        _ => format!("are {}", shown.join(", ")),
    }
}
