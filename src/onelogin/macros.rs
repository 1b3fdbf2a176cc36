//! The macros of OneLogin's template: `{$user.FIELD}`, `{$user.custom_fields.NAME}`, `{$parameters.NAME}`.

use std::fmt;

use crate::suggest::nearest;
use crate::syntax::Span;

/// The fields of `{$user.…}` that OneLogin documents, without `custom_fields`.
pub(super) const FIELDS: &[&str] = &[
    "firstname",
    "lastname",
    "display_name",
    "email",
    "username",
    "active",
    "status",
    "phone",
    "city",
    "state",
    "country",
    "department",
    "company",
    "id",
    "manager_firstname",
    "manager_lastname",
];

/// The parameters that every SCIM app of OneLogin starts with; an administrator can add others.
const PARAMETERS: &[&str] = &["scimusername", "title", "department", "external_manager_id"];

pub(super) const CUSTOM: &str = "custom_fields.";
pub(super) const USER: &str = "user.";
pub(super) const PARAMETER: &str = "parameters.";

/// A macro of a template, as the administrator wrote it.
///
/// ```
/// use scim_engine::onelogin::Template;
/// let template = Template::parse(r#"{"name": {"givenName": "{$user.fristname}"}}"#)?;
/// let first = template.macros().next().unwrap();
/// assert_eq!((first.to_string().as_str(), first.is_known()), ("{$user.fristname}", false));
/// assert_eq!(first.suggestion().as_deref(), Some("{$user.firstname}"));
/// # Ok::<(), scim_engine::onelogin::TemplateError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Macro {
    /// The text between `{$` and `}`.
    pub(super) name: String,
    pub(super) span: Span,
}

impl Macro {
    /// The text between `{$` and `}`: `user.firstname`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The place in the template, in bytes.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Whether OneLogin documents the macro. Administrators choose the names of custom fields and parameters, so every
    /// valid name after `user.custom_fields.` or `parameters.` counts as documented.
    pub fn is_known(&self) -> bool {
        is_known(&self.name)
    }

    /// The macro that was probably meant: `{$user.email}` for `{$user.emial}`. None if this macro is known or resembles no
    /// known one.
    pub fn suggestion(&self) -> Option<String> {
        if self.is_known() {
            return None;
        }
        meant(&self.name).map(|name| format!("{{${name}}}"))
    }
}

impl fmt::Display for Macro {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{${}}}", self.name)
    }
}

pub(super) fn is_known(name: &str) -> bool {
    if let Some(parameter) = name.strip_prefix(PARAMETER) {
        return is_name(parameter);
    }
    name.strip_prefix(USER)
        .is_some_and(|field| FIELDS.contains(&field) || field.strip_prefix(CUSTOM).is_some_and(is_name))
}

/// Whether a macro is one of OneLogin's documented fields, such as `user.email`, and not a custom field or a parameter.
pub(super) fn is_field(name: &str) -> bool {
    name.strip_prefix(USER).is_some_and(|field| FIELDS.contains(&field))
}

/// Whether a text can be the name of a custom field or parameter.
pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':'))
}

/// The known name that is nearest to an unknown one, such as `user.firstname` for `usr.fristname` or `firstname`.
pub(super) fn meant(name: &str) -> Option<String> {
    let name = name.trim();
    let trimmed: String = name.chars().filter(|c| !c.is_whitespace()).collect();
    if is_known(&trimmed) {
        return Some(trimmed);
    }
    let lower = trimmed.to_ascii_lowercase();
    let (namespace, field) = match lower.split_once('.') {
        None | Some(("custom_fields" | "custom_field", _)) => ("user", lower.as_str()),
        Some((namespace, field)) => (nearest(namespace, ["user", "parameters"].into_iter())?, field),
    };
    // `own` is the field in the case in which it was written: administrators choose the names of custom fields and
    // parameters, case included.
    let own = trimmed.get(trimmed.len().saturating_sub(field.len())..).unwrap_or_default();
    if namespace == "parameters" {
        let known = nearest(field, PARAMETERS.iter().copied()).filter(|known| known.eq_ignore_ascii_case(field));
        return is_name(own).then(|| format!("{PARAMETER}{}", known.unwrap_or(own)));
    }
    if let Some((group, custom)) = own.split_once('.') {
        nearest(group, std::iter::once("custom_fields"))?;
        return is_name(custom).then(|| format!("{USER}{CUSTOM}{custom}"));
    }
    if let Some(found) = nearest(field, FIELDS.iter().copied()) {
        return Some(format!("{USER}{found}"));
    }
    nearest(field, PARAMETERS.iter().copied()).map(|found| format!("{PARAMETER}{found}"))
}

/// A macro in a text, or the start of a macro that is not closed: `{$user.email` without `}`.
pub(super) enum MacroMatch {
    Closed(Macro),
    Unclosed(Span),
}

/// Finds the macros in `text`, a piece of the template that begins at byte `base`.
pub(super) fn scan(text: &str, base: usize) -> Vec<MacroMatch> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(start) = text.get(from..).and_then(|rest| rest.find("{$")).map(|at| from + at) {
        let inner = text.get(start + 2..).unwrap_or_default();
        let end = inner.find(|c: char| matches!(c, '}' | '{' | '"' | '\\') || c.is_control());
        match end.filter(|end| inner.get(*end..).is_some_and(|rest| rest.starts_with('}'))) {
            Some(end) => {
                let span = Span::new(base + start, base + start + 2 + end + 1);
                found.push(MacroMatch::Closed(Macro { name: inner.get(..end).unwrap_or_default().to_owned(), span }));
                from = start + 2 + end + 1;
            }
            None => {
                let end = end.unwrap_or(inner.len());
                found.push(MacroMatch::Unclosed(Span::new(base + start, base + start + 2 + end)));
                from = start + 2 + end;
            }
        }
    }
    found
}

/// The known macro that is meant by an unclosed macro at the start of a text, such as `{$user.email`, and the number of
/// bytes that the unclosed macro takes.
pub(super) fn unclosed(text: &str) -> Option<(String, usize)> {
    let inner = text.strip_prefix("{$")?;
    let name = name_at(inner);
    let meant = meant(name)?;
    Some((meant, 2 + name.len()))
}

/// The macro that is meant by a text such as `{user.email}`, `${user.email}`, `{ $user.email }` or `$user.email`, and the
/// number of bytes of the text that belong to it.
pub(super) fn misspelt(text: &str) -> Option<(String, usize)> {
    let is_meant = |name: &str| ["user.", "parameters."].iter().any(|start| name.starts_with(start)) && is_known(name);
    let Some(inner) = text.strip_prefix("${").or_else(|| text.strip_prefix('{')) else {
        // A dot or hyphen at the end may be punctuation, as in `Write to $user.email.`
        let name = name_at(text.strip_prefix('$')?).trim_end_matches(['.', '-']);
        return is_meant(name).then(|| (name.to_owned(), name.len() + 1));
    };
    let inner = inner.trim_start();
    let inner = inner.strip_prefix('$').unwrap_or(inner).trim_start();
    let name = name_at(inner);
    let rest = inner.get(name.len()..)?.trim_start().strip_prefix('}')?;
    is_meant(name).then(|| (name.to_owned(), text.len() - rest.len()))
}

/// The longest start of a text that has only letters, digits, `_`, `-` and `.`.
fn name_at(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.')).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_meant() {
        for (wrong, right) in [
            ("user.fristname", Some("user.firstname")),
            ("User.Email", Some("user.email")),
            (" user.email ", Some("user.email")),
            ("usr.email", Some("user.email")),
            ("firstname", Some("user.firstname")),
            ("scimusername", Some("parameters.scimusername")),
            ("user.title", Some("parameters.title")),
            ("parameter.Badge", Some("parameters.Badge")),
            ("user.custom_field.Badge", Some("user.custom_fields.Badge")),
            ("custom_fields.Badge", Some("user.custom_fields.Badge")),
            ("user.shoe_size_in_inches", None),
            ("account.email", None),
            ("", None),
        ] {
            assert_eq!(meant(wrong).as_deref(), right, "{wrong}");
            assert!(right.is_none_or(is_known));
        }
    }

    #[test]
    fn macros_side_by_side() {
        let names = |text: &str| -> Vec<String> {
            let name = |found| match found {
                MacroMatch::Closed(found) => found.name,
                MacroMatch::Unclosed(span) => format!("{span:?}"),
            };
            scan(text, 10).into_iter().map(name).collect()
        };
        assert_eq!(names("{$user.a}{$user.b} x {$c}"), ["user.a", "user.b", "c"]);
        assert_eq!(names("{$user.a {$b}"), ["Span { start: 10, end: 19 }", "b"]);
        assert_eq!(names("a {$"), ["Span { start: 12, end: 14 }"]);
        assert!(names("{user.a} $b").is_empty());
    }
}
