//! The requests of each client, to the letter.

use scim_engine::client::{Account, Client, Group, Membership, Plan, Removal, Report};
use serde_json::{Value, json};

use crate::play::{body, people, play};
use crate::server::{Seen, Server};

fn one(client: Client) -> Plan {
    Plan::new(client)
        .people(people(&["mara.quill"]))
        .groups(vec![Group::new("Harbour Crew", ["mara.quill@lumen.example"])])
        .probes(false)
}

/// A push to an empty endpoint, one of a change, and one in which the person leaves the group and the company.
fn log(client: Client, with: impl Fn(Plan) -> Plan) -> Vec<String> {
    let mut server = Server::default();
    let checked = |report: Report| assert!(report.ok(), "{:?}", report.findings);
    checked(play(with(one(client)), &mut server));
    let mut changed = body("mara.quill");
    changed["title"] = "Head guide".into();
    changed["emails"][0]["value"] = "mq@lumen.example".into();
    checked(play(with(one(client).people(vec![Account::new(changed.clone())])), &mut server));
    checked(play(with(one(client).people(vec![Account::leaving(changed)])), &mut server));
    let line = |seen: &Seen| {
        let body = seen.body.as_ref().map(|body| format!(" {body}")).unwrap_or_default();
        format!("{} {}{body}", seen.method, seen.path)
    };
    server.log.iter().map(line).collect()
}

#[track_caller]
fn has(log: &[String], line: &str) {
    assert!(log.iter().any(|seen| seen == line), "no {line} in\n{}", log.join("\n"));
}

fn patch(operations: &Value) -> String {
    json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations}).to_string()
}

#[test]
fn onelogin() {
    let log = log(Client::OneLogin, |plan| plan);
    let lines: Vec<_> = log.iter().map(|line| line.split(" {").next().unwrap()).collect();
    assert_eq!(
        lines[..9],
        [
            "GET /Users?filter=userName+eq+%22no-such-user-7f3a91c4%40nowhere.example%22&",
            "GET /Users?filter=userName+eq+%22mara.quill%40lumen.example%22&",
            "POST /Users",
            "GET /Users/users-1",
            "GET /Groups",
            "POST /Groups",
            "PATCH /Groups/groups-2",
            "GET /Groups/groups-2",
            "GET /Users?filter=userName+eq+%22no-such-user-7f3a91c4%40nowhere.example%22&",
        ]
    );
    has(&log, &format!("POST /Users {}", body("mara.quill")));
    let mut suspended = body("mara.quill");
    suspended["title"] = "Head guide".into();
    suspended["emails"][0]["value"] = "mq@lumen.example".into();
    has(&log, &format!("PUT /Users/users-1? {suspended}"));
    suspended["active"] = "false".into();
    has(&log, &format!("PUT /Users/users-1? {suspended}"));
    let add = json!([{"op": "add", "path": "members", "value": [{"value": "users-1"}]}]);
    has(&log, &format!("PATCH /Groups/groups-2 {}", patch(&add)));
    let remove = json!([{"op": "remove", "path": "members", "value": [{"value": "users-1"}]}]);
    has(&log, &format!("PATCH /Groups/groups-2 {}", patch(&remove)));
}

#[test]
fn onelogin_with_members_of_scim_1() {
    let log = log(Client::OneLogin, |plan| plan.membership(Membership::V1).removal(Removal::Delete));
    let group = json!({"schemas": ["urn:scim:schemas:core:1.0"], "displayName": "Harbour Crew", "members": []});
    has(&log, &format!("POST /Groups {group}"));
    let add = json!({"schemas": ["urn:scim:schemas:core:1.0"], "members": [{"value": "users-1"}]});
    has(&log, &format!("PATCH /Groups/groups-2 {add}"));
    let member = json!({"value": "users-1", "operation": "delete"});
    has(
        &log,
        &format!("PATCH /Groups/groups-2 {}", json!({"schemas": ["urn:scim:schemas:core:1.0"], "members": [member]})),
    );
    has(&log, "DELETE /Users/users-1");
}

#[test]
fn entra() {
    let log = log(Client::Entra, |plan| plan);
    has(&log, "GET /Users?filter=userName+eq+%22Mara.Quill%40lumen.example%22");
    let created = log.iter().find(|line| line.starts_with("POST /Users")).unwrap();
    for part in [r#""roles":[]"#, r#""meta":{"resourceType":"User"}"#, r#""externalId":""#, r#""active":true"#] {
        assert!(created.contains(part), "{part}: {created}");
    }
    has(
        &log,
        &format!(
            "PATCH /Users/users-1 {}",
            patch(&json!([
                {"op": "Replace", "path": "title", "value": "Head guide"},
                {"op": "Replace", "path": "emails[type eq \"work\"].value", "value": "mq@lumen.example"},
            ]))
        ),
    );
    has(
        &log,
        &format!("PATCH /Users/users-1 {}", patch(&json!([{"op": "Replace", "path": "active", "value": "False"}]))),
    );
    has(&log, "GET /Groups?excludedAttributes=members&filter=displayName+eq+%22Harbour+Crew%22");
    assert!(log.iter().any(|line| line.starts_with("POST /Groups") && line.contains("ADSCIM/2.0/Group")), "{log:?}");
    let add = json!([{"op": "Add", "path": "members", "value": [{"value": "users-1"}]}]);
    has(&log, &format!("PATCH /Groups/groups-2 {}", patch(&add)));
    let remove = json!([{"op": "Remove", "path": "members", "value": [{"$ref": null, "value": "users-1"}]}]);
    has(&log, &format!("PATCH /Groups/groups-2 {}", patch(&remove)));
}

#[test]
fn entra_with_its_flag() {
    let log = log(Client::Entra, |plan| plan.entra_flag(true));
    has(
        &log,
        &format!(
            "PATCH /Users/users-1 {}",
            patch(&json!([
                {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "mq@lumen.example"},
                {"op": "replace", "value": {"title": "Head guide"}},
            ]))
        ),
    );
    has(
        &log,
        &format!("PATCH /Users/users-1 {}", patch(&json!([{"op": "replace", "path": "active", "value": false}]))),
    );
    let remove = json!([{"op": "remove", "path": "members[value eq \"users-1\"]"}]);
    has(&log, &format!("PATCH /Groups/groups-2 {}", patch(&remove)));
}

#[test]
fn okta() {
    let log = log(Client::Okta, |plan| plan);
    has(&log, "GET /Users?filter=userName%20eq%20%22mara.quill%40lumen.example%22&startIndex=1&count=100");
    let created = log.iter().find(|line| line.starts_with("POST /Users")).unwrap();
    assert!(created.contains(r#""groups":[]"#) && created.contains(r#""password":"Pw1-"#), "{created}");
    let put = log.iter().find(|line| line.starts_with("PUT /Users/users-1 ")).unwrap();
    assert!(put.contains(r#""id":"users-1""#) && put.contains("Head guide") && !put.contains("password"), "{put}");
    has(&log, &format!("PATCH /Users/users-1 {}", patch(&json!([{"op": "replace", "value": {"active": false}}]))));
    let rename = json!([{"op": "replace", "value": {"id": "groups-2", "displayName": "Harbour Crew"}}]);
    has(&log, &format!("PATCH /Groups/groups-2 {}", patch(&rename)));
    let member = json!({"value": "users-1", "display": "mara.quill@lumen.example"});
    let add = json!([{"op": "add", "path": "members", "value": [member]}]);
    has(&log, &format!("PATCH /Groups/groups-2 {}", patch(&add)));
    let remove = json!([{"op": "remove", "path": "members[value eq \"users-1\"]"}]);
    has(&log, &format!("PATCH /Groups/groups-2 {}", patch(&remove)));
    assert!(!log.iter().any(|line| line.starts_with("DELETE")), "{log:?}");
}

#[test]
fn jumpcloud() {
    let log = log(Client::JumpCloud, |plan| plan.removal(Removal::Delete));
    let test: Vec<_> = log[..10].iter().map(|line| line.split(" {").next().unwrap()).collect();
    assert_eq!(
        test,
        [
            "GET /Users?filter=userName%20eq%20%22no-such-user-7f3a91c4%40nowhere.example%22",
            "GET /Users?filter=userName%20eq%20%22jc-test-user%40nowhere.example%22",
            "POST /Users",
            "GET /Users/users-1",
            "DELETE /Users/users-1",
            "GET /Groups?filter=displayName%20eq%20%22jc-test-group%22",
            "POST /Groups",
            "DELETE /Groups/groups-2",
            "GET /Users?filter=userName%20eq%20%22mara.quill%40lumen.example%22",
            "POST /Users",
        ]
    );
    assert!(log[9].contains(r#""preferredLanguage":"en-US""#), "{}", log[9]);
    let add = json!([{"op": "add", "path": "members", "value": [{"value": "users-3"}]}]);
    has(&log, &format!("PATCH /Groups/groups-4 {}", patch(&add)));
    has(&log, "DELETE /Users/users-3");
}

#[test]
fn names_that_need_escapes() {
    let name = "dana \"dj\" o'koro+ä/%";
    let mut server = Server::default();
    let mut odd = body("dana");
    odd["userName"] = name.into();
    for client in Client::PROVIDERS {
        let plan = Plan::new(client)
            .people(vec![Account::new(odd.clone())])
            .groups(vec![Group::new("A & B \"+\" 50% \\", [name])]);
        let report = play(plan, &mut server);
        assert!(report.ok(), "{client:?}: {:?}", report.findings);
    }
    assert_eq!(server.of("Users").count(), 1);
    assert_eq!(server.of("Groups").count(), 1);
}
