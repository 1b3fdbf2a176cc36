//! The filters written by hand with JSON libraries, for documents of exactly this form, as in `data/by_hand.rs`. The number is
//! the position of the filter in `FILTERS`.

use crate::data::by_hand::contains;
use crate::data::{ENTERPRISE, THIRTY};

/// The filters over the values of a library.
macro_rules! predicates {
    ($value:ty) => {
        fn text<'v>(value: &'v $value, name: &str) -> Option<&'v str> {
            value.get(name)?.as_str()
        }

        fn is(value: &$value, name: &str, literal: &str) -> bool {
            text(value, name).is_some_and(|text| text.eq_ignore_ascii_case(literal))
        }

        pub fn is_work_at_example(email: &$value) -> bool {
            is(email, "type", "work")
                && text(email, "value").is_some_and(|text| crate::data::by_hand::contains(text, "@example.org"))
        }

        pub fn holds(number: usize, user: &$value) -> bool {
            match number {
                0 => is(user, "userName", "bjensen@example.com"),
                1 => text(user, "title").is_some_and(|title| !title.is_empty()) && is(user, "userType", "Employee"),
                2 => {
                    let emails = user.get("emails").and_then(|emails| emails.as_array());
                    is(user, "userType", "Employee")
                        && emails.is_some_and(|emails| emails.iter().any(is_work_at_example))
                }
                3 => {
                    let modified = user.get("meta").and_then(|meta| text(meta, "lastModified"));
                    modified.is_some_and(|at| at >= "2024-06-01T00:00:00Z")
                        && user.get("active").and_then(|active| active.as_bool()) != Some(false)
                }
                4 => user.get(ENTERPRISE).is_some_and(|extension| is(extension, "department", "Engineering")),
                5 => is(user, "userName", "nobody.of.that.name@nowhere.example"),
                _ => text(user, "userName").is_some_and(|name| THIRTY.iter().any(|one| name.eq_ignore_ascii_case(one))),
            }
        }
    };
}

pub mod with_sonic {
    use super::{ENTERPRISE, THIRTY};
    use sonic_rs::{JsonContainerTrait as _, JsonValueTrait as _};

    predicates!(sonic_rs::Value);
}

pub mod with_simd_json {
    use super::{ENTERPRISE, THIRTY};
    use simd_json::prelude::*;

    predicates!(simd_json::BorrowedValue<'_>);
}

/// The filters over structs that borrow from the text and have only the members that the filter reads.
pub mod typed {
    use std::borrow::Cow;

    use serde::Deserialize;

    use super::THIRTY;

    /// `Cow` borrows only outside `Option`.
    #[derive(Deserialize)]
    #[serde(transparent)]
    struct Text<'t>(#[serde(borrow)] Cow<'t, str>);

    fn is(text: Option<&Text<'_>>, literal: &str) -> bool {
        text.is_some_and(|text| text.0.eq_ignore_ascii_case(literal))
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct Named<'t> {
        #[serde(borrow)]
        user_name: Option<Text<'t>>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct Titled<'t> {
        #[serde(borrow)]
        title: Option<Text<'t>>,
        #[serde(borrow)]
        user_type: Option<Text<'t>>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct Mailed<'t> {
        #[serde(borrow)]
        user_type: Option<Text<'t>>,
        #[serde(borrow, default)]
        emails: Vec<Email<'t>>,
    }

    #[derive(Deserialize)]
    pub struct Email<'t> {
        #[serde(borrow, rename = "type")]
        kind: Option<Text<'t>>,
        #[serde(borrow)]
        value: Option<Text<'t>>,
    }

    #[derive(Deserialize)]
    pub struct Dated<'t> {
        #[serde(borrow)]
        meta: Option<Meta<'t>>,
        active: Option<bool>,
    }

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub struct Meta<'t> {
        #[serde(borrow)]
        last_modified: Option<Text<'t>>,
    }

    #[derive(Deserialize)]
    pub struct Employed<'t> {
        #[serde(borrow, rename = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")]
        enterprise: Option<Enterprise<'t>>,
    }

    #[derive(Deserialize)]
    pub struct Enterprise<'t> {
        #[serde(borrow)]
        department: Option<Text<'t>>,
    }

    /// A library that makes the structs.
    pub trait Reader {
        fn read<'t, T: Deserialize<'t>>(text: &'t [u8]) -> T;
    }

    pub struct WithSerdeJson;

    impl Reader for WithSerdeJson {
        fn read<'t, T: Deserialize<'t>>(text: &'t [u8]) -> T {
            serde_json::from_slice(text).unwrap()
        }
    }

    pub struct WithSonic;

    impl Reader for WithSonic {
        fn read<'t, T: Deserialize<'t>>(text: &'t [u8]) -> T {
            sonic_rs::from_slice(text).unwrap()
        }
    }

    pub fn holds<R: Reader>(number: usize, text: &[u8]) -> bool {
        match number {
            0 => is(R::read::<Named<'_>>(text).user_name.as_ref(), "bjensen@example.com"),
            1 => {
                let user: Titled<'_> = R::read(text);
                user.title.is_some_and(|title| !title.0.is_empty()) && is(user.user_type.as_ref(), "Employee")
            }
            2 => {
                let user: Mailed<'_> = R::read(text);
                let contains = |text: &Text<'_>| super::contains(&text.0, "@example.org");
                is(user.user_type.as_ref(), "Employee")
                    && user
                        .emails
                        .iter()
                        .any(|email| is(email.kind.as_ref(), "work") && email.value.as_ref().is_some_and(contains))
            }
            3 => {
                let user: Dated<'_> = R::read(text);
                let modified = user.meta.and_then(|meta| meta.last_modified);
                modified.is_some_and(|at| &*at.0 >= "2024-06-01T00:00:00Z") && user.active != Some(false)
            }
            4 => is(R::read::<Employed<'_>>(text).enterprise.and_then(|user| user.department).as_ref(), "Engineering"),
            5 => is(R::read::<Named<'_>>(text).user_name.as_ref(), "nobody.of.that.name@nowhere.example"),
            _ => {
                let name = R::read::<Named<'_>>(text).user_name;
                name.is_some_and(|name| THIRTY.iter().any(|one| name.0.eq_ignore_ascii_case(one)))
            }
        }
    }
}

/// The filters by sonic-rs's look-ups in the text. A look-up stops at the value, and the rest is not checked.
pub mod looked_up {
    use sonic_rs::{JsonValueTrait as _, LazyValue};

    use super::{ENTERPRISE, THIRTY};

    fn get<'t>(text: &'t [u8], path: &[&str]) -> Option<LazyValue<'t>> {
        sonic_rs::get(text, path).ok()
    }

    fn string(text: &[u8], path: &[&str], holds: impl Fn(&str) -> bool) -> bool {
        get(text, path).is_some_and(|value| value.as_str().is_some_and(holds))
    }

    fn is(text: &[u8], path: &[&str], literal: &str) -> bool {
        string(text, path, |found| found.eq_ignore_ascii_case(literal))
    }

    pub fn holds(number: usize, text: &[u8]) -> bool {
        match number {
            0 => is(text, &["userName"], "bjensen@example.com"),
            1 => string(text, &["title"], |title| !title.is_empty()) && is(text, &["userType"], "Employee"),
            2 => {
                is(text, &["userType"], "Employee")
                    && get(text, &["emails"]).is_some_and(|emails| {
                        let emails: sonic_rs::Value = sonic_rs::from_str(emails.as_raw_str()).unwrap();
                        sonic_rs::JsonContainerTrait::as_array(&emails)
                            .is_some_and(|emails| emails.iter().any(super::with_sonic::is_work_at_example))
                    })
            }
            3 => {
                string(text, &["meta", "lastModified"], |at| at >= "2024-06-01T00:00:00Z")
                    && get(text, &["active"]).and_then(|active| active.as_bool()) != Some(false)
            }
            4 => is(text, &[ENTERPRISE, "department"], "Engineering"),
            5 => is(text, &["userName"], "nobody.of.that.name@nowhere.example"),
            _ => string(text, &["userName"], |name| THIRTY.iter().any(|one| name.eq_ignore_ascii_case(one))),
        }
    }
}
