use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::runner::{scim, scim_in};

const SEED: &str = "../onelogin/seed.json";
const CSV: &str = "../onelogin/people.csv";
const JSON: &str = "../onelogin/people.json";

fn lines(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn one_line_for_each_person() {
    let run = scim(&["onelogin", "render", SEED, "--users", CSV]);
    assert_eq!(run.code, 0);
    let bodies = lines(&run.out);
    assert_eq!(bodies.len(), 2);
    let enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    assert_eq!(
        bodies[0][enterprise],
        json!({"department": "Kites", "manager": {"managerId": "900", "displayName": "Pavel Orr"}})
    );
    assert_eq!(bodies[0]["active"], "true");
    assert_eq!(bodies[0]["id"], Value::Null);
    assert_eq!(bodies[1]["userName"], "bo.ek@lumen.example");
    assert_eq!(bodies[1]["active"], "false");
    assert_eq!(bodies[1]["name"]["formatted"], "Bo Ek, Jr.");
    assert_eq!(bodies[1][enterprise], json!({"department": "", "manager": {"managerId": "", "displayName": " "}}));
    let mut notes = String::new();
    for name in
        ["parameters.department", "parameters.external_manager_id", "user.manager_firstname", "user.manager_lastname"]
    {
        writeln!(notes, "note: `{{${name}}}` stands for nothing: 1 of 2 people").unwrap();
    }
    assert_eq!(run.err, notes);
    // JSON says the same.
    let other = scim(&["onelogin", "render", SEED, "--users", JSON, "--ndjson"]);
    assert_eq!(lines(&other.out), bodies);
}

#[test]
fn ways_to_print() {
    let template = "{\"title\":   \"{$parameters.title}\",\n\"active\": {$user.active}}\n";
    let render = |more: &[&str]| {
        let mut args = vec!["onelogin", "render", "-", "--users", CSV];
        args.extend(more);
        scim_in(&args, template)
    };
    let note = "note: `{$parameters.title}` stands for nothing: 1 of 2 people\n";
    render(&["--text"]).gives(
        0,
        "{\"title\":   \"Director \\\"of\\\" Kites\",\n\"active\": true}\n{\"title\":   \"\",\n\"active\": false}\n",
        note,
    );
    render(&["--pretty", "--unset", "null"]).gives(
        0,
        "{\n  \"title\": \"Director \\\"of\\\" Kites\",\n  \"active\": true\n}\n{\n  \"title\": null,\n  \"active\": false\n}\n",
        note,
    );
    render(&["--unset", "null-text"]).gives(
        0,
        "{\"title\":\"Director \\\"of\\\" Kites\",\"active\":true}\n{\"title\":\"null\",\"active\":false}\n",
        note,
    );
    let run = render(&["--json", "--unset", "keep"]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    let second = &lines(&run.out)[1];
    assert_eq!(second["body"], json!({"title": "{$parameters.title}", "active": false}));
    assert_eq!(second["unset"], json!(["{$parameters.title}"]));
}

#[test]
fn a_person_that_cannot_be_rendered() {
    let template = "{\n  \"title\": \"{$parameters.title}\"}";
    let run = scim_in(&["onelogin", "render", "-", "--users", CSV, "--unset", "error"], template);
    run.gives(
        2,
        "{\"title\":\"Director \\\"of\\\" Kites\"}\n",
        "error: <stdin>:2:13: person 2: `{$parameters.title}` stands for nothing\n",
    );
    let run = scim_in(&["onelogin", "render", "-", "--users", CSV, "--raw", "--json"], template);
    assert_eq!(run.code, 2);
    assert_eq!(run.error()["person"], 1);
    let run = scim_in(&["onelogin", "render", "-", "--users", CSV, "--raw"], template);
    assert!(
        run.err.starts_with("error: <stdin>:2:13: person 1: the result is not JSON: expected `,` or `}` after a member; the value of `{$parameters.title}` has characters that need an escape (at 2:"),
        "{}",
        run.err
    );
    assert!(!run.err.contains("Director"), "{}", run.err);
    let run = scim_in(&["onelogin", "render", "-", "--users", CSV], "{\"x\": {$parameters.title}}");
    assert!(run.err.contains("`{$parameters.title}` stands outside of quotes"), "{}", run.err);
}

#[test]
fn refused() {
    let run = scim_in(&["onelogin", "render", "-", "--users", CSV], "{\"a\": 1,\n}");
    run.gives(2, "", "error: <stdin>:1:8: a comma before `}`\n");
    let run = scim_in(&["onelogin", "render", SEED, "--users", "-", "--json"], "firstname,mail\nBo,x\n");
    assert_eq!(run.code, 2);
    assert_eq!((&run.error()["line"], &run.error()["file"]), (&json!(1), &json!("<stdin>")));
    let run = scim_in(&["onelogin", "render", SEED, "--users", "-"], "firstname,shoe_size\nBo,x\n");
    run.gives(
        2,
        "",
        "error: <stdin>:1: `shoe_size`: no macro has this name; the names are those of the macros, such as `firstname`, `custom_fields.badge`, `parameters.title`\n",
    );
    scim(&["onelogin", "render", "-", "--users", "-"]).gives(
        2,
        "",
        "error: only one of TEMPLATE and `--users` can be `-`\n",
    );
    let run = scim_in(&["onelogin", "render", SEED, "--users", "-"], "firstname\n");
    run.gives(1, "", "note: <stdin>: there is nobody in it\n");
    assert_eq!(scim(&["onelogin", "render", SEED]).code, 2);
}
