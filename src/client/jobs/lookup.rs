//! The search for a person or group by name, and the creation if there is none.

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
    /// After a 409: another client was quicker, or an earlier try had arrived.
    LookUpAgain,
}

/// A look-up, followed by a creation if nothing is found, and by another look-up if the creation is a conflict.
#[derive(Debug)]
pub(super) struct Lookup {
    due: Awaited,
    /// The attribute that has the name.
    attribute: &'static str,
    name: String,
    look_up: Draft,
    create: Option<Draft>,
}

/// The result of an answer.
pub(super) enum LookupAnswer<'a> {
    /// The search goes on or ends with this move.
    Nothing(Move),
    /// The look-up has found this resource.
    Existing(&'a Value),
    /// The resource was created; the answer is to be checked.
    Created,
}

impl Lookup {
    /// A search. Without a request that creates, the job ends if nothing is found.
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
            // A client without a look-up of groups has asked for all of them, so the others are not a fault.
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
