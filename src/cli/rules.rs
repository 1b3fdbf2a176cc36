//! Which rules of a profile a request breaks, all of them: for authors of clients, who want to know more than the first.

use serde_json::{Value, json};

use super::args::NamedProfile;
use super::failure::Failure;
use super::output::complain;
use crate::Profile;

/// A rule that a request breaks, and the refusal of a server that holds to it.
struct Broken {
    rule: &'static str,
    /// Whether every server of the profile must refuse the request, not only may.
    is_must: bool,
    refusal: Failure,
}

/// Tries a request against each rule of a profile by itself. `run` is what a server with these rules makes of the request; a
/// refusal that a server without any rule gives, too, is none of the profile's.
///
/// # Errors
/// A failure that names each rule that a server must hold to and the request breaks. What a server may refuse is a note.
pub(super) fn check<T: PartialEq, E: PartialEq>(
    named: NamedProfile,
    run: impl Fn(Profile) -> Result<T, E>,
    failure: impl Fn(E) -> Failure,
    json: bool,
) -> Result<(), Failure> {
    let must = Profile::from(named);
    let without = run(Profile::default());
    let mut broken = Vec::new();
    for rule in Profile::NAMES {
        let mut only = Profile::default();
        // Its own names are all known.
        let _ = only.set(rule, true);
        match (run(only), &without) {
            (Err(error), without) if without.as_ref().err() != Some(&error) => {
                broken.push(Broken { rule, is_must: must.get(rule) == Some(true), refusal: failure(error) });
            }
            (Ok(resource), Ok(without)) if resource != *without && !json => {
                complain("note", &format!("by the rule `{rule}` of the profile another resource comes out"));
            }
            _ => {}
        }
    }
    let (must, may): (Vec<Broken>, Vec<Broken>) = broken.into_iter().partition(|broken| broken.is_must);
    if !json {
        for Broken { rule, refusal, .. } in &may {
            complain(
                "note",
                &format!("a server of the profile may refuse it by the rule `{rule}`: {}", refusal.line()),
            );
        }
    }
    let Some(first) = must.first() else { return Ok(()) };
    let rules: Vec<String> =
        must.iter().map(|broken| format!("`{}`: {}", broken.rule, broken.refusal.line())).collect();
    let several = if rules.len() == 1 { "a rule" } else { "rules" };
    let text = format!(
        "the profile is broken: the request is against {several} that a server must hold to\n{}",
        rules.join("\n")
    );
    let all: Vec<Value> = must.iter().chain(&may).map(Broken::to_json).collect();
    Err(first.refusal.clone().told(text).with("rules", Some(Value::Array(all))))
}

impl Broken {
    fn to_json(&self) -> Value {
        let mut error = self.refusal.body().clone();
        if let Some(error) = error.as_object_mut() {
            error.remove("schemas");
            error.insert("rule".to_owned(), self.rule.into());
            error.insert("must".to_owned(), json!(self.is_must));
        }
        error
    }
}
