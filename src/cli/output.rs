//! Standard output and standard error: buffers, colours, JSON.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize as _;
use serde_json::Value;
use serde_json::ser::{PrettyFormatter, Serializer};

use super::options::Color;
use crate::shown::plain;

/// Standard output with a large buffer.
pub(super) fn stdout() -> BufWriter<StdoutLock<'static>> {
    BufWriter::with_capacity(64 * 1024, io::stdout().lock())
}

/// The style of each kind of text. Without colour, all styles are plain.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Palette {
    pub added: Style,
    pub removed: Style,
    pub repaired: Style,
    pub faint: Style,
}

impl Palette {
    pub(super) fn new(color: Color) -> Self {
        let on = match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => io::stdout().is_terminal() && !is_plain(),
        };
        if !on {
            return Self::default();
        }
        let colored = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
        Self {
            added: colored(AnsiColor::Green),
            removed: colored(AnsiColor::Red),
            repaired: colored(AnsiColor::Yellow),
            faint: Style::new().dimmed(),
        }
    }
}

/// Whether the environment asks for no colour.
pub(super) fn is_plain() -> bool {
    std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || std::env::var_os("TERM").is_some_and(|value| value == "dumb")
}

/// A text with the escape codes of a style around it.
pub(super) fn styled(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// Prints a text of one or more lines to standard error, as `kind: text`. The kind is a word such as `error`.
pub(super) fn complain(kind: &str, text: &str) {
    // A failure to write to standard error cannot be reported anywhere.
    let lines: Vec<_> = text.split('\n').map(plain).collect();
    let _ = writeln!(io::stderr().lock(), "{kind}: {}", lines.join("\n"));
}

/// JSON over several lines, indented by `indent`, without a final line break.
pub(super) fn pretty(value: &Value, indent: &str) -> io::Result<Vec<u8>> {
    let mut out = Vec::new();
    let formatter = PrettyFormatter::with_indent(indent.as_bytes());
    value.serialize(&mut Serializer::with_formatter(&mut out, formatter))?;
    Ok(out)
}

/// JSON on one line, cut if it is long.
pub(super) fn short(value: &Value) -> String {
    const MOST: usize = 80;
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}
