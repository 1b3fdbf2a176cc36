//! A filter with names and types settled. One plan serves every representation.

use std::sync::OnceLock;

use crate::document::Key;
use crate::schema::ResourceType;
use crate::syntax::{CompareOp, Filter};

use super::compare::Comparison;
use super::wants::Wants;

/// A compiled filter.
#[derive(Debug)]
pub(crate) struct Plan {
    pub filter: Filter,
    pub resource_type: ResourceType,
    pub root: Node,
    /// Made when it is first asked for: who matches values does without.
    pub wants: OnceLock<Wants>,
}

impl Plan {
    /// The names that are read.
    pub(crate) fn wants(&self) -> &Wants {
        self.wants.get_or_init(|| Wants::of(self))
    }

    /// The names of all keys, at the keys' indices.
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.root.names(&mut names);
        names
    }
}

/// A step of a plan. The shape follows the tree of the filter, so that the two can be walked side by side.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    And(Box<[Node]>),
    Or(Box<[Node]>),
    Not(Box<Node>),
    Test(PathTest),
    Any(AnyElement),
}

impl Node {
    fn names<'n>(&'n self, names: &mut Vec<&'n str>) {
        let (keys, inner) = match self {
            Self::And(terms) | Self::Or(terms) => return terms.iter().for_each(|term| term.names(names)),
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
}

/// What is asked of the values at a path.
#[derive(Debug, Clone)]
pub(crate) struct PathTest {
    /// From the document, or from the element inside brackets; empty is that itself.
    pub keys: Box<[Key]>,
    pub check: Check,
}

/// Some element of an attribute for which `node` holds.
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
    /// What can hold of no value.
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
}
