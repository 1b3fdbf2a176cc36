//! The import of all groups, which OneLogin makes before it pushes groups.

use std::collections::HashSet;

use serde_json::Value;

use crate::client::check;
use crate::client::context::{Answer, Context};
use crate::client::finding::Code;
use crate::client::job::{Job, JobKind, Move};
use crate::client::plan::Plan;
use crate::client::request::Draft;
use crate::client::resource::display_name;
use crate::client::step;
use crate::filter::case_fold;

/// OneLogin's "refresh entitlements": reads all groups, with further pages if the first answer does not have all of them.
#[derive(Debug)]
pub(in crate::client) struct Import {
    read: usize,
    /// The `displayName`s of the plan's groups, case-folded.
    wanted: HashSet<String>,
}

impl Import {
    pub(in crate::client) fn new(plan: &Plan) -> Self {
        Self { read: 0, wanted: plan.groups.iter().map(|group| case_fold::fold(&group.display_name)).collect() }
    }
}

/// The most groups that are read, far above the number at any real endpoint. Without this limit, a wrong `totalResults`
/// could keep the import going for ever.
const MOST_GROUPS: usize = 100_000;

impl Job for Import {
    fn kind(&self) -> JobKind {
        JobKind::Import
    }

    fn subject(&self, _cx: &Context) -> String {
        String::new()
    }

    fn step(&mut self, cx: &mut Context, answer: Option<&Answer>) -> Move {
        let Some(answer) = answer else {
            return Move::Send(Draft::get(step::IMPORT_GROUPS, "/Groups".to_owned()));
        };
        if !check::success(cx, answer) {
            return Move::Finish(None, None);
        }
        let resources = check::list(cx, answer);
        for group in resources {
            check::resource(cx, answer, group);
            // Only groups of the plan are kept, because a server may have very many others, which would fill the memory.
            let folded = display_name(group).map(case_fold::fold).filter(|name| self.wanted.contains(name));
            if let Some(folded) = folded
                && cx.imported.insert(folded, group.clone()).is_some()
            {
                let name = check::cut(display_name(group).unwrap_or_default());
                cx.note(Code::FoundTwice, answer, format!("two groups have the `displayName` `{name}`"));
            }
        }
        let total = answer.member("totalResults").and_then(Value::as_u64).unwrap_or(0);
        let total = usize::try_from(total).unwrap_or(usize::MAX);
        if self.read == 0 && !resources.is_empty() && resources.len() < total {
            cx.note(Code::GroupsShort, answer, format!("{} of {total} groups", resources.len()));
        }
        self.read += resources.len();
        if resources.is_empty() || self.read >= total.min(MOST_GROUPS) {
            return Move::Finish(None, None);
        }
        let path = format!("/Groups?startIndex={}&count={}", self.read + 1, resources.len());
        Move::Send(Draft::get(step::IMPORT_GROUPS, path))
    }
}
