//! Sessions played against the endpoint in memory.

use scim_engine::client::{
    Account, Client, Group, Next, Plan, Removal, Report, Request, Response, Session, Unanswered, Update,
};
use serde_json::{Value, json};

use crate::server::{Fault, Server};

/// A person as the template of OneLogin gives them.
pub fn body(name: &str) -> Value {
    let (given, family) = name.split_once('.').unwrap_or((name, "Quill"));
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": null,
        "meta": {"resourceType": "User"},
        "userName": format!("{name}@lumen.example"),
        "name": {"givenName": given, "familyName": family, "formatted": format!("{given} {family}")},
        "emails": [{"value": format!("{name}@lumen.example"), "type": "work", "primary": true}],
        "title": "Guide",
        "active": "true",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "department": "Maps", "manager": {"managerId": "8812", "displayName": " "},
        },
    })
}

pub fn people(names: &[&str]) -> Vec<Account> {
    names.iter().map(|name| Account::new(body(name))).collect()
}

/// Three people, and two groups of them.
pub fn plan(client: Client) -> Plan {
    Plan::new(client).people(people(&["mara.quill", "kai.rook", "zoe.bram"])).groups(vec![
        Group::new("Harbour Crew", ["mara.quill@lumen.example", "KAI.ROOK@lumen.example"]),
        Group::new("Night Watch", ["zoe.bram@lumen.example"]),
    ])
}

/// Carries one request.
pub fn carry(session: &mut Session, server: &mut Server) -> bool {
    match session.next() {
        Next::Done => false,
        Next::Send(request) => {
            let answer = answer(server, &request);
            session.answer(request.ticket, Ok(answer));
            true
        }
        other => panic!("nothing is on its way: {other:?}"),
    }
}

/// The answer of the endpoint to a request.
pub fn answer(server: &mut Server, request: &Request) -> Response {
    let accept = request.headers.iter().find(|(name, _)| *name == "Accept").unwrap().1;
    let has_other_token = request.headers.iter().any(|(name, _)| *name == "Authorization");
    let reply = if has_other_token && server.fault != Fault::IgnoresToken {
        server.refuse(accept)
    } else {
        server.handle(request.method, &request.path, accept, request.body.as_deref().unwrap_or_default())
    };
    Response::new(reply.status, reply.headers, reply.body)
}

pub fn play(plan: Plan, server: &mut Server) -> Report {
    let mut session = Session::new(plan).unwrap();
    while carry(&mut session, server) {}
    session.report()
}

/// The state without what differs from run to run.
pub fn members(server: &Server, group: &str) -> Vec<String> {
    let is_it = |resource: &&Value| resource["displayName"].as_str().unwrap().eq_ignore_ascii_case(group);
    let found = server.of("Groups").find(is_it).unwrap();
    let name = |member: &Value| {
        let user = &server.resources[&format!("Users/{}", member["value"].as_str().unwrap())];
        user["userName"].as_str().unwrap().split('@').next().unwrap().to_owned()
    };
    let mut names: Vec<_> = found["members"].as_array().into_iter().flatten().map(name).collect();
    names.sort();
    names
}

#[test]
fn each_client_creates_and_the_same_once_more_changes_nothing() {
    for client in Client::PROVIDERS {
        let mut server = Server::default();
        let report = play(plan(client), &mut server);
        assert_eq!(report.findings, [], "{client:?}");
        assert_eq!(report.summary.people, counts!(created: 3), "{client:?}");
        assert_eq!(report.summary.groups, counts!(created: 2), "{client:?}");
        assert!(report.ok() && !report.nothing_changed());
        assert_eq!(members(&server, "Harbour Crew"), ["kai.rook", "mara.quill"]);
        assert_eq!(members(&server, "Night Watch"), ["zoe.bram"]);
        let before = server.resources.clone();
        let report = play(plan(client), &mut server);
        assert_eq!(report.findings, [], "{client:?}");
        assert_eq!(report.summary.people, counts!(unchanged: 3), "{client:?}");
        assert_eq!(report.summary.groups, counts!(unchanged: 2), "{client:?}");
        assert!(report.ok() && report.nothing_changed());
        assert_eq!(server.resources, before, "{client:?}");
    }
}

#[test]
fn each_client_updates_what_has_changed() {
    let both = [Update::Put, Update::Patch];
    let ways = Client::PROVIDERS.into_iter().flat_map(|client| both.map(|update| (client, update)));
    for (client, update) in ways.filter(|way| *way != (Client::Entra, Update::Put)) {
        for flag in [false, client == Client::Entra] {
            let mut server = Server::default();
            play(plan(client), &mut server);
            let mut changed = body("mara.quill");
            changed["title"] = "Head guide".into();
            changed["active"] = "false".into();
            changed["name"]["familyName"] = "Quill-Orr".into();
            changed["emails"][0]["value"] = "mq@lumen.example".into();
            changed["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]["department"] = "Ports".into();
            changed["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"]["manager"]["managerId"] = "77".into();
            changed["addresses"] = json!([{"type": "work", "locality": "Evora"}]);
            changed["roles"] = json!([{"value": "pilot"}]);
            let plan = || plan(client).people(vec![Account::new(changed.clone())]).update(update).entra_flag(flag);
            let report = play(plan(), &mut server);
            let case = format!("{client:?} {update:?} {flag}");
            let errors: Vec<_> = report.findings.iter().filter(|found| found.code != "member_unknown").collect();
            assert!(errors.is_empty(), "{case}: {errors:?}");
            assert_eq!(report.summary.people.updated, 1, "{case}");
            let mara = server.of("Users").find(|user| user["userName"] == "mara.quill@lumen.example").unwrap();
            let enterprise = &mara["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"];
            assert_eq!(
                json!([mara["title"], mara["active"], mara["name"]["familyName"], mara["emails"][0]["value"]]),
                json!(["Head guide", false, "Quill-Orr", "mq@lumen.example"]),
                "{case}"
            );
            assert_eq!(
                json!([enterprise["department"], enterprise["manager"]["value"]]),
                json!(["Ports", "77"]),
                "{case}"
            );
            assert_eq!(mara["addresses"][0]["locality"], "Evora", "{case}");
            assert_eq!(mara["roles"][0]["value"], "pilot", "{case}");
            let report = play(plan(), &mut server);
            assert_eq!(report.summary.people.unchanged, 1, "{case}: {:?}", report.findings);
        }
    }
}

#[test]
fn members_are_added_and_removed_and_strangers_stay() {
    for client in Client::PROVIDERS {
        let mut server = Server::default();
        play(plan(client), &mut server);
        let group =
            server.resources.iter_mut().find(|(_, resource)| resource["displayName"] == "Harbour Crew").unwrap().1;
        group["members"].as_array_mut().unwrap().push(json!({"value": "stranger"}));
        server.resources.insert("Users/stranger".to_owned(), json!({"id": "stranger", "userName": "stranger"}));
        let groups = vec![Group::new("harbour crew", ["zoe.bram@lumen.example", "mara.quill@lumen.example"])];
        let report = play(plan(client).groups(groups), &mut server);
        assert_eq!(report.findings, [], "{client:?}");
        assert_eq!(report.summary.groups, counts!(updated: 1));
        assert_eq!(members(&server, "Harbour Crew"), ["mara.quill", "stranger", "zoe.bram"], "{client:?}");
    }
}

#[test]
fn leaving_people_are_suspended_deleted_or_left_alone() {
    for client in Client::PROVIDERS {
        for removal in [Removal::Delete, Removal::Suspend, Removal::Nothing] {
            let leaving = || {
                let mut all = people(&["mara.quill"]);
                all.extend([Account::leaving(body("kai.rook")), Account::leaving(body("no.body"))]);
                plan(client).people(all).removal(removal)
            };
            if client == Client::Okta && removal == Removal::Delete {
                let error = Session::new(leaving()).err().unwrap();
                assert_eq!(error.to_string(), "Okta never deletes people: choose `suspend` or `nothing`");
                continue;
            }
            let mut server = Server::default();
            play(plan(client), &mut server);
            let report = play(leaving(), &mut server);
            let case = format!("{client:?} {removal:?}");
            assert!(
                report.findings.iter().all(|found| found.code == "member_unknown"),
                "{case}: {:?}",
                report.findings
            );
            let kai = server.of("Users").find(|user| user["userName"] == "kai.rook@lumen.example");
            let (expected, again) = match removal {
                Removal::Delete => {
                    assert!(kai.is_none(), "{case}");
                    (counts!(deleted: 1, unchanged: 1, absent: 1), counts!(unchanged: 1, absent: 2))
                }
                Removal::Suspend => {
                    assert_eq!(kai.unwrap()["active"], false, "{case}");
                    (counts!(suspended: 1, unchanged: 1, absent: 1), counts!(unchanged: 2, absent: 1))
                }
                Removal::Nothing => {
                    assert_eq!(kai.unwrap()["active"], true, "{case}");
                    (counts!(left: 1, unchanged: 1, absent: 1), counts!(left: 1, unchanged: 1, absent: 1))
                }
                other => panic!("unknown removal {other}"),
            };
            assert_eq!(report.summary.people, expected, "{case}");
            assert_eq!(members(&server, "Harbour Crew"), ["mara.quill"], "{case}");
            let report = play(leaving(), &mut server);
            assert_eq!(report.summary.people, again, "{case}");
            assert!(report.nothing_changed(), "{case}");
        }
    }
}

#[test]
fn several_requests_may_be_on_their_way() {
    let names: Vec<_> = (0..50).map(|index| format!("person{index}.crew")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let mut session = Session::new(Plan::new(Client::OneLogin).people(people(&names))).unwrap();
    let mut server = Server::default();
    let mut flying = std::collections::VecDeque::new();
    let mut most = 0;
    loop {
        let next = session.next();
        if let Next::Send(request) = next {
            flying.push_back(request);
            most = most.max(flying.len());
            if flying.len() < 8 {
                continue;
            }
        } else if next == Next::Done {
            break;
        }
        // Answered in another order than sent.
        let at = flying.len() / 2;
        let request = flying.remove(at).unwrap();
        let reply = server.handle(
            request.method,
            &request.path,
            "application/json",
            request.body.as_deref().unwrap_or_default(),
        );
        session.answer(request.ticket, Ok(Response::new(reply.status, reply.headers, reply.body)));
    }
    assert_eq!(most, 8);
    assert_eq!(session.report().summary.people.created, 50);
    assert_eq!(server.of("Users").count(), 50);
    assert_eq!(session.progress().done, 50);
    session.answer(7, Err(Unanswered::new("late")));
    assert_eq!(session.report().findings, []);
    assert_eq!(server.fault, Fault::None);
}

#[test]
fn groups_are_imported_page_by_page() {
    let mut server = Server::default();
    let groups = || (0..7).map(|index| Group::new(format!("Group {index}"), ["mara.quill@lumen.example"])).collect();
    play(plan(Client::OneLogin).groups(groups()), &mut server);
    server.fault = Fault::PagesGroups;
    let report = play(plan(Client::OneLogin).groups(groups()), &mut server);
    assert_eq!(report.summary.groups, counts!(unchanged: 7));
    assert_eq!(report.findings[0].code, "groups_short");
    assert!(report.ok());
}

#[test]
fn plans_that_no_client_plays() {
    let refused = |plan: Plan| Session::new(plan).err().unwrap().to_string();
    let two = people(&["mara.quill", "MARA.QUILL"]);
    assert_eq!(
        refused(Plan::new(Client::OneLogin).people(two)),
        "`MARA.QUILL@lumen.example` is there twice: a `userName` is unique, in any case"
    );
    assert_eq!(
        refused(Plan::new(Client::Okta).people(vec![Account::new(json!({"userName": " "}))])),
        "person 1: the body has no `userName`, by which every client looks people up"
    );
    assert_eq!(refused(Plan::new(Client::Entra).update(Update::Put)), "Entra never updates by PUT: choose `patch`");
    assert!(refused(Plan::new(Client::Okta).entra_flag(true)).contains("aadOptscim062020"));
    let twice = vec![Group::new("A", [""; 0]), Group::new("a", [""; 0])];
    assert_eq!(refused(Plan::new(Client::OneLogin).groups(twice)), "the group `a` is there twice");
}

/// Many people cost what they cost each: the endpoint in memory is slow, the session must not be.
#[test]
fn many_people_in_many_groups() {
    let names: Vec<_> = (0..20_000).map(|index| format!("p{index}.crew")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let members = |group: usize| {
        let of = (0..100).map(move |place| format!("p{}.crew@lumen.example", group * 100 + place));
        Group::new(format!("Group {group}"), of)
    };
    let plan = Plan::new(Client::OneLogin).people(people(&names)).groups((0..200).map(members).collect());
    let start = std::time::Instant::now();
    let mut session = Session::new(plan.retries(0)).unwrap();
    let mut count = 0;
    let mut people = std::collections::HashMap::new();
    while let Next::Send(request) = session.next() {
        count += 1;
        let answer = match (request.method, request.path.as_str()) {
            ("POST", "/Users") => {
                let mut body: Value = serde_json::from_slice(request.body.as_deref().unwrap()).unwrap();
                body["id"] = request.subject.clone().into();
                body["meta"] = json!({"location": "https://sp.example/", "lastModified": "2026-01-01T00:00:00Z"});
                people.insert(format!("/Users/{}", request.subject.replace('@', "%40")), body.clone());
                Response::json(201, &body)
            }
            ("GET", path) if people.contains_key(path) => Response::json(200, &people[path]),
            _ => Response::json(404, &json!({"schemas": [scim_engine::ScimError::SCHEMA], "status": "404"})),
        };
        session.answer(request.ticket, Ok(answer));
    }
    assert!(count > 60_000, "{count}");
    assert_eq!(session.report().summary.people.created, 20_000);
    assert!(start.elapsed().as_secs() < 60, "{:?}", start.elapsed());
}
