//! HTTP: a request is authenticated and read, the endpoint answers it on a thread that may block, and the answer becomes a
//! response.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue};
use axum::http::request::Parts;
use axum::response::Response;
use http_body_util::BodyExt;
use scim_engine::endpoint::{Endpoint, Request, Response as Answer};
use scim_engine::protocol::Cursors;
use scim_engine::sql::{Assignment, Mapping, SqlValue, Stored};
use scim_engine::tables::TableStorage;
use scim_engine::{Absent, Options, Registry, ResourceType, ScimError, UnknownPaths};

use crate::database::Database;
use crate::storage::Session;
use crate::tables;
use crate::tenants::{Caller, authenticate, cursor_key};

/// The time and the number of bytes for which a client may continue to send a body that is refused.
const LINGER: (Duration, usize) = (Duration::from_secs(5), 8 << 20);

/// How long a client may wait before it asks for the next page.
const CURSOR_LIFETIME: Duration = Duration::from_secs(3600);

pub struct App {
    database: Database,
    mappings: Vec<Mapping>,
    /// For tenants whose PUT keeps what it does not mention, and for those whose PUT clears it.
    keeping: Endpoint,
    clearing: Endpoint,
    base_url: Option<String>,
}

impl App {
    /// With `attributes`, users have these and no others.
    pub fn new(database: Database, base_url: Option<String>, max_body: usize, attributes: &[String]) -> Result<Self> {
        let mappings = tables::mappings()?;
        let mut types: Vec<ResourceType> = mappings.iter().map(|mapping| mapping.resource_type().clone()).collect();
        if let ([user, ..], [_, ..]) = (types.as_mut_slice(), attributes) {
            // `groups` always stays, because it is computed from the rows of the groups.
            let names = attributes.iter().map(String::as_str).chain(["groups"]);
            *user = user.only(names)?;
        }
        let open = database.write()?;
        let key = cursor_key(&open)?;
        open.commit()?;
        let cursors = Cursors::new(&key, &[], CURSOR_LIFETIME)?;
        let registry = Registry::new(types)?;
        let endpoint = |absent| {
            // Entra's deviations from the RFC are accepted with their intended meaning, and reported.
            let mut options = Options::default().absent(absent).unknown_paths(UnknownPaths::Ignore);
            options.tolerance.replace_creates = true;
            Endpoint::new(registry.clone()).options(options).max_body(max_body).cursors(cursors.clone())
        };
        let (keeping, clearing) = (endpoint(Absent::Keep), endpoint(Absent::Clear));
        Ok(Self { database, mappings, keeping, clearing, base_url })
    }
}

pub fn router(app: App) -> Router {
    Router::new().fallback(handle).with_state(Arc::new(app))
}

async fn handle(State(app): State<Arc<App>>, request: axum::extract::Request) -> Response {
    let (parts, mut body) = request.into_parts();
    let Some((tenant, path)) = place(parts.uri.path()) else {
        let error = ScimError::with_status(404, format!("there is no endpoint `{}`", parts.uri.path()));
        return respond(app.keeping.refuse(&asked(&parts, "", ""), &error));
    };
    let origin = match (&app.base_url, host(&parts)) {
        (Some(url), _) => url.trim_end_matches('/').to_owned(),
        (None, host) => format!("http://{}", host.unwrap_or("localhost")),
    };
    let asked = asked(&parts, path, &format!("{origin}/tenants/{tenant}/scim/v2"));
    // Nothing of the request is read before it is known who sends it.
    let found = match caller(&app, tenant, &parts.headers).await {
        Ok(caller) => read_body(&parts.headers, &mut body, app.keeping.body_limit()).await.map(|body| (caller, body)),
        Err(error) => Err(error),
    };
    match found {
        Ok((caller, body)) => {
            let work = move || app.answer(&caller, asked.context(&caller.tenant).body(body));
            tokio::task::spawn_blocking(work).await.map_or_else(|panic| failed(&panic), respond)
        }
        Err(error) => {
            linger(body);
            respond(app.keeping.refuse(&asked, &error))
        }
    }
}

impl App {
    /// Answers on this thread.
    fn answer(&self, caller: &Caller, request: Request) -> Answer {
        let endpoint = if caller.clears { &self.clearing } else { &self.keeping };
        let session = Session { database: &self.database, caller, open: None };
        let tenant = Some(SqlValue::Text(caller.tenant.clone()));
        let scope = Assignment { column: "tenant_id".into(), stored: Stored::Text, value: tenant };
        endpoint.handle(request, &mut TableStorage::new(session, &self.mappings).scope(scope))
    }
}

/// The tenant, and the path within its endpoint.
fn place(path: &str) -> Option<(&str, &str)> {
    let (tenant, path) = path.strip_prefix("/tenants/")?.split_once('/')?;
    let path = path.strip_prefix("scim/v2")?;
    (path.is_empty() || path.starts_with('/')).then_some((tenant, path))
}

fn asked(parts: &Parts, path: &str, base: &str) -> Request {
    let request = Request::new(parts.method.as_str(), path, base).query(parts.uri.query().unwrap_or_default());
    // A value that is not text stays, because a condition that cannot be read must not be ignored.
    parts.headers.iter().fold(request, |request, (name, value)| {
        request.header(name.as_str(), &String::from_utf8_lossy(value.as_bytes()))
    })
}

/// The `Host` of the request if it is well-formed: the URLs in the response begin with it.
fn host(parts: &Parts) -> Option<&str> {
    let host = text(&parts.headers, HOST).or(parts.uri.authority().map(axum::http::uri::Authority::as_str));
    host.filter(|host| !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-._:[]".contains(c)))
}

async fn caller(app: &Arc<App>, tenant: &str, headers: &HeaderMap) -> Result<Caller, ScimError> {
    let refused = || ScimError::with_status(401, "expected a valid bearer token of this tenant");
    let (scheme, token) = text(headers, AUTHORIZATION).and_then(|value| value.split_once(' ')).ok_or_else(refused)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(refused());
    }
    let (app, tenant, token) = (Arc::clone(app), tenant.to_owned(), token.trim().to_owned());
    let found = tokio::task::spawn_blocking(move || authenticate(&app.database, &tenant, &token)).await;
    match found.map_err(anyhow::Error::from).flatten() {
        Ok(caller) => caller.ok_or_else(refused),
        Err(failure) => {
            eprintln!("error: {failure}");
            Err(ScimError::with_status(500, "the service failed to answer"))
        }
    }
}

/// Reads a body. One over the limit is refused by its declared length, or as soon as it is that long.
async fn read_body(headers: &HeaderMap, body: &mut Body, max: usize) -> Result<Vec<u8>, ScimError> {
    let too_large = || ScimError::with_status(413, format!("the body is too large: at most {max} bytes are allowed"));
    let declared = text(headers, CONTENT_LENGTH).and_then(|length| length.parse::<u64>().ok());
    if declared.is_some_and(|length| length > max as u64) {
        return Err(too_large());
    }
    let mut bytes = Vec::new();
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| ScimError::with_status(400, "the body broke off"))?;
        bytes.extend_from_slice(frame.data_ref().map(AsRef::as_ref).unwrap_or_default());
        if bytes.len() > max {
            return Err(too_large());
        }
    }
    Ok(bytes)
}

/// Receives and drops the rest of a body for a while: a client that finds the connection closed while it still sends might
/// never see the response.
fn linger(mut body: Body) {
    tokio::spawn(tokio::time::timeout(LINGER.0, async move {
        let mut left = LINGER.1;
        while let (Some(Ok(frame)), true) = (body.frame().await, left > 0) {
            left = left.saturating_sub(frame.data_ref().map_or(0, Bytes::len));
        }
    }));
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

fn failed(panic: &tokio::task::JoinError) -> Response {
    eprintln!("error: {panic}");
    let mut response = Response::default();
    *response.status_mut() = axum::http::StatusCode::INTERNAL_SERVER_ERROR;
    response
}

fn respond(answer: Answer) -> Response {
    if let Some(failure) = &answer.failure {
        eprintln!("error: {failure}");
    }
    let mut response = Response::new(answer.body.into());
    *response.status_mut() = answer.status.try_into().unwrap_or_default();
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
