//! Reads the body of a PATCH request (P1) and the member operations of SCIM 1.1 (P17).

use std::fmt;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::error::PatchError;
use super::operation::{self, Op, Operation};
use super::parts::{Parts, parse_path};
use super::program::Memo;
use super::quick;
use crate::coerce::Repair;
use crate::coerce::members::{case_duplicate, member, member_mut};
use crate::error::ScimType;
use crate::json;
use crate::limits::Limits;
use crate::options::Options;
use crate::syntax::shown_unread;

/// A parsed PATCH request (RFC 7644 §3.5.2). It is immutable and can be applied to any number of resources.
///
/// ```
/// use scim_engine::{Patch, ResourceType};
/// let patch = Patch::from_slice(br#"{
///     "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
///     "Operations": [{"op": "Replace", "path": "active", "value": "False"}]
/// }"#)?;
/// let mut user = serde_json::json!({"userName": "bjensen", "active": true});
/// let outcome = patch.apply(&mut user, &ResourceType::user())?;
/// assert_eq!(user["active"], false);
/// assert_eq!(outcome.repairs[0].kind(), "boolean_strings");
/// # Ok::<(), scim_engine::PatchError>(())
/// ```
///
/// `Debug` shows no values.
#[derive(Clone)]
pub struct Patch {
    pub(super) operations: Vec<Operation>,
    pub(super) repairs: Vec<Repair>,
    pub(super) options: Options,
    pub(super) memo: Memo,
}

impl fmt::Debug for Patch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Patch")
            .field("operations", &self.operations)
            .field("repairs", &self.repairs)
            .field("options", &self.options)
            .finish_non_exhaustive()
    }
}

impl PartialEq for Patch {
    /// Compares the requests without their memos, which only cache what follows from the requests.
    fn eq(&self, other: &Self) -> bool {
        self.operations == other.operations && self.repairs == other.repairs && self.options == other.options
    }
}

/// Writes the body of the request. Paths have their canonical text, which any options accept.
impl Serialize for Patch {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Body<'p> {
            schemas: [&'static str; 1],
            #[serde(rename = "Operations")]
            operations: &'p [Operation],
        }
        Body { schemas: [Self::SCHEMA], operations: &self.operations }.serialize(serializer)
    }
}

/// Parses a body with the default options. The error is that of [`Patch::parse`]; [`Patch::from_slice`] also notices a name
/// that is given twice, and keeps the kind of the error.
impl<'de> Deserialize<'de> for Patch {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::parse(&Value::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

impl Patch {
    /// The URN of the request's schema.
    pub const SCHEMA: &'static str = operation::SCHEMA;

    /// Parses a body with the default options.
    ///
    /// # Errors
    /// [`PatchError`]: `invalidSyntax` if the body is not a PATCH request, `invalidPath` for a malformed
    /// path, `invalidFilter` for a malformed filter in its brackets.
    pub fn parse(body: &Value) -> Result<Self, PatchError> {
        Self::parse_with(body, &Options::default())
    }

    /// Parses a body.
    ///
    /// # Errors
    /// As [`Patch::parse`].
    pub fn parse_with(body: &Value, options: &Options) -> Result<Self, PatchError> {
        Self::check_depth(body, options)?;
        Self::read(body.clone(), options)
    }

    /// Checks the limits of a body before it is copied or read, because both recurse into the body.
    fn check_depth(body: &Value, options: &Options) -> Result<(), PatchError> {
        let limits = &options.limits;
        json::check_body(body, limits.capped_depth(), limits.members).map_err(PatchError::envelope)
    }

    fn empty(options: &Options) -> Self {
        Self { operations: Vec::new(), repairs: Vec::new(), options: options.clone(), memo: Memo::default() }
    }

    fn read(body: Value, options: &Options) -> Result<Self, PatchError> {
        let Value::Object(mut envelope) = body else {
            return Err(PatchError::envelope("expected a PATCH request: an object with `schemas` and `Operations`"));
        };
        if let Some(name) = case_duplicate(&envelope) {
            return Err(PatchError::envelope(format!("the name `{name}` is given twice, in different case")));
        }
        let mut patch = Self::empty(options);
        match member_mut(&mut envelope, "Operations").map(Value::take) {
            Some(operations) => patch.read_list(&envelope, operations)?,
            None => patch.read_member_operations(&envelope)?,
        }
        Ok(patch)
    }

    /// Parses JSON text with the default options.
    ///
    /// # Errors
    /// As [`Patch::parse`]; also `invalidSyntax` if the text is not JSON or names a member twice.
    pub fn from_slice(body: &[u8]) -> Result<Self, PatchError> {
        Self::from_slice_with(body, &Options::default())
    }

    /// Parses JSON text.
    ///
    /// # Errors
    /// As [`Patch::from_slice`].
    pub fn from_slice_with(body: &[u8], options: &Options) -> Result<Self, PatchError> {
        if let Some(operations) = quick::operations(body, options) {
            let mut patch = Self::empty(options);
            patch.read_operations(operations.into_iter().map(Ok))?;
            return Ok(patch);
        }
        let body = json::from_slice_at(body).map_err(|(error, index)| {
            PatchError::new(index, None, ScimType::InvalidSyntax, format!("invalid JSON: {error}"))
        })?;
        Self::check_depth(&body, options)?;
        Self::read(body, options)
    }

    /// Makes a request of operations, with the default options.
    ///
    /// ```
    /// use scim_engine::{Operation, Patch, ResourceType};
    /// use serde_json::json;
    /// let suspend = Patch::new([Operation::replace("active".parse()?, false)])?;
    /// let mut user = json!({"userName": "bjensen", "active": true});
    /// assert!(suspend.apply(&mut user, &ResourceType::user())?.changed);
    /// assert_eq!(serde_json::to_value(&suspend)?, json!({
    ///     "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
    ///     "Operations": [{"op": "replace", "path": "active", "value": false}],
    /// }));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// [`PatchError`] if the operations exceed a limit.
    pub fn new(operations: impl IntoIterator<Item = Operation>) -> Result<Self, PatchError> {
        Self::new_with(operations, &Options::default())
    }

    /// Makes a request of operations.
    ///
    /// # Errors
    /// As [`Patch::new`].
    pub fn new_with(operations: impl IntoIterator<Item = Operation>, options: &Options) -> Result<Self, PatchError> {
        let operations: Vec<Operation> = operations.into_iter().collect();
        let mut patch = Self::empty(options);
        patch.read_operations(operations.into_iter().map(|operation| Ok(Parts::from(operation))))?;
        Ok(patch)
    }

    /// Makes a request of the members of `Operations`.
    pub(crate) fn from_values(mut operations: Vec<Value>, options: &Options) -> Result<Self, PatchError> {
        let mut patch = Self::empty(options);
        patch.read_operations(operations.iter_mut().enumerate().map(|(index, value)| Parts::read(index, value)))?;
        Ok(patch)
    }

    /// The operations in their order.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The options with which the request was parsed. They are also used whenever the request is applied.
    pub fn options(&self) -> &Options {
        &self.options
    }

    fn read_list(&mut self, envelope: &Map<String, Value>, operations: Value) -> Result<(), PatchError> {
        self.read_schemas(member(envelope, "schemas"))?;
        let Value::Array(mut operations) = operations else {
            return Err(PatchError::envelope("expected `Operations` to be a list"));
        };
        self.read_operations(operations.iter_mut().enumerate().map(|(index, operation)| Parts::read(index, operation)))
    }

    /// Checks that `schemas` has the URN of a PATCH (P1). A body with `Operations` is read as a PATCH even without the URN,
    /// unless `schemas` names another message.
    fn read_schemas(&mut self, schemas: Option<&Value>) -> Result<(), PatchError> {
        let is_patch = |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(Self::SCHEMA));
        let urns = urns(schemas);
        if urns.iter().any(is_patch) && matches!(schemas, Some(Value::Array(_))) {
            return Ok(());
        }
        let other = urns.iter().filter_map(Value::as_str).find(|urn| {
            let (start, name) = urn.split_at_checked(MESSAGES.len()).unwrap_or_default();
            start.eq_ignore_ascii_case(MESSAGES) && OTHERS.iter().any(|other| other.eq_ignore_ascii_case(name))
        });
        if let Some(other) = other {
            let message = format!("expected `schemas` to hold `{}`, found `{}`", Self::SCHEMA, shown_unread(other));
            return Err(PatchError::envelope(message));
        }
        if !self.options.tolerance.missing_schemas {
            return Err(PatchError::envelope(format!("expected `schemas` to hold `{}`", Self::SCHEMA)));
        }
        let detail = format!("the request was read as `{}`", Self::SCHEMA);
        self.repairs.push(Repair::new("schemas", "missing_schemas", detail));
        Ok(())
    }

    fn read_operations<'b>(
        &mut self,
        operations: impl ExactSizeIterator<Item = Result<Parts<'b>, PatchError>>,
    ) -> Result<(), PatchError> {
        self.check_count(operations.len())?;
        if operations.len() == 0 {
            if !self.options.tolerance.empty_operations {
                return Err(PatchError::envelope("expected at least one operation"));
            }
            self.repairs.push(Repair::new(
                "Operations",
                "empty_operations",
                "there are no operations: nothing is changed",
            ));
        }
        let mut path_bytes = 0;
        self.operations.reserve(operations.len());
        for (index, parts) in operations.enumerate() {
            let operation = parts?.operation(index, &self.options)?;
            if let Some(value) = &operation.value
                && let Err(message) = json::check_numbers(value, self.options.limits.number_digits)
            {
                let path = operation.path.as_ref().map(|path| path.attr().to_string());
                return Err(PatchError::new(Some(index), path, ScimType::InvalidValue, message));
            }
            path_bytes += operation.path.as_ref().map_or(0, |path| path.as_str().len());
            // If an operation has no path, the keys of its value are paths, too.
            if operation.path.is_none()
                && let Some(Value::Object(members)) = &operation.value
            {
                path_bytes += members.keys().map(String::len).sum::<usize>();
            }
            if path_bytes > self.options.limits.path_bytes {
                let max = self.options.limits.path_bytes;
                let message = format!("the paths are too long: at most {max} bytes are allowed in one request");
                return Err(PatchError::envelope(message));
            }
            self.operations.push(operation);
        }
        Ok(())
    }

    fn check_count(&self, count: usize) -> Result<(), PatchError> {
        let Limits { operations: max, .. } = self.options.limits;
        if count > max {
            let message = format!("too many operations: at most {max} are allowed in one request, these are {count}");
            return Err(PatchError::envelope(message));
        }
        Ok(())
    }

    /// Reads member operations, such as `{"members": [{"value": "u1"}, {"value": "u2", "operation": "delete"}]}`. The other
    /// attributes in the body are added.
    fn read_member_operations(&mut self, envelope: &Map<String, Value>) -> Result<(), PatchError> {
        let missing = || PatchError::envelope("expected `Operations`, a list of operations");
        let Some(Value::Array(members)) = member(envelope, "members") else { return Err(missing()) };
        let urns = urns(member(envelope, "schemas"));
        if !(urns.is_empty() || urns.iter().any(is_scim_1)) || !self.options.tolerance.member_operations {
            return Err(missing());
        }
        self.check_count(members.len())?;
        let detail = "member operations of SCIM 1.1 were read as operations of 2.0";
        self.repairs.push(Repair::new("members", "member_operations", detail));
        let on_members = |op, values, index| {
            let path = Some(parse_path(index, "members", &self.options)?);
            Ok(Operation { op, path, value: Some(Value::Array(values)), index, from_member: true })
        };
        if members.is_empty() {
            // Only the resource type decides whether there are members at all.
            self.operations.push(on_members(Op::Add, Vec::new(), 0)?);
        }
        for (index, element) in members.iter().enumerate() {
            let (op, value) = member_operation(index, element)?;
            // Consecutive elements of `members` with the same `operation` become one operation of the PATCH.
            match self.operations.last_mut() {
                Some(Operation { op: last, value: Some(Value::Array(values)), .. }) if *last == op => {
                    values.push(value);
                }
                _ => self.operations.push(on_members(op, vec![value], index)?),
            }
        }
        let others: Map<String, Value> = envelope
            .iter()
            .filter(|(name, _)| !["schemas", "members"].iter().any(|own| own.eq_ignore_ascii_case(name)))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        if !others.is_empty() {
            self.operations.push(Operation {
                op: Op::Add,
                path: None,
                value: Some(Value::Object(others)),
                index: members.len(),
                from_member: true,
            });
        }
        Ok(())
    }
}

/// The entries of the member `schemas` of a request; a single value counts as a list of one.
fn urns(schemas: Option<&Value>) -> &[Value] {
    match schemas {
        None | Some(Value::Null) => &[],
        Some(Value::Array(urns)) => urns,
        Some(one) => std::slice::from_ref(one),
    }
}

fn is_scim_1(urn: &Value) -> bool {
    urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(SCIM_1))
}

/// The URN of the resources, and so of the requests, of SCIM 1.1.
const SCIM_1: &str = "urn:scim:schemas:core:1.0";
/// The prefix of the URNs of messages (RFC 7644 §8.2).
const MESSAGES: &str = "urn:ietf:params:scim:api:messages:2.0:";
/// The names of the messages that are not a PATCH.
const OTHERS: [&str; 5] = ["BulkRequest", "BulkResponse", "Error", "ListResponse", "SearchRequest"];

/// Splits an element of `members` (SCIM 1.1) into its `operation`, which is `add` if the element names none, and the rest
/// of the element.
fn member_operation(index: usize, element: &Value) -> Result<(Op, Value), PatchError> {
    let Value::Object(members) = element else { return Ok((Op::Add, element.clone())) };
    let op = match member(members, "operation") {
        None | Some(Value::Null) => Op::Add,
        Some(Value::String(name)) if name.eq_ignore_ascii_case("add") => Op::Add,
        Some(Value::String(name)) if name.eq_ignore_ascii_case("delete") || name.eq_ignore_ascii_case("remove") => {
            Op::Remove
        }
        Some(_) => {
            let message = "expected the `operation` of a member to be `add` or `delete`";
            return Err(PatchError::new(Some(index), Some("members".to_owned()), ScimType::InvalidSyntax, message));
        }
    };
    let rest = members.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("operation"));
    Ok((op, Value::Object(rest.map(|(name, value)| (name.clone(), value.clone())).collect())))
}
