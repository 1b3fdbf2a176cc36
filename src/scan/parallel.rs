//! Several threads at one text. It is cut at line ends, or within a list between elements; a worker goes over a part as if
//! documents began there. Whether they did, shows when the part before it is done: if not, or if something is not well-formed,
//! that part is gone over again by the thread that puts the parts together.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};

use super::cuts::Cuts;
use super::splitter::State;
use super::walk::{Passing, Quick, Step, Walk};

/// The bytes of a part, about.
const PART: usize = 512 * 1024;

/// What takes the steps, in the order of the text.
pub(crate) type Take<'f> = &'f mut dyn FnMut(Step) -> ControlFlow<()>;

/// All steps of a text from where the walk is. A break is one of `take`.
pub(crate) fn steps(walk: &mut Walk<'_>, text: &[u8], workers: usize, take: Take<'_>) -> ControlFlow<()> {
    if workers > 1 && text.len() - walk.at.min(text.len()) > 2 * PART {
        // The first document shows what the text is made of.
        let Some(step) = walk.next(text) else { return ControlFlow::Continue(()) };
        let first = step.text(text).to_vec();
        take(step)?;
        if walk.is_between() {
            in_parts(walk, text, workers, &first, take)?;
        }
    }
    until(walk, text, text.len(), take)
}

/// The steps of the documents that begin before `end`.
pub(super) fn until(walk: &mut Walk<'_>, text: &[u8], end: usize, take: Take<'_>) -> ControlFlow<()> {
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

fn in_parts(walk: &mut Walk<'_>, text: &[u8], workers: usize, first: &[u8], take: Take<'_>) -> ControlFlow<()> {
    let next = Mutex::new(Next { text, cuts: Cuts::of(walk.state, first), last: walk.at, count: 0 });
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..workers {
            let (sender, next, is_over) = (sender.clone(), &next, &is_over);
            let mut fork = walk.fork();
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    let part = next.lock().unwrap_or_else(PoisonError::into_inner).part();
                    let Some((number, start, end)) = part else { return };
                    let part = Part::of(&mut fork, text, start, end);
                    if sender.send((number, part)).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let done = put_together(walk, text, &receiver, take);
        is_over.store(true, Ordering::Relaxed);
        done
    })
}

/// The next part of a text: found when a worker asks for it.
struct Next<'t> {
    text: &'t [u8],
    cuts: Cuts,
    last: usize,
    count: usize,
}

impl Next<'_> {
    /// The number of the part, and where it begins and ends.
    fn part(&mut self) -> Option<(usize, usize, usize)> {
        let start = self.last;
        let end = self.cuts.after(self.text, start, PART);
        if end == start {
            return None;
        }
        (self.last, self.count) = (end, self.count + 1);
        Some((self.count - 1, start, end))
    }
}

/// A part that a worker went over.
pub(super) struct Part {
    /// Where it is in the text.
    start: usize,
    end: usize,
    /// With the lines counted from its beginning.
    passing: Vec<Passing>,
    /// Where the worker ended: at the end of the part, or before what is not well-formed.
    done: usize,
    lines: usize,
}

impl Part {
    /// What begins between two places, as far as it is well-formed documents.
    pub(super) fn of(walk: &mut Walk<'_>, text: &[u8], start: usize, end: usize) -> Self {
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
        Self { start, end, passing, done: walk.at, lines: walk.line - 1 }
    }

    /// Its steps, if the walk is where the worker took it to be, and those of what the worker left. Whether the
    /// worker did at least half.
    pub(super) fn deliver(
        self,
        walk: &mut Walk<'_>,
        text: &[u8],
        is_list: bool,
        take: Take<'_>,
    ) -> ControlFlow<(), bool> {
        let is_there = walk.is_between() && (walk.state != State::Top) == is_list && walk.at == self.start;
        let has_helped = is_there && self.done - self.start >= (self.end - self.start) / 2;
        if is_there {
            let line = walk.line - 1;
            for passing in self.passing {
                take(Step::Document(Passing { line: passing.line + line, ..passing }))?;
            }
            walk.at = self.done;
            walk.line += self.lines;
        }
        if walk.at < self.end {
            until(walk, text, self.end, take)?;
        }
        ControlFlow::Continue(has_helped)
    }
}

/// Takes the parts in order.
fn put_together(
    walk: &mut Walk<'_>,
    text: &[u8],
    receiver: &mpsc::Receiver<(usize, Part)>,
    take: Take<'_>,
) -> ControlFlow<()> {
    let is_list = walk.state != State::Top;
    let mut waiting = BTreeMap::new();
    let mut due = 0;
    for (number, part) in receiver {
        waiting.insert(number, part);
        while let Some(part) = waiting.remove(&due) {
            due += 1;
            let _ = part.deliver(walk, text, is_list, take)?;
        }
    }
    ControlFlow::Continue(())
}
