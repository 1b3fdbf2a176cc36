//! A compiled filter asked of the bytes of one document.

use std::cell::Cell;

use super::error::{Fault, ScanError, What};
use super::reader;
use super::tape::Tape;
use crate::filter::Matcher;
use crate::json::without_mark;

thread_local! {
    /// The memory for notes, kept for the next document.
    static TAPE: Cell<Option<Box<Tape>>> = const { Cell::new(None) };
}

/// Notes that need more memory than this are not kept.
const MOST_KEPT: usize = 4096;

impl Matcher {
    /// Whether the document in a JSON text satisfies the filter, with no tree built: one pass over the bytes.
    ///
    /// *Checked*: every byte is held to the grammar of JSON, and to UTF-8, as `serde_json` does it. A text that is no JSON
    /// is an error, whatever the filter would have said. Two differences: numbers are read as what they are, also those
    /// beyond the range of a double, as `serde_json` does with its feature `arbitrary_precision`; and a byte order mark
    /// before the text is passed over (RFC 8259 §8.1).
    ///
    /// ```
    /// use scim_engine::{Filter, ResourceType};
    /// let filter: Filter = r#"emails[type eq "work" and value co "@example.com"]"#.parse()?;
    /// let matcher = filter.compile(&ResourceType::user())?;
    /// assert!(matcher.matches_slice(br#"{"emails": [{"type": "work", "value": "B@Example.com"}]}"#)?);
    /// assert!(matcher.matches_slice(br#"{"emails": [}"#).is_err());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`ScanError`]: what is wrong with the text, and where.
    pub fn matches_slice(&self, text: &[u8]) -> Result<bool, ScanError> {
        with_tape(|tape| self.matches_with::<true>(without_mark(text), tape))
    }

    /// As [`Matcher::matches_slice`], of a text that is known to be JSON, such as one that your platform wrote itself.
    ///
    /// *Trusted*: what the filter does not need may go unread, so also what is wrong there: the answer is then as if it was
    /// right. No object is taken to have two members with one name, nor with names that differ only in case (F14). Hostile
    /// text gives some answer or an error, and does no harm.
    ///
    /// # Errors
    /// As [`Matcher::matches_slice`], where what is wrong was noticed.
    pub fn matches_trusted(&self, text: &[u8]) -> Result<bool, ScanError> {
        with_tape(|tape| self.matches_with::<false>(without_mark(text), tape))
    }

    pub(super) fn matches_with<const CHECKED: bool>(&self, text: &[u8], tape: &mut Tape) -> Result<bool, ScanError> {
        reader::matches::<CHECKED>(text, self.plan(), tape).map_err(|Fault { at, what }| {
            ScanError::new(text, if matches!(what, What::TooDeep | What::NoObject) { 0 } else { at }, what)
        })
    }
}

fn with_tape<T>(f: impl FnOnce(&mut Tape) -> T) -> T {
    let mut tape = TAPE.take().unwrap_or_default();
    let result = f(&mut tape);
    if tape.nodes.capacity() <= MOST_KEPT && tape.index.as_ref().is_none_or(|index| index.capacity() <= MOST_KEPT) {
        TAPE.set(Some(tape));
    }
    result
}
