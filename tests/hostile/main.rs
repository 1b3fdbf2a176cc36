//! Input made to do harm: an answer or an error, in time and on a small stack, whatever is dropped afterwards included.
//!
//! Nothing is timed, but everything runs under a watchdog that is far above what work linear in the input takes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::sync::mpsc;
use std::thread::Builder;
use std::time::Duration;

use scim_engine::{Limits, Options};
use serde_json::Value;

#[cfg(feature = "protocol")]
mod bulk;
mod depth;
mod diffs;
mod numbers;
mod size;
mod text;

/// A stack as small as event loops and embedders give.
const SMALL: usize = 256 * 1024;
const USUAL: usize = 2 * 1024 * 1024;

/// Work that is not linear takes hours at these sizes; linear work takes seconds, and a minute on a busy machine.
const PATIENCE: Duration = Duration::from_secs(600);

/// Runs `work` on a stack of that size; fails if it does not come to an end. A stack that runs over aborts the process.
fn finishes_on(stack: usize, work: impl FnOnce() + Send + 'static) {
    let (done, wait) = mpsc::channel();
    let thread = Builder::new().stack_size(stack).spawn(move || {
        work();
        let _ = done.send(());
    });
    let thread = thread.unwrap();
    match wait.recv_timeout(PATIENCE) {
        Ok(()) => thread.join().unwrap(),
        // The work panicked: so does this.
        Err(mpsc::RecvTimeoutError::Disconnected) => std::panic::resume_unwind(thread.join().unwrap_err()),
        Err(mpsc::RecvTimeoutError::Timeout) => panic!("did not come to an end: the cost is not linear in the input"),
    }
}

/// On the usual stack and on a small one.
fn finishes(work: impl Fn() + Clone + Send + 'static) {
    finishes_on(USUAL, work.clone());
    finishes_on(SMALL, work);
}

/// No limits on lengths; `nesting` is capped, and `depth` has tests of its own.
fn unlimited() -> Limits {
    let mut limits = Limits::default();
    limits.filter_bytes = usize::MAX;
    limits.nesting = usize::MAX;
    limits.comparisons = usize::MAX;
    limits.operations = usize::MAX;
    limits.path_bytes = usize::MAX;
    limits
}

fn all_limits() -> [Options; 2] {
    [Options::default(), Options::default().limits(unlimited())]
}

/// A value `levels` below the outermost one; built and to be dropped without recursion.
fn nested(levels: usize, wrap: fn(Value) -> Value) -> Value {
    (0..levels).fold(Value::from("x"), |inner, _| wrap(inner))
}

/// `object` with one more member. (`json!` with a value in it would follow the depth of that.)
fn with(mut object: Value, name: &str, value: Value) -> Value {
    object.as_object_mut().unwrap().insert(name.to_owned(), value);
    object
}

/// Drops a value of any depth: `Value` itself drops its parts by recursion.
fn drop_flat(value: Value) {
    let mut left = vec![value];
    while let Some(value) = left.pop() {
        match value {
            Value::Array(elements) => left.extend(elements),
            Value::Object(members) => left.extend(members.into_iter().map(|(_, value)| value)),
            _ => {}
        }
    }
}
