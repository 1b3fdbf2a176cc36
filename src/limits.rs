//! The limits on the size of filters, paths and requests (T11).

use serde::{Deserialize, Serialize};

use crate::words::named_fields;

macro_rules! limits {
    ($($(#[$doc:meta])* $name:ident = $default:expr;)*) => {
        /// Limits on hostile input. Each has its own error message.
        ///
        /// ```
        /// use scim_engine::{Filter, Limits, Options};
        /// let options = Options::default().limits(Limits::default().nesting(2));
        /// let error = Filter::parse_with("(((a pr)))", &options).unwrap_err();
        /// assert!(error.to_string().contains("nested"));
        /// ```
        ///
        /// A limit that comes from a configuration file is set by its name:
        ///
        /// ```
        /// use scim_engine::Limits;
        /// let mut limits = Limits::default();
        /// limits.set("comparisons", 16)?;
        /// assert_eq!(limits.get("comparisons"), Some(16));
        /// assert!(Limits::NAMES.contains(&"operations"));
        /// # Ok::<(), scim_engine::UnknownName>(())
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        #[non_exhaustive]
        pub struct Limits {
            $($(#[$doc])* pub $name: usize,)*
        }

        impl Default for Limits {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        named_fields!(Limits: "limit" usize: $($name)*);
    };
}

limits! {
    /// The most bytes of one filter or path; 8 KiB.
    filter_bytes = 8 * 1024;
    /// The most levels of nested brackets and parentheses; 64. However high this limit is, a tree has at most
    /// [`Limits::MAX_DEPTH`] levels. Redundant parentheses add no level to the tree.
    nesting = 64;
    /// The most comparisons and presence tests in one filter; 256.
    comparisons = 256;
    /// The most operations in one PATCH request, including member operations of SCIM 1.1; 10,000.
    operations = 10_000;
    /// The most bytes of all paths and filters of one PATCH request together; 1 MiB.
    path_bytes = 1024 * 1024;
    /// The most levels of nested objects and arrays in a document or request; 64. A value above
    /// [`Limits::MAX_DEPTH`] counts as that constant.
    depth = 64;
    /// The most members of one object in a request; 1,000, more than any resource type has attributes.
    members = 1_000;
    /// The most bytes of elements of multi-valued attributes that one PATCH request may read again, after the
    /// first passes over a list; 160 MiB. A byte that a filter in brackets searches for a text counts twice. A
    /// byte that is copied into further elements counts ten times, so that a short request cannot make a long
    /// resource. Look-ups by equality use an index and hardly count: the limit stops thousands of `co` filters
    /// on a very large group.
    visited_bytes = 160 * 1024 * 1024;
    /// The most bytes of one string in a request; 1 MiB.
    string_bytes = 1024 * 1024;
    /// The most digits of one number in a request, with its exponent written out; 4,300.
    number_digits = 4_300;
}

impl Limits {
    /// The most levels of a tree. Evaluating, printing and dropping a tree recurse, so this limit bounds how much of
    /// the call stack they use.
    pub const MAX_DEPTH: usize = 128;

    /// The levels of a document that are read: [`Limits::depth`], but never more than [`Limits::MAX_DEPTH`].
    pub(crate) fn capped_depth(&self) -> usize {
        self.depth.min(Self::MAX_DEPTH)
    }
}
