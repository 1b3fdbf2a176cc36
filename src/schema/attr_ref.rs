//! A reference to an attribute or sub-attribute, for messages, reports and changes.

use std::fmt;

use crate::schema::{Attribute, Schema};

/// An attribute of a resource type, or one of its sub-attributes. As text it is the canonical path, such as
/// `urn:…:User:manager.value`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AttrRef<'a> {
    pub extension: Option<&'a Schema>,
    pub attribute: &'a Attribute,
    pub sub: Option<&'a Attribute>,
}

impl<'a> AttrRef<'a> {
    pub(crate) fn new(extension: Option<&'a Schema>, attribute: &'a Attribute) -> Self {
        Self { extension, attribute, sub: None }
    }

    pub(crate) fn sub(self, sub: &'a Attribute) -> Self {
        Self { sub: Some(sub), ..self }
    }

    /// The attribute, without the sub-attribute.
    pub(crate) fn whole(self) -> Self {
        Self { sub: None, ..self }
    }

    /// The definition of the value: the sub-attribute if there is one, otherwise the attribute.
    pub(crate) fn leaf(self) -> &'a Attribute {
        self.sub.unwrap_or(self.attribute)
    }

    /// Whether no answer may contain the value of the attribute (F13, P12a).
    pub(crate) fn is_secret(self) -> bool {
        self.attribute.is_never_returned() || self.leaf().is_never_returned()
    }

    /// Whether this is a sub-attribute `value`, such as `manager.value`.
    pub(crate) fn is_value(self) -> bool {
        self.sub.is_some_and(|sub| sub.name.eq_ignore_ascii_case("value"))
    }

    /// Whether this is the attribute `schemas`.
    pub(crate) fn is_schemas(self) -> bool {
        self.extension.is_none() && self.sub.is_none() && self.attribute.name == "schemas"
    }

    /// Whether both refer to the same attribute; their sub-attributes are not compared.
    pub(crate) fn is_same_attribute(self, other: Self) -> bool {
        std::ptr::eq(self.attribute, other.attribute)
    }
}

impl fmt::Display for AttrRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(extension) = self.extension {
            write!(f, "{}:", extension.id)?;
        }
        f.write_str(&self.attribute.name)?;
        self.sub.map_or(Ok(()), |sub| write!(f, ".{}", sub.name))
    }
}

impl From<AttrRef<'_>> for String {
    fn from(attr: AttrRef<'_>) -> Self {
        let extension = attr.extension.map(|extension| extension.id.as_str());
        let sub = attr.sub.map(|sub| sub.name.as_str());
        let length = |part: Option<&str>| part.map_or(0, |part| part.len() + 1);
        let mut path = Self::with_capacity(length(extension) + attr.attribute.name.len() + length(sub));
        if let Some(extension) = extension {
            path.push_str(extension);
            path.push(':');
        }
        path.push_str(&attr.attribute.name);
        if let Some(sub) = sub {
            path.push('.');
            path.push_str(sub);
        }
        path
    }
}
