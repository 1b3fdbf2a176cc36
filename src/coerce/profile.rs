//! Rules of a profile that a host may want beside those of the RFCs (X1).

use crate::tolerance::named_switches;

macro_rules! profile {
    ($($(#[$doc:meta])* $name:ident = $interop:literal;)*) => {
        /// Rules of a profile of SCIM, partly against RFC 7644, each a switch; by default all are off.
        ///
        /// ```
        /// use scim_engine::{Options, Patch, Profile, ScimError};
        /// use serde_json::json;
        /// let options = Options::default().profile(Profile::interop());
        /// let body = json!({
        ///     "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        ///     "Operations": [{"op": "replace", "value": {"active": false}}],
        /// });
        /// let error = ScimError::from(Patch::parse_with(&body, &options).unwrap_err());
        /// assert_eq!(error.to_body()["scimType"], "invalidSyntax");
        /// ```
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
        #[allow(clippy::struct_excessive_bools, reason = "each switch is independent of the others")]
        #[non_exhaustive]
        pub struct Profile {
            $($(#[$doc])* pub $name: bool,)*
        }

        impl Profile {
            /// What the SCIM interoperability profile (draft-zollner-scim-interop-profile-02) demands of a server. What it
            /// allows a server is off: `sub_attribute_required`, `single_match`, `only_eq_and`.
            pub const fn interop() -> Self {
                Self { $($name: $interop,)* }
            }
        }

        named_switches!(Profile: $($name)*);
    };
}

profile! {
    /// PATCH: an operation without a `path` is `invalidSyntax`. The core schema's URN alone counts as none.
    path_required = true;
    /// Attributes, URNs and members that no schema knows are `invalidSyntax` in POST, PUT and PATCH, whatever the policies
    /// for unknown members and paths say.
    unknown_refused = true;
    /// PATCH: `replace` of a single complex attribute replaces it as a whole, but for what the client may not change.
    whole_replaced = true;
    /// PATCH: brackets on a complex attribute without a sub-attribute after them are `invalidPath`.
    sub_attribute_required = false;
    /// PATCH: brackets that choose several elements are `invalidFilter`.
    single_match = false;
    /// PATCH: operators in brackets other than `eq` and `and` are `invalidSyntax`.
    only_eq_and = false;
}
