//! What the bytes of a text come from.
//!
//! Files are read, not mapped: a mapped file that another process cuts short ends this one (`SIGBUS`), mapping is `unsafe` for that
//! reason, and it gains nothing where each worker reads a block that fits its cache and goes over it at once. A host that has a
//! map passes it to [`Matcher::scan`](crate::Matcher::scan) as the slice that it is.

use std::io::{self, Read};
use std::sync::{Mutex, PoisonError};

/// Gives the bytes of a text, to whichever thread asks.
pub(crate) trait Supply: Sync {
    /// Appends what comes next, about `size` bytes; fewer where one would have to wait for more. True at the end. What was
    /// read before an error is appended too.
    fn fill(&self, text: &mut Vec<u8>, size: usize) -> io::Result<bool>;

    /// Nothing more is wanted: whoever waits is told that this is the end.
    fn stop(&self) {}
}

/// A reader that is waited for.
pub(crate) struct Reader<R>(Mutex<R>);

impl<R> Reader<R> {
    pub(crate) fn new(reader: R) -> Self {
        Self(Mutex::new(reader))
    }
}

impl<R: Read + Send> Supply for Reader<R> {
    fn fill(&self, text: &mut Vec<u8>, size: usize) -> io::Result<bool> {
        let mut reader = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        text.reserve(size);
        let limit = u64::try_from(size).unwrap_or(u64::MAX);
        Ok(Read::by_ref(&mut *reader).take(limit).read_to_end(text)? < size)
    }
}

/// What a file or a pipe gives, gzip and zstd undone. What may have to be waited for or is undone has a thread to itself.
#[cfg(any(feature = "cli", feature = "python"))]
pub(crate) fn unpacked(reader: impl Read + Send + 'static, is_on_disk: bool) -> io::Result<Box<dyn Supply>> {
    let mut reader = super::Unpacked::new(reader);
    if is_on_disk && !reader.is_packed()? {
        return Ok(Box::new(Reader::new(reader)));
    }
    Ok(Box::new(super::ahead::Ahead::new(reader)?))
}

/// Reads what is left of a supply.
#[cfg(feature = "cli")]
pub(crate) struct Remaining<'s>(pub &'s dyn Supply);

#[cfg(feature = "cli")]
impl Read for Remaining<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut bytes = Vec::new();
        match self.0.fill(&mut bytes, out.len()) {
            // The end is told again, an error that comes after something is not: it is the end too.
            Err(error) if bytes.is_empty() => Err(error),
            _ => bytes.as_slice().read(out),
        }
    }
}
