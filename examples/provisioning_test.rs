//! A test of one's own endpoint by the requests that OneLogin sends, in process and without a network. `cargo run --features
//! client --example provisioning_test`.

#[path = "patch_endpoint.rs"]
mod patch_endpoint;

use patch_endpoint::Endpoint;
use scim_engine::ScimError;
use scim_engine::client::{Account, Client, Group, Next, Plan, PlanError, Report, Response, Session};
use scim_engine::onelogin::{Person, Template};

const TEMPLATE: &str = r#"{
    "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
    "userName": "{$parameters.scimusername}",
    "active": "{$user.active}",
    "name": {"givenName": "{$user.firstname}", "familyName": "{$user.lastname}"},
    "emails": [{"value": "{$user.email}", "type": "work", "primary": true}]
}"#;

/// What OneLogin would send for these people.
fn accounts() -> Result<Vec<Account>, Box<dyn std::error::Error>> {
    let template = Template::parse(TEMPLATE)?;
    let mut accounts = Vec::new();
    for (first, last) in [("Mirela", "Quill"), ("Otto", "Veit")] {
        let email = format!("{}@harbour.example", first.to_lowercase());
        let person = Person::new()
            .with("firstname", first)?
            .with("lastname", last)?
            .with("email", &email)?
            .with("active", "true")?
            .with("parameters.scimusername", &email)?;
        accounts.push(Account::new(template.render(&person)?.value));
    }
    Ok(accounts)
}

/// Pushes people and a group into the endpoint. The session has no socket: this loop carries its requests.
fn push(endpoint: &mut Endpoint, people: Vec<Account>) -> Result<Report, PlanError> {
    let crew = Group::new("Crew", ["mirela@harbour.example", "otto@harbour.example"]);
    let mut session = Session::new(Plan::new(Client::OneLogin).people(people).groups(vec![crew]))?;
    while let Next::Send(request) = session.next() {
        let header = |wanted: &str| request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        let response = if header("authorization").is_some() {
            // The session never knows the token. If it sends one, it is a wrong one, on purpose.
            Response::json(401, &ScimError::with_status(401, "the token is not valid").to_body())
        } else {
            let accept = header("accept").map(|(_, value)| *value);
            let answer =
                endpoint.handle(request.method, &request.path, accept, request.body.as_deref().unwrap_or_default());
            let body = answer.body.map_or_else(Vec::new, |body| body.to_string().into_bytes());
            Response::new(answer.status, [("Content-Type", answer.content_type)], body)
        };
        session.answer(request.ticket, Ok(response));
    }
    Ok(session.report())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut endpoint = Endpoint::new()?;
    for run in ["first", "second"] {
        let report = push(&mut endpoint, accounts()?)?;
        println!("{run} push: {:?}", report.summary);
        for finding in &report.findings {
            println!("{finding}");
        }
    }
    Ok(())
}

#[test]
fn the_endpoint_is_as_onelogin_needs_it() {
    main().unwrap();
    let mut endpoint = Endpoint::new().unwrap();
    let first = push(&mut endpoint, accounts().unwrap()).unwrap();
    assert!(first.ok(), "{:?}", first.findings);
    let second = push(&mut endpoint, accounts().unwrap()).unwrap();
    assert!(second.ok(), "{:?}", second.findings);
    assert_eq!(second.summary.people.unchanged, 2, "{:?}", second.summary);
}
