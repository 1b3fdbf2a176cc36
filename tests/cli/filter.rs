use serde_json::json;

use crate::runner::{scim, scim_in};

const ADA: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"u1","userName":"ada","title":"Guide","active":true,"emails":[{"type":"work","value":"ada@tours.example"}]}"#;
const BO: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"], "id":"u2", "userName":"Bo", "active":false, "height":1.10E+2}"#;
const CYRILLE: &str = r#"{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"id":"u3","userName":"cyrille","title":"Gu\u00efde","active":true,"emails":[{"type":"home","value":"cy@home.example"}]}"#;

#[test]
fn ndjson_is_printed_as_it_was_written() {
    scim(&["filter", r#"userName eq "BO""#, "users.ndjson"]).gives(0, &format!("{BO}\n"), "");
    let both = format!("{ADA}\n{CYRILLE}\n");
    scim(&["filter", "title pr", "users.ndjson"]).gives(0, &both, "");
    let input = std::fs::read_to_string(crate::runner::fixtures().join("users.ndjson")).unwrap();
    scim_in(&["filter", "title pr"], &input).gives(0, &both, "");
    scim_in(&["filter", "title pr", "-"], &input).gives(0, &both, "");
    scim_in(&["filter", "title pr"], input.replace('\n', "\r\n")).gives(0, &both, "");
    scim_in(&["filter", "title pr"], format!("\u{feff}{input}")).gives(0, &both, "");
}

#[test]
fn lists_are_read_as_their_elements() {
    let matches = "{\"userName\":\"ada\",\"title\":\"Guide\",\"note\":\"two  blanks \\\" and 1.50\"}\n\
                   {\"userName\": \"cyrille\", \"title\": \"Pilot\"}\n";
    scim(&["filter", "title pr", "array.json"]).gives(0, matches, "");
    scim(&["filter", "title pr", "response.json"]).gives(0, "{\"userName\":\"ada\",\"title\":\"Guide\"}\n", "");
    scim(&["filter", "-c", "userName pr", "array.json", "response.json", "users.ndjson"]).gives(0, "8\n", "");
    // On one line, as servers answer, two pages one after the other, the name of the list in another case.
    let page = r#"{"resources":[{"userName":"ada"},{"userName":"bo"}],"totalResults":2}"#;
    scim_in(&["filter", "-nc", "userName pr"], format!("{page}{page}\n{page}")).gives(0, "6\n", "");
    // A resource that has an attribute of that name is not a list.
    let role = r#"{"schemas":["urn:example:Role"],"Resources":[{"title":"x"}],"title":"y"}"#;
    scim_in(&["filter", "title eq \"y\""], role).gives(0, &format!("{role}\n"), "");
    // One resource over several lines.
    scim(&["filter", "-n", "active eq true", "user.json"]).gives(
        0,
        "1:{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"id\":\"u1\",\"userName\":\"ada\",\
         \"title\":\"Guide\",\"active\":true,\"height\":1.70,\"emails\":[{\"value\":\"ada@home.example\",\"type\":\"home\"},\
         {\"value\":\"ada@tours.example\",\"type\":\"work\"}]}\n",
        "",
    );
}

#[test]
fn count_invert_first_names_and_numbers() {
    scim(&["filter", "--count", "title pr", "users.ndjson"]).gives(0, "2\n", "");
    scim(&["filter", "-cv", "title pr", "users.ndjson"]).gives(0, "2\n", "");
    scim(&["filter", "-v", "active eq true", "users.ndjson", "--first"]).gives(0, &format!("{BO}\n"), "");
    scim(&["filter", "-n", "userName sw \"c\"", "users.ndjson"]).gives(0, &format!("4:{CYRILLE}\n"), "");
    let named = "array.json:{\"userName\": \"bo\"}\nresponse.json:9:{\"userName\": \"bo\"}\n".replace("9:", "");
    scim(&["filter", "-H", "userName eq \"bo\"", "array.json", "response.json"]).gives(0, &named, "");
    let counts = "array.json:2\nresponse.json:1\n<stdin>:0\n";
    scim(&["filter", "-cH", "title pr", "array.json", "response.json", "-"]).gives(0, counts, "");
    let run = scim(&["filter", "-c", "--json", "title pr", "array.json"]);
    assert_eq!(run.json(), json!({"count": 2, "documents": 3, "errors": 0}));
}

#[test]
fn exit_codes_are_those_of_grep() {
    scim(&["filter", "userName eq \"nobody\"", "users.ndjson"]).gives(1, "", "");
    scim(&["filter", "-c", "userName eq \"nobody\"", "users.ndjson"]).gives(1, "0\n", "");
    scim(&["filter", "-v", "id pr", "users.ndjson"]).gives(1, "", "");
    scim_in(&["filter", "userName pr"], "").gives(1, "", "");
    let run = scim(&["filter", "title pr", "users.ndjson", "missing.json", "array.json"]);
    assert_eq!((run.code, run.out.lines().count()), (2, 4));
    assert!(run.err.starts_with("error: missing.json: cannot be read: "), "{}", run.err);
    scim(&["filter"]).code_is(2);
    scim(&["filter", "title pr", "--frst"]).code_is(2);
    scim(&["--help"]).code_is(0);
}

impl crate::runner::Run {
    #[track_caller]
    fn code_is(&self, code: i32) {
        assert_eq!(self.code, code, "{}{}", self.out, self.err);
    }
}

#[test]
fn an_attribute_that_no_schema_knows_is_mentioned_where_nothing_matched() {
    let note = "note: no document matches, and no known schema has `usrName`; did you mean `userName`?\n";
    scim(&["filter", "usrName eq \"ada\"", "users.ndjson"]).gives(1, "", note);
    scim(&["filter", "height gt 109", "users.ndjson"]).gives(0, &format!("{BO}\n"), "");
}

#[test]
fn bad_documents_are_reported_and_the_scan_continues() {
    let good = "{\"userName\": \"ada\", \"title\": \"Guide\"}\n{\"userName\": \"finn\", \"title\": \"Cook\"}\n";
    let errors = "\
error: broken.ndjson:2:31: invalid JSON: the text ends in the middle of a value
error: broken.ndjson:3:40: invalid JSON: the text ends in the middle of a value
error: broken.ndjson:4:2: expected a JSON object, found a string
error: broken.ndjson:5:2: invalid JSON: expected `true`, `false` or `null`
error: broken.ndjson:6:39: invalid JSON: the text ends in the middle of a value
error: broken.ndjson:7:37: invalid JSON: expected nothing after the value
note: documents that could not be read: 6 of 9
";
    let dara = "{\"userName\": \"dara\", \"title\": \"Cook\"}\n";
    let (first, last) = good.split_once('\n').unwrap();
    let good = format!("{first}\n{dara}{last}");
    scim(&["filter", "title pr", "broken.ndjson"]).gives(2, &good, errors);
    let run = scim(&["filter", "title pr", "broken.ndjson", "--fail-fast"]);
    run.gives(
        2,
        &format!("{first}\n"),
        "error: broken.ndjson:2:31: invalid JSON: the text ends in the middle of a value\n\
         note: documents that could not be read: 1 of 2\n",
    );
    let run = scim(&["filter", "title pr", "broken.ndjson", "--fail-fast", "--json"]);
    assert_eq!(run.error()["line"], 2);
    assert_eq!(run.error()["file"], "broken.ndjson");
    assert_eq!(run.error()["scimType"], "invalidSyntax");
    let run = scim(&["filter", "title pr", "broken.ndjson", "--first"]);
    run.gives(0, &format!("{first}\n"), "");
}

#[test]
fn lists_that_break_off() {
    let rest = "; the rest is not read\nnote: documents that could not be read: 1 of";
    let breaks = |input: &str, count: usize, place: &str, of: usize| {
        let run = scim_in(&["filter", "-c", "a pr"], input);
        run.gives(2, &format!("{count}\n"), &format!("error: <stdin>:{place}{rest} {of}\n"));
    };
    let no_end = "invalid JSON: the list has no end";
    breaks(r#"[{"a":1},{"a":2}"#, 2, &format!("1:17: {no_end}"), 3);
    breaks("[{\"a\":1},\n", 1, &format!("2:1: {no_end}"), 2);
    let comma = "invalid JSON: expected `,` or `]` after an element of the list";
    breaks(r#"[{"a":1} {"a":2}]"#, 1, &format!("1:10: {comma}"), 2);
    breaks(r#"[{"a":1},]"#, 1, "1:10: invalid JSON: expected an element of the list", 2);
    breaks(r#"[{"a":1},{"a":2]"#, 1, "1:15: invalid JSON: the text ends in the middle of a value", 2);
    let tail = "invalid JSON: the list response has no proper end";
    breaks(r#"{"Resources":[{"a":1}],"b":c}"#, 1, &format!("1:23: {tail}"), 2);
    breaks(r#"{"b":c,"Resources":[{"a":1}]}"#, 0, "1:6: invalid JSON: expected a value", 1);
    // An element that is not an object breaks nothing.
    let run = scim_in(&["filter", "-c", "a pr"], "[{\"a\":1}, null, \"]\",\n 7, {\"a\":tru}, {\"a\":2}]");
    let errors = "\
error: <stdin>:1:11: expected a JSON object, found null
error: <stdin>:1:17: expected a JSON object, found a string
error: <stdin>:2:2: expected a JSON object, found a number
error: <stdin>:2:13: invalid JSON: expected `true`, `false` or `null`
note: documents that could not be read: 4 of 6
";
    run.gives(2, "2\n", errors);
}

#[test]
fn a_broken_resource_over_several_lines_does_not_take_the_next_one_with_it() {
    let input = "{\n  \"a\": 1\n  \"b\": 2\n}\n{\n  \"a\": 2\n}\n{\"a\": [\n{\"a\": 3}\n";
    let errors = "\
error: <stdin>:3:3: invalid JSON: expected `,` or `}` after a member
error: <stdin>:8:7: invalid JSON: the text ends in the middle of a value
note: documents that could not be read: 2 of 4
";
    scim_in(&["filter", "a pr"], input).gives(2, "{\"a\":2}\n{\"a\": 3}\n", errors);
}

#[test]
fn filters_that_cannot_be_read_or_asked() {
    scim(&["filter", "userName eq bjensen", "users.ndjson"]).gives(
        2,
        "",
        "\
error: the filter cannot be read
userName eq bjensen
            ^^^^^^^ expected a JSON value: a quoted string, a number, `true`, `false` or `null`
help: strings stand in double quotes: \"bjensen\"
",
    );
    scim(&["filter", "title pr and active gt true", "users.ndjson"]).gives(
        2,
        "",
        "\
error: the filter cannot be used for `Any`
title pr and active gt true
                    ^^ `gt` cannot be used for `active`, which is of type boolean
",
    );
    let run = scim(&["filter", "-t", "user", "userNam pr", "users.ndjson"]);
    run.gives(
        2,
        "",
        "\
error: the filter cannot be used for `User`
userNam pr
^^^^^^^ `User` has no attribute `userNam`; did you mean `userName`?
"
        .replace("; did", "\nhelp: did")
        .as_str(),
    );
    let body = scim(&["filter", "--json", "userName eq bjensen"]).error();
    assert_eq!((&body["scimType"], &body["status"]), (&json!("invalidFilter"), &json!("400")));
    assert_eq!(body["span"], json!({"start": 12, "end": 19}));
    let body = scim(&["filter", "--json", "active gt true"]).error();
    assert_eq!(body["span"], json!({"start": 7, "end": 9}));
}

#[test]
fn tolerance_and_strict() {
    let bare = ["filter", "-c", "userName eq ada", "users.ndjson", "--tolerance", "bare_words=on"];
    scim(&bare).gives(0, "1\n", "");
    scim(&["filter", "-c", "active eq \"True\"", "users.ndjson"]).gives(0, "2\n", "");
    let run = scim(&["filter", "-c", "active eq \"True\"", "users.ndjson", "--strict"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("^^^^^^ `active` is of type boolean"), "{}", run.err);
    let args = ["filter", "-c", "active eq \"True\"", "users.ndjson", "--strict", "--tolerance", "boolean-strings=on"];
    scim(&args).gives(0, "2\n", "");
    let run = scim(&["filter", "a pr", "--tolerance", "bare_word=on"]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("did you mean `bare_words`?"), "{}", run.err);
}

#[test]
fn own_schemas() {
    let own = ["--schemas", "schemas.json", "--resource-types", "resource_types.json"];
    let filter = |args: &[&str]| scim(&[&["filter"], args, &own].concat());
    // `caseExact`, and documents of the other type do not match.
    filter(&["-n", "colour eq \"red\"", "mixed.ndjson"]).gives(
        0,
        "2:{\"schemas\":[\"urn:example:Badge\"],\"colour\":\"red\",\"floor\":12}\n",
        "",
    );
    filter(&["-c", "floor gt 5", "mixed.ndjson"]).gives(0, "1\n", "");
    filter(&["-c", "schemas pr", "mixed.ndjson"]).gives(0, "3\n", "");
    filter(&["-c", "userName pr", "mixed.ndjson", "--type", "user"]).gives(0, "1\n", "");
    let run = filter(&["floor co \"1\"", "mixed.ndjson"]);
    run.gives(
        2,
        "",
        "error: the filter cannot be used for `Badge`\nfloor co \"1\"\n      ^^ `co` cannot be used for `floor`, which is of type integer\n",
    );
    filter(&["-t", "Badg", "a pr"]).gives(
        2,
        "",
        "error: no resource type has the name `Badg`; did you mean `Badge`?\n",
    );
    let run = scim(&["filter", "a pr", "--schemas", "schemas.json"]);
    assert!(run.code == 2 && run.err.contains("--resource-types"), "{}", run.err);
}
