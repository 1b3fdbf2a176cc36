//! A push without an endpoint: shows the requests that an empty endpoint would receive.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::{Map, Value, json};

use crate::cli::failure::Stop;
use crate::client::{Next, Request, Response, Session};
use crate::patch::Patch;
use crate::schema::ResourceType;

/// Plays a session and prints its requests.
pub(super) fn run(mut session: Session, out: &mut impl Write, as_json: bool) -> Result<(), Stop> {
    let mut endpoint = Empty::default();
    while let Next::Send(request) = session.next() {
        let body: Option<Value> = request.body.as_deref().and_then(|body| serde_json::from_slice(body).ok());
        if as_json {
            let headers: Map<_, _> =
                request.headers.iter().map(|(name, value)| ((*name).to_owned(), Value::from(*value))).collect();
            let line = json!({
                "step": request.step, "subject": request.subject, "method": request.method, "path": request.path,
                "headers": headers, "body": body,
            });
            writeln!(out, "{line}")?;
        } else {
            writeln!(out, "{} {}", request.method, request.path)?;
            if let Some(body) = &body {
                writeln!(out, "    {body}")?;
            }
        }
        session.answer(request.ticket, Ok(endpoint.answer(&request, body)));
    }
    Ok(())
}

/// Plays an endpoint that is empty at first. It answers only the requests that a session sends to such an endpoint.
#[derive(Default)]
struct Empty {
    resources: BTreeMap<String, Value>,
}

impl Empty {
    fn answer(&mut self, request: &Request, body: Option<Value>) -> Response {
        let path = request.path.split('?').next().unwrap_or_default();
        let held = self.resources.get(path).cloned();
        let answer = match (request.method, held) {
            ("GET", Some(held)) => (200, held),
            ("GET", None) if path.matches('/').count() == 1 => (
                200,
                json!({
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 0, "Resources": [],
                }),
            ),
            ("POST", _) if request.step == "probe" => (409, json!({"scimType": "uniqueness"})),
            ("POST", _) => (201, self.create(path, body.unwrap_or_default())),
            ("PATCH", Some(mut held)) => {
                let changes = body.as_ref().and_then(|body| Patch::parse(body).ok());
                let group = ResourceType::group();
                // A PATCH that cannot be read or applied is ignored as a whole: refusing it is up to the real endpoint.
                let _ = changes.map(|changes| changes.apply(&mut held, &group));
                self.resources.insert(path.to_owned(), held.clone());
                (200, held)
            }
            ("DELETE", Some(_)) => {
                self.resources.remove(path);
                (204, Value::Null)
            }
            _ => (404, json!({})),
        };
        match answer {
            (204, _) => Response::new(204, [("Content-Type", "application/json")], Vec::new()),
            (status, body) => Response::json(status, &body),
        }
    }

    fn create(&mut self, path: &str, mut body: Value) -> Value {
        let id = format!("new-{}", self.resources.len() + 1);
        if let Some(members) = body.as_object_mut() {
            members.insert("id".to_owned(), id.clone().into());
        }
        self.resources.insert(format!("{path}/{id}"), body.clone());
        body
    }
}
