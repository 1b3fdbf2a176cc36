//! The trait [`Document`]: a read-only view of one JSON value, which each representation implements. Filters are
//! evaluated by one implementation, on this trait. [`check_contract`] checks an implementation of the trait.
//!
//! # What a representation costs
//!
//! A user of 1.6 KB of JSON text takes 9 KB as `serde_json::Value`, about 6 times its text (more if members keep their
//! order), and 3.5 to 5 times its text as a Python `dict`. Testing one value that is in the cache takes some tens of
//! nanoseconds. If many documents are matched one after the other, nearly all of the time is spent waiting for memory.
//! So match a JSON text by [`matches_slice`](crate::Matcher::matches_slice), without parsing it, if you need nothing
//! else from it. Typed columns of a database or of Arrow are faster than any document, and an index
//! ([`equalities`](crate::Matcher::equalities)) is faster than any scan.

mod contract;
mod number;
mod value;

use std::borrow::Cow;
use std::fmt;

pub use contract::{check_contract, contract_samples};
pub use number::NumberView;

/// A JSON value in any representation: in memory, in bytes, in objects of another language. An implementation is
/// usually a reference or another small handle.
///
/// Every access can fail, because a representation may run foreign code to read a value.
/// [`Matcher::matches`](crate::Matcher::matches) returns such errors unchanged.
///
/// ```
/// use scim_engine::document::{Document, Key, View};
/// use serde_json::json;
/// let user = json!({"userName": "bjensen"});
/// let name = (&user).member(&Key::new("username"))?.unwrap();
/// assert!(matches!(name.view()?, View::String(text) if text == "bjensen"));
/// # Ok::<(), scim_engine::document::DocumentError>(())
/// ```
pub trait Document: Sized {
    /// The error of reading a value. For documents in memory it can be [`DocumentError`] itself.
    type Error: From<DocumentError>;

    /// The kind of the value and, if the value is simple, the value itself.
    ///
    /// # Errors
    /// Those of reading the value.
    fn view(&self) -> Result<View<'_>, Self::Error>;

    /// The kind of value alone. It is faster than [`Document::view`] if `view` would have to allocate a string.
    ///
    /// # Errors
    /// Those of reading the value.
    fn kind(&self) -> Result<ValueKind, Self::Error> {
        self.view().map(|view| view.kind())
    }

    /// The text of a string; `None` for any other kind of value.
    ///
    /// # Errors
    /// Those of reading the value.
    fn text(&self) -> Result<Option<Cow<'_, str>>, Self::Error> {
        self.view().map(|view| if let View::String(text) = view { Some(text) } else { None })
    }

    /// The member of an object that has this name, in any case. If `key` is in the schema's spelling
    /// ([`Key::is_canonical`]), a member in that spelling takes precedence; otherwise the first counts (`docs/MEANING.md`,
    /// under "Filter meaning"). `None` if the value is not an object.
    ///
    /// # Errors
    /// Those of reading the value.
    fn member(&self, key: &Key) -> Result<Option<Self>, Self::Error>;

    /// Calls `f` with each element of an array until `f` returns true, and returns whether `f` did. The result is false
    /// if the value is not an array.
    ///
    /// # Errors
    /// Those of reading the value, and those of `f`.
    fn any_element(&self, f: &mut dyn FnMut(&Self) -> Result<bool, Self::Error>) -> Result<bool, Self::Error>;

    /// Calls `f` with the name and the value of each member of an object until `f` returns true, and returns whether `f`
    /// did. The result is false if the value is not an object.
    ///
    /// # Errors
    /// Those of reading the value, and those of `f`.
    #[expect(clippy::type_complexity, reason = "an alias would hide what an implementation has to call")]
    fn any_member(&self, f: &mut dyn FnMut(&str, &Self) -> Result<bool, Self::Error>) -> Result<bool, Self::Error>;
}

/// The kind of a JSON value and, if the value is simple, the value itself.
#[derive(Debug, Clone, PartialEq)]
pub enum View<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, never rounded.
    Number(NumberView<'a>),
    /// A string.
    String(Cow<'a, str>),
    /// An array: see [`Document::any_element`].
    Array,
    /// An object: see [`Document::member`] and [`Document::any_member`].
    Object,
}

impl View<'_> {
    /// The kind of value alone.
    pub fn kind(&self) -> ValueKind {
        match self {
            Self::Null => ValueKind::Null,
            Self::Array => ValueKind::Array,
            Self::Object => ValueKind::Object,
            Self::Bool(_) | Self::Number(_) | Self::String(_) => ValueKind::Simple,
        }
    }
}

/// The kind of a JSON value alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ValueKind {
    /// `null`.
    Null,
    /// A boolean, a number or a string.
    Simple,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// The name of a member, prepared once for many look-ups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    name: Box<str>,
    index: usize,
    is_canonical: bool,
    /// The slot in which the evaluator keeps the member with this name, if more than one test reads it; otherwise
    /// `NO_SLOT`.
    slot: u8,
    /// Whether a simple value counts as its own member of this name. That is so only for the name `value`:
    /// `"a@example.com"` is read as `{"value": "a@example.com"}` (F11, F17).
    pub(crate) is_element_value: bool,
}

impl Key {
    /// The most members of a document that are kept while a filter is evaluated. The kept members are on the stack, so
    /// that evaluation needs no allocation. Few filters read more than four members twice; further members are looked
    /// up each time.
    pub(crate) const SLOTS: usize = 4;
    pub(crate) const NO_SLOT: u8 = u8::MAX;

    /// A name in any spelling.
    pub fn new(name: &str) -> Self {
        let index = usize::MAX;
        Self { name: name.into(), index, is_canonical: false, slot: Self::NO_SLOT, is_element_value: false }
    }

    /// A name in the spelling of its schema, which takes precedence over any other spelling.
    pub fn canonical(name: &str) -> Self {
        Self { is_canonical: true, ..Self::new(name) }
    }

    /// Sets the number by which one matcher knows the name.
    pub(crate) fn numbered(self, index: usize) -> Self {
        Self { index, ..self }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A small number, which is the same for the same name within one matcher. A representation can use it as the index
    /// of a table of prepared names (`Matcher::key_names`). It is `usize::MAX` for a name that the filter does not read:
    /// [`Matcher::explain`](crate::Matcher::explain) uses such keys, to show all sub-attributes of a complex value.
    pub(crate) fn index(&self) -> usize {
        self.index
    }

    /// Whether the name is in the spelling of its schema.
    pub fn is_canonical(&self) -> bool {
        self.is_canonical
    }

    /// The slot of the member. It is [`Key::SLOTS`] or more if the member is not kept.
    pub(crate) fn slot(&self) -> usize {
        self.slot.into()
    }

    pub(crate) fn keep_at(&mut self, slot: u8) {
        self.slot = slot;
    }

    /// Whether `other` is this name in any case.
    #[inline]
    pub fn is(&self, other: &str) -> bool {
        self.name.eq_ignore_ascii_case(other)
    }
}

/// The reason why a value cannot be used as a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentError {
    /// A part of the value that had to be read is nested deeper than [`MAX_DEPTH`].
    TooDeep,
    /// The value is not an object. That is an error and not a mismatch, because a negated filter would match it.
    NoObject,
}

/// The most levels below an attribute that are read. SCIM has two levels; the limit bounds recursion.
pub const MAX_DEPTH: usize = 64;

impl DocumentError {
    /// The message.
    pub const fn message(&self) -> &'static str {
        match self {
            // 64 is `MAX_DEPTH`.
            Self::TooDeep => "the document is nested too deep: at most 64 levels are allowed",
            Self::NoObject => "only an object is a document",
        }
    }
}

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.message())
    }
}

impl std::error::Error for DocumentError {}
