//! The media types of SCIM: chooses that of an answer, and checks that of a body (RFC 7644 §3.8, §8.1).

use std::cmp::Ordering;

use crate::error::ScimError;

/// The media type of SCIM.
pub const SCIM_JSON: &str = "application/scim+json";
/// The media type of JSON, which older clients and OneLogin use.
pub const JSON: &str = "application/json";

/// Chooses the media type of an answer, whether it succeeds or fails. The headers `Accept` and `Content-Type` of the
/// request decide. If neither header decides, the result is [`SCIM_JSON`], the default of RFC 7644 §3.8.
///
/// There are two candidates, [`SCIM_JSON`] and [`JSON`], and the one that `Accept` prefers is chosen. If `Accept`
/// prefers neither (`*/*`, `application/*`, both with the same `q`, or no such header), the `Content-Type` of the
/// request decides. If the `Content-Type` is neither candidate, the candidate that `Accept` names first is chosen. An
/// `Accept` that allows neither candidate is ignored, as RFC 9110 §12.5.1 permits: an answer that the client can
/// probably read is better than a 406.
///
/// ```
/// use scim_engine::protocol::media;
/// let onelogin = media::negotiate(Some("*/*"), Some("application/json"));
/// assert_eq!(onelogin, "application/json");
/// let entra = media::negotiate(Some("application/scim+json"), None);
/// assert_eq!(entra, "application/scim+json");
/// assert_eq!(media::negotiate(None, None), "application/scim+json");
/// ```
pub fn negotiate(accept: Option<&str>, content_type: Option<&str>) -> &'static str {
    negotiate_with(accept, content_type, SCIM_JSON)
}

/// Chooses as [`negotiate`] does, with another default. OneLogin expects `application/json` even where its request names
/// no type, such as in look-ups of users, so use that default if OneLogin is the only client, or if the token identifies
/// it.
///
/// ```
/// use scim_engine::protocol::media;
/// assert_eq!(media::negotiate_with(None, None, media::JSON), "application/json");
/// assert_eq!(media::negotiate_with(Some("application/scim+json"), None, media::JSON), "application/scim+json");
/// ```
pub fn negotiate_with(accept: Option<&str>, content_type: Option<&str>, default: &'static str) -> &'static str {
    let sent = content_type.and_then(|header| {
        let (name, _) = essence(header);
        [SCIM_JSON, JSON].into_iter().find(|known| name.eq_ignore_ascii_case(known))
    });
    let (scim, json) = (wish(accept, SCIM_JSON), wish(accept, JSON));
    match scim.quality.total_cmp(&json.quality) {
        Ordering::Greater => SCIM_JSON,
        Ordering::Less => JSON,
        Ordering::Equal => sent.unwrap_or(match (scim.named_at, json.named_at) {
            (Some(scim), Some(json)) if json < scim => JSON,
            (Some(_), _) => SCIM_JSON,
            (None, Some(_)) => JSON,
            (None, None) => default,
        }),
    }
}

/// Checks that a body of this `Content-Type` can be read as JSON in UTF-8: it is `application/scim+json`,
/// `application/json` or absent. Absence is allowed because many clients forget the header, and a body that is not JSON is
/// refused anyway.
///
/// ```
/// use scim_engine::protocol::media::check_content_type;
/// assert!(check_content_type(Some("Application/JSON; charset=\"UTF-8\"")).is_ok());
/// assert!(check_content_type(None).is_ok());
/// assert_eq!(check_content_type(Some("text/xml")).unwrap_err().status(), 415);
/// ```
///
/// # Errors
/// A [`ScimError`] of status 415.
pub fn check_content_type(content_type: Option<&str>) -> Result<(), ScimError> {
    let header = content_type.unwrap_or_default().trim();
    if header.is_empty() {
        return Ok(());
    }
    let unsupported = |what: String| {
        let message = format!("{what} is not supported: expected `{SCIM_JSON}` or `{JSON}` in UTF-8");
        Err(ScimError::with_status(415, message))
    };
    let (name, parameters) = essence(header);
    if !name.eq_ignore_ascii_case(SCIM_JSON) && !name.eq_ignore_ascii_case(JSON) {
        return unsupported(format!("the content type `{}`", shortened(name)));
    }
    match parameters.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("charset")) {
        Some((_, charset)) if !["utf-8", "utf8"].iter().any(|known| known.eq_ignore_ascii_case(charset)) => {
            unsupported(format!("the charset `{}`", shortened(charset)))
        }
        _ => Ok(()),
    }
}

/// The preference of a client for a media type.
#[derive(Clone, Copy)]
struct Wish {
    /// The `q` of `Accept`; 0 if the type is not acceptable.
    quality: f64,
    /// The position at which `Accept` names the type itself; `None` if only a range such as `*/*` includes it.
    named_at: Option<usize>,
}

/// The preference that `Accept` states for a media type: the preference for its name or, if `Accept` does not name it,
/// for the narrowest range that includes it (RFC 9110 §12.5.1). Without the header every type is acceptable.
fn wish(accept: Option<&str>, media_type: &str) -> Wish {
    let accept = accept.unwrap_or_default();
    if accept.trim().is_empty() {
        return Wish { quality: 1.0, named_at: None };
    }
    let mut found = (0, Wish { quality: 0.0, named_at: None });
    for (index, range) in split(accept, b',').enumerate() {
        let (name, parameters) = essence(range);
        let narrowness = match name.to_ascii_lowercase() {
            name if name == media_type => 3,
            name if name == "application/*" => 2,
            name if name == "*/*" => 1,
            _ => continue,
        };
        let quality = parameters.into_iter().find(|(name, _)| name.eq_ignore_ascii_case("q"));
        let quality = quality.map_or(Some(1.0), |(_, text)| text.parse::<f64>().ok());
        // A malformed `q` counts as 1.
        let quality = quality.filter(|quality| (0.0..=1.0).contains(quality)).unwrap_or(1.0);
        if narrowness > found.0 || (narrowness == found.0 && quality > found.1.quality) {
            found = (narrowness, Wish { quality, named_at: (narrowness == 3).then_some(index) });
        }
    }
    found.1
}

/// The name of a media type, and its parameters without quotes.
fn essence(header: &str) -> (&str, Vec<(&str, &str)>) {
    let mut parts = split(header, b';').map(str::trim);
    let name = parts.next().unwrap_or_default();
    let parameters = parts.filter_map(|part| part.split_once('='));
    (name, parameters.map(|(name, value)| (name.trim(), value.trim().trim_matches('"'))).collect())
}

/// Splits a header at separators outside of quotes.
fn split(header: &str, separator: u8) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    header.split(move |c: char| {
        let was_escaped = std::mem::replace(&mut is_escaped, false);
        match c {
            '"' if !was_escaped => is_quoted = !is_quoted,
            '\\' if is_quoted && !was_escaped => is_escaped = true,
            _ => return c == char::from(separator) && !is_quoted,
        }
        false
    })
}

/// The start of a text that a client sent: messages repeat only that much of it.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(64).collect()
}
