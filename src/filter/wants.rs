//! The names that a plan reads, as a trie, so that a reader of text can skip all others.

use super::plan::{AnyElement, Node, Plan};
use crate::document::Key;

/// A place of the trie: the document, or the value at a path. Elements of an array share the place of the array.
pub(crate) type WantId = usize;

/// All places. The first is the document.
#[derive(Debug)]
pub(crate) struct Wants {
    places: Vec<Want>,
    /// The terms of the plan that can be decided separately.
    pub terms: Terms,
}

/// The members that are read from one object.
#[derive(Debug, Default)]
pub(crate) struct Want {
    /// Sorted by length, then by name, for the binary search.
    members: Vec<Member>,
    /// A bit for each length that a name has. The highest stands for that length and all longer ones.
    lengths: u64,
    /// The number of cells, which [`Member::cell`] indexes.
    pub cells: usize,
    /// By [`Key::index`]: the cells of a key's value.
    keys: Vec<(usize, Spot)>,
}

/// A name, compared in any case. Its first cell is for the first member of that name; one more follows for each of the
/// schema's spellings.
#[derive(Debug)]
pub(crate) struct Member {
    folded: Box<[u8]>,
    pub spellings: Vec<Box<[u8]>>,
    /// The first of its cells.
    pub cell: usize,
    /// The place that its value has.
    pub then: WantId,
    /// Its number among the members of its object.
    pub number: usize,
}

/// The cells of a key. The value in its own spelling, if that is a schema's, precedes the first in any spelling (F14).
#[derive(Debug, Clone, Copy)]
pub(crate) struct Spot {
    pub first: usize,
    pub exact: Option<usize>,
}

/// The plan as `and` or `or` of terms. A plan that is neither is a single term.
#[derive(Debug)]
pub(crate) struct Terms {
    pub is_or: bool,
    /// The number of the document's members that each term reads.
    pub reads: Vec<u32>,
    /// By [`Member::number`]: the terms that read it.
    pub readers: Vec<Vec<usize>>,
}

impl Wants {
    pub(crate) fn of(plan: &Plan) -> Self {
        let mut builder = Builder { places: vec![Vec::new()], keys: vec![Vec::new()] };
        let (is_or, terms) = terms(&plan.root);
        let mut numbers = Vec::new();
        for term in terms {
            let mut read = Vec::new();
            builder.add(term, 0, &mut read);
            read.sort_unstable();
            read.dedup();
            numbers.push(read);
        }
        let count = builder.places.first().map_or(0, Vec::len);
        let mut readers = vec![Vec::new(); count];
        for (term, read) in numbers.iter().enumerate() {
            for number in read {
                if let Some(of_member) = readers.get_mut(*number) {
                    of_member.push(term);
                }
            }
        }
        let reads = numbers.iter().map(|read| u32::try_from(read.len()).unwrap_or(u32::MAX)).collect();
        let places = builder.places.into_iter().zip(builder.keys).map(|(members, keys)| Want::new(members, &keys));
        Self { places: places.collect(), terms: Terms { is_or, reads, readers } }
    }

    pub(crate) fn place(&self, id: WantId) -> Option<&Want> {
        self.places.get(id)
    }
}

/// The terms of a plan, and whether they are joined by `or`. An `or` that is a single test counts as one term.
pub(crate) fn terms(root: &Node) -> (bool, &[Node]) {
    match root {
        Node::And(terms) => (false, terms),
        Node::Or(any) if !any.is_one_test() => (true, any.terms()),
        other => (false, std::slice::from_ref(other)),
    }
}

/// A member while the trie is built, before cells are assigned.
struct Draft {
    folded: Box<[u8]>,
    spellings: Vec<Box<[u8]>>,
    then: WantId,
}

struct Builder {
    places: Vec<Vec<Draft>>,
    /// For each place the keys that read from it: index of the key, number of the member, number of the spelling.
    keys: Vec<Vec<(usize, usize, Option<usize>)>>,
}

impl Builder {
    /// Adds a node. `read` receives the numbers of the document's members that it reads.
    fn add(&mut self, node: &Node, place: WantId, read: &mut Vec<usize>) {
        match node {
            Node::And(terms) => terms.iter().for_each(|term| self.add(term, place, read)),
            Node::Or(any) => any.terms().iter().for_each(|term| self.add(term, place, read)),
            Node::Not(inner) => self.add(inner, place, read),
            Node::Test(test) => {
                self.path(&test.keys, place, read);
            }
            Node::Any(AnyElement { keys, node }) => {
                let place = self.path(keys, place, read);
                self.add(node, place, &mut Vec::new());
            }
        }
    }

    fn path(&mut self, keys: &[Key], place: WantId, read: &mut Vec<usize>) -> WantId {
        let mut place = place;
        for (depth, key) in keys.iter().enumerate() {
            let number = self.member(key, place);
            if depth == 0 {
                read.push(number);
            }
            place = self.places.get(place).and_then(|members| members.get(number)).map_or(place, |draft| draft.then);
        }
        place
    }

    /// The number of the member that a key names; it is added if it is new.
    fn member(&mut self, key: &Key, place: WantId) -> usize {
        let next = self.places.len();
        let (Some(members), Some(keys)) = (self.places.get_mut(place), self.keys.get_mut(place)) else { return 0 };
        let folded = key.name().to_ascii_lowercase().into_bytes().into_boxed_slice();
        let number = members.iter().position(|draft| draft.folded == folded).unwrap_or_else(|| {
            members.push(Draft { folded, spellings: Vec::new(), then: next });
            members.len() - 1
        });
        if let Some(draft) = members.get_mut(number) {
            let spelling = key.is_canonical().then(|| {
                let name = key.name().as_bytes();
                draft.spellings.iter().position(|known| **known == *name).unwrap_or_else(|| {
                    draft.spellings.push(name.into());
                    draft.spellings.len() - 1
                })
            });
            let asked = (key.index(), number, spelling);
            if !keys.contains(&asked) {
                keys.push(asked);
            }
            if draft.then == next {
                self.places.push(Vec::new());
                self.keys.push(Vec::new());
            }
        }
        number
    }
}

impl Member {
    fn is(&self, name: &[u8]) -> bool {
        self.spellings.iter().any(|spelling| **spelling == *name) || self.folded.eq_ignore_ascii_case(name)
    }
}

impl Want {
    fn new(drafts: Vec<Draft>, asked: &[(usize, usize, Option<usize>)]) -> Self {
        let mut want = Self::default();
        for (number, draft) in drafts.into_iter().enumerate() {
            let Draft { folded, spellings, then } = draft;
            let cell = want.cells;
            want.cells += 1 + spellings.len();
            want.lengths |= length_bit(folded.len());
            want.members.push(Member { folded, spellings, cell, then, number });
        }
        let spots = asked.iter().filter_map(|(index, number, spelling)| {
            let first = want.members.get(*number)?.cell;
            Some((*index, Spot { first, exact: spelling.map(|spelling| first + 1 + spelling) }))
        });
        want.keys = spots.collect();
        want.keys.sort_by_key(|(index, spot)| (*index, spot.exact));
        want.members.sort_by(|a, b| (a.folded.len(), &a.folded).cmp(&(b.folded.len(), &b.folded)));
        want
    }

    /// Whether nothing below this place is read by name.
    pub(crate) fn is_leaf(&self) -> bool {
        self.members.is_empty()
    }

    /// Whether a member may have a name of this length. False is certain.
    pub(crate) fn has_length(&self, length: usize) -> bool {
        self.lengths & length_bit(length) != 0
    }

    /// The member with this name in any case.
    pub(crate) fn member(&self, name: &[u8]) -> Option<&Member> {
        if !self.has_length(name.len()) {
            return None;
        }
        if self.members.len() <= 8 {
            // Few names: a scan by length and first letter is enough. The limit affects only speed.
            let first = |name: &[u8]| name.first().map(u8::to_ascii_lowercase);
            let may = |member: &Member| member.folded.len() == name.len() && first(&member.folded) == first(name);
            let is = |member: &&Member| may(member) && member.is(name);
            return self.members.iter().find(is);
        }
        let order = |member: &Member| {
            let by_name = || member.folded.iter().copied().cmp(name.iter().map(u8::to_ascii_lowercase));
            member.folded.len().cmp(&name.len()).then_with(by_name)
        };
        self.members.binary_search_by(order).ok().and_then(|at| self.members.get(at))
    }

    /// The cells of a key's value, if the key belongs to this place.
    pub(crate) fn spot(&self, key: &Key) -> Option<Spot> {
        let at = self.keys.partition_point(|(index, _)| *index < key.index());
        let same = self.keys.get(at..)?.iter().take_while(|(index, _)| *index == key.index());
        same.map(|(_, spot)| *spot).find(|spot| spot.exact.is_some() == key.is_canonical())
    }
}

fn length_bit(length: usize) -> u64 {
    1 << length.min(63)
}
