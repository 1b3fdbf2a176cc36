//! `Operation`: one operation of a patch, with its path resolved.

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyString;

use super::convert::to_python;
use super::document::{InternedNames, PyDocument, no_truth};
use super::error;
use super::resource_type::PyResourceType;
use super::settings::{PyLimits, Settings, hash_of};
use super::switches::PyTolerance;
use super::travel::{self, Reduced};
use crate::document::{Document as _, ValueKind};
use crate::filter::compile::Compiler;
use crate::filter::error::CompileError;
use crate::filter::evaluate;
use crate::filter::secret;
use crate::patch::Operation;
use crate::schema::{Attribute, Resolved, ResourceType, Schema};
use crate::syntax::{self, Expr, Filter, PatchPath};

/// One operation of a patch. Names are in the spelling of the schema, if one knows them.
#[pyclass(frozen, module = "scim_engine", name = "Operation")]
pub(super) struct PyOperation {
    operation: Operation,
    resource_type: ResourceType,
    settings: Settings,
}

/// The attribute that the path of an operation names, in the spelling of the schema if the schema has it.
struct OperationTarget<'a> {
    attribute: String,
    sub_attribute: Option<String>,
    definition: Option<&'a Attribute>,
}

impl PyOperation {
    pub(super) fn new(operation: &Operation, resource_type: &ResourceType, settings: Settings) -> Self {
        Self { operation: operation.clone(), resource_type: resource_type.clone(), settings }
    }

    fn target(&self) -> Option<OperationTarget<'_>> {
        let path = self.operation.path()?;
        let attr = path.attr();
        let full = |extension: Option<&Schema>, attribute: &Attribute| {
            extension.map_or_else(|| attribute.name.clone(), |schema| format!("{}:{}", schema.id, attribute.name))
        };
        let bare = || self.resource_type.only_extension_with(attr.name()).filter(|_| attr.uri().is_none());
        Some(match self.resource_type.resolve(attr) {
            Some(Resolved::Attribute { extension, attribute, .. }) => {
                OperationTarget::new(full(extension, attribute), Some(attribute), path)
            }
            Some(schema @ (Resolved::Extension(_) | Resolved::Core(_))) => {
                OperationTarget { attribute: schema.to_string(), sub_attribute: None, definition: None }
            }
            None => match bare() {
                Some((schema, attribute)) => OperationTarget::new(full(Some(schema), attribute), Some(attribute), path),
                None => {
                    let name = attr.uri().map_or_else(String::new, |uri| format!("{uri}:")) + attr.name();
                    OperationTarget::new(name, None, path)
                }
            },
        })
    }
}

impl<'a> OperationTarget<'a> {
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
    /// The kind of operation.
    #[getter]
    fn op(&self) -> &'static str {
        self.operation.op().as_str()
    }

    /// The path in canonical text; None if the operation has none and the members of its value are the targets.
    #[getter]
    fn path(&self) -> Option<String> {
        self.operation.path().map(ToString::to_string)
    }

    /// The attribute: `emails`, `urn:...:User:department`; only the URN for a whole extension.
    #[getter]
    fn attribute(&self) -> Option<String> {
        self.target().map(|target| target.attribute)
    }

    /// The sub-attribute.
    #[getter]
    fn sub_attribute(&self) -> Option<String> {
        self.target().and_then(|target| target.sub_attribute)
    }

    /// The filter in the brackets.
    #[getter]
    fn value_filter(&self) -> Option<PyValueFilter> {
        let text = self.operation.path()?.value_filter()?.to_string();
        // `text` is the filter without the rest of the path. It is parsed again, so that places in errors refer to `text`. If
        // it cannot be parsed, the filter that was parsed with the request is used.
        let read = Filter::parse_with(&text, &self.settings.options());
        let expr =
            read.map_or_else(|_| self.operation.path()?.value_filter().cloned(), |read| Some(read.expr().clone()))?;
        let target = self.target()?;
        let (path, attribute) = (target.attribute, target.definition.cloned());
        let (resource_type, settings) = (self.resource_type.clone(), self.settings);
        Some(PyValueFilter { text, expr, path, attribute, resource_type, settings })
    }

    /// The value as it was sent; `None` if there is none.
    #[getter]
    fn value<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.operation.value().map(|value| to_python(py, value)).transpose()
    }

    /// The resource type with which the operation was resolved.
    #[getter]
    fn resource_type(&self) -> PyResourceType {
        PyResourceType(self.resource_type.clone())
    }

    fn __eq__(&self, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| {
            let other = other.get();
            self.operation.op() == other.operation.op()
                && self.operation.path() == other.operation.path()
                && self.operation.value() == other.operation.value()
                && self.resource_type == other.resource_type
        })
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        let value = self.operation.value().map(|value| travel::state(py, value)).transpose()?;
        let (resource_type, settings) = (PyResourceType(self.resource_type.clone()), self.settings);
        let (tolerance, limits) = (PyTolerance(settings.tolerance), PyLimits(settings.limits));
        travel::reduced::<Self>(py, (self.op(), self.path(), value, resource_type, tolerance, limits))
    }

    /// Rebuilds the object from its pickled state.
    #[staticmethod]
    fn _load(
        op: &str,
        path: Option<&str>,
        value: Option<&[u8]>,
        resource_type: &Bound<'_, PyResourceType>,
        tolerance: &Bound<'_, PyTolerance>,
        limits: &Bound<'_, PyLimits>,
    ) -> PyResult<Self> {
        let settings = Settings::new(Some(tolerance), Some(limits));
        let read = |path: &str| PatchPath::parse_with(path, &settings.options());
        let path = path.map(read).transpose().map_err(|raised| PyValueError::new_err(raised.to_string()))?;
        let value = value.map(travel::value).transpose()?;
        let operation = Operation::again(op, path, value);
        let operation = operation.ok_or_else(|| PyValueError::new_err("the pickle has no operation"))?;
        Ok(Self { operation, resource_type: resource_type.get().0.clone(), settings })
    }

    fn __repr__(&self) -> String {
        format!("<Operation {} {}>", self.op(), self.path().unwrap_or_default())
    }
}

/// The filter in the brackets of a path, which selects elements of an attribute.
#[pyclass(frozen, module = "scim_engine", name = "ValueFilter")]
pub(super) struct PyValueFilter {
    text: String,
    expr: Expr<'static>,
    /// The name of the attribute whose elements the filter selects, for pickle.
    path: String,
    attribute: Option<Attribute>,
    resource_type: ResourceType,
    settings: Settings,
}

#[pymethods]
impl PyValueFilter {
    /// Whether the filter selects an element, a mapping or a simple value. `None` and lists are a `TypeError`.
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
        let names = InternedNames::of(py, compiler.names.iter().map(AsRef::as_ref));
        let element = PyDocument::new(element, &names)?;
        // `None` and lists are not elements, but a negated filter would match them.
        if matches!(element.kind()?, ValueKind::Null | ValueKind::Array) {
            return Err(PyTypeError::new_err("an element must be a mapping or a simple value"));
        }
        Ok(evaluate::holds(&node, &element)?)
    }

    /// The tree of the filter, as from `Filter.tree`.
    fn tree<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let tree = serde_json::to_value(&self.expr);
        to_python(py, &tree.map_err(|error| PyValueError::new_err(error.to_string()))?)
    }

    /// The canonical text.
    #[getter]
    fn text(&self) -> &str {
        &self.text
    }

    /// Always raises an error, because `and`, `or` and `not` would silently drop a filter.
    #[expect(clippy::unused_self, reason = "a method of Python's protocol")]
    fn __bool__(&self) -> PyResult<bool> {
        Err(no_truth("a `ValueFilter`"))
    }

    fn __str__(&self) -> &str {
        &self.text
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        Ok(format!("<ValueFilter {}>", PyString::new(py, &self.text).repr()?.to_string_lossy()))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        let (resource_type, settings) = (PyResourceType(self.resource_type.clone()), self.settings);
        let (tolerance, limits) = (PyTolerance(settings.tolerance), PyLimits(settings.limits));
        travel::reduced::<Self>(py, (self.text(), self.path.as_str(), resource_type, tolerance, limits))
    }

    /// Rebuilds the object from its pickled state.
    #[staticmethod]
    fn _load(
        py: Python<'_>,
        text: String,
        path: String,
        resource_type: &Bound<'_, PyResourceType>,
        tolerance: &Bound<'_, PyTolerance>,
        limits: &Bound<'_, PyLimits>,
    ) -> PyResult<Self> {
        let settings = Settings::new(Some(tolerance), Some(limits));
        let read = Filter::parse_with(&text, &settings.options());
        let expr = read.map_err(|raised| error::parse(py, raised, &text))?.expr().clone();
        let resource_type = resource_type.get().0.clone();
        let attribute = syntax::attr_path(&path).and_then(|path| match resource_type.resolve(&path) {
            Some(Resolved::Attribute { attribute, .. }) => Some(attribute.clone()),
            _ => None,
        });
        Ok(Self { text, expr, path, attribute, resource_type, settings })
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
