//! Any JSON text as the body of a POST and of a PUT: a coerced resource needs no further repair, and a PUT of the same body
//! does not change it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_engine_fuzz::types::{fixed, fixed_options, one_for};

fuzz_target!(|body: &[u8]| {
    let (options, kind) = (one_for(body, &fixed_options()), one_for(body, &fixed()));
    let created = match kind.create_from_slice_with(body, options) {
        Ok(created) => created,
        Err(error) => {
            assert!(!error.render().is_empty());
            return;
        }
    };
    let again = kind.create_with(&created.resource, options).expect("what was created can be created");
    assert_eq!(again.resource, created.resource);
    assert!(again.outcome.repairs.is_empty(), "{:?}", again.outcome.repairs);
    let replaced = match kind.replace_from_slice_with(&created.resource, body, options) {
        Ok(replaced) => replaced,
        // A PUT, unlike a POST, refuses a list whose members are all unknown (P6).
        Err(error) if error.message().starts_with("nothing is left of the list") => return,
        Err(error) => panic!("what was created cannot be put: {error}"),
    };
    // Setting a secret always counts as a change (P12a).
    assert!(replaced.outcome.changes.iter().all(|change| change.is_secret), "{:?}", replaced.outcome.changes);
    assert_eq!(replaced.resource, created.resource);
});
