//! The extensions that operations name.

use crate::schema::Schema;

/// The effect of the operations on the extensions.
#[derive(Default)]
pub(super) struct Extensions<'a> {
    /// The extensions that operations have named since `schemas` was last updated.
    pub touched: Vec<&'a Schema>,
    /// The extensions that any operation has named.
    pub named: Vec<&'a Schema>,
    /// The extensions that operations have changed. From then on, the URN of such an extension is in `schemas` if and only
    /// if the extension has attributes.
    pub settled: Vec<&'a Schema>,
    /// The extensions that an operation removed as a whole. Their stored members that no schema knows went with them (P7), and
    /// count as named by an operation.
    pub cleared: Vec<&'a Schema>,
    /// The answers of `Store::has_assigned` for members that no operation has named. Each entry has an extension, the number
    /// of members that operations had named when the store was asked, and whether the extension has other assigned members.
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
