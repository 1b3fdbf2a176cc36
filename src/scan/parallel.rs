//! Several threads at one text. It is cut at line ends; a worker goes over a part as if documents began there. Whether they
//! did, shows when the part before it is done: if not, or if something is not well-formed, that part is gone over again by the
//! thread that puts the parts together.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc;

use super::splitter::State;
use super::walk::{Passing, Quick, Step, Walk};

/// The bytes of a part, about.
const PART: usize = 512 * 1024;

/// What takes the steps, in the order of the text.
pub(crate) type Take<'f> = &'f mut dyn FnMut(Step) -> ControlFlow<()>;

/// A part that a worker went over.
struct Part {
    /// With the lines counted from the beginning of the part.
    passing: Vec<Passing>,
    /// Where the worker ended: at the end of the part, or before what is not well-formed.
    end: usize,
    lines: usize,
}

/// All steps of a text from where the walk is. A break is one of `take`.
pub(crate) fn steps(walk: &mut Walk<'_>, text: &[u8], workers: usize, take: Take<'_>) -> ControlFlow<()> {
    if workers > 1 && text.len() - walk.at.min(text.len()) > 2 * PART {
        // The first document shows what the text is made of.
        match walk.next(text) {
            None => return ControlFlow::Continue(()),
            Some(step) => take(step)?,
        }
        if walk.state == State::Top {
            in_parts(walk, text, workers, take)?;
        }
    }
    until(walk, text, text.len(), take)
}

/// The steps of the documents that begin before `end`.
fn until(walk: &mut Walk<'_>, text: &[u8], end: usize, take: Take<'_>) -> ControlFlow<()> {
    loop {
        // The next document may begin after the end.
        walk.skip_to(text, end);
        if walk.is_waiting || walk.at >= end && end < text.len() {
            return ControlFlow::Continue(());
        }
        match walk.next(text) {
            None => return ControlFlow::Continue(()),
            Some(step) => take(step)?,
        }
    }
}

fn in_parts(walk: &mut Walk<'_>, text: &[u8], workers: usize, take: Take<'_>) -> ControlFlow<()> {
    // After each line end that comes next.
    let mut cuts = vec![walk.at];
    while let Some(rest) = cuts.last().and_then(|last| text.get(last + PART..)) {
        let Some(line_end) = memchr::memchr(b'\n', rest) else { break };
        cuts.push(text.len() - rest.len() + line_end + 1);
    }
    cuts.push(text.len());
    let (next, is_over) = (AtomicUsize::new(0), AtomicBool::new(false));
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..workers {
            let (sender, cuts, next, is_over) = (sender.clone(), &cuts, &next, &is_over);
            let mut fork = walk.fork();
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    let (Some(start), Some(end)) = (cuts.get(number), cuts.get(number + 1)) else { return };
                    let part = Part::of(&mut fork, text, *start, *end);
                    if sender.send((number, part)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let done = put_together(walk, text, &cuts, &receiver, take);
        is_over.store(true, Ordering::Relaxed);
        done
    })
}

/// Takes the parts in order.
fn put_together(
    walk: &mut Walk<'_>,
    text: &[u8],
    cuts: &[usize],
    receiver: &mpsc::Receiver<(usize, Part)>,
    take: Take<'_>,
) -> ControlFlow<()> {
    let mut waiting = BTreeMap::new();
    let mut due = 0;
    for (number, part) in receiver {
        waiting.insert(number, part);
        while let Some(part) = waiting.remove(&due) {
            let (start, end) = (cuts.get(due).copied(), cuts.get(due + 1).copied().unwrap_or(text.len()));
            if walk.state == State::Top && Some(walk.at) == start {
                let line = walk.line - 1;
                for passing in part.passing {
                    take(Step::Document(Passing { line: passing.line + line, ..passing }))?;
                }
                walk.at = part.end;
                walk.line += part.lines;
            }
            due += 1;
            // What the worker left.
            if walk.at < end {
                until(walk, text, end, take)?;
            }
        }
    }
    ControlFlow::Continue(())
}

impl Part {
    /// What begins between two places, as far as it is well-formed documents.
    fn of(walk: &mut Walk<'_>, text: &[u8], start: usize, end: usize) -> Self {
        let mut passing = Vec::new();
        walk.go(start, 1);
        walk.search_to(end);
        // Where the last document ended, and in which line.
        let (mut at, mut line) = (start, 1);
        while walk.at < end
            && let Quick::Document(document) = walk.quick(text)
            && document.start < end
        {
            passing.push(document);
            (at, line) = (walk.at, walk.line);
        }
        walk.go(at, line);
        walk.skip_to(text, end);
        Self { passing, end: walk.at, lines: walk.line - 1 }
    }
}
