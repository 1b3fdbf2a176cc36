//! The rooms of the crate know one another in one direction only: the table of ARCHITECTURE.md, held here.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Each room, and the rooms it may know: all of them stand above it here, so that nothing can go in a circle.
const ROOMS: &[(&str, &str)] = &[
    ("error", ""),
    ("json", ""),
    ("shown", ""),
    ("suggest", ""),
    ("words", "error suggest"),
    ("tolerance", "words"),
    ("document", ""),
    ("syntax", "suggest shown words tolerance json"),
    ("schema", "error json suggest tolerance syntax"),
    ("filter", "error json suggest tolerance document syntax schema"),
    ("scan", "error json document syntax schema filter"),
    ("coerce", "error json suggest words tolerance document syntax schema filter"),
    ("patch", "error json suggest tolerance document syntax schema filter coerce"),
    ("splice", "error json document schema filter scan coerce patch"),
    ("resource", "error json suggest tolerance document syntax schema filter coerce patch"),
    ("protocol", "error json shown suggest tolerance document syntax schema filter coerce patch resource"),
    ("onelogin", "error json suggest words tolerance document syntax schema filter coerce patch resource"),
    (
        "client",
        "error json shown suggest words tolerance document syntax schema filter coerce patch resource protocol onelogin",
    ),
    (
        "cli",
        "error json shown suggest tolerance document syntax schema filter coerce patch resource protocol onelogin client scan splice",
    ),
    (
        "python",
        "error json suggest tolerance document syntax schema filter coerce patch resource protocol onelogin client cli scan splice",
    ),
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("src")
}

fn may_know(room: &str) -> Option<Vec<&'static str>> {
    ROOMS.iter().find(|(name, _)| *name == room).map(|(_, known)| known.split_whitespace().collect())
}

/// The code of a file without comments, and without its unit tests at the end.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap();
    let lines = text.lines().map(|line| line.split_once("//").map_or(line, |(code, _)| code));
    lines.collect::<Vec<_>>().join("\n")
}

/// The first names of what follows a `::`: of a path one, of a group each.
fn first_names(rest: &str) -> Vec<String> {
    let name =
        |text: &str| text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = rest.strip_prefix('{') else { return vec![name(rest)] };
    let mut names = vec![name(group)];
    let mut depth = 0;
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => names.push(name(&group[at + 1..])),
            _ => {}
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// What a file names of the crate. `depth` is how many modules it lies below the crate's root.
fn named(code: &str, depth: usize) -> Vec<String> {
    let mut names = Vec::new();
    for (at, found) in code.match_indices("crate::") {
        let is_word_end = code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        if !is_word_end {
            names.extend(first_names(&code[at + found.len()..]));
        }
    }
    // As many `super::` as lead to the root.
    let way_up = "super::".repeat(depth);
    for (at, found) in code.match_indices(&way_up) {
        names.extend(first_names(&code[at + found.len()..]).into_iter().filter(|name| may_know(name).is_some()));
    }
    names
}

/// The rooms of the names that the crate's root hands on.
fn re_exports(lib: &str) -> HashMap<String, String> {
    let mut rooms = HashMap::new();
    for statement in code(lib).split(';') {
        let Some(path) = statement.trim().strip_prefix("pub use ") else { continue };
        let (room, names) = path.split_once("::").unwrap();
        for name in first_names(names) {
            rooms.insert(name, room.to_owned());
        }
    }
    rooms
}

/// What in the code of a room it may not know.
fn violations(room: &str, code: &str, depth: usize, re_exports: &HashMap<String, String>) -> Vec<String> {
    let Some(known) = may_know(room) else { return vec![format!("no room of the table has the name `{room}`")] };
    let mut found = Vec::new();
    for name in named(code, depth) {
        let other = if may_know(&name).is_some() { Some(&name) } else { re_exports.get(&name) };
        match other {
            None => found.push(format!("`{room}` names `crate::{name}`, which is in no room")),
            Some(other) if other != room && !known.contains(&other.as_str()) => {
                found.push(format!("`{room}` may not know `{other}`, of which it names `{name}`"));
            }
            Some(_) => {}
        }
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

#[test]
fn every_import_goes_down_the_table() {
    let source = source();
    let re_exports = re_exports(&fs::read_to_string(source.join("lib.rs")).unwrap());
    let mut found = Vec::new();
    let mut looked_at = 0;
    for path in files(&source) {
        let inner = path.strip_prefix(&source).unwrap().with_extension("");
        let parts: Vec<_> = inner.iter().map(|part| part.to_str().unwrap()).collect();
        if parts == ["lib"] || parts[0] == "bin" {
            continue;
        }
        let depth = parts.len() - usize::from(parts.last() == Some(&"mod"));
        let code = code(&fs::read_to_string(&path).unwrap());
        found.extend(
            violations(parts[0], &code, depth, &re_exports)
                .into_iter()
                .map(|what| format!("{}: {what}", inner.display())),
        );
        looked_at += 1;
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(looked_at > 50, "only {looked_at} files were found");
}

#[test]
fn the_table_has_no_circle() {
    for (at, (room, known)) in ROOMS.iter().enumerate() {
        for other in known.split_whitespace() {
            assert!(
                ROOMS[..at].iter().any(|(above, _)| *above == other),
                "`{room}` knows `{other}`, which is not above it"
            );
        }
    }
}

#[test]
fn the_page_has_every_room() {
    let page = fs::read_to_string(source().with_file_name("ARCHITECTURE.md")).unwrap();
    for (room, _) in ROOMS {
        assert!(page.contains(&format!("src/{room}/`")) || page.contains(&format!("{room}.rs`")), "`{room}`");
    }
}

#[test]
fn the_root_has_no_logic() {
    let root = code(&fs::read_to_string(source().join("lib.rs")).unwrap());
    for word in ["fn ", "impl ", "struct ", "enum ", "trait ", "macro_rules!"] {
        assert!(!root.contains(word), "`{word}` in src/lib.rs");
    }
}

#[test]
fn violations_are_found() {
    let re_exports = re_exports("pub use patch::{Op, Patch};\npub use tolerance::Tolerance;");
    let of = |room: &str, text: &str, depth: usize| violations(room, &code(text), depth, &re_exports).len();
    assert_eq!(of("syntax", "use crate::schema::Attribute;", 2), 1);
    assert_eq!(of("syntax", "use crate::{tolerance::Tolerance, filter::{fold, plan}, patch};", 2), 2);
    assert_eq!(of("filter", "fn f(p: &crate::Patch) {}", 2), 1);
    assert_eq!(of("coerce", "use super::super::resource::Written;", 2), 1);
    assert_eq!(of("patch", "use super::super::super::resource;", 3), 1);
    assert_eq!(of("cellar", "", 2), 1);
    assert_eq!(of("filter", "use crate::Unheard;", 2), 1);
    assert_eq!(of("filter", "// use crate::patch::Patch;\nuse crate::Tolerance; // crate::patch\n", 2), 0);
    assert_eq!(
        of(
            "patch",
            "use super::error::PatchError; use crate::Op;\n#[cfg(test)]\nmod tests { use crate::resource; }",
            2
        ),
        0
    );
}
