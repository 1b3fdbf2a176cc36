//! The endpoint described as an OpenAPI 3.1 document.

use serde_json::{Map, Value, json};

use super::openapi_schemas::{name, reference, schemas, set};
use super::settings::Settings;
use crate::protocol::media;
use crate::schema::ResourceType;

pub(super) fn document(settings: &Settings, base: &str) -> Value {
    let url = if base.is_empty() { "/" } else { base };
    let mut document = json!({
        "openapi": "3.1.0",
        "info": {"title": "SCIM 2.0", "version": "2.0", "description": "System for Cross-domain Identity Management (RFC 7643, RFC 7644)."},
        "servers": [{"url": url}],
        "security": security(settings),
        "paths": paths(settings),
        "components": {
            "schemas": schemas(settings),
            "parameters": parameters(settings),
            "headers": headers(),
            "responses": errors(),
            "securitySchemes": security_schemes(settings),
        },
    });
    if let Some(url) = &settings.documentation {
        set(&mut document, "externalDocs", json!({"url": url}));
    }
    document
}

/// How a client authenticates, by the `type` of RFC 7643 §5. What OpenAPI cannot say without further URLs is a bearer token.
fn scheme(scheme_type: &str) -> (&'static str, Value) {
    match scheme_type {
        "httpbasic" => ("basic", json!({"type": "http", "scheme": "basic"})),
        "httpdigest" => ("digest", json!({"type": "http", "scheme": "digest"})),
        _ => ("bearer", json!({"type": "http", "scheme": "bearer"})),
    }
}

fn security_schemes(settings: &Settings) -> Value {
    let named = settings.schemes.iter().map(|one| scheme(&one.scheme_type));
    named.map(|(name, scheme)| (name.to_owned(), scheme)).collect::<Map<_, _>>().into()
}

/// Each of the schemes is enough.
fn security(settings: &Settings) -> Value {
    let mut names: Vec<&str> = settings.schemes.iter().map(|one| scheme(&one.scheme_type).0).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().map(|name| json!({name: []})).collect()
}

fn paths(settings: &Settings) -> Value {
    let mut paths = Map::new();
    for of in settings.registry.resource_types() {
        let (endpoint, name) = (of.endpoint(), name(of));
        paths.insert(endpoint.to_owned(), collection(settings, of, &name));
        paths.insert(format!("{endpoint}/{{id}}"), single(of, &name));
        let search = search(&format!("search{name}"), of.name(), &format!("{name}List"));
        paths.insert(format!("{endpoint}/.search"), search);
    }
    paths.insert("/.search".to_owned(), search("searchAll", "all resource types", "ListResponse"));
    let bulk = Operation::new("bulk", "Carries out several requests (RFC 7644 §3.7)")
        .body("BulkRequest")
        .answer(200, "The results of the operations", "BulkResponse")
        .fails(&[400, 413, 415]);
    paths.insert("/Bulk".to_owned(), json!({"post": bulk.finish()}));
    for (path, id, summary, answer) in [
        (
            "/ServiceProviderConfig",
            "getServiceProviderConfig",
            "Says what the service supports",
            "ServiceProviderConfig",
        ),
        ("/ResourceTypes", "listResourceTypes", "Lists the resource types", "ListResponse"),
        ("/ResourceTypes/{id}", "getResourceType", "Reads a resource type", "Discovery"),
        ("/Schemas", "listSchemas", "Lists the schemas", "ListResponse"),
        ("/Schemas/{id}", "getSchema", "Reads a schema", "Discovery"),
    ] {
        let mut operation = Operation::new(id, summary).answer(200, "The answer", answer);
        if path.ends_with("{id}") {
            operation = operation.parameters(&["id"]).fails(&[403, 404]);
        } else {
            operation = operation.fails(&[403]);
        }
        paths.insert(path.to_owned(), json!({"get": operation.finish()}));
    }
    paths.into()
}

fn collection(settings: &Settings, of: &ResourceType, name: &str) -> Value {
    let mut words = vec!["filter", "startIndex", "count", "sortBy", "sortOrder", "attributes", "excludedAttributes"];
    if settings.cursors.is_some() {
        words.push("cursor");
    }
    let list = Operation::new(&format!("list{name}"), &format!("Lists resources of the type {}", of.name()))
        .parameters(&words)
        .answer(200, "A page of resources", &format!("{name}List"))
        .fails(&[400]);
    let create = Operation::new(&format!("create{name}"), &format!("Creates a {}", of.name()))
        .parameters(&["attributes", "excludedAttributes"])
        .body(name)
        .answer(201, "The new resource", name)
        .headers(&["ETag", "Location"])
        .fails(&[400, 409, 413, 415]);
    json!({"get": list.finish(), "post": create.finish()})
}

fn single(of: &ResourceType, name: &str) -> Value {
    let operation = |word: &str, verb: &str, more: &[&'static str]| {
        let parameters = [&["id"], more].concat();
        Operation::new(&format!("{word}{name}"), &format!("{verb} a {}", of.name())).parameters(&parameters)
    };
    let shown = ["attributes", "excludedAttributes", "If-Match"];
    let tagged = ["ETag", "Content-Location"];
    let get = operation("get", "Reads", &["attributes", "excludedAttributes", "If-Match", "If-None-Match"])
        .answer(200, "The resource", name)
        .headers(&tagged)
        .empty(304, "The client has this version already")
        .fails(&[400, 404, 412]);
    let replace = operation("replace", "Replaces", &shown)
        .body(name)
        .answer(200, "The resource as it is now", name)
        .headers(&tagged)
        .fails(&[400, 404, 409, 412, 413, 415]);
    let patch = operation("patch", "Changes", &shown)
        .body("PatchOp")
        .answer(200, "The resource as it is now", name)
        .headers(&tagged)
        .empty(204, "The resource was changed, and is too long to be shown")
        .fails(&[400, 404, 409, 412, 413, 415]);
    let delete =
        operation("delete", "Deletes", &["If-Match"]).empty(204, "The resource is gone").fails(&[400, 404, 409, 412]);
    json!({"get": get.finish(), "put": replace.finish(), "patch": patch.finish(), "delete": delete.finish()})
}

fn search(id: &str, what: &str, answer: &str) -> Value {
    let operation = Operation::new(id, &format!("Searches {what} by a query in the body (RFC 7644 §3.4.3)"))
        .body("SearchRequest")
        .answer(200, "A page of resources", answer)
        .fails(&[400, 413, 415]);
    json!({"post": operation.finish()})
}

/// An operation of a path while it is described.
struct Operation {
    described: Map<String, Value>,
    responses: Map<String, Value>,
    /// The status of the answer that has headers.
    last: String,
}

impl Operation {
    fn new(id: &str, summary: &str) -> Self {
        let mut described = Map::new();
        described.insert("operationId".to_owned(), id.into());
        described.insert("summary".to_owned(), summary.into());
        let mut responses = Map::new();
        for status in [401, 429, 500, 503] {
            responses.insert(status.to_string(), failure(status));
        }
        Self { described, responses, last: String::new() }
    }

    fn parameters(mut self, names: &[&str]) -> Self {
        let all = names.iter().map(|name| json!({"$ref": format!("#/components/parameters/{name}")}));
        self.described.insert("parameters".to_owned(), all.collect());
        self
    }

    fn body(mut self, schema: &str) -> Self {
        let of = json!({"schema": reference(schema)});
        let body = json!({"required": true, "content": {media::SCIM_JSON: of, "application/json": of}});
        self.described.insert("requestBody".to_owned(), body);
        self
    }

    fn answer(mut self, status: u16, description: &str, schema: &str) -> Self {
        let content = json!({media::SCIM_JSON: {"schema": reference(schema)}});
        self.last = status.to_string();
        self.responses.insert(self.last.clone(), json!({"description": description, "content": content}));
        self
    }

    fn headers(mut self, names: &[&str]) -> Self {
        let all =
            names.iter().map(|name| ((*name).to_owned(), json!({"$ref": format!("#/components/headers/{name}")})));
        if let Some(answer) = self.responses.get_mut(&self.last) {
            set(answer, "headers", all.collect::<Map<_, _>>().into());
        }
        self
    }

    fn empty(mut self, status: u16, description: &str) -> Self {
        self.responses.insert(status.to_string(), json!({"description": description}));
        self
    }

    fn fails(mut self, statuses: &[u16]) -> Self {
        self.responses.extend(statuses.iter().map(|status| (status.to_string(), failure(*status))));
        self
    }

    fn finish(mut self) -> Value {
        self.described.insert("responses".to_owned(), self.responses.into());
        self.described.into()
    }
}

fn failure(status: u16) -> Value {
    json!({"$ref": format!("#/components/responses/{status}")})
}

/// The answers to requests that fail, by status.
fn errors() -> Value {
    let all = [
        (400, "The request is malformed, or a value or filter is invalid"),
        (401, "The client is not authenticated"),
        (403, "A `filter` is not possible here"),
        (404, "There is no such resource"),
        (409, "A value is in use already, or another request changed the resource first"),
        (412, "The resource has another version"),
        (413, "The body is too large"),
        (415, "The media type of the body is not supported"),
        (429, "The client sends too many requests"),
        (500, "The service failed to answer"),
        (503, "The service is busy"),
    ];
    let made = all.map(|(status, description)| {
        let mut response = json!({
            "description": description,
            "content": {media::SCIM_JSON: {"schema": reference("Error")}},
        });
        if matches!(status, 429 | 503) {
            let header = json!({"Retry-After": {"$ref": "#/components/headers/Retry-After"}});
            set(&mut response, "headers", header);
        }
        (status.to_string(), response)
    });
    made.into_iter().collect::<Map<_, _>>().into()
}

fn headers() -> Value {
    let all = [
        ("ETag", "The version of the resource", "string"),
        ("Location", "The URL of the new resource", "string"),
        ("Content-Location", "The URL of the resource", "string"),
        ("Retry-After", "After how many seconds the client may try again", "integer"),
    ];
    let made = all.map(|(name, description, kind)| {
        (name.to_owned(), json!({"description": description, "schema": {"type": kind}}))
    });
    made.into_iter().collect::<Map<_, _>>().into()
}

fn parameters(settings: &Settings) -> Value {
    let text = || json!({"type": "string"});
    let whole = || json!({"type": "integer"});
    let count = json!({"type": "integer", "default": settings.queries.default_count});
    let order = json!({"type": "string", "enum": ["ascending", "descending"], "default": "ascending"});
    let mut all = vec![
        ("filter", "Selects resources (RFC 7644 §3.4.2.2): `userName eq \"bjensen\"`", text()),
        ("startIndex", "The number of the first resource of the page, from 1", whole()),
        ("count", "The most resources of a page", count),
        ("sortBy", "The attribute that the resources are sorted by", text()),
        ("sortOrder", "The direction of the order", order),
        (
            "attributes",
            "The attributes to return, with commas between them; others are left out, required ones too",
            text(),
        ),
        ("excludedAttributes", "The attributes to leave out, with commas between them", text()),
    ];
    if settings.cursors.is_some() {
        all.push(("cursor", "A `nextCursor`, or empty for the first page (RFC 9865)", text()));
    }
    let queries = all.into_iter().map(|(name, description, schema)| {
        (name.to_owned(), json!({"name": name, "in": "query", "description": description, "schema": schema}))
    });
    let mut made: Map<String, Value> = queries.collect();
    for (name, description) in [
        ("If-Match", "Versions, one of which the resource must have"),
        ("If-None-Match", "Versions that the client has already"),
    ] {
        made.insert(
            name.to_owned(),
            json!({"name": name, "in": "header", "description": description, "schema": text()}),
        );
    }
    let id = json!({"name": "id", "in": "path", "required": true, "description": "The id", "schema": text()});
    made.insert("id".to_owned(), id);
    made.into()
}
