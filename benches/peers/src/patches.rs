//! The PATCH requests of the contest, applied by this engine and by other crates: from the text of the request, and a `Value`
//! or a text, to the changed one.

use std::hint::black_box;
use std::time::{Duration, Instant};

use scim_engine::{Patch, ResourceType};
use serde_json::{Value, json};

use crate::data::{add_one, group, patch_user, positions, removals, user_to_patch};

/// `{"user": …, "group": …, "requests": {"patch_user": …}, "positions": […]}`, as the program `corpus` writes it.
pub struct Requests(pub Value);

/// The PATCH requests: four operations on a user; one more member, and 100 removals, in a group of 10,000.
pub const TASKS: [&str; 3] = ["patch_user", "add_one", "remove_100"];

/// Changes a resource by the request.
pub enum Apply {
    ToValue(Box<dyn Fn(&mut Value)>),
    ToText(Box<dyn Fn(&[u8]) -> Vec<u8>>),
}

pub struct Patcher {
    pub name: &'static str,
    /// `ours`, `peer` or `limit`.
    pub kind: &'static str,
    /// `patch` or `patch of text`.
    pub input: &'static str,
    pub prepare: fn(&str, &Requests) -> Apply,
}

fn to_value(apply: impl Fn(&mut Value) + 'static) -> Apply {
    Apply::ToValue(Box::new(apply))
}

fn to_text(apply: impl Fn(&[u8]) -> Vec<u8> + 'static) -> Apply {
    Apply::ToText(Box::new(apply))
}

fn type_of(task: &str) -> ResourceType {
    if task == "patch_user" { ResourceType::user() } else { ResourceType::group() }
}

fn there_and_back(text: &[u8], change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut value = serde_json::from_slice(text).unwrap();
    change(&mut value);
    serde_json::to_vec(&value).unwrap()
}

pub const PATCHERS: [Patcher; 7] = [
    Patcher {
        name: "scim-engine, PATCH on `Value`",
        kind: "ours",
        input: "patch",
        prepare: |task, requests| {
            let (text, of) = (requests.text(task), type_of(task));
            to_value(move |resource| {
                Patch::from_slice(black_box(&text)).unwrap().apply(resource, &of).unwrap();
            })
        },
    },
    Patcher {
        name: "scim-kit, PATCH on `Value`",
        kind: "peer",
        input: "patch",
        prepare: |task, requests| {
            let text = requests.text(task);
            to_value(move |resource| {
                let patch: scim_kit::patch::PatchOp = serde_json::from_slice(black_box(&text)).unwrap();
                patch.apply_to(resource).unwrap();
            })
        },
    },
    Patcher {
        name: "json-patch (RFC 6902: positions known before)",
        kind: "peer",
        input: "patch",
        prepare: |task, requests| {
            let text = serde_json::to_vec(&requests.pointers(task)).unwrap();
            to_value(move |resource| {
                let patch: json_patch::Patch = serde_json::from_slice(black_box(&text)).unwrap();
                json_patch::patch(resource, &patch).unwrap();
            })
        },
    },
    Patcher {
        name: "scim-engine, PATCH on text",
        kind: "ours",
        input: "patch of text",
        prepare: |task, requests| {
            let (text, of) = (requests.text(task), type_of(task));
            to_text(move |resource| Patch::from_slice(black_box(&text)).unwrap().apply_slice(resource, &of).unwrap().0)
        },
    },
    Patcher {
        name: "serde_json there and back, and scim-engine",
        kind: "ours",
        input: "patch of text",
        prepare: |task, requests| {
            let (text, of) = (requests.text(task), type_of(task));
            to_text(move |resource| {
                there_and_back(resource, |value| {
                    Patch::from_slice(black_box(&text)).unwrap().apply(value, &of).unwrap();
                })
            })
        },
    },
    Patcher {
        name: "serde_json there and back, and scim-kit",
        kind: "peer",
        input: "patch of text",
        prepare: |task, requests| {
            let text = requests.text(task);
            to_text(move |resource| {
                there_and_back(resource, |value| {
                    let patch: scim_kit::patch::PatchOp = serde_json::from_slice(black_box(&text)).unwrap();
                    patch.apply_to(value).unwrap();
                })
            })
        },
    },
    Patcher {
        name: "memcpy of the resource",
        kind: "limit",
        input: "patch of text",
        prepare: |_, _| to_text(<[u8]>::to_vec),
    },
];

impl Requests {
    pub fn new() -> Self {
        const MEMBERS: usize = 10_000;
        let positions = positions(100, MEMBERS);
        Self(json!({
            "user": user_to_patch(),
            "group": group(MEMBERS),
            "requests": {"patch_user": patch_user(), "add_one": add_one(MEMBERS), "remove_100": removals(&positions)},
            "positions": positions,
        }))
    }

    pub fn read(path: &str) -> Self {
        Self(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
    }

    fn text(&self, task: &str) -> Vec<u8> {
        serde_json::to_vec(&self.0["requests"][task]).unwrap()
    }

    fn resource(&self, task: &str) -> &Value {
        &self.0[if task == "patch_user" { "user" } else { "group" }]
    }

    /// The same change with JSON pointers, whose positions must be looked up first.
    fn pointers(&self, task: &str) -> Value {
        match task {
            "patch_user" => json!([
                {"op": "replace", "path": "/active", "value": false},
                {"op": "replace", "path": "/name/familyName", "value": "Jensen-Okafor"},
                {"op": "replace", "path": "/emails/0/value", "value": "b.jensen-okafor@example.com"},
                {"op": "add", "path": "/phoneNumbers/-", "value": {"type": "pager", "value": "tel:+1-555-0100"}},
            ]),
            "add_one" => {
                let added = &self.0["requests"]["add_one"]["Operations"][0]["value"][0];
                json!([{"op": "add", "path": "/members/-", "value": added}])
            }
            _ => {
                let mut at: Vec<u64> =
                    self.0["positions"].as_array().unwrap().iter().map(|at| at.as_u64().unwrap()).collect();
                at.sort_unstable_by(|a, b| b.cmp(a));
                let remove = |at| json!({"op": "remove", "path": format!("/members/{at}")});
                at.into_iter().map(remove).collect()
            }
        }
    }

    /// The time of one run. It excludes copying the resources, and dropping them and the results.
    pub fn time(&self, task: &str, apply: &Apply) -> Duration {
        let times = if task == "patch_user" { 200 } else { 3 };
        let took = match apply {
            Apply::ToValue(apply) => {
                let mut resources = vec![self.resource(task).clone(); times];
                let start = Instant::now();
                for resource in &mut resources {
                    apply(black_box(resource));
                }
                start.elapsed()
            }
            Apply::ToText(apply) => {
                let text = serde_json::to_vec(self.resource(task)).unwrap();
                let mut results = Vec::with_capacity(times);
                let start = Instant::now();
                for _ in 0..times {
                    results.push(apply(black_box(&text)));
                }
                start.elapsed()
            }
        };
        took / u32::try_from(times).unwrap_or(1)
    }

    /// The part of the result on which all contenders must agree.
    pub fn outcome(&self, task: &str, apply: &Apply) -> Value {
        let mut resource = self.resource(task).clone();
        match apply {
            Apply::ToValue(apply) => apply(&mut resource),
            Apply::ToText(apply) => {
                resource = serde_json::from_slice(&apply(&serde_json::to_vec(&resource).unwrap())).unwrap();
            }
        }
        if task != "patch_user" {
            return json!([resource["members"].as_array().map(Vec::len)]);
        }
        let emails = resource["emails"].as_array().unwrap();
        let work = emails.iter().find(|email| email["type"] == "work").map(|email| &email["value"]);
        json!([
            resource["active"],
            resource["name"]["familyName"],
            work,
            resource["phoneNumbers"].as_array().map(Vec::len)
        ])
    }
}
