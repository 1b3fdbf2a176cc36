//! Unites two elements of a list that have come to have the same identity.

use std::borrow::Cow;

use serde_json::Value;

use crate::coerce::coercer::Coercer;
use crate::coerce::edit::{says_secret, unite};
use crate::coerce::identity::Identity;
use crate::patch::attribute::list::List;
use crate::patch::store::{Elements, StepFailure, weight};
use crate::schema::AttrRef;

/// Unites an element that was changed with another that now has the same identity (P5). The members of the changed element
/// replace those of the other element, unless the client may not change them (see [`unite`]). Returns the position at which
/// the changed element is now.
pub(super) fn unite_twins<'a, L: Elements>(
    list: &mut List<'a, L>,
    coercer: &mut Coercer<'a>,
    attr: AttrRef<'a>,
    at: usize,
) -> Result<usize, StepFailure<L::Error>> {
    // In an element with a `value`, a change of a sub-attribute other than `value` and `type` keeps the identity.
    let tells_apart = attr.sub.is_none_or(|sub| ["value", "type"].contains(&sub.name.as_str()));
    if !tells_apart {
        let element = list.get(at).map_err(StepFailure::Store)?;
        if element.is_none_or(|element| Identity::of(attr.attribute).key(&element).is_some()) {
            return Ok(at);
        }
    }
    let Some(earlier_at) = list.twin(at).map_err(StepFailure::Store)? else { return Ok(at) };
    list.settle(at);
    let Some(later) = list.get(at).map_err(StepFailure::Store)?.map(Cow::into_owned) else { return Ok(at) };
    // Many operations can copy the same long element in this way, so the copy is charged (P19).
    list.charge(weight(&later));
    let is_secret = says_secret(attr.attribute, &later);
    list.edit(earlier_at, |earlier| {
        let (true, Value::Object(later)) = (earlier.value().is_object(), later) else { return Ok(true) };
        unite(coercer, attr.whole(), earlier, later)?;
        Ok(true)
    })?;
    list.remove(at)?;
    if is_secret {
        // A secret that moves counts as set, whatever was there (P12a).
        list.note_secret(earlier_at)?;
    }
    Ok(earlier_at)
}
