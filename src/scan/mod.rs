//! Filters over raw JSON text: no tree is built, one pass is made over the bytes.
//!
//! [`Matcher::matches_slice`](crate::Matcher::matches_slice) checks every byte as `serde_json` would;
//! [`Matcher::matches_trusted`](crate::Matcher::matches_trusted) ends as soon as the answer is known. The answers are those of
//! [`Matcher::matches`](crate::Matcher::matches) on a `serde_json::Value`. [`Matcher::scan`](crate::Matcher::scan) goes over a
//! text of many documents.

#[cfg(any(feature = "cli", feature = "python"))]
pub(crate) mod ahead;
mod block;
mod brackets;
mod cursor;
mod cuts;
mod document;
mod error;
mod index;
mod many;
mod marked;
mod matching;
pub(crate) mod outline;
pub(crate) mod parallel;
mod raw;
mod reader;
mod sought;
pub(crate) mod source;
pub(crate) mod splitter;
pub(crate) mod stream;
pub(crate) mod supply;
mod tape;
mod text;
#[cfg(feature = "compress")]
mod unpacked;
mod vector;
pub(crate) mod walk;

pub use document::RawDocument;
pub use error::ScanError;
pub use many::{BadDocument, Found, Item, ScanOptions, Scanned, Tally};
#[cfg(feature = "compress")]
pub use unpacked::Unpacked;
