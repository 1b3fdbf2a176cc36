//! Answers a list request from resources in memory: filters, sorts, cuts out the page, and projects.

use serde_json::{Value, json};

use super::list_query::ListQuery;
use super::list_response::ListResponse;
use crate::document::{Document, Key, View};
use crate::error::{ScimError, ScimType};

/// One page of a list.
pub(crate) struct Page<T> {
    pub items: Vec<T>,
    pub total: u64,
    /// The index of the first item, counted from 1.
    pub start_index: u64,
    pub next: Option<Value>,
    pub previous: Option<Value>,
}

/// The beginning of a page in a list in memory: `at` resources precede the page, and it begins between the resources
/// with the ids `id` and `first`. If the list has changed since the cursor was made, the ids decide. So no resource is
/// left out or repeated because an earlier resource was added or removed (Q25).
struct PagePosition {
    at: u64,
    /// The `id` of the last resource before the page.
    id: Option<String>,
    /// The `id` of the first resource of the page. It is used if the resource before the page is gone, for example
    /// because the client deletes the resources of each page that it reads.
    first: Option<String>,
}

impl PagePosition {
    fn to_value(&self) -> Value {
        json!({"at": self.at, "id": self.id, "first": self.first})
    }

    fn from_value(value: &Value) -> Option<Self> {
        let text = |value: &Value| match value {
            Value::Null => Some(None),
            id => id.as_str().map(|id| Some(id.to_owned())),
        };
        // Cursors of earlier releases have no `first`.
        let first = value.get("first").map_or(Some(None), text)?;
        Some(Self { at: value.get("at")?.as_u64()?, id: text(value.get("id")?)?, first })
    }

    fn find<T, E>(&self, items: &[T], id_of: &impl Fn(&T) -> Result<Option<String>, E>) -> Result<usize, E> {
        let at = usize::try_from(self.at).unwrap_or(usize::MAX).min(items.len());
        if self.id.is_none() {
            return Ok(at);
        }
        if let Some(last) = at.checked_sub(1).and_then(|last| items.get(last))
            && id_of(last)? == self.id
        {
            return Ok(at);
        }
        let mut first = None;
        for (index, item) in items.iter().enumerate() {
            let id = id_of(item)?;
            if id == self.id {
                return Ok(index + 1);
            }
            if first.is_none() && id.is_some() && id == self.first {
                first = Some(index);
            }
        }
        // If neither resource is in the list any more, the page begins at the start of the list: repeating resources is
        // better than leaving one out.
        Ok(first.unwrap_or(0))
    }
}

/// The `id` of a resource.
pub(crate) fn id_of<D: Document>(resource: &D) -> Result<Option<String>, D::Error> {
    let id = resource.member(&Key::canonical("id"))?;
    id.map_or(Ok(None), |id| Ok(if let View::String(text) = id.view()? { Some(text.into_owned()) } else { None }))
}

impl ListQuery {
    /// Whether a resource satisfies the filter.
    ///
    /// # Errors
    /// Those of the document.
    pub(crate) fn admits<D: Document>(&self, resource: D) -> Result<bool, D::Error> {
        self.filter().map_or(Ok(true), |filter| filter.matches(resource))
    }

    /// The page of `items`, which satisfy the filter and are sorted. `position` comes from the cursor, if there is one.
    pub(crate) fn page<T, E: From<ScimError>>(
        &self,
        mut items: Vec<T>,
        position: Option<&Value>,
        id_of: impl Fn(&T) -> Result<Option<String>, E>,
    ) -> Result<Page<T>, E> {
        let total = items.len();
        let start = match position {
            Some(value) => {
                let position = PagePosition::from_value(value).ok_or_else(|| {
                    ScimError::new(ScimType::InvalidCursor, "the cursor is not one of a list that is kept in memory")
                })?;
                position.find(&items, &id_of)?
            }
            None => usize::try_from(self.start_index() - 1).unwrap_or(usize::MAX).min(total),
        };
        let count = usize::try_from(self.count()).unwrap_or(usize::MAX);
        let end = start.saturating_add(count).min(total);
        let position = |at: usize| -> Result<Value, E> {
            let id = at.checked_sub(1).and_then(|last| items.get(last)).map_or(Ok(None), &id_of)?;
            let first = items.get(at).map_or(Ok(None), &id_of)?;
            Ok(PagePosition { at: at as u64, id, first }.to_value())
        };
        let is_paged = self.is_by_cursor() && count > 0;
        let next = if is_paged && end < total { Some(position(end)?) } else { None };
        let previous = if is_paged && start > 0 { Some(position(start.saturating_sub(count))?) } else { None };
        items.truncate(end);
        let items = items.split_off(start);
        Ok(Page { items, total: total as u64, start_index: self.start_index(), next, previous })
    }

    /// The response for a page, without its resources, which the caller adds. `seal` makes the cursor of a position.
    pub(crate) fn around<T>(&self, page: &Page<T>, seal: impl Fn(&Value) -> String) -> ListResponse {
        let response = ListResponse::new(Vec::new()).total(page.total);
        if !self.is_by_cursor() {
            return response.start_index(page.start_index);
        }
        response.next_cursor(page.next.as_ref().map(&seal)).previous_cursor(page.previous.as_ref().map(&seal))
    }

    /// Sorts resources as the request asks. Resources with equal keys keep their order. Without `sortBy` all resources
    /// keep their order.
    ///
    /// # Errors
    /// A [`ScimError`] of status 500 for a resource that is nested too deep.
    pub fn sort<'r>(&self, resources: impl IntoIterator<Item = &'r Value>) -> Result<Vec<&'r Value>, ScimError> {
        self.sort_with(resources.into_iter().collect(), |resource| Ok(self.key_of(resource)?))
    }

    fn key_of(&self, resource: &Value) -> Result<Option<super::sort::SortKey>, crate::document::DocumentError> {
        self.sorting().map(|order| order.key(&resource)).transpose()
    }

    /// Sorts items of any type by the keys that `key_of` returns.
    pub(crate) fn sort_with<T, E>(
        &self,
        items: Vec<T>,
        key_of: impl Fn(&T) -> Result<Option<super::sort::SortKey>, E>,
    ) -> Result<Vec<T>, E> {
        let Some(order) = self.sorting() else { return Ok(items) };
        let mut keyed = Vec::with_capacity(items.len());
        for item in items {
            keyed.push((key_of(&item)?.unwrap_or(super::sort::SortKey::Nothing), item));
        }
        order.sort(&mut keyed);
        Ok(keyed.into_iter().map(|(_, item)| item).collect())
    }

    /// Answers the request from resources in memory: filters, sorts, cuts out the page, and projects. For pages by cursor
    /// there is `answer_with` (feature `cursors`).
    ///
    /// ```
    /// use scim_engine::ResourceType;
    /// use scim_engine::protocol::ListQuery;
    /// use serde_json::json;
    /// let users = [json!({"id": "1", "userName": "b"}), json!({"id": "2", "userName": "A"}), json!({"id": "3"})];
    /// let query = ListQuery::parse("filter=userName+pr&sortBy=userName&attributes=userName", &ResourceType::user())?;
    /// let body = query.answer(&users)?.into_body();
    /// assert_eq!(body["totalResults"], 2);
    /// assert_eq!(body["Resources"][0], json!({"id": "2", "userName": "A"}));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Status 500 if a resource is nested too deep. Also if the request is by cursor: then the options allow cursors, but
    /// there are no keys for them.
    pub fn answer<'r>(&self, resources: impl IntoIterator<Item = &'r Value>) -> Result<ListResponse, ScimError> {
        if self.is_by_cursor() {
            return Err(ScimError::with_status(500, "pages by cursor need keys for cursors"));
        }
        self.answer_from(resources, None, |_| String::new())
    }

    /// Answers the request as [`ListQuery::answer`] does, also by cursor.
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use scim_engine::ResourceType;
    /// use scim_engine::protocol::{CursorContext, Cursors, ListQuery, QueryOptions};
    /// use serde_json::json;
    /// let cursors = Cursors::new(b"sixteen bytes or more of secret", &[], Duration::from_secs(3600))?;
    /// let context = CursorContext::new(&cursors, "tenant 1", SystemTime::now());
    /// let users = [json!({"id": "1"}), json!({"id": "2"})];
    /// let page = |text: &str| {
    ///     let query = ListQuery::parse_with(text, &ResourceType::user(), &QueryOptions::default().cursors(true)).unwrap();
    ///     query.answer_with(&users, context)
    /// };
    /// let first = page("cursor&count=1")?;
    /// let second = page(&format!("cursor={}&count=1", first.next_cursor.unwrap()))?;
    /// assert_eq!((second.resources, second.next_cursor), (vec![json!({"id": "2"})], None));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of [`Cursors::open`](super::Cursors::open), and status 500 if a resource is nested too deep.
    #[cfg(feature = "cursors")]
    pub fn answer_with<'r>(
        &self,
        resources: impl IntoIterator<Item = &'r Value>,
        cursors: super::CursorContext<'_>,
    ) -> Result<ListResponse, ScimError> {
        self.answer_from(resources, cursors.open(self)?, |position| cursors.seal(position, self))
    }

    /// `position` comes from the cursor, if there is one, and `seal` makes the cursors of other pages.
    fn answer_from<'r>(
        &self,
        resources: impl IntoIterator<Item = &'r Value>,
        position: Option<Value>,
        seal: impl Fn(&Value) -> String,
    ) -> Result<ListResponse, ScimError> {
        let mut found = Vec::new();
        for resource in resources {
            if self.admits(resource)? {
                found.push(resource);
            }
        }
        let sorted = self.sort(found)?;
        let page = self.page(sorted, position.as_ref(), |resource| Ok::<_, ScimError>(id_of(resource)?))?;
        let mut response = self.around(&page, seal);
        response.resources = page.items.into_iter().map(|resource| self.projection().apply(resource)).collect();
        Ok(response)
    }

    /// The response for a host that filters, sorts and pages by itself, in a database for example. This method projects
    /// the resources of the page and wraps them in a `ListResponse`. `total` counts the resources of all pages; it may
    /// be `None` only for pages by cursor.
    ///
    /// ```
    /// use scim_engine::ResourceType;
    /// use scim_engine::protocol::ListQuery;
    /// use serde_json::json;
    /// let query = ListQuery::parse("startIndex=11&attributes=userName", &ResourceType::user())?;
    /// let body = query.response(&[json!({"id": "1", "userName": "b", "title": "x"})], Some(25))?.into_body();
    /// assert_eq!(body["startIndex"], 11);
    /// assert_eq!(body["Resources"], json!([{"id": "1", "userName": "b"}]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Status 500 if `total` is required and `None`.
    pub fn response<'r>(
        &self,
        resources: impl IntoIterator<Item = &'r Value>,
        total: Option<u64>,
    ) -> Result<ListResponse, ScimError> {
        if total.is_none() && !self.is_by_cursor() {
            return Err(ScimError::with_status(500, "`totalResults` is required where pages go by index"));
        }
        let resources = resources.into_iter().map(|resource| self.projection().apply(resource)).collect();
        let mut response = ListResponse::new(resources);
        response.total = total;
        response.start_index = (!self.is_by_cursor()).then_some(self.start_index());
        Ok(response)
    }
}
