//! The progress of a push: a bar on a terminal, or else a line every few seconds.

use std::io::{IsTerminal as _, Write as _};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::client;

/// The time between two lines of progress, which are printed where there is no bar.
const PAUSE: Duration = Duration::from_secs(2);

pub(super) struct Progress {
    start: Instant,
    how: How,
}

enum How {
    Bar(ProgressBar),
    /// The time of the last line.
    Lines(Mutex<Instant>),
}

impl Progress {
    pub(super) fn new(total: usize, json: bool) -> Self {
        let start = Instant::now();
        if json || !std::io::stderr().is_terminal() {
            return Self { start, how: How::Lines(Mutex::new(start)) };
        }
        let bar = ProgressBar::with_draw_target(u64::try_from(total).ok(), ProgressDrawTarget::stderr());
        let template = "{bar:30} {pos}/{len} {msg}  {elapsed}";
        let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
        bar.set_style(style);
        Self { start, how: How::Bar(bar) }
    }

    pub(super) fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }

    pub(super) fn show(&self, progress: client::Progress) {
        let seconds = self.start.elapsed().as_secs_f64().max(0.001);
        #[expect(clippy::cast_precision_loss, reason = "shown without decimals")]
        let rate = progress.requests as f64 / seconds;
        let errors = progress.errors;
        let plural = if errors == 1 { "" } else { "s" };
        let said = format!("{rate:.0} requests/s, {errors} error{plural}");
        match &self.how {
            How::Bar(bar) => {
                bar.set_message(said);
                bar.set_position(u64::try_from(progress.done).unwrap_or(u64::MAX));
            }
            How::Lines(last) => {
                let mut last = last.lock().unwrap_or_else(PoisonError::into_inner);
                if last.elapsed() < PAUSE {
                    return;
                }
                *last = Instant::now();
                // A failure to write to standard error cannot be reported anywhere.
                let _ = writeln!(std::io::stderr().lock(), "{} of {}: {said}", progress.done, progress.total);
            }
        }
    }

    pub(super) fn end(&self) {
        if let How::Bar(bar) = &self.how {
            bar.finish_and_clear();
        }
    }
}
