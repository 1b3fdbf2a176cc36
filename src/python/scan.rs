//! Many documents in one text, asked with the interpreter lock released.

use std::ops::{ControlFlow, Range};
use std::path::PathBuf;

use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyIterator, PyList, PySlice, PyTuple};

use super::convert::to_python;
use super::error;
use super::text::{JsonText, document};
use crate::scan::{BadDocument, Found, Item, ScanOptions, Scanned, Tally};
use crate::{Matcher, ScimType};

/// The text of many documents.
pub(super) enum Texts<'py> {
    Text(JsonText<'py>),
    Read(Vec<u8>),
}

impl<'py> Texts<'py> {
    /// `bytes`, `bytearray`, `memoryview`, `mmap`, `str`, or the path of a file.
    pub(super) fn of(data: &Bound<'py, PyAny>) -> PyResult<Self> {
        let py = data.py();
        if let Some(text) = JsonText::of(data)? {
            return Ok(Self::Text(text));
        }
        if data.hasattr("__fspath__")? {
            let path: PathBuf = data.extract()?;
            return Ok(Self::Read(py.detach(|| std::fs::read(path))?));
        }
        // What may change while it is read is copied.
        let kind = data.get_type().name()?.to_string();
        let copied = match kind.as_str() {
            "memoryview" => data.call_method0("tobytes")?,
            "mmap" => data.get_item(PySlice::full(py))?,
            other => {
                let message = format!("expected bytes, str, a memory map or a path, not `{other}`");
                return Err(PyTypeError::new_err(message));
            }
        };
        Ok(Self::Text(JsonText::Bytes(copied.cast_into::<PyBytes>()?)))
    }

    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Read(bytes) => bytes,
        }
    }

    /// The bytes, to keep.
    fn keep(self, py: Python<'_>) -> Py<PyBytes> {
        match self {
            Self::Text(JsonText::Bytes(bytes)) => bytes.unbind(),
            Self::Text(JsonText::Copied(bytes)) | Self::Read(bytes) => PyBytes::new(py, &bytes).unbind(),
        }
    }
}

/// The documents of a text that match, and what else there was.
#[pyclass(frozen, sequence, module = "scim_engine", name = "Scan")]
pub(super) struct PyScan {
    text: Py<PyBytes>,
    /// Where each is in the text, its line and its number.
    places: Vec<(Range<usize>, usize, usize)>,
    faults: Vec<BadDocument>,
    tally: Tally,
}

impl PyScan {
    pub(super) fn new(matcher: &Matcher, data: &Bound<'_, PyAny>, options: ScanOptions) -> PyResult<Self> {
        let py = data.py();
        let texts = Texts::of(data)?;
        let text = texts.as_bytes();
        let (places, faults, tally) = py.detach(|| {
            let Found { matches, faults, tally } = matcher.scan(text, &options);
            let place = |found: Scanned<'_>| (found.offset..found.offset + found.text.len(), found.line, found.number);
            (matches.into_iter().map(place).collect(), faults, tally)
        });
        Ok(Self { text: texts.keep(py), places, faults, tally })
    }

    fn at<'py>(&self, py: Python<'py>, place: &Range<usize>) -> Bound<'py, PyBytes> {
        let text = self.text.bind(py).as_bytes();
        PyBytes::new(py, text.get(place.clone()).unwrap_or_default())
    }
}

#[pymethods]
impl PyScan {
    fn __len__(&self) -> usize {
        self.places.len()
    }

    fn __getitem__<'py>(&self, py: Python<'py>, index: isize) -> PyResult<Bound<'py, PyBytes>> {
        let at = if index < 0 { self.places.len().checked_add_signed(index) } else { usize::try_from(index).ok() };
        match at.and_then(|at| self.places.get(at)) {
            Some((place, ..)) => Ok(self.at(py, place)),
            None => Err(PyIndexError::new_err("there are not so many matches")),
        }
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        PyTuple::new(py, self.places.iter().map(|(place, ..)| self.at(py, place)))?.try_iter()
    }

    /// The documents that match, parsed.
    fn parsed<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let text = self.text.bind(py).as_bytes();
        let found = PyList::empty(py);
        for (place, ..) in &self.places {
            let value = document(text.get(place.clone()).unwrap_or_default());
            let value = value.map_err(|message| error::of_kind(py, ScimType::InvalidSyntax, message))?;
            found.append(to_python(py, &value)?)?;
        }
        Ok(found)
    }

    #[getter]
    fn lines<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.places.iter().map(|(_, line, _)| *line))
    }

    #[getter]
    fn numbers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.places.iter().map(|(.., number)| *number))
    }

    #[getter]
    fn faults<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.faults.iter().cloned().map(PyBadDocument))
    }

    #[getter]
    fn documents(&self) -> usize {
        self.tally.documents
    }

    fn __repr__(&self) -> String {
        let Tally { documents, matches, faults } = self.tally;
        format!("<Scan {documents} documents: {matches} match, {faults} cannot be read>")
    }
}

/// What stands where a document should.
#[pyclass(frozen, eq, module = "scim_engine", name = "BadDocument")]
#[derive(Clone, PartialEq)]
pub(super) struct PyBadDocument(BadDocument);

#[pymethods]
impl PyBadDocument {
    #[getter]
    fn line(&self) -> usize {
        self.0.line()
    }

    #[getter]
    fn column(&self) -> usize {
        self.0.column()
    }

    #[getter]
    fn number(&self) -> usize {
        self.0.number()
    }

    #[getter]
    fn reason(&self) -> &str {
        self.0.reason()
    }

    #[getter]
    fn is_last(&self) -> bool {
        self.0.is_last()
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __repr__(&self) -> String {
        format!("<BadDocument {}>", self.0)
    }
}

/// How many documents of a text match.
pub(super) fn count(matcher: &Matcher, data: &Bound<'_, PyAny>, options: ScanOptions) -> PyResult<usize> {
    let texts = Texts::of(data)?;
    let text = texts.as_bytes();
    Ok(data.py().detach(|| matcher.count(text, &options)).matches)
}

/// Of each document whether it matches; none for what is no document.
pub(super) fn mask(matcher: &Matcher, data: &Bound<'_, PyAny>, options: ScanOptions) -> PyResult<Vec<Option<bool>>> {
    let texts = Texts::of(data)?;
    let text = texts.as_bytes();
    Ok(data.py().detach(|| {
        let mut mask = Vec::new();
        matcher.scan_each(text, &options, |item| {
            mask.push(match item {
                Item::Document(document) => Some(document.is_match),
                Item::Bad(_) => None,
            });
            ControlFlow::Continue(())
        });
        mask
    }))
}
