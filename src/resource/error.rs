//! The error of a refused POST or PUT.

use std::fmt;

use crate::coerce::refusal::Refusal;
use crate::error::{ScimError, ScimType};

/// The error of a resource that cannot be created or replaced as the client asks. It names the attribute at fault.
///
/// ```
/// use scim_engine::{ResourceType, ScimType};
/// let body = serde_json::json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "active": 7});
/// let error = ResourceType::user().create(&body).unwrap_err();
/// assert_eq!((error.scim_type(), error.path()), (ScimType::InvalidValue, Some("active")));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResourceError(Box<Refusal>);

impl ResourceError {
    /// The attribute at fault; `None` if the body as a whole is at fault.
    pub fn path(&self) -> Option<&str> {
        Some(self.0.path.as_str()).filter(|path| !path.is_empty())
    }

    /// The kind of error.
    pub fn scim_type(&self) -> ScimType {
        self.0.scim_type
    }

    /// The message, without the path.
    pub fn message(&self) -> &str {
        &self.0.message
    }
}

impl fmt::Display for ResourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(path) = self.path() {
            write!(f, "`{path}`: ")?;
        }
        f.write_str(&self.0.message)
    }
}

impl std::error::Error for ResourceError {}

impl From<Refusal> for ResourceError {
    fn from(refusal: Refusal) -> Self {
        Self(Box::new(refusal))
    }
}

impl From<ResourceError> for ScimError {
    fn from(error: ResourceError) -> Self {
        if error.0.is_of_host {
            return Self::with_status(500, error.to_string());
        }
        Self::new(error.scim_type(), error.to_string())
    }
}
