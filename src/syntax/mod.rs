//! Parses and prints filters (RFC 7644 §3.4.2.2) and PATCH paths (§3.5.2). Nothing here depends on schemas or documents.

mod ast;
mod build;
mod display;
mod error;
mod expected;
mod filter;
mod hint;
mod lexer;
mod parser;
mod path;
mod rewrite;
mod serde;
mod span;
mod visit;

pub use crate::limits::Limits;
pub use ast::{AttrExp, AttrPath, CompareOp, Expr, Literal, Negation, Number, SubTest, Test, ValuePath};
pub use build::{AttrBuilder, FilterBuilder, attr};
pub use error::ParseError;
pub(crate) use error::{SECRET, names_secret, render, shown_unread};
pub use filter::Filter;
pub(crate) use lexer::{is_attr_name, is_number};
pub use path::PatchPath;
pub(crate) use rewrite::Rewrite;
pub use span::Span;
pub use visit::{Visit, walk_expr, walk_value_path};

/// Parses `text` as an attribute path, if all of it is one.
pub(crate) fn attr_path(text: &str) -> Option<AttrPath<'_>> {
    match lexer::attr_path(text, text) {
        Ok(("", path)) => Some(path),
        _ => None,
    }
}
