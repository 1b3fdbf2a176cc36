//! A reader that has a thread to itself. What it gives is at hand while the scan is busy, and whoever scans knows whether there
//! is more or it would have to be waited for.

use std::io::{self, Read};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::supply::Supply;

/// What is read at once.
const PIECE: usize = 64 * 1024;
/// The most that is read ahead.
const MOST: usize = 1024 * 1024;

/// The bytes of a reader, read ahead.
pub(crate) struct Ahead(Arc<Shared>);

#[derive(Default)]
struct Shared {
    state: Mutex<State>,
    has_changed: Condvar,
}

#[derive(Default)]
struct State {
    bytes: Vec<u8>,
    /// How the reader ended; told once.
    end: Option<io::Result<()>>,
    /// Nothing more is wanted.
    is_over: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'s>(&self, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        self.has_changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }
}

impl Ahead {
    /// The thread ends when the reader does, or when it gives something and nobody wants it.
    pub(crate) fn new(reader: impl Read + Send + 'static) -> io::Result<Self> {
        let shared = Arc::<Shared>::default();
        let ours = Self(Arc::clone(&shared));
        std::thread::Builder::new().name("read ahead".to_owned()).spawn(move || read(reader, &shared))?;
        Ok(ours)
    }
}

fn read(mut reader: impl Read, shared: &Shared) {
    let mut piece = vec![0; PIECE];
    loop {
        let read = match reader.read(&mut piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            read => read,
        };
        let mut state = shared.lock();
        while state.bytes.len() >= MOST && !state.is_over {
            state = shared.wait(state);
        }
        match read {
            Ok(0) => state.end = Some(Ok(())),
            Ok(read) => state.bytes.extend_from_slice(piece.get(..read).unwrap_or_default()),
            Err(error) => state.end = Some(Err(error)),
        }
        let is_over = state.is_over || state.end.is_some();
        drop(state);
        shared.has_changed.notify_all();
        if is_over {
            return;
        }
    }
}

impl Supply for Ahead {
    fn fill(&self, text: &mut Vec<u8>, size: usize) -> io::Result<bool> {
        let wanted = text.len().saturating_add(size);
        let before = text.len();
        let mut state = self.0.lock();
        loop {
            let count = state.bytes.len().min(wanted - text.len());
            text.extend(state.bytes.drain(..count));
            self.0.has_changed.notify_all();
            if state.is_over {
                return Ok(true);
            }
            if text.len() == wanted {
                return Ok(false);
            }
            if let Some(end) = &mut state.end {
                return std::mem::replace(end, Ok(())).map(|()| true);
            }
            if text.len() == before {
                state = self.0.wait(state);
                continue;
            }
            // More may be under way: to wait as long as it takes to go over what is there costs little, and has it gone over
            // in large parts.
            let pause = Duration::from_nanos(u64::try_from(text.len()).unwrap_or(u64::MAX));
            let (now, timeout) = self.0.has_changed.wait_timeout(state, pause).unwrap_or_else(PoisonError::into_inner);
            state = now;
            if timeout.timed_out() && state.bytes.is_empty() && state.end.is_none() {
                return Ok(false);
            }
        }
    }

    fn stop(&self) {
        self.0.lock().is_over = true;
        self.0.has_changed.notify_all();
    }
}

impl Drop for Ahead {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    /// Gives what is sent to it.
    struct Sent(mpsc::Receiver<Vec<u8>>);

    impl Read for Sent {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            match self.0.recv() {
                Ok(sent) if sent.is_empty() => Err(io::Error::other("broken")),
                Ok(sent) => sent.as_slice().read(out),
                Err(_) => Ok(0),
            }
        }
    }

    #[test]
    fn what_is_there_is_given_at_once() {
        let (sender, receiver) = mpsc::channel();
        let ahead = Ahead::new(Sent(receiver)).unwrap();
        let mut text = Vec::new();
        for part in [&b"a\n"[..], b"bc\n"] {
            sender.send(part.to_vec()).unwrap();
            text.clear();
            assert!(!ahead.fill(&mut text, 1000).unwrap());
            assert_eq!(text, part);
        }
        sender.send(b"d".repeat(10)).unwrap();
        // A read gives what is there, so this takes any number of them.
        while text.len() < 13 {
            assert!(!ahead.fill(&mut text, 3).unwrap());
        }
        sender.send(Vec::new()).unwrap();
        assert_eq!(ahead.fill(&mut text, 1000).unwrap_err().to_string(), "broken");
        assert_eq!(text, b"bc\ndddddddddd");
        assert!(ahead.fill(&mut text, 1000).unwrap());
    }

    #[test]
    fn nobody_waits_for_what_is_not_wanted() {
        let (sender, receiver) = mpsc::channel();
        let ahead = Ahead::new(Sent(receiver)).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| ahead.fill(&mut Vec::new(), 1000).unwrap());
            ahead.stop();
            assert!(waiting.join().unwrap());
        });
        drop(sender);
    }

    #[test]
    fn all_comes_in_order_and_no_more_is_kept_than_is_wanted() {
        let bytes: Vec<u8> = (0..5_000_000_u32).map(|at| at.to_le_bytes()[at as usize % 3]).collect();
        let ahead = Ahead::new(io::Cursor::new(bytes.clone())).unwrap();
        let mut text = Vec::new();
        while !ahead.fill(&mut text, 300_000).unwrap() {
            assert!(ahead.0.lock().bytes.len() <= MOST + PIECE);
        }
        assert!(text == bytes);
    }
}
