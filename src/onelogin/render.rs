//! Renders a template for a person, as OneLogin would.

use std::collections::HashSet;
use std::fmt::{self, Write as _};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::macros::Macro;
use super::person::Person;
use super::position::Position;
use super::template::{MacroSlot, Template};
use crate::json;
use crate::syntax::Span;
use crate::words::words;

/// The rendering of a macro that has no value. OneLogin does not document how it renders such a macro.
///
/// ```
/// use scim_engine::onelogin::Unset;
/// assert_eq!("null_text".parse(), Ok(Unset::NullText));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unset {
    /// The empty string: `"phone": ""`. Servers have received this from OneLogin.
    #[default]
    Empty,
    /// A string that has only macros without a value becomes `null`: `"phone": null`. In any other string, and in names,
    /// such a macro becomes the empty string.
    Null,
    /// The text `null`: `"phone": "null"`.
    NullText,
    /// The macro, unchanged: `"phone": "{$user.phone}"`.
    Keep,
    /// An error: [`Template::render_with`] renders nothing.
    Error,
}

words! {
    Unset {
        "empty" => Empty,
        "null" => Null,
        "null_text" => NullText,
        "keep" => Keep,
        "error" => Error,
    }
}

/// The way a value is put into a JSON string. OneLogin does not document whether it escapes values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Escape {
    /// The value is escaped, so that the string stands for exactly this value.
    #[default]
    Json,
    /// The value is pasted unchanged. A quote, a backslash or a line break in the value breaks the JSON or changes its
    /// meaning; see [`Rendered::unescaped`].
    Raw,
}

/// The options for rendering.
///
/// ```
/// use scim_engine::onelogin::{Person, RenderOptions, Template, Unset};
/// let template = Template::parse(r#"{"title": "{$parameters.title}"}"#)?;
/// let text = |unset| template.render_with(&Person::new(), &RenderOptions::default().unset(unset)).map(|done| done.text);
/// assert_eq!(text(Unset::Empty)?, r#"{"title": ""}"#);
/// assert_eq!(text(Unset::Null)?, r#"{"title": null}"#);
/// assert_eq!(text(Unset::NullText)?, r#"{"title": "null"}"#);
/// assert_eq!(text(Unset::Keep)?, r#"{"title": "{$parameters.title}"}"#);
/// assert!(text(Unset::Error).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The options can be part of a configuration. A member that is absent has its default, and an unknown one is an error.
///
/// ```
/// use scim_engine::onelogin::{RenderOptions, Unset};
/// let options: RenderOptions = serde_json::from_str(r#"{"unset": "null_text"}"#)?;
/// assert_eq!(options, RenderOptions::default().unset(Unset::NullText));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "an object")]
#[non_exhaustive]
pub struct RenderOptions {
    /// How macros without a value are rendered.
    pub unset: Unset,
    /// How values are put into strings.
    pub escape: Escape,
}

impl RenderOptions {
    /// Sets how macros without a value are rendered.
    #[must_use]
    pub fn unset(mut self, unset: Unset) -> Self {
        self.unset = unset;
        self
    }

    /// Sets how values are put into strings.
    #[must_use]
    pub fn escape(mut self, escape: Escape) -> Self {
        self.escape = escape;
        self
    }
}

/// A rendered template.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Rendered {
    /// The result as text, in the layout of the template.
    pub text: String,
    /// The result, parsed as JSON.
    pub value: Value,
    /// The macros that have no value, each once: `{$user.phone}`.
    pub unset: Vec<String>,
    /// With [`Escape::Raw`], the macros whose value has a quote, a backslash or a control character, each once. The text is
    /// still JSON, but does not mean what was intended.
    pub unescaped: Vec<String>,
}

/// The most bytes of a rendered template, which is the body of one request.
const MAX_BYTES: usize = 16 * 1024 * 1024;

impl Template {
    /// Renders the template as OneLogin would for a person, with the default options.
    ///
    /// # Errors
    /// As [`Template::render_with`].
    pub fn render(&self, person: &Person) -> Result<Rendered, RenderError> {
        self.render_with(person, &RenderOptions::default())
    }

    /// Renders the template as OneLogin would for a person.
    ///
    /// Within a string, [`RenderOptions::escape`] says how a value is pasted. Outside of quotes the value is pasted
    /// unchanged, so that `"active": {$user.active}` becomes `"active": true`.
    ///
    /// ```
    /// use scim_engine::onelogin::{Person, Template};
    /// let template = Template::parse(r#"{"name": {"formatted": "{$user.display_name}"}, "active": {$user.active}}"#)?;
    /// let person = Person::new().with("firstname", "Jo \"Ada\"")?.with("lastname", "Quill")?;
    /// let rendered = template.render(&person)?;
    /// assert_eq!(rendered.text, r#"{"name": {"formatted": "Jo \"Ada\" Quill"}, "active": true}"#);
    /// assert_eq!(rendered.value["active"], true);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`RenderError`] if the result is not JSON or has more than 16 MiB, or if a macro has no value and the option is
    /// [`Unset::Error`].
    pub fn render_with(&self, person: &Person, options: &RenderOptions) -> Result<Rendered, RenderError> {
        let mut output = Output {
            template: self,
            person,
            options,
            text: String::new(),
            unset: MacroNames::default(),
            unescaped: MacroNames::default(),
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
            MacroSlot::Bare(found) if !is_json(person.get(found.name()).as_deref()) => Some(found),
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
        let mut error = RenderError::new(message, None, self, culprit);
        error.0.in_text = Some(Position::of(text, at));
        error
    }
}

fn is_json(value: Option<&str>) -> bool {
    value.is_some_and(|value| serde_json::from_str::<serde::de::IgnoredAny>(value).is_ok())
}

/// Macros in the order in which they first occur, each once.
#[derive(Default)]
struct MacroNames {
    list: Vec<String>,
    seen: HashSet<String>,
}

impl MacroNames {
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
    unset: MacroNames,
    unescaped: MacroNames,
}

impl Output<'_> {
    /// Copies a range of the template.
    fn copy(&mut self, from: usize, to: usize) -> Result<(), RenderError> {
        self.push(self.template.text().get(from..to).unwrap_or_default())
    }

    fn push(&mut self, text: &str) -> Result<(), RenderError> {
        if self.text.len() + text.len() > MAX_BYTES {
            let message = format!("what comes out is too long: at most {} MiB are rendered", MAX_BYTES / (1024 * 1024));
            return Err(RenderError::new(message, None, self.template, None));
        }
        self.text.push_str(text);
        Ok(())
    }

    /// Renders a slot and the text before it. Returns the place in the template after the slot.
    fn slot(&mut self, slot: &MacroSlot, from: usize) -> Result<usize, RenderError> {
        match slot {
            MacroSlot::Bare(found) => {
                self.copy(from, found.span().start)?;
                match self.person.get(found.name()) {
                    Some(value) => self.push(&value)?,
                    None => self.unset(found, "null")?,
                }
                Ok(found.span().end)
            }
            MacroSlot::Text { span, macros, is_blank_between, is_key } => {
                let is_unset = |found: &Macro| self.person.get(found.name()).is_none();
                // `"{$user.firstname} {$user.lastname}"` also becomes `null` if neither macro has a value: the blank is not
                // a value.
                if self.options.unset == Unset::Null && !is_key && *is_blank_between && macros.iter().all(is_unset) {
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

    /// Renders a macro that has no value. The parameter `null` is the text that [`Unset::Null`] writes at this place:
    /// `null` outside of quotes, nothing within a string.
    fn unset(&mut self, found: &Macro, null: &str) -> Result<(), RenderError> {
        self.unset.add(found);
        match self.options.unset {
            Unset::Empty => Ok(()),
            Unset::Null => self.push(null),
            Unset::NullText => self.push("null"),
            Unset::Keep => self.push(&found.to_string()),
            Unset::Error => {
                let hint = found.suggestion().map(|near| format!("did you mean `{near}`?"));
                Err(RenderError::new(format!("`{found}` stands for nothing"), hint, self.template, Some(found)))
            }
        }
    }
}

/// The reason why a template cannot be rendered for a person. It holds no value of the person.
///
/// ```
/// use scim_engine::onelogin::{Person, RenderOptions, Template, Unset};
/// let template = Template::parse(r#"{"title": "{$user.emial}"}"#)?;
/// let error = template.render_with(&Person::new(), &RenderOptions::default().unset(Unset::Error)).unwrap_err();
/// assert_eq!(error.message(), "`{$user.emial}` stands for nothing");
/// assert_eq!(error.hint(), Some("did you mean `{$user.email}`?"));
/// assert!(error.render().contains("^^^^"));
/// # Ok::<(), scim_engine::onelogin::TemplateError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RenderError(Box<RenderErrorInner>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct RenderErrorInner {
    message: String,
    hint: Option<String>,
    span: Option<Span>,
    position: Option<Position>,
    rendered: Option<String>,
    in_text: Option<Position>,
}

impl RenderError {
    /// An error, with the macro at fault if there is one.
    fn new(message: String, hint: Option<String>, template: &Template, culprit: Option<&Macro>) -> Self {
        let span = culprit.map(Macro::span);
        let position = span.map(|span| template.position(span));
        let place = span.zip(position);
        let rendered =
            place.map(|(span, position)| position.rendered(template.text(), span, &message, hint.as_deref()));
        Self(Box::new(RenderErrorInner { message, hint, span, position, rendered, in_text: None }))
    }

    /// The message, without the place and the hint.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The macro that was probably meant, if an unknown one is at fault.
    pub fn hint(&self) -> Option<&str> {
        self.0.hint.as_deref()
    }

    /// The bytes of the macro at fault in the template, if a macro is at fault.
    pub fn span(&self) -> Option<Span> {
        self.0.span
    }

    /// The text of the error. If a macro is at fault, the text shows its line of the template with carets below the macro.
    /// Otherwise it is a single line.
    pub fn render(&self) -> String {
        self.0.rendered.clone().unwrap_or_else(|| self.to_string())
    }

    /// The place in the template, if a macro is at fault.
    pub fn position(&self) -> Option<Position> {
        self.0.position
    }

    /// The place in the result, if the result is not JSON.
    pub fn position_in_text(&self) -> Option<Position> {
        self.0.in_text
    }
}

impl fmt::Display for RenderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(position) = self.0.position {
            write!(f, "{position}: ")?;
        }
        f.write_str(&self.0.message)?;
        if let Some(hint) = &self.0.hint {
            write!(f, "; {hint}")?;
        }
        self.0.in_text.map_or(Ok(()), |place| write!(f, " (at {place} of what comes out)"))
    }
}

impl std::error::Error for RenderError {}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn options_in_a_configuration() {
        let read = |given: Value| serde_json::from_value::<RenderOptions>(given).map_err(|error| error.to_string());
        assert_eq!(read(json!({})), Ok(RenderOptions::default()));
        for unset in Unset::ALL {
            let options = RenderOptions::default().unset(unset).escape(Escape::Raw);
            assert_eq!(json!(options), json!({"unset": unset.as_str(), "escape": "raw"}));
            assert_eq!(read(json!(options)), Ok(options));
        }
        assert!(read(json!({"unsett": "keep"})).unwrap_err().contains("unknown field `unsett`"));
        assert!(read(json!({"unset": "kept"})).unwrap_err().contains("found `kept`"));
        assert!(read(json!({"escape": "Raw"})).unwrap_err().contains("unknown variant `Raw`"));
    }

    #[test]
    fn a_line_with_a_password_is_not_shown() {
        let text = "{\"a\": \"{$user.emial}\",\n\"password\": \"gull {$user.emial}\"}";
        let template = Template::parse(text).unwrap();
        let found: Vec<String> = template
            .macros()
            .map(|found| RenderError::new("no value".to_owned(), None, &template, Some(found)).render())
            .collect();
        let line = "1:8:\n{\"a\": \"{$user.emial}\",\n       ^^^^^^^^^^^^^ no value";
        assert_eq!(found, [line, "2:19:\nno value"]);
    }
}
