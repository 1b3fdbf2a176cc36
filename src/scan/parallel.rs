//! Several threads at one text. It is cut at line ends, or within a list between elements; a worker goes over a part as if
//! documents began there. Whether they did, shows when the part before it is done: if not, or if something is not well-formed,
//! that part is gone over again by the thread that puts the parts together.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError, mpsc};

use super::cursor::Cursor;
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
        match walk.next(text) {
            None => return ControlFlow::Continue(()),
            Some(step) => take(step)?,
        }
        if matches!(walk.state, State::Top | State::List { .. }) {
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
    let cuts = Mutex::new(Cuts { text, last: walk.at, count: 0, is_list: walk.state != State::Top });
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let (sender, receiver) = mpsc::channel();
        for _ in 0..workers {
            let (sender, cuts, is_over) = (sender.clone(), &cuts, &is_over);
            let mut fork = walk.fork();
            scope.spawn(move || {
                while !is_over.load(Ordering::Relaxed) {
                    let cut = cuts.lock().unwrap_or_else(PoisonError::into_inner).next();
                    let Some((number, start, end)) = cut else { return };
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

/// Where the text is cut: found when a worker asks for the next part.
struct Cuts<'t> {
    text: &'t [u8],
    last: usize,
    count: usize,
    is_list: bool,
}

impl Cuts<'_> {
    /// The number of the next part, and where it begins and ends.
    fn next(&mut self) -> Option<(usize, usize, usize)> {
        let start = self.last;
        let end = if self.is_list { self.element_end() } else { self.line_end() };
        if end == start {
            return None;
        }
        (self.last, self.count) = (end, self.count + 1);
        Some((self.count - 1, start, end))
    }

    fn line_end(&self) -> usize {
        let line_end = self.text.get(self.last + PART..).and_then(|rest| memchr::memchr(b'\n', rest));
        line_end.map_or(self.text.len(), |end| self.last + PART + end + 1)
    }

    /// Where an element ends, as far as brackets tell. What they cannot tell is left.
    fn element_end(&self) -> usize {
        let mut cursor = Cursor::<false>::new(self.text, self.last);
        let mut end = self.last;
        while end - self.last < PART {
            if cursor.peek() == b',' {
                cursor.at += 1;
            }
            if cursor.peek() != b'{' || cursor.skip(0).is_err() {
                break;
            }
            end = cursor.at;
        }
        end
    }
}

/// A part that a worker went over.
struct Part {
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
        Self { start, end, passing, done: walk.at, lines: walk.line - 1 }
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
            let is_there = match walk.state {
                State::Top => !is_list,
                State::List { .. } => is_list,
                _ => false,
            };
            if is_there && walk.at == part.start {
                let line = walk.line - 1;
                for passing in part.passing {
                    take(Step::Document(Passing { line: passing.line + line, ..passing }))?;
                }
                walk.at = part.done;
                walk.line += part.lines;
            }
            // What the worker left.
            if walk.at < part.end {
                until(walk, text, part.end, take)?;
            }
        }
    }
    ControlFlow::Continue(())
}
