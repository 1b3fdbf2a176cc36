//! Where the attributes of the resource lie while it is patched. Only the attributes that the operations name are taken
//! out; everything else is never touched, in whatever representation it is. Of a multi-valued attribute the elements stay
//! where they are, too, but for those that change.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::error::ScimType;
use crate::filter::plan::Node;
use crate::filter::{evaluate, fold};
use crate::schema::{Attribute, Schema};
use crate::shape::error::Refusal;
use crate::shape::members::{is_unassigned, key_of, member, member_mut, remove_member, set_member};
use crate::shape::place::Place;

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
    fn take(&mut self, place: Place<'_>) -> Result<Option<Value>, Fault<Self::Error>>;

    /// Puts back what was taken.
    fn undo(&mut self, place: Place<'_>, value: Option<Value>);

    /// Puts a new value in the place of what was taken; `None` unassigns.
    fn put(&mut self, place: Place<'_>, value: Option<Value>) -> Result<(), Self::Error>;

    /// Takes a multi-valued attribute out, for [`Store::undo_list`], [`Store::put_list`] or [`Store::put`].
    fn take_list(&mut self, place: Place<'_>) -> Result<Taken<Self::List>, Fault<Self::Error>>;

    /// Puts back the list that was taken.
    fn undo_list(&mut self, place: Place<'_>, taken: Taken<Self::List>);

    /// Puts the list that was taken back with these edits; something is left in it.
    fn put_list(&mut self, place: Place<'_>, taken: Taken<Self::List>, edits: Edits) -> Result<(), Self::Error>;

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
    fn said(&self, at: usize, sub: Option<&Attribute>) -> Result<Said<'_>, Self::Error>;

    /// Whether what an element says of a sub-attribute is this text; none if its value has to be made to tell.
    fn says(&self, at: usize, sub: Option<&Attribute>, needle: &Needle<'_>) -> Result<Option<bool>, Self::Error> {
        Ok(match self.said(at, sub)? {
            Said::Text(text) => Some(needle.is(&text)),
            Said::Nothing => Some(false),
            Said::Other => None,
        })
    }

    /// Whether a filter holds of an element; not where it is nested too deep to say.
    fn holds(&self, at: usize, node: &Node) -> Result<bool, Self::Error>;

    /// All elements as values.
    fn values(&self) -> Result<Cow<'_, [Value]>, Self::Error> {
        let all: Result<Vec<Value>, Self::Error> = (0..self.len()).map(|at| Ok(self.value(at)?.into_owned())).collect();
        all.map(Cow::Owned)
    }
}

/// A text that is looked for, as its attribute compares texts.
pub(crate) struct Needle<'t> {
    pub text: &'t str,
    folded: Option<String>,
}

impl<'t> Needle<'t> {
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
pub(crate) enum Said<'e> {
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

/// A resource in memory, changed in place.
pub(crate) struct ValueStore<'v> {
    root: &'v mut Map<String, Value>,
}

/// Nothing.
pub(crate) enum Never {}

impl<'v> ValueStore<'v> {
    pub(crate) fn new(root: &'v mut Map<String, Value>) -> Self {
        Self { root }
    }

    /// The object that holds the attributes of an extension, or the resource.
    fn container(&mut self, extension: Option<&Schema>) -> Option<&mut Map<String, Value>> {
        match extension {
            None => Some(self.root),
            Some(schema) => member_mut(self.root, &schema.id)?.as_object_mut(),
        }
    }

    fn take_member(&mut self, extension: Option<&Schema>, name: &str) -> Result<Option<Value>, Fault<Never>> {
        if let Some(schema) = extension {
            check_extension(self.root, schema)?;
        }
        let Some(container) = self.container(extension) else { return Ok(None) };
        let Some(value) = member_mut(container, name) else { return Ok(None) };
        Ok(Some(value.take()))
    }

    fn put_member(&mut self, extension: Option<&Schema>, name: &str, value: Option<Value>) {
        if let (Some(schema), Some(_)) = (extension, &value)
            && self.container(extension).is_none()
        {
            set_member(self.root, &schema.id, Value::Object(Map::new()));
        }
        let Some(container) = self.container(extension) else { return };
        match value {
            Some(value) => set_member(container, name, value),
            None => {
                remove_member(container, name);
            }
        }
    }
}

fn check_extension(root: &Map<String, Value>, schema: &Schema) -> Result<(), Refusal> {
    match member(root, &schema.id) {
        None | Some(Value::Null | Value::Object(_)) => Ok(()),
        Some(_) => Err(Refusal::new(ScimType::InvalidValue, &schema.id, "what is stored is no object")),
    }
}

impl Store for ValueStore<'_> {
    type Error = Never;
    type List = Vec<Value>;

    fn take(&mut self, place: Place<'_>) -> Result<Option<Value>, Fault<Never>> {
        self.take_member(place.extension, &place.attribute.name)
    }

    fn undo(&mut self, place: Place<'_>, value: Option<Value>) {
        // The key is still there if there was one: only `put` removes keys.
        if let Some(value) = value
            && let Some(container) = self.container(place.extension)
            && let Some(member) = member_mut(container, &place.attribute.name)
        {
            *member = value;
        }
    }

    fn put(&mut self, place: Place<'_>, value: Option<Value>) -> Result<(), Never> {
        self.put_member(place.extension, &place.attribute.name, value);
        Ok(())
    }

    fn take_list(&mut self, place: Place<'_>) -> Result<Taken<Vec<Value>>, Fault<Never>> {
        let (original, elements) = match self.take(place)? {
            None => (Original::Absent, Vec::new()),
            Some(Value::Null) => (Original::Null, Vec::new()),
            Some(Value::Array(elements)) => (Original::Many, elements),
            Some(one) => (Original::One, vec![one]),
        };
        Ok(Taken { original, elements })
    }

    fn undo_list(&mut self, place: Place<'_>, taken: Taken<Vec<Value>>) {
        let Taken { original, mut elements } = taken;
        let value = match original {
            Original::Absent => None,
            Original::Null => Some(Value::Null),
            Original::One => elements.pop(),
            Original::Many => Some(Value::Array(elements)),
        };
        self.undo(place, value);
    }

    fn put_list(&mut self, place: Place<'_>, taken: Taken<Vec<Value>>, edits: Edits) -> Result<(), Never> {
        let Taken { mut elements, .. } = taken;
        let Edits { gone, changed, added } = edits;
        for (at, value) in changed {
            if let Some(element) = elements.get_mut(at) {
                *element = value;
            }
        }
        if !gone.is_empty() {
            let mut gone = gone.into_iter();
            elements.retain(|_| !gone.next().unwrap_or(false));
        }
        elements.extend(added);
        self.put(place, Some(Value::Array(elements)))
    }

    fn has_others(&mut self, extension: &Schema, taken: &[&Attribute]) -> Result<bool, Never> {
        let is_taken = |name: &str| taken.iter().any(|attribute| attribute.name.eq_ignore_ascii_case(name));
        Ok(self
            .container(Some(extension))
            .is_some_and(|members| members.iter().any(|(name, value)| !is_taken(name) && !is_unassigned(value))))
    }

    fn take_unknown(&mut self, extension: Option<&Schema>, name: &str) -> Result<Option<Value>, Fault<Never>> {
        self.take_member(extension, name)
    }

    fn put_unknown(&mut self, extension: Option<&Schema>, name: &str, value: Option<Value>) -> Result<(), Never> {
        self.put_member(extension, name, value);
        Ok(())
    }

    fn drop_extension(&mut self, extension: &Schema) -> Result<(), Never> {
        if key_of(self.root, &extension.id).is_some() {
            remove_member(self.root, &extension.id);
        }
        Ok(())
    }
}

impl Elements for Vec<Value> {
    type Error = Never;

    fn len(&self) -> usize {
        self.as_slice().len()
    }

    fn value(&self, at: usize) -> Result<Cow<'_, Value>, Never> {
        Ok(Cow::Borrowed(self.get(at).unwrap_or(&Value::Null)))
    }

    fn take(&mut self, at: usize) -> Result<Value, Never> {
        Ok(self.get_mut(at).map(Value::take).unwrap_or_default())
    }

    fn said(&self, at: usize, sub: Option<&Attribute>) -> Result<Said<'_>, Never> {
        let value = match (self.get(at), sub) {
            (Some(Value::Object(members)), Some(sub)) => member(members, &sub.name),
            (_, Some(_)) => return Ok(Said::Other),
            (element, None) => element,
        };
        Ok(match value {
            None => Said::Nothing,
            Some(Value::String(text)) => Said::Text(Cow::Borrowed(text.as_bytes())),
            Some(_) => Said::Other,
        })
    }

    fn holds(&self, at: usize, node: &Node) -> Result<bool, Never> {
        Ok(self.get(at).is_some_and(|element| evaluate::holds(node, &element).unwrap_or(false)))
    }

    fn values(&self) -> Result<Cow<'_, [Value]>, Never> {
        Ok(Cow::Borrowed(self))
    }
}
