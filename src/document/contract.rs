//! Checks the requirements on implementations of [`Document`].

use serde_json::{Value, json};

use super::{Document, Key, NumberView, View};

/// An object with two spellings of one name (F14).
const SPELLINGS: &str = r#"{"USERNAME":1,"userName":2}"#;

/// JSON texts that together cover everything that an implementation of [`Document`] must handle. Check each of them by
/// [`check_contract`].
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

/// Checks an implementation of [`Document`]. `document` must be the JSON of `text` in that implementation. Call this in
/// the tests of an implementation, for each text of [`contract_samples`] and for your own texts.
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
/// A description of the first difference, for people: its place in the document, what was expected, and what was found.
pub fn check_contract<D: Document>(text: &str, document: &D) -> Result<(), String> {
    let expected: Value = serde_json::from_str(text).map_err(|error| format!("the text is not readable: {error}"))?;
    let place = DocumentPath::default();
    same(document, &expected, &place)?;
    if text == SPELLINGS {
        // The member in the schema's spelling counts. If there is no such member, the first one in any case counts.
        let asked = "`member` of `userName` beside `USERNAME`, the schema's spelling being `userName`";
        let found = place.member(document, &Key::canonical("userName"))?;
        let found = found.as_ref().map_or(Ok("nothing".to_owned()), |found| place.seen(found))?;
        if found != "the number `2`" {
            return Err(place.differs(asked, "the number `2`", &found));
        }
    }
    let Value::Object(members) = &expected else { return Ok(()) };
    for (name, value) in members.iter().filter(|(name, _)| name.is_ascii() && !name.is_empty()) {
        let is_only = members.keys().filter(|other| other.eq_ignore_ascii_case(name)).count() == 1;
        let other = swapped(name);
        for key in [Key::canonical(&other), Key::new(&other)] {
            if is_only && place.member(document, &key)?.is_none() {
                let asked = format!("`member` of `{other}`, which is `{name}` in another case");
                return Err(place.differs(&asked, &shown(value), "nothing"));
            }
        }
        let part = name.get(..name.len() - 1).unwrap_or_default();
        let is_name = members.keys().any(|other| other.eq_ignore_ascii_case(part));
        if !is_name && let Some(found) = place.member(document, &Key::new(part))? {
            let asked = format!("`member` of `{part}`, which is only a part of `{name}`");
            return Err(place.differs(&asked, "nothing", &place.seen(&found)?));
        }
    }
    Ok(())
}

/// The name with its case swapped.
fn swapped(name: &str) -> String {
    let swap = |c: char| if c.is_ascii_lowercase() { c.to_ascii_uppercase() } else { c.to_ascii_lowercase() };
    name.chars().map(swap).collect()
}

/// A place in a document, such as `emails[1].value`. Empty for the document itself.
#[derive(Default)]
struct DocumentPath(String);

impl DocumentPath {
    fn below(&self, name: &str) -> Self {
        let dot = if self.0.is_empty() { "" } else { "." };
        Self(format!("{}{dot}{name}", self.0))
    }

    fn at(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    fn differs(&self, asked: &str, expected: &str, found: &str) -> String {
        let place = if self.0.is_empty() { "the document".to_owned() } else { format!("`{}`", self.0) };
        format!("{place}: {asked}: expected {expected}, found {found}")
    }

    fn failed(&self, asked: &str) -> String {
        self.differs(asked, "no error", "one")
    }

    fn member<D: Document>(&self, document: &D, key: &Key) -> Result<Option<D>, String> {
        document.member(key).map_err(|_| self.failed(&format!("`member` of `{}`", key.name())))
    }

    /// The value that the implementation returns, in words.
    fn seen<D: Document>(&self, document: &D) -> Result<String, String> {
        document.view().map(|view| seen(&view)).map_err(|_| self.failed("`view`"))
    }
}

/// The start of a text, if it is long.
fn cut(text: &str) -> String {
    let start: String = text.chars().take(60).collect();
    if start.len() < text.len() { format!("{start}…") } else { start }
}

fn seen(view: &View<'_>) -> String {
    match view {
        View::Null => "`null`".to_owned(),
        View::Bool(value) => format!("`{value}`"),
        View::Number(NumberView::Integer(value)) => format!("the number `{value}`"),
        View::Number(NumberView::Text(text)) => format!("the number `{}`", cut(text)),
        View::String(text) => format!("the string `{}`", cut(text)),
        View::Array => "an array".to_owned(),
        View::Object => "an object".to_owned(),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Array(elements) => format!("an array of {}", elements.len()),
        Value::Object(members) => format!("an object of {}", members.len()),
        Value::Number(number) => format!("the number `{number}`"),
        Value::String(text) => format!("the string `{}`", cut(text)),
        simple => format!("`{simple}`"),
    }
}

fn same<D: Document>(document: &D, expected: &Value, place: &DocumentPath) -> Result<(), String> {
    let fail = |asked: &str, expected: &str, found: &str| Err(place.differs(asked, expected, found));
    let view = document.view().map_err(|_| place.failed("`view`"))?;
    let fits = match (&view, expected) {
        (View::Null, Value::Null) | (View::Array, Value::Array(_)) | (View::Object, Value::Object(_)) => true,
        (View::Bool(a), Value::Bool(b)) => a == b,
        (View::String(a), Value::String(b)) => a == b,
        (View::Number(NumberView::Integer(a)), Value::Number(b)) => a.to_string() == b.to_string(),
        (View::Number(NumberView::Text(a)), Value::Number(b)) => a.parse::<f64>().ok() == b.as_f64(),
        _ => false,
    };
    if !fits {
        return fail("`view`", &shown(expected), &seen(&view));
    }
    let kind = document.kind().map_err(|_| place.failed("`kind`"))?;
    if kind != view.kind() {
        return fail("`kind`", &format!("that of `view`, `{:?}`", view.kind()), &format!("`{kind:?}`"));
    }
    let text = document.text().map_err(|_| place.failed("`text`"))?;
    if text.as_deref() != expected.as_str() {
        let named = |text: Option<&str>| text.map_or("none".to_owned(), |text| format!("`{}`", cut(text)));
        return fail("`text`", &named(expected.as_str()), &named(text.as_deref()));
    }
    let elements = expected.as_array().map_or(&[][..], Vec::as_slice);
    let counted = |count: usize| if count == 1 { "1 visit".to_owned() } else { format!("{count} visits") };
    let mut wrong = Ok(());
    let mut seen = 0;
    let walked = document.any_element(&mut |element| {
        wrong = elements.get(seen).map_or(Ok(()), |value| same(element, value, &place.at(seen)));
        seen += 1;
        Ok(wrong.is_err())
    });
    wrong?;
    let all = "false, since no element was said to be the one";
    match walked {
        Err(_) => return Err(place.failed("`any_element`")),
        Ok(true) => return fail("`any_element`", all, "true"),
        Ok(false) if seen != elements.len() => {
            return fail("`any_element`", &counted(elements.len()), &counted(seen));
        }
        Ok(false) => {}
    }
    let mut seen = 0;
    let stopped = document.any_element(&mut |_| {
        seen += 1;
        Ok(true)
    });
    let stopped = stopped.map_err(|_| place.failed("`any_element`"))?;
    if stopped == elements.is_empty() || seen > 1 {
        let expected = if elements.is_empty() { "false without a visit" } else { "true after the first visit" };
        return fail("`any_element` that is told to stop", expected, &format!("{stopped} after {}", counted(seen)));
    }
    let members = expected.as_object();
    let mut seen = 0;
    let mut unknown = None;
    let walked = document.any_member(&mut |name, _| {
        seen += 1;
        if !members.is_some_and(|members| members.contains_key(name)) {
            unknown = Some(name.to_owned());
        }
        Ok(false)
    });
    if let Some(name) = unknown {
        return fail("`any_member`", "the names of the members", &format!("`{}`", cut(&name)));
    }
    let count = members.map_or(0, serde_json::Map::len);
    match walked {
        Err(_) => return Err(place.failed("`any_member`")),
        Ok(true) => return fail("`any_member`", "false, since no member was said to be the one", "true"),
        Ok(false) if seen != count => return fail("`any_member`", &counted(count), &counted(seen)),
        Ok(false) => {}
    }
    for (name, value) in members.into_iter().flatten() {
        match place.member(document, &Key::canonical(name))? {
            Some(found) => same(&found, value, &place.below(name))?,
            None => return fail(&format!("`member` of `{name}`"), &shown(value), "nothing"),
        }
    }
    match place.member(document, &Key::canonical("noSuchName"))? {
        None => Ok(()),
        Some(found) => fail("`member` of `noSuchName`", "nothing", &place.seen(&found)?),
    }
}
