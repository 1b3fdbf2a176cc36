//! A list request, mostly meaningful, and some resources: the query string and the search request mean the same, the request
//! stays the same when it is displayed and read again, and the answer has the resources that match, in order, and no secret.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_engine::ScimError;
use scim_engine::protocol::{ListQuery, QueryOptions};
use scim_engine_fuzz::chooser::Chooser;
use scim_engine_fuzz::values::SECRET;
use scim_engine_fuzz::{filters, resources, types};
use serde_json::{Value, json};

fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

fuzz_target!(|data: &[u8]| {
    let c = &mut Chooser::new(data);
    let kind = if c.one_in(8) { types::ANY.clone() } else { types::choose(c) };
    let known = if kind == *types::ANY { types::LOCKER.clone() } else { kind.clone() };
    let name = |c: &mut Chooser| {
        let (urn, attribute) = filters::attribute(c, &known);
        let path = filters::path(c, &known, urn, attribute);
        match attribute.sub_attributes.first() {
            Some(_) if c.one_in(2) => format!("{path}.{}", c.one_of(&attribute.sub_attributes).name),
            _ => path,
        }
    };
    let mut parameters: Vec<(&str, String)> = Vec::new();
    for parameter in ["filter", "sortBy", "sortOrder", "startIndex", "count", "attributes", "excludedAttributes"] {
        let value = match parameter {
            _ if !c.one_in(2) => continue,
            "filter" => filters::filter(c, &known),
            "sortBy" => name(c),
            "sortOrder" => (c.pick(&["ascending", "descending", "Descending", "up", ""])).to_owned(),
            "attributes" | "excludedAttributes" => (0..=c.below(4)).map(|_| name(c)).collect::<Vec<_>>().join(","),
            _ => (c.pick(&["1", "2", "0", "-1", "1000", "+3", "x", "99999999999999999999", " 2 "])).to_owned(),
        };
        parameters.push((parameter, value));
    }
    let options = QueryOptions::default();
    let text =
        parameters.iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect::<Vec<_>>().join("&");
    let parsed = ListQuery::parse_with(&text, &kind, &options);
    let mut body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"]});
    for (name, value) in &parameters {
        body[*name] = value.as_str().into();
    }
    let searched = ListQuery::from_body_with(&body, &kind, &options);
    let query = match (parsed, searched) {
        (Ok(query), Ok(searched)) => {
            assert_eq!(searched, query);
            query
        }
        (Err(error), Err(_)) => {
            let error = ScimError::from(error);
            assert!(error.status() == 400 && error.scim_type().is_some(), "{error}");
            return;
        }
        (parsed, searched) => panic!("{text}: {:?} and {:?}", parsed.err(), searched.err()),
    };
    assert_eq!(
        ListQuery::parse_with(query.to_string(), &kind, &options).expect("a query is read as it is shown"),
        query
    );

    let stored: Vec<Value> = (0..c.below(5))
        .map(|at| {
            let mut resource = resources::resource(c, &known);
            if c.one_in(6) {
                resources::rough(c, &known, &mut resource);
            }
            resource["id"] = at.to_string().into();
            resource
        })
        .collect();
    let Ok(answer) = query.answer(&stored) else { return };
    let body = answer.into_body();
    // Without a type, only a `password` is known to be secret.
    assert!(kind == *types::ANY || !body.to_string().contains(SECRET), "{text}: {body}");
    let is_found = |resource: &Value| query.filter().is_none_or(|filter| filter.matches(resource).expect("not deep"));
    let found: Vec<&Value> = stored.iter().filter(|resource| is_found(resource)).collect();
    assert_eq!(body["totalResults"], json!(found.len()), "{text}");
    let from = usize::try_from(query.start_index() - 1).unwrap_or(usize::MAX).min(found.len());
    let len = usize::try_from(query.count()).unwrap_or(usize::MAX).min(found.len() - from);
    let shown = body["Resources"].as_array().expect("a list");
    assert_eq!((shown.len(), &body["itemsPerPage"]), (len, &json!(len)), "{text}");
    let sorted = query.sort(found.iter().copied()).expect("not deep");
    for (resource, expected) in shown.iter().zip(&sorted[from..]) {
        // `id` is always returned.
        assert!(kind == *types::ANY || resource["id"] == expected["id"], "{text}: {body}");
        assert_eq!(query.projection().apply(expected), *resource);
        assert_eq!(query.projection().apply(resource), *resource, "{text}: a second projection");
    }
    if query.sort_by().is_none() {
        assert_eq!(sorted, found);
    }
});
