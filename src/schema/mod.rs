//! Schemas: attributes, schemas and resource types (RFC 7643), both built in and defined by a platform.

mod attr_ref;
mod attribute;
mod error;
mod loading;
mod lookup;
mod registry;
mod resource_type;
mod tailor;
mod visible;

pub(crate) use attr_ref::AttrRef;
pub use attribute::{AttrType, Attribute, Mutability, Returned, Uniqueness};
pub use error::SchemaError;
pub use lookup::Resolved;
pub(crate) use lookup::{Loose, Own, Resolution, Unresolved, unknown_sub};
pub use registry::Registry;
pub use resource_type::{ResourceType, Schema};
pub(crate) use visible::Decision;
#[cfg(feature = "protocol")]
pub(crate) use visible::Keep;
