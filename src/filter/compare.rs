//! One value against one literal, prepared when the filter was compiled.

use std::cmp::Ordering;

use super::datetime::Instant;
use super::decimal::Decimal;
use super::fold;
use crate::document::View;
use crate::syntax::CompareOp;

/// A comparison with its literal. `ne` is kept as `eq`: the plan negates it.
#[derive(Debug, Clone)]
pub(crate) enum Comparison {
    /// Strings; `literal` is folded unless `exact` (F5).
    Text { op: CompareOp, literal: Box<str>, exact: bool },
    /// Parts of the text of a dateTime; of what is none, nothing holds (F7).
    DateText { op: CompareOp, literal: Box<str> },
    /// Booleans, for equality.
    Bool(bool),
    /// Numbers (F8).
    Number { op: CompareOp, literal: Decimal },
    /// Instants (F7).
    Instant { op: CompareOp, seconds: i64, fraction: Box<str> },
}

impl Comparison {
    pub(crate) fn text(op: CompareOp, literal: &str, exact: bool) -> Self {
        let literal = if exact { literal.into() } else { fold::fold(literal).into() };
        Self::Text { op, literal, exact }
    }

    pub(crate) fn date_text(op: CompareOp, literal: &str) -> Self {
        Self::DateText { op, literal: fold::fold(literal).into() }
    }

    /// Whether it holds of a value. A value of another type satisfies none.
    pub(crate) fn holds(&self, value: &View<'_>) -> bool {
        match (self, value) {
            (Self::Text { op, literal, exact }, View::String(text)) => {
                if *exact {
                    exact_text(*op, text, literal)
                } else {
                    folded_text(*op, text, literal)
                }
            }
            (Self::DateText { op, literal }, View::String(text)) => {
                Instant::parse(text).is_some() && folded_text(*op, text, literal)
            }
            (Self::Bool(literal), View::Bool(value)) => literal == value,
            (Self::Number { op, literal }, View::Number(number)) => in_order(*op, literal.compare_to(number)),
            (Self::Instant { op, seconds, fraction }, View::String(text)) => Instant::parse(text)
                .is_some_and(|instant| in_order(*op, instant.cmp(&Instant::from_parts(*seconds, fraction)))),
            _ => false,
        }
    }
}

fn in_order(op: CompareOp, order: Ordering) -> bool {
    match op {
        CompareOp::Eq | CompareOp::Ne => order.is_eq(),
        CompareOp::Gt => order.is_gt(),
        CompareOp::Ge => order.is_ge(),
        CompareOp::Lt => order.is_lt(),
        CompareOp::Le => order.is_le(),
        CompareOp::Co | CompareOp::Sw | CompareOp::Ew => false,
    }
}

fn exact_text(op: CompareOp, text: &str, literal: &str) -> bool {
    match op {
        CompareOp::Eq | CompareOp::Ne => text == literal,
        CompareOp::Co => text.contains(literal),
        CompareOp::Sw => text.starts_with(literal),
        CompareOp::Ew => text.ends_with(literal),
        // UTF-8 sorts as its code points do.
        _ => in_order(op, text.cmp(literal)),
    }
}

fn folded_text(op: CompareOp, text: &str, literal: &str) -> bool {
    match op {
        CompareOp::Eq | CompareOp::Ne => fold::eq(text, literal),
        CompareOp::Co => fold::contains(text, literal),
        CompareOp::Sw => fold::starts_with(text, literal),
        CompareOp::Ew => fold::ends_with(text, literal),
        _ => in_order(op, fold::cmp(text, literal)),
    }
}
