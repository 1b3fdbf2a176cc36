//! Attribute definitions (RFC 7643 §2.2, §7).

use serde::{Deserialize, Serialize};

/// The `type` of an attribute (RFC 7643 §2.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum AttrType {
    /// A JSON string.
    #[default]
    String,
    /// `true` or `false`.
    Boolean,
    /// A JSON number.
    Decimal,
    /// A whole number.
    Integer,
    /// An `xsd:dateTime` in a string.
    #[serde(alias = "datetime")]
    DateTime,
    /// Base64 in a string.
    Binary,
    /// A URI in a string.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

impl AttrType {
    /// The name of the type in a schema.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String => "string",
            Self::Boolean => "boolean",
            Self::Decimal => "decimal",
            Self::Integer => "integer",
            Self::DateTime => "dateTime",
            Self::Binary => "binary",
            Self::Reference => "reference",
            Self::Complex => "complex",
        }
    }

    /// The JSON form of a value of this type, for messages.
    pub(crate) const fn expected(self) -> &'static str {
        match self {
            Self::String => "a string",
            Self::Boolean => "`true` or `false`",
            Self::Decimal => "a number",
            Self::Integer => "a whole number",
            Self::DateTime => "a dateTime such as \"2026-11-23T08:00:00Z\"",
            Self::Binary => "a base64 string",
            Self::Reference => "a URI in a string",
            Self::Complex => "an object",
        }
    }
}

/// The `mutability` of an attribute: who may change it, and when.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mutability {
    /// Only the provider sets it.
    ReadOnly,
    /// Clients may change it at any time.
    #[default]
    ReadWrite,
    /// Clients may set it once, and not change it after that.
    Immutable,
    /// Clients may change it, and it is never returned.
    WriteOnly,
}

/// The `returned` characteristic: which answers contain the attribute.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Returned {
    /// Every answer contains it.
    Always,
    /// No answer contains it. Filters on such an attribute are refused, because they would reveal its values
    /// (`docs/MEANING.md`, under "Filter meaning").
    Never,
    /// Answers contain it unless the request excludes it.
    #[default]
    Default,
    /// Answers contain it only if the request names it.
    Request,
}

/// The `uniqueness` of an attribute's values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Uniqueness {
    /// Values may repeat.
    #[default]
    None,
    /// Values are unique among the resources of a tenant.
    Server,
    /// Values are unique everywhere.
    Global,
}

/// One attribute with all its characteristics. Characteristics that are absent in the JSON of a schema have the
/// defaults of the RFC.
///
/// ```
/// use scim_engine::schema::{AttrType, ResourceType};
/// let user = ResourceType::user();
/// let emails = user.attribute("EMAILS").unwrap();
/// assert!(emails.multi_valued);
/// assert_eq!(emails.sub_attribute("primary").unwrap().attr_type, AttrType::Boolean);
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "serde_json::Value")]
#[non_exhaustive]
#[expect(clippy::struct_excessive_bools, reason = "each is a characteristic of its own")]
pub struct Attribute {
    /// The name in the spelling of the schema.
    pub name: String,
    /// The data type.
    #[serde(rename = "type")]
    pub attr_type: AttrType,
    /// Whether the attribute has a list of values.
    pub multi_valued: bool,
    /// The description, for people.
    pub description: String,
    /// Whether the attribute must have a value.
    pub required: bool,
    /// `caseExact` as in the schema. Comparisons follow [`Attribute::is_case_exact`], which also considers the type.
    pub case_exact: bool,
    /// Suggested values. Other values are allowed unless `canonical_only` is set.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub canonical_values: Vec<serde_json::Value>,
    /// Whether only `canonical_values` are allowed. The RFC has no such characteristic, so `/Schemas` does not serve
    /// it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub canonical_only: bool,
    /// The most characters (Unicode scalar values) of a string. The RFC has no such characteristic, so `/Schemas` does
    /// not serve it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_length: Option<usize>,
    /// The mutability: who may change the attribute, and when.
    pub mutability: Mutability,
    /// The answers that contain the attribute.
    pub returned: Returned,
    /// The scope in which the values are unique.
    pub uniqueness: Uniqueness,
    /// The resource types or kinds of URI that a reference may refer to.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reference_types: Vec<String>,
    /// The sub-attributes of a complex attribute.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sub_attributes: Vec<Attribute>,
}

impl Attribute {
    /// An attribute with the defaults of RFC 7643 §2.2: optional, single-valued, not `caseExact`, `readWrite`, `returned` by
    /// default, not unique. [`Schema::new`](super::Schema::new) checks the name.
    pub fn new(name: &str, attr_type: AttrType) -> Self {
        Self {
            name: name.to_owned(),
            attr_type,
            multi_valued: false,
            description: String::new(),
            required: false,
            case_exact: false,
            canonical_values: Vec::new(),
            canonical_only: false,
            max_length: None,
            mutability: Mutability::default(),
            returned: Returned::default(),
            uniqueness: Uniqueness::default(),
            reference_types: Vec::new(),
            sub_attributes: Vec::new(),
        }
    }

    /// A complex attribute.
    pub fn complex(name: &str, sub_attributes: impl IntoIterator<Item = Self>) -> Self {
        Self { sub_attributes: sub_attributes.into_iter().collect(), ..Self::new(name, AttrType::Complex) }
    }

    /// Sets whether the attribute has a list of values.
    #[must_use]
    pub fn multi_valued(self, multi_valued: bool) -> Self {
        Self { multi_valued, ..self }
    }

    /// Sets the description.
    #[must_use]
    pub fn description(self, description: &str) -> Self {
        Self { description: description.to_owned(), ..self }
    }

    /// Sets whether the attribute must have a value.
    #[must_use]
    pub fn required(self, required: bool) -> Self {
        Self { required, ..self }
    }

    /// Sets whether texts that differ only in case are different values.
    #[must_use]
    pub fn case_exact(self, case_exact: bool) -> Self {
        Self { case_exact, ..self }
    }

    /// Sets who may change the attribute, and when.
    #[must_use]
    pub fn mutability(self, mutability: Mutability) -> Self {
        Self { mutability, ..self }
    }

    /// Sets the answers that contain the attribute.
    #[must_use]
    pub fn returned(self, returned: Returned) -> Self {
        Self { returned, ..self }
    }

    /// Sets the scope in which the values are unique.
    #[must_use]
    pub fn uniqueness(self, uniqueness: Uniqueness) -> Self {
        Self { uniqueness, ..self }
    }

    /// Sets the resource types or kinds of URI that a reference may refer to.
    #[must_use]
    pub fn reference_types<T: Into<String>>(self, types: impl IntoIterator<Item = T>) -> Self {
        Self { reference_types: types.into_iter().map(Into::into).collect(), ..self }
    }

    /// The sub-attribute of this name in any case.
    pub fn sub_attribute(&self, name: &str) -> Option<&Attribute> {
        find(&self.sub_attributes, name)
    }

    /// The sub-attribute `value`, if `name` is the name of the attribute followed by `Id`, such as `managerId` (P13).
    pub(crate) fn value_with_id(&self, name: &str) -> Option<&Attribute> {
        let (base, end) = name.split_at_checked(name.len().checked_sub(2)?)?;
        let is_it = base.eq_ignore_ascii_case(&self.name) && end.eq_ignore_ascii_case("id");
        is_it.then(|| self.sub_attribute("value")).flatten()
    }

    /// Whether strings compare by code point; otherwise they are folded first (`docs/MEANING.md`, under "Filter meaning").
    /// References and binaries always compare by code point.
    pub fn is_case_exact(&self) -> bool {
        self.case_exact || matches!(self.attr_type, AttrType::Reference | AttrType::Binary)
    }

    /// Whether the strings of the attribute are user names, which are prepared before they are compared (F16). Only the
    /// strings of `userName` are user names.
    pub(crate) fn is_username(&self) -> bool {
        self.attr_type == AttrType::String && self.name.eq_ignore_ascii_case("userName")
    }

    /// Whether an element without the sub-attribute `sub` counts as having it with the value `false` (F15; RFC 7643 §2.4).
    pub(crate) fn is_false_if_absent(&self, sub: &Attribute) -> bool {
        let is_flag = sub.attr_type == AttrType::Boolean && sub.name.eq_ignore_ascii_case("primary");
        is_flag && self.is_complex() && self.multi_valued
    }

    /// Whether `sub` is the sub-attribute that a simple value stands for, if one is stored as an element of this attribute:
    /// `value` of a multi-valued attribute (F17).
    pub(crate) fn is_element_value(&self, sub: &Attribute) -> bool {
        self.multi_valued && sub.name.eq_ignore_ascii_case("value")
    }

    /// Whether the attribute is secret, and may be set once (P12a).
    pub(crate) fn is_secret_set_once(&self) -> bool {
        self.mutability == Mutability::Immutable && self.is_never_returned()
    }

    /// Whether no answer contains the values of the attribute, and so no filter may use it. That is so if `returned` is
    /// `never`, and also if `mutability` is `writeOnly`, whatever `returned` is (RFC 7643 §7; `docs/MEANING.md`, under
    /// "Filter meaning").
    pub fn is_never_returned(&self) -> bool {
        self.returned == Returned::Never || self.mutability == Mutability::WriteOnly
    }

    /// Whether the attribute has both `value` and `$ref`. Then it refers to something, and each of its elements must
    /// have a `value` (P5b).
    pub(crate) fn is_reference(&self) -> bool {
        self.is_reference_like() && self.sub_attribute("value").is_some()
    }

    /// Whether the provider derives this sub-attribute of a reference from its `value` (P5c).
    pub(crate) fn is_reference_detail(&self, sub: &Attribute) -> bool {
        self.is_reference() && ["$ref", "type", "display", "displayName"].contains(&sub.name.as_str())
    }

    /// Whether the values of the attribute are objects.
    pub fn is_complex(&self) -> bool {
        self.attr_type == AttrType::Complex
    }

    /// Whether the elements of the attribute refer to other resources, because they have a `$ref`. Then `value` alone
    /// identifies an element (`docs/MEANING.md`, under "PATCH").
    pub fn is_reference_like(&self) -> bool {
        self.sub_attribute("$ref").is_some()
    }
}

pub(super) fn find<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}
