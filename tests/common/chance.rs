//! How many random cases a property is tried on, and which.

use proptest::test_runner::{Config, RngSeed};

/// `cases` cases, the same in every run: what fails, fails again, and a change does not fail by chance. With `PROPTEST_CASES`
/// there are that many, and others each time: that is what `make soak` is for. Nothing is kept between runs.
pub fn config(cases: u32) -> Config {
    let default = Config::default();
    let is_soak = std::env::var_os("PROPTEST_CASES").is_some();
    let (cases, rng_seed) = if is_soak { (default.cases, default.rng_seed) } else { (cases, RngSeed::Fixed(1)) };
    Config { cases, rng_seed, failure_persistence: None, ..default }
}
