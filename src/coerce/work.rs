//! What a request costs, counted for tests (P19): steps, by those who go over values, and the bytes of them that the budget
//! of the request sees. Nothing is counted in a build that is not one for unit tests.

#[cfg(test)]
use std::cell::Cell;

#[cfg(test)]
thread_local! {
    static STEPS: Cell<usize> = const { Cell::new(0) };
    static CHARGED: Cell<usize> = const { Cell::new(0) };
}

/// Counts what is done: about the bytes or members that are scanned.
#[cfg_attr(not(test), inline(always), allow(clippy::inline_always))]
pub(crate) fn done(steps: usize) {
    #[cfg(test)]
    STEPS.set(STEPS.get().saturating_add(steps));
    #[cfg(not(test))]
    let _ = steps;
}

/// Counts what is charged to the budget.
#[cfg_attr(not(test), inline(always), allow(clippy::inline_always))]
pub(crate) fn charged(bytes: usize) {
    #[cfg(test)]
    CHARGED.set(CHARGED.get().saturating_add(bytes));
    #[cfg(not(test))]
    let _ = bytes;
}

/// Steps and charged bytes since this was asked for the last time.
#[cfg(test)]
pub(crate) fn take() -> (usize, usize) {
    (STEPS.take(), CHARGED.take())
}
