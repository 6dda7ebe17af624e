//! A program, as its assembly tells of it.

use std::io;

use cloudwright_graph::Source;
use serde_json::{Map, Value, json};

/// What is known of a few types.
pub(crate) const FACTS: &str = "\
service AWS::Test
resource AWS::SQS::Queue
  id QueueUrl
  stateful
  DelaySeconds int
  QueueName string replace

resource AWS::SNS::Topic
  id TopicArn
  DisplayName string

resource AWS::S3::Bucket
  id BucketName
  stateful
  BucketName string replace
";

/// Stacks, resources, edges and findings.
#[derive(Clone, Default)]
pub(crate) struct Program {
    stacks: Vec<(String, String)>,
    /// Path, logical id, type and properties.
    resources: Vec<(String, String, String, Value)>,
    findings: Vec<Value>,
    rules: Map<String, Value>,
}

impl Program {
    pub(crate) fn stack(path: &str, environment: &str) -> Self {
        Self::default().and_stack(path, environment)
    }

    pub(crate) fn and_stack(mut self, path: &str, environment: &str) -> Self {
        self.stacks.push((path.to_owned(), environment.to_owned()));
        self
    }

    pub(crate) fn resource(mut self, path: &str, id: &str, kind: &str, properties: Value) -> Self {
        let [path, id, kind] = [path, id, kind].map(str::to_owned);
        self.resources.push((path, id, kind, properties));
        self
    }

    pub(crate) fn finding(
        mut self,
        code: &str,
        message: &str,
        help: &str,
        construct: &str,
        line: &str,
    ) -> Self {
        let finding = json!({ "code": code, "message": message, "help": help, "construct": construct, "line": line });
        self.findings.push(finding);
        let rule = json!({ "title": format!("what {code} is"), "explanation": format!("why {code} matters") });
        self.rules.insert(code.to_owned(), rule);
        self
    }

    fn tree(&self) -> Value {
        let mut root = json!({ "path": "" });
        for (path, id, kind, _) in &self.resources {
            let mut node = &mut root;
            let mut so_far = String::new();
            for word in path.split('/') {
                so_far += if so_far.is_empty() { "" } else { "/" };
                so_far += word;
                node = &mut node["children"][word];
                node["path"] = json!(so_far);
                node["constructInfo"]["fqn"] = json!("mine::Part");
            }
            node["attributes"] = json!({
                "aws:cdk:cloudformation:type": kind, "aws:cdk:cloudformation:logicalId": id,
            });
        }
        json!({ "tree": root })
    }

    fn template(&self, stack: &str) -> Value {
        let below = format!("{stack}/");
        let own = self
            .resources
            .iter()
            .filter(|(path, ..)| path.starts_with(&below));
        let resources: Map<String, Value> = own
            .map(|(_, id, kind, properties)| {
                (
                    id.clone(),
                    json!({ "Type": kind, "Properties": properties }),
                )
            })
            .collect();
        json!({ "Resources": resources })
    }

    fn file(&self, name: &str) -> io::Result<String> {
        let document = match name {
            "manifest.json" => {
                let artifacts: Map<String, Value> = self
                    .stacks
                    .iter()
                    .map(|(path, environment)| {
                        let file = json!({ "templateFile": format!("{path}.template.json") });
                        let artifact = json!({ "type": "aws:cloudformation:stack", "displayName": path,
                            "environment": environment, "properties": file });
                        (path.replace('/', "-"), artifact)
                    })
                    .collect();
                json!({ "artifacts": artifacts })
            }
            "tree.json" => self.tree(),
            "facts.json" => {
                let numbered = self.resources.iter().enumerate();
                let lines: Map<String, Value> = numbered
                    .map(|(place, (path, ..))| {
                        (path.clone(), json!(format!("src/main.rs:{}", place + 1)))
                    })
                    .collect();
                json!({ "version": 1, "edges": [], "lines": lines, "findings": self.findings, "rules": self.rules })
            }
            name => match name.strip_suffix(".template.json") {
                Some(stack) => self.template(stack),
                None => return Err(io::ErrorKind::NotFound.into()),
            },
        };
        Ok(document.to_string())
    }

    pub(crate) fn source(&self) -> Source {
        Source::read(&|name: &str| self.file(name)).unwrap()
    }
}
