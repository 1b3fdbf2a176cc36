//! The documents of a text, one after the other. What is well-formed is gone over once, where it stands; everything else is
//! left to the splitter, which knows how to go on after it.

use super::cursor::Cursor;
use super::error::{Fault, ScanError, What};
use super::reader::{self, Passed};
use super::sought::Sought;
use super::source::other_encoding;
use super::splitter::{Piece, Splitter, State};
use super::tape::Tape;
use crate::filter::Matcher;

/// What comes next in a text.
pub(crate) enum Step {
    Document(Passing),
    Bad(Box<Bad>),
}

impl Step {
    /// The document; nothing if it is none.
    pub(super) fn text<'t>(&self, text: &'t [u8]) -> &'t [u8] {
        match self {
            Self::Document(passing) => text.get(passing.start..passing.end).unwrap_or_default(),
            Self::Bad(_) => &[],
        }
    }
}

/// A document.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Passing {
    pub start: usize,
    pub end: usize,
    /// The line in which it begins, from 1.
    pub line: usize,
    pub holds: bool,
}

/// What stands where a document should.
pub(crate) struct Bad {
    pub piece: Piece,
    /// Its text, or so much as is worth keeping.
    pub text: Vec<u8>,
    /// What is wrong, with the place in that text. None if the piece knows, or if it is JSON but no object.
    pub error: Option<ScanError>,
}

/// Where in a text the walk is; the text may come in parts.
#[expect(clippy::struct_excessive_bools, reason = "each says another thing of the place in the text")]
pub(crate) struct Walk<'m> {
    matcher: &'m Matcher,
    is_trusted: bool,
    /// What every match has in its text, and where that is next.
    sought: Option<Sought>,
    candidate: usize,
    /// Where the search ends: others go over what comes after.
    search_end: usize,
    /// How many trusted lines there were, and how many of them had it.
    seen: (u32, u32),
    tape: Tape,
    pub(super) state: State,
    /// Of a fork what its parts are part of.
    kind: State,
    /// The next byte of the part at hand.
    pub at: usize,
    pub line: usize,
    /// Bytes of the line before the first byte of the part at hand.
    column: usize,
    /// Whether the part at hand is the last.
    is_last_part: bool,
    /// Whether the next document is not all there.
    pub is_waiting: bool,
    is_first: bool,
}

impl<'m> Walk<'m> {
    pub(crate) fn new(matcher: &'m Matcher, is_trusted: bool) -> Self {
        Self {
            matcher,
            is_trusted,
            sought: is_trusted.then(|| Sought::of(matcher.plan())).flatten(),
            candidate: 0,
            search_end: usize::MAX,
            seen: (0, 0),
            tape: Tape::default(),
            state: State::Start,
            kind: State::Top,
            at: 0,
            line: 1,
            column: 0,
            is_last_part: true,
            is_waiting: false,
            is_first: true,
        }
    }

    /// Another one, to go over parts of the text.
    pub(super) fn fork(&self) -> Self {
        Self {
            state: self.state,
            kind: self.state,
            is_last_part: self.is_last_part,
            is_first: false,
            ..Self::new(self.matcher, self.is_trusted)
        }
    }

    /// Goes to a place between documents, or in a list between elements where the walk began as a fork in a list.
    pub(super) fn go(&mut self, at: usize, line: usize) {
        (self.state, self.at, self.line) = (self.kind, at, line);
        self.candidate = 0;
    }

    /// Does not search for documents that begin after this.
    pub(super) fn search_to(&mut self, end: usize) {
        self.search_end = end;
    }

    /// The next part of the text begins with what was not gone over of the one before.
    pub(crate) fn next_part(&mut self, before: &[u8]) {
        self.column = self.column_of(before);
        self.at = 0;
        self.candidate = 0;
    }

    /// Whether the part that comes is the last.
    pub(crate) fn set_last(&mut self, is_last: bool) {
        self.is_last_part = is_last;
        self.is_waiting = false;
    }

    /// Whether it is between documents, or in a list after an element.
    pub(super) fn is_between(&self) -> bool {
        matches!(self.state, State::Top | State::List { elements: 1.., .. })
    }

    /// What the next byte is part of, and the line and column of the beginning of the part.
    pub(crate) fn position(&self) -> (State, usize, usize) {
        (self.state, self.line, self.column)
    }

    /// Whether nothing more is to be read.
    pub(crate) fn is_over(&self) -> bool {
        self.state == State::End
    }

    fn column_of(&self, text: &[u8]) -> usize {
        let before = text.get(..self.at).unwrap_or(text);
        memchr::memrchr(b'\n', before).map_or(self.column + before.len(), |end| before.len() - end - 1)
    }

    /// The next document, good or bad; none if there is no more in this part of the text.
    pub(crate) fn next(&mut self, text: &[u8]) -> Option<Step> {
        loop {
            match self.quick(text) {
                Quick::Document(passing) => return Some(Step::Document(passing)),
                Quick::Again => {}
                Quick::Out => {
                    self.is_waiting = !self.is_last_part;
                    return None;
                }
                Quick::Slow => return self.slow(text),
            }
        }
    }

    fn skip_blanks(&mut self, text: &[u8]) -> u8 {
        let mut cursor = Cursor::<true>::new(text, self.at);
        let next = cursor.peek();
        self.at = cursor.at;
        self.line += cursor.lines;
        next
    }

    /// Goes over blanks, but no further than `end`.
    pub(super) fn skip_to(&mut self, text: &[u8], end: usize) {
        if self.at < end {
            self.skip_blanks(text.get(..end).unwrap_or(text));
        }
    }

    /// The next document, if it is well-formed.
    pub(super) fn quick(&mut self, text: &[u8]) -> Quick {
        match self.state {
            State::Start => match text.get(self.at) {
                Some(b'{' | b'[' | b' ' | b'\n') if other_encoding(text).is_none() => self.state = State::Top,
                _ => return Quick::Slow,
            },
            State::Top => match self.skip_blanks(text) {
                b'{' => return self.document(text),
                b'[' => {
                    self.at += 1;
                    self.state = State::List { elements: 0, is_response: false };
                }
                _ if self.at >= text.len() => return Quick::Out,
                _ => return Quick::Slow,
            },
            State::List { elements, is_response } => return self.element(text, elements, is_response),
            State::Tail => return Quick::Slow,
            State::End => {
                self.at = text.len();
                return Quick::Out;
            }
        }
        Quick::Again
    }

    fn element(&mut self, text: &[u8], elements: usize, is_response: bool) -> Quick {
        let (at, line) = (self.at, self.line);
        let mut next = self.skip_blanks(text);
        if next == b']' {
            self.at += 1;
            self.state = if is_response { State::Tail } else { State::Top };
            return Quick::Again;
        }
        if elements > 0 && next == b',' {
            self.at += 1;
            next = self.skip_blanks(text);
        } else if elements > 0 {
            next = 0;
        }
        if next == b'{' {
            let quick = self.document(text);
            if matches!(quick, Quick::Document(_)) {
                self.state = State::List { elements: elements + 1, is_response };
                return quick;
            }
        }
        (self.at, self.line) = (at, line);
        Quick::Slow
    }

    /// The document that begins with the next byte.
    fn document(&mut self, text: &[u8]) -> Quick {
        let start = self.at;
        let is_element = matches!(self.state, State::List { .. });
        let passed = if self.is_trusted && !self.is_first {
            self.trusted(text, start, is_element)
        } else {
            let list_or = reader::passes(text, start, self.matcher.plan(), &mut self.tape, !is_element);
            list_or.ok().flatten()
        };
        let Some(Passed { holds, end, lines }) = passed else { return Quick::Slow };
        if !is_element {
            let rest = text.get(end..).unwrap_or_default();
            let after = rest.iter().copied().find(|byte| !matches!(byte, b' ' | b'\t' | b'\r'));
            // What else follows on the line spoils it.
            let is_end = matches!(after, Some(b'\n' | b'{' | b'[')) || after.is_none() && self.is_last_part;
            if !is_end {
                return Quick::Slow;
            }
        }
        let passing = Passing { start, end, line: self.line, holds };
        self.is_first = false;
        self.at = end;
        self.line += lines;
        Quick::Document(passing)
    }

    /// A document that is known to be one: an element, or a line of its own.
    fn trusted(&mut self, text: &[u8], start: usize, is_element: bool) -> Option<Passed> {
        let mut cursor = Cursor::<false>::new(text, start);
        if is_element {
            cursor.skip(0).ok()?;
        } else {
            let rest = text.get(start..)?;
            let line = memchr::memchr(b'\n', rest);
            let line = line.map_or(rest, |end| rest.get(..end).unwrap_or_default());
            let line = line.trim_ascii_end();
            if line.last() != Some(&b'}') {
                return None;
            }
            cursor.at = start + line.len();
            if !self.may_match(text, start, cursor.at) {
                return Some(Passed { holds: false, end: cursor.at, lines: 0 });
            }
        }
        let end = cursor.at;
        let document = text.get(start..end)?;
        let holds = reader::matches::<false>(document, self.matcher.plan(), &mut self.tape).ok()?;
        let lines = if is_element { memchr::memchr_iter(b'\n', document).count() } else { 0 };
        Some(Passed { holds, end, lines })
    }

    /// Whether a line has what every match has.
    fn may_match(&mut self, text: &[u8], start: usize, end: usize) -> bool {
        const MANY: u32 = 64;
        let Some(sought) = &self.sought else { return true };
        if self.candidate < start {
            let text = text.get(..self.search_end).unwrap_or(text);
            // A document may go over the end of the search.
            self.candidate = if end > text.len() { start } else { sought.next(text, start) };
        }
        let may = self.candidate < end;
        self.seen.0 += 1;
        self.seen.1 += u32::from(may);
        // Where a quarter of all lines has it, the search does not pay.
        if self.seen.0 >= MANY {
            if self.seen.1 >= MANY / 4 {
                self.sought = None;
            }
            self.seen = (0, 0);
        }
        may
    }

    /// The next document or what stands in its place, by its brackets.
    fn slow(&mut self, text: &[u8]) -> Option<Step> {
        let rest = text.get(self.at..).unwrap_or_default();
        let mut splitter = Splitter::resume(rest, self.state, self.line, self.column_of(text));
        let mut piece_text = Vec::new();
        // Reading from memory cannot fail.
        let piece = splitter.next(&mut piece_text).unwrap_or_default();
        let (state, offset, line) = splitter.position();
        // An element that has its end is all there, whatever comes next.
        let is_whole = matches!(state, State::List { .. })
            && piece_text.ends_with(b"}")
            && piece.as_ref().is_some_and(|piece| !piece.is_last && piece.fault.is_none());
        if !self.is_last_part && !is_whole && self.at + offset >= text.len() {
            self.is_waiting = true;
            return None;
        }
        let start = self.at;
        (self.state, self.line) = (state, line);
        self.at += offset;
        self.is_first = false;
        let mut piece = piece?;
        piece.start += start;
        if piece.fault.is_some() {
            return Some(Step::Bad(Box::new(Bad { piece, text: piece_text, error: None })));
        }
        let trimmed = piece_text.trim_ascii_end();
        let end = piece.start + trimmed.len();
        let matched = reader::matches::<true>(trimmed, self.matcher.plan(), &mut self.tape);
        Some(match matched {
            Ok(holds) if trimmed.first() == Some(&b'{') && text.get(piece.start..end) == Some(trimmed) => {
                Step::Document(Passing { start: piece.start, end, line: piece.line, holds })
            }
            Ok(_) | Err(Fault { what: What::NoObject, .. }) => {
                Step::Bad(Box::new(Bad { piece, text: piece_text, error: None }))
            }
            Err(Fault { at, what }) => {
                let at = if what == What::TooDeep { 0 } else { at };
                let error = Some(ScanError::new(trimmed, at, what));
                Step::Bad(Box::new(Bad { piece, text: piece_text, error }))
            }
        })
    }
}

/// What the quick way found.
pub(super) enum Quick {
    Document(Passing),
    /// Nothing yet: look again.
    Again,
    /// The text is at its end.
    Out,
    /// What comes next is not well-formed, or not all there.
    Slow,
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::scan::level::tests::at_every_level;
    use crate::scan::parallel;
    use crate::schema::ResourceType;
    use crate::syntax::Filter;
    use std::ops::ControlFlow;

    /// What texts are made of: good and bad documents, on one line and on several, lists, lists that break off.
    const PIECES: &[&str] = &[
        "{\"a\":1}\n",
        "{\"a\":\"x\\\"}{\"} \r\n",
        "{\"b\":[{\"a\":1}]}\n{\"a\":null}\n",
        "{\"a\":1} {\"a\":2}\n",
        "{\n  \"a\": [\n    1\n  ]\n}\n",
        "\n \t\n",
        "{\"a\":1\n",
        "{\"a\":\"\n",
        "{\"a\":[\n",
        "{\n \"a\": 1\n \"b\": 2\n}\n",
        "junk\n",
        "7 \"x\" null\n",
        "{\"a\":1} x\n",
        "{\"a\":tru}\n",
        "{\"a\":\"\u{e9}\"}\n",
        "[{\"a\":1},{\"b\":1}]\n",
        "[{\"a\":1},\n 2, \"x,]\" ,[3],{\"a\":nul},null, {}]\n",
        "[]",
        "{\"schemas\":[\"x:ListResponse\"],\"RESOURCES\":[{\"a\":1},{}],\"n\":[1]}\n",
        "{\"schemas\":[\"x:Role\"],\"Resources\":[{\"a\":1}],\"a\":1}\n",
        "{\"Resources\":{\"a\":[]},\"a\":1}{\"Resources\":[]}\n",
        "{\"a\":[[[[[[[]]]]]]]}",
    ];
    /// What ends a text early.
    const ENDS: &[&str] =
        &["", "{\"a\":1}", "{\"a\":", "[{\"a\":1}", "[{\"a\":1} 2]", "{\"Resources\":[{\"a\":1}],", "\u{feff}"];

    pub(crate) struct Dice(pub u64);

    impl Dice {
        pub(crate) fn roll(&mut self, sides: usize) -> usize {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            usize::try_from(self.0 >> 33).unwrap() % sides
        }
    }

    pub(crate) fn text(dice: &mut Dice, pieces: usize) -> Vec<u8> {
        let start = if dice.roll(10) == 0 { "\u{feff}" } else { "" };
        let mut text = start.to_owned();
        (0..pieces).for_each(|_| text.push_str(PIECES[dice.roll(PIECES.len())]));
        text.push_str(ENDS[dice.roll(ENDS.len())]);
        text.into_bytes()
    }

    pub(crate) fn matcher() -> Matcher {
        "a pr".parse::<Filter>().unwrap().compile(&ResourceType::any()).unwrap()
    }

    /// A step in words.
    pub(crate) fn said(step: &Step, text: &[u8]) -> String {
        match step {
            Step::Document(Passing { start, end, line, holds }) => {
                format!("{line} {holds} {}", String::from_utf8_lossy(&text[*start..*end]))
            }
            Step::Bad(bad) => format!(
                "{}:{} bad {:?} {:?} {} {}",
                bad.piece.line,
                bad.piece.column,
                bad.piece.fault,
                bad.error,
                bad.piece.is_last,
                String::from_utf8_lossy(&bad.text).trim_end()
            ),
        }
    }

    fn all(walk: &mut Walk<'_>, text: &[u8], mut next: impl FnMut(&mut Walk<'_>) -> Option<Step>) -> Vec<String> {
        std::iter::from_fn(|| next(walk)).map(|step| said(&step, text)).collect()
    }

    pub(crate) fn slowly(matcher: &Matcher, text: &[u8]) -> Vec<String> {
        all(&mut Walk::new(matcher, false), text, |walk| walk.slow(text))
    }

    #[test]
    fn the_quick_way_is_the_slow_way() {
        let matcher = matcher();
        let mut dice = Dice(7);
        for _ in 0..3000 {
            let pieces = dice.roll(8);
            let text = text(&mut dice, pieces);
            let expected = slowly(&matcher, &text);
            at_every_level(|level| {
                let quick = all(&mut Walk::new(&matcher, false), &text, |walk| walk.next(&text));
                assert_eq!(quick, expected, "{} {level:?}", String::from_utf8_lossy(&text));
                assert_eq!(slowly(&matcher, &text), expected, "{} {level:?}", String::from_utf8_lossy(&text));
            });
        }
    }

    #[test]
    fn a_text_may_come_in_parts() {
        let matcher = matcher();
        let mut dice = Dice(11);
        for _ in 0..2000 {
            let pieces = dice.roll(8);
            let whole = text(&mut dice, pieces);
            let mut walk = Walk::new(&matcher, false);
            let (mut steps, mut at_hand, mut given) = (Vec::new(), Vec::new(), 0);
            loop {
                let more = (1 + dice.roll(40)).min(whole.len() - given);
                at_hand.extend_from_slice(&whole[given..given + more]);
                given += more;
                walk.set_last(given == whole.len());
                steps.extend(all(&mut walk, &at_hand, |walk| walk.next(&at_hand)));
                if given == whole.len() || walk.is_over() {
                    break;
                }
                let done = walk.at;
                walk.next_part(&at_hand);
                at_hand.drain(..done);
            }
            assert_eq!(steps, slowly(&matcher, &whole), "{}", String::from_utf8_lossy(&whole));
        }
    }

    /// A list of so many elements, now and then with something in it that is no document.
    pub(crate) fn list(dice: &mut Dice, elements: usize) -> Vec<u8> {
        let mut list = if dice.roll(2) == 0 { "[" } else { "{\"Resources\":[\n" }.to_owned();
        for at in 0..elements {
            list.push_str(if at == 0 { "" } else { [",", ",\n", " , "][dice.roll(3)] });
            list.push_str(match dice.roll(elements) {
                0 => "7",
                1 => "{\"a\":nul}",
                2 => "{\"a\":\"}{\"}",
                3 => "{\"a\":1]",
                _ => ["{\"a\":1,\"b\":[{}]}", "{\n\"c\":\"\"}"][dice.roll(2)],
            });
        }
        list.push_str(if list.starts_with('[') { "]" } else { "],\"n\":1}\n" });
        list.into_bytes()
    }

    #[test]
    fn threads_change_nothing_in_lists() {
        let matcher = matcher();
        let mut dice = Dice(17);
        let mut total = 0;
        for round in 0..24 {
            let whole = [60_000, 0, 60_000, 60_000]
                .map(|many| if many == 0 { text(&mut dice, 3) } else { list(&mut dice, many) })
                .concat();
            let one = in_threads(&matcher, &whole, 1);
            total += one.len();
            assert!(one == in_threads(&matcher, &whole, 3), "{round}");
            assert!(one == slowly(&matcher, &whole), "{round}");
        }
        assert!(total > 500_000, "{total}");
    }

    fn in_threads(matcher: &Matcher, text: &[u8], workers: usize) -> Vec<String> {
        let mut steps = Vec::new();
        let mut walk = Walk::new(matcher, false);
        let done = parallel::steps(&mut walk, text, workers, &mut |step| {
            steps.push(said(&step, text));
            ControlFlow::Continue(())
        });
        assert!(done.is_continue());
        steps
    }

    #[test]
    fn threads_change_nothing() {
        let matcher = matcher();
        let mut dice = Dice(13);
        for round in 0..12 {
            // Mostly good lines, some documents longer than a part, and a few of everything.
            let mut whole = Vec::new();
            while whole.len() < 3_000_000 {
                match dice.roll(2000) {
                    0 => whole.extend(text(&mut dice, 1)),
                    1 if round % 3 == 0 => whole.extend(format!("{{\"a\":\"{}\"}}\n", "x".repeat(900_000)).as_bytes()),
                    2 if round % 3 == 1 => whole.extend(b"[{\"a\":1},{\"a\":2}]\n".repeat(20_000)),
                    4 if round % 4 == 1 => whole.extend(list(&mut dice, 60_000)),
                    3 if round % 3 == 2 => whole.extend(b"{\n\"a\":1\n}\n".repeat(20_000)),
                    _ => whole.extend(format!("{{\"a\":{},\"b\":\"\"}}\n", dice.roll(3)).as_bytes()),
                }
            }
            let one = in_threads(&matcher, &whole, 1);
            assert!(one == in_threads(&matcher, &whole, 3), "{round}");
            assert!(one == slowly(&matcher, &whole), "{round}");
        }
    }
}
