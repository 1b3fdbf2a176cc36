//! Compiles filters for a resource type, matches them with documents, and explains the result.

pub(crate) mod case_fold;
pub(crate) mod compare;
pub(crate) mod compile;
pub(crate) mod datetime;
pub(crate) mod decimal;
pub(crate) mod error;
pub(crate) mod evaluate;
mod explain;
pub(crate) mod literal_set;
mod matcher;
pub(crate) mod name_trie;
mod needs;
pub(crate) mod node;
pub(crate) mod plan;
mod rules;
pub(crate) mod secret;
pub(crate) mod text_rule;

pub use case_fold::fold as fold_case;
pub use error::CompileError;
pub use explain::Explanation;
pub use matcher::{Equality, Matcher};
pub use rules::{FilterOperator, FilterRules};
pub use text_rule::username_key;
