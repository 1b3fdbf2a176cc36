//! PATCH on JSON text: only the changed parts are written anew, and everything else is copied byte for byte.

mod edits;
mod elements;
mod store;
mod write;

use serde_json::Value;

use crate::coerce::Outcome;
use crate::json;
use crate::patch::{Patch, PatchError, PatchFailure};
use crate::scan::ScanError;
use crate::scan::outline::Outline;
use crate::schema::ResourceType;
use store::TextStore;

impl Patch {
    /// Applies the operations to a resource in JSON text, all of them or none, and returns the new text. Only the changed
    /// parts are written anew, such as one element of a list or one sub-attribute of a complex value. Everything else is
    /// copied byte for byte, with its blanks, the order of its members, and the spelling of its numbers and escapes. No
    /// tree of the resource is built: adding a member to a group of 100,000 costs one pass over the text.
    ///
    /// The outcome is the same as that of [`Patch::apply`] on the parsed text. If nothing changed, the new text equals the
    /// old one.
    ///
    /// ```
    /// use scim_engine::{Patch, ResourceType};
    /// use serde_json::json;
    /// let patch = Patch::parse(&json!({
    ///     "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    ///     "Operations": [
    ///         {"op": "replace", "path": "active", "value": false},
    ///         {"op": "add", "path": "emails", "value": [{"value": "b@example.com"}]},
    ///     ],
    /// }))?;
    /// let text = br#"{ "userName": "j\u00fcrgen", "active": true, "emails": [ {"value": "a@example.com"} ] }"#;
    /// let (new, outcome) = patch.apply_slice(text, &ResourceType::user())?;
    /// let expected = r#"{ "userName": "j\u00fcrgen", "active": false, "emails": [ {"value": "a@example.com"}, {"value":"b@example.com"} ] }"#;
    /// assert_eq!(std::str::from_utf8(&new), Ok(expected));
    /// assert_eq!(outcome.changes.len(), 2);
    /// # Ok::<(), scim_engine::PatchError>(())
    /// ```
    ///
    /// # Errors
    /// As [`Patch::apply`]; also `invalidSyntax` if the text is not JSON (all of it is checked), or if a name is given
    /// twice in the resource, in an extension or in a value that changes.
    pub fn apply_slice(&self, text: &[u8], resource_type: &ResourceType) -> Result<(Vec<u8>, Outcome), PatchError> {
        apply(self, text, |_| resource_type.clone())
    }
}

/// Applies a PATCH to a text. `type_of` chooses the resource type; it is given the `schemas` and `meta` of the resource.
pub(crate) fn apply(
    patch: &Patch,
    text: &[u8],
    type_of: impl FnOnce(&Value) -> ResourceType,
) -> Result<(Vec<u8>, Outcome), PatchError> {
    let text = json::without_mark(text);
    let outline = Outline::of(text).map_err(|error| unreadable(text, &error))?;
    let Some(outline) = outline else {
        return Err(PatchError::envelope("expected the resource to be an object"));
    };
    let mut store = TextStore::new(&outline)?;
    let resource_type = type_of(&store.head());
    match patch.apply_to(&mut store, &resource_type) {
        Ok(outcome) => Ok((store.into_text(), outcome)),
        Err(PatchFailure::Refused(error) | PatchFailure::Store(error)) => Err(error),
    }
}

/// The error for a resource that is not valid JSON, with the same message as for a request body.
fn unreadable(text: &[u8], error: &ScanError) -> PatchError {
    let message = match json::from_slice(text) {
        Err(error) => format!("invalid JSON: {error}"),
        Ok(_) => error.to_string(),
    };
    PatchError::envelope(message)
}
