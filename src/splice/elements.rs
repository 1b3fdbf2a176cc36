//! The elements of a list in JSON text, read in place.

use std::borrow::Cow;

use serde_json::Value;

use crate::document::{Document as _, Key};
use crate::error::ScimType;
use crate::filter::evaluate;
use crate::filter::node::Node;
use crate::json;
use crate::patch::PatchError;
use crate::patch::store::{Elements, Peek};
use crate::scan::outline::{Element, Span, document, string};
use crate::schema::Attribute;

pub(super) struct TextElements<'t> {
    pub text: &'t [u8],
    /// The span of the list, or of the single value that is stored in place of a list (D5).
    pub list: Span,
    pub elements: Cow<'t, [Element]>,
    /// The name of the attribute, for messages.
    pub name: String,
}

impl TextElements<'_> {
    fn start(&self, at: usize) -> usize {
        self.elements.get(at).map_or(self.text.len(), |element| element.span.start)
    }

    /// The text of the `value` of an element, if `sub` is `value` and the outline of the text has recorded the position of
    /// that `value`.
    fn noted(&self, at: usize, sub: Option<&Attribute>) -> Option<&[u8]> {
        sub.filter(|sub| sub.name == "value")?;
        self.elements.get(at)?.value(self.text)
    }
}

impl Elements for TextElements<'_> {
    type Error = PatchError;

    fn weight(&self, at: usize) -> usize {
        self.elements.get(at).map_or(0, |element| element.span.end - element.span.start)
    }

    fn len(&self) -> usize {
        self.elements.len()
    }

    fn value(&self, at: usize) -> Result<Cow<'_, Value>, PatchError> {
        let text = self.elements.get(at).map_or(&b"null"[..], |element| element.span.of(self.text));
        json::from_slice(text).map(Cow::Owned).map_err(|error| unreadable_part(&format!("{}[{at}]", self.name), &error))
    }

    fn peek(&self, at: usize, sub: Option<&Attribute>) -> Result<Peek<'_>, PatchError> {
        if let Some(text) = self.noted(at, sub) {
            return Ok(Peek::Text(Cow::Borrowed(text)));
        }
        let element = document(self.text, self.start(at));
        let value = match (element.first(), sub) {
            (b'{', Some(sub)) => match element.member(&Key::canonical(&sub.name)) {
                Ok(Some(value)) => value,
                Ok(None) => return Ok(Peek::Nothing),
                Err(_) => return Ok(Peek::Other),
            },
            (_, Some(_)) => return Ok(Peek::Other),
            (_, None) => element,
        };
        Ok(string(value).map_or(Peek::Other, Peek::Text))
    }

    fn holds(&self, at: usize, node: &Node) -> Result<bool, PatchError> {
        Ok(evaluate::holds(node, &document(self.text, self.start(at))).unwrap_or(false))
    }
}

/// The error for a part of the resource that cannot be read as a value.
pub(super) fn unreadable_part(name: &str, error: &json::Error) -> PatchError {
    PatchError::new(None, Some(name.to_owned()), ScimType::InvalidSyntax, format!("invalid JSON: {error}"))
}
