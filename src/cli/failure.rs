//! The errors of the commands, as text for people and as JSON for programs.

use std::io::{self, Write as _};

use serde_json::{Value, json};

use super::output::complain;
use crate::error::{ScimError, ScimType};
use crate::filter::CompileError;
use crate::patch::PatchError;
use crate::resource::ResourceError;
use crate::schema::SchemaError;
use crate::syntax::{ParseError, Span};

/// Why a command ends early.
#[derive(Debug)]
pub(super) enum Stop {
    /// The reader of the output has closed the pipe.
    BrokenPipe,
    /// An error to report.
    Failed(Box<Failure>),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

/// Converts an I/O error of standard output. An I/O error of a file is not converted here: the code that knows the name of
/// the file makes a [`Failure`] of it.
impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::BrokenPipe,
            _ => Failure::plain(format!("cannot write to standard output: {error}")).into(),
        }
    }
}

/// An error. Its text is for people, and has a caret if the error has a place. Its SCIM body is for programs, and has further
/// members such as `span`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Failure {
    text: String,
    body: Value,
}

impl Failure {
    fn new(text: String, error: &ScimError) -> Self {
        Self { text, body: error.to_body() }
    }

    /// An error that is not in a SCIM request: a file that cannot be read, a wrong option.
    pub(super) fn plain(message: impl Into<String>) -> Self {
        let message = message.into();
        Self::new(message.clone(), &ScimError::with_status(400, message))
    }

    /// A text that is not JSON, or that is another kind of JSON value than expected.
    pub(super) fn syntax(message: impl Into<String>) -> Self {
        let message = message.into();
        Self::new(message.clone(), &ScimError::new(ScimType::InvalidSyntax, message))
    }

    /// A filter or path that cannot be parsed.
    pub(super) fn parse(error: ParseError) -> Self {
        let what = if error.is_path() { "path" } else { "filter" };
        let text = format!("the {what} cannot be read\n{}", error.render());
        let span = error.span();
        Self::new(text, &error.into()).with_span(span)
    }

    /// A filter that cannot be compiled for a resource type.
    pub(super) fn compile(error: CompileError, resource_type: &str) -> Self {
        let text = format!("the filter cannot be used for `{resource_type}`\n{}", error.render());
        let span = error.span();
        Self::new(text, &error.into()).with_span(span)
    }

    /// A path that a PATCH cannot resolve, or whose brackets it cannot compile (`invalidFilter`).
    pub(super) fn path(scim_type: ScimType, rendered: &str, detail: String, span: Span) -> Self {
        let what = match scim_type {
            ScimType::InvalidFilter => "the filter in the path cannot be used",
            _ => "the path names no known attribute",
        };
        Self::new(format!("{what}\n{rendered}"), &ScimError::new(scim_type, detail)).with_span(span)
    }

    /// The kind of an error; the status if the host's settings are at fault.
    fn kind(scim_type: Option<ScimType>) -> &'static str {
        scim_type.map_or("500", ScimType::as_str)
    }

    /// A PATCH that is refused.
    pub(super) fn patch(error: PatchError) -> Self {
        let text = format!("the patch is refused: {}\n{}", Self::kind(error.scim_type()), error.render());
        let span = error.span();
        let (operation, path) = (error.operation(), error.path().map(str::to_owned));
        let failure = Self::new(text, &error.into()).with("operation", operation).with("path", path);
        match span {
            Some(span) => failure.with_span(span),
            None => failure,
        }
    }

    /// A resource that is refused.
    pub(super) fn resource(error: ResourceError) -> Self {
        let text = format!("the resource is refused: {}\n{}", Self::kind(error.scim_type()), error.render());
        let path = error.path().map(str::to_owned);
        Self::new(text, &error.into()).with("path", path)
    }

    /// A schema file that cannot be used.
    pub(super) fn schema(file: &str, error: &SchemaError) -> Self {
        Self::plain(format!("{file}: {error}"))
    }

    /// Replaces the text for people.
    pub(super) fn told(self, text: String) -> Self {
        Self { text, ..self }
    }

    /// The SCIM body.
    pub(super) fn body(&self) -> &Value {
        &self.body
    }

    fn member(&self, name: &str) -> &str {
        self.body.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// The `detail` of the body.
    pub(super) fn detail(&self) -> &str {
        self.member("detail")
    }

    /// The error on one line, with its `scimType`.
    pub(super) fn line(&self) -> String {
        match self.member("scimType") {
            "" => self.detail().to_owned(),
            scim_type => format!("{scim_type}: {}", self.detail()),
        }
    }

    /// Adds the other paths that have the same error: to the `detail`, and as the member `also`.
    pub(super) fn and_at(self, mut paths: Vec<String>) -> Self {
        let own = self.member("path");
        paths.retain(|path| path != own);
        if paths.is_empty() {
            return self;
        }
        let also = paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(", ");
        let detail = format!("{}; so are {also}", self.detail());
        self.with("detail", Some(detail)).with("also", Some(paths))
    }

    /// Adds a member to the body, if there is a value.
    pub(super) fn with(mut self, name: &str, value: Option<impl Into<Value>>) -> Self {
        if let (Some(value), Some(body)) = (value, self.body.as_object_mut()) {
            body.insert(name.to_owned(), value.into());
        }
        self
    }

    fn with_span(self, span: Span) -> Self {
        self.with("span", Some(json!({"start": span.start, "end": span.end})))
    }

    /// Prints the error to standard error.
    pub(super) fn report(&self, json: bool) {
        if json {
            // A failure to write to standard error cannot be reported anywhere.
            let _ = writeln!(io::stderr().lock(), "{}", self.body);
        } else {
            complain("error", &self.text);
        }
    }
}
