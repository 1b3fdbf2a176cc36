//! Lists: a page of what a filter selects, of one resource type or of all.

use serde_json::{Value, json};

use super::asked::{Asked, Refusal, refused};
use super::call::{Find, Found, Needs, Stored, Window};
use super::http::Response;
use super::resources::completed;
use crate::error::{ScimError, ScimType};
use crate::protocol::{ListQuery, ListResponse};
use crate::schema::ResourceType;

/// How many resources a storage is asked for at first, and at most: as many as will fit, by the size of those before.
const AT_FIRST: usize = 20;
const AT_MOST: usize = 100;
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
    let page = if types.len() > 1 && query.order().is_some() {
        list.sorted_page(position.as_ref()).await?
    } else {
        list.page(position.as_ref()).await?
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
        // A type that has no such attribute has no value to sort by.
        let order = self.query.order().filter(|order| of.is_open() || of.look_up_own_attribute(order.path).is_ok());
        let order = order.map(|order| (order.path.to_owned(), order.descending));
        let (filter, needs) = (self.query.filter().cloned(), Needs::list(self.query));
        Find { resource_type: of.clone(), filter, order, window, limit, counts, needs }
    }

    async fn found(&self, find: Find) -> Result<Found, Refusal> {
        let (of, limit, counts, window) = (find.resource_type.clone(), find.limit, find.counts, find.window.clone());
        let found = self.asked.asks.find(find).await.map_err(|error| refused(error, &of, ""))?;
        let is_stuck =
            found.next.is_some() && (found.page.is_empty() || found.next.clone().map(Window::After) == Some(window));
        let problem = match &found {
            _ if found.page.len() > limit => "more resources than it was asked for",
            _ if counts && found.total.is_none() => "no total, for which it was asked",
            _ if is_stuck && limit > 0 => "a place behind the page at which the page began",
            _ => "",
        };
        if !problem.is_empty() {
            return Err(Refusal::Failed(format!("the storage gave {problem}")));
        }
        let page = found.page.into_iter().map(|stored| completed(self.asked, &of, stored)).collect::<Result<_, _>>()?;
        Ok(Found { page, ..found })
    }

    /// The page, one type after another. `position` is where a page by cursor begins: the type, and the place in it.
    async fn page(&self, position: Option<&Value>) -> Result<Page, Refusal> {
        let mut page = Page { total: Some(0), ..Page::default() };
        let (first, after) = match position {
            Some(position) => place(position)?,
            None => (0, None),
        };
        let mut skip = if self.query.is_by_cursor() { 0 } else { self.query.start_index() - 1 };
        let mut is_full = self.count() == 0;
        for (number, of) in self.types.iter().enumerate() {
            let window = match &after {
                Some(after) if number == first => Window::After(after.clone()),
                _ => Window::Skip(skip),
            };
            let is_counted_alone = is_full || number < first;
            let (own, next) = self.part(of, window, is_counted_alone, &mut page).await?;
            skip = skip.saturating_sub(own);
            page.total = page.total.map(|total| total + own);
            if is_counted_alone {
                continue;
            }
            if let Some(next) = next {
                is_full = true;
                page.next = Some(json!({"type": number, "after": next}));
            } else if self.is_full(&page) {
                is_full = true;
                page.next = (number + 1 < self.types.len()).then(|| json!({"type": number + 1, "after": null}));
            }
        }
        Ok(page)
    }

    fn is_full(&self, page: &Page) -> bool {
        page.items >= self.count() || page.text.len() >= self.asked.settings.max_answer
    }

    /// Adds the resources of one type until the page is full. Gives how many the filter selects, and where the rest begins.
    async fn part(
        &self,
        of: &ResourceType,
        mut window: Window,
        is_counted_alone: bool,
        page: &mut Page,
    ) -> Result<(u64, Option<Value>), Refusal> {
        let (mut own, mut at_once) = (None, AT_FIRST);
        loop {
            let limit = if is_counted_alone { 0 } else { (self.count() - page.items).min(at_once) };
            let found = self.found(self.find(of, window.clone(), limit, own.is_none())).await?;
            let total = *own.get_or_insert(found.total.unwrap_or_default());
            if is_counted_alone {
                return Ok((total, None));
            }
            let texts: Vec<Value> = found.page.iter().map(|one| self.query.projection().apply(&one.resource)).collect();
            let before = (page.text.len(), page.items);
            let mut fits = 0;
            for text in &texts {
                if self.is_full(page) {
                    break;
                }
                page.push(text);
                fits += 1;
            }
            if fits < texts.len() && self.query.is_by_cursor() {
                // Where a page by cursor ends, only the storage can say.
                page.text.truncate(before.0);
                page.items = before.1;
                let found = self.found(self.find(of, window, fits, false)).await?;
                found.page.iter().for_each(|one| page.push(&self.query.projection().apply(&one.resource)));
                return Ok((total, found.next));
            }
            match found.next {
                Some(next) if self.is_full(page) => return Ok((total, Some(next))),
                Some(next) => window = Window::After(next),
                None => return Ok((total, None)),
            }
            let room = self.asked.settings.max_answer.saturating_sub(page.text.len());
            at_once = (room / (page.text.len() / page.items.max(1)).max(1)).clamp(1, AT_MOST);
        }
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
