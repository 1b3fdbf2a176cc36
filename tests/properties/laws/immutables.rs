//! Immutable attributes stay unchanged once they are assigned.

use proptest::prelude::*;
use scim_engine::schema::{Attribute, Mutability};
use scim_engine::{Absent, ResourceType};
use serde_json::Value;

use super::super::config;
use super::named::container;
use super::puts::put;
use super::requests::{Ops, case};
use super::values::{identity, is_nothing, key, member};
use super::world::containers;

fn assigned<'v>(value: Option<&'v Value>, name: &str) -> Option<&'v Value> {
    member(value?, name).filter(|value| !is_nothing(value))
}

/// Immutable sub-attributes of one value.
fn check_subs(attribute: &Attribute, old: Option<&Value>, new: Option<&Value>) -> Result<(), TestCaseError> {
    // The details of a single reference follow its value (P5c).
    let of = |value: Option<&Value>| {
        assigned(value, "value").map(|value| key(attribute.sub_attribute("value").unwrap(), value))
    };
    let is_other = attribute.is_reference_like() && of(old) != of(new);
    for sub in &attribute.sub_attributes {
        let Some(was) = assigned(old, &sub.name).filter(|_| sub.mutability == Mutability::Immutable) else { continue };
        if is_other {
            continue;
        }
        let is = assigned(new, &sub.name).map(|is| key(sub, is));
        prop_assert_eq!(Some(key(sub, was)), is, "{}.{} is immutable", attribute.name, sub.name);
    }
    Ok(())
}

fn list(value: Option<&Value>) -> &[Value] {
    value.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// `is_one`: whether no operation restores an element that another removed.
fn check(kind: &ResourceType, old: &Value, new: &Value, is_one: bool) -> Result<(), TestCaseError> {
    for (urn, attributes) in containers(kind) {
        let (old, new) = (container(old, urn.as_deref()), container(new, urn.as_deref()));
        for attribute in &attributes {
            let (was, is) = (assigned(old, &attribute.name), assigned(new, &attribute.name));
            let Some(was) = was else { continue };
            if attribute.mutability == Mutability::Immutable {
                prop_assert_eq!(
                    Some(key(attribute, was)),
                    is.map(|is| key(attribute, is)),
                    "{} is immutable",
                    attribute.name
                );
            } else if attribute.is_complex() && !attribute.multi_valued {
                if is_one {
                    check_subs(attribute, Some(was), is)?;
                }
            } else if attribute.is_complex() && is_one {
                for element in list(Some(was)) {
                    let same = |other: &&Value| identity(attribute, other) == identity(attribute, element);
                    let stayed: Vec<&Value> = list(is).iter().filter(same).collect();
                    if let [stayed] = stayed.as_slice()
                        && list(Some(was)).iter().filter(same).count() == 1
                    {
                        check_subs(attribute, Some(element), Some(stayed))?;
                    }
                }
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn after_a_patch(case in case(Ops::All)) {
        if let Some((new, _)) = case.applied() {
            // An operation without a path may name an attribute twice, too.
            check(case.kind(), &case.stored, &new, case.names.len() <= 1)?;
        }
    }

    #[test]
    fn after_a_put(put in put(), keep in any::<bool>()) {
        let options = put.options().absent(if keep { Absent::Keep } else { Absent::Clear });
        if let Ok(written) = put.kind().replace_with(&put.stored, &put.body, &options) {
            check(put.kind(), &put.stored, &written.resource, true)?;
        }
    }
}
