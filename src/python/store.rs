//! A Python resource while it is patched. Only the attributes that operations name are converted, and in a list only the
//! elements that change. Everything else stays the same object.

use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};
use serde_json::Value;

use super::convert::{ObjectReader, to_python};
use super::document::find;
use super::elements::PyElements;
use super::object::Object;
use crate::coerce::container;
use crate::coerce::members::is_unassigned;
use crate::patch::store::{Edits, Original, StepFailure, Store, Taken};
use crate::schema::{AttrRef, Schema};

/// A shallow copy of a resource. It becomes the resource of the outcome, or is dropped if the patch fails.
pub(super) struct PyStore<'py> {
    root: Bound<'py, PyDict>,
    /// The URNs of the extensions whose objects have been copied.
    copied: Vec<String>,
}

/// The stored object of an extension.
enum Stored<'py> {
    /// The resource has no such member, or its value is null.
    Absent,
    Members(Bound<'py, PyDict>),
    /// The value is neither an object nor null.
    NoObject,
}

impl<'py> PyStore<'py> {
    pub(super) fn new(resource: Bound<'py, PyAny>) -> PyResult<Self> {
        let root = match Object::of(resource)? {
            Object::Dict(dict) => Some(dict.copy()?),
            other => other.into_dict()?,
        };
        let Some(root) = root else {
            return Err(PyTypeError::new_err("a resource must be a mapping or JSON text of an object"));
        };
        Ok(Self { root, copied: Vec::new() })
    }

    /// The new resource.
    pub(super) fn into_resource(self) -> Bound<'py, PyDict> {
        self.root
    }

    pub(super) fn root(&self) -> &Bound<'py, PyDict> {
        &self.root
    }

    fn extension(&self, schema: &Schema) -> PyResult<Stored<'py>> {
        let Some((_, object)) = entry(&self.root, &schema.id)? else { return Ok(Stored::Absent) };
        Ok(match Object::of(object)? {
            Object::Null => Stored::Absent,
            other => other.into_dict()?.map_or(Stored::NoObject, Stored::Members),
        })
    }

    /// The dict from which an attribute is read: the object of the extension or, if `extension` is none, the resource. None
    /// if the extension has no object.
    fn container(&self, extension: Option<&Schema>) -> PyResult<Option<Bound<'py, PyDict>>> {
        match extension {
            None => Ok(Some(self.root.clone())),
            Some(schema) => match self.extension(schema)? {
                Stored::Members(members) => Ok(Some(members)),
                Stored::Absent | Stored::NoObject => Ok(None),
            },
        }
    }

    /// The dict to which an attribute is written: the object of the extension or, if `extension` is none, the resource. The
    /// object of an extension is copied before the first write.
    fn writable(&mut self, extension: Option<&Schema>) -> PyResult<Bound<'py, PyDict>> {
        let Some(schema) = extension else { return Ok(self.root.clone()) };
        let stored = match self.extension(schema)? {
            Stored::Members(members) if self.copied.contains(&schema.id) => return Ok(members),
            Stored::Members(members) => members.copy()?,
            Stored::Absent | Stored::NoObject => PyDict::new(self.root.py()),
        };
        set(&self.root, &schema.id, stored.as_any())?;
        self.copied.push(schema.id.clone());
        Ok(stored)
    }

    /// Checks that the stored value of an extension is an object.
    fn check(&self, extension: Option<&Schema>) -> Result<(), StepFailure<PyErr>> {
        if let Some(schema) = extension {
            let stored = self.extension(schema);
            if matches!(stored.map_err(StepFailure::Store)?, Stored::NoObject) {
                return Err(container::no_object(schema).into());
            }
        }
        Ok(())
    }

    fn take_member(&mut self, extension: Option<&Schema>, name: &str) -> Result<Option<Value>, StepFailure<PyErr>> {
        self.check(extension)?;
        let value = self.member(extension, name).map_err(StepFailure::Store)?;
        value.map(|value| ObjectReader::stored().read_at(name, value)).transpose().map_err(StepFailure::Store)
    }

    fn member(&self, extension: Option<&Schema>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        let Some(container) = self.container(extension)? else { return Ok(None) };
        Ok(entry(&container, name)?.map(|(_, value)| value))
    }

    fn elements(&self, attr: AttrRef<'_>) -> PyResult<Taken<PyElements<'py>>> {
        let py = self.root.py();
        let name = &attr.attribute.name;
        let (original, list) = match self.member(attr.extension, name)? {
            None => (Original::Absent, PyList::empty(py)),
            Some(value) => match Object::of(value.clone())? {
                Object::Null => (Original::Null, PyList::empty(py)),
                Object::List(list) => (Original::Many, list.get_slice(0, list.len())),
                Object::Tuple(tuple) => (Original::Many, tuple.to_list()),
                Object::Sequence(sequence) => {
                    let list = PyList::empty(py);
                    for element in sequence.try_iter()? {
                        list.append(element?)?;
                    }
                    (Original::Many, list)
                }
                _ => (Original::One, PyList::new(py, [value])?),
            },
        };
        Ok(Taken { original, elements: PyElements::new(list, name) })
    }

    fn put_member(&mut self, extension: Option<&Schema>, name: &str, value: Option<Value>) -> PyResult<()> {
        match value {
            Some(value) => {
                let value = to_python(self.root.py(), &value)?;
                set(&self.writable(extension)?, name, &value)
            }
            None => {
                let Some(container) = self.container(extension)? else { return Ok(()) };
                if entry(&container, name)?.is_none() {
                    return Ok(());
                }
                let container = self.writable(extension)?;
                match entry(&container, name)? {
                    Some((key, _)) => container.del_item(key),
                    None => Ok(()),
                }
            }
        }
    }
}

/// The entry of a member: the entry whose key is spelled like `name`, or else the first whose key differs from it in case
/// only (F14).
fn entry<'py>(dict: &Bound<'py, PyDict>, name: &str) -> PyResult<Option<(Bound<'py, PyAny>, Bound<'py, PyAny>)>> {
    let key = PyString::new(dict.py(), name);
    match dict.get_item(&key)? {
        Some(value) => Ok(Some((key.into_any(), value))),
        None => find(dict, name),
    }
}

/// Sets a member. An existing key keeps its spelling.
fn set(dict: &Bound<'_, PyDict>, name: &str, value: &Bound<'_, PyAny>) -> PyResult<()> {
    match entry(dict, name)? {
        Some((key, _)) => dict.set_item(key, value),
        None => dict.set_item(name, value),
    }
}

impl<'py> Store for PyStore<'py> {
    type Error = PyErr;
    type List = PyElements<'py>;

    fn take(&mut self, attr: AttrRef<'_>) -> Result<Option<Value>, StepFailure<PyErr>> {
        self.take_member(attr.extension, &attr.attribute.name)
    }

    fn undo(&mut self, _: AttrRef<'_>, _: Option<Value>) {
        // `take` has returned a converted copy, so the object is still in its place.
    }

    fn put(&mut self, attr: AttrRef<'_>, value: Option<Value>) -> Result<(), PyErr> {
        self.put_unknown(attr.extension, &attr.attribute.name, value)
    }

    fn take_list(&mut self, attr: AttrRef<'_>) -> Result<Taken<PyElements<'py>>, StepFailure<PyErr>> {
        self.check(attr.extension)?;
        self.elements(attr).map_err(StepFailure::Store)
    }

    fn undo_list(&mut self, _: AttrRef<'_>, _: Taken<PyElements<'py>>) {}

    fn put_list(&mut self, attr: AttrRef<'_>, taken: Taken<PyElements<'py>>, edits: Edits) -> Result<(), PyErr> {
        let list = taken.elements.edited(edits)?;
        set(&self.writable(attr.extension)?, &attr.attribute.name, list.as_any())
    }

    fn has_assigned(&mut self, extension: &Schema, counts: impl Fn(&str) -> bool) -> Result<bool, PyErr> {
        let Some(members) = self.container(Some(extension))? else { return Ok(false) };
        for entry in &members.items() {
            let (name, value): (Bound<'_, PyAny>, Bound<'_, PyAny>) = entry.extract()?;
            let name = name.str()?;
            let name = name.to_string_lossy();
            if counts(&name) && !is_unassigned(&ObjectReader::stored().read_at(&name, value)?) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn unknown_names(&mut self, extension: &Schema) -> Result<Vec<String>, PyErr> {
        let Some(members) = self.container(Some(extension))? else { return Ok(Vec::new()) };
        let names = members.keys().into_iter().map(|key| Ok(key.str()?.to_string_lossy().into_owned()));
        let is_unknown = |name: &PyResult<String>| !name.as_ref().is_ok_and(|name| extension.attribute(name).is_some());
        names.filter(is_unknown).collect()
    }

    fn take_unknown(&mut self, extension: Option<&Schema>, name: &str) -> Result<Option<Value>, StepFailure<PyErr>> {
        self.take_member(extension, name)
    }

    fn put_unknown(&mut self, extension: Option<&Schema>, name: &str, value: Option<Value>) -> Result<(), PyErr> {
        self.put_member(extension, name, value)
    }

    fn drop_extension(&mut self, extension: &Schema) -> Result<(), PyErr> {
        entry(&self.root, &extension.id).and_then(|found| match found {
            Some((key, _)) => self.root.del_item(key),
            None => Ok(()),
        })
    }
}
