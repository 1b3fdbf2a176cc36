//! Requests and answers as data.

use std::fmt;
use std::time::SystemTime;

use serde_json::Value;

use super::event::Event;
use crate::error::ScimError;
use crate::protocol::media;

/// A request of an authenticated client.
///
/// `Debug` does not show the query and the body, which may have secrets.
#[derive(Clone, Default)]
pub struct Request {
    pub(super) method: String,
    pub(super) path: String,
    pub(super) base: String,
    pub(super) query: String,
    pub(super) headers: Headers,
    pub(super) body: Vec<u8>,
    pub(super) me: Option<String>,
    pub(super) context: String,
    pub(super) now: Option<SystemTime>,
}

/// The headers that an endpoint reads.
#[derive(Clone, Default)]
pub(super) struct Headers {
    pub accept: Option<String>,
    pub content_type: Option<String>,
    pub if_match: Option<String>,
    pub if_none_match: Option<String>,
}

impl Request {
    /// A request without a query, headers and a body. `path` is what follows the URL of the service, as it was sent
    /// (`/Users/28%2019`), and `base` is this URL: `https://app.example/scim/v2`.
    pub fn new(method: &str, path: &str, base: &str) -> Self {
        let base = base.trim_end_matches('/').to_owned();
        Self { method: method.to_ascii_uppercase(), path: path.to_owned(), base, ..Self::default() }
    }

    /// Sets the query string, without `?`.
    #[must_use]
    pub fn query(self, query: &str) -> Self {
        Self { query: query.to_owned(), ..self }
    }

    /// Whether an endpoint reads a header of this name.
    pub fn reads_header(name: &str) -> bool {
        ["Accept", "Content-Type", "If-Match", "If-None-Match"].iter().any(|known| known.eq_ignore_ascii_case(name))
    }

    /// Adds a header. Those that an endpoint does not read are left out; of others, lines of one name are joined.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        let headers = &mut self.headers;
        let known = [
            ("Accept", &mut headers.accept),
            ("Content-Type", &mut headers.content_type),
            ("If-Match", &mut headers.if_match),
            ("If-None-Match", &mut headers.if_none_match),
        ];
        for (own, held) in known {
            if own.eq_ignore_ascii_case(name) {
                *held = Some(match held.take() {
                    Some(before) => format!("{before},{value}"),
                    None => value.to_owned(),
                });
            }
        }
        self
    }

    /// Sets the body, as it was received. The host need not read more than [`Endpoint::max_body`](super::Endpoint::max_body)
    /// and one more byte.
    #[must_use]
    pub fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    /// Sets a JSON body and its `Content-Type`.
    #[must_use]
    pub fn json(self, body: &Value) -> Self {
        self.header("Content-Type", media::SCIM_JSON).body(body.to_string())
    }

    /// Says which resource `/Me` is (RFC 7644 §3.11), such as `/Users/17`. Without it, `/Me` is not supported.
    #[must_use]
    pub fn me(self, path: &str) -> Self {
        Self { me: Some(path.to_owned()), ..self }
    }

    /// Sets the context in which cursors are valid, such as the tenant.
    #[must_use]
    pub fn context(self, context: &str) -> Self {
        Self { context: context.to_owned(), ..self }
    }

    /// Sets the time, which is otherwise that of the system's clock.
    #[must_use]
    pub fn now(self, now: SystemTime) -> Self {
        Self { now: Some(now), ..self }
    }

    /// The media type of the answer.
    pub(super) fn media_type(&self) -> &'static str {
        media::negotiate(self.headers.accept.as_deref(), self.headers.content_type.as_deref())
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("method", &self.method).field("path", &self.path).finish_non_exhaustive()
    }
}

/// The answer to a request.
///
/// `Debug` does not show the body.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers, in the usual spelling.
    pub headers: Vec<(&'static str, String)>,
    /// The body; empty if there is none.
    pub body: Vec<u8>,
    /// What failed in the storage, for the host's log. The client does not learn it.
    pub failure: Option<String>,
    /// What the request did, for an audit log. A bulk request has an event for each operation that succeeded.
    pub events: Vec<Event>,
    /// The kind of endpoint, as the label of a metric: `Users`, `Users/{id}`, `Users/.search`, `.search`, `Bulk`, `Schemas`,
    /// `Me`. No id is in it, and a path that is none of these is `other`.
    pub route: String,
}

impl Response {
    pub(super) fn new(status: u16) -> Self {
        let (headers, body, events, route) = (Vec::new(), Vec::new(), Vec::new(), "other".to_owned());
        Self { status, headers, body, failure: None, events, route }
    }

    pub(super) fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// A body that is already text.
    pub(super) fn text(self, media_type: &str, body: Vec<u8>) -> Self {
        Self { body, ..self.with("Content-Type", media_type) }
    }

    pub(super) fn json(self, media_type: &str, body: &Value) -> Self {
        self.text(media_type, body.to_string().into_bytes())
    }

    /// The answer to a request that is refused. Of a refusal by 401 the client learns that a bearer token is needed, and of
    /// one by 503 that it may try again.
    pub(super) fn refusal(media_type: &str, error: &ScimError) -> Self {
        let mut response = Self::new(error.status()).json(media_type, &error.to_body());
        if let Some(seconds) = error.retry_after().or((error.status() == 503).then_some(1)) {
            response = response.with("Retry-After", seconds.to_string());
        }
        if error.status() == 401 { response.with("WWW-Authenticate", "Bearer") } else { response }
    }

    pub(super) fn failed(self, why: Option<String>) -> Self {
        Self { failure: why, ..self }
    }

    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for Response {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Response").field("status", &self.status).field("headers", &self.headers).finish_non_exhaustive()
    }
}
