//! A stream read in large parts, each of which several threads go over.

use std::io::{self, Read};
use std::ops::ControlFlow;

use super::parallel;
use super::source::MAX_BYTES;
use super::splitter::State;
use super::walk::{Step, Walk};

/// The bytes of a part, for each thread.
const PART: usize = 4 * 1024 * 1024;

/// What is left of a stream whose next document is longer than is read at once.
#[cfg_attr(not(feature = "cli"), expect(dead_code, reason = "the command line reads on"))]
pub(crate) struct Rest<R> {
    /// What was read of it.
    pub text: Vec<u8>,
    pub reader: R,
    /// What it is part of, and where it stands.
    pub state: State,
    pub line: usize,
    pub column: usize,
}

/// What takes the steps: the part of the text that they are in, how many bytes come before that, and the step.
pub(crate) type Take<'f> = &'f mut dyn FnMut(&[u8], usize, Step) -> ControlFlow<()>;

/// Calls `take` with the steps of a stream, in its order.
pub(crate) fn steps<R: Read>(
    mut reader: R,
    walk: &mut Walk<'_>,
    threads: usize,
    take: Take<'_>,
) -> io::Result<Option<Rest<R>>> {
    let mut text = Vec::new();
    let mut before = 0;
    let mut size = PART.saturating_mul(threads.max(1));
    loop {
        let missing = size.saturating_sub(text.len());
        let limit = u64::try_from(missing).unwrap_or(u64::MAX);
        let read = Read::by_ref(&mut reader).take(limit).read_to_end(&mut text)?;
        walk.set_last(read < missing);
        let taken = parallel::steps(walk, &text, threads, &mut |step| take(&text, before, step));
        if taken.is_break() || read < missing || walk.is_over() {
            return Ok(None);
        }
        let done = walk.at;
        if done == 0 && size >= MAX_BYTES {
            let (state, line, column) = walk.position();
            return Ok(Some(Rest { text, reader, state, line, column }));
        }
        walk.next_part(&text);
        before += done;
        text.drain(..done.min(text.len()));
        if done == 0 {
            size = size.saturating_mul(2);
        }
    }
}
