//! Where the parts of a JSON text stand: the members of an object, the elements of its lists. For those who put other texts
//! in the place of some.

use std::borrow::Cow;
use std::collections::HashSet;

use super::cursor::{Cursor, Stop};
use super::document::RawDocument;
use super::error::{ScanError, What};
use super::text;
use crate::document::View;

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub start: usize,
    pub end: usize,
}

impl Span {
    pub(crate) fn of(self, text: &[u8]) -> &[u8] {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// An element of a list. Where it is an object, its member `value` is noted if that is a string, both without escapes: it is
/// what elements are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Element {
    pub span: Span,
    /// Between the quotes; empty if it was not noted.
    value: Span,
}

impl Element {
    pub(crate) fn new(span: Span) -> Self {
        Self { span, value: Span { start: 0, end: 0 } }
    }

    /// The text of its member `value`, in UTF-8, if it was noted.
    pub(crate) fn value<'t>(&self, text: &'t [u8]) -> Option<&'t [u8]> {
        if self.value.start == 0 { None } else { text.get(self.value.start..self.value.end) }
    }
}

/// A member of an object.
#[derive(Debug, Clone)]
pub(crate) struct Member<'t> {
    pub name: Cow<'t, str>,
    /// Where its name begins, with the quote.
    pub start: usize,
    /// Where the name has ended.
    pub colon: usize,
    pub value: Span,
    /// Which of the elements that were noted are those of its value, if that is a list.
    elements: (usize, usize),
}

/// The members of an object.
#[derive(Debug, Clone, Default)]
pub(crate) struct Members<'t> {
    /// After the bracket.
    pub start: usize,
    pub all: Vec<Member<'t>>,
}

impl<'t> Members<'t> {
    /// The member of this name: the schema's spelling, else the first in any case (F14).
    pub(crate) fn find(&self, name: &str) -> Option<usize> {
        let exact = self.all.iter().position(|member| member.name == name);
        exact.or_else(|| self.all.iter().position(|member| member.name.eq_ignore_ascii_case(name)))
    }

    /// A name that stands twice.
    pub(crate) fn doubled(&self) -> Option<&str> {
        const FEW: usize = 32;
        let mut names = self.all.iter().map(|member| &*member.name);
        if self.all.len() > FEW {
            let mut seen = HashSet::new();
            return names.find(|name| !seen.insert(*name));
        }
        let earlier = |(at, name): &(usize, &str)| self.all.iter().take(*at).any(|other| other.name == *name);
        names.enumerate().find(earlier).map(|(_, name)| name)
    }

    /// The members of an object in a text that is known to be JSON.
    pub(crate) fn of(text: &'t [u8], span: Span) -> Option<Self> {
        let mut cursor = Cursor::<false>::new(text, span.start);
        if cursor.peek() != b'{' {
            return None;
        }
        members(&mut cursor, None).ok()
    }
}

/// The elements of a list in a text that is known to be JSON.
pub(crate) fn elements_of(text: &[u8], span: Span) -> Option<Vec<Element>> {
    let mut cursor = Cursor::<false>::new(text, span.start);
    if cursor.peek() != b'[' {
        return None;
    }
    let mut noted = Vec::new();
    elements(&mut cursor, 0, &mut noted).ok()?;
    Some(noted)
}

/// What stands at a place of a text that is known to be JSON.
pub(crate) fn document(text: &[u8], at: usize) -> RawDocument<'_> {
    RawDocument { text, at, is_unique: false }
}

/// The text of a string in it, in UTF-8; none for any other value.
pub(crate) fn string(document: RawDocument<'_>) -> Option<Cow<'_, [u8]>> {
    match document.read() {
        Ok(View::String(Cow::Borrowed(text))) => Some(Cow::Borrowed(text.as_bytes())),
        Ok(View::String(Cow::Owned(text))) => Some(Cow::Owned(text.into_bytes())),
        _ => None,
    }
}

/// The outline of a text whose outermost value is an object, all of it checked.
pub(crate) struct Outline<'t> {
    pub text: &'t [u8],
    pub root: Members<'t>,
    elements: Vec<Element>,
}

impl<'t> Outline<'t> {
    /// `None` for any other value.
    pub(crate) fn of(text: &'t [u8]) -> Result<Option<Self>, ScanError> {
        let mut cursor = Cursor::<true>::new(text, 0);
        let is_object = cursor.peek() == b'{';
        let mut noted = Vec::new();
        let root =
            if is_object { members(&mut cursor, Some(&mut noted)).map(Some) } else { cursor.skip(0).map(|()| None) };
        match root.and_then(|root| cursor.end().map(|()| root)) {
            Ok(root) => Ok(root.map(|root| Self { text, root, elements: noted })),
            Err(Stop) => Err(ScanError::new(text, cursor.fault.0, cursor.fault.1)),
        }
    }

    /// The elements of a member of the outermost object, if its value is a list.
    pub(crate) fn elements(&self, member: &Member<'_>) -> Option<&[Element]> {
        let is_list = self.text.get(member.value.start) == Some(&b'[');
        self.elements.get(member.elements.0..member.elements.1).filter(|_| is_list)
    }
}

/// Goes over an object, whose bracket is next. `noted` gets the elements of lists that are values of its members.
fn members<'t, const CHECKED: bool>(
    cursor: &mut Cursor<'t, CHECKED>,
    mut noted: Option<&mut Vec<Element>>,
) -> Result<Members<'t>, Stop> {
    cursor.at += 1;
    let mut members = Members { start: cursor.at, all: Vec::new() };
    match cursor.peek() {
        b'}' => {
            cursor.at += 1;
            return Ok(members);
        }
        b'"' => {}
        _ => return cursor.fail(cursor.at, What::FirstName),
    }
    loop {
        if cursor.peek() != b'"' {
            return cursor.fail(cursor.at, What::Name);
        }
        let start = cursor.at;
        cursor.at += 1;
        let has_escapes = cursor.string()?;
        let colon = cursor.at;
        let raw = cursor.text.get(start + 1..colon - 1).unwrap_or_default();
        let Some(name) = text::decode(raw, has_escapes) else { return cursor.fail(start, What::Utf8) };
        cursor.expect(b':', What::Colon)?;
        let first = cursor.peek();
        let from = cursor.at;
        let first_element = noted.as_ref().map_or(0, |noted| noted.len());
        match &mut noted {
            Some(noted) if first == b'[' => elements(cursor, 1, noted)?,
            _ => cursor.skip(1)?,
        }
        let last_element = noted.as_ref().map_or(0, |noted| noted.len());
        let value = Span { start: from, end: cursor.at };
        members.all.push(Member { name, start, colon, value, elements: (first_element, last_element) });
        match cursor.peek() {
            b',' => cursor.at += 1,
            b'}' => {
                cursor.at += 1;
                return Ok(members);
            }
            _ => return cursor.fail(cursor.at, What::CommaOrBrace),
        }
    }
}

/// Goes over a list, whose bracket is next, with `open` brackets round it.
fn elements<const CHECKED: bool>(
    cursor: &mut Cursor<'_, CHECKED>,
    open: usize,
    noted: &mut Vec<Element>,
) -> Result<(), Stop> {
    cursor.at += 1;
    if cursor.peek() == b']' {
        cursor.at += 1;
        return Ok(());
    }
    loop {
        let first = cursor.peek();
        let start = cursor.at;
        let value = if first == b'{' {
            value_of(cursor, open + 1)?
        } else {
            cursor.skip(open + 1)?;
            Span { start: 0, end: 0 }
        };
        noted.push(Element { span: Span { start, end: cursor.at }, value });
        match cursor.peek() {
            b',' => cursor.at += 1,
            b']' => {
                cursor.at += 1;
                return Ok(());
            }
            _ => return cursor.fail(cursor.at, What::CommaOrBracket),
        }
    }
}

/// Goes over an object, whose bracket is next, with `open` brackets round it. Gives where the text of its member `value` is.
#[inline]
fn value_of<const CHECKED: bool>(cursor: &mut Cursor<'_, CHECKED>, open: usize) -> Result<Span, Stop> {
    const NONE: Span = Span { start: 0, end: 0 };
    let mut value = NONE;
    let mut is_unclear = false;
    cursor.at += 1;
    match cursor.peek() {
        b'}' => {
            cursor.at += 1;
            return Ok(NONE);
        }
        b'"' => {}
        _ => return cursor.fail(cursor.at, What::FirstName),
    }
    loop {
        if cursor.peek() != b'"' {
            return cursor.fail(cursor.at, What::Name);
        }
        cursor.at += 1;
        let start = cursor.at;
        let has_escapes = cursor.string()?;
        let name = cursor.text.get(start..cursor.at - 1).unwrap_or_default();
        let is_value = name == b"value";
        // It may be spelled so, too.
        is_unclear |= has_escapes || !is_value && name.eq_ignore_ascii_case(b"value");
        cursor.expect(b':', What::Colon)?;
        if cursor.peek() == b'"' {
            cursor.at += 1;
            let start = cursor.at;
            let has_escapes = cursor.string()?;
            if is_value {
                is_unclear |= has_escapes || value != NONE;
                value = Span { start, end: cursor.at - 1 };
            }
        } else {
            is_unclear |= is_value;
            cursor.skip(open + 1)?;
        }
        match cursor.peek() {
            b',' => cursor.at += 1,
            b'}' => {
                cursor.at += 1;
                return Ok(if is_unclear { NONE } else { value });
            }
            _ => return cursor.fail(cursor.at, What::CommaOrBrace),
        }
    }
}
