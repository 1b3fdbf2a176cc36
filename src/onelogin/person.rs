//! A person in OneLogin, given by the values that the macros of a template have for that person.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::fmt;

use serde_json::{Map, Value};

use super::macros::{CUSTOM, FIELDS, PARAMETER, USER, is_name, meant};

/// The values of macros for one person. An empty value counts as unset.
///
/// Values that are not given are derived from those that are, as OneLogin does:
///
/// - `display_name` is `firstname`, a blank and `lastname`;
/// - `active` is `false` if `status` is given and is not `1`, and otherwise `true`;
/// - `status` is `2` if `active` is given and is not `true`, and otherwise `1`;
/// - `parameters.scimusername` is `username`, or `email` if there is no `username`;
/// - `parameters.NAME` is the field of the same name (`parameters.department` is `department`).
///
/// ```
/// use scim_engine::onelogin::Person;
/// let person = Person::new().with("firstname", "Mara")?.with("lastname", "Quill")?.with("email", "m@lumen.example")?;
/// assert_eq!(person.get("user.display_name").as_deref(), Some("Mara Quill"));
/// assert_eq!(person.get("parameters.scimusername").as_deref(), Some("m@lumen.example"));
/// assert_eq!(person.get("user.phone"), None);
/// let error = Person::new().with("frist_name", "Mara").unwrap_err();
/// assert_eq!(error.to_string(), "`frist_name`: no macro has this name; did you mean `firstname`?");
/// # Ok::<(), scim_engine::onelogin::PersonError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The values by the name of the macro, such as `user.firstname`.
    values: BTreeMap<String, String>,
}

impl Person {
    /// A person without any value.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the value of a macro; see [`Person::set`].
    ///
    /// # Errors
    /// As [`Person::set`].
    pub fn with(mut self, name: &str, value: &str) -> Result<Self, PersonError> {
        self.set(name, value)?;
        Ok(self)
    }

    /// Sets the value of a macro; an empty value unsets it. The name is that of the macro: `user.firstname` or `firstname`,
    /// `user.custom_fields.badge` or `custom_fields.badge`, `parameters.title`.
    ///
    /// # Errors
    /// [`PersonError`] for a name that no macro has.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), PersonError> {
        let name = macro_name(name)?;
        if value.is_empty() {
            self.values.remove(&name);
        } else {
            self.values.insert(name, value.to_owned());
        }
        Ok(())
    }

    /// Sets the value of a macro, whether or not the name is known.
    pub(super) fn give(&mut self, name: &str, value: &str) {
        self.values.insert(name.to_owned(), value.to_owned());
    }

    /// The value of a macro such as `user.email` or `parameters.title`, given or derived.
    pub fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        if let Some(value) = self.values.get(name) {
            return Some(Cow::Borrowed(value));
        }
        let given = |name: &str| self.values.get(name).map(String::as_str);
        match name {
            "user.display_name" => {
                let parts = [given("user.firstname"), given("user.lastname")];
                let parts: Vec<_> = parts.into_iter().flatten().collect();
                Some(parts.join(" ")).filter(|name| !name.is_empty()).map(Cow::Owned)
            }
            "user.active" => {
                let is_active = given("user.status").is_none_or(|status| status.trim() == "1");
                Some(Cow::Borrowed(if is_active { "true" } else { "false" }))
            }
            "user.status" => {
                let is_active = given("user.active").is_none_or(|active| active.trim().eq_ignore_ascii_case("true"));
                // OneLogin's statuses: 1 is "active", 2 is "suspended".
                Some(Cow::Borrowed(if is_active { "1" } else { "2" }))
            }
            "parameters.scimusername" => given("user.username").or(given("user.email")).map(Cow::Borrowed),
            _ => {
                let field = name.strip_prefix(PARAMETER).filter(|field| FIELDS.contains(field))?;
                self.get(&format!("{USER}{field}")).map(|value| Cow::Owned(value.into_owned()))
            }
        }
    }

    /// The values that were given, by the name of the macro.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.values.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Whether no values were given.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Reads a person from JSON. The names are flat, `{"firstname": "Mara", "parameters.title": "Guide"}`, or nested,
    /// `{"user": {"firstname": "Mara", "custom_fields": {"badge": 7}}, "parameters": {"title": "Guide"}}`. Numbers and
    /// booleans count as their text, and `null` as unset.
    ///
    /// ```
    /// use scim_engine::onelogin::Person;
    /// use serde_json::json;
    /// let person = Person::from_value(&json!({"user": {"firstname": "Mara"}, "parameters": {"title": "Guide"}}))?;
    /// assert_eq!(person.get("parameters.title").as_deref(), Some("Guide"));
    /// # Ok::<(), scim_engine::onelogin::PersonError>(())
    /// ```
    ///
    /// # Errors
    /// [`PersonError`] for a name that no macro has or that is given twice, and for a value that is an object or a list.
    pub fn from_value(value: &Value) -> Result<Self, PersonError> {
        let Value::Object(members) = value else {
            return Err(PersonError::new("", "expected an object with the values of a person's macros"));
        };
        let mut person = Self::new();
        let mut seen = HashSet::new();
        person.members("", members, &mut seen)?;
        Ok(person)
    }

    fn members(
        &mut self,
        before: &str,
        members: &Map<String, Value>,
        seen: &mut HashSet<String>,
    ) -> Result<(), PersonError> {
        for (name, value) in members {
            let path = format!("{before}{name}");
            let is_group = matches!(path.as_str(), "user" | "parameters" | "custom_fields" | "user.custom_fields");
            match value {
                Value::Object(inner) if is_group => self.members(&format!("{path}."), inner, seen)?,
                Value::Null if is_group => {}
                Value::Object(_) | Value::Array(_) => {
                    let is_list = value.is_array();
                    let found = if is_list { "a list" } else { "an object" };
                    macro_name(&path)?;
                    return Err(PersonError::new(
                        &path,
                        format!("expected a text, a number or a boolean, found {found}"),
                    ));
                }
                value => {
                    let macro_name = macro_name(&path)?;
                    if seen.contains(&macro_name) {
                        return Err(PersonError::new(&path, format!("`{macro_name}` is given twice")));
                    }
                    self.set(&path, &text_of(value))?;
                    seen.insert(macro_name);
                }
            }
        }
        Ok(())
    }
}

fn text_of(value: &Value) -> Cow<'_, str> {
    match value {
        Value::Null => Cow::Borrowed(""),
        Value::String(text) => Cow::Borrowed(text),
        other => Cow::Owned(other.to_string()),
    }
}

/// The full name of the macro that a name in a person's data stands for: `user.firstname` for `firstname`.
pub(super) fn macro_name(name: &str) -> Result<String, PersonError> {
    let own = name.trim();
    let strip = |text: &'_ str, prefix: &str| {
        let head = text.get(..prefix.len()).filter(|head| head.eq_ignore_ascii_case(prefix));
        head.and_then(|_| text.get(prefix.len()..)).map(str::to_owned)
    };
    if let Some(parameter) = strip(own, PARAMETER).filter(|parameter| is_name(parameter)) {
        return Ok(format!("{PARAMETER}{parameter}"));
    }
    let field = strip(own, USER).unwrap_or_else(|| own.to_owned());
    if let Some(custom) = strip(&field, CUSTOM).filter(|custom| is_name(custom)) {
        return Ok(format!("{USER}{CUSTOM}{custom}"));
    }
    if let Some(known) = FIELDS.iter().find(|known| known.eq_ignore_ascii_case(&field)) {
        return Ok(format!("{USER}{known}"));
    }
    let hint = match meant(own) {
        Some(near) => format!("did you mean `{}`?", near.strip_prefix(USER).unwrap_or(&near)),
        None => "the names are those of the macros, such as `firstname`, `custom_fields.badge`, `parameters.title`"
            .to_owned(),
    };
    let error = PersonError::new(&super::parser::short(own), "no macro has this name");
    Err(PersonError { hint: Some(hint), ..error })
}

/// The reason why data does not describe a person. It has the name at fault, but no values.
///
/// ```
/// use scim_engine::onelogin::Person;
/// let error = Person::new().with("frist_name", "Mara").unwrap_err();
/// assert_eq!((error.name(), error.message()), ("frist_name", "no macro has this name"));
/// assert_eq!(error.hint(), Some("did you mean `firstname`?"));
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonError {
    name: String,
    message: String,
    hint: Option<String>,
}

impl PersonError {
    pub(super) fn new(name: &str, message: impl Into<String>) -> Self {
        Self { name: name.to_owned(), message: message.into(), hint: None }
    }

    /// The name at fault; empty if the data as a whole is at fault.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The message, without the name and the hint.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The correction, if the name is wrong.
    pub fn hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The text of the error: a single line, with the name and the hint.
    pub fn render(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for PersonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.name.is_empty() {
            write!(f, "`{}`: ", self.name)?;
        }
        f.write_str(&self.message)?;
        self.hint.as_ref().map_or(Ok(()), |hint| write!(f, "; {hint}"))
    }
}

impl std::error::Error for PersonError {}
