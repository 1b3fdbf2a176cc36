//! An outcome beside the outcome that a case expects.

use scim_engine::{Change, Outcome};
use serde_json::{Value, json};

use super::case::Case;

/// A list of changes with its lists in one order.
fn sorted_changes(changes: &Value) -> Value {
    let sort = |value: &Value| {
        let mut elements = value.as_array().cloned().unwrap_or_default();
        elements.sort_by_key(Value::to_string);
        Value::Array(elements)
    };
    let mut all: Vec<Value> = changes
        .as_array()
        .into_iter()
        .flatten()
        .map(|change| {
            json!({
                "path": change["path"],
                "added": sort(&change["added"]),
                "removed": sort(&change["removed"]),
                "replaced": sort(&change["replaced"]),
            })
        })
        .collect();
    all.sort_by_key(|change| change["path"].to_string());
    Value::Array(all)
}

fn sorted_repairs(repairs: &Value) -> Vec<String> {
    let mut all: Vec<String> = repairs
        .as_array()
        .into_iter()
        .flatten()
        .map(|repair| format!("{} {}", repair["path"], repair["kind"]))
        .collect();
    all.sort();
    all
}

pub fn check_outcome(case: &Case, before: Option<&Value>, resource: &Value, outcome: &Outcome) -> Result<(), String> {
    let json = &case.json;
    if let Some(expected) = json.get("error") {
        return Err(format!("expected {expected}, found {resource}"));
    }
    if let Some(expected) = json.get("expect")
        && expected != resource
    {
        return Err(format!("expected {}\n       found {}", short(expected), short(resource)));
    }
    let changed = json.get("changed").is_none_or(|changed| changed == true);
    if outcome.changed != changed {
        return Err(format!("expected changed {changed}, found {:?}", outcome.changes));
    }
    let changes = serde_json::to_value(&outcome.changes).unwrap();
    if let Some(expected) = json.get("changes") {
        let (expected, found) = (sorted_changes(expected), sorted_changes(&changes));
        if expected != found {
            return Err(format!("expected changes {}\n       found {}", short(&expected), short(&found)));
        }
        for change in json["changes"].as_array().unwrap() {
            let secret = |of: &Value| of["path"] == change["path"] && of["secret"] == change["secret"];
            if change.get("secret").is_some() && !changes.as_array().unwrap().iter().any(secret) {
                return Err(format!("expected {change}, found {changes}"));
            }
        }
    }
    if let Some(expected) = json.get("repairs") {
        let (expected, found) =
            (sorted_repairs(expected), sorted_repairs(&serde_json::to_value(&outcome.repairs).unwrap()));
        if expected != found {
            return Err(format!("expected repairs {expected:?}\n       found {found:?}"));
        }
    }
    if outcome.changed == outcome.changes.is_empty() && before.is_some() {
        return Err("`changed` and `changes` disagree".to_owned());
    }
    if let Some(before) = before {
        if !outcome.changed && before != resource {
            return Err("is said to be unchanged and is not".to_owned());
        }
        let mut replayed = before.clone();
        let all: Vec<Change> = serde_json::from_value(changes).unwrap();
        all.iter().for_each(|change| change.apply(&mut replayed, &case.resource_type).unwrap());
        if unordered(&replayed) != unordered(resource) {
            return Err(format!("the changes give {}\n       not {}", short(&replayed), short(resource)));
        }
    }
    Ok(())
}

/// Lists in one order, as the order of multi-valued attributes has no meaning (D10), and without the elements that are
/// `null`, which no change names (D11).
fn unordered(value: &Value) -> Value {
    match value {
        Value::Array(elements) => {
            let mut elements: Vec<Value> =
                elements.iter().filter(|element| !element.is_null()).map(unordered).collect();
            elements.sort_by_key(Value::to_string);
            Value::Array(elements)
        }
        Value::Object(members) => members
            .iter()
            .filter(|(_, value)| !value.is_null() && **value != json!([]) && **value != json!({}))
            .map(|(name, value)| (name.to_lowercase(), unordered(value)))
            .collect(),
        other => other.clone(),
    }
}

fn short(value: &Value) -> String {
    let text = value.to_string();
    text.chars().take(1500).collect()
}
