//! JSON text gone over once, from left to right: the grammar, and nothing of what it means.

use super::block;
use super::error::What;

/// Brackets within each other that are read, as many as `serde_json` reads.
pub(super) const MAX_OPEN: usize = 127;

/// The text is no JSON; the cursor knows what is wrong and where.
#[derive(Debug)]
pub(super) struct Stop;

pub(super) type Gone<T> = Result<T, Stop>;

/// A place in a text. If `CHECKED`, all that it goes over is held to the grammar; if not, the text is taken to be JSON, and
/// what is not may be gone over unnoticed.
pub(super) struct Cursor<'t, const CHECKED: bool> {
    pub text: &'t [u8],
    pub at: usize,
    /// Where the block begins that was looked at last, and what ends the plain part of a string in it.
    block: usize,
    stops: u64,
    /// Whether there was an escape in a string.
    has_escapes: bool,
    /// Lines that ended between values.
    pub lines: usize,
    pub fault: (usize, What),
}

impl<'t, const CHECKED: bool> Cursor<'t, CHECKED> {
    pub(super) fn new(text: &'t [u8], at: usize) -> Self {
        Self {
            text,
            at,
            block: at.wrapping_sub(block::WIDTH),
            stops: 0,
            has_escapes: false,
            lines: 0,
            fault: (0, What::End),
        }
    }

    #[cold]
    pub(super) fn fail<T>(&mut self, at: usize, what: What) -> Gone<T> {
        // Where the text ends too early that is what is wrong, whatever was expected.
        let what = if at >= self.text.len() { What::End } else { what };
        self.fault = (at.min(self.text.len()), what);
        Err(Stop)
    }

    #[inline]
    fn byte(&self, at: usize) -> u8 {
        // No JSON has a zero byte where this is asked.
        self.text.get(at).copied().unwrap_or(0)
    }

    /// The next byte that is no blank; zero at the end.
    #[inline]
    pub(super) fn peek(&mut self) -> u8 {
        let mut at = self.at;
        let byte = self.next(&mut at);
        self.at = at;
        byte
    }

    /// The next byte from `at` on that is no blank; `at` goes there.
    #[inline]
    fn next(&mut self, at: &mut usize) -> u8 {
        let byte = self.byte(*at);
        if byte > b' ' {
            return byte;
        }
        *at = self.after_blanks(*at);
        self.byte(*at)
    }

    #[inline(never)]
    fn after_blanks(&mut self, mut at: usize) -> usize {
        const SPACES: [u8; 8] = [b' '; 8];
        loop {
            match self.byte(at) {
                b' ' | b'\r' | b'\t' => at += 1,
                b'\n' => {
                    at += 1;
                    self.lines += 1;
                }
                _ => return at,
            }
            while self.text.get(at..at + 8) == Some(&SPACES) {
                at += 8;
            }
        }
    }

    /// Goes over the next byte that is no blank, which must be this one.
    #[inline]
    pub(super) fn expect(&mut self, byte: u8, what: What) -> Gone<()> {
        if self.peek() != byte {
            return self.fail(self.at, what);
        }
        self.at += 1;
        Ok(())
    }

    /// Goes over the rest of a string, from after its first quote to after its last; true if it has escapes.
    #[inline]
    pub(super) fn string(&mut self) -> Gone<bool> {
        self.has_escapes = false;
        self.at = self.after_string(self.at)?;
        Ok(self.has_escapes)
    }

    /// Where the text goes on after a string; `at` is after its first quote.
    #[inline]
    fn after_string(&mut self, at: usize) -> Gone<usize> {
        // Most strings end in the block that was looked at for the one before.
        let within = at.wrapping_sub(self.block);
        if within < block::WIDTH {
            let stops = self.stops >> within;
            let end = at + stops.trailing_zeros() as usize;
            if stops != 0 && self.byte(end) == b'"' {
                return Ok(end + 1);
            }
        }
        self.after_long_string(at)
    }

    #[inline(never)]
    fn after_long_string(&mut self, mut at: usize) -> Gone<usize> {
        loop {
            // A block is looked at once for all the strings in it.
            let within = at.wrapping_sub(self.block);
            let stops = if within < block::WIDTH { self.stops >> within } else { self.look(at) };
            if stops == 0 {
                at = self.block + block::WIDTH;
                continue;
            }
            at += stops.trailing_zeros() as usize;
            if self.byte(at) == b'"' {
                return Ok(at + 1);
            }
            at = self.after_stop(at)?;
        }
    }

    /// Where a string goes on after what is no plain part of it.
    #[cold]
    #[inline(never)]
    fn after_stop(&mut self, at: usize) -> Gone<usize> {
        match self.byte(at) {
            b'\\' => {
                self.has_escapes = true;
                self.escape(at)
            }
            _ if CHECKED || at >= self.text.len() => self.fail(at, What::Control),
            _ => Ok(at + 1),
        }
    }

    /// Takes the block that begins here as the one that was looked at.
    #[inline]
    fn look(&mut self, at: usize) -> u64 {
        self.block = at;
        self.stops = block::at(self.text, at, block::stops);
        self.stops
    }

    /// Whether these are the next two bytes.
    #[inline]
    fn has(&self, at: usize, pair: [u8; 2]) -> bool {
        self.text.get(at..).and_then(|rest| rest.first_chunk()) == Some(&pair)
    }

    /// Where the text goes on after the escape that begins at `at`.
    pub(super) fn escape(&mut self, at: usize) -> Gone<usize> {
        if !CHECKED {
            return Ok(at + 2);
        }
        match self.byte(at + 1) {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Ok(at + 2),
            b'u' => match self.unit(at + 2)? {
                0xdc00..=0xdfff => self.fail(at, What::Surrogate),
                0xd800..=0xdbff => {
                    if self.byte(at + 6) != b'\\' || self.byte(at + 7) != b'u' {
                        return self.fail(at, What::Surrogate);
                    }
                    match self.unit(at + 8)? {
                        0xdc00..=0xdfff => Ok(at + 12),
                        _ => self.fail(at, What::Surrogate),
                    }
                }
                _ => Ok(at + 6),
            },
            _ => self.fail(at + 1, What::Escape),
        }
    }

    fn unit(&mut self, at: usize) -> Gone<u16> {
        match self.text.get(at..).and_then(unit) {
            Some(unit) => Ok(unit),
            None => self.fail(at, What::Escape),
        }
    }

    /// Goes over a number, whose first byte is the next.
    pub(super) fn number(&mut self) -> Gone<()> {
        if !CHECKED {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let end = rest.iter().position(|byte| !matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'));
            self.at += end.unwrap_or(rest.len());
            return Ok(());
        }
        if self.byte(self.at) == b'-' {
            self.at += 1;
        }
        if self.byte(self.at) == b'0' {
            self.at += 1;
            if self.byte(self.at).is_ascii_digit() {
                return self.fail(self.at, What::Number);
            }
        } else {
            self.digits()?;
        }
        if self.byte(self.at) == b'.' {
            self.at += 1;
            self.digits()?;
        }
        if matches!(self.byte(self.at), b'e' | b'E') {
            self.at += 1;
            if matches!(self.byte(self.at), b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Gone<()> {
        let start = self.at;
        while self.byte(self.at).is_ascii_digit() {
            self.at += 1;
        }
        if self.at == start { self.fail(start, What::Number) } else { Ok(()) }
    }

    /// Goes over `true`, `false` or `null`.
    pub(super) fn word(&mut self, word: &[u8]) -> Gone<()> {
        let end = self.at + word.len();
        if CHECKED && self.text.get(self.at..end) != Some(word) {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let same = rest.iter().zip(word).take_while(|(a, b)| a == b).count();
            return self.fail(self.at + same, What::Word);
        }
        self.at = end;
        Ok(())
    }

    /// Goes over a simple value whose first byte is this one.
    #[inline]
    pub(super) fn simple(&mut self, first: u8) -> Gone<()> {
        match first {
            b'"' => {
                self.at += 1;
                self.string()?;
                Ok(())
            }
            b't' => self.word(b"true"),
            b'f' => self.word(b"false"),
            b'n' => self.word(b"null"),
            b'-' | b'0'..=b'9' => self.number(),
            _ => self.fail(self.at, What::Value),
        }
    }

    /// Goes over a value, with `open` brackets round it.
    #[inline]
    pub(super) fn skip(&mut self, open: usize) -> Gone<()> {
        let mut at = self.at;
        match self.next(&mut at) {
            b'"' => {
                self.at = self.after_string(at + 1)?;
                Ok(())
            }
            first => {
                self.at = at;
                match first {
                    b'{' | b'[' if CHECKED => self.skip_checked(open),
                    b'{' | b'[' => self.skip_trusted(),
                    first => self.simple(first),
                }
            }
        }
    }

    /// Goes over an object or an array by its brackets alone.
    fn skip_trusted(&mut self) -> Gone<()> {
        let (mut depth, mut in_string, mut is_escaped) = (0, 0, false);
        let mut start = self.at;
        while start < self.text.len() {
            let mut marks = block::at(self.text, start, block::brackets);
            if marks.backslashes != 0 || is_escaped {
                marks.quotes &= !block::escaped(marks.backslashes, &mut is_escaped);
            }
            let strings = block::strings(marks.quotes) ^ in_string;
            in_string = if strings >> 63 == 0 { 0 } else { u64::MAX };
            let (opening, closing) = (marks.opening & !strings, marks.closing & !strings);
            if closing.count_ones() >= depth {
                let mut closed = 0;
                let mut rest = closing;
                while rest != 0 {
                    let at = rest.trailing_zeros();
                    rest &= rest - 1;
                    closed += 1;
                    if depth + (opening & ((1 << at) - 1)).count_ones() == closed {
                        self.at = start + at as usize + 1;
                        return Ok(());
                    }
                }
            }
            depth = depth.saturating_add(opening.count_ones()).saturating_sub(closing.count_ones());
            start += block::WIDTH;
        }
        self.fail(self.text.len(), What::End)
    }

    /// Goes over an object or an array, all of it checked.
    fn skip_checked(&mut self, open: usize) -> Gone<()> {
        let mut at = self.at;
        // Whether the innermost bracket is that of an object, and a bit for each of those round it.
        let (mut is_object, mut kinds, mut depth) = (false, 0_u128, 0);
        'next: loop {
            'value: {
                if is_object {
                    at = self.after_string(at + 1)?;
                    // Most members are a name and a text, with no blanks between.
                    while self.has(at, *b":\"") {
                        at = self.after_string(at + 2)?;
                        if !self.has(at, *b",\"") {
                            break 'value;
                        }
                        at = self.after_string(at + 2)?;
                    }
                    if self.next(&mut at) != b':' {
                        return self.fail(at, What::Colon);
                    }
                    at += 1;
                }
                match self.next(&mut at) {
                    b'"' => at = self.after_string(at + 1)?,
                    bracket @ (b'{' | b'[') => {
                        if depth + open >= MAX_OPEN {
                            return self.fail(at, What::Depth);
                        }
                        kinds = kinds << 1 | u128::from(is_object);
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
                    first => {
                        self.at = at;
                        self.simple(first)?;
                        at = self.at;
                    }
                }
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
                    _ => return self.fail(at, if is_object { What::CommaOrBrace } else { What::CommaOrBracket }),
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

    /// After the value: nothing but blanks is left, and all characters are right.
    pub(super) fn end(&mut self) -> Gone<()> {
        self.peek();
        if self.at < self.text.len() {
            return self.fail(self.at, What::Rest);
        }
        self.characters(0)
    }

    /// Whether all characters of what was gone over from `start` on are right.
    pub(super) fn characters(&mut self, start: usize) -> Gone<()> {
        let text = self.text.get(start..self.at).unwrap_or_default();
        if !CHECKED || simdutf8::basic::from_utf8(text).is_ok() {
            return Ok(());
        }
        let valid = std::str::from_utf8(text).map_or_else(|error| error.valid_up_to(), str::len);
        self.fail(start + valid, What::Utf8)
    }
}

/// The number that four hexadecimal digits say.
pub(super) fn unit(digits: &[u8]) -> Option<u16> {
    digits.first_chunk::<4>()?.iter().try_fold(0, |unit: u16, digit| {
        let value = char::from(*digit).to_digit(16)?;
        Some(unit << 4 | u16::try_from(value).ok()?)
    })
}
