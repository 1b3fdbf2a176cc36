//! Measures two pieces of work in turns, so that other load on the machine affects both, and reports the ratio of their times.
//!
//! The clock is the processor time of this thread: it excludes waiting for other processes, but not their effect on the
//! caches. The ratio is the median of the ratios of all rounds; the quartiles show how noisy the run was.

use std::fmt::Write as _;
use std::hint::black_box;
use std::io::Write as _;
use std::time::{Duration, Instant};

use cpu_time::ThreadTime;
use serde_json::{Value, json};

/// Runs something the given number of times and returns the processor time of all runs.
pub type Work<'a> = Box<dyn FnMut(u64) -> Duration + 'a>;

/// Work without preparation.
pub fn plain<'a, T>(mut run: impl FnMut() -> T + 'a) -> Work<'a> {
    Box::new(move |times| {
        let start = ThreadTime::now();
        for _ in 0..times {
            black_box(run());
        }
        start.elapsed()
    })
}

/// Stands for work of exactly this time, for an aim that is a time and not a ratio.
#[allow(dead_code, reason = "each bench uses its part")]
pub fn fixed<'a>(time: Duration) -> Work<'a> {
    Box::new(move |times| {
        Duration::from_secs_f64(time.as_secs_f64() * float(usize::try_from(times).unwrap_or(usize::MAX)))
    })
}

/// Work on a new input in each run. The time excludes making the inputs and dropping them and the results. `at_once` inputs
/// are made before the clock starts: many for short work, one for long work.
pub fn on_fresh<'a, I, T>(
    at_once: usize,
    mut make: impl FnMut() -> I + 'a,
    mut run: impl FnMut(&mut I) -> T + 'a,
) -> Work<'a> {
    Box::new(move |times| {
        let mut left = usize::try_from(times).unwrap_or(usize::MAX);
        let mut total = Duration::ZERO;
        while left > 0 {
            let now = left.min(at_once);
            let mut inputs: Vec<I> = (0..now).map(|_| make()).collect();
            let mut results = Vec::with_capacity(now);
            let start = ThreadTime::now();
            for input in &mut inputs {
                results.push(black_box(run(input)));
            }
            total += start.elapsed();
            left -= now;
        }
        total
    })
}

/// Work that is undone after each run, while the clock is stopped.
pub fn undone<'a, S, T>(
    mut state: S,
    mut run: impl FnMut(&mut S) -> T + 'a,
    mut undo: impl FnMut(&mut S) + 'a,
) -> Work<'a>
where
    S: 'a,
{
    Box::new(move |times| {
        let mut total = Duration::ZERO;
        for _ in 0..times {
            let start = ThreadTime::now();
            let result = black_box(run(&mut state));
            total += start.elapsed();
            drop(result);
            undo(&mut state);
        }
        total
    })
}

/// A row of a table: our work compared with other work.
pub struct Side<'a> {
    pub name: String,
    /// The highest ratio that meets the aim.
    pub aim: Option<f64>,
    pub ours: Work<'a>,
    pub other: Work<'a>,
}

impl<'a> Side<'a> {
    pub fn new(name: impl Into<String>, aim: impl Into<Option<f64>>, ours: Work<'a>, other: Work<'a>) -> Self {
        Self { name: name.into(), aim: aim.into(), ours, other }
    }
}

/// Seconds for one run, in each round.
struct Times(Vec<f64>);

impl Times {
    fn fastest(&self) -> f64 {
        self.0.iter().copied().fold(f64::INFINITY, f64::min)
    }

    fn json(&self) -> Value {
        let [low, median, high] = quartiles(self.0.clone());
        json!({"fastest": self.fastest(), "quartiles": [low, median, high]})
    }
}

/// Seconds for one run of each side, and the quartiles of their ratio over all rounds.
struct Measured {
    ours: Times,
    other: Times,
    quartiles: [f64; 3],
}

pub fn quartiles(mut values: Vec<f64>) -> [f64; 3] {
    values.sort_by(f64::total_cmp);
    [1, 2, 3].map(|quarter| values[(values.len() - 1) * quarter / 4])
}

/// Appends a line of JSON to the file that `SCIM_BENCH_ROWS` names, if it is set. `benches/suite` makes its report from it.
pub fn note(row: &Value) {
    if let Some(path) = std::env::var_os("SCIM_BENCH_ROWS") {
        let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
        writeln!(file, "{row}").unwrap();
    }
}

/// The number of runs that take a few milliseconds of wall-clock time, including set-up.
fn times_for(work: &mut Work<'_>) -> u64 {
    let mut times = 1;
    loop {
        let start = Instant::now();
        work(times);
        if start.elapsed() > Duration::from_millis(3) || times > 1 << 24 {
            return times;
        }
        times *= 2;
    }
}

fn seconds(work: &mut Work<'_>, times: u64) -> f64 {
    #[allow(clippy::cast_precision_loss)]
    let times_f = times as f64;
    work(times).as_secs_f64() / times_f
}

fn measure(side: &mut Side<'_>, rounds: usize) -> Measured {
    let (ours_times, other_times) = (times_for(&mut side.ours), times_for(&mut side.other));
    let (mut ours, mut other, mut ratio) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..rounds {
        let (a, b) = if round % 2 == 0 {
            let a = seconds(&mut side.ours, ours_times);
            (a, seconds(&mut side.other, other_times))
        } else {
            let b = seconds(&mut side.other, other_times);
            (seconds(&mut side.ours, ours_times), b)
        };
        ours.push(a);
        other.push(b);
        ratio.push(a / b);
    }
    Measured { ours: Times(ours), other: Times(other), quartiles: quartiles(ratio) }
}

/// Formats seconds in a suitable unit.
pub fn human(seconds: f64) -> String {
    for (unit, scale) in [("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)] {
        if seconds >= scale {
            return format!("{:.3} {unit}", seconds / scale);
        }
    }
    format!("{:.1} ns", seconds * 1e9)
}

/// Measures all rows and prints them as a Markdown table. A row with an aim shows whether the aim is met.
pub fn table(title: &str, other: &str, rounds: usize, rows: Vec<Side<'_>>) {
    let mut out = format!(
        "\n### {title}\n\n| work | ours, fastest | {other}, fastest | ratio, median of {rounds} | quartiles | aim |\n|---|---|---|---|---|---|\n"
    );
    for mut row in rows {
        let measured = measure(&mut row, rounds);
        let [low, ratio, high] = measured.quartiles;
        note(&json!({
            "kind": "ratio", "table": title, "work": row.name, "beside": other, "aim": row.aim, "rounds": rounds,
            "ours": measured.ours.json(), "theirs": measured.other.json(), "ratio": measured.quartiles,
        }));
        let aim = match row.aim {
            None => String::new(),
            Some(aim) if ratio <= aim => format!("≤ {aim}: met"),
            Some(aim) => format!("≤ {aim}: missed by a factor of {:.2}", ratio / aim),
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} | **{ratio:.2}** | {low:.2}–{high:.2} | {aim} |",
            row.name,
            human(measured.ours.fastest()),
            human(measured.other.fastest()),
        );
    }
    println!("{out}");
}

/// The least-squares slope of cost against size, both as logarithms: 1 is linear, 2 quadratic.
fn slope(points: &[(f64, f64)]) -> f64 {
    let logs: Vec<(f64, f64)> = points.iter().map(|(size, cost)| (size.ln(), cost.ln())).collect();
    let n = float(logs.len());
    let (mean_x, mean_y) = (logs.iter().map(|p| p.0).sum::<f64>() / n, logs.iter().map(|p| p.1).sum::<f64>() / n);
    let above: f64 = logs.iter().map(|(x, y)| (x - mean_x) * (y - mean_y)).sum();
    let below: f64 = logs.iter().map(|(x, _)| (x - mean_x).powi(2)).sum();
    above / below
}

/// The points in the last two decades of size.
fn last_decades(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let largest = points.last().map_or(0.0, |(size, _)| *size);
    points.iter().copied().filter(|(size, _)| *size * 101.0 > largest).collect()
}

/// The cost of each size above that of the smallest, which excludes the fixed cost. Sizes below four times the smallest are
/// left out: their differences are small compared with the noise.
fn differences(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let Some(((size, cost), others)) = points.split_first() else { return Vec::new() };
    let far = others.iter().filter(|(s, _)| *s >= 4.0 * size);
    far.map(|(s, c)| (s - size, c - cost)).filter(|(_, c)| *c > 0.0).collect()
}

/// Measures works of growing size in turns, and prints the cost of each, the cost of a unit, and three slopes: over all sizes,
/// over the last two decades, and over the last two decades of the cost above that of the smallest size.
pub fn scaling(title: &str, unit: &str, rounds: usize, mut works: Vec<(usize, Work<'_>)>) {
    let times: Vec<u64> = works.iter_mut().map(|(_, work)| times_for(work)).collect();
    let mut costs: Vec<Times> = works.iter().map(|_| Times(Vec::new())).collect();
    for _ in 0..rounds {
        for (((_, work), times), costs) in works.iter_mut().zip(&times).zip(&mut costs) {
            costs.0.push(seconds(work, *times));
        }
    }
    let points: Vec<(f64, f64)> =
        works.iter().zip(&costs).map(|((size, _), costs)| (float(*size), costs.fastest())).collect();
    let mut out = format!("\n### {title}\n\n| {unit}s | time, fastest of {rounds} | per {unit} |\n|---|---|---|\n");
    for (size, cost) in &points {
        let _ = writeln!(out, "| {size} | {} | {} |", human(*cost), human(cost / size));
    }
    let [all, last, above] =
        [points.clone(), last_decades(&points), last_decades(&differences(&points))].map(|p| slope(&p));
    let _ = writeln!(
        out,
        "\nlog-log slope: {all:.2} over all, {last:.2} over the last two decades, {above:.2} there for the cost above \
         that of the smallest"
    );
    let sizes: Vec<Value> =
        points.iter().zip(&costs).map(|((size, _), costs)| json!({"size": size, "cost": costs.json()})).collect();
    note(&json!({
        "kind": "scaling", "table": title, "unit": unit, "rounds": rounds, "points": sizes,
        "slope": {"all": all, "last_two_decades": last, "above_the_smallest": above},
    }));
    println!("{out}");
}

#[allow(clippy::cast_precision_loss)]
fn float(count: usize) -> f64 {
    count as f64
}

/// Whether to print the tables: `cargo bench` without a filter, or with the filter `table`.
pub fn wanted() -> bool {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let is_bench =
        args.iter().any(|arg| arg == "--bench") && !args.iter().any(|arg| arg == "--list" || arg == "--test");
    let filters: Vec<&String> = args.iter().filter(|arg| !arg.starts_with('-')).collect();
    is_bench && (filters.is_empty() || filters.iter().any(|filter| *filter == "table"))
}
