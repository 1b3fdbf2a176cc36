//! A product whose users are structs, and whose struct has fewer fields than the RFC's schema: `cargo run --example
//! typed_struct`.

use scim_engine::{Error, Filter, Options, Patch, ResourceType, ScimError, UnknownPaths};
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct User {
    schemas: Vec<String>,
    #[serde(rename = "userName")]
    login: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(default)]
    active: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    emails: Vec<Email>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Email {
    value: String,
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(default)]
    primary: bool,
}

/// The attributes of the struct. A misspelt name is an error when the service starts.
fn user_type() -> Result<ResourceType, Error> {
    let user =
        ResourceType::user().only(["userName", "title", "active", "emails.value", "emails.type", "emails.primary"])?;
    Ok(user.max_length("title", 60)?)
}

/// What the struct has no field for is dropped with a report, in bodies and in the paths of a PATCH.
fn options() -> Options {
    Options::default().unknown_paths(UnknownPaths::Ignore)
}

fn create(body: &[u8]) -> Result<User, Error> {
    Ok(user_type()?.create_from_slice_with(body, &options())?.typed()?.resource)
}

/// Whether anything changed, so that there is something to store.
fn patch(user: &mut User, body: &[u8]) -> Result<bool, Error> {
    Ok(Patch::from_slice_with(body, &options())?.apply_typed(user, &user_type()?)?.changed)
}

fn find<'u>(users: &'u [User], filter: &str) -> Result<Vec<&'u User>, Error> {
    let matcher = Filter::parse(filter)?.compile(&user_type()?)?;
    let mut found = Vec::new();
    for user in users {
        if matcher.matches_typed(user)? {
            found.push(user);
        }
    }
    Ok(found)
}

fn main() -> Result<(), Error> {
    let mut user = create(
        br#"{"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": "mirela", "active": "true",
            "nickName": "Mimi", "emails": {"type": "work", "value": "mirela@harbour.example", "primary": true}}"#,
    )?;
    println!("created {user:?}");

    let suspend = br#"{"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [
        {"op": "Replace", "path": "active", "value": "False"},
        {"op": "Replace", "path": "nickName", "value": "Miri"}
    ]}"#;
    println!("changed: {}", patch(&mut user, suspend)?);
    println!("changed by the same request: {}", patch(&mut user, suspend)?);

    let users = [user];
    println!("found: {}", find(&users, r#"emails[type eq "work"] and active eq false"#)?.len());

    // One `?` for every layer, and one conversion to the answer.
    let refused = create(br#"{"userName": "otto", "active": "perhaps"}"#).map_err(ScimError::from);
    if let Err(error) = refused {
        println!("{} {}", error.status(), error.to_body());
    }
    Ok(())
}

#[test]
fn the_example_does_what_it_says() {
    main().unwrap();
    let mut user = create(br#"{"userName": "otto", "nickName": "O"}"#).unwrap();
    let rename = br#"{"Operations": [{"op": "add", "path": "nickName", "value": "Otter"}]}"#;
    assert!(!patch(&mut user, rename).unwrap());
    let long = format!(r#"{{"userName": "otto", "title": "{}"}}"#, "x".repeat(61));
    assert_eq!(ScimError::from(create(long.as_bytes()).unwrap_err()).to_body()["scimType"], "invalidValue");
}
