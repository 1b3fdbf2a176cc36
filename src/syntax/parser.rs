//! Parses filters and PATCH paths from the tokens of `lexer.rs`: precedence, groups and brackets.
//!
//! Open groups are kept in a `Vec`, not on the call stack, so hostile nesting cannot overflow it. Nothing backtracks: every
//! byte is read once, so that parsing takes linear time.

use std::borrow::Cow;

use super::ast::{AttrExp, AttrPath, CompareOp, Expr, Negation, SubTest, Test, ValuePath};
use super::construct::{push_and, push_or};
use super::error::ParseError;
use super::expected::Expected;
use super::lexer::{self, LexFault, Lexed};
use super::span::Span;
use crate::limits::Limits;
use crate::options::Options;
use crate::tolerance::Tolerance;

/// Parses a whole filter.
pub(super) fn filter<'a>(text: &'a str, options: &Options) -> Result<Expr<'a>, ParseError> {
    check_length(text, &options.limits, false)?;
    let mut parser = Parser::new(text, options);
    let parsed = parser.structure(Frame::new(Opener::Whole, Span::default()));
    parsed.map_err(|fault| parser.error(fault, false))
}

/// The parts of a PATCH path: the attribute, the filter in brackets, and the sub-attribute after them. The flag says
/// whether `loose_blanks` was needed.
pub(super) type PathParts<'a> = (AttrPath<'a>, Option<Expr<'a>>, Option<(Cow<'a, str>, Span)>, bool);

/// Parses a PATCH path (`PATH` of RFC 7644 Figure 7).
pub(super) fn path<'a>(text: &'a str, options: &Options) -> Result<PathParts<'a>, ParseError> {
    check_length(text, &options.limits, true)?;
    let mut parser = Parser::new(text, options);
    let parsed = parser.path();
    parsed.map_err(|fault| parser.error(fault, true))
}

fn check_length(text: &str, limits: &Limits, is_path: bool) -> Result<(), ParseError> {
    if text.len() > limits.filter_bytes {
        let expected = Expected::MaxBytes(limits.filter_bytes, text.len());
        let start = (0..=limits.filter_bytes).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        return Err(ParseError::new(text, Span::new(start, text.len()), expected, is_path));
    }
    Ok(())
}

type Parsed<'a, T> = Result<T, LexFault<'a>>;

struct Parser<'a> {
    text: &'a str,
    rest: &'a str,
    limits: Limits,
    comparisons: usize,
    tolerance: Tolerance,
    in_brackets: bool,
    /// Whether blanks were read that `loose_blanks` allows.
    has_loose_blanks: bool,
}

/// The construct that opened a frame, which decides what must close it.
enum Opener<'a> {
    Whole,
    Group,
    Not(Span),
    Brackets(AttrPath<'a>),
    /// The brackets of a PATCH path. Closing them ends the structure.
    PathBrackets,
}

/// A group that is being read: finished terms of its `or`, finished terms of the current `and`, and the last operand.
struct Frame<'a> {
    open: Opener<'a>,
    /// The span of the opening bracket.
    bracket: Span,
    ors: Vec<Expr<'a>>,
    ands: Vec<Expr<'a>>,
    last: Option<Expr<'a>>,
    /// The levels of the deepest operand of the current `and`. Parentheses alone add no level.
    depth: usize,
    /// The levels of the deepest finished term of the `or`.
    or_depth: usize,
}

impl<'a> Frame<'a> {
    fn new(open: Opener<'a>, bracket: Span) -> Self {
        Self { open, bracket, ors: Vec::new(), ands: Vec::new(), last: None, depth: 0, or_depth: 0 }
    }

    fn and(&mut self) {
        if let Some(last) = self.last.take() {
            push_and(&mut self.ands, last);
        }
    }

    fn or(&mut self) {
        self.or_depth = self.or_depth.max(self.and_levels());
        self.depth = 0;
        if let Some(term) = self.end_of_and() {
            push_or(&mut self.ors, term);
        }
    }

    fn end_of_and(&mut self) -> Option<Expr<'a>> {
        if self.ands.is_empty() {
            return self.last.take();
        }
        self.and();
        Some(Expr::And(std::mem::take(&mut self.ands)))
    }

    /// The levels of the current `and`, including those within it.
    fn and_levels(&self) -> usize {
        self.depth + usize::from(!self.ands.is_empty())
    }

    /// The levels of the tree that this group adds, including those within it.
    fn levels(&self) -> usize {
        let joined = if self.ors.is_empty() { self.and_levels() } else { 1 + self.or_depth.max(self.and_levels()) };
        joined + usize::from(matches!(self.open, Opener::Not(_) | Opener::Brackets(_)))
    }

    /// The expression of the group. `None` only if it is empty, which `structure` rules out by reading an operand first.
    fn end(&mut self) -> Option<Expr<'a>> {
        if self.ors.is_empty() {
            return self.end_of_and();
        }
        self.or();
        Some(Expr::Or(std::mem::take(&mut self.ors)))
    }
}

impl<'a> Parser<'a> {
    fn new(text: &'a str, options: &Options) -> Self {
        let Options { limits, tolerance, .. } = *options;
        Self { text, rest: text, limits, comparisons: 0, tolerance, in_brackets: false, has_loose_blanks: false }
    }

    fn error(&self, fault: LexFault<'_>, is_path: bool) -> ParseError {
        let mut at = Span::of(self.text, fault.at);
        if fault.at.is_empty() {
            let end = self.text.trim_end_matches(lexer::is_blank).len();
            at = Span::new(end, end);
        }
        // A fault in the brackets of a path is one of their filter, unless the brackets are not closed (T10).
        let is_closed = fault.expected != Expected::ClosingBracket && self.text.contains(']');
        let in_filter = is_path && self.in_brackets && is_closed;
        let error = ParseError::new(self.text, at, fault.expected, is_path);
        if in_filter { error.in_brackets() } else { error }
    }

    /// Fails at `part`, a slice of the text.
    fn fault<T>(part: &'a str, expected: Expected) -> Parsed<'a, T> {
        Err(LexFault { at: part, expected })
    }

    /// Skips the blanks before a token. Blanks at either end of the text are always allowed.
    fn skip_blanks(&mut self) -> Parsed<'a, ()> {
        let rest = lexer::blanks(self.rest);
        let skipped = self.rest.get(..self.rest.len() - rest.len()).unwrap_or("");
        if !matches!(skipped, "" | " ") && !rest.is_empty() && self.position() > 0 {
            if !self.tolerance.loose_blanks {
                return Self::fault(skipped, Expected::OneSpace);
            }
            self.has_loose_blanks = true;
        }
        self.rest = rest;
        Ok(())
    }

    /// Whether brackets follow an attribute. If so, skips the blanks before them.
    fn at_brackets(&mut self) -> Parsed<'a, bool> {
        let rest = lexer::blanks(self.rest);
        if !rest.starts_with('[') {
            return Ok(false);
        }
        let skipped = self.rest.get(..self.rest.len() - rest.len()).unwrap_or("");
        if !skipped.is_empty() {
            if !self.tolerance.loose_blanks {
                return Self::fault(skipped, Expected::NoBlank);
            }
            self.has_loose_blanks = true;
        }
        self.rest = rest;
        Ok(true)
    }

    /// Takes the result of a token parser and moves past the token.
    fn token<T>(&mut self, lexed: Lexed<'a, T>) -> Parsed<'a, T> {
        match lexed {
            Ok((rest, token)) => {
                self.rest = rest;
                Ok(token)
            }
            Err(nom::Err::Failure(fault) | nom::Err::Error(fault)) => Err(fault),
            Err(nom::Err::Incomplete(_)) => Self::fault(self.rest, Expected::Filter),
        }
    }

    /// The slice of the text that `span` covers.
    fn at(&self, span: Span) -> &'a str {
        self.text.get(span.start..span.end).unwrap_or("")
    }

    fn position(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    /// Takes one bracket and returns its span.
    fn bracket(&mut self) -> Span {
        let start = self.position();
        self.rest = self.rest.get(1..).unwrap_or("");
        Span::new(start, start + 1)
    }

    /// Parses the contents of `root`: up to the bracket that closes it, or to the end of the text.
    fn structure(&mut self, root: Frame<'a>) -> Parsed<'a, Expr<'a>> {
        let mut outer: Vec<Frame<'a>> = Vec::new();
        let mut frame = root;
        loop {
            // An operand is expected.
            self.skip_blanks()?;
            let opened = self.operand()?;
            match opened {
                ParsedOperand::Expr(expr) => frame.last = Some(expr),
                ParsedOperand::Opener(open, bracket) => {
                    if outer.len() >= self.limits.nesting {
                        return Self::fault(self.at(bracket), Expected::MaxNesting(self.limits.nesting));
                    }
                    // Room for two frames is enough for nearly all filters, and smaller than what the first push would
                    // reserve.
                    if outer.capacity() == 0 {
                        outer.reserve_exact(2);
                    }
                    outer.push(std::mem::replace(&mut frame, Frame::new(open, bracket)));
                    continue;
                }
            }
            // An operator or the end of a group is expected.
            loop {
                let before = self.rest;
                self.skip_blanks()?;
                match self.rest.as_bytes().first() {
                    None => {
                        return match &frame.open {
                            Opener::Whole if frame.levels() > Limits::MAX_DEPTH => {
                                Self::fault(self.text, Expected::MaxNesting(Limits::MAX_DEPTH))
                            }
                            Opener::Whole => frame.end().map_or_else(|| Self::fault("", Expected::Filter), Ok),
                            Opener::Group | Opener::Not(_) => {
                                Self::fault(self.at(frame.bracket), Expected::ClosingParen)
                            }
                            Opener::Brackets(_) | Opener::PathBrackets => {
                                Self::fault(self.at(frame.bracket), Expected::ClosingBracket)
                            }
                        };
                    }
                    Some(b')' | b']') => {
                        let levels = frame.levels();
                        let bracket = frame.bracket;
                        let (expr, done) = self.close(&mut frame)?;
                        if levels > Limits::MAX_DEPTH {
                            return Self::fault(self.at(bracket), Expected::MaxNesting(Limits::MAX_DEPTH));
                        }
                        if done {
                            return Ok(expr);
                        }
                        if let Some(parent) = outer.pop() {
                            frame = parent;
                        }
                        frame.depth = frame.depth.max(levels);
                        frame.last = Some(expr);
                    }
                    Some(_) => {
                        self.and_or(before, &mut frame)?;
                        break;
                    }
                }
            }
        }
    }

    /// Reads `and` or `or`. `before` is the rest of the text, beginning with the blanks before the operator.
    fn and_or(&mut self, before: &'a str, frame: &mut Frame<'a>) -> Parsed<'a, ()> {
        let (after, letters) = lexer::letters(self.rest).unwrap_or((self.rest, ""));
        let is_and = letters.eq_ignore_ascii_case("and");
        let separated = after.is_empty() || after.starts_with(|c| c == '(' || lexer::is_blank(c));
        if !(is_and || letters.eq_ignore_ascii_case("or")) || !separated {
            return Self::fault(lexer::word(self.rest), Expected::AndOr);
        }
        // A bracket or quote separates the operator from what precedes it; a letter or digit needs a blank.
        let ends_word =
            self.text.as_bytes().get(self.position().saturating_sub(1)).is_some_and(u8::is_ascii_alphanumeric);
        if before.len() == self.rest.len() && ends_word {
            return Self::fault(letters, Expected::Blank);
        }
        self.rest = after;
        if is_and {
            frame.and();
        } else {
            frame.or();
        }
        Ok(())
    }

    /// Closes the frame at `)` or `]`. Returns the expression of the frame, and whether closing the frame ends the
    /// structure.
    fn close(&mut self, frame: &mut Frame<'a>) -> Parsed<'a, (Expr<'a>, bool)> {
        let closer = self.bracket();
        let is_paren = self.at(closer) == ")";
        let fits = match &frame.open {
            Opener::Whole => false,
            Opener::Group | Opener::Not(_) => is_paren,
            Opener::Brackets(_) | Opener::PathBrackets => !is_paren,
        };
        let inner = frame.end().filter(|_| fits);
        let Some(expr) = inner else {
            let open = if is_paren { '(' } else { '[' };
            return Self::fault(self.at(closer), Expected::NoClosing(open));
        };
        Ok(match std::mem::replace(&mut frame.open, Opener::Group) {
            Opener::Whole | Opener::Group => (expr, false),
            Opener::PathBrackets => (expr, true),
            Opener::Not(start) => (Expr::Not(Negation { expr: Box::new(expr), span: start.to(closer) }), false),
            Opener::Brackets(path) => {
                self.in_brackets = false;
                let then = if self.rest.starts_with('.') { Some(Box::new(self.sub_test()?)) } else { None };
                let end = then.as_ref().map_or(closer, |then| then.test.span());
                let span = path.span.to(end);
                (Expr::ValuePath(ValuePath { path, filter: Box::new(expr), then, span }), false)
            }
        })
    }

    /// Reads `.value eq "x"` after brackets (T8).
    fn sub_test(&mut self) -> Parsed<'a, SubTest<'a>> {
        let (sub_attribute, span) = self.sub_attribute()?;
        let test = self.test()?;
        Ok(SubTest { sub_attribute, span, test })
    }

    /// Reads `.sub`.
    fn sub_attribute(&mut self) -> Parsed<'a, (Cow<'a, str>, Span)> {
        let after_dot = self.rest.get(1..).unwrap_or("");
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '$');
        let end = after_dot.find(|c| !is_name(c)).unwrap_or(after_dot.len());
        let name = after_dot.get(..end).unwrap_or("");
        if !lexer::is_attr_name(name) {
            return Self::fault(lexer::word(after_dot), Expected::SubAttrName);
        }
        self.rest = after_dot.get(end..).unwrap_or("");
        Ok((Cow::Borrowed(name), Span::of(self.text, name)))
    }

    fn operand(&mut self) -> Parsed<'a, ParsedOperand<'a>> {
        let start = self.rest;
        match start.as_bytes().first() {
            None => {
                return Self::fault(
                    "",
                    if self.text.trim().is_empty() { Expected::Filter } else { Expected::AttrName },
                );
            }
            Some(b'(') => {
                let bracket = self.bracket();
                return Ok(ParsedOperand::Opener(Opener::Group, bracket));
            }
            Some(b'n' | b'N') => {
                if let Some(open) = self.not()? {
                    return Ok(open);
                }
            }
            Some(_) => {}
        }
        let path = self.token(lexer::attr_path(self.text, start))?;
        if self.in_brackets && path.uri().is_some() {
            return Self::fault(self.at(path.span), Expected::SubAttrWithoutUrn);
        }
        if self.at_brackets()? {
            let bracket = self.bracket();
            if self.in_brackets {
                return Self::fault(self.at(bracket), Expected::NoNestedBrackets);
            }
            self.in_brackets = true;
            return Ok(ParsedOperand::Opener(Opener::Brackets(path), bracket));
        }
        self.comparisons += 1;
        if self.comparisons > self.limits.comparisons {
            return Self::fault(self.at(path.span), Expected::MaxComparisons(self.limits.comparisons));
        }
        let test = self.test()?;
        Ok(ParsedOperand::Expr(Expr::Attr(AttrExp { path, test })))
    }

    /// Reads `not` and its opening parenthesis. If an operator follows, as in `not pr`, `not` is the name of an
    /// attribute; then the result is `None`.
    fn not(&mut self) -> Parsed<'a, Option<ParsedOperand<'a>>> {
        let (after, word) = lexer::letters(self.rest).unwrap_or((self.rest, ""));
        if !word.eq_ignore_ascii_case("not") {
            return Ok(None);
        }
        let next = lexer::blanks(after);
        if next.starts_with('(') {
            let start = Span::of(self.text, word);
            self.rest = after;
            self.skip_blanks()?;
            let bracket = self.bracket();
            return Ok(Some(ParsedOperand::Opener(Opener::Not(start), bracket)));
        }
        if next.len() == after.len() && !after.is_empty() {
            return Ok(None);
        }
        let (_, operator) = lexer::letters(next).unwrap_or((next, ""));
        let is_attribute = CompareOp::from_name(operator).is_some() || operator.eq_ignore_ascii_case("pr");
        if is_attribute { Ok(None) } else { Self::fault(word, Expected::NotGroup) }
    }

    /// Reads the operator and, unless it is `pr`, the literal.
    fn test(&mut self) -> Parsed<'a, Test<'a>> {
        let before = self.rest;
        self.skip_blanks()?;
        let (after, word) = lexer::letters(self.rest).unwrap_or((self.rest, ""));
        let op_span = Span::of(self.text, word);
        if word.eq_ignore_ascii_case("pr") && !before_is_glued(before, self.rest) && ends_token(after) {
            self.rest = after;
            return Ok(Test::Present { span: op_span });
        }
        let op = CompareOp::from_name(word).filter(|_| !before_is_glued(before, self.rest));
        let is_end = |c: char| lexer::is_delimiter(c) || lexer::is_other_quote(c);
        let Some(op) = op.filter(|_| after.is_empty() || after.starts_with(is_end)) else {
            return Self::fault(lexer::word(self.rest), Expected::Operator);
        };
        self.rest = after;
        self.skip_blanks()?;
        let literal = lexer::literal(self.rest, &self.tolerance);
        let start = self.position();
        let value = self.token(literal)?;
        let value_span = Span::new(start, self.position());
        Ok(Test::Compare { op, op_span, value, value_span })
    }

    fn path(&mut self) -> Parsed<'a, PathParts<'a>> {
        if self.text.trim().is_empty() {
            return Self::fault("", Expected::Path);
        }
        self.skip_blanks()?;
        let attr = self.token(lexer::attr_path(self.text, self.rest))?;
        let mut filter = None;
        let mut sub = None;
        if self.at_brackets()? {
            let bracket = self.bracket();
            self.in_brackets = true;
            filter = Some(self.structure(Frame::new(Opener::PathBrackets, bracket))?);
            self.in_brackets = false;
            if self.rest.starts_with('.') {
                sub = Some(self.sub_attribute()?);
            }
        }
        self.skip_blanks()?;
        if self.rest.is_empty() {
            return Ok((attr, filter, sub, self.has_loose_blanks));
        }
        Self::fault(lexer::word(self.rest), Expected::EndOfPath)
    }
}

enum ParsedOperand<'a> {
    Expr(Expr<'a>),
    Opener(Opener<'a>, Span),
}

/// Whether no blank separates the operator from the attribute before it: skipping blanks left `before` unchanged.
fn before_is_glued(before: &str, rest: &str) -> bool {
    before.len() == rest.len()
}

/// Whether `pr` may end before `rest`.
fn ends_token(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(|c| matches!(c, ')' | ']') || lexer::is_blank(c))
}
