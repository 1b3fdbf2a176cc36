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

            /// All switches, by name.
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
    /// Switches, one for each deviation from the RFCs that real clients send, named after the deviation.
    ///
    /// Those that lose nothing and guess nothing are on by default. Each value that a switch repaired is reported as a
    /// `Repair`.
    PyTolerance(Tolerance) as "Tolerance":
        "(*, bare_words=False, boolean_strings=True, number_strings=True, single_for_list=True, \
        list_for_single=True, string_for_complex=True, manager_id=True, empty_references=True, blank_strings=True, \
        remove_by_value=True, empty_operations=True, legacy_schemas=True, member_operations=True, \
        missing_schemas=True, undeclared_extensions=True, bare_extension_names=True, doubled_paths=True, \
        json_strings=True, first_primary=False, literal_case=True, loose_blanks=True, dotted_urns=True, \
        path_keys=True, replace_creates=False, reference_details=True, read_only_members=True, \
        read_only_paths=False, numbers_for_strings=True, json_values=True, whole_numbers=True, core_paths=True, loose_references=True, \
        loose_base64=True, null_elements=True, absent_required=True)",
    /// No tolerance: exactly the RFCs, except for the switches that are given.
    strict:
        "(*, bare_words=False, boolean_strings=False, number_strings=False, single_for_list=False, \
        list_for_single=False, string_for_complex=False, manager_id=False, empty_references=False, \
        blank_strings=False, remove_by_value=False, empty_operations=False, legacy_schemas=False, \
        member_operations=False, missing_schemas=False, undeclared_extensions=False, bare_extension_names=False, \
        doubled_paths=False, json_strings=False, first_primary=False, literal_case=False, loose_blanks=False, \
        dotted_urns=False, path_keys=False, replace_creates=False, reference_details=False, read_only_members=False, \
        read_only_paths=False, numbers_for_strings=False, json_values=False, whole_numbers=False, core_paths=False, loose_references=False, \
        loose_base64=False, null_elements=False, absent_required=False)";
    /// Filters: unquoted words are strings (`userName eq bjensen`). Off by default, because it is a guess.
    bare_words;
    /// `"True"`, `"false"` for booleans, in filters and in values.
    boolean_strings;
    /// `"5"` for the number 5.
    number_strings;
    /// One value where a list is expected.
    single_for_list;
    /// A list of one element where a single value is expected; its `value` where a simple value is expected. An empty
    /// list means unassigned.
    list_for_single;
    /// A string for a complex attribute that has a `value` (`"manager": "26118915"`).
    string_for_complex;
    /// `managerId` for `manager.value`.
    manager_id;
    /// `""` for a reference means unassigned.
    empty_references;
    /// Empty or blank strings of optional attributes mean unassigned.
    blank_strings;
    /// PATCH: `remove` with a `value` removes the listed elements only.
    remove_by_value;
    /// PATCH: an empty list of operations changes nothing.
    empty_operations;
    /// Schema URNs of SCIM 1.x and home-made ones are read as the RFC's.
    legacy_schemas;
    /// PATCH: member operations of SCIM 1.1.
    member_operations;
    /// A body without `schemas`: it is taken as a resource of the endpoint's type, or as a PATCH request if it is
    /// read as one.
    missing_schemas;
    /// POST and PUT: an extension object whose URN is not listed in `schemas`.
    undeclared_extensions;
    /// An attribute of exactly one extension, named without its URN.
    bare_extension_names;
    /// PATCH: the name of the attribute repeated inside its value.
    doubled_paths;
    /// A string that contains JSON, where an object or a list is expected.
    json_strings;
    /// The first of several `primary: true` counts. Off by default, because it is a guess.
    first_primary;
    /// Filters: `True`, `FALSE`, `NULL` for the literals `true`, `false`, `null`.
    literal_case;
    /// Filters and PATCH paths: tabs, line breaks and several blanks between tokens, and blanks before `[`.
    loose_blanks;
    /// A dot instead of the last colon after a schema's URN (`urn:…:2.0:User.department`), if the text names
    /// nothing otherwise.
    dotted_urns;
    /// POST and PUT: keys that are paths (`urn:…:User:department`, `name.givenName`).
    path_keys;
    /// PATCH: `replace` with brackets that match no element creates it, as `add` does. Off by default, because
    /// RFC 7644 §3.5.2.3 requires `noTarget`.
    replace_creates;
    /// A different `$ref`, `type` or `display` of a reference that stays, where the schema does not let clients
    /// change them: ignored, because they follow from its `value`.
    reference_details;
    /// PATCH: readOnly attributes as members of a value are dropped.
    read_only_members;
    /// PATCH: an operation whose `path` is a readOnly attribute, except `id`, is dropped. Off by default, because
    /// RFC 7644 §3.5.2 requires `mutability`.
    read_only_paths;
    /// A whole number without fraction or exponent for a string: its digits are stored.
    numbers_for_strings;
    /// `roles`: the JSON text of an object with a `value`, inside the `value` of an element.
    json_values;
    /// `1.0` for the integer 1.
    whole_numbers;
    /// PATCH: only the core schema's URN as `path` means the same as no path.
    core_paths;
    /// References that are not URI references are stored unchanged.
    loose_references;
    /// Binaries in the alphabet of base64url, with line breaks, or of a wrong length are stored unchanged.
    loose_base64;
    /// `null` among the elements of a list is passed over.
    null_elements;
    /// PUT: a required attribute that is immutable or never returned, and is left out, stays as it is stored.
    absent_required;
}

switches_class! {
    /// The rules of a SCIM profile, some of them against RFC 7644, each a switch. By default all are off.
    ///
    /// - `path_required`: an operation of a PATCH without a `path` is `InvalidSyntax`.
    /// - `unknown_refused`: a name that no schema knows is `InvalidSyntax`, whatever `unknown` and `unknown_paths` say.
    /// - `whole_replaced`: `replace` of a single complex attribute replaces it as a whole.
    /// - `sub_attribute_required`: brackets without a sub-attribute after them are `InvalidPath`.
    /// - `single_match`: brackets that select several elements are `InvalidFilter`.
    /// - `only_eq_and`: operators in brackets other than `eq` and `and` are `InvalidSyntax`.
    PyProfile(Profile) as "Profile":
        "(*, path_required=False, unknown_refused=False, whole_replaced=False, sub_attribute_required=False, \
        single_match=False, only_eq_and=False)",
    /// The rules that the SCIM interoperability profile demands of a server. Rules that it only allows are off.
    interop:
        "(*, path_required=True, unknown_refused=True, whole_replaced=True, sub_attribute_required=False, \
        single_match=False, only_eq_and=False)";
    /// An operation of a PATCH needs a `path`.
    path_required;
    /// A name that no schema knows is refused.
    unknown_refused;
    /// `replace` of a single complex attribute replaces it as a whole.
    whole_replaced;
    /// Brackets need a sub-attribute after them.
    sub_attribute_required;
    /// Brackets may select only one element.
    single_match;
    /// Brackets have no operators except `eq` and `and`.
    only_eq_and;
}
