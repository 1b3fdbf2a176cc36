//! One request as a conversation: the endpoint asks, the host answers, until there is a response.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, Waker};

use super::call::{Call, Delete, Find, Found, Get, Insert, Reply, StorageError, Stored, Update};
use super::http::Response;

/// A request that is being answered.
///
/// ```
/// use scim_engine::Registry;
/// use scim_engine::endpoint::{Endpoint, MemoryStorage, Request, Step};
/// let (endpoint, mut storage) = (Endpoint::new(Registry::default()), MemoryStorage::default());
/// let mut exchange = endpoint.begin(Request::new("GET", "/Users/7", "https://app.example/scim/v2"));
/// let mut step = exchange.start();
/// let response = loop {
///     match step {
///         Step::Ask(call) => step = exchange.answer(call.ask(&mut storage)), // or await it
///         Step::Respond(response) => break response,
///     }
/// };
/// assert_eq!(response.status, 404);
/// ```
pub struct Exchange {
    line: Arc<Line>,
    /// The work, which stops where it asks. It is plain code that waits for nothing but answers.
    work: Option<Pin<Box<dyn Future<Output = Response> + Send>>>,
}

/// What comes next in an [`Exchange`].
#[derive(Debug)]
pub enum Step {
    /// The storage is asked: pass its answer to [`Exchange::answer`].
    Ask(Call),
    /// The response. Nothing follows it.
    Respond(Response),
}

impl Exchange {
    pub(super) fn new<W>(work: impl FnOnce(Asks) -> W) -> Self
    where
        W: Future<Output = Response> + Send + 'static,
    {
        let line = Arc::new(Line::default());
        let work = Box::pin(work(Asks(Arc::clone(&line))));
        Self { line, work: Some(work) }
    }

    /// The first step.
    pub fn start(&mut self) -> Step {
        let polled = self.work.as_mut().map(|work| work.as_mut().poll(&mut Context::from_waker(Waker::noop())));
        match (polled, take(&self.line.call)) {
            (Some(Poll::Pending), Some(call)) => Step::Ask(call),
            (Some(Poll::Ready(response)), _) => {
                self.work = None;
                Step::Respond(response)
            }
            // The host goes on where nothing was asked, or after the end.
            _ => Step::Respond(Response::new(500)),
        }
    }

    /// The step after an answer.
    pub fn answer(&mut self, reply: Result<Reply, StorageError>) -> Step {
        *lock(&self.line.reply) = Some(reply);
        self.start()
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").finish_non_exhaustive()
    }
}

/// The line between the work and the host.
#[derive(Default)]
struct Line {
    call: Mutex<Option<Call>>,
    reply: Mutex<Option<Result<Reply, StorageError>>>,
}

fn lock<T>(held: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

fn take<T>(held: &Mutex<Option<T>>) -> Option<T> {
    lock(held).take()
}

/// The end of the line at which the work is.
pub(super) struct Asks(Arc<Line>);

impl Asks {
    async fn ask(&self, call: Call) -> Result<Reply, StorageError> {
        *lock(&self.0.call) = Some(call);
        poll_fn(|_| take(&self.0.reply).map_or(Poll::Pending, Poll::Ready)).await
    }

    pub(super) async fn get(&self, get: Get) -> Result<Option<Stored>, StorageError> {
        match self.ask(Call::Get(get)).await? {
            Reply::Got(found) => Ok(found),
            _ => Err(mismatched()),
        }
    }

    pub(super) async fn find(&self, find: Find) -> Result<Found, StorageError> {
        match self.ask(Call::Find(Box::new(find))).await? {
            Reply::Found(found) => Ok(found),
            _ => Err(mismatched()),
        }
    }

    pub(super) async fn insert(&self, insert: Insert) -> Result<Stored, StorageError> {
        match self.ask(Call::Insert(Box::new(insert))).await? {
            Reply::Inserted(stored) => Ok(stored),
            _ => Err(mismatched()),
        }
    }

    pub(super) async fn update(&self, update: Update) -> Result<Option<Stored>, StorageError> {
        match self.ask(Call::Update(Box::new(update))).await? {
            Reply::Updated(stored) => Ok(stored),
            _ => Err(mismatched()),
        }
    }

    pub(super) async fn delete(&self, delete: Delete) -> Result<(), StorageError> {
        self.ask(Call::Delete(delete)).await.map(|_| ())
    }
}

fn mismatched() -> StorageError {
    StorageError::Failed("the storage was asked something else".to_owned())
}
