//! The journal of a push: one line for each person and group that is done.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::target::Target;
use crate::cli::failure::Failure;
use crate::cli::files;
use crate::client::{Client, Entry};

pub(super) struct Journal {
    file: File,
    path: PathBuf,
}

impl Journal {
    /// Opens or creates a journal, and reads its entries.
    pub(super) fn open(path: &Path, target: &Target, client: Client) -> Result<(Self, Vec<Entry>), Failure> {
        let name = files::name(path);
        let failed = |error: std::io::Error| Failure::plain(format!("{name}: cannot be written: {error}"));
        let head = json!({"scim_push_journal": 1, "url": target.url, "client": client.as_str()});
        let text = if path.exists() { files::read(path)? } else { Vec::new() };
        // A last line without a line break was cut off when the push was killed, so it is dropped.
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let text = text.get(..whole).unwrap_or_default();
        let mut entries = Vec::new();
        for (index, line) in text.split(|byte| *byte == b'\n').enumerate().filter(|(_, line)| !line.is_empty()) {
            let no_journal = |what: String| Failure::plain(format!("{name}:{}: {what}", index + 1));
            if index == 0 {
                let found: Value = serde_json::from_slice(line).unwrap_or_default();
                if found.get("scim_push_journal").is_none() {
                    return Err(no_journal("this is not a journal of a push, and is left unchanged".to_owned()));
                }
                if found != head {
                    return Err(no_journal(
                        "this is the journal of a push to another URL, or of another client".to_owned(),
                    ));
                }
                continue;
            }
            let entry = serde_json::from_slice(line);
            entries.push(entry.map_err(|error| no_journal(format!("this line is not an entry: {error}")))?);
        }
        let mut file = files::private().create(true).truncate(false).open(path).map_err(failed)?;
        file.set_len(u64::try_from(whole).unwrap_or(u64::MAX)).map_err(failed)?;
        file.seek(SeekFrom::End(0)).map_err(failed)?;
        if whole == 0 {
            writeln!(file, "{head}").map_err(failed)?;
        }
        Ok((Self { file, path: path.to_owned() }, entries))
    }

    /// Writes an entry as a line, with a single write, so that a killed push rarely leaves a part of a line.
    pub(super) fn write(&mut self, entry: &Entry) -> Result<(), Failure> {
        let failed = |error: &dyn std::fmt::Display| {
            Failure::plain(format!("{}: cannot be written: {error}", files::name(&self.path)))
        };
        let mut line = serde_json::to_vec(entry).map_err(|error| failed(&error))?;
        line.push(b'\n');
        self.file.write_all(&line).map_err(|error| failed(&error))
    }
}
