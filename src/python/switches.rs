//! `Tolerance` and `Profile`: switches by name.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::object::NewArgs;
use crate::profile::Profile;
use crate::tolerance::Tolerance;

/// Defines a Python class that wraps `$kind`, a type of switches. The constructor starts from `$kind::default()`, and the
/// static method `$all` from `$kind::$all()`. Both then set the switches that the host gives. Each has the signature that
/// Python shows, because the macro cannot write one; the tests compare it with the stub.
macro_rules! switches_class {
    (
        $(#[$class_doc:meta])* $class:ident($kind:ident) as $python_name:literal: $signature:literal,
        $(#[$all_doc:meta])* $all:ident: $all_signature:literal;
        $($(#[$doc:meta])* $name:ident;)*
    ) => {
        $(#[$class_doc])*
        #[pyclass(frozen, eq, hash, module = "scim_engine", name = $python_name)]
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub(super) struct $class(pub $kind);

        #[pymethods]
        impl $class {
            #[new]
            #[pyo3(signature = (**switches), text_signature = $signature)]
            fn new(switches: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
                Self::with($kind::default(), switches)
            }

            $(#[$all_doc])*
            #[staticmethod]
            #[pyo3(signature = (**switches), text_signature = $all_signature)]
            fn $all(switches: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
                Self::with($kind::$all(), switches)
            }

            $($(#[$doc])*
            #[getter]
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

        // Every switch has a getter, or this does not compile.
        const _: fn($kind) = |$kind { $($name: _),* }| ();

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

switches_class! {
    /// Switches, one for each deviation from the RFCs that real clients send.
    PyTolerance(Tolerance) as "Tolerance":
        "(*, bare_words=False, boolean_strings=True, number_strings=True, single_for_list=True, \
        list_for_single=True, string_for_complex=True, manager_id=True, empty_references=True, blank_strings=True, \
        remove_by_value=True, empty_operations=True, legacy_schemas=True, member_operations=True, \
        missing_schemas=True, undeclared_extensions=True, bare_extension_names=True, doubled_paths=True, \
        json_strings=True, first_primary=False, literal_case=True, loose_blanks=True, dotted_urns=True, \
        path_keys=True, replace_creates=False, reference_details=True, read_only_members=True, \
        numbers_for_strings=True, json_values=True, whole_numbers=True, core_paths=True, loose_references=True, \
        loose_base64=True)",
    /// No tolerance: exactly the RFCs, except for the switches that are given.
    strict:
        "(*, bare_words=False, boolean_strings=False, number_strings=False, single_for_list=False, \
        list_for_single=False, string_for_complex=False, manager_id=False, empty_references=False, \
        blank_strings=False, remove_by_value=False, empty_operations=False, legacy_schemas=False, \
        member_operations=False, missing_schemas=False, undeclared_extensions=False, bare_extension_names=False, \
        doubled_paths=False, json_strings=False, first_primary=False, literal_case=False, loose_blanks=False, \
        dotted_urns=False, path_keys=False, replace_creates=False, reference_details=False, read_only_members=False, \
        numbers_for_strings=False, json_values=False, whole_numbers=False, core_paths=False, loose_references=False, \
        loose_base64=False)";
    bare_words;
    boolean_strings;
    number_strings;
    single_for_list;
    list_for_single;
    string_for_complex;
    manager_id;
    empty_references;
    blank_strings;
    remove_by_value;
    empty_operations;
    legacy_schemas;
    member_operations;
    missing_schemas;
    undeclared_extensions;
    bare_extension_names;
    doubled_paths;
    json_strings;
    first_primary;
    literal_case;
    loose_blanks;
    dotted_urns;
    path_keys;
    replace_creates;
    reference_details;
    read_only_members;
    numbers_for_strings;
    json_values;
    whole_numbers;
    core_paths;
    loose_references;
    loose_base64;
}

switches_class! {
    /// The rules of a SCIM profile, each a switch.
    PyProfile(Profile) as "Profile":
        "(*, path_required=False, unknown_refused=False, whole_replaced=False, sub_attribute_required=False, \
        single_match=False, only_eq_and=False)",
    /// The rules that the interoperability profile demands of a server, except for the switches that are given.
    interop:
        "(*, path_required=True, unknown_refused=True, whole_replaced=True, sub_attribute_required=False, \
        single_match=False, only_eq_and=False)";
    path_required;
    unknown_refused;
    whole_replaced;
    sub_attribute_required;
    single_match;
    only_eq_and;
}
