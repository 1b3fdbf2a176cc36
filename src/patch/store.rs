//! The representation of a resource that is patched. Only the attributes that the operations name are taken out; the others
//! are never touched, in any representation. In a multi-valued attribute, the elements that do not change stay in place,
//! too.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::Value;

use crate::coerce::refusal::Refusal;
use crate::filter::case_fold;
use crate::filter::node::Node;
use crate::schema::{AttrRef, Attribute, Schema};

/// A refusal, or an error of the representation.
pub(crate) enum StepFailure<E> {
    Refused(Refusal),
    Store(E),
}

impl<E> From<Refusal> for StepFailure<E> {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

/// A resource whose attributes can be taken out and put back.
pub(crate) trait Store {
    /// The error of the representation, in contrast to a refusal.
    type Error;

    /// The elements of a multi-valued attribute.
    type List: Elements<Error = Self::Error>;

    /// Takes out the value of a single-valued attribute. The caller must call [`Store::undo`] or [`Store::put`] afterwards.
    fn take(&mut self, attr: AttrRef<'_>) -> Result<Option<Value>, StepFailure<Self::Error>>;

    /// Puts back the value that was taken.
    fn undo(&mut self, attr: AttrRef<'_>, value: Option<Value>);

    /// Puts a new value in the place of the value that was taken; `None` unassigns the attribute.
    fn put(&mut self, attr: AttrRef<'_>, value: Option<Value>) -> Result<(), Self::Error>;

    /// Takes out a multi-valued attribute. The caller must call [`Store::undo_list`], [`Store::put_list`] or [`Store::put`]
    /// afterwards.
    fn take_list(&mut self, attr: AttrRef<'_>) -> Result<Taken<Self::List>, StepFailure<Self::Error>>;

    /// Puts back the list that was taken.
    fn undo_list(&mut self, attr: AttrRef<'_>, taken: Taken<Self::List>);

    /// Puts back the list that was taken, with these edits; at least one element must remain.
    fn put_list(&mut self, attr: AttrRef<'_>, taken: Taken<Self::List>, edits: Edits) -> Result<(), Self::Error>;

    /// Whether an extension has assigned members with such names. Those that were taken out do not count.
    fn has_assigned(&mut self, extension: &Schema, counts: impl Fn(&str) -> bool) -> Result<bool, Self::Error>;

    /// The names of the members of an extension that no schema knows.
    fn unknown_names(&mut self, extension: &Schema) -> Result<Vec<String>, Self::Error>;

    /// Takes out a member that no schema knows. Operations change such a member only as a whole.
    fn take_unknown(
        &mut self,
        extension: Option<&Schema>,
        name: &str,
    ) -> Result<Option<Value>, StepFailure<Self::Error>>;

    /// Puts a member that no schema knows; a `value` of `None` removes it.
    fn put_unknown(&mut self, extension: Option<&Schema>, name: &str, value: Option<Value>) -> Result<(), Self::Error>;

    /// Drops the object of an extension that has no assigned members left.
    fn drop_extension(&mut self, extension: &Schema) -> Result<(), Self::Error>;
}

/// The elements of a multi-valued attribute as stored. Each element is read in place; its [`Value`] is built only if the
/// text of the element does not suffice.
pub(crate) trait Elements {
    /// The error if an element cannot be read.
    type Error;

    fn len(&self) -> usize;

    /// An element as a value.
    fn value(&self, at: usize) -> Result<Cow<'_, Value>, Self::Error>;

    /// Takes an element that is about to be removed or replaced. The caller does not read the element again.
    fn take(&mut self, at: usize) -> Result<Value, Self::Error> {
        self.value(at).map(Cow::into_owned)
    }

    /// The text of a sub-attribute of an element, or of the element itself if `sub` is `None`. The result is
    /// [`Peek::Other`] if the text cannot be read without building a value.
    fn peek(&self, at: usize, sub: Option<&Attribute>) -> Result<Peek<'_>, Self::Error>;

    /// Whether a sub-attribute of an element is the text `needle`; `None` if only the built value of the element can answer
    /// that.
    fn peek_is(&self, at: usize, sub: Option<&Attribute>, needle: &TextMatch<'_>) -> Result<Option<bool>, Self::Error> {
        Ok(match self.peek(at, sub)? {
            Peek::Text(text) => Some(needle.is(&text)),
            Peek::Nothing => Some(false),
            Peek::Other => None,
        })
    }

    /// Whether a filter holds for an element. It does not hold for an element that is nested too deep to be evaluated.
    fn holds(&self, at: usize, node: &Node) -> Result<bool, Self::Error>;

    /// The approximate size of an element, in bytes.
    fn weight(&self, at: usize) -> usize {
        self.value(at).map_or(0, |value| weight(&value))
    }

    /// All elements as values.
    fn values(&self) -> Result<Cow<'_, [Value]>, Self::Error> {
        let all: Result<Vec<Value>, Self::Error> = (0..self.len()).map(|at| Ok(self.value(at)?.into_owned())).collect();
        all.map(Cow::Owned)
    }
}

/// The approximate size of a value, in bytes: its texts, and a few bytes for each part.
pub(crate) fn weight(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len() + 2,
        Value::Array(elements) => elements.iter().map(weight).sum::<usize>() + 2,
        Value::Object(members) => members.iter().map(|(name, value)| name.len() + 4 + weight(value)).sum::<usize>() + 2,
        _ => 4,
    }
}

/// A text to look for. It is compared as the attribute demands: exactly, or without regard to upper and lower case.
pub(crate) struct TextMatch<'t> {
    pub text: &'t str,
    folded: Option<String>,
}

impl<'t> TextMatch<'t> {
    pub(crate) fn new(leaf: &Attribute, text: &'t str) -> Self {
        Self { text, folded: (!leaf.is_case_exact()).then(|| case_fold::fold(text)) }
    }

    #[cfg(feature = "python")]
    pub(crate) fn is_exact(&self) -> bool {
        self.folded.is_none()
    }

    /// Whether `text`, in UTF-8, equals the text to look for.
    pub(crate) fn is(&self, text: &[u8]) -> bool {
        match &self.folded {
            None => text == self.text.as_bytes(),
            Some(folded) => std::str::from_utf8(text).is_ok_and(|text| case_fold::eq(text, folded)),
        }
    }
}

/// The result of [`Elements::peek`].
pub(crate) enum Peek<'e> {
    /// A string, in UTF-8.
    Text(Cow<'e, [u8]>),
    /// The element is an object without this member.
    Nothing,
    /// Anything else: the value of the element must be built and inspected.
    Other,
}

/// A multi-valued attribute that was taken out, and its form in the document.
pub(crate) struct Taken<L> {
    pub original: Original,
    pub elements: L,
}

/// The form of a list in the document, so that [`Store::undo_list`] restores it exactly.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Original {
    Absent,
    Null,
    /// A value that is not a list (D5).
    One,
    Many,
}

/// The edits of a list. Some elements are removed and some are changed; the others keep their order, and new elements
/// follow.
pub(crate) struct Edits {
    /// Whether each element is gone, by position. The vector may be shorter than the list: elements beyond its end are not
    /// gone.
    pub gone: Vec<bool>,
    /// New values of stored elements, by position.
    pub changed: BTreeMap<usize, Value>,
    pub added: Vec<Value>,
}

impl Edits {
    pub(crate) fn is_gone(&self, at: usize) -> bool {
        self.gone.get(at).copied().unwrap_or(false)
    }
}
