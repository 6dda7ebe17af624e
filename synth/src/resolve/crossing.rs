//! References that leave their stack, and what carries them.
//!
//! | from -> to | carried by |
//! |---|---|
//! | same stack | `Ref`, `Fn::GetAtt` |
//! | into a nested stack | a parameter of the nested stack |
//! | out of a nested stack | an output of the nested stack |
//! | same account and region | an export and `Fn::ImportValue`; on request an output and `Fn::GetStackOutput` |
//! | other account or region | an output and `Fn::GetStackOutput` |
//!
//! Names of exports are those that the AWS CDK gives, so that a stack can move without its
//! consumers noticing.

use crate::json::{Json, Text};
use crate::logical_id::logical_id;
use crate::resolve::value::Context;
use crate::rules;

/// What joins the items of a list on its way through an export.
const LIST_DELIMITER: &str = "||";

/// What of an element is read, and whether it is a list.
#[derive(Clone, Copy)]
pub(crate) struct Read<'a> {
    /// The attribute; `None` is `Ref`.
    attribute: Option<&'a Text>,
    is_list: bool,
}

impl<'a> Read<'a> {
    /// `Ref`: a list when the element is a parameter of a list type.
    pub(crate) const fn reference(is_list: bool) -> Self {
        Self {
            attribute: None,
            is_list,
        }
    }

    /// `Fn::GetAtt`.
    pub(crate) const fn attribute(name: &'a Text, is_list: bool) -> Self {
        Self {
            attribute: Some(name),
            is_list,
        }
    }
}

impl Context<'_> {
    /// The reference as it is written in the template of `consumer`.
    pub(crate) fn cross(&mut self, consumer: u32, node: u32, read: Read<'_>) -> Json {
        let Some(producer) = self.tree.node(node).stack else {
            return Json::Null;
        };
        if producer == consumer {
            return local(self.names.id(node), read);
        }
        let leaves_nested = self
            .nested_resource(producer)
            .filter(|_| !self.is_within(consumer, producer));
        if let Some(deployer) = leaves_nested {
            let id = self.output(producer, node, read, None);
            let name: Text = format!("Outputs.{id}").into();
            let value = self.cross(consumer, deployer, Read::attribute(&name, false));
            return from_text(value, read);
        }
        if let Some(deployer) = self.nested_resource(consumer) {
            return self.pass_parameter(consumer, deployer, node, read);
        }
        self.need(consumer, producer);
        let environment = |stack: u32| self.tree.stack(stack).map(|data| &data.environment);
        let same = environment(consumer) == environment(producer);
        if same && !self.weak {
            return self.import(producer, node, read);
        }
        self.stack_output(consumer, producer, node, read)
    }

    /// Notes that one top-level stack is deployed after another.
    pub(crate) fn need(&mut self, consumer: u32, producer: u32) {
        let reason = || self.tree.path(self.node);
        self.links
            .needs
            .or_insert_with((consumer, producer), reason);
    }

    fn nested_resource(&self, stack: u32) -> Option<u32> {
        self.tree.stack(stack)?.nested
    }

    /// Whether `inner` is nested, at any depth, in `outer`.
    fn is_within(&self, inner: u32, outer: u32) -> bool {
        let mut at = inner;
        while let Some(deployer) = self.nested_resource(at) {
            let Some(parent) = self.tree.node(deployer).stack else {
                return false;
            };
            if parent == outer {
                return true;
            }
            at = parent;
        }
        false
    }

    fn pass_parameter(&mut self, consumer: u32, deployer: u32, node: u32, read: Read<'_>) -> Json {
        let parent = self.tree.node(deployer).stack.unwrap_or_default();
        let argument = self.cross(parent, node, read);
        let suffix = read.attribute.map_or("Ref", |name| name);
        let id = logical_id(["reference-to-", &self.tree.path(node), suffix]);
        let kind = if read.is_list {
            "CommaDelimitedList"
        } else {
            "String"
        };
        let parameters = self.links.parameters.or_default(consumer);
        parameters.insert(id.clone(), kind);
        let argument = if read.is_list {
            joined(",", argument)
        } else {
            argument
        };
        let arguments = self.links.arguments.or_default(deployer);
        arguments.insert(id.clone(), argument);
        Json::function("Ref", Json::Text(id.into()))
    }

    fn import(&mut self, producer: u32, node: u32, read: Read<'_>) -> Json {
        let stack = self.tree.stack_name(producer);
        let name = |id: &str| format!("{stack}:{id}");
        let id = self.output(producer, node, read, Some(&name));
        let value = Json::function("Fn::ImportValue", Json::Text(name(&id).into()));
        from_text(value, read)
    }

    fn stack_output(&mut self, consumer: u32, producer: u32, node: u32, read: Read<'_>) -> Json {
        if read.is_list {
            let path = self.tree.path(node);
            let message = format!(
                "the list `{}` of `{path}` cannot be read from another environment",
                read.attribute.map_or("Ref", |name| name)
            );
            self.problem(
                &rules::IMPOSSIBLE_REFERENCE,
                message,
                "output the items one by one with `intrinsic::select`",
            );
            return Json::Null;
        }
        let id = self.output(producer, node, read, None);
        let mut arguments = Json::map([
            ("OutputName", Json::Text(id.into())),
            (
                "StackName",
                Json::Text(self.tree.stack_name(producer).into()),
            ),
        ]);
        for (name, value) in self.distance(consumer, producer) {
            arguments.set(name, value);
        }
        Json::function("Fn::GetStackOutput", arguments)
    }

    /// The region and the role that lead from one environment to another.
    fn distance(&mut self, consumer: u32, producer: u32) -> Vec<(&'static str, Json)> {
        let environment = |stack: u32| {
            self.tree
                .stack(stack)
                .map(|data| data.environment.clone())
                .unwrap_or_default()
        };
        let (here, there) = (environment(consumer), environment(producer));
        let mut distance = Vec::new();
        if here.region != there.region {
            match &there.region {
                Some(region) => distance.push(("Region", Json::Text(region.clone()))),
                None => self.unknown_environment(producer),
            }
        }
        if here.account != there.account {
            match (
                &there.account,
                there.region.as_ref().or(here.region.as_ref()),
            ) {
                (Some(account), Some(region)) => {
                    distance.push(("RoleArn", self.lookup_role(account, region)));
                }
                _ => self.unknown_environment(producer),
            }
        }
        distance
    }

    fn unknown_environment(&mut self, producer: u32) {
        let stack = self.tree.path(producer);
        let message =
            format!("the environment of `{stack}` is not known, and this stack is in another");
        let help = format!("give `{stack}` an account and a region: `Environment::new(..)`");
        self.problem(&rules::IMPOSSIBLE_REFERENCE, message, help);
    }

    /// The role of the bootstrap that may describe the other account's stacks.
    fn lookup_role(&self, account: &str, region: &str) -> Json {
        let qualifier = crate::asset::qualifier_at(self.tree, self.node);
        let text = format!(
            "arn:${{AWS::Partition}}:iam::{account}:role/cdk-{qualifier}-lookup-role-{account}-{region}"
        );
        Json::function("Fn::Sub", Json::Text(text.into()))
    }

    /// Adds the output that shows a value to other stacks, and returns its logical id.
    fn output(
        &mut self,
        producer: u32,
        node: u32,
        read: Read<'_>,
        export: Option<&dyn Fn(&str) -> String>,
    ) -> String {
        let id = output_id(self.names.id(node), read);
        let value = local(self.names.id(node), read);
        let value = if read.is_list {
            joined(LIST_DELIMITER, value)
        } else {
            value
        };
        let output = self
            .links
            .outputs
            .or_default(producer)
            .or_default(id.clone());
        output.set("Value", value);
        if let Some(name) = export {
            output.set(
                "Export",
                Json::map([("Name", Json::Text(name(&id).into()))]),
            );
        }
        id
    }
}

fn local(id: &Text, read: Read<'_>) -> Json {
    match read.attribute {
        None => Json::function("Ref", Json::Text(id.clone())),
        Some(name) => {
            let arguments = vec![Json::Text(id.clone()), Json::Text(name.clone())];
            Json::function("Fn::GetAtt", Json::List(arguments))
        }
    }
}

/// The id that the CDK gives to the output of a reference.
fn output_id(id: &str, read: Read<'_>) -> String {
    let reference = match read.attribute {
        None => format!("Output{{\"Ref\":\"{id}\"}}"),
        Some(name) => format!("Output{{\"Fn::GetAtt\":[\"{id}\",\"{name}\"]}}"),
    };
    logical_id(["Exports", &reference])
}

fn joined(delimiter: &'static str, list: Json) -> Json {
    Json::function(
        "Fn::Join",
        Json::List(vec![Json::Text(delimiter.into()), list]),
    )
}

/// A list that travelled as one text is split again.
fn from_text(value: Json, read: Read<'_>) -> Json {
    if read.is_list {
        Json::function(
            "Fn::Split",
            Json::List(vec![Json::Text(LIST_DELIMITER.into()), value]),
        )
    } else {
        value
    }
}
