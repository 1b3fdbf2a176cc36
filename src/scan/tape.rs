//! What was noted of a text while it was gone over: the values that a plan reads.

use super::index::Index;
use crate::filter::name_trie::{TrieMember, TrieNodeId};

/// No node.
pub(super) const NONE: u32 = u32::MAX;

/// What a noted value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Simple,
    Text,
    TextWithEscapes,
    Array,
    Object,
    Null,
}

/// A value that a plan reads.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    pub kind: Kind,
    /// What is read of it.
    pub want: TrieNodeId,
    /// Where it begins and ends in the text; of strings what is between the quotes.
    pub start: usize,
    pub end: usize,
    /// Of an object its first cell, of an array its first element.
    pub below: u32,
    /// The next element.
    pub next: u32,
    /// Of the value of a member: where its name begins in the text.
    pub name: usize,
}

/// The notes; kept from one document to the next for their memory.
#[derive(Debug, Default)]
pub(super) struct Tape {
    pub nodes: Vec<Node>,
    /// Of each object the nodes of the members that are read, by [`TrieMember::cell`].
    pub cells: Vec<u32>,
    /// By the number of a term: how many members that it reads are still to come.
    pub missing: Vec<u32>,
    /// The quotes of the text.
    pub index: Option<Box<Index>>,
    /// How long the last document was.
    pub length: usize,
}

impl Tape {
    pub(super) fn clear(&mut self) {
        self.nodes.clear();
        self.cells.clear();
        self.missing.clear();
    }

    pub(super) fn node(&self, number: u32) -> Option<&Node> {
        self.nodes.get(number as usize)
    }

    pub(super) fn node_mut(&mut self, number: u32) -> Option<&mut Node> {
        self.nodes.get_mut(number as usize)
    }

    /// Notes a value. None if there are too many: no text in memory has so many.
    pub(super) fn push(&mut self, node: Node) -> u32 {
        let number = u32::try_from(self.nodes.len()).unwrap_or(NONE);
        self.nodes.push(node);
        number
    }

    /// Cells for the members of an object.
    pub(super) fn push_cells(&mut self, count: usize) -> u32 {
        let first = u32::try_from(self.cells.len()).unwrap_or(NONE);
        self.cells.resize(self.cells.len() + count, NONE);
        first
    }

    pub(super) fn cell(&self, first: u32, cell: usize) -> Option<u32> {
        self.cells.get(first as usize + cell).copied().filter(|number| *number != NONE)
    }

    fn set_cell(&mut self, first: u32, cell: usize, number: u32) {
        if let Some(cell) = self.cells.get_mut(first as usize + cell) {
            *cell = number;
        }
    }

    /// Puts the value of a member where it is looked for. `is_known` says of the node of a member before it whether it has
    /// the same name: then this one counts in its place (F14).
    pub(super) fn put(
        &mut self,
        cells: u32,
        member: &TrieMember,
        name: &[u8],
        number: u32,
        is_known: impl FnOnce(&Node) -> bool,
    ) {
        for (spelling, cell) in member.spellings.iter().zip(member.cell + 1..) {
            if **spelling == *name {
                self.set_cell(cells, cell, number);
            }
        }
        let counts = match self.cell(cells, member.cell).and_then(|first| self.node(first)) {
            None => true,
            Some(first) => is_known(first),
        };
        if counts {
            self.set_cell(cells, member.cell, number);
        }
    }
}
