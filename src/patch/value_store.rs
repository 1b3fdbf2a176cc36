//! A resource in memory, as a [`Value`], while it is patched.

use std::borrow::Cow;
use std::convert::Infallible;

use serde_json::{Map, Value};

use super::store::{Edits, Elements, Original, Peek, StepFailure, Store, Taken};
use crate::coerce::container;
use crate::coerce::members::{is_unassigned, member, member_mut, remove_member};
use crate::filter::evaluate;
use crate::filter::node::Node;
use crate::schema::{AttrRef, Attribute, Schema};

/// A resource in memory, changed in place.
pub(crate) struct ValueStore<'v> {
    root: &'v mut Map<String, Value>,
}

impl<'v> ValueStore<'v> {
    pub(crate) fn new(root: &'v mut Map<String, Value>) -> Self {
        Self { root }
    }

    fn take_member(
        &mut self,
        extension: Option<&Schema>,
        name: &str,
    ) -> Result<Option<Value>, StepFailure<Infallible>> {
        if let Some(schema) = extension {
            container::check(self.root, schema)?;
        }
        let Some(container) = container::of_mut(self.root, extension) else { return Ok(None) };
        Ok(member_mut(container, name).map(Value::take))
    }

    fn put_member(&mut self, extension: Option<&Schema>, name: &str, value: Option<Value>) {
        container::put(self.root, extension, name, value);
    }
}

impl Store for ValueStore<'_> {
    type Error = Infallible;
    type List = Vec<Value>;

    fn take(&mut self, attr: AttrRef<'_>) -> Result<Option<Value>, StepFailure<Infallible>> {
        self.take_member(attr.extension, &attr.attribute.name)
    }

    fn undo(&mut self, attr: AttrRef<'_>, value: Option<Value>) {
        // If the attribute was present, its key is still there and holds `null`, because only `put` removes keys.
        if let Some(value) = value
            && let Some(container) = container::of_mut(self.root, attr.extension)
            && let Some(member) = member_mut(container, &attr.attribute.name)
        {
            *member = value;
        }
    }

    fn put(&mut self, attr: AttrRef<'_>, value: Option<Value>) -> Result<(), Infallible> {
        self.put_member(attr.extension, &attr.attribute.name, value);
        Ok(())
    }

    fn take_list(&mut self, attr: AttrRef<'_>) -> Result<Taken<Vec<Value>>, StepFailure<Infallible>> {
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

    fn has_assigned(&mut self, extension: &Schema, counts: impl Fn(&str) -> bool) -> Result<bool, Infallible> {
        Ok(container::of(self.root, Some(extension))
            .is_some_and(|members| members.iter().any(|(name, value)| counts(name) && !is_unassigned(value))))
    }

    fn unknown_names(&mut self, extension: &Schema) -> Result<Vec<String>, Infallible> {
        let members = container::of(self.root, Some(extension)).into_iter().flat_map(Map::keys);
        Ok(members.filter(|name| extension.attribute(name).is_none()).cloned().collect())
    }

    fn take_unknown(
        &mut self,
        extension: Option<&Schema>,
        name: &str,
    ) -> Result<Option<Value>, StepFailure<Infallible>> {
        self.take_member(extension, name)
    }

    fn put_unknown(&mut self, extension: Option<&Schema>, name: &str, value: Option<Value>) -> Result<(), Infallible> {
        self.put_member(extension, name, value);
        Ok(())
    }

    fn drop_extension(&mut self, extension: &Schema) -> Result<(), Infallible> {
        remove_member(self.root, &extension.id);
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
