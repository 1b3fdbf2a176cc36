//! A filter with names and types resolved. One plan serves every representation of a document.

use std::sync::OnceLock;

use super::name_trie::NameTrie;
use super::node::Node;
use crate::schema::ResourceType;
use crate::syntax::Filter;

/// A compiled filter.
#[derive(Debug)]
pub(crate) struct Plan {
    pub filter: Filter,
    pub resource_type: ResourceType,
    pub root: Node,
    trie: OnceLock<NameTrie>,
}

impl Plan {
    pub(crate) fn new(filter: Filter, resource_type: ResourceType, mut root: Node) -> Self {
        root.share_members();
        Self { filter, resource_type, root, trie: OnceLock::new() }
    }

    /// The names that the plan reads. The trie is built on first use, because only readers of JSON text need it.
    pub(crate) fn trie(&self) -> &NameTrie {
        self.trie.get_or_init(|| NameTrie::of(&self.root))
    }

    #[cfg(feature = "python")]
    /// The names of all keys, indexed by [`Key::index`](crate::document::Key::index).
    pub(crate) fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.root.names(&mut names);
        names
    }
}
