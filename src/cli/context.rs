//! Resource types, tolerance and limits, from the options that most commands share.

use std::path::Path;

use serde_json::Value;

use super::args::Wishes;
use super::failure::Failure;
use super::files;
use super::options::Common;
use crate::options::{Options, UnknownMembers};
use crate::patch::Patch;
use crate::schema::{Registry, ResourceType};
use crate::suggest::nearest;
use crate::syntax::{Filter, PatchPath};
use crate::tolerance::Tolerance;

pub(super) struct Context {
    pub registry: Registry,
    /// Whether the user has given schemas by `--schemas`.
    pub has_own_schemas: bool,
    /// The resource type that `--type` names.
    pub resource_type: Option<ResourceType>,
    pub options: Options,
}

impl Context {
    pub(super) fn new(common: &Common) -> Result<Self, Failure> {
        let registry = match (&common.schemas, &common.resource_types) {
            (Some(schemas), Some(resource_types)) => {
                let discovered =
                    Registry::from_discovery(&files::read_json(schemas)?, &files::read_json(resource_types)?);
                let names = format!("{}, {}", files::name(schemas), files::name(resource_types));
                Some(discovered.map_err(|error| Failure::schema(&names, &error))?)
            }
            _ => None,
        };
        let has_own_schemas = registry.is_some();
        let registry = registry.unwrap_or_default();
        let resource_type = common.resource_type.as_deref().map(|name| named(&registry, name)).transpose()?;
        let mut tolerance = if common.strict { Tolerance::strict() } else { Tolerance::default() };
        for (name, on) in &common.tolerance {
            tolerance.set(name, *on).map_err(|unknown| Failure::plain(unknown.to_string()))?;
        }
        Ok(Self { registry, has_own_schemas, resource_type, options: Options::default().tolerance(tolerance) })
    }

    /// Sets the policy for unknown members.
    pub(super) fn unknown(mut self, policy: UnknownMembers) -> Self {
        self.options = self.options.unknown(policy);
        self
    }

    /// Sets the options of [`Wishes`]: `--utc`, `--canonical-values` and `--profile`.
    pub(super) fn wishes(mut self, wishes: &Wishes) -> Self {
        let profile = wishes.profile.map(Into::into).unwrap_or_default();
        self.options = self.options.utc(wishes.utc).canonical_values(wishes.canonical_values).profile(profile);
        self
    }

    pub(super) fn filter(&self, text: &str) -> Result<Filter, Failure> {
        Filter::parse_with(text, &self.options).map_err(Failure::parse)
    }

    pub(super) fn path(&self, text: &str) -> Result<PatchPath, Failure> {
        PatchPath::parse_with(text, &self.options).map_err(Failure::parse)
    }

    /// The resource type for explaining a filter: the one that `--type` names, or else the one that the document names, or
    /// else `any`.
    pub(super) fn type_or_any(&self, document: Option<&Value>) -> ResourceType {
        let by_document = || document.and_then(|document| self.registry.of(document)).cloned();
        self.resource_type.clone().or_else(by_document).unwrap_or_else(ResourceType::any)
    }

    /// The resource type for changing or checking documents: the one that `--type` names, or else the one that the documents
    /// name. Documents that name different types are an error.
    pub(super) fn type_of(&self, documents: &[(&Path, &Value)]) -> Result<ResourceType, Failure> {
        for (path, document) in documents {
            let name = files::name(path);
            if !document.is_object() {
                return Err(Failure::syntax(format!("{name}: expected a resource: an object")));
            }
            if is_patch(document) {
                return Err(Failure::syntax(format!("{name}: expected a resource, found a PATCH request")));
            }
        }
        if let Some(resource_type) = &self.resource_type {
            if resource_type.is_open() {
                return Err(Failure::plain("`any` is for filters: name a resource type with `--type`"));
            }
            return Ok(resource_type.clone());
        }
        let of = |(path, document): &(&Path, &Value)| Some((files::name(path), self.registry.of(document)?));
        let said: Vec<_> = documents.iter().filter_map(of).collect();
        if let [(one, of_one), (other, of_other)] = said.as_slice()
            && of_one.name() != of_other.name()
        {
            let (one_type, other_type) = (of_one.name(), of_other.name());
            return Err(Failure::plain(format!("{one} is a `{one_type}` and {other} a `{other_type}`")));
        }
        said.first().map(|(_, resource_type)| (*resource_type).clone()).ok_or_else(|| {
            let names = self.names();
            let of = documents.first().map_or_else(String::new, |(path, _)| format!("{}: ", files::name(path)));
            Failure::plain(format!(
                "{of}no resource type is named in `schemas` or `meta`: give one with `--type`: {names}"
            ))
        })
    }

    fn names(&self) -> String {
        names(&self.registry)
    }
}

/// Whether a document declares that it is a PATCH request (RFC 7644 §3.5.2).
fn is_patch(document: &Value) -> bool {
    let urns = document.get("schemas").and_then(Value::as_array);
    urns.is_some_and(|urns| urns.iter().any(|urn| urn.as_str() == Some(Patch::SCHEMA)))
}

fn names(registry: &Registry) -> String {
    let names: Vec<_> = registry.resource_types().iter().map(|kind| format!("`{}`", kind.name())).collect();
    names.join(", ")
}

fn named(registry: &Registry, name: &str) -> Result<ResourceType, Failure> {
    if let Some(found) = registry.get(name) {
        return Ok(found.clone());
    }
    if name.eq_ignore_ascii_case("any") {
        return Ok(ResourceType::any());
    }
    let known = registry.resource_types().iter().map(ResourceType::name).chain(["any"]);
    let hint = nearest(name, known)
        .map_or_else(|| format!("there are {} and `any`", names(registry)), |near| format!("did you mean `{near}`?"));
    Err(Failure::plain(format!("no resource type has the name `{name}`; {hint}")))
}
