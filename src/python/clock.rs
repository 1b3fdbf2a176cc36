//! The time of a request, from the host or from the system's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyTzInfoAccess as _};

use super::object::is_none;

/// The time of an argument `now`: an aware `datetime`, or else the current time.
pub(super) fn now(given: Option<&Bound<'_, PyAny>>) -> PyResult<SystemTime> {
    let Some(given) = given.filter(|given| !is_none(given)) else { return Ok(SystemTime::now()) };
    let Ok(time) = given.cast::<PyDateTime>() else {
        return Err(PyTypeError::new_err("`now` must be a datetime"));
    };
    if time.get_tzinfo().is_none() {
        return Err(PyValueError::new_err("`now` must have a time zone, such as `datetime.now(timezone.utc)`"));
    }
    match time.extract::<SystemTime>() {
        // pyo3 cannot convert a date before 1970. No resource is written at such a time, so the start of 1970 stands for
        // every earlier time.
        Err(raised) if raised.is_instance_of::<PyValueError>(given.py()) => Ok(UNIX_EPOCH),
        time => time,
    }
}
