//! The constructs that a parser expects, as text for the messages of errors in filters and paths.

use std::fmt;

/// The construct that the parser expected, or the limit that was exceeded.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Expected {
    Filter,
    Path,
    AttrName,
    OneSubAttr,
    SubAttrName,
    SubAttrWithoutUrn,
    Operator,
    Value,
    ClosingQuote,
    NoControl,
    Escape,
    SurrogatePair,
    AndOr,
    Blank,
    OneSpace,
    NoBlank,
    ClosingParen,
    ClosingBracket,
    NoClosing(char),
    NotGroup,
    NoNestedBrackets,
    EndOfPath,
    MaxNesting(usize),
    MaxComparisons(usize),
    MaxBytes(usize, usize),
    Number,
    Term,
}

impl fmt::Display for Expected {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filter => f.write_str("expected a filter such as `userName eq \"bjensen\"`"),
            Self::Path => f.write_str("expected a path such as `emails[type eq \"work\"].value`"),
            Self::AttrName => {
                f.write_str("expected an attribute name: a letter, then letters, digits, `-`, `_` or `$`; or `$ref`")
            }
            Self::OneSubAttr => f.write_str("expected at most one sub-attribute after an attribute"),
            Self::SubAttrName => f.write_str("expected the name of a sub-attribute"),
            Self::SubAttrWithoutUrn => f.write_str("expected a sub-attribute without a URN: brackets are about one element"),
            Self::Operator => f.write_str(
                "expected an operator: `eq`, `ne`, `co`, `sw`, `ew`, `gt`, `ge`, `lt`, `le` or `pr`",
            ),
            Self::Value => {
                f.write_str("expected a JSON value: a quoted string, a number, `true`, `false` or `null`")
            }
            Self::ClosingQuote => f.write_str("expected a closing `\"`"),
            Self::NoControl => f.write_str("expected no raw control character in a string; write it as an escape"),
            Self::Escape => f.write_str(
                "expected a JSON escape: `\\\"`, `\\\\`, `\\/`, `\\b`, `\\f`, `\\n`, `\\r`, `\\t` or `\\u` and four hex digits",
            ),
            Self::SurrogatePair => f.write_str("expected a surrogate pair: this half has no other half"),
            Self::AndOr => f.write_str("expected `and` or `or`"),
            Self::Blank => f.write_str("expected a blank here"),
            Self::OneSpace => f.write_str("expected a single space here"),
            Self::NoBlank => f.write_str("expected no blank before `[`"),
            Self::ClosingParen => f.write_str("expected a closing `)` for this"),
            Self::ClosingBracket => f.write_str("expected a closing `]` for this"),
            Self::NoClosing(open) => write!(f, "expected no such bracket here: no `{open}` is open"),
            Self::NotGroup => f.write_str("expected `not` to be followed by parentheses: `not (…)`"),
            Self::NoNestedBrackets => f.write_str("expected no brackets within brackets"),
            Self::EndOfPath => f.write_str("expected the end of the path"),
            Self::MaxNesting(max) => write!(f, "nested too deep: at most {max} levels are allowed"),
            Self::MaxComparisons(max) => write!(f, "too many comparisons: at most {max} are allowed"),
            Self::MaxBytes(max, found) => {
                write!(f, "too long: at most {max} bytes are allowed, this is {found}")
            }
            Self::Number => f.write_str("expected a JSON number such as `5`, `0.5` or `-1`"),
            Self::Term => f.write_str("expected at least one filter or value to join"),
        }
    }
}
