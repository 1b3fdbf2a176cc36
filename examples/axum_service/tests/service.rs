//! Tests of the running binary: a process on a free port, with a database of its own. The larger suite, which the FastAPI
//! service shares, is `tests/services/` of the repository.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;

use serde_json::{Value, json};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

struct Service {
    process: Child,
    db: PathBuf,
    url: String,
}

impl Service {
    fn start(name: &str) -> Self {
        let db = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}.db"));
        for suffix in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(format!("{}{suffix}", db.display()));
        }
        let serve = ["serve", "--port", "0", "--max-body", "10000", "--db"];
        let mut process = binary().args(serve).arg(&db).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = line.strip_prefix("listening on ").expect("the line that says where it listens").trim().to_owned();
        Self { process, db, url }
    }

    fn admin(&self, arguments: &[&str]) -> String {
        let done = binary().args(arguments).arg("--db").arg(&self.db).output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    }

    fn tenant(&self, id: &str) -> Client {
        self.admin(&["tenant", "add", id]);
        let token = self.admin(&["token", "add", id, "--label", "test"]);
        Client { base: format!("{}/tenants/{id}/scim/v2", self.url), token }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn binary() -> Command {
    Command::new(env!("CARGO_BIN_EXE_scim-axum-service"))
}

#[derive(Clone)]
struct Client {
    base: String,
    token: String,
}

struct Reply {
    status: u16,
    body: Value,
    headers: ureq::http::HeaderMap,
}

impl Client {
    fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<&Value>) -> Reply {
        let mut request = ureq::http::Request::builder()
            .method(method)
            .uri(format!("{}{path}", self.base))
            .header("Authorization", format!("Bearer {}", self.token));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let agent = ureq::Agent::new_with_config(
            ureq::Agent::config_builder().http_status_as_error(false).allow_non_standard_methods(true).build(),
        );
        let mut answer = match body {
            Some(body) => {
                let request = request.header("Content-Type", "application/scim+json").body(body.to_string()).unwrap();
                agent.run(request).unwrap()
            }
            None => agent.run(request.body(()).unwrap()).unwrap(),
        };
        let text = answer.body_mut().read_to_string().unwrap();
        let body = if text.is_empty() { Value::Null } else { serde_json::from_str(&text).unwrap() };
        Reply { status: answer.status().as_u16(), body, headers: answer.headers().clone() }
    }

    fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], None)
    }

    fn post(&self, path: &str, body: &Value) -> Reply {
        self.send("POST", path, &[], Some(body))
    }

    fn patch(&self, path: &str, operation: &Value) -> Reply {
        self.send("PATCH", path, &[], Some(&json!({"schemas": [PATCH], "Operations": [operation]})))
    }
}

fn id(reply: &Reply) -> String {
    assert_eq!(reply.status, 201, "{}", reply.body);
    reply.body["id"].as_str().unwrap().to_owned()
}

#[test]
fn a_user_from_creation_to_deletion() {
    let service = Service::start("user");
    let client = service.tenant("acme");
    let created =
        client.post("/Users", &json!({"schemas": [USER], "userName": "Ana", "active": "true", "password": "p"}));
    let path = format!("/Users/{}", id(&created));
    assert_eq!(created.headers["location"], format!("{}{path}", client.base));
    assert_eq!(created.headers["etag"], "W/\"1\"");
    assert_eq!(created.headers["content-type"], "application/scim+json");
    assert_eq!((&created.body["active"], created.body.get("password")), (&json!(true), None));

    let taken = client.post("/Users", &json!({"schemas": [USER], "userName": "ANA"}));
    assert_eq!((taken.status, &taken.body["scimType"]), (409, &json!("uniqueness")));
    let found = client.get("/Users?filter=userName+eq+%22aNA%22&");
    assert_eq!(found.body["Resources"][0], created.body);
    assert_eq!(client.send("GET", &path, &[("If-None-Match", "W/\"1\"")], None).status, 304);

    let same = client.patch(&path, &json!({"op": "replace", "path": "active", "value": "True"}));
    assert_eq!((same.status, &same.body), (200, &created.body));
    let body = json!({"schemas": [USER], "userName": "ana", "title": "Guide"});
    let stale = client.send("PUT", &path, &[("If-Match", "W/\"7\"")], Some(&body));
    assert_eq!((stale.status, &stale.body["status"]), (412, &json!("412")));
    let put = client.send("PUT", &path, &[("If-Match", "W/\"1\"")], Some(&body));
    assert_eq!(
        (put.status, &put.body["title"], &put.headers["etag"]),
        (200, &json!("Guide"), &"W/\"2\"".parse().unwrap())
    );
    assert_eq!(put.body["active"], true, "a tenant keeps what a PUT does not mention");

    assert_eq!(client.send("DELETE", &path, &[], None).status, 204);
    assert_eq!(client.send("DELETE", &path, &[], None).status, 404);
}

#[test]
fn strangers_get_one_answer() {
    let service = Service::start("strangers");
    let (acme, other) = (service.tenant("acme"), service.tenant("other"));
    let path = format!("/Users/{}", id(&acme.post("/Users", &json!({"schemas": [USER], "userName": "ana"}))));
    let revoked = Client { token: service.admin(&["token", "add", "acme"]), ..acme.clone() };
    assert_eq!(revoked.get(&path).status, 200);
    let list = service.admin(&["token", "list", "acme"]);
    assert!(!list.contains(&revoked.token));
    service.admin(&["token", "revoke", list.lines().last().unwrap().split('\t').next().unwrap()]);
    let strangers = [
        revoked,
        Client { token: other.token.clone(), ..acme.clone() },
        Client { token: "guessed".to_owned(), ..acme.clone() },
        Client { base: acme.base.replace("acme", "nobody"), ..acme.clone() },
    ];
    for stranger in strangers {
        let reply = stranger.get(&path);
        assert_eq!((reply.status, &reply.headers["www-authenticate"]), (401, &"Bearer".parse().unwrap()));
        assert_eq!(reply.body["detail"], "expected a valid bearer token of this tenant");
    }
    assert_eq!(other.get(&path).status, 404);
    assert_eq!(other.get("/Users").body["totalResults"], 0);
}

#[test]
fn many_clients_change_one_group() {
    let service = Service::start("group");
    let client = service.tenant("acme");
    let path = format!("/Groups/{}", id(&client.post("/Groups", &json!({"schemas": [GROUP], "displayName": "Crew"}))));
    let threads: Vec<_> = (0..8)
        .map(|number| {
            let (client, path) = (client.clone(), path.clone());
            thread::spawn(move || {
                let mine: Vec<String> = (0..5)
                    .map(|index| json!({"schemas": [USER], "userName": format!("{number}-{index}")}))
                    .map(|user| id(&client.post("/Users", &user)).clone())
                    .collect();
                for user in &mine {
                    let value = json!([{"value": user}]);
                    let reply = client.patch(&path, &json!({"op": "add", "path": "members", "value": value}));
                    assert_eq!(reply.status, 200, "{}", reply.body);
                }
                let gone = format!("members[value eq \"{}\"]", mine[0]);
                assert_eq!(client.patch(&path, &json!({"op": "remove", "path": gone})).status, 200);
            })
        })
        .collect();
    for thread in threads {
        thread.join().unwrap();
    }
    let group = client.get(&path).body;
    assert_eq!(group["members"].as_array().unwrap().len(), 8 * 4);
    assert_eq!(group["meta"]["version"], format!("W/\"{}\"", 1 + 8 * 6));
}

#[test]
fn everything_that_fails_is_a_scim_error() {
    let service = Service::start("errors");
    let client = service.tenant("acme");
    let big = json!({"schemas": [USER], "userName": "x".repeat(10_000)});
    for (reply, status) in [
        (client.get("/Me"), 501),
        (client.get("/Printers"), 404),
        (client.get("/Users/1/2"), 404),
        (client.get("/Users?filter=nope"), 400),
        (client.send("PUT", "/Users", &[], Some(&json!({}))), 405),
        (client.post("/Users", &json!([])), 400),
        (client.post("/Users", &big), 413),
        (client.get("/Schemas?filter=id+pr"), 403),
    ] {
        assert_eq!(reply.status, status, "{}", reply.body);
        assert_eq!(reply.body["schemas"][0], "urn:ietf:params:scim:api:messages:2.0:Error");
        assert_eq!(reply.body["status"], status.to_string());
    }
}

#[test]
fn it_stops_while_a_client_is_silent() {
    let mut service = Service::start("stop");
    let mut silent = TcpStream::connect(service.url.strip_prefix("http://").unwrap()).unwrap();
    silent.write_all(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
    silent.read_exact(&mut [0; 16]).unwrap();
    let stopped = Command::new("kill").arg(service.process.id().to_string()).status().unwrap();
    assert!(stopped.success());
    assert!(service.process.wait().unwrap().success());
}
