//! The extensions that operations name.

use crate::schema::Schema;

/// The effect of the operations on the extensions.
#[derive(Default)]
pub(super) struct Extensions<'a> {
    /// Those named since `schemas` was last updated.
    pub touched: Vec<&'a Schema>,
    /// Those named by any operation.
    pub named: Vec<&'a Schema>,
    /// Those whose URN was added or removed because operations changed them.
    pub settled: Vec<&'a Schema>,
    /// Whether an extension has assigned members that no operation has named, and how many had been named when that was
    /// read.
    pub others: Vec<(&'a Schema, usize, bool)>,
}

pub(super) fn has(all: &[&Schema], schema: &Schema) -> bool {
    all.iter().any(|other| std::ptr::eq(*other, schema))
}

impl<'a> Extensions<'a> {
    pub(super) fn touch(&mut self, extension: Option<&'a Schema>) {
        let Some(schema) = extension else { return };
        for all in [&mut self.touched, &mut self.named] {
            if !has(all, schema) {
                all.push(schema);
            }
        }
    }
}
