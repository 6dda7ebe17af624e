//! Reads an assembly: the folder that `synth` writes.
//!
//! Nothing of it is trusted to be there: a file that is missing or of another form is a [`Problem`] that
//! names the file, and an assembly of another major version is told apart before anything else is read.

mod manifest;
mod nested;

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::folder::{self, not_a};
use crate::operation::{Need, Operation};
use crate::problem::Problem;
use manifest::{Entry, facts};
pub(crate) use nested::NESTED;
pub use nested::Nested;

/// The bucket qualifier of a stack without assets: the one of the CDK.
const QUALIFIER: &str = "hnb659fds";

/// What the name of a bootstrap's repository has where its bucket's name has [`FILES`].
const IMAGES: &str = "-container-assets-";
const FILES: &str = "-assets-";

/// The stacks of an assembly.
#[derive(Clone, Debug, Default)]
pub struct Assembly {
    /// In the order of their ids.
    pub stacks: Vec<Stack>,
    /// What can be asked of its constructs, in the order of their paths.
    pub operations: Vec<Operation>,
    /// What they have to find in resources that are filled later.
    pub needs: Vec<Need>,
}

/// A stack of an assembly.
#[derive(Clone, Debug)]
pub struct Stack {
    /// The artifact's id, such as `Prod-Uploads`.
    pub id: String,
    /// The path in the program, such as `Prod/Uploads`.
    pub path: String,
    /// The name that it is deployed under.
    pub name: String,
    /// The account's 12 digits, unless that is left open.
    pub account: Option<String>,
    /// The region, unless that is left open.
    pub region: Option<String>,
    /// The ids of the stacks that are deployed before it.
    pub needs: Vec<String>,
    /// The tags.
    pub tags: BTreeMap<String, String>,
    /// Whether its deletion is to be refused.
    pub protected: bool,
    /// The template.
    pub template: Value,
    /// The stacks within it, by the logical id of what deploys them.
    pub nested: BTreeMap<String, Nested>,
    /// The files that are uploaded before it is deployed.
    pub assets: Vec<Asset>,
    /// The container images that are pushed before it is deployed.
    pub images: Vec<ImageAsset>,
    /// The bucket for its files, where no asset names one.
    bucket: Option<String>,
    /// The construct path of each resource by its logical id.
    paths: BTreeMap<String, String>,
    /// The user's line of each resource by its path.
    lines: BTreeMap<String, String>,
}

/// A file that is uploaded before a stack is deployed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Asset {
    /// What it is, for people.
    pub name: String,
    /// The hash of its source.
    pub hash: String,
    /// The bucket, with `${AWS::AccountId}` and `${AWS::Region}` where the stack leaves them open.
    pub bucket: String,
    /// The key in the bucket.
    pub key: String,
    /// Where it comes from.
    pub source: Source,
}

/// A container image that is pushed before a stack is deployed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageAsset {
    /// What it is, for people.
    pub name: String,
    /// The repository, with `${AWS::AccountId}` and `${AWS::Region}` where the stack leaves them open.
    pub repository: String,
    /// The tag: the hash of its source.
    pub tag: String,
    /// The command that makes it and prints the folder with its layout.
    pub command: Vec<String>,
}

/// Where an asset comes from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Source {
    /// A file of the assembly.
    File(PathBuf),
    /// A command that makes it and prints its path.
    Command(Vec<String>),
}

impl Assembly {
    /// Reads the assembly in a folder.
    ///
    /// # Errors
    /// When there is none, when it is of another version, or when one of its files is not as it should be.
    pub fn read(folder: &Path) -> Result<Self, Problem> {
        let manifest = folder::manifest(folder)?;
        let file = folder.join("manifest.json");
        let artifacts = manifest["artifacts"]
            .as_object()
            .ok_or_else(|| not_a(&file, "manifest of an assembly"))?;
        let (lines, operations, needs) = facts(folder)?;
        let tree = OnceCell::new();
        let is_stack = |artifact: &Value| artifact["type"] == "aws:cloudformation:stack";
        let stacks = artifacts.iter().filter(|(_, artifact)| is_stack(artifact));
        let stacks = stacks.map(|(id, artifact)| {
            let entry = Entry {
                tree: &tree,
                folder,
                file: &file,
                id,
                artifact,
                all: artifacts,
            };
            entry.stack(&lines)
        });
        Ok(Self {
            stacks: stacks.collect::<Result<_, _>>()?,
            operations,
            needs,
        })
    }

    /// The stack of an id.
    #[must_use]
    pub fn stack(&self, id: &str) -> Option<&Stack> {
        self.stacks.iter().find(|stack| stack.id == id)
    }
}

impl Stack {
    /// A stack that is in no assembly: one template for one account and region, with the bucket that its files
    /// go to.
    #[must_use]
    pub fn of_template(
        name: &str,
        (account, region): (&str, &str),
        bucket: &str,
        template: Value,
    ) -> Self {
        Self {
            id: format!("{name}/{account}/{region}"),
            path: format!("{name} ({account}, {region})"),
            name: name.to_owned(),
            account: Some(account.to_owned()),
            region: Some(region.to_owned()),
            needs: Vec::new(),
            tags: BTreeMap::new(),
            protected: false,
            template,
            nested: BTreeMap::new(),
            assets: Vec::new(),
            images: Vec::new(),
            bucket: Some(bucket.to_owned()),
            paths: BTreeMap::new(),
            lines: BTreeMap::new(),
        }
    }

    /// The construct path of a resource; its logical id where no path is known.
    #[must_use]
    pub fn path_of<'a>(&'a self, id: &'a str) -> &'a str {
        self.paths.get(id).map_or(id, String::as_str)
    }

    /// The `file:line` of the program where a resource comes from.
    #[must_use]
    pub fn line_of(&self, id: &str) -> Option<&str> {
        self.lines.get(self.paths.get(id)?).map(String::as_str)
    }

    /// The bucket for what is uploaded for this stack.
    #[must_use]
    pub fn bucket(&self) -> String {
        let open = format!("cdk-{QUALIFIER}-assets-${{AWS::AccountId}}-${{AWS::Region}}");
        let named = self.assets.first().map(|asset| asset.bucket.clone());
        // One bootstrap makes both.
        let beside = || {
            let image = self.images.first()?;
            Some(image.repository.replacen(IMAGES, FILES, 1))
        };
        let named = named.or_else(|| self.bucket.clone()).or_else(beside);
        named.unwrap_or(open)
    }
}

/// Names the account and the region in a text that leaves them open.
#[must_use]
pub fn in_place(text: &str, account: &str, region: &str) -> String {
    let text = text
        .replace("${AWS::AccountId}", account)
        .replace("${AWS::Region}", region);
    text.replace("${AWS::Partition}", partition(region))
}

/// The partition of a region: `aws`, `aws-cn` or `aws-us-gov`.
#[must_use]
pub fn partition(region: &str) -> &'static str {
    match region {
        region if region.starts_with("cn-") => "aws-cn",
        region if region.starts_with("us-gov-") => "aws-us-gov",
        _ => "aws",
    }
}

/// The repository of the bootstrap whose bucket has this name.
#[must_use]
pub fn repository_beside(bucket: &str) -> String {
    bucket.replacen(FILES, IMAGES, 1)
}

/// The images of a list of assets. One that is built of a Dockerfile is another tool's business.
fn images_of(file: &Path, document: &Value) -> Result<Vec<ImageAsset>, Problem> {
    let listed = document["dockerImages"].as_object().into_iter().flatten();
    let mut images = Vec::new();
    for (hash, image) in listed {
        let Some(command) = words(&image["source"]["executable"]) else {
            let message = format!(
                "\"{}\" has a container image that is built of a Dockerfile, which is not done here",
                file.display()
            );
            return Err(Problem::usage(
                message,
                "build and push it yourself, and name it by its URI: `Image::tagged`, `Code::image`",
            ));
        };
        let places = image["destinations"].as_object().into_iter().flatten();
        for (_, place) in places {
            let (Some(repository), Some(tag)) =
                (place["repositoryName"].as_str(), place["imageTag"].as_str())
            else {
                return Err(not_a(file, "list of assets: an image has no destination").into());
            };
            images.push(ImageAsset {
                name: image["displayName"].as_str().unwrap_or(hash).to_owned(),
                repository: repository.to_owned(),
                tag: tag.to_owned(),
                command: command.clone(),
            });
        }
    }
    Ok(images)
}

fn assets_of(folder: &Path, file: &Path, document: &Value) -> Result<Vec<Asset>, Problem> {
    let mut assets = Vec::new();
    for (hash, asset) in document["files"].as_object().into_iter().flatten() {
        let source = source(folder, &asset["source"])
            .ok_or_else(|| not_a(file, "list of assets: one has no source"))?;
        for place in asset["destinations"]
            .as_object()
            .into_iter()
            .flatten()
            .map(|(_, place)| place)
        {
            let (Some(bucket), Some(key)) =
                (place["bucketName"].as_str(), place["objectKey"].as_str())
            else {
                return Err(not_a(file, "list of assets: one has no destination").into());
            };
            assets.push(Asset {
                name: asset["displayName"].as_str().unwrap_or(hash).to_owned(),
                hash: hash.clone(),
                bucket: bucket.to_owned(),
                key: key.to_owned(),
                source: source.clone(),
            });
        }
    }
    Ok(assets)
}

fn source(folder: &Path, source: &Value) -> Option<Source> {
    if let Some(path) = source["path"].as_str() {
        return (source["packaging"] == "file").then(|| Source::File(folder.join(path)));
    }
    words(&source["executable"]).map(Source::Command)
}

/// A list of texts.
fn words(list: &Value) -> Option<Vec<String>> {
    let words = list.as_array()?.iter();
    words.map(|word| word.as_str().map(str::to_owned)).collect()
}

fn texts(object: &Value) -> BTreeMap<String, String> {
    let members = object.as_object().into_iter().flatten();
    members
        .filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned())))
        .collect()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::json as document;
    use tempfile::TempDir;

    use super::*;

    fn folder(version: &str) -> TempDir {
        let folder = TempDir::new().unwrap();
        let write = |name: &str, value: &Value| {
            fs::write(folder.path().join(name), value.to_string()).unwrap();
        };
        write(
            "manifest.json",
            &document!({ "version": version, "artifacts": {
            "Mail.assets": { "type": "cdk:asset-manifest", "properties": { "file": "Mail.assets.json" } },
            "Net": { "type": "aws:cloudformation:stack", "environment": "aws://unknown-account/unknown-region",
                "properties": { "templateFile": "Net.template.json" } },
            "Mail": { "type": "aws:cloudformation:stack", "displayName": "Prod/Mail",
                "environment": "aws://123456789012/eu-central-1",
                "properties": { "templateFile": "Mail.template.json", "stackName": "Prod-Mail",
                    "terminationProtection": true, "tags": { "team": "post" } },
                "dependencies": ["Net", "Mail.assets", "gone"],
                "metadata": { "/Prod/Mail/Inbox/Resource": [{ "type": "aws:cdk:logicalId", "data": "Inbox1" }] } },
        } }),
        );
        write("Net.template.json", &document!({ "Resources": {} }));
        write(
            "Mail.template.json",
            &document!({ "Resources": { "Inbox1": { "Type": "AWS::SQS::Queue" } } }),
        );
        write(
            "facts.json",
            &document!({ "version": 1, "lines": { "Prod/Mail/Inbox/Resource": "src/main.rs:7" } }),
        );
        let place = |bucket: &str| document!({ "current": { "bucketName": bucket, "objectKey": "00.zip" } });
        write(
            "Mail.assets.json",
            &document!({ "version": version, "dockerImages": {}, "files": {
            "00": { "displayName": "Code", "source": { "executable": ["cargo-cloudwright", "bundle"] },
                "destinations": place("cdk-x-assets-${AWS::AccountId}-eu-central-1") } } }),
        );
        folder
    }

    #[test]
    fn a_stack_is_read_with_its_paths_lines_and_assets() {
        let folder = folder("36.0.0");
        let assembly = Assembly::read(folder.path()).unwrap();
        let mail = assembly.stack("Mail").unwrap();
        assert_eq!(
            (&*mail.path, &*mail.name, mail.protected),
            ("Prod/Mail", "Prod-Mail", true)
        );
        assert_eq!(
            (mail.account.as_deref(), mail.region.as_deref()),
            (Some("123456789012"), Some("eu-central-1"))
        );
        assert_eq!(
            (mail.needs.clone(), mail.tags["team"].as_str()),
            (vec!["Net".to_owned()], "post")
        );
        assert_eq!(mail.path_of("Inbox1"), "Prod/Mail/Inbox/Resource");
        assert_eq!(
            (mail.line_of("Inbox1"), mail.line_of("Other")),
            (Some("src/main.rs:7"), None)
        );
        let bucket = in_place(&mail.bucket(), "123456789012", "eu-central-1");
        assert_eq!(bucket, "cdk-x-assets-123456789012-eu-central-1");
        let net = assembly.stack("Net").unwrap();
        assert_eq!(
            (&net.account, &net.region, &*net.path),
            (&None, &None, "Net")
        );
    }

    #[test]
    fn images_are_read_and_those_of_dockerfiles_are_told() {
        let folder = folder("36.0.0");
        let list = |source: Value| {
            let image = document!({ "displayName": "worker", "source": source, "destinations": { "current": {
                "repositoryName": "cdk-x-container-assets-1-eu-central-1", "imageTag": "0a" } } });
            let text =
                document!({ "version": "36.0.0", "files": {}, "dockerImages": { "0a": image } });
            fs::write(folder.path().join("Mail.assets.json"), text.to_string()).unwrap();
            Assembly::read(folder.path())
        };
        let read = list(document!({ "executable": ["cargo-cloudwright", "bundle"] })).unwrap();
        let mail = read.stack("Mail").unwrap();
        assert_eq!(
            (&*mail.images[0].tag, mail.images[0].command.len()),
            ("0a", 2)
        );
        // The bucket is of the same bootstrap.
        assert_eq!(mail.bucket(), "cdk-x-assets-1-eu-central-1");
        assert_eq!(repository_beside(&mail.bucket()), mail.images[0].repository);
        let problem = list(document!({ "directory": "asset.0a" })).unwrap_err();
        assert!(problem.message.contains("Dockerfile"), "{problem:?}");
    }

    #[test]
    fn an_assembly_of_another_version_is_told() {
        let problem = Assembly::read(folder("48.0.0").path()).unwrap_err();
        assert_eq!(
            problem.message,
            "the assembly is of version 48.0.0, expected 36"
        );
    }

    #[test]
    fn what_is_missing_or_broken_is_named() {
        let empty = TempDir::new().unwrap();
        assert!(
            Assembly::read(empty.path())
                .unwrap_err()
                .message
                .starts_with("there is no assembly in")
        );
        for file in [
            "manifest.json",
            "Mail.template.json",
            "Mail.assets.json",
            "facts.json",
        ] {
            let folder = folder("36.0.0");
            fs::write(folder.path().join(file), "{").unwrap();
            let problem = Assembly::read(folder.path()).unwrap_err();
            assert!(
                problem.message.contains(file) && problem.message.contains("is not JSON"),
                "{problem:?}"
            );
        }
    }
}
