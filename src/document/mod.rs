//! A read-only view of one JSON value, with one implementation for each representation. Meaning is written once, over
//! this; [`check_contract`] says what an implementation must do.
//!
//! # What a representation costs
//!
//! A user of 1.6 KB of JSON text takes 13 KB as `serde_json::Value`, eight times as much, and four to six times as a `dict` of
//! Python. A test that is asked of one value in the cache takes some tens of nanoseconds; over many documents in turn nearly
//! all of the time is spent on waiting for memory. So ask text as text ([`matches_slice`](crate::Matcher::matches_slice)) if
//! nothing else is wanted of it. Typed columns of a data base or of Arrow are faster than any document, and an index
//! ([`equalities`](crate::Matcher::equalities)) is faster than any scan.

mod contract;
mod number;
mod value;

use std::borrow::Cow;
use std::fmt;

pub use contract::{check_contract, contract_samples};
pub use number::NumberView;

/// A JSON value somewhere: in memory, in bytes, in another language's objects. It is a handle, cheap to clone and pass.
///
/// Every access can fail, since a document may live where access runs foreign code. Errors go to the caller of
/// [`Matcher::matches`](crate::Matcher::matches) unchanged.
///
/// ```
/// use scim_engine::document::{Document, Key, View};
/// use serde_json::json;
/// let user = json!({"userName": "bjensen"});
/// let name = (&user).member(&Key::new("username", 0))?.unwrap();
/// assert!(matches!(name.view()?, View::String(text) if text == "bjensen"));
/// # Ok::<(), scim_engine::document::DocumentError>(())
/// ```
pub trait Document: Sized {
    /// What can go wrong in reading; for plain memory only what no filter can be asked of.
    type Error: From<DocumentError>;

    /// What kind of value it is; simple ones with their value.
    ///
    /// # Errors
    /// Whatever reading may raise.
    fn view(&self) -> Result<View<'_>, Self::Error>;

    /// What kind of value it is, without its value: quicker than [`Document::view`] where strings have to be made.
    ///
    /// # Errors
    /// Whatever reading may raise.
    fn shape(&self) -> Result<Shape, Self::Error> {
        self.view().map(|view| view.shape())
    }

    /// The text of a string; `None` for every other kind of value.
    ///
    /// # Errors
    /// Whatever reading may raise.
    fn text(&self) -> Result<Option<Cow<'_, str>>, Self::Error> {
        self.view().map(|view| if let View::String(text) = view { Some(text) } else { None })
    }

    /// The member of an object that has this name in any case: the key's own spelling if `key` is a schema's
    /// ([`Key::is_canonical`]), else the first (F14). `None` for what is no object.
    ///
    /// # Errors
    /// Whatever reading may raise.
    fn member(&self, key: &Key) -> Result<Option<Self>, Self::Error>;

    /// Calls `f` with each element of an array until it says true; false at once for what is no array.
    ///
    /// # Errors
    /// Whatever reading may raise, and the errors of `f`.
    fn any_element(&self, f: &mut dyn FnMut(&Self) -> Result<bool, Self::Error>) -> Result<bool, Self::Error>;

    /// Calls `f` with the value of each member of an object until it says true; false at once for what is no object.
    ///
    /// # Errors
    /// Whatever reading may raise, and the errors of `f`.
    fn any_member(&self, f: &mut dyn FnMut(&Self) -> Result<bool, Self::Error>) -> Result<bool, Self::Error>;
}

/// What a JSON value is.
#[derive(Debug, Clone, PartialEq)]
pub enum View<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number, not rounded.
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
    pub fn shape(&self) -> Shape {
        match self {
            Self::Null => Shape::Null,
            Self::Array => Shape::Array,
            Self::Object => Shape::Object,
            Self::Bool(_) | Self::Number(_) | Self::String(_) => Shape::Simple,
        }
    }
}

/// What a JSON value is, without its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
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
    /// Where the evaluator keeps the member, if it is asked for more than once.
    slot: u8,
    /// Whether a simple value answers to this name itself (F11).
    pub(crate) is_element_value: bool,
}

impl Key {
    /// How many members of a document are kept while a filter is asked of it.
    pub(crate) const SLOTS: usize = 4;
    pub(crate) const NO_SLOT: u8 = u8::MAX;

    /// A name as somebody wrote it.
    pub fn new(name: &str, index: usize) -> Self {
        Self { name: name.into(), index, is_canonical: false, slot: Self::NO_SLOT, is_element_value: false }
    }

    /// A name in its schema's spelling, which counts before any other spelling.
    pub fn canonical(name: &str, index: usize) -> Self {
        Self { is_canonical: true, ..Self::new(name, index) }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A small number, the same for the same name within one matcher, by which a representation may keep the name in a
    /// form of its own ([`Matcher::key_names`](crate::Matcher::key_names)).
    pub fn index(&self) -> usize {
        self.index
    }

    /// Whether the name is in the schema's spelling.
    pub fn is_canonical(&self) -> bool {
        self.is_canonical
    }

    /// A number from [`Key::SLOTS`] on if the member is not kept.
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

/// Why a value cannot be asked as a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum DocumentError {
    /// It is nested deeper than [`MAX_DEPTH`] where it had to be read.
    TooDeep,
    /// It is not an object: nothing can be said of it, and a negated filter would match it.
    NoObject,
}

/// Levels of a document below an attribute that are followed; SCIM has two.
pub const MAX_DEPTH: usize = 64;

impl fmt::Display for DocumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooDeep => write!(f, "the document is nested too deep: at most {MAX_DEPTH} levels are allowed"),
            Self::NoObject => f.write_str("only an object is a document"),
        }
    }
}

impl std::error::Error for DocumentError {}
