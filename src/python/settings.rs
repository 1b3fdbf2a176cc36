//! What the host decides: `Tolerance`, `Limits`, and policies by name.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher as _};

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::object::is_none;
use super::profile::PyProfile;
use crate::{Absent, Limits, Options, Tolerance, UnknownMembers, UnknownPaths};

pub(super) fn hash_of(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

/// Arguments for `__getnewargs_ex__`, by which pickle and copy make an object again.
pub(super) type NewArgs<'py> = (Bound<'py, PyTuple>, Bound<'py, PyDict>);

macro_rules! tolerance_class {
    ($($name:ident)*) => {
        /// Switches, one for each deviation from the RFCs that real clients send.
        #[pyclass(frozen, eq, hash, module = "scim_engine", name = "Tolerance")]
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub(super) struct PyTolerance(pub Tolerance);

        #[pymethods]
        impl PyTolerance {
            #[new]
            #[pyo3(signature = (**switches))]
            fn new(switches: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
                Self::with(Tolerance::default(), switches)
            }

            /// No tolerance: the RFCs to the letter, but for the switches that are given.
            #[staticmethod]
            #[pyo3(signature = (**switches))]
            fn strict(switches: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
                Self::with(Tolerance::strict(), switches)
            }

            $(#[getter]
            fn $name(&self) -> bool {
                self.0.$name
            })*

            /// The switches that are on, and those that are off.
            fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
                let switches = PyDict::new(py);
                for name in Tolerance::NAMES {
                    switches.set_item(name, self.0.get(name))?;
                }
                Ok(switches)
            }

            fn __repr__(&self) -> String {
                let on = Tolerance::default();
                let changed = Tolerance::NAMES.iter().filter(|name| self.0.get(name) != on.get(name));
                let word = |on: Option<bool>| if on == Some(true) { "True" } else { "False" };
                let changed: Vec<String> = changed.map(|name| format!("{name}={}", word(self.0.get(name)))).collect();
                if self.0 == Tolerance::strict() {
                    return "Tolerance.strict()".to_owned();
                }
                format!("Tolerance({})", changed.join(", "))
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

        #[cfg(test)]
        const SWITCHES: &[&str] = &[$(stringify!($name)),*];
    };
}

tolerance_class! {
    bare_words boolean_strings number_strings single_for_list list_for_single string_for_complex manager_id
    empty_references blank_strings remove_by_value empty_operations legacy_schemas member_operations missing_schemas
    undeclared_extensions bare_extension_names doubled_paths json_strings first_primary
    literal_case loose_blanks dotted_urns path_keys replace_creates reference_details read_only_members
    numbers_for_strings json_values whole_numbers core_paths loose_references loose_base64
}

impl PyTolerance {
    fn with(mut tolerance: Tolerance, switches: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let switches = switches.map(PyDictMethods::items);
        for switch in switches.iter().flatten() {
            let (name, on): (String, Bound<'_, PyAny>) = switch.extract()?;
            let on = on
                .extract::<bool>()
                .map_err(|_| PyTypeError::new_err(format!("the switch `{name}` must be a bool")))?;
            if !tolerance.set(&name, on) {
                let known = Tolerance::NAMES.join("`, `");
                return Err(PyTypeError::new_err(format!("there is no switch `{name}`; there are `{known}`")));
            }
        }
        Ok(Self(tolerance))
    }
}

macro_rules! limits_class {
    ($($name:ident)*) => {
        /// Limits on hostile input.
        #[pyclass(frozen, eq, hash, module = "scim_engine", name = "Limits")]
        #[derive(Clone, Copy, PartialEq, Eq, Hash)]
        pub(super) struct PyLimits(pub Limits);

        #[pymethods]
        impl PyLimits {
            #[new]
            #[pyo3(signature = (*, $($name=None),*))]
            #[allow(clippy::too_many_arguments, reason = "one for each limit, all by name")]
            fn new($($name: Option<usize>),*) -> Self {
                let mut limits = Limits::default();
                $(limits.$name = $name.unwrap_or(limits.$name);)*
                Self(limits)
            }

            $(#[getter]
            fn $name(&self) -> usize {
                self.0.$name
            })*

            fn __repr__(&self) -> String {
                let own = self.all().into_iter().zip(Self(Limits::default()).all());
                let changed = own.filter(|(own, default)| own != default);
                let changed: Vec<String> = changed.map(|((name, value), _)| format!("{name}={value}")).collect();
                format!("Limits({})", changed.join(", "))
            }

            fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<NewArgs<'py>> {
                let limits = PyDict::new(py);
                for (name, value) in self.all() {
                    limits.set_item(name, value)?;
                }
                Ok((PyTuple::empty(py), limits))
            }

            fn __copy__(slf: Py<Self>) -> Py<Self> {
                slf
            }

            fn __deepcopy__(slf: Py<Self>, _memo: Bound<'_, PyAny>) -> Py<Self> {
                slf
            }
        }

        impl PyLimits {
            fn all(&self) -> Vec<(&'static str, usize)> {
                vec![$((stringify!($name), self.0.$name)),*]
            }
        }
    };
}

limits_class! {
    filter_bytes nesting comparisons operations path_bytes depth members visited_bytes string_bytes number_digits
}

/// The arguments `tolerance` and `limits` of a call.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Settings {
    pub tolerance: Tolerance,
    pub limits: Limits,
}

impl Settings {
    pub(super) fn new(tolerance: Option<&Bound<'_, PyTolerance>>, limits: Option<&Bound<'_, PyLimits>>) -> Self {
        Self {
            tolerance: tolerance.map_or_else(Tolerance::default, |tolerance| tolerance.get().0),
            limits: limits.map_or_else(Limits::default, |limits| limits.get().0),
        }
    }

    pub(super) fn options(self) -> Options {
        Options::default().tolerance(self.tolerance).limits(self.limits)
    }

    /// Those of two filters that are joined: what either may.
    pub(super) fn joined(self, other: Self) -> Self {
        let (a, b) = (self.limits, other.limits);
        let mut limits = a;
        limits.filter_bytes = a.filter_bytes.max(b.filter_bytes);
        limits.nesting = a.nesting.max(b.nesting);
        limits.comparisons = a.comparisons.max(b.comparisons);
        let mut tolerance = self.tolerance;
        for name in Tolerance::NAMES {
            tolerance.set(name, self.tolerance.get(name) == Some(true) || other.tolerance.get(name) == Some(true));
        }
        Self { tolerance, limits }
    }

    /// As arguments, for pickle.
    pub(super) fn arguments<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let arguments = PyDict::new(py);
        if self.tolerance != Tolerance::default() {
            arguments.set_item("tolerance", PyTolerance(self.tolerance))?;
        }
        if self.limits != Limits::default() {
            arguments.set_item("limits", PyLimits(self.limits))?;
        }
        Ok(arguments)
    }
}

/// `unknown="ignore" | "keep" | "reject"`.
pub(super) fn unknown_members(name: Option<&str>) -> PyResult<UnknownMembers> {
    match name {
        None | Some("ignore") => Ok(UnknownMembers::Ignore),
        Some("keep") => Ok(UnknownMembers::Keep),
        Some("reject") => Ok(UnknownMembers::Reject),
        Some(_) => Err(PyValueError::new_err("`unknown` must be \"ignore\", \"keep\" or \"reject\"")),
    }
}

pub(super) const fn unknown_name(unknown: UnknownMembers) -> &'static str {
    match unknown {
        UnknownMembers::Ignore => "ignore",
        UnknownMembers::Keep => "keep",
        UnknownMembers::Reject => "reject",
    }
}

/// `unknown_paths="reject" | "ignore"`.
pub(super) fn unknown_paths(name: Option<&str>) -> PyResult<UnknownPaths> {
    match name {
        None | Some("reject") => Ok(UnknownPaths::Reject),
        Some("ignore") => Ok(UnknownPaths::Ignore),
        Some(_) => Err(PyValueError::new_err("`unknown_paths` must be \"reject\" or \"ignore\"")),
    }
}

pub(super) const fn unknown_paths_name(unknown_paths: UnknownPaths) -> &'static str {
    match unknown_paths {
        UnknownPaths::Reject => "reject",
        UnknownPaths::Ignore => "ignore",
    }
}

/// What a host wants of the values that it stores: `utc`, `canonical_values`, `profile`.
pub(super) fn with_wishes(
    options: Options,
    utc: bool,
    canonical_values: bool,
    profile: Option<&Bound<'_, PyProfile>>,
) -> Options {
    let profile = profile.map(|profile| profile.get().0).unwrap_or_default();
    options.utc(utc).canonical_values(canonical_values).profile(profile)
}

fn absent(name: &str) -> PyResult<Absent> {
    match name {
        "clear" => Ok(Absent::Clear),
        "keep" => Ok(Absent::Keep),
        _ => Err(PyValueError::new_err("`absent` must be \"clear\" or \"keep\"")),
    }
}

/// `absent="clear" | "keep"`, and the same for single attributes.
pub(super) fn with_absent(
    mut options: Options,
    name: Option<&str>,
    overrides: Option<Bound<'_, PyAny>>,
) -> PyResult<Options> {
    if let Some(name) = name {
        options = options.absent(absent(name)?);
    }
    let Some(overrides) = overrides.filter(|overrides| !is_none(overrides)) else { return Ok(options) };
    let overrides = super::object::Object::of(overrides)?.into_dict()?;
    let Some(overrides) = overrides else {
        return Err(PyTypeError::new_err("`absent_overrides` must be a mapping of attributes"));
    };
    for entry in overrides.items() {
        let (attribute, name): (String, String) = entry.extract()?;
        options = options.absent_override(&attribute, absent(&name)?);
    }
    Ok(options)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_has_a_property() {
        assert_eq!(SWITCHES, Tolerance::NAMES);
    }
}
