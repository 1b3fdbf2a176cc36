//! Any JSON text as the body of a POST and of a PUT: a coerced resource needs no further repair, and a PUT of the same body
//! does not change it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_engine::{Options, ResourceType, UnknownMembers};

fuzz_target!(|body: &[u8]| {
    for options in [Options::default(), Options::default().unknown(UnknownMembers::Keep)] {
        for resource_type in [ResourceType::user(), ResourceType::group(), ResourceType::any()] {
            let Ok(created) = resource_type.create_from_slice_with(body, &options) else { continue };
            let again =
                resource_type.create_with(&created.resource, &options).expect("what was created can be created");
            assert_eq!(again.resource, created.resource);
            assert!(again.outcome.repairs.is_empty(), "{:?}", again.outcome.repairs);
            let replaced = resource_type
                .replace_from_slice_with(&created.resource, body, &options)
                .expect("what was created can be put");
            assert!(!replaced.outcome.changed, "{:?}", replaced.outcome.changes);
            assert_eq!(replaced.resource, created.resource);
        }
    }
});
