//! Findings: what is wrong with an answer, why it would fail in the client, and how to cure it.

use std::collections::HashMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::kind::Client;
use super::step::OPTIONAL;
use crate::onelogin::Severity;
use crate::shown::plain;

/// A problem of the answers to one step. The same problem with several people is one finding with a count. If the values of
/// several attributes are wrong, each attribute has its own finding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Finding {
    /// The severity.
    pub severity: Severity,
    /// The kind of finding, for programs: `content_type`, `id_missing`, `filter_ignored`, ….
    pub code: String,
    /// The step of the client, such as `create user`.
    pub step: String,
    /// The person or group with which the problem was first found; empty if there is none.
    pub subject: String,
    /// The request, such as `POST /Users`.
    pub request: String,
    /// The status of the answer, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The attribute whose value is wrong; empty if the finding is not about an attribute.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub attribute: String,
    /// The fault in the answer.
    pub found: String,
    /// The reason why the client fails because of the fault.
    pub why: String,
    /// The advice for correcting the endpoint.
    pub cure: String,
    /// The number of times that the problem was found.
    pub count: usize,
}

/// `error [POST /Users 201 Mirela] no_id: …`, with the reason and the advice.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} [{}", self.severity, self.request)?;
        if let Some(status) = self.status {
            write!(f, " {status}")?;
        }
        if !self.subject.is_empty() {
            write!(f, " {}", plain(&self.subject))?;
        }
        write!(f, "] {}: {}. Why: {}. Cure: {}", self.code, plain(&self.found), self.why, self.cure)
    }
}

/// The step, request and answer in which a problem was found.
#[derive(Debug, Clone, Default)]
pub(super) struct FindingPlace {
    pub step: &'static str,
    pub subject: String,
    pub request: String,
    pub status: Option<u16>,
}

macro_rules! codes {
    ($($code:ident $name:literal $severity:ident $why:literal $cure:literal;)*) => {
        /// The kinds of finding. In their texts, `{client}` is replaced by the client's name, and `{mapping}` by the word for
        /// what an administrator gives it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub(super) enum Code { $($code,)* }

        impl Code {
            fn texts(self) -> (&'static str, Severity, &'static str, &'static str) {
                match self { $(Self::$code => ($name, Severity::$severity, $why, $cure),)* }
            }
        }
    };
}

codes! {
    BodyRefused "body_refused" Error
        "what {client} sends is not a user by RFC 7643, and a server may refuse it"
        "mend the template: `scim-engine onelogin lint` names the place";
    Busy "busy" Error
        "the server was still too busy after several tries, and {client} does not try forever"
        "answer sooner, or allow more requests at a time";
    ContentType "content_type" Error
        "{client} reads no answer of another media type"
        "answer with the media type that the client sent";
    CreatedStatus "created_status" Error
        "{client} takes a resource as created by 201 (RFC 7644 §3.3)"
        "answer 201 to a POST that creates";
    DateFormat "date_format" Warning
        "a dateTime is RFC 3339 text (RFC 7643 §2.3.5), and {client} may not read another form"
        "answer with dateTimes such as \"2026-01-31T08:00:00Z\"";
    DuplicateAccepted "duplicate_accepted" Error
        "two people with one `userName`: the next look-up finds both, and {client} may update the wrong one"
        "answer 409 with `scimType` `uniqueness`, whatever the case of the `userName` (RFC 7644 §3.3)";
    DuplicateStatus "duplicate_status" Error
        "{client} knows by 409 alone that the person is there already"
        "answer 409 with `scimType` `uniqueness` (RFC 7644 §3.3)";
    DuplicateType "duplicate_type" Warning
        "a client tells a taken `userName` from other conflicts by `scimType`"
        "put `\"scimType\": \"uniqueness\"` into the error (RFC 7644 §3.3)";
    ErrorBody "error_body" Warning
        "an administrator sees in {client} what the error says, and it says nothing that {client} can read"
        "answer with `schemas` `urn:ietf:params:scim:api:messages:2.0:Error`, `status` as a string and `detail` (RFC 7644 §3.12)";
    FilterIgnored "filter_ignored" Error
        "{client} takes what a look-up returns for the person that it asked for, and would change somebody else"
        "apply the filter: an empty list if nobody matches (RFC 7644 §3.4.2)";
    FoundTwice "found_twice" Error
        "{client} cannot tell which of them is the person"
        "let each `userName` and group name be there once";
    Encoded "encoded" Error
        "{client} asks for no encoding, and cannot read an answer that is in one"
        "compress an answer only if the request has `Accept-Encoding`";
    GroupLocation "location_missing" Warning
        "every resource has `meta.location`"
        "answer with `meta.location`, the URL of the resource (RFC 7643 §3.1)";
    GroupsShort "groups_short" Warning
        "{client} may read the first answer alone, and then does not see the other groups"
        "give all groups to a request without `startIndex` and `count`, if there are not too many";
    IdMissing "id_missing" Error
        "{client} keeps the `id` to update and remove the resource with"
        "answer with an `id` that never changes (RFC 7643 §3.1)";
    IdNotString "id_not_string" Error
        "{client} expects the `id` as a string"
        "answer with `\"id\": \"5\"`, not `\"id\": 5` (RFC 7643 §3.1)";
    IdChanged "id_changed" Error
        "{client} keeps the `id` to update and remove the resource with"
        "give a resource the same `id` in every answer (RFC 7643 §3.1)";
    LastModifiedMissing "last_modified_missing" Note
        "whether a push changes anything is seen by `meta.lastModified`"
        "answer with `meta.lastModified` (RFC 7643 §3.1)";
    ListResponse "list_response" Error
        "{client} reads `totalResults` and `Resources` of a ListResponse"
        "answer with `schemas` `urn:ietf:params:scim:api:messages:2.0:ListResponse`, `totalResults` as a number and `Resources` as a list (RFC 7644 §3.4.2)";
    LocationHeader "location_header" Warning
        "RFC 7644 §3.3 has the header `Location` on every 201"
        "answer with `Location`, the same as `meta.location`";
    LocationMissing "location_missing" Error
        "{client} needs `meta.location` of a user"
        "answer with `meta.location`, the URL of the resource (RFC 7643 §3.1)";
    LookUpMissed "look_up_missed" Error
        "{client} would create what is there already"
        "find what is there by `userName` or `displayName`, in any case (RFC 7643 §4.1.1)";
    MembersDiffer "members_differ" Error
        "{client} believes that the members are what it sent"
        "add and remove the members that the request names, no more and no fewer (RFC 7644 §3.5.2)";
    MembersReturned "members_returned" Warning
        "{client} asks without members, for groups with many"
        "leave out what `excludedAttributes` names (RFC 7644 §3.9)";
    MemberUnknown "member_unknown" Warning
        "who is not pushed has no id to be a member by"
        "name people of the same push by their `userName`";
    ModifiedUnchanged "modified_unchanged" Warning
        "the same once more moved `meta.lastModified`, so that nobody can tell a change from none"
        "leave `meta.lastModified` where it is if a request changes nothing";
    NoEndpoint "no_endpoint" Error
        "{client} puts `/Users` behind the URL that it is given, and nothing of SCIM answers there"
        "give the URL that `/Users` is below, such as `https://HOST/scim/v2`";
    NameMissing "name_missing" Error
        "{client} needs `name.givenName` and `name.familyName` of a user"
        "answer with the whole `name`";
    NotDeleted "not_deleted" Error
        "{client} believes that the person is gone"
        "answer 404 for a deleted resource from then on (RFC 7644 §3.6)";
    NotFoundStatus "not_found_status" Error
        "{client} knows by 404 that a resource is gone, and creates it again"
        "answer 404 for an id that does not exist (RFC 7644 §3.12)";
    NotJson "not_json" Error
        "{client} cannot read the answer"
        "answer with a JSON object (RFC 7644 §3.8)";
    NotSuspended "not_suspended" Error
        "{client} believes that the person can no longer sign in"
        "store `active` false, also from the string `\"False\"` in any case";
    PasswordReturned "password_returned" Error
        "a password is never returned (RFC 7643 §7, `returned` `never`)"
        "leave `password` out of every answer";
    ResourceType "resource_type" Warning
        "`meta.resourceType` is the name of the resource's type"
        "answer with `meta.resourceType` `User` or `Group` (RFC 7643 §3.1)";
    SchemasMissing "schemas_missing" Warning
        "every resource says in `schemas` what it is, and a client may pass over one that does not"
        "answer with `schemas`, the URN of `User` or `Group` among them (RFC 7643 §3)";
    NobodyThere "nobody_there" Error
        "{client} reads a user that is there already"
        "have at least one user, with `name` and `emails`";
    ReplaceRefused "replace_refused" Warning
        "Entra sends `Replace` for what it believes to be there, and gives the whole update up at a refusal"
        "add what the brackets ask for (in scim-engine: `replace_creates`)";
    RoleRefused "role_refused" Warning
        "Entra sends an app role as JSON text in `value`, and gives the whole update up at a refusal"
        "read `value` and `displayName` out of the text (in scim-engine: `json_values`)";
    RoleText "role_text" Warning
        "an app role is stored as the JSON text that Entra sends, and no role of the application has that name"
        "read `value` and `displayName` out of the text (in scim-engine: `json_values`)";
    TokenIgnored "token_ignored" Error
        "whoever asks without a valid token is answered"
        "answer 401 unless the token is valid (RFC 7644 §2)";
    UnknownRefused "unknown_refused" Warning
        "Entra sends what an administrator has mapped, and with one attribute that is not known nobody is deactivated any more"
        "pass over what is not known (in scim-engine: `unknown_paths` `ignore`)";
    ValueMissing "value_missing" Error
        "{client} checks that every user has it"
        "answer with the attribute, also if it is false";
    Redirect "redirect" Error
        "{client} follows no redirect: its token would go along"
        "answer at the URL that the client was given";
    Status "status" Error
        "{client} takes the step as failed"
        "answer with the status that RFC 7644 has for the request";
    Unauthorized "unauthorized" Error
        "{client} cannot go on without access"
        "check the token, and that the endpoint reads `Authorization: Bearer`";
    Unreachable "unreachable" Error
        "{client} got no answer"
        "look into the server's log for the request";
    UserNameMissing "user_name_missing" Error
        "{client} matches people by `userName`"
        "answer with the `userName` that is stored";
    ValueDiffers "value_differs" Warning
        "{client} sends the value again and again, or shows another one than the endpoint has"
        "store and return what was sent, or leave the attribute out of the {mapping}";
    ValueLost "value_lost" Error
        "{client} believes that the value is what it sent"
        "store and return what was sent";
}

/// The severity for a client. Some clients do not need `meta.location` of a user, or `name`: for them its lack is a
/// warning.
fn severity(code: Code, client: Client) -> Severity {
    let (_, severity, ..) = code.texts();
    match (code, client) {
        (Code::NameMissing, Client::OktaSpec) => severity,
        (Code::LocationMissing | Code::NameMissing, other) if other != Client::OneLogin => Severity::Warning,
        _ => severity,
    }
}

/// Findings, one for each problem. Findings with the same code, step and attribute are the same problem.
#[derive(Debug, Default)]
pub(super) struct Findings {
    list: Vec<Finding>,
    by_key: HashMap<(String, String, String), usize>,
}

impl Findings {
    pub(super) fn make(code: Code, client: Client, place: &FindingPlace, found: String) -> Finding {
        let (name, _, why, cure) = code.texts();
        let is_fault_of_service = code == Code::Status && place.status.is_some_and(|status| status >= 500);
        let cure = if is_fault_of_service { "look into the server's log for the request" } else { cure };
        let mapping = if client == Client::OneLogin { "template" } else { "mapping of attributes" };
        let severity = severity(code, client);
        // Endpoints are allowed to fail an optional check, so the findings of such a check are warnings at most.
        let severity = if place.step.starts_with(OPTIONAL) { severity.max(Severity::Warning) } else { severity };
        Finding {
            severity,
            code: name.to_owned(),
            step: place.step.to_owned(),
            subject: plain(&place.subject).into_owned(),
            request: place.request.clone(),
            status: place.status,
            attribute: String::new(),
            found: plain(&found).into_owned(),
            why: why.replace("{client}", client.title()),
            cure: cure.replace("{mapping}", mapping),
            count: 1,
        }
    }

    pub(super) fn add(&mut self, finding: Finding) {
        let key = (finding.code.clone(), finding.step.clone(), finding.attribute.clone());
        match self.by_key.get(&key).and_then(|index| self.list.get_mut(*index)) {
            Some(known) => known.count += finding.count,
            None => {
                self.by_key.insert(key, self.list.len());
                self.list.push(finding);
            }
        }
    }

    /// Removes and returns all findings.
    pub(super) fn take(&mut self) -> Vec<Finding> {
        std::mem::take(self).list
    }

    /// The findings with the worst first, and otherwise in the order in which they were found.
    pub(super) fn sorted(&self) -> Vec<Finding> {
        let mut list = self.list.clone();
        list.sort_by_key(|finding| finding.severity);
        list
    }

    pub(super) fn errors(&self) -> usize {
        self.list.iter().filter(|finding| finding.severity == Severity::Error).map(|finding| finding.count).sum()
    }
}
