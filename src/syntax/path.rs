//! PATCH paths: `attr`, `attr.sub`, `attr[filter]`, `attr[filter].sub` (P3).

use std::fmt;
use std::str::FromStr;

use super::ast::{AttrPath, Expr};
use super::error::ParseError;
use super::parser;
use crate::options::Options;

/// The path of a PATCH operation (`PATH` of RFC 7644 §3.5.2), as it was written.
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
}

impl PatchPath {
    /// Parses a path with options, of which the limits and the switches `bare_words`, `literal_case` and `loose_blanks` matter
    /// here.
    ///
    /// # Errors
    /// [`ParseError`], with the place of the fault and what was expected there.
    pub fn parse_with(text: &str, options: &Options) -> Result<Self, ParseError> {
        let (attr, filter, sub) = parser::path(text, options)?;
        Ok(Self {
            text: text.into(),
            attr: attr.into_owned(),
            value_filter: filter.map(|filter| Box::new(filter.into_owned())),
            sub: sub.map(|(name, _)| name.into()),
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
}

impl FromStr for PatchPath {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse_with(text, &Options::default())
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
