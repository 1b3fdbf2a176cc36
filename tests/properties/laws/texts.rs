//! A PATCH of text is the PATCH of the value that it is.

use proptest::prelude::*;

use super::super::config;
use super::super::spelling::{Dice, spell};
use super::super::splice::check;
use super::requests::{Ops, rough_case};

proptest! {
    #![proptest_config(config(1500))]

    /// The same result, changes and repairs, or the same error.
    #[test]
    fn text_gives_the_same_as_the_value(case in rough_case(Ops::All), seed in any::<u64>()) {
        let Ok(patch) = case.patch() else { return Ok(()) };
        check(&patch, &case.stored, &spell(&case.stored, &mut Dice::new(seed)), case.kind())?;
    }
}
