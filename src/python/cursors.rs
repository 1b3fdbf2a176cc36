//! `Cursors`: sealed positions in a list.

use std::time::Duration;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::PyTuple;

use super::clock;
use super::convert::{Reader, to_python};
use super::error;
use super::query::PyListQuery;
use super::travel;
use crate::error::{ScimError, ScimType};
use crate::protocol::Cursors;
use crate::syntax::Limits;

/// The keys with which cursors are sealed and opened.
#[pyclass(frozen, module = "scim_engine", name = "Cursors")]
pub(super) struct PyCursors(pub Cursors);

#[pymethods]
impl PyCursors {
    #[new]
    #[pyo3(signature = (key, *older_keys, lifetime=3600))]
    fn new(key: &[u8], older_keys: &Bound<'_, PyTuple>, lifetime: u64) -> PyResult<Self> {
        let older = older_keys.iter().map(|key| Ok(key.extract::<PyBackedBytes>()?)).collect::<PyResult<Vec<_>>>()?;
        let older: Vec<&[u8]> = older.iter().map(|key| &**key).collect();
        let made = Cursors::new(key, &older, Duration::from_secs(lifetime));
        made.map(Self).map_err(|raised| PyValueError::new_err(raised.to_string()))
    }

    /// A cursor for a position in the answer to a query.
    #[pyo3(signature = (position, query, *, context="", now=None))]
    fn seal(
        &self,
        position: Bound<'_, PyAny>,
        query: &Bound<'_, PyListQuery>,
        context: &str,
        now: Option<Bound<'_, PyAny>>,
    ) -> PyResult<String> {
        let reader =
            Reader { what: "the position", kind: ScimType::InvalidValue, ..Reader::body(Limits::default().depth) };
        let position = reader.read(position)?;
        Ok(self.0.seal(&position, &query.get().query, context, clock::now(now.as_ref())?))
    }

    /// The position in the cursor of a query; `None` for the first page.
    #[pyo3(signature = (query, *, context="", now=None))]
    fn open<'py>(
        &self,
        py: Python<'py>,
        query: &Bound<'py, PyListQuery>,
        context: &str,
        now: Option<Bound<'_, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let opened: Result<_, ScimError> = self.0.open(&query.get().query, context, clock::now(now.as_ref())?);
        let position = opened.map_err(|raised| error::scim(py, &raised))?;
        position.map(|position| to_python(py, &position)).transpose()
    }

    #[getter]
    fn lifetime(&self) -> u64 {
        self.0.lifetime().as_secs()
    }

    #[expect(clippy::unused_self, reason = "a method of Python's protocol")]
    fn __reduce__(&self) -> PyResult<()> {
        Err(travel::refused(
            "`Cursors` hold secret keys and are not pickled: make them of the keys where they are needed",
        ))
    }

    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: Bound<'_, PyAny>) -> Py<Self> {
        slf
    }

    fn __repr__(&self) -> String {
        format!("<Cursors, good for {} s>", self.0.lifetime().as_secs())
    }
}
