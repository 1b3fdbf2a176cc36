//! The progress of a long scan: a bar on standard error, if that is a terminal.

use std::io::{self, IsTerminal as _, Read};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::files::is_stdin;
use super::output::is_plain;

/// A scan that takes less time shows no bar.
const LONG: Duration = Duration::from_secs(1);
/// The time between two updates of the bar.
const PAUSE: Duration = Duration::from_millis(100);

/// Counts the bytes that are read, and shows a bar if the scan takes long.
pub(super) struct ScanProgress {
    read: Arc<AtomicU64>,
    shown: Option<ShownProgress>,
}

struct ShownProgress {
    bar: ProgressBar,
    /// The sender of a channel on which nothing is sent. The thread ends when the sender is dropped.
    running: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl ScanProgress {
    /// The progress of reading all of these files. It is shown if `is_wanted`, and if standard error is a terminal.
    pub(super) fn new(files: &[PathBuf], is_wanted: bool) -> Self {
        let read = Arc::<AtomicU64>::default();
        if !is_wanted || is_plain() || !io::stderr().is_terminal() {
            return Self { read, shown: None };
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
        let sizes: Option<u64> = files.iter().map(size).sum();
        let template = match sizes {
            Some(_) => "{bar:30} {bytes} of {total_bytes}  {bytes_per_sec}  {eta} left",
            None => "{bytes}  {bytes_per_sec}  {elapsed}",
        };
        if let Some(sizes) = sizes {
            bar.set_length(sizes);
        }
        bar.set_style(ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()));
        let (running, has_ended) = mpsc::channel::<()>();
        let (its_bar, its_read) = (bar.clone(), Arc::clone(&read));
        let show = move || {
            let mut pause = LONG;
            while has_ended.recv_timeout(pause) == Err(mpsc::RecvTimeoutError::Timeout) {
                if pause == LONG {
                    its_bar.set_draw_target(ProgressDrawTarget::stderr());
                    pause = PAUSE;
                }
                its_bar.set_position(its_read.load(Ordering::Relaxed));
            }
            its_bar.finish_and_clear();
        };
        // If the thread cannot be started, there is no bar.
        let thread = std::thread::Builder::new().spawn(show).ok();
        Self { read, shown: thread.map(|thread| ShownProgress { bar, running, thread }) }
    }

    /// Counts the bytes that a reader gives.
    pub(super) fn watch<R: Read>(&self, reader: R) -> Watched<R> {
        Watched { reader, read: Arc::clone(&self.read) }
    }

    /// Runs `work` while the bar is not on the screen.
    pub(super) fn hidden<T>(&self, work: impl FnOnce() -> T) -> T {
        match &self.shown {
            Some(shown) => shown.bar.suspend(work),
            None => work(),
        }
    }

    /// Removes the bar.
    pub(super) fn end(&mut self) {
        if let Some(ShownProgress { running, thread, .. }) = self.shown.take() {
            drop(running);
            // The thread returns nothing, and a panic in it only costs the bar.
            let _ = thread.join();
        }
    }
}

impl Drop for ScanProgress {
    fn drop(&mut self) {
        self.end();
    }
}

/// The size of a file, if it can be known.
fn size(path: &PathBuf) -> Option<u64> {
    if is_stdin(path) {
        return None;
    }
    match std::fs::metadata(path) {
        Ok(metadata) => metadata.is_file().then_some(metadata.len()),
        // A file that cannot be opened adds nothing to the bytes to read; opening it reports the error.
        Err(_) => Some(0),
    }
}

/// A reader whose bytes are counted.
pub(super) struct Watched<R> {
    reader: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Watched<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(out)?;
        self.read.fetch_add(u64::try_from(read).unwrap_or_default(), Ordering::Relaxed);
        Ok(read)
    }
}
