//! `Tolerance` and `Profile`: switches by name.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::object::NewArgs;
use crate::profile::{Profile, with_rules};
use crate::tolerance::{Tolerance, with_switches};

/// Defines a Python class that wraps `$kind`, a type of switches. The constructor starts from `$kind::default()`, and the
/// static method `$all` from `$kind::$all()`. Both then set the switches that the host gives.
macro_rules! switches_class {
    (
        $(#[$class_doc:meta])* $class:ident($kind:ident) as $python_name:literal,
        $(#[$all_doc:meta])* $all:ident;
        $($(#[$_doc:meta])* $name:ident = $_default:literal;)*
    ) => {
        $(#[$class_doc])*
        #[pyclass(frozen, eq, hash, module = "scim_engine", name = $python_name)]
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub(super) struct $class(pub $kind);

        #[pymethods]
        impl $class {
            #[new]
            #[pyo3(signature = (**switches))]
            fn new(switches: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
                Self::with($kind::default(), switches)
            }

            $(#[$all_doc])*
            #[staticmethod]
            #[pyo3(signature = (**switches))]
            fn $all(switches: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
                Self::with($kind::$all(), switches)
            }

            $(#[getter]
            fn $name(&self) -> bool {
                self.0.$name
            })*

            /// Returns a dict with the name of each switch, and whether it is on.
            fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
                let switches = PyDict::new(py);
                for name in $kind::NAMES {
                    switches.set_item(name, self.0.get(name))?;
                }
                Ok(switches)
            }

            fn __repr__(&self) -> String {
                if self.0 == $kind::$all() {
                    return concat!($python_name, ".", stringify!($all), "()").to_owned();
                }
                let default = $kind::default();
                let changed = $kind::NAMES.iter().filter(|name| self.0.get(name) != default.get(name));
                let word = |name: &str| if self.0.get(name) == Some(true) { "True" } else { "False" };
                let changed: Vec<String> = changed.map(|name| format!("{name}={}", word(name))).collect();
                format!(concat!($python_name, "({})"), changed.join(", "))
            }

            fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<NewArgs<'py>> {
                Ok((PyTuple::empty(py), self.to_dict(py)?))
            }

            fn __copy__(slf: Py<Self>) -> Py<Self> {
                slf
            }

            fn __deepcopy__(slf: Py<Self>, _memo: Bound<'_, PyAny>) -> Py<Self> {
                slf
            }
        }

        impl $class {
            fn with(mut kind: $kind, switches: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
                let switches = switches.map(PyDictMethods::items);
                for switch in switches.iter().flatten() {
                    let (name, on): (String, Bound<'_, PyAny>) = switch.extract()?;
                    let on = on
                        .extract::<bool>()
                        .map_err(|_| PyTypeError::new_err(format!("the switch `{name}` must be a bool")))?;
                    kind.set(&name, on).map_err(|unknown| PyTypeError::new_err(unknown.to_string()))?;
                }
                Ok(Self(kind))
            }
        }
    };
}

with_switches!(switches_class! {
    /// Switches, one for each deviation from the RFCs that real clients send.
    PyTolerance(Tolerance) as "Tolerance",
    /// No tolerance: exactly the RFCs, except for the switches that are given.
    strict;
});

with_rules!(switches_class! {
    /// The rules of a SCIM profile, each a switch.
    PyProfile(Profile) as "Profile",
    /// The rules that the interoperability profile demands of a server, except for the switches that are given.
    interop;
});
