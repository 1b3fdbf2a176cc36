//! Compares one value with one literal. The literal is prepared once, when the filter is compiled.

use std::cmp::Ordering;

use super::case_fold;
use super::datetime::{Instant, Plain, Words, is_date_time};
use super::decimal::Decimal;
use super::text_rule::TextRule;
use crate::document::{NumberView, View};
use crate::syntax::CompareOp;

/// A comparison with its literal. A comparison for `ne` holds where `eq` does, and
/// [`Check::Differs`](super::node::Check) negates it.
#[derive(Debug, Clone)]
pub(crate) enum Comparison {
    /// Strings. `literal` is the key that `rule` makes of the literal in the filter. A text with an equal key has from
    /// `shortest` to `longest` bytes.
    Text { op: CompareOp, literal: Box<str>, rule: TextRule, shortest: usize, longest: usize },
    /// `co`, `sw` and `ew` on the text of a dateTime. A text that is not a dateTime satisfies none of them (F7).
    DateText { op: CompareOp, literal: Box<str> },
    /// Booleans: equality only, since F9 allows no other operator.
    Bool(bool),
    /// Numbers (F8).
    Number { op: CompareOp, literal: Box<Decimal> },
    /// Instants (F7). `plain` is set if the literal has the form of [`Plain`]: then texts of that form are compared by
    /// three integers, without a calendar.
    Instant { op: CompareOp, seconds: i64, fraction: Box<str>, plain: Option<Words> },
}

/// A condition that a value may satisfy.
pub(crate) trait Holds {
    /// Whether a value satisfies the condition. A value never does if its type differs from the literal's.
    fn holds(&self, value: &View<'_>) -> bool;

    /// [`Holds::holds`] for a value that is known to be a text.
    fn holds_of_text(&self, text: &str) -> bool;
}

impl Comparison {
    pub(crate) fn text(op: CompareOp, literal: &str, rule: TextRule) -> Self {
        let literal: Box<str> = rule.key(literal).into();
        let (shortest, longest) = rule.lengths(&literal);
        Self::Text { op, literal, rule, shortest, longest }
    }

    pub(crate) fn date_text(op: CompareOp, literal: &str) -> Self {
        Self::DateText { op, literal: case_fold::fold(literal).into() }
    }

    /// `literal` is a number in JSON's grammar.
    pub(crate) fn number(op: CompareOp, literal: &str) -> Self {
        Self::Number { op, literal: Decimal::parse(literal).into() }
    }

    /// `None` if `literal` is not a dateTime.
    pub(crate) fn instant(op: CompareOp, literal: &str) -> Option<Self> {
        let (seconds, fraction) = Instant::parse(literal)?.parts();
        let plain = Plain::parse(literal).map(|plain| plain.parts().0);
        Some(Self::Instant { op, seconds, fraction: fraction.into(), plain })
    }

    fn holds_of_number(&self, number: &NumberView<'_>) -> bool {
        matches!(self, Self::Number { op, literal }
            if literal.compare_to(number).is_some_and(|order| in_order(*op, order)))
    }

    // Not inlined, so that the common path in `holds_of_text` stays small.
    #[inline(never)]
    fn otherwise_of_text(&self, text: &str) -> bool {
        match self {
            Self::Text { op, literal, rule: rule @ TextRule::Username { .. }, .. } if !text.is_ascii() => {
                exact_text(*op, &rule.key(text), literal)
            }
            Self::Text { op, literal, rule, .. } if rule.is_exact() => exact_text(*op, text, literal),
            Self::Text { op, literal, .. } => folded_text(*op, text, literal),
            Self::DateText { op, literal } => is_date_time(text) && folded_text(*op, text, literal),
            Self::Instant { op, seconds, fraction, .. } => Instant::parse(text)
                .is_some_and(|instant| in_order(*op, instant.cmp(&Instant::from_parts(*seconds, fraction)))),
            Self::Bool(_) | Self::Number { .. } => false,
        }
    }
}

impl Holds for Comparison {
    #[inline]
    fn holds(&self, value: &View<'_>) -> bool {
        match value {
            View::String(text) => self.holds_of_text(text),
            View::Bool(value) => matches!(self, Self::Bool(literal) if literal == value),
            View::Number(number) => self.holds_of_number(number),
            View::Null | View::Array | View::Object => false,
        }
    }

    #[inline]
    fn holds_of_text(&self, text: &str) -> bool {
        match self {
            // The lengths are compared first: nearly all texts differ in length, and then the text itself need not be
            // fetched from memory.
            Self::Text { op: CompareOp::Eq | CompareOp::Ne, literal, rule, shortest, longest } => {
                let fits = text.len() >= *shortest && text.len() <= *longest;
                fits && rule.is_equal(text, literal)
            }
            Self::Instant { op, fraction, plain: Some(words), .. } => match Plain::parse(text) {
                Some(plain) => in_order(*op, plain.cmp(&Plain::from_parts(*words, fraction))),
                None => self.otherwise_of_text(text),
            },
            _ => self.otherwise_of_text(text),
        }
    }
}

#[inline]
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

/// Compares a key with the key of a literal; `ne` holds where `eq` does.
pub(crate) fn exact_text(op: CompareOp, text: &str, literal: &str) -> bool {
    match op {
        CompareOp::Co => text.contains(literal),
        CompareOp::Sw => text.starts_with(literal),
        CompareOp::Ew => text.ends_with(literal),
        // The bytes of UTF-8 sort as the code points do, so comparing bytes is enough.
        _ => in_order(op, text.cmp(literal)),
    }
}

fn folded_text(op: CompareOp, text: &str, literal: &str) -> bool {
    match op {
        CompareOp::Co => case_fold::contains(text, literal),
        CompareOp::Sw => case_fold::starts_with(text, literal),
        CompareOp::Ew => case_fold::ends_with(text, literal),
        _ => in_order(op, case_fold::cmp(text, literal)),
    }
}
