//! A text with notes as a document: what was noted is found at once, all else is read from the text.

use super::document::RawDocument;
use super::error::Fault;
use super::tape::{Kind, Node, Tape};
use crate::document::{Document, Key, ValueKind, View};
use crate::filter::name_trie::NameTrie;

/// A text and what was noted of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Notes<'t> {
    pub tape: &'t Tape,
    wants: &'t NameTrie,
    /// The text, at no place of interest.
    text: RawDocument<'t>,
}

/// A value of a text with notes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Raw<'t> {
    pub notes: Notes<'t>,
    place: Place<'t>,
}

#[derive(Debug, Clone, Copy)]
enum Place<'t> {
    Noted(&'t Node),
    Unnoted(RawDocument<'t>),
}

impl<'t> Raw<'t> {
    /// The whole document.
    pub(super) fn root(text: &'t [u8], tape: &'t Tape, wants: &'t NameTrie, is_unique: bool) -> Self {
        let text = RawDocument { text, at: 0, is_unique };
        let place = tape.node(0).map_or(Place::Unnoted(text), Place::Noted);
        Self { notes: Notes { tape, wants, text }, place }
    }

    fn unnoted(self, at: usize) -> Self {
        Self { place: Place::Unnoted(self.notes.text.part(at)), ..self }
    }

    /// The value as it stands in the text.
    fn part(self) -> RawDocument<'t> {
        match self.place {
            Place::Noted(node) => self.notes.text.part(node.start),
            Place::Unnoted(part) => part,
        }
    }
}

impl Document for Raw<'_> {
    type Error = Fault;

    fn view(&self) -> Result<View<'_>, Fault> {
        let node = match self.place {
            Place::Noted(node) => node,
            Place::Unnoted(part) => return part.read(),
        };
        match node.kind {
            Kind::Text => self.notes.text.string(node.start, node.end, false),
            Kind::TextWithEscapes => self.notes.text.string(node.start, node.end, true),
            _ => self.part().read(),
        }
    }

    fn kind(&self) -> Result<ValueKind, Fault> {
        Ok(match self.place {
            Place::Noted(node) => match node.kind {
                Kind::Null => ValueKind::Null,
                Kind::Array => ValueKind::Array,
                Kind::Object => ValueKind::Object,
                Kind::Simple | Kind::Text | Kind::TextWithEscapes => ValueKind::Simple,
            },
            Place::Unnoted(part) => part.shape_of(),
        })
    }

    fn member(&self, key: &Key) -> Result<Option<Self>, Fault> {
        if let Place::Noted(node) = self.place
            && node.kind == Kind::Object
            && let Some(spot) = self.notes.wants.node(node.want).and_then(|want| want.cells(key))
        {
            let tape = self.notes.tape;
            let exact = spot.exact.and_then(|cell| tape.cell(node.below, cell));
            let found = exact.or_else(|| tape.cell(node.below, spot.first)).and_then(|number| tape.node(number));
            return Ok(found.map(|node| Self { place: Place::Noted(node), ..*self }));
        }
        match self.place {
            // Where the note of a text begins, its bytes are to be read as no JSON.
            Place::Noted(node) if node.kind != Kind::Object => Ok(None),
            _ => Ok(self.part().find(key)?.map(|at| self.unnoted(at))),
        }
    }

    fn any_element(&self, f: &mut dyn FnMut(&Self) -> Result<bool, Fault>) -> Result<bool, Fault> {
        let noted = match self.place {
            Place::Noted(node) if node.kind == Kind::Array => self.notes.tape.node(node.below),
            _ => None,
        };
        let Some(first) = noted else {
            return self.part().elements(&mut |at| f(&self.unnoted(at)));
        };
        let mut element = Some(first);
        while let Some(node) = element {
            if f(&Self { place: Place::Noted(node), ..*self })? {
                return Ok(true);
            }
            element = self.notes.tape.node(node.next);
        }
        Ok(false)
    }

    fn any_member(&self, f: &mut dyn FnMut(&str, &Self) -> Result<bool, Fault>) -> Result<bool, Fault> {
        self.part().values(&mut |name, at| f(name, &self.unnoted(at)))
    }
}
