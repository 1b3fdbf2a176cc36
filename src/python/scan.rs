//! Scans a text with many documents while the interpreter is released.

use std::fs::File;
use std::io;
use std::ops::{ControlFlow, Range};
use std::path::PathBuf;

use pyo3::exceptions::{PyIndexError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyIterator, PyList, PySlice, PyTuple};

use super::convert::to_python;
use super::error;
use super::text::{JsonText, document};
use super::travel::{self, Reduced};
use crate::error::ScimType;
use crate::filter::Matcher;
use crate::scan::supply;
use crate::scan::{BadDocument, Found, Item, ScanOptions, Tally};

/// The text of many documents.
enum Texts<'py> {
    Text(JsonText<'py>),
    /// A file, which is read during the scan.
    Path(PathBuf),
}

impl<'py> Texts<'py> {
    /// Accepts `bytes`, `bytearray`, `memoryview`, `mmap`, `str`, or the path of a file.
    fn of(data: &Bound<'py, PyAny>) -> PyResult<Self> {
        if let Some(text) = JsonText::of(data)? {
            return if is_no_json(text.as_bytes()) { Err(no_text()) } else { Ok(Self::Text(text)) };
        }
        if data.hasattr("__fspath__")? {
            return Ok(Self::Path(data.extract()?));
        }
        // A `memoryview` or `mmap` may change while it is read, so it is copied.
        let kind = data.get_type().name()?.to_string();
        let copied = match kind.as_str() {
            "memoryview" => data.call_method0("tobytes")?,
            "mmap" => data.get_item(PySlice::full(data.py()))?,
            other => {
                let message = format!("expected bytes, str, a memory map or a path, not `{other}`");
                return Err(PyTypeError::new_err(message));
            }
        };
        Ok(Self::Text(JsonText::Bytes(copied.cast_into::<PyBytes>()?)))
    }

    /// Calls `each` with every document while the interpreter is released. If a file cannot be opened, the outer result is
    /// the error. If an opened file cannot be read, the inner result is the error.
    fn scan(
        &self,
        py: Python<'_>,
        matcher: &Matcher,
        options: &ScanOptions,
        mut each: impl FnMut(Item<'_>) + Send,
    ) -> PyResult<io::Result<Tally>> {
        let each = |item: Item<'_>| {
            each(item);
            ControlFlow::Continue(())
        };
        match self {
            Self::Text(text) => {
                let text = text.as_bytes();
                Ok(Ok(py.detach(|| matcher.scan_each(text, options, each))))
            }
            Self::Path(path) => {
                let told = |error: io::Error| {
                    io::Error::new(error.kind(), format!("{}: cannot be read: {error}", path.display()))
                };
                let file = File::open(path).map_err(told)?;
                Ok(py.detach(|| {
                    let is_on_disk = file.metadata()?.is_file();
                    matcher.scan_supply(&*supply::unpacked(file, is_on_disk)?, options, each).map_err(told)
                }))
            }
        }
    }
}

/// Whether a text is a single printable line that does not begin with `{` or `[`. Such a text is most likely the name of a
/// file, so it is refused as a whole. In any other text, each bad line is reported.
fn is_no_json(text: &[u8]) -> bool {
    let text = crate::json::without_mark(text.trim_ascii_start()).trim_ascii_start();
    if matches!(text.first(), None | Some(b'{' | b'['))
        || memchr::memchr2(b'\n', b'\r', text.trim_ascii_end()).is_some()
    {
        return false;
    }
    std::str::from_utf8(text).is_ok_and(|text| !text.trim_end().contains(char::is_control))
}

fn no_text() -> PyErr {
    PyValueError::new_err(
        "expected JSON text: documents, one a line or in a list, begin with `{` or `[`; a file is given as `pathlib.Path`",
    )
}

/// The documents of a text that satisfy a filter: a `Sequence` of `bytes`, which are made on demand.
///
/// A slice is a tuple.
#[pyclass(frozen, sequence, module = "scim_engine", name = "Scan")]
pub(super) struct PyScan {
    /// The text that the matches are in: the whole text, or the matches alone if they come from a file.
    text: Py<PyBytes>,
    /// For each match, its place in `text`, its line, and the number of documents before it.
    places: Vec<(Range<usize>, usize, usize)>,
    faults: Vec<BadDocument>,
    tally: Tally,
}

impl PyScan {
    pub(super) fn new(matcher: &Matcher, data: &Bound<'_, PyAny>, options: ScanOptions) -> PyResult<Self> {
        let py = data.py();
        let texts = Texts::of(data)?;
        let is_file = matches!(texts, Texts::Path(_));
        let (mut kept, mut places, mut faults) = (Vec::new(), Vec::new(), Vec::new());
        let (mut documents, mut bad_documents, mut last_line) = (0, 0, 1);
        let scanned = texts.scan(py, matcher, &options, |item| {
            documents += 1;
            match item {
                Item::Document(found) => {
                    last_line = found.line;
                    if found.is_match {
                        let start = if is_file { kept.len() } else { found.offset };
                        if is_file {
                            kept.extend_from_slice(found.text);
                        }
                        places.push((start..start + found.text.len(), found.line, found.number));
                    }
                }
                Item::Bad(bad) => {
                    last_line = bad.line();
                    bad_documents += 1;
                    Found::keep(&mut faults, bad);
                }
            }
        })?;
        let tally = scanned.unwrap_or_else(|error| {
            Found::keep(&mut faults, BadDocument::unreadable(last_line, documents, error.to_string()));
            Tally { documents: documents + 1, matches: places.len(), faults: bad_documents + 1 }
        });
        let text = match texts {
            Texts::Text(JsonText::Bytes(bytes)) => bytes.unbind(),
            Texts::Text(JsonText::Copied(bytes)) => PyBytes::new(py, &bytes).unbind(),
            Texts::Path(_) => PyBytes::new(py, &kept).unbind(),
        };
        Ok(Self { text, places, faults, tally })
    }

    fn all<'a, 'py: 'a>(
        &'a self,
        py: Python<'py>,
    ) -> impl DoubleEndedIterator<Item = Bound<'py, PyBytes>> + ExactSizeIterator + 'a {
        self.places.iter().map(move |(place, ..)| PyBytes::new(py, self.at(py, place)))
    }

    /// Yields one `()` for each match whose text is `wanted`.
    fn same<'a>(&'a self, py: Python<'a>, wanted: &'a [u8]) -> impl Iterator<Item = ()> + 'a {
        self.places.iter().filter(move |(place, ..)| self.at(py, place) == wanted).map(|_| ())
    }

    fn at<'py>(&'py self, py: Python<'py>, place: &Range<usize>) -> &'py [u8] {
        self.text.bind(py).as_bytes().get(place.clone()).unwrap_or_default()
    }
}

/// Parses a document into Python values.
fn parse<'py>(py: Python<'py>, text: &[u8]) -> PyResult<Bound<'py, PyAny>> {
    let value = document(text).map_err(|message| error::of_kind(py, ScimType::InvalidSyntax, message))?;
    to_python(py, &value)
}

#[pymethods]
impl PyScan {
    fn __len__(&self) -> usize {
        self.places.len()
    }

    fn __getitem__<'py>(&self, py: Python<'py>, index: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        if index.is_instance_of::<PySlice>() {
            let all = PyTuple::new(py, self.all(py))?;
            return all.as_any().get_item(index);
        }
        let index: isize = index.extract()?;
        let at = if index < 0 { self.places.len().checked_add_signed(index) } else { usize::try_from(index).ok() };
        match at.and_then(|at| self.places.get(at)) {
            Some((place, ..)) => Ok(PyBytes::new(py, self.at(py, place)).into_any()),
            None => Err(PyIndexError::new_err("there are not so many matches")),
        }
    }

    fn __iter__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        PyTuple::new(py, self.all(py))?.try_iter()
    }

    fn __contains__(&self, py: Python<'_>, document: &Bound<'_, PyAny>) -> bool {
        document.cast::<PyBytes>().is_ok_and(|wanted| self.same(py, wanted.as_bytes()).next().is_some())
    }

    fn __reversed__<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyIterator>> {
        PyTuple::new(py, self.all(py).rev())?.try_iter()
    }

    /// The index of a document among the matches. Raises `ValueError` if it is not one of them.
    #[pyo3(signature = (document, start=0, stop=isize::MAX, /))]
    fn index<'py>(
        &self,
        py: Python<'py>,
        document: &Bound<'py, PyAny>,
        start: isize,
        stop: isize,
    ) -> PyResult<Bound<'py, PyAny>> {
        PyTuple::new(py, self.all(py))?.call_method1("index", (document, start, stop))
    }

    /// The number of times that a document is among the matches.
    #[pyo3(signature = (document, /))]
    fn count(&self, py: Python<'_>, document: &Bound<'_, PyAny>) -> usize {
        document.cast::<PyBytes>().map_or(0, |wanted| self.same(py, wanted.as_bytes()).count())
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| {
            let other = other.get();
            let places =
                |scan: &'_ Self| scan.places.iter().map(|(_, line, number)| (*line, *number)).collect::<Vec<_>>();
            self.tally == other.tally
                && self.faults == other.faults
                && places(self) == places(other)
                && self.places.iter().zip(&other.places).all(|(a, b)| self.at(py, &a.0) == other.at(py, &b.0))
        })
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Reduced<'py>> {
        let (py, scan) = (slf.py(), slf.get());
        // The pickle has only the matches of the text, one after the other.
        let mut kept = Vec::new();
        let mut places = Vec::with_capacity(scan.places.len());
        for (place, line, number) in &scan.places {
            kept.extend_from_slice(scan.at(py, place));
            places.push((kept.len(), *line, *number));
        }
        let faults = scan.faults.iter().cloned().map(PyBadDocument).collect::<Vec<_>>();
        let Tally { documents, faults: count, .. } = scan.tally;
        travel::reduced::<Self>(py, (PyBytes::new(py, &kept), places, PyTuple::new(py, faults)?, documents, count))
    }

    /// Rebuilds a scan from its pickled state. `text` has the matches one after the other. `ends` has for each match its end
    /// in `text`, its line, and the number of documents before it.
    #[staticmethod]
    fn _load(
        text: Py<PyBytes>,
        ends: Vec<(usize, usize, usize)>,
        faults: Vec<Bound<'_, PyBadDocument>>,
        documents: usize,
        fault_count: usize,
    ) -> Self {
        let mut start = 0;
        let place = |(end, line, number)| (std::mem::replace(&mut start, end)..end, line, number);
        let places: Vec<_> = ends.into_iter().map(place).collect();
        let faults = faults.iter().map(|fault| fault.get().0.clone()).collect();
        let tally = Tally { documents, matches: places.len(), faults: fault_count };
        Self { text, places, faults, tally }
    }

    /// The documents as dicts.
    fn parsed<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let found = PyList::empty(py);
        for (place, ..) in &self.places {
            found.append(parse(py, self.at(py, place))?)?;
        }
        Ok(found)
    }

    /// The documents, each with its place. They are parsed on demand.
    #[getter]
    fn found<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let scan = slf.get();
        let all = scan.places.iter().map(|(place, line, number)| PyScanMatch {
            scan: slf.clone().unbind(),
            place: place.clone(),
            line: *line,
            number: *number,
        });
        PyTuple::new(slf.py(), all.collect::<Vec<_>>())
    }

    /// The line in which each document begins, counted from 1.
    #[getter]
    fn lines<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.places.iter().map(|(_, line, _)| *line))
    }

    /// The number of documents, good or bad, before each document.
    #[getter]
    fn numbers<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.places.iter().map(|(.., number)| *number))
    }

    /// The first thousand parts of the text that are not documents, and the fault that ended the scan, if any.
    #[getter]
    fn faults<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.faults.iter().cloned().map(PyBadDocument))
    }

    /// The number of all faults.
    #[getter]
    fn fault_count(&self) -> usize {
        self.tally.faults
    }

    /// The number of documents, good or bad.
    #[getter]
    fn documents(&self) -> usize {
        self.tally.documents
    }

    fn __repr__(&self) -> String {
        let Tally { documents, matches, faults } = self.tally;
        format!("<Scan {documents} documents: {matches} match, {faults} cannot be read>")
    }
}

/// A document of a text that satisfies a filter.
#[pyclass(frozen, module = "scim_engine", name = "ScanMatch")]
pub(super) struct PyScanMatch {
    scan: Py<PyScan>,
    place: Range<usize>,
    /// The line in which the document begins, counted from 1.
    #[pyo3(get)]
    line: usize,
    /// The number of documents, good or bad, before it.
    #[pyo3(get)]
    number: usize,
}

#[pymethods]
impl PyScanMatch {
    /// The text of the document, as it was written.
    #[getter]
    fn bytes<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
        PyBytes::new(py, self.scan.get().at(py, &self.place))
    }

    /// The text of the document, as a `str`.
    #[getter]
    fn text(&self, py: Python<'_>) -> String {
        String::from_utf8_lossy(self.scan.get().at(py, &self.place)).into_owned()
    }

    fn __eq__(&self, py: Python<'_>, other: &Bound<'_, PyAny>) -> bool {
        other.cast::<Self>().is_ok_and(|other| {
            let other = other.get();
            (self.line, self.number) == (other.line, other.number)
                && self.scan.get().at(py, &self.place) == other.scan.get().at(py, &other.place)
        })
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        travel::reduced::<Self>(py, (self.bytes(py), self.line, self.number))
    }

    /// Rebuilds a match from its pickled state. The new scan has no other matches.
    #[staticmethod]
    fn _load(py: Python<'_>, text: Py<PyBytes>, line: usize, number: usize) -> PyResult<Self> {
        let place = 0..text.as_bytes(py).len();
        let tally = Tally { documents: 1, matches: 1, faults: 0 };
        let scan = PyScan { text, places: vec![(place.clone(), line, number)], faults: Vec::new(), tally };
        Ok(Self { scan: Py::new(py, scan)?, place, line, number })
    }

    /// The document as a dict.
    fn parsed<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        parse(py, self.scan.get().at(py, &self.place))
    }

    fn __repr__(&self) -> String {
        format!("<ScanMatch at line {}>", self.line)
    }
}

/// A part of a text that should be a document and is not: `str()` says what is wrong and where.
#[pyclass(frozen, eq, module = "scim_engine", name = "BadDocument")]
#[derive(Clone, PartialEq)]
pub(super) struct PyBadDocument(BadDocument);

#[pymethods]
impl PyBadDocument {
    /// The line of the fault, counted from 1.
    #[getter]
    fn line(&self) -> usize {
        self.0.line()
    }

    /// The byte of the fault in that line, counted from 1.
    #[getter]
    fn column(&self) -> usize {
        self.0.column()
    }

    /// The number of documents, good or bad, before it.
    #[getter]
    fn number(&self) -> usize {
        self.0.number()
    }

    /// The message, without the place.
    #[getter]
    fn reason(&self) -> &str {
        self.0.message()
    }

    /// Whether the rest of the text could not be read because of it.
    #[getter]
    fn is_last(&self) -> bool {
        self.0.is_last()
    }

    fn __str__(&self) -> String {
        self.0.to_string()
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        travel::reduced::<Self>(py, (self.line(), self.column(), self.number(), self.reason(), self.is_last()))
    }

    /// Rebuilds the object from its pickled state.
    #[staticmethod]
    fn _load(line: usize, column: usize, number: usize, reason: String, is_last: bool) -> Self {
        Self(BadDocument::again(line, column, number, reason, is_last))
    }

    fn __repr__(&self) -> String {
        format!("<BadDocument {}>", self.0)
    }
}

/// The number of documents of a text that match.
pub(super) fn count(matcher: &Matcher, data: &Bound<'_, PyAny>, options: ScanOptions) -> PyResult<usize> {
    Ok(Texts::of(data)?.scan(data.py(), matcher, &options, |_| {})??.matches)
}

/// For each document, whether it matches; none if it cannot be read.
pub(super) fn mask(matcher: &Matcher, data: &Bound<'_, PyAny>, options: ScanOptions) -> PyResult<Vec<Option<bool>>> {
    let mut mask = Vec::new();
    Texts::of(data)?.scan(data.py(), matcher, &options, |item| {
        mask.push(match item {
            Item::Document(document) => Some(document.is_match),
            Item::Bad(_) => None,
        });
    })??;
    Ok(mask)
}
