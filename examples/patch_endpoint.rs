//! A SCIM endpoint without a framework: requests and answers as values, resources in memory. `cargo run --features protocol
//! --example patch_endpoint`.
//!
//! The function `Endpoint::handle` is what a handler of axum, hyper or actix calls. `examples/axum_service` is a whole service
//! with tenants, tokens and a database.

use std::collections::BTreeMap;
use std::time::SystemTime;

use scim_engine::protocol::{ListQuery, Meta, Projection, ServiceProviderConfig, media};
use scim_engine::{Error, Patch, Registry, ResourceType, ScimError, ScimType, username_key};
use serde_json::Value;

const BASE: &str = "https://app.example/scim/v2";

/// The answer to a request: its status, and its body as JSON.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: Option<Value>,
}

pub(crate) struct Endpoint {
    registry: Registry,
    /// Resources by endpoint and id.
    resources: BTreeMap<(String, String), Value>,
    next_id: u64,
}

impl Endpoint {
    pub(crate) fn new() -> Result<Self, Error> {
        let registry = Registry::new([ResourceType::user(), ResourceType::group()])?;
        Ok(Self { registry, resources: BTreeMap::new(), next_id: 7001 })
    }

    /// Answers a request. `path` is that after `BASE`, such as `/Users/7001?attributes=userName`.
    pub(crate) fn handle(&mut self, method: &str, path: &str, accept: Option<&str>, body: &[u8]) -> Answer {
        let content_type = media::negotiate(accept, None);
        match self.answer(method, path, body) {
            Ok((status, body)) => Answer { status, content_type, body },
            Err(error) => Answer { status: error.status(), content_type, body: Some(error.to_body()) },
        }
    }

    fn answer(&mut self, method: &str, path: &str, body: &[u8]) -> Result<(u16, Option<Value>), ScimError> {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        if path == "/ServiceProviderConfig" {
            return Ok((200, Some(ServiceProviderConfig::default().answer(BASE))));
        }
        let (endpoint, id) = match path.trim_matches('/').split_once('/') {
            Some((endpoint, id)) => (endpoint, Some(id)),
            None => (path.trim_matches('/'), None),
        };
        let not_found = || ScimError::with_status(404, format!("`{path}` does not exist"));
        let kind = self.registry.by_endpoint(endpoint).cloned().ok_or_else(not_found)?;
        let Some(id) = id else {
            return match method {
                "GET" => Ok((200, Some(self.list(&kind, query)?))),
                "POST" => self.create(&kind, body).map_err(ScimError::from),
                _ => Err(ScimError::with_status(405, "expected `GET` or `POST`")),
            };
        };
        let key = (kind.endpoint().to_owned(), id.to_owned());
        let stored = self.resources.get(&key).ok_or_else(not_found)?;
        match method {
            "GET" => {
                let projection = Projection::from_query(query, &kind).map_err(Error::from)?;
                Ok((200, Some(projection.apply(stored))))
            }
            "PATCH" | "PUT" => Ok((200, Some(self.change(method, &kind, key, body)?))),
            "DELETE" => {
                self.resources.remove(&key);
                Ok((204, None))
            }
            _ => Err(ScimError::with_status(405, "expected `GET`, `PUT`, `PATCH` or `DELETE`")),
        }
    }

    fn list(&self, kind: &ResourceType, query: &str) -> Result<Value, Error> {
        let query = ListQuery::parse(query, kind)?;
        let all = self.resources.iter().filter(|((endpoint, _), _)| endpoint == kind.endpoint());
        Ok(query.answer(all.map(|(_, resource)| resource))?.into_body())
    }

    fn create(&mut self, kind: &ResourceType, body: &[u8]) -> Result<(u16, Option<Value>), Error> {
        let mut resource = kind.create_from_slice(body)?.resource;
        self.check_unique(kind, &resource, None)?;
        let id = self.next_id.to_string();
        self.next_id += 1;
        Meta::new(BASE, SystemTime::now()).create(&mut resource, kind, &id);
        let answer = Projection::of(kind).apply(&resource);
        self.resources.insert((kind.endpoint().to_owned(), id), resource);
        Ok((201, Some(answer)))
    }

    fn change(
        &mut self,
        method: &str,
        kind: &ResourceType,
        key: (String, String),
        body: &[u8],
    ) -> Result<Value, Error> {
        let mut resource = self.resources.get(&key).cloned().unwrap_or_default();
        let outcome = if method == "PUT" {
            let written = kind.replace_from_slice(&resource, body)?;
            resource = written.resource;
            written.outcome
        } else {
            Patch::from_slice(body)?.apply(&mut resource, kind)?
        };
        // For a log: what the client sent that is not quite SCIM. No value of a secret attribute is in it.
        for repair in &outcome.repairs {
            println!("{method} {}/{}: {repair}", key.0, key.1);
        }
        self.check_unique(kind, &resource, Some(&key.1))?;
        Meta::new(BASE, SystemTime::now()).update(&mut resource, kind, outcome.changed);
        let answer = Projection::of(kind).apply(&resource);
        if outcome.changed {
            self.resources.insert(key, resource);
        }
        Ok(answer)
    }

    /// Refuses a `userName` that another user has. Only the host can know.
    fn check_unique(&self, kind: &ResourceType, resource: &Value, id: Option<&str>) -> Result<(), ScimError> {
        let key = |resource: &Value| resource["userName"].as_str().map(|name| username_key(name, false));
        let Some(name) = key(resource) else { return Ok(()) };
        let is_taken = self.resources.iter().any(|((endpoint, other), resource)| {
            endpoint == kind.endpoint() && Some(other.as_str()) != id && key(resource).as_ref() == Some(&name)
        });
        if is_taken {
            return Err(ScimError::new(ScimType::Uniqueness, format!("the `userName` `{name}` is taken")));
        }
        Ok(())
    }
}

#[allow(dead_code, reason = "another example uses the endpoint alone")]
fn main() -> Result<(), Error> {
    let mut endpoint = Endpoint::new()?;
    let requests = [
        (
            "POST",
            "/Users",
            r#"{"userName": "mirela", "active": "true", "emails": {"value": "mirela@harbour.example"}}"#,
        ),
        ("GET", "/Users?filter=userName+eq+%22MIRELA%22&attributes=userName,active", ""),
        ("PATCH", "/Users/7001", r#"{"Operations": [{"op": "Replace", "path": "active", "value": "False"}]}"#),
        ("POST", "/Users", r#"{"userName": "Mirela"}"#),
        ("GET", "/Users?filter=userNam+eq+%22a%22", ""),
        ("DELETE", "/Users/7001", ""),
    ];
    for (method, path, body) in requests {
        let answer = endpoint.handle(method, path, Some("application/json"), body.as_bytes());
        println!("{method} {path}\n  {} {}\n  {}", answer.status, answer.content_type, answer.body.unwrap_or_default());
    }
    Ok(())
}

#[test]
fn the_example_does_what_it_says() {
    main().unwrap();
    let mut endpoint = Endpoint::new().unwrap();
    let mut status = |method: &str, path: &str, body: &str| endpoint.handle(method, path, None, body.as_bytes()).status;
    assert_eq!(status("POST", "/Users", r#"{"userName": "mirela"}"#), 201);
    assert_eq!(status("POST", "/Users", r#"{"userName": "MIRELA"}"#), 409);
    assert_eq!(status("PATCH", "/Users/7001", r#"{"Operations": [{"op": "remove", "path": "userName"}]}"#), 400);
    assert_eq!(status("PUT", "/Users/7001", r#"{"userName": "mirela", "title": "Guide"}"#), 200);
    assert_eq!(status("GET", "/Users?filter=nope", ""), 400);
    assert_eq!(status("GET", "/Boats", ""), 404);
    assert_eq!(status("DELETE", "/Users/7001", ""), 204);
}
