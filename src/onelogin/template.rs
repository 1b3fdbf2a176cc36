//! Parses a template for rendering.

use std::fmt;

use super::macros::Macro;
use super::parser::{self, FlawKind};
use super::position::Position;
use super::tree::{NodeKind, TreeNode};
use crate::syntax::Span;

/// OneLogin's SCIM JSON template.
///
/// A template is JSON with macros such as `{$user.email}`. A string may have several macros, with text around them. A macro
/// may also stand outside of quotes, as in `"active": {$user.active}`, if its value makes the result JSON.
///
/// ```
/// use scim_engine::onelogin::Template;
/// let template: Template = r#"{"displayName": "{$user.firstname} {$user.lastname}"}"#.parse()?;
/// let macros: Vec<_> = template.macros().map(|found| found.name()).collect();
/// assert_eq!(macros, ["user.firstname", "user.lastname"]);
/// # Ok::<(), scim_engine::onelogin::TemplateError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Template {
    text: String,
    slots: Vec<MacroSlot>,
}

/// The place of one or more macros in the text.
#[derive(Debug, Clone)]
pub(super) enum MacroSlot {
    /// A string with macros. The span includes the quotes. `is_blank_between` says whether the string has only macros and
    /// blanks, and `is_key` whether it is the name of a member.
    Text { span: Span, macros: Vec<Macro>, is_blank_between: bool, is_key: bool },
    /// A macro outside of quotes.
    Bare(Macro),
}

impl Template {
    /// The most bytes of a template, far above any real one.
    pub const MAX_BYTES: usize = 1024 * 1024;

    /// Parses a template. A byte order mark at the start is ignored.
    ///
    /// A macro that OneLogin does not document is not an error here: it has no value, and is rendered as
    /// [`Unset`](super::Unset) says. [`lint`](super::lint) reports such macros.
    ///
    /// # Errors
    /// [`TemplateError`] with the place, if no values of the macros can make the text valid JSON, or if the text is longer
    /// than [`Template::MAX_BYTES`].
    pub fn parse(text: &str) -> Result<Self, TemplateError> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.len() > Self::MAX_BYTES {
            let message = format!("the template is too long: at most {} bytes are read", Self::MAX_BYTES);
            return Err(TemplateError::new("", Span::new(0, 0), message));
        }
        let parsed = parser::parse(text);
        let is_fault = |kind| !matches!(kind, FlawKind::BareMacro | FlawKind::UnclosedMacro | FlawKind::DuplicateCase);
        if let Some(flaw) = parsed.flaws.into_iter().find(|flaw| is_fault(flaw.kind)) {
            return Err(TemplateError::new(text, flaw.span, flaw.message));
        }
        let Some(root) = parsed.root else {
            return Err(TemplateError::new(text, Span::new(0, 0), "this is not a template".to_owned()));
        };
        let mut slots = Vec::new();
        collect(&root, &mut slots);
        Ok(Self { text: text.to_owned(), slots })
    }

    /// The given text, without a byte order mark.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The macros in the order of the text, each as often as it occurs.
    pub fn macros(&self) -> impl Iterator<Item = &Macro> {
        self.slots.iter().flat_map(MacroSlot::macros)
    }

    pub(super) fn slots(&self) -> &[MacroSlot] {
        &self.slots
    }

    /// The line and column of a span, such as that of a macro.
    pub fn position(&self, span: Span) -> Position {
        Position::of(&self.text, span.start)
    }
}

impl MacroSlot {
    pub(super) fn macros(&self) -> &[Macro] {
        match self {
            Self::Text { macros, .. } => macros,
            Self::Bare(found) => std::slice::from_ref(found),
        }
    }
}

fn collect(node: &TreeNode, slots: &mut Vec<MacroSlot>) {
    let text = |span: Span, text: &super::tree::MacroText, is_key: bool, slots: &mut Vec<MacroSlot>| {
        let macros: Vec<Macro> = text.macros().cloned().collect();
        if macros.is_empty() {
            return;
        }
        // A name may be a macro without quotes. The tree holds it as a text, but the text has the same span as its macro.
        match macros.as_slice() {
            [only] if only.span == span => slots.push(MacroSlot::Bare(only.clone())),
            _ => slots.push(MacroSlot::Text { span, is_blank_between: text.is_macros_and_blanks(), macros, is_key }),
        }
    };
    match &node.kind {
        NodeKind::Text(inner) => text(node.span, inner, false, slots),
        NodeKind::Bare(found) => slots.push(MacroSlot::Bare(found.clone())),
        NodeKind::List(elements) => elements.iter().for_each(|element| collect(element, slots)),
        NodeKind::Object(members) => {
            for member in members {
                text(member.key_span, &member.key, true, slots);
                collect(&member.value, slots);
            }
        }
        NodeKind::Null | NodeKind::Bool(_) | NodeKind::Number(_) => {}
    }
}

impl std::str::FromStr for Template {
    type Err = TemplateError;

    fn from_str(text: &str) -> Result<Self, TemplateError> {
        Self::parse(text)
    }
}

impl fmt::Display for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Template {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Template {}

impl std::hash::Hash for Template {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

/// The reason why a text is not a template, and the place of the fault.
///
/// ```
/// use scim_engine::onelogin::Template;
/// let error = Template::parse("{\"userName\": \"{$user.email}\",}").unwrap_err();
/// assert_eq!(error.to_string(), "1:29: a comma before `}`");
/// assert_eq!(error.render(), r#"1:29:
/// {"userName": "{$user.email}",}
///                             ^ a comma before `}`"#);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateError {
    message: String,
    span: Span,
    position: Position,
    rendered: String,
}

impl TemplateError {
    fn new(text: &str, span: Span, message: String) -> Self {
        let position = Position::of(text, span.start);
        let rendered = position.rendered(text, span, &message, None);
        Self { message, span, position, rendered }
    }

    /// The message, without the place.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The place of the fault, in bytes.
    pub fn span(&self) -> Span {
        self.span
    }

    /// The place of the fault, as line and column.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The text of the error: the line of the template that is at fault, with carets below the fault.
    pub fn render(&self) -> String {
        self.rendered.clone()
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.position, self.message)
    }
}

impl std::error::Error for TemplateError {}
