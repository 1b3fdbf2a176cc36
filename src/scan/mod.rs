//! Filters over raw JSON text: no tree is built, one pass is made over the bytes.
//!
//! [`Matcher::matches_slice`](crate::Matcher::matches_slice) checks every byte as `serde_json` would;
//! [`Matcher::matches_trusted`](crate::Matcher::matches_trusted) ends as soon as the answer is known. The answers are those of
//! [`Matcher::matches`](crate::Matcher::matches) on a `serde_json::Value`. [`Matcher::scan`](crate::Matcher::scan) goes over a
//! text of many documents, [`Matcher::scan_reader`](crate::Matcher::scan_reader) over what a reader gives.
//!
//! A host that maps files passes the map as the slice that it is:
//!
//! ```
//! use scim_engine::{Matcher, scan::ScanOptions};
//! /// `map` may be a `memmap2::Mmap`, or anything else that is bytes.
//! fn count(matcher: &Matcher, map: impl std::ops::Deref<Target = [u8]>) -> usize {
//!     matcher.count(&map, &ScanOptions::default().threads(2)).matches
//! }
//! ```
//!
//! This crate maps nothing itself. To map is `unsafe`, for a file that another process cuts short ends this one (`SIGBUS`);
//! and it gains nothing where each thread reads a block that fits its cache and goes over it at once.
//!
//! The quotes of a text, and what a search looks for, are found 64 bytes at a time by the widest vectors that the processor at
//! hand has: AVX-512 as of Ice Lake, AVX2, SSE4.2, or what every processor of the target has (SSE2, NEON). A plain build has them
//! all and chooses at run time; nothing is to be set. In WebAssembly the code is plain, unless the build has
//! `-C target-feature=+simd128`, and one thread scans, however many are asked for.

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
