//! Why something fails: the client's fault, the database's, or that of whoever administers the service.

use rusqlite::ErrorCode;
use scim_engine::ScimError;
use scim_engine::endpoint::StorageError;

#[derive(Debug)]
pub struct Failure(pub StorageError);

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            StorageError::Refused(error) => f.write_str(error.detail()),
            other => other.fmt(f),
        }
    }
}

impl From<Failure> for StorageError {
    fn from(failure: Failure) -> Self {
        failure.0
    }
}

impl From<StorageError> for Failure {
    fn from(error: StorageError) -> Self {
        Self(error)
    }
}

impl From<ScimError> for Failure {
    fn from(error: ScimError) -> Self {
        Self(error.into())
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        if let rusqlite::Error::SqliteFailure(cause, message) = &error {
            if matches!(cause.code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) {
                return Self(StorageError::Busy);
            }
            // The unique indexes have the last word on whether a name is in use.
            let message = message.as_deref().unwrap_or_default();
            if cause.code == ErrorCode::ConstraintViolation && message.contains("UNIQUE") {
                let name = if message.contains("user_name") { "userName" } else { "displayName" };
                return Self(StorageError::uniqueness(name));
            }
        }
        internal(error)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        internal(error)
    }
}

pub fn internal(error: impl std::fmt::Display) -> Failure {
    Failure(StorageError::Failed(error.to_string()))
}
