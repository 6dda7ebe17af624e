//! `cargo xtask spec`: refreshes the CloudFormation facts from the two upstream packages.
//!
//! The base is cfn-lint's provider schemas, normalised (`view`, `shape`, `structs`, `rules`,
//! `facets`, `paths`, `attributes`); `overlay` adds what only aws-service-spec knows. The result
//! is one `<Service>.spec` file per service, and a summary of what changed. `actions` takes the actions
//! of IAM from the same package. This is the only
//! command that touches the network for facts; it takes the packages by exact version.

mod actions;
mod archive;
mod attributes;
mod changes;
mod corpus;
mod download;
mod excluded;
mod facets;
mod files;
mod names;
mod overlay;
mod paths;
mod pattern;
mod regions;
mod resource;
mod rules;
mod shape;
#[cfg(test)]
mod shape_tests;
mod structs;
mod view;

use std::collections::BTreeMap;

use clap::{Arg, ArgAction, ArgMatches, Command};
use cloudwright_spec::{Resource, Service};

use crate::Outcome;
use archive::Lint;
use overlay::Overlay;

/// The arguments of `cargo xtask spec`.
pub(crate) fn command() -> Command {
    let check = || {
        let help = "Change nothing; fail when the checked-in files differ";
        Arg::new("check")
            .long("check")
            .action(ArgAction::SetTrue)
            .help(help)
    };
    let corpus = Command::new("corpus")
        .about("Ask cfn-lint again for its verdicts on spec/tests/corpus/literals.jsonl")
        .arg(check());
    Command::new("spec")
        .about("Refresh constructs/cfn/spec from its upstream packages")
        .arg(check())
        .subcommand(corpus)
}

/// Rewrites the spec files, or with `--check` compares them.
pub(crate) fn run(arguments: &ArgMatches) -> Outcome {
    if let Some(("corpus", arguments)) = arguments.subcommand() {
        return corpus::run(arguments.get_flag("check"));
    }
    let sources = download::sources()?;
    let lint = archive::lint(&sources)?;
    let overlay = Overlay::new(archive::leak_value(archive::service_spec(&sources)?));
    let services = services(&lint, &overlay);
    cross_check(&services, &lint, &overlay)?;
    let fresh: BTreeMap<String, String> = services
        .into_iter()
        .map(|(name, service)| (name, cloudwright_spec::write(&service)))
        .collect();
    let check = arguments.get_flag("check");
    actions::refresh(&archive::policies(&sources)?, check)?;
    let old = files::read()?;
    let changes = changes::summary(&old, &fresh)?;
    print!("{changes}");
    if check {
        return match old == fresh {
            true => Ok(()),
            false => Err("constructs/cfn/spec differs, run `cargo xtask spec`".into()),
        };
    }
    files::write(&old, &fresh)?;
    files::write_release(&lint.schema_date)
}

/// One source against the other: what is left out is named, and properties that only the overlay
/// knows may not be more than a handful.
fn cross_check(
    services: &BTreeMap<String, Service<'static>>,
    lint: &Lint,
    overlay: &Overlay,
) -> Outcome {
    for name in lint.schemas.keys() {
        if let Some(reason) = excluded::reason(name) {
            println!("left out: {name}, {reason}");
        }
    }
    let resources = || services.values().flat_map(|service| &service.resources);
    let name =
        |resource: &Resource<'static>, property: &str| format!("{}.{property}", resource.type_name);
    let missing: Vec<String> = resources()
        .flat_map(|resource| {
            overlay
                .missing(resource)
                .into_iter()
                .map(|p| name(resource, p))
        })
        .collect();
    println!("{} properties only in aws-service-spec", missing.len());
    match missing.len() > MOST_MISSING {
        true => Err(format!(
            "got too many of them, is a schema misread? {missing:?}"
        )),
        false => Ok(()),
    }
}

/// Retired properties that one source still has.
const MOST_MISSING: usize = 20;

/// Every service with its resource types, by the namespace's name.
fn services(lint: &Lint, overlay: &Overlay) -> BTreeMap<String, Service<'static>> {
    let mut services: BTreeMap<String, Service<'static>> = BTreeMap::new();
    for type_name in lint
        .schemas
        .keys()
        .filter(|name| excluded::reason(name).is_none())
    {
        let namespace = type_name.split("::").nth(1).unwrap_or_default();
        let service = services
            .entry(namespace.to_owned())
            .or_insert_with(|| Service {
                header: header(lint),
                resources: Vec::new(),
            });
        service.resources.push(resource(type_name, lint, overlay));
    }
    services
}

fn resource(type_name: &str, lint: &Lint, overlay: &Overlay) -> Resource<'static> {
    let name: &'static str = type_name.to_owned().leak();
    let mut resource = resource::convert(name, lint.schemas[type_name], &overlay.attributes(name));
    overlay.apply(&mut resource);
    resource.regions = regions::of(&lint.presence[type_name], &lint.regions);
    resource
}

fn header(lint: &Lint) -> Vec<&'static str> {
    let versions = format!(
        "cfn-lint {} (schemas {}), @aws-cdk/aws-service-spec {}",
        download::CFN_LINT,
        lint.schema_date,
        download::SERVICE_SPEC
    );
    vec![
        versions.leak(),
        "Written by `cargo xtask spec`; do not edit.",
    ]
}
