//! The brackets and quotes of one JSON value, followed byte by byte.

use super::source::MAX_BYTES;

/// Brackets within each other that are followed; a little more than the JSON parser reads, so that it is the one to complain.
const MAX_DEPTH: usize = 130;

/// How a value went on.
pub(super) enum Ended {
    Closed,
    /// It cannot end any more: the byte that says so is not part of it.
    Broken,
    /// It is an object whose member `Resources` is a list, just begun.
    Resources,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Object,
    List,
}

/// Where in a value the scan is.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "each says another thing of the place in the text")]
pub(super) struct Scan {
    /// The open brackets.
    kinds: Vec<Kind>,
    in_string: bool,
    is_escaped: bool,
    /// The last byte that is no blank; of a string its closing quote.
    last: u8,
    /// Whether a line ended after it.
    is_new_line: bool,
    /// Where the name of a member of the outermost object begins and ends in the text.
    name: (usize, usize),
    pub finds_resources: bool,
    pub is_too_long: bool,
}

impl Scan {
    /// Of an object that may be a ListResponse.
    pub(super) fn of_object() -> Self {
        Self { finds_resources: true, ..Self::default() }
    }

    /// Of an object from the end of its first member on, a list.
    pub(super) fn after_list() -> Self {
        Self { kinds: vec![Kind::Object], last: b']', ..Self::default() }
    }

    pub(super) fn keep(&mut self, text: &mut Vec<u8>, bytes: &[u8]) {
        if text.len() + bytes.len() > MAX_BYTES {
            self.is_too_long = true;
            self.finds_resources = false;
        } else if !self.is_too_long {
            text.extend_from_slice(bytes);
        }
    }

    /// How many bytes say nothing about the structure.
    pub(super) fn plain(&self, bytes: &[u8]) -> usize {
        if !self.in_string || self.is_escaped {
            return 0;
        }
        bytes.iter().position(|byte| matches!(byte, b'"' | b'\\' | b'\n')).unwrap_or(bytes.len())
    }

    pub(super) fn step(&mut self, byte: u8, text: &[u8]) -> Option<Ended> {
        if self.in_string {
            return self.step_in_string(byte, text);
        }
        match byte {
            b' ' | b'\t' | b'\r' => return None,
            b'\n' => {
                self.is_new_line = true;
                return None;
            }
            _ if self.is_new_line && !self.may_go_on(byte) => return Some(Ended::Broken),
            _ => self.is_new_line = false,
        }
        let is_resources = self.finds_resources && byte == b'[' && self.is_resources(text);
        match byte {
            b'"' => {
                self.in_string = true;
                if self.kinds.len() == 1 && matches!(self.last, b'{' | b',') {
                    self.name = (text.len() + 1, 0);
                }
            }
            b'{' | b'[' if self.kinds.len() >= MAX_DEPTH => return Some(Ended::Broken),
            b'{' => self.kinds.push(Kind::Object),
            b'[' => self.kinds.push(Kind::List),
            b'}' | b']' => {
                let kind = if byte == b'}' { Kind::Object } else { Kind::List };
                if self.kinds.pop() != Some(kind) {
                    return Some(Ended::Broken);
                }
                if self.kinds.is_empty() {
                    return Some(Ended::Closed);
                }
            }
            _ => {}
        }
        self.last = byte;
        is_resources.then_some(Ended::Resources)
    }

    fn step_in_string(&mut self, byte: u8, text: &[u8]) -> Option<Ended> {
        match byte {
            // No string goes over a line: it has lost its end.
            b'\n' => return Some(Ended::Broken),
            _ if self.is_escaped => self.is_escaped = false,
            b'\\' => self.is_escaped = true,
            _ => {
                self.in_string = false;
                self.last = b'"';
                if self.name.1 == 0 {
                    self.name.1 = text.len();
                }
                if self.kinds.is_empty() {
                    return Some(Ended::Closed);
                }
            }
        }
        None
    }

    fn is_resources(&self, text: &[u8]) -> bool {
        let (start, end) = self.name;
        let name = text.get(start..end).unwrap_or_default();
        self.kinds.len() == 1 && self.last == b':' && name.eq_ignore_ascii_case(b"Resources")
    }

    /// Whether the value may go on in a new line with this byte. If not, the line before it lacks its end, and this is the
    /// next document.
    fn may_go_on(&self, byte: u8) -> bool {
        let is_object = self.kinds.last() == Some(&Kind::Object);
        match self.last {
            b'{' => matches!(byte, b'"' | b'}'),
            b',' if is_object => byte == b'"',
            b'[' => !matches!(byte, b',' | b':' | b'}'),
            b',' | b':' => !matches!(byte, b',' | b':' | b'}' | b']'),
            _ => matches!(byte, b',' | b':' | b'}' | b']'),
        }
    }
}
