//! Looks up a person or group by name, and creates it if it is not found.

use serde_json::Value;

use crate::client::check;
use crate::client::context::{Answer, Context};
use crate::client::finding::Code;
use crate::client::job::Move;
use crate::client::request::Draft;
use crate::client::resource::display_name;
use crate::client::step;
use crate::filter::case_fold;

/// The answer that a [`Lookup`] waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Awaited {
    LookUp,
    Create,
    /// The look-up after a 409: another client, or an earlier try whose answer was lost, has created the resource.
    LookUpAgain,
}

/// A look-up, followed by a creation if nothing is found, and by another look-up if the creation is a conflict.
#[derive(Debug)]
pub(super) struct Lookup {
    due: Awaited,
    /// The attribute that is looked up: `userName` or `displayName`.
    attribute: &'static str,
    name: String,
    look_up: Draft,
    create: Option<Draft>,
}

/// The meaning of an answer for the job.
pub(super) enum LookupAnswer<'a> {
    /// No resource yet: this move continues or ends the job.
    Nothing(Move),
    /// The look-up has found this resource.
    Existing(&'a Value),
    /// The resource was created; the job must check the answer.
    Created,
}

impl Lookup {
    /// A look-up. If `create` is none and nothing is found, the job ends.
    pub(super) fn new(attribute: &'static str, name: String, look_up: Draft, create: Option<Draft>) -> Self {
        Self { due: Awaited::LookUp, attribute, name, look_up, create }
    }

    /// Sends the look-up.
    pub(super) fn start(&self) -> Move {
        Move::Send(self.look_up.clone())
    }

    /// Sends the creation, or ends the job if there is none.
    pub(super) fn create(&mut self) -> Move {
        self.due = Awaited::Create;
        self.create.take().map_or(Move::Finish(None, None), Move::Send)
    }

    /// Takes the answer to the last request.
    pub(super) fn step<'a>(&mut self, cx: &mut Context, answer: &'a Answer) -> LookupAnswer<'a> {
        if self.due == Awaited::Create {
            return self.created(cx, answer);
        }
        let Some(resources) = check::found(cx, answer) else { return LookupAnswer::Nothing(Move::failed()) };
        let found = if answer.place.step == step::IMPORT_GROUPS {
            // OneLogin has no look-up of groups and reads all of them, so other groups in the answer are not a fault.
            let name = case_fold::fold(&self.name);
            resources.iter().find(|group| display_name(group).is_some_and(|other| case_fold::eq(other, &name)))
        } else {
            check::the_one(cx, answer, resources, self.attribute, &self.name)
        };
        match found {
            Some(resource) => LookupAnswer::Existing(resource),
            None if self.due == Awaited::LookUp => LookupAnswer::Nothing(self.create()),
            None => {
                cx.note(Code::LookUpMissed, answer, "409 to the creation, and the look-up finds nothing");
                LookupAnswer::Nothing(Move::failed())
            }
        }
    }

    fn created<'a>(&mut self, cx: &mut Context, answer: &Answer) -> LookupAnswer<'a> {
        if answer.status == 409 {
            if !answer.is_repeated {
                check::conflict(cx, answer);
            }
            self.due = Awaited::LookUpAgain;
            return LookupAnswer::Nothing(self.start());
        }
        if check::created(cx, answer) { LookupAnswer::Created } else { LookupAnswer::Nothing(Move::failed()) }
    }
}
