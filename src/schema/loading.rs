//! Reads schemas and resource types in the form in which servers serve them (RFC 7643 §6, §7). `null` members count as
//! absent, and names of members and keywords are read in any case (R6). Unknown members are errors in the host's own
//! definitions; in the definitions of other servers they are skipped.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::attribute::{AttrType, Attribute, Mutability, Returned, Uniqueness};
use super::error::SchemaError;
use super::resource_type::{Extension, ResourceType, Schema};
use crate::json::is_within_depth;
use crate::limits::Limits;
use crate::suggest::nearest;
use crate::syntax::is_attr_name;

const OF_SCHEMA: &[&str] = &["id", "name", "description", "attributes", "schemas", "meta"];
const OF_ATTRIBUTE: &[&str] = &[
    "name",
    "type",
    "multiValued",
    "description",
    "required",
    "caseExact",
    "canonicalValues",
    "canonicalOnly",
    "maxLength",
    "mutability",
    "returned",
    "uniqueness",
    "referenceTypes",
    "subAttributes",
];
const OF_RESOURCE_TYPE: &[&str] =
    &["id", "name", "endpoint", "description", "schema", "schemaExtensions", "schemas", "meta"];
const OF_EXTENSION: &[&str] = &["schema", "required"];

const TYPES: &[(&str, AttrType)] = &[
    ("string", AttrType::String),
    ("boolean", AttrType::Boolean),
    ("decimal", AttrType::Decimal),
    ("integer", AttrType::Integer),
    ("dateTime", AttrType::DateTime),
    ("binary", AttrType::Binary),
    ("reference", AttrType::Reference),
    ("complex", AttrType::Complex),
];
const MUTABILITIES: &[(&str, Mutability)] = &[
    ("readOnly", Mutability::ReadOnly),
    ("readWrite", Mutability::ReadWrite),
    ("immutable", Mutability::Immutable),
    ("writeOnly", Mutability::WriteOnly),
];
const RETURNED: &[(&str, Returned)] = &[
    ("always", Returned::Always),
    ("never", Returned::Never),
    ("default", Returned::Default),
    ("request", Returned::Request),
];
const UNIQUENESS: &[(&str, Uniqueness)] =
    &[("none", Uniqueness::None), ("server", Uniqueness::Server), ("global", Uniqueness::Global)];

type Loaded<T> = Result<T, SchemaError>;

/// A resource type as its definition describes it, before its schemas are looked up.
pub(super) struct TypeOutline {
    pub name: String,
    pub endpoint: String,
    pub description: String,
    pub schema: String,
    /// The URN of each extension, and whether it is required.
    pub extensions: Vec<(String, bool)>,
}

impl Schema {
    /// Reads one of the host's own schemas, in the form that `/Schemas` serves: `null` members count as absent, and
    /// names of members and keywords are read in any case. Deserializing with serde does the same.
    /// ([`Registry::from_discovery`](crate::Registry::from_discovery) reads the schemas of other servers, and skips
    /// unknown members.)
    ///
    /// ```
    /// use scim_engine::schema::Schema;
    /// use serde_json::json;
    /// let slip = json!({"id": "urn:example:Badge", "attributes": [{"name": "level", "typ": "integer"}]});
    /// let error = Schema::from_value(&slip).unwrap_err();
    /// assert_eq!(error.path(), "urn:example:Badge:level");
    /// assert!(error.to_string().ends_with("did you mean `type`?"));
    /// ```
    ///
    /// # Errors
    /// [`SchemaError`] if a member is missing, unknown or of the wrong type, if `id` is empty, if a name is
    /// not an attribute name or occurs twice, or if a complex attribute has no sub-attributes or has complex ones.
    pub fn from_value(value: &Value) -> Result<Self, SchemaError> {
        Loader::own().schema(value)
    }

    /// Reads the schemas that describe the answers of the discovery endpoints themselves.
    #[cfg(feature = "protocol")]
    pub(crate) fn of_discovery(all: &[Value]) -> Result<Vec<Self>, SchemaError> {
        let mut loader = Loader::of_discovery();
        all.iter().map(|value| loader.schema(value)).collect()
    }
}

impl TryFrom<Value> for Schema {
    type Error = SchemaError;

    fn try_from(value: Value) -> Result<Self, SchemaError> {
        Self::from_value(&value)
    }
}

impl TryFrom<Value> for Attribute {
    type Error = SchemaError;

    fn try_from(value: Value) -> Result<Self, SchemaError> {
        Loader::own().attribute_alone(&value)
    }
}

impl ResourceType {
    /// Reads one of the host's own resource types, in the form that `/ResourceTypes` serves. Its schemas are taken from
    /// `schemas`.
    ///
    /// # Errors
    /// [`SchemaError`] if a member is missing or unknown, if `name` or a URN is empty, if a schema is not among `schemas`,
    /// or if an extension has the URN of the core schema or of another extension.
    pub fn from_value(value: &Value, schemas: &[Schema]) -> Result<Self, SchemaError> {
        let find = |id: &str| schemas.iter().find(|schema| schema.id.eq_ignore_ascii_case(id));
        Self::from_outline(Loader::own().resource_type(value)?, find)
    }

    pub(super) fn from_outline<'s>(
        outline: TypeOutline,
        find: impl Fn(&str) -> Option<&'s Schema>,
    ) -> Result<Self, SchemaError> {
        let TypeOutline { name, endpoint, description, schema, extensions } = outline;
        Self::check_parts(&name, &schema, extensions.iter().map(|(urn, _)| urn.as_str()))?;
        let find = |id: &str| {
            find(id)
                .cloned()
                .ok_or_else(|| SchemaError::new(&name, format!("needs the schema `{id}`, which is not given")))
        };
        let extension = |(urn, required): &(String, bool)| Ok(Extension { schema: find(urn)?, required: *required });
        let extensions = extensions.iter().map(extension).collect::<Result<_, SchemaError>>()?;
        Ok(Self::new(&name, &endpoint, &description, find(&schema)?, extensions))
    }
}

/// Reads schemas and resource types, and collects likely typing errors in `notes`.
#[derive(Default)]
pub(super) struct Loader {
    pub notes: Vec<SchemaError>,
    is_own: bool,
    /// Whether sub-attributes may be complex. Some are complex in the schema that describes schemas (RFC 7643 §8.7.2).
    /// In the schema of a resource none may be complex.
    nests: bool,
}

impl Loader {
    /// A loader for the host's own definitions, in which an unknown member is an error.
    pub(super) fn own() -> Self {
        Self { is_own: true, ..Self::default() }
    }

    /// A loader for the schemas that describe the answers of the discovery endpoints themselves.
    #[cfg(feature = "protocol")]
    pub(super) fn of_discovery() -> Self {
        Self { nests: true, ..Self::own() }
    }

    /// Reads an attribute or sub-attribute that is not part of a schema.
    pub(super) fn attribute_alone(&mut self, value: &Value) -> Loaded<Attribute> {
        if !is_within_depth(value, Limits::default().capped_depth()) {
            return Err(SchemaError::new("attribute", "is nested too deep"));
        }
        self.attribute("", 0, value, true)
    }

    pub(super) fn schema(&mut self, value: &Value) -> Loaded<Schema> {
        let members = Definition::of("schema", value)?;
        let id = members.text("id")?.unwrap_or_default();
        if id.trim().is_empty() {
            return Err(SchemaError::new("schema", "needs an `id` that is not empty: its URN"));
        }
        let members = Definition { place: &id, ..members };
        self.slips(&members, OF_SCHEMA)?;
        if !members.get("attributes").is_none_or(|value| is_within_depth(value, Limits::default().capped_depth())) {
            return Err(SchemaError::new(&id, "is nested too deep"));
        }
        let Some(attributes) = members.list("attributes")? else {
            return Err(SchemaError::new(&id, "needs `attributes`, a list of definitions"));
        };
        let attributes = self.attributes(&id, attributes, true)?;
        let name = members.text("name")?.unwrap_or_default();
        let description = members.text("description")?.unwrap_or_default();
        Ok(Schema { id, name, description, attributes })
    }

    fn attributes(&mut self, place: &str, given: &[Value], is_top: bool) -> Loaded<Vec<Attribute>> {
        let mut names = HashSet::with_capacity(given.len());
        let mut attributes = Vec::with_capacity(given.len());
        for (index, value) in given.iter().enumerate() {
            let attribute = self.attribute(place, index, value, is_top)?;
            if !names.insert(attribute.name.to_ascii_lowercase()) {
                return Err(SchemaError::new(&below(place, is_top, &attribute.name), "is defined twice"));
            }
            attributes.push(attribute);
        }
        Ok(attributes)
    }

    fn attribute(&mut self, place: &str, index: usize, value: &Value, is_top: bool) -> Loaded<Attribute> {
        let list = if is_top { "attributes" } else { "subAttributes" };
        let unnamed = below(place, is_top, &format!("{list}[{index}]"));
        let members = Definition::of(&unnamed, value)?;
        let name = members.text("name")?.ok_or_else(|| SchemaError::new(&unnamed, "needs a `name`"))?;
        let place = below(place, is_top, &name);
        let members = Definition { place: &place, ..members };
        self.slips(&members, OF_ATTRIBUTE)?;
        if !is_attr_name(&name) {
            return Err(SchemaError::new(&place, "is not an attribute name"));
        }
        let attr_type = members.keyword("type", TYPES)?;
        let is_complex = attr_type == AttrType::Complex;
        if is_complex && !is_top && !self.nests {
            return Err(SchemaError::new(&place, "is a sub-attribute and so cannot be complex"));
        }
        let sub_attributes = members.list("subAttributes")?.unwrap_or_default();
        if is_complex == sub_attributes.is_empty() {
            return Err(SchemaError::new(&place, "must have `subAttributes` exactly if its `type` is `complex`"));
        }
        Ok(Attribute {
            attr_type,
            multi_valued: members.flag("multiValued")?,
            description: members.text("description")?.unwrap_or_default(),
            required: members.flag("required")?,
            case_exact: members.flag("caseExact")?,
            canonical_values: members.list("canonicalValues")?.unwrap_or_default().to_vec(),
            // In the definitions of other servers, `canonicalOnly` and `maxLength` may have another meaning.
            canonical_only: self.is_own && members.flag("canonicalOnly")?,
            max_length: if self.is_own { members.count("maxLength")? } else { None },
            mutability: members.keyword("mutability", MUTABILITIES)?,
            returned: members.keyword("returned", RETURNED)?,
            uniqueness: members.keyword("uniqueness", UNIQUENESS)?,
            reference_types: members.texts("referenceTypes")?,
            sub_attributes: self.attributes(&place, sub_attributes, false)?,
            name,
        })
    }

    pub(super) fn resource_type(&mut self, value: &Value) -> Loaded<TypeOutline> {
        let members = Definition::of("resource type", value)?;
        let name = members.text("name")?.unwrap_or_default();
        let members = Definition { place: if name.is_empty() { "resource type" } else { &name }, ..members };
        self.slips(&members, OF_RESOURCE_TYPE)?;
        let mut extensions = Vec::new();
        for extension in members.list("schemaExtensions")?.unwrap_or_default() {
            let members = Definition::of(members.place, extension)?;
            self.slips(&members, OF_EXTENSION)?;
            extensions.push((members.text("schema")?.unwrap_or_default(), members.flag("required")?));
        }
        Ok(TypeOutline {
            endpoint: members.text("endpoint")?.unwrap_or_default(),
            description: members.text("description")?.unwrap_or_default(),
            schema: members.text("schema")?.unwrap_or_default(),
            extensions,
            name,
        })
    }

    /// Checks the names of members. In a host's own definition any unknown name is an error; in the definition of
    /// another server, a name that resembles a known name is added to `notes`.
    fn slips(&mut self, members: &Definition<'_, '_>, known: &[&'static str]) -> Loaded<()> {
        for name in members.all.keys().filter(|name| !known.iter().any(|known| known.eq_ignore_ascii_case(name))) {
            let near = nearest(name, known.iter().copied());
            let hint = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known are `{}`", known.join("`, `")),
            };
            let slip = || {
                SchemaError::new(members.place, format!("has the member `{}`, which is not known; {hint}", shown(name)))
            };
            if self.is_own {
                return Err(slip());
            }
            if near.is_some() {
                self.notes.push(slip());
            }
        }
        Ok(())
    }
}

/// The start of a name, if it is long.
fn shown(name: &str) -> String {
    name.chars().take(64).collect()
}

fn below(place: &str, is_top: bool, name: &str) -> String {
    let between = if place.is_empty() {
        ""
    } else if is_top {
        ":"
    } else {
        "."
    };
    format!("{place}{between}{name}")
}

/// The members of a definition, and its name for messages.
#[derive(Clone, Copy)]
struct Definition<'p, 'v> {
    place: &'p str,
    all: &'v Map<String, Value>,
}

impl<'p, 'v> Definition<'p, 'v> {
    fn of(place: &'p str, value: &'v Value) -> Loaded<Self> {
        let all = value
            .as_object()
            .ok_or_else(|| SchemaError::new(place, format!("expected an object, found {}", found(value))))?;
        Ok(Self { place, all })
    }

    /// The member of this name in any case. A `null` member counts as absent (R6).
    fn get(&self, name: &str) -> Option<&'v Value> {
        let in_any_case = || self.all.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value);
        self.all.get(name).or_else(in_any_case).filter(|value| !value.is_null())
    }

    fn misfit(&self, name: &str, expected: &str, value: &Value) -> SchemaError {
        SchemaError::new(self.place, format!("`{name}`: expected {expected}, found {}", found(value)))
    }

    fn text(&self, name: &str) -> Loaded<Option<String>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(other) => Err(self.misfit(name, "a string", other)),
        }
    }

    fn flag(&self, name: &str) -> Loaded<bool> {
        match self.get(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(*flag),
            Some(other) => Err(self.misfit(name, "`true` or `false`", other)),
        }
    }

    fn count(&self, name: &str) -> Loaded<Option<usize>> {
        let count = |value: &Value| value.as_u64().and_then(|count| usize::try_from(count).ok());
        self.get(name)
            .map(|value| count(value).ok_or_else(|| self.misfit(name, "a whole number, 0 or more", value)))
            .transpose()
    }

    fn list(&self, name: &str) -> Loaded<Option<&'v [Value]>> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Array(elements)) => Ok(Some(elements)),
            Some(other) => Err(self.misfit(name, "a list", other)),
        }
    }

    fn texts(&self, name: &str) -> Loaded<Vec<String>> {
        let text = |value: &Value| match value {
            Value::String(text) => Ok(text.clone()),
            other => Err(self.misfit(name, "a list of strings", other)),
        };
        self.list(name)?.unwrap_or_default().iter().map(text).collect()
    }

    /// The value of a keyword; the default of its type if the member is absent.
    fn keyword<T: Copy + Default>(&self, name: &str, words: &[(&str, T)]) -> Loaded<T> {
        let Some(text) = self.text(name)? else { return Ok(T::default()) };
        let known = words.iter().find(|(word, _)| word.eq_ignore_ascii_case(&text));
        known.map(|(_, value)| *value).ok_or_else(|| {
            let words: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
            let near = nearest(&text, words.iter().copied());
            let hint = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            let (words, found) = (words.join("`, `"), shown(&text));
            SchemaError::new(self.place, format!("`{name}`: expected one of `{words}`, found `{found}`{hint}"))
        })
    }
}

fn found(value: &Value) -> &'static str {
    match value {
        Value::Null => "`null`",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::Loader;
    use crate::schema::{AttrType, Attribute, Mutability, Registry, ResourceType, Returned, Schema};

    /// All ways to load one of the host's own definitions must be equally strict.
    #[test]
    fn what_the_host_writes_has_no_strangers() {
        let slip = json!({"name": "x", "requierd": true});
        let schema = json!({"id": "urn:example:Ship", "attributes": [slip]});
        let words = "did you mean `required`?";
        assert!(Schema::from_value(&schema).unwrap_err().to_string().contains(words));
        let read: Result<Schema, _> = serde_json::from_value(schema);
        assert!(read.unwrap_err().to_string().contains(words));
        let read: Result<Attribute, _> = serde_json::from_value(slip);
        assert_eq!(
            read.unwrap_err().to_string(),
            "`x`: has the member `requierd`, which is not known; did you mean `required`?"
        );
        let known = [Schema::from_value(&json!({"id": "urn:example:Ship", "attributes": [{"name": "a"}]})).unwrap()];
        for (definition, words) in [
            (json!({"name": "Ship", "schema": "urn:example:Ship", "endpont": "/Ships"}), "did you mean `endpoint`?"),
            (json!({"name": "Ship", "schema": "urn:example:Ship", "x": 1}), "`x`, which is not known"),
            (
                json!({"name": "Ship", "schema": "urn:example:Ship", "schemaExtensions": [{"shema": "urn:x"}]}),
                "did you mean `schema`?",
            ),
        ] {
            let error = ResourceType::from_value(&definition, &known).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
    }

    /// Serializing a schema and reading it back gives the same schema.
    #[test]
    fn a_schema_survives_serde() {
        for kind in [ResourceType::user(), ResourceType::group()] {
            for schema in std::iter::once(kind.schema()).chain(kind.extensions()) {
                let text = serde_json::to_string(schema).unwrap();
                assert_eq!(serde_json::from_str::<Schema>(&text).unwrap(), *schema);
            }
        }
        for bad in [
            json!({"id": "", "attributes": []}),
            json!({"id": "urn:x", "attributes": [{"name": "a b"}]}),
            json!({"id": "urn:x", "attributes": [{"name": "x"}, {"name": "X"}]}),
            json!({"id": "urn:x", "attributes": [{"name": "c", "type": "complex"}]}),
        ] {
            assert!(serde_json::from_value::<Schema>(bad.clone()).is_err(), "{bad}");
        }
    }

    #[test]
    fn as_others_serve_them() {
        let served = json!({
            "ID": "urn:example:Ship", "Name": null, "Description": "a ship", "meta": {},
            "Attributes": [
                {"Name": "hull", "TYPE": "String", "Mutability": "READONLY", "returned": "Always", "uniqueness": null,
                 "subAttributes": null, "canonicalValues": null, "referenceTypes": null, "multiValued": null},
                {"name": "built", "type": "datetime"},
                {"name": "owner_$id", "type": "complex", "SubAttributes": [{"name": "$ref", "type": "REFERENCE"}]},
            ],
        });
        let schema = Schema::from_value(&served).unwrap();
        assert_eq!(
            (schema.id.as_str(), schema.name.as_str(), schema.description.as_str()),
            ("urn:example:Ship", "", "a ship")
        );
        let hull = schema.attribute("hull").unwrap();
        assert_eq!((hull.attr_type, hull.mutability), (AttrType::String, Mutability::ReadOnly));
        assert_eq!((hull.returned, hull.multi_valued), (Returned::Always, false));
        assert_eq!(schema.attribute("built").unwrap().attr_type, AttrType::DateTime);
    }

    #[test]
    fn errors_name_urn_and_attribute() {
        let with = |attribute: Value| json!({"id": "urn:example:Ship", "attributes": [{"name": "a"}, attribute]});
        for (attribute, words) in [
            (json!({"type": "string"}), "`urn:example:Ship:attributes[1]`: needs a `name`"),
            (
                json!({"name": "x", "mutability": "read"}),
                "`urn:example:Ship:x`: `mutability`: expected one of `readOnly`",
            ),
            (
                json!({"name": "x", "multiValued": "yes"}),
                "`urn:example:Ship:x`: `multiValued`: expected `true` or `false`",
            ),
            (json!({"name": "x", "requierd": true}), "did you mean `required`?"),
            (
                json!({"name": "x", "multivalued": true, "typ": "string"}),
                "`urn:example:Ship:x`: has the member `typ`, which",
            ),
            (json!({"name": "x", "typ": "string"}), "did you mean `type`?"),
            (json!({"name": "x", "shade": "green"}), "which is not known; known are `name`, `type`"),
            (json!({"name": "x", "type": "strng"}), "found `strng`; did you mean `string`?"),
            (json!({"name": "1x"}), "`urn:example:Ship:1x`: is not an attribute name"),
            (json!({"name": "A"}), "`urn:example:Ship:A`: is defined twice"),
            (json!(5), "`urn:example:Ship:attributes[1]`: expected an object, found a number"),
            (
                json!({"name": "x", "type": "complex", "subAttributes": [{"name": "y", "type": "comples"}]}),
                "`urn:example:Ship:x.y`: `type`: expected one of",
            ),
        ] {
            let error = Schema::from_value(&with(attribute)).unwrap_err().to_string();
            assert!(error.contains(words), "{error}");
        }
        assert!(Schema::from_value(&json!({"id": "urn:x"})).unwrap_err().to_string().contains("needs `attributes`"));
        let slip = with(json!({"name": "x", "requierd": true}));
        let mut loader = Loader::default();
        assert!(loader.schema(&slip).is_ok() && loader.notes.len() == 1);
        let kind =
            json!({"name": "Ship", "endpoint": "/Ships", "schema": "urn:example:Ship", "schemaExtensions": null});
        let registry = Registry::from_discovery(&slip, &kind).unwrap();
        assert!(registry.notes()[0].to_string().contains("`required`"));
        let twice = json!([kind.clone(), kind]);
        assert!(Registry::from_discovery(&slip, &twice).unwrap_err().to_string().contains("two resource types"));
    }
}
