//! Reads whole files, and writes a file completely or not at all.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::failure::Failure;
use crate::json;
use crate::json::BOM;
use crate::scan::source::MAX_BYTES;
pub(super) use crate::scan::source::other_encoding;

pub(super) fn is_stdin(path: &Path) -> bool {
    path.as_os_str() == "-"
}

/// The name of a file in messages.
pub(super) fn name(path: &Path) -> String {
    if is_stdin(path) { "<stdin>".to_owned() } else { path.display().to_string() }
}

/// Opens a file or standard input. The flag says whether it is a regular file.
pub(super) fn open(path: &Path) -> Result<(Box<dyn Read + Send>, bool), Failure> {
    if is_stdin(path) {
        return Ok((Box::new(io::stdin()), false));
    }
    let opened = File::open(path).and_then(|file| Ok((file.metadata()?.is_file(), file)));
    let (is_on_disk, file) = opened.map_err(|error| unreadable(path, &error))?;
    Ok((Box::new(file), is_on_disk))
}

pub(super) fn unreadable(path: &Path, error: &io::Error) -> Failure {
    let name = name(path);
    Failure::plain(format!("{name}: cannot be read: {error}")).with("file", Some(name))
}

/// Reads a whole file, up to the limit for a document, without its byte order mark.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let most = u64::try_from(MAX_BYTES).unwrap_or(u64::MAX);
    open(path)?.0.take(most + 1).read_to_end(&mut bytes).map_err(|error| unreadable(path, &error))?;
    if bytes.len() > MAX_BYTES {
        return Err(Failure::plain(too_long(&name(path))).with("file", Some(name(path))));
    }
    if bytes.starts_with(BOM) {
        bytes.drain(..BOM.len());
    }
    Ok(bytes)
}

pub(super) fn too_long(place: &str) -> String {
    format!("{place}: too long: at most {} MiB are read as one document", MAX_BYTES / (1024 * 1024))
}

/// Parses JSON. A name that occurs twice in an object is an error.
pub(super) fn parse(path: &Path, bytes: &[u8]) -> Result<Value, Failure> {
    json::from_slice(bytes).map_err(|error| {
        let name = name(path);
        let place = format!("{name}:{}:{}", error.line(), error.column().max(1));
        Failure::syntax(format!("{place}: {}", no_json(bytes, &error)))
            .with("file", Some(name))
            .with("line", Some(error.line()))
    })
}

/// Reads JSON from a file.
pub(super) fn read_json(path: &Path) -> Result<Value, Failure> {
    parse(path, &read(path)?)
}

/// The reason why a text is not JSON, without the place.
pub(super) fn no_json(bytes: &[u8], error: &json::Error) -> String {
    let what = error.reason();
    if what == json::words::DEPTH {
        return what.to_owned();
    }
    if let Some(encoding) = other_encoding(bytes) {
        return format!("invalid JSON: this is {encoding}, not UTF-8 text");
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return "invalid JSON: there is nothing in it".to_owned();
    }
    format!("invalid JSON: {what}")
}

/// Replaces a file in one step, so that a reader sees either the old text or the new text. The permissions stay, and a link
/// stays a link.
pub(super) fn write_atomically(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let failed = |error: io::Error| Failure::plain(format!("{}: cannot be written: {error}", name(path)));
    let path = fs::canonicalize(path).map_err(failed)?;
    let permissions = fs::metadata(&path).map_err(failed)?.permissions();
    let (temporary, file) = beside(&path).map_err(failed)?;
    let written = fill(file, bytes, permissions).and_then(|()| fs::rename(&temporary, &path));
    written.map_err(|error| {
        // The first error is reported. An error of removing the file is ignored.
        let _ = fs::remove_file(&temporary);
        failed(error)
    })
}

fn fill(mut file: File, bytes: &[u8], permissions: fs::Permissions) -> io::Result<()> {
    // The permissions are set before the contents are written, so that nobody who could not read the old file can read the
    // new contents.
    file.set_permissions(permissions)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Options for files that commands write. A new file is readable by its owner alone, because it holds data about people. An
/// existing file keeps its permissions.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Creates a temporary file in the same folder, so that the rename stays within one file system.
fn beside(path: &Path) -> io::Result<(PathBuf, File)> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let mut attempt = 0_u32;
    loop {
        let temporary = path.with_file_name(format!(".{name}.{}-{attempt}.tmp", std::process::id()));
        match private().create_new(true).open(&temporary) {
            Ok(file) => return Ok((temporary, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < 100 => attempt += 1,
            Err(error) => return Err(error),
        }
    }
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    /// The temporary file is private from the start. Under the umask alone, other users could read the file while it is
    /// written.
    #[test]
    fn what_replaces_a_file_is_never_more_readable() {
        let folder = std::env::temp_dir().join(format!("scim-files-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let mode = |file: &File| file.metadata().unwrap().permissions().mode() & 0o777;
        let (path, file) = beside(&folder.join("user.json")).unwrap();
        assert_eq!(mode(&file), 0o600);
        let kept = file.try_clone().unwrap();
        fill(file, b"{}", fs::Permissions::from_mode(0o640)).unwrap();
        assert_eq!(mode(&kept), 0o640);
        assert_eq!(fs::read(path).unwrap(), b"{}");
        fs::remove_dir_all(folder).unwrap();
    }
}
