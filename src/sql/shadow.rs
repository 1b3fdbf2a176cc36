//! A folded copy of a document, for platforms that keep documents in a JSON column.

use serde_json::{Map, Value};

use super::attributes::leaves;
use super::bound::Place;
use super::folded::folded_field;
use super::mapping::{Mapping, MappingBuilder};
use crate::filter::datetime::Instant;
use crate::filter::fold_case;
use crate::filter::text_rule::comparison_key;
use crate::schema::{AttrType, Attribute, ResourceType};

/// The version of the form that [`fold`] gives. If it is another one than a stored copy has (member `~version`), the copy
/// must be made anew: its texts were folded by another version of Unicode, or its shape has changed.
pub const FOLD_VERSION: u32 = 1;

/// A copy of a document in which each value is as filters compare it, to be stored beside the document. It has the known
/// attributes in the schema's spelling: texts folded, dateTimes as microseconds (and, with a `~` behind the name, their
/// folded text), lists as lists of objects, and for a secret only that it is set. What a column could not hold is left
/// out: values of another type than the schema's, whole numbers beyond 64 bits, dateTimes that microseconds since 1970 do
/// not reach in 64 bits; a fraction is cut after microseconds.
///
/// ```
/// use scim_engine::sql::{Dialect, Mapping, Placeholders, fold};
/// use scim_engine::{Filter, ResourceType};
/// use serde_json::json;
/// let user = ResourceType::user();
/// let folded = fold(&json!({"UserName": "Ann", "roles": ["Clerk"], "shoeSize": 43}), &user);
/// assert_eq!(folded, json!({"userName": "ann", "roles": [{"value": "clerk"}], "~version": 1}));
///
/// // `users` has the folded copy in the column `folded`.
/// let users = Mapping::of_folded(&user, "users", "folded").build()?;
/// let filter: Filter = r#"userName eq "ANN""#.parse()?;
/// let sql = users.bind(&filter.compile(&user)?)?.to_sql("users", Dialect::PostgreSql, Placeholders::Dollar(1))?;
/// assert_eq!(sql.text, r#"("users"."folded" #>> '{"userName"}') = CAST($1 AS text)"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn fold(document: &Value, resource_type: &ResourceType) -> Value {
    let mut folded = Map::new();
    folded_members(document, resource_type.attributes(), false, &mut folded);
    for extension in resource_type.extensions() {
        let mut own = Map::new();
        if let Some(value) = member(document, &extension.id) {
            folded_members(value, &extension.attributes, false, &mut own);
        }
        if !own.is_empty() {
            folded.insert(extension.id.clone(), own.into());
        }
    }
    folded.insert("~version".to_owned(), FOLD_VERSION.into());
    folded.into()
}

fn folded_members(holder: &Value, attributes: &[Attribute], is_secret: bool, folded: &mut Map<String, Value>) {
    for attribute in attributes {
        let Some(value) = member(holder, &attribute.name) else { continue };
        let is_secret = is_secret || attribute.is_never_returned();
        if !attribute.multi_valued {
            folded_value(attribute, value, &attribute.name, is_secret, folded);
            continue;
        }
        let elements = match value {
            Value::Array(elements) => elements.as_slice(),
            // One value stands for a list of one.
            one => std::slice::from_ref(one),
        };
        let elements: Vec<Value> =
            elements.iter().filter_map(|element| folded_element(attribute, element, is_secret)).collect();
        if !elements.is_empty() {
            folded.insert(attribute.name.clone(), elements.into());
        }
    }
}

fn folded_element(attribute: &Attribute, element: &Value, is_secret: bool) -> Option<Value> {
    let mut own = Map::new();
    match (attribute.sub_attribute("value"), element) {
        (_, Value::Object(_)) if attribute.is_complex() => {
            folded_members(element, &attribute.sub_attributes, is_secret, &mut own);
        }
        // A simple element stands for its `value` (F17).
        (Some(value), simple) if attribute.is_complex() => {
            folded_value(value, simple, &value.name, is_secret, &mut own);
        }
        (_, simple) if !attribute.is_complex() => folded_value(attribute, simple, "value", is_secret, &mut own),
        _ => {}
    }
    (!own.is_empty()).then(|| own.into())
}

/// Adds a single value under a name.
fn folded_value(attribute: &Attribute, value: &Value, name: &str, is_secret: bool, folded: &mut Map<String, Value>) {
    let found = match (attribute.attr_type, value) {
        (AttrType::Complex, Value::Object(_)) => {
            let mut own = Map::new();
            folded_members(value, &attribute.sub_attributes, is_secret, &mut own);
            (!own.is_empty()).then(|| own.into())
        }
        (AttrType::Complex, _) | (_, Value::Null | Value::Array(_) | Value::Object(_)) => None,
        // That a secret is set is all that a filter may depend on.
        _ if is_secret => Some(Value::Bool(true)),
        (AttrType::Boolean, Value::Bool(_)) => Some(value.clone()),
        (AttrType::Integer, Value::Number(number)) => match Place::of_number(&number.to_string()) {
            Place::At(whole) => Some(whole.into()),
            _ => None,
        },
        (AttrType::Decimal, Value::Number(number)) => {
            let number: f64 = number.to_string().parse().unwrap_or(f64::NAN);
            number.is_finite().then(|| number.into())
        }
        (AttrType::DateTime, Value::String(text)) => micros(text).map(|micros| {
            folded.insert(format!("{name}~"), fold_case(text).into());
            micros.into()
        }),
        (AttrType::String | AttrType::Reference | AttrType::Binary, Value::String(text)) => {
            Some(comparison_key(attribute, text).into())
        }
        _ => None,
    };
    if let Some(found) = found {
        folded.insert(name.to_owned(), found);
    }
}

fn micros(text: &str) -> Option<i64> {
    let (seconds, fraction) = Instant::parse(text)?.parts();
    match Place::of_instant(seconds, fraction, i64::MIN, i64::MAX) {
        Place::At(micros) | Place::After(micros) => Some(micros),
        Place::Below | Place::Above => None,
    }
}

/// A member, in the schema's spelling or else in another case (F14).
fn member<'v>(holder: &'v Value, name: &str) -> Option<&'v Value> {
    let members = holder.as_object()?;
    let other = || {
        let mut found: Vec<_> = members.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name)).collect();
        found.sort_unstable_by_key(|(own, _)| own.as_str());
        found.first().map(|(_, value)| *value)
    };
    members.get(name).or_else(other)
}

impl Mapping {
    /// A mapping of a JSON column that holds the folded copies of documents: see [`fold`]. More can be named: the key of the
    /// table, say.
    pub fn of_folded(resource_type: &ResourceType, table: &str, column: &str) -> MappingBuilder {
        let reachable = leaves(resource_type).into_iter().map(|attr| (attr.to_string(), attr));
        // No path leads to an attribute whose path is the URN of a schema.
        let reachable = reachable.filter(|(path, _)| resource_type.look_up_own_attribute(path).is_ok());
        reachable.fold(Self::builder(resource_type, table), |builder, (path, attr)| {
            builder.field(&path, folded_field(attr, column))
        })
    }
}
