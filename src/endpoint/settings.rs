//! What an endpoint knows before a request comes.

use crate::options::Options;
use crate::protocol::{
    AuthenticationScheme, BulkConfig, BulkOptions, Cursors, PaginationConfig, PaginationMethod, QueryOptions,
    ServiceProviderConfig,
};
use crate::schema::Registry;

/// Whether groups may be members of groups (RFC 7643 §4.2 leaves it to the service).
///
/// A member is a group if its `type` says so (`Group`, in any case), or its `$ref` ends in `/Groups/` and an id. A client that
/// gives only a `value` is taken to mean a user.
///
/// ```
/// use scim_engine::Registry;
/// use scim_engine::endpoint::{Endpoint, MemoryStorage, NestedGroups, Request};
/// use serde_json::json;
///
/// let endpoint = Endpoint::new(Registry::default()).nested_groups(NestedGroups::Refused);
/// let group = json!({"displayName": "Crew", "members": [{"value": "7", "type": "Group"}]});
/// let request = Request::new("POST", "/Groups", "https://app.example/scim/v2").json(&group);
/// assert_eq!(endpoint.handle(request, &mut MemoryStorage::default()).status, 400);
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NestedGroups {
    /// Members are stored as they are sent: no request costs a look at other groups, and nothing that clients send today is
    /// refused. The storage decides.
    #[default]
    Unchecked,
    /// A group as a member is refused.
    Refused,
    /// Groups may be nested, but none may contain itself, directly or through others. Only direct members are stored and
    /// shown. A change that adds a group reads the groups in it, at most 10,000. Two changes at the same moment may still
    /// close a circle that neither of them sees, unless the storage runs one after the other.
    Allowed,
}

#[derive(Debug, Clone)]
pub(super) struct Settings {
    pub registry: Registry,
    pub options: Options,
    pub queries: QueryOptions,
    pub cursors: Option<Cursors>,
    pub max_body: usize,
    pub max_operations: usize,
    pub max_answer: usize,
    pub most_members: usize,
    pub tries: usize,
    pub nested_groups: NestedGroups,
    pub schemes: Vec<AuthenticationScheme>,
    pub documentation: Option<String>,
}

impl Settings {
    pub(super) fn new(registry: Registry) -> Self {
        Self {
            registry,
            options: Options::default(),
            queries: QueryOptions::default().default_count(100).max_count(1_000),
            cursors: None,
            max_body: 1 << 20,
            max_operations: 1_000,
            max_answer: 16 << 20,
            most_members: 1_000,
            tries: 20,
            nested_groups: NestedGroups::default(),
            schemes: vec![AuthenticationScheme::bearer_token()],
            documentation: None,
        }
    }

    /// How bulk requests are read.
    pub(super) fn bulk(&self) -> BulkOptions {
        let options = BulkOptions::default().max_operations(self.max_operations).max_payload(self.max_body);
        options.options(self.options.clone())
    }

    /// What `/ServiceProviderConfig` says.
    pub(super) fn provider(&self) -> ServiceProviderConfig {
        let mut pages = PaginationConfig::default()
            .cursor(self.cursors.is_some())
            .default_pagination_method(PaginationMethod::Index)
            .default_page_size(self.queries.default_count)
            .max_page_size(self.queries.max_count);
        if let Some(cursors) = &self.cursors {
            pages = pages.cursor_timeout(cursors.lifetime().as_secs());
        }
        ServiceProviderConfig {
            bulk: Some(BulkConfig::from(&self.bulk())),
            filter_max_results: self.queries.max_count,
            pagination: Some(pages),
            authentication_schemes: self.schemes.clone(),
            documentation_uri: self.documentation.clone(),
            ..ServiceProviderConfig::default()
        }
    }
}
