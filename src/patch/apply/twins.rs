//! Two elements of a list that have become the same one.

use std::borrow::Cow;

use serde_json::Value;

use crate::coerce::coercer::Coercer;
use crate::coerce::edit::unite;
use crate::coerce::identity::Identity;
use crate::patch::attribute::list::List;
use crate::patch::store::{Elements, StepFailure, weight};
use crate::schema::AttrRef;

/// Unites an element that was changed with another that now has the same identity (P5). The members of the changed one win,
/// except where the other may not change.
pub(super) fn unite_twins<'a, L: Elements>(
    list: &mut List<'a, L>,
    coercer: &mut Coercer<'a>,
    attr: AttrRef<'a>,
    at: usize,
) -> Result<(), StepFailure<L::Error>> {
    // An element with a `value` keeps its identity unless its `value` or `type` changes.
    let tells_apart = attr.sub.is_none_or(|sub| ["value", "type"].contains(&sub.name.as_str()));
    if !tells_apart && Identity::of(attr.attribute).value.is_some() {
        return Ok(());
    }
    let Some(earlier_at) = list.twin(at).map_err(StepFailure::Store)? else { return Ok(()) };
    list.settle(at);
    let Some(later) = list.get(at).map_err(StepFailure::Store)?.map(Cow::into_owned) else { return Ok(()) };
    // Operations can repeat this on the same long element, so the copy is charged (P19).
    list.charge(weight(&later));
    list.edit(earlier_at, |earlier| {
        let (true, Value::Object(later)) = (earlier.value().is_object(), later) else { return Ok(true) };
        unite(coercer, attr.whole(), earlier, later)?;
        Ok(true)
    })?;
    list.remove(at)
}
