//! Matches a compiled filter against the documents of one text.

use std::fmt;
use std::io::{self, Read};
use std::ops::ControlFlow;

use super::parallel;
use super::stream;
use super::supply::{Reader, Supply};
use super::walk::{Bad, Passing, Step, Walk};
use crate::filter::Matcher;

/// Options for scanning a text of many documents.
///
/// ```
/// let options = scim_engine::scan::ScanOptions::default().threads(2).stop_at_fault(true);
/// assert_eq!(options, options.clone());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScanOptions {
    /// The number of threads; 0 means one for each processor. WebAssembly always has one.
    pub threads: usize,
    /// Whether the text is trusted: see [`Matcher::matches_trusted`].
    pub trusted: bool,
    /// Whether the scan ends at the first text that is not a document.
    pub stop_at_fault: bool,
    /// The scan ends after this number of matches; `None` finds all.
    pub max_matches: Option<usize>,
}

impl Default for ScanOptions {
    fn default() -> Self {
        Self { threads: 1, trusted: false, stop_at_fault: false, max_matches: None }
    }
}

impl ScanOptions {
    /// Sets the number of threads; 0 means one for each processor.
    #[must_use]
    pub fn threads(self, threads: usize) -> Self {
        Self { threads, ..self }
    }

    /// Sets whether the text is trusted. In trusted text each document of a sequence is on a line of its own, and only the
    /// first value may be a ListResponse.
    #[must_use]
    pub fn trusted(self, trusted: bool) -> Self {
        Self { trusted, ..self }
    }

    /// Sets whether the scan ends at the first text that is not a document.
    #[must_use]
    pub fn stop_at_fault(self, stop_at_fault: bool) -> Self {
        Self { stop_at_fault, ..self }
    }

    /// Ends the scan after this number of matches.
    ///
    /// ```
    /// use scim_engine::{Filter, ResourceType, scan::ScanOptions};
    /// let matcher = "title pr".parse::<Filter>()?.compile(&ResourceType::user())?;
    /// let text = b"{\"title\": \"Guide\"}\n{\"title\": \"Cook\"}\n";
    /// let found = matcher.scan(text, &ScanOptions::default().max_matches(1));
    /// assert_eq!((found.matches.len(), found.tally.documents), (1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn max_matches(self, max_matches: usize) -> Self {
        Self { max_matches: Some(max_matches), ..self }
    }

    fn workers(self) -> usize {
        match self.threads {
            // WebAssembly has no threads to start. One finds the same.
            _ if cfg!(target_family = "wasm") => 1,
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        }
    }
}

/// A document of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Scanned<'t> {
    /// Its text, without surrounding blanks.
    pub text: &'t [u8],
    /// The offset of its first byte.
    pub offset: usize,
    /// The line in which it begins, from 1.
    pub line: usize,
    /// The number of documents before it, good or bad.
    pub number: usize,
    /// Whether it satisfies the filter.
    pub is_match: bool,
}

/// Text in the place of a document that is not one, or a document that is nested too deep to be matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadDocument {
    line: usize,
    column: usize,
    number: usize,
    reason: String,
    is_last: bool,
}

impl BadDocument {
    /// The line of the fault, from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The byte in that line, from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// The number of documents before it, good or bad.
    pub fn number(&self) -> usize {
        self.number
    }

    /// The fault, without its position.
    pub fn message(&self) -> &str {
        &self.reason
    }

    /// Whether the rest of the text could not be read because of it.
    pub fn is_last(&self) -> bool {
        self.is_last
    }

    /// The fault of a document after which nothing more can be read.
    #[cfg(feature = "python")]
    pub(crate) fn unreadable(line: usize, number: usize, reason: String) -> Self {
        Self { line, column: 1, number, reason, is_last: true }
    }

    /// Restores one that was pickled.
    #[cfg(feature = "python")]
    pub(crate) fn again(line: usize, column: usize, number: usize, reason: String, is_last: bool) -> Self {
        Self { line, column, number, reason, is_last }
    }

    fn new(bad: &Bad, number: usize) -> Self {
        let Bad { piece, text, error } = bad;
        let is_last = piece.is_last;
        let here = |reason: String| Self { line: piece.line, column: piece.column + 1, number, reason, is_last };
        match (&piece.fault, error) {
            (Some(fault), _) => here(fault.clone()),
            (None, None) => here(format!("expected a JSON object, found {}", kind(text))),
            (None, Some(error)) if !error.is_syntax() => here(error.message().to_owned()),
            (None, Some(error)) => Self {
                line: piece.line + error.line() - 1,
                column: error.column() + if error.line() == 1 { piece.column } else { 0 },
                number,
                reason: format!("invalid JSON: {}", error.message()),
                is_last,
            },
        }
    }
}

fn kind(text: &[u8]) -> &'static str {
    match text.first() {
        Some(b'n') => "null",
        Some(b't' | b'f') => "a boolean",
        Some(b'"') => "a string",
        Some(b'[') => "a list",
        _ => "a number",
    }
}

impl fmt::Display for BadDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at line {} column {}", self.reason, self.line, self.column)?;
        if self.is_last { f.write_str("; the rest is not read") } else { Ok(()) }
    }
}

impl std::error::Error for BadDocument {}

/// An item of a text: each is a document, or is in the place of one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Item<'t> {
    /// A document, whether it matches or not.
    Document(Scanned<'t>),
    /// Text that is not a document.
    Bad(BadDocument),
}

/// The counts of a scan.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Tally {
    /// The documents, good or bad.
    pub documents: usize,
    /// The documents that match.
    pub matches: usize,
    /// The bad ones.
    pub faults: usize,
}

/// The result of a scan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found<'t> {
    /// The documents that match, in the order of the text.
    pub matches: Vec<Scanned<'t>>,
    /// The first [`Found::MAX_FAULTS`] faults, and the last of all if the rest of the text could not be read because of it.
    /// `tally.faults` counts all.
    pub faults: Vec<BadDocument>,
    /// The counts.
    pub tally: Tally,
}

impl Found<'_> {
    /// The most faults that are kept. A line of two bytes can be one, which takes fifty times its memory.
    pub const MAX_FAULTS: usize = 1_000;

    /// Keeps a fault if there is room for it, or if it says that the rest could not be read.
    pub(crate) fn keep(faults: &mut Vec<BadDocument>, bad: BadDocument) {
        if faults.len() < Self::MAX_FAULTS || bad.is_last {
            faults.push(bad);
        }
    }
}

impl Matcher {
    /// Finds the documents of a text that satisfy the filter. The text has a document on each line (NDJSON), documents one
    /// after the other, arrays of documents, or ListResponses (whose `Resources` are the documents); its contents decide.
    /// Anything that is not a JSON object is reported with its line, and the scan continues after it.
    ///
    /// ```
    /// use scim_engine::{Filter, ResourceType, scan::ScanOptions};
    /// let matcher = "title pr".parse::<Filter>()?.compile(&ResourceType::user())?;
    /// let text = b"{\"title\": \"Guide\"}\n{\"title\": \n{\"userName\": \"bo\"}\n";
    /// let found = matcher.scan(text, &ScanOptions::default().threads(2));
    /// assert_eq!(found.matches[0].text, b"{\"title\": \"Guide\"}");
    /// assert_eq!(found.faults[0].line(), 2);
    /// assert_eq!((found.tally.documents, found.tally.matches, found.tally.faults), (3, 1, 1));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn scan<'t>(&self, text: &'t [u8], options: &ScanOptions) -> Found<'t> {
        let mut found = Found::default();
        let tally = self.scan_each(text, options, |item| {
            match item {
                Item::Document(document) if document.is_match => found.matches.push(document),
                Item::Document(_) => {}
                Item::Bad(bad) => Found::keep(&mut found.faults, bad),
            }
            ControlFlow::Continue(())
        });
        Found { tally, ..found }
    }

    /// Counts the documents of a text that satisfy the filter, as [`Matcher::scan`] finds them.
    pub fn count(&self, text: &[u8], options: &ScanOptions) -> Tally {
        self.scan_each(text, options, |_| ControlFlow::Continue(()))
    }

    /// Calls `each` with every document of a text in order, until it breaks: with the documents that do not match, too.
    /// Only the calling thread calls it.
    pub fn scan_each<'t>(
        &self,
        text: &'t [u8],
        options: &ScanOptions,
        mut each: impl FnMut(Item<'t>) -> ControlFlow<()>,
    ) -> Tally {
        let mut tally = Tally::default();
        if options.max_matches == Some(0) {
            return tally;
        }
        let mut walk = Walk::new(self, options.trusted);
        // A break only says that `each` wants no more.
        let _ = parallel::steps(&mut walk, text, options.workers(), &mut |step| {
            each(tally.take(text, 0, step))?;
            tally.is_enough(options)
        });
        tally
    }

    /// Scans the bytes of a reader as [`Matcher::scan_each`] scans a text. It keeps a few blocks of half a MiB in memory. With
    /// several threads, each reads its own blocks, one thread at a time.
    ///
    /// ```
    /// use scim_engine::{Filter, ResourceType, scan::{Item, ScanOptions}};
    /// use std::ops::ControlFlow;
    /// let matcher = "title pr".parse::<Filter>()?.compile(&ResourceType::user())?;
    /// let input = std::io::Cursor::new(b"[{\"title\": \"Guide\"}, {\"userName\": \"bo\"}]");
    /// let tally = matcher.scan_reader(input, &ScanOptions::default(), |item| {
    ///     if let Item::Document(document) = item {
    ///         assert_eq!(document.is_match, document.number == 0);
    ///     }
    ///     ControlFlow::Continue(())
    /// })?;
    /// assert_eq!(tally.matches, 1);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// Those of the reader, after `each` has had the documents before, and [`InvalidData`](io::ErrorKind::InvalidData) if a
    /// document is longer than 256 MiB.
    pub fn scan_reader(
        &self,
        reader: impl Read + Send,
        options: &ScanOptions,
        each: impl FnMut(Item<'_>) -> ControlFlow<()>,
    ) -> io::Result<Tally> {
        self.scan_supply(&Reader::new(reader), options, each)
    }

    /// Scans any source of bytes as [`Matcher::scan_reader`] scans a reader.
    pub(crate) fn scan_supply(
        &self,
        supply: &dyn Supply,
        options: &ScanOptions,
        mut each: impl FnMut(Item<'_>) -> ControlFlow<()>,
    ) -> io::Result<Tally> {
        let mut tally = Tally::default();
        if options.max_matches == Some(0) {
            return Ok(tally);
        }
        let mut walk = Walk::new(self, options.trusted);
        let rest =
            stream::steps(supply, &mut walk, options.workers(), &mut |text: &[u8], before: usize, step: Step| {
                each(tally.take(text, before, step))?;
                tally.is_enough(options)
            })?;
        match rest {
            None => Ok(tally),
            Some(rest) => {
                let message = format!("the document at line {} is too long: at most 256 MiB are read", rest.line);
                Err(io::Error::new(io::ErrorKind::InvalidData, message))
            }
        }
    }
}

impl Tally {
    /// Counts the next document of a text.
    fn take<'t>(&mut self, text: &'t [u8], before: usize, step: Step) -> Item<'t> {
        let number = self.documents;
        self.documents += 1;
        match step {
            Step::Document(Passing { start, end, line, holds }) => {
                self.matches += usize::from(holds);
                let text = text.get(start..end).unwrap_or_default();
                Item::Document(Scanned { text, offset: before + start, line, number, is_match: holds })
            }
            Step::Bad(bad) => {
                self.faults += 1;
                Item::Bad(BadDocument::new(&bad, number))
            }
        }
    }

    fn is_enough(self, options: &ScanOptions) -> ControlFlow<()> {
        let is_over = options.stop_at_fault && self.faults > 0
            || options.max_matches.is_some_and(|max_matches| self.matches >= max_matches);
        if is_over { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// The error of a document in a text of many, with the line in that text.
impl From<BadDocument> for crate::error::ScimError {
    fn from(bad: BadDocument) -> Self {
        Self::new(crate::error::ScimType::InvalidSyntax, bad.to_string())
    }
}
