//! The names that a plan reads, as a trie. With it a reader of JSON text skips all other members.

use super::node::{AnyElement, Node};
use crate::document::Key;

/// The number of a node of the trie: the document is 0, the others stand for the value at a path. Elements of an array share
/// the node of the array.
pub(crate) type TrieNodeId = usize;

/// The names that a plan reads, by path.
#[derive(Debug)]
pub(crate) struct NameTrie {
    nodes: Vec<TrieNode>,
    /// The terms of the plan that can be decided separately.
    pub terms: Terms,
}

/// The members that are read from one object.
#[derive(Debug, Default)]
pub(crate) struct TrieNode {
    /// Sorted by length, then by name, for the binary search.
    members: Vec<TrieMember>,
    /// Bit `n` is set if a name has the length `n`. Bit 63 stands for all lengths from 63 on.
    lengths: u64,
    /// The number of cells. A cell is a place where a reader keeps the value of a member; [`TrieMember::cell`] is its
    /// index.
    pub cells: usize,
    /// For each key its [`Key::index`], and the cells of its value. The pairs are sorted by the index.
    keys: Vec<(usize, Cells)>,
}

/// A name, which is compared in any case. Its first cell is for the first member with that name in any spelling. One
/// cell more follows for each spelling in `spellings`, which are those of the schema.
#[derive(Debug)]
pub(crate) struct TrieMember {
    folded: Box<[u8]>,
    pub spellings: Vec<Box<[u8]>>,
    /// The index of its first cell.
    pub cell: usize,
    /// The node for its value.
    pub child: TrieNodeId,
    /// The index of this name among the names that the plan reads from the same object.
    pub number: usize,
}

/// The cells of a key. If the key has the schema's spelling, a member in that spelling (`exact`) takes precedence over
/// the first one in any spelling (`first`; F14).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cells {
    pub first: usize,
    pub exact: Option<usize>,
}

/// The terms of a plan that is an `and` or an `or`. Any other plan is a single term.
#[derive(Debug)]
pub(crate) struct Terms {
    pub is_or: bool,
    /// For each term, how many of the document's members it reads.
    pub reads: Vec<u32>,
    /// For each member, in the order of [`TrieMember::number`], the indices of the terms that read it.
    pub readers: Vec<Vec<usize>>,
}

#[expect(
    clippy::indexing_slicing,
    reason = "a term reads members of the document, whose numbers are below their count"
)]
impl NameTrie {
    pub(crate) fn of(root: &Node) -> Self {
        let mut builder = Builder { nodes: vec![Vec::new()], keys: vec![Vec::new()] };
        let (is_or, terms) = terms(root);
        let mut numbers = Vec::new();
        for term in terms {
            let mut read = Vec::new();
            builder.add(term, 0, &mut read);
            read.sort_unstable();
            read.dedup();
            numbers.push(read);
        }
        let count = builder.nodes.first().map_or(0, Vec::len);
        let mut readers = vec![Vec::new(); count];
        for (term, read) in numbers.iter().enumerate() {
            for number in read {
                readers[*number].push(term);
            }
        }
        let reads = numbers.iter().map(|read| u32::try_from(read.len()).unwrap_or(u32::MAX)).collect();
        let nodes = builder.nodes.into_iter().zip(builder.keys).map(|(members, keys)| TrieNode::new(members, &keys));
        Self { nodes: nodes.collect(), terms: Terms { is_or, reads, readers } }
    }

    pub(crate) fn node(&self, id: TrieNodeId) -> Option<&TrieNode> {
        self.nodes.get(id)
    }
}

/// Whether the terms of a plan are joined by `or`, and the terms. An `or` that is evaluated as a single check counts as
/// one term.
pub(crate) fn terms(root: &Node) -> (bool, &[Node]) {
    match root {
        Node::And(terms) => (false, terms),
        Node::Or(any) if !any.is_one_check() => (true, any.terms()),
        other => (false, std::slice::from_ref(other)),
    }
}

/// A member while the trie is built, before cells are assigned.
struct TrieDraft {
    folded: Box<[u8]>,
    spellings: Vec<Box<[u8]>>,
    child: TrieNodeId,
}

struct Builder {
    nodes: Vec<Vec<TrieDraft>>,
    /// For each node, the keys that read a member of it: the index of the key, the number of the member and, for a
    /// canonical key, the number of its spelling.
    keys: Vec<Vec<(usize, usize, Option<usize>)>>,
}

#[expect(
    clippy::indexing_slicing,
    reason = "a number of a node or member was handed out when that was added, and none is removed"
)]
impl Builder {
    /// Adds the members that `node` of the plan reads from the node `at` of the trie. `read` receives their numbers.
    fn add(&mut self, node: &Node, at: TrieNodeId, read: &mut Vec<usize>) {
        match node {
            Node::And(terms) => terms.iter().for_each(|term| self.add(term, at, read)),
            Node::Or(any) => any.terms().iter().for_each(|term| self.add(term, at, read)),
            Node::Not(inner) => self.add(inner, at, read),
            Node::Test(test) => {
                self.path(&test.keys, at, read);
            }
            Node::Any(AnyElement { keys, node }) => {
                let elements = self.path(keys, at, read);
                self.add(node, elements, &mut Vec::new());
            }
        }
    }

    fn path(&mut self, keys: &[Key], from: TrieNodeId, read: &mut Vec<usize>) -> TrieNodeId {
        let mut at = from;
        for (depth, key) in keys.iter().enumerate() {
            let number = self.member(key, at);
            if depth == 0 {
                read.push(number);
            }
            at = self.nodes[at][number].child;
        }
        at
    }

    /// The number of the member that a key names; it is added if it is new.
    fn member(&mut self, key: &Key, at: TrieNodeId) -> usize {
        let next = self.nodes.len();
        let members = &mut self.nodes[at];
        let folded = key.name().to_ascii_lowercase().into_bytes().into_boxed_slice();
        let number = members.iter().position(|draft| draft.folded == folded).unwrap_or_else(|| {
            members.push(TrieDraft { folded, spellings: Vec::new(), child: next });
            members.len() - 1
        });
        let draft = &mut members[number];
        let is_new = draft.child == next;
        let spelling = key.is_canonical().then(|| {
            let name = key.name().as_bytes();
            draft.spellings.iter().position(|known| **known == *name).unwrap_or_else(|| {
                draft.spellings.push(name.into());
                draft.spellings.len() - 1
            })
        });
        let read = (key.index(), number, spelling);
        if !self.keys[at].contains(&read) {
            self.keys[at].push(read);
        }
        if is_new {
            self.nodes.push(Vec::new());
            self.keys.push(Vec::new());
        }
        number
    }
}

impl TrieMember {
    fn is(&self, name: &[u8]) -> bool {
        self.spellings.iter().any(|spelling| **spelling == *name) || self.folded.eq_ignore_ascii_case(name)
    }
}

impl TrieNode {
    fn new(drafts: Vec<TrieDraft>, asked: &[(usize, usize, Option<usize>)]) -> Self {
        let mut node = Self::default();
        for (number, draft) in drafts.into_iter().enumerate() {
            let TrieDraft { folded, spellings, child } = draft;
            let cell = node.cells;
            node.cells += 1 + spellings.len();
            node.lengths |= length_bit(folded.len());
            node.members.push(TrieMember { folded, spellings, cell, child, number });
        }
        let cells = asked.iter().filter_map(|(index, number, spelling)| {
            let first = node.members.get(*number)?.cell;
            Some((*index, Cells { first, exact: spelling.map(|spelling| first + 1 + spelling) }))
        });
        node.keys = cells.collect();
        node.keys.sort_by_key(|(index, cells)| (*index, cells.exact));
        node.members.sort_by(|a, b| (a.folded.len(), &a.folded).cmp(&(b.folded.len(), &b.folded)));
        node
    }

    /// Whether the plan reads no member below this node.
    pub(crate) fn is_leaf(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether a member may have a name of this length. False means that none has; true may be wrong for long names.
    pub(crate) fn has_length(&self, length: usize) -> bool {
        self.lengths & length_bit(length) != 0
    }

    /// The member with this name in any case.
    pub(crate) fn member(&self, name: &[u8]) -> Option<&TrieMember> {
        if !self.has_length(name.len()) {
            return None;
        }
        if self.members.len() <= 8 {
            // If there are few names, a scan that compares length and first letter is fast enough. The limit of 8
            // affects only speed.
            let first = |name: &[u8]| name.first().map(u8::to_ascii_lowercase);
            let may = |member: &TrieMember| member.folded.len() == name.len() && first(&member.folded) == first(name);
            let is = |member: &&TrieMember| may(member) && member.is(name);
            return self.members.iter().find(is);
        }
        let order = |member: &TrieMember| {
            let by_name = || member.folded.iter().copied().cmp(name.iter().map(u8::to_ascii_lowercase));
            member.folded.len().cmp(&name.len()).then_with(by_name)
        };
        self.members.binary_search_by(order).ok().and_then(|at| self.members.get(at))
    }

    /// The cells of a key's value, if the key reads a member of this node.
    pub(crate) fn cells(&self, key: &Key) -> Option<Cells> {
        let at = self.keys.partition_point(|(index, _)| *index < key.index());
        let same = self.keys.get(at..)?.iter().take_while(|(index, _)| *index == key.index());
        same.map(|(_, cells)| *cells).find(|cells| cells.exact.is_some() == key.is_canonical())
    }
}

fn length_bit(length: usize) -> u64 {
    1 << length.min(63)
}
