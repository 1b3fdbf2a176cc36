//! Which vectors look at a text: chosen while the engine runs, and in tests each in its turn.

use fearless_simd::Level;

/// The widest that the processor at hand has.
#[inline]
pub(super) fn widest() -> Level {
    #[cfg(test)]
    if let Some(level) = tests::forced() {
        return level;
    }
    Level::new()
}

/// Those that every processor of the target has: nothing is chosen, so that who looks at one block pays for no choice.
#[inline]
pub(super) fn common() -> Level {
    #[cfg(test)]
    if let Some(level) = tests::forced() {
        return level;
    }
    Level::baseline()
}

#[cfg(test)]
pub(super) mod tests {
    use std::cell::Cell;
    use std::collections::HashSet;
    use std::fs;
    use std::mem::discriminant;

    use fearless_simd::{Simd, dispatch};
    use serde_json::Value;

    use super::*;
    use crate::scan::walk::tests::Dice;
    use crate::scan::{RawDocument, ScanOptions};
    use crate::schema::ResourceType;
    use crate::syntax::Filter;

    thread_local! {
        /// What a test of this thread asks for; the threads of a scan do not see it.
        static FORCED: Cell<Option<Level>> = const { Cell::new(None) };
    }

    pub(super) fn forced() -> Option<Level> {
        FORCED.get()
    }

    /// All that this machine can run. The first has no vectors of its own: it is what runs where no vectors are known, and the
    /// nearest to what runs on an ARM, for both have 16 bytes in a vector.
    pub(crate) fn levels() -> Vec<Level> {
        let mut levels = vec![Level::fallback(), Level::baseline()];
        #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
        {
            levels.extend(Level::new().as_sse4_2().map(Level::Sse4_2));
            levels.extend(Level::new().as_avx2().map(Level::Avx2));
        }
        levels.push(Level::new());
        // Nothing runs twice, nor what this build has no code for, being built for more than all processors of its kind.
        levels.retain(|level| discriminant(level) == discriminant(&running(*level)));
        levels.dedup_by_key(|level| discriminant(level));
        levels
    }

    fn running(level: Level) -> Level {
        dispatch!(level, simd => simd.level())
    }

    /// Does it once for each of these; all that it looks at is looked at so.
    pub(crate) fn at_every_level(mut what: impl FnMut(Level)) {
        for level in levels() {
            FORCED.set(Some(level));
            what(level);
        }
        FORCED.set(None);
    }

    #[test]
    fn every_level_is_the_one_that_runs() {
        let mut run = Vec::new();
        at_every_level(|level| {
            let [wide, narrow] = [widest(), common()].map(running);
            assert_eq!([discriminant(&wide), discriminant(&narrow)], [discriminant(&level); 2], "{level:?}");
            run.push(wide);
        });
        let (first, last) = (run[0], run[run.len() - 1]);
        assert!(first.is_fallback() && discriminant(&last) == discriminant(&widest()), "{run:?}");
        assert_eq!(discriminant(&common()), discriminant(&Level::baseline()));
    }

    /// The filters and documents of the conformance cases.
    fn cases() -> (Vec<Filter>, Vec<Value>) {
        let (mut filters, mut documents) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/conformance/filter")).unwrap() {
            let cases: Value = serde_json::from_slice(&fs::read(entry.unwrap().path()).unwrap()).unwrap();
            for case in cases.as_array().into_iter().flatten().filter(|case| case["kind"] == "match") {
                filters.extend(case["filter"].as_str().and_then(|filter| filter.parse().ok()));
                documents.extend(case["docs"].as_array().into_iter().flatten().map(|doc| doc["doc"].clone()));
            }
        }
        // Of names that differ in case, the trusted way takes the first.
        documents.retain(|document| document.is_object() && !has_twins(document));
        assert!(filters.len() > 100 && documents.len() > 300, "{} {}", filters.len(), documents.len());
        (filters, documents)
    }

    fn has_twins(value: &Value) -> bool {
        match value {
            Value::Array(elements) => elements.iter().any(has_twins),
            Value::Object(members) => {
                let names: HashSet<_> = members.keys().map(|name| name.to_ascii_lowercase()).collect();
                names.len() < members.len() || members.values().any(has_twins)
            }
            _ => false,
        }
    }

    /// The document with more or less space in it, so that everything comes to stand everywhere in a block.
    fn spaced(document: &Value, dice: &mut Dice) -> String {
        let text = if dice.roll(2) == 0 { document.to_string() } else { format!("{document:#}").replace('\n', "\r") };
        format!("{{{}{}\n", " ".repeat(dice.roll(70)), &text[1..])
    }

    #[test]
    fn every_level_gives_the_answers_of_the_tree() {
        let (filters, documents) = cases();
        let mut dice = Dice(23);
        let texts: Vec<String> = documents.iter().map(|document| spaced(document, &mut dice)).collect();
        let whole = texts.concat();
        let mut asked = 0;
        for (number, filter) in filters.iter().enumerate() {
            let Ok(matcher) = filter.compile(&ResourceType::any()) else { continue };
            let expected: Vec<_> = documents.iter().map(|document| matcher.matches(document).ok()).collect();
            let holding = expected.iter().filter(|holds| **holds == Some(true)).count();
            at_every_level(|level| {
                // One by one, some of them for each filter; all of them as one text.
                for (text, expected) in texts.iter().zip(&expected).skip(number % 8).step_by(8) {
                    let text = text.as_bytes();
                    assert_eq!(matcher.matches(RawDocument::new(text).unwrap()).ok(), *expected, "{level:?} {filter}");
                    assert_eq!(matcher.matches_slice(text).ok(), *expected, "{level:?} {filter}");
                    assert_eq!(matcher.matches_trusted(text).ok(), *expected, "{level:?} {filter}");
                }
                for trusted in [false, true] {
                    let options = ScanOptions::default().trusted(trusted);
                    assert_eq!(matcher.count(whole.as_bytes(), &options).matches, holding, "{level:?} {filter}");
                }
                asked += 1;
            });
        }
        assert!(asked > 200, "{asked}");
    }

    /// Cut off and with a byte changed: the same documents are refused, and at the same places.
    #[test]
    fn every_level_refuses_the_same() {
        let (_, documents) = cases();
        let matcher = "userName eq \"b\"".parse::<Filter>().unwrap().compile(&ResourceType::user()).unwrap();
        let mut dice = Dice(29);
        let mut refused = 0;
        for document in documents.iter().cycle().take(4000) {
            let mut text = spaced(document, &mut dice).into_bytes();
            let at = dice.roll(text.len());
            match dice.roll(3) {
                0 => text.truncate(at),
                _ => text[at] = b"\"\\{}[],:\n\0 \xff\xc3a1"[dice.roll(15)],
            }
            let is_json = serde_json::from_slice::<Value>(&text).is_ok();
            let mut said = Vec::new();
            at_every_level(|_| said.push(matcher.matches_slice(&text)));
            assert!(said.iter().all(|one| *one == said[0]), "{} {said:?}", String::from_utf8_lossy(&text));
            assert_eq!(said[0].is_ok(), is_json, "{}", String::from_utf8_lossy(&text));
            refused += usize::from(!is_json);
        }
        assert!(refused > 1000, "{refused}");
    }
}
