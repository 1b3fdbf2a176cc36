//! Users as JSON text, one on each line.

use std::ops::Range;

use serde_json::Value;

use super::{Rng, user};

/// The first members of a user, in this order. The others follow sorted by name, as in a `serde_json::Map`.
const ORDER: [&str; 8] = ["schemas", "id", "externalId", "userName", "name", "displayName", "title", "userType"];

/// Documents as one text, one on each line.
pub struct Corpus {
    pub text: Vec<u8>,
    pub lines: Vec<Range<usize>>,
}

impl Corpus {
    /// The users of [`users`](super::users), made one at a time, because their `Value`s need six times the memory.
    pub fn new(count: usize) -> Self {
        let mut corpus = Self { text: Vec::new(), lines: Vec::new() };
        let mut rng = Rng::new(super::SEED);
        for index in 0..count {
            let start = corpus.text.len();
            corpus.write(&user(&mut rng, index));
            corpus.lines.push(start..corpus.text.len());
            corpus.text.push(b'\n');
        }
        corpus
    }

    /// Splits a text without blank lines.
    pub fn read(text: Vec<u8>) -> Self {
        let mut lines: Vec<Range<usize>> = Vec::new();
        for (end, _) in text.iter().enumerate().filter(|(_, byte)| **byte == b'\n') {
            lines.push(lines.last().map_or(0, |last| last.end + 1)..end);
        }
        Self { text, lines }
    }

    /// Writes the members in the order in which services write them, not in that of the map.
    fn write(&mut self, user: &Value) {
        let members = user.as_object().unwrap();
        let first = ORDER.iter().filter_map(|name| members.get_key_value(*name));
        let others = members.iter().filter(|(name, _)| !ORDER.contains(&name.as_str()));
        for (at, (name, value)) in first.chain(others).enumerate() {
            self.text.push(if at == 0 { b'{' } else { b',' });
            serde_json::to_writer(&mut self.text, name).unwrap();
            self.text.push(b':');
            serde_json::to_writer(&mut self.text, value).unwrap();
        }
        self.text.push(b'}');
    }

    pub fn document(&self, number: usize) -> &[u8] {
        &self.text[self.lines[number].clone()]
    }

    /// The text of the first `count` documents.
    pub fn first(&self, count: usize) -> &[u8] {
        &self.text[..count.checked_sub(1).map_or(0, |last| self.lines[last].end + 1)]
    }

    pub fn count(&self, matches: impl Fn(&[u8]) -> bool) -> usize {
        self.lines.iter().filter(|line| matches(&self.text[(*line).clone()])).count()
    }
}
