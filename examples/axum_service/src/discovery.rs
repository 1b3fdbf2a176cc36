//! The discovery endpoints (RFC 7644 §4).

use scim_engine::protocol::{
    BulkConfig, PaginationConfig, PaginationMethod, ServiceProviderConfig, check_discovery_query,
};

use crate::bulk::OPERATIONS;
use crate::failure::Failure;
use crate::list::{LARGEST_PAGE, PAGE};
use crate::service::{Answer, Session};

impl Session<'_> {
    pub fn service_provider_config(&self, query: &str) -> Result<Answer, Failure> {
        check_discovery_query(query)?;
        let mut config = ServiceProviderConfig::default();
        let max_payload_size = self.service.max_body as u64;
        config.bulk = Some(BulkConfig::default().max_operations(OPERATIONS as u64).max_payload_size(max_payload_size));
        config.filter_max_results = LARGEST_PAGE;
        config.pagination = Some(
            PaginationConfig::default()
                .cursor(true)
                .default_pagination_method(PaginationMethod::Index)
                .default_page_size(PAGE)
                .max_page_size(LARGEST_PAGE)
                .cursor_timeout(self.service.cursors.lifetime().as_secs()),
        );
        Ok(Answer::ok(config.answer(self.base)))
    }

    /// All resource types, or the one with this name.
    pub fn resource_types(&self, name: Option<&str>, query: &str) -> Result<Answer, Failure> {
        check_discovery_query(query)?;
        let registry = &self.service.registry;
        Ok(Answer::ok(match name {
            None => registry.resource_types_response(self.base),
            Some(name) => registry.resource_type_response(name, self.base)?,
        }))
    }

    /// All schemas, or the one with this URN.
    pub fn schemas(&self, urn: Option<&str>, query: &str) -> Result<Answer, Failure> {
        check_discovery_query(query)?;
        let registry = &self.service.registry;
        Ok(Answer::ok(match urn {
            None => registry.schemas_response(self.base),
            Some(urn) => registry.schema_response(urn, self.base)?,
        }))
    }
}
