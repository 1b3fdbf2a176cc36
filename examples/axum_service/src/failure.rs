//! The reasons for which a request fails: an error of the client, a lost update, or a failure of the platform.

use rusqlite::ErrorCode;
use scim_engine::{ScimError, ScimType};

#[derive(Debug)]
pub enum Failure {
    /// An error that is reported to the client unchanged.
    Scim(ScimError),
    /// Another request changed the resource after it was read.
    LostUpdate,
    /// The database failed, or its contents are invalid.
    Internal(String),
    /// Another process locked the database for too long.
    Busy,
}

impl Failure {
    pub fn not_found(what: impl std::fmt::Display) -> Self {
        ScimError::with_status(404, format!("there is no {what}")).into()
    }

    pub fn invalid_value(detail: impl Into<String>) -> Self {
        ScimError::new(ScimType::InvalidValue, detail).into()
    }

    /// Returns the error for the client. The details of an internal failure are only written to stderr.
    pub fn into_scim(self) -> ScimError {
        match self {
            Self::Scim(error) => error,
            Self::LostUpdate => ScimError::with_status(409, "the resource was changed meanwhile: try again"),
            Self::Busy => ScimError::with_status(503, "the service is busy: try again"),
            Self::Internal(detail) => {
                eprintln!("error: {detail}");
                ScimError::with_status(500, "the service failed to answer")
            }
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Scim(error) => f.write_str(error.detail()),
            Self::LostUpdate => f.write_str("the row was changed meanwhile"),
            Self::Busy => f.write_str("another process holds the database"),
            Self::Internal(detail) => f.write_str(detail),
        }
    }
}

impl std::error::Error for Failure {}

impl From<ScimError> for Failure {
    fn from(error: ScimError) -> Self {
        Self::Scim(error)
    }
}

impl From<scim_engine::PatchError> for Failure {
    fn from(error: scim_engine::PatchError) -> Self {
        Self::Scim(error.into())
    }
}

impl From<scim_engine::ResourceError> for Failure {
    fn from(error: scim_engine::ResourceError) -> Self {
        Self::Scim(error.into())
    }
}

impl From<scim_engine::UnknownName> for Failure {
    fn from(error: scim_engine::UnknownName) -> Self {
        Self::Scim(error.into())
    }
}

impl From<scim_engine::protocol::QueryError> for Failure {
    fn from(error: scim_engine::protocol::QueryError) -> Self {
        Self::Scim(error.into())
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        if let rusqlite::Error::SqliteFailure(cause, message) = &error {
            if matches!(cause.code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) {
                return Self::Busy;
            }
            // The unique indexes decide whether a name is in use.
            let column = message.as_deref().unwrap_or_default();
            if cause.code == ErrorCode::ConstraintViolation {
                for (name, attribute) in [("users.user_name", "userName"), ("groups.display_name", "displayName")] {
                    if column.contains(name) {
                        let detail = format!("`{attribute}`: another resource has this name");
                        return ScimError::new(ScimType::Uniqueness, detail).into();
                    }
                }
            }
        }
        Self::Internal(error.to_string())
    }
}

impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(format!("the stored text is not JSON: {error}"))
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::Internal(error.to_string())
    }
}
