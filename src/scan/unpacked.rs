//! gzip and zstd undone while they are read: several members or frames one after the other, no more kept than the format asks
//! for. Both decoders are Rust all through, so that no C compiler is asked for; a decoder has a thread to itself here, beside which
//! the scan is idle half of the time.

use std::fmt;
use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;
use ruzstd::decoding::errors::{FrameDecoderError, ReadFrameHeaderError};
use ruzstd::decoding::{BlockDecodingStrategy, FrameDecoder};

const GZIP: [u8; 2] = [0x1f, 0x8b];
const ZSTD: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// What frames that zstd skips begin with, after a byte from 0x50 to 0x5f.
const SKIPPED: [u8; 3] = [0x2a, 0x4d, 0x18];

/// The most that a zstd stream may have its reader keep, as the program `zstd` has it.
const MAX_WINDOW: u64 = 128 * 1024 * 1024;
/// How much gzip is asked for at once: where the stream is damaged, so much of what came before is lost.
const STEP: usize = 16 * 1024;

/// Decompresses the bytes of a reader, if they are gzip or zstd, and passes other bytes through. The first bytes decide.
///
/// A stream that is cut off or damaged gives everything before that position, then an error that says where it is.
///
/// ```
/// use std::io::Read;
/// let gzip = [31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 171, 174, 229, 2, 0, 6, 176, 161, 221, 3, 0, 0, 0];
/// let mut text = String::new();
/// scim_engine::scan::Unpacked::new(&gzip[..]).read_to_string(&mut text)?;
/// assert_eq!(text, "{}\n");
/// let error = scim_engine::scan::Unpacked::new(&gzip[..20]).read_to_string(&mut text).unwrap_err();
/// assert_eq!(error.to_string(), "the gzip stream is cut off after 20 bytes");
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct Unpacked<R>(State<R>);

impl<R> fmt::Debug for Unpacked<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unpacked").finish_non_exhaustive()
    }
}

enum State<R> {
    /// At the beginning of the stream.
    Start(Source<R>),
    Plain(Source<R>),
    Gzip(Box<GzDecoder<Source<R>>>),
    Zstd(Box<Zstd<R>>),
    End,
}

/// How a stream is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Packing {
    Gzip,
    Zstd,
}

impl Packing {
    fn of(start: &[u8]) -> Option<Self> {
        match start {
            [first, rest @ ..] if first & 0xf0 == 0x50 && rest.starts_with(&SKIPPED) => Some(Self::Zstd),
            _ if start.starts_with(&GZIP) => Some(Self::Gzip),
            _ if start.starts_with(&ZSTD) => Some(Self::Zstd),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Gzip => "gzip",
            Self::Zstd => "zstd",
        }
    }
}

impl<R: Read> Unpacked<R> {
    /// Reads nothing yet.
    pub fn new(reader: R) -> Self {
        Self(State::Start(Source::new(reader)))
    }

    /// Whether something is undone; reads the first bytes.
    ///
    /// # Errors
    /// Those of the reader.
    pub fn is_packed(&mut self) -> io::Result<bool> {
        match &mut self.0 {
            State::Start(source) => Ok(Packing::of(source.peek()?).is_some()),
            State::Gzip(_) | State::Zstd(_) => Ok(true),
            State::Plain(_) | State::End => Ok(false),
        }
    }
}

impl<R: Read> Read for Unpacked<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if out.is_empty() {
            return Ok(0);
        }
        loop {
            // What is not put back is over.
            let (state, read) = match std::mem::replace(&mut self.0, State::End) {
                State::Start(mut source) => match source.peek() {
                    Ok(start) => (begin(Packing::of(start), source)?, None),
                    Err(error) => return Err(error),
                },
                State::Plain(mut source) => {
                    let read = source.read(out);
                    (State::Plain(source), Some(read?))
                }
                State::Gzip(mut decoder) => {
                    let end = out.len().min(STEP);
                    let read = decoder.read(out.get_mut(..end).unwrap_or_default());
                    match read {
                        Ok(0) => (next(Packing::Gzip, decoder.into_inner())?, None),
                        Ok(read) => (State::Gzip(decoder), Some(read)),
                        Err(error) => return Err(decoder.get_mut().explain(Packing::Gzip, error)),
                    }
                }
                State::Zstd(mut zstd) => match zstd.read(out)? {
                    0 => (next(Packing::Zstd, zstd.source)?, None),
                    read => (State::Zstd(zstd), Some(read)),
                },
                State::End => return Ok(0),
            };
            self.0 = state;
            if let Some(read) = read {
                return Ok(read);
            }
        }
    }
}

fn begin<R: Read>(packing: Option<Packing>, source: Source<R>) -> io::Result<State<R>> {
    Ok(match packing {
        None => State::Plain(source),
        Some(Packing::Gzip) => State::Gzip(Box::new(GzDecoder::new(source))),
        Some(Packing::Zstd) => Zstd::begin(source)?.map_or(State::End, |zstd| State::Zstd(Box::new(zstd))),
    })
}

/// After a member or frame.
fn next<R: Read>(packing: Packing, mut source: Source<R>) -> io::Result<State<R>> {
    loop {
        let start = source.peek()?;
        match start.first() {
            None => return Ok(State::End),
            // Tapes and disks fill a block up.
            Some(0) => source.consume(1),
            Some(_) if Packing::of(start) == Some(packing) => return begin(Some(packing), source),
            Some(_) => {
                let message = format!("the data after byte {} is not {}", source.taken, packing.name());
                return Err(io::Error::new(io::ErrorKind::InvalidData, message));
            }
        }
    }
}

/// A zstd frame that is being read.
struct Zstd<R> {
    source: Source<R>,
    decoder: FrameDecoder,
    /// What went wrong after what was decoded.
    error: Option<io::Error>,
}

impl<R: Read> Zstd<R> {
    /// The next frame, those skipped that are to be; none at the end.
    fn begin(mut source: Source<R>) -> io::Result<Option<Self>> {
        let mut decoder = FrameDecoder::new();
        decoder.set_max_window_size(MAX_WINDOW);
        while !source.peek()?.is_empty() {
            match decoder.init(&mut source) {
                Ok(()) => return Ok(Some(Self { source, decoder, error: None })),
                Err(FrameDecoderError::ReadFrameHeaderError(ReadFrameHeaderError::SkipFrame { length, .. })) => {
                    let length = u64::from(length);
                    let skipped = io::copy(&mut Read::by_ref(&mut source).take(length), &mut io::sink())?;
                    if skipped < length {
                        return Err(source.cut_off(Packing::Zstd));
                    }
                }
                Err(error) => return Err(source.explain(Packing::Zstd, other(error))),
            }
        }
        Ok(None)
    }

    /// No bytes at the end of the frame.
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // A last block that is empty, and room for a sum.
        const LAST: [u8; 7] = [1, 0, 0, 0, 0, 0, 0];
        while self.decoder.can_collect() == 0 {
            if let Some(error) = self.error.take() {
                return Err(error);
            }
            if self.decoder.is_finished() {
                let sum = self.decoder.get_checksum_from_data();
                if sum.is_some() && sum != self.decoder.get_calculated_checksum() {
                    return Err(self.source.damaged(Packing::Zstd, "the sum of its bytes is another"));
                }
                return Ok(0);
            }
            if let Err(error) = self.decoder.decode_blocks(&mut self.source, BlockDecodingStrategy::UptoBlocks(1)) {
                self.error = Some(self.source.explain(Packing::Zstd, other(error)));
                // What was decoded before is held back until the frame ends: so it does.
                let _ = self.decoder.decode_blocks(&LAST[..], BlockDecodingStrategy::UptoBlocks(1));
            }
        }
        self.decoder.read(out)
    }
}

fn other(error: FrameDecoderError) -> io::Error {
    match error {
        FrameDecoderError::WindowSizeTooBig { requested, .. } => {
            let [wanted, most] = [requested, MAX_WINDOW].map(|bytes| bytes.div_ceil(1024 * 1024));
            io::Error::other(format!("it wants {wanted} MiB kept, at most {most} are"))
        }
        FrameDecoderError::DictNotProvided { .. } => io::Error::other("it needs a dictionary"),
        _ => io::Error::from(io::ErrorKind::InvalidData),
    }
}

/// A buffered reader that knows how far it is.
struct Source<R> {
    reader: R,
    buffer: Vec<u8>,
    /// Where in the buffer it is, and where that ends.
    at: usize,
    end: usize,
    /// The bytes that were taken from it.
    taken: u64,
    is_at_end: bool,
    /// An error of the reader, which says more than what follows from it.
    error: Option<io::Error>,
}

impl<R: Read> Source<R> {
    fn new(reader: R) -> Self {
        Self { reader, buffer: vec![0; 64 * 1024], at: 0, end: 0, taken: 0, is_at_end: false, error: None }
    }

    /// The next four bytes, or as many as there are, or as tell that it is not packed.
    fn peek(&mut self) -> io::Result<&[u8]> {
        const MANY: usize = 4;
        if self.end - self.at < MANY {
            self.buffer.copy_within(self.at..self.end, 0);
            (self.at, self.end) = (0, self.end - self.at);
        }
        while self.end - self.at < MANY && !self.is_at_end {
            let first = self.buffer.get(self.at..self.end).and_then(|start| start.first());
            if first.is_some_and(|first| !matches!(first, 0x1f | 0x28 | 0x50..=0x5f)) {
                break;
            }
            self.end += self.read_on(self.end)?;
        }
        Ok(self.buffer.get(self.at..self.end.min(self.at + MANY)).unwrap_or_default())
    }

    /// Reads into the buffer from a place on.
    fn read_on(&mut self, from: usize) -> io::Result<usize> {
        let read = read(&mut self.reader, self.buffer.get_mut(from..).unwrap_or_default());
        self.note(read)
    }

    /// Keeps an error of the reader; a copy of it goes through the decoder.
    fn note(&mut self, read: io::Result<usize>) -> io::Result<usize> {
        if let Ok(read) = read {
            self.is_at_end = read == 0;
        }
        read.map_err(|error| {
            let copy = io::Error::new(error.kind(), error.to_string());
            self.error = Some(error);
            copy
        })
    }

    fn cut_off(&self, packing: Packing) -> io::Error {
        let message = format!("the {} stream is cut off after {} bytes", packing.name(), self.taken);
        io::Error::new(io::ErrorKind::UnexpectedEof, message)
    }

    fn damaged(&self, packing: Packing, why: &str) -> io::Error {
        let message = format!("the {} stream is damaged before byte {}: {why}", packing.name(), self.taken);
        io::Error::new(io::ErrorKind::InvalidData, message)
    }

    /// What an error of the decoder comes from.
    fn explain(&mut self, packing: Packing, error: io::Error) -> io::Error {
        if let Some(error) = self.error.take() {
            return error;
        }
        match error.kind() {
            _ if self.is_at_end => self.cut_off(packing),
            io::ErrorKind::UnexpectedEof => self.cut_off(packing),
            io::ErrorKind::Other => self.damaged(packing, &error.to_string()),
            _ => self.damaged(packing, "it is not what a packer writes"),
        }
    }
}

/// Reads, whatever comes between.
fn read(reader: &mut impl Read, out: &mut [u8]) -> io::Result<usize> {
    loop {
        match reader.read(out) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            read => return read,
        }
    }
}

impl<R: Read> Read for Source<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at == self.end && out.len() >= self.buffer.len() {
            let read = read(&mut self.reader, out);
            let read = self.note(read)?;
            self.taken += u64::try_from(read).unwrap_or_default();
            return Ok(read);
        }
        let read = self.fill_buf()?.read(out)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read> BufRead for Source<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.end {
            (self.at, self.end) = (0, 0);
            self.end = self.read_on(0)?;
        }
        Ok(self.buffer.get(self.at..self.end).unwrap_or_default())
    }

    fn consume(&mut self, count: usize) {
        let count = count.min(self.end - self.at);
        self.at += count;
        self.taken += u64::try_from(count).unwrap_or_default();
    }
}
