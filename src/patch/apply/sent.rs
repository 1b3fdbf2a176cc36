//! ReadOnly members of a value that a client sends back (P12).

use std::borrow::Cow;

use serde_json::Value;

use crate::coerce::coercer::Coercer;
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
