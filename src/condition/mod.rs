//! The meaning of a filter, written out for whoever translates it: into SQL, into a search engine's query, into anything.
//! Nothing of SCIM is left to know, but what a row or a document has stored.

mod build;
mod display;

use std::collections::HashMap;

use crate::filter::text_rule::TextRule;
use crate::schema::{AttrRef, AttrType};
use crate::syntax::CompareOp;

/// A condition that a resource satisfies exactly if it matches the filter. Negations are pushed down: only tests and
/// quantifiers are negated. Both are two-valued: a test of an unassigned attribute does not hold, and a negated one does.
///
/// ```
/// use scim_engine::{Filter, ResourceType};
/// let filter: Filter = r#"not (title pr and emails.type eq "work")"#.parse()?;
/// let condition = filter.compile(&ResourceType::user())?.condition()?;
/// assert_eq!(
///     condition.to_string(),
///     r#"(not present title or not exists emails where emails.type = "work")"#
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Condition {
    /// Holds for every resource, or for none.
    Constant(bool),
    /// All of these hold.
    All(Vec<Condition>),
    /// One of these holds at least.
    Any(Vec<Condition>),
    /// Some element of a multi-valued attribute satisfies a condition; if negated, none does.
    Exists {
        /// The multi-valued attribute.
        list: Target,
        /// The condition, whose targets are sub-attributes of the element, or the element itself if it is simple.
        within: Box<Condition>,
        /// Whether the quantifier is negated.
        is_negated: bool,
    },
    /// A single value satisfies a test; if negated, it does not, or there is none.
    Test {
        /// The attribute that has the value.
        target: Target,
        /// The test.
        test: ValueTest,
        /// Whether the test is negated.
        is_negated: bool,
    },
}

/// An attribute that a condition is about.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Target {
    /// The path in the schema's spelling: `userName`, `emails.value`, `urn:…:User:department`.
    pub path: String,
    /// The type of its values.
    pub attr_type: AttrType,
    /// Whether the attribute is multi-valued.
    pub multi_valued: bool,
    /// The form in which its texts are compared.
    pub text_form: TextForm,
}

/// The form in which the texts of an attribute are compared (F5, F16). The literals of a condition are in this form, so a
/// column that is compared with them must be, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TextForm {
    /// As written.
    Exact,
    /// Folded by [`fold_case`](crate::fold_case).
    Folded,
    /// As [`username_key`](crate::username_key) makes it.
    Username {
        /// Whether case counts.
        case_exact: bool,
    },
}

impl TextForm {
    /// The form of a text that is compared.
    pub fn key(self, text: &str) -> String {
        let rule = match self {
            Self::Exact => TextRule::Exact,
            Self::Folded => TextRule::Folded,
            Self::Username { case_exact } => TextRule::Username { exact: case_exact },
        };
        rule.key(text).into_owned()
    }
}

/// A test of one value.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum ValueTest {
    /// There is a value.
    Assigned,
    /// There is a value other than the empty text.
    Present,
    /// A comparison of texts by code point: `eq`, `co`, `sw`, `ew`, `gt`, `ge`, `lt` and `le`.
    Text(CompareOp, String),
    /// The text is one of these: an `or` of many `eq`.
    OneOf(Vec<String>),
    /// `co`, `sw` and `ew` of the folded text of a dateTime, as it is stored (F7).
    DateText(CompareOp, String),
    /// The boolean is this one.
    Bool(bool),
    /// A comparison of numbers. The literal is a number in JSON's grammar, of any length.
    Number(CompareOp, String),
    /// A comparison of instants.
    Instant {
        /// `eq`, `gt`, `ge`, `lt` or `le`.
        op: CompareOp,
        /// Seconds since 1970-01-01T00:00:00Z, before it as a negative number.
        seconds: i64,
        /// The digits of the fraction of a second, without zeros at the end; empty if there is none.
        fraction: String,
    },
}

impl Target {
    pub(crate) fn new(attr: AttrRef<'_>) -> Self {
        let leaf = attr.leaf();
        let text_form = match TextRule::of(leaf) {
            TextRule::Exact => TextForm::Exact,
            TextRule::Folded => TextForm::Folded,
            TextRule::Username { exact } => TextForm::Username { case_exact: exact },
        };
        Self { path: attr.into(), attr_type: leaf.attr_type, multi_valued: leaf.multi_valued, text_form }
    }

    /// The form of a text that is compared.
    pub fn key(&self, text: &str) -> String {
        self.text_form.key(text)
    }
}

impl Condition {
    /// A condition that holds if all of these do. Constants are left out, and conditions of the same kind become one.
    pub fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(conditions, true)
    }

    /// A condition that holds if one of these does. Constants are left out, and conditions of the same kind become one.
    pub fn any(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self::joined(conditions, false)
    }

    fn joined(conditions: impl IntoIterator<Item = Self>, is_all: bool) -> Self {
        let mut kept = Vec::new();
        for condition in conditions {
            match condition {
                Self::Constant(holds) if holds == is_all => {}
                Self::Constant(holds) => return Self::Constant(holds),
                Self::All(inner) if is_all => kept.extend(inner),
                Self::Any(inner) if !is_all => kept.extend(inner),
                other => kept.push(other),
            }
        }
        // `exists a where x or exists a where y` is `exists a where (x or y)`, and the same for what is negated in an `and`.
        let mut slots: Vec<Slot> = Vec::with_capacity(kept.len());
        let mut at: HashMap<(bool, String), usize> = HashMap::new();
        for condition in kept {
            let (is_list, path) = match &condition {
                Self::Exists { list, is_negated, .. } if *is_negated == is_all => (true, &list.path),
                Self::Test { target, test: ValueTest::Text(CompareOp::Eq, _) | ValueTest::OneOf(_), is_negated }
                    if *is_negated == is_all =>
                {
                    (false, &target.path)
                }
                _ => {
                    slots.push(Slot::Other(condition));
                    continue;
                }
            };
            let place = *at.entry((is_list, path.clone())).or_insert(slots.len());
            match slots.get_mut(place) {
                Some(slot) => slot.add(condition),
                None => slots.push(Slot::of(condition)),
            }
        }
        let mut joined: Vec<Self> = slots.into_iter().map(|slot| slot.into_condition(is_all)).collect();
        match joined.len() {
            0 => Self::Constant(is_all),
            1 => joined.swap_remove(0),
            _ if is_all => Self::All(joined),
            _ => Self::Any(joined),
        }
    }
}

/// Conditions that become one.
enum Slot {
    Other(Condition),
    Lists(Target, Vec<Condition>),
    Texts(Target, Vec<String>),
}

impl Slot {
    fn of(condition: Condition) -> Self {
        match condition {
            Condition::Exists { list, within, .. } => Self::Lists(list, vec![*within]),
            Condition::Test { target, test: ValueTest::Text(_, text), .. } => Self::Texts(target, vec![text]),
            Condition::Test { target, test: ValueTest::OneOf(texts), .. } => Self::Texts(target, texts),
            other => Self::Other(other),
        }
    }

    fn add(&mut self, condition: Condition) {
        match (self, Self::of(condition)) {
            (Self::Lists(_, all), Self::Lists(_, more)) => all.extend(more),
            (Self::Texts(_, all), Self::Texts(_, more)) => all.extend(more),
            _ => {}
        }
    }

    fn into_condition(self, is_negated: bool) -> Condition {
        match self {
            Self::Other(condition) => condition,
            Self::Lists(list, within) => {
                Condition::Exists { list, within: Box::new(Condition::any(within)), is_negated }
            }
            Self::Texts(target, mut texts) => {
                let test = match texts.len() {
                    1 => ValueTest::Text(CompareOp::Eq, texts.swap_remove(0)),
                    _ => ValueTest::OneOf(texts),
                };
                Condition::Test { target, test, is_negated }
            }
        }
    }
}
