//! One JSON value in many spellings: blanks, escapes and the order of members change, the meaning does not.

use serde_json::Value;

/// A sequence of numbers that a seed decides.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below `sides`.
    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % sides
    }
}

/// Writes a value in a spelling that the dice decide.
pub fn spell(value: &Value, dice: &mut Dice) -> String {
    let mut out = String::new();
    blanks(&mut out, dice);
    write(value, dice, &mut out);
    blanks(&mut out, dice);
    out
}

fn blanks(out: &mut String, dice: &mut Dice) {
    match dice.roll(4) {
        0 => (0..dice.roll(4)).for_each(|_| out.push([' ', '\n', '\t', '\r'][dice.roll(4)])),
        1 if dice.roll(4) == 0 => {
            out.push('\n');
            out.push_str(&" ".repeat(dice.roll(40)));
        }
        _ => {}
    }
}

fn string(text: &str, dice: &mut Dice, out: &mut String) {
    if dice.roll(3) > 0 {
        out.push_str(&Value::from(text).to_string());
        return;
    }
    out.push('"');
    for c in text.chars() {
        if dice.roll(3) == 0 {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let digits = format!("{unit:04x}");
                out.push_str("\\u");
                out.push_str(&if dice.roll(2) == 0 { digits } else { digits.to_uppercase() });
            }
        } else if c == '/' {
            out.push_str("\\/");
        } else {
            let quoted = Value::from(c.to_string()).to_string();
            out.push_str(&quoted[1..quoted.len() - 1]);
        }
    }
    out.push('"');
}

fn list<T>(items: impl Iterator<Item = T>, dice: &mut Dice, out: &mut String, f: impl Fn(T, &mut Dice, &mut String)) {
    for (at, item) in items.enumerate() {
        if at > 0 {
            out.push(',');
        }
        blanks(out, dice);
        f(item, dice, out);
        blanks(out, dice);
    }
}

fn write(value: &Value, dice: &mut Dice, out: &mut String) {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => out.push_str(&value.to_string()),
        Value::String(text) => string(text, dice, out),
        Value::Array(elements) => {
            out.push('[');
            blanks(out, dice);
            list(elements.iter(), dice, out, write);
            out.push(']');
        }
        Value::Object(members) => {
            out.push('{');
            blanks(out, dice);
            let mut members: Vec<_> = members.iter().collect();
            // The order of names that differ in case alone counts.
            if !has_twins(value) {
                for at in (1..members.len()).rev() {
                    members.swap(at, dice.roll(at + 1));
                }
            }
            list(members.into_iter(), dice, out, |(name, value), dice, out| {
                string(name, dice, out);
                blanks(out, dice);
                out.push(':');
                blanks(out, dice);
                write(value, dice, out);
            });
            out.push('}');
        }
    }
}

/// Whether an object has names that differ in case alone.
fn has_twins(value: &Value) -> bool {
    let Value::Object(members) = value else { return false };
    let mut names: Vec<_> = members.keys().map(|name| name.to_ascii_lowercase()).collect();
    names.sort();
    names.windows(2).any(|pair| pair[0] == pair[1])
}

/// Whether some object in a value has names that differ in case alone.
pub fn has_twins_within(value: &Value) -> bool {
    match value {
        Value::Array(elements) => elements.iter().any(has_twins_within),
        Value::Object(members) => has_twins(value) || members.values().any(has_twins_within),
        _ => false,
    }
}
