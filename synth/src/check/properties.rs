//! Properties against the facts about their resource type.

use std::collections::HashMap;

use cloudwright_spec::sorted::Set;
use cloudwright_spec::{Finding, Kind, Literal, Resource, Shape};

use crate::check::judge::Judge;
use crate::check::report::Report;
use crate::check::walk::{Trail, walk};
use crate::diagnostic::Rule;
use crate::hint::hint;
use crate::json::{Json, Text};
use crate::resolve::Draft;
use crate::rules;
use crate::template::TemplateResource;

/// Attributes of these types depend on what the resource does, not on its type.
const OPEN_ATTRIBUTES: [&str; 3] = [
    "AWS::CloudFormation::CustomResource",
    "AWS::CloudFormation::Stack",
    "AWS::ServiceCatalog::CloudFormationProvisionedProduct",
];

/// The facts about the types of an app, each parsed once.
pub(crate) struct Facts {
    /// By the address of the text, which is a constant. Look-up only: never iterated.
    parsed: HashMap<*const u8, Option<Resource<'static>>>,
    judge: Judge,
}

impl Facts {
    pub(crate) fn new(every_pattern: bool) -> Self {
        Self {
            parsed: HashMap::new(),
            judge: Judge::new(every_pattern),
        }
    }

    /// The facts about a resource's type; none for raw resources.
    pub(crate) fn of(
        &mut self,
        report: &mut Report<'_>,
        resource: &TemplateResource,
    ) -> Option<&Resource<'static>> {
        parsed_once(&mut self.parsed, report, resource)
    }

    /// What the facts say against a resource's literals.
    fn judge(&mut self, report: &mut Report<'_>, resource: &TemplateResource) -> Vec<Finding> {
        match parsed_once(&mut self.parsed, report, resource) {
            Some(known) => self.judge.findings(known, &resource.properties),
            None => Vec::new(),
        }
    }
}

fn parsed_once<'a>(
    parsed: &'a mut HashMap<*const u8, Option<Resource<'static>>>,
    report: &mut Report<'_>,
    resource: &TemplateResource,
) -> Option<&'a Resource<'static>> {
    if resource.spec.is_empty() {
        return None;
    }
    let parse = || match cloudwright_spec::parse_resource(resource.spec) {
        Ok(facts) => Some(facts),
        Err(problem) => {
            let message = format!(
                "the facts about {} are unreadable: {problem}",
                resource.kind
            );
            let help = "correct the `SPEC` of the resource's Rust type, or leave it empty";
            report.error(resource.node, &rules::BAD_FACTS, message, help);
            None
        }
    };
    let entry = parsed.entry(resource.spec.as_ptr());
    entry.or_insert_with(parse).as_ref()
}

impl Literal for Json {
    type Key = Text;

    fn shape(&self) -> Shape<'_, Self> {
        match self {
            Self::Null => Shape::Null,
            Self::Bool(flag) => Shape::Bool(*flag),
            Self::Int(number) => Shape::Int(*number),
            Self::Float(number) => Shape::Float(*number),
            Self::Text(text) => Shape::Str(text),
            Self::List(items) => Shape::List(items),
            Self::Map(members) => Shape::Map(members),
            Self::Token(_) => Shape::Opaque,
        }
    }
}

/// Reports the literals that CloudFormation would refuse.
pub(crate) fn check_literals(report: &mut Report<'_>, facts: &mut Facts, draft: &Draft) {
    for resource in &draft.template.resources {
        let found = facts.judge(report, resource);
        if !found.is_empty() && !report.is_known_bad(resource.node) {
            tell(report, resource, found);
        }
    }
}

fn tell(report: &mut Report<'_>, resource: &TemplateResource, found: Vec<Finding>) {
    let unsure = undecided(&resource.properties);
    let sure = found
        .into_iter()
        .filter(|finding| is_sure(finding, &unsure));
    for finding in sure {
        let place = match &*finding.path {
            "" => "Properties".to_owned(),
            path => format!("Properties.{path}"),
        };
        let message = format!(
            "`{place}`: got {}, expected {}",
            finding.got, finding.expected
        );
        let help = finding
            .help
            .unwrap_or_else(|| documentation(&resource.kind));
        report.error(resource.node, rule(finding.kind), message, help);
    }
}

const fn rule(kind: Kind) -> &'static Rule {
    match kind {
        Kind::UnknownProperty => &rules::UNKNOWN_PROPERTY,
        Kind::MissingProperty => &rules::MISSING_PROPERTY,
        _ => &rules::BAD_VALUE,
    }
}

fn documentation(kind: &str) -> String {
    format!("see {kind} in the template reference of CloudFormation")
}

/// The objects of which a member may be absent, because `Fn::If` can choose `AWS::NoValue`.
fn undecided(properties: &Json) -> Set<String> {
    let mut unsure = Set::new();
    walk(properties, &mut Trail::default(), &mut |json, trail| {
        let members = json.as_map().unwrap_or_default();
        if members.iter().any(|(_, value)| may_be_absent(value)) {
            unsure.insert(trail.to_string());
        }
    });
    unsure
}

fn may_be_absent(value: &Json) -> bool {
    let Json::Token(token) = value else {
        return false;
    };
    match token.function() {
        Some(("Ref", Json::Text(name))) => name == "AWS::NoValue",
        Some(("Fn::If", Json::List(arguments))) => arguments.iter().skip(1).any(may_be_absent),
        _ => false,
    }
}

/// Whether a finding holds however the deployment decides, and no other check tells it.
fn is_sure(finding: &Finding, unsure: &Set<String>) -> bool {
    let parent = finding
        .path
        .rsplit_once('.')
        .map_or("", |(parent, _)| parent);
    match finding.kind {
        Kind::NotOneOf | Kind::NoneOf | Kind::Needed => !unsure.contains(&finding.path),
        Kind::Excluded => !unsure.contains(parent),
        Kind::UnknownProperty => {
            let name = &finding.path[finding.path.find("Fn::").unwrap_or(finding.path.len())..];
            name.is_empty()
        }
        Kind::WrongType => finding.got != "null",
        _ => true,
    }
}

/// Reports an attribute that the type of the resource does not have.
pub(crate) fn check_attribute(
    report: &mut Report<'_>,
    facts: &mut Facts,
    (node, target): (u32, &TemplateResource),
    attribute: &str,
) {
    if OPEN_ATTRIBUTES.contains(&&*target.kind) {
        return;
    }
    let Some(known) = facts.of(report, target) else {
        return;
    };
    if attribute.is_empty() || known.attribute(attribute).is_some() {
        return;
    }
    let names = || known.attributes.iter().map(|attribute| attribute.name);
    let listed = names().collect::<Vec<_>>().join(", ");
    let help = hint(attribute, names(), &format!("it has: {listed}"));
    let message = format!(
        "{} ({}) has no attribute \"{attribute}\"",
        target.id, target.kind
    );
    report.error(node, &rules::DANGLING_REFERENCE, message, help);
}
