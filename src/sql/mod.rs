//! Filters as conditions over the columns of a database.
//!
//! A platform that keeps its users in columns says once, in a [`Mapping`], where each attribute is and in which form. Then
//! [`Mapping::bind`] says a compiled filter over these columns, and [`Where::to_sql`] writes it for a database and a
//! driver. The rows that it selects are those that [`Matcher::matches`](crate::Matcher::matches) accepts; what the mapping
//! cannot say exactly is an error, or, by [`Mapping::bind_widest`], a condition that selects more and a filter for the
//! rest. Values are bound, never written into the text; names come from the mapping alone.

mod attributes;
mod bind;
mod bound;
mod column;
mod error;
mod folded;
mod indexes;
mod jsonpath;
mod mapping;
mod order;
mod reading;
mod rest;
mod rows;
#[cfg(feature = "sea-query")]
mod sea_query;
mod shadow;
mod source;
mod text;
mod values;
mod where_clause;
mod writing;

pub use bind::Widest;
pub use column::{Column, Stored};
pub use error::{BindError, MappingError, WriteError};
pub use mapping::{Mapping, MappingBuilder};
pub use order::{FirstOf, OrderBy, OrderKey};
pub use reading::{Among, ListReading, Reading};
pub use rows::{Only, RowSource, Rows};
pub use shadow::{FOLD_VERSION, fold};
pub use source::Source;
pub use text::{Dialect, Placeholders, SqlText};
#[cfg(feature = "endpoint")]
pub(crate) use text::{Writer, quoted};
pub use values::Assignment;
pub use where_clause::{ColumnTest, Comparison, Selects, SqlValue, Where};
pub use writing::{ListWriting, Reference, Writing};
