//! Where the attributes of the resource lie while it is patched. Only the attributes that the operations name are taken
//! out; everything else is never touched, in whatever representation it is. Of a multi-valued attribute the elements stay
//! where they are, too, but for those that change.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::coerce::members::{is_unassigned, key_of, member, member_mut, remove_member, set_member};
use crate::coerce::refusal::Refusal;
use crate::error::ScimType;
use crate::filter::plan::Node;
use crate::filter::{evaluate, fold};
use crate::schema::AttrRef;
use crate::schema::{Attribute, Schema};

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
    /// attr.
    fn take(&mut self, attr: AttrRef<'_>) -> Result<Option<Value>, Fault<Self::Error>>;

    /// Puts back what was taken.
    fn undo(&mut self, attr: AttrRef<'_>, value: Option<Value>);

    /// Puts a new value in the attr of what was taken; `None` unassigns.
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

    /// All elements as values.
    fn values(&self) -> Result<Cow<'_, [Value]>, Self::Error> {
        let all: Result<Vec<Value>, Self::Error> = (0..self.len()).map(|at| Ok(self.value(at)?.into_owned())).collect();
        all.map(Cow::Owned)
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

/// A resource in memory, changed in attr.
pub(crate) struct ValueStore<'v> {
    root: &'v mut Map<String, Value>,
}

/// Nothing.
pub(crate) enum Infallible {}

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

    fn take_member(&mut self, extension: Option<&Schema>, name: &str) -> Result<Option<Value>, Fault<Infallible>> {
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
    type Error = Infallible;
    type List = Vec<Value>;

    fn take(&mut self, attr: AttrRef<'_>) -> Result<Option<Value>, Fault<Infallible>> {
        self.take_member(attr.extension, &attr.attribute.name)
    }

    fn undo(&mut self, attr: AttrRef<'_>, value: Option<Value>) {
        // The key is still there if there was one: only `put` removes keys.
        if let Some(value) = value
            && let Some(container) = self.container(attr.extension)
            && let Some(member) = member_mut(container, &attr.attribute.name)
        {
            *member = value;
        }
    }

    fn put(&mut self, attr: AttrRef<'_>, value: Option<Value>) -> Result<(), Infallible> {
        self.put_member(attr.extension, &attr.attribute.name, value);
        Ok(())
    }

    fn take_list(&mut self, attr: AttrRef<'_>) -> Result<Taken<Vec<Value>>, Fault<Infallible>> {
        let (original, elements) = match self.take(attr)? {
            None => (Original::Absent, Vec::new()),
            Some(Value::Null) => (Original::Null, Vec::new()),
            Some(Value::Array(elements)) => (Original::Many, elements),
            Some(one) => (Original::One, vec![one]),
        };
        Ok(Taken { original, elements })
    }

    fn undo_list(&mut self, attr: AttrRef<'_>, taken: Taken<Vec<Value>>) {
        let Taken { original, mut elements } = taken;
        let value = match original {
            Original::Absent => None,
            Original::Null => Some(Value::Null),
            Original::One => elements.pop(),
            Original::Many => Some(Value::Array(elements)),
        };
        self.undo(attr, value);
    }

    fn put_list(&mut self, attr: AttrRef<'_>, taken: Taken<Vec<Value>>, edits: Edits) -> Result<(), Infallible> {
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
        self.put(attr, Some(Value::Array(elements)))
    }

    fn has_others(&mut self, extension: &Schema, taken: &[&Attribute]) -> Result<bool, Infallible> {
        let is_taken = |name: &str| taken.iter().any(|attribute| attribute.name.eq_ignore_ascii_case(name));
        Ok(self
            .container(Some(extension))
            .is_some_and(|members| members.iter().any(|(name, value)| !is_taken(name) && !is_unassigned(value))))
    }

    fn take_unknown(&mut self, extension: Option<&Schema>, name: &str) -> Result<Option<Value>, Fault<Infallible>> {
        self.take_member(extension, name)
    }

    fn put_unknown(&mut self, extension: Option<&Schema>, name: &str, value: Option<Value>) -> Result<(), Infallible> {
        self.put_member(extension, name, value);
        Ok(())
    }

    fn drop_extension(&mut self, extension: &Schema) -> Result<(), Infallible> {
        if key_of(self.root, &extension.id).is_some() {
            remove_member(self.root, &extension.id);
        }
        Ok(())
    }
}

impl Elements for Vec<Value> {
    type Error = Infallible;

    fn len(&self) -> usize {
        self.as_slice().len()
    }

    fn value(&self, at: usize) -> Result<Cow<'_, Value>, Infallible> {
        Ok(Cow::Borrowed(self.get(at).unwrap_or(&Value::Null)))
    }

    fn take(&mut self, at: usize) -> Result<Value, Infallible> {
        Ok(self.get_mut(at).map(Value::take).unwrap_or_default())
    }

    fn peek(&self, at: usize, sub: Option<&Attribute>) -> Result<Peek<'_>, Infallible> {
        let value = match (self.get(at), sub) {
            (Some(Value::Object(members)), Some(sub)) => member(members, &sub.name),
            (_, Some(_)) => return Ok(Peek::Other),
            (element, None) => element,
        };
        Ok(match value {
            None => Peek::Nothing,
            Some(Value::String(text)) => Peek::Text(Cow::Borrowed(text.as_bytes())),
            Some(_) => Peek::Other,
        })
    }

    fn holds(&self, at: usize, node: &Node) -> Result<bool, Infallible> {
        Ok(self.get(at).is_some_and(|element| evaluate::holds(node, &element).unwrap_or(false)))
    }

    fn values(&self) -> Result<Cow<'_, [Value]>, Infallible> {
        Ok(Cow::Borrowed(self))
    }
}
