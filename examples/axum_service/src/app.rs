//! The routes. Slow work (the database, the engine) runs in `service.rs`, on threads that may block.

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::response::Response;
use axum::routing::{any, get, post};
use scim_engine::ScimError;

use crate::database::Database;
use crate::exchange::{Exchange, refuse};
use crate::failure::Failure;
use crate::service::Service;

pub struct App {
    pub service: Service,
    base_url: Option<String>,
}

impl App {
    pub fn new(database: Database, base_url: Option<String>, max_body: usize) -> Result<Arc<Self>, Failure> {
        Ok(Arc::new(Self { service: Service::new(database, max_body)?, base_url }))
    }

    /// Returns the beginning of the URLs in responses, before `/tenants`.
    pub fn origin(&self, host: Option<&str>) -> String {
        match &self.base_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", host.unwrap_or("localhost")),
        }
    }
}

pub fn router(app: Arc<App>) -> Router {
    let tenant = Router::new()
        .route("/ServiceProviderConfig", get(service_provider_config))
        .route("/ResourceTypes", get(resource_types))
        .route("/ResourceTypes/{name}", get(resource_type))
        .route("/Schemas", get(schemas))
        .route("/Schemas/{name}", get(schema))
        .route("/Me", any(me))
        .route("/Bulk", post(bulk))
        .route("/.search", post(search_all))
        .route("/{endpoint}", get(list).post(create))
        .route("/{endpoint}/.search", post(search))
        .route("/{endpoint}/{id}", get(read).put(replace).patch(patch).delete(delete));
    Router::new()
        .nest("/tenants/{tenant}/scim/v2", tenant)
        .method_not_allowed_fallback(not_allowed)
        .fallback(not_found)
        .with_state(app)
}

// Discovery (RFC 7644 §4).

async fn service_provider_config(exchange: Exchange) -> Response {
    exchange.answer(|session, asked| session.service_provider_config(asked.query())).await
}

async fn resource_types(exchange: Exchange) -> Response {
    exchange.answer(|session, asked| session.resource_types(None, asked.query())).await
}

async fn resource_type(exchange: Exchange) -> Response {
    exchange.answer(|session, asked| session.resource_types(Some(asked.part("name")), asked.query())).await
}

async fn schemas(exchange: Exchange) -> Response {
    exchange.answer(|session, asked| session.schemas(None, asked.query())).await
}

async fn schema(exchange: Exchange) -> Response {
    exchange.answer(|session, asked| session.schemas(Some(asked.part("name")), asked.query())).await
}

/// A token belongs to a tenant, not to a user.
async fn me(exchange: Exchange) -> Response {
    exchange
        .answer(|_, _| Err(ScimError::with_status(501, "`/Me` is not supported: a token is not a user").into()))
        .await
}

// Users and groups (RFC 7644 §3).

async fn read(exchange: Exchange) -> Response {
    exchange.answer(|session, asked| session.get(&asked.target()?)).await
}

async fn list(exchange: Exchange) -> Response {
    exchange.answer(|session, asked| session.list(asked.kind()?, asked.query())).await
}

async fn search(exchange: Exchange) -> Response {
    exchange.answer(|session, asked| session.search(Some(asked.kind()?), asked.body())).await
}

async fn search_all(exchange: Exchange) -> Response {
    exchange.answer(|session, asked| session.search(None, asked.body())).await
}

async fn create(exchange: Exchange) -> Response {
    exchange.answer(|session, asked| session.create(asked.kind()?, asked.query(), asked.body())).await
}

async fn replace(exchange: Exchange) -> Response {
    exchange.answer(|session, asked| session.replace(&asked.target()?, asked.body())).await
}

async fn patch(exchange: Exchange) -> Response {
    exchange.answer(|session, asked| session.patch(&asked.target()?, asked.body())).await
}

async fn delete(exchange: Exchange) -> Response {
    exchange.answer(|session, asked| session.delete(&asked.target()?)).await
}

async fn bulk(exchange: Exchange) -> Response {
    exchange.answer(|session, asked| session.bulk(asked.body())).await
}

// Requests that match no route.

async fn not_found(request: Request) -> Response {
    let failure = Failure::not_found(format_args!("endpoint `{}`", request.uri().path()));
    let (parts, body) = request.into_parts();
    refuse(&parts.headers, body, failure)
}

async fn not_allowed(request: Request) -> Response {
    let error = ScimError::with_status(405, format!("`{}` is not allowed here", request.method()));
    let (parts, body) = request.into_parts();
    refuse(&parts.headers, body, error.into())
}
