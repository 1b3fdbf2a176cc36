//! Packed documents: what was packed as gzip or zstd is read as it was, in reads of any size, and the scan of the reader finds
//! what the scan of the text finds. Damaged and arbitrary bytes give an end or an error.
#![no_main]

use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::sync::LazyLock;

use flate2::Compression;
use flate2::write::GzEncoder;
use libfuzzer_sys::fuzz_target;
use ruzstd::encoding::{CompressionLevel, compress_to_vec};
use scim_engine::scan::{Item, ScanOptions, Unpacked};
use scim_engine::{Filter, Matcher};
use scim_engine_fuzz::chooser::Chooser;
use scim_engine_fuzz::types::USER;
use scim_engine_fuzz::values::any_object;

static MATCHER: LazyLock<Matcher> = LazyLock::new(|| {
    let filter: Filter = "userName pr or emails[type eq \"work\"] or not (title pr)".parse().expect("a filter");
    filter.compile(&USER).expect("a filter for users")
});

/// Hostile bytes may unpack to any size, so no more than this is read.
const MOST: u64 = 1 << 20;

/// A reader that gives a few bytes at a time, and now and then is interrupted.
struct Slow<'t>(&'t [u8], usize);

impl Read for Slow<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        self.1 = self.1 * 5 % 251 + 1;
        if self.1 % 16 == 0 {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let len = self.1.min(out.len()).min(self.0.len());
        let (read, rest) = self.0.split_at(len);
        out[..len].copy_from_slice(read);
        self.0 = rest;
        Ok(len)
    }
}

fn unpack(bytes: &[u8], step: usize) -> (Vec<u8>, io::Result<usize>) {
    let mut text = Vec::new();
    let result = Unpacked::new(Slow(bytes, step)).take(MOST).read_to_end(&mut text);
    (text, result)
}

/// The documents of a reader, and whether each of them matches.
fn scanned(reader: impl Read + Send) -> (Vec<Option<bool>>, bool) {
    let mut found = Vec::new();
    let result = MATCHER.scan_reader(reader, &ScanOptions::default(), |item| {
        found.push(if let Item::Document(document) = item { Some(document.is_match) } else { None });
        ControlFlow::Continue(())
    });
    (found, result.is_ok())
}

fuzz_target!(|data: &[u8]| {
    let mut chooser = Chooser::new(data);
    // Bytes as they come.
    if data.starts_with(&[0x1f, 0x8b]) || data.starts_with(&[0x28, 0xb5]) || data.get(1..4) == Some(&[0x2a, 0x4d, 0x18])
    {
        let _ = unpack(data, 200);
        return;
    }
    let c = &mut chooser;
    let (how, step, is_scanned, damage) = (c.below(8), c.below(250), c.one_in(24), c.below(4));
    let (mut text, mut packed) = (Vec::new(), Vec::new());
    for _ in 0..=c.below(3) {
        let mut part = Vec::new();
        for _ in 0..=c.below(4) {
            let document = any_object(c, 2).to_string();
            let times = *c.weighted(&[(8, 1), (1, 40), (1, 0)]);
            for _ in 0..times {
                part.extend_from_slice(document.as_bytes());
                part.push(b'\n');
            }
        }
        if c.one_in(8) {
            part.extend_from_slice(c.take(32));
        }
        match how {
            0..4 => {
                let mut encoder =
                    GzEncoder::new(Vec::new(), Compression::new(u32::try_from(how * 3).unwrap_or_default()));
                encoder.write_all(&part).expect("memory takes all");
                packed.extend(encoder.finish().expect("memory takes all"));
            }
            4 | 5 => packed.extend(compress_to_vec(part.as_slice(), CompressionLevel::Fastest)),
            6 => {
                // A frame that is skipped, and one that is not packed.
                packed.extend_from_slice(&[
                    0x50 + u8::try_from(part.len() % 16).unwrap_or_default(),
                    0x2a,
                    0x4d,
                    0x18,
                    3,
                    0,
                    0,
                    0,
                    1,
                    2,
                    3,
                ]);
                packed.extend(compress_to_vec(part.as_slice(), CompressionLevel::Uncompressed));
            }
            _ => packed.extend_from_slice(&part),
        }
        text.extend(part);
    }
    if how == 7 && !text.first().is_none_or(|first| *first == b'{') {
        return;
    }
    let (found, result) = unpack(&packed, step);
    result.expect("what was packed is unpacked");
    assert_eq!(found, text);
    if is_scanned {
        let direct = MATCHER.scan(&text, &ScanOptions::default()).tally;
        let (found, is_read) = scanned(Unpacked::new(Slow(&packed, step)));
        assert!(is_read);
        assert_eq!(found.len(), direct.documents);
        assert_eq!(found.iter().filter(|found| **found == Some(true)).count(), direct.matches);
    }
    if packed.is_empty() || how == 7 {
        return;
    }
    // Damaged: the beginning of the text, then an error or an end.
    for _ in 0..damage {
        let at = (c.below(256) << 8 | c.below(256)) % packed.len();
        match c.below(3) {
            0 => packed.truncate(at.max(1)),
            1 => packed[at] ^= 1 << c.below(8),
            _ => packed[at] = c.byte(),
        }
    }
    let (_, result) = unpack(&packed, step);
    if let Err(error) = result {
        assert!(!error.to_string().is_empty());
    }
});
