//! Where the attributes of the resource lie while it is patched. Only the attributes that the operations name are taken
//! out; everything else is never touched, in whatever representation it is. Of a multi-valued attribute the elements stay
//! where they are, too, but for those that change.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::coerce::refusal::Refusal;
use crate::filter::fold;
use crate::filter::plan::Node;
use crate::schema::{AttrRef, Attribute, Schema};

/// A refusal, or an error of the representation itself.
pub(crate) enum Fault<E> {
    Refused(Refusal),
    Store(E),
}

impl<E> From<Refusal> for Fault<E> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// A resource whose attributes can be taken out and put back.
pub(crate) trait Store {
    /// What can go wrong beside a refusal.
    type Error;

    /// The elements of a multi-valued attribute.
    type List: Elements<Error = Self::Error>;

    /// Takes the value of a single-valued attribute out, for [`Store::undo`] or [`Store::put`] to put something in its
    /// place.
    fn take(&mut self, attr: AttrRef<'_>) -> Result<Option<Value>, Fault<Self::Error>>;

    /// Puts back what was taken.
    fn undo(&mut self, attr: AttrRef<'_>, value: Option<Value>);

    /// Puts a new value in the place of what was taken; `None` unassigns.
    fn put(&mut self, attr: AttrRef<'_>, value: Option<Value>) -> Result<(), Self::Error>;

    /// Takes a multi-valued attribute out, for [`Store::undo_list`], [`Store::put_list`] or [`Store::put`].
    fn take_list(&mut self, attr: AttrRef<'_>) -> Result<Taken<Self::List>, Fault<Self::Error>>;

    /// Puts back the list that was taken.
    fn undo_list(&mut self, attr: AttrRef<'_>, taken: Taken<Self::List>);

    /// Puts the list that was taken back with these edits; something is left in it.
    fn put_list(&mut self, attr: AttrRef<'_>, taken: Taken<Self::List>, edits: Edits) -> Result<(), Self::Error>;

    /// Whether an extension has assigned members other than these attributes, which have been taken out.
    fn has_others(&mut self, extension: &Schema, taken: &[&Attribute]) -> Result<bool, Self::Error>;

    /// Takes a member that no schema knows; such members are changed whole.
    fn take_unknown(&mut self, extension: Option<&Schema>, name: &str) -> Result<Option<Value>, Fault<Self::Error>>;

    /// Puts a member that no schema knows.
    fn put_unknown(&mut self, extension: Option<&Schema>, name: &str, value: Option<Value>) -> Result<(), Self::Error>;

    /// Drops the object of an extension that holds nothing more.
    fn drop_extension(&mut self, extension: &Schema) -> Result<(), Self::Error>;
}

/// The elements of a multi-valued attribute as they are stored. Each is read where it is, and made into a value only
/// where that is needed.
pub(crate) trait Elements {
    /// What can go wrong in reading.
    type Error;

    fn len(&self) -> usize;

    /// An element as a value.
    fn value(&self, at: usize) -> Result<Cow<'_, Value>, Self::Error>;

    /// An element that is to go or to be replaced, as a value; nobody asks for it again.
    fn take(&mut self, at: usize) -> Result<Value, Self::Error> {
        self.value(at).map(Cow::into_owned)
    }

    /// What an element says of a sub-attribute, or of itself if none: as much as can be told without making a value.
    fn peek(&self, at: usize, sub: Option<&Attribute>) -> Result<Peek<'_>, Self::Error>;

    /// Whether what an element says of a sub-attribute is this text; none if its value has to be made to tell.
    fn peek_is(&self, at: usize, sub: Option<&Attribute>, needle: &TextMatch<'_>) -> Result<Option<bool>, Self::Error> {
        Ok(match self.peek(at, sub)? {
            Peek::Text(text) => Some(needle.is(&text)),
            Peek::Nothing => Some(false),
            Peek::Other => None,
        })
    }

    /// Whether a filter holds of an element; not where it is nested too deep to say.
    fn holds(&self, at: usize, node: &Node) -> Result<bool, Self::Error>;

    /// The bytes of an element, about.
    fn weight(&self, at: usize) -> usize {
        self.value(at).map_or(0, |value| weight(&value))
    }

    /// All elements as values.
    fn values(&self) -> Result<Cow<'_, [Value]>, Self::Error> {
        let all: Result<Vec<Value>, Self::Error> = (0..self.len()).map(|at| Ok(self.value(at)?.into_owned())).collect();
        all.map(Cow::Owned)
    }
}

/// The bytes of a value, about: of its texts, and a little for each part.
pub(crate) fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Array(elements) => elements.iter().map(weight).sum::<usize>() + 2,
        Value::Object(members) => members.iter().map(|(name, value)| name.len() + 4 + weight(value)).sum::<usize>() + 2,
        _ => 4,
    }
}

/// A text that is looked for, as its attribute compares texts.
pub(crate) struct TextMatch<'t> {
    pub text: &'t str,
    folded: Option<String>,
}

impl<'t> TextMatch<'t> {
    pub(crate) fn new(leaf: &Attribute, text: &'t str) -> Self {
        Self { text, folded: (!leaf.is_case_exact()).then(|| fold::fold(text)) }
    }

    #[cfg(feature = "python")]
    pub(crate) fn is_exact(&self) -> bool {
        self.folded.is_none()
    }

    /// Whether it is this text, in UTF-8.
    pub(crate) fn is(&self, text: &[u8]) -> bool {
        match &self.folded {
            None => text == self.text.as_bytes(),
            Some(folded) => std::str::from_utf8(text).is_ok_and(|text| fold::eq(text, folded)),
        }
    }
}

/// What an element says of a sub-attribute.
pub(crate) enum Peek<'e> {
    /// This string, in UTF-8.
    Text(Cow<'e, [u8]>),
    /// Nothing: it is an object without such a member.
    Nothing,
    /// What its value has to be made for.
    Other,
}

/// A multi-valued attribute that was taken out.
pub(crate) struct Taken<L> {
    pub original: Original,
    pub elements: L,
}

/// How a list stood in the document, to put back what was there.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Original {
    Absent,
    Null,
    /// A value that was no list (D5).
    One,
    Many,
}

/// What a list becomes: its elements in their order, with some gone and some changed, and others after them.
pub(crate) struct Edits {
    /// Which elements are gone; shorter than the list where none of the rest is.
    pub gone: Vec<bool>,
    pub changed: BTreeMap<usize, Value>,
    pub added: Vec<Value>,
}

impl Edits {
    pub(crate) fn is_gone(&self, at: usize) -> bool {
        self.gone.get(at).copied().unwrap_or(false)
    }
}
