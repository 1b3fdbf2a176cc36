//! The checks of Microsoft's SCIM Validator, as public reports of its runs show them. They have the validator's order and
//! its default attributes. If `/Schemas` declares attributes, only the declared ones are used, as with the validator's
//! "Discover schema". The validator creates a new user for each check; here most checks use the same user.

use serde_json::{Map, Value, json};

use super::judge::Judge;
use super::memory::{Memory, apply, declared};
use super::steps::{SuiteStep, clear, delete, get, groups_by, my_user, patch, post, step, users_by};
use crate::client::check;
use crate::client::dialect;
use crate::client::finding::Code;
use crate::client::request::Draft;
use crate::schema::Schema;

const NAME: &str = "validator-7f3a91c4@nowhere.example";
const CAPITALS: &str = "VALIDATOR-7F3A91C4@NOWHERE.EXAMPLE";
const RENAMED: &str = "validator-renamed-7f3a91c4@nowhere.example";
const BARE: &str = "validator-bare-7f3a91c4@nowhere.example";
const NOBODY: &str = "validator-nobody-7f3a91c4@nowhere.example";
const CREW: &str = "Validator Crew 7F3A91C4";
const CREW_SMALL: &str = "validator crew 7f3a91c4";
const CREW_RENAMED: &str = "Validator Watch 7F3A91C4";
const NO_CREW: &str = "Validator Nobody 7F3A91C4";

/// The key by which the suite remembers its group.
const GROUP: &str = "group";

/// The validator's default attributes, each with the value of a new user and the value that replaces it.
const ATTRIBUTES: [(&str, &str, &str); 30] = [
    ("externalId", "f1d6f0a2-7f3a-91c4", "0c2be1f4-7f3a-91c4"),
    ("displayName", "XKWLCONOGMVT", "NDSQQTECVAAC"),
    ("title", "CJSGUNOAAMMQ", "VUKPOKJXWZOZ"),
    ("preferredLanguage", "hi", "jgo-CM"),
    ("name.givenName", "Elfrieda", "Esteban"),
    ("name.familyName", "Urban", "Lauriane"),
    ("name.formatted", "Myah", "Sage"),
    ("name.middleName", "Cindy", "Unique"),
    ("name.honorificPrefix", "Minerva", "Kiera"),
    ("name.honorificSuffix", "Micaela", "Leonie"),
    ("userType", "GZILLRZCFPNC", "RDRSPYVGMGRL"),
    ("nickName", "FOGSIQTKHIPG", "XCGHWOVMQASA"),
    ("locale", "en-US", "da-DK"),
    ("timezone", "America/Guayaquil", "Africa/Harare"),
    ("profileUrl", "BAPNQLJSRQGD", "ERRJINMQSCJI"),
    ("emails[type eq \"work\"].value", "thaddeus@nowhere.example", "valerie@nowhere.example"),
    ("phoneNumbers[type eq \"work\"].value", "10-040-1308", "27-481-2844"),
    ("phoneNumbers[type eq \"mobile\"].value", "10-040-1308", "27-481-2844"),
    ("phoneNumbers[type eq \"fax\"].value", "10-040-1308", "27-481-2844"),
    ("addresses[type eq \"work\"].formatted", "ZQEHBLETAAQE", "EMZNFSDRVIIF"),
    ("addresses[type eq \"work\"].streetAddress", "25928 Katlyn Row", "4942 Blanca Crossing"),
    ("addresses[type eq \"work\"].locality", "YRAKBQCGOHZF", "DIEKZKOODJML"),
    ("addresses[type eq \"work\"].region", "XCCVLAIDMQYR", "TRATHXSQJQKM"),
    ("addresses[type eq \"work\"].postalCode", "cx47 4mz", "dj6 6at"),
    ("addresses[type eq \"work\"].country", "Sierra Leone", "Madagascar"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber", "OXYYEGWVLTGW", "ARRGRUSJOOKU"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department", "ZYWTBPDFHIIP", "AXOVFOIWZXSP"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter", "ASHTVSKANCGL", "SLIPSERTMHPP"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization", "DPQRRHJMBXZE", "QERBOICTBLEN"),
    ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division", "WXNFEJQDRAVI", "MWLQXQUSPKTU"),
];
/// The paths of `primary`, each with the path of another sub-attribute of the same element. `primary` is set only if the
/// endpoint has both.
const PRIMARIES: [(&str, &str); 3] = [
    ("emails[type eq \"work\"].primary", "emails[type eq \"work\"].value"),
    ("phoneNumbers[type eq \"work\"].primary", "phoneNumbers[type eq \"work\"].value"),
    ("addresses[type eq \"work\"].primary", "addresses[type eq \"work\"].formatted"),
];
const MANAGER: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager";
const PRIMARY_EMAIL: &str = "emails[primary eq true].value";

/// The attributes of [`ATTRIBUTES`] that the endpoint has, each with the value of a new user, or with the value that
/// replaces it if `second` is true.
fn attributes(memory: &Memory, second: bool) -> impl Iterator<Item = (&'static str, Value)> {
    let there = ATTRIBUTES.into_iter().filter(|(path, ..)| memory.has(path));
    there.map(move |(path, one, two)| (path, if second { two } else { one }.into()))
}

/// One operation with a path for each attribute: the form that the validator calls verbose.
fn verbose(op: &str, values: impl Iterator<Item = (&'static str, Value)>) -> Vec<Value> {
    values.map(|(path, value)| json!({"op": op, "path": path, "value": value})).collect()
}

/// One operation for each path with brackets, and one operation without a path for all other attributes.
fn brief(op: &str, values: impl Iterator<Item = (&'static str, Value)>) -> Vec<Value> {
    let (paths, names): (Vec<_>, Vec<_>) = values.partition(|(path, _)| path.contains('['));
    let mut operations = verbose(op, paths.into_iter());
    let names: Map<_, _> = names.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    if !names.is_empty() {
        operations.push(json!({"op": op, "value": names}));
    }
    operations
}

/// A user with only `userName` and `active`.
fn named(memory: &Memory, user_name: &str) -> Value {
    let has_extension =
        ATTRIBUTES.iter().any(|(path, ..)| path.starts_with(Schema::ENTERPRISE_USER) && memory.has(path));
    let schemas: &[_] = if has_extension { &[Schema::USER, Schema::ENTERPRISE_USER] } else { &[Schema::USER] };
    json!({"schemas": schemas, "userName": user_name, "active": true})
}

fn whole(memory: &Memory) -> Value {
    let mut body = named(memory, NAME);
    let mut operations = verbose("add", attributes(memory, false));
    let primaries = PRIMARIES.into_iter().filter(|(path, of)| memory.has(path) && memory.has(of));
    operations.extend(verbose("add", primaries.map(|(path, _)| (path, true.into()))));
    apply(&mut body, &operations);
    if memory.has("roles[primary eq true].value")
        && let Some(members) = body.as_object_mut()
    {
        // The validator sends the boolean of a role as a string.
        let role =
            json!({"primary": "True", "display": "MRONYWGFFHXQ", "value": "WDEIISGWWQBE", "type": "XVTUOHMYUFRL"});
        members.insert("roles".to_owned(), json!([role]));
    }
    body
}

fn group_body() -> Value {
    json!({"schemas": [Schema::GROUP], "displayName": CREW, "externalId": "087af0b9-7f3a-91c4"})
}

type Operations = fn(&Memory) -> Vec<Value>;

/// Changes a user or the group, and reads the resource afterwards.
fn change(
    name: &'static str,
    key: &'static str,
    operations: Operations,
    judge: impl Fn(&mut Judge<'_>) + Send + 'static,
) -> [SuiteStep; 2] {
    let path = move |memory: &Memory| if key == GROUP { memory.group(key) } else { memory.user(key) };
    [
        step(
            name,
            move |memory| {
                let operations = operations(memory);
                path(memory).filter(|_| !operations.is_empty()).map(|path| patch(path, &operations))
            },
            move |judge| {
                if judge.success() {
                    let operations = operations(judge.memory);
                    judge.memory.change(key, &operations);
                }
            },
        ),
        step(name, move |memory| path(memory).filter(|_| !operations(memory).is_empty()).map(get), judge),
    ]
}

/// Changes a user, who must have the new values afterwards.
fn change_user(name: &'static str, key: &'static str, operations: Operations) -> [SuiteStep; 2] {
    change(name, key, operations, move |judge| judge.read_user(key))
}

fn read_user(memory: &Memory) -> Option<Draft> {
    memory.user("user").map(get)
}

fn by_name(name: &'static str) -> impl Fn(&Memory) -> Option<Draft> {
    move |memory| memory.id("user").map(|_| users_by("userName", name))
}

fn groups(name: &'static str, query: &'static str) -> impl Fn(&Memory) -> Option<Draft> {
    move |memory| {
        memory.id(GROUP)?;
        let draft = groups_by(name);
        Some(Draft { path: format!("{}{query}", draft.path), ..draft })
    }
}

pub(super) fn steps() -> Vec<SuiteStep> {
    let mut steps = vec![step("optional: Discover schema", |_| Some(get("/Schemas".to_owned())), discovered)];
    steps.extend(clear(&[NAME, RENAMED, BARE], &[CREW, CREW_RENAMED]));
    steps.extend(of_users());
    steps.extend(of_groups());
    steps.extend(deletions());
    steps
}

fn discovered(judge: &mut Judge<'_>) {
    if judge.success() {
        let schemas = check::list(judge.cx, judge.answer);
        judge.memory.declared = declared(schemas);
    }
}

fn of_users() -> Vec<SuiteStep> {
    let mut steps = vec![
        step(
            "Create a new User",
            |memory| Some(post("/Users", whole(memory))),
            |judge| {
                let body = whole(judge.memory);
                judge.created_user("user", &body);
            },
        ),
        my_user("Create a new User", "user", NAME),
        step("Create a new User", by_name(NAME), |judge| judge.one_user("user", "userName", NAME)),
        step(
            "Create a duplicate User",
            |memory| memory.id("user").map(|_| post("/Users", whole(memory))),
            |judge| judge.conflict("user"),
        ),
        step("Create a duplicate User", |memory| memory.user("left").map(delete), |judge| judge.cleared()),
        step("Filter for an existing user", by_name(NAME), |judge| judge.one_user("user", "userName", NAME)),
        step(
            "Filter for a non-existing user",
            |_| Some(users_by("userName", NOBODY)),
            |judge| {
                judge.nobody("userName", NOBODY);
            },
        ),
        step("Filter for an existing user with a different case", by_name(CAPITALS), |judge| {
            judge.one_user("user", "userName", NAME);
        }),
        // Since 2026 Entra can match people by `externalId`. Then it looks them up by this attribute.
        step(
            "optional: Filter for an existing user by externalId",
            |memory| memory.id("user").map(|_| users_by("externalId", ATTRIBUTES[0].1)),
            |judge| judge.one_user("user", "externalId", ATTRIBUTES[0].1),
        ),
    ];
    steps.extend(change_user("Patch User - Replace Attributes", "user", |memory| {
        brief("replace", attributes(memory, true))
    }));
    steps.extend(change_user("Patch User - Replace Attributes Verbose", "user", |memory| {
        verbose("replace", attributes(memory, false))
    }));
    steps.extend(change_user("Patch User - Replace Attributes (primary)", "user", |memory| {
        let paths = [PRIMARY_EMAIL, "roles[primary eq \"True\"].value"];
        let there = paths.into_iter().filter(|path| memory.has(path) && memory.has("emails[type eq \"work\"].value"));
        verbose("replace", there.map(|path| (path, "mary@nowhere.example".into())))
    }));
    steps.push(step(
        "Patch User - Add Attributes",
        |memory| Some(post("/Users", named(memory, BARE))),
        |judge| {
            let body = named(judge.memory, BARE);
            judge.created_user("bare", &body);
        },
    ));
    steps.push(my_user("Patch User - Add Attributes", "bare", BARE));
    steps.extend(change_user("Patch User - Add Attributes", "bare", |memory| {
        brief("add", attributes(memory, false).filter(|(path, _)| *path != "externalId"))
    }));
    steps.extend(change_user("Patch User - Add Attributes Verbose", "bare", |memory| {
        verbose("add", attributes(memory, true).filter(|(path, _)| *path != "externalId"))
    }));
    steps.extend(change_user("Update User userName", "user", |_| {
        vec![json!({"op": "replace", "value": {"userName": RENAMED}})]
    }));
    // Entra sets a manager by the id alone. The validator sets a manager by an object with `value`. An empty `value`
    // removes the manager.
    steps.extend(change_user("Patch User - Add Manager", "user", |memory| manager(memory, "add", |id| json!(id))));
    steps.extend(change_user("Patch User - Replace Manager", "user", |memory| {
        manager(memory, "replace", |id| json!({"value": id}))
    }));
    steps.extend(change_user("Patch User - Remove Manager", "user", |memory| {
        manager(memory, "replace", |_| json!({"value": ""}))
    }));
    steps.push(step("Patch User - Remove Manager", read_user, |judge| {
        let has_manager = judge.answer.value.as_ref().is_some_and(|user| {
            let manager = user.get(Schema::ENTERPRISE_USER).and_then(|extension| extension.get("manager"));
            manager.is_some_and(|manager| !manager.is_null())
        });
        if has_manager {
            judge.cx.note_value(Code::ValueDiffers, judge.answer, "manager", "`manager` is still there".to_owned());
        }
    }));
    steps.extend(change_user("optional: Patch User - Multiple Ops on different attributes", "user", |memory| {
        let mut operations = vec![json!({"op": "replace", "value": {"externalId": ATTRIBUTES[0].2}})];
        if memory.has("nickName") {
            operations.push(json!({"op": "remove", "path": "nickName"}));
        }
        operations
    }));
    steps.extend(change_user("optional: Patch User - Multiple Ops on same attribute", "user", |memory| {
        let mut operations = Vec::new();
        if memory.has("displayName") {
            operations.push(json!({"op": "remove", "path": "displayName"}));
            operations.push(json!({"op": "add", "path": "displayName", "value": "UMVFMTPCSKRN"}));
        }
        operations
    }));
    // RFC 7644 §3.5.2 requires at least one operation, so a refusal is right too.
    steps.push(step(
        "optional: Patch User - No operations",
        |memory| Some(patch(memory.user("user")?, &[])),
        |judge| {
            if judge.answer.status != 400 {
                judge.success();
            }
        },
    ));
    steps.extend(change_user("Patch User - Disable User", "user", |_| {
        vec![json!({"op": "replace", "value": {"active": false}})]
    }));
    steps.push(step("Patch User - Disable User", by_name(RENAMED), |judge| {
        let user = judge.one("userName", RENAMED);
        judge.inactive(user.as_ref().and_then(Value::as_object));
    }));
    steps
}

/// The operation that sets the manager, if the endpoint has managers and the second user exists.
fn manager(memory: &Memory, op: &str, value: impl Fn(&str) -> Value) -> Vec<Value> {
    let id = memory.id("bare").filter(|_| memory.has(MANAGER));
    id.map(|id| vec![json!({"op": op, "path": MANAGER, "value": value(id)})]).unwrap_or_default()
}

fn of_groups() -> Vec<SuiteStep> {
    let mut steps = vec![
        step("Create a new Group", |_| Some(post("/Groups", group_body())), |judge| judge.created_group(GROUP, CREW)),
        step(
            "Create a new Group",
            |memory| memory.is_lost.then(|| groups_by(CREW)),
            |judge| judge.mine(GROUP, "displayName", CREW),
        ),
        step(
            "Create a duplicate Group",
            |memory| memory.id(GROUP).map(|_| post("/Groups", group_body())),
            |judge| judge.conflict(GROUP),
        ),
        step("Create a duplicate Group", |memory| memory.group("left").map(delete), |judge| judge.cleared()),
        step("Filter for an existing group", groups(CREW, ""), |judge| {
            judge.one("displayName", CREW);
        }),
        step(
            "Filter for a non-existing group",
            |_| Some(groups_by(NO_CREW)),
            |judge| {
                judge.nobody("displayName", NO_CREW);
            },
        ),
        step("Filter for an existing group with a different case", groups(CREW_SMALL, ""), |judge| {
            judge.one("displayName", CREW);
        }),
    ];
    steps.extend(change(
        "Patch Group - Replace Attributes",
        GROUP,
        |_| vec![json!({"op": "replace", "value": {"externalId": "663fa3a8-7f3a-91c4"}})],
        |judge| {
            if judge.success() {
                judge.text("externalId", "663fa3a8-7f3a-91c4");
            }
        },
    ));
    steps.extend(change(
        "Update Group displayName",
        GROUP,
        |_| vec![json!({"op": "replace", "value": {"displayName": CREW_RENAMED}})],
        |judge| {
            if judge.success() {
                judge.text("displayName", CREW_RENAMED);
            }
        },
    ));
    // The validator adds members by `replace`.
    steps.extend(change(
        "Patch Group - Add Member",
        GROUP,
        |memory| {
            let members: Vec<_> = ["user", "bare"].iter().filter_map(|key| memory.id(key)).collect();
            let members: Vec<_> = members.into_iter().map(|id| json!({"value": id})).collect();
            vec![json!({"op": "replace", "path": "members", "value": members})]
        },
        |judge| judge.members(&["user", "bare"]),
    ));
    steps.extend(change(
        "Patch Group - Remove Member",
        GROUP,
        |memory| {
            let path = memory.id("user").map(dialect::member_path);
            path.map(|path| vec![json!({"op": "remove", "path": path})]).unwrap_or_default()
        },
        |judge| judge.members(&["bare"]),
    ));
    // The earlier checks gave the group members, so the answer shows whether the endpoint leaves them out.
    steps.extend([
        step(
            "Get group by id excluding members",
            |memory| memory.group(GROUP).map(|path| get(format!("{path}?excludedAttributes=members"))),
            |judge| {
                if judge.success() {
                    judge.without_members();
                }
            },
        ),
        step(
            "Filter for existing group excluding members",
            groups(CREW_RENAMED, "&excludedAttributes=members"),
            |judge| {
                judge.one("displayName", CREW_RENAMED);
                judge.without_members();
            },
        ),
    ]);
    steps.extend(change(
        "optional: Patch Group - Multiple Ops on same attribute",
        GROUP,
        |memory| {
            let Some(id) = memory.id("user") else { return Vec::new() };
            vec![
                json!({"op": "add", "path": "members", "value": [{"value": id}]}),
                json!({"op": "remove", "path": dialect::member_path(id)}),
            ]
        },
        |judge| judge.members(&["bare"]),
    ));
    steps
}

fn deletions() -> Vec<SuiteStep> {
    vec![
        step("Delete a Group", |memory| memory.group(GROUP).map(delete), |judge| judge.deleted()),
        step("Delete a Group", |memory| memory.group(GROUP).map(get), |judge| judge.gone()),
        step(
            "optional: Delete the same Group twice",
            |memory| memory.group(GROUP).map(delete),
            |judge| judge.not_found(),
        ),
        step(
            "optional: Delete a non-existent Group",
            |_| Some(delete("/Groups/no-such-id-7f3a91c4".to_owned())),
            |judge| judge.not_found(),
        ),
        step("Delete a User", |memory| memory.user("user").map(delete), |judge| judge.deleted()),
        step("Delete a User", |memory| memory.user("user").map(get), |judge| judge.gone()),
        step(
            "optional: Delete the same User twice",
            |memory| memory.user("user").map(delete),
            |judge| judge.not_found(),
        ),
        step(
            "optional: Delete a non-existent User",
            |_| Some(delete("/Users/no-such-id-7f3a91c4".to_owned())),
            |judge| judge.not_found(),
        ),
        step("Delete a User", |memory| memory.user("bare").map(delete), |judge| judge.deleted()),
    ]
}
