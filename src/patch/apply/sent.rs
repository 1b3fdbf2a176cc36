//! ReadOnly members of a value that a client sends back (P12).

use std::borrow::Cow;

use serde_json::Value;

use crate::coerce::coercer::Coercer;
use crate::coerce::identity::Identity;
use crate::patch::attribute::list::List;
use crate::patch::store::{Elements, StepFailure};
use crate::schema::{AttrRef, Attribute};

/// Takes the readOnly members out of a value.
pub(super) fn taken<'a>(
    coercer: &Coercer<'a>,
    attr: AttrRef<'a>,
    value: &mut Cow<'_, Value>,
) -> Vec<(&'a Attribute, Value)> {
    match &**value {
        Value::Object(given) if coercer.has_read_only(attr, given) => {
            value.to_mut().as_object_mut().map_or_else(Vec::new, |given| coercer.take_read_only(attr, given))
        }
        _ => Vec::new(),
    }
}

/// Reports the readOnly members of an element that differ from those of the stored elements at `places`, for which the
/// element is given. A new element has no place.
pub(super) fn report_sent<'a, L: Elements>(
    list: &List<'a, L>,
    coercer: &mut Coercer<'a>,
    attr: AttrRef<'a>,
    sent: &mut Vec<(&'a Attribute, Value)>,
    places: &[usize],
) -> Result<(), StepFailure<L::Error>> {
    if places.is_empty() {
        coercer.report_sent(attr, sent, None);
    }
    for at in places {
        if sent.is_empty() {
            break;
        }
        coercer.report_sent(attr, sent, list.get(*at).map_err(StepFailure::Store)?.as_deref());
    }
    Ok(())
}

/// The place of the stored element with the identity of a given one (P5). `sent` has the readOnly members that were taken
/// out of it, which may be part of its identity.
pub(super) fn named<'a, L: Elements>(
    list: &mut List<'a, L>,
    attr: AttrRef<'a>,
    element: &Value,
    sent: &[(&'a Attribute, Value)],
    many: bool,
) -> Result<Option<usize>, StepFailure<L::Error>> {
    let whole = element.as_object().and_then(|members| Identity::of(attr.attribute).named_by(members, sent));
    if let Some(whole) = whole
        && let Some(at) = list.identical(&whole, many).map_err(StepFailure::Store)?
    {
        return Ok(Some(at));
    }
    list.identical(element, many).map_err(StepFailure::Store)
}
