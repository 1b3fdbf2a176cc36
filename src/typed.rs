//! Hosts whose resources are structs: what serde can read and write passes through the engine.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::any_error::Error;
use crate::coerce::Outcome;
use crate::error::{ScimError, ScimType};
use crate::filter::Matcher;
use crate::patch::Patch;
use crate::resource::Written;
use crate::schema::ResourceType;

impl Matcher {
    /// Whether a value of any type that serde can write satisfies the filter.
    ///
    /// ```
    /// use scim_engine::{Filter, ResourceType};
    /// #[derive(serde::Serialize)]
    /// #[serde(rename_all = "camelCase")]
    /// struct User {
    ///     user_name: String,
    ///     active: Option<bool>,
    /// }
    /// let user = User { user_name: "bjensen".to_owned(), active: Some(true) };
    /// let matcher = Filter::parse("active eq true")?.compile(&ResourceType::user())?;
    /// assert!(matcher.matches_typed(&user)?);
    /// # Ok::<(), scim_engine::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Matcher::matches`]; also an error of status 500 if serde cannot write the value as JSON.
    pub fn matches_typed<T: Serialize + ?Sized>(&self, resource: &T) -> Result<bool, Error> {
        Ok(self.matches(&to_resource(resource)?)?)
    }
}

impl Patch {
    /// Applies the request to a value of any type that serde can write and read, completely or not at all, as
    /// [`Patch::apply`] does to a `Value`. Attributes that the type has no field for are lost: give a resource type that has
    /// only the attributes of the type ([`ResourceType::only`]).
    ///
    /// ```
    /// use scim_engine::{Patch, ResourceType};
    /// #[derive(serde::Serialize, serde::Deserialize)]
    /// #[serde(rename_all = "camelCase")]
    /// struct User {
    ///     user_name: String,
    ///     active: Option<bool>,
    /// }
    /// let mut user = User { user_name: "bjensen".to_owned(), active: Some(true) };
    /// let patch = Patch::from_slice(br#"{"Operations": [{"op": "replace", "path": "active", "value": "False"}]}"#)?;
    /// let outcome = patch.apply_typed(&mut user, &ResourceType::user().only(["userName", "active"])?)?;
    /// assert!(outcome.changed && user.active == Some(false));
    /// # Ok::<(), scim_engine::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Patch::apply`]; also `invalidValue` if the type cannot hold the result, and an error of status 500 if serde
    /// cannot write the stored value as JSON.
    pub fn apply_typed<T>(&self, resource: &mut T, resource_type: &ResourceType) -> Result<Outcome, Error>
    where
        T: Serialize + DeserializeOwned,
    {
        let mut value = to_resource(resource)?;
        let outcome = self.apply(&mut value, resource_type)?;
        if outcome.changed {
            *resource = read(value)?;
        }
        Ok(outcome)
    }
}

impl Written {
    /// The resource as a type that serde can read, such as the struct of a host.
    ///
    /// ```
    /// use scim_engine::ResourceType;
    /// #[derive(serde::Deserialize)]
    /// #[serde(rename_all = "camelCase")]
    /// struct User {
    ///     user_name: String,
    ///     active: Option<bool>,
    /// }
    /// let body = br#"{"userName": "bjensen", "active": "True"}"#;
    /// let user: User = ResourceType::user().create_from_slice(body)?.typed()?.resource;
    /// assert_eq!((user.user_name.as_str(), user.active), ("bjensen", Some(true)));
    /// # Ok::<(), scim_engine::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error`] of the kind `invalidValue` if the type cannot hold the resource: the schema allows more than the type. The
    /// message names the place, and no value.
    pub fn typed<T: DeserializeOwned>(self) -> Result<Written<T>, Error> {
        let Self { resource, outcome } = self;
        Ok(Written { resource: read(resource)?, outcome })
    }
}

/// A resource of a value of any type that serde can write, such as the stored one for a PUT, or one for a list.
///
/// ```
/// use scim_engine::{ResourceType, to_resource};
/// use serde_json::json;
/// #[derive(serde::Serialize, serde::Deserialize)]
/// #[serde(rename_all = "camelCase")]
/// struct User {
///     schemas: Vec<String>,
///     user_name: String,
///     title: Option<String>,
/// }
/// let kind = ResourceType::user().only(["userName", "title"])?;
/// let stored: User = kind.create(&json!({"userName": "bo", "title": "Guide"}))?.typed()?.resource;
/// let put = json!({"schemas": stored.schemas, "userName": "bo"});
/// let written = kind.replace(&to_resource(&stored)?, &put)?.typed::<User>()?;
/// assert!(written.outcome.changed && written.resource.title.is_none());
/// # Ok::<(), scim_engine::Error>(())
/// ```
///
/// # Errors
/// An error of status 500 if serde cannot write the value as JSON.
pub fn to_resource<T: Serialize + ?Sized>(resource: &T) -> Result<Value, Error> {
    let host = |error| ScimError::with_status(500, format!("the stored resource cannot be written as JSON: {error}"));
    Ok(serde_json::to_value(resource).map_err(host)?)
}

/// What serde reads of a resource. The text of serde's error may repeat a value, which may be secret, so only the place is
/// told, and the name of a field that is missing.
fn read<T: DeserializeOwned>(resource: Value) -> Result<T, Error> {
    serde_path_to_error::deserialize(resource).map_err(|error| {
        let path = error.path().to_string();
        let why = error.inner().to_string();
        let why =
            if why.starts_with("missing field") { why } else { "the provider cannot store this value".to_owned() };
        let detail = if path == "." { why } else { format!("`{path}`: {why}") };
        ScimError::new(ScimType::InvalidValue, detail).into()
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use serde::{Deserialize, Serialize};
    use serde_json::json;

    use crate::error::{ScimError, ScimType};
    use crate::patch::Patch;
    use crate::schema::ResourceType;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct User {
        #[serde(rename = "userName")]
        login: String,
        #[serde(skip_serializing_if = "Option::is_none")]
        password: Option<u8>,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        emails: Vec<Email>,
    }

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Email {
        value: String,
    }

    fn patch(operations: serde_json::Value) -> Patch {
        Patch::parse(&json!({"schemas": [Patch::SCHEMA], "Operations": operations})).unwrap()
    }

    #[test]
    fn what_a_type_cannot_hold_is_refused_without_its_value() {
        let mut user = User { login: "ann".to_owned(), password: None, emails: Vec::new() };
        let before = user.clone();
        let secret = patch(json!([{"op": "add", "path": "password", "value": "t0p-secret"}]));
        let error = ScimError::from(secret.apply_typed(&mut user, &ResourceType::user()).unwrap_err());
        assert_eq!(error.scim_type(), Some(ScimType::InvalidValue));
        assert_eq!(error.detail(), "`password`: the provider cannot store this value");
        let untyped = patch(json!([{"op": "add", "path": "emails", "value": [{"type": "work"}]}]));
        let error = ScimError::from(untyped.apply_typed(&mut user, &ResourceType::user()).unwrap_err());
        assert_eq!(error.detail(), "`emails[0]`: missing field `value`");
        assert_eq!(user, before);
    }

    #[test]
    fn a_patch_that_changes_nothing_leaves_the_value_alone() {
        let mut user = User { login: "ann".to_owned(), password: Some(7), emails: Vec::new() };
        let same = patch(json!([{"op": "replace", "path": "userName", "value": "ann"}]));
        assert!(!same.apply_typed(&mut user, &ResourceType::user()).unwrap().changed);
        assert_eq!(user.password, Some(7));
    }
}
