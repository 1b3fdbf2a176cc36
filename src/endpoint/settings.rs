//! What an endpoint knows before a request comes.

use crate::options::Options;
use crate::protocol::{
    AuthenticationScheme, BulkConfig, BulkOptions, Cursors, PaginationConfig, PaginationMethod, QueryOptions,
    ServiceProviderConfig,
};
use crate::schema::Registry;

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
