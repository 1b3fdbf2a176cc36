//! `scim filter`: the documents that match, as grep has the lines.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::Exit;
use super::args::FilterArgs;
use super::context::Context;
use super::documents::{Documents, Item};
use super::failure::{Failure, Stop};
use super::output::{complain, stdout};
use crate::filter::Matcher;
use crate::schema::ResourceType;
use crate::suggest::nearest;
use crate::syntax::{AttrPath, Filter, ValuePath, Visit};

pub(super) fn run(args: &FilterArgs) -> Result<Exit, Stop> {
    let context = Context::new(&args.common)?;
    let filter = context.filter(&args.filter)?;
    let matchers = Matchers::new(&context, &filter)?;
    let mut scan = Scan { args, matchers: &matchers, out: stdout(), total: Tally::default() };
    let standard_input = [PathBuf::from("-")];
    let files: &[PathBuf] = if args.files.is_empty() { &standard_input } else { &args.files };
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
        Tally { chosen: 0, .. } => Exit::No,
        _ => Exit::Yes,
    })
}

/// How many documents there were, matched, were chosen, and were none; and files that could not be opened.
#[derive(Debug, Clone, Copy, Default)]
struct Tally {
    documents: usize,
    matches: usize,
    chosen: usize,
    faults: usize,
    lost_files: usize,
}

impl Tally {
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

struct Scan<'a> {
    args: &'a FilterArgs,
    matchers: &'a Matchers<'a>,
    out: io::BufWriter<io::StdoutLock<'static>>,
    total: Tally,
}

impl Scan<'_> {
    fn file(&mut self, path: &Path) -> Result<Tally, Stop> {
        let mut tally = Tally::default();
        let mut documents = match Documents::open(path) {
            Ok(documents) => documents,
            Err(failure) => {
                tally.lost_files += 1;
                self.fault(&failure)?;
                return Ok(tally);
            }
        };
        loop {
            // Whoever waits for the next document sees all before it.
            if documents.is_idle() {
                self.out.flush()?;
            }
            let Some(item) = documents.next() else { return Ok(tally) };
            tally.documents += 1;
            let failure = match item {
                Item::Fault(failure) => Some(failure),
                Item::Document { value, text, line } => match self.matchers.matches(&value) {
                    Ok(is_match) => {
                        tally.matches += usize::from(is_match);
                        if is_match != self.args.invert_match {
                            tally.chosen += 1;
                            if !self.args.count {
                                self.print(path, line, text)?;
                            }
                        }
                        None
                    }
                    Err(message) => Some(documents.fault(line, &message)),
                },
            };
            if let Some(failure) = failure {
                tally.faults += 1;
                self.fault(&failure)?;
            }
            if self.args.first && tally.chosen > 0 || self.args.fail_fast && tally.faults > 0 {
                return Ok(tally);
            }
        }
    }

    fn fault(&mut self, failure: &Failure) -> Result<(), Stop> {
        // On a terminal the documents before it come first.
        self.out.flush()?;
        failure.report(self.args.common.json);
        Ok(())
    }

    fn print(&mut self, path: &Path, line: usize, text: &[u8]) -> io::Result<()> {
        if self.args.with_filename {
            write!(self.out, "{}:", super::files::name(path))?;
        }
        if self.args.line_number {
            write!(self.out, "{line}:")?;
        }
        if text.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
            self.out.write_all(&on_one_line(text))?;
        } else {
            self.out.write_all(text)?;
        }
        self.out.write_all(b"\n")
    }

    fn print_count(&mut self, path: Option<&Path>, tally: Tally) -> io::Result<()> {
        let name = path.map(super::files::name);
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

/// JSON without the blanks between its parts; what is in strings stays as it was written, and so do numbers.
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

/// The filter, compiled for each resource type that documents may be of.
struct Matchers<'a> {
    context: &'a Context,
    /// For documents of no known type.
    other: Option<Matcher>,
    by_type: Vec<(&'a ResourceType, Matcher)>,
}

impl<'a> Matchers<'a> {
    fn new(context: &'a Context, filter: &Filter) -> Result<Self, Failure> {
        let compile = |resource_type: &ResourceType| {
            let compiled = filter.compile_with(resource_type, &context.options.tolerance);
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
            // A filter on one type's attributes is no mistake for the other types: their documents just do not match.
            Some(failure) if by_type.is_empty() => Err(failure),
            _ => Ok(Self { context, other: other.ok(), by_type }),
        }
    }

    fn matches(&self, document: &Value) -> Result<bool, String> {
        let matcher = if self.context.has_own_schemas && self.context.resource_type.is_none() {
            match self.context.registry.of(document) {
                Some(of) => match self.by_type.iter().find(|(known, _)| known.name() == of.name()) {
                    Some((_, matcher)) => matcher,
                    None => return Ok(false),
                },
                None => match &self.other {
                    Some(matcher) => matcher,
                    None => return Err("it does not say of which resource type it is".to_owned()),
                },
            }
        } else {
            match &self.other {
                Some(matcher) => matcher,
                None => return Ok(false),
            }
        };
        matcher.matches(document).map_err(|error| error.to_string())
    }

    /// Says which attributes no schema knows, where nothing matched: a slip would go unnoticed.
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

/// Attributes that no schema knows.
struct Slips<'a> {
    resource_type: &'a ResourceType,
    found: Vec<String>,
}

impl Visit for Slips<'_> {
    fn visit_attr_path(&mut self, path: &AttrPath<'_>) {
        if path.uri().is_some() || self.resource_type.resolve(path).is_some() {
            return;
        }
        let names = self.resource_type.attributes().iter().map(|attribute| attribute.name.as_str());
        let hint = match nearest(path.name(), names) {
            Some(near) if !near.eq_ignore_ascii_case(path.name()) => format!("; did you mean `{near}`?"),
            _ => String::new(),
        };
        let slip = format!("no document matches, and no known schema has `{path}`{hint}");
        if !self.found.contains(&slip) {
            self.found.push(slip);
        }
    }

    fn visit_value_path(&mut self, path: &ValuePath<'_>) {
        // What stands in the brackets are sub-attributes.
        self.visit_attr_path(&path.path);
    }
}
