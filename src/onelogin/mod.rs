//! OneLogin's SCIM JSON template. This module parses a template, checks it against a schema, corrects it, and renders it as
//! OneLogin would.
//!
//! An administrator pastes the template into OneLogin's app. OneLogin replaces the macros in it (`{$user.email}`,
//! `{$parameters.title}`) and sends the result. A template is therefore text until it is rendered: a macro may be anywhere,
//! also where JSON does not allow it.
//!
//! ```
//! use scim_engine::onelogin::{Person, Template};
//! let template = Template::parse(r#"{"userName": "{$parameters.scimusername}", "active": "{$user.active}"}"#)?;
//! let person = Person::new().with("username", "bjensen")?.with("firstname", "Barbara")?;
//! let rendered = template.render(&person)?;
//! assert_eq!(rendered.text, r#"{"userName": "bjensen", "active": "true"}"#);
//! assert_eq!(rendered.value["userName"], "bjensen");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod lint;
mod macros;
mod parser;
mod person;
mod position;
mod read;
mod render;
mod severity;
mod template;
mod tree;

pub use lint::{Lint, LintOptions, Problem, lint, lint_with};
pub use macros::Macro;
pub use person::{Person, PersonError};
pub use position::Position;
pub use read::{PeopleError, PeopleFormat};
pub use render::{Escape, RenderError, RenderOptions, Rendered, Unset};
pub use severity::Severity;
pub use template::{Template, TemplateError};
