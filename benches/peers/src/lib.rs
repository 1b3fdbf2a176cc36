//! What the programs of this folder share: the data of all benches, and the filters as other crates would run them.

#![allow(clippy::type_complexity, reason = "each contender is a closure")]

#[path = "../../data/mod.rs"]
pub mod data;

pub mod contenders;
pub mod patches;
pub mod predicates;
