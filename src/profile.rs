//! Rules of a profile that a host can choose in addition to those of the RFCs (X1).

use serde::{Deserialize, Serialize};

use crate::words::named_fields;

macro_rules! profile {
    ($($(#[$doc:meta])* $name:ident = $interop:literal;)*) => {
        /// Rules of a SCIM profile; some of them contradict RFC 7644. Each rule is a switch, and by default all are off.
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
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        #[allow(clippy::struct_excessive_bools, reason = "each switch is independent of the others")]
        #[non_exhaustive]
        pub struct Profile {
            $($(#[$doc])* pub $name: bool,)*
        }

        impl Profile {
            /// The rules that the SCIM interoperability profile (draft-zollner-scim-interop-profile-02) demands of a
            /// server. The rules that the profile allows but does not demand are off: `sub_attribute_required`,
            /// `single_match` and `only_eq_and`.
            pub const fn interop() -> Self {
                Self { $($name: $interop,)* }
            }
        }

        named_fields!(Profile: "switch" bool: $($name)*);
    };
}

profile! {
    /// PATCH: an operation without a `path` is `invalidSyntax`. A `path` that is just the URN of the core schema
    /// counts as no `path`.
    path_required = true;
    /// POST, PUT and PATCH: an attribute, URN or member that no schema knows is `invalidSyntax`, whatever the
    /// policies for unknown members and paths are.
    unknown_refused = true;
    /// PATCH: `replace` of a single complex attribute replaces it as a whole, except for the sub-attributes that
    /// the client may not change.
    whole_replaced = true;
    /// PATCH: a path that ends with brackets on a complex attribute (no sub-attribute follows) is `invalidPath`.
    sub_attribute_required = false;
    /// PATCH: brackets that choose several elements are `invalidFilter`.
    single_match = false;
    /// PATCH: operators in brackets other than `eq` and `and` are `invalidSyntax`.
    only_eq_and = false;
}
