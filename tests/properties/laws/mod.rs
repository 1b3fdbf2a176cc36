//! The law of docs/MEANING.md as properties, on resource types in which attributes of every kind meet. Requests come in every
//! form that clients have; `make soak` tries many more of them.

mod additions;
mod changes;
mod immutables;
mod named;
mod puts;
mod readings;
mod removals;
pub mod requests;
mod secrets;
mod texts;
mod untouched;
mod values;
pub mod world;
