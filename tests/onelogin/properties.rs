use proptest::prelude::*;
use scim_engine::onelogin::{
    Escape, LintOptions, PeopleFormat, Person, RenderOptions, Template, Unset, lint, lint_with,
};
use scim_engine::{Options, ResourceType};
use serde_json::{Map, Value};

use super::chance::config;

/// Pieces of templates, right and wrong, in any order.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{"),
        Just("}"),
        Just("["),
        Just("]"),
        Just(","),
        Just(":"),
        Just("\""),
        Just("\\"),
        Just("{$"),
        Just("\n"),
        Just("{$user.email}"),
        Just("{$usr.emial}"),
        Just("\"userName\":"),
        Just("\"emails\":"),
        Just("\"value\""),
        Just("true"),
        Just("null"),
        Just("-1.5e3"),
        Just("//"),
        Just("/*"),
        Just("\u{201c}"),
        Just("é"),
        Just("\t"),
        Just("\"{$user.active}\""),
        Just("{$user.active}"),
        Just("'"),
        Just("\\u00e9"),
        Just("\\ud800"),
    ];
    prop_oneof![proptest::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat()), any::<String>(),]
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("schemas"),
        Just("userName"),
        Just("username"),
        Just("name"),
        Just("givenName"),
        Just("emails"),
        Just("value"),
        Just("type"),
        Just("primary"),
        Just("active"),
        Just("id"),
        Just("meta"),
        Just("manager"),
        Just("managerId"),
        Just("department"),
        Just("title"),
        Just("titel"),
        Just("groups"),
        Just("x509Certificates"),
        Just("profileUrl"),
        Just("addresses"),
        Just("{$user.email}"),
        Just("a.b"),
        Just(""),
        Just("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"),
        Just("urn:scim:schemas:extension:enterprise:1.0"),
        Just("urn:ietf:params:scim:schemas:core:2.0:User"),
    ]
    .prop_map(str::to_owned)
}

fn string() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("{$user.active}"),
        Just("{$user.firstname} {$user.lastname}"),
        Just("{$parameters.title}"),
        Just(""),
        Just(" "),
        Just("true"),
        Just("5"),
        Just("{$user.emial}"),
        Just("{$user.email"),
        Just("{user.email}"),
        Just("{$user.status}"),
        Just("urn:ietf:params:scim:schemas:core:2.0:User"),
        Just("urn:scim:schemas:core:1.0"),
        Just("x \"y\" \\"),
        Just("{\"value\": \"x\"}"),
        Just("{$parameters.a}{$parameters.b}"),
    ]
    .prop_map(str::to_owned)
}

/// JSON that looks like a resource, or hardly.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i32>().prop_map(Value::from),
        string().prop_map(Value::String),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            proptest::collection::vec((name(), inner), 0..6).prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

fn template() -> impl Strategy<Value = Value> {
    proptest::collection::vec((name(), value()), 0..8).prop_map(|members| Value::Object(Map::from_iter(members)))
}

fn person() -> impl Strategy<Value = Person> {
    let names = prop_oneof![
        Just("firstname"),
        Just("lastname"),
        Just("email"),
        Just("active"),
        Just("status"),
        Just("parameters.title"),
        Just("parameters.a"),
        Just("parameters.b"),
        Just("custom_fields.x"),
    ];
    proptest::collection::vec((names, any::<String>()), 0..8).prop_map(|values| {
        let mut person = Person::new();
        for (name, value) in values {
            person.set(name, &value).unwrap();
        }
        person
    })
}

fn has_macro_in_a_name(value: &Value) -> bool {
    match value {
        Value::Array(elements) => elements.iter().any(has_macro_in_a_name),
        Value::Object(members) => members.iter().any(|(name, value)| name.contains("{$") || has_macro_in_a_name(value)),
        _ => false,
    }
}

proptest! {
    #![proptest_config(config(512))]

    #[test]
    fn any_text_is_read_without_panic(text in text(), person in person()) {
        let found = lint(&text, &ResourceType::user());
        for problem in found.problems() {
            prop_assert!(problem.span().end <= text.len());
            prop_assert!(text.is_char_boundary(problem.span().start) && text.is_char_boundary(problem.span().end));
        }
        match Template::parse(&text) {
            Ok(template) => {
                prop_assert!(found.corrected().is_some());
                let _ = template.render(&person);
            }
            Err(error) => prop_assert!(!found.is_clean(), "{error}"),
        }
    }

    #[test]
    fn people_are_read_without_panic(text in any::<String>(), csv in "(firstname|email|custom_fields.x|[a-z,;\"\r\n ]){0,20}") {
        for text in [text, csv] {
            for format in [PeopleFormat::Csv, PeopleFormat::Json, PeopleFormat::guess(text.as_bytes())] {
                let _ = Person::read_all(text.as_bytes(), format);
            }
        }
    }

    #[test]
    fn every_person_renders_as_json(template in template(), person in person()) {
        // Two of those may come to be one.
        if has_macro_in_a_name(&template) {
            return Ok(());
        }
        let text = template.to_string();
        let parsed = Template::parse(&text).unwrap();
        for unset in [Unset::Empty, Unset::Null, Unset::NullText, Unset::Keep] {
            let rendered = parsed.render_with(&person, &RenderOptions::default().unset(unset)).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Value>(&rendered.text).unwrap(), &rendered.value);
            prop_assert!(rendered.unescaped.is_empty());
        }
        // Raw values may break it, but never unnoticed.
        if let Ok(raw) = parsed.render_with(&person, &RenderOptions::default().escape(Escape::Raw)) {
            let escaped = parsed.render(&person).unwrap();
            prop_assert!(raw.value == escaped.value || !raw.unescaped.is_empty());
        }
    }

    #[test]
    fn a_corrected_template_stays_corrected(template in template(), is_bare in any::<bool>(), is_strict in any::<bool>()) {
        let server = if is_strict { Options::strict() } else { Options::default() };
        let options = LintOptions::default().bare_booleans(is_bare).server(server);
        let found = lint_with(&template.to_string(), &ResourceType::user(), &options);
        let Some(corrected) = found.corrected() else { return Ok(()) };
        let again = lint_with(corrected, &ResourceType::user(), &options);
        let left: Vec<_> = again.problems().iter().filter(|problem| problem.is_cured()).collect();
        prop_assert!(left.is_empty(), "{template}\n{corrected}\n{left:?}");
        prop_assert_eq!(again.corrected(), Some(corrected));
        // All that a fault of the engine's may come of has been named.
        let parsed = Template::parse(corrected);
        prop_assert!(parsed.is_ok() || !again.is_clean(), "{corrected}");
    }
}
