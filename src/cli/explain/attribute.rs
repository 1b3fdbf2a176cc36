//! Describes the attributes that a filter or path names, by the characteristics that their schemas give them.

use std::io::{self, Write};

use serde_json::{Value, json};

use crate::schema::{AttrType, Attribute, Mutability, Resolved, ResourceType, Returned, Schema};
use crate::syntax::{AttrPath, ValuePath, Visit};

/// A name in a filter or path, and its meaning: an attribute, the URN of a schema, or a name that no schema has.
pub(super) struct NamedAttribute<'a> {
    /// The name as in the schema, or as it was written if no schema has it.
    path: String,
    kind: AttributeMeaning<'a>,
}

enum AttributeMeaning<'a> {
    Attribute { attribute: &'a Attribute, schema: Option<&'a str> },
    Extension(&'a Schema),
    Unknown,
}

impl<'a> NamedAttribute<'a> {
    pub(super) fn new(resource_type: &'a ResourceType, path: &AttrPath<'_>) -> Self {
        match resource_type.resolve(path) {
            Some(resolved) => Self::resolved(resource_type, resolved),
            None => Self { path: path.as_str().to_owned(), kind: AttributeMeaning::Unknown },
        }
    }

    pub(super) fn resolved(resource_type: &'a ResourceType, resolved: Resolved<'a>) -> Self {
        match resolved {
            Resolved::Core(_) => {
                Self { path: resolved.to_string(), kind: AttributeMeaning::Extension(resource_type.schema()) }
            }
            Resolved::Extension(schema) => {
                Self { path: resolved.to_string(), kind: AttributeMeaning::Extension(schema) }
            }
            Resolved::Attribute { extension, attribute, sub_attribute } => {
                let path = resolved.to_string();
                let schema = extension.map(|schema| schema.id.as_str()).or_else(|| core_of(resource_type, attribute));
                Self {
                    path,
                    kind: AttributeMeaning::Attribute { attribute: sub_attribute.unwrap_or(attribute), schema },
                }
            }
        }
    }

    /// A sub-attribute of this attribute.
    pub(super) fn sub(&self, name: &str) -> Self {
        let (found, schema) = match self.kind {
            AttributeMeaning::Attribute { attribute, schema } if attribute.is_complex() => {
                (attribute.sub_attribute(name), schema)
            }
            // A simple attribute has no sub-attributes. In the brackets after it, the name `value` means the element itself.
            AttributeMeaning::Attribute { attribute, schema } => (Some(attribute), schema),
            _ => (None, None),
        };
        let name = found.filter(|_| self.is_complex()).map_or(name, |sub| &sub.name);
        let kind =
            found.map_or(AttributeMeaning::Unknown, |attribute| AttributeMeaning::Attribute { attribute, schema });
        Self { path: format!("{}.{name}", self.path), kind }
    }

    fn is_complex(&self) -> bool {
        matches!(self.kind, AttributeMeaning::Attribute { attribute, .. } if attribute.is_complex())
    }

    /// The characteristics that the schema gives the attribute, in words.
    fn facts(&self) -> String {
        let AttributeMeaning::Attribute { attribute, .. } = self.kind else {
            return match self.kind {
                AttributeMeaning::Extension(_) => "all of an extension".to_owned(),
                _ => "in no known schema, compared by the type of the literal".to_owned(),
            };
        };
        let mut facts = vec![attribute.attr_type.as_str()];
        facts.push(if attribute.multi_valued { "multi-valued" } else { "single-valued" });
        if matches!(attribute.attr_type, AttrType::String | AttrType::Reference | AttrType::Binary) {
            facts.push(if attribute.is_case_exact() { "case-exact" } else { "ignoring case" });
        }
        if attribute.required {
            facts.push("required");
        }
        match attribute.mutability {
            Mutability::ReadOnly => facts.push("readOnly"),
            Mutability::Immutable => facts.push("immutable"),
            Mutability::WriteOnly => facts.push("writeOnly"),
            Mutability::ReadWrite => {}
        }
        match attribute.returned {
            Returned::Never => facts.push("never returned"),
            Returned::Request => facts.push("returned on request"),
            Returned::Always | Returned::Default => {}
        }
        facts.join(", ")
    }

    fn schema(&self) -> &str {
        match self.kind {
            AttributeMeaning::Attribute { schema, .. } => schema.unwrap_or("common to all resources"),
            AttributeMeaning::Extension(schema) => &schema.id,
            AttributeMeaning::Unknown => "",
        }
    }

    fn json(&self) -> Value {
        match self.kind {
            AttributeMeaning::Attribute { attribute, schema } => json!({
                "path": self.path,
                "type": attribute.attr_type,
                "multiValued": attribute.multi_valued,
                "caseExact": attribute.is_case_exact(),
                "required": attribute.required,
                "mutability": attribute.mutability,
                "returned": attribute.returned,
                "schema": schema,
            }),
            AttributeMeaning::Extension(schema) => json!({"path": self.path, "type": "extension", "schema": schema.id}),
            AttributeMeaning::Unknown => json!({"path": self.path, "type": null, "schema": null}),
        }
    }
}

/// The core schema that has an attribute; none for the attributes that all resources have, such as `id`.
fn core_of<'a>(resource_type: &'a ResourceType, attribute: &Attribute) -> Option<&'a str> {
    let schema = resource_type.schema();
    if schema.attribute(&attribute.name).is_some_and(|own| own == attribute) {
        return Some(&schema.id);
    }
    // The resource type `any` has the attributes of User and of Group. An attribute that User does not have belongs to Group.
    let is_of_group = resource_type.is_open() && ResourceType::group().schema().attribute(&attribute.name).is_some();
    is_of_group.then_some(Schema::GROUP)
}

/// Collects the attributes that a filter names, each once, in the order of the filter.
pub(super) struct FilterNames<'a> {
    resource_type: &'a ResourceType,
    /// The attribute before the brackets that are being read. The names in the brackets are its sub-attributes.
    within: Option<NamedAttribute<'a>>,
    found: Vec<NamedAttribute<'a>>,
}

impl<'a> FilterNames<'a> {
    pub(super) fn new(resource_type: &'a ResourceType) -> Self {
        Self { resource_type, within: None, found: Vec::new() }
    }

    pub(super) fn resource_type(&self) -> &'a ResourceType {
        self.resource_type
    }

    pub(super) fn push(&mut self, named: NamedAttribute<'a>) {
        if !self.found.iter().any(|known| known.path == named.path) {
            self.found.push(named);
        }
    }

    /// Reads the names in the brackets of an attribute, and then adds the attribute.
    pub(super) fn enter(&mut self, named: NamedAttribute<'a>, read: impl FnOnce(&mut Self)) {
        self.within = Some(named);
        read(self);
        if let Some(named) = self.within.take() {
            self.push(named);
        }
    }

    pub(super) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        let width = |text: fn(&NamedAttribute<'a>) -> usize| self.found.iter().map(text).max().unwrap_or(0);
        let (paths, facts) = (width(|named| named.path.len()), width(|named| named.facts().len()));
        writeln!(out, "attributes of {}", self.resource_type.name())?;
        for named in &self.found {
            let line = format!("  {:paths$}  {:facts$}  {}", named.path, named.facts(), named.schema());
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }

    pub(super) fn json(&self) -> Value {
        self.found.iter().map(NamedAttribute::json).collect()
    }
}

impl Visit for FilterNames<'_> {
    fn visit_attr_path(&mut self, path: &AttrPath<'_>) {
        let named = match &self.within {
            Some(outer) => outer.sub(path.name()),
            None => NamedAttribute::new(self.resource_type, path),
        };
        self.push(named);
    }

    fn visit_value_path(&mut self, path: &ValuePath<'_>) {
        self.visit_attr_path(&path.path);
        let outer = NamedAttribute::new(self.resource_type, &path.path);
        self.enter(outer, |names| {
            names.visit_expr(&path.filter);
            if let (Some(then), Some(outer)) = (&path.then, &names.within) {
                let named = outer.sub(&then.sub_attribute);
                names.push(named);
            }
        });
    }
}
