//! Checks that answers have what a client needs.

use serde_json::{Map, Value};

use super::compare::{self, Difference};
use super::context::{Answer, Context};
use super::dialect;
use super::finding::Code;
use super::kind::Client;
use super::report::Counted;
use super::request::Response;
use super::resource::{id_of, last_modified};
use super::step;
use crate::coerce::equality::same_value;
use crate::coerce::members::{member, remove_member};
use crate::error::ScimError;
use crate::filter::case_fold;
use crate::filter::datetime::Instant;
use crate::schema::Schema;

const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";

/// The value as JSON for a message, cut if it is long.
pub(super) fn short(value: &Value) -> String {
    cut(&value.to_string())
}

pub(super) fn cut(text: &str) -> String {
    const MOST: usize = 120;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// Checks every answer: it must not be a redirect, must have a media type that the client reads, and must have a JSON object
/// as its body. An error must be a SCIM error.
pub(super) fn any(cx: &mut Context, answer: &mut Answer, response: &Response) {
    if (300..400).contains(&answer.status) {
        let to = response.header("Location").map_or_else(|| "nowhere".to_owned(), |to| format!("`{}`", cut(to)));
        cx.note(Code::Redirect, answer, format!("status {} to {to}", answer.status));
        return;
    }
    if answer.status == 401 && answer.place.step != step::NO_TOKEN {
        cx.note(Code::Unauthorized, answer, format!("status {}", answer.status));
    }
    let is_blank = response.body.iter().all(u8::is_ascii_whitespace);
    if is_blank {
        if answer.status != 204 && answer.is_success() && !answer.place.request.starts_with("DELETE") {
            cx.note(Code::NotJson, answer, format!("status {} and no body", answer.status));
        }
        return;
    }
    media_type(cx, answer, response);
    let encoding = response.header("Content-Encoding").map(str::trim).unwrap_or_default();
    if !["", "identity"].iter().any(|plain| encoding.eq_ignore_ascii_case(plain)) {
        cx.note(Code::Encoded, answer, format!("`Content-Encoding: {}`", cut(encoding)));
        return;
    }
    match crate::json::from_slice(&response.body) {
        Ok(value) if value.is_object() => answer.value = Some(value),
        Ok(value) => cx.note(Code::NotJson, answer, format!("JSON that is not an object: {}", short(&value))),
        Err(error) if answer.is_success() => {
            let start = String::from_utf8_lossy(response.body.get(..60).unwrap_or(&response.body)).into_owned();
            cx.note(Code::NotJson, answer, format!("no JSON ({error}): `{}`", start.escape_debug()));
        }
        Err(_) => {}
    }
    if answer.status >= 400 {
        error_body(cx, answer);
    }
    if let Some(password) = answer.object().and_then(|resource| member(resource, "password")).filter(|p| !p.is_null()) {
        // The report must not contain the password.
        let kind = if password.is_string() { "a string" } else { "a value" };
        cx.note(Code::PasswordReturned, answer, format!("`password` with {kind}"));
    }
}

fn media_type(cx: &mut Context, answer: &Answer, response: &Response) {
    // OneLogin reads only `application/json`, Entra only `application/scim+json`; the others read both.
    let readable: &[&str] = match cx.plan.client {
        Client::OneLogin => &["application/json"],
        Client::Entra | Client::MicrosoftValidator => &["application/scim+json"],
        Client::Okta | Client::OktaSpec | Client::JumpCloud => &["application/scim+json", "application/json"],
    };
    let given = response.header("Content-Type");
    let essence = given.and_then(|given| given.split(';').next()).map(|essence| essence.trim().to_ascii_lowercase());
    if !essence.as_deref().is_some_and(|essence| readable.contains(&essence)) {
        let found = given.map_or_else(|| "no `Content-Type`".to_owned(), |given| format!("`{}`", cut(given)));
        let due = readable.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ");
        cx.note(Code::ContentType, answer, format!("{found} where {due} is due"));
    }
}

/// Whether an answer declares that it is a SCIM error.
pub(super) fn is_scim_error(answer: &Answer) -> bool {
    answer.object().is_some_and(|object| says(object, ScimError::SCHEMA))
}

/// Whether `schemas` lists a URN, without regard to case.
fn says(object: &Map<String, Value>, urn: &str) -> bool {
    let is_it = |one: &Value| one.as_str().is_some_and(|one| one.eq_ignore_ascii_case(urn));
    member(object, "schemas").and_then(Value::as_array).is_some_and(|urns| urns.iter().any(is_it))
}

fn error_body(cx: &mut Context, answer: &Answer) {
    let has_schema = is_scim_error(answer);
    let status = answer.member("status");
    let has_status = status.and_then(Value::as_str) == Some(answer.status.to_string().as_str());
    if has_schema && has_status {
        return;
    }
    let found = match (&answer.value, status) {
        (None, _) => format!("status {} with a body that is not a JSON object", answer.status),
        (Some(_), Some(status)) if has_schema => format!("`status` is {} and not \"{}\"", short(status), answer.status),
        (Some(value), _) => format!("status {} with {}", answer.status, short(value)),
    };
    cx.note(Code::ErrorBody, answer, found);
}

/// Whether an answer is a success. A failure is reported.
pub(super) fn success(cx: &mut Context, answer: &Answer) -> bool {
    if answer.is_success() {
        return true;
    }
    // `any` has already reported redirects and 401.
    if !(300..400).contains(&answer.status) && answer.status != 401 {
        let found = refusal(answer);
        cx.note(Code::Status, answer, found);
    }
    false
}

/// The status, `scimType` and `detail` of an error answer, as a text for a message.
pub(super) fn refusal(answer: &Answer) -> String {
    let text = |name: &str| answer.member(name).and_then(Value::as_str);
    let mut found = format!("status {}", answer.status);
    for said in [text("scimType"), text("detail")].into_iter().flatten() {
        found.push_str(": ");
        found.push_str(&cut(said));
    }
    found
}

/// Checks a ListResponse, and returns its resources.
pub(super) fn list<'a>(cx: &mut Context, answer: &'a Answer) -> &'a [Value] {
    let Some(object) = answer.object() else { return &[] };
    let total = member(object, "totalResults");
    let resources = member(object, "Resources");
    let urns = member(object, "schemas").and_then(Value::as_array);
    let is_list = urns.is_some_and(|urns| urns.iter().any(|urn| urn.as_str() == Some(LIST_RESPONSE)));
    let count = resources.map_or(Some(0), |resources| resources.as_array().map(Vec::len));
    let fault = match (total.and_then(Value::as_u64), count) {
        _ if !is_list => Some("`schemas` without the URN of a ListResponse".to_owned()),
        (None, _) => Some(
            total.map_or_else(|| "no `totalResults`".to_owned(), |total| format!("`totalResults` is {}", short(total))),
        ),
        (_, None) => Some("`Resources` is not a list".to_owned()),
        (Some(total), Some(count)) if total < count as u64 => {
            Some(format!("`totalResults` is {total} and `Resources` has {count}"))
        }
        // An import reads the groups page by page, and a further page may be empty although `totalResults` is not 0.
        (Some(total), Some(0)) if total > 0 && answer.place.step != step::IMPORT_GROUPS => {
            Some(format!("`totalResults` is {total} and `Resources` has none"))
        }
        _ => None,
    };
    if let Some(fault) = fault {
        cx.note(Code::ListResponse, answer, fault);
    }
    resources.and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The resources that a look-up has found; none if it was refused.
pub(super) fn found<'a>(cx: &mut Context, answer: &'a Answer) -> Option<&'a [Value]> {
    // OneLogin takes a 404 to a look-up as "not found".
    if answer.status == 404 && cx.plan.client == Client::OneLogin && answer.place.step != step::IMPORT_GROUPS {
        return Some(&[]);
    }
    success(cx, answer).then(|| list(cx, answer))
}

/// The resource that a look-up asked for. Other resources in the answer are reported as findings.
pub(super) fn the_one<'a>(
    cx: &mut Context,
    answer: &Answer,
    resources: &'a [Value],
    attribute: &str,
    wanted: &str,
) -> Option<&'a Value> {
    let name_of = |resource: &'a Value| member(resource.as_object()?, attribute)?.as_str();
    let folded = case_fold::fold(wanted);
    let (right, wrong): (Vec<_>, Vec<_>) =
        resources.iter().partition(|resource| name_of(resource).is_some_and(|name| case_fold::eq(name, &folded)));
    if let Some(first) = wrong.first() {
        let name =
            name_of(first).map_or_else(|| format!("one without `{attribute}`"), |name| format!("`{}`", cut(name)));
        let count = wrong.len();
        cx.note(Code::FilterIgnored, answer, format!("asked for `{wanted}`, got {count} other: {name}"));
    }
    if right.len() > 1 {
        cx.note(Code::FoundTwice, answer, format!("{} have the `{attribute}` `{wanted}`", right.len()));
    }
    right.first().copied()
}

/// Checks the members that every resource needs, and returns the `id` if there is one.
pub(super) fn resource(cx: &mut Context, answer: &Answer, resource: &Value) -> Option<String> {
    let object = resource.as_object()?;
    match member(object, "id") {
        Some(Value::String(id)) if [".", ".."].contains(&id.as_str()) => {
            cx.note(Code::IdMissing, answer, format!("`id` is `{id}`, which no URL can have as its end"));
        }
        Some(Value::String(id)) if !id.is_empty() => {}
        Some(id @ (Value::Number(_) | Value::Bool(_))) => {
            cx.note(Code::IdNotString, answer, format!("`id` is {}", short(id)));
        }
        _ => cx.note(Code::IdMissing, answer, format!("no `id` in {}", short(resource))),
    }
    let has_location = member(object, "meta")
        .and_then(Value::as_object)
        .and_then(|meta| member(meta, "location"))
        .and_then(Value::as_str)
        .is_some_and(|location| !location.is_empty());
    if !has_location {
        let is_user = answer.place.request.contains(" /Users");
        cx.note(if is_user { Code::LocationMissing } else { Code::GroupLocation }, answer, "no `meta.location`");
    }
    if last_modified(resource).is_none() {
        cx.note(Code::LastModifiedMissing, answer, "no `meta.lastModified`");
    }
    what_it_says_of_itself(cx, answer, object);
    id_of(resource)
}

/// Checks `schemas`, and the members of `meta` that are present.
fn what_it_says_of_itself(cx: &mut Context, answer: &Answer, object: &Map<String, Value>) {
    let (name, urn) =
        if answer.place.request.contains(" /Users") { ("User", Schema::USER) } else { ("Group", Schema::GROUP) };
    if !says(object, urn) {
        cx.note(Code::SchemasMissing, answer, format!("`schemas` without `{urn}`"));
    }
    let Some(meta) = member(object, "meta").and_then(Value::as_object) else { return };
    if let Some(other) = member(meta, "resourceType").filter(|other| other.as_str() != Some(name)) {
        cx.note(Code::ResourceType, answer, format!("`meta.resourceType` is {} where `{name}` is due", short(other)));
    }
    for date in ["created", "lastModified"] {
        let is_date =
            |value: &Value| value.is_null() || value.as_str().is_some_and(|text| Instant::parse(text).is_some());
        if let Some(other) = member(meta, date).filter(|value| !is_date(value)) {
            cx.note(Code::DateFormat, answer, format!("`meta.{date}` is {}", short(other)));
        }
    }
}

/// Checks the attributes that every user needs, and returns the `id` if there is one.
pub(super) fn user(cx: &mut Context, answer: &Answer, user: &Value) -> Option<String> {
    let id = resource(cx, answer, user);
    let object = user.as_object()?;
    let is_text = |value: Option<&Value>| value.and_then(Value::as_str).is_some_and(|text| !text.is_empty());
    if !is_text(member(object, "userName")) {
        cx.note(Code::UserNameMissing, answer, "no `userName`");
    }
    let name = member(object, "name").and_then(Value::as_object);
    let lacks = |part: &str| !is_text(name.and_then(|name| member(name, part)));
    let missing: Vec<_> = ["givenName", "familyName"].into_iter().filter(|part| lacks(part)).collect();
    if !missing.is_empty() {
        let missing: Vec<_> = missing.iter().map(|part| format!("`name.{part}`")).collect();
        cx.note(Code::NameMissing, answer, format!("no {}", missing.join(" and no ")));
    }
    id
}

/// Checks that a resource has the expected id.
pub(super) fn same_id(cx: &mut Context, answer: &Answer, resource: &Value, id: &str) {
    if let Some(other) = id_of(resource).filter(|other| other != id) {
        cx.note(Code::IdChanged, answer, format!("`{}` where `{}` is due", cut(&other), cut(id)));
    }
}

/// The resource that the engine's `create` makes of a body. A refusal of the body is reported.
pub(super) fn expected(cx: &mut Context, answer: &Answer, body: &Value) -> Option<Value> {
    match cx.users.create(body) {
        Ok(written) => Some(written.resource),
        Err(error) => {
            cx.note(Code::BodyRefused, answer, error.to_string());
            None
        }
    }
}

/// Checks that a user has the values that were sent.
pub(super) fn values(cx: &mut Context, answer: &Answer, body: &Value, held: &Value) {
    let Some(sent) = expected(cx, answer, body) else { return };
    for Difference { path, attribute, sent, held } in compare::differences(&sent, held, &cx.users) {
        let made_up = dialect::of(cx.plan.client).made_up();
        if held.is_none() && made_up.iter().any(|(name, value)| *name == attribute && sent == *value) {
            continue;
        }
        let got = held.as_ref().map_or_else(|| "nothing".to_owned(), short);
        // The client needs these attributes to match people, to show them and to let them sign in, so a loss is an error.
        let is_core = ["userName", "active"].contains(&attribute.as_str())
            || path == "name.givenName"
            || path == "name.familyName";
        let code = if is_core { Code::ValueLost } else { Code::ValueDiffers };
        cx.note_value(code, answer, &attribute, format!("`{path}`: sent {}, got {got}", short(&sent)));
    }
}

/// Checks that a user can no longer sign in: that `active` is false.
pub(super) fn inactive(cx: &mut Context, answer: &Answer, user: &Map<String, Value>) -> bool {
    let active = member(user, "active");
    let is_inactive = active == Some(&Value::Bool(false));
    if !is_inactive {
        let active = active.map_or_else(|| "nothing".to_owned(), short);
        cx.note(Code::NotSuspended, answer, format!("`active` is {active}"));
    }
    is_inactive
}

/// Checks the status of a creation. Returns whether the resource was created.
pub(super) fn created(cx: &mut Context, answer: &Answer) -> bool {
    if answer.status == 404 {
        // A look-up may answer 404 for a person whom nobody has. A creation is sent to the list itself.
        cx.note(Code::NoEndpoint, answer, refusal(answer));
        return false;
    }
    let is_success = success(cx, answer);
    if is_success && answer.status != 201 {
        cx.note(Code::CreatedStatus, answer, format!("status {}", answer.status));
    }
    is_success
}

/// Checks a deletion. A 404 is right if an earlier try, whose answer was lost, has already deleted the resource.
pub(super) fn deleted(cx: &mut Context, answer: &Answer) {
    if answer.status != 404 || !answer.is_repeated {
        success(cx, answer);
    }
}

/// Checks that a 409 has the `scimType` `uniqueness`.
pub(super) fn conflict(cx: &mut Context, answer: &Answer) {
    if answer.member("scimType").and_then(Value::as_str) != Some("uniqueness") {
        cx.note(Code::DuplicateType, answer, refusal(answer));
    }
}

/// Whether a resource has changed. A new `meta.lastModified` without any other change is reported.
pub(super) fn changed(cx: &mut Context, answer: &Answer, before: &Value, after: &Value) -> Counted {
    if !same_value(&without_meta(before), &without_meta(after)) {
        return Counted::Updated;
    }
    untouched(cx, answer, before, after)
}

/// Checks that a request that changed nothing has not moved `meta.lastModified`.
pub(super) fn untouched(cx: &mut Context, answer: &Answer, before: &Value, after: &Value) -> Counted {
    match (last_modified(before), last_modified(after)) {
        (Some(before), Some(after)) if before != after => {
            cx.note(Code::ModifiedUnchanged, answer, format!("`{}`, was `{}`", cut(after), cut(before)));
            Counted::Updated
        }
        _ => Counted::Unchanged,
    }
}

fn without_meta(resource: &Value) -> Value {
    let Value::Object(members) = resource else { return resource.clone() };
    let mut members = members.clone();
    remove_member(&mut members, "meta");
    Value::Object(members)
}
