//! Filters over raw JSON text: they scan the bytes once and build no tree.
//!
//! [`Matcher::matches_slice`](crate::Matcher::matches_slice) checks every byte as `serde_json` would;
//! [`Matcher::matches_trusted`](crate::Matcher::matches_trusted) ends as soon as the answer is known. The answers are those of
//! [`Matcher::matches`](crate::Matcher::matches) on a `serde_json::Value`. [`Matcher::scan`](crate::Matcher::scan) scans a text
//! of many documents, and [`Matcher::scan_reader`](crate::Matcher::scan_reader) the bytes of a reader.
//!
//! A host that maps files into memory passes the map as a slice:
//!
//! ```
//! use scim_engine::{Matcher, scan::ScanOptions};
//! /// `map` may be a `memmap2::Mmap`, or anything else that is bytes.
//! fn count(matcher: &Matcher, map: impl std::ops::Deref<Target = [u8]>) -> usize {
//!     matcher.count(&map, &ScanOptions::default().threads(2)).matches
//! }
//! ```
//!
//! This crate does not map files itself. Mapping is `unsafe`: if another process truncates the file, this one dies (`SIGBUS`).
//! It also gains nothing, because each thread reads a block that fits its cache and scans it at once.
//!
//! The scan examines 64 bytes at a time with the widest vectors of the processor: AVX-512 (from Ice Lake on), AVX2, SSE4.2, or
//! those that every processor of the target has (SSE2, NEON). A plain build has them all and chooses at run time, without any
//! setting. In WebAssembly the code is plain unless the build has `-C target-feature=+simd128`, and one thread scans, however
//! many are requested.

#[cfg(any(feature = "cli", feature = "python"))]
pub(crate) mod ahead;
mod block;
mod brackets;
mod cursor;
mod cuts;
mod document;
mod error;
mod index;
mod level;
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
