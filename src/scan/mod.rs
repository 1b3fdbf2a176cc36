//! Filters over raw JSON text: no tree is built, one pass is made over the bytes.
//!
//! [`Matcher::matches_slice`](crate::Matcher::matches_slice) checks every byte as `serde_json` would;
//! [`Matcher::matches_trusted`](crate::Matcher::matches_trusted) ends as soon as the answer is known. The answers are those of
//! [`Matcher::matches`](crate::Matcher::matches) on a `serde_json::Value`.

mod block;
mod cursor;
mod document;
mod error;
mod matching;
mod raw;
mod reader;
mod tape;
mod text;

pub use document::RawDocument;
pub use error::ScanError;
