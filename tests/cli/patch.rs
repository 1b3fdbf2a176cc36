use serde_json::json;

use crate::runner::{fixtures, folder, scim, scim_in};

const PATCHED: &str = "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"id\":\"u1\",\"userName\":\"ada\",\
\"active\":false,\"height\":1.70,\"emails\":[{\"value\":\"ada@home.example\",\"type\":\"home\"},\
{\"value\":\"ada@pilots.example\",\"type\":\"work\"}],\"nickName\":\"A\"}\n";
const REPAIRED: &str = "repaired: `active`: a string was read as a boolean (boolean_strings)\n";

#[test]
fn the_result_is_printed() {
    scim(&["patch", "patch.json", "user.json"]).gives(0, PATCHED, REPAIRED);
    scim(&["patch", "--compact", "patch.json", "user.json"]).gives(0, PATCHED, REPAIRED);
    let patch = std::fs::read(fixtures().join("patch.json")).unwrap();
    scim_in(&["patch", "-", "user.json"], patch).gives(0, PATCHED, REPAIRED);
    let user = std::fs::read(fixtures().join("user.json")).unwrap();
    scim_in(&["patch", "patch.json", "-"], user).gives(0, PATCHED, REPAIRED);
    let run = scim(&["patch", "--pretty", "patch.json", "user.json"]);
    assert!(run.out.starts_with("{\n  \"schemas\": [\n    \"urn:ietf"), "{}", run.out);
    assert!(run.out.contains("\n  \"height\": 1.70,\n"), "{}", run.out);
}

#[test]
fn a_diff() {
    let diff = "\
- active: true
+ active: false
- emails: {\"value\":\"ada@tours.example\",\"type\":\"work\"}
+ emails: {\"value\":\"ada@pilots.example\",\"type\":\"work\"}
- title: \"Guide\"
+ nickName: \"A\"
! `active`: a string was read as a boolean (boolean_strings)
";
    scim(&["patch", "--diff", "patch.json", "user.json"]).gives(0, diff, "");
    let run = scim(&["patch", "-d", "--color", "always", "patch.json", "user.json"]);
    let colored: Vec<_> = run.out.lines().map(|line| line.split_once('m').unwrap().0).collect();
    let (red, green, yellow) = ("\u{1b}[31", "\u{1b}[32", "\u{1b}[33");
    assert_eq!(colored, [red, green, red, green, red, green, yellow]);
    let plain: String = ["\u{1b}[0m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[33m"]
        .iter()
        .fold(run.out.clone(), |text, code| text.replace(code, ""));
    assert_eq!(plain, diff);
    let run = scim(&["patch", "-d", "--color", "never", "patch.json", "user.json"]);
    run.gives(0, diff, "");
}

#[test]
fn for_machines() {
    let run = scim(&["patch", "--json", "patch.json", "user.json"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let outcome = run.json();
    assert_eq!(outcome["resource"], serde_json::from_str::<serde_json::Value>(PATCHED).unwrap());
    assert_eq!(outcome["changed"], true);
    assert_eq!(outcome["changes"][0], json!({"path": "active", "replaced": [{"old": true, "new": false}]}));
    assert_eq!(outcome["repairs"][0]["kind"], "boolean_strings");

    let run = scim(&["patch", "--json", "--strict", "patch.json", "user.json"]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    let body = run.error();
    assert_eq!(
        (&body["scimType"], &body["operation"], &body["path"]),
        (&json!("invalidValue"), &json!(0), &json!("active"))
    );

    let request = request(r#"{"op": "remove", "path": "emails[type eq work]"}"#);
    let body = scim_in(&["patch", "--json", "-", "user.json"], request).error();
    assert_eq!((&body["scimType"], &body["operation"]), (&json!("invalidFilter"), &json!(0)));
    assert_eq!(body["span"], json!({"start": 15, "end": 19}));
}

fn request(operations: &str) -> String {
    format!(r#"{{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [{operations}]}}"#)
}

#[test]
fn refused() {
    let run = scim(&["patch", "--strict", "patch.json", "user.json"]);
    let error = "error: the patch is refused: invalidValue\noperation 0: `active`: expected `true` or `false`, found a string\n";
    run.gives(2, "", error);
    let bad_path =
        request(r#"{"op": "add", "path": "title", "value": "x"}, {"op": "remove", "path": "emails[type eq work]"}"#);
    scim_in(&["patch", "-", "user.json"], bad_path).gives(
        2,
        "",
        "\
error: the patch is refused: invalidFilter
operation 1:
emails[type eq work]
               ^^^^ expected a JSON value: a quoted string, a number, `true`, `false` or `null`
help: strings stand in double quotes: \"work\"
",
    );
    let run = scim_in(
        &["patch", "-", "user.json"],
        request(r#"{"op": "replace", "path": "emails[type eq \"other\"].value", "value": "x"}"#),
    );
    assert!(
        run.code == 2 && run.err.starts_with("error: the patch is refused: noTarget\noperation 0: "),
        "{}",
        run.err
    );
    scim_in(&["patch", "-", "user.json"], "{\"Operations\": 1,\n\"Operations\": 2}").gives(
        2,
        "",
        "error: <stdin>:2:12: invalid JSON: the name `Operations` is given twice\n",
    );
    let run = scim_in(&["patch", "patch.json", "-"], r#"{"userName": "ada"}"#);
    run.gives(
        2,
        "",
        "error: <stdin>: no resource type is named in `schemas` or `meta`: give one with `--type`: `User`, `Group`\n",
    );
    scim_in(&["patch", "patch.json", "-", "-t", "user"], r#"{"userName": "ada", "emails": [{"type": "work"}]}"#)
        .gives(0, "{\"userName\":\"ada\",\"emails\":[{\"type\":\"work\",\"value\":\"ada@pilots.example\"}],\"active\":false,\"nickName\":\"A\"}\n", REPAIRED);
    let run = scim(&["patch", "patch.json", "user.json", "-t", "any"]);
    run.gives(2, "", "error: `any` is for filters: name a resource type with `--type`\n");
    scim(&["patch", "-", "-"]).gives(2, "", "error: only one of PATCH and RESOURCE can be `-`\n");
    let run = scim(&["patch", "patch.json", "missing.json"]);
    assert!(run.code == 2 && run.err.starts_with("error: missing.json: cannot be read: "), "{}", run.err);
}

#[test]
fn unknown_members() {
    let request = request(r#"{"op": "add", "value": {"shoeSize": 43}}"#);
    let run = scim_in(&["patch", "-d", "-", "user.json"], &request);
    run.gives(
        0,
        "! `shoeSize`: is not defined by any schema and was dropped (unknown_member)\n",
        "note: nothing changed\n",
    );
    scim_in(&["patch", "-d", "--unknown", "keep", "-", "user.json"], &request).gives(0, "+ shoeSize: 43\n", "");
    assert_eq!(scim_in(&["patch", "-d", "--unknown", "reject", "-", "user.json"], &request).code, 2);
}

#[test]
fn options_of_the_host_for_values() {
    let office = request(r#"{"op": "replace", "path": "emails[type eq \"home\"].type", "value": "office"}"#);
    assert_eq!(scim_in(&["patch", "-", "user.json"], &office).code, 0);
    let run = scim_in(&["patch", "--canonical-values", "-", "user.json"], &office);
    assert!(run.code == 2 && run.err.contains("`work`"), "{}", run.err);
    let pathless = request(r#"{"op": "replace", "value": {"title": "Pilot"}}"#);
    let run = scim_in(&["patch", "--profile", "interop", "-", "user.json"], &pathless);
    assert!(run.code == 2 && run.err.contains("`path`"), "{}", run.err);
}

/// An author of a client wants to know all that is wrong.
#[test]
fn every_rule_of_a_profile_that_is_broken() {
    let body = request(
        r#"{"op": "replace", "value": {"title": "Pilot"}}, {"op": "add", "path": "shoeSize", "value": 43},
        {"op": "replace", "path": "emails[type ne \"home\"].value", "value": "a@tours.example"}"#,
    );
    let run = scim_in(&["patch", "--profile", "interop", "-", "user.json"], &body);
    assert_eq!(run.code, 2);
    for words in [
        "note: a server of the profile may refuse it by the rule `only_eq_and`: invalidSyntax: ",
        "error: the profile is broken: the request is against rules that a server must hold to\n",
        "`path_required`: invalidSyntax: operation 0: ",
        "`unknown_refused`: invalidSyntax: operation 1: `shoeSize`",
    ] {
        assert!(run.err.contains(words), "{}", run.err);
    }
    let run = scim_in(&["patch", "--json", "--profile", "interop", "-", "user.json"], &body);
    let error: serde_json::Value = serde_json::from_str(&run.err).unwrap();
    let rules = error["rules"].as_array().unwrap().iter();
    let rules: Vec<_> = rules.map(|rule| (rule["rule"].as_str().unwrap(), rule["must"].as_bool().unwrap())).collect();
    assert_eq!(rules, [("path_required", true), ("unknown_refused", true), ("only_eq_and", false)]);
    // Values with another meaning under the profile are reported; errors without any profile are not rules of it.
    let name = request(r#"{"op": "replace", "path": "name", "value": {"givenName": "Augusta"}}"#);
    let file = folder("rules").join("named.json");
    let named = r#"{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada",
        "name": {"givenName": "Ada", "familyName": "King"}}"#;
    std::fs::write(&file, named).unwrap();
    let run = scim_in(&["patch", "--profile", "interop", "-", file.to_str().unwrap()], &name);
    let told = "`whole_replaced` of the profile another resource comes out: operation 0: `name.familyName`";
    assert!(run.code == 0 && run.err.contains(told), "{}", run.err);
    let run = scim_in(&["patch", "--json", "--profile", "interop", "-", file.to_str().unwrap()], &name);
    let rule = &run.json()["rules"][0];
    assert_eq!(
        (&rule["rule"], &rule["must"], &rule["operation"]),
        (&"whole_replaced".into(), &false.into(), &0.into())
    );
    let bad = request(r#"{"op": "replace", "path": "active", "value": 5}"#);
    let run = scim_in(&["patch", "--profile", "interop", "-", "user.json"], &bad);
    assert!(run.code == 2 && run.err.contains("the patch is refused: invalidValue"), "{}", run.err);
}

/// An error hides no rule that another operation breaks, and several errors of one value do not hide each other.
#[test]
fn rules_hide_each_other_nowhere() {
    let body = request(
        r#"{"op": "replace", "path": "emails[type eq \"zzz\"].value", "value": "m"}, {"op": "add", "path": 5},
        {"op": "add", "value": {"title": "X", "coat": 1, "name": {"nick": "a"}}}, {"op": "remove", "path": "hat"},
        {"op": "remove"}, {"op": "replace", "path": "emails[type eq \"home\"].type", "value": "den"}"#,
    );
    let run = scim_in(&["patch", "--profile", "interop", "-", "user.json"], &body);
    let lines: Vec<_> = run.err.lines().collect();
    for (line, begin) in lines.iter().zip([
        "note: a client of the profile does not send it, by the rule `canonical_values`: invalidValue: operation 5: ",
        "error: the profile is broken: the request is against rules that a server must hold to",
        "`path_required`: invalidSyntax: operation 2: ",
        "`unknown_refused`: invalidSyntax: operation 2: `coat`: is not defined by any schema of `User`; so are `name.nick`",
        "`unknown_refused`: invalidSyntax: operation 3: `hat`",
        "`path_required`: invalidSyntax: operation 4: ",
        "without any profile: noTarget: operation 0: ",
        "without any profile: invalidPath: operation 1: ",
        "without any profile: noTarget: operation 4: ",
    ]) {
        assert!(line.starts_with(begin), "{line} | {begin}");
    }
    assert_eq!(lines.len(), 9, "{}", run.err);
    let run = scim_in(&["patch", "--json", "--profile", "interop", "-", "user.json"], &body);
    let error: serde_json::Value = serde_json::from_str(&run.err).unwrap();
    assert_eq!(error["rules"].as_array().unwrap().len(), 5);
    assert_eq!(error["rules"][1]["also"], serde_json::json!(["name.nick"]));
    assert_eq!(error["wrong"].as_array().unwrap().len(), 3);
    // A request that breaks no rule says so.
    let clean = request(r#"{"op": "replace", "path": "title", "value": "Pilot"}"#);
    let run = scim_in(&["patch", "--json", "--profile", "interop", "-", "user.json"], &clean);
    assert_eq!(run.json()["rules"], serde_json::json!([]));
}

#[test]
fn input_that_is_not_a_resource() {
    let title = request(r#"{"op": "replace", "path": "title", "value": "Pilot"}"#);
    for (arguments, words) in [
        (&["patch", "-", "array.json"][..], "array.json: expected a resource: an object"),
        (&["patch", "--type", "User", "-", "array.json"], "array.json: expected a resource: an object"),
        (&["check", "-"], "<stdin>: expected a resource, found a PATCH request"),
        (&["check", "--type", "User", "-"], "<stdin>: expected a resource, found a PATCH request"),
    ] {
        let run = scim_in(arguments, &title);
        assert!(run.code == 2 && run.err.contains(words), "{}", run.err);
    }
    let group = r#"{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Crew"}"#;
    let run = scim_in(&["check", "--replace", "user.json", "-"], group);
    assert!(run.code == 2 && run.err.contains("<stdin> is a `Group` and user.json a `User`"), "{}", run.err);
}

#[test]
fn in_place() {
    let folder = folder("in_place");
    let file = folder.join("user.json");
    std::fs::copy(fixtures().join("user.json"), &file).unwrap();
    let path = file.to_str().unwrap();
    scim(&["patch", "--in-place", "patch.json", path]).gives(0, "", REPAIRED);
    let written = std::fs::read_to_string(&file).unwrap();
    // In the layout that the file had.
    assert!(written.starts_with("{\n    \"schemas\": [\n        \"urn:ietf"), "{written}");
    assert!(written.ends_with("}\n"), "{written}");
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!(value(&written), value(PATCHED));
    // Nothing changes the second time, so nothing is written.
    let before = std::fs::metadata(&file).unwrap().modified().unwrap();
    scim(&["patch", "-i", "patch.json", path]).gives(0, "", &format!("{REPAIRED}note: nothing changed\n"));
    assert_eq!(std::fs::metadata(&file).unwrap().modified().unwrap(), before);
    // A patch that is refused leaves the file as it was, and nothing lies about.
    assert_eq!(scim_in(&["patch", "-i", "-", path], request(r#"{"op": "remove", "path": "userName"}"#)).code, 2);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), written);
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
    // One line stays one line, without a line end if it had none.
    std::fs::write(&file, r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"bo"}"#).unwrap();
    let run =
        scim_in(&["patch", "-i", "-d", "-", path], request(r#"{"op": "add", "path": "title", "value": "Pilot"}"#));
    run.gives(0, "+ title: \"Pilot\"\n", "");
    let one_line = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"bo","title":"Pilot"}"#;
    assert_eq!(std::fs::read_to_string(&file).unwrap(), one_line);
    let run = scim_in(&["patch", "-i", "patch.json", "-"], one_line);
    run.gives(2, "", "error: `--in-place` needs a file, not standard input\n");
}

#[cfg(unix)]
#[test]
fn in_place_keeps_permissions_and_links() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let folder = folder("in_place_unix");
    let (file, link) = (folder.join("user.json"), folder.join("link.json"));
    std::fs::copy(fixtures().join("user.json"), &file).unwrap();
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
    scim_in(
        &["patch", "-i", "-", file.to_str().unwrap()],
        request(r#"{"op": "add", "path": "title", "value": "Ace"}"#),
    );
    assert_eq!(mode(&file), 0o600);
    assert!(std::fs::read_to_string(&file).unwrap().contains("Ace"));
    std::fs::copy(fixtures().join("user.json"), &file).unwrap();
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink(&file, &link).unwrap();
    scim(&["patch", "-i", "patch.json", link.to_str().unwrap()]).gives(0, "", REPAIRED);
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(mode(&file), 0o640);
    assert!(std::fs::read_to_string(&file).unwrap().contains("ada@pilots.example"));
}
