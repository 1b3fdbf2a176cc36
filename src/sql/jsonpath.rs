//! Writes conditions over a folded copy as a path of PostgreSQL's `jsonb`, which its GIN indexes answer.

use std::fmt::Write as _;

use serde_json::Value;

use super::error::WriteError;
use super::rows::RowSource;
use super::source::Source;
use super::where_clause::{ColumnTest, SqlValue, Where};

impl Where {
    /// Writes a condition over the folded copies of documents ([`fold`](super::fold)) as one path of `jsonb`, to be bound:
    /// `folded @? $1::jsonpath`. An index `USING gin (folded jsonb_path_ops)` finds what is compared for equality.
    ///
    /// ```
    /// use scim_engine::sql::Mapping;
    /// use scim_engine::{Filter, ResourceType};
    /// let users = Mapping::of_folded(&ResourceType::user(), "users", "folded").build()?;
    /// let filter: Filter = r#"emails[type eq "Work" and value co "@x"] and not (title pr)"#.parse()?;
    /// let condition = users.bind(&filter.compile(users.resource_type())?)?;
    /// assert_eq!(
    ///     condition.to_jsonpath()?,
    ///     r#"$ ? ((exists(@."emails"[*] ? ((@."type" == "work" && @."value" like_regex "@x" flag "q"))) && (!exists(@."title") || @."title" == "")))"#
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`WriteError`] if a value is elsewhere than in a JSON column.
    pub fn to_jsonpath(&self) -> Result<String, WriteError> {
        let mut path = "$ ? (".to_owned();
        condition(self, &mut path)?;
        path.push(')');
        Ok(path)
    }
}

fn condition(of: &Where, out: &mut String) -> Result<(), WriteError> {
    match of {
        Where::Constant(holds) => out.push_str(if *holds { "1 == 1" } else { "1 == 0" }),
        Where::All(all) => joined(all, " && ", out)?,
        Where::Any(any) => joined(any, " || ", out)?,
        Where::Exists { rows, within, is_negated } => {
            let RowSource::Json(source) = rows else { return Err(no_json()) };
            out.push_str(if *is_negated { "!exists(" } else { "exists(" });
            place(source, out)?;
            out.push_str("[*] ? (");
            condition(within, out)?;
            out.push_str("))");
        }
        Where::Test { source, test, is_negated, .. } => {
            let is_wrapped = *is_negated && !matches!(test, ColumnTest::NotNull);
            out.push_str(match (is_wrapped, is_negated) {
                (true, _) => "!(",
                (false, true) => "!",
                (false, false) => "",
            });
            value_test(source, test, out)?;
            if is_wrapped {
                out.push(')');
            }
        }
    }
    Ok(())
}

fn joined(conditions: &[Where], word: &str, out: &mut String) -> Result<(), WriteError> {
    out.push('(');
    for (at, one) in conditions.iter().enumerate() {
        if at > 0 {
            out.push_str(word);
        }
        condition(one, out)?;
    }
    out.push(')');
    Ok(())
}

fn value_test(source: &Source, test: &ColumnTest, out: &mut String) -> Result<(), WriteError> {
    let mut compared = |word: &str, value: &str, more: &str| {
        place(source, out)?;
        // Writing to a string does not fail.
        let _ = write!(out, " {word} {value}{more}");
        Ok(())
    };
    match test {
        ColumnTest::NotNull => {
            out.push_str("exists(");
            place(source, out)?;
            out.push(')');
            Ok(())
        }
        ColumnTest::Is(value) => compared("==", if *value { "true" } else { "false" }, ""),
        ColumnTest::Compare(op, value) => {
            let word = if op.sign() == "=" { "==" } else { op.sign() };
            match value {
                SqlValue::Text(value) => compared(word, &text(value), ""),
                SqlValue::Integer(value) => compared(word, &value.to_string(), ""),
                SqlValue::Float(value) => compared(word, &Value::from(*value).to_string(), ""),
                SqlValue::Bool(_) | SqlValue::Texts(_) => Err(no_json()),
            }
        }
        ColumnTest::OneOf(texts) => {
            for (at, one) in texts.iter().enumerate() {
                out.push_str(if at == 0 { "(" } else { " || " });
                place(source, out)?;
                let _ = write!(out, " == {}", text(one));
            }
            out.push(')');
            Ok(())
        }
        ColumnTest::Contains(part) => compared("like_regex", &text(part), " flag \"q\""),
        ColumnTest::StartsWith(part) => compared("starts with", &text(part), ""),
        ColumnTest::EndsWith(part) => compared("like_regex", &text(&format!("{}$", literally(part))), ""),
    }
}

/// A place in the object at hand, for the names of its members.
fn place(source: &Source, out: &mut String) -> Result<(), WriteError> {
    let Source::Json { path, .. } = source else { return Err(no_json()) };
    out.push('@');
    for name in path.iter() {
        let _ = write!(out, ".{}", text(name));
    }
    Ok(())
}

/// A text as JSON writes it, which paths understand.
fn text(text: &str) -> String {
    Value::from(text).to_string()
}

/// A regular expression for this text alone.
fn literally(text: &str) -> String {
    let mut expression = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_punctuation() {
            expression.push('\\');
        }
        expression.push(c);
    }
    expression
}

fn no_json() -> WriteError {
    WriteError::new("path to what is not in a JSON column", "a `jsonpath`")
}
