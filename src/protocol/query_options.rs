//! The host's options for list requests.

use serde::{Deserialize, Serialize};

use crate::error::UnknownName;
use crate::filter::FilterRules;
use crate::options::Options;
use crate::schema::ResourceType;

/// The host's options for list requests.
///
/// ```
/// use scim_engine::ResourceType;
/// use scim_engine::protocol::{ListQuery, QueryOptions};
/// let options = QueryOptions::default().max_count(200);
/// assert_eq!(ListQuery::parse_with("count=5000", &ResourceType::user(), &options)?.count(), 200);
/// # Ok::<(), scim_engine::protocol::QueryError>(())
/// ```
///
/// A tenant's configuration can have the options; an unknown word is an error:
///
/// ```
/// use scim_engine::protocol::QueryOptions;
/// let options: QueryOptions = serde_json::from_str(r#"{
///     "max_count": 200,
///     "filter_rules": {"operators": ["eq", "and"]},
///     "options": {"limits": {"comparisons": 16}}
/// }"#)?;
/// assert_eq!((options.max_count, options.options.limits.comparisons), (200, 16));
/// assert!(serde_json::from_str::<QueryOptions>(r#"{"maxCount": 200}"#).is_err());
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct QueryOptions {
    /// The host's general options, of which list requests use the tolerance and the limits; see [`QueryOptions::options()`].
    pub options: Options,
    /// The page size for requests without `count`; 100.
    pub default_count: u64,
    /// The largest page size; 1,000.
    pub max_count: u64,
    /// Whether the host pages by cursor (RFC 9865). If not, `cursor` is an unknown parameter. Off by default.
    pub cursors: bool,
    /// The attributes and operators that filters may use; by default all.
    pub filter_rules: FilterRules,
}

impl Default for QueryOptions {
    fn default() -> Self {
        Self {
            options: Options::default(),
            default_count: 100,
            max_count: 1000,
            cursors: false,
            filter_rules: FilterRules::default(),
        }
    }
}

impl QueryOptions {
    /// Sets the general options. The switches of [`Filter::parse_with`](crate::Filter::parse_with) and
    /// [`Filter::compile_with`](crate::Filter::compile_with) matter for filters and names, and `number_strings` and
    /// `single_for_list` for bodies. The limits apply to filters, to the number of attribute names (`members`) and to
    /// bodies (`depth`).
    #[must_use]
    pub fn options(self, options: Options) -> Self {
        Self { options, ..self }
    }

    /// Sets the page size for requests without `count`.
    #[must_use]
    pub fn default_count(self, default_count: u64) -> Self {
        Self { default_count, ..self }
    }

    /// Sets the largest page size.
    #[must_use]
    pub fn max_count(self, max_count: u64) -> Self {
        Self { max_count, ..self }
    }

    /// Sets whether the host pages by cursor.
    #[must_use]
    pub fn cursors(self, cursors: bool) -> Self {
        Self { cursors, ..self }
    }

    /// Sets the attributes and operators that filters may use. A filter that uses others is `invalidFilter`.
    #[must_use]
    pub fn filter_rules(self, filter_rules: FilterRules) -> Self {
        Self { filter_rules, ..self }
    }

    /// Checks the options for a resource type. Call this method when the service starts: otherwise every list request for
    /// the resource type fails with status 500.
    ///
    /// ```
    /// use scim_engine::protocol::{ListQuery, QueryOptions};
    /// use scim_engine::{FilterRules, ResourceType, ScimError};
    /// let options = QueryOptions::default().filter_rules(FilterRules::default().attributes(["userName", "titel"]));
    /// let error = options.check(&ResourceType::user()).unwrap_err();
    /// assert_eq!(error.to_string(), "`User` has no attribute `titel`; did you mean `title`?");
    /// let error = ListQuery::parse_with("", &ResourceType::user(), &options).unwrap_err();
    /// assert_eq!(ScimError::from(error).status(), 500);
    /// ```
    ///
    /// # Errors
    /// [`UnknownName`] if the filter rules name an attribute that the resource type does not have.
    pub fn check(&self, resource_type: &ResourceType) -> Result<(), UnknownName> {
        self.filter_rules.check_names(resource_type)
    }
}
