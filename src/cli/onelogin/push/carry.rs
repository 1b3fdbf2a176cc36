//! Sends the requests of a session to the endpoint, with several threads.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::http::Http;
use super::journal::Journal;
use super::progress::Progress;
use crate::cli::failure::Failure;
use crate::client::{Next, Session};

struct SharedState<'a> {
    session: Session,
    journal: Option<&'a mut Journal>,
    /// The first error of writing the journal. After it, no more requests are sent.
    broken: Option<Failure>,
}

/// Sends the requests of a session until it is done.
pub(super) fn carry(
    session: Session,
    http: &Http,
    concurrency: usize,
    journal: Option<&mut Journal>,
    progress: &Progress,
) -> Result<Session, Failure> {
    let shared = Mutex::new(SharedState { session, journal, broken: None });
    let answered = Condvar::new();
    thread::scope(|scope| {
        for _ in 0..concurrency {
            scope.spawn(|| work(&shared, &answered, http, progress));
        }
    });
    let SharedState { session, broken, .. } = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    match broken {
        Some(failure) => Err(failure),
        None => Ok(session),
    }
}

fn lock<'a, 'b>(shared: &'a Mutex<SharedState<'b>>) -> MutexGuard<'a, SharedState<'b>> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

fn work(shared: &Mutex<SharedState<'_>>, answered: &Condvar, http: &Http, progress: &Progress) {
    let mut guard = lock(shared);
    loop {
        if guard.broken.is_some() {
            answered.notify_all();
            return;
        }
        match guard.session.next() {
            Next::Done => {
                answered.notify_all();
                return;
            }
            Next::Wait => guard = answered.wait(guard).unwrap_or_else(PoisonError::into_inner),
            Next::Send(request) => {
                drop(guard);
                if !request.delay.is_zero() {
                    thread::sleep(request.delay);
                }
                let response = http.send(&request);
                guard = lock(shared);
                guard.session.answer(request.ticket, response);
                write_down(&mut guard);
                progress.show(guard.session.progress());
                answered.notify_all();
            }
        }
    }
}

/// Writes the finished people and groups to the journal before the next request is sent, so that no finished work is lost.
fn write_down(shared: &mut SharedState<'_>) {
    let entries = shared.session.take_journal();
    let Some(journal) = shared.journal.as_mut() else { return };
    for entry in &entries {
        if let Err(failure) = journal.write(entry) {
            shared.broken.get_or_insert(failure);
        }
    }
}
