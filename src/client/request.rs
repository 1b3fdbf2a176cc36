//! Requests that a session gives, and responses that it takes.

use std::time::Duration;

use serde_json::Value;

/// A request to carry to the endpoint (RFC 7644 §3.2). The carrier puts the endpoint's URL before [`path`](Self::path) and
/// adds the header `Authorization` unless it is among [`headers`](Self::headers): a session never knows the token.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// What [`Session::answer`](super::Session::answer) is told, to say which request it answers.
    pub ticket: u64,
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: &'static str,
    /// Path and query, from the endpoint's URL on: `/Users?filter=…`. It is encoded and must be sent as it is.
    pub path: String,
    /// The headers that the client sends. `Authorization` is among them only where a client asks without a valid token.
    pub headers: Vec<(&'static str, &'static str)>,
    /// The body, JSON in UTF-8.
    pub body: Option<Vec<u8>>,
    /// The step of the client that this is, such as `look-up` or `create user`.
    pub step: &'static str,
    /// The person or group that it is about; empty if it is about none.
    pub subject: String,
    /// How long to wait before sending it: after a 429 or 503, or a connection that failed.
    pub delay: Duration,
}

/// What came back. Redirects are answers like any other: the carrier must not follow them, for the token would go along.
///
/// ```
/// use scim_engine::client::Response;
/// let response = Response::new(404, [("Content-Type", "application/json")], b"{}".to_vec());
/// assert_eq!(response.header("content-type"), Some("application/json"));
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body, as it came.
    pub body: Vec<u8>,
    /// How long it took, if the carrier has measured it.
    pub elapsed: Option<Duration>,
}

impl Response {
    /// A response.
    pub fn new<N: Into<String>, V: Into<String>>(
        status: u16,
        headers: impl IntoIterator<Item = (N, V)>,
        body: Vec<u8>,
    ) -> Self {
        let headers = headers.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        Self { status, headers, body, elapsed: None }
    }

    /// A response with a JSON body, as `application/json`.
    pub fn json(status: u16, body: &Value) -> Self {
        Self::new(status, [("Content-Type", "application/json")], body.to_string().into_bytes())
    }

    /// With the time it took.
    #[must_use]
    pub fn elapsed(mut self, elapsed: Duration) -> Self {
        self.elapsed = Some(elapsed);
        self
    }

    /// The first header with this name, in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// A request before it has a ticket.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub method: &'static str,
    pub path: String,
    pub body: Option<Value>,
    pub step: &'static str,
    /// A header that takes the place of the one that the client sends elsewhere.
    pub header: Option<(&'static str, &'static str)>,
}

impl Draft {
    pub(super) fn get(step: &'static str, path: String) -> Self {
        Self { method: "GET", path, body: None, step, header: None }
    }

    pub(super) fn delete(step: &'static str, path: String) -> Self {
        Self { method: "DELETE", path, body: None, step, header: None }
    }

    pub(super) fn with_body(step: &'static str, method: &'static str, path: String, body: Value) -> Self {
        Self { method, path, body: Some(body), step, header: None }
    }

    pub(super) fn header(self, name: &'static str, value: &'static str) -> Self {
        Self { header: Some((name, value)), ..self }
    }
}
