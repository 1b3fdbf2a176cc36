//! The cases of `tests/conformance/protocol/` except bulk: versions, `meta`, headers, discovery. The same data runs from Python.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use scim_engine::protocol::{
    Meta, MetaVersion, Preconditions, ServiceProviderConfig, check_discovery_query, media, version,
};
use scim_engine::schema::Registry;
use scim_engine::{ResourceType, ScimError};
use serde_json::{Value, json};

mod common;

use common::cases::{self, Case};

fn same(expected: &Value, found: &Value) -> Result<(), String> {
    if expected == found { Ok(()) } else { Err(format!("expected {expected}\n       found {found}")) }
}

fn text<'c>(case: &'c Case, name: &str) -> Option<&'c str> {
    case.get(name).map(|value| value.as_str().unwrap())
}

/// The status of an error, null where there is none. An error must have a body and must not be long.
fn status<T>(result: Result<T, ScimError>) -> Value {
    result.err().map_or(Value::Null, |error| {
        assert_eq!(error.to_body()["status"], error.status().to_string());
        assert!(!error.detail().is_empty() && error.detail().len() < 400);
        error.status().into()
    })
}

fn check_version(case: &Case) -> Result<(), String> {
    let kind = cases::resource_type(case);
    for doc in case["same"].as_array().unwrap() {
        same(&case["version"], &version(doc, &kind).into()).map_err(|message| format!("{doc}: {message}"))?;
    }
    for doc in case.get("differ").and_then(Value::as_array).into_iter().flatten() {
        if case["version"] == version(doc, &kind) {
            return Err(format!("{doc} has this version, too"));
        }
    }
    Ok(())
}

fn check_meta(case: &Case) -> Result<(), String> {
    let resource_type = match text(case, "type") {
        Some("User") => ResourceType::user(),
        Some("Group") => ResourceType::group(),
        other => panic!("unknown type {other:?}"),
    };
    let now = case["now"].as_i64().unwrap();
    let since = Duration::from_millis(now.unsigned_abs());
    let now: SystemTime = if now < 0 { UNIX_EPOCH - since } else { UNIX_EPOCH + since };
    let version = text(case, "version").map_or(MetaVersion::Computed, MetaVersion::from);
    let meta = Meta::new(text(case, "base").unwrap(), now).version(version);
    let mut doc = case["doc"].clone();
    if case["kind"] == "stamp" {
        meta.create(&mut doc, &resource_type, text(case, "id").unwrap());
    } else {
        let changed = case["changed"].as_bool().unwrap();
        // Without a version of the host, Python's `touch` keeps that of an unchanged resource. In Rust, the host chooses this.
        let is_kept = !case.contains_key("version") && !changed && doc.pointer("/meta/version").is_some();
        let meta = if is_kept { meta.version(MetaVersion::Stored) } else { meta };
        meta.update(&mut doc, &resource_type, changed);
    }
    same(&case["expect"], &doc)
}

fn check_precondition(case: &Case) -> Result<(), String> {
    let asked = Preconditions::new(text(case, "if_match"), text(case, "if_none_match"));
    let asked = match (asked, case.get("status")) {
        (asked, Some(expected)) => return same(expected, &status(asked)),
        (asked, None) => asked.map_err(|error| error.to_string())?,
    };
    for check in case["checks"].as_array().unwrap() {
        let version = check["version"].as_str();
        let expected = if check["write"] == true { Value::Null } else { 412.into() };
        same(&expected, &status(asked.check(version))).map_err(|message| format!("{version:?}: {message}"))?;
        if let Some(version) = version {
            same(&check["not_modified"], &asked.is_not_modified(version).into())
                .map_err(|message| format!("{version:?} for GET: {message}"))?;
        }
    }
    Ok(())
}

fn check_media_type(case: &Case) -> Result<(), String> {
    let (accept, content_type) = (text(case, "accept"), text(case, "content_type"));
    let chosen = match text(case, "default") {
        None => media::negotiate(accept, content_type),
        Some(media::JSON) => media::negotiate_with(accept, content_type, media::JSON),
        Some(other) => panic!("unknown default {other:?}"),
    };
    same(&case["expect"], &chosen.into())
}

fn registry(case: &Case) -> Registry {
    let device;
    let given = match &case["registry"] {
        Value::String(name) if name == "default" => return Registry::default(),
        Value::String(name) if name == "device" => {
            device = cases::read(&cases::folder().join("schemas/device.json"));
            &device
        }
        given => given,
    };
    Registry::from_discovery(&given["schemas"], &given["resource_types"]).unwrap()
}

fn config(given: &Value) -> ServiceProviderConfig {
    let mut config = ServiceProviderConfig::default();
    for (name, value) in given.as_object().unwrap() {
        let flag = || value.as_bool().unwrap();
        match name.as_str() {
            "patch" => config.patch = flag(),
            "bulk" => config.bulk = serde_json::from_value(value.clone()).unwrap(),
            "filter_max" => config.filter_max_results = value.as_u64().unwrap(),
            "change_password" => config.change_password = flag(),
            "sort" => config.sort = flag(),
            "etag" => config.etag = flag(),
            "pagination" => config.pagination = serde_json::from_value(value.clone()).unwrap(),
            "authentication_schemes" => config.authentication_schemes = serde_json::from_value(value.clone()).unwrap(),
            "interop_profile_conformant" => config.interop_profile_conformant = value.as_bool(),
            "documentation_uri" => config.documentation_uri = value.as_str().map(str::to_owned),
            other => panic!("unknown option {other:?}"),
        }
    }
    config
}

fn check_discovery(case: &Case) -> Result<(), String> {
    let (registry, base) = (registry(case), text(case, "base").unwrap());
    let path: Vec<&str> = text(case, "get").unwrap().trim_start_matches('/').splitn(2, '/').collect();
    let answer = match path[..] {
        ["ServiceProviderConfig"] => Ok(config(&case["config"]).answer(base)),
        ["ResourceTypes"] => Ok(registry.resource_types_response(base)),
        ["ResourceTypes", name] => registry.resource_type_response(name, base),
        ["Schemas"] => Ok(registry.schemas_response(base)),
        ["Schemas", urn] => registry.schema_response(urn, base),
        _ => panic!("unknown path {path:?}"),
    };
    if let Some(expected) = case.get("status") {
        return same(expected, &status(answer));
    }
    let answer = answer.map_err(|error| error.to_string())?;
    if let Some(ids) = case.get("ids") {
        let found: Value = answer["Resources"].as_array().unwrap().iter().map(|found| found["id"].clone()).collect();
        same(&json!(ids.as_array().unwrap().len()), &answer["totalResults"])?;
        return same(ids, &found);
    }
    if let Some(path) = text(case, "attribute") {
        return attribute_says(&answer, path, &case["expect"]);
    }
    same(&case["expect"], &answer)
}

/// Compares an attribute of a schema: `expected` has some of its members, with null for absent ones.
fn attribute_says(schema: &Value, path: &str, expected: &Value) -> Result<(), String> {
    let mut found = schema;
    for (depth, name) in path.split('.').enumerate() {
        let attributes = &found[if depth == 0 { "attributes" } else { "subAttributes" }];
        let named = attributes.as_array().into_iter().flatten().find(|attribute| attribute["name"] == name);
        found = named.ok_or_else(|| format!("no attribute `{path}`"))?;
    }
    for (name, value) in expected.as_object().unwrap() {
        same(value, &found[name]).map_err(|message| format!("`{name}`: {message}"))?;
    }
    Ok(())
}

/// How a kind of case is run.
type Run = fn(&Case) -> Result<(), String>;

fn check(case: &Case) -> Result<(), String> {
    let (members, check): (&[&str], Run) = match text(case, "kind").unwrap() {
        "version" => (&["type", "same", "version", "differ"], check_version),
        "stamp" => (&["type", "doc", "base", "now", "id", "version", "expect"], check_meta),
        "touch" => (&["type", "doc", "base", "now", "changed", "version", "expect"], check_meta),
        "precondition" => (&["if_match", "if_none_match", "status", "checks"], check_precondition),
        "media_type" => (&["accept", "content_type", "default", "expect"], check_media_type),
        "content_type" => (&["content_type", "status"], |case| {
            same(&case["status"], &status(media::check_content_type(text(case, "content_type"))))
        }),
        "discovery_query" => (&["query", "status"], |case| {
            same(&case["status"], &status(check_discovery_query(text(case, "query").unwrap())))
        }),
        "discovery" => {
            (&["registry", "base", "get", "config", "ids", "status", "attribute", "expect"], check_discovery)
        }
        other => return Err(format!("unknown kind `{other}`")),
    };
    let is_known = |key: &&String| ["name", "rows", "kind"].contains(&key.as_str()) || members.contains(&key.as_str());
    match case.keys().find(|key| !is_known(key)) {
        Some(unknown) => Err(format!("unknown member `{unknown}`")),
        None => check(case),
    }
}

fn run(cases: &[Case]) {
    let mut names = BTreeSet::new();
    let mut failures = Vec::new();
    for case in cases {
        let name = case["name"].as_str().unwrap();
        // A header may be said in two kinds of case.
        assert!(names.insert((name, case["kind"].as_str())), "{name:?} stands twice");
        if let Err(message) = check(case) {
            failures.push(format!("- {name} ({})\n    {message}", case["kind"]));
        }
    }
    assert!(failures.is_empty(), "{} of {} failed\n{}", failures.len(), cases.len(), failures.join("\n"));
}

macro_rules! files {
    ($($name:ident)*) => {
        mod protocol {
            $(#[test]
            fn $name() {
                let cases = super::cases::load(concat!("protocol/", stringify!($name)));
                assert!(!cases.is_empty());
                super::run(&cases);
            })*
        }

        #[test]
        fn every_file_is_run() {
            let mut found = cases::files();
            found.retain(|file| file.starts_with("protocol/") && file != "protocol/bulk");
            assert_eq!(found, [$(concat!("protocol/", stringify!($name))),*]);
        }
    };
}

files! { discovery headers meta secrets version }

#[test]
fn meaning() {
    run(&cases::meaning(&[
        "version",
        "stamp",
        "touch",
        "precondition",
        "media_type",
        "content_type",
        "discovery_query",
        "discovery",
    ]));
}

#[test]
fn a_wrong_case_fails() {
    for case in [
        json!({"kind": "other"}),
        json!({"kind": "version", "same": [{"a": 1}], "version": "W/\"0\""}),
        json!({"kind": "version", "same": [], "version": version(&json!({}), &ResourceType::any()), "differ": [{}]}),
        json!({"kind": "media_type", "expect": media::JSON}),
        json!({"kind": "content_type", "content_type": "text/xml", "status": null}),
        json!({"kind": "content_type", "status": null, "wrong": 1}),
        json!({"kind": "precondition", "if_match": "*", "checks": [{"version": null, "write": true}]}),
        json!({"kind": "precondition", "if_match": "*", "status": 400}),
        json!({"kind": "discovery", "registry": "default", "base": "", "get": "/Schemas", "ids": []}),
    ] {
        assert!(check(case.as_object().unwrap()).is_err(), "{case}");
    }
}
