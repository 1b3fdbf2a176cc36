//! Deviations of real clients that are read as what they mean.

use crate::error::UnknownName;
use crate::suggest::nearest;

/// The switches of a type by their names.
macro_rules! named_switches {
    ($type:ident: $($name:ident)*) => {
        impl $type {
            /// The names of all switches.
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];

            /// The switch with this name.
            pub fn get(&self, name: &str) -> Option<bool> {
                match name {
                    $(stringify!($name) => Some(self.$name),)*
                    _ => None,
                }
            }

            /// Sets the switch with this name.
            ///
            /// # Errors
            /// [`UnknownName`](crate::UnknownName) if there is none.
            pub fn set(&mut self, name: &str, on: bool) -> Result<(), $crate::UnknownName> {
                match name {
                    $(stringify!($name) => self.$name = on,)*
                    _ => return Err($crate::tolerance::no_switch(name, Self::NAMES)),
                }
                Ok(())
            }
        }
    };
}
pub(crate) use named_switches;

pub(crate) fn no_switch(name: &str, known: &[&str]) -> UnknownName {
    let hint = nearest(name, known.iter().copied())
        .map_or_else(|| format!("there are `{}`", known.join("`, `")), |near| format!("did you mean `{near}`?"));
    UnknownName::new(name, &format!("there is no switch `{name}`"), Some(&hint))
}

macro_rules! tolerance {
    ($($(#[$doc:meta])* $name:ident = $default:literal;)*) => {
        /// Switches, one for each deviation from the RFCs that real clients send, named after the deviation. On by default
        /// are all that lose nothing and guess nothing. Whatever a switch repaired is reported as a
        /// [`Repair`](crate::Repair) with its path.
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
            /// No tolerance: the RFCs to the letter.
            pub const fn strict() -> Self {
                Self { $($name: false,)* }
            }
        }

        named_switches!(Tolerance: $($name)*);
    };
}

tolerance! {
    /// Filters: unquoted words are strings (`userName eq bjensen`). Off: a guess.
    bare_words = false;
    /// `"True"`, `"false"` for booleans, in filters and in values.
    boolean_strings = true;
    /// `"5"` for the number 5.
    number_strings = true;
    /// One value where a list is due.
    single_for_list = true;
    /// A list of one element where a single value is due; its `value` where a simple one is due.
    list_for_single = true;
    /// A string for a complex attribute that has a `value` (`"manager": "26118915"`).
    string_for_complex = true;
    /// `managerId` for `manager.value`.
    manager_id = true;
    /// `""` for a reference means unassigned.
    empty_references = true;
    /// Empty or blank strings of optional attributes mean unassigned.
    blank_strings = true;
    /// PATCH: `remove` with a `value` removes the listed elements only.
    remove_by_value = true;
    /// PATCH: an empty list of operations changes nothing.
    empty_operations = true;
    /// SCIM 1.x and home-made schema URNs stand for the RFC's.
    legacy_schemas = true;
    /// PATCH: member operations of SCIM 1.1 (`{"members": [{"value": "u1", "operation": "delete"}]}`).
    member_operations = true;
    /// A body without `schemas`: it is of the resource type of the endpoint, or the PATCH request that it reads as.
    missing_schemas = true;
    /// POST and PUT: an extension object whose URN is not listed in `schemas`.
    undeclared_extensions = true;
    /// An attribute of exactly one extension named without its URN.
    bare_extension_names = true;
    /// PATCH: the attribute's name once more inside its value (`path: members`, `value: {"members": […]}`).
    doubled_paths = true;
    /// A string that holds JSON, where an object or a list is due.
    json_strings = true;
    /// Of several `primary: true` the first counts. Off: a guess.
    first_primary = false;
    /// Filters: `True`, `FALSE`, `NULL` for the literals `true`, `false`, `null`.
    literal_case = true;
    /// Filters and PATCH paths: tabs, line breaks and several blanks between tokens, and blanks before `[`.
    loose_blanks = true;
    /// A dot in place of the last colon after a schema's URN (`urn:…:2.0:User.department`), where the text names
    /// nothing otherwise.
    dotted_urns = true;
    /// POST and PUT: keys that are paths (`urn:…:User:department`, `name.givenName`).
    path_keys = true;
    /// PATCH: `replace` with brackets that match no element creates it, as `add` does. Off: RFC 7644 §3.5.2.3 wants
    /// `noTarget`.
    replace_creates = false;
    /// Other `$ref`, `type`, `display` of a reference that stays, where the schema lets no client change them: ignored,
    /// for they follow from its `value`.
    reference_details = true;
    /// readOnly attributes as members of a value are dropped.
    read_only_members = true;
    /// A whole number without fraction or exponent for a string, as its digits.
    numbers_for_strings = true;
    /// `roles`: the JSON text of an object with a `value`, inside the `value` of an element.
    json_values = true;
    /// `1.0` for the integer 1.
    whole_numbers = true;
    /// PATCH: the core schema's URN alone as `path` is as if there were no path.
    core_paths = true;
    /// References that are not URI references are stored as they are.
    loose_references = true;
    /// Binaries in the alphabet of base64url, with line breaks, or of a wrong length are stored as they are.
    loose_base64 = true;
}
