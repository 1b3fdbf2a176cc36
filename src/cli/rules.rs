//! Reports all the rules of a profile that a request breaks, in every operation. The report is for authors of clients, who
//! need more than the first error.

use serde_json::{Value, json};

use super::args::NamedProfile;
use super::failure::Failure;
use super::output::complain;
use crate::coerce::{Outcome, Repair};
use crate::options::{Options, UnknownMembers, UnknownPaths};
use crate::patch::{Patch, PatchError};
use crate::profile::Profile;
use crate::schema::ResourceType;

/// The result of a request, or of one operation.
#[derive(PartialEq)]
struct Done {
    resource: Value,
    outcome: Outcome,
}

/// The obligation that a rule puts on servers or clients.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Weight {
    /// Every server must refuse the request.
    Must,
    /// A server may refuse the request.
    May,
    /// A client must not send the request.
    Client,
    /// The request succeeds with and without the rule, but the resulting resources differ.
    Differs,
}

struct Remark {
    rule: &'static str,
    weight: Weight,
    failure: Failure,
}

/// The rules that a request breaks.
pub(super) struct Rules {
    profile: Profile,
    options: Options,
    remarks: Vec<Remark>,
    /// The errors that the request has even without a profile.
    wrong: Vec<Failure>,
}

impl Rules {
    /// The rules of a profile. `options` are the options of the command; their profile is ignored.
    pub(super) fn new(named: NamedProfile, options: &Options) -> Self {
        // Everything that a rule checks is off here: unknown names are ignored, so that only the rule `unknown_refused`
        // refuses them, and neither a profile nor `canonical_values` holds. `part` then tries each rule by itself.
        let options = options.clone().unknown(UnknownMembers::Ignore).unknown_paths(UnknownPaths::Ignore);
        let options = options.profile(Profile::default()).canonical_values(false);
        Self { profile: Profile::from(named), options, remarks: Vec::new(), wrong: Vec::new() }
    }

    /// Tries the body of a POST or, with the stored resource, of a PUT.
    pub(super) fn of_resource(&mut self, resource_type: &ResourceType, body: &Value, stored: Option<&Value>) {
        if stored.is_some() {
            let failure = Failure::plain("resources are changed by PATCH, not by PUT");
            self.remarks.push(Remark { rule: "patch_not_put", weight: Weight::Client, failure });
        }
        self.part(None, |options| {
            let written = match stored {
                None => resource_type.create_with(body, options),
                Some(stored) => resource_type.replace_with(stored, body, options),
            };
            let written = written.map_err(Failure::resource)?;
            Ok(Done { resource: written.resource, outcome: written.outcome })
        });
    }

    /// Tries the operations of a PATCH one at a time, each on the result of the operations before it. An operation that is
    /// refused without any profile is skipped, so that it does not hide errors of the others.
    pub(super) fn of_patch(&mut self, resource_type: &ResourceType, request: &Value, stored: &Value) {
        let run = |request: &Value, stored: &Value, options: &Options| {
            let mut resource = stored.clone();
            let patch = Patch::parse_with(request, options)?;
            let outcome = patch.apply(&mut resource, resource_type)?;
            Ok(Done { resource, outcome })
        };
        self.part(None, |options| run(request, stored, options).map_err(Failure::patch));
        if self.remarks.is_empty() && self.wrong.is_empty() {
            return;
        }
        (self.remarks, self.wrong) = (Vec::new(), Vec::new());
        let mut resource = stored.clone();
        for (index, single) in operations(request).into_iter().enumerate() {
            let told = |error: PatchError| Failure::patch(error.moved(index));
            if let Some(done) = self.part(Some(index), |options| run(&single, &resource, options).map_err(told)) {
                resource = done;
            }
        }
    }

    /// Runs a request once for each rule, with this rule alone, and notes the rules that change the result. Returns the
    /// resource that results without any rule; none if the request fails without any rule.
    fn part(&mut self, operation: Option<usize>, run: impl Fn(&Options) -> Result<Done, Failure>) -> Option<Value> {
        let without = run(&self.options);
        let is_new = |failure: &Failure| without.as_ref().err() != Some(failure);
        for rule in Profile::NAMES {
            let mut only = Profile::default();
            // `set` cannot fail, because the names are those of `Profile`.
            let _ = only.set(rule, true);
            let weight = if self.profile.get(rule) == Some(true) { Weight::Must } else { Weight::May };
            match (run(&self.options.clone().profile(only)), &without) {
                (Err(failure), without) if is_new(&failure) => {
                    let others = without.as_ref().ok().filter(|_| *rule == "unknown_refused").map(unknown);
                    let failure = failure.and_at(others.unwrap_or_default());
                    self.remarks.push(Remark { rule, weight, failure });
                }
                (Ok(done), Ok(without)) if done.resource != without.resource => {
                    let place = operation.map_or_else(String::new, |index| format!("operation {index}: "));
                    let failure = Failure::plain(format!("{place}{}", differences(&done, without)));
                    let failure = failure.with("operation", operation);
                    self.remarks.push(Remark { rule, weight: Weight::Differs, failure });
                }
                _ => {}
            }
        }
        if let Err(failure) = run(&self.options.clone().canonical_values(true))
            && is_new(&failure)
        {
            self.remarks.push(Remark { rule: "canonical_values", weight: Weight::Client, failure });
        }
        match without {
            Ok(done) => Some(done.resource),
            Err(failure) => {
                self.wrong.push(failure);
                None
            }
        }
    }

    /// Prints the remarks that do not lead to a refusal, and returns all of them.
    ///
    /// # Errors
    /// A failure that names each broken rule that a server must enforce, and the errors that do not depend on a profile.
    pub(super) fn verdict(self, json: bool) -> Result<Vec<Value>, Failure> {
        let all: Vec<Value> = self.remarks.iter().map(Remark::to_json).collect();
        let (must, notes): (Vec<_>, Vec<_>) =
            self.remarks.into_iter().partition(|remark| remark.weight == Weight::Must);
        if !json {
            for remark in &notes {
                complain("note", &remark.note());
            }
        }
        let Some(first) = must.first() else { return Ok(all) };
        let rules = must.iter().map(|remark| format!("`{}`: {}", remark.rule, remark.failure.line()));
        let wrong = self.wrong.iter().map(|failure| format!("without any profile: {}", failure.line()));
        let lines: Vec<_> = rules.chain(wrong).collect();
        let several = if must.len() == 1 { "a rule" } else { "rules" };
        let text = format!(
            "the profile is broken: the request is against {several} that a server must hold to\n{}",
            lines.join("\n")
        );
        let wrong: Vec<Value> = self.wrong.iter().map(|failure| bare(failure.body())).collect();
        let failure = first.failure.clone().told(text).with("rules", Some(Value::Array(all)));
        Err(failure.with("wrong", (!wrong.is_empty()).then_some(Value::Array(wrong))))
    }
}

impl Remark {
    fn note(&self) -> String {
        let (rule, line) = (self.rule, self.failure.line());
        match self.weight {
            Weight::Must => format!("`{rule}`: {line}"),
            Weight::May => format!("a server of the profile may refuse it by the rule `{rule}`: {line}"),
            Weight::Client => format!("a client of the profile does not send it, by the rule `{rule}`: {line}"),
            Weight::Differs => {
                format!("by the rule `{rule}` of the profile another resource comes out: {}", self.failure.detail())
            }
        }
    }

    fn to_json(&self) -> Value {
        let mut error = bare(self.failure.body());
        if let Some(error) = error.as_object_mut() {
            if self.weight == Weight::Differs {
                error.remove("status");
            }
            error.insert("rule".to_owned(), self.rule.into());
            error.insert("must".to_owned(), json!(self.weight == Weight::Must));
        }
        error
    }
}

fn bare(body: &Value) -> Value {
    let mut body = body.clone();
    if let Some(body) = body.as_object_mut() {
        body.remove("schemas");
    }
    body
}

/// One request for each operation, or the request itself if it has no list of operations.
fn operations(request: &Value) -> Vec<Value> {
    let found = request.as_object().and_then(|members| {
        members.iter().find(|(name, value)| name.eq_ignore_ascii_case("Operations") && value.is_array())
    });
    let Some((name, Value::Array(operations))) = found.filter(|(_, operations)| **operations != json!([])) else {
        return vec![request.clone()];
    };
    let with = |operation: &Value| {
        let members = request.as_object().into_iter().flatten();
        let rest = members.filter(|(other, _)| *other != name).map(|(name, value)| (name.clone(), value.clone()));
        Value::Object(rest.chain([(name.clone(), json!([operation]))]).collect())
    };
    operations.iter().map(with).collect()
}

/// The paths of the members that were dropped because no schema knows them.
fn unknown(done: &Done) -> Vec<String> {
    let dropped = done.outcome.repairs.iter().filter(|repair| repair.kind() == Repair::UNKNOWN_MEMBER);
    dropped.map(|repair| repair.path().to_owned()).collect()
}

/// The paths at which the changes of two results differ.
fn differences(with: &Done, without: &Done) -> String {
    let mut paths: Vec<_> = with
        .outcome
        .changes
        .iter()
        .filter(|change| !without.outcome.changes.contains(change))
        .chain(without.outcome.changes.iter().filter(|change| !with.outcome.changes.contains(change)))
        .map(|change| format!("`{}`", change.path))
        .collect();
    paths.dedup();
    paths.join(", ")
}
