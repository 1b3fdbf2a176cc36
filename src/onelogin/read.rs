//! Reads people from CSV and JSON.

use std::collections::HashSet;
use std::fmt;

use serde_json::Value;

use super::person::{Person, macro_name};
use crate::json::{self, BOM, without_mark};
use crate::words::words;

/// The format of a file with people.
///
/// ```
/// use scim_engine::onelogin::PeopleFormat;
/// assert_eq!("csv".parse(), Ok(PeopleFormat::Csv));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PeopleFormat {
    /// A line of names, then one row for each person. Columns are separated by commas, semicolons or tabs, and quoted as in
    /// RFC 4180.
    Csv,
    /// An array of objects, or objects one after the other (NDJSON).
    Json,
}

words! {
    PeopleFormat {
        "csv" => Csv,
        "json" => Json,
    }
}

impl PeopleFormat {
    /// The most likely format of a text: JSON if it begins with a bracket or a brace.
    pub fn guess(bytes: &[u8]) -> Self {
        match without_mark(bytes).trim_ascii_start() {
            [b'[' | b'{', ..] => Self::Json,
            _ => Self::Csv,
        }
    }
}

impl Person {
    /// Reads people from CSV or JSON. The names of the columns or members are those of the macros; see [`Person::set`] and
    /// [`Person::from_value`]. A byte order mark is ignored, and so are CSV rows whose cells are all blank.
    ///
    /// ```
    /// use scim_engine::onelogin::{PeopleFormat, Person};
    /// let people = Person::read_all(b"firstname,lastname,parameters.title\nMara,Quill,Guide\n", PeopleFormat::Csv)?;
    /// assert_eq!(people[0].get("parameters.title").as_deref(), Some("Guide"));
    /// let error = Person::read_all(b"firstname,lastnam\nMara,Quill\n", PeopleFormat::Csv).unwrap_err();
    /// assert_eq!(error.to_string(), "line 1: `lastnam`: no macro has this name; did you mean `lastname`?");
    /// # Ok::<(), scim_engine::onelogin::PeopleError>(())
    /// ```
    ///
    /// # Errors
    /// [`PeopleError`], with the line of the fault.
    pub fn read_all(bytes: &[u8], format: PeopleFormat) -> Result<Vec<Self>, PeopleError> {
        let bytes = without_mark(bytes);
        // Without this check, the CSV and JSON readers would silently skip a second mark.
        if bytes.starts_with(BOM) {
            return Err(PeopleError::new(1, "a second byte order mark stands before the text"));
        }
        match format {
            PeopleFormat::Csv => from_csv(bytes),
            PeopleFormat::Json => from_json(bytes),
        }
    }
}

/// The reason why people cannot be read, with the line of the fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeopleError {
    line: usize,
    message: String,
}

impl PeopleError {
    fn new(line: usize, message: impl ToString) -> Self {
        Self { line, message: message.to_string() }
    }

    /// The line of the fault, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The message, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The text of the error: a single line, with the place.
    pub fn render(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for PeopleError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.message)
    }
}

impl std::error::Error for PeopleError {}

fn line_at(bytes: &[u8], at: usize) -> usize {
    bytes.get(..at).unwrap_or(bytes).split(|byte| *byte == b'\n').count()
}

fn from_csv(bytes: &[u8]) -> Result<Vec<Person>, PeopleError> {
    if let Err(error) = std::str::from_utf8(bytes) {
        return Err(PeopleError::new(line_at(bytes, error.valid_up_to()), "this is not UTF-8 text"));
    }
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter(bytes)).from_reader(bytes);
    let headers = reader.headers().map_err(|error| of_csv(&error))?.clone();
    let line = headers.position().map_or(1, line_of);
    let mut seen = HashSet::new();
    let mut names = Vec::new();
    for header in &headers {
        if header.trim().is_empty() {
            return Err(PeopleError::new(line, format!("column {} has no name", names.len() + 1)));
        }
        let name = macro_name(header).map_err(|error| PeopleError::new(line, error))?;
        if !seen.insert(name.clone()) {
            return Err(PeopleError::new(line, format!("the column `{}` is given twice", header.trim())));
        }
        names.push(name);
    }
    if names.is_empty() {
        return Err(PeopleError::new(1, "there is nothing in it: expected a line of names, such as `firstname,email`"));
    }
    let mut people = Vec::new();
    for row in reader.records() {
        let row = row.map_err(|error| of_csv(&error))?;
        if row.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let mut person = Person::new();
        for (name, value) in names.iter().zip(&row) {
            person.set(name, value).map_err(|error| PeopleError::new(row.position().map_or(1, line_of), error))?;
        }
        people.push(person);
    }
    Ok(people)
}

/// The delimiter that is most frequent in the line of names. Names contain no delimiter, but values may: `Quill, Mara`.
fn delimiter(bytes: &[u8]) -> u8 {
    let line = bytes.split(|byte| *byte == b'\n').find(|line| !line.trim_ascii().is_empty()).unwrap_or_default();
    let count = |delimiter: u8| line.split(|byte| *byte == delimiter).count();
    [b'\t', b';', b','].into_iter().max_by_key(|delimiter| count(*delimiter)).unwrap_or(b',')
}

fn line_of(position: &csv::Position) -> usize {
    usize::try_from(position.line()).unwrap_or(usize::MAX)
}

fn of_csv(error: &csv::Error) -> PeopleError {
    let line = error.position().map_or(1, line_of);
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            let message = format!("expected {expected_len} columns as in the line of names, found {len}");
            PeopleError::new(line, message)
        }
        _ => PeopleError::new(line, "invalid CSV"),
    }
}

fn from_json(bytes: &[u8]) -> Result<Vec<Person>, PeopleError> {
    // The text is NDJSON if its first line is a whole JSON object and more lines follow.
    let start = bytes.len() - bytes.trim_ascii_start().len();
    let rest = bytes.get(start..).unwrap_or_default();
    let first = rest.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let has_more = rest.get(first.len()..).is_some_and(|rest| !rest.trim_ascii().is_empty());
    if has_more && json::from_slice(first).is_ok_and(|value| value.is_object()) {
        let lines = bytes.split(|byte| *byte == b'\n').enumerate();
        let lines = lines.filter(|(_, line)| !line.trim_ascii().is_empty());
        return lines.map(|(index, line)| one(&value(line, index)?, index + 1)).collect();
    }
    match value(bytes, 0)? {
        Value::Array(people) => {
            let lines = element_lines(bytes);
            let line = |index: usize| lines.get(index).copied().unwrap_or(1);
            people.iter().enumerate().map(|(index, person)| one(person, line(index))).collect()
        }
        person => Ok(vec![one(&person, line_at(bytes, start))?]),
    }
}

fn one(value: &Value, line: usize) -> Result<Person, PeopleError> {
    Person::from_value(value).map_err(|error| PeopleError::new(line, error))
}

/// Parses JSON that begins after `lines_before` lines of the file, so that an error names the line in the file.
fn value(bytes: &[u8], lines_before: usize) -> Result<Value, PeopleError> {
    if bytes.trim_ascii().is_empty() {
        return Err(PeopleError::new(1, "there is nothing in it"));
    }
    json::from_slice(bytes)
        .map_err(|error| PeopleError::new(lines_before + error.line(), format!("invalid JSON: {}", error.reason())))
}

/// The lines on which the elements of the outermost list begin. The text must be valid JSON: the scan checks nothing.
fn element_lines(bytes: &[u8]) -> Vec<usize> {
    let (mut lines, mut line, mut depth) = (Vec::new(), 1, 0_usize);
    let (mut in_string, mut is_escaped, mut is_due) = (false, false, false);
    for byte in bytes {
        if *byte == b'\n' {
            line += 1;
        }
        if in_string {
            in_string = is_escaped || *byte != b'"';
            is_escaped = *byte == b'\\' && !is_escaped;
            continue;
        }
        // After the opening bracket or a comma, the first byte that is not blank begins an element.
        if depth == 1 && is_due && !byte.is_ascii_whitespace() {
            lines.push(line);
            is_due = false;
        }
        match byte {
            b'"' => in_string = true,
            b'[' | b'{' => {
                is_due |= depth == 0;
                depth += 1;
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 1 => is_due = true,
            _ => {}
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn csv(text: &str) -> Result<Vec<Person>, String> {
        Person::read_all(text.as_bytes(), PeopleFormat::Csv).map_err(|error| error.to_string())
    }

    fn json(text: &str) -> Result<Vec<Person>, String> {
        assert_eq!(PeopleFormat::guess(text.as_bytes()), PeopleFormat::Json);
        Person::read_all(text.as_bytes(), PeopleFormat::Json).map_err(|error| error.to_string())
    }

    fn of(people: &[Person], index: usize, name: &str) -> Option<String> {
        people[index].get(name).map(std::borrow::Cow::into_owned)
    }

    #[test]
    fn csv_as_programs_write_it() {
        let text = "\u{feff}FirstName,user.lastname,custom_fields.Badge,parameters.title\r\n\
                    Mara,\"Quill, \"\"Q\"\"\",7,\"Guide\r\nof tours\"\r\n\r\n,,,\r\nBo,,,\r\n";
        let people = csv(text).unwrap();
        assert_eq!(people.len(), 2);
        assert_eq!(of(&people, 0, "user.lastname").unwrap(), "Quill, \"Q\"");
        assert_eq!(of(&people, 0, "user.custom_fields.Badge").unwrap(), "7");
        assert_eq!(of(&people, 0, "parameters.title").unwrap(), "Guide\r\nof tours");
        assert_eq!(of(&people, 1, "user.display_name").unwrap(), "Bo");
        for text in ["firstname;email\nMara;m@lumen.example\n", "firstname\temail\nMara\tm@lumen.example"] {
            assert_eq!(of(&csv(text).unwrap(), 0, "user.email").unwrap(), "m@lumen.example");
        }
        assert_eq!(csv("email\n").unwrap(), []);
    }

    #[test]
    fn csv_at_fault() {
        for (text, error) in [
            ("", "line 1: there is nothing in it: expected a line of names, such as `firstname,email`"),
            ("firstname,\nx,y\n", "line 1: column 2 has no name"),
            ("firstname,FIRSTNAME\nx,y\n", "line 1: the column `FIRSTNAME` is given twice"),
            ("firstname,email\n\"a\nb\",x\ny\n", "line 4: expected 2 columns as in the line of names, found 1"),
        ] {
            assert_eq!(csv(text).unwrap_err(), error);
        }
        let error = Person::read_all(b"firstname\nMara\n\xff\n", PeopleFormat::Csv).unwrap_err();
        assert_eq!(error.to_string(), "line 3: this is not UTF-8 text");
    }

    #[test]
    fn json_in_its_forms() {
        let one = r#"{"user": {"firstname": "Mara", "custom_fields": {"badge": 7}}, "parameters": {"vip": true}}"#;
        for text in [one.to_owned(), format!("[{one}]"), format!("{one}\n\n{one}\n"), format!(" [\n{one},\n{one}]")] {
            let people = json(&text).unwrap();
            assert_eq!(of(&people, 0, "user.custom_fields.badge").unwrap(), "7");
            assert_eq!(of(&people, people.len() - 1, "parameters.vip").unwrap(), "true");
        }
        let flat = json(r#"{"firstname": "Mara", "custom_fields.badge": null, "parameters.title": ""}"#).unwrap();
        assert_eq!(flat[0].iter().collect::<Vec<_>>(), [("user.firstname", "Mara")]);
    }

    #[test]
    fn json_at_fault() {
        for (text, error) in [
            ("{\"firstname\": \"a\"}\n{\"firstname\": }", "line 2: invalid JSON: expected a value"),
            (
                "[\n{\"firstname\": \"a\"},\n{\"fistname\": 1}]",
                "line 3: `fistname`: no macro has this name; did you mean `firstname`?",
            ),
            ("[1]", "line 1: expected an object with the values of a person's macros"),
            ("{\"email\": []}", "line 1: `email`: expected a text, a number or a boolean, found a list"),
            ("{\"email\": 1, \"user\": {\"email\": 2}}", "line 1: `user.email`: `user.email` is given twice"),
            ("{\"email\": 1,\n \"email\": 2}", "line 2: invalid JSON: the name `email` is given twice"),
        ] {
            assert_eq!(json(text).unwrap_err(), error);
        }
    }
}
