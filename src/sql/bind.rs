//! Says a condition over attributes as one over columns.

use std::fmt;

use super::bound::{Bounded, Place, decimal, float};
use super::column::{Column, Stored};
use super::error::BindError;
use super::mapping::Mapping;
use super::reading::is_in_row;
use super::rows::{Field, Rows};
use super::source::Source;
use super::values::{TIMESTAMPS, digits, uuid};
use super::where_clause::{ColumnTest, Comparison, SqlValue, Where};
use crate::condition::{Condition, Target, TextForm, ValueTest};
use crate::filter::Matcher;
use crate::filter::compare::exact_text;
use crate::filter::text_rule::comparison_key;
use crate::syntax::CompareOp;

/// A condition that selects every row that matches a filter, and maybe others.
#[derive(Debug, Clone)]
pub struct Widest {
    condition: Where,
    residual: Option<Matcher>,
}

impl Widest {
    /// The condition. Unless [`Widest::is_exact`], each row that it selects must be matched by [`Widest::residual`], so
    /// the database can neither count the rows nor choose a page of them.
    pub fn candidates(&self) -> &Where {
        &self.condition
    }

    /// Whether the condition selects the rows that match, and no others.
    pub fn is_exact(&self) -> bool {
        self.residual.is_none()
    }

    /// What has to be asked of each row that the condition selects; `None` if the condition is exact.
    pub fn residual(&self) -> Option<&Matcher> {
        self.residual.as_ref()
    }
}

impl Mapping {
    /// Says a filter as a condition over columns that selects the rows that match, and no others.
    ///
    /// # Errors
    /// [`BindError`] if the mapping cannot say the filter exactly: no column is named for an attribute, or it does not hold
    /// the value as the filter compares it.
    pub fn bind(&self, matcher: &Matcher) -> Result<Where, BindError> {
        let condition = self.condition_of(matcher)?;
        Binder { mapping: self, rows: None, widens: false, has_widened: false }.bind(&condition)
    }

    /// Says a filter as a condition over columns that selects every row that matches. What the mapping cannot say is
    /// taken to hold.
    ///
    /// # Errors
    /// [`BindError`] only if the filter was compiled for no resource type in particular.
    pub fn bind_widest(&self, matcher: &Matcher) -> Result<Widest, BindError> {
        let condition = self.condition_of(matcher)?;
        let mut binder = Binder { mapping: self, rows: None, widens: true, has_widened: false };
        let condition = binder.bind(&condition)?;
        Ok(Widest { condition, residual: binder.has_widened.then(|| matcher.clone()) })
    }

    /// The condition of a filter for the resource type of the mapping: another type may have other attributes, and compare
    /// them otherwise.
    fn condition_of(&self, matcher: &Matcher) -> Result<Condition, BindError> {
        let refused = |error: &dyn fmt::Display| {
            let filter = matcher.filter().as_str();
            BindError::new(self.resource_type().name(), filter, format!("is not what it is for: {error}"))
        };
        if matcher.resource_type() == self.resource_type() {
            return matcher.condition().map_err(|unknown| refused(&unknown));
        }
        match matcher.filter().compile(self.resource_type()) {
            Ok(own) => own.condition().map_err(|unknown| refused(&unknown)),
            // A filter on resources of all types may ask for what this one does not have, which is then unassigned.
            Err(error) if !matcher.resource_type().is_open() => Err(refused(&error)),
            Err(_) => matcher.condition().map_err(|unknown| refused(&unknown)),
        }
    }

    /// Whether the resource type has an attribute, by its path.
    fn defines(&self, path: &str) -> bool {
        self.resource_type().look_up_own_attribute(path).is_ok()
    }
}

/// What is bound: the mapping, and within a quantifier its rows.
struct Binder<'m> {
    mapping: &'m Mapping,
    rows: Option<&'m Rows>,
    /// Whether a test that cannot be said is taken to hold.
    widens: bool,
    has_widened: bool,
}

/// What is known of an attribute: its field, or that it is never assigned.
enum Found<'m> {
    Field(&'m Field),
    Never,
}

impl<'m> Binder<'m> {
    fn bind(&mut self, condition: &Condition) -> Result<Where, BindError> {
        match condition {
            Condition::Constant(holds) => Ok(Where::Constant(*holds)),
            Condition::All(all) => self.bind_each(all, true),
            Condition::Any(any) => self.bind_each(any, false),
            Condition::Exists { list, within, is_negated } => {
                let bound = self.exists(condition, list, within);
                self.signed(bound, *is_negated)
            }
            Condition::Test { target, test, is_negated } => {
                let bound = self.test(condition, target, test);
                self.signed(bound, *is_negated)
            }
        }
    }

    fn bind_each(&mut self, conditions: &[Condition], is_all: bool) -> Result<Where, BindError> {
        let bound: Vec<Where> = conditions.iter().map(|one| self.bind(one)).collect::<Result<_, _>>()?;
        Ok(Where::joined(bound, is_all))
    }

    /// The condition or its opposite; if it cannot be said, that it holds, where that is allowed.
    fn signed(&mut self, bound: Result<Where, BindError>, is_negated: bool) -> Result<Where, BindError> {
        match bound {
            Ok(bound) if is_negated => Ok(bound.negated()),
            Err(_) if self.widens => {
                self.has_widened = true;
                Ok(Where::Constant(true))
            }
            other => other,
        }
    }

    fn find(&self, condition: &Condition, path: &str) -> Result<Found<'m>, BindError> {
        let (field, is_complete) = match self.rows {
            Some(rows) => {
                let field = rows.fields.binary_search_by(|(own, _)| own.as_str().cmp(path)).ok();
                (field.and_then(|at| rows.fields.get(at)).map(|(_, field)| field), rows.is_complete)
            }
            None => (self.mapping.compared(path), self.mapping.is_complete()),
        };
        match field {
            Some(Field::Unassigned) => Ok(Found::Never),
            Some(Field::Rest(_)) => {
                Err(BindError::new(path, condition, "is in a JSON column of which there is no folded copy"))
            }
            Some(field) => Ok(Found::Field(field)),
            None if self.rows.is_none() && self.mapping.is_below_unassigned(path) => Ok(Found::Never),
            None if is_complete || !self.mapping.defines(path) => Ok(Found::Never),
            None => Err(BindError::new(path, condition, "has no column")),
        }
    }

    /// Some element satisfies a condition. A condition below it may not be widened if the whole is negated, so what
    /// cannot be said below it is an error here.
    fn exists(&mut self, condition: &Condition, list: &Target, within: &Condition) -> Result<Where, BindError> {
        let is_negated = matches!(condition, Condition::Exists { is_negated: true, .. });
        let below = |rows| Binder { rows, widens: self.widens && !is_negated, has_widened: false, ..*self };
        match self.find(condition, &list.path)? {
            Found::Never => Ok(Where::Constant(false)),
            Found::Field(Field::Fixed(values)) => {
                Ok(Where::any(values.iter().map(|value| Where::Constant(of_text(within, value)))))
            }
            Found::Field(Field::Schemas) => {
                let mut below = below(None);
                let bound = below.schemas(within)?;
                self.has_widened |= below.has_widened;
                Ok(bound)
            }
            Found::Field(Field::Rows(rows)) => {
                let mut below = below(Some(rows));
                let within = below.bind(within)?;
                self.has_widened |= below.has_widened;
                Ok(match self.there(rows, within) {
                    Where::Constant(false) => Where::Constant(false),
                    within => Where::Exists { rows: rows.source.clone(), within: Box::new(within), is_negated: false },
                })
            }
            Found::Field(_) => Err(BindError::new(&list.path, condition, "has no rows")),
        }
    }

    /// A condition within rows, of which some may stand for no element: an e-mail column that is NULL.
    fn there(&self, rows: &Rows, within: Where) -> Where {
        let has_fixed = rows.fields.iter().any(|(_, field)| matches!(field, Field::Fixed(_)));
        let may_lack = (has_fixed || is_in_row(self.mapping, rows)) && !rows.fields.iter().any(|(_, field)| {
            matches!(field, Field::Column(column) if column.is_not_null && column.unassigned.is_none())
        });
        if !may_lack || has_value(&within) {
            return within;
        }
        let key = |path: &str, text: &str| match self.mapping.resource_type().look_up_own_attribute(path) {
            Ok(attr) => comparison_key(attr.leaf(), text).into_owned(),
            Err(_) => text.to_owned(),
        };
        let assigned = rows.fields.iter().filter_map(|(path, field)| match field {
            Field::Column(column) => Some(assigned(column, |text| key(path, text))),
            Field::Rows(inner) => Some(Where::Exists {
                rows: inner.source.clone(),
                within: Box::new(Where::Constant(true)),
                is_negated: false,
            }),
            _ => None,
        });
        let assigned: Vec<Where> = assigned.collect();
        Where::all([within, Where::any(assigned)])
    }

    /// Some URN in `schemas` satisfies a condition.
    fn schemas(&mut self, within: &Condition) -> Result<Where, BindError> {
        let resource_type = self.mapping.resource_type();
        if of_text(within, &resource_type.schema().id) {
            return Ok(Where::Constant(true));
        }
        let urns = resource_type.extensions().map(|extension| extension.id.as_str());
        let named: Vec<Where> = urns
            .filter(|urn| of_text(within, urn))
            .map(|urn| self.bind(&Condition::of_extension(resource_type, urn)))
            .collect::<Result<_, _>>()?;
        Ok(Where::any(named))
    }

    fn test(&mut self, condition: &Condition, target: &Target, test: &ValueTest) -> Result<Where, BindError> {
        match self.find(condition, &target.path)? {
            Found::Never => Ok(Where::Constant(false)),
            Found::Field(Field::Column(column)) => {
                of_column(column, target, test).map_err(|why| BindError::new(&target.path, condition, why))
            }
            Found::Field(Field::Fixed(values)) => {
                let holds = |value: &String| text_holds(target, test, value);
                Ok(Where::Constant(values.iter().any(holds)))
            }
            Found::Field(_) => Err(BindError::new(&target.path, condition, "has no column")),
        }
    }
}

/// Whether a condition holds only where some column has a value.
fn has_value(condition: &Where) -> bool {
    match condition {
        Where::Constant(holds) => !holds,
        Where::All(all) => all.iter().any(has_value),
        Where::Any(any) => any.iter().all(has_value),
        Where::Exists { is_negated, .. } | Where::Test { is_negated, .. } => !is_negated,
    }
}

/// Why a column cannot say a test.
type Why = &'static str;

fn of_column(column: &Column, target: &Target, test: &ValueTest) -> Result<Where, Why> {
    let on = |source: &Source, test: ColumnTest| Where::Test {
        source: source.clone(),
        stored: column.stored,
        test,
        is_negated: false,
    };
    let on_text = |source: &Source, test: ColumnTest| Where::Test {
        source: source.clone(),
        stored: Stored::Text,
        test,
        is_negated: false,
    };
    let key = |text: &str| target.key(text);
    let assigned = || assigned(column, key);
    let bounded = |bounded: Bounded<i64>| match bounded {
        Bounded::None => Where::Constant(false),
        Bounded::All => assigned(),
        Bounded::Compare(op, number) => on(&column.source, ColumnTest::Compare(op, SqlValue::Integer(number))),
    };
    match test {
        ValueTest::Assigned => Ok(assigned()),
        ValueTest::Present => Ok(match column.stored {
            // An empty text is assigned, but it is not present (F4).
            Stored::Text | Stored::Folded if column.unassigned.as_deref() != Some("") => {
                Where::all([assigned(), on_text(&column.source, equal(String::new())).negated()])
            }
            _ => assigned(),
        }),
        ValueTest::Text(op, literal) => text_test(column, target, *op, literal, &assigned),
        ValueTest::OneOf(literals) => {
            if matches!(column.stored, Stored::Digits | Stored::Uuid) {
                let each = literals.iter().map(|literal| text_test(column, target, CompareOp::Eq, literal, &assigned));
                return Ok(Where::any(each.collect::<Result<Vec<_>, _>>()?));
            }
            let source = compared_text(column, target)?;
            let default = column.unassigned.as_deref().map(|text| target.key(text));
            let kept = literals.iter().filter(|literal| default.as_ref() != Some(*literal) && !literal.contains('\0'));
            let mut kept: Vec<String> = kept.cloned().collect();
            Ok(match kept.len() {
                0 => Where::Constant(false),
                1 => on_text(source, equal(kept.swap_remove(0))),
                _ => on_text(source, ColumnTest::OneOf(kept)),
            })
        }
        ValueTest::DateText(op, literal) => {
            let Some(source) = &column.text else { return Err("has no column that holds the text of the dateTime") };
            Ok(match substring(*op, literal) {
                Substring::Never => Where::Constant(false),
                Substring::Always => on_text(source, ColumnTest::NotNull),
                Substring::Test(found) => on_text(source, found),
            })
        }
        ValueTest::Bool(value) => match column.stored {
            Stored::Boolean => Ok(on(&column.source, ColumnTest::Is(*value))),
            _ => Err("is not stored as a boolean"),
        },
        ValueTest::Number(op, literal) => {
            let op = comparison(*op).ok_or("does not hold texts")?;
            Ok(match column.stored {
                Stored::Integer => bounded(Place::of_number(literal).compared(op)),
                Stored::Float => match float(op, literal) {
                    Bounded::None => Where::Constant(false),
                    Bounded::All => assigned(),
                    Bounded::Compare(op, number) => {
                        on(&column.source, ColumnTest::Compare(op, SqlValue::Float(number)))
                    }
                },
                Stored::Decimal => match decimal(op, literal) {
                    None => return Err("holds decimal numbers of at most 1,000 digits on either side of the point"),
                    Some(Bounded::None) => Where::Constant(false),
                    Some(Bounded::All) => assigned(),
                    Some(Bounded::Compare(op, literal)) => {
                        on(&column.source, ColumnTest::Compare(op, SqlValue::Text(literal.to_owned())))
                    }
                },
                _ => return Err("is not stored as a number"),
            })
        }
        ValueTest::Instant { op, seconds, fraction } => {
            let op = comparison(*op).ok_or("does not hold texts")?;
            let (least, greatest) = match column.stored {
                Stored::Micros => (i64::MIN, i64::MAX),
                Stored::Timestamp | Stored::UtcTimestamp => TIMESTAMPS,
                _ => return Err("is not stored as an instant"),
            };
            Ok(bounded(Place::of_instant(*seconds, fraction, least, greatest).compared(op)))
        }
    }
}

/// The column that holds the text as it is compared.
fn compared_text<'c>(column: &'c Column, target: &Target) -> Result<&'c Source, Why> {
    match (column.stored, &column.folded) {
        (_, Some(folded)) => Ok(folded),
        (Stored::Folded, _) => Ok(&column.source),
        (Stored::Text, _) if target.text_form == TextForm::Exact => Ok(&column.source),
        (Stored::Text, _) => Err("has no column that holds the folded text"),
        _ => Err("can be compared for equality alone"),
    }
}

/// A column has something. `key` folds a text as the attribute is compared.
fn assigned<K: Into<String>>(column: &Column, key: impl Fn(&str) -> K) -> Where {
    let (source, stored) = (column.source.clone(), column.stored);
    let is_there = Where::Test { source, stored, test: ColumnTest::NotNull, is_negated: false };
    match &column.unassigned {
        None => is_there,
        Some(default) => Where::all([is_there, differs(column, key, default)]),
    }
}

/// The text that stands for an unassigned attribute is not there.
fn differs<K: Into<String>>(column: &Column, key: impl Fn(&str) -> K, text: &str) -> Where {
    let text = if column.stored == Stored::Folded { key(text).into() } else { text.to_owned() };
    Where::Test { source: column.source.clone(), stored: Stored::Text, test: equal(text), is_negated: true }
}

fn text_test(
    column: &Column,
    target: &Target,
    op: CompareOp,
    literal: &str,
    assigned: &dyn Fn() -> Where,
) -> Result<Where, Why> {
    let value = match column.stored {
        Stored::Digits if op == CompareOp::Eq => digits(literal),
        Stored::Uuid if op == CompareOp::Eq => uuid(literal),
        _ => {
            let source = compared_text(column, target)?;
            let default = column.unassigned.as_deref().map(|text| target.key(text));
            // What the text that stands for an unassigned attribute satisfies needs a second look.
            let is_ambiguous = default.is_some_and(|default| exact_text(op, &default, literal));
            let found = match (substring(op, literal), comparison(op)) {
                (Substring::Always, _) => return Ok(assigned()),
                (Substring::Never, None) => return Ok(Where::Constant(false)),
                (Substring::Test(test), _) => test,
                (Substring::Never, Some(op)) => match without_nul(op, literal) {
                    None => return Ok(Where::Constant(false)),
                    Some((op, literal)) => ColumnTest::Compare(op, SqlValue::Text(literal.to_owned())),
                },
            };
            let found = Where::Test { source: source.clone(), stored: Stored::Text, test: found, is_negated: false };
            return Ok(match &column.unassigned {
                Some(text) if is_ambiguous => Where::all([found, differs(column, |text: &str| target.key(text), text)]),
                _ => found,
            });
        }
    };
    Ok(value.map_or(Where::Constant(false), |value| Where::Test {
        source: column.source.clone(),
        stored: column.stored,
        test: ColumnTest::Compare(Comparison::Eq, value),
        is_negated: false,
    }))
}

fn equal(text: String) -> ColumnTest {
    ColumnTest::Compare(Comparison::Eq, SqlValue::Text(text))
}

fn comparison(op: CompareOp) -> Option<Comparison> {
    match op {
        CompareOp::Eq => Some(Comparison::Eq),
        CompareOp::Gt => Some(Comparison::Gt),
        CompareOp::Ge => Some(Comparison::Ge),
        CompareOp::Lt => Some(Comparison::Lt),
        CompareOp::Le => Some(Comparison::Le),
        CompareOp::Ne | CompareOp::Co | CompareOp::Sw | CompareOp::Ew => None,
    }
}

/// A search for a part of a text.
enum Substring {
    /// It is not such a search, or finds nothing.
    Never,
    /// Every text has the part.
    Always,
    Test(ColumnTest),
}

fn substring(op: CompareOp, literal: &str) -> Substring {
    let test: fn(String) -> ColumnTest = match op {
        CompareOp::Co => ColumnTest::Contains,
        CompareOp::Sw => ColumnTest::StartsWith,
        CompareOp::Ew => ColumnTest::EndsWith,
        _ => return Substring::Never,
    };
    match literal {
        "" => Substring::Always,
        // No text that is stored has U+0000.
        _ if literal.contains('\0') => Substring::Never,
        _ => Substring::Test(test(literal.to_owned())),
    }
}

/// A comparison with a literal that may contain U+0000, which no text in the database has: what precedes the character
/// is less than the literal, and every longer text with this beginning is greater.
fn without_nul(op: Comparison, literal: &str) -> Option<(Comparison, &str)> {
    match (literal.split_once('\0'), op) {
        (None, _) => Some((op, literal)),
        (Some(_), Comparison::Eq) => None,
        (Some((before, _)), Comparison::Gt | Comparison::Ge) => Some((Comparison::Gt, before)),
        (Some((before, _)), Comparison::Lt | Comparison::Le) => Some((Comparison::Le, before)),
    }
}

/// Whether a text that is known satisfies a condition about an element.
fn of_text(condition: &Condition, text: &str) -> bool {
    match condition {
        Condition::Constant(holds) => *holds,
        Condition::All(all) => all.iter().all(|one| of_text(one, text)),
        Condition::Any(any) => any.iter().any(|one| of_text(one, text)),
        Condition::Exists { is_negated, .. } => *is_negated,
        Condition::Test { target, test, is_negated } => text_holds(target, test, text) != *is_negated,
    }
}

fn text_holds(target: &Target, test: &ValueTest, value: &str) -> bool {
    match test {
        ValueTest::Assigned => true,
        ValueTest::Present => !value.is_empty(),
        ValueTest::Text(op, literal) => exact_text(*op, &target.key(value), literal),
        ValueTest::OneOf(literals) => literals.contains(&target.key(value)),
        ValueTest::Bool(wanted) => value == if *wanted { "true" } else { "false" },
        ValueTest::DateText(..) | ValueTest::Number(..) | ValueTest::Instant { .. } => false,
    }
}
