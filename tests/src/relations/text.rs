//! Which resource an expression of a template means.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{Resource, items, one_or_more};
use crate::examples::Assembly;

/// The templates of an assembly.
pub(crate) struct Reader {
    pub(crate) resources: Vec<Resource>,
    /// The values of exports and outputs, with the stack that they are of: by export name, and by stack and output name.
    exports: BTreeMap<String, (String, Value)>,
    outputs: BTreeMap<(String, String), (String, Value)>,
}

/// The properties that hold names which others may say as text.
const NAMES: [&str; 8] = [
    "BucketName",
    "FunctionName",
    "LogGroupName",
    "QueueName",
    "RepositoryName",
    "RoleName",
    "TableName",
    "TopicName",
];

/// The resource that writes the notifications of a bucket of somebody else.
pub(super) const NOTIFICATIONS: &str = "Custom::S3BucketNotifications";

/// What means a resource within a text.
fn mark(stack: &str, id: &str) -> String {
    format!("<{stack}#{id}>")
}

impl Reader {
    pub(crate) fn new(assembly: &Assembly) -> Self {
        let mut reader = Self {
            resources: Vec::new(),
            exports: BTreeMap::new(),
            outputs: BTreeMap::new(),
        };
        for stack in assembly.stacks().into_values() {
            let paths = assembly.paths(&stack.id);
            for (id, body) in members(&stack.template["Resources"]) {
                let path = paths.get(id).unwrap_or_else(|| panic!("{id} has no path"));
                reader.resources.push(Resource {
                    stack: stack.id.clone(),
                    id: id.clone(),
                    path: path.strip_suffix("/Resource").unwrap_or(path).to_owned(),
                    kind: body["Type"].as_str().unwrap_or_default().to_owned(),
                    properties: body["Properties"].clone(),
                });
            }
            reader.add_existing(&stack.id);
            for (name, output) in members(&stack.template["Outputs"]) {
                let value = (stack.id.clone(), output["Value"].clone());
                if let Some(export) = output["Export"]["Name"].as_str() {
                    reader.exports.insert(export.to_owned(), value.clone());
                }
                reader
                    .outputs
                    .insert((stack.name.clone(), name.clone()), value);
            }
        }
        reader
    }

    /// Adds the buckets of others, which the notifications in them name: by a parameter, or as text.
    fn add_existing(&mut self, stack: &str) {
        let told = self
            .resources
            .iter()
            .filter(|told| told.stack == stack && told.kind == NOTIFICATIONS);
        let existing = told.map(|told| Resource {
            id: told.properties["BucketName"]["Ref"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            path: told.path.trim_end_matches("/Notifications").to_owned(),
            kind: "AWS::S3::Bucket".to_owned(),
            properties: serde_json::json!({ "BucketName": told.properties["BucketName"] }),
            ..told.clone()
        });
        let existing: Vec<_> = existing.collect();
        self.resources.extend(existing);
    }

    /// The resource that an expression means: by reference, or by an ARN or name as text.
    pub(crate) fn find(&self, stack: &str, value: &Value) -> Option<&Resource> {
        let text = self.text(stack, value);
        let marked = |resource: &&Resource| text.contains(&mark(&resource.stack, &resource.id));
        if let Some(found) = self.resources.iter().find(marked) {
            return Some(found);
        }
        // arn:partition:service:region:account:rest
        let rest = text.strip_prefix("arn:")?.splitn(5, ':').nth(4)?;
        let service = text.split(':').nth(2)?;
        let parts: Vec<_> = rest.split(['/', ':']).collect();
        self.by_name(|resource, name| {
            let of = resource.kind.to_lowercase();
            of.starts_with(&format!("aws::{service}::")) && parts.contains(&name)
        })
    }

    /// The resource of a reference or a plain name.
    pub(crate) fn named(&self, stack: &str, value: &Value) -> Option<&Resource> {
        let text = self.text(stack, value);
        self.find(stack, value)
            .or_else(|| self.by_name(|_, name| name == text))
    }

    fn by_name(&self, is_it: impl Fn(&Resource, &str) -> bool) -> Option<&Resource> {
        self.resources.iter().find(|resource| {
            let names = NAMES.iter().map(|property| &resource.properties[property]);
            let names = names.filter(|name| !name.is_null());
            names
                .map(|name| self.text(&resource.stack, name))
                .any(|name| is_it(resource, &name))
        })
    }

    /// An expression as text, with marks for resources. Where nothing is known, nothing is in the text.
    fn text(&self, stack: &str, value: &Value) -> String {
        if let Some(text) = value.as_str() {
            // A colon separates the parts of an ARN, which pseudo parameters stand in.
            return text.replace("${AWS::", "${AWS.");
        }
        let Some((name, of)) = members(value).next() else {
            return String::new();
        };
        let elsewhere = |found: Option<&(String, Value)>| {
            found
                .map(|(stack, value)| self.text(stack, value))
                .unwrap_or_default()
        };
        match name.as_str() {
            "Ref" => self.reference(stack, of.as_str().unwrap_or_default()),
            "Fn::GetAtt" => self.reference(stack, of[0].as_str().unwrap_or_default()),
            "Fn::ImportValue" => elsewhere(self.exports.get(of.as_str().unwrap_or_default())),
            "Fn::GetStackOutput" => {
                let text = |member: &str| of[member].as_str().unwrap_or_default().to_owned();
                elsewhere(self.outputs.get(&(text("StackName"), text("OutputName"))))
            }
            "Fn::Join" => {
                let parts: Vec<_> = items(&of[1]).map(|part| self.text(stack, part)).collect();
                parts.join(of[0].as_str().unwrap_or_default())
            }
            "Fn::Sub" => self.substituted(stack, of),
            _ => String::new(),
        }
    }

    fn reference(&self, stack: &str, id: &str) -> String {
        if id.starts_with("AWS::") {
            return format!("${{{}}}", id.replace("::", "."));
        }
        mark(stack, id)
    }

    fn substituted(&self, stack: &str, of: &Value) -> String {
        let (text, values) = match of {
            Value::Array(both) => (&both[0], &both[1]),
            text => (text, &Value::Null),
        };
        let mut text = self.text(stack, text);
        for (name, value) in members(values) {
            text = text.replace(&format!("${{{name}}}"), &self.text(stack, value));
        }
        for resource in self
            .resources
            .iter()
            .filter(|resource| resource.stack == stack)
        {
            let mark = mark(stack, &resource.id);
            text = text.replace(&format!("${{{}}}", resource.id), &mark);
            text = text.replace(&format!("${{{}.Arn}}", resource.id), &mark);
        }
        text
    }

    /// Who acts as the roles of a policy: functions, rules and so on; a role that nobody in these templates acts as acts
    /// by itself.
    pub(crate) fn actors(&self, policy: &Resource) -> BTreeSet<String> {
        let mut actors = BTreeSet::new();
        for role in one_or_more(&policy.properties["Roles"]) {
            let role = self.named(&policy.stack, role);
            let found = role.map(|role| self.acting_as(role)).unwrap_or_default();
            let own = role.map_or(&policy.path, |role| &role.path);
            actors.extend(if found.is_empty() {
                [own.clone()].into()
            } else {
                found
            });
        }
        actors
    }

    fn acting_as(&self, role: &Resource) -> BTreeSet<String> {
        let here = self
            .resources
            .iter()
            .filter(|resource| resource.stack == role.stack);
        let acting = here.filter(|resource| {
            let properties = &resource.properties;
            let targets = items(&properties["Targets"]).map(|target| &target["RoleArn"]);
            let said = ["Role", "RoleArn", "TaskRoleArn", "ExecutionRoleArn"]
                .map(|name| &properties[name]);
            let replication = &properties["ReplicationConfiguration"]["Role"];
            let profile = &properties["LaunchTemplateData"]["IamInstanceProfile"]["Arn"];
            let profile = self
                .find(&role.stack, profile)
                .map(|found| &found.properties["Roles"][0]);
            let mut said = said
                .into_iter()
                .chain(targets)
                .chain([replication])
                .chain(profile);
            said.any(|said| self.text(&role.stack, said) == mark(&role.stack, &role.id))
        });
        acting.map(|resource| resource.path.clone()).collect()
    }
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}
