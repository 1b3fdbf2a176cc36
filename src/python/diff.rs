//! `diff`: the PATCH that changes one resource into another.

use pyo3::prelude::*;
use pyo3::pyfunction;

use serde_json::json;

use super::convert::to_python;
use super::error;
use super::resource_type::{PyResourceType, stored};
use crate::patch::Patch;

/// The body of a short PATCH that changes `old` into `new`, or None if there is nothing to change.
///
/// Lists are changed element by element, with elements identified as in PATCH (by `value`, or by `value` and `type`),
/// or replaced if that is shorter or the elements cannot be identified; their order has no meaning. In complex
/// attributes only the sub-attributes that differ are set. Attributes that are unassigned in `new` are removed, except
/// for details of a reference, such as `$ref`, whose `value` stays. `schemas` follows from the extensions. Attributes
/// that are readOnly or that no schema knows are left out.
///
/// `Patch(diff(old, new, kind), kind, tolerance=Tolerance.strict()).apply(old)` gives `new` except for the attributes
/// that are left out, if the schema allows the change. Raises `InvalidSyntax` for a resource that is nested too deep.
///
/// >>> diff({"userName": "b", "title": "Guide"}, {"userName": "b", "active": True}, USER)["Operations"]
/// [{'op': 'remove', 'path': 'title'}, {'op': 'add', 'path': 'active', 'value': True}]
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
