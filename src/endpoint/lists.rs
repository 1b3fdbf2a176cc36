//! Lists: a page of what a filter selects, of one resource type or of all.

use serde_json::{Value, json};

use super::asked::{Asked, Refusal, refused};
use super::call::{Find, Found, Needs, Stored, Window};
use super::http::Response;
use super::resources::complete;
use crate::error::{ScimError, ScimType};
use crate::protocol::{ListQuery, ListResponse};
use crate::schema::ResourceType;

/// How many resources a storage is asked for at once: what is in memory of them is little more than their text.
const AT_ONCE: usize = 100;
/// The most resources of several types that are sorted together.
const SORTED: usize = 10_000;

pub(super) async fn list(asked: &Asked<'_>, of: &ResourceType) -> Result<Response, Refusal> {
    let query = ListQuery::parse_with(asked.query, of, &asked.settings.queries)?;
    find(asked, &[of], &query).await
}

pub(super) async fn search(asked: &Asked<'_>, of: Option<&ResourceType>) -> Result<Response, Refusal> {
    let queries = &asked.settings.queries;
    match of {
        Some(of) => find(asked, &[of], &ListQuery::from_slice_with(asked.body, of, queries)?).await,
        None => {
            let query = ListQuery::from_slice_with(asked.body, &ResourceType::any(), queries)?;
            let all: Vec<&ResourceType> = asked.settings.registry.resource_types().iter().collect();
            find(asked, &all, &query).await
        }
    }
}

async fn find(asked: &Asked<'_>, types: &[&ResourceType], query: &ListQuery) -> Result<Response, Refusal> {
    let now = asked.now;
    let position = match &asked.settings.cursors {
        Some(cursors) => cursors.open(query, asked.context, now)?,
        None => None,
    };
    let seal = |position: &Value| {
        asked.settings.cursors.as_ref().map(|cursors| cursors.seal(position, query, asked.context, now))
    };
    let list = List { asked, types, query };
    let page = match types {
        [_] | [] => list.page(position.as_ref()).await?,
        _ if query.order().is_some() => list.sorted_page(position.as_ref()).await?,
        _ => list.page(position.as_ref()).await?,
    };
    let mut response = ListResponse::new(Vec::new());
    response.total = page.total;
    if query.is_by_cursor() {
        response.next_cursor = page.next.as_ref().and_then(seal);
    } else {
        response.start_index = Some(query.start_index());
    }
    let head = Value::Object(response.head(page.items)).to_string();
    let head = head.strip_suffix('}').unwrap_or(&head).as_bytes();
    let body = [head, b",\"Resources\":[", &page.text, b"]}"].concat();
    Ok(Response::new(200).text(asked.media_type, body))
}

struct List<'a> {
    asked: &'a Asked<'a>,
    types: &'a [&'a ResourceType],
    query: &'a ListQuery,
}

/// The resources of a page, as text.
#[derive(Default)]
struct Page {
    text: Vec<u8>,
    items: usize,
    total: Option<u64>,
    /// Where the next page by cursor begins.
    next: Option<Value>,
}

impl Page {
    fn push(&mut self, resource: &Value) {
        if self.items > 0 {
            self.text.push(b',');
        }
        self.items += 1;
        self.text.extend_from_slice(resource.to_string().as_bytes());
    }
}

impl List<'_> {
    fn count(&self) -> usize {
        usize::try_from(self.query.count()).unwrap_or(usize::MAX)
    }

    fn find(&self, of: &ResourceType, window: Window, limit: usize, counts: bool) -> Find {
        let order = self.query.order().map(|order| (order.path.to_owned(), order.descending));
        let (filter, needs) = (self.query.filter().cloned(), Needs::list(self.query));
        Find { resource_type: of.clone(), filter, order, window, limit, counts, needs }
    }

    async fn found(&self, find: Find) -> Result<Found, Refusal> {
        let of = find.resource_type.clone();
        let mut found = self.asked.asks.find(find).await.map_err(|error| refused(error, &of, ""))?;
        for stored in &mut found.page {
            complete(self.asked, &of, stored);
        }
        Ok(found)
    }

    /// The page, one type after another. `position` is where a page by cursor begins: the type, and the place in it.
    async fn page(&self, position: Option<&Value>) -> Result<Page, Refusal> {
        let (mut page, count) = (Page::default(), self.count());
        let counts = !self.query.is_by_cursor() || (self.query.filter().is_none() && position.is_none());
        let (first, after) = match position {
            Some(position) => place(position)?,
            None => (0, None),
        };
        let mut skip = self.query.start_index() - 1;
        let mut is_full = count == 0 && self.query.is_by_cursor();
        let mut total = 0;
        for (number, of) in self.types.iter().enumerate().skip(first) {
            let mut window = match &after {
                Some(after) if number == first => Window::After(after.clone()),
                _ => Window::Skip(if self.query.is_by_cursor() { 0 } else { skip }),
            };
            let mut is_first = true;
            loop {
                let limit = if is_full { 0 } else { (count - page.items).min(AT_ONCE) };
                if limit == 0 && !(is_first && counts) {
                    break;
                }
                let found = self.found(self.find(of, window, limit, is_first && counts)).await?;
                if let Some(own) = found.total.filter(|_| is_first) {
                    total += own;
                    skip = skip.saturating_sub(own);
                }
                is_first = false;
                for stored in &found.page {
                    page.push(&self.query.projection().apply(&stored.resource));
                }
                is_full = is_full || page.items >= count || page.text.len() >= self.asked.settings.max_answer;
                let Some(next) = found.next else { break };
                if is_full && page.next.is_none() {
                    page.next = Some(json!({"type": number, "after": next}));
                }
                window = Window::After(next);
            }
            if is_full && page.next.is_none() && number + 1 < self.types.len() {
                page.next = Some(json!({"type": number + 1, "after": null}));
            }
        }
        page.total = counts.then_some(total);
        Ok(page)
    }

    /// The page of several types that are sorted together: the first resources of each, sorted once more.
    async fn sorted_page(&self, position: Option<&Value>) -> Result<Page, Refusal> {
        let start = match position {
            Some(position) => position.get("skip").and_then(Value::as_u64).ok_or_else(strange_cursor)?,
            None => self.query.start_index() - 1,
        };
        let end = start.saturating_add(self.query.count());
        let Some(end) = usize::try_from(end).ok().filter(|end| *end <= SORTED) else {
            let message = format!("only the first {SORTED} resources of several types are sorted: search one type");
            return Err(ScimError::new(ScimType::TooMany, message).into());
        };
        let (mut all, mut total) = (Vec::new(), 0);
        for of in self.types {
            let found = self.found(self.find(of, Window::Skip(0), end, true)).await?;
            total += found.total.unwrap_or_default();
            all.extend(found.page.into_iter().map(|Stored { resource, .. }| resource));
        }
        let mut page = Page { total: Some(total), ..Page::default() };
        let skip = usize::try_from(start).unwrap_or(usize::MAX);
        for resource in self.query.sort(&all)?.into_iter().skip(skip).take(self.count()) {
            page.push(&self.query.projection().apply(resource));
            if page.text.len() >= self.asked.settings.max_answer {
                break;
            }
        }
        let end = start.saturating_add(page.items as u64);
        if page.items > 0 && end < total {
            page.next = Some(json!({"skip": end}));
        }
        Ok(page)
    }
}

fn strange_cursor() -> ScimError {
    ScimError::new(ScimType::InvalidCursor, "the cursor is not one of this list")
}

/// The type and the place at which a page begins.
fn place(position: &Value) -> Result<(usize, Option<Value>), ScimError> {
    let number = position.get("type").and_then(Value::as_u64).and_then(|number| usize::try_from(number).ok());
    let after = position.get("after").filter(|after| !after.is_null()).cloned();
    Ok((number.ok_or_else(strange_cursor)?, after))
}
