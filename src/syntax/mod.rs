//! Parses and prints filters (RFC 7644 §3.4.2.2) and PATCH paths (§3.5.2). Nothing here depends on schemas or documents.

mod ast;
mod build;
mod construct;
mod display;
mod error;
mod expected;
mod filter;
mod hint;
mod lexer;
mod literal;
mod parser;
mod path;
mod read;
mod rewrite;
mod same;
mod serde;
mod span;
mod valid;
mod visit;
mod visit_mut;

pub use crate::limits::Limits;
pub use ast::{AttrExp, AttrPath, CompareOp, Expr, Negation, SubTest, Test, ValuePath};
pub use build::{AttrBuilder, ElementBuilder, FilterBuilder, attr};
pub use error::ParseError;
pub(crate) use error::{SECRET, names_secret, render, shown_unread};
pub use filter::Filter;
pub(crate) use lexer::{is_attr_name, is_number};
pub use literal::{Literal, Number};
pub use path::PatchPath;
pub(crate) use rewrite::Rewrite;
pub use span::Span;
pub use visit::{Visit, walk_expr, walk_value_path};
pub use visit_mut::{VisitMut, walk_expr_mut, walk_value_path_mut};

/// Parses `text` as an attribute path, if all of it is one.
pub(crate) fn attr_path(text: &str) -> Option<AttrPath<'_>> {
    match lexer::attr_path(text, text) {
        Ok(("", path)) => Some(path),
        _ => None,
    }
}
