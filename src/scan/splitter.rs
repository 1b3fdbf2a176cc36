//! A stream of bytes cut into the texts of its documents, without reading more than one of them into memory. The brackets
//! and quotes are followed, the rest is left to the JSON parser.

use std::io::{self, BufRead};
#[cfg(any(feature = "cli", test))]
use std::io::{BufReader, Read};

use serde_json::Value;

use super::brackets::{Ended, Scan};
use super::source::{MAX_BYTES, Source, line_ends, other_encoding};
use crate::json::BOM;

/// The most that is kept of a line that is no document, for its message.
const MAX_JUNK: usize = 64 * 1024;

/// Where the text of a document began.
#[derive(Debug)]
pub(crate) struct Piece {
    /// Bytes before it.
    pub start: usize,
    /// From 1.
    pub line: usize,
    /// Bytes before it in its line.
    pub column: usize,
    /// What is wrong, where the text alone does not show it.
    pub fault: Option<String>,
    /// Whether all that follows is lost.
    pub is_last: bool,
}

pub(crate) struct Splitter<R> {
    source: Source<R>,
    state: State,
}

/// What the text that comes next is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum State {
    Start,
    /// Between documents.
    Top,
    /// In a list of documents, `elements` of them read; in `Resources` of a ListResponse or on its own.
    List {
        elements: usize,
        is_response: bool,
    },
    /// After `Resources` of a ListResponse.
    Tail,
    End,
}

#[cfg(any(feature = "cli", test))]
impl<R: Read> Splitter<BufReader<R>> {
    pub(crate) fn new(reader: R) -> Self {
        let reader = BufReader::with_capacity(256 * 1024, reader);
        Self { source: Source::new(reader), state: State::Start }
    }

    /// Whether the next document may have to be waited for.
    #[cfg(feature = "cli")]
    pub(crate) fn is_idle(&self) -> bool {
        self.source.is_empty()
    }
}

impl<R: BufRead> Splitter<R> {
    /// Goes on in the middle of a text, at this line and column.
    pub(crate) fn resume(reader: R, state: State, line: usize, column: usize) -> Self {
        let mut source = Source::new(reader);
        (source.line, source.column) = (line, column);
        Self { source, state }
    }

    /// What comes next, after how many bytes, in which line.
    pub(super) fn position(&self) -> (State, usize, usize) {
        (self.state, self.source.offset, self.source.line)
    }

    /// Puts the text of the next document into `text`. It may turn out to be no JSON, and never lacks an end only where
    /// it is.
    pub(crate) fn next(&mut self, text: &mut Vec<u8>) -> io::Result<Option<Piece>> {
        loop {
            text.clear();
            let piece = match self.state {
                State::Start => self.start()?,
                State::Top => {
                    self.source.skip_blanks()?;
                    match self.source.peek()? {
                        None => return Ok(None),
                        Some(b'[') => {
                            self.source.consume(1)?;
                            self.state = State::List { elements: 0, is_response: false };
                            None
                        }
                        Some(b'{') => self.object(text)?,
                        Some(_) => {
                            let piece = self.piece();
                            self.source.take_line(text, MAX_JUNK)?;
                            Some(piece)
                        }
                    }
                }
                State::List { elements, is_response } => self.element(text, elements, is_response)?,
                State::Tail => self.tail(text)?,
                State::End => return Ok(None),
            };
            if let Some(piece) = piece {
                if piece.is_last {
                    self.state = State::End;
                }
                return Ok(Some(piece));
            }
        }
    }

    fn piece(&self) -> Piece {
        Piece {
            start: self.source.offset,
            line: self.source.line,
            column: self.source.column,
            fault: None,
            is_last: false,
        }
    }

    fn start(&mut self) -> io::Result<Option<Piece>> {
        self.state = State::Top;
        let chunk = self.source.chunk()?;
        if let Some(encoding) = other_encoding(chunk) {
            let fault = format!("invalid JSON: this is {encoding}, not UTF-8 text");
            return Ok(Some(Piece { fault: Some(fault), is_last: true, ..self.piece() }));
        }
        if chunk.starts_with(BOM) {
            self.source.consume(BOM.len())?;
            self.source.column = 0;
        }
        Ok(None)
    }

    /// An object between documents: a document, or a ListResponse to go into.
    fn object(&mut self, text: &mut Vec<u8>) -> io::Result<Option<Piece>> {
        let mut piece = self.piece();
        let mut scan = Scan::of_object();
        loop {
            match self.source.scan(&mut scan, text)? {
                Ended::Closed if scan.is_too_long => break,
                Ended::Closed => {
                    // What follows on the line belongs to it, and spoils it, unless it is one more document.
                    self.source.skip_spaces()?;
                    match self.source.peek()? {
                        // Read now, so that nothing is left to read before the wait for the next one.
                        Some(b'\n') => self.source.consume(1)?,
                        None | Some(b'{' | b'[') => {}
                        Some(_) => self.source.take_line(text, text.len() + MAX_JUNK)?,
                    }
                    break;
                }
                Ended::Broken => {
                    self.recover(text, &piece, scan.is_too_long)?;
                    break;
                }
                Ended::Resources => match is_response(text) {
                    Some(true) => {
                        self.state = State::List { elements: 0, is_response: true };
                        return Ok(None);
                    }
                    Some(false) => scan.finds_resources = false,
                    None => {
                        piece.is_last = true;
                        return Ok(Some(piece));
                    }
                },
            }
        }
        if scan.is_too_long {
            piece.fault = Some(too_long());
        }
        Ok(Some(piece))
    }

    /// After a document that does not end: goes to where the next one may begin, be it in what was read already.
    fn recover(&mut self, text: &mut Vec<u8>, piece: &Piece, is_too_long: bool) -> io::Result<()> {
        let is_one_line = !text.contains(&b'\n');
        self.source.take_line(text, text.len() + MAX_JUNK)?;
        if is_too_long {
            return self.source.skip_lines();
        }
        let next = text.windows(2).position(|pair| matches!(pair, [b'\n', b'{' | b'['])).map(|at| at + 1);
        match next {
            Some(next) => {
                let rest = text.split_off(next);
                let line = piece.line + line_ends(text);
                self.source.put_back(&rest, line, piece.start + next);
                Ok(())
            }
            None if is_one_line => Ok(()),
            None => self.source.skip_lines(),
        }
    }

    fn element(&mut self, text: &mut Vec<u8>, elements: usize, is_response: bool) -> io::Result<Option<Piece>> {
        self.source.skip_blanks()?;
        let mut piece = self.piece();
        let mut next = self.source.peek()?;
        if next == Some(b']') {
            self.source.consume(1)?;
            self.state = if is_response { State::Tail } else { State::Top };
            return Ok(None);
        }
        let fault = |piece: Piece, what: &str| {
            let fault = format!("invalid JSON: {what}");
            Ok(Some(Piece { fault: Some(fault), is_last: true, ..piece }))
        };
        if elements > 0 && next.is_some() {
            if next != Some(b',') {
                return fault(piece, "expected `,` or `]` after an element of the list");
            }
            self.source.consume(1)?;
            self.source.skip_blanks()?;
            piece = self.piece();
            next = self.source.peek()?;
        }
        match next {
            None => return fault(piece, "the list has no end"),
            Some(b',' | b':' | b'}' | b']') => return fault(piece, "expected an element of the list"),
            Some(b'{' | b'[' | b'"') => {
                let mut scan = Scan::default();
                piece.is_last = !matches!(self.source.scan(&mut scan, text)?, Ended::Closed);
                if scan.is_too_long {
                    piece.fault = Some(too_long());
                }
            }
            Some(_) => self.source.take_simple(text, MAX_JUNK)?,
        }
        self.state = State::List { elements: elements + 1, is_response };
        Ok(Some(piece))
    }

    fn tail(&mut self, text: &mut Vec<u8>) -> io::Result<Option<Piece>> {
        let piece = self.piece();
        text.extend_from_slice(b"{\"\":[]");
        let mut scan = Scan::after_list();
        let ended = self.source.scan(&mut scan, text)?;
        self.state = State::Top;
        if matches!(ended, Ended::Closed) && serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok() {
            return Ok(None);
        }
        let fault = "invalid JSON: the list response has no proper end".to_owned();
        Ok(Some(Piece { fault: Some(fault), is_last: true, ..piece }))
    }
}

fn too_long() -> String {
    format!("too long: at most {} MiB are read as one document", MAX_BYTES / (1024 * 1024))
}

/// Whether an object that begins with `text` and goes on with a list is a ListResponse; none if it is no JSON.
fn is_response(text: &[u8]) -> Option<bool> {
    let whole = [text, b"]}"].concat();
    let Ok(Value::Object(members)) = serde_json::from_slice(&whole) else { return None };
    let is_list = |urn: &Value| {
        urn.as_str().is_some_and(|urn| {
            let urn = urn.to_ascii_lowercase();
            // SCIM 1.x gave its lists the schema of their resources.
            urn.ends_with(":listresponse") || urn.starts_with("urn:scim:schemas:core:1.")
        })
    };
    let schemas = members.iter().find(|(name, _)| name.eq_ignore_ascii_case("schemas"));
    Some(schemas.is_none_or(|(_, urns)| urns.as_array().is_some_and(|urns| urns.iter().any(is_list))))
}

#[cfg(test)]
#[allow(clippy::indexing_slicing, clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::scan::level::tests::at_every_level;

    /// Gives one byte at a time, so that every boundary falls everywhere.
    struct Trickle<'a>(&'a [u8]);

    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let count = self.0.len().min(1);
            self.0.read(&mut buffer[..count])
        }
    }

    fn pieces(reader: impl Read) -> Vec<(String, usize, usize, Option<String>, bool)> {
        let mut splitter = Splitter::new(reader);
        let (mut text, mut found) = (Vec::new(), Vec::new());
        while let Some(Piece { line, column, fault, is_last, .. }) = splitter.next(&mut text).unwrap() {
            let text = String::from_utf8(text.clone()).unwrap();
            found.push((text.trim_end().to_owned(), line, column, fault, is_last));
        }
        found
    }

    #[test]
    fn how_bytes_arrive_does_not_matter() {
        let texts = [
            "{\"a\":1}\n{\"b\":\"}\\\"{\"}\r\n\n {\"c\":[{}]} {\"d\":1}\n",
            "[{\"a\":1},\n 2, \"x,]\" ,[3],null ]\n{\"b\":{}}",
            "{\"schemas\":[\"x:ListResponse\"],\"RESOURCES\":[{\"a\":1},{}],\"n\":[1]}\n{\"b\":1}",
            "{\"Resources\":{\"a\":[]}}\n{\"x\":{\"Resources\":[]}}\n{\"Resources\":[]}",
            "{\"a\":\"\n{\"b\":1\n{\"c\":[\n{\"d\":1}\njunk\n{\n \"e\": 1\n \"f\": 2\n}\n{\n \"g\":\n 1\n}\n",
            "[{\"a\":1} 2]",
            "{\"a\":1]}\n{\"b\":1} x\n\u{e9}\n{\"c\":1}",
        ];
        for text in texts {
            let whole = pieces(text.as_bytes());
            assert!(whole.len() > 1, "{text}");
            at_every_level(|level| {
                assert_eq!(whole, pieces(text.as_bytes()), "{text} {level:?}");
                assert_eq!(whole, pieces(Trickle(text.as_bytes())), "{text} {level:?}");
            });
        }
    }

    #[test]
    fn where_documents_begin() {
        let places = |text: &str| -> Vec<(String, usize, usize)> {
            pieces(text.as_bytes()).into_iter().map(|(text, line, column, ..)| (text, line, column)).collect()
        };
        let place = |text: &str, line, column| (text.to_owned(), line, column);
        assert_eq!(
            places("\u{feff}{\"a\":1} {\"b\":\n1}\n[{},\n  7]"),
            [place("{\"a\":1}", 1, 0), place("{\"b\":\n1}", 1, 8), place("{}", 3, 1), place("7", 4, 2)]
        );
        assert_eq!(
            places("{\"a\":[\n{\"b\":1}\n{\"c\":1}"),
            [place("{\"a\":[", 1, 0), place("{\"b\":1}", 2, 0), place("{\"c\":1}", 3, 0)]
        );
    }
}
