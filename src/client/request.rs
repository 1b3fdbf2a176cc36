//! The requests that a session gives, and the responses that it takes.

use std::fmt;
use std::time::Duration;

use serde_json::Value;

/// A request to carry to the endpoint (RFC 7644 §3.2). The carrier puts the endpoint's URL before [`path`](Self::path), and
/// adds the header `Authorization` unless [`headers`](Self::headers) has it: a session never knows the token.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Request {
    /// The number by which [`Session::answer`](super::Session::answer) recognises this request.
    pub ticket: u64,
    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    pub method: &'static str,
    /// The path and query, to be appended to the endpoint's URL: `/Users?filter=…`. They are already encoded, and must be
    /// sent unchanged.
    pub path: String,
    /// The headers that the client sends. They include `Authorization` only if the client sends an invalid token on purpose.
    pub headers: Vec<(&'static str, &'static str)>,
    /// The body, as JSON in UTF-8.
    pub body: Option<Vec<u8>>,
    /// The step of the client, such as `look-up` or `create user`.
    pub step: &'static str,
    /// The person or group that the request is about; empty if there is none.
    pub subject: String,
    /// The time to wait before sending. It is zero, except for a request that is repeated after a 429, 502, 503 or 504, or
    /// because no answer came.
    pub delay: Duration,
}

/// A response. A redirect is a response like any other: the carrier must not follow it, because it would send the token to
/// the target of the redirect.
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
    /// The body, unchanged.
    pub body: Vec<u8>,
    /// The time from the request to the response, if the carrier measured it.
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

    /// Sets the time that the response took.
    #[must_use]
    pub fn elapsed(mut self, elapsed: Duration) -> Self {
        self.elapsed = Some(elapsed);
        self
    }

    /// The first header with this name, which is compared without regard to case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The reason why a request was not answered.
///
/// ```
/// use scim_engine::client::Unanswered;
/// let error = Unanswered::new("connection refused");
/// assert_eq!((error.message(), error.is_timed_out()), ("connection refused", false));
/// assert!(Unanswered::timed_out("not within 30 s").is_timed_out());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Unanswered {
    why: String,
    is_timed_out: bool,
}

impl Unanswered {
    /// The request was not sent, or its answer did not arrive: no connection, a broken one, or an answer that is too long.
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), is_timed_out: false }
    }

    /// The request was not answered within the carrier's time limit. It is repeated, as after a broken connection, unless it
    /// belongs to the connection test: somebody is waiting for the result of that test, and an endpoint that hangs once will
    /// hang again.
    pub fn timed_out(why: impl Into<String>) -> Self {
        Self { why: why.into(), is_timed_out: true }
    }

    /// The reason, in words.
    pub fn message(&self) -> &str {
        &self.why
    }

    /// Whether the time limit was exceeded.
    pub fn is_timed_out(&self) -> bool {
        self.is_timed_out
    }

    /// The text of the error: its message.
    pub fn render(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for Unanswered {}

/// A request before it gets a ticket.
#[derive(Debug, Clone)]
pub(super) struct Draft {
    pub method: &'static str,
    pub path: String,
    pub body: Option<Value>,
    pub step: &'static str,
    /// A header that replaces the client's usual header of the same name.
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
