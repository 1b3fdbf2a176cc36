//! What one operation comes to: what its path names, or one step for each member of a path-less value (P11). Both those
//! who apply a request and those who only ask what it touches take it apart here.

use serde_json::{Map, Value};

use super::operation::{Op, Operation};
use crate::coerce::coercer::Coercer;
use crate::coerce::members::doubled_name;
use crate::coerce::refusal::Refusal;
use crate::coerce::{Repair, UnknownMembers};
use crate::error::ScimType;
use crate::filter::secret::shown_path;
use crate::patch::resolve::{Brackets, Missing, Target, resolve};
use crate::schema::AttrRef;
use crate::schema::Schema;
use crate::syntax::{Expr, PatchPath, shown_unread};

/// Who does something with the steps of an operation, in their order.
pub(super) trait Steps<'a> {
    /// Why it ends early.
    type Fault: From<Refusal>;

    fn coercer(&mut self) -> &mut Coercer<'a>;

    /// An operation on an attribute, a sub-attribute of it, or of those of its elements that brackets choose: those
    /// compiled, and as they were written.
    fn attribute(
        &mut self,
        operation: &Operation,
        place: AttrRef<'a>,
        brackets: Option<(Brackets, &Expr<'static>)>,
        value: &Value,
    ) -> Result<(), Self::Fault>;

    /// All attributes of an extension become unassigned.
    fn clear_extension(&mut self, schema: &'a Schema) -> Result<(), Self::Fault>;

    /// A member that no schema knows (P16).
    fn unknown_member(&mut self, key: &str, value: &Value, within: Option<&'a Schema>) -> Result<(), Self::Fault>;

    fn operation(&mut self, operation: &Operation) -> Result<(), Self::Fault> {
        let value = operation.value.as_ref();
        let Some(path) = &operation.path else {
            return match value {
                Some(Value::Object(members)) => self.members(operation, members, None),
                // The request was refused for it already.
                _ => refused(ScimType::InvalidValue, "", "expected an object as the `value`"),
            };
        };
        match resolve(self.coercer(), path, None) {
            Ok(target) => self.target(operation, target, path.value_filter(), value.unwrap_or(&Value::Null)),
            Err(_) if operation.from_member => {
                let name = self.coercer().resource_type.name();
                refused(ScimType::InvalidSyntax, "members", format!("`{name}` has no members: expected `Operations`"))
            }
            Err(missing) => Err(Refusal::from(missing).into()),
        }
    }

    fn target(
        &mut self,
        operation: &Operation,
        target: Target<'a>,
        written: Option<&Expr<'static>>,
        value: &Value,
    ) -> Result<(), Self::Fault> {
        match target {
            Target::Attribute(place, brackets) => self.attribute(operation, place, brackets.zip(written), value),
            Target::Extension(schema) => match (operation.op, value) {
                (Op::Remove, _) | (_, Value::Null) => self.clear_extension(schema),
                (_, Value::Object(members)) => self.members(operation, members, Some(schema)),
                _ => refused(ScimType::InvalidValue, &schema.id, "expected an object of the extension's attributes"),
            },
        }
    }

    /// The members of a path-less value, or of the object of an extension: each one operation (P11).
    fn members(
        &mut self,
        operation: &Operation,
        members: &Map<String, Value>,
        within: Option<&'a Schema>,
    ) -> Result<(), Self::Fault> {
        if let Some(name) = doubled_name(members) {
            let message = format!("the name `{name}` is given twice, in different case");
            return refused(ScimType::InvalidSyntax, name, message);
        }
        // The order of members says nothing in JSON: what `schemas` takes away it takes before the others give.
        let is_schemas = |key: &String| within.is_none() && key.eq_ignore_ascii_case("schemas");
        let (first, rest): (Vec<_>, Vec<_>) = members.iter().partition(|(key, _)| is_schemas(key));
        for (key, value) in first.into_iter().chain(rest) {
            if within.is_none() {
                if let Some(extension) = self.coercer().extension_key(key)? {
                    self.target(operation, Target::Extension(extension), None, value)?;
                    continue;
                }
                if let Value::Object(inner) = value
                    && self.coercer().is_core_key(key)?
                {
                    self.members(operation, inner, None)?;
                    continue;
                }
            }
            let options = self.coercer().options;
            let path = match PatchPath::parse_with(key, &options.limits, &options.tolerance) {
                Ok(path) => path,
                Err(error) if key.contains('[') => {
                    return refused(ScimType::InvalidPath, shown_unread(key), error.to_string());
                }
                Err(_) => {
                    self.unknown_member(key, value, within)?;
                    continue;
                }
            };
            match resolve(self.coercer(), &path, within) {
                Ok(target) => self.target(operation, target, path.value_filter(), value)?,
                Err(Missing::Refused(refusal)) => return Err(refusal.into()),
                Err(Missing::Unknown(refusal)) => {
                    if options.unknown == UnknownMembers::Reject {
                        return Err(refusal.into());
                    }
                    self.unknown_path(operation, &path, value, within)?;
                }
            }
        }
        Ok(())
    }

    /// A key that is a path to something unknown: kept where it belongs, never as a literal key (P11).
    fn unknown_path(
        &mut self,
        operation: &Operation,
        path: &PatchPath,
        value: &Value,
        within: Option<&'a Schema>,
    ) -> Result<(), Self::Fault> {
        let resource_type = self.coercer().resource_type;
        let attr = path.attr();
        let extension = within.or_else(|| attr.uri().and_then(|uri| resource_type.extension(uri)));
        let known =
            extension.map_or_else(|| resource_type.attribute(attr.name()), |schema| schema.attribute(attr.name()));
        match (known, attr.sub_attribute()) {
            (Some(attribute), Some(sub)) if attribute.is_complex() && !attribute.multi_valued => {
                let object = Value::Object(Map::from_iter([(sub.to_owned(), value.clone())]));
                self.attribute(operation, AttrRef::new(extension, attribute), None, &object)
            }
            (None, None) if attr.uri().is_none() || extension.is_some() => {
                self.unknown_member(attr.name(), value, extension)
            }
            _ => {
                let kept = "is not defined by any schema and was dropped";
                self.coercer().report(shown_path(resource_type, path), Repair::UNKNOWN_MEMBER, kept);
                Ok(())
            }
        }
    }
}

fn refused<F: From<Refusal>>(scim_type: ScimType, path: impl ToString, message: impl Into<String>) -> Result<(), F> {
    Err(Refusal::new(scim_type, path, message).into())
}
