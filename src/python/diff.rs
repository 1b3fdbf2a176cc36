//! `diff`: the PATCH that changes one resource into another.

use pyo3::prelude::*;
use pyo3::pyfunction;

use serde_json::json;

use super::convert::to_python;
use super::error;
use super::resource_type::{PyResourceType, stored};
use crate::patch::Patch;

/// The body of the smallest PATCH that changes `old` into `new`, or None if there is nothing to change.
#[pyfunction]
pub(super) fn diff<'py>(
    py: Python<'py>,
    old: Bound<'py, PyAny>,
    new: Bound<'py, PyAny>,
    resource_type: &Bound<'py, PyResourceType>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let (old, new, resource_type) = (stored(py, old)?, stored(py, new)?, resource_type.get().0.clone());
    let body = py
        .detach(|| {
            let patch = Patch::between(&old, &new, &resource_type)?;
            Ok(patch.map(|patch| json!(patch)))
        })
        .map_err(|raised| error::resource(py, raised))?;
    body.map(|body| to_python(py, &body)).transpose()
}
