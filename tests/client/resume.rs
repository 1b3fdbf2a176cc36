//! A push that was killed at any moment and repeated ends in the same state.

use scim_engine::client::{Account, Client, Entry, Plan, Removal, Session, Unanswered};

use crate::play::{body, carry, members, people, plan, play};
use crate::server::Server;

fn full(client: Client) -> Plan {
    let mut all = people(&["mara.quill", "kai.rook", "zoe.bram"]);
    all.push(Account::leaving(body("no.body")));
    plan(client).people(all).removal(Removal::Suspend)
}

/// The state without ids and times.
fn state(server: &Server) -> String {
    let users: Vec<_> = server.of("Users").map(|user| (user["userName"].clone(), user["active"].clone())).collect();
    let groups: Vec<_> = ["Harbour Crew", "Night Watch"].map(|group| (group, members(server, group))).to_vec();
    format!("{users:?} {groups:?}")
}

#[test]
fn killed_after_every_request() {
    for client in Client::PROVIDERS {
        let mut whole = Server::default();
        play(full(client), &mut whole);
        for with_journal in [false, true] {
            for kill_after in 1..whole.log.len() {
                let mut server = Server::default();
                let mut session = Session::new(full(client)).unwrap();
                let mut journal: Vec<Entry> = Vec::new();
                for _ in 0..kill_after {
                    carry(&mut session, &mut server);
                    journal.extend(session.take_journal());
                }
                drop(session);
                // A journal goes through a file.
                let lines: Vec<_> = journal.iter().map(|entry| serde_json::to_string(entry).unwrap()).collect();
                let read = lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
                let again = if with_journal { full(client).resume(read) } else { full(client) };
                let report = play(again, &mut server);
                let case = format!("{client:?} {with_journal} {kill_after}");
                assert!(report.ok(), "{case}: {:?}", report.findings);
                assert_eq!(state(&server), state(&whole), "{case}");
                if with_journal {
                    assert_eq!(report.summary.resumed, journal.len(), "{case}");
                }
            }
        }
    }
}

#[test]
fn finished_steps_are_repeated_only_after_a_change() {
    let mut server = Server::default();
    let mut session = Session::new(plan(Client::OneLogin)).unwrap();
    while carry(&mut session, &mut server) {}
    let journal = session.take_journal();
    assert_eq!(journal.len(), 5);
    let sent = server.log.len();
    let report = play(plan(Client::OneLogin).resume(journal.clone()).probes(false), &mut server);
    assert_eq!(report.summary.people, counts!(created: 3));
    assert_eq!(server.log.len() - sent, 2, "the connection test and the import");
    let mut changed = body("mara.quill");
    changed["title"] = "Head guide".into();
    let mut all = people(&["kai.rook", "zoe.bram"]);
    all.push(Account::new(changed));
    let report = play(plan(Client::OneLogin).people(all).resume(journal), &mut server);
    assert_eq!(report.summary.people, counts!(created: 2, updated: 1));
}

/// A reader of the journal could guess the password of a hash.
#[test]
fn a_journal_has_no_hash_of_a_password() {
    let entries = |password: &str| {
        let mut one = body("mara.quill");
        one["password"] = password.into();
        let mut session =
            Session::new(plan(Client::OneLogin).people(vec![Account::new(one)]).groups(Vec::new())).unwrap();
        let mut server = Server::default();
        while carry(&mut session, &mut server) {}
        session.take_journal().into_iter().map(|entry| entry.fingerprint).collect::<Vec<_>>()
    };
    assert_eq!(entries("Gull-7-harbour").len(), 1);
    assert_eq!(entries("Gull-7-harbour"), entries("Heron-8-lagoon"));
}

/// People who failed the first time are tried again, and then also added to the group that was finished without them.
#[test]
fn members_who_failed_come_later() {
    let mut server = Server::default();
    let mut session = Session::new(plan(Client::OneLogin).retries(0)).unwrap();
    let mut journal = Vec::new();
    while let scim_engine::client::Next::Send(request) = session.next() {
        let is_lost = request.method == "POST" && request.subject.starts_with("kai");
        let body = request.body.as_deref().unwrap_or_default();
        let reply =
            server.handle(if is_lost { "GET" } else { request.method }, &request.path, "application/json", body);
        let answer = scim_engine::client::Response::new(reply.status, reply.headers, reply.body);
        session.answer(request.ticket, if is_lost { Err(Unanswered::new("reset")) } else { Ok(answer) });
        journal.extend(session.take_journal());
    }
    assert_eq!(session.report().summary.people.failed, 1);
    assert_eq!(members(&server, "Harbour Crew"), ["mara.quill"]);
    let report = play(plan(Client::OneLogin).resume(journal), &mut server);
    assert_eq!(report.summary.people.failed, 0);
    assert_eq!(members(&server, "Harbour Crew"), ["kai.rook", "mara.quill"]);
}
