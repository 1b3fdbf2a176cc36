//! Compiles a tree and a schema to a plan. Every name and type is resolved here, once. The errors of F9, F12 and F13
//! come from here.

use std::borrow::Cow;

use super::compare::Comparison;
use super::error::CompileFault;
use super::node::{AnyElement, Check, Node, OrTerms, PathTest};
use super::text_rule::TextRule;
use crate::document::Key;
use crate::schema::{AttrType, Attribute, Decision, Resolution, Resolved, ResourceType, Schema, unknown_sub};
use crate::syntax::{
    AttrExp, AttrPath, CompareOp, Expr, Literal, Rewrite, SECRET, Span, SubTest, Test, ValuePath, attr_path,
};
use crate::tolerance::Tolerance;

type Compiled<T> = Result<T, CompileFault>;

pub(crate) struct Compiler<'a> {
    resource_type: &'a ResourceType,
    tolerance: &'a Tolerance,
    /// Whether names are allowed that no schema knows.
    is_open: bool,
    /// The text that the spans refer to.
    text: &'a str,
    /// The names of all keys, indexed by [`Key::index`].
    pub names: Vec<&'a str>,
    /// Loosely written parts, each with its correct form (D26).
    rewrites: Vec<(Span, Rewrite)>,
    /// The repairs of literals: the attribute that was compared, and the switch that was needed.
    pub read_as: Vec<(&'a Attribute, &'static str)>,
}

/// The scope in which names are resolved.
#[derive(Clone, Copy)]
enum Scope<'a> {
    /// The resource.
    Resource,
    /// One element of a known attribute.
    Element(&'a Attribute),
    /// One element of an attribute that no schema knows.
    Untyped,
}

/// The attribute that a path resolves to.
struct ResolvedPath<'a> {
    keys: Vec<Key>,
    kind: PathKind<'a>,
    /// The complex attribute, if the path ends at one of its sub-attributes.
    owner: Option<&'a Attribute>,
}

impl<'a> ResolvedPath<'a> {
    fn new(keys: Vec<Key>, kind: PathKind<'a>) -> Self {
        Self { keys, kind, owner: None }
    }
}

#[derive(Clone, Copy)]
enum PathKind<'a> {
    Known(&'a Attribute),
    Extension(&'a Schema),
    Untyped,
}

impl PathKind<'_> {
    /// What of a value counts if the whole is tested (F13).
    fn visible(self) -> Decision {
        match self {
            Self::Known(attribute) => Decision::without_secrets(attribute),
            Self::Extension(schema) => Decision::extension_without_secrets(schema),
            Self::Untyped => Decision::Guard,
        }
    }
}

impl<'a> Compiler<'a> {
    pub(crate) fn new(resource_type: &'a ResourceType, tolerance: &'a Tolerance) -> Self {
        Self {
            is_open: resource_type.is_open(),
            resource_type,
            tolerance,
            text: "",
            names: Vec::with_capacity(8),
            rewrites: Vec::new(),
            read_as: Vec::new(),
        }
    }

    /// Sets the text from which the expression was parsed.
    pub(crate) fn of(self, text: &'a str) -> Self {
        Self { text, ..self }
    }

    /// Refuses unknown names without a resource type, too: a write is read by schemas (D14).
    pub(crate) fn closed(self) -> Self {
        Self { is_open: false, ..self }
    }

    /// Compiles a filter on whole resources.
    pub(crate) fn resource(&mut self, expr: &'a Expr<'_>) -> Compiled<Node> {
        self.expr(expr, Scope::Resource)
    }

    /// The filter in its correct form, if a part of it was written loosely; else `None`.
    pub(crate) fn rewritten(&self, expr: &Expr<'static>) -> Option<Expr<'static>> {
        (!self.rewrites.is_empty()).then(|| expr.rewritten(&self.rewrites))
    }

    /// Compiles a filter on the elements of an attribute: the contents of the brackets of a PATCH path.
    pub(crate) fn element(&mut self, expr: &'a Expr<'_>, attribute: &'a Attribute) -> Compiled<Node> {
        self.expr(expr, Scope::Element(attribute))
    }

    fn expr(&mut self, expr: &'a Expr<'_>, scope: Scope<'a>) -> Compiled<Node> {
        Ok(match expr {
            Expr::And(terms) => Node::And(self.all(terms, scope)?),
            Expr::Or(terms) => Node::Or(OrTerms::new(self.all(terms, scope)?)),
            Expr::Not(not) => Node::Not(Box::new(self.expr(&not.expr, scope)?)),
            Expr::Attr(AttrExp { path, test }) => {
                let found = self.find(path, scope)?;
                Node::Test(self.test(found, test, path.span())?)
            }
            Expr::ValuePath(path) => Node::Any(self.value_path(path, scope)?),
        })
    }

    fn all(&mut self, terms: &'a [Expr<'_>], scope: Scope<'a>) -> Compiled<Box<[Node]>> {
        let mut nodes = Vec::with_capacity(terms.len());
        for term in terms {
            nodes.push(self.expr(term, scope)?);
        }
        Ok(nodes.into())
    }

    fn value_path(&mut self, value_path: &'a ValuePath<'_>, scope: Scope<'a>) -> Compiled<AnyElement> {
        let path = &value_path.path;
        let found = self.find(path, scope)?;
        let inner = match found.kind {
            PathKind::Known(attribute) if attribute.is_complex() || attribute.multi_valued => Scope::Element(attribute),
            PathKind::Known(_) => {
                let message = format!("`{path}` has a single simple value and so no sub-attributes to choose by");
                return Err(CompileFault::new(path.span(), message));
            }
            PathKind::Extension(_) => {
                return Err(CompileFault::new(
                    path.span(),
                    format!("`{path}` is an extension; name one of its attributes"),
                ));
            }
            PathKind::Untyped => Scope::Untyped,
        };
        let node = self.expr(&value_path.filter, inner)?;
        let node = match value_path.then.as_deref() {
            None => node,
            // `emails[type eq "work"].value eq "x"` means the same as `emails[type eq "work" and value eq "x"]` (T8).
            Some(SubTest { sub_attribute, span, test }) => {
                let found = self.sub(sub_attribute, *span, inner)?;
                let test = self.test(found, test, *span)?;
                Node::And(Box::new([node, Node::Test(test)]))
            }
        };
        Ok(AnyElement { keys: found.keys.into(), node: Box::new(node) })
    }

    fn key(&mut self, name: &'a str, canonical: bool) -> Key {
        let index = self.names.iter().position(|known| *known == name).unwrap_or_else(|| {
            self.names.push(name);
            self.names.len() - 1
        });
        let key = if canonical { Key::canonical(name) } else { Key::new(name) };
        key.numbered(index)
    }

    /// The key of a sub-attribute. In a complex multi-valued attribute, a simple element counts as its own `value`:
    /// `emails.value` of `["a@example.com"]` is `a@example.com` (F17).
    fn sub_key(&mut self, attribute: &'a Attribute, sub: &'a Attribute) -> Key {
        let mut key = self.key(&sub.name, true);
        key.is_element_value = attribute.is_element_value(sub);
        key
    }

    /// The key of a name that no schema defines. The name `password` is an error, because it counts as secret (S1).
    fn untyped(&mut self, name: &'a str, span: Span) -> Compiled<Key> {
        if name.eq_ignore_ascii_case(SECRET) { Err(never_returned(name, span)) } else { Ok(self.key(name, false)) }
    }

    fn find(&mut self, path: &'a AttrPath<'_>, scope: Scope<'a>) -> Compiled<ResolvedPath<'a>> {
        if matches!(scope, Scope::Resource) {
            return self.find_in_resource(path);
        }
        let mut found = self.sub(path.name(), path.span(), scope)?;
        if let Some(sub) = path.sub_attribute() {
            if matches!(found.kind, PathKind::Known(_)) {
                let message = format!("`{}` has no sub-attributes", path.name());
                return Err(CompileFault::new(path.span(), message));
            }
            found.keys.push(self.untyped(sub, path.span())?);
        }
        Ok(found)
    }

    /// Resolves a name inside brackets.
    fn sub(&mut self, name: &'a str, span: Span, scope: Scope<'a>) -> Compiled<ResolvedPath<'a>> {
        let is_value = name.eq_ignore_ascii_case("value");
        match scope {
            Scope::Element(attribute) if !attribute.is_complex() => {
                if !is_value {
                    let message =
                        format!("the elements of `{}` are simple: they answer to the name `value`", attribute.name);
                    return Err(CompileFault::new(span, message));
                }
                let mut key = self.key("value", false);
                key.is_element_value = true;
                Ok(ResolvedPath::new(vec![key], PathKind::Known(attribute)))
            }
            Scope::Element(attribute) => match attribute.sub_attribute(name) {
                Some(sub) => {
                    check_returned(sub, span)?;
                    Ok(ResolvedPath {
                        owner: Some(attribute),
                        ..ResolvedPath::new(vec![self.sub_key(attribute, sub)], PathKind::Known(sub))
                    })
                }
                None if self.is_open => Ok(ResolvedPath::new(vec![self.untyped(name, span)?], PathKind::Untyped)),
                None => Err(CompileFault::unknown(span, unknown_sub(attribute, name))),
            },
            Scope::Resource | Scope::Untyped => {
                let mut key = self.untyped(name, span)?;
                key.is_element_value = is_value;
                Ok(ResolvedPath::new(vec![key], PathKind::Untyped))
            }
        }
    }

    fn find_in_resource(&mut self, path: &'a AttrPath<'_>) -> Compiled<ResolvedPath<'a>> {
        let resource_type = self.resource_type;
        let target = match resource_type.look_up_read(path, self.tolerance) {
            Ok(Some(Resolution { target, read_as })) => {
                // The canonical form is not a path if the URN of the schema has characters that no path can have. In
                // that case the filter keeps the path as written.
                if !read_as.is_empty()
                    && let Some(canonical) = attr_path(&target.to_string())
                {
                    self.rewrites.push((path.span(), Rewrite::Path(canonical.into_owned())));
                }
                target
            }
            Ok(None) => {
                let names = [path.uri(), Some(path.name()), path.sub_attribute()];
                let names = names.into_iter().flatten().filter(|name| !name.is_empty());
                let keys = names.map(|name| self.untyped(name, path.span())).collect::<Compiled<_>>()?;
                return Ok(ResolvedPath::new(keys, PathKind::Untyped));
            }
            Err(unresolved) => return Err(CompileFault::unknown(path.span(), unresolved.explain(resource_type, path))),
        };
        match target {
            Resolved::Attribute { extension, attribute, sub_attribute } => {
                check_returned(attribute, path.span())?;
                let count = 1 + usize::from(extension.is_some()) + usize::from(sub_attribute.is_some());
                let mut keys = Vec::with_capacity(count);
                if let Some(extension) = extension {
                    keys.push(self.key(&extension.id, true));
                }
                keys.push(self.key(&attribute.name, true));
                if let Some(sub) = sub_attribute {
                    check_returned(sub, path.span())?;
                    keys.push(self.sub_key(attribute, sub));
                }
                let owner = sub_attribute.map(|_| attribute);
                Ok(ResolvedPath {
                    owner,
                    ..ResolvedPath::new(keys, PathKind::Known(sub_attribute.unwrap_or(attribute)))
                })
            }
            Resolved::Extension(schema) => {
                Ok(ResolvedPath::new(vec![self.key(&schema.id, true)], PathKind::Extension(schema)))
            }
            Resolved::Core(urn) => {
                let message = format!("`{urn}` is the core schema: name one of its attributes");
                Err(CompileFault::new(path.span(), message))
            }
        }
    }

    fn test(&mut self, named: ResolvedPath<'a>, test: &Test<'_>, span: Span) -> Compiled<PathTest> {
        let ResolvedPath { mut keys, mut kind, owner } = named;
        let Test::Compare { op, op_span, value, value_span } = test else {
            return Ok(PathTest { keys: keys.into(), check: Check::Present(kind.visible()) });
        };
        if matches!(value, Literal::Null) {
            if let PathKind::Known(attribute) = kind {
                check_operator(attribute, *op, *op_span)?;
                self.note_literal(attribute, value, *value_span);
            }
            let check = match op {
                CompareOp::Eq => Check::Unassigned(kind.visible()),
                CompareOp::Ne => Check::Assigned(kind.visible()),
                _ => Check::Never,
            };
            return Ok(PathTest { keys: keys.into(), check });
        }
        // A complex attribute that is named alone, and has a sub-attribute `value`, means that `value` (F10).
        if let PathKind::Known(attribute) = kind
            && attribute.is_complex()
            && let Some(value) = attribute.sub_attribute("value")
        {
            check_returned(value, span)?;
            keys.push(self.sub_key(attribute, value));
            kind = PathKind::Known(value);
        }
        let check = match kind {
            PathKind::Known(attribute) if !attribute.is_complex() => {
                let meant = self.meant(attribute, value, *value_span);
                if meant.is_none() {
                    self.note_literal(attribute, value, *value_span);
                }
                let value = meant.as_ref().unwrap_or(value);
                let check = typed(attribute, *op, *op_span, value, *value_span)?;
                let is_primary = owner.is_some_and(|owner| owner.is_false_if_absent(attribute));
                if is_primary { check.of_primary() } else { check }
            }
            PathKind::Known(_) | PathKind::Extension(_) => {
                let message = "is complex and has no `value`: only `pr`, `eq null` and `ne null` can be asked of it";
                return Err(CompileFault::new(span, format!("this attribute {message}; name a sub-attribute")));
            }
            PathKind::Untyped => untyped(*op, value),
        };
        Ok(PathTest { keys: keys.into(), check })
    }

    /// The literal that a loosely written one means for an attribute. Under `boolean_strings`, `"True"` is a boolean if the
    /// attribute holds booleans (F9). Under `bare_words`, an unquoted number or boolean is its text if the attribute holds
    /// text: `userName eq 5` compares with `"5"` (T9).
    fn meant(&mut self, attribute: &'a Attribute, value: &Literal<'_>, span: Span) -> Option<Literal<'static>> {
        use AttrType::{Binary, Boolean, DateTime, Reference, String};
        let mut kind = "bare_words";
        let literal = match (attribute.attr_type, value) {
            (Boolean, Literal::String(text)) if self.tolerance.boolean_strings && !self.is_bare(span) => {
                kind = "boolean_strings";
                Literal::Bool(parse_bool(text)?)
            }
            (String | Reference | Binary | DateTime, Literal::Number(number)) if self.tolerance.bare_words => {
                Literal::String(Cow::Owned(number.as_str().to_owned()))
            }
            (String | Reference | Binary | DateTime, Literal::Bool(value)) if self.tolerance.bare_words => {
                let (word, written) = (value.to_string(), span.slice(self.text));
                let text = if written.eq_ignore_ascii_case(&word) { written.to_owned() } else { word };
                Literal::String(Cow::Owned(text))
            }
            _ => return None,
        };
        self.rewrites.push((span, Rewrite::Literal(literal.clone())));
        self.read_as.push((attribute, kind));
        Some(literal)
    }

    /// Whether a literal was written without quotes. If its text is not known, as for a tree that was made in code, it was
    /// not.
    fn is_bare(&self, span: Span) -> bool {
        let written = span.slice(self.text);
        !written.is_empty() && !written.starts_with('"')
    }

    /// Notes that a literal was written loosely, though the tree does not show it.
    fn note_literal(&mut self, attribute: &'a Attribute, value: &Literal<'_>, span: Span) {
        let written = span.slice(self.text);
        let kind = match value {
            Literal::String(_) if self.is_bare(span) => "bare_words",
            Literal::Null | Literal::Bool(_) if written.contains(|c: char| c.is_ascii_uppercase()) => "literal_case",
            _ => return,
        };
        self.read_as.push((attribute, kind));
    }
}

/// Refuses a filter on an attribute that is never returned, since its matches would reveal the value (F13).
fn check_returned(attribute: &Attribute, span: Span) -> Compiled<()> {
    if attribute.is_never_returned() { Err(never_returned(&attribute.name, span)) } else { Ok(()) }
}

fn never_returned(name: &str, span: Span) -> CompileFault {
    CompileFault {
        is_secret: true,
        ..CompileFault::new(span, format!("`{name}` is never returned and so cannot be filtered on"))
    }
}

/// Refuses an operator that the type of the attribute does not have, whatever the literal is (F9, D3).
fn check_operator(attribute: &Attribute, op: CompareOp, span: Span) -> Compiled<()> {
    let attr_type = attribute.attr_type;
    let forbidden = match attr_type {
        AttrType::Boolean => op.is_ordering() || op.is_substring(),
        AttrType::Binary => op.is_ordering(),
        AttrType::Integer | AttrType::Decimal => op.is_substring(),
        _ => false,
    };
    if !forbidden {
        return Ok(());
    }
    let message = format!("`{op}` cannot be used for `{}`, which is of type {}", attribute.name, attr_type.as_str());
    Err(CompileFault::new(span, message))
}

/// Compiles a comparison on an attribute of known type (F9).
fn typed(
    attribute: &Attribute,
    op: CompareOp,
    op_span: Span,
    value: &Literal<'_>,
    value_span: Span,
) -> Compiled<Check> {
    let attr_type = attribute.attr_type;
    check_operator(attribute, op, op_span)?;
    let mismatch = || {
        let name = &attribute.name;
        let message = format!("`{name}` is of type {}: expected {}", attr_type.as_str(), attr_type.expected());
        Err(CompileFault { is_literal: true, ..CompileFault::new(value_span, message) })
    };
    let comparison = match (attr_type, value) {
        (AttrType::Boolean, Literal::Bool(value)) => Comparison::Bool(*value),
        (AttrType::Integer | AttrType::Decimal, Literal::Number(number)) => Comparison::number(op, number.as_str()),
        (AttrType::DateTime, Literal::String(text)) if op.is_substring() => Comparison::date_text(op, text),
        (AttrType::DateTime, Literal::String(text)) => match Comparison::instant(op, text) {
            Some(comparison) => comparison,
            None => return mismatch(),
        },
        (AttrType::String | AttrType::Reference | AttrType::Binary, Literal::String(text)) => {
            Comparison::text(op, text, TextRule::of(attribute))
        }
        _ => return mismatch(),
    };
    Ok(Check::of(op, Some(comparison)))
}

/// Reads `true` or `false` in any case.
pub(crate) fn parse_bool(text: &str) -> Option<bool> {
    if text.eq_ignore_ascii_case("true") {
        Some(true)
    } else if text.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

/// Compiles a comparison on an attribute that no schema defines: the literal gives the type, and case is ignored (F5, F9).
fn untyped(op: CompareOp, value: &Literal<'_>) -> Check {
    let comparison = match value {
        Literal::String(text) => Some(Comparison::text(op, text, TextRule::Folded)),
        Literal::Number(number) if !op.is_substring() => Some(Comparison::number(op, number.as_str())),
        Literal::Bool(value) if !op.is_ordering() && !op.is_substring() => Some(Comparison::Bool(*value)),
        _ => None,
    };
    Check::of(op, comparison)
}

/// Collects the `eq` terms that every match satisfies, each as path and literal. Terms below `or` and `not` are not among
/// them.
pub(crate) fn equalities<'e>(expr: &'e Expr<'static>, found: &mut Vec<(Cow<'e, str>, &'e Literal<'static>)>) {
    match expr {
        Expr::And(terms) => terms.iter().for_each(|term| equalities(term, found)),
        Expr::Attr(AttrExp { path, test }) => push_equality(Cow::Borrowed(path.as_str()), test, found),
        Expr::ValuePath(ValuePath { path, filter, then, .. }) => {
            let mut inner = Vec::new();
            equalities(filter, &mut inner);
            let full = |sub: &str| Cow::Owned(format!("{path}.{sub}"));
            found.extend(inner.into_iter().map(|(sub, literal)| (full(&sub), literal)));
            if let Some(then) = then {
                push_equality(full(&then.sub_attribute), &then.test, found);
            }
        }
        Expr::Or(_) | Expr::Not(_) => {}
    }
}

fn push_equality<'e>(
    path: Cow<'e, str>,
    test: &'e Test<'static>,
    found: &mut Vec<(Cow<'e, str>, &'e Literal<'static>)>,
) {
    if let Test::Compare { op: CompareOp::Eq, value, .. } = test
        && !matches!(value, Literal::Null)
    {
        found.push((path, value));
    }
}
