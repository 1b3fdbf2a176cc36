//! OneLogin's template: `Template`, `Person` and `lint`, which `scim_engine.onelogin` exports.

use std::collections::HashMap;

use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyDict, PyString, PyTuple};
use serde::{Deserialize, Serialize};

use super::convert::{ObjectReader, to_python};
use super::error::{self, in_characters};
use super::resource_type::{PyResourceType, given};
use super::settings::{Settings, chosen};
use super::switches::PyTolerance;
use super::text::{JsonText, utf8};
use super::travel::{self, Reduced};
use crate::error::ScimType;
use crate::limits::Limits;
use crate::onelogin::{
    Escape, LintOptions, PeopleFormat, Person, Problem, RenderOptions, Rendered, Template, lint_with,
};
use crate::schema::ResourceType;

/// The text of a template: `str` or UTF-8 bytes.
fn template_text(value: &Bound<'_, PyAny>) -> PyResult<String> {
    if let Ok(text) = value.cast::<PyString>() {
        return Ok(String::from_utf8_lossy(utf8(text, ScimType::InvalidSyntax)?.as_bytes()).into_owned());
    }
    let misfit = |_| PyTypeError::new_err("expected the template as `str` or `bytes`");
    let bytes: PyBackedBytes = value.extract().map_err(misfit)?;
    String::from_utf8(bytes.to_vec()).map_err(|_| PyValueError::new_err("the template is not UTF-8 text"))
}

/// OneLogin's SCIM JSON template: JSON with macros (`{$user.email}`, `{$parameters.title}`). Immutable.
///
/// Raises `TemplateError`, with the place, if the text is not JSON whatever values the macros have.
#[pyclass(frozen, eq, hash, module = "scim_engine.onelogin", name = "Template")]
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct PyTemplate(Template);

#[pymethods]
impl PyTemplate {
    #[new]
    fn new(py: Python<'_>, text: Bound<'_, PyAny>) -> PyResult<Self> {
        let text = template_text(&text)?;
        Template::parse(&text).map(Self).map_err(|raised| {
            let place = raised.position();
            let span = in_characters(&text, raised.span());
            error::of_template(py, &raised.to_string(), Some((place.line, place.column)), Some(span))
        })
    }

    /// The text, without a byte order mark.
    #[getter]
    fn text(&self) -> &str {
        self.0.text()
    }

    /// The macros in the order of the text, each as often as it occurs.
    #[getter]
    fn macros<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.0.macros().map(ToString::to_string).collect::<Vec<_>>())
    }

    /// Renders the template as OneLogin would for a person.
    ///
    /// OneLogin does not document how it renders a macro without a value. `unset` chooses: the empty string; `null`
    /// instead of a string that has nothing else; the text `null`; the macro, unchanged; or an error. Nor does it
    /// document how it escapes values: `raw` pastes them unchanged. Raises `TemplateError` if the result is not JSON.
    #[pyo3(signature = (person, *, unset="empty", raw=false))]
    fn render(&self, py: Python<'_>, person: Bound<'_, PyAny>, unset: &str, raw: bool) -> PyResult<PyRendered> {
        let person = person_of(py, person)?;
        let options = RenderOptions::default().unset(chosen("unset", unset)?);
        let options = if raw { options.escape(Escape::Raw) } else { options };
        self.0.render_with(&person, &options).map(PyRendered).map_err(|raised| {
            let place = raised.position().map(|place| (place.line, place.column));
            error::of_template(py, &raised.to_string(), place, None)
        })
    }

    /// The problems of the template; see `lint`.
    #[pyo3(signature = (resource_type=None, *, tolerance=None, bare_booleans=false))]
    fn lint(
        &self,
        resource_type: Option<&Bound<'_, PyResourceType>>,
        tolerance: Option<&Bound<'_, PyTolerance>>,
        bare_booleans: bool,
    ) -> PyLint {
        linted(self.0.text(), resource_type, tolerance, bare_booleans)
    }

    fn __str__(&self) -> &str {
        self.0.text()
    }

    fn __repr__(&self) -> String {
        format!("<Template: {} macros>", self.0.macros().count())
    }

    fn __getnewargs__(&self) -> (&str,) {
        (self.0.text(),)
    }

    fn __copy__(slf: Py<Self>) -> Py<Self> {
        slf
    }

    fn __deepcopy__(slf: Py<Self>, _memo: Bound<'_, PyAny>) -> Py<Self> {
        slf
    }
}

/// Reads a `Person`, or a mapping from macros to their values.
fn person_of(py: Python<'_>, value: Bound<'_, PyAny>) -> PyResult<Person> {
    if let Ok(person) = value.cast::<PyPerson>() {
        return Ok(person.get().0.clone());
    }
    let value = ObjectReader { what: "the person", ..ObjectReader::body(Limits::default().depth) }.read(value)?;
    Person::from_value(&value).map_err(|raised| error::of_template(py, &raised.to_string(), None, None))
}

/// A person of OneLogin: the values of the macros.
///
/// The names are those of the macros: `firstname` or `user.firstname`, `custom_fields.badge`, `parameters.title`.
/// Values that are not given are derived from others: `display_name` from the names, `parameters.scimusername` from
/// `username` or else `email`, `parameters.department` from `department`. A person with neither `active` nor `status`
/// is active.
///
/// `values` is flat or nested (`{"user": {…}, "parameters": {…}}`); keywords take precedence over it.
///
/// Raises `TemplateError` for a name that no macro has.
#[pyclass(frozen, eq, module = "scim_engine.onelogin", name = "Person")]
#[derive(Clone, PartialEq, Eq)]
pub(super) struct PyPerson(Person);

#[pymethods]
impl PyPerson {
    #[new]
    #[pyo3(signature = (values=None, **more))]
    fn new(py: Python<'_>, values: Option<Bound<'_, PyAny>>, more: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let mut person = match values {
            Some(values) => person_of(py, values)?,
            None => Person::new(),
        };
        if let Some(more) = more {
            for (name, value) in person_of(py, more.clone().into_any())?.iter() {
                person.set(name, value).map_err(|raised| error::of_template(py, &raised.to_string(), None, None))?;
            }
        }
        Ok(Self(person))
    }

    /// People from CSV with a line of names, a JSON array or NDJSON. Raises `TemplateError`, with the line.
    #[staticmethod]
    #[pyo3(signature = (text, format=None))]
    fn read_all(py: Python<'_>, text: Bound<'_, PyAny>, format: Option<&str>) -> PyResult<Vec<Self>> {
        let Some(text) = JsonText::of(&text)? else {
            return Err(PyValueError::new_err("the people must be text: `str` or `bytes`"));
        };
        let format = match format {
            None => PeopleFormat::guess(text.as_bytes()),
            Some(format) => chosen("format", format)?,
        };
        let people = text.read(py, |bytes| Person::read_all(bytes, format));
        let people =
            people.map_err(|raised| error::of_template(py, &raised.to_string(), Some((raised.line(), 1)), None))?;
        Ok(people.into_iter().map(Self).collect())
    }

    /// The value of a macro: `user.email`, `email` or `{$user.email}`.
    fn get(&self, name: &str) -> Option<String> {
        let name = name.strip_prefix("{$").and_then(|name| name.strip_suffix('}')).unwrap_or(name);
        let full = |name: &str| self.0.get(name).map(std::borrow::Cow::into_owned);
        full(name).or_else(|| full(&format!("user.{name}")))
    }

    /// The values that were given, by the names of their macros.
    fn to_dict(&self) -> HashMap<&str, &str> {
        self.0.iter().collect()
    }

    fn __repr__(&self) -> String {
        let names: Vec<&str> = self.0.iter().map(|(name, _)| name).collect();
        format!("<Person: {}>", names.join(", "))
    }

    fn __getnewargs__(&self) -> (HashMap<&str, &str>,) {
        (self.to_dict(),)
    }
}

/// The result of rendering a template for a person.
#[pyclass(frozen, eq, module = "scim_engine.onelogin", name = "Rendered")]
#[derive(Clone, PartialEq)]
pub(super) struct PyRendered(Rendered);

#[pymethods]
impl PyRendered {
    /// The text that is sent, in the layout of the template.
    #[getter]
    fn text(&self) -> &str {
        &self.0.text
    }

    /// The value of the text: the body of a request.
    #[getter]
    fn value<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_python(py, &self.0.value)
    }

    /// The macros that have no value, each once.
    #[getter]
    fn unset<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.0.unset)
    }

    /// With `raw`, the macros whose value has a quote, a backslash or a control character, each once.
    #[getter]
    fn unescaped<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.0.unescaped)
    }

    fn __str__(&self) -> &str {
        &self.0.text
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        let value = travel::state(py, &self.0.value)?;
        travel::reduced::<Self>(py, (self.text(), value, self.unset(py)?, self.unescaped(py)?))
    }

    /// Rebuilds the object from its pickled state.
    #[staticmethod]
    fn _load(text: String, value: &[u8], unset: Vec<String>, unescaped: Vec<String>) -> PyResult<Self> {
        Ok(Self(Rendered { text, value: travel::value(value)?, unset, unescaped }))
    }

    fn __repr__(&self) -> String {
        format!("<Rendered: {} unset>", self.0.unset.len())
    }
}

fn linted(
    text: &str,
    resource_type: Option<&Bound<'_, PyResourceType>>,
    tolerance: Option<&Bound<'_, PyTolerance>>,
    bare_booleans: bool,
) -> PyLint {
    let options = Settings::new(tolerance, None).options();
    let options = LintOptions::default().server(options).bare_booleans(bare_booleans);
    let found = lint_with(text, &given(resource_type).unwrap_or_else(ResourceType::user), &options);
    let problem = |problem: &Problem| PyProblem::new(problem, in_characters(text, problem.span()));
    PyLint {
        problems: found.problems().iter().map(problem).collect(),
        corrected: found.corrected().map(str::to_owned),
        is_clean: found.is_clean(),
    }
}

/// Checks the text of a template, as `create` of the resource type (`USER` by default) reads what it renders.
///
/// Without the tolerance `boolean_strings`, a quoted boolean is an error, not a note. With `bare_booleans`, macros of
/// booleans and numbers should be outside of quotes.
#[pyfunction(name = "lint")]
#[pyo3(signature = (template, resource_type=None, *, tolerance=None, bare_booleans=false))]
pub(super) fn lint_template(
    template: Bound<'_, PyAny>,
    resource_type: Option<&Bound<'_, PyResourceType>>,
    tolerance: Option<&Bound<'_, PyTolerance>>,
    bare_booleans: bool,
) -> PyResult<PyLint> {
    if let Ok(template) = template.cast::<PyTemplate>() {
        return Ok(linted(template.get().0.text(), resource_type, tolerance, bare_booleans));
    }
    let text = template_text(&template)?;
    // A byte order mark at the start is not part of the text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(linted(text, resource_type, tolerance, bare_booleans))
}

/// The problems of a template, and the template without those that have a cure.
#[pyclass(frozen, eq, module = "scim_engine.onelogin", name = "Lint")]
#[derive(PartialEq)]
pub(super) struct PyLint {
    problems: Vec<PyProblem>,
    corrected: Option<String>,
    is_clean: bool,
}

#[pymethods]
impl PyLint {
    /// The problems, in the order of the text.
    #[getter]
    fn problems<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.problems.iter().cloned())
    }

    /// The template with every cure applied; `None` if the text is not a template.
    #[getter]
    fn corrected(&self) -> Option<&str> {
        self.corrected.as_deref()
    }

    /// Whether there are no problems except notes.
    #[getter]
    fn is_clean(&self) -> bool {
        self.is_clean
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        travel::reduced::<Self>(py, (self.problems(py)?, self.corrected(), self.is_clean))
    }

    /// Rebuilds the object from its pickled state.
    #[staticmethod]
    fn _load(problems: Vec<Bound<'_, PyProblem>>, corrected: Option<String>, is_clean: bool) -> Self {
        let problems = problems.iter().map(|problem| problem.get().clone()).collect();
        Self { problems, corrected, is_clean }
    }

    fn __repr__(&self) -> String {
        let codes: Vec<&str> = self.problems.iter().map(|problem| problem.0.code.as_str()).collect();
        format!("<Lint: [{}]>", codes.join(", "))
    }
}

/// A problem of a template.
#[pyclass(frozen, eq, module = "scim_engine.onelogin", name = "Problem")]
#[derive(Clone, PartialEq)]
pub(super) struct PyProblem(Told);

/// A problem in the form that is pickled.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
struct Told {
    code: String,
    severity: String,
    path: String,
    /// The place in the template, in characters.
    span: (usize, usize),
    line: usize,
    column: usize,
    message: String,
    cure: String,
    is_cured: bool,
    text: String,
}

impl PyProblem {
    fn new(problem: &Problem, span: (usize, usize)) -> Self {
        let place = problem.position();
        Self(Told {
            code: problem.code().into(),
            severity: problem.severity().as_str().into(),
            path: problem.path().into(),
            span,
            line: place.line,
            column: place.column,
            message: problem.message().into(),
            cure: problem.cure().into(),
            is_cured: problem.is_cured(),
            text: problem.to_string(),
        })
    }
}

#[pymethods]
impl PyProblem {
    /// A stable name of the kind of problem, such as `undeclared_extension`.
    #[getter]
    fn code(&self) -> &str {
        &self.0.code
    }

    /// `error`, `warning`, or `note` for something that a template cannot express better.
    #[getter]
    fn severity(&self) -> &str {
        &self.0.severity
    }

    /// The attribute, as a SCIM path with indexes: `emails[0].value`; empty for the whole template.
    #[getter]
    fn path(&self) -> &str {
        &self.0.path
    }

    /// The place in the text: `text[slice(*problem.span)]`.
    #[getter]
    fn span(&self) -> (usize, usize) {
        self.0.span
    }

    /// The line, counted from 1.
    #[getter]
    fn line(&self) -> usize {
        self.0.line
    }

    /// The column in characters, counted from 1.
    #[getter]
    fn column(&self) -> usize {
        self.0.column
    }

    /// The text that says what is wrong.
    #[getter]
    fn message(&self) -> &str {
        &self.0.message
    }

    /// The text that says how to correct it.
    #[getter]
    fn cure(&self) -> &str {
        &self.0.cure
    }

    /// Whether the corrected template no longer has the problem.
    #[getter]
    fn is_cured(&self) -> bool {
        self.0.is_cured
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<Reduced<'py>> {
        travel::reduced::<Self>(py, (travel::state(py, &self.0)?,))
    }

    /// Rebuilds the object from its pickled state.
    #[staticmethod]
    fn _load(state: &[u8]) -> PyResult<Self> {
        travel::read(state).map(Self)
    }

    fn __str__(&self) -> &str {
        &self.0.text
    }

    fn __repr__(&self) -> String {
        format!("<Problem {}>", self.0.text)
    }
}
