//! One pass over a text that notes what a plan reads.

use std::borrow::Cow;

use super::cursor::{Cursor, Gone, MAX_OPEN, Stop};
use super::error::{Fault, What};
use super::marked::Marked;
use super::raw::Raw;
use super::tape::{Kind, NONE, Node, Tape};
use super::text;
use crate::filter::evaluate;
use crate::filter::name_trie::{NameTrie, TrieMember, TrieNode, TrieNodeId, terms};
use crate::filter::node;
use crate::filter::plan::Plan;

/// The member of a ListResponse that has its documents.
pub(super) const LIST: &[u8] = b"Resources";

/// Why the pass ended before the text did.
enum Ended {
    /// The text is no JSON.
    Stop,
    /// The answer is known.
    Answer(bool),
    /// It has a list of documents.
    List,
    Fault(Fault),
}

impl Ended {
    /// What is wrong; `fault` is what the pass knows.
    fn fault(self, (at, what): (usize, What)) -> Fault {
        match self {
            Self::Fault(fault) => fault,
            Self::Stop | Self::List | Self::Answer(_) => Fault { at, what },
        }
    }
}

impl From<Stop> for Ended {
    fn from(_: Stop) -> Self {
        Self::Stop
    }
}

/// A way to go over a text, from left to right.
pub(super) trait Pass<'t> {
    /// Whether the text is taken to be JSON, no object in it to have two members with one name, and what is not needed is not
    /// read.
    const IS_TRUSTED: bool;

    fn text(&self) -> &'t [u8];
    /// Where there is the next byte that is no blank.
    fn at(&mut self) -> usize;
    /// The next byte that is no blank; zero at the end.
    fn peek(&mut self) -> u8;
    /// Goes over that byte.
    fn advance(&mut self);
    /// Goes over a string, which is next: what is between its quotes begins and ends where, and has escapes or not.
    fn string(&mut self) -> Gone<(usize, usize, bool)>;
    /// Goes over a value, with `open` brackets round it.
    fn skip(&mut self, open: usize) -> Gone<()>;
    /// Goes over members whose names are of no length that is wanted, as far as that is quick: the next byte is the first quote
    /// of a name, before and after.
    fn pass_over(&mut self, _want: &TrieNode, _finds_list: bool) {}
    fn fail<T>(&mut self, at: usize, what: What) -> Gone<T>;
    /// What was wrong, and where.
    fn fault(&self) -> (usize, What);
}

impl<'t> Pass<'t> for Cursor<'t, true> {
    const IS_TRUSTED: bool = false;

    fn text(&self) -> &'t [u8] {
        self.text
    }

    fn at(&mut self) -> usize {
        self.peek();
        self.at
    }

    fn peek(&mut self) -> u8 {
        Cursor::peek(self)
    }

    fn advance(&mut self) {
        self.at += 1;
    }

    fn string(&mut self) -> Gone<(usize, usize, bool)> {
        self.at += 1;
        let start = self.at;
        let has_escapes = Cursor::string(self)?;
        Ok((start, self.at - 1, has_escapes))
    }

    fn skip(&mut self, open: usize) -> Gone<()> {
        Cursor::skip(self, open)
    }

    fn fail<T>(&mut self, at: usize, what: What) -> Gone<T> {
        Cursor::fail(self, at, what)
    }

    fn fault(&self) -> (usize, What) {
        self.fault
    }
}

struct Reader<'p, P> {
    pass: P,
    tape: &'p mut Tape,
    wants: &'p NameTrie,
    terms: &'p [node::Node],
    undecided: usize,
    /// Whether to end at a list of documents.
    finds_list: bool,
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\n' | b'\r' | b'\t')
}

/// Whether a plan holds of a text.
pub(super) fn matches<const CHECKED: bool>(text: &[u8], plan: &Plan, tape: &mut Tape) -> Result<bool, Fault> {
    let start = text.iter().position(|byte| !is_blank(*byte)).unwrap_or_default();
    if text.get(start) == Some(&b'{') {
        if !CHECKED {
            return trusted(text, start, plan, tape);
        }
        tape.length = text.len() - start;
        if let Some(Passed { holds, end, .. }) = quick(text, start, plan, tape, false)?
            && text.get(end..).unwrap_or_default().iter().copied().all(is_blank)
        {
            return Ok(holds);
        }
    }
    let mut reader = Reader::new(Cursor::<true>::new(text, 0), plan, tape);
    let passed = reader.value(0, 0, 0).and_then(|_| Ok(reader.pass.end()?));
    let fault = reader.pass.fault;
    match passed {
        Ok(()) if text.get(start) != Some(&b'{') => Err(Fault { at: start, what: What::NoObject }),
        Ok(()) => answer::<true>(text, plan, tape),
        Err(ended) => Err(ended.fault(fault)),
    }
}

/// What is said of one document among others.
pub(super) struct Passed {
    pub holds: bool,
    /// Where it ends.
    pub end: usize,
    /// Lines that end in it.
    pub lines: usize,
}

/// Whether a plan holds of the checked document that begins at `start`. None if it has a member `Resources` that is an
/// array, and lists are looked for: it may be a list of documents.
pub(super) fn passes(
    text: &[u8],
    start: usize,
    plan: &Plan,
    tape: &mut Tape,
    finds_list: bool,
) -> Result<Option<Passed>, Fault> {
    if let Some(passed) = quick(text, start, plan, tape, finds_list)? {
        return Ok(Some(passed));
    }
    let mut reader = Reader::new(Cursor::<true>::new(text, start), plan, tape);
    reader.finds_list = finds_list;
    let passed = reader.value(0, 0, 0).and_then(|_| Ok(reader.pass.characters(start)?));
    let Cursor { at: end, lines, fault, .. } = reader.pass;
    match passed {
        Ok(()) => Ok(Some(Passed { holds: answer::<true>(text, plan, tape)?, end, lines })),
        Err(Ended::List) => Ok(None),
        Err(ended) => Err(ended.fault(fault)),
    }
}

/// Whether a plan holds of the object that begins at `start`, if it is JSON. None if it is not, if it is nested deeper than is
/// followed here, or if it may be a list of documents: who goes over it byte by byte will know.
fn quick(text: &[u8], start: usize, plan: &Plan, tape: &mut Tape, finds_list: bool) -> Result<Option<Passed>, Fault> {
    let mut index = tape.index.take().unwrap_or_default();
    index.start(start, tape.length);
    let mut reader = Reader::new(Marked::<false>::new(text, start, &mut index), plan, tape);
    reader.finds_list = finds_list;
    let passed = reader.value(0, 0, 0);
    let end = passed.ok().map(|_| reader.pass.at);
    let end = end.filter(|end| index.wrong >= *end).filter(|end| {
        let is_utf8 = |text: &[u8]| simdutf8::basic::from_utf8(text).is_ok();
        index.wide >= *end || text.get(index.wide..*end).is_some_and(is_utf8)
    });
    let control = index.control;
    tape.index = Some(index);
    let Some(end) = end else { return Ok(None) };
    tape.length = end - start;
    let within = || text.get(start..end).unwrap_or_default();
    let lines = if control < end { memchr::memchr_iter(b'\n', within()).count() } else { 0 };
    Ok(Some(Passed { holds: answer::<true>(text, plan, tape)?, end, lines }))
}

/// Whether a plan holds of the trusted object that begins at `start`.
fn trusted(text: &[u8], start: usize, plan: &Plan, tape: &mut Tape) -> Result<bool, Fault> {
    let mut index = tape.index.take().unwrap_or_default();
    index.start(start, 256);
    let mut reader = Reader::new(Marked::<true>::new(text, start, &mut index), plan, tape);
    let read = reader.value(0, 0, 0);
    let fault = reader.pass.fault();
    tape.index = Some(index);
    match read {
        Ok(_) => answer::<false>(text, plan, tape),
        Err(Ended::Answer(answer)) => Ok(answer),
        Err(ended) => Err(ended.fault(fault)),
    }
}

/// What the plan says of a text that was read to its end.
fn answer<const CHECKED: bool>(text: &[u8], plan: &Plan, tape: &Tape) -> Result<bool, Fault> {
    let wants = plan.trie();
    let raw = Raw::root(text, tape, wants, !CHECKED);
    if CHECKED {
        return evaluate::holds(&plan.root, &raw);
    }
    let (is_or, terms) = terms(&plan.root);
    for ((term, missing), reads) in terms.iter().zip(&tape.missing).zip(&wants.terms.reads) {
        // Those with nothing missing have been decided, and did not decide the whole.
        let is_undecided = *missing > 0 || *reads == 0;
        if is_undecided && evaluate::holds(term, &raw)? == is_or {
            return Ok(is_or);
        }
    }
    Ok(!is_or)
}

impl<'t, 'p, P: Pass<'t>> Reader<'p, P> {
    fn new(pass: P, plan: &'p Plan, tape: &'p mut Tape) -> Self {
        let wants = plan.trie();
        tape.clear();
        let (_, terms) = terms(&plan.root);
        if P::IS_TRUSTED {
            tape.missing.extend_from_slice(&wants.terms.reads);
        }
        Self { pass, tape, wants, terms, undecided: terms.len(), finds_list: false }
    }

    fn fail<T>(&mut self, what: What) -> Result<T, Ended> {
        let at = self.pass.at();
        Ok(self.pass.fail(at, what)?)
    }

    /// Goes over a value and notes it; `name` is where the name of its member begins.
    fn value(&mut self, want: TrieNodeId, open: usize, name: usize) -> Result<u32, Ended> {
        let first = self.pass.peek();
        let start = self.pass.at();
        let node = Node { kind: Kind::Simple, want, start, below: NONE, end: start, next: NONE, name };
        let wants = self.wants;
        let below = wants.node(want).filter(|want| !want.is_leaf());
        match (first, below) {
            (b'"', _) => {
                let (start, end, has_escapes) = self.pass.string()?;
                let kind = if has_escapes { Kind::TextWithEscapes } else { Kind::Text };
                return Ok(self.tape.push(Node { kind, start, end, ..node }));
            }
            (b'{', Some(below)) => return self.object(below, Node { kind: Kind::Object, ..node }, open),
            (b'[', Some(_)) => return self.array(Node { kind: Kind::Array, ..node }, open),
            _ => {}
        }
        let kind = match first {
            b'{' => Kind::Object,
            b'[' => Kind::Array,
            b'n' => Kind::Null,
            _ => Kind::Simple,
        };
        self.pass.skip(open)?;
        Ok(self.tape.push(Node { kind, ..node }))
    }

    fn open(&mut self, open: usize) -> Result<(), Ended> {
        if open >= MAX_OPEN {
            return self.fail(What::Depth);
        }
        self.pass.advance();
        Ok(())
    }

    fn array(&mut self, node: Node, open: usize) -> Result<u32, Ended> {
        self.open(open)?;
        let number = self.tape.push(node);
        if self.pass.peek() == b']' {
            self.pass.advance();
            return Ok(number);
        }
        let mut last = NONE;
        loop {
            let element = self.value(node.want, open + 1, 0)?;
            if last == NONE {
                if let Some(array) = self.tape.node_mut(number) {
                    array.below = element;
                }
            } else if let Some(before) = self.tape.node_mut(last) {
                before.next = element;
            }
            last = element;
            match self.pass.peek() {
                b',' => self.pass.advance(),
                b']' => break,
                _ => return self.fail(What::CommaOrBracket),
            }
        }
        self.pass.advance();
        Ok(number)
    }

    fn object(&mut self, want: &TrieNode, node: Node, open: usize) -> Result<u32, Ended> {
        self.open(open)?;
        let cells = self.tape.push_cells(want.cells);
        let number = self.tape.push(Node { below: cells, ..node });
        match self.pass.peek() {
            b'"' => {}
            b'}' => {
                self.pass.advance();
                return Ok(number);
            }
            _ => return self.fail(What::FirstName),
        }
        let is_list = self.finds_list && number == 0;
        loop {
            self.pass.pass_over(want, is_list);
            let (start, end, has_escapes) = self.pass.string()?;
            if self.pass.peek() != b':' {
                return self.fail(What::Colon);
            }
            self.pass.advance();
            if is_list && end - start == LIST.len() && self.is_list(start, end) {
                return Err(Ended::List);
            }
            match self.member(want, start, end, has_escapes) {
                None => self.pass.skip(open + 1)?,
                Some((name, member)) => {
                    let value = self.value(member.child, open + 1, start)?;
                    let text = self.pass.text();
                    self.tape.put(cells, member, &name, value, |before| is_name(text, before.name, &name));
                    if P::IS_TRUSTED && number == 0 {
                        self.decide(member)?;
                    }
                }
            }
            match self.pass.peek() {
                b',' => {
                    self.pass.advance();
                    if self.pass.peek() != b'"' {
                        return self.fail(What::Name);
                    }
                }
                b'}' => break,
                _ => return self.fail(What::CommaOrBrace),
            }
        }
        self.pass.advance();
        Ok(number)
    }

    fn is_list(&mut self, start: usize, end: usize) -> bool {
        let name = self.pass.text().get(start..end).unwrap_or_default();
        name.eq_ignore_ascii_case(LIST) && self.pass.peek() == b'['
    }

    /// The member that is read, if it is one.
    #[inline]
    fn member<'w>(
        &self,
        want: &'w TrieNode,
        start: usize,
        end: usize,
        has_escapes: bool,
    ) -> Option<(Cow<'t, [u8]>, &'w TrieMember)> {
        if !has_escapes && !want.has_length(end - start) {
            return None;
        }
        let name = text::name(self.pass.text().get(start..end)?, has_escapes)?;
        let member = want.member(&name)?;
        Some((name, member))
    }

    /// Asks the terms for which this member of the document was the last that they read. What they say may be the answer.
    fn decide(&mut self, member: &TrieMember) -> Result<(), Ended> {
        let wants = self.wants;
        for term in wants.terms.readers.get(member.number).map_or(&[][..], Vec::as_slice) {
            let Some(missing) = self.tape.missing.get_mut(*term) else { continue };
            *missing = missing.saturating_sub(1);
            if *missing > 0 {
                continue;
            }
            self.undecided = self.undecided.saturating_sub(1);
            let raw = Raw::root(self.pass.text(), self.tape, wants, true);
            let Some(term) = self.terms.get(*term) else { continue };
            let holds = evaluate::holds(term, &raw).map_err(Ended::Fault)?;
            if holds == wants.terms.is_or {
                return Err(Ended::Answer(holds));
            }
        }
        if self.undecided == 0 {
            return Err(Ended::Answer(!wants.terms.is_or));
        }
        Ok(())
    }
}

/// Whether the name that begins at `start` is this one.
fn is_name(text: &[u8], start: usize, name: &[u8]) -> bool {
    let mut cursor = Cursor::<false>::new(text, start);
    let Ok(has_escapes) = cursor.string() else { return false };
    let before = text.get(start..cursor.at - 1).unwrap_or_default();
    text::name(before, has_escapes).is_some_and(|before| *before == *name)
}
