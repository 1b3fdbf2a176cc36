//! Performs the operations of a bulk request one by one, each after the operations that it refers to.

#![expect(
    clippy::indexing_slicing,
    reason = "steps are named by their position, and every list has one entry for each step"
)]

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fmt;

use serde_json::{Map, Value, json};

use super::operation::{BulkMethod, BulkOperation, BulkResult};
use super::plan::{Bulk, BulkStep, resolved, unresolved};
use super::references::{bulk_id, take_out};
use crate::error::ScimError;
use crate::patch::Patch;
use crate::protocol::meta::location;

/// A bulk request whose operations are being performed. [`Bulk::start`] returns it.
pub struct BulkSession {
    bulk: Bulk,
    base: String,
    /// For each operation, the number of operations that it still waits for.
    waits: Vec<usize>,
    /// For each operation, the indices of the operations that wait for it.
    waiting: Vec<Vec<usize>>,
    /// For each operation, the number of operations that its follow-up still waits for.
    late_waits: Vec<usize>,
    /// For each operation, the indices of the operations whose follow-ups wait for it.
    late_waiting: Vec<Vec<usize>>,
    /// The operations that can be performed now. Each entry has the index of an operation, and whether its follow-up is
    /// to be performed instead of the operation itself. The lowest index comes first.
    ready: BinaryHeap<Reverse<(usize, bool)>>,
    /// The references that were left out of a `POST`, by the index of the operation: their paths and values. Its
    /// follow-up adds them.
    left_out: HashMap<usize, Vec<(String, Value)>>,
    created: HashMap<usize, Created>,
    entries: Vec<Option<ResponseEntry>>,
    current: Option<(usize, bool)>,
    errors: usize,
}

struct Created {
    id: String,
    location: Option<String>,
}

/// The members of the response for one operation.
struct ResponseEntry {
    status: u16,
    location: Option<String>,
    version: Option<String>,
    body: Option<Value>,
}

impl fmt::Debug for BulkSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BulkSession").field("bulk", &self.bulk).field("current", &self.current).finish_non_exhaustive()
    }
}

impl Bulk {
    /// Begins to perform the operations one by one. Use this method instead of [`Bulk::run`] if the host waits for I/O
    /// between operations.
    ///
    /// ```
    /// use scim_engine::Registry;
    /// use scim_engine::protocol::{Bulk, BulkResult};
    /// use serde_json::json;
    /// let bulk = Bulk::parse(&json!({
    ///     "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkRequest"],
    ///     "Operations": [{"method": "DELETE", "path": "/Users/7001"}],
    /// }), &Registry::default())?;
    /// let mut session = bulk.start("https://example.com/v2");
    /// while let Some(operation) = session.next_operation() {
    ///     assert_eq!(operation.id.as_deref(), Some("7001"));
    ///     session.answer(Ok(BulkResult::new()));
    /// }
    /// assert_eq!(session.response()["Operations"], json!([
    ///     {"method": "DELETE", "location": "https://example.com/v2/Users/7001", "status": "204"},
    /// ]));
    /// # Ok::<(), scim_engine::ScimError>(())
    /// ```
    ///
    /// `base` is the URL under which the endpoints are. If the host gives no location for a resource, the location is
    /// made from `base`. Pass an empty text if the URL is not known.
    pub fn start(&self, base: &str) -> BulkSession {
        BulkSession::new(self.clone(), base)
    }

    /// Performs all operations with a function that performs one of them, and returns the response. The response has
    /// only the locations that the function returns.
    pub fn run(&self, mut handle: impl FnMut(&BulkOperation) -> Result<BulkResult, ScimError>) -> Value {
        let mut session = self.start("");
        while let Some(operation) = session.next_operation() {
            let result = handle(&operation);
            session.answer(result);
        }
        session.response()
    }
}

impl BulkSession {
    pub(super) fn new(bulk: Bulk, base: &str) -> Self {
        let steps = &bulk.0.steps;
        let mut session = Self {
            base: base.trim_end_matches('/').to_owned(),
            waits: vec![0; steps.len()],
            waiting: vec![Vec::new(); steps.len()],
            late_waits: vec![0; steps.len()],
            late_waiting: vec![Vec::new(); steps.len()],
            ready: BinaryHeap::new(),
            left_out: HashMap::new(),
            created: HashMap::new(),
            entries: steps.iter().map(|_| None).collect(),
            current: None,
            errors: 0,
            bulk: bulk.clone(),
        };
        for (at, step) in steps.iter().enumerate() {
            let needs = if step.refused.is_some() { &[] } else { step.needs.as_slice() };
            for target in needs.iter().chain(&step.after) {
                session.waits[at] += 1;
                session.waiting[*target].push(at);
            }
            for target in &step.late {
                session.late_waits[at] += 1;
                session.late_waiting[*target].push(at);
            }
            if session.waits[at] == 0 {
                session.ready.push(Reverse((at, false)));
            }
        }
        session
    }

    /// The next operation to perform, with all references resolved. `None` once all operations are performed or
    /// `failOnErrors` ends the request. Pass the result of the operation to [`BulkSession::answer`]; an operation
    /// without a result counts as failed.
    pub fn next_operation(&mut self) -> Option<BulkOperation> {
        if self.current.is_some() {
            self.answer(Err(ScimError::with_status(500, "the operation was not carried out")));
        }
        while !self.is_stopped() {
            let Reverse((at, is_follow_up)) = self.ready.pop()?;
            match if is_follow_up { self.follow_up(at) } else { self.prepared(at) } {
                Ok(operation) => {
                    self.current = Some((at, is_follow_up));
                    return Some(operation);
                }
                Err(error) => self.finish(at, is_follow_up, Err(error)),
            }
        }
        None
    }

    fn is_stopped(&self) -> bool {
        self.bulk.0.fail_on_errors.is_some_and(|max| self.errors >= max)
    }

    /// An operation with its references resolved. References to resources that cannot exist yet are left out.
    fn prepared(&mut self, at: usize) -> Result<BulkOperation, ScimError> {
        let bulk = self.bulk.clone();
        let step = &bulk.0.steps[at];
        if let Some(error) = &step.refused {
            return Err(error.clone());
        }
        self.check_created(&step.needs)?;
        let mut operation = bulk.0.operation(at).ok_or_else(not_read)?.clone();
        if !step.late.is_empty() {
            let is_late = |name: &str| bulk.0.by_bulk_id.get(name).is_some_and(|post| step.late.contains(post));
            let taken = take_out(&operation.resource_type, &mut operation.data, &is_late);
            self.left_out.insert(at, taken);
        }
        self.resolve(&mut operation);
        Ok(operation)
    }

    /// The follow-up of an operation: the `PATCH` that adds the values that were left out of it.
    fn follow_up(&mut self, at: usize) -> Result<BulkOperation, ScimError> {
        let bulk = self.bulk.clone();
        self.check_created(&bulk.0.steps[at].late)?;
        let created = bulk.0.operation(at).ok_or_else(not_read)?;
        let unknown = || ScimError::with_status(500, "the id of the new resource is not known");
        let id = self.created.get(&at).map(|created| created.id.clone()).ok_or_else(unknown)?;
        let taken = self.left_out.remove(&at).unwrap_or_default();
        let operations: Vec<Value> =
            taken.into_iter().map(|(path, value)| json!({"op": "add", "path": path, "value": value})).collect();
        let mut operation = BulkOperation {
            method: BulkMethod::Patch,
            id: Some(id),
            version: None,
            data: json!({"schemas": [Patch::SCHEMA], "Operations": operations}),
            is_follow_up: true,
            index: created.index,
            resource_type: created.resource_type.clone(),
            bulk_id: created.bulk_id.clone(),
        };
        self.resolve(&mut operation);
        Ok(operation)
    }

    fn check_created(&self, posts: &[usize]) -> Result<(), ScimError> {
        let Some(missing) = posts.iter().find(|post| !self.created.contains_key(post)) else { return Ok(()) };
        let name = self.bulk.0.steps[*missing].bulk_id.clone().unwrap_or_default();
        Err(unresolved(&name, "could not be created"))
    }

    fn resolve(&self, operation: &mut BulkOperation) {
        resolved(operation, &|name, is_uri| {
            let created = self.created.get(self.bulk.0.by_bulk_id.get(name)?)?;
            let location = created.location.clone().filter(|_| is_uri);
            Some(location.unwrap_or_else(|| created.id.clone()))
        });
    }

    /// Takes the result of the operation that [`BulkSession::next_operation`] returned last.
    pub fn answer(&mut self, result: Result<BulkResult, ScimError>) {
        if let Some((at, is_follow_up)) = self.current.take() {
            self.finish(at, is_follow_up, result);
        }
    }

    fn finish(&mut self, at: usize, is_follow_up: bool, result: Result<BulkResult, ScimError>) {
        let bulk = self.bulk.clone();
        let operation = bulk.0.operation(at);
        let is_post = operation.is_some_and(|operation| operation.method == BulkMethod::Post);
        let result = result.and_then(|result| match result.status {
            Some(status) if status >= 400 && result.body.is_none() => {
                Err(ScimError::with_status(status, "the operation failed"))
            }
            _ => Ok(result),
        });
        let known = self.created.get(&at).and_then(|created| created.location.clone());
        let entry = match result {
            Err(error) => {
                let location =
                    if is_post { known } else { operation.and_then(|operation| self.location(operation, None)) };
                ResponseEntry { status: error.status(), location, version: None, body: Some(error.to_body()) }
            }
            Ok(result) => {
                let status = match (result.status, operation) {
                    (Some(status), _) if !is_follow_up || status >= 400 => status,
                    (_, Some(operation)) => operation.method.success(),
                    (_, None) => 200,
                };
                let is_success = status < 400;
                let id = if is_post && !is_follow_up { result.known_id() } else { None };
                let location = match operation {
                    Some(operation) if is_success || !is_post => {
                        result.location.clone().or(known).or_else(|| self.location(operation, id.as_deref()))
                    }
                    _ => None,
                };
                if let Some(id) = id.filter(|_| is_success) {
                    self.created.insert(at, Created { id, location: location.clone() });
                }
                ResponseEntry { status, location, version: result.version, body: result.body }
            }
        };
        let is_success = entry.status < 400;
        self.errors += usize::from(!is_success);
        self.entries[at] = Some(entry);
        if is_follow_up {
            self.left_out.remove(&at);
            return;
        }
        if !is_success {
            self.left_out.remove(&at);
        }
        for other in std::mem::take(&mut self.waiting[at]) {
            self.waits[other] -= 1;
            if self.waits[other] == 0 {
                self.ready.push(Reverse((other, false)));
            }
        }
        for other in std::mem::take(&mut self.late_waiting[at]) {
            self.late_waits[other] -= 1;
            if self.late_waits[other] == 0 && other != at && self.left_out.contains_key(&other) {
                self.ready.push(Reverse((other, true)));
            }
        }
        // The follow-up of this operation is ready at once if it waits for no other operation: the resource refers only
        // to itself, or the other resources of the circle already exist.
        if self.late_waits[at] == 0 && self.left_out.contains_key(&at) {
            self.ready.push(Reverse((at, true)));
        }
    }

    /// The URL of the resource of an operation, if it is known.
    fn location(&self, operation: &BulkOperation, id: Option<&str>) -> Option<String> {
        let id = match (id, operation.id.as_deref()) {
            (Some(id), _) => Some(id),
            (None, Some(id)) => match bulk_id(id) {
                None => Some(id),
                Some(name) => {
                    let created = self.bulk.0.by_bulk_id.get(name).and_then(|post| self.created.get(post));
                    created.map(|created| created.id.as_str())
                }
            },
            (None, None) => None,
        }?;
        (!self.base.is_empty()).then(|| location(&self.base, operation.resource_type.endpoint(), id))
    }

    /// The response: the results of the operations that were performed, in the order of the request.
    pub fn response(mut self) -> Value {
        if self.current.is_some() {
            self.answer(Err(ScimError::with_status(500, "the operation was not carried out")));
        }
        // The request ended before these references could be added, so their operations fail.
        for at in std::mem::take(&mut self.left_out).into_keys() {
            let Some(entry) = &mut self.entries[at] else { continue };
            let steps = &self.bulk.0.steps;
            let name = steps[at].late.first().and_then(|post| steps[*post].bulk_id.clone());
            let error = unresolved(&name.unwrap_or_default(), "could not be referred to: the request ended before");
            entry.status = error.status();
            entry.body = Some(error.to_body());
        }
        let entries = self.bulk.0.steps.iter().zip(self.entries).filter_map(|(step, entry)| Some((step, entry?)));
        let operations: Vec<Value> = entries.map(|(step, entry)| described(step, entry)).collect();
        json!({"schemas": [Bulk::RESPONSE], "Operations": operations})
    }
}

fn described(step: &BulkStep, entry: ResponseEntry) -> Value {
    let mut all = Map::new();
    let more = [
        ("method", Some(step.method.clone()).filter(|method| !method.is_empty()).map(Value::from)),
        ("bulkId", step.bulk_id.clone().map(Value::from)),
        ("location", entry.location.map(Value::from)),
        ("version", entry.version.map(Value::from)),
        ("status", Some(entry.status.to_string().into())),
        ("response", entry.body),
    ];
    all.extend(more.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    Value::Object(all)
}

/// The error for a step without an operation. It is never returned, because such a step is refused earlier, with the
/// reason why it could not be read.
fn not_read() -> ScimError {
    debug_assert!(false, "a step without an operation is refused");
    ScimError::with_status(500, "the operation was not read")
}
