//! The choices of the host: `Limits`, and policies by name.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher as _};

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::object::{NewArgs, is_none};
use super::switches::{PyProfile, PyTolerance};
use crate::coerce::{Absent, Options, UnknownMembers, UnknownPaths};
use crate::syntax::Limits;
use crate::tolerance::Tolerance;

pub(super) fn hash_of(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
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

    /// The settings of two joined filters: everything that either of them allows.
    pub(super) fn joined(self, other: Self) -> Self {
        let (a, b) = (self.limits, other.limits);
        let mut limits = a;
        limits.filter_bytes = a.filter_bytes.max(b.filter_bytes);
        limits.nesting = a.nesting.max(b.nesting);
        limits.comparisons = a.comparisons.max(b.comparisons);
        let mut tolerance = self.tolerance;
        for name in Tolerance::NAMES {
            // Cannot fail: the names are its own.
            let _ =
                tolerance.set(name, self.tolerance.get(name) == Some(true) || other.tolerance.get(name) == Some(true));
        }
        Self { tolerance, limits }
    }

    /// The settings as arguments, for pickle.
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

/// Sets what a host wants for the values that it stores: `utc`, `canonical_values`, `derived_schemas`, `profile`.
#[allow(clippy::fn_params_excessive_bools, reason = "options by name")]
pub(super) fn with_wishes(
    options: Options,
    utc: bool,
    canonical_values: bool,
    derived_schemas: bool,
    profile: Option<&Bound<'_, PyProfile>>,
) -> Options {
    let profile = profile.map(|profile| profile.get().0).unwrap_or_default();
    options.utc(utc).canonical_values(canonical_values).derived_schemas(derived_schemas).profile(profile)
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
