//! Runs the Rust contenders one at a time, on request, so that contenders in all languages can be measured in turns:
//! `contest CORPUS REQUESTS`. The first line of output lists the contenders as JSON. Then each line of standard input, such as
//! `{"contender": 3, "task": "date"}`, is answered by a line such as `{"seconds": 0.1, "hits": 7}`, or, with `"which": true`,
//! by the positions of the hits or the outcome of the PATCH.

use std::collections::HashMap;
use std::io::{BufRead as _, Write as _};
use std::time::Instant;

use peers::contenders::{CONTENDERS, Data, Run};
use peers::data::FILTERS;
use peers::patches::{Apply, PATCHERS, Requests, TASKS};
use serde_json::{Map, Value, json};

/// A contender's work for a task.
enum Job<'d> {
    Filter { run: Run<'d>, documents: usize },
    Patch { task: &'static str, apply: Apply },
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, corpus, requests] = arguments.as_slice() else { panic!("usage: contest CORPUS REQUESTS") };
    let (data, requests) = (Data::new(std::fs::read(corpus).unwrap()), Requests::read(requests));
    let mut jobs: HashMap<(usize, &str), Job<'_>> = HashMap::new();
    let mut listed = Vec::new();
    for contender in CONTENDERS {
        let (number, documents) = (listed.len(), data.documents(contender));
        let mut cannot = Map::new();
        for (filter, (name, _)) in FILTERS.iter().enumerate() {
            match (contender.prepare)(filter, &data) {
                Ok(run) => drop(jobs.insert((number, name), Job::Filter { run, documents })),
                Err(reason) => drop(cannot.insert((*name).to_owned(), Value::String(reason))),
            }
        }
        listed.push(json!({
            "name": contender.name, "kind": contender.kind, "input": contender.input, "threads": contender.threads,
            "documents": documents, "cannot": cannot,
        }));
    }
    for patcher in &PATCHERS {
        for task in TASKS {
            jobs.insert((listed.len(), task), Job::Patch { task, apply: (patcher.prepare)(task, &requests) });
        }
        listed.push(json!({
            "name": patcher.name, "kind": patcher.kind, "input": patcher.input, "threads": 1, "documents": 1, "cannot": {},
        }));
    }
    say(&json!({"contenders": listed, "versions": {}}));
    for line in std::io::stdin().lock().lines() {
        let question: Value = serde_json::from_str(&line.unwrap()).unwrap();
        let number = usize::try_from(question["contender"].as_u64().unwrap()).unwrap();
        let job = &jobs[&(number, question["task"].as_str().unwrap())];
        say(&match (job, question["which"] == true) {
            (Job::Filter { run, documents }, true) => json!({"which": data.which(run, *documents)}),
            (Job::Patch { task, apply }, true) => json!({"which": requests.outcome(task, apply)}),
            (Job::Filter { run, documents }, false) => {
                let start = Instant::now();
                let hits = data.hits(run, *documents);
                json!({"seconds": start.elapsed().as_secs_f64(), "hits": hits})
            }
            (Job::Patch { task, apply }, false) => json!({"seconds": requests.time(task, apply).as_secs_f64()}),
        });
    }
}

fn say(value: &Value) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{value}").unwrap();
    out.flush().unwrap();
}
