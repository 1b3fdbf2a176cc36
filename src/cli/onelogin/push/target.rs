//! The endpoint of a push, and its token.

use std::net::IpAddr;

use ureq::http::Uri;

use super::args::PushArgs;
use crate::cli::failure::Failure;
use crate::cli::files;
use crate::client::Token;

/// The endpoint of a push. Requests go to no other place.
#[derive(Debug, Clone)]
pub(super) struct Target {
    /// The URL, without a slash at the end.
    pub url: String,
}

impl Target {
    pub(super) fn new(args: &PushArgs) -> Result<Self, Failure> {
        let given = &args.url;
        // The URL may contain a secret, such as a password, so no message repeats it.
        let fault = |what: &str| Failure::plain(format!("`--url`: {what}: expected `https://HOST/PATH`"));
        if given.contains(['?', '#']) {
            return Err(fault("a query or fragment cannot stand before `/Users`"));
        }
        let uri: Uri = given.parse().map_err(|_| fault("this is not a URL"))?;
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

/// The token from the option, from a file, or from the environment.
pub(super) fn token(args: &PushArgs) -> Result<Token, Failure> {
    let text = match (&args.token, &args.token_file) {
        (Some(token), _) => token.clone(),
        (None, Some(file)) => {
            let bytes = files::read(file)?;
            let text = String::from_utf8(bytes).map_err(|_| {
                Failure::plain(format!("{}: there is no token in it: this is not text", files::name(file)))
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
    let message = "the token is empty, or has blanks or other characters that no token has";
    Token::new(text).ok_or_else(|| Failure::plain(message))
}
