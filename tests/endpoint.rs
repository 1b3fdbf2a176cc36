//! The endpoint over a storage in memory: the exchanges of `tests/endpoint/*.json`, and what a storage may do to it.
//!
//! `SCIM_ENGINE_RECORD=1 cargo test --features endpoint --test endpoint` writes the answers anew, to be read.

#![cfg(feature = "endpoint")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::path::Path;

use scim_engine::endpoint::{
    Action, Call, Delete, Elements, Endpoint, Find, Found, Get, Insert, MemoryStorage, NestedGroups, Reply, Request,
    Response, Step, Storage, StorageError, Stored, Update, Window,
};
use scim_engine::{Registry, ResourceType, ScimError};
use serde_json::{Map, Value, json};

mod exchanges;
use exchanges::{body, endpoint, replay, request};

fn user(name: &str) -> Value {
    json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": name})
}

#[test]
fn exchanges_are_as_agreed() {
    let compare =
        |name: &Value, answer, step: &Value| assert_eq!(answer, step["answer"], "{name}: {}", step["request"]);
    let steps = replay(Path::new("tests/endpoint"), &Registry::default(), MemoryStorage::default, compare);
    assert!(steps > 500, "{steps}");
}

/// A storage that does something before it is asked for the first time by one of its methods.
struct Meddled<'m> {
    storage: MemoryStorage,
    meddle: &'m mut dyn FnMut(&mut MemoryStorage, &Call) -> Option<StorageError>,
    calls: Vec<Call>,
}

impl Meddled<'_> {
    fn ask(&mut self, call: Call) -> Result<Reply, StorageError> {
        self.calls.push(call.clone());
        match (self.meddle)(&mut self.storage, &call) {
            Some(error) => Err(error),
            None => call.ask(&mut self.storage),
        }
    }
}

fn run(endpoint: &Endpoint, request: Request, storage: &mut Meddled<'_>) -> Response {
    let mut exchange = endpoint.begin(request);
    let mut step = exchange.start();
    loop {
        match step {
            Step::Ask(call) => step = exchange.answer(storage.ask(call)),
            Step::Respond(response) => return response,
        }
    }
}

fn filled(names: &[&str]) -> MemoryStorage {
    let mut storage = MemoryStorage::default();
    for name in names {
        assert_eq!(
            endpoint(&Registry::default()).handle(request("POST", "/Users").json(&user(name)), &mut storage).status,
            201
        );
    }
    storage
}

#[test]
fn a_change_is_tried_again_if_another_came_first() {
    let mut others = 3;
    let mut meddle = |storage: &mut MemoryStorage, call: &Call| {
        if matches!(call, Call::Update(_)) && others > 0 {
            others -= 1;
            let patch = json!({"Operations": [{"op": "add", "path": "nickName", "value": format!("n{others}")}]});
            assert_eq!(
                endpoint(&Registry::default()).handle(request("PATCH", "/Users/1").json(&patch), storage).status,
                200
            );
        }
        None
    };
    let mut storage = Meddled { storage: filled(&["ann"]), meddle: &mut meddle, calls: Vec::new() };
    let patch = json!({"Operations": [{"op": "add", "path": "title", "value": "Guide"}]});
    let response = run(&endpoint(&Registry::default()), request("PATCH", "/Users/1").json(&patch), &mut storage);
    assert_eq!((response.status, body(&response)["title"].as_str()), (200, Some("Guide")));
    assert_eq!(body(&response)["nickName"], "n0");
    assert_eq!(response.header("ETag"), Some("W/\"5\""));
}

#[test]
fn a_change_gives_up_and_says_so() {
    let mut meddle =
        |_: &mut MemoryStorage, call: &Call| matches!(call, Call::Update(_)).then_some(StorageError::Stale);
    let mut storage = Meddled { storage: filled(&["ann"]), meddle: &mut meddle, calls: Vec::new() };
    let patch = json!({"Operations": [{"op": "add", "path": "title", "value": "Guide"}]});
    let response =
        run(&endpoint(&Registry::default()).tries(4), request("PATCH", "/Users/1").json(&patch), &mut storage);
    assert_eq!(response.status, 409);
    let locks: Vec<bool> = storage
        .calls
        .iter()
        .filter_map(|call| if let Call::Get(get) = call { Some(get.locks) } else { None })
        .collect();
    assert_eq!(locks, [false, false, true, true]);
}

#[test]
fn what_fails_is_for_the_log_alone() {
    for (error, status) in [
        (StorageError::Failed("password of the database is wrong".into()), 500),
        (StorageError::Busy, 503),
        (StorageError::uniqueness("userName"), 409),
    ] {
        let mut meddle = |_: &mut MemoryStorage, _: &Call| Some(error.clone());
        let mut storage = Meddled { storage: MemoryStorage::default(), meddle: &mut meddle, calls: Vec::new() };
        let response = run(&endpoint(&Registry::default()), request("POST", "/Users").json(&user("ann")), &mut storage);
        assert_eq!(response.status, status);
        assert!(!String::from_utf8_lossy(&response.body).contains("database"));
        assert_eq!(response.failure.is_some(), status == 500, "{error}");
        assert_eq!(response.header("Retry-After").is_some(), status == 503);
    }
}

#[test]
fn a_cursor_loses_nobody_under_deletion_and_an_index_does() {
    let names: Vec<String> = (0..9).map(|number| format!("user{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    for (order, by_cursor, lost) in [("", true, 0), ("&sortBy=userName", true, 0), ("", false, 3)] {
        let mut storage = filled(&names);
        let (mut seen, mut next) =
            (Vec::new(), if by_cursor { "cursor".to_owned() } else { "startIndex=1".to_owned() });
        loop {
            let response = endpoint(&Registry::default())
                .handle(request("GET", &format!("/Users?{next}&count=3{order}")), &mut storage);
            let page = body(&response);
            let ids: Vec<String> = page["Resources"]
                .as_array()
                .unwrap()
                .iter()
                .map(|one| one["id"].as_str().unwrap().to_owned())
                .collect();
            for id in &ids {
                assert_eq!(
                    endpoint(&Registry::default())
                        .handle(request("DELETE", &format!("/Users/{id}")), &mut storage)
                        .status,
                    204
                );
            }
            seen.extend(ids);
            match (page["nextCursor"].as_str(), by_cursor) {
                (Some(cursor), true) => next = format!("cursor={cursor}"),
                (None, false) if seen.len() < 6 => next = format!("startIndex={}", seen.len() + 1),
                _ => break,
            }
        }
        assert_eq!(names.len() - seen.len(), lost, "{order} {seen:?}");
    }
}

#[test]
fn a_long_group_is_patched_by_the_members_that_are_named() {
    let mut storage = MemoryStorage::default();
    let members: Vec<Value> = (0..50).map(|number| json!({"value": number.to_string()})).collect();
    let group =
        json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "Crew", "members": members});
    assert_eq!(
        endpoint(&Registry::default()).handle(request("POST", "/Groups").json(&group), &mut storage).status,
        201
    );
    let patch = json!({"Operations": [
        {"op": "remove", "path": "members[value eq \"7\"]"},
        {"op": "add", "path": "members", "value": [{"value": "77"}]},
    ]});
    // A storage that gives the whole group at once does not change what is answered.
    let response = endpoint(&Registry::default())
        .most_members(49)
        .handle(request("PATCH", "/Groups/1").json(&patch), &mut storage.clone());
    assert_eq!(response.status, 204);
    for (most, path, status) in
        [(49, "/Groups/1", 204), (50, "/Groups/1", 200), (1, "/Groups/1?attributes=members", 200)]
    {
        let mut meddle = |_: &mut MemoryStorage, _: &Call| None;
        let mut partial = Partial(Meddled { storage: storage.clone(), meddle: &mut meddle, calls: Vec::new() });
        let response =
            endpoint(&Registry::default()).most_members(most).handle(request("PATCH", path).json(&patch), &mut partial);
        assert_eq!(response.status, status, "{most}");
        assert_eq!(response.header("ETag"), Some("W/\"2\""));
        let Some(Call::Get(get)) = partial.0.calls.first() else { panic!() };
        assert_eq!(get.needs.elements("members"), Elements::Of(&["7".to_owned(), "77".to_owned()]));
        let Some(Call::Update(update)) = partial.0.calls.get(1) else { panic!() };
        assert_eq!(update.outcome.changes[0].removed, [json!({"value": "7"})]);
        assert_eq!(update.outcome.changes[0].added, [json!({"value": "77"})]);
    }
}

/// A storage that keeps the members of groups apart, reads those that are needed, and writes those that changed.
struct Partial<'m>(Meddled<'m>);

impl Storage for Partial<'_> {
    fn get(&mut self, get: &Get) -> Result<Option<Stored>, StorageError> {
        let Reply::Got(mut found) = self.0.ask(Call::Get(get.clone()))? else { panic!() };
        if let (Some(stored), Elements::Of(named)) = (&mut found, get.needs.elements("members")) {
            let is_named = |member: &Value| named.iter().any(|name| member["value"] == **name);
            stored.resource["members"].as_array_mut().unwrap().retain(is_named);
        }
        Ok(found)
    }

    fn find(&mut self, find: &Find) -> Result<Found, StorageError> {
        self.0.storage.find(find)
    }

    fn insert(&mut self, insert: &Insert) -> Result<Stored, StorageError> {
        self.0.storage.insert(insert)
    }

    fn update(&mut self, update: &Update) -> Result<Option<Stored>, StorageError> {
        self.0.calls.push(Call::Update(Box::new(update.clone())));
        let id = update.id.clone();
        let stored = self.0.storage.get(&get_of(&self.0.calls[0], &id))?.unwrap();
        let mut whole = update.clone();
        let mut members = stored.resource["members"].as_array().unwrap().clone();
        for change in &update.outcome.changes {
            members.retain(|member| !change.removed.contains(member));
            members.extend(change.added.iter().cloned());
        }
        whole.resource["members"] = members.into();
        self.0.storage.update(&whole).map(|_| None)
    }

    fn delete(&mut self, delete: &Delete) -> Result<(), StorageError> {
        self.0.storage.delete(delete)
    }
}

fn get_of(call: &Call, id: &str) -> Get {
    let Call::Get(get) = call else { panic!() };
    let mut get = get.clone();
    id.clone_into(&mut get.id);
    get
}

#[test]
fn a_secret_reaches_the_storage_apart() {
    let mut meddle = |_: &mut MemoryStorage, _: &Call| None;
    let mut storage = Meddled { storage: filled(&["ann"]), meddle: &mut meddle, calls: Vec::new() };
    let patch = json!({"Operations": [{"op": "add", "path": "password", "value": "t0p"}]});
    assert_eq!(
        run(&endpoint(&Registry::default()), request("PATCH", "/Users/1").json(&patch), &mut storage).status,
        200
    );
    let update = storage
        .calls
        .iter()
        .find_map(|call| if let Call::Update(update) = call { Some(update) } else { None })
        .unwrap();
    assert_eq!((&update.secrets["password"], update.resource.get("password")), (&json!("t0p"), None));
    assert!(update.outcome.changes.is_empty());
    assert!(!format!("{:?}", request("PATCH", "/Users/1").json(&patch)).contains("t0p"));
}

#[test]
fn a_secret_that_goes_reaches_the_storage() {
    for (operation, wanted) in [
        (json!({"op": "remove", "path": "password"}), Some(json!(null))),
        (json!({"op": "replace", "path": "password", "value": null}), Some(json!(null))),
        (json!({"op": "replace", "value": {"password": null}}), Some(json!(null))),
        (json!({"op": "replace", "path": "title", "value": "Guide"}), None),
    ] {
        let mut meddle = |_: &mut MemoryStorage, _: &Call| None;
        let mut storage = Meddled { storage: filled(&["ann"]), meddle: &mut meddle, calls: Vec::new() };
        let patch = json!({"Operations": [operation]});
        assert_eq!(
            run(&endpoint(&Registry::default()), request("PATCH", "/Users/1").json(&patch), &mut storage).status,
            200
        );
        let Some(Call::Update(update)) = storage.calls.get(1) else { panic!("{operation}") };
        assert_eq!(update.secrets.get("password").cloned(), wanted, "{operation}");
        assert_eq!(update.resource.get("password"), None);
    }
}

/// The action, the id, whether the resource changed, the paths that changed, and the secrets.
type Said<'r> = (Action, &'r str, bool, Vec<&'r str>, Vec<&'r str>);

/// What the events of an answer say.
fn said(response: &Response) -> Vec<Said<'_>> {
    let said = response.events.iter().map(|event| {
        let mut paths: Vec<_> = event.outcome.changes.iter().map(|change| change.path.as_str()).collect();
        paths.sort_unstable();
        let secrets = event.secrets.iter().map(String::as_str).collect();
        (event.action, event.id.as_str(), event.outcome.changed, paths, secrets)
    });
    said.collect()
}

#[test]
fn an_answer_says_what_was_done() {
    let mut storage = MemoryStorage::default();
    let mut send = |method: &str, path: &str, body: &Value| {
        let request = request(method, path);
        endpoint(&Registry::default()).handle(if body.is_null() { request } else { request.json(body) }, &mut storage)
    };
    let ann = json!({"userName": "ann", "active": "True", "password": "t0p"});
    let response = send("POST", "/Users", &ann);
    assert_eq!(
        said(&response),
        [(Action::Created, "1", true, vec!["active", "schemas", "userName"], vec!["password"])]
    );
    assert_eq!((response.events[0].resource_type.as_str(), response.route.as_str()), ("User", "Users"));
    assert!(!format!("{response:?}").contains("t0p"));
    let operations = |operation: Value| json!({"Operations": [operation]});
    let patch = operations(json!({"op": "replace", "path": "active", "value": "True"}));
    let response = send("PATCH", "/Users/1", &patch);
    assert_eq!(said(&response), [(Action::Patched, "1", false, vec![], vec![])]);
    assert_eq!((response.events[0].outcome.repairs.len(), response.route.as_str()), (2, "Users/{id}"));
    let response = send("PATCH", "/Users/1", &operations(json!({"op": "add", "path": "password", "value": "new"})));
    assert_eq!(said(&response), [(Action::Patched, "1", true, vec![], vec!["password"])]);
    let response = send("PUT", "/Users/1", &json!({"userName": "ann", "title": "Guide", "active": true}));
    let replaced = said(&response);
    assert_eq!((replaced[0].0, &replaced[0].3), (Action::Replaced, &vec!["title"]));
    let bulk = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"], "Operations": [
        {"method": "POST", "path": "/Users", "bulkId": "b", "data": user("bo")},
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": user("ann")},
        {"method": "DELETE", "path": "/Users/1"},
    ]});
    let response = send("POST", "/Bulk", &bulk);
    let done: Vec<_> = said(&response).iter().map(|said| (said.0, said.1.to_owned())).collect();
    assert_eq!(done, [(Action::Created, "2".to_owned()), (Action::Deleted, "1".to_owned())]);
    assert_eq!((response.events[1].outcome.changed, response.route.as_str()), (true, "Bulk"));
    for (method, path, body) in [
        ("GET", "/Users", Value::Null),
        ("DELETE", "/Users/9", Value::Null),
        ("POST", "/Users", json!({"userName": "bo"})),
        ("PATCH", "/Users/2", operations(json!({"op": "remove", "path": "userName"}))),
    ] {
        assert_eq!(send(method, path, &body).events, []);
    }
}

#[test]
fn what_was_written_is_said_even_if_the_answer_fails() {
    let mut asked = 0;
    let mut meddle = |_: &mut MemoryStorage, call: &Call| {
        asked += usize::from(matches!(call, Call::Get(_)));
        (asked == 2).then(|| StorageError::Failed("gone".into()))
    };
    let mut storage = Meddled { storage: MemoryStorage::default(), meddle: &mut meddle, calls: Vec::new() };
    let group = json!({"displayName": "Crew", "members": [{"value": "1"}]});
    assert_eq!(
        endpoint(&Registry::default()).handle(request("POST", "/Groups").json(&group), &mut storage.storage).status,
        201
    );
    let patch = json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": "2"}]}]});
    let mut partial = Partial(storage);
    let response = endpoint(&Registry::default()).handle(request("PATCH", "/Groups/1").json(&patch), &mut partial);
    assert_eq!((response.status, said(&response)[0].0), (500, Action::Patched));
}

#[test]
fn groups_in_groups_are_read_once_each_and_not_without_need() {
    let endpoint = endpoint(&Registry::default()).nested_groups(NestedGroups::Allowed).max_body(1 << 20);
    let mut storage = MemoryStorage::default();
    let of = |id: usize| json!({"value": id.to_string(), "type": "Group"});
    let group = |name: &str, members: Vec<Value>| json!({"displayName": name, "members": members});
    // Each of these groups has the two before it, so the paths through them double with each group.
    for number in 1..=40_usize {
        let members = (number.saturating_sub(2).max(1)..number).map(of).collect();
        let request = request("POST", "/Groups").json(&group(&number.to_string(), members));
        assert_eq!(endpoint.handle(request, &mut storage).status, 201);
    }
    assert_eq!(endpoint.handle(request("POST", "/Groups").json(&group("top", vec![])), &mut storage).status, 201);
    let gets = |path: &str, member: Value, wanted: u16| {
        let patch = json!({"Operations": [{"op": "add", "path": "members", "value": [member]}]});
        let mut meddle = |_: &mut MemoryStorage, _: &Call| None;
        let mut meddled = Meddled { storage: storage.clone(), meddle: &mut meddle, calls: Vec::new() };
        let response = run(&endpoint, request("PATCH", path).json(&patch), &mut meddled);
        assert_eq!(response.status, wanted, "{path}");
        meddled.calls.iter().filter(|call| matches!(call, Call::Get(_))).count()
    };
    assert_eq!(gets("/Groups/41", of(40), 200), 1 + 40);
    assert_eq!(gets("/Groups/41", json!({"value": "40"}), 200), 1);
    // It is a member already, so nothing changes, and the second reading is that of the answer.
    assert_eq!(gets("/Groups/40", of(39), 200), 2);
    assert_eq!(gets("/Groups/1", of(41), 200), 2);
    assert_eq!(gets("/Groups/41", json!({"value": "41", "$ref": "../Groups/41"}), 400), 1);
    assert!(gets("/Groups/1", of(40), 400) <= 40);
}

/// A storage in which each group has the next.
struct Endless(MemoryStorage);

impl Storage for Endless {
    fn get(&mut self, get: &Get) -> Result<Option<Stored>, StorageError> {
        let next = get.id.parse::<u64>().unwrap_or_default() + 1;
        let members = json!([{"value": next.to_string(), "type": "group"}]);
        let resource = json!({"id": get.id, "displayName": "x", "members": members});
        Ok(Some(Stored { resource, version: "W/\"1\"".to_owned() }))
    }

    fn find(&mut self, find: &Find) -> Result<Found, StorageError> {
        self.0.find(find)
    }

    fn insert(&mut self, insert: &Insert) -> Result<Stored, StorageError> {
        self.0.insert(insert)
    }

    fn update(&mut self, update: &Update) -> Result<Option<Stored>, StorageError> {
        self.0.update(update)
    }

    fn delete(&mut self, delete: &Delete) -> Result<(), StorageError> {
        self.0.delete(delete)
    }
}

#[test]
fn the_walk_through_groups_ends() {
    let endpoint = endpoint(&Registry::default()).nested_groups(NestedGroups::Allowed);
    let patch = json!({"Operations": [{"op": "add", "path": "members", "value": [{"value": "500", "type": "Group"}]}]});
    let response = endpoint.handle(request("PATCH", "/Groups/1").json(&patch), &mut Endless(MemoryStorage::default()));
    assert_eq!((response.status, body(&response)["scimType"].as_str()), (400, Some("tooMany")));
}

#[test]
fn a_route_is_a_label_without_an_id() {
    let endpoint = endpoint(&Registry::default());
    let mut storage = MemoryStorage::default();
    for (path, route) in [
        ("/Users", "Users"),
        ("/users/", "Users"),
        ("/Users/7", "Users/{id}"),
        ("/Users/.search", "Users/.search"),
        ("/Groups/28%2F19", "Groups/{id}"),
        ("/.search", ".search"),
        ("/Bulk", "Bulk"),
        ("/ServiceProviderConfig", "ServiceProviderConfig"),
        ("/ResourceTypes", "ResourceTypes"),
        ("/ResourceTypes/User", "ResourceTypes/{id}"),
        ("/Schemas", "Schemas"),
        ("/Schemas/urn:x", "Schemas/{id}"),
        ("/Me", "Me"),
        ("/Me/more", "Me"),
        ("/", "other"),
        ("/Users/7/emails", "other"),
        ("/Nowhere/7", "other"),
        ("/%FF", "other"),
    ] {
        for method in ["GET", "POST", "BREW"] {
            assert_eq!(endpoint.handle(request(method, path), &mut storage).route, route, "{path}");
        }
        let refused = endpoint.refuse(&request("GET", path), &ScimError::with_status(401, "no token"));
        assert_eq!((refused.status, refused.route.as_str()), (401, route));
    }
    assert_eq!(endpoint.handle(request("GET", "/Me").me("/Users/7"), &mut storage).route, "Users/{id}");
}

#[test]
fn a_client_learns_when_to_try_again() {
    let limited = ScimError::with_status(429, "at most 100 requests are allowed in a minute");
    for (error, wanted) in [
        (limited.clone(), None),
        (limited.with_retry_after(30), Some("30")),
        (ScimError::with_status(503, "closed for the night").with_retry_after(3600), Some("3600")),
        (ScimError::with_status(503, "the service is busy"), Some("1")),
        (ScimError::with_status(401, "no token"), None),
    ] {
        let refused = endpoint(&Registry::default()).refuse(&request("GET", "/Users"), &error);
        assert_eq!((refused.status, refused.header("Retry-After")), (error.status(), wanted));
        assert_eq!(refused.header("WWW-Authenticate").is_some(), error.status() == 401);
        let mut meddle = |_: &mut MemoryStorage, _: &Call| Some(StorageError::Refused(error.clone()));
        let mut storage = Meddled { storage: MemoryStorage::default(), meddle: &mut meddle, calls: Vec::new() };
        let response = run(&endpoint(&Registry::default()), request("GET", "/Users/1"), &mut storage);
        assert_eq!((response.status, response.header("Retry-After")), (error.status(), wanted));
    }
}

#[test]
fn what_a_storage_must_not_answer() {
    let stored = |resource: Value, version: &str| Stored { resource, version: version.to_owned() };
    let user = || stored(json!({"id": "1", "userName": "ann"}), "W/\"1\"");
    let gets = [
        stored(json!({"userName": "ann"}), "W/\"1\""),
        stored(json!({"id": 1}), "W/\"1\""),
        stored(json!(null), "W/\"1\""),
        stored(json!({"id": "1"}), "3"),
        stored(json!({"id": "1"}), "W/\"1\"\r\nX: y"),
    ];
    let finds = [
        Found { page: vec![user(), user(), user()], total: Some(3), next: None },
        Found { page: vec![user()], total: None, next: None },
        Found { page: Vec::new(), total: Some(5), next: Some(json!(1)) },
    ];
    let gets = gets.into_iter().map(|stored| ("/Users/1", Reply::Got(Some(stored))));
    for (path, reply) in gets.chain(finds.into_iter().map(|found| ("/Users?count=2", Reply::Found(found)))) {
        let endpoint = endpoint(&Registry::default());
        let mut exchange = endpoint.begin(request("GET", path));
        assert!(matches!(exchange.start(), Step::Ask(_)));
        let Step::Respond(response) = exchange.answer(Ok(reply)) else { panic!("{path}") };
        assert!(response.status == 500 && response.failure.is_some(), "{path}");
    }
}

#[test]
fn a_list_ends_when_it_is_large_and_says_where() {
    let names: Vec<String> = (0..15).map(|number| format!("user{number:02}")).collect();
    let mut storage = filled(&names.iter().map(String::as_str).collect::<Vec<_>>());
    let small = endpoint(&Registry::default()).max_answer(1);
    let page = body(&small.handle(request("GET", "/Users?count=15"), &mut storage));
    assert_eq!((page["totalResults"].as_u64(), page["itemsPerPage"].as_u64()), (Some(15), Some(1)));
    assert_eq!(page["Resources"].as_array().unwrap().len(), 1);
    // A page by cursor ends where the storage says.
    for size in [1, 600, 5_000] {
        let endpoint = endpoint(&Registry::default()).max_answer(size);
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page =
                body(&endpoint.handle(request("GET", &format!("/Users?cursor={cursor}&count=15")), &mut storage));
            seen.extend(
                page["Resources"].as_array().unwrap().iter().map(|one| one["userName"].as_str().unwrap().to_owned()),
            );
            let Some(next) = page["nextCursor"].as_str() else { break };
            next.clone_into(&mut cursor);
        }
        assert_eq!(seen, names, "{size}");
    }
}

#[test]
fn an_exchange_that_goes_on_wrongly_fails() {
    let endpoint = endpoint(&Registry::default());
    let mut exchange = endpoint.begin(request("GET", "/Users/1"));
    assert!(matches!(exchange.start(), Step::Ask(Call::Get(_))));
    assert!(matches!(exchange.start(), Step::Respond(Response { status: 500, .. })));
    let Step::Respond(response) = exchange.answer(Ok(Reply::Deleted)) else { panic!() };
    assert_eq!((response.status, response.failure.is_some()), (500, true));
    assert!(matches!(exchange.start(), Step::Respond(Response { status: 500, .. })));
    assert_eq!(Window::Skip(1), Window::Skip(1));
}

/// Keeps what it is asked to write.
#[derive(Default)]
struct Recorded {
    storage: MemoryStorage,
    written: Vec<(Value, Map<String, Value>, String)>,
}

impl Storage for Recorded {
    fn get(&mut self, get: &Get) -> Result<Option<Stored>, StorageError> {
        self.storage.get(get)
    }

    fn find(&mut self, find: &Find) -> Result<Found, StorageError> {
        self.storage.find(find)
    }

    fn insert(&mut self, insert: &Insert) -> Result<Stored, StorageError> {
        let changes = json!(insert.outcome.changes).to_string();
        self.written.push((insert.resource.clone(), insert.secrets.clone(), changes));
        self.storage.insert(insert)
    }

    fn update(&mut self, update: &Update) -> Result<Option<Stored>, StorageError> {
        let changes = json!(update.outcome.changes).to_string();
        self.written.push((update.resource.clone(), update.secrets.clone(), changes));
        self.storage.update(update)
    }

    fn delete(&mut self, delete: &Delete) -> Result<(), StorageError> {
        self.storage.delete(delete)
    }
}

#[test]
fn secrets_of_extensions_and_within_values_are_apart() {
    let secret = |name: &str| json!({"name": name, "type": "string", "mutability": "writeOnly"});
    let vault = "urn:example:vault:User";
    let device = json!({"name": "devices", "type": "complex", "multiValued": true,
        "subAttributes": [{"name": "value", "type": "string"}, secret("key")]});
    let lock = json!({"name": "lock", "type": "complex", "subAttributes": [{"name": "label", "type": "string"}, secret("code")]});
    let schema = json!({"id": vault, "name": "Vault", "attributes": [secret("pin"), lock, device]});
    let kind = ResourceType::user().with_extension(serde_json::from_value(schema).unwrap(), false).unwrap();
    let endpoint = Endpoint::new(Registry::new([kind]).unwrap());
    let mut storage = Recorded::default();
    let values = json!({"pin": "s3cr1t-pin", "lock": {"label": "door", "code": "s3cr1t-code"},
        "devices": [{"value": "d1", "key": "s3cr1t-key"}]});
    let mut body = user("ann");
    body["schemas"].as_array_mut().unwrap().push(json!(vault));
    body[vault] = values.clone();
    let response = endpoint.handle(request("POST", "/Users").json(&body), &mut storage);
    assert_eq!(response.status, 201);
    assert!(!String::from_utf8_lossy(&response.body).contains("s3cr1t"));
    let code = format!("{vault}:lock.code");
    let operations = json!([{"op": "replace", "path": code, "value": "s3cr1t-2"}]);
    let request_body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations});
    assert_eq!(endpoint.handle(request("PATCH", "/Users/1").json(&request_body), &mut storage).status, 200);

    let [(created, given, changes), (locked, new, _)] = storage.written.as_slice() else { panic!() };
    assert_eq!(created[vault]["lock"], json!({"label": "door"}));
    assert_eq!(created[vault].get("pin"), None);
    // An element is stored as a whole.
    assert_eq!(created[vault]["devices"], values["devices"]);
    assert_eq!(json!(given), json!({format!("{vault}:pin"): "s3cr1t-pin", code.clone(): "s3cr1t-code"}));
    assert!(!changes.contains("s3cr1t"), "{changes}");
    assert_eq!(json!(new), json!({code: "s3cr1t-2"}));
    assert_eq!(locked[vault]["lock"], json!({"label": "door"}));
}
