//! The rooms of the crate know one another in one direction only: the table of ARCHITECTURE.md, held here. So do the files
//! of a room.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::{BTreeMap, BTreeSet, HashMap};
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
    ("limits", "words"),
    ("profile", "words"),
    ("options", "words tolerance limits profile"),
    ("document", ""),
    ("syntax", "error suggest shown limits tolerance options json"),
    ("schema", "error json suggest tolerance limits syntax"),
    ("filter", "error json suggest words tolerance limits options document syntax schema"),
    ("condition", "error document syntax schema filter"),
    ("scan", "error json limits document syntax schema filter"),
    ("coerce", "error json suggest tolerance limits options document syntax schema filter"),
    ("sql", "error syntax schema filter coerce condition"),
    ("patch", "error json suggest tolerance limits options document syntax schema filter coerce"),
    ("splice", "error json limits document schema filter scan coerce patch"),
    ("resource", "error json suggest tolerance limits options document syntax schema filter coerce patch"),
    (
        "protocol",
        "error json shown suggest tolerance limits options document syntax schema filter coerce patch resource",
    ),
    ("endpoint", "error options filter coerce patch schema protocol"),
    ("tables", "syntax schema sql endpoint"),
    (
        "onelogin",
        "error json suggest words tolerance limits options document syntax schema filter coerce patch resource",
    ),
    ("any_error", "error document syntax schema filter scan patch resource protocol onelogin"),
    ("typed", "any_error error schema filter coerce patch resource"),
    (
        "client",
        "error json shown suggest words tolerance limits options document syntax schema filter coerce patch resource protocol onelogin",
    ),
    (
        "cli",
        "error json shown suggest tolerance limits options profile document syntax schema filter coerce patch resource protocol onelogin client scan splice",
    ),
    (
        "python",
        "error json suggest tolerance limits options profile document syntax schema filter coerce patch resource protocol onelogin client cli scan splice condition sql endpoint",
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
    let words = ["mod ", "pub(crate) mod ", "pub(super) mod "];
    let tests = ["test", "all(test, feature = \"scan\")"]
        .iter()
        .flat_map(|cfg| words.map(|word| format!("#[cfg({cfg})]\n{word}tests {{")));
    let text = tests.fold(text, |text, tests| text.split(tests.as_str()).next().unwrap());
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

/// The names of the crate that a file uses. `depth` is how many modules it lies below the crate's root.
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

/// The names in the code of a room that it may not know.
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

/// The files of the crate as modules, such as `patch::apply::write`, with their code. The root is not one of them.
fn modules() -> BTreeMap<String, String> {
    let source = source();
    let mut modules = BTreeMap::new();
    for path in files(&source) {
        let inner = path.strip_prefix(&source).unwrap().with_extension("");
        let mut parts: Vec<_> = inner.iter().map(|part| part.to_str().unwrap()).collect();
        if parts.last() == Some(&"mod") {
            parts.pop();
        }
        if parts != ["lib"] && parts[0] != "bin" {
            modules.insert(parts.join("::"), code(&fs::read_to_string(&path).unwrap()));
        }
    }
    modules
}

/// The paths of a `use`: `a::{b, c::d}` is `a::b` and `a::c::d`.
fn leaves(path: &str) -> Vec<String> {
    let path = path.trim();
    let Some((before, group)) = path.split_once('{') else {
        return vec![path.split_whitespace().next().unwrap_or_default().to_owned()];
    };
    let group = group.trim_end().strip_suffix('}').unwrap();
    let (mut parts, mut depth) = (vec![String::new()], 0);
    for c in group.chars() {
        match c {
            ',' if depth == 0 => parts.push(String::new()),
            _ => {
                depth += i32::from(c == '{') - i32::from(c == '}');
                parts.last_mut().unwrap().push(c);
            }
        }
    }
    parts.retain(|part| !part.trim().is_empty());
    parts.iter().flat_map(|part| leaves(&format!("{before}{}", part.trim()))).collect()
}

/// A path in a module as one from the root; `None` if it begins with another crate.
fn absolute(module: &str, path: &str, modules: &BTreeMap<String, String>) -> Option<String> {
    let mut at: Vec<&str> = module.split("::").collect();
    let mut names: Vec<&str> = path.split("::").collect();
    match names[0] {
        "crate" => at.clear(),
        "self" => {}
        "super" => {
            while names.get(1) == Some(&"super") {
                names.remove(0);
                at.pop();
            }
            at.pop();
        }
        child if modules.contains_key(&format!("{module}::{child}")) => {
            names.insert(0, "self");
        }
        _ => return None,
    }
    at.extend(&names[1..]);
    Some(at.join("::"))
}

/// The statements `use …;` of a module, each with whether it re-exports, and the code without them.
fn uses(code: &str) -> (Vec<(bool, Vec<String>)>, String) {
    let (mut all, mut rest) = (Vec::new(), String::new());
    for statement in code.split_inclusive(';') {
        let line = statement.match_indices("use ").find(|(at, _)| {
            let before = statement[..*at].rsplit('\n').next().unwrap().trim();
            before.is_empty() || before == "pub" || (before.starts_with("pub(") && before.ends_with(')'))
        });
        let Some((begin, word)) = line.filter(|_| statement.ends_with(';')) else {
            rest.push_str(statement);
            continue;
        };
        let before = &statement[..begin];
        let path = statement[begin + word.len()..].trim_end_matches(';');
        let is_pub = before.rsplit('\n').next().unwrap().trim_start().starts_with("pub");
        all.push((is_pub, leaves(path)));
        rest.push_str(before);
    }
    (all, rest)
}

/// The modules that each module names, by whatever path, re-exports followed. A re-export itself names nothing.
fn graph(modules: &BTreeMap<String, String>, lib: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut elsewhere: HashMap<String, String> = HashMap::new();
    for (module, code) in modules.iter().map(|(module, code)| (module.as_str(), code.as_str())).chain([("", lib)]) {
        for path in uses(code).0.into_iter().filter(|(is_pub, _)| *is_pub).flat_map(|(_, paths)| paths) {
            let name = path.rsplit("::").next().unwrap();
            let from = format!("{module}::{name}").trim_start_matches("::").to_owned();
            let to = if module.is_empty() { Some(path.clone()) } else { absolute(module, &path, modules) };
            elsewhere.extend(to.filter(|to| *to != from).map(|to| (from, to)));
        }
    }
    let target = |mut path: String| {
        for _ in 0..4 {
            let prefix = |(at, _): (usize, &str)| elsewhere.get(&path[..at]).map(|to| format!("{to}{}", &path[at..]));
            let Some(next) = path.match_indices("::").chain([(path.len(), "")]).find_map(prefix) else { break };
            path = next;
        }
        loop {
            if modules.contains_key(&path) {
                return Some(path);
            }
            path.truncate(path.rfind("::")?);
        }
    };
    let mut graph = BTreeMap::new();
    for (module, code) in modules {
        let (uses, rest) = uses(code);
        let mut paths: Vec<String> =
            uses.into_iter().filter(|(is_pub, _)| !is_pub).flat_map(|(_, paths)| paths).collect();
        let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':');
        paths.extend(rest.split(|c| !is_part(c)).filter(|word| word.contains("::")).map(str::to_owned));
        let named = paths.iter().filter_map(|path| target(absolute(module, path, modules)?));
        let room = |module: &str| module.split("::").next().unwrap().to_owned();
        graph.insert(module.clone(), named.filter(|other| other != module && room(other) == room(module)).collect());
    }
    graph
}

/// The modules that can be reached from one, itself among them only if there is a way back.
fn reached(graph: &BTreeMap<String, BTreeSet<String>>, from: &str) -> BTreeSet<String> {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(module) = open.pop() {
        for other in graph.get(module).into_iter().flatten() {
            if seen.insert(other.clone()) {
                open.push(other);
            }
        }
    }
    seen
}

/// The modules that lie on a circle, each with the modules of the circle that it names.
fn circles(graph: &BTreeMap<String, BTreeSet<String>>) -> BTreeMap<String, Vec<String>> {
    let reached: BTreeMap<&str, _> = graph.keys().map(|module| (module.as_str(), reached(graph, module))).collect();
    let on_circle = |module: &&String| reached[module.as_str()].contains(*module);
    let back = |module: &str, other: &String| reached.get(other.as_str()).is_some_and(|all| all.contains(module));
    let named = |module: &String| graph[module].iter().filter(|other| back(module, other)).cloned().collect();
    graph.keys().filter(on_circle).map(|module| (module.clone(), named(module))).collect()
}

/// Files of `scan` that import one another in a circle. The room is to be rebuilt; until then no other file may join them.
const OF_SCAN: &str = "ahead block brackets marked reader source supply vector";

#[test]
fn the_files_of_a_room_import_in_one_direction() {
    let modules = modules();
    let graph = graph(&modules, &code(&fs::read_to_string(source().join("lib.rs")).unwrap()));
    let circles = circles(&graph);
    let found: Vec<String> = circles
        .iter()
        .filter(|(module, _)| !module.starts_with("scan"))
        .map(|(module, others)| format!("{module} imports {}", others.join(", ")))
        .collect();
    assert!(found.is_empty(), "files import one another in a circle:\n{}", found.join("\n"));
    let of_scan: Vec<&str> = circles.keys().filter_map(|module| module.strip_prefix("scan::")).collect();
    assert_eq!(of_scan.join(" "), OF_SCAN);
    let edges: usize = graph.values().map(BTreeSet::len).sum();
    assert!(edges > 500, "only {edges} imports were found");
}

#[test]
fn circles_are_found() {
    let of = |files: &[(&str, &str)]| {
        let modules = files.iter().map(|(module, code)| ((*module).to_owned(), (*code).to_owned())).collect();
        circles(&graph(&modules, "pub use a::Z;")).into_keys().collect::<Vec<_>>().join(" ")
    };
    let parent = ("a", "mod b;\nmod c;\npub use b::{X, Y as Z};\n");
    assert_eq!(of(&[parent, ("a::b", "use super::c::Y;"), ("a::c", "")]), "");
    assert_eq!(of(&[parent, ("a::b", "use super::c::{self, Y};"), ("a::c", "use super::X;")]), "a::b a::c");
    assert_eq!(of(&[parent, ("a::b", "use super::c::Y;"), ("a::c", "fn f() { crate::a::b::g() }")]), "a::b a::c");
    assert_eq!(of(&[parent, ("a::b", "use super::c::Y;"), ("a::c", "use crate::{a::{X}};")]), "a::b a::c");
    assert_eq!(of(&[("a", "mod b;\nfn f() { b::g() }\nfn h() {}"), ("a::b", "use super::h;")]), "a a::b");
    assert_eq!(of(&[("a", "mod b;\nuse b::g;\n"), ("a::b", "fn f() { super::h() }")]), "a a::b");
    assert_eq!(of(&[("a", "mod b;\npub use b::g;\nfn h() {}"), ("a::b", "fn f() { super::h() }")]), "");
    assert_eq!(of(&[("a", "use crate::b::X;"), ("b", "use crate::a::Y;")]), "", "rooms have a test of their own");
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
