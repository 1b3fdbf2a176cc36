//! Any text as a template: it is rendered or refused, and text that `lint` has corrected needs no further correction.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_engine::onelogin::{LintOptions, Person, Template, lint_with};
use scim_engine_fuzz::types::USER;

fuzz_target!(|text: &str| {
    let person =
        Person::new().with("firstname", "I\"nes\\").and_then(|person| person.with("email", "i@harbour.example"));
    let person = person.expect("these are macros");
    if let Ok(template) = Template::parse(text) {
        if let Ok(rendered) = template.render(&person) {
            let read: serde_json::Value = serde_json::from_str(&rendered.text).expect("what is rendered is JSON");
            assert_eq!(read, rendered.value);
        }
    }
    let options = LintOptions::default();
    let found = lint_with(text, &USER, &options);
    for problem in found.problems() {
        assert!(problem.to_string().len() < 100_000);
    }
    // What is written with an escape is not a macro, but it is one in the corrected text.
    if let Some(corrected) = found.corrected().filter(|_| !text.contains("\\u")) {
        let again = lint_with(corrected, &USER, &options);
        assert_eq!(again.corrected().unwrap_or(corrected), corrected);
    }
});
