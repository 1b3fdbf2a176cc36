//! The message `ListResponse` (RFC 7644 §3.4.2, RFC 9865 §2).

use serde_json::{Map, Value};

/// The answer to a list request.
///
/// ```
/// use scim_engine::protocol::ListResponse;
/// use serde_json::json;
/// let body = ListResponse::new(vec![json!({"id": "7"})]).total(12).start_index(11).into_body();
/// assert_eq!(body["totalResults"], 12);
/// assert_eq!(body["itemsPerPage"], 1);
/// assert_eq!(body["Resources"], json!([{"id": "7"}]));
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct ListResponse {
    /// The resources of the page, already projected.
    pub resources: Vec<Value>,
    /// The number of resources on all pages. Pages by index require it.
    pub total: Option<u64>,
    /// The index of the first resource, counted from 1, for pages by index.
    pub start_index: Option<u64>,
    /// The cursor of the next page; `None` on the last page.
    pub next_cursor: Option<String>,
    /// The cursor of the previous page; `None` on the first page.
    pub previous_cursor: Option<String>,
}

impl ListResponse {
    /// The URN of the message.
    pub const SCHEMA: &'static str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

    /// A response with the resources of a page.
    pub fn new(resources: Vec<Value>) -> Self {
        Self { resources, total: None, start_index: None, next_cursor: None, previous_cursor: None }
    }

    /// Sets the number of resources on all pages.
    #[must_use]
    pub fn total(self, total: u64) -> Self {
        Self { total: Some(total), ..self }
    }

    /// Sets the index of the first resource, counted from 1.
    #[must_use]
    pub fn start_index(self, start_index: u64) -> Self {
        Self { start_index: Some(start_index), ..self }
    }

    /// Sets the cursor of the next page.
    #[must_use]
    pub fn next_cursor(self, cursor: impl Into<Option<String>>) -> Self {
        Self { next_cursor: cursor.into(), ..self }
    }

    /// Sets the cursor of the previous page.
    #[must_use]
    pub fn previous_cursor(self, cursor: impl Into<Option<String>>) -> Self {
        Self { previous_cursor: cursor.into(), ..self }
    }

    /// The body. An empty page has `Resources`, too, since some clients read the length of that list.
    pub fn into_body(mut self) -> Value {
        let resources = std::mem::take(&mut self.resources);
        let mut body = self.head(resources.len());
        body.insert("Resources".to_owned(), Value::Array(resources));
        Value::Object(body)
    }

    /// All members of the body except `Resources`.
    pub(crate) fn head(&self, items: usize) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("schemas".to_owned(), Value::from(vec![Self::SCHEMA]));
        let mut set = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                body.insert(name.to_owned(), value);
            }
        };
        set("totalResults", self.total.map(Value::from));
        set("startIndex", self.start_index.map(Value::from));
        set("itemsPerPage", Some(items.into()));
        set("previousCursor", self.previous_cursor.clone().map(Value::from));
        set("nextCursor", self.next_cursor.clone().map(Value::from));
        body
    }
}
