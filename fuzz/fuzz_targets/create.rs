//! The body of a POST, mostly meaningful, under the options of a host: text and value have the same result, what was created
//! can be created again without change and repair, and the outcome says all that happened.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_engine_fuzz::check::check_outcome;
use scim_engine_fuzz::chooser::Chooser;
use scim_engine_fuzz::{requests, resources, types};
use serde_json::json;

fuzz_target!(|data: &[u8]| {
    let c = &mut Chooser::new(data);
    let kind = types::choose(c);
    let options = requests::options(c);
    let body = resources::body(c, &kind, None);
    let written = kind.create_with(&body, &options);
    let read = kind.create_from_slice_with(body.to_string().as_bytes(), &options);
    assert_eq!(read, written, "text and value");
    let written = match written {
        Ok(written) => written,
        Err(error) => {
            let _ = (error.render(), error.hint().map(str::len), error.path().map(str::len));
            return;
        }
    };
    check_outcome(&written.outcome, &json!({}), &written.resource, &kind);
    let again =
        kind.create_with(&written.resource, &options).unwrap_or_else(|error| panic!("{error}: {}", written.resource));
    assert_eq!(again.resource, written.resource, "{:?}", again.outcome.repairs);
    assert!(again.outcome.repairs.is_empty(), "{:?}", again.outcome.repairs);
});
