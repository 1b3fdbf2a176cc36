//! Pipes, large input, hostile input.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, Stdio};

use crate::runner::{command, folder, scim, scim_in};

fn spawn(args: &[&str]) -> Child {
    command().args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[test]
fn a_reader_that_has_seen_enough_is_not_an_error() {
    let mut child = spawn(&["filter", "userName pr"]);
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        let documents = "{\"userName\":\"ada\"}\n".repeat(10_000);
        while stdin.write_all(documents.as_bytes()).is_ok() {}
    });
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "{\"userName\":\"ada\"}\n");
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""));
}

#[test]
fn other_commands_end_quietly_too() {
    for args in [&["man"][..], &["completions", "zsh"], &["patch", "patch.json", "user.json", "-d"], &["--help"]] {
        let mut child = spawn(args);
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert_eq!(
            (output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()),
            (Some(0), ""),
            "{args:?}"
        );
    }
}

#[test]
fn a_match_is_printed_before_the_next_document_comes() {
    for threads in ["1", "2", "8"] {
        for (start, between) in [("", "\n"), ("[", ","), ("{\"Resources\":[", " ,\n")] {
            let mut child = spawn(&["filter", "userName pr", "--threads", threads]);
            let mut stdin = child.stdin.take().unwrap();
            let mut out = BufReader::new(child.stdout.take().unwrap());
            stdin.write_all(start.as_bytes()).unwrap();
            for index in 0..5 {
                // In a list all but the first begin with a comma.
                let document = format!("{{\"userName\":\"{index}\"}}");
                let written = match (start, index) {
                    ("", _) => format!("{document}{between}"),
                    (_, 0) => document.clone(),
                    _ => format!("{between}{document}"),
                };
                stdin.write_all(written.as_bytes()).unwrap();
                let mut line = String::new();
                out.read_line(&mut line).unwrap();
                assert_eq!(line, format!("{document}\n"), "{threads} {start}");
            }
            stdin.write_all(if start.is_empty() { b"\n" } else { b"]" }).unwrap();
            if start.starts_with('{') {
                stdin.write_all(b"}").unwrap();
            }
            drop(stdin);
            assert_eq!(child.wait().unwrap().code(), Some(0));
        }
    }
}

#[test]
fn the_first_match_does_not_wait_for_the_end_of_input() {
    for threads in ["1", "2"] {
        // So much that several threads are at work when it comes to a stop.
        let mut child = spawn(&["filter", "--first", "userName eq \"ada\"", "--threads", threads]);
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all("{\"userName\":\"bo\"}\n".repeat(200_000).as_bytes()).unwrap();
        stdin.write_all(b"{\"userName\":\"ada\"}\n").unwrap();
        let mut out = String::new();
        child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        assert_eq!((child.wait().unwrap().code(), out.as_str()), (Some(0), "{\"userName\":\"ada\"}\n"), "{threads}");
        drop(stdin);
    }
}

/// The most memory that a process ever had, in bytes.
#[cfg(target_os = "linux")]
fn peak(child: &Child) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_input() {
    const MOST: usize = 16 * 1024 * 1024;
    let document = format!("{{\"userName\":\"ada\",\"note\":\"{}\"}}", "x".repeat(10_000));
    // Lines, a list on one line, a list response on one line.
    for (start, between, end) in [("", "\n", "\n"), ("[", ",", "]"), ("{\"Resources\":[", ",", "]}")] {
        let mut child = spawn(&["filter", "-c", "userName eq \"ada\""]);
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(start.as_bytes()).unwrap();
        for index in 0..2000 {
            if index > 0 {
                stdin.write_all(between.as_bytes()).unwrap();
            }
            stdin.write_all(document.as_bytes()).unwrap();
        }
        stdin.write_all(end.as_bytes()).unwrap();
        let peak = peak(&child);
        drop(stdin);
        let mut out = String::new();
        child.stdout.take().unwrap().read_to_string(&mut out).unwrap();
        assert_eq!((child.wait().unwrap().code(), out.as_str()), (Some(0), "2000\n"));
        assert!(peak < MOST, "{peak} bytes for {start:?}");
    }
}

#[test]
fn a_file_of_more_than_a_gigabyte_and_binary_input() {
    let folder = folder("large");
    let path = folder.join("large.bin");
    File::create(&path).unwrap().set_len(1_200_000_000).unwrap();
    let path = path.to_str().unwrap();
    let run = scim(&["filter", "a pr", path]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.contains(":1:1: invalid JSON: this is binary, not UTF-8 text"), "{}", run.err);
    let run = scim(&["patch", "patch.json", path]);
    assert_eq!(run.code, 2);
    assert!(run.err.contains("too long: at most 256 MiB are read as one document"), "{}", run.err);
    std::fs::remove_dir_all(folder).unwrap();

    let noise: Vec<u8> = (0..100_000_u32).map(|i| i.wrapping_mul(2_654_435_761).to_le_bytes()[2]).collect();
    let run = scim_in(&["filter", "a pr"], &noise);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    let no_utf8 = b"{\"a\": \"\xff\xfe\"}\n{\"a\": 1}\n\xc3\x28\n";
    let run = scim_in(&["filter", "a pr"], no_utf8);
    assert_eq!((run.code, run.out.as_str()), (2, "{\"a\": 1}\n"));
    assert!(run.err.starts_with("error: <stdin>:1:"), "{}", run.err);
    assert!(run.err.ends_with("note: documents that could not be read: 2 of 3\n"), "{}", run.err);
}

#[test]
fn nesting() {
    let run = scim_in(&["filter", "title pr"], format!("{}\n{{\"title\":\"x\"}}\n", "{\"a\":[".repeat(100_000)));
    run.gives(
        2,
        "{\"title\":\"x\"}\n",
        "error: <stdin>:1:384: nested too deep: at most 127 levels are read\nnote: documents that could not be read: 1 of 2\n",
    );
    let run = scim_in(&["filter", "title pr"], "[".repeat(1_000_000));
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.contains("nested too deep"), "{}", run.err);
    // Within what is read, but deeper than is followed in asking.
    let deep = format!("{{\"title\":{}1{}}}\n{{\"title\":\"x\"}}\n", "[".repeat(100), "]".repeat(100));
    let run = scim_in(&["filter", "-c", "title pr"], deep);
    assert_eq!((run.code, run.out.as_str()), (2, "1\n"));
    assert!(run.err.starts_with("error: <stdin>:1: the document is nested too deep"), "{}", run.err);
    // A filter as deep as that is refused at once.
    let run = scim_in(&["filter", &"(".repeat(100_000)], "");
    assert!(run.code == 2 && run.err.contains("too long"), "{}", run.err);
    let run = scim_in(&["filter", &"(".repeat(1000)], "");
    assert!(run.code == 2 && run.err.contains("nested too deep"), "{}", run.err);
}

#[test]
fn many_broken_lines_cost_no_more_than_their_number() {
    // Each line could be the beginning of a document that takes in all that follow.
    let lines = "{\"a\":[{\"b\":1},\n".repeat(5_000);
    let run = scim_in(&["filter", "-c", "a pr"], lines);
    assert_eq!((run.code, run.out.as_str()), (2, "0\n"));
    assert!(
        run.err.ends_with("note: documents that could not be read: 5000 of 5000\n"),
        "{}",
        run.err.lines().last().unwrap()
    );
}

/// A file on a disk is read in parts, by several threads: what is printed is what a pipe gives.
#[test]
fn files_and_threads() {
    let folder = folder("threads");
    let path = folder.join("users.ndjson");
    let mut text = String::new();
    for index in 0..60_000 {
        let line = match index % 10_000 {
            77 => "{\"userName\":\n".to_owned(),
            78 => "[{\"title\":\"x\"},{}]\n".to_owned(),
            79 => format!("{{\n  \"title\": \"{}\"\n}}\n", "x".repeat(3_000_000)),
            _ => format!(
                "{{\"userName\":\"u{index}\",\"note\":\"{}\"{}}}\n",
                "x".repeat(100),
                [",\"title\":\"t\"", ""][index % 2]
            ),
        };
        text.push_str(&line);
    }
    std::fs::write(&path, &text).unwrap();
    let path = path.to_str().unwrap();
    let piped = scim_in(&["filter", "-n", "title pr"], &text);
    assert_eq!((piped.code, piped.out.lines().count()), (2, 30_006));
    for threads in ["0", "1", "2", "8"] {
        let run = scim(&["filter", "-n", "title pr", path, "--threads", threads]);
        assert_eq!(run.code, 2);
        assert!(run.out == piped.out, "{threads}");
        assert_eq!(run.err, piped.err.replace("<stdin>", path), "{threads}");
        let run = scim_in(&["filter", "-n", "title pr", "--threads", threads], &text);
        assert!(run.out == piped.out && run.err == piped.err, "{threads}");
        scim(&["filter", "--first", "-c", "title pr", path, "--threads", threads]).gives(0, "1\n", "");
    }
    std::fs::remove_dir_all(folder).unwrap();
}
