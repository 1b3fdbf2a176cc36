//! Where the attributes of the resource lie while it is patched. Only the attributes that the operations name are taken
//! out; everything else is never touched, in whatever representation it is.

use serde_json::{Map, Value};

use crate::error::ScimType;
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

    /// Takes the value of an attribute out, for [`Store::undo`] or [`Store::put`] to put something in its place.
    fn take(&mut self, place: Place<'_>) -> Result<Option<Value>, Fault<Self::Error>>;

    /// Puts back what was taken.
    fn undo(&mut self, place: Place<'_>, value: Option<Value>);

    /// Puts a new value in the place of what was taken; `None` unassigns.
    fn put(&mut self, place: Place<'_>, value: Option<Value>) -> Result<(), Self::Error>;

    /// Whether an extension has assigned members other than these attributes, which have been taken out.
    fn has_others(&mut self, extension: &Schema, taken: &[&Attribute]) -> Result<bool, Self::Error>;

    /// Takes a member that no schema knows; such members are changed whole.
    fn take_unknown(&mut self, extension: Option<&Schema>, name: &str) -> Result<Option<Value>, Fault<Self::Error>>;

    /// Puts a member that no schema knows.
    fn put_unknown(&mut self, extension: Option<&Schema>, name: &str, value: Option<Value>) -> Result<(), Self::Error>;

    /// Drops the object of an extension that holds nothing more.
    fn drop_extension(&mut self, extension: &Schema) -> Result<(), Self::Error>;
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
