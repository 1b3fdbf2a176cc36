//! The edits of an object in JSON text. They are kept beside the text, which does not change.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::Value;

use super::elements::TextElements;
use crate::patch::PatchError;
use crate::patch::store::{Edits, Original};
use crate::scan::outline::{Member, Members};

/// The members of an object and their edits.
#[derive(Default)]
pub(super) struct EditedObject<'t> {
    pub members: Cow<'t, Members<'t>>,
    pub edits: HashMap<usize, Edit<'t>>,
    pub added: Vec<(String, Edit<'t>)>,
}

/// The edit of a value.
pub(super) enum Edit<'t> {
    /// The value was taken out and not replaced, so its text stays unchanged.
    Taken,
    /// The value was removed.
    Gone,
    Value(Value),
    List(Original, TextElements<'t>, Edits),
    Object(EditedObject<'t>),
}

impl<'t> EditedObject<'t> {
    pub fn new(members: Cow<'t, Members<'t>>) -> Result<Self, PatchError> {
        match members.doubled() {
            None => Ok(Self { members, ..Self::default() }),
            Some(name) => Err(PatchError::envelope(format!("the name `{name}` is given twice in the resource"))),
        }
    }

    pub fn member(&self, name: &str) -> Option<&Member<'t>> {
        self.members.all.get(self.members.find(name)?)
    }

    pub fn set(&mut self, name: &str, edit: Edit<'t>) {
        if let Some(at) = self.members.find(name) {
            self.edits.insert(at, edit);
        } else if !matches!(edit, Edit::Gone | Edit::Taken) {
            self.added.push((name.to_owned(), edit));
        }
    }
}
