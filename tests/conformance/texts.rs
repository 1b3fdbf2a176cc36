//! Cases of `parse`, `path` and `match`.

use scim_engine::{Filter, Options, ParseError, PatchPath, ResourceType};

use super::case::Case;
use super::failure::{Failure, check_error};

/// The text of a filter compiled without a resource type, which must read as itself in strict mode (D26); none if it cannot
/// be compiled.
fn compiled_text(filter: &Filter, options: &Options) -> Result<Option<String>, String> {
    let any = ResourceType::any();
    let Ok(matcher) = filter.compile_with(&any, options) else { return Ok(None) };
    let printed = matcher.filter().to_string();
    // A URN that is put right may be longer than it was.
    let mut limits = options.limits;
    limits.filter_bytes = limits.filter_bytes.max(printed.len());
    let again = Filter::parse_with(&printed, &Options::strict().limits(limits));
    let again = again.map(|again| again.compile_with(&any, &Options::strict()));
    match again {
        Ok(Ok(again)) if again.filter().to_string() == printed => Ok(Some(printed)),
        again => Err(format!("{printed:?} does not read as itself: {again:?}")),
    }
}

pub fn parse_case(case: &Case) -> Result<(), String> {
    let text = case.text("filter");
    let parsed = Filter::parse_with(&text, &case.options);
    match (parsed, case.json.get("error")) {
        (Ok(filter), None) => {
            let canonical = filter.to_string();
            let printed = compiled_text(&filter, &case.options)?.unwrap_or_else(|| canonical.clone());
            if let Some(expected) = case.json.get("canonical")
                && *expected != printed
            {
                return Err(format!("expected {expected}, found {printed:?}"));
            }
            let again = Filter::parse_with(&canonical, &Options::strict().limits(case.options.limits));
            if again.as_ref() != Ok(&filter) {
                return Err(format!("{canonical:?} does not parse to the same tree: {again:?}"));
            }
            let json = serde_json::to_value(&filter).unwrap();
            let from_json: Filter = serde_json::from_value(json.clone()).map_err(|e| format!("{json}: {e}"))?;
            if from_json != filter {
                return Err(format!("{json} does not give the same tree"));
            }
            Ok(())
        }
        (Ok(filter), Some(_)) => Err(format!("was parsed as `{filter}`")),
        (Err(error), expected) => {
            let failure = not_parsed(error, &text);
            expected
                .map_or_else(|| Err(format!("{}\n{}", failure.error, failure.rendered)), |e| check_error(e, &failure))
        }
    }
}

/// The failure of a text that cannot be parsed.
fn not_parsed(error: ParseError, text: &str) -> Failure {
    let span = Some((error.span().start, error.span().slice(text).to_owned()));
    Failure { rendered: error.render(), error: error.into(), span, index: None }
}

pub fn path_case(case: &Case) -> Result<(), String> {
    let text = case.text("path");
    let parsed = PatchPath::parse_with(&text, &case.options);
    match (parsed, case.json.get("error")) {
        (Ok(path), None) => {
            let canonical = path.to_string();
            if let Some(expected) = case.json.get("canonical")
                && *expected != canonical
            {
                return Err(format!("expected {expected}, found {canonical:?}"));
            }
            if canonical.parse::<PatchPath>().as_ref() != Ok(&path) {
                return Err(format!("{canonical:?} does not parse to the same path"));
            }
            Ok(())
        }
        (Ok(path), Some(_)) => Err(format!("was parsed as `{path}`")),
        (Err(error), expected) => {
            let failure = not_parsed(error, &text);
            expected
                .map_or_else(|| Err(format!("{}\n{}", failure.error, failure.rendered)), |e| check_error(e, &failure))
        }
    }
}

pub fn match_case(case: &Case) -> Result<(), String> {
    let text = case.text("filter");
    let failure = match Filter::parse_with(&text, &case.options) {
        Err(error) => not_parsed(error, &text),
        Ok(filter) => match filter.compile_with(&case.resource_type, &case.options) {
            Err(error) => {
                let span = Some((error.span().start, error.span().slice(&text).to_owned()));
                Failure { rendered: error.render(), error: error.into(), span, index: None }
            }
            Ok(matcher) => {
                let Some(docs) = case.json["docs"].as_array() else {
                    return Err("was compiled".to_owned());
                };
                for doc in docs {
                    if doc["match"] == "error" {
                        if matcher.matches(&doc["doc"]).is_ok() {
                            return Err(format!("{} was taken for a document", doc["doc"]));
                        }
                        continue;
                    }
                    let found = matcher.matches(&doc["doc"]).map_err(|error| error.to_string())?;
                    let explained = matcher.explain(&doc["doc"]).map_err(|error| error.to_string())?;
                    if Some(found) != doc["match"].as_bool() || explained.holds() != found {
                        return Err(format!("{} gave {found}\n{explained}", doc["doc"]));
                    }
                }
                return Ok(());
            }
        },
    };
    match case.json.get("error") {
        Some(expected) => check_error(expected, &failure),
        None => Err(format!("{}\n{}", failure.error, failure.rendered)),
    }
}
