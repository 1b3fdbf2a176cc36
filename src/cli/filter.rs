//! `scim-engine filter`: prints the documents that match, as grep prints lines.

use std::io::{self, IsTerminal as _, Write as _};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::args::FilterArgs;
use super::context::Context;
use super::documents::{Documents, Item, fault, no_document};
use super::exit::Exit;
use super::failure::{Failure, Stop};
use super::files;
use super::output::{complain, stdout};
use super::progress::ScanProgress;
use crate::filter::Matcher;
use crate::json::document;
use crate::scan::stream::{self, Take};
use crate::scan::supply::{self, Supply};
use crate::scan::walk::{Passing, Step, Walk};
use crate::scan::{ScanError, Unpacked};
use crate::schema::ResourceType;
use crate::syntax::{AttrPath, Filter, ValuePath, Visit};
use crate::tolerance::Tolerance;

pub(super) fn run(args: &FilterArgs) -> Result<Exit, Stop> {
    let context = Context::new(&args.common)?;
    let filter = context.filter(&args.filter)?;
    let matchers = Matchers::new(&context, &filter)?;
    let standard_input = [PathBuf::from("-")];
    let files: &[PathBuf] = if args.files.is_empty() { &standard_input } else { &args.files };
    // If documents go to a terminal, there is no progress bar, because the bar and the documents would mix.
    let progress = ScanProgress::new(files, !args.common.json && (args.count || !io::stdout().is_terminal()));
    let mut scan = FileScan { args, matchers: &matchers, out: stdout(), total: FileTally::default(), progress };
    for file in files {
        let tally = scan.file(file)?;
        scan.total.add(tally);
        let is_over = scan.total.chosen > 0 && args.first || scan.total.is_faulty() && args.fail_fast;
        if args.count && args.with_filename {
            scan.print_count(Some(file), tally)?;
        }
        if is_over {
            break;
        }
    }
    let total = scan.total;
    if args.count && !args.with_filename {
        scan.print_count(None, total)?;
    }
    scan.progress.end();
    scan.out.flush()?;
    if !args.common.json {
        if total.faults > 0 {
            let (faults, documents) = (total.faults, total.documents);
            complain("note", &format!("documents that could not be read: {faults} of {documents}"));
        }
        if total.matches == 0 && total.documents > total.faults {
            matchers.hint(&filter);
        }
    }
    Ok(match total {
        _ if total.is_faulty() => Exit::Error,
        FileTally { chosen: 0, .. } => Exit::No,
        _ => Exit::Yes,
    })
}

/// The counts of one file, or of all files.
#[derive(Debug, Clone, Copy, Default)]
struct FileTally {
    /// All documents, with those that are faulty.
    documents: usize,
    /// The documents that match the filter.
    matches: usize,
    /// The documents to print or count: those that match or, with `--invert-match`, those that do not.
    chosen: usize,
    /// The parts of the input that are not documents or cannot be matched.
    faults: usize,
    /// The files that could not be opened.
    lost_files: usize,
}

impl FileTally {
    fn is_faulty(self) -> bool {
        self.faults > 0 || self.lost_files > 0
    }

    fn add(&mut self, other: Self) {
        self.documents += other.documents;
        self.matches += other.matches;
        self.chosen += other.chosen;
        self.faults += other.faults;
        self.lost_files += other.lost_files;
    }
}

struct FileScan<'a> {
    args: &'a FilterArgs,
    matchers: &'a Matchers<'a>,
    out: io::BufWriter<io::StdoutLock<'static>>,
    total: FileTally,
    progress: ScanProgress,
}

impl FileScan<'_> {
    fn file(&mut self, path: &Path) -> Result<FileTally, Stop> {
        let mut tally = FileTally::default();
        let (reader, is_on_disk) = match files::open(path) {
            Ok((reader, is_on_disk)) => (self.progress.watch(reader), is_on_disk),
            Err(failure) => {
                tally.lost_files += 1;
                self.fault(&failure)?;
                return Ok(tally);
            }
        };
        match self.matchers.only() {
            Some(matcher) => self.supply(path, supply::unpacked(reader, is_on_disk), matcher, tally),
            None => self.stream(path, Documents::new(path, Box::new(Unpacked::new(reader))), tally),
        }
    }

    /// Filters a file whose documents all have the same matcher, in several threads.
    fn supply(
        &mut self,
        path: &Path,
        supply: io::Result<Box<dyn Supply>>,
        matcher: &Matcher,
        mut tally: FileTally,
    ) -> Result<FileTally, Stop> {
        let threads = match self.args.threads {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            threads => threads,
        };
        let mut taker = Taker { scan: self, path, name: files::name(path), tally: &mut tally, stopped: None };
        let walk = &mut Walk::new(matcher, false);
        let rest = supply.and_then(|supply| Ok((stream::steps(&*supply, walk, threads, &mut taker)?, supply)));
        if let Some(stop) = taker.stopped {
            return Err(stop);
        }
        match rest {
            Ok((None, _)) => Ok(tally),
            Ok((Some(rest), supply)) => self.stream(path, Documents::rest(path, rest, &*supply), tally),
            Err(error) => {
                tally.documents += 1;
                tally.faults += 1;
                self.fault(&files::unreadable(path, &error))?;
                Ok(tally)
            }
        }
    }

    fn stream(&mut self, path: &Path, mut documents: Documents<'_>, mut tally: FileTally) -> Result<FileTally, Stop> {
        let name = files::name(path);
        loop {
            // Documents may arrive slowly: print all matches so far before waiting for the next one.
            if documents.is_idle() {
                self.out.flush()?;
            }
            let Some(item) = documents.next() else { return Ok(tally) };
            let goes_on = match item {
                Item::Fault(failure) => self.document(path, 0, &[], Err(failure), &mut tally)?,
                Item::Document(text, piece) => {
                    let matched = self.matchers.matches(text).map_err(|wrong| match wrong {
                        Wrong::Text => no_document(&name, text, &piece),
                        Wrong::Document(message) => fault(&name, piece.line, &message),
                    });
                    self.document(path, piece.line, text, matched, &mut tally)?
                }
            };
            if !goes_on {
                return Ok(tally);
            }
        }
    }

    /// Counts a document and prints it if it is chosen. Returns false if no further document should be read.
    fn document(
        &mut self,
        path: &Path,
        line: usize,
        text: &[u8],
        matched: Result<bool, Failure>,
        tally: &mut FileTally,
    ) -> Result<bool, Stop> {
        tally.documents += 1;
        match matched {
            Ok(is_match) => {
                tally.matches += usize::from(is_match);
                if is_match != self.args.invert_match {
                    tally.chosen += 1;
                    if !self.args.count {
                        self.print(path, line, text)?;
                    }
                }
            }
            Err(failure) => {
                tally.faults += 1;
                self.fault(&failure)?;
            }
        }
        let is_over = self.args.first && tally.chosen > 0 || self.args.fail_fast && tally.faults > 0;
        Ok(!is_over)
    }

    fn fault(&mut self, failure: &Failure) -> Result<(), Stop> {
        // The documents before the error are written first, so that a terminal shows them before the error.
        self.out.flush()?;
        self.progress.hidden(|| failure.report(self.args.common.json));
        Ok(())
    }

    fn print(&mut self, path: &Path, line: usize, text: &[u8]) -> io::Result<()> {
        if self.args.with_filename {
            write!(self.out, "{}:", files::name(path))?;
        }
        if self.args.line_number {
            write!(self.out, "{line}:")?;
        }
        if memchr::memchr2(b'\n', b'\r', text).is_some() {
            self.out.write_all(&on_one_line(text))?;
        } else {
            self.out.write_all(text)?;
        }
        self.out.write_all(b"\n")
    }

    fn print_count(&mut self, path: Option<&Path>, tally: FileTally) -> io::Result<()> {
        let name = path.map(files::name);
        if self.args.common.json {
            let mut line =
                json!({"count": tally.chosen, "documents": tally.documents, "errors": tally.faults + tally.lost_files});
            if let (Some(name), Some(line)) = (name, line.as_object_mut()) {
                line.insert("file".to_owned(), name.into());
            }
            return writeln!(self.out, "{line}");
        }
        match name {
            Some(name) => writeln!(self.out, "{name}:{}", tally.chosen),
            None => writeln!(self.out, "{}", tally.chosen),
        }
    }
}

/// Receives the documents of a file from the scan.
struct Taker<'t, 'a> {
    scan: &'t mut FileScan<'a>,
    path: &'t Path,
    name: String,
    tally: &'t mut FileTally,
    stopped: Option<Stop>,
}

impl Taker<'_, '_> {
    fn goes_on(&mut self, taken: Result<bool, Stop>) -> ControlFlow<()> {
        match taken {
            Ok(true) => return ControlFlow::Continue(()),
            Ok(false) => {}
            Err(stop) => self.stopped = Some(stop),
        }
        ControlFlow::Break(())
    }
}

impl Take for Taker<'_, '_> {
    fn step(&mut self, text: &[u8], _: usize, step: Step) -> ControlFlow<()> {
        let (line, text, matched) = match step {
            Step::Document(Passing { start, end, line, holds }) => {
                (line, text.get(start..end).unwrap_or_default(), Ok(holds))
            }
            Step::Bad(bad) => {
                let failure = match &bad.error {
                    Some(error) if !error.is_syntax() => fault(&self.name, bad.piece.line, error.message()),
                    _ => no_document(&self.name, &bad.text, &bad.piece),
                };
                (bad.piece.line, &[][..], Err(failure))
            }
        };
        let taken = self.scan.document(self.path, line, text, matched, self.tally);
        self.goes_on(taken)
    }

    /// Documents may arrive slowly: prints all matches so far before the scan waits for the next one.
    fn pause(&mut self) -> ControlFlow<()> {
        let flushed = self.scan.out.flush();
        self.goes_on(flushed.map(|()| true).map_err(Stop::from))
    }
}

/// JSON without the whitespace between its tokens. Strings and numbers stay exactly as they were written.
fn on_one_line(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let (mut in_string, mut is_escaped) = (false, false);
    for &byte in text {
        if in_string {
            in_string = is_escaped || byte != b'"';
            is_escaped = !is_escaped && byte == b'\\';
        } else if byte.is_ascii_whitespace() {
            continue;
        } else {
            in_string = byte == b'"';
        }
        out.push(byte);
    }
    out
}

/// Why a document cannot be matched.
enum Wrong {
    /// The text is not JSON.
    Text,
    /// The text is JSON, but cannot be matched for this reason.
    Document(String),
}

/// The filter, compiled for each resource type that documents may have.
struct Matchers<'a> {
    context: &'a Context,
    /// The matcher for documents that name no known type. With `--type`, or without `--schemas`, it serves all documents.
    other: Option<Matcher>,
    /// With `--schemas`, a matcher for each resource type for which the filter compiles.
    by_type: Vec<(&'a ResourceType, Matcher)>,
}

impl<'a> Matchers<'a> {
    fn new(context: &'a Context, filter: &Filter) -> Result<Self, Failure> {
        let compile = |resource_type: &ResourceType| {
            let compiled = filter.compile_with(resource_type, &context.options);
            compiled.map_err(|error| Failure::compile(error, resource_type.name()))
        };
        if let Some(resource_type) = &context.resource_type {
            return Ok(Self { context, other: Some(compile(resource_type)?), by_type: Vec::new() });
        }
        let other = compile(&ResourceType::any());
        if !context.has_own_schemas {
            return Ok(Self { context, other: Some(other?), by_type: Vec::new() });
        }
        let mut by_type = Vec::new();
        let mut first_failure = None;
        for resource_type in context.registry.resource_types() {
            match compile(resource_type) {
                Ok(matcher) => by_type.push((resource_type, matcher)),
                Err(failure) => first_failure = first_failure.or(Some(failure)),
            }
        }
        match first_failure {
            // A filter need not compile for all types: documents of the types for which it does not compile do not match.
            Some(failure) if by_type.is_empty() => Err(failure),
            _ => Ok(Self { context, other: other.ok(), by_type }),
        }
    }

    /// The matcher that serves all documents; none if documents of different types have different matchers.
    fn only(&self) -> Option<&Matcher> {
        let is_one = self.context.resource_type.is_some() || !self.context.has_own_schemas;
        self.other.as_ref().filter(|_| is_one)
    }

    fn matches(&self, text: &[u8]) -> Result<bool, Wrong> {
        if let Some(matcher) = self.only() {
            let wrong = |error: ScanError| {
                if error.is_syntax() { Wrong::Text } else { Wrong::Document(error.to_string()) }
            };
            return matcher.matches_slice(text).map_err(wrong);
        }
        let document: Value = document(text).map_err(|_| Wrong::Text)?;
        let matcher = match self.context.registry.of(&document) {
            Some(of) => match self.by_type.iter().find(|(known, _)| known.name() == of.name()) {
                Some((_, matcher)) => matcher,
                None => return Ok(false),
            },
            None => match &self.other {
                Some(matcher) => matcher,
                None => return Err(Wrong::Document("it does not say of which resource type it is".to_owned())),
            },
        };
        matcher.matches(&document).map_err(|error| Wrong::Document(error.to_string()))
    }

    /// If nothing matched, reports the attributes that no schema knows: a misspelt name would otherwise go unnoticed.
    fn hint(&self, filter: &Filter) {
        let Some(matcher) = self.other.as_ref().filter(|matcher| matcher.resource_type().is_open()) else { return };
        if self.context.has_own_schemas {
            return;
        }
        let mut slips = Slips { resource_type: matcher.resource_type(), found: Vec::new() };
        slips.visit_expr(filter.expr());
        for slip in slips.found {
            complain("note", &slip);
        }
    }
}

/// Collects a message for each attribute in the filter that no schema knows.
struct Slips<'a> {
    resource_type: &'a ResourceType,
    found: Vec<String>,
}

impl Visit for Slips<'_> {
    fn visit_attr_path(&mut self, path: &AttrPath<'_>) {
        if path.uri().is_some() || self.resource_type.resolve(path).is_some() {
            return;
        }
        let unresolved = self.resource_type.look_up(path, &Tolerance::default()).err();
        let hint = unresolved.and_then(|unresolved| unresolved.explain(self.resource_type, path).1);
        let hint = hint.map(|hint| format!("; {hint}")).unwrap_or_default();
        let slip = format!("no document matches, and no known schema has `{path}`{hint}");
        if !self.found.contains(&slip) {
            self.found.push(slip);
        }
    }

    fn visit_value_path(&mut self, path: &ValuePath<'_>) {
        // The names in the brackets are sub-attributes, which are not looked up here.
        self.visit_attr_path(&path.path);
    }
}
