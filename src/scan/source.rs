//! A stream of bytes with line and column, some of which may be read twice.

use std::io::{self, BufRead};

use super::brackets::{Ended, Scan};

/// The most bytes of one document that are kept of a stream. As a value it takes about 6 times the memory.
pub(crate) const MAX_BYTES: usize = 256 * 1024 * 1024;

/// The bytes, with what was put back before them, and where they stand.
pub(super) struct Source<R> {
    reader: R,
    again: Vec<u8>,
    at: usize,
    /// Bytes gone over; those that were put back are still to come.
    pub offset: usize,
    /// From 1.
    pub line: usize,
    /// Bytes before this one in the line.
    pub column: usize,
}

#[cfg(feature = "cli")]
impl<R: io::Read> Source<io::BufReader<R>> {
    pub(super) fn is_empty(&self) -> bool {
        self.at >= self.again.len() && self.reader.buffer().is_empty()
    }
}

impl<R: BufRead> Source<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, again: Vec::new(), at: 0, offset: 0, line: 1, column: 0 }
    }

    /// The bytes at hand; none at the end.
    pub(super) fn chunk(&mut self) -> io::Result<&[u8]> {
        if self.at < self.again.len() {
            return Ok(self.again.get(self.at..).unwrap_or_default());
        }
        while let Err(error) = self.reader.fill_buf() {
            if error.kind() != io::ErrorKind::Interrupted {
                return Err(error);
            }
        }
        // What is at hand is given again.
        self.reader.fill_buf()
    }

    /// Goes over bytes of the chunk.
    pub(super) fn consume(&mut self, count: usize) -> io::Result<()> {
        let bytes = self.chunk()?.get(..count).unwrap_or_default();
        let lines = line_ends(bytes);
        let after = bytes.iter().rev().position(|byte| *byte == b'\n');
        self.line += lines;
        self.column = after.unwrap_or(self.column + count);
        self.offset += count;
        if self.at < self.again.len() {
            self.at += count;
        } else {
            self.reader.consume(count);
        }
        Ok(())
    }

    pub(super) fn peek(&mut self) -> io::Result<Option<u8>> {
        Ok(self.chunk()?.first().copied())
    }

    pub(super) fn skip_while(&mut self, is_skipped: impl Fn(u8) -> bool) -> io::Result<()> {
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

    pub(super) fn skip_blanks(&mut self) -> io::Result<()> {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
    }

    pub(super) fn skip_spaces(&mut self) -> io::Result<()> {
        self.skip_while(|byte| matches!(byte, b' ' | b'\t' | b'\r'))
    }

    /// Goes to the next line that begins with a bracket.
    pub(super) fn skip_lines(&mut self) -> io::Result<()> {
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
    pub(super) fn take_line(&mut self, text: &mut Vec<u8>, most: usize) -> io::Result<()> {
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
    pub(super) fn take_simple(&mut self, text: &mut Vec<u8>, most: usize) -> io::Result<()> {
        while let Some(byte) = self.peek()? {
            if byte.is_ascii_whitespace() || matches!(byte, b',' | b']' | b'}' | b'[' | b'{' | b'"') {
                return Ok(());
            }
            if text.len() < most {
                text.push(byte);
            }
            self.consume(1)?;
        }
        Ok(())
    }

    /// Has bytes read once more, from the beginning of a line, which is there in the stream.
    pub(super) fn put_back(&mut self, bytes: &[u8], line: usize, offset: usize) {
        self.offset = offset;
        let mut again = bytes.to_vec();
        again.extend_from_slice(self.again.get(self.at..).unwrap_or_default());
        self.again = again;
        self.at = 0;
        self.line = line;
        self.column = 0;
    }

    /// Appends a value, to its end or to where it cannot go on.
    pub(super) fn scan(&mut self, scan: &mut Scan, text: &mut Vec<u8>) -> io::Result<Ended> {
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

pub(super) fn line_ends(bytes: &[u8]) -> usize {
    bytes.split(|byte| *byte == b'\n').count() - 1
}

/// What a text is that is not UTF-8, as far as can be told from its beginning.
pub(crate) fn other_encoding(bytes: &[u8]) -> Option<&'static str> {
    let start = bytes.get(..bytes.len().min(1024)).unwrap_or_default();
    if start.starts_with(b"\xff\xfe") || start.starts_with(b"\xfe\xff") {
        Some("UTF-16")
    } else if start.starts_with(b"\x1f\x8b") {
        Some("gzip")
    } else if start.contains(&0) {
        Some("binary")
    } else {
        None
    }
}
