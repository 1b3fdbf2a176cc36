//! What the fuzz targets share: generators that are driven by the bytes of an input, and checks of several representations.

pub mod check;
pub mod chooser;
pub mod filters;
#[path = "../../tests/common/locker.rs"]
pub mod locker;
#[path = "../../tests/common/naive.rs"]
pub mod naive;
pub mod requests;
pub mod resources;
#[path = "../../tests/common/spelling.rs"]
pub mod spelling;
pub mod types;
pub mod values;
