//! Shared by the programs of this folder: the data of all benches, and the contenders.

#![allow(clippy::type_complexity, reason = "each contender is a closure")]

#[path = "../../data/mod.rs"]
pub mod data;

pub mod contenders;
pub mod patches;
pub mod predicates;
