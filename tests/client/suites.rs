//! Suites that vendors publish, what Entra sends that breaks endpoints, and a product with a dozen attributes under all of
//! them.

use scim_engine::ResourceType;
use scim_engine::client::{Account, Client, Group, Next, Plan, PlanError, Session, Severity, Unanswered};
use scim_engine::schema::Schema;
use serde_json::json;

use crate::play::{plan, play};
use crate::server::{Fault, Server};

const SUITES: [Client; 2] = [Client::MicrosoftValidator, Client::OktaSpec];

/// An endpoint with somebody in it.
fn peopled(fault: Fault, users: Option<ResourceType>) -> Server {
    let mut server = Server { users, ..Server::default() };
    play(plan(Client::OneLogin), &mut server);
    server.fault = fault;
    server
}

#[test]
fn a_good_endpoint_passes_and_is_left_as_it_was() {
    for client in SUITES {
        let mut server = peopled(Fault::None, None);
        let before = server.resources.clone();
        for _ in 0..2 {
            let report = play(Plan::new(client), &mut server);
            assert_eq!(report.findings, [], "{client:?}");
            assert!(report.ok() && report.nothing_changed());
            assert_eq!(server.resources, before, "{client:?}");
        }
    }
}

/// The checks as their vendors name them.
#[test]
fn every_check_is_played() {
    let checks = |client| {
        let report = play(Plan::new(client), &mut peopled(Fault::None, None));
        report.summary.steps.into_keys().filter(|step| *step != "connection test").collect::<Vec<_>>()
    };
    let okta = checks(Client::OktaSpec);
    assert_eq!(okta.len(), 12 + 2, "{okta:?}");
    let microsoft = checks(Client::MicrosoftValidator);
    let optional = microsoft.iter().filter(|name| name.starts_with("optional: ")).count();
    assert_eq!((microsoft.len() - optional, optional), (29, 10), "{microsoft:?}");
}

#[track_caller]
fn finds(client: Client, fault: Fault, code: &str, step: &str, severity: Severity) {
    let mut server = peopled(fault, None);
    let before = server.of("Users").count();
    let own = if client == Client::Entra { plan(client) } else { Plan::new(client) };
    let report = play(own, &mut server);
    let found = report.findings.iter().find(|finding| finding.code == code && finding.step == step);
    let found = found.unwrap_or_else(|| panic!("{client:?} {fault:?}: no {code} in {:?}", report.findings));
    assert_eq!(found.severity, severity, "{found:?}");
    assert!(!found.found.is_empty() && !found.why.contains("{client}") && !found.cure.is_empty(), "{found:?}");
    assert_eq!(server.of("Users").count(), before, "{client:?} {fault:?}: what was made is still there");
}

#[test]
fn microsoft_finds_it() {
    use Severity::{Error, Warning};
    let client = Client::MicrosoftValidator;
    for (fault, code, step, severity) in [
        (Fault::ContentType, "content_type", "Create a new User", Error),
        (Fault::CreatedOk, "created_status", "Create a new Group", Error),
        (Fault::Duplicates, "duplicate_accepted", "Create a duplicate User", Error),
        (Fault::Duplicates, "duplicate_accepted", "Create a duplicate Group", Error),
        (Fault::ConflictIs400, "duplicate_status", "Create a duplicate Group", Error),
        (Fault::AllUsers, "filter_ignored", "Filter for a non-existing user", Error),
        (Fault::ExactCase, "look_up_missed", "Filter for an existing user with a different case", Error),
        (Fault::LosesTitle, "value_differs", "Create a new User", Warning),
        (Fault::KeepsManager, "value_differs", "Patch User - Remove Manager", Warning),
        (Fault::AlwaysActive, "not_suspended", "Patch User - Disable User", Error),
        (Fault::IgnoresExcluded, "members_returned", "Get group by id excluding members", Warning),
        (Fault::NoMembers, "members_differ", "Patch Group - Add Member", Error),
        (Fault::RemoveEmpties, "members_differ", "Patch Group - Remove Member", Error),
        (Fault::UnknownIs400, "not_found_status", "optional: Delete a non-existent User", Warning),
    ] {
        finds(client, fault, code, step, severity);
    }
    // `add` makes what it needs in any case.
    assert_eq!(play(Plan::new(client), &mut peopled(Fault::NoTarget, None)).findings, []);
    let kept = play(Plan::new(client), &mut peopled(Fault::KeepsDeleted, None));
    assert!(kept.findings.iter().any(|finding| finding.code == "not_deleted" && finding.step == "Delete a Group"));
}

#[test]
fn okta_finds_it() {
    use Severity::Error;
    for (fault, code, step, severity) in [
        (Fault::NoPages, "list_response", "Test Users endpoint", Error),
        (Fault::NoFamilyName, "name_missing", "Test Users endpoint", Error),
        (Fault::NoDetail, "error_body", "Check status 404", Severity::Warning),
        (Fault::UnknownIs400, "not_found_status", "Test invalid User by ID", Error),
        (Fault::AllUsers, "filter_ignored", "Test invalid User by username", Error),
        (Fault::Duplicates, "duplicate_accepted", "Expect failure when recreating user with same values", Error),
        (Fault::IgnoresToken, "token_ignored", "Check status 401", Error),
    ] {
        finds(Client::OktaSpec, fault, code, step, severity);
    }
    let report = play(Plan::new(Client::OktaSpec), &mut Server::default());
    assert_eq!(report.findings[0].code, "nobody_there");
    let mut bare = Server::default();
    let bare_body = json!({"userName": "bare", "name": {"givenName": "A", "familyName": "B"}});
    play(Plan::new(Client::OneLogin).people(vec![Account::new(bare_body)]), &mut bare);
    let report = play(Plan::new(Client::OktaSpec), &mut bare);
    let missing: Vec<_> = report.findings.iter().map(|finding| (&*finding.code, &*finding.attribute)).collect();
    assert!(missing.contains(&("value_missing", "active")) && missing.contains(&("value_missing", "emails")));
}

#[test]
fn entra_sends_what_breaks_endpoints() {
    for (fault, code, step) in [
        (Fault::NoTarget, "replace_refused", "probe: replace where nothing is"),
        (Fault::KnownPathsOnly, "unknown_refused", "probe: an unknown attribute"),
        (Fault::RoleText, "role_text", "probe: an app role"),
    ] {
        finds(Client::Entra, fault, code, step, Severity::Warning);
    }
    finds(Client::Entra, Fault::AlwaysActive, "not_suspended", "probe: replace where nothing is", Severity::Error);
    let mut server = peopled(Fault::None, None);
    play(plan(Client::Entra).probes(false), &mut server);
    assert!(server.log.iter().all(|seen| !format!("{:?}", seen.body).contains("preferredLang\"")));
}

#[test]
fn a_suite_is_cut_off_and_cleans_up_the_next_time() {
    for client in SUITES {
        let mut whole = peopled(Fault::None, None);
        let before = whole.resources.len();
        let played = whole.log.len();
        play(Plan::new(client), &mut whole);
        for kill_after in 1..whole.log.len() - played {
            let mut server = peopled(Fault::None, None);
            let mut session = Session::new(Plan::new(client)).unwrap();
            for _ in 0..kill_after {
                crate::play::carry(&mut session, &mut server);
            }
            let report = play(Plan::new(client), &mut server);
            assert!(report.ok(), "{client:?} {kill_after}: {:?}", report.findings);
            assert_eq!(server.resources.len(), before, "{client:?} {kill_after}");
        }
    }
}

#[test]
fn a_suite_has_people_of_its_own() {
    for client in SUITES {
        let refused = |plan: Plan| -> PlanError { Session::new(plan).err().unwrap() };
        let somebody = vec![Account::new(json!({"userName": "a"}))];
        assert!(refused(Plan::new(client).people(somebody)).to_string().contains("of its own"));
        assert!(refused(Plan::new(client).groups(vec![Group::new("a", [""; 0])])).to_string().contains("of its own"));
        assert_eq!(client.as_str().parse(), Ok(client));
    }
}

/// As `tests/python/test_product.py` has it.
fn dozen() -> ResourceType {
    let urn = Schema::ENTERPRISE_USER;
    let (department, number) = (format!("{urn}:department"), format!("{urn}:employeeNumber"));
    let kept = [
        "userName",
        "externalId",
        "name.givenName",
        "name.familyName",
        "displayName",
        "active",
        "title",
        "emails.value",
        "emails.type",
        "emails.primary",
        "preferredLanguage",
        &department,
        &number,
    ];
    ResourceType::user().only(kept).unwrap()
}

#[test]
fn a_product_with_a_dozen_attributes() {
    for client in Client::PROVIDERS {
        let mut server = Server { users: Some(dozen()), ..Server::default() };
        let plan = || {
            let people = ["mara.quill", "kai.rook", "zoe.bram"].map(|name| {
                let mut body = crate::play::body(name);
                body["name"].as_object_mut().unwrap().remove("formatted");
                body[Schema::ENTERPRISE_USER].as_object_mut().unwrap().remove("manager");
                Account::new(body)
            });
            plan(client).people(people.into())
        };
        let report = play(plan(), &mut server);
        assert_eq!(report.findings, [], "{client:?}");
        assert_eq!(report.summary.people.created, 3, "{client:?}");
        let before = server.resources.clone();
        let report = play(plan(), &mut server);
        assert_eq!(report.findings, [], "{client:?}");
        assert!(report.ok() && report.nothing_changed(), "{client:?}: {:?}", report.summary);
        assert_eq!(server.resources, before, "{client:?}");
        for suite in SUITES {
            let report = play(Plan::new(suite), &mut server);
            assert_eq!(report.findings, [], "{suite:?}");
            assert_eq!(server.resources, before, "{suite:?}");
        }
    }
}

/// The answers to every n-th request get lost after the endpoint has done it.
#[test]
fn lost_answers_make_no_findings() {
    for client in SUITES {
        for every in 2..9 {
            let mut server = peopled(Fault::None, None);
            let before = server.resources.clone();
            let mut session = Session::new(Plan::new(client)).unwrap();
            let mut count = 0;
            while let Next::Send(request) = session.next() {
                count += 1;
                let reply = crate::play::answer(&mut server, &request);
                let lost = count % every == 0;
                session.answer(request.ticket, if lost { Err(Unanswered::new("reset")) } else { Ok(reply) });
            }
            assert_eq!(session.report().findings, [], "{client:?} {every}");
            assert_eq!(server.resources, before, "{client:?} {every}");
        }
    }
}
