//! A stream of bytes cut into the texts of its documents, without reading more than one of them into memory. The brackets
//! and quotes are followed, the rest is left to the JSON parser.

use std::io::{self, BufRead, BufReader, Read};

use serde_json::Value;

use super::files::{BOM, MAX_BYTES, other_encoding};

/// Brackets within each other that are followed; far more than the JSON parser reads.
const MAX_DEPTH: usize = 1024;
/// The most that is kept of a line that is no document, for its message.
const MAX_JUNK: usize = 64 * 1024;

/// Where the text of a document began.
#[derive(Debug)]
pub(super) struct Piece {
    /// From 1.
    pub line: usize,
    /// Bytes before it in its line.
    pub column: usize,
    /// What is wrong, where the text alone does not show it.
    pub fault: Option<String>,
    /// Whether all that follows is lost.
    pub is_last: bool,
}

pub(super) struct Splitter<R> {
    source: Source<R>,
    state: State,
}

enum State {
    Start,
    /// Between documents.
    Top,
    /// In a list of documents, `elements` of them read; in `Resources` of a ListResponse or on its own.
    List { elements: usize, is_response: bool },
    /// After `Resources` of a ListResponse.
    Tail,
    End,
}

impl<R: Read> Splitter<R> {
    pub(super) fn new(reader: R) -> Self {
        let reader = BufReader::with_capacity(256 * 1024, reader);
        Self { source: Source { reader, again: Vec::new(), at: 0, line: 1, column: 0 }, state: State::Start }
    }

    /// Whether the next document may have to be waited for.
    pub(super) fn is_idle(&self) -> bool {
        self.source.is_empty()
    }

    /// Puts the text of the next document into `text`. It may turn out to be no JSON, and never lacks an end only where
    /// it is.
    pub(super) fn next(&mut self, text: &mut Vec<u8>) -> io::Result<Option<Piece>> {
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
        Piece { line: self.source.line, column: self.source.column, fault: None, is_last: false }
    }

    fn start(&mut self) -> io::Result<Option<Piece>> {
        self.state = State::Top;
        let chunk = self.source.chunk()?;
        if let Some(encoding) = other_encoding(chunk) {
            let fault = format!("not readable as JSON: this is {encoding}, not UTF-8 text");
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
        let mut scan = Scan { finds_resources: true, ..Scan::default() };
        loop {
            match self.source.scan(&mut scan, text)? {
                Ended::Closed if scan.is_too_long => break,
                Ended::Closed => {
                    // What follows on the line belongs to it, and spoils it, unless it is one more document.
                    self.source.skip_spaces()?;
                    if !matches!(self.source.peek()?, None | Some(b'\n' | b'{' | b'[')) {
                        self.source.take_line(text, text.len() + MAX_JUNK)?;
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
                let line = piece.line + text.iter().filter(|byte| **byte == b'\n').count();
                self.source.put_back(&rest, line);
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
            let fault = format!("not readable as JSON: {what}");
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
            Some(_) => self.source.take_simple(text)?,
        }
        self.state = State::List { elements: elements + 1, is_response };
        Ok(Some(piece))
    }

    fn tail(&mut self, text: &mut Vec<u8>) -> io::Result<Option<Piece>> {
        let piece = self.piece();
        text.extend_from_slice(b"{\"\":[]");
        let mut scan = Scan { kinds: vec![Kind::Object], last: b']', ..Scan::default() };
        let ended = self.source.scan(&mut scan, text)?;
        self.state = State::Top;
        if matches!(ended, Ended::Closed) && serde_json::from_slice::<serde::de::IgnoredAny>(text).is_ok() {
            return Ok(None);
        }
        let fault = "not readable as JSON: the list response has no proper end".to_owned();
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

/// The bytes, with what was put back before them, and where they stand.
struct Source<R> {
    reader: BufReader<R>,
    again: Vec<u8>,
    at: usize,
    line: usize,
    column: usize,
}

impl<R: Read> Source<R> {
    fn is_empty(&self) -> bool {
        self.at >= self.again.len() && self.reader.buffer().is_empty()
    }

    /// The bytes at hand; none at the end.
    fn chunk(&mut self) -> io::Result<&[u8]> {
        if self.at < self.again.len() {
            return Ok(self.again.get(self.at..).unwrap_or_default());
        }
        while let Err(error) = self.reader.fill_buf() {
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        }
        Ok(self.reader.buffer())
    }

    /// Goes over bytes of the chunk.
    fn consume(&mut self, count: usize) -> io::Result<()> {
        let bytes = self.chunk()?.get(..count).unwrap_or_default();
        let lines = bytes.iter().filter(|byte| **byte == b'\n').count();
        let after = bytes.iter().rev().position(|byte| *byte == b'\n');
        self.line += lines;
        self.column = after.unwrap_or(self.column + count);
        if self.at < self.again.len() {
            self.at += count;
        } else {
            self.reader.consume(count);
        }
        Ok(())
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.chunk()?.first().copied())
    }

    fn skip_while(&mut self, is_skipped: impl Fn(u8) -> bool) -> io::Result<()> {
        loop {
            let chunk = self.chunk()?;
            let end = chunk.iter().position(|byte| !is_skipped(*byte));
            let count = end.unwrap_or(chunk.len());
            let is_done = end.is_some() || chunk.is_empty();
            self.consume(count)?;
            if is_done {
                return Ok(());
            }
        }
    }

    fn skip_blanks(&mut self) -> io::Result<()> {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
    }

    fn skip_spaces(&mut self) -> io::Result<()> {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
    }

    /// Goes to the next line that begins with a bracket.
    fn skip_lines(&mut self) -> io::Result<()> {
        while !matches!(self.peek()?, None | Some(b'{' | b'[')) || self.column > 0 {
            self.skip_while(|byte| byte != b'\n')?;
            if self.peek()?.is_none() {
                return Ok(());
            }
            self.consume(1)?;
        }
        Ok(())
    }

    /// Appends the rest of the line, its end too, and keeps `most` bytes.
    fn take_line(&mut self, text: &mut Vec<u8>, most: usize) -> io::Result<()> {
        loop {
            let chunk = self.chunk()?;
            let end = chunk.iter().position(|byte| *byte == b'\n').map(|end| end + 1);
            let count = end.unwrap_or(chunk.len());
            let kept = count.min(most.saturating_sub(text.len()));
            text.extend_from_slice(chunk.get(..kept).unwrap_or_default());
            let is_done = end.is_some() || chunk.is_empty();
            self.consume(count)?;
            if is_done {
                return Ok(());
            }
        }
    }

    /// Appends a simple value of a list.
    fn take_simple(&mut self, text: &mut Vec<u8>) -> io::Result<()> {
        while let Some(byte) = self.peek()? {
            if byte.is_ascii_whitespace() || matches!(byte, b',' | b']' | b'}' | b'[' | b'{' | b'"') {
                return Ok(());
            }
            if text.len() < MAX_JUNK {
                text.push(byte);
            }
            self.consume(1)?;
        }
        Ok(())
    }

    /// Has bytes read once more, from the beginning of a line.
    fn put_back(&mut self, bytes: &[u8], line: usize) {
        let mut again = bytes.to_vec();
        again.extend_from_slice(self.again.get(self.at..).unwrap_or_default());
        self.again = again;
        self.at = 0;
        self.line = line;
        self.column = 0;
    }

    /// Appends a value, to its end or to where it cannot go on.
    fn scan(&mut self, scan: &mut Scan, text: &mut Vec<u8>) -> io::Result<Ended> {
        loop {
            let chunk = self.chunk()?;
            if chunk.is_empty() {
                return Ok(Ended::Broken);
            }
            let mut used = 0;
            let mut ended = None;
            while ended.is_none() {
                let Some(rest) = chunk.get(used..).filter(|rest| !rest.is_empty()) else { break };
                let plain = scan.plain(rest);
                if plain > 0 {
                    scan.keep(text, rest.get(..plain).unwrap_or_default());
                    used += plain;
                    continue;
                }
                let byte = rest.first().copied().unwrap_or_default();
                ended = scan.step(byte, text);
                if !matches!(ended, Some(Ended::Broken)) {
                    scan.keep(text, &[byte]);
                    used += 1;
                }
            }
            self.consume(used)?;
            if let Some(ended) = ended {
                return Ok(ended);
            }
        }
    }
}

/// How a value went on.
enum Ended {
    Closed,
    /// It cannot end any more: the byte that says so is not part of it.
    Broken,
    /// It is an object whose member `Resources` is a list, just begun.
    Resources,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Object,
    List,
}

/// Where in a value the scan is.
#[derive(Default)]
struct Scan {
    /// The open brackets.
    kinds: Vec<Kind>,
    in_string: bool,
    is_escaped: bool,
    /// The last byte that is no blank; of a string its closing quote.
    last: u8,
    /// Whether a line ended after it.
    is_new_line: bool,
    /// Where the name of a member of the outermost object begins and ends in the text.
    name: (usize, usize),
    finds_resources: bool,
    is_too_long: bool,
}

impl Scan {
    fn keep(&mut self, text: &mut Vec<u8>, bytes: &[u8]) {
        if text.len() + bytes.len() > MAX_BYTES {
            self.is_too_long = true;
            self.finds_resources = false;
        } else if !self.is_too_long {
            text.extend_from_slice(bytes);
        }
    }

    /// How many bytes say nothing about the structure.
    fn plain(&self, bytes: &[u8]) -> usize {
        if !self.in_string || self.is_escaped {
            return 0;
        }
        bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | b'\n')).unwrap_or(bytes.len())
    }

    fn step(&mut self, byte: u8, text: &[u8]) -> Option<Ended> {
        if self.in_string {
            return self.step_in_string(byte, text);
        }
        match byte {
            b' ' | b'\t' | b'\r' => return None,
            b'\n' => {
                self.is_new_line = true;
                return None;
            }
            _ if self.is_new_line && !self.may_go_on(byte) => return Some(Ended::Broken),
            _ => self.is_new_line = false,
        }
        let is_resources = self.finds_resources && byte == b'[' && self.is_resources(text);
        match byte {
            b'"' => {
                self.in_string = true;
                if self.kinds.len() == 1 && matches!(self.last, b'{' | b',') {
                    self.name = (text.len() + 1, 0);
                }
            }
            b'{' | b'[' if self.kinds.len() >= MAX_DEPTH => return Some(Ended::Broken),
            b'{' => self.kinds.push(Kind::Object),
            b'[' => self.kinds.push(Kind::List),
            b'}' | b']' => {
                let kind = if byte == b'}' { Kind::Object } else { Kind::List };
                if self.kinds.pop() != Some(kind) {
                    return Some(Ended::Broken);
                }
                if self.kinds.is_empty() {
                    return Some(Ended::Closed);
                }
            }
            _ => {}
        }
        self.last = byte;
        is_resources.then_some(Ended::Resources)
    }

    fn step_in_string(&mut self, byte: u8, text: &[u8]) -> Option<Ended> {
        match byte {
            // No string goes over a line: it has lost its end.
            b'\n' => return Some(Ended::Broken),
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' => self.is_escaped = true,
            _ => {
                self.in_string = false;
                self.last = b'"';
                if self.name.1 == 0 {
                    self.name.1 = text.len();
                }
                if self.kinds.is_empty() {
                    return Some(Ended::Closed);
                }
            }
        }
        None
    }

    fn is_resources(&self, text: &[u8]) -> bool {
        let (start, end) = self.name;
        let name = text.get(start..end).unwrap_or_default();
        self.kinds.len() == 1 && self.last == b':' && name.eq_ignore_ascii_case(b"Resources")
    }

    /// Whether the value may go on in a new line with this byte. If not, the line before it lacks its end, and this is the
    /// next document.
    fn may_go_on(&self, byte: u8) -> bool {
        let is_object = self.kinds.last() == Some(&Kind::Object);
        match self.last {
            b'{' => matches!(byte, b'"' | b'}'),
            b',' if is_object => byte == b'"',
            b'[' => !matches!(byte, b',' | b':' | b'}'),
            b',' | b':' => !matches!(byte, b',' | b':' | b'}' | b']'),
            _ => matches!(byte, b',' | b':' | b'}' | b']'),
        }
    }
}
