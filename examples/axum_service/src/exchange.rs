//! Conversion between HTTP and arguments: a request is authenticated and read, and its answer becomes a response.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, CONTENT_LOCATION, CONTENT_TYPE, ETAG, HOST, IF_MATCH, IF_NONE_MATCH,
    LOCATION, WWW_AUTHENTICATE,
};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use axum::response::Response;
use http_body_util::BodyExt;
use scim_engine::ScimError;
use scim_engine::protocol::{Preconditions, media};

use crate::app::App;
use crate::failure::Failure;
use crate::service::{Answer, Session, Target};
use crate::store::Kind;
use crate::tenants::{Caller, authenticate};

/// The time and the number of bytes for which a client may continue to send a body that is refused.
const LINGER: Duration = Duration::from_secs(5);
const LINGER_BYTES: usize = 8 << 20;

/// A request of an authenticated caller. Nothing else in it is processed before authentication.
pub struct Exchange {
    app: Arc<App>,
    caller: Caller,
    /// The SCIM base URL of the tenant, which ends in `/v2`.
    base: String,
    query: String,
    /// The parameters of the path, such as `endpoint`, `id` and `name`.
    path: Vec<(String, String)>,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Exchange {
    /// Runs `work` on a thread that may block, and makes the response.
    pub async fn answer<F>(self, work: F) -> Response
    where
        F: FnOnce(&Session<'_>, &Self) -> Result<Answer, Failure> + Send + 'static,
    {
        let headers = self.headers.clone();
        let done = tokio::task::spawn_blocking(move || {
            let session = Session { service: &self.app.service, caller: &self.caller, base: &self.base };
            work(&session, &self)
        });
        respond(&headers, done.await.unwrap_or_else(|panic| Err(Failure::Internal(panic.to_string()))))
    }

    /// Returns the parameter of the path that has this name in the route.
    pub fn part(&self, name: &str) -> &str {
        self.path.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }

    pub fn query(&self) -> &str {
        &self.query
    }

    pub fn body(&self) -> &[u8] {
        &self.body
    }

    pub fn kind(&self) -> Result<Kind, Failure> {
        let endpoint = self.part("endpoint");
        let is_it = |kind: &Kind| kind.resource_type().endpoint().trim_start_matches('/') == endpoint;
        let found = Kind::ALL.into_iter().find(is_it);
        found.ok_or_else(|| Failure::not_found(format_args!("endpoint `/{endpoint}`")))
    }

    /// The resource that the request addresses.
    pub fn target(&self) -> Result<Target<'_>, Failure> {
        let (if_match, if_none_match) = (list(&self.headers, IF_MATCH), list(&self.headers, IF_NONE_MATCH));
        let conditions = Preconditions::new(if_match.as_deref(), if_none_match.as_deref())?;
        Ok(Target { kind: self.kind()?, id: self.part("id"), query: self.query(), conditions })
    }
}

impl FromRequest<Arc<App>> for Exchange {
    type Rejection = Response;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Response> {
        let (mut parts, mut body) = request.into_parts();
        let exchange = Self::read(&mut parts, &mut body, app).await;
        exchange.map_err(|failure| refuse(&parts.headers, body, failure))
    }
}

impl Exchange {
    async fn read(parts: &mut Parts, body: &mut Body, app: &Arc<App>) -> Result<Self, Failure> {
        let path: Vec<(String, String)> = match RawPathParams::from_request_parts(parts, app).await {
            Ok(params) => params.iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect(),
            Err(error) => return Err(ScimError::with_status(error.status().as_u16(), error.body_text()).into()),
        };
        let tenant = path.iter().find(|(name, _)| name == "tenant").map(|(_, id)| id.clone()).unwrap_or_default();
        let headers = parts.headers.clone();
        let caller = caller(app, &tenant, &headers).await?;
        let has_body = [Method::POST, Method::PUT, Method::PATCH].contains(&parts.method);
        Ok(Self {
            base: format!("{}/tenants/{tenant}/scim/v2", app.origin(host(parts))),
            app: Arc::clone(app),
            caller,
            query: parts.uri.query().unwrap_or_default().to_owned(),
            path,
            body: if has_body { read_body(&headers, body, app.service.max_body).await? } else { Vec::new() },
            headers,
        })
    }
}

async fn caller(app: &Arc<App>, tenant: &str, headers: &HeaderMap) -> Result<Caller, Failure> {
    let refused = || Failure::from(ScimError::with_status(401, "expected a valid bearer token of this tenant"));
    let token = bearer_token(headers).ok_or_else(refused)?.to_owned();
    let (app, tenant) = (Arc::clone(app), tenant.to_owned());
    let work = move || app.service.database.read(|db| authenticate(db, &tenant, &token));
    let found = tokio::task::spawn_blocking(work).await.map_err(|panic| Failure::Internal(panic.to_string()))?;
    found?.ok_or_else(refused)
}

/// The `Host` of the request if it is well-formed: the URLs in the response begin with it.
fn host(parts: &Parts) -> Option<&str> {
    let host = text(&parts.headers, HOST).or(parts.uri.authority().map(axum::http::uri::Authority::as_str));
    host.filter(|host| !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-._:[]".contains(c)))
}

fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = text(headers, AUTHORIZATION)?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}

/// Reads a body that is JSON by its header. A body over the limit is refused, and the rest of it is not read here.
async fn read_body(headers: &HeaderMap, body: &mut Body, max: usize) -> Result<Vec<u8>, ScimError> {
    media::check_content_type(text(headers, CONTENT_TYPE))?;
    let too_large = || ScimError::with_status(413, format!("the body is too large: at most {max} bytes are allowed"));
    let declared = text(headers, CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if declared.is_some_and(|length| length > max as u64) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ScimError::with_status(400, "the body broke off"))?;
        let data = frame.data_ref().map(AsRef::as_ref).unwrap_or_default();
        if bytes.len() + data.len() > max {
            return Err(too_large());
        }
        bytes.extend_from_slice(data);
    }
    Ok(bytes)
}

/// Responds to a request that is refused before its body was read. The rest of the body is received and dropped for a
/// while: a client that finds the connection closed while it still sends might never see the response.
pub fn refuse(headers: &HeaderMap, mut body: Body, failure: Failure) -> Response {
    tokio::spawn(tokio::time::timeout(LINGER, async move {
        let mut left = LINGER_BYTES;
        while let Some(Ok(frame)) = body.frame().await {
            left = left.saturating_sub(frame.data_ref().map_or(0, axum::body::Bytes::len));
            if left == 0 {
                break;
            }
        }
    }));
    respond(headers, Err(failure))
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

/// Joins all values of a header into one list. A value that is not text stays in the list, because a condition that cannot
/// be read must not be ignored.
fn list(headers: &HeaderMap, name: HeaderName) -> Option<String> {
    let texts: Vec<_> = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    (!texts.is_empty()).then(|| texts.join(","))
}

/// Makes the HTTP response. A failure becomes a SCIM error.
pub fn respond(headers: &HeaderMap, result: Result<Answer, Failure>) -> Response {
    let answer = result.unwrap_or_else(|failure| {
        let error = failure.into_scim();
        Answer { status: error.status(), body: Some(error.to_body()), ..Answer::default() }
    });
    let mut response = Response::default();
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            response.headers_mut().insert(name, value);
        }
    };
    if let Some(location) = &answer.location {
        set(if answer.status == 201 { LOCATION } else { CONTENT_LOCATION }, location);
    }
    if let Some(version) = &answer.version {
        set(ETAG, version);
    }
    if answer.status == 401 {
        set(WWW_AUTHENTICATE, "Bearer");
    }
    if let Some(body) = answer.body {
        set(CONTENT_TYPE, media::negotiate(text(headers, ACCEPT), text(headers, CONTENT_TYPE)));
        *response.body_mut() = body.to_string().into();
    }
    response
}
