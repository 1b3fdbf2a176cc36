//! `Tolerance` and `Profile`: switches by name.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::object::NewArgs;
use crate::coerce::Profile;
use crate::tolerance::Tolerance;

/// Defines a class over a type of switches. It is made with the default or by `$all`; the given switches override both.
macro_rules! switches_class {
    (
        $(#[$class_doc:meta])* $class:ident($kind:ident) as $python_name:literal,
        $(#[$all_doc:meta])* $all:ident,
        $switches:ident: $($name:ident)*
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

            /// The switches that are on, and those that are off.
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

        #[cfg(test)]
        const $switches: &[&str] = &[$(stringify!($name)),*];
    };
}

switches_class! {
    /// Switches, one for each deviation from the RFCs that real clients send.
    PyTolerance(Tolerance) as "Tolerance",
    /// No tolerance: exactly the RFCs, except for the switches that are given.
    strict,
    TOLERANCE: bare_words boolean_strings number_strings single_for_list list_for_single string_for_complex manager_id
    empty_references blank_strings remove_by_value empty_operations legacy_schemas member_operations missing_schemas
    undeclared_extensions bare_extension_names doubled_paths json_strings first_primary
    literal_case loose_blanks dotted_urns path_keys replace_creates reference_details read_only_members
    numbers_for_strings json_values whole_numbers core_paths loose_references loose_base64
}

switches_class! {
    /// The rules of a SCIM profile, each a switch.
    PyProfile(Profile) as "Profile",
    /// The rules that the interoperability profile demands of a server, except for the switches that are given.
    interop,
    PROFILE: path_required unknown_refused whole_replaced sub_attribute_required single_match only_eq_and
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_has_a_property() {
        assert_eq!(TOLERANCE, Tolerance::NAMES);
        assert_eq!(PROFILE, Profile::NAMES);
    }
}
