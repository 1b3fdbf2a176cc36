//! An interface to read and set the sub-attributes of a complex value, in whatever form a request holds the value.

use serde_json::{Map, Value};

use super::members::{member, remove_member, set_member};
use super::sublist::{Sublist, Sublists};
use crate::schema::Attribute;

/// A complex value whose members can be read and set.
pub(crate) trait ComplexValue {
    fn get(&self, name: &str) -> Option<&Value>;
    fn set(&mut self, name: &str, value: Value);
    fn remove(&mut self, name: &str);

    /// The list of a sub-attribute and the positions of its values, so that the list can be changed in place; `None` if the
    /// list must be set as a whole.
    fn list(&mut self, _: &Attribute) -> Option<(&mut Vec<Value>, &mut Sublist)> {
        None
    }

    /// Must be called before a list is changed in place.
    fn before_list(&mut self, _: &Attribute) {}
}

impl ComplexValue for Map<String, Value> {
    fn get(&self, name: &str) -> Option<&Value> {
        member(self, name)
    }

    fn set(&mut self, name: &str, value: Value) {
        set_member(self, name, value);
    }

    fn remove(&mut self, name: &str) {
        remove_member(self, name);
    }
}

/// An object, with the positions of the values in its long lists.
pub(crate) struct Listed<'m> {
    pub members: &'m mut Map<String, Value>,
    pub lists: &'m mut Sublists,
}

impl ComplexValue for Listed<'_> {
    fn get(&self, name: &str) -> Option<&Value> {
        member(self.members, name)
    }

    fn set(&mut self, name: &str, value: Value) {
        self.lists.forget(name);
        set_member(self.members, name, value);
    }

    fn remove(&mut self, name: &str) {
        self.lists.forget(name);
        remove_member(self.members, name);
    }

    fn list(&mut self, sub: &Attribute) -> Option<(&mut Vec<Value>, &mut Sublist)> {
        self.lists.of(self.members, sub)
    }
}
