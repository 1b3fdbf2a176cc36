//! The elements of a Python list while the list is patched. They are not converted, unless they change.

use std::borrow::Cow;
use std::cell::RefCell;

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString};
use serde_json::Value;

use super::convert::{ObjectReader, to_python};
use super::document::{InternedNames, PyDocument, find};
use super::object::Object;
use super::text::utf8;
use crate::error::ScimType;
use crate::filter::evaluate;
use crate::filter::node::Node;
use crate::patch::store::{Edits, Elements, Peek, TextMatch};
use crate::schema::Attribute;

/// A shallow copy of a list of the resource: the elements are the same objects as in the resource.
pub(super) struct PyElements<'py> {
    list: Bound<'py, PyList>,
    /// The attribute, for messages.
    name: String,
    /// The member name of the last look-up, with its Python string. The look-up in the next element uses the same string.
    key: RefCell<Option<(String, Bound<'py, PyString>)>>,
    /// The text of the last comparison, with its Python string. The comparison with the next element uses the same string.
    needle: RefCell<Option<(String, Bound<'py, PyString>)>>,
}

impl<'py> PyElements<'py> {
    pub(super) fn new(list: Bound<'py, PyList>, name: &str) -> Self {
        Self { list, name: name.to_owned(), key: RefCell::new(None), needle: RefCell::new(None) }
    }

    /// The list after the edits.
    pub(super) fn edited(self, edits: Edits) -> PyResult<Bound<'py, PyList>> {
        let py = self.list.py();
        let mut list = self.list;
        for (at, value) in &edits.changed {
            list.set_item(*at, to_python(py, value)?)?;
        }
        if !edits.gone.is_empty() {
            let kept = list.iter().enumerate().filter(|(at, _)| !edits.is_gone(*at)).map(|(_, element)| element);
            list = PyList::new(py, kept.collect::<Vec<_>>())?;
        }
        for value in &edits.added {
            list.append(to_python(py, value)?)?;
        }
        Ok(list)
    }

    fn member(&self, dict: &Bound<'py, PyDict>, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        let mut known = self.key.borrow_mut();
        let key = match &*known {
            Some((text, key)) if text == name => key,
            _ => &known.insert((name.to_owned(), PyString::new(self.list.py(), name))).1,
        };
        match dict.get_item(key)? {
            None => Ok(find(dict, name)?.map(|(_, value)| value)),
            found => Ok(found),
        }
    }
}

impl Elements for PyElements<'_> {
    type Error = PyErr;

    fn len(&self) -> usize {
        self.list.len()
    }

    fn value(&self, at: usize) -> Result<Cow<'_, Value>, PyErr> {
        let name = format!("{}[{at}]", self.name);
        ObjectReader::stored().read_at(&name, self.list.get_item(at)?).map(Cow::Owned)
    }

    fn peek_is(&self, at: usize, sub: Option<&Attribute>, needle: &TextMatch<'_>) -> Result<Option<bool>, PyErr> {
        let (py, item) = (self.list.py(), self.list.get_item(at)?);
        if let (true, Some(sub), Ok(dict)) = (needle.is_exact(), sub, item.cast_exact::<PyDict>())
            && let Some(value) = self.member(dict, &sub.name)?
            && value.is_exact_instance_of::<PyString>()
        {
            // Two Python strings are compared without a copy of the text.
            let mut known = self.needle.borrow_mut();
            let text = match &*known {
                Some((text, wanted)) if text == needle.text => wanted,
                _ => &known.insert((needle.text.to_owned(), PyString::new(py, needle.text))).1,
            };
            return value.eq(text).map(Some);
        }
        Ok(match self.peek(at, sub)? {
            Peek::Text(text) => Some(needle.is(&text)),
            Peek::Nothing => Some(false),
            Peek::Other => None,
        })
    }

    fn peek(&self, at: usize, sub: Option<&Attribute>) -> Result<Peek<'_>, PyErr> {
        let value = match (Object::of(self.list.get_item(at)?)?, sub) {
            (Object::Dict(dict), Some(sub)) => match self.member(&dict, &sub.name)? {
                Some(value) => Object::of(value)?,
                None => return Ok(Peek::Nothing),
            },
            (_, Some(_)) => return Ok(Peek::Other),
            (simple, None) => simple,
        };
        Ok(match value {
            Object::Text(text) => {
                let bytes = utf8(&text, ScimType::InvalidValue)?;
                Peek::Text(Cow::Owned(bytes.as_bytes().to_vec()))
            }
            _ => Peek::Other,
        })
    }

    fn holds(&self, at: usize, node: &Node) -> Result<bool, PyErr> {
        let names = InternedNames::default();
        let document = PyDocument::new(self.list.get_item(at)?, &names)?;
        match evaluate::holds(node, &document) {
            Ok(holds) => Ok(holds),
            // The filter cannot be evaluated on the Python object. If the element cannot be converted to JSON, `value` raises
            // the error. Otherwise the filter is evaluated on the converted element.
            Err(_) => Ok(evaluate::holds(node, &&*self.value(at)?).unwrap_or(false)),
        }
    }
}
