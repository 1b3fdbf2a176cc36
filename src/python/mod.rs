//! The Python module `scim_engine._engine`: thin, immutable classes over the crate. Python objects are read as documents
//! without converting them. The public interface is described in `python/scim_engine/_engine.pyi`. The doc comments of what
//! Python sees are its docstrings, which `make stub` copies to that file.

#![allow(clippy::needless_pass_by_value, reason = "pyo3 hands arguments over by value")]
#![allow(clippy::doc_link_with_quotes, reason = "docstrings of Python, with examples")]
#![allow(clippy::unnecessary_wraps, reason = "pyo3 wants the signatures of the protocol")]

mod answer;
mod attr;
mod bulk;
mod calls;
mod client;
mod clock;
mod columns;
mod convert;
mod diff;
mod document;
mod elements;
mod endpoint;
mod error;
mod explain;
mod filter;
mod http;
mod literal;
mod object;
mod onelogin;
mod operation;
mod outcome;
mod patch;
mod plain;
mod plan;
mod projection;
mod query;
mod records;
mod registry;
mod resource_type;
mod scan;
mod settings;
mod sql;
mod store;
mod switches;
mod text;
mod travel;
mod where_tree;

/// The compiled part of `scim_engine`. Import `scim_engine` instead.
#[pyo3::pymodule(gil_used = false)]
mod _engine {
    use pyo3::prelude::*;

    use crate::schema::ResourceType;

    #[pymodule_export]
    use super::answer::{etag, fold_case, primary, stamp, touch, username_key};
    #[pymodule_export]
    use super::attr::{PyAttr, attr};
    #[pymodule_export]
    use super::bulk::{PyBulk, PyBulkOperation, PyBulkResult, PyBulkSession};
    #[pymodule_export]
    use super::calls::{PyDelete, PyFind, PyGet, PyInsert, PyNeeds, PyUpdate};
    #[pymodule_export]
    use super::client::{PyClientRequest, PyClientSession, PyClientToken};
    #[pymodule_export]
    use super::columns::{PyColumn, PyRows, PySource};
    #[pymodule_export]
    use super::diff::diff;
    #[pymodule_export]
    use super::endpoint::{PyEndpoint, PyExchange, PyMemoryStorage, PyResponse};
    #[pymodule_export]
    use super::explain::{PyEquality, PyExplanation};
    #[pymodule_export]
    use super::filter::PyFilter;
    #[pymodule_export]
    use super::http::{PyPreconditions, check_content_type, check_discovery_query, media_type};
    #[pymodule_export]
    use super::onelogin::{PyLint, PyPerson, PyProblem, PyRendered, PyTemplate, lint_template};
    #[pymodule_export]
    use super::operation::{PyOperation, PyValueFilter};
    #[pymodule_export]
    use super::outcome::{PyChange, PyOutcome, PyRepair, PyReplaced};
    #[pymodule_export]
    use super::patch::PyPatch;
    #[pymodule_export]
    use super::projection::PyProjection;
    #[pymodule_export]
    use super::query::{PyCursors, PyListQuery, PyOrder};
    #[pymodule_export]
    use super::records::PyReading;
    #[pymodule_export]
    use super::registry::PyRegistry;
    #[pymodule_export]
    use super::resource_type::PyResourceType;
    #[pymodule_export]
    use super::scan::{PyBadDocument, PyScan, PyScanMatch};
    #[pymodule_export]
    use super::settings::PyLimits;
    #[pymodule_export]
    use super::sql::{PyMapping, PyOrderBy, PyWhere, PyWidest, fold};
    #[pymodule_export]
    use super::switches::{PyProfile, PyTolerance};

    /// Runs the command line with the arguments after the program's name, and returns the exit code.
    #[cfg(feature = "cli")]
    #[pyfunction]
    fn main(py: Python<'_>, argv: Vec<std::ffi::OsString>) -> i32 {
        let all = std::iter::once("scim-engine".into()).chain(argv).collect();
        py.detach(|| crate::cli::run(all))
    }

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        let sequence = module.py().import("collections.abc")?.getattr("Sequence")?;
        sequence.call_method1("register", (module.py().get_type::<super::PyScan>(),))?;
        module.add("__version__", env!("CARGO_PKG_VERSION"))?;
        module.add("FOLD_VERSION", crate::sql::FOLD_VERSION)?;
        module.add("ANY", super::PyResourceType(ResourceType::any()))?;
        module.add("USER", super::PyResourceType(ResourceType::user()))?;
        module.add("GROUP", super::PyResourceType(ResourceType::group()))
    }
}

use resource_type::PyResourceType;
use scan::PyScan;
