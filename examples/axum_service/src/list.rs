//! Queries (RFC 7644 §3.4.2, RFC 9865): the selection of the resources that match, and of those on the requested page.
//!
//! There are three ways to find the matches. Without a filter, the database counts the rows and selects the page. A filter
//! with an equality on an indexed attribute is evaluated for the few rows that the index returns. Any other filter is
//! evaluated for all rows, in batches.

use std::ops::ControlFlow;
use std::time::SystemTime;

use scim_engine::protocol::{ListQuery, ListResponse, QueryOptions};
use scim_engine::syntax::Literal;
use scim_engine::{Matcher, ResourceType, ScimError, ScimType};
use serde_json::{Value, json};

use crate::failure::Failure;
use crate::service::{Answer, Session};
use crate::store::{Index, Kind, Store, Stored};

/// The size of a page if the request has no `count`, and the largest size.
pub const PAGE: u64 = 100;
pub const LARGEST_PAGE: u64 = 1_000;
/// The largest number of matches that are sorted, in memory. For more, the client should narrow its filter.
const SORTED: usize = 10_000;
/// The number of rows that a scan holds at a time.
const BATCH: usize = 500;

impl Session<'_> {
    pub fn list(&self, kind: Kind, query: &str) -> Result<Answer, Failure> {
        self.find(&[kind], &ListQuery::parse_with(query, &kind.resource_type(), &options())?)
    }

    /// Answers `.search` below one endpoint, or below the base URL for all of them.
    pub fn search(&self, kind: Option<Kind>, body: &[u8]) -> Result<Answer, Failure> {
        match kind {
            Some(kind) => self.find(&[kind], &ListQuery::from_slice_with(body, &kind.resource_type(), &options())?),
            None => self.find(&Kind::ALL, &ListQuery::from_slice_with(body, &ResourceType::any(), &options())?),
        }
    }

    fn find(&self, kinds: &[Kind], query: &ListQuery) -> Result<Answer, Failure> {
        let position = self.service.cursors.open(query, &self.caller.tenant, SystemTime::now())?.unwrap_or_default();
        self.service.database.read(|db| {
            let search = Search { session: self, store: self.store(db), kinds, query, position };
            Ok(Answer::ok(search.page()?.into_body()))
        })
    }
}

fn options() -> QueryOptions {
    QueryOptions::default().default_count(PAGE).max_count(LARGEST_PAGE).cursors(true)
}

struct Search<'a> {
    session: &'a Session<'a>,
    store: Store<'a>,
    kinds: &'a [Kind],
    query: &'a ListQuery,
    /// The beginning of the page by cursor: the number of matches before it (`skip`), or the last one (`kind`, `after`).
    position: Value,
}

/// A resource that the filter matches.
struct Match {
    kind: Kind,
    seq: i64,
    resource: Value,
}

impl Search<'_> {
    fn page(&self) -> Result<ListResponse, Failure> {
        let (query, count) = (self.query, size(self.query.count()));
        if query.order().is_some() {
            return self.sorted_page(count);
        }
        if query.is_by_cursor() {
            return self.page_by_cursor(count);
        }
        let skip = size(query.start_index() - 1);
        let (mut total, mut page) = (0, Vec::new());
        if let (None, [kind]) = (query.filter(), self.kinds) {
            total = self.store.count(*kind)?;
            let rows = if skip < total { self.store.slice(*kind, skip, count)? } else { Vec::new() };
            page.extend(rows.into_iter().map(|row| self.resource(*kind, row)));
        } else {
            // `totalResults` must be right, so all matches are counted; only those of the page are kept.
            self.each_match(0, 0, |found| {
                if total >= skip && page.len() < count {
                    page.push(found.resource);
                }
                total += 1;
                Ok(ControlFlow::Continue(()))
            })?;
        }
        self.response(page, Some(total))
    }

    fn page_by_cursor(&self, count: usize) -> Result<ListResponse, Failure> {
        let number = |name| self.position.get(name).and_then(Value::as_i64).unwrap_or(0);
        let (mut page, mut last, mut next) = (Vec::new(), None, None);
        self.each_match(usize::try_from(number("kind")).unwrap_or(0), number("after"), |found| {
            if page.len() == count {
                next = last.take();
                return Ok(ControlFlow::Break(()));
            }
            last = Some((found.kind, found.seq));
            page.push(found.resource);
            Ok(ControlFlow::Continue(()))
        })?;
        // Matches after the page are not counted: RFC 9865 allows a response without `totalResults`.
        let total = match self.query.filter() {
            None => Some(self.kinds.iter().map(|kind| self.store.count(*kind)).sum::<Result<_, _>>()?),
            Some(_) => None,
        };
        let next = next.map(|(last, seq)| {
            let kind = self.kinds.iter().position(|kind| *kind == last);
            self.seal(&json!({"kind": kind, "after": seq}))
        });
        Ok(self.response(page, total)?.next_cursor(next))
    }

    fn sorted_page(&self, count: usize) -> Result<ListResponse, Failure> {
        let mut found = Vec::new();
        self.each_match(0, 0, |one| {
            if found.len() == SORTED {
                let detail = format!("more than {SORTED} resources would have to be sorted: narrow the filter");
                return Err(ScimError::new(ScimType::TooMany, detail).into());
            }
            found.push(one.resource);
            Ok(ControlFlow::Continue(()))
        })?;
        let total = found.len();
        let by_cursor = self.position.get("skip").and_then(Value::as_u64).unwrap_or(0);
        let skip = size(if self.query.is_by_cursor() { by_cursor } else { self.query.start_index() - 1 });
        let sorted = self.query.sort(&found)?;
        let page = sorted.into_iter().skip(skip).take(count).cloned().collect();
        let end = skip.saturating_add(count);
        let is_continued = self.query.is_by_cursor() && count > 0 && end < total;
        let next = is_continued.then(|| self.seal(&json!({"skip": end})));
        Ok(self.response(page, Some(total))?.next_cursor(next))
    }

    fn seal(&self, position: &Value) -> String {
        let Session { service, caller, .. } = self.session;
        service.cursors.seal(position, self.query, &caller.tenant, SystemTime::now())
    }

    /// Visits the matches in the order of creation, users before groups. It begins with the kind at the index `first_kind`, and
    /// there after the row with the `seq` `after`.
    fn each_match(
        &self,
        first_kind: usize,
        mut after: i64,
        mut visit: impl FnMut(Match) -> Result<ControlFlow<()>, Failure>,
    ) -> Result<(), Failure> {
        for kind in self.kinds.iter().skip(first_kind).copied() {
            let indexed = self.query.filter().map(|filter| self.by_index(kind, filter)).transpose()?.flatten();
            let is_scan = indexed.is_none();
            let mut rows = match indexed {
                Some(rows) => rows.into_iter().filter(|row| row.seq > after).collect(),
                None => self.store.after(kind, after, BATCH)?,
            };
            while let Some(last) = rows.last() {
                after = last.seq;
                for stored in rows {
                    if let Some(found) = self.matched(kind, stored)?
                        && visit(found)?.is_break()
                    {
                        return Ok(());
                    }
                }
                rows = if is_scan { self.store.after(kind, after, BATCH)? } else { Vec::new() };
            }
            after = 0;
        }
        Ok(())
    }

    fn matched(&self, kind: Kind, row: Stored) -> Result<Option<Match>, Failure> {
        let (id, seq, mut resource) = (row.id.clone(), row.seq, self.resource(kind, row));
        if self.looks_at_list(kind) {
            self.session.add_list(&self.store, kind, &id, &mut resource, None)?;
        }
        let holds = match self.query.filter() {
            None => true,
            Some(filter) => filter.matches(&resource).map_err(ScimError::from)?,
        };
        Ok(holds.then_some(Match { kind, seq, resource }))
    }

    fn resource(&self, kind: Kind, mut row: Stored) -> Value {
        self.session.add_meta(kind, &mut row);
        row.resource
    }

    /// Whether the filter or the sort order reads the list, which is not in the stored JSON.
    fn looks_at_list(&self, kind: Kind) -> bool {
        let in_filter = self.query.filter().is_some_and(|filter| filter.needs(kind.list()).unwrap_or(true));
        // A search for all resource types may name the list by a URN.
        let in_order = self.query.order().is_some_and(|order| order.path.to_lowercase().contains(kind.list()));
        in_filter || in_order
    }

    /// The candidates that an index returns, which the filter must still check; `None` if no index helps.
    fn by_index(&self, kind: Kind, filter: &Matcher) -> Result<Option<Vec<Stored>>, Failure> {
        for equality in filter.equalities() {
            let Literal::String(value) = &equality.value else { continue };
            let (index, value) = match equality.path.as_str() {
                "id" => (Index::Id, value.to_string()),
                "externalId" => (Index::ExternalId, value.to_string()),
                path if path == kind.name() => (Index::Name, kind.name_key(value)),
                path if path.strip_suffix(".value").unwrap_or(path) == kind.list() => {
                    (Index::Membership, value.to_string())
                }
                _ => continue,
            };
            return self.store.by_index(kind, index, &value).map(Some);
        }
        Ok(None)
    }

    /// Makes the response. Members and groups are loaded only for the resources on the page, and only if the response contains
    /// them.
    fn response(&self, mut page: Vec<Value>, total: Option<usize>) -> Result<ListResponse, Failure> {
        for resource in &mut page {
            let is_group = resource.pointer("/meta/resourceType").is_some_and(|name| name == "Group");
            let kind = if is_group { Kind::Group } else { Kind::User };
            let id = resource.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
            if self.query.projection().needs(kind.list())? && !self.looks_at_list(kind) {
                self.session.add_list(&self.store, kind, &id, resource, None)?;
            }
        }
        Ok(self.query.response(&page, total.map(|total| total as u64))?)
    }
}

fn size(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}
