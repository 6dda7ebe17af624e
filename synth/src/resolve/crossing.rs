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

/// An attribute name and whether it is a list; `None` is `Ref`.
type Attribute<'a> = Option<(&'a Text, bool)>;

impl Context<'_> {
    /// The reference as it is written in the template of `consumer`.
    pub(crate) fn cross(&mut self, consumer: u32, node: u32, attribute: Attribute<'_>) -> Json {
        let Some(producer) = self.tree.node(node).stack else {
            return Json::Null;
        };
        if producer == consumer {
            return local(self.names.id(node), attribute);
        }
        let leaves_nested = self
            .nested_resource(producer)
            .filter(|_| !self.is_within(consumer, producer));
        if let Some(deployer) = leaves_nested {
            let id = self.output(producer, node, attribute, None);
            let name: Text = format!("Outputs.{id}").into();
            let value = self.cross(consumer, deployer, Some((&name, false)));
            return from_text(value, attribute);
        }
        if let Some(deployer) = self.nested_resource(consumer) {
            return self.pass_parameter(consumer, deployer, node, attribute);
        }
        self.need(consumer, producer);
        let environment = |stack: u32| self.tree.stack(stack).map(|data| &data.environment);
        let same = environment(consumer) == environment(producer);
        if same && !self.weak {
            return self.import(producer, node, attribute);
        }
        self.stack_output(consumer, producer, node, attribute)
    }

    /// Notes that one top-level stack is deployed after another.
    pub(crate) fn need(&mut self, consumer: u32, producer: u32) {
        let reason = self.tree.path(self.node);
        self.links
            .needs
            .entry((consumer, producer))
            .or_insert(reason);
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

    fn pass_parameter(
        &mut self,
        consumer: u32,
        deployer: u32,
        node: u32,
        attribute: Attribute<'_>,
    ) -> Json {
        let parent = self.tree.node(deployer).stack.unwrap_or_default();
        let argument = self.cross(parent, node, attribute);
        let suffix = attribute.map_or("Ref", |(name, _)| name);
        let id = logical_id(["reference-to-", &self.tree.path(node), suffix]);
        let is_list = attribute.is_some_and(|(_, list)| list);
        let kind = if is_list {
            "CommaDelimitedList"
        } else {
            "String"
        };
        self.links.parameters.insert((consumer, id.clone()), kind);
        let argument = if is_list {
            joined(",", argument)
        } else {
            argument
        };
        self.links
            .arguments
            .insert((deployer, id.clone()), argument);
        Json::function("Ref", Json::Text(id.into()))
    }

    fn import(&mut self, producer: u32, node: u32, attribute: Attribute<'_>) -> Json {
        let stack = self.tree.stack_name(producer);
        let name = |id: &str| format!("{stack}:{id}");
        let id = self.output(producer, node, attribute, Some(&name));
        let value = Json::function("Fn::ImportValue", Json::Text(name(&id).into()));
        from_text(value, attribute)
    }

    fn stack_output(
        &mut self,
        consumer: u32,
        producer: u32,
        node: u32,
        attribute: Attribute<'_>,
    ) -> Json {
        if attribute.is_some_and(|(_, list)| list) {
            let path = self.tree.path(node);
            let message = format!(
                "the list attribute `{}` of `{path}` cannot be read from another environment",
                attribute.map_or("", |(name, _)| name)
            );
            self.problem(
                &rules::IMPOSSIBLE_REFERENCE,
                message,
                "output the items one by one with `intrinsic::select`",
            );
            return Json::Null;
        }
        let id = self.output(producer, node, attribute, None);
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
        attribute: Attribute<'_>,
        export: Option<&dyn Fn(&str) -> String>,
    ) -> String {
        let id = output_id(self.names.id(node), attribute);
        let value = local(self.names.id(node), attribute);
        let is_list = attribute.is_some_and(|(_, list)| list);
        let value = if is_list {
            joined(LIST_DELIMITER, value)
        } else {
            value
        };
        let output = self
            .links
            .outputs
            .entry((producer, id.clone()))
            .or_default();
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

fn local(id: &Text, attribute: Attribute<'_>) -> Json {
    match attribute {
        None => Json::function("Ref", Json::Text(id.clone())),
        Some((name, _)) => {
            let arguments = vec![Json::Text(id.clone()), Json::Text(name.clone())];
            Json::function("Fn::GetAtt", Json::List(arguments))
        }
    }
}

/// The id that the CDK gives to the output of a reference.
fn output_id(id: &str, attribute: Attribute<'_>) -> String {
    let reference = match attribute {
        None => format!("Output{{\"Ref\":\"{id}\"}}"),
        Some((name, _)) => format!("Output{{\"Fn::GetAtt\":[\"{id}\",\"{name}\"]}}"),
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
fn from_text(value: Json, attribute: Attribute<'_>) -> Json {
    if attribute.is_some_and(|(_, list)| list) {
        Json::function(
            "Fn::Split",
            Json::List(vec![Json::Text(LIST_DELIMITER.into()), value]),
        )
    } else {
        value
    }
}
