//! PATCH requests in every form that clients have, each with what it names.

use std::fmt;

use proptest::prelude::*;
use proptest::strategy::Union;
use scim_engine::schema::{Attribute, Mutability};
use scim_engine::{Options, Patch, PatchError, ResourceType, UnknownMembers, UnknownPaths};
use serde_json::{Map, Value, json};

use super::super::patches::request;
use super::values::{pool, sent, sent_one, subs};
use super::world::{TYPES, WEIGHTS, containers, resource, rough};

/// The target of a path or a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The URN of the extension, none for the core schema.
    pub container: Option<String>,
    /// The attribute in the schema's spelling; none for a whole extension.
    pub attribute: Option<String>,
    pub filter: Option<String>,
    pub sub: Option<String>,
}

/// An operation that names one thing: one with a path, or one member of a value without a path.
#[derive(Debug, Clone)]
pub struct Named {
    #[allow(dead_code, reason = "for a law about what is not named")]
    pub op: &'static str,
    pub target: Target,
    pub value: Option<Value>,
}

/// A trial: a resource, a request, and how it is read.
#[derive(Clone)]
pub struct Case {
    pub kind: usize,
    pub stored: Value,
    pub body: Value,
    pub names: Vec<Named>,
    pub strict: bool,
    pub unknown: UnknownMembers,
    pub unknown_paths: UnknownPaths,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { stored, body, .. } = self;
        let how = format!("strict: {}, unknown: {:?}, paths: {:?}", self.strict, self.unknown, self.unknown_paths);
        write!(f, "{} ({how})\n  stored {stored}\n  operations {}\n", self.kind().name(), body["Operations"])
    }
}

impl Case {
    pub fn kind(&self) -> &'static ResourceType {
        &TYPES[self.kind]
    }

    pub fn options(&self) -> Options {
        let options = if self.strict { Options::strict() } else { Options::default() };
        options.unknown(self.unknown).unknown_paths(self.unknown_paths)
    }

    pub fn patch(&self) -> Result<Patch, PatchError> {
        Patch::parse_with(&self.body, &self.options())
    }

    /// The resource and the outcome, if the request succeeds.
    pub fn applied(&self) -> Option<(Value, scim_engine::Outcome)> {
        let mut resource = self.stored.clone();
        let outcome = self.patch().ok()?.apply(&mut resource, self.kind()).ok()?;
        Some((resource, outcome))
    }
}

fn literal(sub: &Attribute) -> BoxedStrategy<String> {
    prop::sample::select(pool(sub)).prop_map(|value| value.to_string()).boxed()
}

/// A filter in brackets after an attribute.
fn filter(attribute: &Attribute) -> BoxedStrategy<String> {
    let mut simple = attribute.clone();
    "value".clone_into(&mut simple.name);
    let subs = if attribute.is_complex() { subs(attribute) } else { vec![simple] };
    let mut tests: Vec<(u32, BoxedStrategy<String>)> = Vec::new();
    for sub in &subs {
        let weight = match sub.name.as_str() {
            _ if sub.is_never_returned() => 1,
            "value" => 24,
            "type" | "city" => 12,
            _ => 4,
        };
        let operators: &[&str] = match sub.attr_type.as_str() {
            "boolean" => &["eq", "EQ", "ne"],
            "integer" | "decimal" => &["eq", "ne", "gt", "le"],
            _ => &["eq", "eq", "eq", "eq", "eq", "ne", "sw", "co", "EQ"],
        };
        let name = sub.name.clone();
        let test =
            (prop::sample::select(operators), literal(sub)).prop_map(move |(op, value)| format!("{name} {op} {value}"));
        tests.push((weight, test.boxed()));
        tests.push((1, Just(format!("{} pr", sub.name)).boxed()));
    }
    let test = Union::new_weighted(tests);
    prop_oneof![
        8 => test.clone(),
        3 => (test.clone(), test.clone()).prop_map(|(a, b)| format!("{a} and {b}")),
        1 => (test.clone(), test.clone()).prop_map(|(a, b)| format!("{a} or {b}")),
        1 => test.prop_map(|a| format!("not ({a})")),
    ]
    .boxed()
}

/// A path or key, what it means, and a value for it.
type Part = (String, Target, Value);

fn parts_of(attribute: &Attribute, container: Option<&str>, prefixes: Vec<String>) -> BoxedStrategy<Part> {
    let name = attribute.name.clone();
    let spelled = if name.starts_with('$') {
        vec![name.clone()]
    } else {
        vec![name.clone(), name.clone(), name.clone(), name.to_uppercase()]
    };
    let before = (prop::sample::select(prefixes), prop::sample::select(spelled))
        .prop_map(|(prefix, name)| prefix + &name)
        .boxed();
    let target = Target { container: container.map(str::to_owned), attribute: Some(name), filter: None, sub: None };
    let mut forms: Vec<(u32, BoxedStrategy<Part>)> = Vec::new();
    let whole = target.clone();
    forms.push((
        5,
        (before.clone(), sent(attribute)).prop_map(move |(path, value)| (path, whole.clone(), value)).boxed(),
    ));
    let in_brackets = attribute.multi_valued || attribute.is_complex();
    if in_brackets {
        let mut element = attribute.clone();
        element.multi_valued = false;
        let target = target.clone();
        let value = prop_oneof![4 => sent_one(&element), 1 => sent(&element)];
        forms.push((
            3,
            (before.clone(), filter(attribute), value)
                .prop_map(move |(path, filter, value)| {
                    let target = Target { filter: Some(filter.clone()), ..target.clone() };
                    (format!("{path}[{filter}]"), target, value)
                })
                .boxed(),
        ));
    }
    for sub in &subs(attribute) {
        let name = sub.name.clone();
        let weight = if attribute.sub_attributes.len() > 6 { 1 } else { 2 };
        let (plain, chosen) = (target.clone(), target.clone());
        let sub_name = name.clone();
        forms.push((
            weight,
            (before.clone(), sent(sub))
                .prop_map(move |(path, value)| {
                    let target = Target { sub: Some(name.clone()), ..plain.clone() };
                    (format!("{path}.{name}"), target, value)
                })
                .boxed(),
        ));
        if attribute.multi_valued {
            forms.push((
                weight,
                (before.clone(), filter(attribute), sent(sub))
                    .prop_map(move |(path, filter, value)| {
                        let target =
                            Target { sub: Some(sub_name.clone()), filter: Some(filter.clone()), ..chosen.clone() };
                        (format!("{path}[{filter}].{sub_name}"), target, value)
                    })
                    .boxed(),
            ));
        }
    }
    Union::new_weighted(forms).boxed()
}

/// The parts that can be named in a resource of this type, or in one container alone, relative to it.
fn parts(kind: &ResourceType, inside: Option<&str>) -> BoxedStrategy<Part> {
    let all = containers(kind);
    let bare = |name: &str| {
        all.iter().filter(|(_, attributes)| attributes.iter().any(|other| other.name == name)).count() == 1
    };
    let mut choices = Vec::new();
    for (container, attributes) in &all {
        for attribute in attributes {
            let weight = match attribute.name.as_str() {
                "id" | "meta" => 1,
                _ if attribute.mutability == Mutability::ReadOnly => 1,
                _ if attribute.is_complex() => 12,
                _ => 4,
            };
            let prefixes = match (container.as_deref(), inside) {
                (Some(urn), Some(inside)) if urn == inside => vec![String::new()],
                (_, Some(_)) => continue,
                (None, None) => {
                    let core = format!("{}:", kind.schema().id);
                    vec![String::new(), String::new(), String::new(), core]
                }
                (Some(urn), None) => {
                    let mut prefixes = vec![
                        format!("{urn}:"),
                        format!("{urn}:"),
                        format!("{urn}:"),
                        format!("{urn}:"),
                        format!("{urn}."),
                    ];
                    if bare(&attribute.name) {
                        prefixes.push(String::new());
                    }
                    prefixes
                }
            };
            choices.push((weight, parts_of(attribute, container.as_deref(), prefixes)));
        }
    }
    Union::new_weighted(choices).boxed()
}

/// An operation as JSON with what it names.
type Operation = (Value, Vec<Named>);

fn with_path(op: &'static str, (path, target, value): Part) -> Operation {
    let json = json!({"op": op, "path": path, "value": value});
    (json, vec![Named { op, target, value: Some(value) }])
}

fn without_value(op: &'static str, (path, target, _): Part) -> Operation {
    (json!({"op": op, "path": path}), vec![Named { op, target, value: None }])
}

/// An object whose members are these.
fn members(op: &'static str, parts: Vec<Part>) -> Operation {
    let mut value = Map::new();
    let mut names = Vec::new();
    for (path, target, inner) in parts {
        if !value.contains_key(&path) {
            value.insert(path, inner.clone());
            names.push(Named { op, target, value: Some(inner) });
        }
    }
    (value.into(), names)
}

fn write_op() -> impl Strategy<Value = &'static str> + Clone {
    prop::sample::select(vec!["add", "replace"])
}

/// Operations on this type; only `add` if so asked, or only `remove`.
pub fn operation(kind: &ResourceType, ops: Ops) -> BoxedStrategy<Operation> {
    let parts = parts(kind, None);
    let write: BoxedStrategy<&'static str> = match ops {
        Ops::Add => Just("add").boxed(),
        _ => write_op().boxed(),
    };
    let removal = prop_oneof![
        3 => parts.clone().prop_map(|part| without_value("remove", part)),
        3 => parts.clone().prop_map(|part| with_path("remove", part)),
    ];
    if matches!(ops, Ops::Remove) {
        return removal.boxed();
    }
    let path = (write.clone(), parts.clone()).prop_map(|(op, part)| with_path(op, part));
    let pathless = (write.clone(), prop::collection::vec(parts, 1..4), 0..20_u8).prop_map(|(op, parts, how)| {
        let (mut value, names) = members(op, parts);
        match how {
            0 => value = value.to_string().into(),
            1 => value["shoe"] = json!(44),
            2 => value["id"] = "u1".into(),
            3 => value["meta"] = json!({"version": "x"}),
            4 => value["schemas"] = json!([super::world::LEASE]),
            _ => {}
        }
        (json!({"op": op, "value": value}), names)
    });
    let mut choices = vec![(24, path.boxed()), (12, pathless.boxed())];
    for extension in kind.extensions() {
        let urn = extension.id.clone();
        let inner = super::requests::parts(kind, Some(&urn));
        let whole = Target { container: Some(urn.clone()), attribute: None, filter: None, sub: None };
        let object = (write.clone(), prop::collection::vec(inner, 1..4), 0..3_u8).prop_map(move |(op, parts, how)| {
            let (value, names) = members(op, parts);
            let value = if how == 0 && value.to_string().len() % 5 == 0 { value.to_string().into() } else { value };
            let json = match how {
                0 | 1 => json!({"op": op, "path": urn, "value": value}),
                _ => json!({"op": op, "value": {urn.clone(): value}}),
            };
            (json, names)
        });
        choices.push((4, object.boxed()));
        if matches!(ops, Ops::All) {
            let named = vec![Named { op: "remove", target: whole, value: None }];
            let weight = if kind.is_required(extension) { 1 } else { 4 };
            choices.push((weight, Just((json!({"op": "remove", "path": extension.id}), named)).boxed()));
        }
    }
    if matches!(ops, Ops::All) {
        choices.push((16, removal.boxed()));
    }
    Union::new_weighted(choices).boxed()
}

#[derive(Debug, Clone, Copy)]
pub enum Ops {
    All,
    Add,
    Remove,
}

/// Operations on the list of URNs: what they name are the extensions.
fn of_schemas(kind: &ResourceType, ops: Ops) -> BoxedStrategy<Operation> {
    let core = kind.schema().id.clone();
    let extensions: Vec<String> = kind.extensions().map(|extension| extension.id.clone()).collect();
    let urns: Vec<String> = std::iter::once(core).chain(extensions.clone()).collect();
    let mut paths = vec!["schemas".to_owned(), "schemas".to_owned(), "SCHEMAS".to_owned()];
    paths.extend(urns.iter().map(|urn| format!("schemas[value eq \"{urn}\"]")));
    let mut values =
        vec![json!(urns), json!(urns[..1]), json!(urns[..urns.len() - 1]), json!(["urn:x"]), json!([]), Value::Null];
    values.extend(urns.iter().flat_map(|urn| [json!([urn]), json!(urn)]));
    let op = match ops {
        Ops::Add => vec!["add"],
        Ops::Remove => vec!["remove"],
        Ops::All => vec!["add", "remove", "replace"],
    };
    let all = (
        prop::sample::select(op),
        prop::sample::select(paths),
        prop::option::weighted(0.7, prop::sample::select(values)),
    );
    all.prop_map(move |(op, path, value)| {
        let mut json = json!({"op": op, "path": path});
        if let Some(value) = &value {
            json["value"] = value.clone();
        }
        let whole = |urn: &String| Target { container: Some(urn.clone()), attribute: None, filter: None, sub: None };
        let schemas = Target { container: None, attribute: Some("schemas".to_owned()), filter: None, sub: None };
        let targets = std::iter::once(schemas).chain(extensions.iter().filter(|_| op != "add").map(whole));
        (json, targets.map(|target| Named { op, target, value: value.clone() }).collect())
    })
    .boxed()
}

/// Operations on what no schema knows.
fn of_nothing(ops: Ops) -> BoxedStrategy<Operation> {
    let paths = [
        "shoe",
        "shoe.size",
        "lock.shoe",
        "shelves[shoe eq 1]",
        "users[value eq \"u1\"].shoe",
        "urn:x:y:shoe",
        "urn:x:y",
        "shoe[size eq 1]",
        "a b",
    ];
    let op = match ops {
        Ops::Add => vec!["add"],
        Ops::Remove => vec!["remove"],
        Ops::All => vec!["add", "remove", "replace"],
    };
    let value = prop::sample::select(vec![json!(44), json!({"size": 44}), json!(["a"]), Value::Null]);
    let all = (prop::sample::select(op), prop::sample::select(paths.to_vec()), value, any::<bool>());
    all.prop_map(|(op, path, value, is_pathless)| {
        let is_pathless = is_pathless && op != "remove";
        let json = if is_pathless {
            json!({"op": op, "value": {path: value}})
        } else {
            json!({"op": op, "path": path, "value": value})
        };
        // Unknown members that are kept are kept within the attribute that they name.
        let within = path.split(['.', '[']).next().filter(|name| ["lock", "shelves", "users"].contains(name));
        let target = within.map(|name| Target {
            container: None,
            attribute: Some(name.to_owned()),
            filter: None,
            sub: Some("shoe".to_owned()),
        });
        (json, target.map(|target| Named { op, target, value: Some(value) }).into_iter().collect())
    })
    .boxed()
}

fn policies() -> impl Strategy<Value = (bool, UnknownMembers, UnknownPaths)> {
    let unknown = prop_oneof![6 => Just(UnknownMembers::Ignore), 3 => Just(UnknownMembers::Keep), 1 => Just(UnknownMembers::Reject)];
    let paths = prop_oneof![3 => Just(UnknownPaths::Reject), 1 => Just(UnknownPaths::Ignore)];
    (prop::bool::weighted(0.25), unknown, paths)
}

/// A resource and a request for it.
pub fn case(ops: Ops) -> BoxedStrategy<Case> {
    let of = |(at, kind): (usize, &ResourceType)| {
        let count = prop_oneof![6 => Just(1_usize), 3 => Just(2), 1 => Just(3)];
        let operation = prop_oneof![60 => operation(kind, ops), 3 => of_schemas(kind, ops), 1 => of_nothing(ops)];
        let operations = count.prop_flat_map(move |count| prop::collection::vec(operation.clone(), count));
        let case = (resource(kind), operations, policies()).prop_map(
            move |(stored, operations, (strict, unknown, unknown_paths))| {
                let (operations, names): (Vec<Value>, Vec<Vec<Named>>) = operations.into_iter().unzip();
                Case {
                    kind: at,
                    stored,
                    body: request(&operations),
                    names: names.concat(),
                    strict,
                    unknown,
                    unknown_paths,
                }
            },
        );
        (WEIGHTS[at], case.boxed())
    };
    Union::new_weighted(TYPES.iter().enumerate().map(of).collect()).boxed()
}

/// The same, where the resource may be stored in rough shape.
pub fn rough_case(ops: Ops) -> BoxedStrategy<Case> {
    (case(ops), any::<u64>(), any::<bool>())
        .prop_map(|(mut case, seed, is_rough)| {
            if is_rough {
                case.stored = rough(case.kind(), &case.stored, seed);
            }
            case
        })
        .boxed()
}
