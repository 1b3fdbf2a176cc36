//! The body of a PUT, mostly meaningful, under the options of a host: text and value have the same result, a second PUT of the
//! body changes nothing, and the outcome says all that happened.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_engine::Absent;
use scim_engine_fuzz::check::{check_outcome, has_twins_with_secrets};
use scim_engine_fuzz::chooser::Chooser;
use scim_engine_fuzz::{requests, resources, types};

fuzz_target!(|data: &[u8]| {
    let c = &mut Chooser::new(data);
    let kind = types::choose(c);
    let mut options = requests::options(c);
    if c.one_in(4) {
        options = options.absent(Absent::Keep);
    }
    let mut stored = resources::resource(c, &kind);
    if c.one_in(4) {
        resources::rough(c, &kind, &mut stored);
    }
    let body = resources::body(c, &kind, Some(&stored));
    let before = stored.to_string();
    let written = kind.replace_with(&stored, &body, &options);
    assert_eq!(stored.to_string(), before);
    let read = kind.replace_from_slice_with(&stored, body.to_string().as_bytes(), &options);
    assert_eq!(read, written, "text and value");
    let written = match written {
        Ok(written) => written,
        Err(error) => {
            let _ = (error.render(), error.hint().map(str::len), error.path().map(str::len));
            return;
        }
    };
    check_outcome(&written.outcome, &stored, &written.resource, &kind);
    // No request tells elements with secrets from each other if they have the same identity (P12a).
    if has_twins_with_secrets(&written.resource, &kind) {
        return;
    }
    let again = kind
        .replace_with(&written.resource, &body, &options)
        .unwrap_or_else(|error| panic!("{error}: {}", written.resource));
    // Setting a secret always counts as a change (P12a).
    assert!(again.outcome.changes.iter().all(|change| change.is_secret), "{:?}", again.outcome.changes);
    assert_eq!(again.resource, written.resource, "a second PUT");
});
