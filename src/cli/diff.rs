//! Changes and repairs, as text for people or as JSON.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::output::{Palette, short, styled};
use crate::coerce::{Outcome, Repair};
use crate::shown::plain;

/// Writes one line for each value that was removed or added, in the order of the attributes, and then one for each repair.
pub(super) fn write(out: &mut impl Write, outcome: &Outcome, palette: Palette) -> io::Result<()> {
    for change in &outcome.changes {
        let mut line = |mark: char, value: &Value| {
            let style = if mark == '+' { palette.added } else { palette.removed };
            writeln!(out, "{}", styled(style, &plain(&format!("{mark} {}: {}", change.path, short(value)))))
        };
        for value in &change.removed {
            line('-', value)?;
        }
        for replaced in &change.replaced {
            line('-', &replaced.old)?;
            line('+', &replaced.new)?;
        }
        for value in &change.added {
            line('+', value)?;
        }
    }
    repairs(out, &outcome.repairs, palette)
}

/// Writes one line for each repair.
pub(super) fn repairs(out: &mut impl Write, repairs: &[Repair], palette: Palette) -> io::Result<()> {
    for repair in repairs {
        writeln!(out, "{}", styled(palette.repaired, &plain(&format!("! {repair}"))))?;
    }
    Ok(())
}

/// The outcome as JSON. `rules` are the broken rules, if the command checks the rules of a profile.
pub(super) fn json(resource: &Value, outcome: &Outcome, rules: Option<Vec<Value>>) -> Value {
    let mut value = json!({
        "resource": resource,
        "changed": outcome.changed,
        "changes": outcome.changes,
        "repairs": outcome.repairs,
    });
    if let (Some(rules), Some(members)) = (rules, value.as_object_mut()) {
        members.insert("rules".to_owned(), rules.into());
    }
    value
}
