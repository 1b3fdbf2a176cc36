//! Any text: a filter or path that parses is the same after it is displayed and parsed again; other text is refused with a
//! span that lies in the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_engine::{Filter, Limits, Options, PatchPath, ResourceType, Tolerance};
use serde_json::json;

fuzz_target!(|text: &str| {
    for tolerance in [Tolerance::strict(), Tolerance::default().bare_words(true)] {
        match Filter::parse_with(text, &Options::default().tolerance(tolerance)) {
            Ok(filter) => {
                let canonical = filter.to_string();
                // The canonical text has blanks that the text may omit, and so can exceed the limit.
                if canonical.len() <= Limits::default().filter_bytes {
                    let again = Filter::parse(&canonical).expect("canonical text parses");
                    assert_eq!(again, filter);
                    assert_eq!(again.to_string(), canonical);
                }
                for resource_type in [ResourceType::user(), ResourceType::any()] {
                    match filter.compile(&resource_type) {
                        Ok(matcher) => {
                            let document = json!({"userName": "a", "emails": [{"value": "x", "type": "work"}]});
                            let found = matcher.matches(&document).expect("not deep");
                            assert_eq!(matcher.explain(&document).expect("not deep").holds(), found);
                            let _ = matcher.equalities();
                        }
                        Err(error) => {
                            assert!(text.get(error.span().start..error.span().end).is_some());
                            let _ = (error.to_string(), error.render());
                        }
                    }
                }
            }
            Err(error) => {
                assert!(text.get(error.span().start..error.span().end).is_some());
                let _ = (error.to_string(), error.render());
            }
        }
        match PatchPath::parse_with(text, &Options::default().tolerance(tolerance)) {
            Ok(path) => {
                let canonical = path.to_string();
                if canonical.len() <= Limits::default().filter_bytes {
                    assert_eq!(canonical.parse::<PatchPath>().expect("canonical text parses"), path);
                }
            }
            Err(error) => {
                assert!(text.get(error.span().start..error.span().end).is_some());
                let _ = error.render();
            }
        }
    }
});
