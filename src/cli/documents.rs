//! The documents of a file, one at a time.

use std::io::Read;
use std::path::Path;

use serde_json::Value;

use super::failure::Failure;
use super::files;
use super::splitter::{Piece, Splitter};

/// A document, or what stands in its place.
pub(super) enum Item<'a> {
    Document { value: Value, text: &'a [u8], line: usize },
    Fault(Failure),
}

pub(super) struct Documents {
    name: String,
    splitter: Splitter<Box<dyn Read>>,
    text: Vec<u8>,
    is_done: bool,
}

impl Documents {
    pub(super) fn open(path: &Path) -> Result<Self, Failure> {
        let splitter = Splitter::new(files::open(path)?);
        Ok(Self { name: files::name(path), splitter, text: Vec::new(), is_done: false })
    }

    /// Whether the next document may have to be waited for.
    pub(super) fn is_idle(&self) -> bool {
        self.splitter.is_idle()
    }

    pub(super) fn next(&mut self) -> Option<Item<'_>> {
        if self.is_done {
            return None;
        }
        let piece = match self.splitter.next(&mut self.text) {
            Ok(piece) => piece?,
            Err(error) => {
                self.is_done = true;
                return Some(Item::Fault(files::unreadable(Path::new(&self.name), &error)));
            }
        };
        let line = piece.line;
        Some(match read(&self.text, &piece) {
            Ok(value) => Item::Document { value, text: self.text.trim_ascii(), line },
            Err((message, line, column)) => {
                let rest = if piece.is_last { "; what follows is not read" } else { "" };
                let message = format!("{}:{line}:{column}: {message}{rest}", self.name);
                Item::Fault(Failure::syntax(message).with("file", Some(self.name.clone())).with("line", Some(line)))
            }
        })
    }

    /// An error at a document.
    pub(super) fn fault(&self, line: usize, message: &str) -> Failure {
        let message = format!("{}:{line}: {message}", self.name);
        Failure::syntax(message).with("file", Some(self.name.clone())).with("line", Some(line))
    }
}

/// The object in a text, or what is wrong, with line and column.
fn read(text: &[u8], piece: &Piece) -> Result<Value, (String, usize, usize)> {
    let here = |message: String| (message, piece.line, piece.column + 1);
    if let Some(fault) = &piece.fault {
        return Err(here(fault.clone()));
    }
    // Without the line's end, which is not where anything is wrong.
    let text = text.trim_ascii_end();
    match serde_json::from_slice(text) {
        Ok(value @ Value::Object(_)) => Ok(value),
        Ok(other) => Err(here(format!("expected a JSON object, found {}", kind(&other)))),
        Err(error) => {
            let column = error.column() + if error.line() == 1 { piece.column } else { 0 };
            Err((files::no_json(text, &error), piece.line + error.line() - 1, column.max(1)))
        }
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
