//! The grammar of URI references (RFC 3986 §4.1, appendix A).

use std::net::Ipv6Addr;

/// Whether a text is a URI reference.
pub(super) fn is_uri_reference(text: &str) -> bool {
    let (text, fragment) = split(text, '#');
    let (text, query) = split(text, '?');
    let is_tail = |part: Option<&str>| part.is_none_or(|part| has_only(part, ":@/?"));
    let rest = match text.split_once(':') {
        // A colon in the first segment ends a scheme.
        Some((scheme, rest)) if !scheme.contains('/') => {
            if !is_scheme(scheme) {
                return false;
            }
            rest
        }
        _ => text,
    };
    let (is_right, path) = match rest.strip_prefix("//") {
        None => (true, rest),
        Some(rest) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            (is_authority(authority), path)
        }
    };
    is_right && has_only(path, ":@/") && is_tail(query) && is_tail(fragment)
}

/// The parts before and after the first `mark`.
fn split(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// `[userinfo "@"] host [":" port]`.
fn is_authority(text: &str) -> bool {
    let (user, rest) = text.split_once('@').unwrap_or(("", text));
    let (is_host, port) = match rest.strip_prefix('[') {
        Some(rest) => {
            let Some((literal, after)) = rest.split_once(']') else { return false };
            (is_ip_literal(literal), after)
        }
        None => {
            let (name, port) = rest.split_at(rest.find(':').unwrap_or(rest.len()));
            (has_only(name, ""), port)
        }
    };
    let is_port =
        port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.bytes().all(|byte| byte.is_ascii_digit()));
    has_only(user, ":") && is_host && is_port
}

fn is_ip_literal(text: &str) -> bool {
    let future = text.strip_prefix(['v', 'V']).and_then(|text| text.split_once('.'));
    let is_future = |(version, address): (&str, &str)| {
        let is_version = !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_version && !address.is_empty() && !address.contains('%') && has_only(address, ":")
    };
    text.parse::<Ipv6Addr>().is_ok() || future.is_some_and(is_future)
}

/// Whether a text consists of unreserved characters, sub-delims, percent-encoded bytes and `others`.
fn has_only(text: &str, others: &str) -> bool {
    let mut bytes = text.bytes();
    let is_hex = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_hexdigit());
    while let Some(byte) = bytes.next() {
        let is_right = match byte {
            b'%' => is_hex(bytes.next()) && is_hex(bytes.next()),
            _ => {
                byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&byte) || others.as_bytes().contains(&byte)
            }
        };
        if !is_right {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::is_uri_reference;

    #[test]
    fn what_the_grammar_has() {
        for text in [
            "",
            "a",
            "/",
            "//",
            "//a",
            "a:",
            "a:b",
            "a:/",
            "a://",
            "a:b:c",
            "./a:b",
            "a/b:c",
            "?",
            "#",
            "?a:b",
            "#a:b",
            "?/?",
            "/Users/1",
            "../Groups/2",
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "mailto:a@b.example",
            "http://a:",
            "http://a:80/b?c#d",
            "http://u:p@a/",
            "http://[::1]:80/",
            "http://[::ffff:1.2.3.4]",
            "http://[v1.a:b]/",
            "http:///a",
            "http://%41",
            "%41%4a",
            "a://b//c",
            "http://a?b/c:d",
            "1",
            "a'b",
            "http://@a",
        ] {
            assert!(is_uri_reference(text), "{text:?}");
        }
    }

    #[test]
    fn what_the_grammar_has_not() {
        for text in [
            ":",
            ":a",
            "1:a",
            "a_b:c",
            "%41:b",
            "[",
            "]",
            "a[0]",
            "http://[x",
            "http://[x]",
            "http://[1.2.3.4]",
            "http://[::1]a",
            "http://a:b",
            "http://a:80:80",
            "http://a@b@c",
            "http://a|b@c",
            "http://a%4@c",
            "http://[v.a]",
            "http://[v1.]",
            "http://[v1.%41]",
            "a b",
            "\u{e9}",
            "%",
            "%4",
            "%4g",
            "a#b#c",
            "a?[",
            "#[",
            "a\\b",
            "a^b",
            "{a}",
            "\"",
            "<a>",
            "http://[::1%25eth0]",
            "a|b",
        ] {
            assert!(!is_uri_reference(text), "{text:?}");
        }
    }
}
