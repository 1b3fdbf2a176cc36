//! Reads the documents of a file, one at a time.

use std::io::{BufReader, Cursor, Read};
use std::path::Path;

use serde_json::Value;

use super::failure::Failure;
use super::files;
use crate::scan::splitter::{Piece, Splitter};
use crate::scan::stream::Rest;
use crate::scan::supply::{Remaining, Supply};

/// A document, or the error of a part of the input that is not a document.
pub(super) enum Item<'a> {
    /// The text of a document, from its `{`, and its place. The rest of the text may still be invalid JSON.
    Document(&'a [u8], Piece),
    /// The error of a part that is not a document, or of reading the input.
    Fault(Failure),
}

/// The bytes of a file or of a pipe.
type InputStream<'s> = BufReader<Box<dyn Read + 's>>;

pub(super) struct Documents<'s> {
    name: String,
    splitter: Splitter<InputStream<'s>>,
    text: Vec<u8>,
    is_done: bool,
}

impl<'s> Documents<'s> {
    pub(super) fn new(path: &Path, reader: Box<dyn Read + 's>) -> Self {
        Self::of(path, Splitter::new(reader))
    }

    /// Continues where a scan in several threads has stopped: reads the documents in `rest`, and then those in the unread
    /// part of `supply`.
    pub(super) fn rest(path: &Path, rest: Rest, supply: &'s dyn Supply) -> Self {
        let Rest { text, state, line, column } = rest;
        let bytes: Box<dyn Read + 's> = Box::new(Cursor::new(text).chain(Remaining(supply)));
        Self::of(path, Splitter::resume(BufReader::with_capacity(256 * 1024, bytes), state, line, column))
    }

    fn of(path: &Path, splitter: Splitter<InputStream<'s>>) -> Self {
        Self { name: files::name(path), splitter, text: Vec::new(), is_done: false }
    }

    /// Whether reading the next document may wait for input.
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
        let text = self.text.trim_ascii();
        Some(match text.first() {
            Some(b'{') if piece.fault.is_none() => Item::Document(text, piece),
            _ => Item::Fault(no_document(&self.name, &self.text, &piece)),
        })
    }
}

/// An error about a document, with its file and line.
pub(super) fn fault(name: &str, line: usize, message: &str) -> Failure {
    Failure::syntax(format!("{name}:{line}: {message}")).with("file", Some(name)).with("line", Some(line))
}

/// The error of a text that is not a document.
pub(super) fn no_document(name: &str, text: &[u8], piece: &Piece) -> Failure {
    let (message, line, column) = what_is_wrong(text, piece);
    let rest = if piece.is_last { "; the rest is not read" } else { "" };
    let message = format!("{name}:{line}:{column}: {message}{rest}");
    Failure::syntax(message).with("file", Some(name)).with("line", Some(line))
}

/// The message of the error in a text, with its line and column.
fn what_is_wrong(text: &[u8], piece: &Piece) -> (String, usize, usize) {
    let here = |message: String| (message, piece.line, piece.column + 1);
    if let Some(fault) = &piece.fault {
        return here(fault.clone());
    }
    // The line break at the end is removed. An error at the end of the text is then on the last line, not on the line after
    // it.
    let text = text.trim_ascii_end();
    match crate::json::document(text) {
        Ok(other) => here(format!("expected a JSON object, found {}", kind(&other))),
        Err(error) => {
            let column = error.column() + if error.line() == 1 { piece.column } else { 0 };
            (files::no_json(text, &error), piece.line + error.line() - 1, column.max(1))
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
