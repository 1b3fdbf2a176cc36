//! Two resources: the PATCH from one to the other is accepted in strict mode, repairs nothing and gives the other one (P18).
#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_engine::{Options, Patch};
use scim_engine_fuzz::check::{check_diff, has_twins_with_secrets};
use scim_engine_fuzz::chooser::Chooser;
use scim_engine_fuzz::types::containers;
use scim_engine_fuzz::values::{is_writable, member, stored};
use scim_engine_fuzz::{resources, types};

fuzz_target!(|data: &[u8]| {
    let c = &mut Chooser::new(data);
    let kind = types::choose(c);
    let mut old = resources::resource(c, &kind);
    let mut new = if c.one_in(2) { resources::resource(c, &kind) } else { resources::body(c, &kind, Some(&old)) };
    if c.one_in(8) {
        // Whatever a host stores: it has a difference, which is a request.
        resources::rough(c, &kind, &mut old);
        resources::rough(c, &kind, &mut new);
        let patch = Patch::between(&old, &new, &kind);
        if let Ok(Some(patch)) = patch {
            let before = old.to_string();
            if patch.apply(&mut old, &kind).is_err() {
                assert_eq!(old.to_string(), before);
            }
        }
        return;
    }
    // Resources as requests make them, in strict mode.
    let strict = Options::strict();
    let (Ok(made), Ok(wanted)) = (kind.create_with(&old, &strict), kind.create_with(&new, &strict)) else { return };
    let mut made = made.resource;
    for (urn, attributes) in containers(&kind) {
        for attribute in attributes.into_iter().filter(|attribute| !is_writable(attribute)) {
            let own = urn.map_or(Some(&old), |urn| member(&old, urn));
            let Some(value) = own.and_then(|own| member(own, &attribute.name)) else { continue };
            let inner = match urn {
                Some(urn) => made.get_mut(urn),
                None => Some(&mut made),
            };
            if let Some(inner) = inner {
                inner[attribute.name.as_str()] = if c.one_in(4) { stored(c, attribute) } else { value.clone() };
            }
        }
    }
    // No request tells elements with secrets from each other if they have the same identity (P12a).
    if !has_twins_with_secrets(&made, &kind) && !has_twins_with_secrets(&wanted.resource, &kind) {
        check_diff(&made, &wanted.resource, &kind);
    }
});
