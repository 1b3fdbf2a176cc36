//! A test that counts the cost of requests (P19). Work that is more than linear in the size of the request and the document
//! must be charged to the budget, so that the budget stops it. `cargo bench --bench hostile` measures the time of the same
//! families of requests.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use super::Patch;
use crate::coerce::work;

#[path = "../../benches/data/hostile.rs"]
mod hostile;

use hostile::{Case, Family, Kind};

/// The largest factor by which the cost may grow when the size doubles. Linear work grows by the factor 2.
const RATIO: f64 = 2.2;
/// A cost below this number counts as this number, because small costs give no meaningful ratio.
const LITTLE: usize = 50_000;
/// The number of steps allowed for each byte of the request and the document: enough for a few passes, each of several
/// steps.
const STEPS: usize = 32;

/// The budget of each request in this test. Charged work cannot go far beyond it.
const BUDGET: usize = 4 << 20;

/// Families in which every look-up of an absent name scans all members of an object. A look-up scans at most
/// `Limits::members` members, so the cost is bounded by that limit times the size of the request and the document.
const CROWDED: [&str; 3] = [
    "kept: members at the top",
    "kept: members of one element, one operation",
    "kept: members of one element, many operations",
];

struct Cost {
    /// Steps that were not charged to the budget.
    unpaid: usize,
    /// The size of the request and the document.
    bytes: usize,
}

fn cost(family: &Family, kind: Kind, n: usize) -> Cost {
    let Case { resource_type, mut stored, body, mut options } = (family.make)(n);
    options.limits.visited_bytes = BUDGET;
    let request = serde_json::to_vec(&body).unwrap();
    let text = serde_json::to_vec(&stored).unwrap();
    work::take();
    // Whether the request succeeds does not matter, because a refused request must be cheap, too.
    match kind {
        Kind::Value => {
            let patch = Patch::from_slice_with(&request, &options);
            let _ = patch.and_then(|patch| patch.apply(&mut stored, &resource_type));
        }
        Kind::Text => {
            let patch = Patch::from_slice_with(&request, &options);
            let _ = patch.and_then(|patch| patch.apply_slice(&text, &resource_type).map(drop));
        }
        Kind::Put => {
            let _ = resource_type.replace_from_slice_with(&stored, &request, &options);
        }
        Kind::Post => {
            let _ = resource_type.create_from_slice_with(&request, &options);
        }
    }
    let (steps, charged) = work::take();
    Cost { unpaid: steps.saturating_sub(charged), bytes: text.len() + request.len() }
}

#[test]
fn what_is_not_linear_is_charged() {
    let mut failed = Vec::new();
    for family in hostile::families() {
        for kind in family.kinds {
            let n = (family.n / 16).max(20);
            let costs = [1, 2, 4].map(|times| cost(&family, *kind, n * times));
            #[allow(clippy::cast_precision_loss)]
            let is_more = |pair: &[Cost]| pair[1].unpaid as f64 > RATIO * pair[0].unpaid.max(LITTLE) as f64;
            let all = costs.each_ref().map(|cost| cost.unpaid);
            let line = format!("{}, {}: {all:?} steps, {} bytes", family.name, kind.name(), costs[2].bytes);
            println!("{line}");
            if CROWDED.contains(&family.name) {
                let most = crate::Limits::default().members;
                if costs.iter().any(|cost| cost.unpaid > most * cost.bytes) {
                    failed.push(line);
                }
                continue;
            }
            if costs.windows(2).any(is_more) || costs.iter().any(|cost| cost.unpaid > STEPS * cost.bytes) {
                failed.push(line);
            }
        }
    }
    assert!(failed.is_empty(), "neither linear nor charged:\n{}", failed.join("\n"));
}
