//! `sortBy` and `sortOrder` (RFC 7644 §3.4.2.3).

use std::cmp::Ordering;

use super::attr_name::AttrName;
use super::query_error::QueryError;
use crate::document::{Document, Key, View};
use crate::error::ScimType;
use crate::filter::datetime::Instant;
use crate::filter::decimal::Decimal;
use crate::filter::evaluate::is_assigned;
use crate::filter::text_rule::TextRule;
use crate::schema::{AttrRef, AttrType, Attribute, Resolved, ResourceType};
use crate::syntax::{AttrPath, SECRET, attr_path};
use crate::tolerance::Tolerance;

/// The attribute by which resources are sorted.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SortBy {
    /// The name as it was given.
    pub text: String,
    pub(super) named: AttrName,
    pub is_descending: bool,
    /// The path in the spelling of the schema.
    path: String,
    /// The type of the values; `None` if no schema defines the attribute.
    attr_type: Option<AttrType>,
    multi_valued: bool,
    /// The path to the attribute. If an extension defines the attribute, the URN of the extension comes first.
    keys: Vec<Key>,
    /// The sub-attribute whose value is the sort key. If the attribute has several elements, one of them is chosen.
    sub: Option<Key>,
    /// Whether an element without the sub-attribute has the value false (F15).
    is_false_if_absent: bool,
    primary: Key,
    order: SortOrder,
}

/// The order that a list request asks for (RFC 7644 §3.4.2.3), with its names resolved; see
/// [`ListQuery::order`](super::ListQuery::order). Resources without a value are last in ascending order and first in
/// descending order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Order<'q> {
    /// The attribute as the schema spells it: `name.familyName`, `emails.value`, `urn:…:User:department`. An attribute that
    /// no schema defines has the spelling of the client.
    pub path: &'q str,
    /// The type of the values; `None` if no schema defines the attribute.
    pub attr_type: Option<AttrType>,
    /// Whether the attribute is multi-valued. Then the value of the element with `primary: true` counts, or else that of the
    /// first element with a value.
    pub multi_valued: bool,
    /// Whether case counts. If not, sort by the folded texts ([`fold_case`](crate::fold_case)). The texts of `userName` are sorted by
    /// [`username_key`](crate::username_key).
    pub case_exact: bool,
    /// Whether the order is descending.
    pub descending: bool,
}

/// The rule by which texts are compared.
#[derive(Debug, Clone, Copy, PartialEq)]
enum SortOrder {
    Text(TextRule),
    Instant,
}

/// A sort key. The values of an attribute are usually of one type. If they are not, the types sort in the order of the
/// variants (Q20).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum SortKey {
    Bool(bool),
    Number(Decimal),
    /// The seconds since 1970, and the digits of the fraction.
    Instant(i64, Box<str>),
    Text(Box<str>),
    /// The key of a resource without a value, which is last in ascending order.
    Nothing,
}

impl SortBy {
    pub(super) fn new(
        text: &str,
        is_descending: bool,
        resource_type: &ResourceType,
        tolerance: &Tolerance,
    ) -> Result<Self, QueryError> {
        let text = text.trim();
        let Some(path) = attr_path(text) else {
            return Err(refused("`sortBy` must be the name of one attribute, such as `userName` or `name.familyName`"));
        };
        let primary = Key::canonical("primary");
        let key = |name: &str| Key::canonical(name);
        let found = resource_type.look_up_read(&path, tolerance);
        match found.map(|found| found.map(|found| found.target)) {
            Ok(Some(target @ Resolved::Attribute { extension, attribute, sub_attribute })) => {
                let sub = sub_attribute.or_else(|| attribute.sub_attribute("value"));
                let leaf = leaf(attribute, sub, &path)?;
                let mut keys: Vec<Key> = extension.map(|schema| key(&schema.id)).into_iter().collect();
                keys.push(key(&attribute.name));
                let order = match leaf.attr_type {
                    AttrType::DateTime => SortOrder::Instant,
                    _ => SortOrder::Text(TextRule::of(leaf)),
                };
                let whole = AttrRef::new(extension, attribute);
                Ok(Self {
                    text: text.to_owned(),
                    named: AttrName::known(&target),
                    is_descending,
                    path: sub.map_or(whole, |sub| whole.sub(sub)).to_string(),
                    attr_type: Some(leaf.attr_type),
                    multi_valued: attribute.multi_valued,
                    keys,
                    sub: sub.map(|sub| {
                        let mut key = key(&sub.name);
                        key.is_element_value = attribute.is_element_value(sub);
                        key
                    }),
                    is_false_if_absent: sub.is_some_and(|sub| attribute.is_false_if_absent(sub)),
                    primary,
                    order,
                })
            }
            Ok(Some(Resolved::Extension(_) | Resolved::Core(_))) => {
                Err(refused(format!("`{path}` is a schema: name one of its attributes to sort by")))
            }
            Ok(None) => {
                let is_secret = |name: &str| name.eq_ignore_ascii_case(SECRET);
                if is_secret(path.name()) || path.sub_attribute().is_some_and(is_secret) {
                    return Err(never_returned(&path));
                }
                let steps = [path.uri(), Some(path.name())].into_iter().flatten().filter(|name| !name.is_empty());
                let keys = steps.map(Key::new).collect();
                Ok(Self {
                    text: text.to_owned(),
                    named: AttrName::untyped(&path, resource_type),
                    is_descending,
                    path: path.to_string(),
                    attr_type: None,
                    multi_valued: false,
                    keys,
                    sub: path.sub_attribute().map(Key::new),
                    is_false_if_absent: false,
                    primary,
                    order: SortOrder::Text(TextRule::Folded),
                })
            }
            Err(unresolved) => {
                let (message, hint) = unresolved.explain(resource_type, &path);
                let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
                Err(refused(format!("`sortBy`: {message}{hint}")))
            }
        }
    }

    pub(super) fn order(&self) -> Order<'_> {
        Order {
            path: &self.path,
            attr_type: self.attr_type,
            multi_valued: self.multi_valued,
            case_exact: matches!(self.order, SortOrder::Text(rule) if rule.is_exact()),
            descending: self.is_descending,
        }
    }

    /// The sort key of a resource.
    pub(crate) fn key<D: Document>(&self, resource: &D) -> Result<SortKey, D::Error> {
        self.follow(resource, &self.keys)
    }

    fn follow<D: Document>(&self, value: &D, keys: &[Key]) -> Result<SortKey, D::Error> {
        match keys.split_first() {
            Some((key, rest)) => match value.member(key)? {
                Some(member) => self.follow(&member, rest),
                None => Ok(SortKey::Nothing),
            },
            None => self.of_attribute(value),
        }
    }

    /// The sort key of an attribute. For a list, it is that of the element with `primary: true` or, if there is none,
    /// the first key of an element that is not `Nothing` (Q21).
    fn of_attribute<D: Document>(&self, value: &D) -> Result<SortKey, D::Error> {
        if value.view()? != View::Array {
            return self.of_element(value);
        }
        let mut chosen = SortKey::Nothing;
        let is_there = value.any_element(&mut |element| {
            let primary = element.member(&self.primary)?;
            let is_primary = match primary {
                Some(primary) => primary.view()? == View::Bool(true),
                None => false,
            };
            if is_primary {
                chosen = self.of_element(element)?;
            }
            Ok(is_primary)
        })?;
        if is_there {
            return Ok(chosen);
        }
        value.any_element(&mut |element| {
            chosen = self.of_element(element)?;
            Ok(chosen != SortKey::Nothing)
        })?;
        Ok(chosen)
    }

    fn of_element<D: Document>(&self, element: &D) -> Result<SortKey, D::Error> {
        let view = element.view()?;
        let Some(sub) = &self.sub else { return Ok(self.of_view(&view)) };
        if let Some(value) = element.member(sub)?
            && is_assigned(&value, 0)?
        {
            return Ok(self.of_view(&value.view()?));
        }
        Ok(match view {
            View::Array => SortKey::Nothing,
            _ if self.is_false_if_absent && is_assigned(element, 0)? => SortKey::Bool(false),
            View::Bool(_) | View::Number(_) | View::String(_) if sub.is_element_value => self.of_view(&view),
            _ => SortKey::Nothing,
        })
    }

    fn of_view(&self, view: &View<'_>) -> SortKey {
        match view {
            View::Bool(value) => SortKey::Bool(*value),
            View::Number(number) => Decimal::of(number).map_or(SortKey::Nothing, SortKey::Number),
            View::String(text) => match self.order {
                SortOrder::Text(rule) => SortKey::Text(rule.key(text).into()),
                SortOrder::Instant => match Instant::parse(text) {
                    Some(instant) => {
                        let (seconds, fraction) = instant.parts();
                        SortKey::Instant(seconds, fraction.into())
                    }
                    None => SortKey::Text(text.as_ref().into()),
                },
            },
            View::Null | View::Array | View::Object => SortKey::Nothing,
        }
    }

    /// Sorts items by their keys. Equal items keep their order, in both directions (Q22).
    pub(super) fn sort<T>(&self, items: &mut [(SortKey, T)]) {
        let order = |(a, _): &(SortKey, T), (b, _): &(SortKey, T)| -> Ordering {
            if self.is_descending { b.cmp(a) } else { a.cmp(b) }
        };
        items.sort_by(order);
    }
}

/// The attribute whose values are compared. It must not be complex or secret: the order would reveal a secret (F13).
fn leaf<'a>(
    attribute: &'a Attribute,
    sub: Option<&'a Attribute>,
    path: &AttrPath<'_>,
) -> Result<&'a Attribute, QueryError> {
    let leaf = sub.unwrap_or(attribute);
    if attribute.is_never_returned() || leaf.is_never_returned() {
        return Err(never_returned(path));
    }
    if leaf.is_complex() {
        let first = leaf.sub_attributes.iter().find(|sub| !sub.is_complex() && !sub.is_never_returned());
        let hint = first.map(|sub| format!(", such as `{path}.{}`", sub.name)).unwrap_or_default();
        return Err(refused(format!("`{path}` is complex: name one of its sub-attributes to sort by{hint}")));
    }
    Ok(leaf)
}

fn never_returned(path: &AttrPath<'_>) -> QueryError {
    QueryError::of(ScimType::InvalidFilter, format!("`{path}` is never returned and so cannot be sorted by"))
}

fn refused(detail: impl Into<String>) -> QueryError {
    QueryError::of(ScimType::InvalidValue, detail)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn key(by: &str, resource: &Value) -> SortKey {
        SortBy::new(by, false, &ResourceType::any(), &Tolerance::default()).unwrap().key(&resource).unwrap()
    }

    fn text(text: &str) -> SortKey {
        SortKey::Text(text.into())
    }

    #[test]
    fn the_value_of_a_list() {
        let emails = json!({"emails": [{"type": "home"}, {"value": "B"}, {"value": "A", "primary": true}]});
        assert_eq!(key("emails", &emails), text("a"));
        assert_eq!(key("emails.type", &emails), SortKey::Nothing);
        assert_eq!(key("emails", &json!({"emails": [null, {"type": "x"}, {"value": "B"}]})), text("b"));
        assert_eq!(key("emails", &json!({"emails": ["B"]})), text("b"));
        assert_eq!(key("emails.type", &json!({"emails": ["B"]})), SortKey::Nothing);
        assert_eq!(key("emails", &json!({"emails": {"value": "B"}})), text("b"));
    }

    #[test]
    fn types() {
        assert_eq!(key("id", &json!({"id": "Ab"})), text("Ab"));
        assert_eq!(key("active", &json!({"ACTIVE": true})), SortKey::Bool(true));
        assert_eq!(key("other", &json!({"other": {"x": 1}})), SortKey::Nothing);
        let instant = |when: &str| key("meta.created", &json!({"meta": {"created": when}}));
        assert_eq!(instant("2026-01-01T01:00:00+01:00"), instant("2026-01-01T00:00:00.000Z"));
        assert!(instant("2026-01-01T00:00:00.5Z") > instant("2026-01-01T00:00:00Z"));
        assert!(instant("soon") > instant("9999-01-01T00:00:00Z") && instant("soon") < SortKey::Nothing);
    }

    #[test]
    fn the_order_in_the_words_of_the_schema() {
        let order = |by: &str| {
            let by = SortBy::new(by, true, &ResourceType::any(), &Tolerance::default()).unwrap();
            let Order { path, attr_type, multi_valued, case_exact, descending } = by.order();
            assert!(descending);
            (path.to_owned(), attr_type.map(AttrType::as_str), multi_valued, case_exact)
        };
        let said = |path: &str, name, multi_valued, case_exact| (path.to_owned(), name, multi_valued, case_exact);
        assert_eq!(order("EMAILS"), said("emails.value", Some("string"), true, false));
        assert_eq!(order("emails.Type"), said("emails.type", Some("string"), true, false));
        assert_eq!(order("ID"), said("id", Some("string"), false, true));
        assert_eq!(order("meta.created"), said("meta.created", Some("dateTime"), false, false));
        let department = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
        assert_eq!(order(&department.to_uppercase()), said(department, Some("string"), false, false));
        assert_eq!(order("Own.Level"), said("Own.Level", None, false, false));
    }

    #[test]
    fn refusals() {
        let error = |by: &str| SortBy::new(by, false, &ResourceType::user(), &Tolerance::strict()).unwrap_err();
        for by in ["", "a b", "name", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User", "usrName", "name.x"]
        {
            assert_eq!(error(by).scim_type(), Some(ScimType::InvalidValue), "{by}");
        }
        assert!(error("usrName").to_string().contains("`userName`"));
        assert!(error("department").to_string().contains("2.0:User:department`"));
        assert_eq!(error("PASSWORD").scim_type(), Some(ScimType::InvalidFilter));
    }
}
