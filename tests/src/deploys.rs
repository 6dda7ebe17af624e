//! `cargo-cloudwright` as a user runs it, on assemblies of a few lines, in front of the local AWS.

use std::fs;
use std::io::{BufRead as _, BufReader, Lines, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, Command, Stdio};

use serde_json::{Map, Value, json};
use tempfile::TempDir;

use crate::documents;
use crate::engine::Engine;
use crate::tools::{cargo_cloudwright, isolated};

/// A stack of an assembly that a test writes.
#[derive(Clone, Debug)]
pub struct TestStack {
    /// Its id, its path and its name.
    pub name: String,
    /// The account and the region.
    pub place: (String, String),
    /// Its template.
    pub template: Value,
    /// The stacks that it needs.
    pub needs: Vec<String>,
    /// Whether its deletion is refused.
    pub protected: bool,
    /// Files of its assets: key and content.
    pub files: Vec<(String, Vec<u8>)>,
    /// Container images: their keys, and the commands that make them.
    pub images: Vec<(String, Vec<String>)>,
    /// Operations, as `facts.json` has them.
    pub operations: Vec<Value>,
    /// What has to be in resources once they are filled, as `facts.json` has it.
    pub keys: Vec<Value>,
}

impl TestStack {
    /// A stack in the engine's default account.
    #[must_use]
    pub fn new(name: &str, region: &str, template: Value) -> Self {
        Self {
            name: name.to_owned(),
            place: ("000000000000".to_owned(), region.to_owned()),
            template,
            needs: Vec::new(),
            protected: false,
            files: Vec::new(),
            images: Vec::new(),
            operations: Vec::new(),
            keys: Vec::new(),
        }
    }
}

/// A folder with an assembly, and the program to deploy it.
#[derive(Debug)]
pub struct Deployer {
    folder: TempDir,
    endpoint: String,
}

/// What a run of the program ended in.
#[derive(Debug)]
pub struct Run {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Run {
    /// The outcome of a stack in a run with `--json`.
    ///
    /// # Panics
    /// If the output is no document with this stack.
    #[track_caller]
    #[must_use]
    pub fn stack(&self, path: &str) -> Value {
        let document: Value =
            serde_json::from_str(&self.out).unwrap_or_else(|why| panic!("{why}: {self:?}"));
        let stacks = document["stacks"].as_array().cloned().unwrap_or_default();
        let found = stacks.into_iter().find(|stack| stack["path"] == path);
        found.unwrap_or_else(|| panic!("{path} is not in {}", self.out))
    }

    /// The run, which has to end in this exit code.
    ///
    /// # Panics
    /// If it ends in another.
    #[track_caller]
    #[must_use]
    pub fn ended(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{}\n{}", self.out, self.err);
        self
    }
}

impl Deployer {
    /// A program in front of an engine, with an assembly of these stacks.
    #[must_use]
    pub fn new(engine: &Engine, stacks: &[TestStack]) -> Self {
        Self::at(&engine.endpoint(), stacks)
    }

    /// The same in front of whatever listens at an address.
    ///
    /// # Panics
    /// If there is no temporary folder.
    #[must_use]
    pub fn at(endpoint: &str, stacks: &[TestStack]) -> Self {
        let folder = TempDir::new().expect("a temporary folder for an assembly");
        let deployer = Self {
            folder,
            endpoint: endpoint.to_owned(),
        };
        deployer.write(stacks);
        deployer
    }

    /// Writes the assembly anew.
    ///
    /// # Panics
    /// If its folder cannot be written.
    pub fn write(&self, stacks: &[TestStack]) {
        let app = self.app();
        fs::create_dir_all(&app).expect("the assembly's folder");
        let write = |name: &str, value: &Value| {
            fs::write(app.join(name), value.to_string()).expect("a file of the assembly");
        };
        let mut artifacts = Map::new();
        let mut lines = Map::new();
        let keys: Vec<_> = stacks.iter().flat_map(|stack| &stack.keys).collect();
        let operations: Vec<_> = stacks.iter().flat_map(|stack| &stack.operations).collect();
        for stack in stacks {
            let name = &stack.name;
            write(&format!("{name}.template.json"), &stack.template);
            write(&format!("{name}.assets.json"), &assets(&app, stack));
            artifacts.insert(
                format!("{name}.assets"),
                json!({ "type": "cdk:asset-manifest",
                "properties": { "file": format!("{name}.assets.json") } }),
            );
            artifacts.insert(name.clone(), artifact(stack));
            let ids = stack.template["Resources"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(id, _)| id);
            lines.extend(ids.map(|id| (format!("{name}/{id}"), json!(format!("src/{name}.rs:7")))));
        }
        write(
            "facts.json",
            &json!({ "version": 1, "edges": [], "operations": operations, "needs": keys,
                "lines": lines }),
        );
        write(
            "manifest.json",
            &json!({ "version": "36.0.0", "artifacts": artifacts }),
        );
        write("tree.json", &tree(stacks));
    }

    /// The folder of the assembly.
    #[must_use]
    pub fn app(&self) -> PathBuf {
        self.folder.path().join("cloudwright.out")
    }

    /// A folder for files of the test.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The command of a verb, with the credentials of the engine's default account and nobody to ask.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = isolated(&cargo_cloudwright());
        command
            .current_dir(self.folder.path())
            .args(arguments)
            .env("HOME", self.folder.path())
            .env("AWS_ENDPOINT_URL", &self.endpoint)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", "eu-central-1")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .stdin(std::process::Stdio::null());
        command
    }

    /// Starts a verb.
    #[must_use]
    pub fn start(&self, arguments: &[&str]) -> Started {
        Started::of(&mut self.command(arguments))
    }

    /// Runs a verb to its end.
    ///
    /// # Panics
    /// If the program does not start.
    #[must_use]
    pub fn run(&self, arguments: &[&str]) -> Run {
        run(&mut self.command(arguments))
    }
}

/// A program that works, and what it says meanwhile.
#[derive(Debug)]
pub struct Started {
    arguments: Vec<String>,
    process: Child,
    lines: Lines<BufReader<ChildStderr>>,
    said: String,
}

impl Started {
    /// Starts a command.
    ///
    /// # Panics
    /// If it does not start.
    #[must_use]
    pub fn of(command: &mut Command) -> Self {
        let command = command.stderr(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().expect("the program starts");
        let stderr = process.stderr.take().expect("its standard error is piped");
        Self {
            arguments: arguments(command),
            process,
            lines: BufReader::new(stderr).lines(),
            said: String::new(),
        }
    }

    /// Reads on until a text is said.
    ///
    /// # Panics
    /// If the program ends without it.
    #[track_caller]
    pub fn until(&mut self, text: &str) {
        for line in self.lines.by_ref() {
            let line = line.expect("it writes text");
            self.said += &format!("{line}\n");
            if line.contains(text) {
                return;
            }
        }
        panic!("it never said \"{text}\": {}", self.said);
    }

    /// Presses Ctrl-C.
    ///
    /// # Panics
    /// If there is no program `kill`.
    pub fn interrupt(&self) {
        let process = self.process.id().to_string();
        let sent = Command::new("kill").args(["-INT", &process]).status();
        assert!(sent.is_ok_and(|status| status.success()));
    }

    /// What it ends in, with all that it said.
    ///
    /// # Panics
    /// If it writes no text.
    #[must_use]
    pub fn end(mut self) -> Run {
        for line in self.lines.by_ref() {
            self.said += &format!("{}\n", line.expect("it writes text"));
        }
        let mut out = String::new();
        let stdout = self.process.stdout.take();
        let read = stdout.map(|mut stdout| stdout.read_to_string(&mut out));
        assert!(read.is_some_and(|read| read.is_ok()), "it writes text");
        documents::check(&self.arguments, &out);
        let ended = self.process.wait().expect("it is waited for once");
        Run {
            code: ended.code().unwrap_or(-1),
            out,
            err: self.said,
        }
    }
}

/// Runs a command to its end. What it prints as JSON is held against the schema of its verb.
///
/// # Panics
/// If it does not start, or prints something else.
#[must_use]
pub fn run(command: &mut Command) -> Run {
    let output = command.output().expect("the program starts");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let out = text(&output.stdout);
    documents::check(&arguments(command), &out);
    Run {
        code: output.status.code().unwrap_or(-1),
        out,
        err: text(&output.stderr),
    }
}

fn arguments(command: &Command) -> Vec<String> {
    let words = command.get_args();
    words
        .map(|word| word.to_string_lossy().into_owned())
        .collect()
}

/// The constructs: each stack with its resources, as a program without constructs of its own has them.
fn tree(stacks: &[TestStack]) -> Value {
    let stack = |stack: &TestStack| {
        let name = &stack.name;
        let resources = stack.template["Resources"].as_object();
        let resource = |(id, body): (&String, &Value)| {
            let node = json!({ "id": id, "path": format!("{name}/{id}"), "attributes": {
                "aws:cdk:cloudformation:type": body["Type"], "aws:cdk:cloudformation:logicalId": id } });
            (id.clone(), node)
        };
        let children: Map<_, _> = resources.into_iter().flatten().map(resource).collect();
        (
            name.clone(),
            json!({ "id": name, "path": name, "children": children }),
        )
    };
    let children: Map<_, _> = stacks.iter().map(stack).collect();
    json!({ "tree": { "id": "App", "path": "", "children": children } })
}

fn artifact(stack: &TestStack) -> Value {
    let (account, region) = &stack.place;
    let name = &stack.name;
    let needs: Vec<_> = stack
        .needs
        .iter()
        .cloned()
        .chain([format!("{name}.assets")])
        .collect();
    let ids = stack.template["Resources"]
        .as_object()
        .into_iter()
        .flatten()
        .map(|(id, _)| id);
    let metadata: Map<_, _> = ids
        .map(|id| {
            (
                format!("/{name}/{id}"),
                json!([{ "type": "aws:cdk:logicalId", "data": id }]),
            )
        })
        .collect();
    json!({ "type": "aws:cloudformation:stack", "displayName": name,
        "environment": format!("aws://{account}/{region}"),
        "properties": { "templateFile": format!("{name}.template.json"), "stackName": name,
            "terminationProtection": stack.protected },
        "dependencies": needs, "metadata": metadata })
}

/// The list of a stack's assets, whose files it writes.
fn assets(app: &Path, stack: &TestStack) -> Value {
    let (account, region) = &stack.place;
    let bucket = format!("cdk-hnb659fds-assets-{account}-{region}");
    let files: Map<_, _> = stack
        .files
        .iter()
        .map(|(key, content)| {
            let file = format!("asset.{key}");
            fs::write(app.join(&file), content).expect("an asset of the assembly");
            let place = json!({ "current": { "bucketName": bucket, "objectKey": key } });
            (key.clone(), json!({ "displayName": key, "source": { "path": file, "packaging": "file" }, "destinations": place }))
        })
        .collect();
    let repository = format!("cdk-hnb659fds-container-assets-{account}-{region}");
    let images: Map<_, _> = stack
        .images
        .iter()
        .map(|(key, command)| {
            let place = json!({ "current": { "repositoryName": repository, "imageTag": key } });
            (key.clone(), json!({ "displayName": "worker", "source": { "executable": command }, "destinations": place }))
        })
        .collect();
    json!({ "version": "36.0.0", "files": files, "dockerImages": images })
}
