//! The switches for deviations of real clients.

use crate::words::named_fields;

macro_rules! tolerance {
    ($($(#[$doc:meta])* $name:ident = $default:literal;)*) => {
        /// Switches for deviations from the RFCs that real clients send. Each is named after its deviation. A switch is on
        /// by default if it loses nothing and guesses nothing. Every repair is reported as a [`Repair`](crate::Repair) with
        /// its path, except where a switch says otherwise. `docs/MEANING.md` lists them under "Repairs".
        ///
        /// ```
        /// use scim_engine::{Filter, Limits, Tolerance};
        /// let mut tolerance = Tolerance::default();
        /// tolerance.bare_words = true;
        /// let filter = Filter::parse_with("userName eq bjensen", &Limits::default(), &tolerance)?;
        /// assert_eq!(filter.to_string(), r#"userName eq "bjensen""#);
        /// # Ok::<(), scim_engine::ParseError>(())
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(clippy::struct_excessive_bools, reason = "each switch is independent of the others")]
        #[non_exhaustive]
        pub struct Tolerance {
            $($(#[$doc])* pub $name: bool,)*
        }

        impl Default for Tolerance {
            fn default() -> Self {
                Self { $($name: $default,)* }
            }
        }

        impl Tolerance {
            /// Without tolerance: the RFCs to the letter.
            pub const fn strict() -> Self {
                Self { $($name: false,)* }
            }
        }

        named_fields!(Tolerance: "switch" bool: $($name)*);
    };
}

/// Calls another macro with the arguments given and then all switches, so that each is listed here alone.
macro_rules! with_switches {
    ($then:ident! { $($first:tt)* }) => {
        $then! {
            $($first)*
            /// Filters: unquoted words are strings (`userName eq bjensen`). Off, because it guesses.
            bare_words = false;
            /// `"True"` and `"false"` for booleans, in filters and in values.
            boolean_strings = true;
            /// `"5"` for the number 5.
            number_strings = true;
            /// One value where a list is expected.
            single_for_list = true;
            /// A list of one element where a single value is expected. If that is a simple value, the `value` of the element
            /// is taken.
            list_for_single = true;
            /// A string for a complex attribute that has a `value` (`"manager": "26118915"`).
            string_for_complex = true;
            /// `managerId` for `manager.value`.
            manager_id = true;
            /// `""` for a reference means unassigned.
            empty_references = true;
            /// Empty or blank strings of optional attributes mean unassigned.
            blank_strings = true;
            /// PATCH: `remove` with a `value` removes only the listed elements.
            remove_by_value = true;
            /// PATCH: an empty list of operations changes nothing.
            empty_operations = true;
            /// Schema URNs of SCIM 1.x and home-made ones stand for those of the RFC.
            legacy_schemas = true;
            /// PATCH: member operations of SCIM 1.1 (`{"members": [{"value": "u1", "operation": "delete"}]}`).
            member_operations = true;
            /// A body without `schemas`. It is taken to be of the resource type of the endpoint, or to be a PATCH request if
            /// it reads as one.
            missing_schemas = true;
            /// POST and PUT: the object of an extension whose URN `schemas` does not list.
            undeclared_extensions = true;
            /// An attribute that exactly one extension has, named without its URN.
            bare_extension_names = true;
            /// PATCH: the name of the attribute repeated inside its value (`path: members`, `value: {"members": […]}`).
            doubled_paths = true;
            /// A string that contains JSON where an object or a list is expected.
            json_strings = true;
            /// The first of several `primary: true` counts. Off, because it guesses.
            first_primary = false;
            /// Filters: `True`, `FALSE`, `NULL` for the literals `true`, `false`, `null`.
            literal_case = true;
            /// Filters and PATCH paths: tabs, line breaks and several blanks between tokens, and blanks before `[`.
            loose_blanks = true;
            /// A dot in place of the last colon of a URN path (`urn:…:2.0:User.department`), if the text as written names
            /// nothing.
            dotted_urns = true;
            /// POST and PUT: keys that are paths (`urn:…:User:department`, `name.givenName`).
            path_keys = true;
            /// PATCH: `replace` with brackets that match no element creates the element, as `add` does. Off, because RFC
            /// 7644 §3.5.2.3 requires `noTarget`.
            replace_creates = false;
            /// A reference that stays, with another `$ref`, `type` or `display`, where the schema lets no client change
            /// them. They are ignored, because the provider derives them from `value`.
            reference_details = true;
            /// PATCH: readOnly attributes as members of a value are dropped.
            read_only_members = true;
            /// A whole number without fraction or exponent for a string. Its digits are stored.
            numbers_for_strings = true;
            /// `roles`: an element whose `value` contains the JSON text of an object with a `value`.
            json_values = true;
            /// `1.0` for the integer 1.
            whole_numbers = true;
            /// PATCH: the core schema's URN alone as `path`. It is read as no path.
            core_paths = true;
            /// References that are not URI references. They are stored unchanged, and not reported.
            loose_references = true;
            /// Binaries in the alphabet of base64url, with line breaks, or of a wrong length. They are stored unchanged, and
            /// not reported.
            loose_base64 = true;
        }
    };
}
#[cfg(feature = "python")]
pub(crate) use with_switches;

with_switches!(tolerance! {});
