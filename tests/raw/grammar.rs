//! The JSON grammar beside `serde_json`: texts cut, changed and put together in every way that is cheap to try.

use scim_engine::scan::RawDocument;
use scim_engine::{Filter, Matcher, ResourceType, ScanError};
use serde_json::Value;

use super::spelling::{Dice, spell};

/// Texts that have all that the grammar has.
const TEXTS: &[&str] = &[
    r#"{"title":"x","emails":[{"type":"work","value":"a@example.com"},{}],"active":true,"n":[-0.5e+10,0,12,1E9,null,false]}"#,
    "{ \"title\" : \"\\u00e9\\ud83d\\ude00\\n\\\"\" , \"name\" : { \"givenName\" : \"\u{e9}\u{1F600} and some more text\" } }",
    r#"[[],{},"",0,[[1]],{"a":{"b":[]}}]"#,
    "  \"a string on its own that is longer than a block\"\r\n\t ",
    "-12.50e-3",
];

/// The bytes that replace a byte, or precede it.
const BYTES: &[u8] = b"\"\\{}[]:,019-+.eEutfn/ \n\r\t\0\x1f\x7f\x80\xbf\xc0\xc3\xe0\xed\xf0\xf4\xf8\xff'xX_";

struct Judges {
    matchers: Vec<Matcher>,
    accepted: usize,
    refused: usize,
}

impl Judges {
    fn new() -> Self {
        let filters = ["title pr", "emails[type eq \"work\"] or active eq true", "name.givenName co \"x\" and n gt 0"];
        let compile = |filter: &&str| filter.parse::<Filter>().unwrap().compile(&ResourceType::any()).unwrap();
        Self { matchers: filters.iter().map(compile).collect(), accepted: 0, refused: 0 }
    }

    fn judge(&mut self, text: &[u8]) {
        // A byte order mark is passed over (D28).
        let json = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
        let value = match serde_json::from_slice::<Value>(json) {
            // Numbers that no double holds are not an error of the grammar.
            Err(error) if error.to_string().starts_with("number out of range") => return,
            value => value,
        };
        let shown = String::from_utf8_lossy(text);
        assert_eq!(RawDocument::new(text).is_ok(), value.is_ok(), "{shown}: {value:?}");
        for matcher in &self.matchers {
            let found = matcher.matches_slice(text);
            match &value {
                Ok(value) => assert_eq!(found.ok(), matcher.matches(value).ok(), "{shown}"),
                Err(error) => {
                    assert!(found.as_ref().is_err_and(ScanError::is_syntax), "{shown}: {error} {found:?}");
                }
            }
            // No harm is done.
            let _ = matcher.matches_trusted(text);
        }
        if value.is_ok() { self.accepted += 1 } else { self.refused += 1 }
    }
}

#[test]
fn texts_cut_and_changed() {
    let mut judges = Judges::new();
    for text in TEXTS.iter().map(|text| text.as_bytes()) {
        judges.judge(text);
        for at in 0..text.len() {
            judges.judge(&text[..at]);
            judges.judge(&text[at..]);
            judges.judge(&[&text[..at], &text[at + 1..]].concat());
            for byte in BYTES {
                judges.judge(&[&text[..at], &[*byte], &text[at + 1..]].concat());
                judges.judge(&[&text[..at], &[*byte], &text[at..]].concat());
            }
        }
    }
    assert!(judges.accepted > 1000 && judges.refused > 10_000, "{} {}", judges.accepted, judges.refused);
}

/// Every piece of the grammar after every other.
#[test]
fn pieces_put_together() {
    const PIECES: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"\"",
        "\"title\"",
        "\"",
        "\\",
        "0",
        "-",
        "1.5",
        "1e3",
        "01",
        ".5",
        "1.",
        "1e",
        "-0",
        "true",
        "false",
        "null",
        "nul",
        "truefalse",
        " ",
        "\n",
        "\"\\u12\"",
        "\"\\ud83d\"",
        "\"\\ude00\"",
        "\"\\ud83d\\ude00\"",
        "\"\\ud83d\\u0041\"",
        "\"\t\"",
        "\"\u{7f}\u{80}\"",
        "\u{feff}",
        "NaN",
        "Infinity",
        "1e400",
        "//",
        "'a'",
    ];
    let mut judges = Judges::new();
    for a in PIECES {
        for b in PIECES {
            for c in PIECES {
                for text in [format!("{a}{b}{c}"), format!("[{a}{b}{c}]"), format!("{{\"title\":{a}{b}{c}}}")] {
                    judges.judge(text.as_bytes());
                }
            }
        }
    }
    assert!(judges.accepted > 500 && judges.refused > 10_000, "{} {}", judges.accepted, judges.refused);
}

/// Characters at every place of a block, whole and broken.
#[test]
fn characters_that_are_none() {
    let mut judges = Judges::new();
    for before in 0..40 {
        for bytes in [
            &b"\xc3\xa9"[..],
            b"\xe2\x82\xac",
            b"\xf0\x9f\x98\x80",
            b"\xed\x9f\xbf",
            b"\xed\xa0\x80",
            b"\xc0\x80",
            b"\xe0\x80\x80",
            b"\xf4\x8f\xbf\xbf",
            b"\xf4\x90\x80\x80",
            b"\xc3",
            b"\xe2\x82",
            b"\xf0\x9f\x98",
            b"\xa9",
            b"\xff",
            b"\xc3\\n",
            b"\xc3\"",
        ] {
            for after in [0, 1, 20] {
                let text = [&b"x".repeat(before), bytes, &b"y".repeat(after)].concat();
                judges.judge(&[b"{\"title\":\"", &text[..], b"\"}"].concat());
                judges.judge(&[b"{\"", &text[..], b"\":1}"].concat());
                judges.judge(&[b"{\"a\":[\"", &text[..], b"\"]}"].concat());
                judges.judge(&[b"{\"a\":1}", &text[..]].concat());
            }
        }
    }
    assert!(judges.accepted > 1000 && judges.refused > 1000, "{} {}", judges.accepted, judges.refused);
}

#[test]
fn depth() {
    let mut judges = Judges::new();
    for levels in [1, 63, 64, 65, 66, 125, 126, 127, 128, 129, 1000] {
        for (open, close) in
            [("[", "]"), ("{\"a\":", "}"), ("{\"emails\":", "}"), ("[{\"title\":", "}]"), ("{\"name\":[", "]}")]
        {
            judges.judge(format!("{}0{}", open.repeat(levels), close.repeat(levels)).as_bytes());
            judges.judge(format!("{{\"emails\":{}0{}}}", open.repeat(levels), close.repeat(levels)).as_bytes());
        }
        judges.judge(format!("{}{}", "[".repeat(levels), "]".repeat(levels)).as_bytes());
    }
    assert!(judges.accepted > 20 && judges.refused > 20, "{} {}", judges.accepted, judges.refused);
}

/// Many spellings, each cut at each place.
#[test]
fn spellings_cut() {
    let mut judges = Judges::new();
    for text in TEXTS {
        let value: Value = serde_json::from_str(text).unwrap();
        for seed in 0..10 {
            let text = spell(&value, &mut Dice::new(seed));
            (0..=text.len()).for_each(|at| judges.judge(&text.as_bytes()[..at]));
        }
    }
    assert!(judges.accepted >= 50, "{}", judges.accepted);
}
