//! PATCH paths: `attr`, `attr.sub`, `attr[filter]`, `attr[filter].sub` (P3).

use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use super::ast::{AttrPath, Expr};
use super::error::ParseError;
use super::expected::Expected;
use super::parser;
use super::span::Span;
use super::valid::{check_sub_attribute, valid};
use crate::options::Options;

/// The path of a PATCH operation (`PATH` of RFC 7644 §3.5.2), as it was written. Paths are equal, and hash alike, if their
/// canonical texts are equal. As in a filter, names are compared in the case in which they are written.
///
/// ```
/// let path: scim_engine::PatchPath = r#"emails[type eq "work"].value"#.parse()?;
/// assert_eq!(path.attr().name(), "emails");
/// assert_eq!(path.sub_attribute(), Some("value"));
/// # Ok::<(), scim_engine::ParseError>(())
/// ```
#[derive(Debug, Clone)]
pub struct PatchPath {
    text: Box<str>,
    attr: AttrPath<'static>,
    value_filter: Option<Box<Expr<'static>>>,
    sub: Option<Box<str>>,
    has_loose_blanks: bool,
}

impl PatchPath {
    /// Parses a path with the default [`Options`].
    ///
    /// ```
    /// let path = scim_engine::PatchPath::parse("name.givenName")?;
    /// assert_eq!((path.attr().name(), path.sub_attribute()), ("name", Some("givenName")));
    /// # Ok::<(), scim_engine::ParseError>(())
    /// ```
    ///
    /// # Errors
    /// [`ParseError`], with the place of the fault and what was expected there.
    pub fn parse(text: &str) -> Result<Self, ParseError> {
        Self::parse_with(text, &Options::default())
    }

    /// Makes a path of an attribute, the filter in brackets after it, and the sub-attribute after those, within the default
    /// limits. Without a filter, `sub_attribute` follows the attribute. The text is the canonical one.
    ///
    /// ```
    /// use scim_engine::syntax::AttrPath;
    /// use scim_engine::{Expr, PatchPath};
    /// let work = Expr::parse(r#"type eq "work""#)?;
    /// let path = PatchPath::from_parts(AttrPath::parse("emails")?, Some(work), Some("value"))?;
    /// assert_eq!(path.as_str(), r#"emails[type eq "work"].value"#);
    /// assert!(PatchPath::from_parts(AttrPath::parse("emails")?, None, Some("value, title")).is_err());
    /// # Ok::<(), scim_engine::ParseError>(())
    /// ```
    ///
    /// # Errors
    /// [`ParseError`] if no path has these parts: a sub-attribute that is not a name, one after an attribute that has a
    /// sub-attribute or is a whole extension, and a tree that is not valid in brackets
    /// ([`Filter::from_expr`](super::Filter::from_expr)).
    pub fn from_parts(
        attr: AttrPath<'_>,
        value_filter: Option<Expr<'_>>,
        sub_attribute: Option<&str>,
    ) -> Result<Self, ParseError> {
        let value_filter = value_filter.map(valid).transpose()?;
        let Some(sub) = sub_attribute else { return Self::printed(attr, value_filter, None) };
        check_sub_attribute(sub)?;
        if value_filter.is_some() {
            return Self::printed(attr, value_filter, Some(sub));
        }
        let text = format!("{attr}.{sub}");
        if attr.sub_attribute().is_some() || attr.name().is_empty() {
            let at = Span::new(attr.as_str().len() + 1, text.len());
            return Err(ParseError::new(&text, at, Expected::EndOfPath, true));
        }
        Self::parse(&text)
    }

    /// Parses the canonical text of the parts, and refuses parts whose text means others.
    fn printed(attr: AttrPath<'_>, filter: Option<Expr<'_>>, sub: Option<&str>) -> Result<Self, ParseError> {
        let mut text = attr.to_string();
        if let Some(filter) = &filter {
            text = format!("{text}[{filter}]");
        }
        if let Some(sub) = sub {
            text = format!("{text}.{sub}");
        }
        let path = Self::parse(&text)?;
        let is_same = path.attr == attr && path.value_filter() == filter.as_ref() && path.sub.as_deref() == sub;
        debug_assert!(is_same, "the canonical text {text:?} has another meaning");
        if is_same {
            return Ok(path);
        }
        Err(ParseError::new(&text, Span::new(0, text.len()), Expected::Path, true))
    }

    /// Parses a path with options, of which the limits and the switches `bare_words`, `literal_case` and `loose_blanks` matter
    /// here.
    ///
    /// # Errors
    /// [`ParseError`], with the place of the fault and what was expected there.
    pub fn parse_with(text: &str, options: &Options) -> Result<Self, ParseError> {
        let (attr, filter, sub, has_loose_blanks) = parser::path(text, options)?;
        Ok(Self {
            text: text.into(),
            attr: attr.into_owned(),
            value_filter: filter.map(|filter| Box::new(filter.into_owned())),
            sub: sub.map(|(name, _)| name.into()),
            has_loose_blanks,
        })
    }

    /// The attribute before the brackets.
    pub fn attr(&self) -> &AttrPath<'static> {
        &self.attr
    }

    /// The filter in the brackets.
    pub fn value_filter(&self) -> Option<&Expr<'static>> {
        self.value_filter.as_deref()
    }

    /// The sub-attribute after the brackets or, if there are none, after the attribute.
    pub fn sub_attribute(&self) -> Option<&str> {
        self.sub.as_deref().or_else(|| self.attr.sub_attribute())
    }

    /// The text of the path, as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The sub-attribute after the brackets; `None` for a path without brackets, such as `name.givenName`.
    pub(crate) fn sub_after_brackets(&self) -> Option<&str> {
        self.sub.as_deref()
    }

    /// Whether the text has blanks that only the switch `loose_blanks` allows.
    pub(crate) fn has_loose_blanks(&self) -> bool {
        self.has_loose_blanks
    }
}

impl FromStr for PatchPath {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
    }
}

/// As [`PatchPath::parse`].
impl TryFrom<&str> for PatchPath {
    type Error = ParseError;

    fn try_from(text: &str) -> Result<Self, ParseError> {
        Self::parse(text)
    }
}

/// The path of an attribute, without brackets.
impl From<AttrPath<'_>> for PatchPath {
    fn from(attr: AttrPath<'_>) -> Self {
        let mut attr = attr.into_owned();
        attr.span = Span::new(0, attr.as_str().len());
        Self { text: attr.as_str().into(), attr, value_filter: None, sub: None, has_loose_blanks: false }
    }
}

impl fmt::Display for PatchPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.attr.fmt(f)?;
        if let Some(filter) = &self.value_filter {
            write!(f, "[{filter}]")?;
        }
        self.sub.as_ref().map_or(Ok(()), |sub| write!(f, ".{sub}"))
    }
}

impl PartialEq for PatchPath {
    fn eq(&self, other: &Self) -> bool {
        self.attr == other.attr && self.value_filter == other.value_filter && self.sub == other.sub
    }
}

impl Eq for PatchPath {}

impl Hash for PatchPath {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.attr, &self.value_filter, &self.sub).hash(state);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn errors_have_the_word_for_a_path() {
        let word = |text| PatchPath::parse(text).unwrap_err().scim_type();
        assert_eq!(word("emails["), Some(crate::ScimType::InvalidPath));
        assert_eq!(word("emails[type eq]"), Some(crate::ScimType::InvalidFilter));
    }

    #[test]
    fn every_part_counts_in_a_comparison() {
        let path = |text| PatchPath::parse(text).unwrap();
        let emails = path("emails[type eq \"work\"].value");
        assert_eq!(emails, path(" emails[ type  EQ \"work\" ].value "));
        for other in ["ims[type eq \"work\"].value", "emails[type eq \"home\"].value", "emails[type eq \"work\"]"] {
            assert_ne!(emails, path(other));
        }
    }
}
