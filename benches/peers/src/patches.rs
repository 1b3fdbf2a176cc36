//! The PATCH requests of the contest, by ours and other crates: from the text of the request to the changed `Value`.

use std::hint::black_box;
use std::time::{Duration, Instant};

use scim_engine::{Patch, ResourceType};
use serde_json::{Value, json};

/// `{"user": …, "group": …, "requests": {"patch_user": …}, "positions": […]}`, as `benches/suite` writes it.
pub struct Requests(Value);

pub const TASKS: [&str; 3] = ["patch_user", "add_one", "remove_100"];

/// Changes a resource by the request.
pub type Apply = Box<dyn Fn(&mut Value)>;

pub struct Patcher {
    pub name: &'static str,
    pub kind: &'static str,
    pub prepare: fn(&str, &Requests) -> Apply,
}

pub const PATCHERS: [Patcher; 3] = [
    Patcher {
        name: "scim-engine, PATCH on `Value`",
        kind: "ours",
        prepare: |task, requests| {
            let text = requests.text(task);
            let of = if task == "patch_user" { ResourceType::user() } else { ResourceType::group() };
            Box::new(move |resource| {
                Patch::from_slice(black_box(&text)).unwrap().apply(resource, &of).unwrap();
            })
        },
    },
    Patcher {
        name: "scim-kit, PATCH",
        kind: "peer",
        prepare: |task, requests| {
            let text = requests.text(task);
            Box::new(move |resource| {
                let patch: scim_kit::patch::PatchOp = serde_json::from_slice(black_box(&text)).unwrap();
                patch.apply_to(resource).unwrap();
            })
        },
    },
    Patcher {
        name: "json-patch (RFC 6902: positions known before)",
        kind: "peer",
        prepare: |task, requests| {
            let text = serde_json::to_vec(&requests.pointers(task)).unwrap();
            Box::new(move |resource| {
                let patch: json_patch::Patch = serde_json::from_slice(black_box(&text)).unwrap();
                json_patch::patch(resource, &patch).unwrap();
            })
        },
    },
];

impl Requests {
    pub fn read(path: &str) -> Self {
        Self(serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap())
    }

    fn text(&self, task: &str) -> Vec<u8> {
        serde_json::to_vec(&self.0["requests"][task]).unwrap()
    }

    fn resource(&self, task: &str) -> &Value {
        &self.0[if task == "patch_user" { "user" } else { "group" }]
    }

    /// The same change by pointers: whoever makes them has looked the positions up.
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

    /// The time of one run. Neither copying resources nor dropping them is counted.
    pub fn time(&self, task: &str, apply: &Apply) -> Duration {
        let times = if task == "patch_user" { 200 } else { 3 };
        let mut resources = vec![self.resource(task).clone(); times];
        let start = Instant::now();
        for resource in &mut resources {
            apply(black_box(resource));
        }
        start.elapsed() / u32::try_from(times).unwrap_or(1)
    }

    /// What all should agree on.
    pub fn outcome(&self, task: &str, apply: &Apply) -> Value {
        let mut resource = self.resource(task).clone();
        apply(&mut resource);
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
