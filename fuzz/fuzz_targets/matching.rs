//! Filters and documents of one resource type: a filter has one answer for every representation of a document (a value, an
//! implementation of `Document` outside of the crate, a struct of the host, JSON text, checked and trusted, and text that is
//! read lazily), and the scan of many documents finds those that match.
#![no_main]

use libfuzzer_sys::fuzz_target;
use scim_engine::Filter;
use scim_engine::scan::ScanOptions;
use scim_engine_fuzz::check::one_answer;
use scim_engine_fuzz::chooser::Chooser;
use scim_engine_fuzz::spelling::{Dice, has_twins_within, spell};
use scim_engine_fuzz::{filters, resources, types, values};

fuzz_target!(|data: &[u8]| {
    let c = &mut Chooser::new(data);
    let kind = types::choose(c);
    let text = filters::filter(c, &kind);
    let Ok(filter) = text.parse::<Filter>() else { return };
    // Without a resource type, too.
    let kinds = if c.one_in(4) { vec![&kind, &types::ANY] } else { vec![&kind] };
    let matchers: Vec<_> = kinds.into_iter().filter_map(|kind| filter.compile(kind).ok()).collect();
    if matchers.is_empty() {
        return;
    }
    let documents: Vec<_> = (0..=c.below(3))
        .map(|_| match c.below(8) {
            7 => values::any_object(c, 4),
            how => {
                let mut document = resources::resource(c, &kind);
                if how > 4 {
                    resources::rough(c, &kind, &mut document);
                }
                document
            }
        })
        .collect();
    let mut dice = Dice::new(c.seed());
    let spelled: Vec<String> = documents.iter().map(|document| spell(document, &mut dice)).collect();
    let form = c.below(4);
    let (many, is_trusted) = match form {
        0 => (
            documents.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
            !documents.iter().any(has_twins_within),
        ),
        1 => (spelled.join("\n"), false),
        2 => (format!("[{}]", spelled.join(",")), false),
        _ => (format!("{{\"totalResults\": 9, \"Resources\": [{}], \"startIndex\": 1}}", spelled.join(" , ")), false),
    };
    for matcher in matchers {
        let answers: Vec<Option<bool>> =
            documents.iter().zip(&spelled).map(|(document, text)| one_answer(&matcher, document, text)).collect();
        // The scan of many documents takes turns with the other forms.
        if c.one_in(2) {
            let trusted = is_trusted && c.one_in(2);
            let options = ScanOptions::default().trusted(trusted).threads(if c.one_in(32) { 2 } else { 1 });
            let found = matcher.scan(many.as_bytes(), &options);
            assert_eq!(found.tally.documents, documents.len(), "{many}");
            let numbers: Vec<usize> = found.matches.iter().map(|document| document.number).collect();
            let expected: Vec<usize> = (0..answers.len()).filter(|&at| answers[at] == Some(true)).collect();
            assert_eq!(numbers, expected, "{text}, trusted: {trusted}, on {many}");
            assert_eq!(found.tally.matches, expected.len());
            assert_eq!(found.tally.faults, answers.iter().filter(|answer| answer.is_none()).count());
            assert_eq!(matcher.count(many.as_bytes(), &options), found.tally);
            for document in &found.matches {
                let own = &many.as_bytes()[document.offset..document.offset + document.text.len()];
                assert_eq!(own, document.text);
            }
        }
    }
});
