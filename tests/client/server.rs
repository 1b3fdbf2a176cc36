//! An endpoint in memory, made of the engine, that can be told to be wrong in one way.

use std::collections::BTreeMap;

use scim_engine::{Filter, Options, Patch, Registry, ResourceType, ScimType, UnknownPaths};
use serde_json::{Value, json};

/// The fault of the server.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fault {
    #[default]
    None,
    /// Any filter finds everybody.
    AllUsers,
    ContentType,
    NotJson,
    NoId,
    NumberId,
    CreatedOk,
    EchoPassword,
    NoFamilyName,
    NoLocation,
    NoLocationHeader,
    /// Every write moves `lastModified`.
    Touches,
    AlwaysActive,
    /// Look-ups compare `userName` by case.
    ExactCase,
    Duplicates,
    ConflictIs400,
    NoScimType,
    UnknownIs400,
    NoTotal,
    /// `remove` with a list empties the group.
    RemoveEmpties,
    /// Members that are added get lost.
    NoMembers,
    LosesTitle,
    LosesTitleAndEmails,
    /// Answers are said to be compressed.
    Encoded,
    Redirects,
    Unauthorized,
    KeepsDeleted,
    PlainErrors,
    ServerError,
    PagesGroups,
    IgnoresExcluded,
    /// Nothing of SCIM is there.
    WrongUrl,
    NoSchemas,
    WrongType,
    MailDates,
    /// Every client is answered.
    IgnoresToken,
    /// `Replace` with brackets that match nothing is refused.
    NoTarget,
    /// A path that is not known is refused.
    KnownPathsOnly,
    /// The JSON text of an app role is kept as it is.
    RoleText,
    /// A blank does not take the manager away.
    KeepsManager,
    /// Errors have no `detail`.
    NoDetail,
    /// Lists do not say what they are a page of.
    NoPages,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub body: Option<Value>,
}

pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

#[derive(Default)]
pub struct Server {
    pub fault: Fault,
    pub resources: BTreeMap<String, Value>,
    pub log: Vec<Seen>,
    /// The next answers are 429 with this `Retry-After`.
    pub busy: usize,
    pub retry_after: Option<&'static str>,
    pub created: usize,
    pub clock: usize,
    /// The attributes of users that are stored, if not all.
    pub users: Option<ResourceType>,
}

pub fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let hex = [rest.next().unwrap(), rest.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    String::from_utf8(bytes).unwrap()
}

impl Server {
    pub fn with(fault: Fault) -> Self {
        Self { fault, ..Self::default() }
    }

    fn kind(&self, collection: &str) -> ResourceType {
        if collection == "Groups" {
            return ResourceType::group();
        }
        self.users.clone().unwrap_or_else(ResourceType::user)
    }

    /// Requests are read tolerantly, unless the fault is not to.
    fn options(&self) -> Options {
        let mut options = Options::default();
        options.tolerance.replace_creates = self.fault != Fault::NoTarget;
        options.tolerance.json_values = self.fault != Fault::RoleText;
        if self.fault != Fault::KnownPathsOnly {
            options = options.unknown_paths(UnknownPaths::Ignore);
        }
        options
    }

    /// The answer to a request without a valid token.
    pub fn refuse(&self, accept: &str) -> Reply {
        let (status, body) = self.error(401, None);
        let headers = vec![("Content-Type".to_owned(), accept.to_owned())];
        Reply { status, headers, body: body.to_string().into_bytes() }
    }

    pub fn of(&self, collection: &str) -> impl Iterator<Item = &Value> {
        let prefix = format!("{collection}/");
        self.resources.iter().filter(move |(path, _)| path.starts_with(&prefix)).map(|(_, resource)| resource)
    }

    /// One request.
    pub fn handle(&mut self, method: &str, path: &str, accept: &str, body: &[u8]) -> Reply {
        let body = (!body.is_empty()).then(|| serde_json::from_slice(body).unwrap());
        self.log.push(Seen { method: method.to_owned(), path: path.to_owned(), body: body.clone() });
        let mut headers = Vec::new();
        if self.busy > 0 {
            self.busy -= 1;
            headers.extend(self.retry_after.map(|seconds| ("Retry-After".to_owned(), seconds.to_owned())));
            return Reply { status: 429, headers, body: Vec::new() };
        }
        match self.fault {
            Fault::WrongUrl => {
                headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
                return Reply { status: 404, headers, body: b"{\"detail\":\"Not Found\"}".to_vec() };
            }
            Fault::Redirects => {
                let to = "https://elsewhere.example/scim".to_owned();
                return Reply { status: 302, headers: vec![("Location".to_owned(), to)], body: Vec::new() };
            }
            Fault::NotJson => {
                headers.push(("Content-Type".to_owned(), accept.to_owned()));
                return Reply { status: 200, headers, body: b"<html>Welcome</html>".to_vec() };
            }
            Fault::Encoded => headers.push(("Content-Encoding".to_owned(), "gzip".to_owned())),
            _ => {}
        }
        let (status, answer) = self.answer(method, path, body);
        let type_of_answer = if self.fault == Fault::ContentType { "text/plain" } else { accept };
        if status != 204 {
            headers.push(("Content-Type".to_owned(), type_of_answer.to_owned()));
        }
        if status == 201 && self.fault != Fault::NoLocationHeader {
            headers.push(("Location".to_owned(), format!("https://sp.example/{}", answer["id"])));
        }
        let body = if status == 204 { Vec::new() } else { answer.to_string().into_bytes() };
        Reply { status, headers, body }
    }

    fn error(&self, status: u16, scim_type: Option<&str>) -> (u16, Value) {
        if self.fault == Fault::PlainErrors {
            return (status, json!({"message": "no"}));
        }
        let mut body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": status.to_string(), "detail": "no",
        });
        if let Some(scim_type) = scim_type.filter(|_| self.fault != Fault::NoScimType) {
            body["scimType"] = scim_type.into();
        }
        if self.fault == Fault::NoDetail {
            body.as_object_mut().unwrap().remove("detail");
        }
        (status, body)
    }

    fn answer(&mut self, method: &str, path: &str, body: Option<Value>) -> (u16, Value) {
        match self.fault {
            Fault::Unauthorized => return self.error(401, None),
            Fault::ServerError if method == "POST" => return self.error(500, None),
            _ => {}
        }
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let path = decode(path.trim_start_matches('/'));
        let Some((collection, _)) = path.split_once('/') else {
            return match method {
                "GET" if path == "Schemas" => (
                    200,
                    Registry::new([self.kind("Users"), ResourceType::group()])
                        .unwrap()
                        .schemas_response("https://sp.example"),
                ),
                "GET" => self.list(&path, query),
                "POST" => self.create(&path, body.unwrap()),
                _ => self.error(405, None),
            };
        };
        let collection = collection.to_owned();
        let Some(held) = self.resources.get(&path).cloned() else {
            return self.error(if self.fault == Fault::UnknownIs400 { 400 } else { 404 }, None);
        };
        match method {
            "GET" => {
                let mut shown = self.shown(held);
                if query == "excludedAttributes=members" && self.fault != Fault::IgnoresExcluded {
                    shown.as_object_mut().unwrap().remove("members");
                }
                (200, shown)
            }
            "DELETE" => {
                if self.fault != Fault::KeepsDeleted {
                    self.resources.remove(&path);
                    for (_, group) in self.resources.iter_mut().filter(|(path, _)| path.starts_with("Groups/")) {
                        if let Some(members) = group.get_mut("members").and_then(Value::as_array_mut) {
                            members.retain(|member| member["value"] != held["id"]);
                        }
                    }
                }
                (204, Value::Null)
            }
            _ => self.write(method, &path, &collection, held, body.unwrap()),
        }
    }

    fn write(&mut self, method: &str, path: &str, collection: &str, held: Value, body: Value) -> (u16, Value) {
        let resource_type = self.kind(collection);
        if body["Operations"] == json!([]) {
            return self.error(400, Some("invalidSyntax"));
        }
        let (mut new, mut changed) = if method == "PUT" {
            let written = resource_type.replace(&held, &body).unwrap();
            (written.resource, written.outcome.changed)
        } else {
            let mut new = held.clone();
            let outcome =
                Patch::parse_with(&body, &self.options()).and_then(|patch| patch.apply(&mut new, &resource_type));
            let is_due = matches!(self.fault, Fault::NoTarget | Fault::KnownPathsOnly);
            match outcome {
                Err(error) if is_due => return self.error(400, error.scim_type().map(ScimType::as_str)),
                outcome => (new, outcome.unwrap_or_else(|error| panic!("{error}: {body}")).changed),
            }
        };
        if self.fault == Fault::NoMembers && collection == "Groups" {
            new = held.clone();
        }
        if self.fault == Fault::RemoveEmpties && body["Operations"][0]["op"] == "remove" {
            new["members"] = json!([]);
        }
        if self.fault == Fault::KeepsManager {
            let urn = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
            if let Some(manager) = held.pointer(&format!("/{urn}/manager")) {
                new[urn]["manager"] = manager.clone();
            }
        }
        changed |= self.fault == Fault::Touches;
        if self.fault == Fault::AlwaysActive && collection == "Users" {
            new["active"] = true.into();
        }
        if changed {
            new["meta"]["lastModified"] = self.now().into();
        }
        self.resources.insert(path.to_owned(), new.clone());
        if method == "PATCH" && collection == "Groups" {
            return (204, Value::Null);
        }
        (200, self.shown(new))
    }

    fn now(&mut self) -> String {
        self.clock += 1;
        format!("2026-01-01T{:02}:{:02}:{:02}Z", self.clock / 3600, self.clock / 60 % 60, self.clock % 60)
    }

    fn create(&mut self, collection: &str, body: Value) -> (u16, Value) {
        let password = body.get("password").cloned();
        let mut resource = self
            .kind(collection)
            .create_with(&body, &self.options())
            .unwrap_or_else(|error| panic!("{error}: {body}"))
            .resource;
        let name = if collection == "Groups" { "displayName" } else { "userName" };
        let key = |resource: &Value| resource[name].as_str().unwrap_or_default().to_lowercase();
        let is_there = self.of(collection).any(|other| key(other) == key(&resource));
        if is_there && self.fault == Fault::ConflictIs400 {
            return self.error(400, None);
        }
        if is_there && self.fault != Fault::Duplicates {
            return self.error(409, Some("uniqueness"));
        }
        self.created += 1;
        let id = format!("{}-{}", collection.to_lowercase(), self.created);
        let now = self.now();
        let path = format!("{collection}/{id}");
        resource["meta"] = json!({
            "created": now, "lastModified": now, "location": format!("https://sp.example/scim/{path}"),
        });
        resource["id"] = id.into();
        if let Some(members) = resource.as_object_mut() {
            members.remove("password");
            if matches!(self.fault, Fault::LosesTitle | Fault::LosesTitleAndEmails) {
                members.remove("title");
            }
            if self.fault == Fault::LosesTitleAndEmails {
                members.remove("emails");
            }
        }
        if let Some(password) = password.filter(|_| self.fault == Fault::EchoPassword) {
            resource["password"] = password;
        }
        self.resources.insert(path, resource.clone());
        (if self.fault == Fault::CreatedOk { 200 } else { 201 }, self.shown(resource))
    }

    /// As it is answered.
    fn shown(&self, mut resource: Value) -> Value {
        let members = resource.as_object_mut().unwrap();
        match self.fault {
            Fault::NoId => drop(members.remove("id")),
            Fault::NumberId => {
                let number: usize = members["id"].as_str().unwrap().rsplit('-').next().unwrap().parse().unwrap();
                members["id"] = number.into();
            }
            Fault::NoFamilyName => {
                if let Some(name) = members.get_mut("name").and_then(Value::as_object_mut) {
                    name.remove("familyName");
                }
            }
            Fault::NoSchemas => drop(members.remove("schemas")),
            Fault::WrongType => members["meta"]["resourceType"] = "Person".into(),
            Fault::MailDates => members["meta"]["created"] = "Thu, 01 Jan 2026 00:00:00 GMT".into(),
            Fault::NoLocation => drop(members["meta"].as_object_mut().unwrap().remove("location")),
            _ => {}
        }
        resource
    }

    fn list(&self, collection: &str, query: &str) -> (u16, Value) {
        let mut filter: Option<Filter> = None;
        let (mut start, mut count) = (1, usize::MAX);
        let mut leaves_members_out = false;
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "filter" => filter = Some(decode(value).parse().unwrap()),
                "startIndex" => start = value.parse().unwrap(),
                "count" => count = value.parse().unwrap(),
                "excludedAttributes" => leaves_members_out = value == "members" && self.fault != Fault::IgnoresExcluded,
                _ => panic!("{query}"),
            }
        }
        if self.fault == Fault::PagesGroups && collection == "Groups" {
            count = count.min(2);
        }
        let matches = |resource: &&Value| match &filter {
            _ if self.fault == Fault::AllUsers => true,
            None => true,
            Some(filter) => {
                let is_exact =
                    self.fault != Fault::ExactCase || filter.to_string().contains(&resource["userName"].to_string());
                is_exact && filter.compile(&self.kind(collection)).unwrap().matches(*resource).unwrap()
            }
        };
        let all: Vec<_> = self.of(collection).filter(matches).cloned().collect();
        let total = all.len();
        let mut page: Vec<_> =
            all.into_iter().skip(start - 1).take(count).map(|resource| self.shown(resource)).collect();
        if leaves_members_out {
            for group in &mut page {
                group.as_object_mut().unwrap().remove("members");
            }
        }
        let mut list = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": total, "itemsPerPage": page.len(), "startIndex": start, "Resources": page,
        });
        if self.fault == Fault::NoPages {
            list.as_object_mut().unwrap().retain(|name, _| name != "itemsPerPage" && name != "startIndex");
        }
        if self.fault == Fault::NoTotal {
            list.as_object_mut().unwrap().remove("totalResults");
        }
        (200, list)
    }
}
