//! The switches for deviations of real clients.

use serde::{Deserialize, Serialize};

use crate::words::named_fields;

macro_rules! tolerance {
    ($($(#[$doc:meta])* $name:ident = $default:literal;)*) => {
        /// Switches for deviations from the RFCs that real clients send. Each switch is named after the deviation that
        /// it accepts, and its description here is that of the deviation. A switch is on by default if it loses nothing
        /// and guesses nothing. Every repair is reported as a [`Repair`](crate::Repair) with its path, except where the
        /// description of a switch says otherwise. `docs/MEANING.md` lists the repairs under "Repairs".
        ///
        /// ```
        /// use scim_engine::{Filter, Options, Tolerance};
        /// let options = Options::default().tolerance(Tolerance::default().bare_words(true));
        /// let filter = Filter::parse_with("userName eq bjensen", &options)?;
        /// assert_eq!(filter.to_string(), r#"userName eq "bjensen""#);
        /// # Ok::<(), scim_engine::ParseError>(())
        /// ```
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
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
            /// All switches off: only requests that follow the RFCs to the letter are accepted.
            pub const fn strict() -> Self {
                Self { $($name: false,)* }
            }
        }

        named_fields!(Tolerance: "switch" bool: $($name)*);
    };
}

tolerance! {
    /// Filters: unquoted words are strings (`userName eq bjensen`). Off, because it guesses.
    bare_words = false;
    /// `"True"` and `"false"` for booleans, in filters and in values.
    boolean_strings = true;
    /// `"5"` for the number 5.
    number_strings = true;
    /// One value where a list is expected.
    single_for_list = true;
    /// A list of one element where a single value is expected. Where a simple value is expected and the element
    /// is an object, its `value` is taken. An empty list means unassigned, and is not reported.
    list_for_single = true;
    /// A string for a complex attribute that has a `value` (`"manager": "26118915"`).
    string_for_complex = true;
    /// `managerId` for `manager.value`.
    manager_id = true;
    /// `""` for a reference, which means unassigned.
    empty_references = true;
    /// Empty or blank strings for optional attributes, which mean unassigned.
    blank_strings = true;
    /// PATCH: `remove` with a `value`. Only the elements that it lists are removed.
    remove_by_value = true;
    /// PATCH: an empty list of operations. It changes nothing.
    empty_operations = true;
    /// The URNs of schemas in SCIM 1.x, and variants that clients invent (`urn:scim:schemas:core:2.0:User`).
    /// They stand for the URNs of the RFC.
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
    /// Several elements with `primary: true`. The first counts. Off, because it guesses.
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
    /// PATCH: `replace` with brackets that match no element. It creates the element, as `add` does. Off,
    /// because RFC 7644 §3.5.2.3 requires `noTarget`.
    replace_creates = false;
    /// A reference whose `value` is the stored one, but whose `$ref`, `type` or `display` differs although the
    /// schema lets no client change it. The difference is ignored, because the provider derives these
    /// sub-attributes from `value`.
    reference_details = true;
    /// PATCH: readOnly attributes as members of a value. They are dropped.
    read_only_members = true;
    /// PATCH: an operation whose `path` is a readOnly attribute, except `id`. The operation is dropped. Off, because RFC 7644
    /// §3.5.2 requires `mutability`.
    read_only_paths = false;
    /// A whole number without fraction or exponent for a string. Its digits are stored.
    numbers_for_strings = true;
    /// `roles`: an element whose `value` contains the JSON text of an object with a `value`.
    json_values = true;
    /// `1.0` for the integer 1.
    whole_numbers = true;
    /// PATCH: the URN of the core schema alone as `path`. The operation is read as one without a path.
    core_paths = true;
    /// References that are not URI references. They are stored unchanged, and not reported.
    loose_references = true;
    /// Base64 in the alphabet of base64url, with line breaks, or of a wrong length. Such values are stored
    /// unchanged, and not reported.
    loose_base64 = true;
    /// `null` among the elements of a list. It is passed over, and not reported.
    null_elements = true;
    /// PUT: a required attribute is left out that is immutable or never returned. It stays as it is stored, and is not
    /// reported.
    absent_required = true;
}
