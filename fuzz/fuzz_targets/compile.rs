//! A filter for a resource type, mostly meaningful: it compiles or is refused with a span in its text. What is compiled is
//! printed as it should have been written, and this text means the same in strict mode (D26).
#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_engine::{Filter, Limits, Options};
use scim_engine_fuzz::check::lies_within;
use scim_engine_fuzz::chooser::Chooser;
use scim_engine_fuzz::{filters, requests, resources, types};

fuzz_target!(|data: &[u8]| {
    let c = &mut Chooser::new(data);
    let kind = types::choose(c);
    let options = if c.one_in(2) { requests::options(c) } else { Options::default() };
    let text = filters::filter(c, &kind);
    let filter = match Filter::parse_with(&text, &options) {
        Ok(filter) => filter,
        Err(error) => return lies_within(error.span(), &text),
    };
    let matcher = match filter.compile_with(&kind, &options) {
        Ok(matcher) => matcher,
        Err(error) => {
            lies_within(error.span(), &text);
            assert!(!error.to_string().is_empty() && !error.render().is_empty());
            return;
        }
    };
    let printed = matcher.filter().to_string();
    if printed.len() > Limits::default().filter_bytes {
        return;
    }
    let strict = Filter::parse_with(&printed, &Options::strict())
        .unwrap_or_else(|error| panic!("{text} is printed as {printed}: {error}"))
        .compile_with(&kind, &Options::strict())
        .unwrap_or_else(|error| panic!("{text} is printed as {printed}: {error}"));
    assert_eq!(strict.filter().to_string(), printed);
    let document = resources::resource(c, &kind);
    let found = matcher.matches(&document).expect("not deep");
    assert_eq!(strict.matches(&document).expect("not deep"), found, "{text} and {printed} on {document}");
    // Each equality is necessary.
    for equality in matcher.equalities() {
        let text = format!("{} eq {}", equality.path, equality.value);
        let Ok(equality) = text.parse::<Filter>().expect("an equality is a filter").compile(&kind) else { continue };
        assert!(
            !found || equality.matches(&document).expect("not deep"),
            "{printed} matches {document}, {text} does not"
        );
    }
    let (_, attribute) = filters::attribute(c, &kind);
    let _ = matcher.needs(&attribute.name);
});
