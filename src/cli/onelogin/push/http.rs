//! Sends requests by HTTP. Redirects are not followed and no proxy is used, so that the token goes to the endpoint alone.

use std::time::{Duration, Instant};

use ureq::Agent;
use ureq::http;
use ureq::tls::TlsConfig;

use super::target::Target;
use crate::client::{Client, Request, Response, Token, Unanswered};

/// The longest answer that is read. A group of 100,000 members has about ten million bytes.
const MAX_BYTES: u64 = 64 * 1024 * 1024;

pub(super) struct Http {
    agent: Agent,
    url: String,
    token: Token,
    user_agent: String,
    timeout: Duration,
}

impl Http {
    pub(super) fn new(
        target: &Target,
        token: Token,
        client: Client,
        timeout: Duration,
        concurrency: usize,
        insecure: bool,
    ) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .proxy(None)
            .timeout_global(Some(timeout))
            .max_idle_connections(concurrency)
            .max_idle_connections_per_host(concurrency)
            .tls_config(TlsConfig::builder().disable_verification(insecure).build())
            .build();
        let user_agent = format!("scim-engine/{} (plays {})", env!("CARGO_PKG_VERSION"), client.as_str());
        Self { agent: config.new_agent(), url: target.url.clone(), token, user_agent, timeout }
    }

    /// Sends a request.
    pub(super) fn send(&self, request: &Request) -> Result<Response, Unanswered> {
        let start = Instant::now();
        let mut builder = http::Request::builder()
            .method(request.method)
            .uri(format!("{}{}", self.url, request.path))
            .header("User-Agent", &self.user_agent);
        if !request.headers.iter().any(|(name, _)| *name == "Authorization") {
            builder = builder.header("Authorization", self.token.header());
        }
        for (name, value) in &request.headers {
            builder = builder.header(*name, *value);
        }
        let sent = match &request.body {
            Some(body) => builder.body(body.as_slice()).map(|request| self.agent.run(request)),
            None => builder.body(()).map(|request| self.agent.run(request)),
        };
        let answer = sent.map_err(|error| self.told(&error.into()))?.map_err(|error| self.told(&error))?;
        let (parts, body) = answer.into_parts();
        let body = body.into_with_config().limit(MAX_BYTES).read_to_vec().map_err(|error| self.told(&error))?;
        let text = |value: &http::HeaderValue| self.token.hide(String::from_utf8_lossy(value.as_bytes()).into_owned());
        let headers = parts.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value)));
        let headers: Vec<_> = headers.collect();
        Ok(Response::new(parts.status.as_u16(), headers, self.token.hide_bytes(body)).elapsed(start.elapsed()))
    }

    fn told(&self, error: &ureq::Error) -> Unanswered {
        match error {
            ureq::Error::Timeout(_) => Unanswered::timed_out(format!("not within {} s", self.timeout.as_secs())),
            ureq::Error::BodyExceedsLimit(most) => Unanswered::new(format!("the answer has more than {most} bytes")),
            other => Unanswered::new(self.token.hide(other.to_string())),
        }
    }
}
