//! What every implementation of [`Document`] must do, as code.

use serde_json::{Value, json};

use super::{Document, Key, NumberView, View};

/// Checks an implementation of [`Document`]: `make` turns JSON text into a handle on it, which is compared with what
/// `serde_json` reads from that text. For the tests of a representation.
///
/// ```
/// use serde_json::Value;
/// scim_engine::document::check_contract(|text, check| {
///     let value: Value = serde_json::from_str(text).unwrap();
///     check(&&value)
/// })
/// .unwrap();
/// ```
///
/// # Errors
/// What differs, for people.
pub fn check_contract<D: Document>(
    mut make: impl FnMut(&str, &mut dyn FnMut(&D) -> Result<(), String>) -> Result<(), String>,
) -> Result<(), String> {
    let samples = [
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(1.5),
        json!(9_007_199_254_740_993_u64),
        json!(u64::MAX),
        json!(""),
        json!("bjensen"),
        json!("quote \" backslash \\ \u{1F600} \u{0}"),
        json!([]),
        json!({}),
        json!([1, [2, {"a": null}], "x"]),
        json!({"userName": "bjensen", "name": {"givenName": "Barbara"}, "emails": [{"value": "x"}, {"value": "y"}]}),
        json!({"$ref": 1, "": 2, "\u{e9}": 3}),
    ];
    for sample in samples {
        let text = sample.to_string();
        make(&text, &mut |document| same(document, &sample, &text))?;
    }
    // F14: the schema's spelling counts, else the first in the order of the text; then any case.
    let spellings = r#"{"USERNAME": 1, "userName": 2}"#;
    make(spellings, &mut |document| {
        let canonical = member(document, &Key::canonical("userName", 0), spellings)?;
        expect_integer(canonical.as_ref(), 2, spellings)
    })?;
    make(r#"{"NickName": 1}"#, &mut |document| {
        let found = member(document, &Key::canonical("nickName", 0), "NickName")?;
        expect_integer(found.as_ref(), 1, "NickName")?;
        match member(document, &Key::new("nick", 0), "nick")? {
            None => Ok(()),
            Some(_) => Err("a member was found by a part of its name".to_owned()),
        }
    })
}

fn member<D: Document>(document: &D, key: &Key, at: &str) -> Result<Option<D>, String> {
    document.member(key).map_err(|_| format!("{at}: `member` failed"))
}

fn expect_integer<D: Document>(document: Option<&D>, expected: i128, at: &str) -> Result<(), String> {
    match document.map(Document::view) {
        Some(Ok(View::Number(NumberView::Integer(found)))) if found == expected => Ok(()),
        _ => Err(format!("{at}: expected {expected}")),
    }
}

fn same<D: Document>(document: &D, expected: &Value, at: &str) -> Result<(), String> {
    let fail = |what: &str| Err(format!("{at}: {what}"));
    let view = document.view().map_err(|_| format!("{at}: `view` failed"))?;
    let fits = match (&view, expected) {
        (View::Null, Value::Null) | (View::Array, Value::Array(_)) | (View::Object, Value::Object(_)) => true,
        (View::Bool(a), Value::Bool(b)) => a == b,
        (View::String(a), Value::String(b)) => a == b,
        (View::Number(NumberView::Integer(a)), Value::Number(b)) => a.to_string() == b.to_string(),
        (View::Number(NumberView::Text(a)), Value::Number(b)) => a.parse::<f64>().ok() == b.as_f64(),
        _ => false,
    };
    if !fits {
        return fail("`view` is of another value");
    }
    let elements = expected.as_array().map_or(&[][..], Vec::as_slice);
    let mut wrong = Ok(());
    let mut seen = 0;
    let walked = document.any_element(&mut |element| {
        wrong = elements.get(seen).map_or_else(|| fail("too many elements"), |value| same(element, value, at));
        seen += 1;
        Ok(wrong.is_err())
    });
    wrong?;
    if !matches!(walked, Ok(false)) || seen != elements.len() {
        return fail("`any_element` must visit each element in order");
    }
    let stopped = document.any_element(&mut |_| Ok(true));
    if !matches!(stopped, Ok(found) if found != elements.is_empty()) {
        return fail("`any_element` must stop at the first true");
    }
    let members = expected.as_object();
    let mut seen = 0;
    let walked = document.any_member(&mut |_| {
        seen += 1;
        Ok(false)
    });
    if !matches!(walked, Ok(false)) || seen != members.map_or(0, serde_json::Map::len) {
        return fail("`any_member` must visit each member");
    }
    for (name, value) in members.into_iter().flatten() {
        match member(document, &Key::new(name, 0), at)? {
            Some(found) => same(&found, value, at)?,
            None => return fail("`member` found nothing"),
        }
    }
    match member(document, &Key::canonical("noSuchName", 0), at)? {
        None => Ok(()),
        Some(_) => fail("`member` found what is not there"),
    }
}
