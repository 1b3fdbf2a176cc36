//! A text gone over with its quotes known.

use super::cursor::{Cursor, Gone, MAX_OPEN, Stop};
use super::error::What;
use super::index::Index;
use super::reader::{LIST, Pass};
use crate::filter::name_trie::TrieNode;

/// Brackets that are followed where they are checked.
const MAX_DEPTH: usize = 64;

/// A place in an object. If `TRUSTED`, the text is taken to be JSON; if not, all that is gone over is held to the grammar but for
/// what [`Index`] looks at, and where it fails is not told.
pub(super) struct Marked<'t, 'i, const TRUSTED: bool> {
    text: &'t [u8],
    index: &'i mut Index,
    /// The next byte, outside of strings.
    pub at: usize,
    fault: (usize, What),
}

impl<'t, 'i, const TRUSTED: bool> Marked<'t, 'i, TRUSTED> {
    pub(super) fn new(text: &'t [u8], at: usize, index: &'i mut Index) -> Self {
        Self { text, index, at, fault: (0, What::End) }
    }

    #[inline]
    fn byte(&self, at: usize) -> u8 {
        self.text.get(at).copied().unwrap_or(0)
    }

    /// The next byte from `at` on that is no blank; `at` goes there.
    #[inline]
    fn next(&self, at: &mut usize) -> u8 {
        let byte = self.byte(*at);
        if byte > b' ' {
            return byte;
        }
        *at = self.after_blanks(*at);
        self.byte(*at)
    }

    #[inline(never)]
    fn after_blanks(&self, mut at: usize) -> usize {
        while matches!(self.byte(at), b' ' | b'\n' | b'\r' | b'\t') {
            at += 1;
        }
        at
    }

    /// Where the text goes on after the next string.
    #[inline]
    fn after_string(&mut self) -> Gone<usize> {
        match self.index.string_end(self.text) {
            Some(end) => Ok(end + 1),
            None => self.fail(self.text.len(), What::End),
        }
    }

    /// Goes over a number or a word.
    #[inline(never)]
    fn simple(&mut self, at: usize, first: u8) -> Gone<usize> {
        let mut cursor = Cursor::<true>::new(self.text, at);
        match cursor.simple(first) {
            Ok(()) => Ok(cursor.at),
            Err(Stop) => self.fail(cursor.fault.0, cursor.fault.1),
        }
    }

    /// Goes over an object or an array by its brackets alone.
    #[inline(never)]
    fn skip_trusted(&mut self) -> Gone<()> {
        let mut depth = 0_usize;
        let mut at = self.at;
        loop {
            match self.byte(at) {
                b'"' => {
                    at = self.after_string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' if depth <= 1 => {
                    self.at = at + 1;
                    return Ok(());
                }
                b'}' | b']' => depth -= 1,
                0 if at >= self.text.len() => return self.fail(at, What::End),
                _ => {}
            }
            at += 1;
        }
    }

    /// Goes over members that are texts, with no blanks between, as long as another name follows.
    #[inline]
    fn texts(&mut self) {
        let (text, mut quotes) = (self.text, self.index.at_hand());
        let before = quotes.len();
        let is = |at: usize, byte: u8| text.get(at) == Some(&byte);
        while let [_, name_end, value, value_end, name, ..] = quotes
            && *value == name_end + 2
            && is(name_end + 1, b':')
            && *name == value_end + 2
            && is(value_end + 1, b',')
        {
            quotes = quotes.get(4..).unwrap_or_default();
        }
        self.index.next += before - quotes.len();
    }

    /// Goes over an object or an array, all of it checked.
    #[inline(never)]
    fn skip_checked(&mut self, open: usize) -> Gone<()> {
        let mut at = self.at;
        // Whether the innermost bracket is that of an object, and a bit for each of those round it.
        let (mut is_object, mut kinds, mut depth) = (false, 0_u64, 0);
        'next: loop {
            if is_object {
                self.texts();
                at = self.after_string()?;
                if self.next(&mut at) != b':' {
                    return self.fail(at, What::Colon);
                }
                at += 1;
            }
            match self.next(&mut at) {
                b'"' => at = self.after_string()?,
                bracket @ (b'{' | b'[') => {
                    if depth + open >= MAX_OPEN || depth >= MAX_DEPTH {
                        return self.fail(at, What::Depth);
                    }
                    kinds = kinds << 1 | u64::from(is_object);
                    depth += 1;
                    at += 1;
                    is_object = bracket == b'{';
                    match self.next(&mut at) {
                        b'"' if is_object => continue 'next,
                        b'}' if is_object => {}
                        _ if is_object => return self.fail(at, What::FirstName),
                        b']' => {}
                        _ => continue 'next,
                    }
                }
                first => at = self.simple(at, first)?,
            }
            // After a value, or before the end of what is empty.
            loop {
                match self.next(&mut at) {
                    b',' => {
                        at += 1;
                        if is_object && self.next(&mut at) != b'"' {
                            return self.fail(at, What::Name);
                        }
                        break;
                    }
                    b'}' if is_object => {}
                    b']' if !is_object => {}
                    _ => return self.fail(at, What::CommaOrBracket),
                }
                at += 1;
                depth -= 1;
                if depth == 0 {
                    self.at = at;
                    return Ok(());
                }
                is_object = kinds & 1 != 0;
                kinds >>= 1;
            }
        }
    }
}

impl<'t, const TRUSTED: bool> Pass<'t> for Marked<'t, '_, TRUSTED> {
    const IS_TRUSTED: bool = TRUSTED;

    #[inline]
    fn text(&self) -> &'t [u8] {
        self.text
    }

    #[inline]
    fn at(&mut self) -> usize {
        self.at
    }

    #[inline]
    fn peek(&mut self) -> u8 {
        let mut at = self.at;
        let byte = self.next(&mut at);
        self.at = at;
        byte
    }

    #[inline]
    fn advance(&mut self) {
        self.at += 1;
    }

    #[inline]
    fn string(&mut self) -> Gone<(usize, usize, bool)> {
        let start = self.at + 1;
        self.at = self.after_string()?;
        let end = self.at - 1;
        let between = || self.text.get(start..end).unwrap_or_default();
        let has_escapes = self.index.may_have_escapes(start, end) && memchr::memchr(b'\\', between()).is_some();
        Ok((start, end, has_escapes))
    }

    #[inline]
    fn skip(&mut self, open: usize) -> Gone<()> {
        match self.peek() {
            b'"' => self.at = self.after_string()?,
            b'{' | b'[' if TRUSTED => self.skip_trusted()?,
            b'{' | b'[' => self.skip_checked(open)?,
            first => self.at = self.simple(self.at, first)?,
        }
        Ok(())
    }

    #[inline]
    fn pass_over(&mut self, want: &TrieNode, finds_list: bool) {
        let (text, mut quotes) = (self.text, self.index.at_hand());
        let before = quotes.len();
        let is = |at: usize, byte: u8| text.get(at) == Some(&byte);
        while let [start, name_end, value, value_end, name, ..] = quotes
            && *value == name_end + 2
            && is(name_end + 1, b':')
            && *name == value_end + 2
            && is(value_end + 1, b',')
            && !want.has_length(name_end - start - 1)
            && !(finds_list && name_end - start - 1 == LIST.len())
            && !self.index.may_have_escapes(*start, *name_end)
        {
            quotes = quotes.get(4..).unwrap_or_default();
            self.at = *name;
        }
        self.index.next += before - quotes.len();
    }

    #[cold]
    fn fail<T>(&mut self, at: usize, what: What) -> Gone<T> {
        let what = if at >= self.text.len() { What::End } else { what };
        self.fault = (at.min(self.text.len()), what);
        Err(Stop)
    }

    fn fault(&self) -> (usize, What) {
        self.fault
    }
}
