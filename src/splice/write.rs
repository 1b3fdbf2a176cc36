//! Writes the new text: unchanged runs of the old text, with the edits between them.

use std::collections::HashMap;

use serde_json::Value;

use super::edits::{Edit, EditedObject};
use super::elements::TextElements;
use crate::json;
use crate::patch::store::{Edits, Original};
use crate::scan::outline::{Members, Span};

pub(super) struct TextWriter<'t> {
    text: &'t [u8],
    out: Vec<u8>,
    /// The position up to which the old text is copied or skipped.
    done: usize,
}

/// The span of a member of an object, or of an element of a list.
#[derive(Clone, Copy)]
struct PartSpan {
    start: usize,
    end: usize,
    /// Whether the part stays, changed or unchanged.
    is_kept: bool,
}

#[expect(
    clippy::indexing_slicing,
    reason = "spans of members and elements lie within the text that they were read from, in order; `parts` calls with positions below the count that it is given"
)]
impl<'t> TextWriter<'t> {
    pub(super) fn new(text: &'t [u8]) -> Self {
        // The capacity has room for small additions, because most patches add little.
        Self { text, out: Vec::with_capacity(text.len() + text.len() / 64 + 512), done: 0 }
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        self.copy_to(self.text.len());
        self.out
    }

    /// Copies the old text up to a position.
    fn copy_to(&mut self, end: usize) {
        if end > self.done {
            self.out.extend_from_slice(&self.text[self.done..end]);
            self.done = end;
        }
    }

    fn skip_to(&mut self, end: usize) {
        self.done = self.done.max(end);
    }

    fn put(&mut self, value: &Value) {
        // Writing to memory cannot fail.
        let _ = serde_json::to_writer(&mut self.out, value);
    }

    /// Writes the contents of an object or a list: the old parts without the removed ones, then the new parts. `start` is
    /// the position after the opening bracket.
    fn parts(
        &mut self,
        start: usize,
        parts: impl Iterator<Item = PartSpan>,
        mut write: impl FnMut(&mut Self, usize),
        added: usize,
        mut add: impl FnMut(&mut Self, usize),
    ) {
        let (mut end, mut last_start) = (start, start);
        let mut is_first = true;
        let mut parts = parts.enumerate().peekable();
        while let Some((at, part)) = parts.next() {
            if part.is_kept {
                write(self, at);
                is_first = false;
            } else if is_first {
                // The comma after the removed part is skipped, too.
                self.copy_to(part.start);
                self.skip_to(parts.peek().map_or(part.end, |(_, next)| next.start));
            } else {
                // The comma before the removed part is skipped, too.
                self.copy_to(end);
                self.skip_to(part.end);
            }
            (end, last_start) = (part.end, part.start);
        }
        if added == 0 {
            return;
        }
        self.copy_to(end);
        let text = self.text;
        // New parts get the blanks that precede the last old part, so that all parts have the same layout.
        let before = &text[start..last_start];
        let blanks = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
        let blanks = &before[before.len() - blanks..];
        for at in 0..added {
            if !is_first {
                self.out.push(b',');
                self.out.extend_from_slice(blanks);
            }
            add(self, at);
            is_first = false;
        }
    }

    /// Writes an object with its edits.
    pub(super) fn object(&mut self, object: &EditedObject<'_>) {
        let EditedObject { members, edits, added } = object;
        let parts = members.all.iter().enumerate().map(|(at, member)| PartSpan {
            start: member.start,
            end: member.value.end,
            is_kept: !matches!(edits.get(&at), Some(Edit::Gone)),
        });
        let write = |writer: &mut Self, at: usize| {
            if let Some(edit) = edits.get(&at) {
                writer.edit(members.all[at].value, edit);
            }
        };
        let colon = self.colon(members);
        let add = |writer: &mut Self, at: usize| {
            let (name, edit) = &added[at];
            writer.name(name, colon);
            writer.fresh(edit);
        };
        self.parts(members.start, parts, write, added.len(), add);
    }

    /// The text between name and value in the last member, such as `: `. New members are written with the same text.
    fn colon(&self, members: &Members<'_>) -> &'t [u8] {
        let last = members.all.last().and_then(|member| self.text.get(member.colon..member.value.start));
        last.unwrap_or(b":")
    }

    fn name(&mut self, name: &str, colon: &[u8]) {
        let _ = serde_json::to_writer(&mut self.out, name);
        self.out.extend_from_slice(colon);
    }

    /// Writes the edit of a value in the old text.
    fn edit(&mut self, old: Span, edit: &Edit<'_>) {
        match edit {
            Edit::Taken | Edit::Gone => {}
            Edit::Value(value) => self.over(old, value),
            Edit::List(Original::Many, elements, edits) => {
                self.list(elements, edits);
                self.copy_to(old.end);
            }
            Edit::Object(object) if !object.members.all.is_empty() => {
                self.object(object);
                self.copy_to(old.end);
            }
            Edit::List(..) | Edit::Object(_) => {
                self.copy_to(old.start);
                self.fresh(edit);
                self.skip_to(old.end);
            }
        }
    }

    /// Writes a value where the old text has none.
    fn fresh(&mut self, edit: &Edit<'_>) {
        match edit {
            Edit::Taken | Edit::Gone => {}
            Edit::Value(value) => self.put(value),
            Edit::List(_, elements, edits) => {
                self.out.push(b'[');
                for (at, element) in elements.elements.iter().enumerate().filter(|(at, _)| !edits.is_gone(*at)) {
                    match edits.changed.get(&at) {
                        Some(value) => self.put(value),
                        None => self.out.extend_from_slice(element.span.of(self.text)),
                    }
                    self.out.push(b',');
                }
                for value in &edits.added {
                    self.put(value);
                    self.out.push(b',');
                }
                self.out.pop();
                self.out.push(b']');
            }
            Edit::Object(object) => {
                self.out.push(b'{');
                for (name, edit) in &object.added {
                    self.name(name, b":");
                    self.fresh(edit);
                    self.out.push(b',');
                }
                self.out.pop();
                self.out.push(b'}');
            }
        }
    }

    /// Writes a list with its edits.
    fn list(&mut self, elements: &TextElements<'_>, edits: &Edits) {
        let TextElements { list, elements, .. } = elements;
        let parts = elements.iter().enumerate().map(|(at, element)| PartSpan {
            start: element.span.start,
            end: element.span.end,
            is_kept: !edits.is_gone(at),
        });
        let write = |writer: &mut Self, at: usize| {
            if let Some(value) = edits.changed.get(&at) {
                writer.over(elements[at].span, value);
            }
        };
        let add = |writer: &mut Self, at: usize| writer.put(&edits.added[at]);
        self.parts(list.start + 1, parts, write, edits.added.len(), add);
    }

    /// Writes a value in the place of an old one. The parts that are equal keep their old spelling.
    fn over(&mut self, old: Span, new: &Value) {
        let stored = json::from_slice(old.of(self.text));
        if stored.as_ref().is_ok_and(|stored| stored == new) {
            self.copy_to(old.end);
            return;
        }
        let members = match (stored, new) {
            (Ok(Value::Object(_)), Value::Object(_)) => Members::of(self.text, old),
            _ => None,
        };
        let (Some(members), Value::Object(new)) = (members, new) else {
            self.copy_to(old.start);
            self.put(new);
            self.skip_to(old.end);
            return;
        };
        let at: HashMap<&str, usize> = members.all.iter().enumerate().map(|(at, member)| (&*member.name, at)).collect();
        let parts = members.all.iter().map(|member| PartSpan {
            start: member.start,
            end: member.value.end,
            is_kept: new.contains_key(&*member.name),
        });
        let write = |writer: &mut Self, at: usize| {
            let member = &members.all[at];
            if let Some(value) = new.get(&*member.name) {
                writer.over(member.value, value);
            }
        };
        let added: Vec<(&String, &Value)> = new.iter().filter(|(name, _)| !at.contains_key(name.as_str())).collect();
        let colon = self.colon(&members);
        let add = |writer: &mut Self, at: usize| {
            let (name, value) = added[at];
            writer.name(name, colon);
            writer.put(value);
        };
        self.parts(members.start, parts, write, added.len(), add);
        self.copy_to(old.end);
    }
}
