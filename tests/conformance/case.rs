//! A case, and the options that it sets.

use scim_engine::{Absent, Limits, Options, Profile, ResourceType, UnknownMembers, UnknownPaths};
use serde_json::Value;

use super::common::cases;

/// One case with the parts that every kind has.
pub struct Case {
    pub json: Value,
    pub resource_type: ResourceType,
    pub options: Options,
}

const KNOWN: &[&str] = &[
    "name",
    "rows",
    "row",
    "kind",
    "type",
    "tolerance",
    "limits",
    "text_of",
    "filter",
    "path",
    "canonical",
    "error",
    "docs",
    "doc",
    "body",
    "body_text",
    "expect",
    "changed",
    "changes",
    "repairs",
    "current",
    "options",
    "doors",
    "why",
    "note",
];

impl Case {
    pub fn new(json: Value) -> Result<Self, String> {
        for member in json.as_object().unwrap().keys() {
            if !KNOWN.contains(&member.as_str()) {
                return Err(format!("unknown member `{member}`"));
            }
        }
        let is_text = matches!(json["kind"].as_str(), Some("parse" | "path" | "match"));
        let resource_type = match json.get("type") {
            None if !is_text => ResourceType::user(),
            _ => cases::resource_type(json.as_object().unwrap()),
        };
        let options = options(&json)?;
        Ok(Self { json, resource_type, options })
    }

    pub fn text(&self, member: &str) -> String {
        if let Some(of) = self.json.get("text_of") {
            let part = |name: &str| of.get(name).and_then(Value::as_str).unwrap_or("");
            let times = usize::try_from(of["times"].as_u64().unwrap()).unwrap();
            return format!(
                "{}{}{}{}{}",
                part("prefix"),
                part("repeat").repeat(times),
                part("middle"),
                part("suffix_repeat").repeat(times),
                part("suffix")
            );
        }
        self.json[member].as_str().unwrap().to_owned()
    }
}

fn options(json: &Value) -> Result<Options, String> {
    let tolerance = cases::tolerance(json.as_object().unwrap());
    let mut limits = Limits::default();
    if let Some(given) = json.get("limits").and_then(Value::as_object) {
        for (name, value) in given {
            let value = usize::try_from(value.as_u64().unwrap()).unwrap();
            match name.as_str() {
                "filter_bytes" => limits.filter_bytes = value,
                "nesting" => limits.nesting = value,
                "comparisons" => limits.comparisons = value,
                "operations" => limits.operations = value,
                "path_bytes" => limits.path_bytes = value,
                "depth" => limits.depth = value,
                "members" => limits.members = value,
                "string_bytes" => limits.string_bytes = value,
                "number_digits" => limits.number_digits = value,
                other => return Err(format!("unknown limit `{other}`")),
            }
        }
    }
    let absent = |value: &Value| if value == "keep" { Absent::Keep } else { Absent::Clear };
    let mut options = Options::default().tolerance(tolerance).limits(limits);
    for (name, value) in json.get("options").and_then(Value::as_object).into_iter().flatten() {
        options = match (name.as_str(), value) {
            ("unknown", Value::String(policy)) => options.unknown(match policy.as_str() {
                "ignore" => UnknownMembers::Ignore,
                "keep" => UnknownMembers::Keep,
                "reject" => UnknownMembers::Reject,
                other => return Err(format!("unknown policy `{other}`")),
            }),
            ("unknown_paths", Value::String(policy)) => options.unknown_paths(match policy.as_str() {
                "ignore" => UnknownPaths::Ignore,
                "reject" => UnknownPaths::Reject,
                other => return Err(format!("unknown policy `{other}`")),
            }),
            ("absent", value) => options.absent(absent(value)),
            ("utc", Value::Bool(utc)) => options.utc(*utc),
            ("canonical_values", Value::Bool(canonical_values)) => options.canonical_values(*canonical_values),
            ("derived_schemas", Value::Bool(derived_schemas)) => options.derived_schemas(*derived_schemas),
            ("profile", value) => options.profile(profile(value)?),
            ("absent_overrides", Value::Object(overrides)) => {
                overrides.iter().fold(options, |options, (name, value)| options.absent_override(name, absent(value)))
            }
            (other, _) => return Err(format!("unknown option `{other}`")),
        };
    }
    Ok(options)
}

/// `"interop"`, or an object of switches.
fn profile(value: &Value) -> Result<Profile, String> {
    if value == "interop" {
        return Ok(Profile::interop());
    }
    let mut profile = Profile::default();
    for (name, on) in value.as_object().ok_or("unknown profile")? {
        if profile.set(name, on.as_bool().unwrap()).is_err() {
            return Err(format!("unknown switch `{name}`"));
        }
    }
    Ok(profile)
}
