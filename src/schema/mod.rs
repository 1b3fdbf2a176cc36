//! What resources may hold: attributes, schemas, resource types (RFC 7643), built in and a platform's own.

mod attr_ref;
mod attribute;
mod error;
mod registry;
mod resource_type;

pub(crate) use attr_ref::AttrRef;
pub use attribute::{AttrType, Attribute, Mutability, Returned, Uniqueness};
pub use error::SchemaError;
pub use registry::Registry;
pub(crate) use resource_type::Unresolved;
pub use resource_type::{Resolved, ResourceType, Schema};
