//! Any text: a filter or path that parses is the same after it is displayed and parsed again; other text is refused with a
//! span that lies in the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_engine::{Filter, Limits, Options, ParseError, PatchPath, Tolerance};
use scim_engine_fuzz::check::lies_within;

fn check(text: &str, error: &ParseError) {
    lies_within(error.span(), text);
    assert!(!error.to_string().is_empty() && !error.render().is_empty());
}

fuzz_target!(|text: &str| {
    for tolerance in [Tolerance::strict(), Tolerance::default().bare_words(true)] {
        let options = Options::default().tolerance(tolerance);
        match Filter::parse_with(text, &options) {
            Ok(filter) => {
                let canonical = filter.to_string();
                // The canonical text has blanks that the text may omit, and so can exceed the limit.
                if canonical.len() <= Limits::default().filter_bytes {
                    let again = Filter::parse(&canonical).expect("canonical text parses");
                    assert_eq!(again, filter);
                    assert_eq!(again.to_string(), canonical);
                    // The same from its tree.
                    assert_eq!(
                        Filter::from_expr(filter.expr().clone()).expect("a tree of the parser is a filter"),
                        filter
                    );
                    assert_eq!(
                        Filter::parse_with(&canonical, &Options::strict()).expect("canonical text is strict"),
                        filter
                    );
                }
            }
            Err(error) => check(text, &error),
        }
        match PatchPath::parse_with(text, &options) {
            Ok(path) => {
                let canonical = path.to_string();
                if canonical.len() <= Limits::default().filter_bytes {
                    let again = canonical.parse::<PatchPath>().expect("canonical text parses");
                    assert_eq!(again, path);
                    assert_eq!(again.to_string(), canonical);
                }
            }
            Err(error) => check(text, &error),
        }
    }
});
