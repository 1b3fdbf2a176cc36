//! The nodes of a plan: the tree of a filter, with names and types resolved.

use crate::document::Key;
use crate::schema::Decision;
use crate::syntax::CompareOp;

use super::compare::Comparison;
use super::literal_set::LiteralSet;
use super::text_rule::TextRule;

/// A node of a plan. Its shape follows the tree of the filter, so that the two can be walked side by side.
#[derive(Debug, Clone)]
pub(crate) enum Node {
    And(Box<[Node]>),
    Or(OrTerms),
    Not(Box<Node>),
    Test(PathTest),
    Any(AnyElement),
}

#[expect(clippy::indexing_slicing, reason = "the list was made long enough; a spelling is 0 or 1")]
impl Node {
    #[cfg(feature = "python")]
    /// Adds the names of all keys to `names`, each at the position [`Key::index`].
    pub(crate) fn names<'n>(&'n self, names: &mut Vec<&'n str>) {
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
            names[key.index()] = key.name();
        }
        if let Some(inner) = inner {
            inner.names(names);
        }
    }

    /// Assigns slots to members that more than one test reads, so that the evaluator looks each up once. The table has
    /// a fixed size, so that it needs no allocation. Names beyond the first 32 get no slot, which costs only speed.
    pub(crate) fn share_members(&mut self) {
        const NAMES: usize = 32;
        if matches!(self, Self::Test(_) | Self::Any(_)) {
            return;
        }
        // Each name has two numbers: one for keys in the schema's spelling, one for other keys. At first the numbers
        // count the uses; later they hold the slots.
        let mut uses = [[0_u8; 2]; NAMES];
        let spelling = |key: &Key| usize::from(key.is_canonical());
        self.first_keys(&mut |key| {
            if let Some(uses) = uses.get_mut(key.index()) {
                let uses = &mut uses[spelling(key)];
                *uses = uses.saturating_add(1);
            }
        });
        let mut slots = 0..Key::SLOTS;
        for uses in uses.iter_mut().flatten() {
            let slot = if *uses > 1 { slots.next() } else { None };
            *uses = slot.and_then(|slot| u8::try_from(slot).ok()).unwrap_or(Key::NO_SLOT);
        }
        self.first_keys(&mut |key| {
            if let Some(slot) = uses.get(key.index()) {
                key.keep_at(slot[spelling(key)]);
            }
        });
    }

    fn first_keys(&mut self, f: &mut impl FnMut(&mut Key)) {
        match self {
            Self::And(terms) => terms.iter_mut().for_each(|term| term.first_keys(f)),
            Self::Or(any) => any.terms.iter_mut().for_each(|term| term.first_keys(f)),
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
    /// The path from the document or, inside brackets, from the element. It is empty if the document or element itself
    /// is checked.
    pub keys: Box<[Key]>,
    pub check: Check,
}

/// A test that holds if `node` holds for some element of the attribute at `keys`.
#[derive(Debug, Clone)]
pub(crate) struct AnyElement {
    pub keys: Box<[Key]>,
    pub node: Box<Node>,
}

#[derive(Debug, Clone)]
pub(crate) enum Check {
    /// `pr` (F4). The decision says what counts of the value: no secret does (F13).
    Present(Decision),
    /// `eq null` (F3), with the same decision.
    Unassigned(Decision),
    /// `ne null` (F3), with the same decision.
    Assigned(Decision),
    /// A comparison that some value must satisfy (F1).
    Some(Comparison),
    /// `ne`: some value must differ, or there must be no value (F2).
    Differs(Comparison),
    /// `eq` or `ne` of `primary`: an absent `primary` counts as false (F15). The last key of the path is that of
    /// `primary`.
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

    /// Turns the check into a check of `primary`: an absent `primary` counts as false.
    pub(crate) fn of_primary(self) -> Self {
        match self {
            Self::Some(comparison) => Self::Primary { comparison, is_ne: false },
            Self::Differs(comparison) => Self::Primary { comparison, is_ne: true },
            other => other,
        }
    }
}

/// The terms of an `or`. If many terms compare one attribute with texts, a single test (`set`) is evaluated instead of
/// them.
#[derive(Debug, Clone)]
pub(crate) struct OrTerms {
    terms: Box<[Node]>,
    set: Option<Box<SetTest>>,
}

#[derive(Debug, Clone)]
struct SetTest {
    /// For each term, whether this test is evaluated instead of it.
    covers: Box<[bool]>,
    /// The index of the first term that this test covers.
    first: usize,
    literals: LiteralSet,
}

/// A check that is evaluated for an `or`.
pub(crate) enum OrCheck<'n> {
    /// One term.
    Single(&'n Node),
    /// Several terms in one check, which holds if a text at the path of this test is in the set.
    Set(&'n PathTest, &'n LiteralSet),
}

#[expect(clippy::indexing_slicing, reason = "`covers` has an entry for each term")]
impl OrTerms {
    pub(crate) fn new(terms: Box<[Node]>) -> Self {
        let set = SetTest::of(&terms).map(Box::new);
        Self { terms, set }
    }

    pub(crate) fn terms(&self) -> &[Node] {
        &self.terms
    }

    /// Whether one check covers all terms.
    pub(crate) fn is_one_check(&self) -> bool {
        self.set.as_ref().is_some_and(|set| set.covers.iter().all(|is_covered| *is_covered))
    }

    /// The checks to evaluate, in the order of the terms. The check of the set takes the place of the first term that
    /// it covers.
    #[inline]
    pub(crate) fn checks(&self) -> impl Iterator<Item = OrCheck<'_>> {
        self.terms.iter().enumerate().filter_map(|(at, term)| match (&self.set, term) {
            (Some(set), Node::Test(test)) if set.covers[at] => {
                (at == set.first).then_some(OrCheck::Set(test, &set.literals))
            }
            _ => Some(OrCheck::Single(term)),
        })
    }
}

impl SetTest {
    /// Makes the test for the attribute of the first term that is an `eq` with a text. `None` if too few terms compare
    /// that attribute to be worth a table.
    fn of(terms: &[Node]) -> Option<Self> {
        if terms.len() < LiteralSet::WORTH_IT {
            return None;
        }
        let (first, (of, _, rule)) = terms.iter().enumerate().find_map(|(at, term)| Some((at, text_eq(term)?)))?;
        let literal = |term| text_eq(term).filter(|(test, _, other)| test.keys == of.keys && *other == rule);
        let covers: Box<[bool]> = terms.iter().map(|term| literal(term).is_some()).collect();
        if covers.iter().filter(|is_covered| **is_covered).count() < LiteralSet::WORTH_IT {
            return None;
        }
        let literals = LiteralSet::new(rule, terms.iter().filter_map(literal).map(|(_, literal, _)| literal));
        Some(Self { covers, first, literals })
    }
}

/// The test, literal and rule of a term, if it is an `eq` with a text.
fn text_eq(term: &Node) -> Option<(&PathTest, &str, TextRule)> {
    let Node::Test(test) = term else { return None };
    match &test.check {
        Check::Some(Comparison::Text { op: CompareOp::Eq, literal, rule, .. }) => Some((test, literal, *rule)),
        _ => None,
    }
}
