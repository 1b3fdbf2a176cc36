//! What OneLogin would send for a person: the macros of a template replaced.

use std::collections::HashSet;
use std::fmt::{self, Write as _};

use serde_json::Value;

use super::macros::Macro;
use super::person::Person;
use super::position::Position;
use super::template::{Slot, Template};
use crate::json;

/// What a macro gives that stands for nothing. OneLogin does not publish it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unset {
    /// The empty string: `"phone": ""`. What servers have seen.
    #[default]
    Empty,
    /// `null` in place of a string of which nothing is left: `"phone": null`. Elsewhere the empty string.
    Null,
    /// The four letters: `"phone": "null"`.
    NullText,
    /// The macro as it is: `"phone": "{$user.phone}"`.
    Keep,
    /// An error.
    Error,
}

/// How a value gets into a JSON string. OneLogin does not publish it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Escape {
    /// Escaped, so that the string holds the value.
    #[default]
    Json,
    /// As it is. A quote, a backslash or a line end in it breaks the JSON or changes what it says; see
    /// [`Rendered::unescaped`].
    Raw,
}

/// How to render.
///
/// ```
/// use scim_engine::onelogin::{Person, RenderOptions, Template, Unset};
/// let template = Template::parse(r#"{"title": "{$parameters.title}"}"#)?;
/// let text = |unset| template.render(&Person::new(), &RenderOptions::default().unset(unset)).map(|done| done.text);
/// assert_eq!(text(Unset::Empty)?, r#"{"title": ""}"#);
/// assert_eq!(text(Unset::Null)?, r#"{"title": null}"#);
/// assert_eq!(text(Unset::NullText)?, r#"{"title": "null"}"#);
/// assert_eq!(text(Unset::Keep)?, r#"{"title": "{$parameters.title}"}"#);
/// assert!(text(Unset::Error).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct RenderOptions {
    /// What an unset macro gives.
    pub unset: Unset,
    /// How values get into strings.
    pub escape: Escape,
}

impl RenderOptions {
    /// With this for unset macros.
    #[must_use]
    pub fn unset(mut self, unset: Unset) -> Self {
        self.unset = unset;
        self
    }

    /// With this way into strings.
    #[must_use]
    pub fn escape(mut self, escape: Escape) -> Self {
        self.escape = escape;
        self
    }
}

/// A template, rendered.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Rendered {
    /// The text: the template's, with its layout.
    pub text: String,
    /// What it says.
    pub value: Value,
    /// The macros that stand for nothing, each once: `{$user.phone}`.
    pub unset: Vec<String>,
    /// With [`Escape::Raw`]: the macros whose value has a quote, a backslash or a control character, each once. The text
    /// is JSON all the same, but does not say what was meant.
    pub unescaped: Vec<String>,
}

/// The most bytes of a rendered template: a body of a request, not a file.
const MAX_BYTES: usize = 16 * 1024 * 1024;

impl Template {
    /// What OneLogin would send for a person.
    ///
    /// In a string a value is pasted as [`RenderOptions::escape`] says; outside of quotes as it is, so that
    /// `"active": {$user.active}` gives `"active": true`.
    ///
    /// ```
    /// use scim_engine::onelogin::{Person, RenderOptions, Template};
    /// let template = Template::parse(r#"{"name": {"formatted": "{$user.display_name}"}, "active": {$user.active}}"#)?;
    /// let person = Person::new().with("firstname", "Jo \"Ada\"")?.with("lastname", "Quill")?;
    /// let rendered = template.render(&person, &RenderOptions::default())?;
    /// assert_eq!(rendered.text, r#"{"name": {"formatted": "Jo \"Ada\" Quill"}, "active": true}"#);
    /// assert_eq!(rendered.value["active"], true);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`RenderError`] if the result is not JSON, or over 16 MiB; and for an unset macro with [`Unset::Error`].
    pub fn render(&self, person: &Person, options: &RenderOptions) -> Result<Rendered, RenderError> {
        let mut output = Output {
            template: self,
            person,
            options,
            text: String::new(),
            unset: Names::default(),
            unescaped: Names::default(),
        };
        let mut from = 0;
        for slot in self.slots() {
            from = output.slot(slot, from)?;
        }
        output.copy(from, self.text().len())?;
        let Output { text, unset, unescaped, .. } = output;
        match json::from_slice(text.as_bytes()) {
            Ok(value) => Ok(Rendered { text, value, unset: unset.list, unescaped: unescaped.list }),
            Err(error) => Err(self.no_json(&text, &error, person, &unescaped.list)),
        }
    }

    fn no_json(&self, text: &str, error: &json::Error, person: &Person, unescaped: &[String]) -> RenderError {
        let mut message = format!("the result is not JSON: {}", error.reason());
        let bare = self.slots().iter().find_map(|slot| match slot {
            Slot::Bare(found) if !is_json(person.get(found.name()).as_deref()) => Some(found),
            _ => None,
        });
        let culprit = if let [first, ..] = unescaped {
            // Writing to a String cannot fail.
            let _ = write!(message, "; the value of `{first}` has characters that need an escape");
            self.macros().find(|found| found.to_string() == *first)
        } else if let Some(found) = bare {
            let _ = write!(message, "; `{found}` stands outside of quotes, and its value alone is not JSON");
            Some(found)
        } else {
            None
        };
        let line_start = text.split_inclusive('\n').take(error.line().saturating_sub(1)).map(str::len).sum::<usize>();
        let at = line_start + error.column().saturating_sub(1);
        RenderError {
            message,
            position: culprit.map(|found| self.position(found.span())),
            in_text: Some(Position::of(text, at)),
        }
    }
}

fn is_json(value: Option<&str>) -> bool {
    value.is_some_and(|value| serde_json::from_str::<serde::de::IgnoredAny>(value).is_ok())
}

/// Names in their order, each once.
#[derive(Default)]
struct Names {
    list: Vec<String>,
    seen: HashSet<String>,
}

impl Names {
    fn add(&mut self, found: &Macro) {
        if self.seen.insert(found.name().to_owned()) {
            self.list.push(found.to_string());
        }
    }
}

struct Output<'a> {
    template: &'a Template,
    person: &'a Person,
    options: &'a RenderOptions,
    text: String,
    unset: Names,
    unescaped: Names,
}

impl Output<'_> {
    /// Copies a range of the template.
    fn copy(&mut self, from: usize, to: usize) -> Result<(), RenderError> {
        self.push(self.template.text().get(from..to).unwrap_or_default())
    }

    fn push(&mut self, text: &str) -> Result<(), RenderError> {
        if self.text.len() + text.len() > MAX_BYTES {
            let message = format!("what comes out is too long: at most {} MiB are rendered", MAX_BYTES / (1024 * 1024));
            return Err(RenderError { message, position: None, in_text: None });
        }
        self.text.push_str(text);
        Ok(())
    }

    /// Renders a slot, with what stands before it; returns where the template goes on.
    fn slot(&mut self, slot: &Slot, from: usize) -> Result<usize, RenderError> {
        match slot {
            Slot::Bare(found) => {
                self.copy(from, found.span().start)?;
                match self.person.get(found.name()) {
                    Some(value) => self.push(&value)?,
                    None => self.unset(found, "null")?,
                }
                Ok(found.span().end)
            }
            Slot::Text { span, macros, has_literal, is_key } => {
                let is_unset = |found: &Macro| self.person.get(found.name()).is_none();
                // Blanks between macros of which none is set say nothing either.
                let literal_is_blank = !has_literal || self.is_blank_between(*span, macros);
                if self.options.unset == Unset::Null && !is_key && literal_is_blank && macros.iter().all(is_unset) {
                    macros.iter().for_each(|found| self.unset.add(found));
                    self.copy(from, span.start)?;
                    self.push("null")?;
                    return Ok(span.end);
                }
                let mut from = from;
                for found in macros {
                    self.copy(from, found.span().start)?;
                    self.in_string(found)?;
                    from = found.span().end;
                }
                Ok(from)
            }
        }
    }

    fn is_blank_between(&self, span: crate::syntax::Span, macros: &[Macro]) -> bool {
        let text = self.template.text();
        let mut from = span.start + 1;
        let mut is_blank = true;
        for found in macros {
            is_blank &= text.get(from..found.span().start).is_some_and(|between| between.trim().is_empty());
            from = found.span().end;
        }
        is_blank && text.get(from..span.end - 1).is_some_and(|between| between.trim().is_empty())
    }

    fn in_string(&mut self, found: &Macro) -> Result<(), RenderError> {
        let person = self.person;
        let Some(value) = person.get(found.name()) else { return self.unset(found, "") };
        let quoted = Value::from(value.as_ref()).to_string();
        let escaped = quoted.get(1..quoted.len() - 1).unwrap_or_default();
        match self.options.escape {
            Escape::Json => self.push(escaped),
            Escape::Raw => {
                if escaped != value {
                    self.unescaped.add(found);
                }
                self.push(&value)
            }
        }
    }

    /// What an unset macro gives; `null` is what [`Unset::Null`] makes of it here.
    fn unset(&mut self, found: &Macro, null: &str) -> Result<(), RenderError> {
        self.unset.add(found);
        match self.options.unset {
            Unset::Empty => Ok(()),
            Unset::Null => self.push(null),
            Unset::NullText => self.push("null"),
            Unset::Keep => self.push(&found.to_string()),
            Unset::Error => {
                let hint = found.suggestion().map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
                Err(RenderError {
                    message: format!("`{found}` stands for nothing{hint}"),
                    position: Some(self.template.position(found.span())),
                    in_text: None,
                })
            }
        }
    }
}

/// A template that cannot be rendered for a person. Holds no value of the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderError {
    message: String,
    position: Option<Position>,
    in_text: Option<Position>,
}

impl RenderError {
    /// What is wrong, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Where in the template, if a macro is at fault.
    pub fn position(&self) -> Option<Position> {
        self.position
    }

    /// Where in what came out, if that is no JSON.
    pub fn position_in_text(&self) -> Option<Position> {
        self.in_text
    }
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(position) = self.position {
            write!(f, "{position}: ")?;
        }
        f.write_str(&self.message)?;
        self.in_text.map_or(Ok(()), |place| write!(f, " (at {place} of what comes out)"))
    }
}

impl std::error::Error for RenderError {}
