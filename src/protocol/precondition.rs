//! `If-Match` and `If-None-Match` (RFC 9110 §13, RFC 7644 §3.14).

use super::media::shortened;
use crate::error::ScimError;

/// The conditions that a request places on the version of a resource.
///
/// All tags are compared weakly: `W/` is ignored. By RFC 9110 §13.1.1, `If-Match` compares strongly, so that a weak tag
/// never matches. But the tags of SCIM are weak, and RFC 7644 §3.14 sends them in `If-Match: W/"…"`.
///
/// ```
/// use scim_engine::protocol::Preconditions;
/// let asked = Preconditions::new(Some(r#"W/"7", W/"8""#), None)?;
/// assert!(asked.check(Some(r#"W/"8""#)).is_ok());
/// assert_eq!(asked.check(Some(r#"W/"9""#)).unwrap_err().status(), 412);
/// assert!(asked.check(None).is_err());
///
/// let asked = Preconditions::new(None, Some(r#"W/"8""#))?;
/// assert!(asked.is_not_modified(r#"W/"8""#));
/// # Ok::<(), scim_engine::ScimError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Preconditions {
    if_match: Option<Tags>,
    if_none_match: Option<Tags>,
}

/// The tags of a header, without quotes and `W/`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Tags {
    Any,
    Of(Vec<String>),
}

impl Preconditions {
    /// Reads the headers. Join several lines of one header by commas first.
    ///
    /// # Errors
    /// A [`ScimError`] of status 400 if a header is malformed.
    pub fn new(if_match: Option<&str>, if_none_match: Option<&str>) -> Result<Self, ScimError> {
        let read = |name: &str, header: Option<&str>| header.map(|header| Tags::parse(name, header)).transpose();
        Ok(Self { if_match: read("If-Match", if_match)?, if_none_match: read("If-None-Match", if_none_match)? })
    }

    /// Whether the request has no conditions.
    pub fn is_empty(&self) -> bool {
        self.if_match.is_none() && self.if_none_match.is_none()
    }

    /// Checks that a write may proceed on the resource with this version; `None` means that the resource does not
    /// exist. If the host reads the resource again, because another write came first, it must check again.
    ///
    /// # Errors
    /// A [`ScimError`] of status 412 if the conditions do not hold.
    pub fn check(&self, version: Option<&str>) -> Result<(), ScimError> {
        let matches = |tags: &Tags| version.is_some_and(|version| tags.hold(version));
        if self.if_match.as_ref().is_some_and(|tags| !matches(tags)) {
            let message = match version {
                Some(version) => format!("`If-Match` does not hold: the version is `{version}`"),
                None => "`If-Match` does not hold: there is no such resource".to_owned(),
            };
            return Err(ScimError::with_status(412, message));
        }
        if self.if_none_match.as_ref().is_some_and(matches) {
            let message = "`If-None-Match` does not hold: there is a resource of such a version";
            return Err(ScimError::with_status(412, message));
        }
        Ok(())
    }

    /// Whether the client of a GET already has this version. The answer is then 304 without a body.
    pub fn is_not_modified(&self, version: &str) -> bool {
        self.if_none_match.as_ref().is_some_and(|tags| tags.hold(version))
    }
}

impl Tags {
    fn parse(name: &str, header: &str) -> Result<Self, ScimError> {
        let malformed = |rest: &str| {
            let message = format!(
                "`{name}` is malformed at `{}`: expected `*` or tags such as `W/\"1\"` with commas between them",
                shortened(rest)
            );
            ScimError::with_status(400, message)
        };
        let blanks = [' ', '\t'];
        let mut rest = header.trim_matches(blanks);
        if rest == "*" {
            return Ok(Self::Any);
        }
        let mut tags = Vec::new();
        loop {
            // Empty elements of a list are skipped (RFC 9110 §5.6.1.2).
            rest = rest.trim_start_matches([' ', '\t', ',']);
            if rest.is_empty() {
                break;
            }
            let quoted = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"');
            let (tag, after) = quoted.and_then(|text| text.split_once('"')).ok_or_else(|| malformed(rest))?;
            let after = after.trim_start_matches(blanks);
            // The characters that RFC 9110 §8.8.3 allows in a tag (`etagc`).
            let is_tag = tag.chars().all(|c| c > ' ' && c != '\u{7f}');
            if !is_tag || !(after.is_empty() || after.starts_with(',')) {
                return Err(malformed(rest));
            }
            tags.push(tag.to_owned());
            rest = after;
        }
        if tags.is_empty() { Err(malformed(rest)) } else { Ok(Self::Of(tags)) }
    }

    fn hold(&self, version: &str) -> bool {
        let opaque = version.strip_prefix("W/").unwrap_or(version);
        let opaque = opaque.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap_or(opaque);
        match self {
            Self::Any => true,
            Self::Of(tags) => tags.iter().any(|tag| tag == opaque),
        }
    }
}
