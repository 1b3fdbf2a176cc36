//! A filter with names and types resolved. One plan serves every representation of a document.

use std::sync::OnceLock;

use crate::document::Key;
use crate::schema::ResourceType;
use crate::syntax::{CompareOp, Filter};

use super::compare::Comparison;
use super::one_of::Alternatives;
use super::wants::Wants;

/// A compiled filter.
#[derive(Debug)]
pub(crate) struct Plan {
    pub filter: Filter,
    pub resource_type: ResourceType,
    pub root: Node,
    /// Made at first use, because only readers of JSON text need it.
    pub wants: OnceLock<Wants>,
}

impl Plan {
    /// The names that the plan reads.
    pub(crate) fn wants(&self) -> &Wants {
        self.wants.get_or_init(|| Wants::of(self))
    }

    /// The names of all keys, indexed by [`Key::index`].
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.root.names(&mut names);
        names
    }
}

/// A node of a plan. Its shape follows the tree of the filter, so that the two can be walked side by side.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    And(Box<[Node]>),
    Or(Alternatives),
    Not(Box<Node>),
    Test(PathTest),
    Any(AnyElement),
}

impl Node {
    fn names<'n>(&'n self, names: &mut Vec<&'n str>) {
        let (keys, inner) = match self {
            Self::And(terms) => return terms.iter().for_each(|term| term.names(names)),
            Self::Or(any) => return any.terms().iter().for_each(|term| term.names(names)),
            Self::Not(inner) => return inner.names(names),
            Self::Test(test) => (&test.keys, None),
            Self::Any(any) => (&any.keys, Some(&any.node)),
        };
        for key in keys {
            if names.len() <= key.index() {
                names.resize(key.index() + 1, "");
            }
            if let Some(name) = names.get_mut(key.index()) {
                *name = key.name();
            }
        }
        if let Some(inner) = inner {
            inner.names(names);
        }
    }

    /// Assigns slots to members that more than one test reads, so that the evaluator looks each up once. Names beyond the
    /// first 32 get none, which costs only speed; a fixed size needs no allocation.
    pub(crate) fn share_members(&mut self) {
        const NAMES: usize = 32;
        if matches!(self, Self::Test(_) | Self::Any(_)) {
            return;
        }
        // For each name, in the schema's spelling and in another: first the number of uses, then the slot.
        let mut uses = [[0_u8; 2]; NAMES];
        let spelling = |key: &Key| usize::from(key.is_canonical());
        self.first_keys(&mut |key| {
            if let Some(uses) = uses.get_mut(key.index()).and_then(|uses| uses.get_mut(spelling(key))) {
                *uses = uses.saturating_add(1);
            }
        });
        let mut slots = 0..Key::SLOTS;
        for uses in uses.iter_mut().flatten() {
            let slot = if *uses > 1 { slots.next() } else { None };
            *uses = slot.and_then(|slot| u8::try_from(slot).ok()).unwrap_or(Key::NO_SLOT);
        }
        self.first_keys(&mut |key| {
            if let Some(slot) = uses.get(key.index()).and_then(|uses| uses.get(spelling(key))) {
                key.keep_at(*slot);
            }
        });
    }

    fn first_keys(&mut self, f: &mut impl FnMut(&mut Key)) {
        match self {
            Self::And(terms) => terms.iter_mut().for_each(|term| term.first_keys(f)),
            Self::Or(any) => any.terms_mut().iter_mut().for_each(|term| term.first_keys(f)),
            Self::Not(inner) => inner.first_keys(f),
            Self::Test(PathTest { keys, .. }) | Self::Any(AnyElement { keys, .. }) => {
                keys.first_mut().into_iter().for_each(f);
            }
        }
    }
}

/// A check of the values at a path.
#[derive(Debug, Clone)]
pub(crate) struct PathTest {
    /// The path from the document, or from the element inside brackets; empty for that itself.
    pub keys: Box<[Key]>,
    pub check: Check,
}

/// Holds if `node` holds for some element of an attribute.
#[derive(Debug, Clone)]
pub(crate) struct AnyElement {
    pub keys: Box<[Key]>,
    pub node: Box<Node>,
}

#[derive(Debug, Clone)]
pub(crate) enum Check {
    /// `pr` (F4).
    Present,
    /// `eq null` (F3).
    Unassigned,
    /// `ne null` (F3).
    Assigned,
    /// A comparison that some value must satisfy (F1).
    Some(Comparison),
    /// `ne`: some value must differ, or there is none (F2).
    Differs(Comparison),
    /// `primary eq` or `ne`: an absent `primary` is false (F15). The last key is that of `primary`.
    Primary { comparison: Comparison, is_ne: bool },
    /// A comparison that no value can satisfy.
    Never,
}

impl Check {
    pub(crate) fn of(op: CompareOp, comparison: Option<Comparison>) -> Self {
        match (op, comparison) {
            (CompareOp::Ne, Some(comparison)) => Self::Differs(comparison),
            (_, Some(comparison)) => Self::Some(comparison),
            (_, None) => Self::Never,
        }
    }

    /// The same check for a `primary`, which is false where it is absent.
    pub(crate) fn of_primary(self) -> Self {
        match self {
            Self::Some(comparison) => Self::Primary { comparison, is_ne: false },
            Self::Differs(comparison) => Self::Primary { comparison, is_ne: true },
            other => other,
        }
    }
}
