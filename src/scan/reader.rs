//! One pass over a text that notes what a plan reads.

use std::borrow::Cow;

use super::cursor::{Cursor, MAX_OPEN, Stop};
use super::error::{Fault, What};
use super::raw::Raw;
use super::tape::{Kind, NONE, Node, Tape};
use super::text;
use crate::filter::evaluate;
use crate::filter::plan::{self, Plan};
use crate::filter::wants::{Member, Want, WantId, Wants, terms};

/// The member of a ListResponse that has its documents.
const LIST: &[u8] = b"Resources";

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

impl From<Stop> for Ended {
    fn from(_: Stop) -> Self {
        Self::Stop
    }
}

struct Reader<'t, 'p, const CHECKED: bool> {
    cursor: Cursor<'t, CHECKED>,
    tape: &'p mut Tape,
    wants: &'p Wants,
    terms: &'p [plan::Node],
    undecided: usize,
    /// Whether to end at a list of documents.
    finds_list: bool,
}

/// Whether a plan holds of a text.
pub(super) fn matches<const CHECKED: bool>(text: &[u8], plan: &Plan, tape: &mut Tape) -> Result<bool, Fault> {
    let mut reader = Reader::<CHECKED>::new(text, 0, plan, tape);
    let passed = reader.value(0, 0, 0).and_then(|_| if CHECKED { Ok(reader.cursor.end()?) } else { Ok(()) });
    let fault = reader.cursor.fault;
    match passed {
        Ok(()) => answer::<CHECKED>(text, plan, tape),
        Err(Ended::Answer(answer)) => Ok(answer),
        Err(Ended::Fault(fault)) => Err(fault),
        Err(Ended::Stop | Ended::List) => Err(Fault { at: fault.0, what: fault.1 }),
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
    let mut reader = Reader::<true>::new(text, start, plan, tape);
    reader.finds_list = finds_list;
    let passed = reader.value(0, 0, 0).and_then(|_| Ok(reader.cursor.characters(start)?));
    let Cursor { at: end, lines, fault: (at, what), .. } = reader.cursor;
    match passed {
        Ok(()) => Ok(Some(Passed { holds: answer::<true>(text, plan, tape)?, end, lines })),
        Err(Ended::Fault(fault)) => Err(fault),
        Err(Ended::List) => Ok(None),
        Err(Ended::Stop | Ended::Answer(_)) => Err(Fault { at, what }),
    }
}

/// What the plan says of a text that was read to its end.
fn answer<const CHECKED: bool>(text: &[u8], plan: &Plan, tape: &Tape) -> Result<bool, Fault> {
    let wants = plan.wants();
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

impl<'t, 'p, const CHECKED: bool> Reader<'t, 'p, CHECKED> {
    fn new(text: &'t [u8], start: usize, plan: &'p Plan, tape: &'p mut Tape) -> Self {
        let wants = plan.wants();
        tape.clear();
        let (_, terms) = terms(&plan.root);
        if !CHECKED {
            tape.missing.extend_from_slice(&wants.terms.reads);
        }
        Self { cursor: Cursor::new(text, start), tape, wants, terms, undecided: terms.len(), finds_list: false }
    }

    /// Goes over a value and notes it; `name` is where the name of its member begins.
    fn value(&mut self, want: WantId, open: usize, name: usize) -> Result<u32, Ended> {
        let first = self.cursor.peek();
        let start = self.cursor.at;
        let node = Node { kind: Kind::Simple, want, start, end: start, below: NONE, next: NONE, name };
        let wants = self.wants;
        let below = wants.place(want).filter(|want| !want.is_leaf());
        match (first, below) {
            (b'"', _) => {
                self.cursor.at += 1;
                let kind = if self.cursor.string()? { Kind::TextWithEscapes } else { Kind::Text };
                return Ok(self.tape.push(Node { kind, start: start + 1, end: self.cursor.at - 1, ..node }));
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
        self.cursor.skip(open)?;
        Ok(self.tape.push(Node { kind, end: self.cursor.at, ..node }))
    }

    fn open(&mut self, open: usize) -> Result<(), Ended> {
        if open >= MAX_OPEN {
            self.cursor.fail(self.cursor.at, What::Depth)?;
        }
        self.cursor.at += 1;
        Ok(())
    }

    fn array(&mut self, node: Node, open: usize) -> Result<u32, Ended> {
        self.open(open)?;
        let number = self.tape.push(node);
        if self.cursor.peek() == b']' {
            self.cursor.at += 1;
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
            match self.cursor.peek() {
                b',' => self.cursor.at += 1,
                b']' => break,
                _ => self.cursor.fail(self.cursor.at, What::CommaOrBracket)?,
            }
        }
        self.cursor.at += 1;
        Ok(number)
    }

    fn object(&mut self, want: &Want, node: Node, open: usize) -> Result<u32, Ended> {
        self.open(open)?;
        let cells = self.tape.push_cells(want.cells);
        let number = self.tape.push(Node { below: cells, ..node });
        match self.cursor.peek() {
            b'"' => {}
            b'}' => {
                self.cursor.at += 1;
                return Ok(number);
            }
            _ => self.cursor.fail(self.cursor.at, What::FirstName)?,
        }
        loop {
            self.cursor.at += 1;
            let start = self.cursor.at;
            let has_escapes = self.cursor.string()?;
            let end = self.cursor.at - 1;
            self.cursor.expect(b':', What::Colon)?;
            if self.finds_list && number == 0 && end - start == LIST.len() && self.is_list(start, end) {
                return Err(Ended::List);
            }
            match self.member(want, start, end, has_escapes) {
                None => self.cursor.skip(open + 1)?,
                Some((name, member)) => {
                    let value = self.value(member.then, open + 1, start)?;
                    let text = self.cursor.text;
                    self.tape.put(cells, member, &name, value, |before| is_name(text, before.name, &name));
                    if !CHECKED && number == 0 {
                        self.decide(member)?;
                    }
                }
            }
            match self.cursor.peek() {
                b',' => {
                    self.cursor.at += 1;
                    if self.cursor.peek() != b'"' {
                        self.cursor.fail(self.cursor.at, What::Name)?;
                    }
                }
                b'}' => break,
                _ => self.cursor.fail(self.cursor.at, What::CommaOrBrace)?,
            }
        }
        self.cursor.at += 1;
        Ok(number)
    }

    fn is_list(&mut self, start: usize, end: usize) -> bool {
        let name = self.cursor.text.get(start..end).unwrap_or_default();
        name.eq_ignore_ascii_case(LIST) && self.cursor.peek() == b'['
    }

    /// The member that is read, if it is one.
    #[inline]
    fn member<'w>(
        &self,
        want: &'w Want,
        start: usize,
        end: usize,
        has_escapes: bool,
    ) -> Option<(Cow<'t, [u8]>, &'w Member)> {
        if !has_escapes && !want.has_length(end - start) {
            return None;
        }
        let text: &'t [u8] = self.cursor.text;
        let name = text::name(text.get(start..end)?, has_escapes)?;
        let member = want.member(&name)?;
        Some((name, member))
    }

    /// Asks the terms for which this member of the document was the last that they read. What they say may be the answer.
    fn decide(&mut self, member: &Member) -> Result<(), Ended> {
        let wants = self.wants;
        for term in wants.terms.readers.get(member.number).map_or(&[][..], Vec::as_slice) {
            let Some(missing) = self.tape.missing.get_mut(*term) else { continue };
            *missing = missing.saturating_sub(1);
            if *missing > 0 {
                continue;
            }
            self.undecided = self.undecided.saturating_sub(1);
            let raw = Raw::root(self.cursor.text, self.tape, wants, true);
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
