//! Resource types that are reduced to what a product has: what stays, what the definitions say afterwards, and what is
//! refused as a mistake of the host.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use scim_engine::schema::{AttrType, Attribute, Mutability, ResourceType, Schema};
use scim_engine::{ScimError, ScimType};
use serde_json::json;

const CORE: &str = Schema::USER;
const ENTERPRISE: &str = Schema::ENTERPRISE_USER;

fn names(attributes: &[Attribute]) -> Vec<&str> {
    attributes.iter().map(|attribute| attribute.name.as_str()).collect()
}

/// A type of which no attribute is required.
fn badge() -> ResourceType {
    let colour = Attribute::new("colour", AttrType::String);
    let doors = Attribute::complex("doors", [Attribute::new("floor", AttrType::Integer)]).multi_valued(true);
    let schema = Schema::new("urn:example:Badge", "Badge", [colour, doors]).unwrap();
    ResourceType::from_schemas("Badge", schema, Vec::new()).unwrap()
}

fn lease() -> Schema {
    Schema::new("urn:example:Lease", "Lease", [Attribute::new("rent", AttrType::Integer)]).unwrap()
}

/// The error of a tailoring that must fail.
fn refused(tailored: Result<ResourceType, scim_engine::SchemaError>) -> String {
    tailored.unwrap_err().to_string()
}

#[test]
fn the_urn_of_a_schema_keeps_all_of_it() {
    let user = ResourceType::user();
    let core = user.only([CORE]).unwrap();
    assert_eq!(core.schema(), user.schema());
    assert_eq!(core.extensions().count(), 0);
    let both = user.only(["userName", ENTERPRISE]).unwrap();
    assert_eq!(names(&both.schema().attributes), ["userName"]);
    assert_eq!(both.extension(ENTERPRISE), user.extension(ENTERPRISE));
    let part = user.only(["userName", &format!("{ENTERPRISE}:department")]).unwrap();
    assert_eq!(names(&part.extension(ENTERPRISE).unwrap().attributes), ["department"]);
}

#[test]
fn what_only_cannot_leave_out() {
    let required = "is required by its schema and cannot be left out";
    assert_eq!(refused(ResourceType::user().only(["title"])), format!("`userName`: {required}"));
    let members = ResourceType::group().only(["displayName", "members.display"]);
    assert_eq!(refused(members), format!("`members.value`: {required}"));
    let nothing = badge().only(["id", "externalId"]);
    assert_eq!(refused(nothing), "`urn:example:Badge`: would have no attribute: name at least one");
    let leased = badge().with_extension(lease(), true).unwrap();
    let words = "`urn:example:Lease`: is a required extension: name an attribute of it";
    assert_eq!(refused(leased.only(["colour"])), words);
    assert!(leased.only(["colour", "urn:example:Lease:rent"]).is_ok());
    assert_eq!(names(&badge().only(["doors.floor"]).unwrap().schema().attributes), ["doors"]);
}

#[test]
fn what_without_leaves_out() {
    let user = ResourceType::user();
    assert!(user.without(["externalId"]).unwrap().attribute("externalId").is_none());
    let extension = user.without([format!("{ENTERPRISE}:department")]).unwrap();
    assert!(extension.extension(ENTERPRISE).unwrap().attribute("department").is_none());
    assert!(extension.extension(ENTERPRISE).unwrap().attribute("manager").is_some());
    // A sub-attribute that is named twice is gone after the first time, and one attribute without the last of its
    // sub-attributes is gone as a whole.
    let twice = user.without(["name.formatted", "name.formatted"]).unwrap();
    let parts = ["familyName", "givenName", "middleName", "honorificPrefix", "honorificSuffix"];
    assert_eq!(names(&twice.attribute("name").unwrap().sub_attributes), parts);
    let all = twice.without(parts.map(|part| format!("name.{part}"))).unwrap();
    assert!(all.attribute("name").is_none());
    // An extension without attributes is not a schema (RFC 7643 §7).
    let leased = badge().with_extension(lease(), false).unwrap();
    assert_eq!(leased.without(["urn:example:Lease:rent"]).unwrap().extensions().count(), 0);
}

#[test]
fn what_without_cannot_leave_out() {
    let user = ResourceType::user();
    let required = "is required by its schema and cannot be left out";
    assert_eq!(refused(user.without(["userName"])), format!("`userName`: {required}"));
    assert_eq!(refused(ResourceType::group().without(["members.value"])), format!("`members.value`: {required}"));
    assert_eq!(refused(user.without([CORE])), format!("`{CORE}`: is the core schema and cannot be left out"));
    for name in ["schemas", "id", "meta"] {
        let words = format!("`{name}`: is part of every resource and cannot be left out");
        assert_eq!(refused(user.without([name])), words);
    }
    let words = "`urn:example:Badge`: would have no attribute: name at least one";
    assert_eq!(refused(badge().without(["colour", "doors"])), words);
    let leased = badge().with_extension(lease(), true).unwrap();
    let words = "`urn:example:Lease`: is a required extension: name an attribute of it";
    assert_eq!(refused(leased.without(["urn:example:Lease:rent"])), words);
}

/// A complex attribute of which something is required goes as a whole only if nothing of the schema requires it.
#[test]
fn a_required_attribute_stays_until_its_last_part() {
    let parts = [Attribute::new("a", AttrType::String), Attribute::new("b", AttrType::String)];
    let pair = Attribute::complex("pair", parts).required(true);
    let schema = Schema::new("urn:example:Pair", "Pair", [pair, Attribute::new("c", AttrType::String)]).unwrap();
    let kind = ResourceType::from_schemas("Pair", schema, Vec::new()).unwrap();
    assert_eq!(names(&kind.without(["pair.a"]).unwrap().attribute("pair").unwrap().sub_attributes), ["b"]);
    let words = "`pair`: is required by its schema and cannot be left out";
    assert_eq!(refused(kind.without(["pair.a", "pair.b"])), words);
}

#[test]
fn a_whole_schema_is_read_only() {
    let user = ResourceType::user().read_only([CORE]).unwrap();
    assert!(user.schema().attributes.iter().all(|one| one.mutability == Mutability::ReadOnly && !one.required));
    let name = user.attribute("name").unwrap();
    assert!(name.sub_attributes.iter().all(|sub| sub.mutability == Mutability::ReadOnly));
    // The common attributes belong to no schema.
    assert_eq!(user.attribute("externalId").unwrap().mutability, Mutability::ReadWrite);
    let extension = |kind: &ResourceType| kind.extension(ENTERPRISE).unwrap().clone();
    assert_eq!(extension(&user), extension(&ResourceType::user()));
    let user = ResourceType::user().read_only([ENTERPRISE]).unwrap();
    assert!(extension(&user).attributes.iter().all(|one| one.mutability == Mutability::ReadOnly));
    assert_eq!(user.schema(), ResourceType::user().schema());
}

#[test]
fn what_no_request_can_set_is_not_required() {
    let words = "`groups`: is readOnly, so that no request can set it";
    assert_eq!(refused(ResourceType::user().required(["title", "groups"])), words);
    assert_eq!(refused(ResourceType::user().required([CORE])), words);
    let sub = refused(ResourceType::user().required([format!("{ENTERPRISE}:manager.displayName")]));
    assert_eq!(sub, "`displayName`: is readOnly, so that no request can set it");
    let user = ResourceType::user().required(["emails.type"]).unwrap();
    assert!(user.attribute("emails").unwrap().sub_attribute("type").unwrap().required);
    assert!(!user.attribute("emails").unwrap().required);
}

#[test]
fn the_strings_of_an_extension_are_limited() {
    let department = format!("{ENTERPRISE}:department");
    let user = ResourceType::user().max_length(&department, 4).unwrap();
    let limited = |name: &str| user.extension(ENTERPRISE).unwrap().attribute(name).unwrap().max_length;
    assert_eq!((limited("department"), limited("division")), (Some(4), None));
    let error = user.create(&json!({"userName": "ann", ENTERPRISE: {"department": "Atlas"}})).unwrap_err();
    assert_eq!(error.scim_type(), Some(ScimType::InvalidValue));
    assert_eq!(error.to_string(), format!("`{department}`: expected at most 4 characters, found more"));
    let user = ResourceType::user().canonical_values(&department, ["Maps", "Ink"]).unwrap();
    let limited = user.extension(ENTERPRISE).unwrap().attribute("department").unwrap();
    assert_eq!((&limited.canonical_values, limited.canonical_only), (&vec![json!("Maps"), json!("Ink")], true));
}

#[test]
fn what_holds_no_strings() {
    let user = ResourceType::user();
    for (name, words) in [
        (CORE, "is a schema: name one of its attributes"),
        (ENTERPRISE, "is a schema: name one of its attributes"),
        ("emails", "is complex: name a sub-attribute, such as `emails.value`"),
        ("name", "is complex: name a sub-attribute, such as `name.formatted`"),
        ("active", "holds no strings: it is of type `boolean`"),
        ("meta.created", "holds no strings: it is of type `dateTime`"),
        ("titel", "`User` has no attribute `titel`; did you mean `title`?"),
    ] {
        let expected = format!("`{name}`: {words}");
        assert_eq!(refused(user.max_length(name, 5)), expected);
        assert_eq!(refused(user.canonical_values(name, ["a"])), expected);
    }
    let words = "`title`: needs at least one canonical value: nothing else could be stored";
    assert_eq!(refused(user.canonical_values("title", [""; 0])), words);
    assert_eq!(user.max_length("photos.value", 9).unwrap().attribute("photos").unwrap().max_length, None);
    let binary = user.max_length("x509Certificates.value", 9).unwrap();
    let binary = binary.attribute("x509Certificates").unwrap().sub_attribute("value").unwrap();
    assert_eq!((binary.attr_type, binary.max_length), (AttrType::Binary, Some(9)));
}

#[test]
fn the_type_of_any_resource_is_not_tailored() {
    let words = "`Any`: is not a resource type in particular: begin with one that is";
    let any = ResourceType::any();
    for tailored in [
        any.only(["userName"]),
        any.without(["title"]),
        any.read_only(["shoeSize"]),
        any.required(["title"]),
        any.max_length("shoeSize", 5),
        any.with_endpoint("/Things"),
        any.with_extension(lease(), false),
    ] {
        assert_eq!(refused(tailored), words);
    }
}

#[test]
fn what_is_an_endpoint() {
    let user = ResourceType::user();
    for endpoint in ["/People", "/people.v2", "/~a-b_C9"] {
        assert_eq!(user.with_endpoint(endpoint).unwrap().endpoint(), endpoint);
    }
    for endpoint in ["", "/", "People", "/a b", "/People/all", "/P\u{e9}", "//"] {
        let words = format!("`User`: `{endpoint}` is not an endpoint: expected a slash and a name, such as `/Users`");
        assert_eq!(refused(user.with_endpoint(endpoint)), words);
    }
}

/// A schema may have an identifier that no filter or path could name.
#[test]
fn an_extension_with_a_blank_in_its_urn() {
    let odd = Schema::new("urn:example:my lease", "Lease", [Attribute::new("rent", AttrType::Integer)]).unwrap();
    let user = ResourceType::user().with_extension(odd, false).unwrap();
    assert_eq!(user.extensions().count(), 2);
    let user = user.without(["URN:example:my lease"]).unwrap();
    assert_eq!(user.extensions().map(|schema| schema.id.as_str()).collect::<Vec<_>>(), [ENTERPRISE]);
    let words = "`urn:example:my lease`: `urn:example:my lease` is not the name of an attribute";
    assert_eq!(refused(user.without(["urn:example:my lease"])), words);
}

#[test]
fn a_mistake_of_the_host_is_no_fault_of_the_client() {
    let error = ResourceType::user().without(["id"]).unwrap_err();
    assert_eq!((error.path(), error.message()), ("id", "is part of every resource and cannot be left out"));
    let answer = ScimError::from(error);
    assert_eq!((answer.status(), answer.scim_type()), (500, None));
    assert_eq!(answer.detail(), "`id`: is part of every resource and cannot be left out");
}
