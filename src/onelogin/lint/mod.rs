//! Checks and corrects a template. The judgement agrees with that of [`create`](crate::ResourceType::create) on the bodies
//! that OneLogin renders from the template.
//!
//! The steps:
//!
//! 1. The text is parsed ([`super::parser`]), and the slips in it are reported (`slips.rs`).
//! 2. The macros are checked (`macros.rs`).
//! 3. The names are resolved, and the members moved to their places in the schema (`names.rs`); their values are checked
//!    (`values.rs`).
//! 4. Missing schemas and required attributes are added (`whole.rs`).
//! 5. The corrected template is rendered for invented people, and the engine creates resources from the results
//!    (`engine.rs`). Repairs and refusals of the engine are reported too, so that the lint and the engine agree.

mod engine;
mod macros;
mod names;
mod path;
mod problem;
mod slips;
mod values;
mod whole;

use std::collections::BTreeMap;

pub use problem::Problem;

use super::parser;
use super::position::Position;
use super::severity::Severity;
use super::template::Template;
use serde::{Deserialize, Serialize};

use crate::options::Options;
use crate::schema::ResourceType;
use crate::syntax::Span;

/// The options for checking a template.
///
/// ```
/// use scim_engine::ResourceType;
/// use scim_engine::onelogin::{LintOptions, lint_with};
/// let template = r#"{"active": "{$user.active}"}"#;
/// let options = LintOptions::default().bare_booleans(true);
/// let found = lint_with(template, &ResourceType::user(), &options);
/// assert!(found.corrected().unwrap().contains("\"active\": {$user.active}"));
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct LintOptions {
    /// Whether a macro for a boolean or a number should be outside of quotes: `"active": {$user.active}`. OneLogin then
    /// pastes `true` and not `"true"`. Off by default: such a template is not JSON until it is rendered, and OneLogin does
    /// not document whether it accepts such a template.
    pub bare_booleans: bool,
    /// The options of the server. Without the tolerance `boolean_strings`, a quoted macro for a boolean is an error, not a
    /// note; without `number_strings`, so is a quoted macro for a number.
    pub server: Options,
}

impl LintOptions {
    /// Sets whether a macro for a boolean or a number should be outside of quotes.
    #[must_use]
    pub fn bare_booleans(mut self, on: bool) -> Self {
        self.bare_booleans = on;
        self
    }

    /// Sets the options of the server.
    #[must_use]
    pub fn server(mut self, options: Options) -> Self {
        self.server = options;
        self
    }
}

/// The problems of a template, and the corrected template.
#[derive(Debug, Clone, PartialEq)]
pub struct Lint {
    problems: Vec<Problem>,
    corrected: Option<String>,
}

impl Lint {
    /// The problems, in the order of the text.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Whether there are no problems except notes.
    pub fn is_clean(&self) -> bool {
        self.problems.iter().all(|problem| problem.severity == Severity::Note)
    }

    /// The corrected template, with the cure of each problem for which [`Problem::is_cured`] is true. It is the given text
    /// if there is no such problem, and none if the text is not a template.
    pub fn corrected(&self) -> Option<&str> {
        self.corrected.as_deref()
    }
}

/// Checks the text of a template for resources of a type, with the default options.
///
/// ```
/// use scim_engine::ResourceType;
/// use scim_engine::onelogin::lint;
/// let template = r#"{
///   "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
///   "userName": "{$parameters.scimusername}",
///   "name": {"givenName": "{$user.firstname}", "familyName": "{$user.lastname}"},
///   "emails": {"value": "{$user.email}", "type": "work"}
/// }"#;
/// let found = lint(template, &ResourceType::user());
/// assert_eq!(found.problems()[0].code(), "single_for_list");
/// let again = lint(found.corrected().unwrap(), &ResourceType::user());
/// assert!(again.problems().is_empty());
/// ```
pub fn lint(text: &str, resource_type: &ResourceType) -> Lint {
    lint_with(text, resource_type, &LintOptions::default())
}

/// Checks the text of a template as [`lint`] does, with options.
pub fn lint_with(text: &str, resource_type: &ResourceType, options: &LintOptions) -> Lint {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut linter = Linter { text, resource_type, options, problems: Vec::new(), samples: BTreeMap::new() };
    if text.len() > Template::MAX_BYTES {
        let message = format!("the template is too long: at most {} bytes are read", Template::MAX_BYTES);
        linter.report("not_json", Severity::Error, "", Span::new(0, 0), message, "shorten it", false);
        return Lint { problems: linter.problems, corrected: None };
    }
    let parsed = parser::parse(text);
    linter.slips(&parsed.flaws, parsed.root.as_ref());
    let corrected = parsed.root.map(|root| {
        let root = linter.macros(root);
        let root = linter.resource(root);
        linter.engine(&root);
        root
    });
    linter.problems.sort_by_key(|problem| (problem.span.start, problem.severity));
    let has_cures = linter.problems.iter().any(|problem| problem.is_cured);
    let corrected = corrected.map(|root| if has_cures { format!("{}\n", root.pretty()) } else { text.to_owned() });
    Lint { problems: linter.problems, corrected }
}

struct Linter<'a> {
    text: &'a str,
    resource_type: &'a ResourceType,
    options: &'a LintOptions,
    problems: Vec<Problem>,
    /// A sample value for each macro whose attribute does not accept every text, by the name of the macro: `true` for a
    /// boolean, for example.
    samples: BTreeMap<String, &'static str>,
}

/// The most problems that are reported.
const MAX_PROBLEMS: usize = 500;

impl Linter<'_> {
    #[expect(clippy::too_many_arguments, reason = "they are what a problem is made of")]
    fn report(
        &mut self,
        code: &'static str,
        severity: Severity,
        path: &str,
        span: Span,
        message: impl Into<String>,
        cure: impl Into<String>,
        is_cured: bool,
    ) {
        if self.problems.len() >= MAX_PROBLEMS {
            return;
        }
        let position = Position::of(self.text, span.start);
        let (message, cure) = (message.into(), cure.into());
        let path = path.to_owned();
        self.problems.push(Problem { code, severity, path, span, position, message, cure, is_cured });
    }

    fn error(
        &mut self,
        code: &'static str,
        path: &str,
        span: Span,
        message: impl Into<String>,
        cure: impl Into<String>,
    ) {
        self.report(code, Severity::Error, path, span, message, cure, true);
    }

    fn warning(
        &mut self,
        code: &'static str,
        path: &str,
        span: Span,
        message: impl Into<String>,
        cure: impl Into<String>,
    ) {
        self.report(code, Severity::Warning, path, span, message, cure, true);
    }
}
