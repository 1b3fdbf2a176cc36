//! Writes canonical text (T12): operators in lower case, names as written, and as few parentheses as possible. The text
//! parses back to the same tree.

use std::fmt::{self, Display, Formatter};

use super::ast::{AttrExp, AttrPath, CompareOp, Expr, Test, ValuePath};
use super::literal::{Literal, Number};

impl Display for Expr<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(terms) => join(terms, " and ", f, |term, f| match term {
                Self::Or(_) => write!(f, "({term})"),
                other => other.fmt(f),
            }),
            Self::Or(terms) => join(terms, " or ", f, Display::fmt),
            Self::Not(negation) => write!(f, "not ({})", negation.expr),
            Self::Attr(exp) => exp.fmt(f),
            Self::ValuePath(path) => path.fmt(f),
        }
    }
}

fn join<'a, 'b>(
    terms: &'b [Expr<'a>],
    separator: &str,
    f: &mut Formatter<'_>,
    mut write: impl FnMut(&'b Expr<'a>, &mut Formatter<'_>) -> fmt::Result,
) -> fmt::Result {
    for (index, term) in terms.iter().enumerate() {
        if index > 0 {
            f.write_str(separator)?;
        }
        write(term, f)?;
    }
    Ok(())
}

impl Display for AttrExp<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.path, self.test)
    }
}

impl Display for Test<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Present { .. } => f.write_str("pr"),
            Self::Compare { op, value, .. } => write!(f, "{op} {value}"),
        }
    }
}

impl Display for ValuePath<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.path, self.filter)?;
        match &self.then {
            Some(then) => write!(f, ".{} {}", then.sub_attribute, then.test),
            None => Ok(()),
        }
    }
}

impl Display for AttrPath<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Display for CompareOp {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Display for Number<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Display for Literal<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => value.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::String(text) => write_json_string(text, f),
        }
    }
}

/// Writes a JSON string with the escapes that JSON requires and no others.
fn write_json_string(text: &str, f: &mut Formatter<'_>) -> fmt::Result {
    use fmt::Write;
    f.write_char('"')?;
    for c in text.chars() {
        match c {
            '"' => f.write_str("\\\"")?,
            '\\' => f.write_str("\\\\")?,
            '\u{8}' => f.write_str("\\b")?,
            '\u{c}' => f.write_str("\\f")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            c if c < ' ' => write!(f, "\\u{:04x}", u32::from(c))?,
            c => f.write_char(c)?,
        }
    }
    f.write_char('"')
}
