//! gzip and zstd: recognised by what they begin with, in one piece and in several, whole, cut off and damaged. The fixtures are
//! lines like `LINES`: 40,000 in `many.ndjson.gz`, 200,000 in `many.ndjson.zst`.

use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use crate::runner::{Run, command, fixtures, folder, scim, scim_in};

fn read(name: &str) -> Vec<u8> {
    fs::read(fixtures().join("packed").join(name)).unwrap()
}

const LINES: &str = "{\"userName\":\"ada\",\"title\":\"Guide\",\"note\":\"\
                     xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"}\n{\"userName\":\"bo\"}\n";

/// A zstd frame of bytes as they are.
fn frame(bytes: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x28, 0xb5, 0x2f, 0xfd, 0xa0];
    frame.extend(u32::try_from(bytes.len()).unwrap().to_le_bytes());
    let header = 1 | (u32::try_from(bytes.len()).unwrap() << 3);
    frame.extend(&header.to_le_bytes()[..3]);
    frame.extend(bytes);
    frame
}

/// As a file and through a pipe, with one thread and with several.
fn count(packed: &[u8]) -> Run {
    // Tests run side by side.
    let folder = folder(&format!("packed-{}", std::thread::current().name().unwrap().replace("::", "-")));
    let path = folder.join("packed.bin");
    fs::write(&path, packed).unwrap();
    let path = path.to_str().unwrap();
    let first = scim(&["filter", "-c", "title pr", path]);
    for threads in ["1", "2", "8"] {
        for run in [
            scim(&["filter", "-c", "title pr", path, "--threads", threads]),
            scim_in(&["filter", "-c", "title pr", "--threads", threads], packed),
        ] {
            let name = if run.err.contains(path) { path } else { "<stdin>" };
            run.gives(first.code, &first.out, &first.err.replace(path, name));
        }
    }
    Run { err: first.err.replace(path, "FILE"), ..first }
}

#[test]
fn in_one_piece_and_in_several() {
    let (gzip, zstd) = (read("many.ndjson.gz"), read("many.ndjson.zst"));
    count(&gzip).gives(0, "20000\n", "");
    count(&zstd).gives(0, "100000\n", "");
    count(&[&gzip[..], &gzip, &[0; 700]].concat()).gives(0, "40000\n", "");
    let skipped = [&[0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0][..], b"abc"].concat();
    let small = frame(LINES.as_bytes());
    count(&[&skipped[..], &zstd, &skipped, &small, &frame(b""), &skipped].concat()).gives(0, "100001\n", "");
    // A list may span several pieces.
    let list = [frame(b"[{\"title\":1},"), frame(b"{\"tit"), frame(b"le\":2}]")].concat();
    count(&list).gives(0, "2\n", "");
    count(&frame(b"")).gives(1, "0\n", "");
    count(&skipped).gives(1, "0\n", "");
}

#[test]
fn documents_are_printed_as_from_the_text_itself() {
    let text = LINES.repeat(20_000);
    let plain = scim_in(&["filter", "-n", "title pr"], &text);
    assert_eq!(plain.out.lines().count(), 20_000);
    for threads in ["1", "2"] {
        let packed = scim(&["filter", "-n", "title pr", "packed/many.ndjson.gz", "--threads", threads]);
        assert!(packed.out == plain.out, "{threads}");
    }
    // Documents of several types are asked one by one.
    let own = ["--schemas", "schemas.json", "--resource-types", "resource_types.json"];
    scim(&[&["filter", "-c", "title pr", "packed/many.ndjson.gz"][..], &own].concat()).gives(0, "20000\n", "");
}

#[test]
fn truncated_input_gives_all_before_it_and_an_error() {
    for (name, packing, all) in [("many.ndjson.gz", "gzip", 20_000), ("many.ndjson.zst", "zstd", 100_000)] {
        let packed = read(name);
        for end in [5, 17, packed.len() / 2, packed.len() - 3] {
            let run = count(&packed[..end]);
            let found: usize = run.out.trim().parse().unwrap();
            let said = format!("error: FILE: cannot be read: the {packing} stream is cut off after {end} bytes\n");
            assert!(run.err.starts_with(&said), "{end}: {}", run.err);
            assert_eq!(run.code, 2);
            // About as much as came before, and the end but for the last sum.
            let (least, most) = match end {
                5 | 17 => (0, 0),
                _ if end == packed.len() - 3 => (all, all),
                _ => (all / 10, all - 1),
            };
            assert!((least..=most).contains(&found), "{name} {end}: {found}");
        }
    }
    // Nothing is known to be missing at the end of a piece.
    let whole = read("many.ndjson.gz");
    count(&[&whole[..], &whole[..12]].concat()).gives(
        2,
        "20000\n",
        &format!(
            "error: FILE: cannot be read: the gzip stream is cut off after {} bytes\n\
             note: documents that could not be read: 1 of 40001\n",
            whole.len() + 12
        ),
    );
}

#[test]
fn damaged_input_gives_all_before_it_and_an_error() {
    for (name, packing) in [("many.ndjson.gz", "gzip"), ("many.ndjson.zst", "zstd")] {
        let packed = read(name);
        // The sum at the end.
        let mut damaged = packed.clone();
        let at = packed.len() - if packing == "gzip" { 8 } else { 1 };
        damaged[at] ^= 1;
        let run = count(&damaged);
        assert!(run.err.contains(&format!("the {packing} stream is damaged before byte")), "{}", run.err);
        assert!(run.code == 2 && run.out.len() > 5, "{}", run.out);
        // In the middle anything may come of it but success.
        for at in (20..packed.len() - 8).step_by(packed.len() / 12) {
            let mut damaged = packed.clone();
            damaged[at] ^= 0x55;
            assert_eq!(count(&damaged).code, 2, "{name} {at}");
        }
    }
    let run = count(&[&read("many.ndjson.gz")[..], b"{\"title\":1}\n"].concat());
    assert!(run.out == "20000\n" && run.err.contains("is not gzip"), "{}", run.err);
    let run = count(b"\x1f\x8b\x08\x00junk that is no gzip stream at all");
    assert!(run.code == 2 && run.err.contains("the gzip stream is"), "{}", run.err);
    // Neither.
    let run = count(b"\x1f{\"a\":1}\n");
    assert!(run.code == 2 && run.err.contains("invalid JSON"), "{}", run.err);
}

#[test]
fn a_stream_that_wants_too_much_kept_is_refused() {
    // A frame with a window of 1 GiB.
    let run = count(&[0x28, 0xb5, 0x2f, 0xfd, 0x00, 0xa0, 0x01, 0x00, 0x00]);
    assert!(run.err.contains("it wants 1024 MiB kept, at most 128 are"), "{}", run.err);
    let run = count(&[0x28, 0xb5, 0x2f, 0xfd, 0x23, 7, 0, 0, 0, 1, 1, 0, 0]);
    assert!(run.err.contains("it needs a dictionary"), "{}", run.err);
}

/// A packed document of 100 MB: no more is kept than any document may have.
#[cfg(target_os = "linux")]
#[test]
fn highly_compressed_input_does_not_fill_the_memory() {
    let mut child = command()
        .args(["filter", "-c", "title pr"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let zstd = read("many.ndjson.zst");
    for _ in 0..20 {
        stdin.write_all(&zstd).unwrap();
    }
    // The input is not at its end: all of it that was written is read, and the process is there to be looked at.
    std::thread::sleep(std::time::Duration::from_millis(1500));
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    drop(stdin);
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "2000000\n");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kib: usize = peak.trim().trim_end_matches(" kB").parse().unwrap();
    assert!(kib < 48 * 1024, "{kib} KiB");
}
