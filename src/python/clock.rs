//! Times of arguments: the time of a request, from the host or from the system's clock, and the times of a row.

use std::time::{SystemTime, UNIX_EPOCH};

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDateTime, PyDict, PyTzInfo, PyTzInfoAccess as _};

use super::object::is_none;

/// The time of an argument `now`: an aware `datetime`, or else the current time. A time without a zone is refused, because
/// `datetime.now()` is local time.
pub(super) fn now(given: Option<&Bound<'_, PyAny>>) -> PyResult<SystemTime> {
    let Some(time) = datetime("now", given)? else { return Ok(SystemTime::now()) };
    if time.get_tzinfo().is_none() {
        return Err(PyValueError::new_err("`now` must have a time zone, such as `datetime.now(timezone.utc)`"));
    }
    system_time(time)
}

/// The time of a row; none for `None`. A time without a zone is in UTC, as in a document (D4).
pub(super) fn of_row(argument: &str, given: Option<&Bound<'_, PyAny>>) -> PyResult<Option<SystemTime>> {
    let Some(time) = datetime(argument, given)? else { return Ok(None) };
    if time.get_tzinfo().is_some() {
        return system_time(time).map(Some);
    }
    let zone = PyDict::new(time.py());
    zone.set_item("tzinfo", PyTzInfo::utc(time.py())?)?;
    system_time(&time.call_method("replace", (), Some(&zone))?).map(Some)
}

fn datetime<'a, 'py>(
    argument: &str,
    given: Option<&'a Bound<'py, PyAny>>,
) -> PyResult<Option<&'a Bound<'py, PyDateTime>>> {
    let Some(given) = given.filter(|given| !is_none(given)) else { return Ok(None) };
    let time = given.cast::<PyDateTime>();
    time.map(Some).map_err(|_| PyTypeError::new_err(format!("`{argument}` must be a datetime")))
}

fn system_time(time: &Bound<'_, PyAny>) -> PyResult<SystemTime> {
    match time.extract::<SystemTime>() {
        // pyo3 cannot convert a date before 1970. No resource is written at such a time, so the start of 1970 stands for
        // every earlier time.
        Err(raised) if raised.is_instance_of::<PyValueError>(time.py()) => Ok(UNIX_EPOCH),
        found => found,
    }
}
