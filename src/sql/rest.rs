//! The JSON column of what has no column of its own.

use std::collections::HashMap;
use std::sync::Arc;

use super::attributes::{is_read_only, leaves};
use super::error::MappingError;
use super::folded::folded_field;
use super::rows::Field;
use crate::schema::{AttrRef, ResourceType};

/// The JSON column of what has no column of its own, and that of its folded copy.
#[derive(Debug, Clone)]
pub(super) struct Rest {
    pub column: Arc<str>,
    pub folded: Option<Arc<str>>,
}

impl Rest {
    /// Adds all attributes that clients can set and that are not known.
    pub(super) fn add(
        &self,
        resource_type: &ResourceType,
        known: &mut HashMap<String, Field>,
        checked: impl Fn(AttrRef<'_>, Field) -> Result<Field, MappingError>,
    ) -> Result<(), MappingError> {
        for attr in leaves(resource_type) {
            let path = attr.to_string();
            let whole = [Some(attr.whole().to_string()), attr.extension.map(|schema| schema.id.clone())];
            let is_named = known.contains_key(&path) || whole.iter().flatten().any(|whole| known.contains_key(whole));
            let is_reachable = resource_type.look_up_own_attribute(&path).is_ok();
            if is_named || !is_reachable || attr.is_schemas() || attr.is_secret() || is_read_only(attr) {
                continue;
            }
            let folded = self.folded.as_ref().map(|column| checked(attr, folded_field(attr, column)).map(Box::new));
            known.insert(path, Field::Rest(folded.transpose()?));
        }
        Ok(())
    }
}
