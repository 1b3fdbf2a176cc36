use serde_json::json;

use crate::runner::{scim, scim_in};

#[test]
fn create_reports_repairs() {
    scim(&["check", "new.json"]).gives(
        0,
        "\
! `shoeSize`: is not defined by any schema and was dropped (unknown_member)
! `id`: is set by the provider; what the client sent was dropped (read_only)
! `active`: a string was read as a boolean (boolean_strings)
! `emails`: one value was given where a list is due (single_for_list)
accepted as User, 2 repaired, 2 dropped
",
        "",
    );
    let clean = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"bo"}"#;
    scim_in(&["check", "-"], clean).gives(0, "accepted as User\n", "");
    scim_in(&["check", "-t", "User", "-"], r#"{"userName":"bo"}"#).gives(
        0,
        "! `schemas`: `urn:ietf:params:scim:schemas:core:2.0:User` was added (missing_schemas)\naccepted as User, 1 repaired\n",
        "",
    );
    let outcome = scim(&["check", "--json", "new.json"]).json();
    assert_eq!(outcome["resource"]["emails"], json!([{"value": "bo@tours.example", "type": "work"}]));
    assert_eq!(outcome["repairs"].as_array().unwrap().len(), 4);
}

#[test]
fn refused_resources() {
    scim(&["check", "--strict", "new.json"]).gives(
        1,
        "",
        "error: the resource is refused: invalidValue\n`active`: expected `true` or `false`, found a string\n",
    );
    let run = scim(&["check", "--unknown", "reject", "new.json"]);
    assert!(run.code == 1 && run.err.contains("`shoeSize`"), "{}", run.err);
    let run = scim(&["check", "--json", "--strict", "new.json"]);
    assert_eq!(
        (run.code, &run.error()["scimType"], &run.error()["path"]),
        (1, &json!("invalidValue"), &json!("active"))
    );
    let no_name = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"]}"#;
    let run = scim_in(&["check", "-"], no_name);
    assert!(run.code == 1 && run.err.contains("`userName`"), "{}", run.err);
}

#[test]
fn options_of_the_host_for_values() {
    let badge = r#"{"schemas":["urn:example:Badge"],"issued":"2026-10-20T09:00:00+02:00"}"#;
    let own = ["--schemas", "schemas.json", "--resource-types", "resource_types.json", "--json", "-"];
    for (option, issued) in [(None, "2026-10-20T09:00:00+02:00"), (Some("--utc"), "2026-10-20T07:00:00Z")] {
        let arguments: Vec<&str> = ["check"].into_iter().chain(option).chain(own).collect();
        let run = scim_in(&arguments, badge);
        assert_eq!((run.code, &run.json()["resource"]["issued"]), (0, &json!(issued)), "{}", run.err);
    }
    let office = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"bo",
        "emails":[{"value":"bo@tours.example","type":"office"}]}"#;
    let run = scim_in(&["check", "--canonical-values", "-"], office);
    assert!(run.code == 1 && run.err.contains("`emails.type`"), "{}", run.err);
    let run = scim_in(&["check", "--profile", "interop", "new.json"], "");
    assert!(run.code == 1 && run.err.contains("invalidSyntax"), "{}", run.err);
    // Rules for clients alone are notes.
    let run = scim_in(&["check", "--profile", "interop", "--replace", "user.json", "-"], office);
    let notes =
        ["by the rule `patch_not_put`: resources are changed", "by the rule `canonical_values`: invalidValue: `emails"];
    assert!(run.code == 0 && notes.iter().all(|note| run.err.contains(note)), "{}", run.err);
    let run = scim_in(&["check", "--json", "--profile", "interop", "--replace", "user.json", "-"], office);
    assert_eq!(run.json()["rules"].as_array().unwrap().len(), 2);
}

#[test]
fn control_characters_are_not_printed() {
    let body =
        "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"userName\":\"a\",\"\\u001b[2J\\u202e\":1}";
    for arguments in [&["check", "-"][..], &["check", "--unknown", "reject", "-"]] {
        let run = scim_in(arguments, body);
        let shown = format!("{}{}", run.out, run.err);
        assert!(shown.contains("\u{fffd}[2J\u{fffd}") && !shown.contains('\u{1b}'), "{shown}");
    }
}

#[test]
fn replace_reports_changes() {
    let title =
        "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"userName\":\"ada\",\"title\":\"Pilot\"}";
    scim_in(&["check", "--replace", "user.json", "-"], title).gives(
        0,
        "\
- title: \"Guide\"
+ title: \"Pilot\"
- active: true
- emails: {\"value\":\"ada@home.example\",\"type\":\"home\"}
- emails: {\"value\":\"ada@tours.example\",\"type\":\"work\"}
accepted as User
",
        "",
    );
    scim_in(&["check", "--replace", "user.json", "--absent", "keep", "-"], title).gives(
        0,
        "- title: \"Guide\"\n+ title: \"Pilot\"\naccepted as User\n",
        "",
    );
    let same = scim_in(&["check", "--replace", "user.json", "--absent", "keep", "-"], title.replace("Pilot", "Guide"));
    same.gives(0, "accepted as User, nothing changed\n", "");
}

#[test]
fn input_that_cannot_be_checked() {
    scim_in(&["check", "-"], "{\"a\": 1,\n  \"a\": 2}").gives(
        2,
        "",
        "error: <stdin>:2:5: invalid JSON: the name `a` is given twice\n",
    );
    scim_in(&["check", "-"], "").gives(2, "", "error: <stdin>:1:1: invalid JSON: there is nothing in it\n");
    let run = scim_in(&["check", "-"], r#"{"userName":"bo"}"#);
    run.gives(
        2,
        "",
        "error: <stdin>: no resource type is named in `schemas` or `meta`: give one with `--type`: `User`, `Group`\n",
    );
    let deep = format!("{}1{}", "{\"a\":".repeat(5000), "}".repeat(5000));
    scim_in(&["check", "-", "-t", "user"], deep).gives(
        2,
        "",
        "error: <stdin>:1:636: nested too deep: at most 127 levels are read\n",
    );
    let run = scim_in(&["check", "-", "-t", "user"], b"\xff\xfe{\0}\0");
    run.gives(2, "", "error: <stdin>:1:1: invalid JSON: this is UTF-16, not UTF-8 text\n");
}
