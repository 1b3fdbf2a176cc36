//! Times of arguments: the time of a request, from the host or from the system's clock, and the times of a row.

use std::time::{SystemTime, UNIX_EPOCH};

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyTzInfoAccess as _};

use super::object::is_none;

/// The time of an argument `now`: an aware `datetime`, or else the current time.
pub(super) fn now(given: Option<&Bound<'_, PyAny>>) -> PyResult<SystemTime> {
    time("now", given).map(|given| given.unwrap_or_else(SystemTime::now))
}

/// The time of an argument: an aware `datetime`; none for `None`.
pub(super) fn time(argument: &str, given: Option<&Bound<'_, PyAny>>) -> PyResult<Option<SystemTime>> {
    let Some(given) = given.filter(|given| !is_none(given)) else { return Ok(None) };
    let Ok(time) = given.cast::<PyDateTime>() else {
        return Err(PyTypeError::new_err(format!("`{argument}` must be a datetime")));
    };
    if time.get_tzinfo().is_none() {
        let detail = format!("`{argument}` must have a time zone, such as `datetime.now(timezone.utc)`");
        return Err(PyValueError::new_err(detail));
    }
    match time.extract::<SystemTime>() {
        // pyo3 cannot convert a date before 1970. No resource is written at such a time, so the start of 1970 stands for
        // every earlier time.
        Err(raised) if raised.is_instance_of::<PyValueError>(given.py()) => Ok(Some(UNIX_EPOCH)),
        time => time.map(Some),
    }
}
