//! Text to tree and back.

use proptest::prelude::*;
use scim_engine::syntax::Span;
use scim_engine::{Expr, Filter, Options, PatchPath, Tolerance};

use super::config;
use super::filters::{Dice, inside, name, path, tree};

proptest! {
    #![proptest_config(config(400))]

    /// Any legal spelling gives the canonical text, which gives the same tree, which gives the same text (T12).
    #[test]
    fn parse_and_display_are_inverse(tree in tree(false), seed in 1_u64..) {
        let text = tree.written(&mut Dice(seed));
        let filter = Filter::parse(&text).map_err(|error| TestCaseError::fail(error.render()))?;
        let canonical = filter.to_string();
        prop_assert_eq!(&canonical, &tree.flat().canonical());
        let again = Filter::parse(&canonical).map_err(|error| TestCaseError::fail(error.render()))?;
        prop_assert_eq!(&again, &filter);
        prop_assert_eq!(again.to_string(), canonical);
        let borrowed = Expr::parse(&text).unwrap();
        prop_assert_eq!(&borrowed, filter.expr());
        prop_assert_eq!(borrowed.span().slice(&text), filter.expr().span().slice(&text));
    }

    /// The builder makes what the parser reads.
    #[test]
    fn the_builder_makes_what_the_parser_reads(tree in tree(false)) {
        let built = tree.built().build().map_err(|error| TestCaseError::fail(error.render()))?;
        prop_assert_eq!(built.to_string(), tree.flat().canonical());
        prop_assert_eq!(&Filter::parse(&tree.canonical()).unwrap(), &built);
    }

    /// A filter survives serde, as text and as a value; all its numbers do.
    #[test]
    fn serde_gives_the_tree_back(tree in tree(false)) {
        let filter = Filter::parse(&tree.canonical()).unwrap();
        prop_assert!(serde_json::to_value(filter.expr()).is_ok());
        let value = serde_json::to_value(&filter).unwrap();
        prop_assert_eq!(&serde_json::from_value::<Filter>(value).unwrap(), &filter);
        let text = serde_json::to_string(&filter).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Filter>(&text).unwrap(), &filter);
    }

    /// Paths come back as they were.
    #[test]
    fn paths_come_back(path in path(), inner in prop::option::of(inside(false)), sub in prop::option::of(name())) {
        let text = match (&inner, &sub) {
            (None, _) => path,
            (Some(inner), None) => format!("{path}[{}]", inner.canonical()),
            (Some(inner), Some(sub)) => format!("{path}[{}].{sub}", inner.canonical()),
        };
        let parsed: PatchPath = text.parse().map_err(|error: scim_engine::ParseError| TestCaseError::fail(error.render()))?;
        let again: PatchPath = parsed.to_string().parse().unwrap();
        prop_assert_eq!(&again, &parsed);
        prop_assert_eq!(again.to_string(), parsed.to_string());
        prop_assert_eq!(parsed.value_filter().is_some(), inner.is_some());
    }
}

/// Pieces of filters and of what people take for filters.
fn fragments() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => prop::sample::select(vec![
            "(", ")", "[", "]", "not ", "not(", " and ", " or ", " eq ", " pr", " co", "\"", "\\", "\\u", "d83d", "\\ude00",
            "emails", "emails[", "userName", ".", ":", "urn:", "urn:x:y:1.0", "$ref", "$", "'x'", " ", "  ", "\t", "\n",
            "true", "null", "-1", "1e5", "0x1", "=", "==", "&&", "||", "!", "K\u{212A}", "\u{1F600}", "\u{e9}", "\u{0}",
            "[0]", "/", "a eq \"x\"", "type eq \"work\"", "\"work\"", "*", "\u{feff}", "nOT", "AND", "Eq",
        ])
        .prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

fn check_span(text: &str, span: Span) -> Result<(), TestCaseError> {
    prop_assert!(text.get(span.start..span.end).is_some(), "{span:?} in {text:?}");
    Ok(())
}

fn check_text(text: &str) -> Result<(), TestCaseError> {
    let mut tolerant = Tolerance::default();
    tolerant.bare_words = true;
    for tolerance in [Tolerance::strict(), tolerant] {
        match Filter::parse_with(text, &Options::default().tolerance(tolerance)) {
            Ok(filter) => {
                check_span(text, filter.expr().span())?;
                let again = Filter::parse(&filter.to_string());
                prop_assert_eq!(again.as_ref(), Ok(&filter), "{}", text);
                let made = Filter::from_expr(filter.clone().into_expr());
                prop_assert_eq!(made.as_ref(), Ok(&filter), "{}", text);
                for resource_type in super::documents::types() {
                    if let Err(error) = filter.compile(&resource_type) {
                        check_span(text, error.span())?;
                        prop_assert!(!error.render().is_empty() && !error.to_string().is_empty());
                    }
                }
            }
            Err(error) => {
                check_span(text, error.span())?;
                prop_assert!(!error.render().is_empty() && !error.to_string().is_empty());
                prop_assert!(!error.is_path());
            }
        }
        match PatchPath::parse_with(text, &Options::default().tolerance(tolerance)) {
            Ok(path) => {
                let again: Result<PatchPath, _> = path.to_string().parse();
                prop_assert_eq!(again.as_ref(), Ok(&path), "{}", text);
            }
            Err(error) => {
                check_span(text, error.span())?;
                prop_assert!(!error.render().is_empty() && error.is_path());
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(config(1500))]

    #[test]
    fn any_text_is_read_or_refused(text in fragments()) {
        check_text(&text)?;
    }

    #[test]
    fn any_string_is_read_or_refused(text in any::<String>()) {
        check_text(&text)?;
    }

    /// A legal filter with one piece cut out or put in.
    #[test]
    fn any_damaged_filter_is_read_or_refused(
        tree in tree(false),
        seed in 1_u64..,
        at in any::<prop::sample::Index>(),
        length in 0_usize..4,
        put in fragments(),
    ) {
        let text = tree.written(&mut Dice(seed));
        let chars: Vec<char> = text.chars().collect();
        let at = at.index(chars.len());
        let end = (at + length).min(chars.len());
        let damaged: String = chars[..at].iter().collect::<String>() + &put + &chars[end..].iter().collect::<String>();
        check_text(&damaged)?;
    }
}

proptest! {
    #![proptest_config(config(20))]

    /// Texts over the limit are refused with a span that lies in them, wherever their characters begin.
    #[test]
    fn long_texts_are_refused(piece in prop::sample::select(vec!["a", "\u{e9}", "\u{20ac}", "\u{1F600}"]), shift in 0_usize..4) {
        let text = format!("{}{}", "x".repeat(shift), piece.repeat(9000));
        check_text(&text)?;
        let error = Filter::parse(&text).unwrap_err();
        prop_assert!(error.is_limit());
    }
}
