//! A resource in JSON text while it is patched: the text is not changed, and the edits are kept beside it.

use std::borrow::Cow;

use serde_json::Value;

use super::edits::{Edit, EditedObject};
use super::elements::{TextElements, unreadable_part};
use super::write::TextWriter;
use crate::coerce::container;
use crate::coerce::members::is_unassigned;
use crate::json;
use crate::patch::PatchError;
use crate::patch::store::{Edits, Original, StepFailure, Store, Taken};
use crate::scan::outline::{Element, Member, Members, Outline, Span, elements_of};
use crate::schema::{AttrRef, Schema};

pub(super) struct TextStore<'t> {
    outline: &'t Outline<'t>,
    root: EditedObject<'t>,
    /// The objects of extensions that operations have named.
    extensions: Vec<TextExtension<'t>>,
}

struct TextExtension<'t> {
    /// The URN in the schema's spelling.
    id: String,
    /// The stored object; it has no members if no object is stored.
    object: EditedObject<'t>,
    is_stored: bool,
    is_dropped: bool,
}

impl<'t> TextStore<'t> {
    pub(super) fn new(outline: &'t Outline<'t>) -> Result<Self, PatchError> {
        let root = EditedObject::new(Cow::Borrowed(&outline.root))?;
        Ok(Self { outline, root, extensions: Vec::new() })
    }

    /// The members by which the type of a resource is recognised: `schemas` and `meta`.
    pub(super) fn head(&self) -> Value {
        let known = ["schemas", "meta"].into_iter().filter_map(|name| {
            let value = self.value(self.root.member(name)?.value, name).ok()?;
            Some((name.to_owned(), value))
        });
        Value::Object(known.collect())
    }

    /// The new text.
    pub(super) fn into_text(mut self) -> Vec<u8> {
        for extension in std::mem::take(&mut self.extensions) {
            let TextExtension { id, object, is_stored, is_dropped } = extension;
            let is_edited = object.edits.values().any(|edit| !matches!(edit, Edit::Taken)) || !object.added.is_empty();
            if is_dropped {
                self.root.set(&id, Edit::Gone);
            } else if is_edited && (is_stored || !object.added.is_empty()) {
                self.root.set(&id, Edit::Object(object));
            }
        }
        let mut writer = TextWriter::new(self.outline.text);
        writer.object(&self.root);
        writer.finish()
    }

    fn text(&self) -> &'t [u8] {
        self.outline.text
    }

    /// The object with the attributes of an extension; without an extension, the resource itself.
    fn object(&mut self, extension: Option<&Schema>) -> Result<&mut EditedObject<'t>, StepFailure<PatchError>> {
        let Some(schema) = extension else { return Ok(&mut self.root) };
        let known = self.extensions.iter().position(|known| known.id == schema.id);
        let at = match known {
            Some(at) => at,
            None => {
                let stored = self.root.member(&schema.id).map(|member| member.value);
                let first = stored.and_then(|span| self.text().get(span.start));
                let object = match (stored, first) {
                    (Some(span), Some(b'{')) => {
                        let members = Members::of(self.text(), span).unwrap_or_default();
                        EditedObject::new(Cow::Owned(members)).map_err(StepFailure::Store)?
                    }
                    (None, _) | (_, Some(b'n')) => EditedObject::default(),
                    _ => {
                        return Err(container::no_object(schema).into());
                    }
                };
                let is_stored = first == Some(&b'{');
                self.extensions.push(TextExtension { id: schema.id.clone(), object, is_stored, is_dropped: false });
                self.extensions.len() - 1
            }
        };
        self.extensions.get_mut(at).map_or(Ok(&mut self.root), |extension| Ok(&mut extension.object))
    }

    fn put_member(&mut self, extension: Option<&Schema>, name: &str, edit: Edit<'t>) -> Result<(), PatchError> {
        match self.object(extension) {
            Ok(object) => object.set(name, edit),
            // There is nothing to put back, because taking from this object was refused in the same way.
            Err(StepFailure::Refused(_)) => {}
            Err(StepFailure::Store(error)) => return Err(error),
        }
        Ok(())
    }

    fn take_member(&mut self, extension: Option<&Schema>, name: &str) -> Result<Option<Span>, StepFailure<PatchError>> {
        let object = self.object(extension)?;
        let Some(at) = object.members.find(name) else { return Ok(None) };
        object.edits.insert(at, Edit::Taken);
        Ok(object.members.all.get(at).map(|member| member.value))
    }

    /// Keeps the stored text of a value that was taken.
    fn leave(&mut self, attr: AttrRef<'_>) {
        if let Ok(object) = self.object(attr.extension)
            && let Some(at) = object.members.find(&attr.attribute.name)
        {
            object.edits.remove(&at);
        }
    }

    fn value(&self, span: Span, name: &str) -> Result<Value, PatchError> {
        json::from_slice(span.of(self.text())).map_err(|error| unreadable_part(name, &error))
    }

    fn is_assigned(&self, object: &EditedObject<'t>, at: usize, member: &Member<'_>) -> Result<bool, PatchError> {
        Ok(match object.edits.get(&at) {
            None => !is_unassigned(&self.value(member.value, &member.name)?),
            Some(Edit::Taken | Edit::Gone) => false,
            Some(Edit::Value(value)) => !is_unassigned(value),
            Some(Edit::List(..) | Edit::Object(_)) => true,
        })
    }
}

impl<'t> Store for TextStore<'t> {
    type Error = PatchError;
    type List = TextElements<'t>;

    fn take(&mut self, attr: AttrRef<'_>) -> Result<Option<Value>, StepFailure<PatchError>> {
        self.take_unknown(attr.extension, &attr.attribute.name)
    }

    fn undo(&mut self, attr: AttrRef<'_>, _: Option<Value>) {
        self.leave(attr);
    }

    fn put(&mut self, attr: AttrRef<'_>, value: Option<Value>) -> Result<(), PatchError> {
        self.put_unknown(attr.extension, &attr.attribute.name, value)
    }

    fn take_list(&mut self, attr: AttrRef<'_>) -> Result<Taken<TextElements<'t>>, StepFailure<PatchError>> {
        let (text, name) = (self.text(), &attr.attribute.name);
        let span = self.take_member(attr.extension, name)?;
        let list = span.unwrap_or(Span { start: text.len(), end: text.len() });
        let (original, elements) = match span.and_then(|span| text.get(span.start)) {
            None => (Original::Absent, Cow::default()),
            Some(b'n') => (Original::Null, Cow::default()),
            Some(b'[') => {
                let noted = match attr.extension {
                    None => self.outline.root.find(name).and_then(|at| self.outline.root.all.get(at)),
                    Some(_) => None,
                };
                let elements = match noted.and_then(|member| self.outline.elements(member)) {
                    Some(elements) => Cow::Borrowed(elements),
                    None => Cow::Owned(elements_of(text, list).unwrap_or_default()),
                };
                (Original::Many, elements)
            }
            Some(_) => (Original::One, Cow::Owned(vec![Element::new(list)])),
        };
        Ok(Taken { original, elements: TextElements { text, list, elements, name: name.clone() } })
    }

    fn undo_list(&mut self, attr: AttrRef<'_>, _: Taken<TextElements<'t>>) {
        self.leave(attr);
    }

    fn put_list(&mut self, attr: AttrRef<'_>, taken: Taken<TextElements<'t>>, edits: Edits) -> Result<(), PatchError> {
        let edit = Edit::List(taken.original, taken.elements, edits);
        self.put_member(attr.extension, &attr.attribute.name, edit)
    }

    fn has_assigned(&mut self, extension: &Schema, counts: impl Fn(&str) -> bool) -> Result<bool, PatchError> {
        // A refusal is ignored here: if the stored extension is not an object, either no operation names it, or its
        // operation was refused.
        if let Err(StepFailure::Store(error)) = self.object(Some(extension)) {
            return Err(error);
        }
        let Some(known) = self.extensions.iter().find(|known| known.id == extension.id) else { return Ok(false) };
        let object = &known.object;
        for (at, member) in object.members.all.iter().enumerate() {
            if counts(&member.name) && self.is_assigned(object, at, member)? {
                return Ok(true);
            }
        }
        Ok(object.added.iter().any(|(name, _)| counts(name)))
    }

    fn unknown_names(&mut self, extension: &Schema) -> Result<Vec<String>, PatchError> {
        let Some(known) = self.extensions.iter().find(|known| known.id == extension.id) else { return Ok(Vec::new()) };
        let names = known.object.members.all.iter().map(|member| &*member.name);
        Ok(names.filter(|name| extension.attribute(name).is_none()).map(str::to_owned).collect())
    }

    fn take_unknown(
        &mut self,
        extension: Option<&Schema>,
        name: &str,
    ) -> Result<Option<Value>, StepFailure<PatchError>> {
        let span = self.take_member(extension, name)?;
        span.map(|span| self.value(span, name)).transpose().map_err(StepFailure::Store)
    }

    fn put_unknown(&mut self, extension: Option<&Schema>, name: &str, value: Option<Value>) -> Result<(), PatchError> {
        self.put_member(extension, name, value.map_or(Edit::Gone, Edit::Value))
    }

    fn drop_extension(&mut self, extension: &Schema) -> Result<(), PatchError> {
        // An extension that was never read has nothing to drop.
        if let Some(known) = self.extensions.iter_mut().find(|known| known.id == extension.id) {
            known.is_dropped = true;
        }
        Ok(())
    }
}
