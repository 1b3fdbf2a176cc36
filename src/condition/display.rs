//! Prints a condition for people.

use std::fmt;

use super::{Condition, Target, ValueTest};
use crate::syntax::CompareOp;

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let join = |f: &mut fmt::Formatter<'_>, all: &[Self], word: &str| {
            f.write_str("(")?;
            for (at, one) in all.iter().enumerate() {
                if at > 0 {
                    write!(f, " {word} ")?;
                }
                one.fmt(f)?;
            }
            f.write_str(")")
        };
        match self {
            Self::Constant(holds) => holds.fmt(f),
            Self::All(all) => join(f, all, "and"),
            Self::Any(any) => join(f, any, "or"),
            Self::Exists { list, within, is_negated } => {
                write!(f, "{}exists {} where {within}", not(*is_negated), list.path)
            }
            Self::Test { target, test, is_negated } => {
                f.write_str(not(*is_negated))?;
                write_test(f, target, test)
            }
        }
    }
}

fn not(is_negated: bool) -> &'static str {
    if is_negated { "not " } else { "" }
}

fn write_test(f: &mut fmt::Formatter<'_>, target: &Target, test: &ValueTest) -> fmt::Result {
    let path = &target.path;
    match test {
        ValueTest::Assigned => write!(f, "assigned {path}"),
        ValueTest::Present => write!(f, "present {path}"),
        ValueTest::Text(op, literal) | ValueTest::DateText(op, literal) => {
            write!(f, "{path} {} {literal:?}", sign(*op))
        }
        ValueTest::OneOf(literals) => write!(f, "{path} in {literals:?}"),
        ValueTest::Bool(value) => write!(f, "{path} = {value}"),
        ValueTest::Number(op, number) => write!(f, "{path} {} {number}", sign(*op)),
        ValueTest::Instant { op, seconds, fraction } => {
            let dot = if fraction.is_empty() { "" } else { "." };
            write!(f, "{path} {} {seconds}{dot}{fraction} s", sign(*op))
        }
    }
}

fn sign(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Eq => "=",
        CompareOp::Ne => "<>",
        CompareOp::Gt => ">",
        CompareOp::Ge => ">=",
        CompareOp::Lt => "<",
        CompareOp::Le => "<=",
        CompareOp::Co => "contains",
        CompareOp::Sw => "starts with",
        CompareOp::Ew => "ends with",
    }
}
