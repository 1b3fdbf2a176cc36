//! Matches a compiled filter against the bytes of one document.

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
    /// Whether the document in a JSON text satisfies the filter. It scans the bytes once and builds no tree.
    ///
    /// *Checked*: every byte must follow the grammar of JSON and be UTF-8, as `serde_json` demands. A text that is not JSON
    /// is an error, whatever the filter says. There are two differences from `serde_json`. Numbers keep their exact value,
    /// even beyond the range of a double, as with its feature `arbitrary_precision`. And a byte order mark before the text
    /// is skipped (RFC 8259 §8.1).
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
    /// [`ScanError`], which says what is wrong with the text, and where.
    pub fn matches_slice(&self, text: &[u8]) -> Result<bool, ScanError> {
        with_tape(|tape| self.matches_with::<true>(without_mark(text), tape))
    }

    /// Matches as [`Matcher::matches_slice`] does, but assumes that the text is JSON. Use it for text that your platform has
    /// written itself.
    ///
    /// *Trusted*: the parts that the filter does not need may stay unread, and faults in them unnoticed. No object is expected
    /// to have two members with the same name, nor with names that differ only in case. Hostile text gives some answer or an
    /// error, and does no harm.
    ///
    /// # Errors
    /// As [`Matcher::matches_slice`], for the faults that it notices.
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
