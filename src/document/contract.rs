//! What every implementation of [`Document`] must do, as code.

use serde_json::{Value, json};

use super::{Document, Key, NumberView, View};

/// Two spellings of one name (F14).
const SPELLINGS: &str = r#"{"USERNAME":1,"userName":2}"#;

/// JSON texts that together show all that a representation must handle; see [`check_contract`].
pub fn contract_samples() -> Vec<String> {
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
        json!(r#"{"noSuchName": 1}"#),
        json!([]),
        json!({}),
        json!([1, [2, {"a": null}], "x"]),
        json!({"userName": "bjensen", "name": {"givenName": "Barbara"}, "emails": [{"value": "x"}, {"value": "y"}]}),
        json!({"$ref": 1, "": 2, "\u{e9}": 3}),
        json!({"NickName": 1}),
    ];
    samples.iter().map(Value::to_string).chain([SPELLINGS.to_owned()]).collect()
}

/// Checks an implementation of [`Document`]: `document` must be a handle on the JSON in `text`. For the tests of a
/// representation, on each of [`contract_samples`] and on texts of their own.
///
/// ```
/// use scim_engine::document::{check_contract, contract_samples};
/// use serde_json::Value;
/// for text in contract_samples() {
///     let value: Value = serde_json::from_str(&text).unwrap();
///     check_contract(&text, &&value).unwrap();
/// }
/// ```
///
/// # Errors
/// What differs, for people.
pub fn check_contract<D: Document>(text: &str, document: &D) -> Result<(), String> {
    let expected: Value = serde_json::from_str(text).map_err(|error| format!("{text}: {error}"))?;
    same(document, &expected, text)?;
    if text == SPELLINGS {
        // The schema's spelling counts, else any case.
        let canonical = member(document, &Key::canonical("userName", 0), text)?;
        expect_integer(canonical.as_ref(), 2, text)?;
    }
    let Value::Object(members) = &expected else { return Ok(()) };
    for name in members.keys().filter(|name| name.is_ascii() && !name.is_empty()) {
        let is_only = members.keys().filter(|other| other.eq_ignore_ascii_case(name)).count() == 1;
        for key in [Key::canonical(&swapped(name), 0), Key::new(&swapped(name), 0)] {
            if is_only && member(document, &key, text)?.is_none() {
                return Err(format!("{text}: `member` must find `{name}` in any case"));
            }
        }
        let part = name.get(..name.len() - 1).unwrap_or_default();
        let is_name = members.keys().any(|other| other.eq_ignore_ascii_case(part));
        if !is_name && member(document, &Key::new(part, 0), text)?.is_some() {
            return Err(format!("{text}: `member` found `{name}` by a part of its name"));
        }
    }
    Ok(())
}

/// The same name in the other case.
fn swapped(name: &str) -> String {
    let swap = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    name.chars().map(swap).collect()
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
    if !matches!(document.shape(), Ok(shape) if shape == view.shape()) {
        return fail("`shape` is not that of `view`");
    }
    if !matches!(document.text(), Ok(text) if text.as_deref() == expected.as_str()) {
        return fail("`text` is not that of `view`");
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
        match member(document, &Key::canonical(name, 0), at)? {
            Some(found) => same(&found, value, at)?,
            None => return fail("`member` found nothing"),
        }
    }
    match member(document, &Key::canonical("noSuchName", 0), at)? {
        None => Ok(()),
        Some(_) => fail("`member` found what is not there"),
    }
}
