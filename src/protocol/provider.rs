//! The features of a service, for `/ServiceProviderConfig` (RFC 7643 §5, RFC 9865 §4).

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::bulk::BulkOptions;

/// The features of a service. By default they are those that this crate provides: PATCH, filters, sorting, versions and
/// bearer tokens, but no bulk requests and no statement about pages.
///
/// ```
/// use scim_engine::protocol::{BulkConfig, ServiceProviderConfig};
/// let mut config = ServiceProviderConfig::default();
/// config.bulk = Some(BulkConfig::default().max_operations(1000).max_payload_size(1_048_576));
/// let answer = config.answer("https://example.com/scim/v2");
/// assert_eq!(answer["bulk"]["maxOperations"], 1000);
/// assert_eq!(answer["authenticationSchemes"][0]["type"], "oauthbearertoken");
/// assert_eq!(answer["meta"]["location"], "https://example.com/scim/v2/ServiceProviderConfig");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
#[allow(clippy::struct_excessive_bools, reason = "the RFC's switches")]
pub struct ServiceProviderConfig {
    /// The URL of the service's documentation for people.
    pub documentation_uri: Option<String>,
    /// Whether PATCH is supported.
    pub patch: bool,
    /// The limits of bulk requests; `None` if bulk requests are not supported.
    pub bulk: Option<BulkConfig>,
    /// The most resources in an answer.
    pub filter_max_results: u64,
    /// Whether a user's password can be changed.
    pub change_password: bool,
    /// Whether answers can be sorted.
    pub sort: bool,
    /// Whether resources have versions.
    pub etag: bool,
    /// The ways in which long lists are divided into pages; `None` makes no statement.
    pub pagination: Option<PaginationConfig>,
    /// The ways in which a client can authenticate.
    pub authentication_schemes: Vec<AuthenticationScheme>,
    /// Whether the service conforms to the SCIM interoperability profile, which `docs/MEANING.md` describes under
    /// "Profiles"; `None` makes no statement.
    pub interop_profile_conformant: Option<bool>,
}

impl Default for ServiceProviderConfig {
    fn default() -> Self {
        Self {
            documentation_uri: None,
            patch: true,
            bulk: None,
            filter_max_results: 1000,
            change_password: false,
            sort: true,
            etag: true,
            pagination: None,
            authentication_schemes: vec![AuthenticationScheme::bearer_token()],
            interop_profile_conformant: None,
        }
    }
}

/// The limits of bulk requests.
///
/// ```
/// use scim_engine::protocol::{BulkConfig, BulkOptions};
/// let options = BulkOptions::default().max_operations(50);
/// assert_eq!(BulkConfig::from(&options), BulkConfig::default().max_operations(50));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
#[non_exhaustive]
pub struct BulkConfig {
    /// The most operations of a request.
    pub max_operations: u64,
    /// The most bytes of a request.
    pub max_payload_size: u64,
}

impl Default for BulkConfig {
    /// The limits of [`BulkOptions::default`].
    fn default() -> Self {
        Self::from(&BulkOptions::default())
    }
}

impl From<&BulkOptions> for BulkConfig {
    /// The limits that the requests are read with.
    fn from(options: &BulkOptions) -> Self {
        let number = |limit: usize| u64::try_from(limit).unwrap_or(u64::MAX);
        Self { max_operations: number(options.max_operations), max_payload_size: number(options.max_payload) }
    }
}

impl BulkConfig {
    /// Sets the most operations of a request.
    #[must_use]
    pub fn max_operations(self, max_operations: u64) -> Self {
        Self { max_operations, ..self }
    }

    /// Sets the most bytes of a request.
    #[must_use]
    pub fn max_payload_size(self, max_payload_size: u64) -> Self {
        Self { max_payload_size, ..self }
    }
}

/// The ways in which long lists are divided into pages (RFC 9865 §4). By default pages are by index alone.
///
/// ```
/// use scim_engine::protocol::{PaginationConfig, PaginationMethod};
/// let pages = PaginationConfig::default().cursor(true).default_pagination_method(PaginationMethod::Index);
/// assert!(pages.cursor && pages.index);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
#[non_exhaustive]
pub struct PaginationConfig {
    /// Whether the service pages by cursor.
    pub cursor: bool,
    /// Whether the service pages by index.
    pub index: bool,
    /// The method for a request that has neither `cursor` nor `startIndex`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_pagination_method: Option<PaginationMethod>,
    /// The page size for a request without `count`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default_page_size: Option<u64>,
    /// The largest page size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_page_size: Option<u64>,
    /// The least number of seconds for which a cursor is valid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor_timeout: Option<u64>,
}

impl Default for PaginationConfig {
    fn default() -> Self {
        Self {
            cursor: false,
            index: true,
            default_pagination_method: None,
            default_page_size: None,
            max_page_size: None,
            cursor_timeout: None,
        }
    }
}

impl PaginationConfig {
    /// Sets whether the service pages by cursor.
    #[must_use]
    pub fn cursor(self, cursor: bool) -> Self {
        Self { cursor, ..self }
    }

    /// Sets whether the service pages by index.
    #[must_use]
    pub fn index(self, index: bool) -> Self {
        Self { index, ..self }
    }

    /// Sets the method for a request that has neither `cursor` nor `startIndex`.
    #[must_use]
    pub fn default_pagination_method(self, method: PaginationMethod) -> Self {
        Self { default_pagination_method: Some(method), ..self }
    }

    /// Sets the page size for a request without `count`.
    #[must_use]
    pub fn default_page_size(self, size: u64) -> Self {
        Self { default_page_size: Some(size), ..self }
    }

    /// Sets the largest page size.
    #[must_use]
    pub fn max_page_size(self, size: u64) -> Self {
        Self { max_page_size: Some(size), ..self }
    }

    /// Sets the least number of seconds for which a cursor is valid.
    #[must_use]
    pub fn cursor_timeout(self, seconds: u64) -> Self {
        Self { cursor_timeout: Some(seconds), ..self }
    }
}

/// The `defaultPaginationMethod`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub enum PaginationMethod {
    /// By cursor.
    Cursor,
    /// By index.
    Index,
}

/// A way in which a client can authenticate.
///
/// ```
/// use scim_engine::protocol::AuthenticationScheme;
/// let basic = AuthenticationScheme::new("httpbasic").name("HTTP Basic").description("A user name and a password.");
/// assert_eq!((basic.scheme_type.as_str(), basic.name.as_str()), ("httpbasic", "HTTP Basic"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields, expecting = "an object")]
#[non_exhaustive]
pub struct AuthenticationScheme {
    /// `oauth`, `oauth2`, `oauthbearertoken`, `httpbasic` or `httpdigest`.
    #[serde(rename = "type")]
    pub scheme_type: String,
    /// The common name of the scheme.
    pub name: String,
    /// The description of the scheme, for people.
    pub description: String,
    /// The URL of the specification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec_uri: Option<String>,
    /// The URL of documentation about the use of the scheme in this service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documentation_uri: Option<String>,
    /// Whether this scheme is the preferred one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub primary: Option<bool>,
}

impl AuthenticationScheme {
    /// A scheme of this `type`: `oauth`, `oauth2`, `oauthbearertoken`, `httpbasic` or `httpdigest`. Its name is the type, and
    /// its description is empty; RFC 7643 §5 requires both.
    pub fn new(scheme_type: impl Into<String>) -> Self {
        let scheme_type = scheme_type.into();
        Self {
            name: scheme_type.clone(),
            scheme_type,
            description: String::new(),
            spec_uri: None,
            documentation_uri: None,
            primary: None,
        }
    }

    /// Sets the common name of the scheme.
    #[must_use]
    pub fn name(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// Sets the description of the scheme, for people.
    #[must_use]
    pub fn description(self, description: impl Into<String>) -> Self {
        Self { description: description.into(), ..self }
    }

    /// Sets the URL of the specification.
    #[must_use]
    pub fn spec_uri(self, uri: impl Into<String>) -> Self {
        Self { spec_uri: Some(uri.into()), ..self }
    }

    /// Sets the URL of documentation about the use of the scheme in this service.
    #[must_use]
    pub fn documentation_uri(self, uri: impl Into<String>) -> Self {
        Self { documentation_uri: Some(uri.into()), ..self }
    }

    /// Sets whether this scheme is the preferred one.
    #[must_use]
    pub fn primary(self, primary: bool) -> Self {
        Self { primary: Some(primary), ..self }
    }

    /// A bearer token (RFC 6750), as OneLogin, Entra, Okta and JumpCloud send it.
    pub fn bearer_token() -> Self {
        Self {
            scheme_type: "oauthbearertoken".to_owned(),
            name: "OAuth Bearer Token".to_owned(),
            description: "The token stands in the header `Authorization` after `Bearer`.".to_owned(),
            spec_uri: Some("https://www.rfc-editor.org/info/rfc6750".to_owned()),
            documentation_uri: None,
            primary: Some(true),
        }
    }
}

impl ServiceProviderConfig {
    /// The URN of the schema.
    pub const SCHEMA: &'static str = "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";

    /// The answer of `/ServiceProviderConfig`. `base` is the URL under which the endpoints are.
    pub fn answer(&self, base: &str) -> Value {
        let supported = |supported: bool| json!({"supported": supported});
        let bulk = self.bulk.unwrap_or(BulkConfig { max_operations: 0, max_payload_size: 0 });
        let mut answer = json!({
            "schemas": [Self::SCHEMA],
            "patch": supported(self.patch),
            "bulk": {
                "supported": self.bulk.is_some(),
                "maxOperations": bulk.max_operations,
                "maxPayloadSize": bulk.max_payload_size,
            },
            "filter": {"supported": true, "maxResults": self.filter_max_results},
            "changePassword": supported(self.change_password),
            "sort": supported(self.sort),
            "etag": supported(self.etag),
            "authenticationSchemes": self.authentication_schemes,
            "meta": {
                "resourceType": "ServiceProviderConfig",
                "location": format!("{}/ServiceProviderConfig", base.trim_end_matches('/')),
            },
        });
        if let Value::Object(members) = &mut answer {
            let documentation = self.documentation_uri.as_deref().map(Value::from);
            let pagination = self.pagination.as_ref().map(|pagination| json!(pagination));
            let interop = self.interop_profile_conformant.map(Value::from);
            let optional = [
                ("documentationUri", documentation),
                ("pagination", pagination),
                ("interopProfileConformant", interop),
            ];
            members.extend(optional.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
        }
        answer
    }
}
