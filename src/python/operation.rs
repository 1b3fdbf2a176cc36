//! `Operation`: one operation of a patch, its path resolved.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::convert::to_python;
use super::document::{Names, PyDocument};
use super::error;
use super::resource_type::PyResourceType;
use super::settings::{Settings, hash_of};
use crate::filter::compile::Compiler;
use crate::filter::error::CompileError;
use crate::filter::evaluate;
use crate::filter::secret;
use crate::schema::{Attribute, Resolved, Schema};
use crate::syntax::{Expr, PatchPath};
use crate::{Operation, ResourceType};

/// One operation of a patch.
#[pyclass(frozen, module = "scim_engine", name = "Operation")]
pub(super) struct PyOperation {
    operation: Operation,
    resource_type: ResourceType,
    settings: Settings,
}

/// What the path of an operation names, in the schema's spelling where a schema knows it.
struct Target<'a> {
    attribute: String,
    sub_attribute: Option<String>,
    definition: Option<&'a Attribute>,
}

impl PyOperation {
    pub(super) fn new(operation: &Operation, resource_type: &ResourceType, settings: Settings) -> Self {
        Self { operation: operation.clone(), resource_type: resource_type.clone(), settings }
    }

    fn target(&self) -> Option<Target<'_>> {
        let path = self.operation.path()?;
        let attr = path.attr();
        let full = |extension: Option<&Schema>, attribute: &Attribute| {
            extension.map_or_else(|| attribute.name.clone(), |schema| format!("{}:{}", schema.id, attribute.name))
        };
        let bare = || self.resource_type.only_extension_with(attr.name()).filter(|_| attr.uri().is_none());
        Some(match self.resource_type.resolve(attr) {
            Some(Resolved::Attribute { extension, attribute, .. }) => {
                Target::new(full(extension, attribute), Some(attribute), path)
            }
            Some(schema @ (Resolved::Extension(_) | Resolved::Core(_))) => {
                Target { attribute: schema.to_string(), sub_attribute: None, definition: None }
            }
            None => match bare() {
                Some((schema, attribute)) => Target::new(full(Some(schema), attribute), Some(attribute), path),
                None => {
                    let name = attr.uri().map_or_else(String::new, |uri| format!("{uri}:")) + attr.name();
                    Target::new(name, None, path)
                }
            },
        })
    }
}

impl<'a> Target<'a> {
    fn new(attribute: String, definition: Option<&'a Attribute>, path: &PatchPath) -> Self {
        let sub_attribute = path.sub_attribute().map(|name| {
            let known = definition.and_then(|attribute| attribute.sub_attribute(name));
            known.map_or_else(|| name.to_owned(), |sub| sub.name.clone())
        });
        Self { attribute, sub_attribute, definition }
    }
}

#[pymethods]
impl PyOperation {
    #[getter]
    fn op(&self) -> &'static str {
        self.operation.op().as_str()
    }

    #[getter]
    fn path(&self) -> Option<String> {
        self.operation.path().map(ToString::to_string)
    }

    #[getter]
    fn attribute(&self) -> Option<String> {
        self.target().map(|target| target.attribute)
    }

    #[getter]
    fn sub_attribute(&self) -> Option<String> {
        self.target().and_then(|target| target.sub_attribute)
    }

    #[getter]
    fn value_filter(&self) -> Option<PyValueFilter> {
        let text = self.operation.path()?.value_filter()?.to_string();
        // Read again, so that places in errors are places in this text; what was read once can be.
        let read = crate::Filter::parse_with(&text, &self.settings.limits, &self.settings.tolerance);
        let expr =
            read.map_or_else(|_| self.operation.path()?.value_filter().cloned(), |read| Some(read.expr().clone()))?;
        let attribute = self.target().and_then(|target| target.definition.cloned());
        Some(PyValueFilter {
            text,
            expr,
            attribute,
            resource_type: self.resource_type.clone(),
            settings: self.settings,
        })
    }

    #[getter]
    fn value<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.operation.value().map(|value| to_python(py, value)).transpose()
    }

    #[getter]
    fn resource_type(&self) -> PyResourceType {
        PyResourceType(self.resource_type.clone())
    }

    fn __repr__(&self) -> String {
        format!("<Operation {} {}>", self.op(), self.path().unwrap_or_default())
    }
}

/// The filter in the brackets of a path: which elements of an attribute are meant.
#[pyclass(frozen, module = "scim_engine", name = "ValueFilter")]
pub(super) struct PyValueFilter {
    text: String,
    expr: Expr<'static>,
    attribute: Option<Attribute>,
    resource_type: ResourceType,
    settings: Settings,
}

#[pymethods]
impl PyValueFilter {
    /// Whether an element is meant.
    fn matches(&self, element: Bound<'_, PyAny>) -> PyResult<bool> {
        let py = element.py();
        let Some(attribute) = &self.attribute else {
            return Err(PyValueError::new_err("no schema knows the attribute: give the patch its resource type"));
        };
        let mut compiler = Compiler::new(&self.resource_type, &self.settings.tolerance);
        let node = compiler.element(&self.expr, attribute).map_err(|mut fault| {
            fault.is_secret |= secret::in_brackets(&self.resource_type, &attribute.name, &self.expr);
            error::compile(py, CompileError::new(fault, &self.text), &self.text)
        })?;
        let names = Names::of(py, compiler.names.iter().map(AsRef::as_ref));
        let element = PyDocument::new(element, &names)?;
        Ok(evaluate::holds(&node, &element)?)
    }

    /// The tree of the filter as dicts and lists.
    fn tree<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let tree = serde_json::to_value(&self.expr);
        to_python(py, &tree.map_err(|error| PyValueError::new_err(error.to_string()))?)
    }

    #[getter]
    fn text(&self) -> &str {
        &self.text
    }

    fn __str__(&self) -> &str {
        &self.text
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("<ValueFilter {}>", PyString::new(py, &self.text).repr()?.to_string_lossy()))
    }

    fn __hash__(&self) -> u64 {
        hash_of(&self.text)
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| {
            let other = other.get();
            self.text == other.text && self.resource_type == other.resource_type && self.attribute == other.attribute
        })
    }
}
