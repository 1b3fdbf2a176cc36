//! `Profile`: rules of a profile of SCIM, by name.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::settings::NewArgs;
use crate::Profile;

macro_rules! profile_class {
    ($($name:ident)*) => {
        /// Rules of a profile of SCIM, each a switch.
        #[pyclass(frozen, eq, hash, module = "scim_engine", name = "Profile")]
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub(super) struct PyProfile(pub Profile);

        #[pymethods]
        impl PyProfile {
            #[new]
            #[pyo3(signature = (**switches))]
            fn new(switches: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
                Self::with(Profile::default(), switches)
            }

            /// What the interoperability profile demands of a server, but for the switches that are given.
            #[staticmethod]
            #[pyo3(signature = (**switches))]
            fn interop(switches: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
                Self::with(Profile::interop(), switches)
            }

            $(#[getter]
            fn $name(&self) -> bool {
                self.0.$name
            })*

            /// The switches that are on, and those that are off.
            fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
                let switches = PyDict::new(py);
                for name in Profile::NAMES {
                    switches.set_item(name, self.0.get(name))?;
                }
                Ok(switches)
            }

            fn __repr__(&self) -> String {
                let on = Profile::NAMES.iter().filter(|name| self.0.get(name) == Some(true));
                let on: Vec<String> = on.map(|name| format!("{name}=True")).collect();
                format!("Profile({})", on.join(", "))
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

profile_class! {
    path_required unknown_refused whole_replaced sub_attribute_required single_match only_eq_and
}

impl PyProfile {
    fn with(mut profile: Profile, switches: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let switches = switches.map(PyDictMethods::items);
        for switch in switches.iter().flatten() {
            let (name, on): (String, Bound<'_, PyAny>) = switch.extract()?;
            let on = on
                .extract::<bool>()
                .map_err(|_| PyTypeError::new_err(format!("the switch `{name}` must be a bool")))?;
            if !profile.set(&name, on) {
                let known = Profile::NAMES.join("`, `");
                return Err(PyTypeError::new_err(format!("there is no switch `{name}`; there are `{known}`")));
            }
        }
        Ok(Self(profile))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_switch_has_a_property() {
        assert_eq!(SWITCHES, Profile::NAMES);
    }
}
