//! Renders the corrected template for invented people, and creates resources from the results with the engine. Repairs and
//! refusals that the other checks have missed are reported here.

use super::path::{Path, places, remove};
use super::{Linter, Severity};
use crate::coerce::Repair;
use crate::onelogin::macros::{FIELDS, USER};
use crate::onelogin::tree::TreeNode;
use crate::onelogin::{Person, Template};
use crate::syntax::Span;
use crate::tolerance::Tolerance;
use crate::{ResourceError, Written};

/// The most rounds. The engine reports only the first fault of a body, so each round removes the attribute at fault from
/// the template and tries again.
const MAX_ROUNDS: usize = 32;

/// The advice for a problem that only the engine has found.
const CURE: &str = "write it as the schema has it";

impl Linter<'_> {
    /// Reports what the engine repairs or refuses.
    pub(super) fn engine(&mut self, root: &TreeNode) {
        let Some(everybody) = self.with_all(root) else { return };
        let mut rest = root.clone();
        for round in 0..MAX_ROUNDS {
            let error = match self.create(&rest, &everybody) {
                None => return,
                Some(Ok(written)) => {
                    self.repaired(&rest, &written.outcome.repairs);
                    if round == 0 {
                        self.with_little(root);
                    }
                    return;
                }
                Some(Err(error)) => error,
            };
            let attribute = error.path().unwrap_or_default();
            let found = places(&rest, attribute);
            let (path, span) = first(&found, attribute, root);
            let is_reported = self
                .problems
                .iter()
                .any(|problem| problem.severity == Severity::Error && problem.path == path && !problem.is_cured);
            if !is_reported {
                self.report("refused", Severity::Error, &path, span, error.message(), CURE, false);
            }
            if found.is_empty() {
                return;
            }
            remove(&mut rest, &Path::default(), attribute);
        }
    }

    /// A person who has a value for every macro of the template. `None` if the template cannot be parsed.
    fn with_all(&self, root: &TreeNode) -> Option<Person> {
        let mut person = Person::full();
        for found in Template::parse(&root.pretty()).ok()?.macros() {
            if person.get(found.name()).is_none() {
                person.give(found.name(), self.samples.get(found.name()).copied().unwrap_or("sample"));
            }
        }
        Some(person)
    }

    /// Reports if the engine refuses the body of a person who has only a name, a username and an e-mail address, so that
    /// most macros of the template have no value.
    fn with_little(&mut self, root: &TreeNode) {
        let mut person = Person::new();
        for name in ["user.firstname", "user.lastname", "user.username", "user.email"] {
            person.give(name, "sample");
        }
        if let Some(Err(error)) = self.create(root, &person) {
            let attribute = error.path().unwrap_or_default();
            let (path, span) = first(&places(root, attribute), attribute, root);
            let message = format!("is refused for those whose macros stand for nothing: {}", error.message());
            let cure = "use a macro that everybody has a value for";
            self.report("refused_if_unset", Severity::Warning, &path, span, message, cure, false);
        }
    }

    /// Renders the template for a person, and creates a resource from the result. `None` if the template cannot be rendered.
    fn create(&self, root: &TreeNode, person: &Person) -> Option<Result<Written, ResourceError>> {
        let template = Template::parse(&root.pretty()).ok()?;
        let rendered = template.render(person).ok()?;
        // The default tolerances are used instead of the server's, because the other checks report the deviations that the
        // server does not tolerate.
        let options = self.options.server.clone().tolerance(Tolerance::default());
        Some(self.resource_type.create_with(&rendered.value, &options))
    }

    /// Reports the engine's repairs, except at a path that already has a problem without a cure.
    fn repaired(&mut self, root: &TreeNode, repairs: &[Repair]) {
        for repair in repairs {
            let found = places(root, repair.path());
            let is_known =
                |path: &Path| self.problems.iter().any(|problem| problem.path == path.text && !problem.is_cured);
            if !found.iter().any(|(path, _)| is_known(path)) {
                let (path, span) = first(&found, repair.path(), root);
                let message = format!("servers have to repair it: {}", repair.detail());
                self.report(repair.kind(), Severity::Warning, &path, span, message, CURE, false);
            }
        }
    }
}

/// The path and span of the first place in `found`. If `found` is empty, the attribute is the path, and the span is that of
/// the whole template.
fn first(found: &[(Path, Span)], attribute: &str, root: &TreeNode) -> (String, Span) {
    found.first().map_or_else(|| (attribute.to_owned(), root.span), |(path, span)| (path.text.clone(), *span))
}

impl Person {
    /// A person who has every field that OneLogin documents. `active` and `status` are not set, because [`Person::get`]
    /// derives them: `true` and `1`.
    fn full() -> Self {
        let mut person = Self::new();
        for field in FIELDS.iter().filter(|field| !["active", "status"].contains(field)) {
            let value = if *field == "email" { "sample@lumen.example" } else { "sample" };
            person.give(&format!("{USER}{field}"), value);
        }
        person
    }
}
