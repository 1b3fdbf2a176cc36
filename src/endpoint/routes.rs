//! Which request is which: paths and methods.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::SystemTime;

use percent_encoding::percent_decode_str;

use super::asked::{Asked, Refusal};
use super::event::Log;
use super::exchange::Asks;
use super::http::{Request, Response};
use super::settings::Settings;
use super::{change, lists, resources};
use crate::error::{ScimError, ScimType};
use crate::protocol::{Bulk, BulkMethod, BulkOperation, BulkResult, Preconditions, check_discovery_query, media};
use crate::schema::ResourceType;

const READ: &str = "GET, HEAD";

pub(super) async fn answer(
    settings: &Arc<Settings>,
    asks: &Asks,
    log: &Log,
    request: Request,
) -> Result<Response, Refusal> {
    let media_type = request.media_type();
    let Request { method, path, base, query, headers, body, me, context, now } = request;
    let Some(path) = own_path(&path, me.as_deref()) else {
        return Err(ScimError::with_status(501, "`/Me` is not supported: a client is not a user").into());
    };
    let has_body = matches!(method.as_str(), "POST" | "PUT" | "PATCH");
    let parts = parts(&path).ok_or_else(|| Refusal::not_found(format_args!("endpoint `{path}`")))?;
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let route = Route::of(settings, &parts).ok_or_else(|| Refusal::not_found(format_args!("endpoint `{path}`")))?;
    let allowed = route.allowed();
    if !allowed.split(", ").any(|one| one == method) {
        return Err(Refusal::Method(method, allowed));
    }
    if has_body {
        media::check_content_type(headers.content_type.as_deref())?;
        if body.is_empty() {
            return Err(ScimError::new(ScimType::InvalidSyntax, "the body is empty: expected JSON").into());
        }
        if body.len() > settings.max_body {
            let message = format!("the body is too large: at most {} bytes are allowed", settings.max_body);
            return Err(ScimError::with_status(413, message).into());
        }
    }
    let conditions = Preconditions::new(headers.if_match.as_deref(), headers.if_none_match.as_deref())?;
    let now = now.unwrap_or_else(SystemTime::now);
    let (base, context, query, body) = (base.as_str(), context.as_str(), query.as_str(), body.as_slice());
    let asked = Asked { settings, asks, log, base, context, query, body, conditions, media_type, now };
    match (route, method.as_str()) {
        (Route::Provider, _) => {
            check_discovery_query(query)?;
            Ok(asked.json(200, &settings.provider().answer(base)))
        }
        (Route::ResourceTypes(name), _) => {
            check_discovery_query(query)?;
            Ok(asked.json(
                200,
                &match name {
                    None => settings.registry.resource_types_response(base),
                    Some(name) => settings.registry.resource_type_response(name, base)?,
                },
            ))
        }
        (Route::Schemas(urn), _) => {
            check_discovery_query(query)?;
            Ok(asked.json(
                200,
                &match urn {
                    None => settings.registry.schemas_response(base),
                    Some(urn) => settings.registry.schema_response(urn, base)?,
                },
            ))
        }
        (Route::Bulk, _) => bulk(&asked).await,
        (Route::Search(of), _) => lists::search(&asked, of).await,
        (Route::Resources(of), "POST") => resources::create(&asked, of).await,
        (Route::Resources(of), _) => lists::list(&asked, of).await,
        (Route::Resource(of, id), "PUT") => change::replace(&asked, of, id).await,
        (Route::Resource(of, id), "PATCH") => change::patch(&asked, of, id).await,
        (Route::Resource(of, id), "DELETE") => resources::delete(&asked, of, id).await,
        (Route::Resource(of, id), _) => resources::get(&asked, of, id).await,
    }
}

/// What a path stands for.
enum Route<'r> {
    Provider,
    ResourceTypes(Option<&'r str>),
    Schemas(Option<&'r str>),
    Bulk,
    /// Of all resource types, or of one.
    Search(Option<&'r ResourceType>),
    Resources(&'r ResourceType),
    Resource(&'r ResourceType, &'r str),
}

impl<'r> Route<'r> {
    fn of(settings: &'r Settings, parts: &[&'r str]) -> Option<Self> {
        let of = |endpoint: &str| settings.registry.by_endpoint(&format!("/{endpoint}"));
        Some(match *parts {
            ["ServiceProviderConfig"] => Self::Provider,
            ["ResourceTypes"] => Self::ResourceTypes(None),
            ["ResourceTypes", name] => Self::ResourceTypes(Some(name)),
            ["Schemas"] => Self::Schemas(None),
            ["Schemas", urn] => Self::Schemas(Some(urn)),
            ["Bulk"] => Self::Bulk,
            [".search"] => Self::Search(None),
            [endpoint] => Self::Resources(of(endpoint)?),
            [endpoint, ".search"] => Self::Search(Some(of(endpoint)?)),
            [endpoint, id] => Self::Resource(of(endpoint)?, id),
            _ => return None,
        })
    }

    fn label(&self) -> String {
        match self {
            Self::Provider => "ServiceProviderConfig".to_owned(),
            Self::ResourceTypes(None) => "ResourceTypes".to_owned(),
            Self::ResourceTypes(Some(_)) => "ResourceTypes/{id}".to_owned(),
            Self::Schemas(None) => "Schemas".to_owned(),
            Self::Schemas(Some(_)) => "Schemas/{id}".to_owned(),
            Self::Bulk => "Bulk".to_owned(),
            Self::Search(None) => ".search".to_owned(),
            Self::Search(Some(of)) => format!("{}/.search", name(of)),
            Self::Resources(of) => name(of).to_owned(),
            Self::Resource(of, _) => format!("{}/{{id}}", name(of)),
        }
    }

    fn allowed(&self) -> &'static str {
        match self {
            Self::Provider | Self::ResourceTypes(_) | Self::Schemas(_) => READ,
            Self::Bulk | Self::Search(_) => "POST",
            Self::Resources(_) => "GET, HEAD, POST",
            Self::Resource(..) => "GET, HEAD, PUT, PATCH, DELETE",
        }
    }
}

/// The endpoint of a resource type, without its slash.
fn name(of: &ResourceType) -> &str {
    of.endpoint().trim_start_matches('/')
}

/// The label of a path for metrics, in which no id is.
pub(super) fn label(settings: &Settings, path: &str, me: Option<&str>) -> String {
    let Some(path) = own_path(path, me) else { return "Me".to_owned() };
    let parts = parts(&path).unwrap_or_default();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    Route::of(settings, &parts).map_or_else(|| "other".to_owned(), |route| route.label())
}

/// The path with that of the client's own resource in place of `/Me`; `None` if the client has no resource.
fn own_path<'p>(path: &'p str, me: Option<&str>) -> Option<Cow<'p, str>> {
    if !is_below(path, "/Me") {
        return Some(path.into());
    }
    let rest = path.get(3..).unwrap_or_default();
    me.map(|own| format!("{}{rest}", own.trim_end_matches('/')).into())
}

fn is_below(path: &str, start: &str) -> bool {
    path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The parts of a path, decoded. A slash at the end means nothing.
fn parts(path: &str) -> Option<Vec<String>> {
    let path = path.strip_prefix('/').unwrap_or(path);
    let parts = path.strip_suffix('/').unwrap_or(path).split('/');
    parts.map(|part| percent_decode_str(part).decode_utf8().ok().map(Cow::into_owned)).collect()
}

/// Answers a bulk request (RFC 7644 §3.7). Each operation is a request of its own, so those before an error keep their effect.
async fn bulk(asked: &Asked<'_>) -> Result<Response, Refusal> {
    let settings = asked.settings;
    let bulk = Bulk::from_slice_with(asked.body, &settings.registry, &settings.bulk())?;
    let mut session = bulk.start(asked.base);
    while let Some(operation) = session.next_operation() {
        let answer = one(asked, &operation).await;
        session.answer(answer.map_err(Refusal::into_error));
    }
    Ok(asked.json(200, &session.response()))
}

async fn one(asked: &Asked<'_>, operation: &BulkOperation) -> Result<BulkResult, Refusal> {
    let data = operation.data.to_string();
    let conditions = Preconditions::new(operation.version.as_deref(), None)?;
    let one = Asked { query: "", body: data.as_bytes(), conditions, ..*asked };
    let (of, id) = (&operation.resource_type, operation.id.as_deref().unwrap_or_default());
    let response = match operation.method {
        BulkMethod::Post => resources::create(&one, of).await,
        BulkMethod::Put => change::replace(&one, of, id).await,
        BulkMethod::Patch => change::patch(&one, of, id).await,
        BulkMethod::Delete => resources::delete(&one, of, id).await,
    }?;
    let mut result = BulkResult::new().status(response.status);
    let location = response.header("Location").or_else(|| response.header("Content-Location"));
    (result.location, result.version) = (location.map(str::to_owned), response.header("ETag").map(str::to_owned));
    Ok(result)
}
