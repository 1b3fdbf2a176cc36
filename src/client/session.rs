//! Plays a plan request by request: starts the jobs, gives their requests, hands the answers to the jobs, and repeats
//! requests that got no answer or a status such as 503.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, SystemTime};

use super::check;
use super::context::{Answer, Context};
use super::dialect;
use super::finding::{Code, Finding, FindingPlace};
use super::job::{Job, JobKind, Move};
use super::jobs::{Connection, GroupJob, Import, PersonJob, Probe, RemovalJob};
use super::journal::{Entry, fingerprint, without_passwords};
use super::kind::Client;
use super::plan::{Plan, PlanError};
use super::report::{Counted, Report, Summary};
use super::request::{Draft, Request, Response, Unanswered};
use super::suite::Suite;
use crate::filter::case_fold;

/// The longest wait before a repetition, even if `Retry-After` asks for more: a server must not stop a push for hours.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The session ends after this many requests in a row that failed in all their tries, each with no answer or with a status
/// such as 503. Without this limit, every further person would take all the tries too.
const GIVE_UP: usize = 5;

/// The next task of a carrier.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Next {
    /// Send this request, after its delay.
    Send(Request),
    /// Wait until a request that was sent has been answered.
    Wait,
    /// Everything is done.
    Done,
}

/// The progress of a session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The number of people and groups that are done.
    pub done: usize,
    /// The number of all people and groups.
    pub total: usize,
    /// The number of requests that have been answered or have failed.
    pub requests: usize,
    /// The number of errors found so far.
    pub errors: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Connection,
    People,
    Probes,
    Import,
    Groups,
    Removals,
    End,
}

struct Flight {
    job: Box<dyn Job>,
    draft: Draft,
    subject: String,
    tries: u32,
    is_last_try: bool,
    delay: Duration,
    findings: Vec<Finding>,
}

/// A push as a state machine. It gives requests and takes responses, and has no clock, no socket and no token. A carrier may
/// have several requests under way at once.
///
/// ```
/// use scim_engine::client::{Client, Next, Plan, Response, Session};
/// let mut session = Session::new(Plan::new(Client::OneLogin))?;
/// while let Next::Send(request) = session.next() {
///     // Here a carrier would send it. This endpoint has nobody.
///     let nobody = serde_json::json!({
///         "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 0, "Resources": [],
///     });
///     session.answer(request.ticket, Ok(Response::json(200, &nobody)));
/// }
/// assert!(session.report().ok());
/// # Ok::<(), scim_engine::client::PlanError>(())
/// ```
pub struct Session {
    cx: Context,
    phase: Phase,
    queue: VecDeque<Box<dyn Job>>,
    ready: VecDeque<Flight>,
    flying: HashMap<u64, Flight>,
    ticket: u64,
    summary: Summary,
    total: usize,
    journal: Vec<Entry>,
    done: HashMap<(String, String), Entry>,
    /// The number of requests in a row that failed in all their tries: see [`GIVE_UP`].
    silent: usize,
}

impl Session {
    /// A session for a plan.
    ///
    /// # Errors
    /// [`PlanError`] if the client does not have an option, a person has no `userName`, or a person or group is in the plan
    /// twice.
    pub fn new(mut plan: Plan) -> Result<Self, PlanError> {
        plan.check()?;
        let total = plan.people.len() + plan.groups.len();
        let entries = std::mem::take(&mut plan.done);
        let key = |entry: &Entry| (entry.kind.clone(), case_fold::fold(&entry.name));
        let done = entries.into_iter().map(|entry| (key(&entry), entry)).collect();
        Ok(Self {
            cx: Context::new(plan),
            phase: Phase::Connection,
            queue: VecDeque::from([Box::new(Connection::new()) as Box<dyn Job>]),
            ready: VecDeque::new(),
            flying: HashMap::new(),
            ticket: 0,
            summary: Summary::default(),
            total,
            journal: Vec::new(),
            done,
            silent: 0,
        })
    }

    /// The next task for the carrier. A carrier with several connections may call `next` again before it has the answers to
    /// earlier requests.
    #[expect(clippy::should_implement_trait, reason = "waiting is not an end")]
    pub fn next(&mut self) -> Next {
        loop {
            if self.cx.aborted.is_some() {
                self.queue.clear();
                self.ready.clear();
                return if self.flying.is_empty() { Next::Done } else { Next::Wait };
            }
            if let Some(flight) = self.ready.pop_front() {
                return Next::Send(self.send(flight));
            }
            if let Some(job) = self.queue.pop_front() {
                self.start(job);
            } else if !self.flying.is_empty() {
                return Next::Wait;
            } else if self.phase == Phase::End {
                return Next::Done;
            } else {
                self.advance();
            }
        }
    }

    /// Takes the answer to a request, or the reason why there is none. An unknown ticket is ignored.
    ///
    /// ```
    /// use scim_engine::client::{Client, Next, Plan, Session, Unanswered};
    /// let mut session = Session::new(Plan::new(Client::OneLogin).retries(0))?;
    /// while let Next::Send(request) = session.next() {
    ///     session.answer(request.ticket, Err(Unanswered::new("connection refused")));
    /// }
    /// assert_eq!(session.report().aborted.as_deref(), Some("the endpoint does not answer: connection refused"));
    /// # Ok::<(), scim_engine::client::PlanError>(())
    /// ```
    pub fn answer(&mut self, ticket: u64, response: Result<Response, Unanswered>) {
        let Some(mut flight) = self.flying.remove(&ticket) else { return };
        let is_timed_out = response.as_ref().is_err_and(Unanswered::is_timed_out);
        flight.is_last_try |= is_timed_out && flight.job.kind() == JobKind::Connection;
        self.summary.requests += 1;
        let status = response.as_ref().map_or(0, |response| response.status);
        let count = self.summary.steps.entry(flight.draft.step.to_owned()).or_default();
        count.requests += 1;
        if status == 0 || status >= 400 {
            count.refused += 1;
        }
        if let Ok(response) = &response {
            let micros = response.elapsed.unwrap_or_default().as_micros();
            count.micros = count.micros.saturating_add(u64::try_from(micros).unwrap_or(u64::MAX));
        }
        let is_busy = matches!(status, 0 | 429 | 502..=504);
        let may_repeat = flight.tries < self.cx.plan.retries && !flight.is_last_try;
        if is_busy && may_repeat && self.cx.aborted.is_none() {
            flight.delay = delay(response.as_ref().ok(), flight.tries);
            flight.tries += 1;
            self.summary.retries += 1;
            self.ready.push_back(flight);
            return;
        }
        let place = FindingPlace {
            step: flight.draft.step,
            subject: flight.subject.clone(),
            request: format!("{} {}", flight.draft.method, check::cut(&flight.draft.path)),
            status: (status != 0).then_some(status),
        };
        let response = match response {
            Ok(response) => response,
            Err(why) => {
                let tries = flight.tries + 1;
                self.cx.note_at(
                    Code::Unreachable,
                    &place,
                    format!("no answer in {}: {}", in_tries(tries), check::cut(why.message())),
                );
                self.unanswered(flight, why.message());
                return;
            }
        };
        self.silent = if is_busy { self.silent + 1 } else { 0 };
        if self.silent >= GIVE_UP {
            self.cx.aborted = Some(format!("the endpoint is too busy: status {status}"));
        }
        let mut answer = Answer {
            place,
            status,
            value: None,
            location: response.header("Location").map(str::to_owned),
            is_repeated: flight.tries > 0,
        };
        if is_busy {
            let tries = flight.tries + 1;
            self.cx.note(Code::Busy, &answer, format!("status {status} in {}", in_tries(tries)));
        }
        check::any(&mut self.cx, &mut answer, &response);
        let next = flight.job.step(&mut self.cx, Some(&answer));
        self.go_on(flight.job, next, flight.subject, flight.findings);
    }

    /// The journal entries since the last call, so that the journal can be written while the push proceeds.
    pub fn take_journal(&mut self) -> Vec<Entry> {
        std::mem::take(&mut self.journal)
    }

    /// The progress so far.
    pub fn progress(&self) -> Progress {
        Progress {
            done: self.summary.people.total() + self.summary.groups.total(),
            total: self.total,
            requests: self.summary.requests,
            errors: self.cx.findings.errors(),
        }
    }

    /// The work and the findings so far.
    pub fn report(&self) -> Report {
        Report {
            client: self.cx.plan.client.as_str().to_owned(),
            aborted: self.cx.aborted.clone(),
            summary: self.summary.clone(),
            findings: self.cx.findings.sorted(),
        }
    }

    fn send(&mut self, flight: Flight) -> Request {
        self.ticket += 1;
        let media_type = dialect::of(self.cx.plan.client).media_type();
        let mut headers = vec![("Accept", media_type)];
        if flight.draft.body.is_some() {
            headers.push(("Content-Type", media_type));
        }
        if let Some((name, value)) = flight.draft.header {
            headers.retain(|(other, _)| *other != name);
            headers.push((name, value));
        }
        let request = Request {
            ticket: self.ticket,
            method: flight.draft.method,
            path: flight.draft.path.clone(),
            headers,
            body: flight.draft.body.as_ref().map(|body| body.to_string().into_bytes()),
            step: flight.draft.step,
            subject: flight.subject.clone(),
            delay: flight.delay,
        };
        self.flying.insert(self.ticket, flight);
        request
    }

    fn start(&mut self, mut job: Box<dyn Job>) {
        let subject = job.subject(&self.cx);
        if self.is_done(job.as_ref(), &subject) {
            return;
        }
        let next = job.step(&mut self.cx, None);
        self.go_on(job, next, subject, Vec::new());
    }

    fn go_on(&mut self, job: Box<dyn Job>, next: Move, subject: String, mut findings: Vec<Finding>) {
        findings.extend(self.cx.fresh.take());
        match next {
            Move::Send(draft) => {
                let flight =
                    Flight { job, draft, subject, tries: 0, is_last_try: false, delay: Duration::ZERO, findings };
                // This request goes before those of other jobs, so that a job that has begun is finished first.
                self.ready.push_front(flight);
            }
            Move::Finish(outcome, id) => self.finish(job.as_ref(), subject, outcome, id, findings),
        }
    }

    fn finish(
        &mut self,
        job: &dyn Job,
        subject: String,
        outcome: Option<Counted>,
        id: Option<String>,
        findings: Vec<Finding>,
    ) {
        let Some(outcome) = outcome else { return };
        let kind = match job.kind() {
            JobKind::Person => {
                self.summary.people.add(outcome);
                "user"
            }
            JobKind::Group => {
                self.summary.groups.add(outcome);
                "group"
            }
            JobKind::LookUp => {
                if outcome == Counted::Failed {
                    self.cx.lost.insert(case_fold::fold(&subject));
                }
                return;
            }
            JobKind::Connection | JobKind::Probe | JobKind::Import => return,
        };
        if outcome != Counted::Failed {
            let fingerprint = self.fingerprint(job);
            let kind = kind.to_owned();
            self.journal.push(Entry { kind, name: subject, fingerprint, outcome, id, findings });
        }
    }

    /// Handles a request that got no answer in any try. Its job has failed. The session ends if the job is the connection
    /// test, or after [`GIVE_UP`] such requests in a row.
    fn unanswered(&mut self, flight: Flight, why: &str) {
        self.silent += 1;
        let is_first = flight.job.kind() == JobKind::Connection;
        if is_first || self.silent >= GIVE_UP {
            self.cx.aborted = Some(format!("the endpoint does not answer: {}", check::cut(why)));
        }
        self.cx.fresh.take();
        self.finish(flight.job.as_ref(), flight.subject, Some(Counted::Failed), None, Vec::new());
    }

    /// The hash of the task of a job, for the journal. It covers the client. For a person, it also covers the body without
    /// passwords, and the treatment if the person is leaving; for a group, the members.
    fn fingerprint(&self, job: &dyn Job) -> String {
        let plan = &self.cx.plan;
        let client = plan.client.as_str();
        if job.kind() == JobKind::Group {
            let group = plan.groups.get(job.index());
            // The ids are hashed too: a member who had no id in the earlier session, and has one now, must still be added.
            let members =
                group.map(|group| group.members.iter().map(|name| (name, self.cx.id(name))).collect::<Vec<_>>());
            return fingerprint(&serde_json::json!([client, members]));
        }
        let person = plan.people.get(job.index());
        let removal = person.filter(|person| person.leaving).map(|_| format!("{:?}", plan.removal));
        let body = person.map(|person| without_passwords(person.body.clone()));
        fingerprint(&serde_json::json!([client, body, removal]))
    }

    /// Whether the journal of an earlier session has the person or group of the job as done. If so, the outcome and the
    /// findings of the journal entry are added to the report.
    fn is_done(&mut self, job: &dyn Job, subject: &str) -> bool {
        let kind = match job.kind() {
            JobKind::Person => "user",
            JobKind::Group => "group",
            _ => return false,
        };
        let Some(entry) = self.done.remove(&(kind.to_owned(), case_fold::fold(subject))) else { return false };
        if entry.fingerprint != self.fingerprint(job) {
            return false;
        }
        if kind == "user" {
            if let Some(id) = entry.id.clone() {
                self.cx.know(subject, &id);
            }
            self.summary.people.add(entry.outcome);
        } else {
            self.summary.groups.add(entry.outcome);
        }
        for finding in entry.findings {
            self.cx.findings.add(finding);
        }
        self.summary.resumed += 1;
        true
    }

    fn advance(&mut self) {
        let plan = &self.cx.plan;
        let people = || plan.people.iter().enumerate();
        self.phase = match self.phase {
            Phase::Connection if plan.client.is_suite() => {
                self.queue.push_back(Box::new(Suite::of(plan.client)));
                Phase::Removals
            }
            Phase::Connection => {
                let all: Vec<_> =
                    people().map(|(index, person)| Box::new(PersonJob::new(index, person)) as Box<dyn Job>).collect();
                self.queue.extend(all);
                Phase::People
            }
            Phase::People => {
                let is_there = |name: &str| self.cx.id(name).is_some();
                let one = people().find(|(_, person)| !person.leaving && person.user_name().is_some_and(is_there));
                if let Some((index, _)) = one.filter(|_| plan.probes) {
                    self.queue.push_back(Box::new(Probe::new(index)));
                    if plan.client == Client::Entra {
                        self.queue.push_back(Box::new(Suite::of(plan.client)));
                    }
                }
                Phase::Probes
            }
            Phase::Probes => {
                if plan.client == Client::OneLogin {
                    self.queue.push_back(Box::new(Import::new(plan)));
                }
                Phase::Import
            }
            Phase::Import => {
                for index in 0..plan.groups.len() {
                    self.queue.push_back(Box::new(GroupJob::new(index)));
                }
                Phase::Groups
            }
            Phase::Groups => {
                let leaving = people().filter(|(_, person)| person.leaving);
                let all: Vec<_> = leaving.map(|(index, _)| Box::new(RemovalJob::new(index)) as Box<dyn Job>).collect();
                self.queue.extend(all);
                Phase::Removals
            }
            Phase::Removals | Phase::End => Phase::End,
        };
    }
}

/// The wait before a repetition: the time that the server asks for, or else 0.2 s after the first try and twice as long
/// after each further try.
fn delay(response: Option<&Response>, tries: u32) -> Duration {
    let asked = response.and_then(|response| {
        let asked = response.header("Retry-After")?.trim();
        if let Ok(seconds) = asked.parse() {
            return Some(Duration::from_secs(seconds));
        }
        // A session has no clock, so the date in `Retry-After` is compared with the header `Date` of the same answer.
        let now = http_date(response.header("Date")?)?;
        Some(http_date(asked)?.duration_since(now).unwrap_or_default())
    });
    // The shift is capped so that it cannot overflow; [`LONGEST_WAIT`] limits the result.
    asked.unwrap_or_else(|| Duration::from_millis(200 << tries.min(8))).min(LONGEST_WAIT)
}

/// Parses the date format of HTTP: `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 §5.6.7).
fn http_date(text: &str) -> Option<SystemTime> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let words: Vec<_> = text.split_ascii_whitespace().collect();
    let [_, day, month, year, time, "GMT"] = words.as_slice() else { return None };
    let month = MONTHS.iter().position(|name| name == month)? + 1;
    humantime::parse_rfc3339(&format!("{year}-{month:02}-{day:0>2}T{time}Z")).ok()
}

fn in_tries(tries: u32) -> String {
    if tries == 1 { "1 try".to_owned() } else { format!("{tries} tries") }
}
