//! Where a text of many documents is cut, so that several threads can go over it. A cut need not be right: whoever puts the
//! parts together sees whether documents ended there.

use memchr::memmem;

use super::cursor::Cursor;
use super::splitter::State;

/// The most bytes of the beginning of a document that are looked for.
const MOST: usize = 64;
/// How many places are tried.
const TRIES: usize = 16;

/// What a text is cut at.
#[derive(Debug)]
pub(super) enum Cuts {
    Lines,
    /// In a list, before elements that begin as its first one does.
    Elements(Vec<u8>),
    /// In a list whose elements do not tell: where its brackets say that an element ends.
    Brackets,
}

impl Cuts {
    /// For what a text is made of, of which this is the first document.
    pub(super) fn of(state: State, first: &[u8]) -> Self {
        match state {
            State::List { .. } => beginning(first).map_or(Self::Brackets, |begins| Self::Elements(begins.to_vec())),
            _ => Self::Lines,
        }
    }

    /// A cut about `size` bytes after `start`, which is one too; the end of the text where there is none.
    pub(super) fn after(&self, text: &[u8], start: usize, size: usize) -> usize {
        let from = start.saturating_add(size);
        let Some(rest) = text.get(from..) else { return self.or_end(text, start, size) };
        match self {
            Self::Lines => memchr::memchr(b'\n', rest).map_or(text.len(), |end| from + end + 1),
            Self::Elements(begins) => {
                // Where none is near, the rest is something else.
                let near = rest.get(..size.saturating_mul(4)).unwrap_or(rest);
                let mut places = memmem::find_iter(near, begins).take(TRIES);
                let cut = places.find_map(|at| after_element(text.get(..from + at)?));
                cut.filter(|cut| *cut > start).unwrap_or_else(|| by_brackets(text, start, size))
            }
            Self::Brackets => by_brackets(text, start, size),
        }
    }

    fn or_end(&self, text: &[u8], start: usize, size: usize) -> usize {
        match self {
            Self::Lines => text.len(),
            Self::Elements(_) | Self::Brackets => by_brackets(text, start, size),
        }
    }

    /// The last cut of a text of which only the end was not looked at before; its beginning is a cut too.
    pub(super) fn last(&self, text: &[u8]) -> Option<usize> {
        match self {
            Self::Lines => memchr::memrchr(b'\n', text).map(|end| end + 1),
            Self::Elements(begins) => {
                let mut places = memmem::rfind_iter(text, begins).take(TRIES);
                places.find_map(|at| after_element(text.get(..at)?))
            }
            Self::Brackets => Some(by_brackets(text, 0, text.len())).filter(|end| *end > 0),
        }
    }
}

/// How a document begins, to the end of its first name; none if something within it may begin so too.
fn beginning(document: &[u8]) -> Option<&[u8]> {
    let start = document.get(..document.len().min(MOST))?;
    let mut quotes = memchr::memchr_iter(b'"', start);
    let begins = document.get(..=quotes.nth(1)?)?;
    memmem::find(document.get(1..)?, begins).is_none().then_some(begins)
}

/// Where the element before a comma at the end of a text ends, if there is one.
fn after_element(before: &[u8]) -> Option<usize> {
    let before = before.trim_ascii_end().strip_suffix(b",")?.trim_ascii_end();
    (before.last() == Some(&b'}')).then_some(before.len())
}

/// Where an element ends, as far as brackets tell. What they cannot tell is left.
fn by_brackets(text: &[u8], start: usize, size: usize) -> usize {
    let mut cursor = Cursor::<false>::new(text, start);
    let mut end = start;
    while end - start < size {
        if cursor.peek() == b',' {
            cursor.at += 1;
        }
        if cursor.peek() != b'{' || cursor.skip(0).is_err() {
            break;
        }
        end = cursor.at;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: State = State::List { elements: 1, is_response: false };

    #[test]
    fn lists_are_cut_between_elements() {
        let text = br#"{"id": 1,"x":[{"value":1},{"value":2}]} , {"id": 2},{ "id":3},{"id":"},{\"id\""}"#;
        let first = &text[..39];
        let Cuts::Elements(begins) = Cuts::of(LIST, first) else { panic!() };
        assert_eq!(begins, b"{\"id\"");
        let cuts = Cuts::of(LIST, first);
        assert_eq!(cuts.after(text, 0, 1), 39);
        assert_eq!(cuts.last(text), Some(61));
        assert_eq!(cuts.last(&text[..50]), Some(39));
        assert_eq!(cuts.last(first), None);
    }

    #[test]
    fn brackets_tell_where_names_do_not() {
        let text = br#"{"value":[{"value":1},{"value":2}]},{"value":3},{"value":4"#;
        let cuts = Cuts::of(LIST, &text[..35]);
        assert!(matches!(cuts, Cuts::Brackets));
        assert_eq!((cuts.after(text, 0, 1), cuts.after(text, 35, 1), cuts.after(text, 47, 1)), (35, 47, 47));
        assert_eq!((cuts.last(text), cuts.last(&text[..9])), (Some(47), None));
        assert!(matches!(Cuts::of(LIST, b"{}"), Cuts::Brackets));
    }

    #[test]
    fn lines() {
        let cuts = Cuts::of(State::Top, b"{}");
        assert_eq!((cuts.after(b"{}\n{}\n{}", 0, 3), cuts.after(b"{}\n{}\n{}", 6, 1)), (6, 8));
        assert_eq!((cuts.last(b"{}\n{}\n{}"), cuts.last(b"{}")), (Some(6), None));
    }
}
