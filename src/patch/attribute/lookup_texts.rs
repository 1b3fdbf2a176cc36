//! The texts by which a request may look for elements of a list, collected from all of its operations at once. With them,
//! one pass over a long list finds the few elements that any operation names. If a text is missing here, only speed
//! suffers: it is then looked up on its own.

use std::cell::OnceCell;

use serde_json::Value;

use crate::patch::operation::Operation;
use crate::syntax::{CompareOp, Expr, Literal, Test};

/// The number of levels of an operation's value that are searched. Without a path these are the value, the list of an
/// attribute in it, the elements, and their members.
const LEVELS: usize = 4;

pub(in crate::patch) struct LookupTexts<'a> {
    operations: &'a [Operation],
    texts: OnceCell<Vec<&'a str>>,
}

impl<'a> LookupTexts<'a> {
    pub(in crate::patch) fn new(operations: &'a [Operation]) -> Self {
        Self { operations, texts: OnceCell::new() }
    }

    pub(in crate::patch) fn texts(&self) -> &[&'a str] {
        self.texts.get_or_init(|| {
            let mut texts = Vec::new();
            for operation in self.operations {
                if let Some(filter) = operation.path.as_ref().and_then(|path| path.value_filter()) {
                    of_filter(filter, &mut texts);
                }
                if let Some(value) = &operation.value {
                    of_value(value, true, LEVELS, &mut texts);
                }
            }
            texts
        })
    }
}

fn of_filter<'a>(expr: &'a Expr<'_>, texts: &mut Vec<&'a str>) {
    match expr {
        Expr::And(terms) => terms.iter().for_each(|term| of_filter(term, texts)),
        Expr::Attr(exp) => {
            if let Test::Compare { op: CompareOp::Eq, value: Literal::String(text), .. } = &exp.test {
                texts.push(text);
            }
        }
        _ => {}
    }
}

/// Collects the strings that are elements of a list, or the `value` of such an element.
fn of_value<'a>(value: &'a Value, is_key: bool, levels: usize, texts: &mut Vec<&'a str>) {
    let Some(below) = levels.checked_sub(1) else { return };
    match value {
        Value::String(text) if is_key => texts.push(text),
        Value::Array(elements) => elements.iter().for_each(|element| of_value(element, true, below, texts)),
        Value::Object(members) => {
            for (name, value) in members {
                of_value(value, name.eq_ignore_ascii_case("value"), below, texts);
            }
        }
        _ => {}
    }
}
