//! Where a push goes, and the token for it.

use std::net::IpAddr;

use serde_json::Value;
use ureq::http::Uri;

use super::args::PushArgs;
use crate::cli::failure::Failure;
use crate::cli::files;

/// The endpoint that everything is sent to, and nothing else.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// Without a slash at its end.
    pub url: String,
}

impl Target {
    pub(super) fn new(args: &PushArgs) -> Result<Self, Failure> {
        let given = &args.url;
        // What may be wrong with it may be a secret in it, so it is not repeated.
        let fault = |what: &str| Failure::plain(format!("`--url`: {what}: expected `https://HOST/PATH`"));
        if given.contains(['?', '#']) {
            return Err(fault("a query or fragment cannot stand before `/Users`"));
        }
        let uri: Uri = given.parse().map_err(|_| fault("this is no URL"))?;
        let authority = uri.authority().ok_or_else(|| fault("there is no host in it"))?;
        if authority.as_str().contains('@') {
            return Err(fault("a name or password cannot stand in it"));
        }
        match uri.scheme_str() {
            Some("https") => {}
            Some("http") if args.insecure_http || is_loopback(authority.host()) => {}
            Some("http") => {
                return Err(Failure::plain(format!(
                    "`--url`: the token would go to `{}` in clear text by http: use https, or `--insecure-http` if you must",
                    authority.host()
                )));
            }
            _ => return Err(fault("the scheme is neither https nor http")),
        }
        Ok(Self { url: given.trim_end_matches('/').to_owned() })
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host.eq_ignore_ascii_case("localhost") || address.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// What is shorter, such as `test`, stands in names and addresses by chance: to hide it would find fault with right answers, and
/// it is no secret.
const SHORTEST_SECRET: usize = 8;

/// A token. It is not `Debug`, and has no way to be printed.
pub(super) struct Token(String);

impl Token {
    pub(super) fn new(args: &PushArgs) -> Result<Self, Failure> {
        let text = match (&args.token, &args.token_file) {
            (Some(token), _) => token.clone(),
            (None, Some(file)) => {
                let bytes = files::read(file)?;
                let text = String::from_utf8(bytes).map_err(|_| {
                    Failure::plain(format!("{}: there is no token in it: this is no text", files::name(file)))
                })?;
                text.trim().to_owned()
            }
            (None, None) => match std::env::var("SCIM_TOKEN") {
                Ok(token) => token.trim().to_owned(),
                Err(_) => {
                    let message = "there is no token: set `SCIM_TOKEN`, or give `--token-file` or `--token`";
                    return Err(Failure::plain(message));
                }
            },
        };
        if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(Failure::plain("the token is empty, or has blanks or other characters that no token has"));
        }
        Ok(Self(text))
    }

    /// The value of the header `Authorization`.
    pub(super) fn header(&self) -> String {
        format!("Bearer {}", self.0)
    }

    fn is_secret(&self) -> bool {
        self.0.len() >= SHORTEST_SECRET
    }

    /// The same text without the token, should a server or library repeat it.
    pub(super) fn hide(&self, text: String) -> String {
        if self.is_secret() && text.contains(&self.0) { text.replace(&self.0, "[token]") } else { text }
    }

    pub(super) fn hide_bytes(&self, bytes: Vec<u8>) -> Vec<u8> {
        if !self.is_secret() {
            return bytes;
        }
        let token = self.0.as_bytes();
        let bytes = if bytes.windows(token.len()).any(|window| window == token) {
            self.hide(String::from_utf8_lossy(&bytes).into_owned()).into_bytes()
        } else {
            bytes
        };
        // JSON may escape any of its characters: many servers write `\/` for a slash.
        if !bytes.contains(&b'\\') {
            return bytes;
        }
        let Ok(mut value) = crate::json::from_slice(&bytes) else { return bytes };
        if self.hide_within(&mut value) { value.to_string().into_bytes() } else { bytes }
    }

    /// Whether the token was in a string of it.
    fn hide_within(&self, value: &mut Value) -> bool {
        match value {
            Value::String(text) if text.contains(&self.0) => {
                *text = self.hide(std::mem::take(text));
                true
            }
            Value::Array(elements) => {
                elements.iter_mut().fold(false, |found, element| self.hide_within(element) | found)
            }
            Value::Object(members) => {
                members.values_mut().fold(false, |found, member| self.hide_within(member) | found)
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_token_is_hidden() {
        let token = Token("tk/9+x-31".to_owned());
        for (given, shown) in [
            (r#"{"detail": "you are tk/9+x-31"}"#, r#"{"detail": "you are [token]"}"#),
            (r#"{"detail":"you are tk\/9+x-31"}"#, r#"{"detail":"you are [token]"}"#),
            (r#"[{"a":[1,"\u0074k\/9+x-31!"]}]"#, r#"[{"a":[1,"[token]!"]}]"#),
            (r#"{"a": "b\/c"}"#, r#"{"a": "b\/c"}"#),
            (r"no json \", r"no json \"),
        ] {
            assert_eq!(String::from_utf8(token.hide_bytes(given.into())).unwrap(), shown, "{given}");
        }
    }

    #[test]
    fn a_word_that_is_no_secret_changes_no_answer() {
        let token = Token("test".to_owned());
        assert_eq!(token.hide("mara@test.example".to_owned()), "mara@test.example");
        assert_eq!(token.hide_bytes(b"mara@test.example".to_vec()), b"mara@test.example");
    }
}
