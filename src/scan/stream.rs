//! A stream gone over in blocks. With several threads each worker reads a block for itself, which is then in its cache, and goes
//! over it as if documents began there; the thread that puts the blocks together does so again where they did not.

use std::collections::BTreeMap;
use std::io;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, mpsc};

use super::cuts::Cuts;
use super::parallel::{self, Part};
use super::source::MAX_BYTES;
use super::splitter::State;
use super::supply::Supply;
use super::walk::{Step, Walk};

/// The bytes that are read at once, about: they stay in the cache of a core until they are gone over. Tests are in a hurry to
/// come to an end of them.
const BLOCK: usize = if cfg!(test) { 64 } else { 512 * 1024 };

/// The most of one document that is read.
const LONGEST: usize = if cfg!(test) { 4096 } else { MAX_BYTES };

/// After so many blocks in a row that did not begin where the worker took it, the workers only read.
const IN_VAIN: usize = 4;

/// What is left of a stream whose next document is longer than is read at once.
#[cfg_attr(not(any(feature = "cli", test)), expect(dead_code, reason = "the command line reads on"))]
pub(crate) struct Rest {
    /// What was read of it.
    pub text: Vec<u8>,
    /// What it is part of, and where it stands.
    pub state: State,
    pub line: usize,
    pub column: usize,
}

/// Takes what a stream has, in its order.
pub(crate) trait Take {
    /// The part of the text that the step is in, how many bytes come before that, and the step.
    fn step(&mut self, text: &[u8], before: usize, step: Step) -> ControlFlow<()>;

    /// What comes next may have to be waited for.
    fn pause(&mut self) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }
}

impl<F: FnMut(&[u8], usize, Step) -> ControlFlow<()>> Take for F {
    fn step(&mut self, text: &[u8], before: usize, step: Step) -> ControlFlow<()> {
        self(text, before, step)
    }
}

/// Gives `take` the steps of a stream. An error comes after what was read before it.
pub(crate) fn steps(
    supply: &dyn Supply,
    walk: &mut Walk<'_>,
    threads: usize,
    take: &mut dyn Take,
) -> io::Result<Option<Rest>> {
    let mut stream = Stream { walk, text: Vec::new(), before: 0, tried: 0 };
    let done =
        if threads > 1 { stream.in_blocks(supply, threads, take) } else { stream.alone(supply, take, usize::MAX) };
    match done {
        ControlFlow::Continue(()) | ControlFlow::Break(End::Taken) => Ok(None),
        ControlFlow::Break(End::Failed(error)) => Err(error),
        ControlFlow::Break(End::TooLong) => {
            let (state, line, column) = stream.walk.position();
            Ok(Some(Rest { text: stream.text, state, line, column }))
        }
    }
}

/// Why a stream is left.
enum End {
    /// There is no more, or no more is wanted.
    Taken,
    Failed(io::Error),
    TooLong,
}

type Flow<T> = ControlFlow<End, T>;

/// Turns what `take` says into a reason.
fn taken<T>(flow: ControlFlow<(), T>) -> Flow<T> {
    match flow {
        ControlFlow::Continue(value) => ControlFlow::Continue(value),
        ControlFlow::Break(()) => ControlFlow::Break(End::Taken),
    }
}

struct Stream<'w, 'm> {
    walk: &'w mut Walk<'m>,
    /// What was read and not gone over; the walk is at its beginning.
    text: Vec<u8>,
    /// How many bytes came before it.
    before: usize,
    /// Its length when there was no whole document in it.
    tried: usize,
}

impl Stream<'_, '_> {
    /// Reads with this thread, so many blocks. Goes on where the stream has more.
    fn alone(&mut self, supply: &dyn Supply, take: &mut dyn Take, blocks: usize) -> Flow<()> {
        for _ in 0..blocks {
            taken(take.pause())?;
            // What has no whole document in it is doubled, so that it is not gone over too often.
            let filled = supply.fill(&mut self.text, BLOCK.max(self.tried));
            self.walk.set_last(matches!(filled, Ok(true)));
            let (walk, text, before) = (&mut *self.walk, &self.text, self.before);
            taken(parallel::steps(walk, text, 1, &mut |step| take.step(text, before, step)))?;
            self.go_on(filled)?;
        }
        ControlFlow::Continue(())
    }

    /// After a part was gone over: what is left of it is the beginning of the next one.
    fn go_on(&mut self, filled: io::Result<bool>) -> Flow<()> {
        match filled {
            Err(error) => return ControlFlow::Break(End::Failed(error)),
            Ok(is_last) if is_last || self.walk.is_over() => return ControlFlow::Break(End::Taken),
            Ok(_) => {}
        }
        let done = self.walk.at.min(self.text.len());
        self.tried = if done == 0 { self.text.len() } else { 0 };
        if self.tried >= LONGEST {
            return ControlFlow::Break(End::TooLong);
        }
        self.walk.next_part(&self.text);
        self.before += done;
        self.text.drain(..done);
        ControlFlow::Continue(())
    }

    /// Has workers read.
    fn in_blocks(&mut self, supply: &dyn Supply, threads: usize, take: &mut dyn Take) -> Flow<()> {
        // The first document shows what the text is made of.
        let mut watch = Watch { take, first: None };
        while watch.first.is_none() || !self.walk.is_between() {
            self.alone(supply, &mut watch, 1)?;
        }
        let Watch { take, first } = watch;
        let cuts = Cuts::of(self.walk.position().0, &first.unwrap_or_default());
        let is_list = !matches!(cuts, Cuts::Lines);
        let feed = Mutex::new(Feed { supply, cuts, tail: std::mem::take(&mut self.text), count: 0, is_over: false });
        let is_in_vain = AtomicBool::new(false);
        let (give_back, spare) = mpsc::channel();
        for _ in 0..2 * threads + 2 {
            // Its receiver is there.
            let _ = give_back.send(Vec::new());
        }
        let spare = Mutex::new(spare);
        std::thread::scope(|scope| {
            // Workers that wait for one go home when this thread does.
            let give_back = give_back;
            let (sender, receiver) = mpsc::channel();
            for _ in 0..threads {
                let (sender, feed, spare, is_in_vain) = (sender.clone(), &feed, &spare, &is_in_vain);
                let mut fork = self.walk.fork();
                scope.spawn(move || {
                    loop {
                        let block = lock(feed).next(spare);
                        let Some(mut block) = block else { return };
                        // Now and then it is tried again.
                        if block.number % 16 == 0 || !is_in_vain.load(Ordering::Relaxed) {
                            fork.set_last(matches!(block.filled, Ok(true)));
                            block.part = Some(Part::of(&mut fork, &block.text, 0, block.text.len()));
                        }
                        if sender.send(block).is_err() {
                            return;
                        }
                    }
                });
            }
            drop(sender);
            let mut blocks = Blocks { receiver, waiting: BTreeMap::new(), due: 0 };
            let mut done = self.put_together(&mut blocks, &give_back, is_list, &is_in_vain, take);
            supply.stop();
            if matches!(done, ControlFlow::Break(End::TooLong)) {
                // What the workers read belongs to what is left.
                drop(give_back);
                lock(&feed).is_over = true;
                while let Some(block) = blocks.next(&mut || ControlFlow::Continue(()))? {
                    self.text.extend_from_slice(&block.text);
                }
                self.text.append(&mut lock(&feed).tail);
                done = ControlFlow::Break(End::TooLong);
            }
            done
        })
    }

    /// Takes the blocks in order.
    fn put_together(
        &mut self,
        blocks: &mut Blocks,
        give_back: &mpsc::Sender<Vec<u8>>,
        is_list: bool,
        is_in_vain: &AtomicBool,
        take: &mut dyn Take,
    ) -> Flow<()> {
        let mut in_vain = 0;
        while let Some(block) = blocks.next(&mut || take.pause())? {
            let Block { text, part, filled, is_short, .. } = block;
            let is_next = self.text.is_empty();
            let mut spare = Vec::new();
            if is_next {
                self.text = text;
            } else {
                self.text.extend_from_slice(&text);
                spare = text;
            }
            let is_due = is_short || self.text.len() >= 2 * self.tried || !matches!(filled, Ok(false));
            if is_due {
                self.walk.set_last(matches!(filled, Ok(true)));
                let (walk, text, before) = (&mut *self.walk, &self.text, self.before);
                let take = &mut |step| take.step(text, before, step);
                match part {
                    Some(part) if is_next => {
                        let has_helped = taken(part.deliver(walk, text, is_list, take))?;
                        in_vain = if has_helped { 0 } else { in_vain + 1 };
                    }
                    part => {
                        in_vain += usize::from(part.is_some());
                        taken(parallel::until(walk, text, text.len(), take))?;
                    }
                }
                self.go_on(filled)?;
            }
            is_in_vain.store(in_vain >= IN_VAIN, Ordering::Relaxed);
            if self.text.is_empty() {
                spare = std::mem::take(&mut self.text);
            }
            // Where nobody wants it, all is read.
            let _ = give_back.send(spare);
        }
        ControlFlow::Continue(())
    }
}

/// Keeps the first document.
struct Watch<'t> {
    take: &'t mut dyn Take,
    first: Option<Vec<u8>>,
}

impl Take for Watch<'_> {
    fn step(&mut self, text: &[u8], before: usize, step: Step) -> ControlFlow<()> {
        self.first.get_or_insert_with(|| step.text(text).to_vec());
        self.take.step(text, before, step)
    }

    fn pause(&mut self) -> ControlFlow<()> {
        self.take.pause()
    }
}

/// A part of a stream that is cut where documents may begin and end.
struct Block {
    number: usize,
    text: Vec<u8>,
    /// What a worker found in it.
    part: Option<Part>,
    /// Whether it is the last, or what went wrong after it.
    filled: io::Result<bool>,
    /// Whether what follows had to be waited for.
    is_short: bool,
}

/// Where the workers have the blocks from.
struct Feed<'s> {
    supply: &'s dyn Supply,
    cuts: Cuts,
    /// What was read after the last cut.
    tail: Vec<u8>,
    count: usize,
    is_over: bool,
}

impl Feed<'_> {
    /// The next block, in a spare buffer.
    fn next(&mut self, spare: &Mutex<mpsc::Receiver<Vec<u8>>>) -> Option<Block> {
        if self.is_over {
            return None;
        }
        // There are only so many, so that no more is read than is gone over.
        let mut text = lock(spare).recv().ok()?;
        text.clear();
        text.append(&mut self.tail);
        let had = text.len();
        let filled = self.supply.fill(&mut text, BLOCK);
        let is_short = text.len() - had < BLOCK;
        self.is_over = !matches!(filled, Ok(false));
        // Whoever waits for the end of an element gets it before the next one begins.
        let is_whole = self.is_over || is_short && !matches!(self.cuts, Cuts::Lines);
        if !is_whole && let Some(cut) = self.cuts.last(&text) {
            self.tail.extend_from_slice(text.get(cut..).unwrap_or_default());
            text.truncate(cut);
        }
        self.count += 1;
        Some(Block { number: self.count - 1, text, part: None, filled, is_short })
    }
}

/// The blocks that workers went over, put in order.
struct Blocks {
    receiver: mpsc::Receiver<Block>,
    waiting: BTreeMap<usize, Block>,
    due: usize,
}

impl Blocks {
    /// The next one; `pause` is called where it has to be waited for.
    fn next(&mut self, pause: &mut dyn FnMut() -> ControlFlow<()>) -> Flow<Option<Block>> {
        loop {
            if let Some(block) = self.waiting.remove(&self.due) {
                self.due += 1;
                return ControlFlow::Continue(Some(block));
            }
            let block = match self.receiver.try_recv() {
                Ok(block) => block,
                Err(_) => {
                    taken(pause())?;
                    match self.receiver.recv() {
                        Ok(block) => block,
                        Err(_) => return ControlFlow::Continue(None),
                    }
                }
            };
            self.waiting.insert(block.number, block);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::scan::supply::Reader;
    use crate::scan::walk::tests::{Dice, list, matcher, said, slowly, text};

    /// Gives as much as it likes, and then perhaps an error.
    struct Moody<'t>(Mutex<(&'t [u8], Dice)>, bool);

    impl Supply for Moody<'_> {
        fn fill(&self, text: &mut Vec<u8>, size: usize) -> io::Result<bool> {
            let (rest, dice) = &mut *lock(&self.0);
            let most = size.min(rest.len());
            let count = if dice.roll(3) == 0 { most } else { most.min(1 + dice.roll(size)) };
            text.extend_from_slice(&rest[..count]);
            *rest = &rest[count..];
            match (rest.is_empty(), self.1) {
                (true, true) => Err(io::Error::other("broken")),
                (is_empty, _) => Ok(is_empty),
            }
        }
    }

    fn all(supply: &dyn Supply, threads: usize) -> (Vec<String>, io::Result<bool>) {
        let matcher = matcher();
        let mut found = Vec::new();
        let mut take = |text: &[u8], _: usize, step: Step| {
            found.push(said(&step, text));
            ControlFlow::Continue(())
        };
        let rest = steps(supply, &mut Walk::new(&matcher, false), threads, &mut take);
        (found, rest.map(|rest| rest.is_some()))
    }

    #[test]
    fn blocks_and_threads_change_nothing() {
        let mut dice = Dice(19);
        for round in 0..500 {
            let mut whole = Vec::new();
            for _ in 0..=dice.roll(4) {
                let (pieces, lines, elements) = (dice.roll(12), dice.roll(40), 1 + dice.roll(60));
                match dice.roll(3) {
                    0 => whole.extend(text(&mut dice, pieces)),
                    1 => whole.extend(b"{\"a\":1,\"b\":\"\"}\n".repeat(lines)),
                    _ => whole.extend(list(&mut dice, elements)),
                }
            }
            let expected = slowly(&matcher(), &whole);
            for threads in [1, 2, 3, 8] {
                let (found, end) = all(&Reader::new(&whole[..]), threads);
                assert!(matches!(end, Ok(false)));
                assert_eq!(found, expected, "{round} {threads} {}", String::from_utf8_lossy(&whole));
                let moody = Moody(Mutex::new((&whole, Dice(round + 1))), false);
                assert_eq!(all(&moody, threads).0, expected, "{round} {threads} {}", String::from_utf8_lossy(&whole));
            }
        }
    }

    #[test]
    fn what_comes_before_an_error_is_given() {
        let whole = b"{\"a\":1}\n".repeat(100);
        let expected = slowly(&matcher(), &whole);
        for threads in [1, 2, 3] {
            for cut in 0..12 {
                let moody = Moody(Mutex::new((&whole[..whole.len() - cut], Dice(7))), true);
                let (found, end) = all(&moody, threads);
                assert_eq!(end.unwrap_err().to_string(), "broken");
                // Nothing is known of the one that is not all there.
                assert_eq!(found, expected[..100 - cut.div_ceil(8)], "{threads} {cut}");
            }
        }
    }

    #[test]
    fn nothing_is_lost_of_what_is_too_long() {
        let start = b"{\"a\":1}\n".repeat(90);
        let long = [b"{\"a\":\"", b"x".repeat(20_000).as_slice(), b"\"}\n"].concat();
        let whole = [&start[..], &long, &start].concat();
        let matcher = matcher();
        for threads in [1, 2, 3, 8] {
            for mood in 0..20 {
                let moody = Moody(Mutex::new((&whole, Dice(mood + 1))), false);
                let mut seen = 0;
                let mut take = |_: &[u8], _: usize, _: Step| {
                    seen += 1;
                    ControlFlow::Continue(())
                };
                let rest = steps(&moody, &mut Walk::new(&matcher, false), threads, &mut take).unwrap().unwrap();
                assert_eq!((seen, rest.line, rest.column, rest.state), (90, 91, 0, State::Top), "{threads} {mood}");
                let mut text = rest.text;
                while !moody.fill(&mut text, 1000).unwrap() {}
                assert!(text == whole[start.len()..], "{threads} {mood}");
            }
        }
    }

    #[test]
    fn nothing_is_read_that_is_not_wanted() {
        /// Counts what it gives, without end.
        struct Endless(Mutex<usize>);
        impl Read for Endless {
            fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
                *lock(&self.0) += out.len();
                out.fill(b' ');
                b"{}\n".as_slice().read(out)
            }
        }
        let matcher = matcher();
        for threads in [1, 2] {
            let mut seen = 0;
            let mut take = |_: &[u8], _: usize, _: Step| {
                seen += 1;
                if seen == 1000 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            let supply = Reader::new(Endless(Mutex::new(0)));
            assert!(steps(&supply, &mut Walk::new(&matcher, false), threads, &mut take).unwrap().is_none());
            assert_eq!(seen, 1000);
        }
    }
}
