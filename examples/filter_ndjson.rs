//! Filters NDJSON without parsing it: `cargo run --example filter_ndjson -- 'active eq true' users.ndjson`.
//!
//! Without a file, some built-in users are filtered.

use std::io::Write as _;

use scim_engine::scan::ScanOptions;
use scim_engine::{Error, Filter, ResourceType};

const USERS: &str = r#"{"userName": "mirela", "active": true, "emails": [{"type": "work", "value": "mirela@harbour.example"}]}
{"userName": "otto", "active": false}
{"userName": "ines", "active": true
{"userName": "ines", "active": true, "title": "Pilot"}
"#;

/// The users that satisfy the filter, each as its own text, and a report of each line that is not a document.
fn select(filter: &str, users: &[u8]) -> Result<(Vec<Vec<u8>>, Vec<String>), Error> {
    let matcher = Filter::parse(filter)?.compile(&ResourceType::user())?;
    // Threads scan blocks of the text; the matches are in the order of the text.
    let found = matcher.scan(users, &ScanOptions::default().threads(0));
    let texts = found.matches.iter().map(|found| found.text.to_vec()).collect();
    Ok((texts, found.faults.iter().map(ToString::to_string).collect()))
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let filter =
        arguments.next().unwrap_or_else(|| r#"active eq true and (title pr or emails.type eq "work")"#.to_owned());
    let users = arguments.next().map_or_else(|| Ok(USERS.as_bytes().to_vec()), std::fs::read)?;
    let (matches, faults) = match select(&filter, &users) {
        Ok(found) => found,
        Err(error) => {
            // The filter with carets under the mistake, and a hint.
            eprintln!("{}", error.render());
            return Err(error.into());
        }
    };
    let mut out = std::io::stdout().lock();
    for text in matches {
        out.write_all(&text)?;
        out.write_all(b"\n")?;
    }
    for fault in faults {
        eprintln!("{fault}");
    }
    Ok(())
}

#[test]
fn the_example_does_what_it_says() {
    let (matches, faults) = select(r#"emails.type eq "work" or title pr"#, USERS.as_bytes()).unwrap();
    assert_eq!(matches.len(), 2);
    assert!(faults[0].contains("line 3"), "{faults:?}");
    assert_eq!(select("titel pr", b"").unwrap_err().hint(), Some("did you mean `title`?"));
    main().unwrap();
}
