//! Each wrong endpoint gives the finding that says what is wrong with it.

use std::time::Duration;

use scim_engine::client::{Account, Client, Next, Plan, Removal, Report, Response, Session, Severity, Unanswered};

use crate::play::{body, people, plan, play};
use crate::server::{Fault, Server};

/// The findings with everything in which a fault may show.
fn findings(client: Client, fault: Fault) -> Report {
    let mut server = Server::default();
    // Left-overs of a good day, so that there are updates too.
    play(plan(client), &mut server);
    server.fault = fault;
    let mut all = people(&["mara.quill", "new.comer"]);
    all.push(Account::leaving(body("kai.rook")));
    let removal = if client == Client::Okta { Removal::Suspend } else { Removal::Delete };
    play(plan(client).people(all).removal(removal), &mut server)
}

#[track_caller]
fn finds(client: Client, fault: Fault, code: &str, severity: Severity) {
    let report = findings(client, fault);
    let found = report.findings.iter().find(|finding| finding.code == code);
    let codes: Vec<_> = report.findings.iter().map(|finding| &finding.code).collect();
    let found = found.unwrap_or_else(|| panic!("{client:?} {fault:?}: no {code} in {codes:?}"));
    assert_eq!(found.severity, severity, "{client:?} {fault:?}: {found:?}");
    assert!(!found.found.is_empty() && !found.why.contains("{client}") && !found.cure.is_empty(), "{found:?}");
    assert_eq!(report.ok(), severity != Severity::Error, "{client:?} {fault:?}: {codes:?}");
}

#[test]
fn a_good_endpoint_has_none() {
    for client in Client::PROVIDERS {
        let report = findings(client, Fault::None);
        assert!(report.ok(), "{:?}", report.findings);
        assert!(report.findings.iter().all(|finding| finding.code == "member_unknown"), "{:?}", report.findings);
    }
}

#[test]
fn every_client_finds_it() {
    for client in Client::PROVIDERS {
        for (fault, code) in [
            (Fault::AllUsers, "filter_ignored"),
            (Fault::ContentType, "content_type"),
            (Fault::NotJson, "not_json"),
            (Fault::Encoded, "encoded"),
            (Fault::NoId, "id_missing"),
            (Fault::NumberId, "id_not_string"),
            (Fault::CreatedOk, "created_status"),
            (Fault::ExactCase, "look_up_missed"),
            (Fault::Duplicates, "duplicate_accepted"),
            (Fault::ConflictIs400, "duplicate_status"),
            (Fault::UnknownIs400, "not_found_status"),
            (Fault::NoTotal, "list_response"),
            (Fault::NoMembers, "members_differ"),
            (Fault::Redirects, "redirect"),
            (Fault::Unauthorized, "unauthorized"),
            (Fault::ServerError, "status"),
        ] {
            // JumpCloud's own test of its connection finds the same and goes no further.
            finds(client, fault, code, Severity::Error);
        }
        finds(client, Fault::PlainErrors, "error_body", Severity::Warning);
        finds(client, Fault::NoSchemas, "schemas_missing", Severity::Warning);
        finds(client, Fault::WrongType, "resource_type", Severity::Warning);
        finds(client, Fault::MailDates, "date_format", Severity::Warning);
        finds(client, Fault::NoScimType, "duplicate_type", Severity::Warning);
        finds(client, Fault::LosesTitle, "value_differs", Severity::Warning);
        finds(client, Fault::NoLocationHeader, "location_header", Severity::Warning);
    }
}

#[test]
fn some_clients_find_it() {
    for client in Client::PROVIDERS {
        let severity = if client == Client::OneLogin { Severity::Error } else { Severity::Warning };
        finds(
            client,
            Fault::NoFamilyName,
            if severity == Severity::Error { "name_missing" } else { "value_lost" },
            Severity::Error,
        );
        finds(client, Fault::NoLocation, "location_missing", severity);
    }
    finds(Client::Okta, Fault::EchoPassword, "password_returned", Severity::Error);
    finds(Client::OneLogin, Fault::Touches, "modified_unchanged", Severity::Warning);
    finds(Client::OneLogin, Fault::KeepsDeleted, "not_deleted", Severity::Error);
    finds(Client::Entra, Fault::IgnoresExcluded, "members_returned", Severity::Warning);
    // OneLogin names who is removed in a list; strict servers take out everybody.
    finds(Client::OneLogin, Fault::RemoveEmpties, "members_differ", Severity::Error);
}

#[test]
fn active_is_not_what_was_sent() {
    for client in Client::PROVIDERS {
        let mut server = Server::default();
        play(plan(client), &mut server);
        server.fault = Fault::AlwaysActive;
        let leaving = vec![Account::leaving(body("mara.quill"))];
        let report = play(Plan::new(client).people(leaving), &mut server);
        assert_eq!(report.findings[0].code, "not_suspended", "{client:?}");
        assert_eq!(report.findings[0].found, "`active` is true");
        assert_eq!(report.summary.people.failed, 1);
        let mut inactive = body("mara.quill");
        inactive["active"] = "False".into();
        let report = play(Plan::new(client).people(vec![Account::new(inactive)]), &mut server);
        assert_eq!(report.findings[0].code, "value_lost", "{client:?}");
        assert_eq!(report.findings[0].found, "`active`: sent false, got true");
    }
}

#[test]
fn the_same_of_many_is_one_finding() {
    let mut server = Server::with(Fault::NoLocation);
    let report = play(plan(Client::OneLogin), &mut server);
    let created: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| finding.code == "location_missing" && finding.step == "create user")
        .collect();
    assert_eq!(created.len(), 1);
    assert_eq!((created[0].count, created[0].subject.as_str()), (3, "mara.quill@lumen.example"));
    assert_eq!(created[0].why, "OneLogin needs `meta.location` of a user");
    assert_eq!((created[0].request.as_str(), created[0].status), ("POST /Users", Some(201)));
}

#[test]
fn each_attribute_that_is_lost_is_a_finding() {
    let report = play(plan(Client::OneLogin), &mut Server::with(Fault::LosesTitleAndEmails));
    let lost: Vec<_> = report
        .findings
        .iter()
        .filter(|finding| finding.code == "value_differs" && finding.step == "create user")
        .map(|finding| (finding.attribute.as_str(), finding.count))
        .collect();
    // The value and `primary` of each e-mail.
    assert_eq!(lost, [("title", 3), ("emails", 6)]);
}

#[test]
fn a_group_without_a_location_fails_nobody() {
    let report = play(plan(Client::OneLogin), &mut Server::with(Fault::NoLocation));
    let group = report.findings.iter().find(|finding| finding.step == "create group").unwrap();
    assert_eq!((group.code.as_str(), group.severity), ("location_missing", Severity::Warning));
    assert!(!group.why.contains("user"));
}

#[test]
fn a_date_to_try_again_at_is_read() {
    for (date, now, seconds) in [
        ("Sun, 06 Nov 1994 08:49:37 GMT", Some("Sun, 06 Nov 1994 08:49:30 GMT"), 7_000),
        ("Sun, 06 Nov 1994 08:49:37 GMT", Some("Mon, 07 Nov 1994 08:49:30 GMT"), 0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", None, 200),
        ("soon", Some("Sun, 06 Nov 1994 08:49:30 GMT"), 200),
    ] {
        let mut session = Session::new(plan(Client::OneLogin)).unwrap();
        let Next::Send(request) = session.next() else { panic!("nothing to send") };
        let headers = now.map(|now| ("Date".to_owned(), now.to_owned())).into_iter();
        let headers = headers.chain([("Retry-After".to_owned(), date.to_owned())]);
        session.answer(request.ticket, Ok(Response::new(429, headers.collect::<Vec<_>>(), Vec::new())));
        let Next::Send(request) = session.next() else { panic!("nothing to send") };
        assert_eq!(request.delay, Duration::from_millis(seconds), "{date} {now:?}");
    }
}

#[test]
fn a_failed_connection_test_ends_it() {
    for fault in [Fault::Unauthorized, Fault::Redirects, Fault::WrongUrl] {
        let mut server = Server::with(fault);
        let report = play(plan(Client::OneLogin), &mut server);
        assert_eq!(server.log.len(), 1);
        assert!(report.aborted.is_some() && !report.ok(), "{report:?}");
        assert_eq!(report.summary.people.total(), 0);
    }
}

#[test]
fn a_busy_endpoint_is_asked_again_as_it_says() {
    let mut server = Server { busy: 3, retry_after: Some("7"), ..Server::default() };
    let mut session = Session::new(plan(Client::OneLogin)).unwrap();
    let mut delays = Vec::new();
    while let Next::Send(request) = session.next() {
        delays.push(request.delay);
        let body = request.body.as_deref().unwrap_or_default();
        let reply = server.handle(request.method, &request.path, "application/json", body);
        session.answer(request.ticket, Ok(Response::new(reply.status, reply.headers, reply.body)));
    }
    assert_eq!(delays[..5], [0, 7, 7, 7, 0].map(Duration::from_secs));
    let report = session.report();
    assert!(report.ok());
    assert_eq!(report.summary.retries, 3);
    let mut server = Server { busy: 1000, ..Server::default() };
    let report = play(plan(Client::OneLogin).retries(2), &mut server);
    assert_eq!(report.findings[0].code, "busy");
    assert_eq!((server.log.len(), report.summary.retries), (3, 2));
}

#[test]
fn a_connection_test_without_an_answer_in_time_is_not_repeated() {
    let mut session = Session::new(plan(Client::OneLogin)).unwrap();
    let Next::Send(request) = session.next() else { panic!("expected a request") };
    session.answer(request.ticket, Err(Unanswered::timed_out("not within 2 s")));
    assert_eq!(session.next(), Next::Done);
    let report = session.report();
    assert_eq!(report.findings[0].found, "no answer in 1 try: not within 2 s");
    assert_eq!((report.summary.requests, report.summary.retries), (1, 0));
    // Later a time-out is like any other request without an answer.
    let mut session = Session::new(plan(Client::OneLogin).probes(false)).unwrap();
    let mut server = Server::default();
    let mut count = 0;
    while let Next::Send(request) = session.next() {
        count += 1;
        if count == 2 {
            session.answer(request.ticket, Err(Unanswered::timed_out("not within 2 s")));
            continue;
        }
        let body = request.body.as_deref().unwrap_or_default();
        let reply = server.handle(request.method, &request.path, "application/json", body);
        session.answer(request.ticket, Ok(Response::new(reply.status, reply.headers, reply.body)));
    }
    let report = session.report();
    assert!(report.ok(), "{:?}", report.findings);
    assert_eq!(report.summary.retries, 1);
}

#[test]
fn connections_that_break_are_tried_again_and_then_given_up() {
    let mut session = Session::new(plan(Client::OneLogin)).unwrap();
    let mut sent = 0;
    while let Next::Send(request) = session.next() {
        sent += 1;
        session.answer(request.ticket, Err(Unanswered::new("connection refused")));
    }
    assert_eq!(sent, 5);
    let report = session.report();
    assert_eq!(report.aborted.as_deref(), Some("the endpoint does not answer: connection refused"));
    assert_eq!(report.findings[0].found, "no answer in 5 tries: connection refused");
}

/// The answers to every n-th request get lost after the endpoint has done it.
#[test]
fn lost_answers_lose_nothing() {
    for client in Client::PROVIDERS {
        for every in 2..9 {
            let mut server = Server::default();
            for round in 0..2 {
                let leaving = vec![Account::leaving(body("kai.rook")), Account::new(body("mara.quill"))];
                let plan = if round == 0 { plan(client) } else { Plan::new(client).people(leaving) };
                let mut session = Session::new(plan).unwrap();
                let mut count = 0;
                while let Next::Send(request) = session.next() {
                    count += 1;
                    let accept = request.headers[0].1;
                    let body = request.body.as_deref().unwrap_or_default();
                    let reply = server.handle(request.method, &request.path, accept, body);
                    let answer = Response::new(reply.status, reply.headers, reply.body);
                    let lost = count % every == 0;
                    session.answer(request.ticket, if lost { Err(Unanswered::new("reset")) } else { Ok(answer) });
                }
                let report = session.report();
                assert!(report.ok(), "{client:?} {every}: {:?}", report.findings);
            }
            assert_eq!(server.of("Users").count(), 3, "{client:?} {every}");
            assert_eq!(server.of("Groups").count(), 2);
        }
    }
}

/// Oversized answers of a server are neither kept nor shown unchanged.
#[test]
fn hostile_answers() {
    let play = |answer: &dyn Fn(&str, &str) -> Response| {
        let mut session = Session::new(plan(Client::OneLogin)).unwrap();
        while let Next::Send(request) = session.next() {
            let response = answer(request.method, &request.path);
            session.answer(request.ticket, Ok(response));
        }
        session.report()
    };
    let list = |resources: Vec<serde_json::Value>| {
        let urn = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
        let count = resources.len();
        Response::json(200, &serde_json::json!({"schemas": [urn], "totalResults": count, "Resources": resources}))
    };
    let empty = |method: &str| {
        let error = serde_json::json!({"schemas": [scim_engine::ScimError::SCHEMA], "status": "404"});
        if method == "GET" { list(Vec::new()) } else { Response::json(404, &error) }
    };
    // 50,000 groups that are none: one finding of each kind, with its count.
    let many = play(&|method, path| {
        if path == "/Groups" && method == "GET" { list(vec![serde_json::json!({}); 50_000]) } else { empty(method) }
    });
    let counted = many.findings.iter().find(|finding| finding.code == "id_missing").unwrap();
    assert_eq!(counted.count, 50_000);
    assert!(many.findings.len() < 20 && serde_json::to_string(&many).unwrap().len() < 20_000);
    // An id that would be another path.
    let dots = play(&|method, path| match (method, path) {
        ("POST", "/Users") => {
            Response::json(201, &serde_json::json!({"id": "..", "userName": "mara.quill@lumen.example"}))
        }
        (_, path) => {
            assert!(!path.contains(".."), "{path}");
            empty(method)
        }
    });
    assert!(dots.findings.iter().any(|finding| finding.code == "id_missing" && finding.found.contains("`..`")));
    // Control characters of terminals, and a name of a megabyte.
    let long = "x".repeat(1_000_000);
    let escapes = play(&|method, _| match method {
        "GET" => list(vec![serde_json::json!({"id": "1", "userName": format!("\u{1b}[2J\nerror: forged {long}")})]),
        _ => Response::json(400, &serde_json::json!({"detail": "boo\u{1b}[2J\nerror: forged"})),
    });
    let text = serde_json::to_string(&escapes).unwrap();
    assert!(text.len() < 20_000, "{text}");
    assert!(escapes.findings.iter().all(|finding| !finding.found.contains(char::is_control)), "{text}");
}
