//! The policies that follow from the host's options.

use super::refusal::Refusal;
use super::request::RequestKind;
use crate::error::ScimType;
use crate::options::{Absent, Options, UnknownMembers};
use crate::schema::{AttrRef, ResourceType};

impl Options {
    /// The policy for unknown members. A profile that refuses them overrides the host's policy (X1).
    pub(crate) fn unknown_members(&self) -> UnknownMembers {
        if self.profile.unknown_refused { UnknownMembers::Reject } else { self.unknown }
    }

    /// The kind of error for a name in a body or a value that no schema knows (D24, X1).
    pub(crate) fn unknown_error(&self, request: RequestKind) -> ScimType {
        if self.profile.unknown_refused { ScimType::InvalidSyntax } else { request.name_error() }
    }

    pub(crate) fn absent_of(&self, attr: AttrRef<'_>) -> Absent {
        if self.absent_overrides.is_empty() {
            return self.absent;
        }
        let of = |attr: AttrRef<'_>| self.absent_overrides.get(&attr.to_string().to_ascii_lowercase()).copied();
        of(attr).or_else(|| of(attr.whole())).unwrap_or(self.absent)
    }

    /// Refuses a policy for a name that the resource type does not have. The error says that the mistake is the host's, not
    /// the client's (R2).
    pub(crate) fn check_overrides(&self, resource_type: &ResourceType) -> Result<(), Refusal> {
        for name in self.absent_overrides.keys() {
            let refuse = |why: String| Err(Refusal::host(name, format!("the options have a policy for it, and {why}")));
            match resource_type.look_up_own_attribute(name) {
                Err(unknown) => return refuse(unknown.to_string()),
                // The name must be the full name, because `absent_of` looks attributes up by it.
                Ok(attr) if !attr.to_string().eq_ignore_ascii_case(name) => {
                    return refuse(format!("it is not its full name; write `{attr}`"));
                }
                Ok(_) => {}
            }
        }
        Ok(())
    }
}
