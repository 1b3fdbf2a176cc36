//! Tenants and their bearer tokens.

use std::time::SystemTime;

use anyhow::{Result, bail};
use rusqlite::{Connection, OptionalExtension, params};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::database::Database;

/// The caller that a valid token identifies.
pub struct Caller {
    pub tenant: String,
    pub token_id: String,
    /// Whether a PUT in this tenant clears the attributes that it does not mention.
    pub clears: bool,
}

/// Returns the caller that a token identifies, if the token is valid for this tenant. The result does not distinguish an
/// unknown tenant, an unknown token, a revoked token, and a token of another tenant.
pub fn authenticate(database: &Database, tenant: &str, token: &str) -> Result<Option<Caller>> {
    let hash = hash(token);
    let sql = "select tokens.id, tokens.hash, tokens.tenant_id, tenants.absent = 'clear' from tokens \
               join tenants on tenants.id = tokens.tenant_id where tokens.hash = ?1 and tokens.revoked is null";
    let open = database.read()?;
    let read = |row: &rusqlite::Row<'_>| {
        let stored: String = row.get(1)?;
        Ok((stored, Caller { token_id: row.get(0)?, tenant: row.get(2)?, clears: row.get(3)? }))
    };
    let found = open.prepare_cached(sql)?.query_row([&hash], read).optional()?;
    open.commit()?;
    Ok(found.and_then(|(stored, caller)| {
        let is_same: bool = stored.as_bytes().ct_eq(hash.as_bytes()).into();
        (is_same && caller.tenant == tenant).then_some(caller)
    }))
}

pub fn add(db: &Connection, id: &str, name: &str, absent: &str) -> Result<()> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    // In a URL, `..` would mean another path.
    let begins_well = id.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !begins_well || id.len() > 64 || !id.chars().all(is_plain) {
        bail!(
            "`{id}` is not an id for a tenant: expected 1 to 64 letters, digits, `.`, `_` or `-`, \
             the first a letter or digit"
        );
    }
    let sql = "insert into tenants (id, name, absent, created) values (?1, ?2, ?3, ?4) on conflict (id) do nothing";
    if db.execute(sql, params![id, name, absent, timestamp(SystemTime::now())])? == 0 {
        bail!("there is a tenant `{id}` already");
    }
    Ok(())
}

/// Makes a token and returns it. It cannot be read again, because only its hash is stored.
pub fn add_token(db: &Connection, tenant: &str, label: &str) -> Result<String> {
    check_exists(db, tenant)?;
    let token = format!("scim_{}", random_hex::<32>()?);
    let sql = "insert into tokens (id, tenant_id, hash, label, created) values (?1, ?2, ?3, ?4, ?5)";
    let now = timestamp(SystemTime::now());
    db.execute(sql, params![random_hex::<6>()?, tenant, hash(&token), label, now])?;
    Ok(token)
}

/// Returns a line for each token: id, time of creation, `valid` or time of revocation, label.
pub fn list_tokens(db: &Connection, tenant: &str) -> Result<Vec<String>> {
    check_exists(db, tenant)?;
    let sql = "select id, created, revoked, label from tokens where tenant_id = ?1 order by created, id";
    let mut statement = db.prepare(sql)?;
    let lines = statement.query_map([tenant], |row| {
        let (id, created): (String, String) = (row.get(0)?, row.get(1)?);
        let (revoked, label): (Option<String>, String) = (row.get(2)?, row.get(3)?);
        let state = revoked.map_or_else(|| "valid".to_owned(), |at| format!("revoked {at}"));
        Ok(format!("{id}\t{created}\t{state}\t{label}"))
    })?;
    Ok(lines.collect::<rusqlite::Result<_>>()?)
}

pub fn revoke_token(db: &Connection, id: &str) -> Result<()> {
    let sql = "update tokens set revoked = coalesce(revoked, ?2) where id = ?1";
    if db.execute(sql, params![id, timestamp(SystemTime::now())])? == 0 {
        bail!("there is no token `{id}`");
    }
    Ok(())
}

fn check_exists(db: &Connection, tenant: &str) -> Result<()> {
    if !db.prepare_cached("select 1 from tenants where id = ?1")?.exists([tenant])? {
        bail!("there is no tenant `{tenant}`");
    }
    Ok(())
}

fn hash(token: &str) -> String {
    hex::encode(Sha256::digest(token.as_bytes()))
}

/// A time, as the tables have it.
pub fn timestamp(time: SystemTime) -> String {
    humantime::format_rfc3339_millis(time).to_string()
}

/// The key that seals cursors. It is made once and stored in the database, so that cursors stay valid after a restart.
pub fn cursor_key(db: &Connection) -> Result<Vec<u8>> {
    let sql = "insert into settings (name, value) values ('cursor key', ?1) on conflict (name) do nothing";
    db.execute(sql, [random_hex::<32>()?])?;
    let text: String = db.query_row("select value from settings where name = 'cursor key'", [], |row| row.get(0))?;
    Ok(hex::decode(text)?)
}

/// `N` random bytes from the operating system, as hex.
fn random_hex<const N: usize>() -> Result<String> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(hex::encode(bytes))
}
