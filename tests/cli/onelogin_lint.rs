use serde_json::json;

use crate::runner::{folder, scim, scim_in};

const SEED: &str = "../onelogin/seed.json";
const CLEAN: &str = "../onelogin/clean.json";

#[test]
fn problems_with_places_and_cures() {
    let template = "{\n  \"schemas\": [\"urn:ietf:params:scim:schemas:core:2.0:User\"],\n  \"userName\": \"{$user.emial}\",\n  \
                    \"name\": {\"givenName\": \"{$user.firstname}\", \"familyName\": \"{$user.lastname}\"},\n  \"active\": \"{$user.active}\",\n  \"id\": null\n}\n";
    let text = "\
error: <stdin>:3:16: `userName`: no macro has the name `{$user.emial}` (unknown_macro)
  help: write `{$user.email}`
note: <stdin>:5:13: `active`: OneLogin sends a boolean in quotes: servers to the letter refuse it (quoted_boolean)
  help: have the server read it; OneLogin documents no macro outside of quotes
warning: <stdin>:6:3: `id`: is set by the server: what a client sends is dropped (read_only)
  help: remove it
<stdin>: 2 problems, 2 cured by `--fix` or `--corrected`, 1 note
";
    scim_in(&["onelogin", "lint", "-"], template).gives(1, text, "");
    let run = scim_in(&["onelogin", "lint", "-", "--color", "always"], template);
    let red = "\u{1b}[31merror\u{1b}[0m: <stdin>:3:16";
    assert!(run.out.starts_with(red) && run.out.contains("\u{1b}[33mwarning"), "{}", run.out);
    let corrected = template.replace("emial", "email").replace(",\n  \"id\": null", "");
    let run = scim_in(&["onelogin", "lint", "-", "--corrected"], template);
    let value = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
    assert_eq!((run.code, value(&run.out)), (0, value(&corrected)));
    assert_eq!(
        run.err,
        "note: <stdin>:5:13: `active`: OneLogin sends a boolean in quotes: servers to the letter refuse it (quoted_boolean)\n"
    );
    // The corrected one is clean, but for the note.
    let run = scim_in(&["onelogin", "lint", "-"], &run.out);
    assert!(run.code == 0 && run.out.ends_with("<stdin>: no problems, 1 note\n"), "{}", run.out);
    scim(&["onelogin", "lint", CLEAN]).gives(0, "../onelogin/clean.json: no problems\n", "");
}

#[test]
fn for_machines() {
    let run = scim(&["onelogin", "lint", SEED, "--json"]);
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    let report = run.json();
    assert_eq!((&report["file"], &report["type"], &report["clean"]), (&json!(SEED), &json!("User"), &json!(false)));
    let codes: Vec<_> = report["problems"].as_array().unwrap().iter().map(|problem| &problem["code"]).collect();
    assert_eq!(codes, ["undeclared_extension", "manager_id", "read_only", "quoted_boolean", "read_only", "read_only"]);
    let first = &report["problems"][0];
    assert_eq!(
        (&first["line"], &first["column"], &first["span"]),
        (&json!(2), &json!(3), &json!({"start": 4, "end": 64}))
    );
    assert_eq!((&first["severity"], &first["cured"]), (&json!("warning"), &json!(true)));
    assert!(report["corrected"].as_str().unwrap().contains("\"value\": \"{$parameters.external_manager_id}\""));
}

#[test]
fn in_the_file() {
    let folder = folder("onelogin_lint");
    let file = folder.join("template.json");
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/onelogin/seed.json"), &file).unwrap();
    let path = file.to_str().unwrap();
    let run = scim(&["onelogin", "lint", "--fix", path]);
    assert!(run.code == 0 && run.out.ends_with(": 5 problems, 5 cured in the file, 1 note\n"), "{}", run.out);
    let fixed = std::fs::read_to_string(&file).unwrap();
    let run = scim(&["onelogin", "lint", path]);
    assert!(run.code == 0 && run.out.ends_with(": no problems, 1 note\n"), "{}", run.out);
    scim(&["onelogin", "lint", "--fix", path]);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), fixed);
    let run = scim(&["onelogin", "lint", "--fix", "--bare-booleans", path]);
    assert_eq!(run.code, 0);
    assert!(std::fs::read_to_string(&file).unwrap().contains("\"active\": {$user.active},"));
    scim(&["onelogin", "lint", "--fix", "-"]).gives(
        2,
        "",
        "error: `--fix` needs a file, not standard input: use `--corrected`\n",
    );
}

#[test]
fn templates_that_cannot_be_corrected() {
    let run = scim_in(&["onelogin", "lint", "-"], "[1]");
    run.gives(
        1,
        "error: <stdin>:1:1: expected an object in braces, found `[` (not_json)\n  help: a template is one JSON object with macros in its strings\n<stdin>: 1 problem\n",
        "",
    );
    let run = scim_in(&["onelogin", "lint", "-", "--corrected"], "[1]");
    run.gives(1, "", "error: <stdin>:1:1: expected an object in braces, found `[` (not_json)\n");
    let run = scim(&["onelogin", "lint", "--strict", "--corrected", SEED]);
    assert!(run.code == 1 && run.err.contains("(quoted_boolean)"), "{}", run.err);
    let run = scim_in(&["onelogin", "lint", "-"], b"\xff\xfe{".as_slice());
    run.gives(2, "", "error: <stdin>: this is UTF-16, not UTF-8 text\n");
}

#[test]
fn by_type() {
    let template =
        r#"{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Crew {$user.city}"}"#;
    scim_in(&["onelogin", "lint", "-"], template).gives(0, "<stdin>: no problems\n", "");
    let run = scim_in(&["onelogin", "lint", "-", "--type", "User", "--json"], template);
    let codes: Vec<_> =
        run.json()["problems"].as_array().unwrap().iter().map(|problem| problem["code"].clone()).collect();
    assert_eq!(codes, ["missing_required", "missing_name", "missing_schemas", "unknown_schema"]);
    let own = ["--schemas", "schemas.json", "--resource-types", "resource_types.json"];
    let mut args = vec!["onelogin", "lint", "-", "--type", "User"];
    args.extend(own);
    assert!(scim_in(&args, template).err.is_empty());
    let run = scim_in(&["onelogin", "lint", "-", "--type", "any"], template);
    run.gives(2, "", "error: `any` is for filters: name a resource type with `--type`\n");
}
