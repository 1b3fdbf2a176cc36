//! Errors as SCIM clients see them: status, `scimType`, detail and body (RFC 7644 §3.12).

use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::{Value, json};

/// The `scimType` of an error, from RFC 7644 Table 9 and RFC 9865 Table 3.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ScimType {
    /// The filter has a syntax error, or cannot be used for the resource type.
    InvalidFilter,
    /// The answer would contain more than the provider is willing to return, or the request exceeds a limit.
    TooMany,
    /// A value is already in use or is reserved.
    Uniqueness,
    /// The mutability of the attribute does not allow the change.
    Mutability,
    /// The body is not a request of this kind.
    InvalidSyntax,
    /// The `path` of an operation is malformed or names no known attribute.
    InvalidPath,
    /// The path matches no attribute or value that the operation could change.
    NoTarget,
    /// A required value is missing, or a value does not suit its attribute.
    InvalidValue,
    /// The SCIM version is not supported.
    InvalidVers,
    /// The request reveals sensitive information.
    Sensitive,
    /// The cursor was not issued by the provider, or belongs to another query (RFC 9865).
    InvalidCursor,
    /// The cursor has expired (RFC 9865).
    ExpiredCursor,
    /// In a query by cursor, `count` differs from that of the first request or is out of range (RFC 9865).
    InvalidCount,
}

impl ScimType {
    /// The name in a SCIM error body.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }

    /// The `scimType` of this name.
    #[cfg(feature = "python")]
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        const ALL: [ScimType; 13] = [
            ScimType::InvalidFilter,
            ScimType::TooMany,
            ScimType::Uniqueness,
            ScimType::Mutability,
            ScimType::InvalidSyntax,
            ScimType::InvalidPath,
            ScimType::NoTarget,
            ScimType::InvalidValue,
            ScimType::InvalidVers,
            ScimType::Sensitive,
            ScimType::InvalidCursor,
            ScimType::ExpiredCursor,
            ScimType::InvalidCount,
        ];
        ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    /// The HTTP status of this kind of error: 409 for `uniqueness`, 403 for `sensitive`, otherwise 400.
    pub const fn status(self) -> u16 {
        match self {
            Self::Uniqueness => 409,
            Self::Sensitive => 403,
            _ => 400,
        }
    }
}

impl fmt::Display for ScimType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error as a SCIM client sees it. Every error that a client can cause converts into it.
///
/// ```
/// use scim_engine::{Filter, ScimError};
/// let error: ScimError = "userName eq".parse::<Filter>().unwrap_err().into();
/// assert_eq!(error.status(), 400);
/// assert_eq!(error.to_body()["scimType"], "invalidFilter");
/// assert_eq!(error.to_body()["status"], "400");
/// assert_eq!(serde_json::to_value(&error).unwrap(), error.to_body());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScimError {
    status: u16,
    scim_type: Option<ScimType>,
    detail: String,
    retry_after: Option<u64>,
}

impl ScimError {
    /// The URN of the error message schema.
    pub const SCHEMA: &'static str = "urn:ietf:params:scim:api:messages:2.0:Error";

    /// An error of the kind `scim_type`. The kind decides the status: see [`ScimType::status`].
    pub fn new(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self { scim_type: Some(scim_type), ..Self::with_status(scim_type.status(), detail) }
    }

    /// An error with only a status, such as 404.
    pub fn with_status(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into(), retry_after: None }
    }

    /// Replaces the status of the error: a bulk request with a reference that cannot be resolved has 409, for example.
    #[must_use]
    pub fn at_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    /// Sets after how many seconds the client may try again: the header `Retry-After` of an answer with status 429 or 503.
    ///
    /// ```
    /// use scim_engine::ScimError;
    /// let error = ScimError::with_status(429, "at most 100 requests are allowed in a minute").with_retry_after(30);
    /// assert_eq!(error.retry_after(), Some(30));
    /// ```
    #[must_use]
    pub fn with_retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }

    /// After how many seconds the client may try again, if the host says so.
    pub fn retry_after(&self) -> Option<u64> {
        self.retry_after
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The kind of error, if the RFC defines one for it.
    pub fn scim_type(&self) -> Option<ScimType> {
        self.scim_type
    }

    /// The description of the error, for people.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The body of the error response. Its `status` is a string, as the RFC requires.
    pub fn to_body(&self) -> Value {
        let mut body = json!({
            "schemas": [Self::SCHEMA],
            "status": self.status.to_string(),
            "detail": self.detail,
        });
        if let (Some(scim_type), Some(body)) = (self.scim_type, body.as_object_mut()) {
            body.insert("scimType".to_owned(), scim_type.as_str().into());
        }
        body
    }
}

/// Writes the body of the error response.
impl Serialize for ScimError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.to_body().serialize(serializer)
    }
}

impl fmt::Display for ScimError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.scim_type {
            Some(scim_type) => write!(f, "{scim_type}: {}", self.detail),
            None => write!(f, "{}: {}", self.status, self.detail),
        }
    }
}

impl std::error::Error for ScimError {}

/// The error for a name that the host gave and that does not exist, such as that of an attribute or a switch. The
/// client cannot correct it by another request, so as a [`ScimError`] it has status 500.
///
/// ```
/// use scim_engine::{Filter, ResourceType};
/// let matcher = "title pr".parse::<Filter>().unwrap().compile(&ResourceType::user()).unwrap();
/// let error = matcher.needs("titel").unwrap_err();
/// assert_eq!(error.name(), "titel");
/// assert_eq!(error.to_string(), "`User` has no attribute `titel`; did you mean `title`?");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownName {
    name: String,
    message: String,
    hint: Option<String>,
}

impl UnknownName {
    pub(crate) fn new(name: &str, message: &str, hint: Option<&str>) -> Self {
        Self { name: name.to_owned(), message: message.to_owned(), hint: hint.map(str::to_owned) }
    }

    /// The unknown name, as the host gave it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The message, without the hint.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The known name that is nearest, if any is near, or the list of all known names if they are few.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "; {hint}"))
    }
}

impl std::error::Error for UnknownName {}

impl From<UnknownName> for ScimError {
    fn from(error: UnknownName) -> Self {
        Self::with_status(500, error.to_string())
    }
}
