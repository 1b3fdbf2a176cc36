//! The endpoint: what a host sets, and how it answers.

use std::sync::Arc;

use super::call::Storage;
use super::event::Log;
use super::exchange::{Exchange, Step};
use super::http::{Request, Response};
use super::settings::{NestedGroups, Settings};
use super::{openapi, routes};
use crate::error::ScimError;
use crate::options::Options;
use crate::protocol::{AuthenticationScheme, Cursors};
use crate::schema::Registry;
use serde_json::Value;

/// A SCIM endpoint: the resource types, and what the service promises. It is cheap to clone.
///
/// It has safe defaults: bodies of at most 1 MB, pages of 100 resources and at most 1,000, bulk requests of at most 1,000
/// operations, answers of about 16 MB. See [the module](super) for an example.
#[derive(Debug, Clone)]
pub struct Endpoint(pub(super) Arc<Settings>);

impl Endpoint {
    /// An endpoint for these resource types, with the defaults.
    pub fn new(registry: Registry) -> Self {
        Self(Arc::new(Settings::new(registry)))
    }

    fn with(mut self, set: impl FnOnce(&mut Settings)) -> Self {
        set(Arc::make_mut(&mut self.0));
        self
    }

    /// Sets how requests are read: limits, deviations from the RFC, profile.
    #[must_use]
    pub fn options(self, options: Options) -> Self {
        self.with(|settings| {
            settings.queries = settings.queries.clone().options(options.clone());
            settings.options = options;
        })
    }

    /// Sets the size of a page if the request has no `count`, and the largest size.
    #[must_use]
    pub fn pages(self, default: u64, largest: u64) -> Self {
        self.with(|settings| {
            settings.queries = settings.queries.clone().default_count(default).max_count(largest);
        })
    }

    /// Offers pages by cursor (RFC 9865), which these keys seal. They lose no resource while others come and go.
    #[must_use]
    pub fn cursors(self, cursors: Cursors) -> Self {
        self.with(|settings| {
            settings.queries = settings.queries.clone().cursors(true);
            settings.cursors = Some(cursors);
        })
    }

    /// Sets the most bytes of a body. A longer one is refused by 413.
    #[must_use]
    pub fn max_body(self, bytes: usize) -> Self {
        self.with(|settings| settings.max_body = bytes)
    }

    /// Sets the most operations of a bulk request.
    #[must_use]
    pub fn max_operations(self, operations: usize) -> Self {
        self.with(|settings| settings.max_operations = operations)
    }

    /// Sets at about how many bytes of resources a list ends before it has `count` of them. `itemsPerPage` says how many it
    /// has, and the client asks for the rest.
    #[must_use]
    pub fn max_answer(self, bytes: usize) -> Self {
        self.with(|settings| settings.max_answer = bytes)
    }

    /// Sets up to how many elements a list may have in the answer to a PATCH that named single ones: `members` of a group. A
    /// PATCH of a longer list is answered by 204, unless the client asks for `attributes`.
    #[must_use]
    pub fn most_members(self, elements: usize) -> Self {
        self.with(|settings| settings.most_members = elements)
    }

    /// Sets how often a change is tried while others change the same resource. Then the client is asked to try again.
    #[must_use]
    pub fn tries(self, tries: usize) -> Self {
        self.with(|settings| settings.tries = tries.max(1))
    }

    /// Sets whether groups may be members of groups. By default, nothing is checked.
    #[must_use]
    pub fn nested_groups(self, policy: NestedGroups) -> Self {
        self.with(|settings| settings.nested_groups = policy)
    }

    /// Sets what `/ServiceProviderConfig` says of authentication.
    #[must_use]
    pub fn authentication(self, schemes: impl IntoIterator<Item = AuthenticationScheme>) -> Self {
        self.with(|settings| settings.schemes = schemes.into_iter().collect())
    }

    /// Sets the URL of the service's documentation.
    #[must_use]
    pub fn documentation(self, url: &str) -> Self {
        self.with(|settings| settings.documentation = Some(url.to_owned()))
    }

    /// An OpenAPI 3.1 document of the endpoint: its paths, and the schemas of its resource types. `base` is the URL of the
    /// service.
    ///
    /// Each resource type has one schema for requests and answers, in which attributes are `readOnly` or `writeOnly`.
    ///
    /// ```
    /// use scim_engine::Registry;
    /// use scim_engine::endpoint::Endpoint;
    ///
    /// let document = Endpoint::new(Registry::default()).openapi("https://app.example/scim/v2");
    /// assert_eq!(document["openapi"], "3.1.0");
    /// assert_eq!(document["paths"]["/Users/{id}"]["get"]["operationId"], "getUser");
    /// assert_eq!(document["components"]["schemas"]["User"]["properties"]["active"]["type"], "boolean");
    /// ```
    pub fn openapi(&self, base: &str) -> Value {
        openapi::document(&self.0, base.trim_end_matches('/'))
    }

    /// The resource types.
    pub fn registry(&self) -> &Registry {
        &self.0.registry
    }

    /// The most bytes of a body.
    pub fn body_limit(&self) -> usize {
        self.0.max_body
    }

    /// Answers a request from a storage that blocks.
    pub fn handle<S: Storage + ?Sized>(&self, request: Request, storage: &mut S) -> Response {
        let mut exchange = self.begin(request);
        let mut step = exchange.start();
        loop {
            match step {
                Step::Ask(call) => step = exchange.answer(call.ask(storage)),
                Step::Respond(response) => return response,
            }
        }
    }

    /// Begins to answer a request, for a host that answers what the endpoint asks.
    pub fn begin(&self, request: Request) -> Exchange {
        let settings = Arc::clone(&self.0);
        Exchange::new(move |asks| async move {
            let media_type = request.media_type();
            let is_head = request.method == "HEAD";
            let log = Log::default();
            let route = routes::label(&settings, &request.path, request.me.as_deref());
            let answer = routes::answer(&settings, &asks, &log, request).await;
            let mut response = answer.unwrap_or_else(|refusal| refusal.into_response(media_type));
            (response.events, response.route) = (log.take(), route);
            if is_head {
                response.body.clear();
            }
            response
        })
    }

    /// The answer to a request that the host refuses: by 401 without a valid token, or by 429.
    ///
    /// ```
    /// use scim_engine::endpoint::{Endpoint, Request};
    /// use scim_engine::{Registry, ScimError};
    ///
    /// let request = Request::new("GET", "/Users/17", "https://app.example/scim/v2");
    /// let error = ScimError::with_status(429, "at most 100 requests are allowed in a minute").with_retry_after(30);
    /// let response = Endpoint::new(Registry::default()).refuse(&request, &error);
    /// assert_eq!((response.status, response.header("Retry-After")), (429, Some("30")));
    /// assert_eq!(response.route, "Users/{id}");
    /// ```
    pub fn refuse(&self, request: &Request, error: &ScimError) -> Response {
        let route = routes::label(&self.0, &request.path, request.me.as_deref());
        Response { route, ..Response::refusal(request.media_type(), error) }
    }
}
