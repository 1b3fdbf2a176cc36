//! Provisioning clients against an endpoint in memory: what they send, what they find, what they leave behind.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

/// The counts of which only the named ones are not zero.
macro_rules! counts {
    ($($name:ident: $count:expr),*) => {{
        let mut counts = scim_engine::client::Counts::default();
        $(counts.$name = $count;)*
        counts
    }};
}

mod faults;
mod play;
mod resume;
mod server;
mod shapes;
mod suites;
