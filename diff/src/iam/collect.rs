//! Finds every policy of a template.

use cloudwright_spec::sorted::sort;
use serde_json::{Map, Value, json};

use crate::compare::Elements;
use crate::iam::grant::Grant;
use crate::iam::statement::{Source, grants as of_statement, texts};
use crate::model::PolicyKind;
use crate::references::short;

/// The grants that a template makes, each statement numbered.
pub(crate) fn grants(resources: &Elements<'_>) -> Vec<Grant> {
    let mut collected = Collector::default();
    for (id, resource) in resources {
        collected.resource(id, resource);
    }
    collected.grants
}

#[derive(Default)]
struct Collector {
    grants: Vec<Grant>,
    statements: usize,
}

impl Collector {
    fn resource(&mut self, id: &str, resource: &Value) {
        let kind = resource["Type"].as_str().unwrap_or_default();
        let properties = &resource["Properties"];
        if kind == "AWS::Lambda::Permission" {
            self.lambda_permission(properties);
        }
        let policy = if kind.starts_with("AWS::IAM::") {
            PolicyKind::Identity
        } else {
            PolicyKind::Resource
        };
        for holder in holders(id, kind, properties) {
            self.documents(properties, &holder, policy);
        }
        for arn in texts(properties.get("ManagedPolicyArns")) {
            self.managed(id, arn);
        }
        if kind == "AWS::IAM::UserToGroupAddition" {
            for user in texts(properties.get("Users")) {
                self.managed(&user, short(&properties["GroupName"]));
            }
        }
    }

    /// Every policy document at or below a value.
    fn documents(&mut self, value: &Value, holder: &str, kind: PolicyKind) {
        match value {
            Value::Array(items) => {
                items
                    .iter()
                    .for_each(|item| self.documents(item, holder, kind));
            }
            Value::Object(members) => {
                if let Some(statements) = members.get("Statement") {
                    self.statements_of(statements, holder, kind);
                }
                for (name, inner) in members.iter().filter(|(name, _)| *name != "Statement") {
                    let kind = if name == "AssumeRolePolicyDocument" {
                        PolicyKind::Trust
                    } else {
                        kind
                    };
                    self.documents(inner, holder, kind);
                }
            }
            _ => {}
        }
    }

    fn statements_of(&mut self, statements: &Value, holder: &str, kind: PolicyKind) {
        match statements {
            Value::Array(items) => items
                .iter()
                .for_each(|item| self.statement(item, holder, kind)),
            one => self.statement(one, holder, kind),
        }
    }

    fn statement(&mut self, statement: &Value, holder: &str, kind: PolicyKind) {
        // The branches of a condition may both come true.
        if let Some(Value::Array(branches)) = statement.get("Fn::If") {
            let branches = branches
                .iter()
                .skip(1)
                .filter(|branch| branch.get("Ref").is_none());
            branches.for_each(|branch| self.statement(branch, holder, kind));
            return;
        }
        // Firewalls have statements too, without an effect.
        if statement.get("Effect").is_none() {
            return;
        }
        let source = Source {
            holder,
            kind,
            statement: self.statements,
        };
        self.grants.extend(of_statement(statement, &source));
        self.statements += 1;
    }

    fn managed(&mut self, holder: &str, arn: String) {
        self.grants.push(Grant {
            holder: holder.to_owned(),
            kind: PolicyKind::Managed,
            statement: self.statements,
            denies: false,
            action: arn,
            resource: String::new(),
            principal: String::new(),
            conditions: Vec::new(),
        });
        self.statements += 1;
    }

    /// A permission of a function, as the statement that Lambda makes of it.
    fn lambda_permission(&mut self, properties: &Value) {
        let mut conditions = Map::new();
        for (name, operator, key) in [
            ("SourceArn", "ArnLike", "aws:SourceArn"),
            ("SourceAccount", "StringEquals", "aws:SourceAccount"),
            ("PrincipalOrgID", "StringEquals", "aws:PrincipalOrgID"),
            (
                "EventSourceToken",
                "StringEquals",
                "lambda:EventSourceToken",
            ),
            (
                "FunctionUrlAuthType",
                "StringEquals",
                "lambda:FunctionUrlAuthType",
            ),
        ] {
            if let Some(value) = properties.get(name) {
                conditions.entry(operator).or_insert(json!({}))[key] = value.clone();
            }
        }
        let statement = json!({
            "Effect": "Allow",
            "Principal": lambda_principal(&properties["Principal"]),
            "Action": properties["Action"],
            "Resource": properties["FunctionName"],
            "Condition": conditions,
        });
        let holder = short(&properties["FunctionName"]);
        self.statement(&statement, &holder, PolicyKind::Resource);
    }
}

fn lambda_principal(principal: &Value) -> Value {
    let text = short(principal);
    if text == "*" {
        json!("*")
    } else if text.contains(".amazonaws.com") {
        json!({ "Service": principal })
    } else {
        json!({ "AWS": principal })
    }
}

/// The properties that name what a policy of its own is attached to, by type.
const ATTACHED: [(&str, &[&str]); 9] = [
    ("AWS::IAM::GroupPolicy", &["GroupName"]),
    ("AWS::IAM::ManagedPolicy", &["Roles", "Users", "Groups"]),
    ("AWS::IAM::Policy", &["Roles", "Users", "Groups"]),
    ("AWS::IAM::RolePolicy", &["RoleName"]),
    ("AWS::IAM::UserPolicy", &["UserName"]),
    ("AWS::S3::BucketPolicy", &["Bucket"]),
    ("AWS::SNS::TopicPolicy", &["Topics"]),
    ("AWS::SQS::QueueInlinePolicy", &["Queue"]),
    ("AWS::SQS::QueuePolicy", &["Queues"]),
];

/// Whom the documents of a resource are for: what it is attached to, or itself. A statement that
/// moves from one policy of a role to another therefore changes nothing.
fn holders(id: &str, kind: &str, properties: &Value) -> Vec<String> {
    let names = ATTACHED.iter().find(|(attached, _)| *attached == kind);
    let names = names.map_or(&[][..], |(_, names)| names);
    let named = names.iter().flat_map(|name| texts(properties.get(*name)));
    let mut holders: Vec<String> = named.map(|holder| bare(&holder)).collect();
    if holders.is_empty() {
        holders.push(id.to_owned());
    }
    sort(&mut holders);
    holders
}

/// `${Role}` is the role with that logical id.
fn bare(holder: &str) -> String {
    let inner = holder
        .strip_prefix("${")
        .and_then(|rest| rest.strip_suffix('}'));
    let id = inner.map(|inner| inner.split('.').next().unwrap_or(inner));
    id.unwrap_or(holder).to_owned()
}
