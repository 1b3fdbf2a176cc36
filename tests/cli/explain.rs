use serde_json::json;

use crate::runner::{scim, scim_in};

#[test]
fn without_a_resource() {
    let filter = "userName sw \"a\" and (emails[type eq \"work\"].value ew \".example\" or not (nick pr))";
    scim(&["explain", filter]).gives(
        0,
        "\
and
  userName sw \"a\"
  or
    emails[type eq \"work\"].value ew \".example\"
      type eq \"work\"
      value ew \".example\"
    not
      nick pr

attributes of Any
  userName      string, single-valued, ignoring case, required           urn:ietf:params:scim:schemas:core:2.0:User
  emails        complex, multi-valued                                    urn:ietf:params:scim:schemas:core:2.0:User
  emails.type   string, single-valued, ignoring case                     urn:ietf:params:scim:schemas:core:2.0:User
  emails.value  string, single-valued, ignoring case                     urn:ietf:params:scim:schemas:core:2.0:User
  nick          in no known schema, compared by the type of the literal
",
        "",
    );
}

#[test]
fn a_filter_that_does_not_match() {
    let filter = "userName eq \"ADA\" and emails[type eq \"work\" and value ew \"@home.example\"] and meta.created pr";
    scim(&["explain", filter, "user.json"]).gives(
        1,
        "\
no   and
yes    userName eq \"ADA\"             is \"ada\"
no     emails[type eq \"work\" and value ew \"@home.example\"]
no       element 0
no         type eq \"work\"            is \"home\"
yes        value ew \"@home.example\"  is \"ada@home.example\"
no       element 1
yes        type eq \"work\"            is \"work\"
no         value ew \"@home.example\"  is \"ada@tours.example\"
no     meta.created pr               is unassigned

attributes of User
  userName      string, single-valued, ignoring case, required  urn:ietf:params:scim:schemas:core:2.0:User
  emails        complex, multi-valued                           urn:ietf:params:scim:schemas:core:2.0:User
  emails.type   string, single-valued, ignoring case            urn:ietf:params:scim:schemas:core:2.0:User
  emails.value  string, single-valued, ignoring case            urn:ietf:params:scim:schemas:core:2.0:User
  meta.created  dateTime, single-valued, readOnly               common to all resources
",
        "",
    );
}

#[test]
fn a_match_is_exit_code_zero() {
    let run = scim(&["explain", "emails eq \"ada@tours.example\" and not (title eq \"Pilot\")", "user.json"]);
    run.gives(
        0,
        "\
yes  and
yes    emails eq \"ada@tours.example\"  are \"ada@home.example\", \"ada@tours.example\"
yes    not
no       title eq \"Pilot\"             is \"Guide\"

attributes of User
  emails  complex, multi-valued                 urn:ietf:params:scim:schemas:core:2.0:User
  title   string, single-valued, ignoring case  urn:ietf:params:scim:schemas:core:2.0:User
",
        "",
    );
}

#[test]
fn matching_elements_of_many_are_shown() {
    let members: Vec<_> = (0..1000).map(|i| json!({"value": format!("u{i}")})).collect();
    let group =
        json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Crew", "members": members});
    let run = scim_in(&["explain", "members[value eq \"u777\"]", "-"], group.to_string());
    assert!(run.out.starts_with("yes  members[value eq \"u777\"]\nyes    element 777\nyes      value eq \"u777\"  is \"u777\"\n       and 999 more\n"), "{}", run.out);
    let run = scim_in(&["explain", "members[value eq \"x\"]", "-"], group.to_string());
    assert_eq!(run.code, 1);
    assert!(run.out.contains("no     element 4\n") && run.out.contains("and 995 more"), "{}", run.out);
}

#[test]
fn for_machines() {
    let run = scim(&["explain", "--json", "emails[type eq \"work\"] and active eq false", "user.json"]);
    assert_eq!(run.code, 1);
    let told = run.json();
    assert_eq!((&told["resourceType"], &told["holds"]), (&json!("User"), &json!(false)));
    assert_eq!(
        told["tree"]["children"][1],
        json!({
            "clause": "active eq false", "span": {"start": 27, "end": 42}, "holds": false, "values": [true],
        })
    );
    assert_eq!(told["tree"]["children"][0]["children"][1]["holds"], true);
    let facts = &told["attributes"][1];
    assert_eq!(
        (&facts["path"], &facts["type"], &facts["caseExact"]),
        (&json!("emails.type"), &json!("string"), &json!(false))
    );
    let body = scim(&["explain", "--json", "active gt true", "user.json"]).error();
    assert_eq!((&body["scimType"], &body["span"]), (&json!("invalidFilter"), &json!({"start": 7, "end": 9})));
}

#[test]
fn paths() {
    scim(&["explain", "--path", "emails[type eq \"work\"].value", "user.json"]).gives(
        0,
        "\
yes  emails[type eq \"work\"].value
no     element 0
no       type eq \"work\"  is \"home\"
yes    element 1
yes      type eq \"work\"  is \"work\"

attributes of User
  emails        complex, multi-valued                 urn:ietf:params:scim:schemas:core:2.0:User
  emails.type   string, single-valued, ignoring case  urn:ietf:params:scim:schemas:core:2.0:User
  emails.value  string, single-valued, ignoring case  urn:ietf:params:scim:schemas:core:2.0:User
",
        "",
    );
    scim(&["explain", "-p", "department", "-t", "User"]).gives(
        0,
        "\
department

attributes of User
  urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department  string, single-valued, ignoring case  \
urn:ietf:params:scim:schemas:extension:enterprise:2.0:User
",
        "",
    );
    let run = scim(&["explain", "-p", "nickName", "user.json"]);
    assert_eq!((run.code, run.out.lines().next()), (1, Some("no   nickName  is unassigned")));
    let user = json!({"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {"manager": {"value": "7"}}});
    for (path, first) in [
        ("manager.value", "yes  manager.value  is \"7\""),
        ("manager[value eq \"7\"].displayName", "yes  manager[value eq \"7\"].displayName"),
    ] {
        let run = scim_in(&["explain", "-t", "any", "-p", path, "-"], user.to_string());
        assert_eq!((run.code, run.out.lines().next()), (0, Some(first)));
    }
    let told = scim(&["explain", "--path", "--json", "title", "user.json"]).json();
    assert_eq!((&told["path"], &told["tree"]["values"]), (&json!("title"), &json!(["Guide"])));
}

#[test]
fn a_secret_is_not_shown() {
    let user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "ada", "password": "opensesame",
    })
    .to_string();
    for (path, resource_type) in
        [("password", "User"), ("password", "any"), ("urn:ietf:params:scim:schemas:core:2.0:User", "any")]
    {
        for json in [false, true] {
            let args = ["explain", "--type", resource_type, "--path", path, "-", "--json"];
            let run = scim_in(&args[..if json { 7 } else { 6 }], &user);
            assert_eq!(run.code, 0, "{}", run.err);
            assert!(!run.out.contains("opensesame"), "{}", run.out);
        }
    }
}

#[test]
fn paths_that_are_refused() {
    let refused_as = |what: &str, path: &str, text: &str| {
        let run = scim(&["explain", "--path", path, "user.json"]);
        run.gives(2, "", &format!("error: the {what}\n{path}\n{text}\n"));
    };
    refused_as(
        "filter in the path cannot be used",
        "emails[tpe eq \"work\"].value",
        "       ^^^ `emails` has no sub-attribute `tpe`; did you mean `type`?",
    );
    let refused = |path: &str, text: &str| refused_as("path names no known attribute", path, text);
    refused(
        "emails[type eq \"w\"].vlue",
        "                    ^^^^ `emails` has no sub-attribute `vlue`; did you mean `value`?",
    );
    refused("emals", "^^^^^ `User` has no attribute `emals`; did you mean `emails`?");
    scim(&["explain", "--path", "emails[type eq work", "user.json"]).gives(
        2,
        "",
        "\
error: the path cannot be read
emails[type eq work
               ^^^^ expected a JSON value: a quoted string, a number, `true`, `false` or `null`
help: strings stand in double quotes: \"work\"
",
    );
    let body = scim(&["explain", "--path", "--json", "emals", "user.json"]).error();
    assert_eq!((&body["scimType"], &body["span"]), (&json!("invalidPath"), &json!({"start": 0, "end": 5})));
    let body = scim(&["explain", "--path", "--json", "emails[tpe pr]", "user.json"]).error();
    assert_eq!((&body["scimType"], &body["span"]), (&json!("invalidFilter"), &json!({"start": 7, "end": 10})));
}
