//! Reads groups from JSON and CSV.

use std::fmt;

use serde_json::Value;

use super::plan::Group;
use crate::coerce::members::member;
use crate::json::{self, without_mark};

impl Group {
    /// Reads groups from JSON: a list of objects with a `displayName` and `members`, a list of the `userName`s of people.
    ///
    /// ```
    /// use scim_engine::client::Group;
    /// let groups = Group::from_json(br#"[
    ///     {"displayName": "Harbour Crew", "members": ["mara.quill@lumen.example"]},
    ///     {"displayName": "Night Watch"}
    /// ]"#)?;
    /// assert_eq!(groups[0].members, ["mara.quill@lumen.example"]);
    /// # Ok::<(), scim_engine::client::GroupsError>(())
    /// ```
    ///
    /// # Errors
    /// [`GroupsError`], with the place of the group at fault in the list, counted from 1.
    pub fn from_json(text: &[u8]) -> Result<Vec<Self>, GroupsError> {
        let value = json::from_slice(text).map_err(|error| GroupsError(format!("invalid JSON: {error}")))?;
        let Value::Array(groups) = value else {
            return Err(GroupsError(
                "expected a list of groups, such as `[{\"displayName\": \"Crew\", \"members\": [\"mara\"]}]`"
                    .to_owned(),
            ));
        };
        groups.iter().enumerate().map(|(index, group)| Self::from_value(index + 1, group)).collect()
    }

    fn from_value(place: usize, group: &Value) -> Result<Self, GroupsError> {
        let fault = |message: &str| GroupsError(format!("group {place}: {message}"));
        let object = group.as_object().ok_or_else(|| fault("expected an object with `displayName` and `members`"))?;
        if let Some(name) =
            object.keys().find(|name| !["displayname", "members"].contains(&&*name.to_ascii_lowercase()))
        {
            return Err(fault(&format!("`{name}` is not known: there are `displayName` and `members`")));
        }
        let name = member(object, "displayName").and_then(Value::as_str).filter(|name| !name.trim().is_empty());
        let name = name.ok_or_else(|| fault("`displayName` must be a text"))?;
        let members = match member(object, "members") {
            None | Some(Value::Null) => &[],
            Some(Value::Array(members)) => members.as_slice(),
            Some(_) => return Err(fault("`members` must be a list of `userName`s")),
        };
        let user_name = |member: &Value| {
            let name = member.as_str().filter(|name| !name.trim().is_empty());
            name.map(str::to_owned).ok_or_else(|| fault(&format!("`{member}` in `members` is not a `userName`")))
        };
        Ok(Self::new(name, members.iter().map(user_name).collect::<Result<Vec<_>, _>>()?))
    }

    /// Reads groups from CSV: a header `displayName,userName`, then one row for each member. The rows of a group need not be
    /// together. A row without a `userName` adds the group, but no member.
    ///
    /// ```
    /// use scim_engine::client::Group;
    /// let groups = Group::from_csv(b"displayName,userName\nHarbour Crew,mara\nNight Watch,\nHarbour Crew,kai\n")?;
    /// assert_eq!(groups.len(), 2);
    /// assert_eq!(groups[0].members, ["mara", "kai"]);
    /// # Ok::<(), scim_engine::client::GroupsError>(())
    /// ```
    ///
    /// # Errors
    /// [`GroupsError`], with the line of the fault.
    pub fn from_csv(text: &[u8]) -> Result<Vec<Self>, GroupsError> {
        let unreadable = |error: &csv::Error| {
            let place = error.position().map(|at| format!("line {}: ", at.line())).unwrap_or_default();
            GroupsError(format!("{place}expected CSV in UTF-8 with the same number of columns in each row"))
        };
        let text = without_mark(text);
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text);
        let headers = reader.headers().map_err(|error| unreadable(&error))?.clone();
        let column = |name: &str| {
            let place = headers.iter().position(|header| header.eq_ignore_ascii_case(name));
            place.ok_or_else(|| GroupsError(format!("line 1: no column `{name}`: expected `displayName,userName`")))
        };
        let (group, member) = (column("displayName")?, column("userName")?);
        let mut groups: Vec<Self> = Vec::new();
        let mut places = std::collections::HashMap::new();
        for row in reader.records() {
            let row = row.map_err(|error| unreadable(&error))?;
            let (name, user_name) = (row.get(group).unwrap_or_default(), row.get(member).unwrap_or_default());
            if name.is_empty() {
                let line = row.position().map_or(1, csv::Position::line);
                return Err(GroupsError(format!("line {line}: no `displayName`")));
            }
            let place = *places.entry(name.to_owned()).or_insert_with(|| {
                groups.push(Self::new(name, Vec::<String>::new()));
                groups.len() - 1
            });
            if let Some(group) = groups.get_mut(place).filter(|_| !user_name.is_empty()) {
                group.members.push(user_name.to_owned());
            }
        }
        Ok(groups)
    }

    /// Reads groups from a text, which counts as JSON if it begins with a bracket or a brace, and otherwise as CSV.
    ///
    /// # Errors
    /// The same as for [`Group::from_json`] and [`Group::from_csv`].
    pub fn read_all(text: &[u8]) -> Result<Vec<Self>, GroupsError> {
        let text = without_mark(text);
        match text.trim_ascii_start() {
            [b'[' | b'{', ..] => Self::from_json(text),
            _ => Self::from_csv(text),
        }
    }
}

/// The reason why a file with groups cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GroupsError(String);

impl GroupsError {
    /// The message, with the place of the fault.
    pub fn message(&self) -> &str {
        &self.0
    }

    /// The text of the error: its message.
    pub fn render(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for GroupsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for GroupsError {}
