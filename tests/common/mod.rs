//! Code that several test binaries share.

#![allow(dead_code, reason = "each binary compiles all of it, and none uses all of it")]

pub mod cases;
pub mod chance;
pub mod locker;
pub mod naive;
pub mod spelling;
