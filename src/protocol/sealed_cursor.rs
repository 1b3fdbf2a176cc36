//! Cursors (RFC 9865): positions in a list, encrypted so that a client can neither read nor forge them.
//!
//! A cursor is `version, nonce, ciphertext, tag` in URL-safe base64. The cipher is AES-256-GCM-SIV (RFC 8452). It also
//! authenticates the query (filter, order, resource type) and a context that the host gives, such as the tenant. So a
//! cursor cannot be opened for another query or in another context. The plaintext has the position, the page size of
//! the first request, and the time of expiry.
//!
//! The nonce is a keyed hash of everything that is sealed. So no random numbers are needed, and only equal cursors have
//! equal nonces. AES-GCM-SIV is designed for repeated nonces: it then reveals only that the cursors are equal.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use aes_gcm_siv::aead::{Aead, KeyInit, Payload};
use aes_gcm_siv::{Aes256GcmSiv, Key, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::list_query::ListQuery;
use crate::error::{ScimError, ScimType};

/// The first byte of a cursor. A change of the format must change this byte, so that cursors of other formats are
/// refused.
const VERSION: u8 = 1;
/// The number of bytes of a nonce of AES-256-GCM-SIV.
const NONCE: usize = 12;

/// Keys for cursors. Make the keys once, at the start of the service, and keep them as long as it runs.
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use scim_engine::ResourceType;
/// use scim_engine::protocol::{Cursors, ListQuery, QueryOptions};
/// use serde_json::json;
///
/// let cursors = Cursors::new(b"sixteen bytes or more of secret", &[], Duration::from_secs(3600))?;
/// let (users, options) = (ResourceType::user(), QueryOptions::default().cursors(true));
/// let now = SystemTime::now();
/// let first = ListQuery::parse_with("cursor&count=10", &users, &options)?;
/// assert_eq!(cursors.open(&first, "tenant 1", now)?, None);
///
/// let sealed = cursors.seal(&json!({"after": "u10"}), &first, "tenant 1", now);
/// let next = ListQuery::parse_with(format!("cursor={sealed}&count=10"), &users, &options)?;
/// assert_eq!(cursors.open(&next, "tenant 1", now)?, Some(json!({"after": "u10"})));
/// assert!(cursors.open(&next, "tenant 2", now).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Cursors {
    /// The first key seals new cursors. All keys open cursors.
    keys: Vec<SealingKey>,
    lifetime: Duration,
}

#[derive(Clone)]
struct SealingKey {
    cipher: Aes256GcmSiv,
    /// The key of the hash from which nonces are made.
    nonce_key: [u8; 32],
}

/// The keys for cursors, and the context and time that cursors depend on besides the query.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct CursorContext<'a> {
    /// The keys.
    pub cursors: &'a Cursors,
    /// The context in which a cursor is valid: the tenant, or the tenant and the client.
    pub context: &'a str,
    /// The current time.
    pub now: SystemTime,
}

impl<'a> CursorContext<'a> {
    /// The keys, the context in which a cursor is valid, and the current time; see
    /// [`ListQuery::answer_with`](super::ListQuery::answer_with).
    pub fn new(cursors: &'a Cursors, context: &'a str, now: SystemTime) -> Self {
        Self { cursors, context, now }
    }

    /// The position in the cursor of a query.
    pub(crate) fn open(&self, query: &ListQuery) -> Result<Option<Value>, ScimError> {
        self.cursors.open(query, self.context, self.now)
    }

    /// The cursor for a position.
    pub(crate) fn seal(&self, position: &Value, query: &ListQuery) -> String {
        self.cursors.seal(position, query, self.context, self.now)
    }
}

/// The error that a key for cursors has fewer than 16 bytes: a mistake of the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShortKey;

impl fmt::Display for ShortKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a key for cursors must have at least {} bytes", Cursors::MIN_KEY_BYTES)
    }
}

impl std::error::Error for ShortKey {}

/// The plaintext of a cursor. The names are short, because cursors are part of URLs.
#[derive(Serialize, Deserialize)]
struct Sealed {
    /// The time of expiry, in milliseconds since 1970.
    #[serde(rename = "e")]
    expires: u64,
    /// The page size of the first request, which later requests must repeat (RFC 9865 §2.1).
    #[serde(rename = "c")]
    count: u64,
    #[serde(rename = "p")]
    position: Value,
}

impl Cursors {
    /// The fewest bytes of a key. The bytes must be random; do not use a password as a key.
    pub const MIN_KEY_BYTES: usize = 16;

    /// Makes the keys for cursors. Each cursor is valid for `lifetime` (`cursorTimeout` of RFC 9865 §4). When the key
    /// changes, pass the earlier keys as `older_keys`, so that the cursors that they sealed can still be opened.
    ///
    /// # Errors
    /// [`ShortKey`] if one of the keys has fewer than 16 bytes.
    pub fn new(key: &[u8], older_keys: &[&[u8]], lifetime: Duration) -> Result<Self, ShortKey> {
        let all = std::iter::once(key).chain(older_keys.iter().copied());
        let keys = all.map(SealingKey::new).collect::<Result<_, _>>()?;
        Ok(Self { keys, lifetime })
    }

    /// The time for which a cursor is valid.
    pub fn lifetime(&self) -> Duration {
        self.lifetime
    }

    /// Seals a position in the answer to a query. `position` is any JSON from which the host can continue the list,
    /// such as the `id` of the last resource.
    pub fn seal(&self, position: &Value, query: &ListQuery, context: &str, now: SystemTime) -> String {
        let expires = milliseconds(now).saturating_add(u64::try_from(self.lifetime.as_millis()).unwrap_or(u64::MAX));
        let sealed = Sealed { expires, count: query.count(), position: position.clone() };
        // Serializing a `Value` to memory cannot fail, and the cipher refuses only texts that are longer than memory.
        let plain = serde_json::to_vec(&sealed).unwrap_or_default();
        let bound = bound(query, context);
        let mut cursor = vec![VERSION];
        let text = self.keys.first().and_then(|key| key.seal(&plain, &bound));
        debug_assert!(!plain.is_empty() && text.is_some(), "a cursor without a position");
        cursor.extend(text.unwrap_or_default());
        URL_SAFE_NO_PAD.encode(cursor)
    }

    /// The position in the cursor of a query; `None` if the query asks for the first page.
    ///
    /// # Errors
    /// `invalidCursor` if the cursor was not sealed with these keys for this query and context, `expiredCursor` if it has
    /// expired, `invalidCount` if the page size differs from that of the first request.
    pub fn open(&self, query: &ListQuery, context: &str, now: SystemTime) -> Result<Option<Value>, ScimError> {
        let Some(cursor) = query.cursor().filter(|cursor| !cursor.is_empty()) else { return Ok(None) };
        let Some(Sealed { expires, count, position }) = self.unseal(cursor, query, context) else {
            let message = "the cursor is not one that was given for this query";
            return Err(ScimError::new(ScimType::InvalidCursor, message));
        };
        if milliseconds(now) > expires {
            let message = "the cursor has expired: begin again with an empty one";
            return Err(ScimError::new(ScimType::ExpiredCursor, message));
        }
        if count != query.count() {
            let message = format!("`count` must be that of the first request: expected {count}");
            return Err(ScimError::new(ScimType::InvalidCount, message));
        }
        Ok(Some(position))
    }

    fn unseal(&self, cursor: &str, query: &ListQuery, context: &str) -> Option<Sealed> {
        let bytes = URL_SAFE_NO_PAD.decode(cursor).ok()?;
        let sealed = bytes.strip_prefix(&[VERSION])?;
        let bound = bound(query, context);
        let plain = self.keys.iter().find_map(|key| key.open(sealed, &bound))?;
        serde_json::from_slice(&plain).ok()
    }
}

impl SealingKey {
    fn new(key: &[u8]) -> Result<Self, ShortKey> {
        if key.len() < Cursors::MIN_KEY_BYTES {
            return Err(ShortKey);
        }
        let derive =
            |purpose: &[u8]| -> [u8; 32] { Sha256::new().chain_update(purpose).chain_update(key).finalize().into() };
        let cipher_key = derive(b"scim-engine cursor cipher\0");
        let cipher = Aes256GcmSiv::new(Key::<Aes256GcmSiv>::from_slice(&cipher_key));
        Ok(Self { cipher, nonce_key: derive(b"scim-engine cursor nonce\0") })
    }

    fn seal(&self, plain: &[u8], bound: &[u8]) -> Option<Vec<u8>> {
        let hash = Sha256::new()
            .chain_update(self.nonce_key)
            .chain_update(Sha256::digest(bound))
            .chain_update(Sha256::digest(plain))
            .finalize();
        let nonce = hash.get(..NONCE)?;
        let sealed = self.cipher.encrypt(Nonce::from_slice(nonce), Payload { msg: plain, aad: bound }).ok()?;
        Some([nonce, &sealed].concat())
    }

    fn open(&self, sealed: &[u8], bound: &[u8]) -> Option<Vec<u8>> {
        let (nonce, sealed) = sealed.split_at_checked(NONCE)?;
        self.cipher.decrypt(Nonce::from_slice(nonce), Payload { msg: sealed, aad: bound }).ok()
    }
}

/// The context and the query as bytes, which the cipher authenticates. The length of each part precedes it, so that
/// different pairs of context and query never give the same bytes.
fn bound(query: &ListQuery, context: &str) -> Vec<u8> {
    let mut bound = Vec::new();
    for part in [context, &query.fingerprint()] {
        bound.extend((part.len() as u64).to_be_bytes());
        bound.extend(part.as_bytes());
    }
    bound
}

fn milliseconds(time: SystemTime) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

impl fmt::Debug for Cursors {
    /// Shows the number of keys and the lifetime, but no key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cursors({} keys, {} s)", self.keys.len(), self.lifetime.as_secs())
    }
}
