//! The session of a provisioning client: a thin layer for `scim_engine/testing/_push.py` and other code that carries the
//! requests to an endpoint.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyDict};

use super::convert::{ObjectReader, to_python};
use super::settings::chosen;
use super::travel;
use crate::client::{Account, Entry, Group, Next, Plan, Request, Response, Session, Token, Unanswered};
use crate::limits::Limits;

fn wrong(message: impl Into<String>) -> PyErr {
    PyValueError::new_err(message.into())
}

/// A push as a state machine, whose requests `scim_engine.testing.push` carries.
///
/// It has no clock, no socket and no token, and may be used by several threads.
///
/// `people` are bodies, each with whether the person is leaving; `groups` are names, with members' `userName`s.
///
/// `journal` is the lines of an earlier session.
///
/// Raises `ValueError` for an option that the client does not have, for people without a `userName`, and for people or
/// groups that are given twice.
#[pyclass(frozen, module = "scim_engine._engine", name = "ClientSession")]
pub(super) struct PyClientSession(Mutex<(Session, bool)>);

impl PyClientSession {
    fn lock(&self) -> MutexGuard<'_, (Session, bool)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[pymethods]
impl PyClientSession {
    #[new]
    #[pyo3(signature = (people, groups, *, client="onelogin", update=None, membership="2.0", removal="suspend",
        entra_flag=false, probes=true, retries=4, journal=Vec::new()))]
    #[expect(clippy::too_many_arguments, reason = "keywords of Python")]
    fn new(
        people: Vec<(Bound<'_, PyAny>, bool)>,
        groups: Vec<(String, Vec<String>)>,
        client: &str,
        update: Option<&str>,
        membership: &str,
        removal: &str,
        entra_flag: bool,
        probes: bool,
        retries: u32,
        journal: Vec<String>,
    ) -> PyResult<Self> {
        let reader = ObjectReader { what: "the body", ..ObjectReader::body(Limits::default().depth) };
        let person = |(body, leaving)| -> PyResult<Account> {
            let body = reader.read(body)?;
            Ok(if leaving { Account::leaving(body) } else { Account::new(body) })
        };
        let entry = |line: &String| {
            serde_json::from_str::<Entry>(line).map_err(|error| wrong(format!("a line of the journal: {error}")))
        };
        let mut plan = Plan::new(chosen("client", client)?)
            .people(people.into_iter().map(person).collect::<PyResult<_>>()?)
            .groups(groups.into_iter().map(|(name, members)| Group::new(name, members)).collect())
            .membership(chosen("membership", membership)?)
            .removal(chosen("removal", removal)?)
            .entra_flag(entra_flag)
            .probes(probes)
            .retries(retries)
            .resume(journal.iter().map(entry).collect::<PyResult<_>>()?);
        if let Some(update) = update {
            plan = plan.update(chosen("update", update)?);
        }
        let session = Session::new(plan).map_err(|error| wrong(error.to_string()))?;
        Ok(Self(Mutex::new((session, false))))
    }

    /// The next request. None if a request that was sent must be answered first, or if all is done.
    fn next(&self) -> Option<PyClientRequest> {
        let mut guard = self.lock();
        let next = guard.0.next();
        guard.1 = next == Next::Done;
        match next {
            Next::Send(request) => Some(PyClientRequest(request)),
            Next::Wait | Next::Done => None,
        }
    }

    /// Whether the last call of `next` found that all is done.
    #[getter]
    fn is_done(&self) -> bool {
        self.lock().1
    }

    /// Takes the answer to a request, and the seconds until it came.
    #[pyo3(signature = (ticket, status, headers, body, elapsed=0.0))]
    fn answer(&self, ticket: u64, status: u16, headers: Vec<(String, String)>, body: PyBackedBytes, elapsed: f64) {
        let elapsed = Duration::try_from_secs_f64(elapsed).unwrap_or_default();
        self.lock().0.answer(ticket, Ok(Response::new(status, headers, body.to_vec()).elapsed(elapsed)));
    }

    /// Says why a request has no answer. A connection test that `timed_out` is not sent again.
    #[pyo3(signature = (ticket, why, *, timed_out=false))]
    fn fail(&self, ticket: u64, why: String, timed_out: bool) {
        let error = if timed_out { Unanswered::timed_out(why) } else { Unanswered::new(why) };
        self.lock().0.answer(ticket, Err(error));
    }

    /// The entries since the last call, as lines of JSON for a journal.
    fn take_journal(&self) -> Vec<String> {
        let entries = self.lock().0.take_journal();
        entries.iter().filter_map(|entry| serde_json::to_string(entry).ok()).collect()
    }

    /// The work and the findings so far.
    fn report<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let report = self.lock().0.report();
        let value = serde_json::to_value(&report).map_err(|error| wrong(error.to_string()))?;
        let dict = to_python(py, &value)?.cast_into::<PyDict>()?;
        dict.set_item("ok", report.ok())?;
        dict.set_item("nothing_changed", report.nothing_changed())?;
        Ok(dict.into_any())
    }

    #[expect(clippy::unused_self, reason = "a method of Python's protocol")]
    fn __reduce__(&self) -> PyResult<()> {
        Err(travel::refused("a session is not pickled: make another one of the journal of this one"))
    }

    /// The number of people and groups that are done, and the number of all.
    #[getter]
    fn progress(&self) -> (usize, usize) {
        let progress = self.lock().0.progress();
        (progress.done, progress.total)
    }
}

/// The token of a push, which it also hides in texts, even where it is encoded.
///
/// Raises `ValueError` for a text that cannot be a token.
#[pyclass(frozen, module = "scim_engine._engine", name = "ClientToken")]
pub(super) struct PyClientToken(Token);

#[pymethods]
impl PyClientToken {
    #[new]
    fn new(text: String) -> PyResult<Self> {
        let message = "the token is empty, or has blanks or other characters that no token has";
        Token::new(text).map(Self).ok_or_else(|| wrong(message))
    }

    /// The value of the header `Authorization`.
    #[getter]
    fn header(&self) -> String {
        self.0.header()
    }

    /// The text without the token.
    fn hide(&self, text: String) -> String {
        self.0.hide(text)
    }

    /// The body of an answer without the token: each string and name of JSON is a text of its own.
    fn hide_bytes<'py>(&self, py: Python<'py>, body: PyBackedBytes) -> Bound<'py, PyBytes> {
        let hidden = py.detach(|| self.0.hide_bytes(body.to_vec()));
        PyBytes::new(py, &hidden)
    }

    #[expect(clippy::unused_self, reason = "a method of Python's protocol")]
    fn __reduce__(&self) -> PyResult<()> {
        Err(travel::refused("a token is a secret and is not pickled"))
    }
}

/// A request to carry to the endpoint. The carrier adds `Authorization`, and must not follow redirects.
#[pyclass(frozen, module = "scim_engine._engine", name = "ClientRequest")]
pub(super) struct PyClientRequest(Request);

#[pymethods]
impl PyClientRequest {
    /// The number that names this request to `ClientSession.answer`.
    #[getter]
    fn ticket(&self) -> u64 {
        self.0.ticket
    }

    /// `GET`, `POST`, `PUT`, `PATCH` or `DELETE`.
    #[getter]
    fn method(&self) -> &str {
        self.0.method
    }

    /// Path and query below the endpoint's URL, encoded.
    #[getter]
    fn path(&self) -> &str {
        &self.0.path
    }

    /// The headers that the client sends. `Authorization` is among them only if its token is invalid on purpose.
    #[getter]
    fn headers(&self) -> Vec<(&str, &str)> {
        self.0.headers.clone()
    }

    /// The body, as JSON in UTF-8.
    #[getter]
    fn body<'py>(&self, py: Python<'py>) -> Option<Bound<'py, PyBytes>> {
        self.0.body.as_ref().map(|body| PyBytes::new(py, body))
    }

    /// The step of the client, such as `look-up`.
    #[getter]
    fn step(&self) -> &str {
        self.0.step
    }

    /// The person or group that the request is about; empty if there is none.
    #[getter]
    fn subject(&self) -> &str {
        &self.0.subject
    }

    /// The seconds to wait before the request is sent.
    #[getter]
    fn delay(&self) -> f64 {
        self.0.delay.as_secs_f64()
    }

    #[expect(clippy::unused_self, reason = "a method of Python's protocol")]
    fn __reduce__(&self) -> PyResult<()> {
        Err(travel::refused("a request of a session is not pickled: the session waits for its answer"))
    }

    fn __repr__(&self) -> String {
        format!("<ClientRequest: {} {}>", self.0.method, self.0.path)
    }
}
