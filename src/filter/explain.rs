//! Explains why a document matches or not: every clause with its truth, and the values that it was evaluated on.

use std::fmt;

use serde_json::{Map, Number, Value};

use super::evaluate::{any_value, at_path, element_holds, test_holds};
use super::node::{AnyElement, Node, PathTest};
use super::plan::Plan;
use crate::document::{Document, Key, NumberView, ValueKind, View};
use crate::schema::{Attribute, Resolved, ResourceType};
use crate::syntax::{AttrPath, Expr, Span, ValuePath};

/// One clause of a filter, whether it holds for a document, and the values that it was evaluated on. Explanations are
/// meant to be read by people.
///
/// An explanation is small whatever the document's size, and has no secrets. It shows at most 5 elements of an
/// attribute and 100 values of a clause. A text is cut after 1,000 characters and then ends in `…`.
///
/// ```
/// use scim_engine::{Filter, ResourceType};
/// use serde_json::json;
/// let filter: Filter = r#"title pr and emails[type eq "work"]"#.parse()?;
/// let matcher = filter.compile(&ResourceType::user())?;
/// let explanation = matcher.explain(&json!({"title": "Guide", "emails": [{"type": "home"}]}))?;
/// assert!(!explanation.holds());
/// assert_eq!(
///     explanation.to_string(),
///     r#"no  and
/// yes   title pr
/// no    emails[type eq "work"]
/// no      element 0
/// no        type eq "work""#
/// );
/// let [title, emails] = explanation.children() else { panic!() };
/// assert_eq!(title.values(), [json!("Guide")]);
/// let home = &emails.children()[0];
/// assert_eq!(home.element(), Some(0));
/// assert_eq!(home.children()[0].attribute(), Some("emails.type"));
/// assert_eq!(home.children()[0].values(), [json!("home")]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Explanation {
    pub(crate) clause: String,
    pub(crate) span: Span,
    pub(crate) holds: bool,
    pub(crate) attribute: Option<String>,
    pub(crate) values: Vec<Value>,
    pub(crate) element: Option<usize>,
    pub(crate) children: Vec<Explanation>,
    pub(crate) more: usize,
}

/// The most elements of an attribute that are explained.
const ELEMENTS: usize = 5;

/// The most values that are kept of a clause, and of a list within a value.
const VALUES: usize = 100;

/// The most characters that are kept of a text.
const CHARACTERS: usize = 1_000;

impl Explanation {
    /// Explains by walking the tree of the filter and the plan side by side. Both have the same shape.
    pub(super) fn new<D: Document>(plan: &Plan, document: &D) -> Result<Self, D::Error> {
        Explainer { resource_type: &plan.resource_type, within: None }.clause(plan.filter.expr(), &plan.root, document)
    }

    /// The clause as canonical text: `and`, `or`, `not`, or a test or value path in full. For an element of a list it
    /// is `element` and the position in the list: `element 0`.
    pub fn clause(&self) -> &str {
        &self.clause
    }

    /// The byte range of the clause in the filter's text. For an element, it is the range of the value path.
    pub fn span(&self) -> Span {
        self.span
    }

    /// Whether the clause holds or, for an element, whether the value path selects the element.
    pub fn holds(&self) -> bool {
        self.holds
    }

    /// The attribute of a test or value path, in the schema's spelling: `userName`, `emails.type`. `None` for `and`, `or`,
    /// `not` and an element.
    pub fn attribute(&self) -> Option<&str> {
        self.attribute.as_deref()
    }

    /// The values that a test was evaluated on; empty if the attribute is unassigned. A complex value has only the
    /// sub-attributes that its schema defines, without those that are never returned. If no schema defines the
    /// attribute, a complex value is shown as an empty object. Only tests have values, and at most the first 100.
    pub fn values(&self) -> &[Value] {
        &self.values
    }

    /// The position of an element in its list, counted from 0. `None` if this clause is not an element.
    pub fn element(&self) -> Option<usize> {
        self.element
    }

    /// The parts of the clause. The parts of a value path are elements of its attribute, at most 5: the first that
    /// match or, if none does, the first of the list. The parts of an element are the tests in the brackets, evaluated
    /// on that element. An unassigned element never holds, even if all of its parts do.
    pub fn children(&self) -> &[Explanation] {
        &self.children
    }

    /// The number of elements that [`Explanation::children`] leaves out, because it has at most 5.
    pub fn more(&self) -> usize {
        self.more
    }

    fn write(&self, depth: usize, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mark, indent) = (if self.holds { "yes" } else { "no " }, depth * 2);
        write!(f, "{mark} {:indent$}{}", "", self.clause)?;
        for child in &self.children {
            f.write_str("\n")?;
            child.write(depth + 1, f)?;
        }
        if self.more == 0 { Ok(()) } else { write!(f, "\n      {:indent$}and {} more", "", self.more) }
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(0, f)
    }
}

/// Explains the clauses of the filter. If `within` is set, they are the clauses in the brackets of that attribute.
#[derive(Clone, Copy)]
struct Explainer<'a> {
    resource_type: &'a ResourceType,
    within: Option<&'a ClauseAttribute<'a>>,
}

/// An attribute, and the attributes that its complex values may have.
struct ClauseAttribute<'a> {
    name: String,
    members: &'a [Attribute],
}

impl ClauseAttribute<'_> {
    fn sub(&self, name: &str) -> Self {
        let found = self.members.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name));
        let name = found.map_or(name, |sub| &sub.name);
        Self { name: format!("{}.{name}", self.name), members: found.map_or(&[], |sub| &sub.sub_attributes) }
    }

    fn test<D: Document>(
        self,
        clause: String,
        span: Span,
        test: &PathTest,
        document: &D,
    ) -> Result<Explanation, D::Error> {
        let mut values = Vec::new();
        at_path(document, &test.keys, None, &mut |end| collect(end, self.members, &mut values))?;
        let holds = test_holds(test, document, None)?;
        Ok(Explanation { clause, span, holds, attribute: Some(self.name), values, ..Explanation::default() })
    }
}

impl<'a> Explainer<'a> {
    fn clause<D: Document>(self, expr: &Expr<'_>, node: &Node, document: &D) -> Result<Explanation, D::Error> {
        let (clause, holds, children) = match (expr, node) {
            (Expr::And(terms), Node::And(nodes)) => {
                let children = self.clauses(terms, nodes, document)?;
                ("and", children.iter().all(Explanation::holds), children)
            }
            (Expr::Or(terms), Node::Or(any)) => {
                let children = self.clauses(terms, any.terms(), document)?;
                ("or", children.iter().any(Explanation::holds), children)
            }
            (Expr::Not(not), Node::Not(inner)) => {
                let child = self.clause(&not.expr, inner, document)?;
                ("not", !child.holds, vec![child])
            }
            (Expr::ValuePath(path), Node::Any(any)) => return self.elements(expr.to_string(), path, any, document),
            (Expr::Attr(exp), Node::Test(test)) => {
                return self.named(&exp.path).test(expr.to_string(), expr.span(), test, document);
            }
            // The plan has the shape of the tree, so there is no other case.
            _ => ("", false, Vec::new()),
        };
        Ok(Explanation { clause: clause.to_owned(), span: expr.span(), holds, children, ..Explanation::default() })
    }

    fn clauses<D: Document>(
        self,
        terms: &[Expr<'_>],
        nodes: &[Node],
        document: &D,
    ) -> Result<Vec<Explanation>, D::Error> {
        terms.iter().zip(nodes).map(|(term, node)| self.clause(term, node, document)).collect()
    }

    fn named(self, path: &AttrPath<'_>) -> ClauseAttribute<'a> {
        if let Some(outer) = self.within {
            return outer.sub(path.name());
        }
        match self.resource_type.resolve(path) {
            Some(resolved) => ClauseAttribute {
                name: resolved.to_string(),
                members: match resolved {
                    Resolved::Core(_) => &[],
                    Resolved::Extension(schema) => &schema.attributes,
                    Resolved::Attribute { attribute, sub_attribute, .. } => {
                        &sub_attribute.unwrap_or(attribute).sub_attributes
                    }
                },
            },
            None => ClauseAttribute { name: path.as_str().to_owned(), members: &[] },
        }
    }

    fn elements<D: Document>(
        self,
        clause: String,
        path: &ValuePath<'_>,
        any: &AnyElement,
        document: &D,
    ) -> Result<Explanation, D::Error> {
        let named = self.named(&path.path);
        let inside = Explainer { within: Some(&named), ..self };
        let (mut children, mut index, mut count, mut matching) = (Vec::new(), 0, 0, 0);
        let mut visit = |element: &D| {
            let at = index;
            index += 1;
            if element.kind()? == ValueKind::Null {
                return Ok(false);
            }
            count += 1;
            if children.len() >= ELEMENTS && matching >= ELEMENTS {
                return Ok(false);
            }
            let holds = element_holds(any, element)?;
            matching += usize::from(holds);
            if holds || children.len() < ELEMENTS {
                children.push(Explanation {
                    clause: format!("element {at}"),
                    span: path.span,
                    holds,
                    element: Some(at),
                    children: inside.parts(path, any, element)?,
                    ..Explanation::default()
                });
            }
            Ok(false)
        };
        at_path(document, &any.keys, None, &mut |end| any_value(end, 0, &mut visit))?;
        let holds = matching > 0;
        if holds && count > ELEMENTS {
            children.retain(Explanation::holds);
        }
        children.truncate(ELEMENTS);
        let more = count - children.len();
        let attribute = Some(named.name);
        Ok(Explanation { clause, span: path.span, holds, attribute, children, more, ..Explanation::default() })
    }

    /// Explains the tests in the brackets of `emails[type eq "work"].value eq "x"`, and the test after the brackets if
    /// there is one. The element is selected if all of these tests hold.
    fn parts<D: Document>(
        self,
        path: &ValuePath<'_>,
        any: &AnyElement,
        element: &D,
    ) -> Result<Vec<Explanation>, D::Error> {
        let (node, then) = match (&path.then, &*any.node) {
            (Some(then), Node::And(both)) => match &**both {
                [node, Node::Test(test)] => (node, Some((then, test))),
                _ => (&*any.node, None),
            },
            (_, node) => (node, None),
        };
        let mut parts = match (&*path.filter, node) {
            (Expr::And(terms), Node::And(nodes)) => self.clauses(terms, nodes, element)?,
            (one, node) => vec![self.clause(one, node, element)?],
        };
        if let (Some((then, test)), Some(outer)) = (then, self.within) {
            let clause = format!("{} {}", then.sub_attribute, then.test);
            parts.push(outer.sub(&then.sub_attribute).test(clause, then.span.to(then.test.span()), test, element)?);
        }
        Ok(parts)
    }
}

/// Adds a value or, for a list, its elements. Returns true once there are [`VALUES`] values, so that no more are read.
fn collect<D: Document>(end: &D, members: &[Attribute], values: &mut Vec<Value>) -> Result<bool, D::Error> {
    let mut push = |value: &D| {
        values.extend(shown(value, members)?);
        Ok(values.len() >= VALUES)
    };
    match end.kind()? {
        ValueKind::Array => end.any_element(&mut push),
        _ => push(end),
    }
}

/// A value as it is shown; `None` for `null`, and for a simple value that is as secret as the `value` for which it stands
/// (F17). An object keeps only the attributes that are in `members`. The function recurses no deeper than the schema does.
fn shown<D: Document>(value: &D, members: &[Attribute]) -> Result<Option<Value>, D::Error> {
    let is_secret = |sub: &Attribute| sub.name.eq_ignore_ascii_case("value") && sub.is_never_returned();
    Ok(Some(match value.view()? {
        View::Null => return Ok(None),
        View::Bool(_) | View::Number(_) | View::String(_) if members.iter().any(is_secret) => return Ok(None),
        View::Bool(value) => Value::Bool(value),
        View::Number(NumberView::Integer(integer)) => number(&integer.to_string()),
        View::Number(NumberView::Text(text)) => number(&text),
        View::String(text) => cut(&text),
        // The elements of a list within a list are not shown: SCIM has no such lists, and a hostile document could nest
        // them without end.
        View::Array => Value::Array(Vec::new()),
        View::Object => {
            let mut object = Map::new();
            for attribute in members.iter().filter(|attribute| !attribute.is_never_returned()) {
                // The index is `usize::MAX`, because the filter does not read this name and so gives it no index.
                let Some(member) = value.member(&Key::canonical(&attribute.name))? else { continue };
                let mut values = Vec::new();
                collect(&member, &attribute.sub_attributes, &mut values)?;
                if member.kind()? == ValueKind::Array {
                    object.insert(attribute.name.clone(), Value::Array(values));
                } else if let Some(value) = values.pop() {
                    object.insert(attribute.name.clone(), value);
                }
            }
            Value::Object(object)
        }
    }))
}

/// Reads a number. If `serde_json` cannot hold the number, or the text is too long to be kept, the result is a string.
fn number(text: &str) -> Value {
    match text.parse::<Number>() {
        Ok(number) if text.len() <= CHARACTERS => Value::Number(number),
        _ => cut(text),
    }
}

fn cut(text: &str) -> Value {
    match text.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
        None => text.into(),
    }
}

#[cfg(all(test, feature = "scan"))]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing)]
    use serde_json::{Value, json};

    use super::Explanation;
    use crate::scan::RawDocument;
    use crate::schema::{ResourceType, Schema};
    use crate::syntax::Filter;

    /// Explains the filter for a value, and checks that the same document as JSON text gives the same explanation.
    fn explained(resource_type: &ResourceType, filter: &str, document: &Value) -> Explanation {
        let matcher = filter.parse::<Filter>().unwrap().compile(resource_type).unwrap();
        let explanation = matcher.explain(document).unwrap();
        assert_eq!(explanation.holds(), matcher.matches(document).unwrap());
        let text = document.to_string();
        assert_eq!(matcher.explain(RawDocument::new(text.as_bytes()).unwrap()).unwrap(), explanation);
        explanation
    }

    #[test]
    fn elements_by_their_position() {
        let emails = json!([null, {"type": "home", "value": "a"}, {}, {"type": "work", "value": "b", "x": 1}]);
        let filter = "emails[type eq \"work\" and not (value pr)].value sw \"b\"";
        let found = explained(&ResourceType::user(), filter, &json!({"emails": emails}));
        assert_eq!(
            found.to_string(),
            format!(
                "\
no  {filter}
no    element 1
no      type eq \"work\"
no      not
yes       value pr
no      value sw \"b\"
no    element 2
no      type eq \"work\"
yes     not
no        value pr
no      value sw \"b\"
no    element 3
yes     type eq \"work\"
no      not
yes       value pr
yes     value sw \"b\""
            )
        );
        let parts = found.children()[2].children();
        assert_eq!((parts[2].attribute(), parts[2].values()), (Some("emails.value"), &[json!("b")][..]));
        assert_eq!(parts[2].span().slice(filter), "value sw \"b\"");
    }

    #[test]
    fn bounds() {
        let members: Vec<_> = (0..1_000).map(|i| json!({"value": format!("u{i}")})).collect();
        let group = json!({"displayName": "é".repeat(2_000), "members": members});
        let found = explained(&ResourceType::group(), "members[value ew \"00\"]", &group);
        let elements: Vec<_> = found.children().iter().filter_map(Explanation::element).collect();
        assert_eq!((elements, found.more()), (vec![100, 200, 300, 400, 500], 995));
        assert!(found.to_string().ends_with("\n      and 995 more"), "{found}");
        assert_eq!(explained(&ResourceType::group(), "members[value eq \"x\"]", &group).children().len(), 5);
        assert_eq!(explained(&ResourceType::group(), "members pr", &group).values().len(), 100);
        let name = explained(&ResourceType::group(), "displayName pr", &group);
        assert_eq!(name.values(), [json!(format!("{}…", "é".repeat(1_000)))]);
    }

    #[test]
    fn no_secrets() {
        let schema = |id: &str, attributes: Value| {
            Schema::from_value(&json!({"id": id, "name": id, "attributes": attributes})).unwrap()
        };
        let drawers =
            json!([{"name": "value"}, {"name": "tags", "multiValued": true}, {"name": "code", "returned": "never"}]);
        let drawers = json!({"name": "drawers", "type": "complex", "multiValued": true, "subAttributes": drawers});
        let extra = json!([drawers, {"name": "pin", "mutability": "writeOnly"}]);
        let lock = json!([{"name": "value", "returned": "never"}, {"name": "maker"}]);
        let lock = json!({"name": "lock", "type": "complex", "subAttributes": lock});
        let core = schema("urn:example:Vault", json!([drawers, lock]));
        let vault = ResourceType::from_schemas("Vault", core, vec![schema("urn:example:Extra", extra)]).unwrap();
        let drawers = json!([{"value": "v", "tags": ["t", ["u"]], "code": "secret", "other": "secret"}]);
        let shown = json!([{"value": "v", "tags": ["t", []]}]);
        let extra = json!({"drawers": drawers, "pin": "secret"});
        let document = json!({"drawers": drawers, "lock": "secret", "urn:example:Extra": extra});
        for filter in ["drawers pr", "drawers eq null", "not (drawers pr)", "lock pr", "lock eq null"] {
            let found = format!("{:?}", explained(&vault, filter, &document));
            assert!(!found.contains("secret"), "{found}");
        }
        assert_eq!(explained(&vault, "drawers pr", &document).values(), shown.as_array().unwrap().as_slice());
        let found = explained(&vault, "urn:example:Extra pr", &document);
        assert_eq!((found.attribute(), found.values()), (Some("urn:example:Extra"), &[json!({"drawers": shown})][..]));
        assert_eq!(explained(&ResourceType::any(), "nick pr", &json!({"nick": {"a": 1}})).values(), [json!({})]);
    }
}
