use scim_engine::ResourceType;
use scim_engine::onelogin::{PeopleFormat, Person, RenderOptions, Template, Unset};
use serde_json::{Value, json};

use super::cases::{load, meaning};

fn unset(name: &str) -> Unset {
    match name {
        "empty" => Unset::Empty,
        "null" => Unset::Null,
        "null_text" => Unset::NullText,
        "keep" => Unset::Keep,
        "error" => Unset::Error,
        other => panic!("unknown `unset`: {other}"),
    }
}

#[test]
fn cases_of_rendering() {
    let mut cases = load("onelogin/render");
    cases.extend(meaning(&["onelogin_render"]));
    for case in &cases {
        let known = [
            "name",
            "rows",
            "kind",
            "template",
            "person",
            "unset",
            "raw",
            "text",
            "unset_macros",
            "unescaped",
            "error",
        ];
        assert!(case["kind"] == "onelogin_render" && case.keys().all(|key| known.contains(&key.as_str())), "{case:?}");
        let name = &case["name"];
        let mut options = RenderOptions::default();
        if let Some(what) = case.get("unset") {
            options = options.unset(unset(what.as_str().unwrap()));
        }
        if case.get("raw") == Some(&json!(true)) {
            options = options.escape(scim_engine::onelogin::Escape::Raw);
        }
        let template = Template::parse(case["template"].as_str().unwrap()).unwrap();
        let person = Person::from_value(&case["person"]).unwrap();
        match (template.render_with(&person, &options), case.get("error")) {
            (Ok(rendered), None) => {
                assert_eq!(rendered.text, case["text"].as_str().unwrap(), "{name}");
                assert_eq!(rendered.value, serde_json::from_str::<Value>(&rendered.text).unwrap(), "{name}");
                let empty = json!([]);
                assert_eq!(json!(rendered.unset), *case.get("unset_macros").unwrap_or(&empty), "{name}");
                assert_eq!(json!(rendered.unescaped), *case.get("unescaped").unwrap_or(&empty), "{name}");
            }
            (Err(error), Some(expected)) => {
                assert!(error.to_string().contains(expected.as_str().unwrap()), "{name}: {error}");
            }
            (result, _) => panic!("{name}: {result:?}"),
        }
    }
}

/// The seed guide: what OneLogin sends is what the engine stores.
#[test]
fn from_template_to_resource() {
    let template = Template::parse(include_str!("seed.json")).unwrap();
    let people = Person::read_all(include_bytes!("people.csv"), PeopleFormat::Csv).unwrap();
    let same = Person::read_all(include_bytes!("people.json"), PeopleFormat::Json).unwrap();
    let bodies = |people: &[Person]| -> Vec<Value> {
        people.iter().map(|person| template.render(person).unwrap().value).collect()
    };
    let sent = bodies(&people);
    assert_eq!(sent, bodies(&same));
    let written = ResourceType::user().create(&sent[1]).unwrap();
    assert_eq!(
        written.resource,
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "active": false,
            "emails": [{"value": "bo.ek@lumen.example", "type": "work", "primary": true}],
            "name": {"familyName": "Ek, Jr.", "givenName": "Bo", "formatted": "Bo Ek, Jr."},
            "userName": "bo.ek@lumen.example",
        })
    );
}

#[test]
fn hostile_templates() {
    // Limits, each with its message.
    let long = format!("{{\"a\": \"{}\"}}", "x".repeat(Template::MAX_BYTES));
    assert!(Template::parse(&long).unwrap_err().message().contains("too long"));
    let deep = format!("{{\"a\": {}", "[".repeat(1_000));
    assert!(Template::parse(&deep).unwrap_err().message().contains("too deep"));
    let crowded: Vec<String> = (0..2_000).map(|index| format!("\"a{index}\": 1")).collect();
    assert!(Template::parse(&format!("{{{}}}", crowded.join(","))).unwrap_err().message().contains("too many members"));
    let bomb = format!("{{\"a\": [{}\"\"]}}", "\"{$user.email}\",".repeat(20_000));
    let person = Person::new().with("email", &"x".repeat(100_000)).unwrap();
    let error = Template::parse(&bomb).unwrap().render(&person).unwrap_err();
    assert!(error.message().contains("too long"), "{error}");
}
