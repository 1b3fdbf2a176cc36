//! A PATCH of a resource, mostly meaningful, under the options of a host: it has one result for every representation, or is
//! refused and leaves every byte unchanged; the outcome says all that happened; no answer depends on a secret; one request of
//! many operations is many requests of one.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_engine::{Patch, ResourceType};
use scim_engine_fuzz::check::{check_secrets, one_result};
use scim_engine_fuzz::chooser::Chooser;
use scim_engine_fuzz::values::{is_nothing, unordered};
use scim_engine_fuzz::{requests, resources, types};
use serde_json::{Map, Value, json};

/// The members and elements that are something, at any level.
fn assigned(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.iter().filter(|(_, value)| !is_nothing(value));
            members.map(|(name, value)| (name.clone(), assigned(value))).collect::<Map<_, _>>().into()
        }
        Value::Array(elements) => elements.iter().filter(|element| !is_nothing(element)).map(assigned).collect(),
        other => other.clone(),
    }
}

/// The resource without the URNs of extensions of which it has nothing.
fn without_names(mut resource: Value, kind: &ResourceType) -> Value {
    let is_there = |urn: &Value| {
        let extension = urn.as_str().and_then(|urn| kind.extension(urn));
        extension.is_none_or(|extension| resource.get(&extension.id).is_some())
    };
    let kept = match resource.get("schemas") {
        Some(Value::Array(urns)) => urns.iter().filter(|urn| is_there(urn)).cloned().collect::<Value>(),
        _ => return resource,
    };
    resource["schemas"] = kept;
    resource
}

fuzz_target!(|data: &[u8]| {
    let c = &mut Chooser::new(data);
    let kind = types::choose(c);
    let options = requests::options(c);
    let body = requests::request(c, &kind);
    let mut stored = resources::resource(c, &kind);
    let is_rough = c.one_in(3);
    if is_rough {
        resources::rough(c, &kind, &mut stored);
    }
    let parsed = Patch::parse_with(&body, &options);
    let read = Patch::from_slice_with(body.to_string().as_bytes(), &options);
    let patch = match (parsed, read) {
        (Ok(patch), Ok(read)) => {
            assert_eq!(read, patch);
            patch
        }
        (Err(error), Err(other)) => {
            assert_eq!(error.to_string(), other.to_string());
            let _ = error.render();
            return;
        }
        (parsed, read) => panic!("as a value {:?}, as a text {:?}", parsed.err(), read.err()),
    };
    // These laws take turns: each of them applies the request several times.
    let turn = c.below(3);
    if turn == 1 {
        check_secrets(&patch, &stored, &kind);
    }
    let Ok((together, _)) = one_result(&patch, &stored, &kind, c.seed()) else { return };
    // What is stored as nothing may be removed or stay (it is unassigned), and then a later operation finds it or does not.
    // What is stored loosely (one value for a list) stays so if the request changes nothing in the end.
    let is_plain = !is_rough && unordered(&assigned(&stored)) == unordered(&stored);
    let Some(operations) = body["Operations"].as_array().filter(|all| turn == 2 && all.len() > 1 && is_plain) else {
        return;
    };
    let mut one_by_one = stored.clone();
    for operation in operations {
        let one = json!({"schemas": [Patch::SCHEMA], "Operations": [operation]});
        let patch = Patch::parse_with(&one, &options).expect("each operation is one of the request");
        match patch.apply(&mut one_by_one, &kind) {
            Ok(_) => {}
            // Required attributes must be assigned in the end.
            Err(error) if error.to_string().contains("required") => return,
            Err(error) => panic!("alone: {error}: {operation}"),
        }
    }
    // An attribute or element that is stored as nothing may be removed or stay: it is unassigned. So may the URN of an
    // extension of which nothing is assigned: what one request adds and removes again leaves `schemas` as it was (P15).
    let [together, one_by_one] =
        [together, one_by_one].map(|result| unordered(&without_names(assigned(&result), &kind)));
    assert_eq!(together, one_by_one, "together, and one by one");
});
