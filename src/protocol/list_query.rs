//! Parses list requests and resolves their names (RFC 7644 §3.4.2, §3.4.3, RFC 9865).

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

#[cfg(feature = "cursors")]
use super::attr_name::lower_names;
use super::attr_name::{AttrName, names_in};
use super::parameters::{Integer, Parameters};
use super::projection::Projection;
use super::query_error::QueryError;
use super::query_options::QueryOptions;
use super::sort::{Order, SortBy};
use crate::error::{ScimType, UnknownName};
use crate::filter::Matcher;
use crate::json;
use crate::options::Options;
use crate::schema::ResourceType;
use crate::shown::plain;
use crate::syntax::Filter;

/// A list request, parsed and resolved. The type is immutable and cheap to clone.
///
/// - Names of parameters ignore case. Unknown ones are ignored; [`ListQuery::ignored`] lists them.
/// - A parameter with an empty value counts as absent, except `cursor`, which then asks for the first page, and `filter`,
///   which then is `invalidFilter`.
/// - A parameter may be repeated only with the same value (otherwise `invalidSyntax`). Lists of attributes are joined.
/// - A `startIndex` below 1 means 1, a negative `count` means 0, and a `count` over the maximum means the maximum. Numbers
///   beyond 64 bits count as the largest. A value that is not a whole number is `invalidValue`, or in a request by cursor
///   `invalidCount` for `count`.
/// - `cursor` together with a `startIndex` above 1 is `invalidValue`, because RFC 9865 §2.4 has a client choose one of
///   them.
/// - `attributes` together with `excludedAttributes` is `invalidValue` (RFC 7644 §3.9).
///
/// ```
/// use scim_engine::ResourceType;
/// use scim_engine::protocol::ListQuery;
/// let text = "?filter=userName+eq+%22mveit%22&sortBy=name.familyName&startIndex=0&count=10";
/// let query = ListQuery::parse(text, &ResourceType::user())?;
/// assert_eq!(query.filter().unwrap().equalities()[0].path, "userName");
/// assert_eq!((query.start_index(), query.count()), (1, 10));
/// assert!(query.needs("userName").unwrap() && query.needs("groups").unwrap());
/// # Ok::<(), scim_engine::protocol::QueryError>(())
/// ```
#[derive(Clone)]
pub struct ListQuery(Arc<Inner>);

struct Inner {
    resource_type: ResourceType,
    options: QueryOptions,
    filter: Option<Matcher>,
    sort_by: Option<SortBy>,
    is_descending: bool,
    start_index: u64,
    count: u64,
    /// Whether the request has a `count`.
    is_counted: bool,
    cursor: Option<String>,
    projection: Projection,
    ignored: Vec<String>,
    /// The attributes that the filter and `sortBy` read.
    looked_at: Vec<AttrName>,
}

impl ListQuery {
    /// Parses a raw query string, with or without a leading question mark, with the default options.
    ///
    /// # Errors
    /// [`QueryError`], which says which parameter is at fault and what was expected.
    pub fn parse(query: impl AsRef<[u8]>, resource_type: &ResourceType) -> Result<Self, QueryError> {
        Self::parse_with(query, resource_type, &QueryOptions::default())
    }

    /// Parses a raw query string.
    ///
    /// # Errors
    /// As [`ListQuery::parse`]. Also an error that is the host's fault, of status 500 as a
    /// [`ScimError`](crate::ScimError), if the options do not fit the resource type ([`QueryOptions::check`]).
    pub fn parse_with(
        query: impl AsRef<[u8]>,
        resource_type: &ResourceType,
        options: &QueryOptions,
    ) -> Result<Self, QueryError> {
        Self::resolve(Parameters::from_query(query.as_ref(), options.cursors), resource_type, options)
    }

    /// Reads the body of a search request (RFC 7644 §3.4.3) with the default options.
    ///
    /// ```
    /// use scim_engine::ResourceType;
    /// use scim_engine::protocol::ListQuery;
    /// use serde_json::json;
    /// let body = json!({
    ///     "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
    ///     "attributes": ["displayName", "userName"],
    ///     "filter": "displayName sw \"smith\"",
    ///     "startIndex": 1,
    ///     "count": 10,
    /// });
    /// let query = ListQuery::from_body(&body, &ResourceType::user())?;
    /// assert_eq!(query.projection().attributes(), ["displayName", "userName"]);
    /// # Ok::<(), scim_engine::protocol::QueryError>(())
    /// ```
    ///
    /// # Errors
    /// As [`ListQuery::parse`].
    pub fn from_body(body: &Value, resource_type: &ResourceType) -> Result<Self, QueryError> {
        Self::from_body_with(body, resource_type, &QueryOptions::default())
    }

    /// Reads the body of a search request.
    ///
    /// # Errors
    /// As [`ListQuery::parse_with`].
    pub fn from_body_with(
        body: &Value,
        resource_type: &ResourceType,
        options: &QueryOptions,
    ) -> Result<Self, QueryError> {
        let limits = &options.options.limits;
        let parameters = json::check_body(body, limits.capped_depth(), limits.members)
            .and_then(|()| json::check_numbers(body, limits.number_digits))
            .map_err(|message| QueryError::of(ScimType::InvalidSyntax, message))
            .and_then(|()| Parameters::from_body(body, options.cursors, &options.options.tolerance));
        Self::resolve(parameters, resource_type, options)
    }

    /// Reads the JSON text of a search request as [`ListQuery::from_body`] does.
    ///
    /// # Errors
    /// Those of [`ListQuery::parse`]. Also `invalidSyntax` if the text is not JSON or if an object in it has a
    /// name twice.
    pub fn from_slice(body: &[u8], resource_type: &ResourceType) -> Result<Self, QueryError> {
        Self::from_slice_with(body, resource_type, &QueryOptions::default())
    }

    /// Reads the JSON text of a search request as [`ListQuery::from_body_with`] does.
    ///
    /// # Errors
    /// Those of [`ListQuery::parse_with`] and [`ListQuery::from_slice`].
    pub fn from_slice_with(
        body: &[u8],
        resource_type: &ResourceType,
        options: &QueryOptions,
    ) -> Result<Self, QueryError> {
        match json::from_slice(body) {
            Ok(body) => Self::from_body_with(&body, resource_type, options),
            Err(error) => {
                let error = QueryError::of(ScimType::InvalidSyntax, format!("invalid JSON: {error}"));
                Self::resolve(Err(error), resource_type, options)
            }
        }
    }

    /// Resolves the names of the parameters, if they could be read. A mistake in the options is reported first: no request
    /// can avoid it.
    fn resolve(
        parameters: Result<Parameters, QueryError>,
        resource_type: &ResourceType,
        options: &QueryOptions,
    ) -> Result<Self, QueryError> {
        options.check(resource_type).map_err(QueryError::of_host)?;
        let parameters = parameters?;
        let Parameters { filter, sort_by, sort_order, start_index, count, cursor, .. } = parameters;
        let Options { tolerance, limits, .. } = &options.options;
        let filter = match filter {
            None => None,
            Some(text) => {
                let filter = Filter::parse_with(&text, &options.options)?;
                let matcher = filter.compile_with(resource_type, &options.options)?;
                matcher.check(&options.filter_rules)?;
                Some(matcher)
            }
        };
        let is_descending = descending(sort_order.as_deref())?;
        let sort_by = sort_by.map(|text| SortBy::new(&text, is_descending, resource_type, tolerance)).transpose()?;
        let start_index = number(start_index, "startIndex", ScimType::InvalidValue)?.unwrap_or(1).max(1);
        if cursor.is_some() && start_index > 1 {
            let message = "`cursor` and `startIndex` are two ways to ask for a page: give one of them";
            return Err(QueryError::of(ScimType::InvalidValue, message));
        }
        let kind = if cursor.is_some() { ScimType::InvalidCount } else { ScimType::InvalidValue };
        let given = number(count, "count", kind)?;
        let count = given.unwrap_or(options.default_count).min(options.max_count);
        let projection = Projection::from_names(
            resource_type,
            parameters.attributes,
            parameters.excluded_attributes,
            limits,
            tolerance,
        )?;
        let mut looked_at: Vec<AttrName> = sort_by.iter().map(|sort_by| sort_by.named.clone()).collect();
        if let Some(filter) = &filter {
            names_in(filter.filter().expr(), resource_type, &mut looked_at);
        }
        Ok(Self(Arc::new(Inner {
            resource_type: resource_type.clone(),
            options: options.clone(),
            filter,
            sort_by,
            is_descending,
            start_index,
            count,
            is_counted: given.is_some(),
            cursor,
            projection,
            ignored: parameters.ignored,
            looked_at,
        })))
    }

    /// The compiled filter.
    pub fn filter(&self) -> Option<&Matcher> {
        self.0.filter.as_ref()
    }

    /// `sortBy` as it was given.
    pub fn sort_by(&self) -> Option<&str> {
        self.0.sort_by.as_ref().map(|sort_by| sort_by.text.as_str())
    }

    /// Whether `sortOrder` is `descending`.
    #[cfg(feature = "python")]
    pub(crate) fn is_descending(&self) -> bool {
        self.0.is_descending
    }

    /// The index of the first resource of the page, counted from 1; at most 2⁶³-1.
    pub fn start_index(&self) -> u64 {
        self.0.start_index
    }

    /// The most resources of the page. If it is 0, the client requests only `totalResults`.
    pub fn count(&self) -> u64 {
        self.0.count
    }

    /// The cursor, if the request is by cursor; empty for the first page.
    pub fn cursor(&self) -> Option<&str> {
        self.0.cursor.as_deref()
    }

    /// Whether the request is by cursor.
    pub fn is_by_cursor(&self) -> bool {
        self.0.cursor.is_some()
    }

    /// The parts of each resource that go into the answer.
    pub fn projection(&self) -> &Projection {
        &self.0.projection
    }

    /// The resource type.
    pub fn resource_type(&self) -> &ResourceType {
        &self.0.resource_type
    }

    /// The host's options.
    pub fn options(&self) -> &QueryOptions {
        &self.0.options
    }

    /// The names of unknown parameters, for a log: at most a hundred, each cut after a hundred characters.
    pub fn ignored(&self) -> &[String] {
        &self.0.ignored
    }

    /// Whether the filter, `sortBy` or the answer needs an attribute (`members`, `groups`, `name.givenName`). If not,
    /// the host need not load that attribute.
    ///
    /// # Errors
    /// [`UnknownName`] if the resource type has no such attribute, or the text is not the name of an attribute.
    pub fn needs(&self, path: &str) -> Result<bool, UnknownName> {
        let named = AttrName::own(path, self.resource_type())?;
        Ok(self.0.looked_at.iter().any(|other| other.meets(&named)) || self.0.projection.keeps(&named))
    }

    /// The order that the request asks for, with its names resolved. A host with a database makes an `ORDER BY` of it.
    ///
    /// ```
    /// use scim_engine::ResourceType;
    /// use scim_engine::protocol::ListQuery;
    /// use scim_engine::schema::AttrType;
    /// let query = ListQuery::parse("sortBy=NAME.familyname&sortOrder=descending", &ResourceType::user())?;
    /// let order = query.order().unwrap();
    /// assert_eq!((order.path, order.descending), ("name.familyName", true));
    /// assert_eq!((order.attr_type, order.case_exact), (Some(AttrType::String), false));
    /// # Ok::<(), scim_engine::protocol::QueryError>(())
    /// ```
    pub fn order(&self) -> Option<Order<'_>> {
        self.0.sort_by.as_ref().map(SortBy::order)
    }

    pub(crate) fn sorting(&self) -> Option<&SortBy> {
        self.0.sort_by.as_ref()
    }

    /// A text of the parts that are equal in all requests for pages of one list: filter, order and resource type. The
    /// case of attribute names is ignored (Q11).
    #[cfg(feature = "cursors")]
    pub(super) fn fingerprint(&self) -> String {
        let filter = self.filter().map(|filter| {
            let mut expr = filter.filter().expr().clone();
            lower_names(&mut expr);
            expr.to_string()
        });
        let order = self.sorting().map(|by| {
            let AttrName { urn, name, sub } = &by.named;
            (urn, name, sub, by.is_descending)
        });
        let resource_type = self.resource_type();
        serde_json::json!([resource_type.name(), resource_type.schema().id, filter, order]).to_string()
    }
}

fn descending(sort_order: Option<&str>) -> Result<bool, QueryError> {
    match sort_order.map(str::trim) {
        None => Ok(false),
        Some(order) if order.eq_ignore_ascii_case("ascending") => Ok(false),
        Some(order) if order.eq_ignore_ascii_case("descending") => Ok(true),
        Some(order) => {
            let message = format!("`sortOrder` must be `ascending` or `descending`, not `{}`", shown(order));
            Err(QueryError::of(ScimType::InvalidValue, message))
        }
    }
}

/// A number of a request. A negative number counts as 0.
fn number(given: Option<Integer>, name: &str, kind: ScimType) -> Result<Option<u64>, QueryError> {
    match given {
        None => Ok(None),
        Some(Ok(number)) => Ok(Some(u64::try_from(number).unwrap_or(0))),
        Some(Err(text)) => {
            let message = format!("`{name}` must be a whole number, not `{}`", shown(&text));
            Err(QueryError::of(kind, message))
        }
    }
}

/// The start of a text, for messages.
fn shown(text: &str) -> String {
    plain(&text.chars().take(64).collect::<String>()).into_owned()
}

/// The characters that are escaped in a query string: all but the unreserved ones of RFC 3986 §2.3, and `:`, `,` and
/// `$`, which are harmless and keep the string legible.
const ESCAPED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b':').remove(b',').remove(b'$');

/// Writes the request as a query string, without the ignored parameters. Parsing the query string gives an equal
/// request.
impl fmt::Display for ListQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let numbers = |number: u64, is_given: bool| is_given.then(|| number.to_string());
        let projection = &inner.projection;
        // After an open bracket, a comma would belong to a name, so each name gets a parameter of its own.
        let list = |names: &[String]| {
            let is_joined = !names.iter().any(|name| name.contains('['));
            if is_joined { Vec::from_iter((!names.is_empty()).then(|| names.join(","))) } else { names.to_vec() }
        };
        let parameters = [
            ("filter", inner.filter.as_ref().map(|filter| filter.filter().to_string())),
            ("sortBy", self.sort_by().map(str::to_owned)),
            ("sortOrder", inner.is_descending.then(|| "descending".to_owned())),
            ("startIndex", numbers(inner.start_index, inner.start_index > 1)),
            ("count", numbers(inner.count, inner.is_counted)),
            ("cursor", inner.cursor.clone()),
        ];
        let lists = [
            ("attributes", list(projection.attributes())),
            ("excludedAttributes", list(projection.excluded_attributes())),
        ];
        let lists = lists.into_iter().flat_map(|(name, values)| values.into_iter().map(move |value| (name, value)));
        let mut separator = "";
        for (name, value) in parameters.into_iter().filter_map(|(name, value)| Some((name, value?))).chain(lists) {
            write!(f, "{separator}{name}={}", utf8_percent_encode(&value, ESCAPED))?;
            separator = "&";
        }
        Ok(())
    }
}

impl fmt::Debug for ListQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ListQuery({self})")
    }
}

impl PartialEq for ListQuery {
    fn eq(&self, other: &Self) -> bool {
        self.0.options == other.0.options
            && self.0.resource_type == other.0.resource_type
            && self.to_string() == other.to_string()
    }
}

impl Hash for ListQuery {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.to_string().hash(state);
    }
}
