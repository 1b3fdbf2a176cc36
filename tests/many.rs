//! Many documents in one text: what is found, in which line, with how many threads, trusted or not.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::ops::ControlFlow;

use scim_engine::scan::{Found, Item, ScanOptions, Tally};
use scim_engine::{Filter, Matcher, ResourceType, ScimError, ScimType};

/// The documents, the matches and the faults.
fn counts(tally: &Tally) -> (usize, usize, usize) {
    (tally.documents, tally.matches, tally.faults)
}

fn compile(filter: &str) -> Matcher {
    filter.parse::<Filter>().unwrap().compile(&ResourceType::user()).unwrap()
}

/// With one thread and several, trusted and not.
fn all_options() -> Vec<ScanOptions> {
    let modes = [false, true].map(|trusted| ScanOptions::default().trusted(trusted));
    modes.into_iter().flat_map(|options| [0, 1, 3].map(|threads| options.threads(threads))).collect()
}

/// The names of those that match, with their lines.
fn found(filter: &str, text: &str, options: &ScanOptions) -> Vec<(usize, String)> {
    let matcher = compile(filter);
    let found = matcher.scan(text.as_bytes(), options);
    assert_eq!(found.faults, []);
    assert_eq!(matcher.count(text.as_bytes(), options), found.tally);
    let text = |document: &[u8]| String::from_utf8(document.to_vec()).unwrap();
    found.matches.iter().map(|document| (document.line, text(document.text))).collect()
}

#[test]
fn lines_arrays_and_list_responses() {
    let (ada, bo) = (r#"{"userName": "ada", "title": "x"}"#, r#"{"userName": "bo"}"#);
    let cy = "{\n  \"title\": \"}{\",\n  \"userName\": \"cy\"\n}";
    let page = r#"{"schemas":["urn:ietf:params:scim:api:messages:2.0:ListResponse"],"totalResults":2,"Resources""#;
    for options in all_options() {
        for (text, lines) in [
            (format!("{ada}\n{bo}\n\n{ada}"), vec![1, 4]),
            (format!("\u{feff}{ada}\r\n{bo}\r\n"), vec![1]),
            (format!("[{ada},\n{bo}, {ada}]\n"), vec![1, 2]),
            (format!("{page}:[{ada},\n\n{bo}\n,{ada}]}}"), vec![1, 4]),
            ("[]".to_owned(), vec![]),
            (String::new(), vec![]),
            (" \n".to_owned(), vec![]),
        ] {
            let expected: Vec<_> = lines.into_iter().map(|line| (line, ada.to_owned())).collect();
            assert_eq!(found("title pr", &text, &options), expected, "{text} {options:?}");
        }
        // Over several lines, after one another or in an array.
        let expected = vec![(2, cy.to_owned())];
        assert_eq!(found("title pr", &format!("[{bo},\n{cy}]"), &options), expected, "{options:?}");
        assert_eq!(found("title pr", &format!("{bo}\n{cy}\n{bo}\n"), &options), expected, "{options:?}");
    }
}

#[test]
fn bad_documents_are_reported_and_counted() {
    let text = "{\"title\":\"a\"}\n{\"title\":\n{\"title\":\"b\"}\n[1,{\"title\":tru}]\n{\"title\":\"\u{e9}\",,}\n\
                {\"title\":[[[[[[]]]]]]}\n";
    let matcher = compile("title pr");
    for threads in [1, 2] {
        let found = matcher.scan(text.as_bytes(), &ScanOptions::default().threads(threads));
        let told: Vec<_> = found.faults.iter().map(|bad| (bad.number(), bad.line(), bad.to_string())).collect();
        let expected = [
            (1, 2, "invalid JSON: the text ends in the middle of a value at line 2 column 10"),
            (3, 4, "expected a JSON object, found a number at line 4 column 2"),
            (4, 4, "invalid JSON: expected `true`, `false` or `null` at line 4 column 16"),
            (5, 5, "invalid JSON: expected a name in quotes after `,` at line 5 column 15"),
        ];
        assert_eq!(told, expected.map(|(number, line, text)| (number, line, text.to_owned())));
        assert_eq!(counts(&found.tally), (7, 2, 4));
        assert_eq!(found.matches.iter().map(|document| document.number).collect::<Vec<_>>(), [0, 2]);
        let bad = found.faults[0].clone();
        assert_eq!((bad.column(), bad.is_last()), (10, false));
        assert!(bad.message().starts_with("invalid JSON"));
        assert_eq!(ScimError::from(bad).scim_type(), Some(ScimType::InvalidSyntax));
    }
    let tally = matcher.count(text.as_bytes(), &ScanOptions::default().stop_at_fault(true));
    assert_eq!(counts(&tally), (2, 1, 1));
    // Nothing more is read if the next document cannot be found.
    let found = matcher.scan(b"[{\"title\":\"a\"} {}]\n{}", &ScanOptions::default());
    assert_eq!(counts(&found.tally), (2, 1, 1));
    assert!(found.faults[0].is_last() && found.faults[0].to_string().ends_with("; the rest is not read"));
    // Deeper than is followed below an attribute.
    let deep = format!("{{\"title\":{}{}}}\n{{\"title\":1}}", "[".repeat(100), "]".repeat(100));
    let found = matcher.scan(deep.as_bytes(), &ScanOptions::default());
    assert_eq!(counts(&found.tally), (2, 1, 1));
    assert!(found.faults[0].message().contains("nested too deep"));
}

#[test]
fn faults_without_end_are_counted_and_not_kept() {
    let matcher = compile("title pr");
    let text = "x\n".repeat(5_000) + "{\"title\":\"a\"}\n" + "[{} {}]";
    for threads in [1, 2] {
        let found = matcher.scan(text.as_bytes(), &ScanOptions::default().threads(threads));
        assert_eq!(counts(&found.tally), (5_003, 1, 5_001));
        assert_eq!(found.faults.len(), Found::MAX_FAULTS + 1);
        assert_eq!(found.faults[Found::MAX_FAULTS - 1].line(), Found::MAX_FAULTS);
        // The last fault says that the rest is not read, however many there are.
        assert!(found.faults[Found::MAX_FAULTS].is_last());
    }
}

#[test]
fn a_scan_ends_after_max_matches() {
    let matcher = compile("title pr");
    let text = "{\"title\":\"a\"}\n{}\nx\n".repeat(50_000);
    for (threads, most) in [(1, 0), (1, 3), (2, 0), (2, 3), (2, 40_000)] {
        let options = ScanOptions::default().threads(threads).max_matches(most);
        let found = matcher.scan(text.as_bytes(), &options);
        assert_eq!((found.matches.len(), found.tally.matches), (most, most));
        assert_eq!(found.tally.documents, if most == 0 { 0 } else { 3 * most - 2 });
        assert_eq!(matcher.scan_reader(text.as_bytes(), &options, |_| ControlFlow::Continue(())).unwrap(), found.tally);
    }
}

/// A literal that is searched for before anything is read is found in every spelling.
#[test]
fn literals_in_every_spelling() {
    let names = [
        "bjensen@example.com",
        "BJensen@EXAMPLE.com",
        "b\\u004aensen@ex\\u0061mple.com",
        "bjen\u{17f}en@example.com",
        "x",
        "",
        "bjensen@example\u{212a}com",
        "bjensen@example.co",
        "\\\\bjensen@example.com",
        "bjensen@example.com\\n",
    ];
    let line = |at: usize| {
        let name = names.get(at % 1000).unwrap_or(&"somebody@else.example");
        format!("{{\"id\":\"{at}\",\"userName\":\"{name}\"}}\n")
    };
    let text = (0..300_000).map(line).collect::<Vec<_>>().concat();
    for filter in [
        "userName eq \"bjensen@example.com\"",
        "userName co \"JENSEN@example.co\"",
        "userName sw \"bjen\"",
        "userName ew \"example.com\" and id pr",
        "userName ne \"bjensen@example.com\"",
    ] {
        let matcher = compile(filter);
        let checked = matcher.scan(text.as_bytes(), &ScanOptions::default());
        assert!(checked.tally.matches >= 600, "{filter}");
        for threads in [1, 2] {
            let trusted = matcher.scan(text.as_bytes(), &ScanOptions::default().trusted(true).threads(threads));
            assert!(trusted == checked, "{filter}");
        }
    }
}

/// Gives nothing but an error.
struct Broken;
impl std::io::Read for Broken {
    fn read(&mut self, _: &mut [u8]) -> std::io::Result<usize> {
        Err(std::io::Error::other("broken"))
    }
}

/// From a reader as from memory, in parts that end in the middle of documents.
#[test]
fn streams() {
    let matcher = compile("title pr");
    let lines =
        |count: usize| format!("{{\"title\":\"{}\"}}\n{{\"userName\":\"a\"}}\n", "x".repeat(5000)).repeat(count);
    let long = format!("{{\"title\":\"{}\"}}\n", "y".repeat(20_000_000));
    for text in
        [lines(3000), lines(900) + &long + &lines(900), format!("[{}{{}}]", lines(2000).replace('\n', ",\n")), lines(3)]
    {
        for threads in [1, 2] {
            let options = ScanOptions::default().threads(threads);
            let mut lines = Vec::new();
            let tally = matcher.scan_reader(text.as_bytes(), &options, |item| {
                let Item::Document(document) = item else { panic!("{item:?}") };
                if document.is_match {
                    assert!(text.as_bytes()[document.offset..].starts_with(document.text));
                    lines.push((document.line, document.text.len()));
                }
                ControlFlow::Continue(())
            });
            let found = matcher.scan(text.as_bytes(), &options);
            assert_eq!(tally.unwrap(), found.tally);
            let expected: Vec<_> = found.matches.iter().map(|document| (document.line, document.text.len())).collect();
            assert!(lines == expected);
        }
    }
    let error = matcher.scan_reader(Broken, &ScanOptions::default(), |_| ControlFlow::Continue(())).unwrap_err();
    assert_eq!(error.to_string(), "broken");
}

#[test]
fn all_documents_in_order_until_it_is_enough() {
    let text: String =
        (0..200_000).map(|at| format!("{{\"userName\":\"u{at}\",\"n\":{}}}\n", at % 3)).collect::<Vec<_>>().concat();
    let matcher = "n eq 1".parse::<Filter>().unwrap().compile(&ResourceType::any()).unwrap();
    for options in all_options() {
        let mut seen = 0;
        let tally = matcher.scan_each(text.as_bytes(), &options, |item| {
            let Item::Document(document) = item else { panic!("{item:?}") };
            assert_eq!((document.number, document.line, document.is_match), (seen, seen + 1, seen % 3 == 1));
            assert!(document.text.starts_with(format!("{{\"userName\":\"u{seen}\"").as_bytes()));
            seen += 1;
            if seen == 150_000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(counts(&tally), (150_000, 50_000, 0));
        assert_eq!(matcher.count(text.as_bytes(), &options).matches, 66_667);
    }
}

/// Any mixture of good and broken lines, from memory and from a reader, is the same with however many threads.
#[test]
fn threads_change_nothing() {
    let pieces = [
        "{\"title\":\"x\"}\n",
        "{\"title\":\n",
        "junk\n",
        "{\"userName\":\"\\u0061\"}\r\n",
        "{\n\"title\":\"y\"\n}\n",
        "\n",
        "[{\"title\":\"z\"},7]\n",
        "{\"Resources\":[{\"title\":1},{}]}\n",
        "{\"title\":\"\u{e9}\"} {\"title\":\"\"}\n",
        "{\"title\":\"x\"}]\n",
    ];
    let matcher = compile("title pr");
    let mut seed = 41_u64;
    let mut roll = |sides: usize| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(seed >> 33).unwrap() % sides
    };
    for round in 0..6 {
        // Mostly good lines, and more and more of everything.
        let line = format!("{{\"title\":\"x\",\"note\":\"{}\"}}\n", "x".repeat(100));
        let text: String = (0..40_000)
            .map(|_| if roll(10_000) < 1 << (2 * round) { pieces[roll(pieces.len())] } else { line.as_str() })
            .collect();
        let one = matcher.scan(text.as_bytes(), &ScanOptions::default());
        assert!(one.tally.documents > 30_000 && one.tally.faults > 0, "{:?}", one.tally);
        for threads in [1, 2, 8] {
            let options = ScanOptions::default().threads(threads);
            assert!(matcher.scan(text.as_bytes(), &options) == one, "{round} {threads}");
            let (mut found, mut faults) = (Vec::new(), Vec::new());
            let tally = matcher.scan_reader(text.as_bytes(), &options, |item| {
                match item {
                    Item::Document(document) if document.is_match => {
                        found.push((document.offset, document.line, document.number, document.text.to_vec()));
                    }
                    Item::Document(_) => {}
                    Item::Bad(bad) => faults.push(bad),
                    other => panic!("{other:?}"),
                }
                ControlFlow::Continue(())
            });
            assert_eq!(tally.unwrap(), one.tally, "{round} {threads}");
            // All are given to a caller; the first are kept.
            assert_eq!(faults.len(), one.tally.faults, "{round} {threads}");
            let is_last = |bad: &scim_engine::scan::BadDocument| bad.is_last();
            let kept = faults.iter().enumerate().filter(|(at, bad)| *at < Found::MAX_FAULTS || is_last(bad));
            assert!(kept.map(|(_, bad)| bad).eq(&one.faults), "{round} {threads}");
            let expected = one.matches.iter();
            let expected = expected.map(|found| (found.offset, found.line, found.number, found.text.to_vec()));
            assert!(found.into_iter().eq(expected), "{round} {threads}");
        }
    }
}
