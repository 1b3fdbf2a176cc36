//! JSON text as a document, read where it stands.

use std::borrow::Cow;
use std::collections::HashMap;

use super::cursor::{Cursor, Stop};
use super::error::{Fault, ScanError, What};
use super::text;
use crate::document::{Document, DocumentError, Key, NumberView, ValueKind, View};
use crate::json::without_mark;

/// JSON text as a [`Document`]. It builds no tree, and reads the text again at every access. Use it where a
/// [`Matcher`](crate::Matcher) takes any document, such as in [`explain`](crate::Matcher::explain); to match a text,
/// [`matches_slice`](crate::Matcher::matches_slice) is faster.
///
/// ```
/// use scim_engine::{Filter, ResourceType, scan::RawDocument};
/// let matcher = "title pr or active eq true".parse::<Filter>()?.compile(&ResourceType::user())?;
/// let document = RawDocument::new(br#"{"active": true}"#)?;
/// assert_eq!(matcher.explain(document)?.to_string().lines().count(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct RawDocument<'t> {
    pub(super) text: &'t [u8],
    pub(super) at: usize,
    /// Whether no object has two members with one name.
    pub(super) is_unique: bool,
}

/// What walks over the members of an object: name, whether it has escapes, where the value begins. True ends the walk.
type Visit<'v, 't> = &'v mut dyn FnMut(&'t [u8], bool, usize) -> Result<bool, Fault>;

impl<'t> RawDocument<'t> {
    /// Checks a whole text, as [`matches_slice`](crate::Matcher::matches_slice) does.
    ///
    /// # Errors
    /// [`ScanError`] if the text is not JSON.
    pub fn new(text: &'t [u8]) -> Result<Self, ScanError> {
        let text = without_mark(text);
        let mut cursor = Cursor::<true>::new(text, 0);
        cursor.peek();
        let at = cursor.at;
        match cursor.skip(0).and_then(|()| cursor.end()) {
            Ok(()) => Ok(Self { text, at, is_unique: false }),
            Err(Stop) => Err(ScanError::new(text, cursor.fault.0, cursor.fault.1)),
        }
    }

    pub(super) fn part(self, at: usize) -> Self {
        Self { at, ..self }
    }

    pub(crate) fn first(self) -> u8 {
        self.text.get(self.at).copied().unwrap_or_default()
    }

    fn fault(self) -> Fault {
        Fault { at: self.at, what: What::Value }
    }

    /// The text between two places.
    pub(super) fn between(self, start: usize, end: usize) -> &'t [u8] {
        self.text.get(start..end).unwrap_or_default()
    }

    pub(super) fn string(self, start: usize, end: usize, has_escapes: bool) -> Result<View<'t>, Fault> {
        let text = text::decode(self.between(start, end), has_escapes);
        text.map(View::String).ok_or(Fault { at: start, what: What::Utf8 })
    }

    /// A number by its text.
    pub(super) fn number(self, start: usize, end: usize) -> View<'t> {
        let digits = self.between(start, end);
        // In ASCII, as far as it was checked.
        let text = std::str::from_utf8(digits).unwrap_or_default();
        View::Number(match text.parse::<i64>() {
            Ok(integer) if integer != 0 => NumberView::Integer(integer.into()),
            _ => NumberView::Text(Cow::Borrowed(text)),
        })
    }

    /// Calls `visit` with the members as they stand in the text, a name given twice and all.
    fn members(self, visit: Visit<'_, 't>) -> Result<bool, Fault> {
        if self.first() != b'{' {
            return Ok(false);
        }
        let mut cursor = Cursor::<false>::new(self.text, self.at + 1);
        if cursor.peek() == b'}' {
            return Ok(false);
        }
        loop {
            if cursor.peek() != b'"' {
                return Err(Fault { at: cursor.at, what: What::Name });
            }
            cursor.at += 1;
            let start = cursor.at;
            let has_escapes = cursor.string().map_err(|Stop| self.fault())?;
            let name = self.between(start, cursor.at - 1);
            cursor.expect(b':', What::Colon).map_err(|Stop| self.fault())?;
            cursor.peek();
            if visit(name, has_escapes, cursor.at)? {
                return Ok(true);
            }
            cursor.skip(0).map_err(|Stop| self.fault())?;
            match cursor.peek() {
                b',' => cursor.at += 1,
                b'}' => return Ok(false),
                _ => return Err(Fault { at: cursor.at, what: What::CommaOrBrace }),
            }
        }
    }

    /// The names of the members and where their values begin: of a name given twice the last one, at the place of the
    /// first (F14).
    fn unique_members(self) -> Result<impl Iterator<Item = (Cow<'t, [u8]>, usize)>, Fault> {
        const FEW: usize = 16;
        let mut names: Vec<Cow<'t, [u8]>> = Vec::new();
        let mut values = Vec::new();
        let mut numbers = HashMap::new();
        self.members(&mut |name, has_escapes, value| {
            let name = decoded(name, has_escapes, value)?;
            let known = if names.len() < FEW {
                names.iter().position(|known| *known == name)
            } else {
                if numbers.is_empty() {
                    numbers.extend(names.iter().enumerate().map(|(number, name)| (name.clone(), number)));
                }
                numbers.get(&name).copied()
            };
            match known.and_then(|known| values.get_mut(known)) {
                Some(known) => *known = value,
                None => {
                    if names.len() >= FEW {
                        numbers.insert(name.clone(), values.len());
                    }
                    names.push(name);
                    values.push(value);
                }
            }
            Ok(false)
        })?;
        Ok(names.into_iter().zip(values))
    }
}

pub(super) fn decoded(name: &[u8], has_escapes: bool, at: usize) -> Result<Cow<'_, [u8]>, Fault> {
    text::name(name, has_escapes).ok_or(Fault { at, what: What::Escape })
}

/// The parts of the trait that do not know what `Self` is.
impl<'t> RawDocument<'t> {
    pub(super) fn read(self) -> Result<View<'t>, Fault> {
        let mut cursor = Cursor::<false>::new(self.text, self.at + 1);
        Ok(match self.first() {
            b'"' => {
                let has_escapes = cursor.string().map_err(|Stop| self.fault())?;
                return self.string(self.at + 1, cursor.at - 1, has_escapes);
            }
            b'{' => View::Object,
            b'[' => View::Array,
            b't' => View::Bool(true),
            b'f' => View::Bool(false),
            b'n' => View::Null,
            b'-' | b'0'..=b'9' => {
                cursor.number().map_err(|Stop| self.fault())?;
                self.number(self.at, cursor.at)
            }
            _ => return Err(self.fault()),
        })
    }

    pub(super) fn shape_of(self) -> ValueKind {
        match self.first() {
            b'n' => ValueKind::Null,
            b'[' => ValueKind::Array,
            b'{' => ValueKind::Object,
            _ => ValueKind::Simple,
        }
    }

    /// Where the value of a member begins.
    pub(super) fn find(self, key: &Key) -> Result<Option<usize>, Fault> {
        let mut first: Option<(Cow<'t, [u8]>, usize)> = None;
        let mut exact = None;
        self.members(&mut |name, has_escapes, value| {
            let name = decoded(name, has_escapes, value)?;
            if !name.eq_ignore_ascii_case(key.name().as_bytes()) {
                return Ok(false);
            }
            if key.is_canonical() && *name == *key.name().as_bytes() {
                exact = Some(value);
            }
            match &mut first {
                Some((known, at)) => {
                    if *known == name {
                        *at = value;
                    }
                }
                None => first = Some((name, value)),
            }
            Ok(self.is_unique)
        })?;
        Ok(exact.or(first.map(|(_, value)| value)))
    }

    /// Calls `visit` with where each element begins.
    pub(super) fn elements(self, visit: &mut dyn FnMut(usize) -> Result<bool, Fault>) -> Result<bool, Fault> {
        if self.first() != b'[' {
            return Ok(false);
        }
        let mut cursor = Cursor::<false>::new(self.text, self.at + 1);
        if cursor.peek() == b']' {
            return Ok(false);
        }
        loop {
            cursor.peek();
            if visit(cursor.at)? {
                return Ok(true);
            }
            cursor.skip(0).map_err(|Stop| self.fault())?;
            match cursor.peek() {
                b',' => cursor.at += 1,
                b']' => return Ok(false),
                _ => return Err(Fault { at: cursor.at, what: What::CommaOrBracket }),
            }
        }
    }

    /// Calls `visit` with the name of each member and where its value begins.
    pub(super) fn values(self, visit: &mut dyn FnMut(&str, usize) -> Result<bool, Fault>) -> Result<bool, Fault> {
        // The names of a trusted text may be anything but UTF-8. Then the name is not that of any attribute.
        if self.is_unique {
            return self.members(&mut |name, has_escapes, value| {
                visit(&String::from_utf8_lossy(&decoded(name, has_escapes, value)?), value)
            });
        }
        for (name, value) in self.unique_members()? {
            if visit(&String::from_utf8_lossy(&name), value)? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// What can go wrong in text that is known to be JSON.
fn deep(_: Fault) -> DocumentError {
    DocumentError::TooDeep
}

impl Document for RawDocument<'_> {
    type Error = DocumentError;

    fn view(&self) -> Result<View<'_>, DocumentError> {
        self.read().map_err(deep)
    }

    fn kind(&self) -> Result<ValueKind, DocumentError> {
        Ok(self.shape_of())
    }

    fn member(&self, key: &Key) -> Result<Option<Self>, DocumentError> {
        Ok(self.find(key).map_err(deep)?.map(|at| self.part(at)))
    }

    fn any_element(&self, f: &mut dyn FnMut(&Self) -> Result<bool, DocumentError>) -> Result<bool, DocumentError> {
        self.elements(&mut |at| Ok(f(&self.part(at))?)).map_err(deep)
    }

    fn any_member(&self, f: &mut dyn FnMut(&str, &Self) -> Result<bool, DocumentError>) -> Result<bool, DocumentError> {
        self.values(&mut |name, at| Ok(f(name, &self.part(at))?)).map_err(deep)
    }
}
