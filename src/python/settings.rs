//! The choices of the host: `Limits`, and policies by name.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher as _};
use std::str::FromStr;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::object::{NewArgs, Object, is_none};
use super::switches::{PyProfile, PyTolerance};
use super::text::strings;
use crate::error::UnknownName;
use crate::filter::{FilterOperator, FilterRules};
use crate::limits::Limits;
use crate::options::Options;
use crate::tolerance::Tolerance;

pub(super) fn hash_of(value: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

macro_rules! limits_class {
    ($($(#[$doc:meta])* $name:ident;)*) => {
        /// Limits on hostile input. Each has its own message when it is exceeded.
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

            $($(#[$doc])*
            #[getter]
            fn $name(&self) -> usize {
                self.0.$name
            })*

            fn __repr__(&self) -> String {
                let default = Limits::default();
                let changed = Limits::NAMES.iter().filter(|name| self.0.get(name) != default.get(name));
                let changed: Vec<String> =
                    changed.map(|name| format!("{name}={}", self.0.get(name).unwrap_or_default())).collect();
                format!("Limits({})", changed.join(", "))
            }

            fn __getnewargs_ex__<'py>(&self, py: Python<'py>) -> PyResult<NewArgs<'py>> {
                let limits = PyDict::new(py);
                for name in Limits::NAMES {
                    limits.set_item(name, self.0.get(name))?;
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

        // Every limit has an argument and a getter, or this does not compile.
        const _: fn(Limits) = |Limits { $($name: _),* }| ();
    };
}

limits_class! {
    /// Bytes of one filter or path.
    filter_bytes;
    /// Levels of nested brackets and parentheses.
    nesting;
    /// Comparisons and presence tests in one filter.
    comparisons;
    /// Operations in one PATCH request.
    operations;
    /// Bytes of all paths and filters of one PATCH request.
    path_bytes;
    /// Levels of nested objects and arrays. Python objects are read to at most 128 levels.
    depth;
    /// Members of one object in a request.
    members;
    /// Bytes of elements that one PATCH request may read again, after the first passes over a list.
    ///
    /// A byte in which brackets search for a text counts twice, and one that is copied into further elements ten
    /// times.
    visited_bytes;
    /// Bytes of one string in a request.
    string_bytes;
    /// Digits of one number in a request, with its exponent written out.
    number_digits;
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
            // `set` cannot fail, because the names are those of `Tolerance`.
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

/// The choice that a word names. `argument` is the name of the argument, for the message.
pub(super) fn chosen<T: FromStr<Err = UnknownName>>(argument: &str, word: &str) -> PyResult<T> {
    word.parse().map_err(|unknown| PyValueError::new_err(format!("`{argument}`: {unknown}")))
}

/// The choice that a word names, or the default if there is no word.
pub(super) fn chosen_or_default<T>(argument: &str, word: Option<&str>) -> PyResult<T>
where
    T: FromStr<Err = UnknownName> + Default,
{
    word.map_or_else(|| Ok(T::default()), |word| chosen(argument, word))
}

/// Sets the options for the values that a host stores: `utc`, `canonical_values`, `derived_schemas`, `profile`.
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

/// Sets how a PUT treats attributes that its body does not mention. `absent` is `"clear"` or `"keep"`, for all attributes.
/// `absent_overrides` maps single attributes to one of these words.
pub(super) fn with_absent(
    mut options: Options,
    absent: Option<&str>,
    overrides: Option<Bound<'_, PyAny>>,
) -> PyResult<Options> {
    options = options.absent(chosen_or_default("absent", absent)?);
    let Some(overrides) = overrides.filter(|overrides| !is_none(overrides)) else { return Ok(options) };
    let overrides = Object::of(overrides)?.into_dict()?;
    let Some(overrides) = overrides else {
        return Err(PyTypeError::new_err("`absent_overrides` must be a mapping of attributes"));
    };
    for entry in overrides.items() {
        let (attribute, word): (String, String) = entry.extract()?;
        options = options.absent_override(&attribute, chosen("absent_overrides", &word)?);
    }
    Ok(options)
}

/// Makes the rules for filters from the names of attributes and operators. Each argument comes with its own name, for
/// messages.
pub(super) fn filter_rules(
    (attributes_name, attributes): (&str, Option<&Bound<'_, PyAny>>),
    (operators_name, operators): (&str, Option<&Bound<'_, PyAny>>),
) -> PyResult<FilterRules> {
    let mut rules = FilterRules::default();
    if let Some(attributes) = attributes {
        rules = rules.attributes(strings(attributes_name, attributes)?);
    }
    if let Some(operators) = operators {
        let operators = strings(operators_name, operators)?;
        let known = |name: &String| {
            let parsed = name.to_ascii_lowercase().parse::<FilterOperator>();
            parsed.map_err(|unknown| PyValueError::new_err(format!("`{operators_name}`: {unknown}")))
        };
        rules = rules.operators(operators.iter().map(known).collect::<PyResult<Vec<_>>>()?);
    }
    Ok(rules)
}
