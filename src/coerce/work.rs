//! Counts the cost of a request for unit tests (P19): the steps of code that scans values, and the bytes that are charged
//! to the budget of the request. In other builds, these functions do nothing.

#[cfg(test)]
use std::cell::Cell;

#[cfg(test)]
thread_local! {
    static STEPS: Cell<usize> = const { Cell::new(0) };
    static CHARGED: Cell<usize> = const { Cell::new(0) };
}

/// Counts steps of work: roughly the bytes or members that are scanned.
#[cfg_attr(not(test), inline(always), allow(clippy::inline_always))]
pub(crate) fn done(steps: usize) {
    #[cfg(test)]
    STEPS.set(STEPS.get().saturating_add(steps));
    #[cfg(not(test))]
    let _ = steps;
}

/// Counts bytes that are charged to the budget.
#[cfg_attr(not(test), inline(always), allow(clippy::inline_always))]
pub(crate) fn charged(bytes: usize) {
    #[cfg(test)]
    CHARGED.set(CHARGED.get().saturating_add(bytes));
    #[cfg(not(test))]
    let _ = bytes;
}

/// Returns the steps and the charged bytes since the last call.
#[cfg(test)]
pub(crate) fn take() -> (usize, usize) {
    (STEPS.take(), CHARGED.take())
}
