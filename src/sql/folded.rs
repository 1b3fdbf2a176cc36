//! Where the folded copy of a document has an attribute.

use super::column::Column;
use super::rows::{Field, Rows};
use super::source::Source;
use crate::schema::{AttrRef, AttrType, Attribute};

/// What a mapping of the JSON column of folded copies says of an attribute that is not complex, or has several values.
pub(super) fn folded_field(attr: AttrRef<'_>, column: &str) -> Field {
    let sub = attr.sub.map(|sub| sub.name.as_str());
    let place = [attr.extension.map(|schema| schema.id.as_str()), Some(attr.attribute.name.as_str()), sub];
    let place: Vec<&str> = place.into_iter().flatten().collect();
    let leaf = attr.leaf();
    if leaf.multi_valued {
        Field::Rows(rows(leaf, column, &place))
    } else {
        Field::Column(stored(leaf, column, &place))
    }
}

fn rows(attribute: &Attribute, column: &str, place: &[&str]) -> Rows {
    let mut rows = Rows::json(column, place.iter().copied());
    if !attribute.is_complex() {
        return rows.column("value", stored(attribute, "value", &["value"]));
    }
    for sub in &attribute.sub_attributes {
        let name = sub.name.as_str();
        rows = if sub.multi_valued {
            rows.rows(name, self::rows(sub, "value", &[name]))
        } else {
            rows.column(name, stored(sub, "value", &[name]))
        };
    }
    rows
}

fn stored(attribute: &Attribute, column: &str, place: &[&str]) -> Column {
    let source = Source::json(column, place.iter().copied());
    match attribute.attr_type {
        AttrType::Boolean => Column::boolean(source),
        AttrType::Integer => Column::integer(source),
        AttrType::Decimal => Column::float(source),
        AttrType::DateTime => {
            let (name, before) = place.split_last().unwrap_or((&"", &[]));
            let name = format!("{name}~");
            Column::micros(source).with_text(Source::json(column, before.iter().copied().chain([name.as_str()])))
        }
        AttrType::String | AttrType::Reference | AttrType::Binary | AttrType::Complex => Column::folded(source),
    }
}
