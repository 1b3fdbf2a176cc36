//! Renders the corrected template for made-up people and gives it to the engine, whose judgement is final.

use std::collections::HashSet;

use super::path::{Path, places, remove};
use super::{Linter, Severity};
use crate::ResourceError;
use crate::coerce::Options;
use crate::onelogin::macros::{FIELDS, USER};
use crate::onelogin::tree::TreeNode;
use crate::onelogin::{Person, RenderOptions, Template};
use crate::tolerance::Tolerance;

/// The most faults that are looked for. Each round removes one from the template, so that the engine reports the next.
const MAX_ROUNDS: usize = 32;

impl Linter<'_> {
    /// Reports what the engine repairs or refuses.
    pub(super) fn engine(&mut self, root: &TreeNode) {
        let mut rest = root.clone();
        let mut is_refused = false;
        for _ in 0..MAX_ROUNDS {
            let Some(error) = self.with_all(&rest) else { break };
            is_refused = true;
            let found = error.path().map(|path| places(&rest, path)).unwrap_or_default();
            self.refused(&error, &found, rest.span);
            let Some(path) = error.path().filter(|_| !found.is_empty()) else { break };
            remove(&mut rest, &Path::default(), path);
        }
        if !is_refused {
            self.with_little(root);
        }
    }

    /// Tries a person who has a value for every macro. Reports repairs, or returns the error of a refusal.
    fn with_all(&mut self, root: &TreeNode) -> Option<ResourceError> {
        let template = Template::parse(&root.pretty()).ok()?;
        let mut person = Person::full();
        for found in template.macros() {
            let sample = self.samples.get(found.name()).copied().unwrap_or("sample");
            if person.get(found.name()).is_none() {
                person.give(found.name(), sample);
            }
        }
        let rendered = template.render(&person, &RenderOptions::default()).ok()?;
        let written = match self.resource_type.create_with(&rendered.value, &self.tolerant()) {
            Ok(written) => written,
            Err(error) => return Some(error),
        };
        // The same repair may occur in many elements of a list, and each look-up of its places walks the whole template.
        let mut looked_up = HashSet::new();
        for repair in &written.outcome.repairs {
            if !looked_up.insert((repair.path(), repair.kind())) {
                continue;
            }
            let found = places(root, repair.path());
            let is_known =
                |path: &Path| self.problems.iter().any(|problem| problem.path == path.text && !problem.is_cured);
            if found.iter().any(|(path, _)| is_known(path)) {
                continue;
            }
            let (path, span) = found
                .into_iter()
                .next()
                .map_or((repair.path().to_owned(), root.span), |(path, span)| (path.text, span));
            let message = format!("servers have to repair it: {}", repair.detail());
            self.report(repair.kind(), Severity::Warning, &path, span, message, "write it as the schema has it", false);
        }
        None
    }

    /// Tries a person who has nothing but a name and an address.
    fn with_little(&mut self, root: &TreeNode) {
        let Ok(template) = Template::parse(&root.pretty()) else { return };
        let mut person = Person::new();
        for name in ["user.firstname", "user.lastname", "user.username", "user.email"] {
            person.give(name, "sample");
        }
        let Ok(rendered) = template.render(&person, &RenderOptions::default()) else { return };
        if let Err(error) = self.resource_type.create_with(&rendered.value, &self.tolerant()) {
            let found = error.path().and_then(|path| places(root, path).into_iter().next());
            let (path, span) = found.map_or_else(
                || (error.path().unwrap_or_default().to_owned(), root.span),
                |(path, span)| (path.text, span),
            );
            let message = format!("is refused for those whose macros stand for nothing: {}", error.message());
            let cure = "use a macro that everybody has a value for";
            self.report("refused_if_unset", Severity::Warning, &path, span, message, cure, false);
        }
    }

    fn refused(&mut self, error: &ResourceError, found: &[(Path, crate::syntax::Span)], whole: crate::syntax::Span) {
        let (path, span) = found
            .first()
            .map_or((error.path().unwrap_or_default().to_owned(), whole), |(path, span)| (path.text.clone(), *span));
        let is_reported = self
            .problems
            .iter()
            .any(|problem| problem.severity == Severity::Error && problem.path == path && !problem.is_cured);
        if !is_reported {
            let cure = "write it as the schema has it";
            self.report("refused", Severity::Error, &path, span, error.message(), cure, false);
        }
    }

    /// The options of the server with the default tolerance: other checks have already reported what this server does not
    /// tolerate.
    fn tolerant(&self) -> Options {
        self.options.server.clone().tolerance(Tolerance::default())
    }
}

impl Person {
    /// A person who has every field that OneLogin documents.
    fn full() -> Self {
        let mut person = Self::new();
        for field in FIELDS.iter().filter(|field| !["active", "status"].contains(field)) {
            let value = if *field == "email" { "sample@lumen.example" } else { "sample" };
            person.give(&format!("{USER}{field}"), value);
        }
        person
    }
}
