//! File assets: what a template needs beside itself, uploaded before it is deployed.
//!
//! An asset is known by a hash of its content, so the same program yields the same key everywhere
//! and an unchanged file is neither uploaded nor deployed again. The file itself is copied into the
//! assembly, which therefore holds no path of the machine that made it.
//!
//! A container image is an asset, too: it goes to the repository of the bootstrap instead of its bucket.
//!
//! What takes long to make, such as a compiled program, is known by a hash of its *source* and made
//! when it is uploaded, and only if it is not there yet: the assembly holds the command that makes
//! it. Where the source is on this machine is known to [`Assembly::checkouts`](crate::Assembly) and
//! never written into the assembly.

use std::fs;
use std::path::{Path, PathBuf};

use hmac_sha256::Hash;

use crate::json::{Json, Text};
use crate::pseudo::Pseudo;
use crate::scope::Scope;
use crate::tree::Tree;
use crate::value::Value;

/// The context key that names another bootstrap than the CDK's default one.
const QUALIFIER_KEY: &str = "@aws-cdk/core:bootstrapQualifier";
/// The qualifier of the CDK's default bootstrap.
const DEFAULT_QUALIFIER: &str = "hnb659fds";
/// The hexadecimal digits of SHA-256.
const KEY_LENGTH: usize = 64;

/// A file that becomes an asset.
#[derive(Clone, Debug)]
#[must_use = "a file does nothing until it is passed to `Scope::asset`"]
pub struct FileAsset(Origin);

#[derive(Clone, Debug)]
enum Origin {
    OnDisk(PathBuf),
    Made(Made),
}

/// A file that does not exist yet.
#[derive(Clone, Debug)]
struct Made {
    key: String,
    extension: String,
    name: String,
    command: Vec<String>,
    checkout: Option<PathBuf>,
    is_image: bool,
}

impl FileAsset {
    /// A file that is uploaded as it is, such as a zip archive. A relative path starts at the
    /// current directory; `package!("handler.zip")` starts at the calling package.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self(Origin::OnDisk(path.into()))
    }

    /// A file that a command makes when it is uploaded, and only if nothing is there under its key.
    /// `key` is a hash of what it is made from: 64 hexadecimal digits. The command prints the path
    /// of the file; it is run in any folder, and holds no path of this machine.
    pub fn made<T: Into<String>>(
        key: impl Into<String>,
        extension: impl Into<String>,
        command: impl IntoIterator<Item = T>,
    ) -> Self {
        Self(Origin::Made(Made {
            key: key.into(),
            extension: extension.into(),
            name: String::new(),
            command: command.into_iter().map(Into::into).collect(),
            checkout: None,
            is_image: false,
        }))
    }

    /// A container image, which a command makes when it is pushed: it prints the path of a folder with the
    /// [layout](https://github.com/opencontainers/image-spec/blob/main/image-layout.md) of one image. Key and command
    /// are as those of [`made`](Self::made).
    pub fn image<T: Into<String>>(
        key: impl Into<String>,
        command: impl IntoIterator<Item = T>,
    ) -> Self {
        let mut file = Self::made(key, "", command);
        if let Origin::Made(made) = &mut file.0 {
            made.is_image = true;
        }
        file
    }

    /// What people see of a file that is made; a file on disk has its own name.
    pub fn named(mut self, name: impl Into<String>) -> Self {
        if let Origin::Made(made) = &mut self.0 {
            made.name = name.into();
        }
        self
    }

    /// The folder that the command's paths start from. It stays out of the assembly: see
    /// [`Assembly::checkouts`](crate::Assembly::checkouts).
    pub fn from_checkout(mut self, folder: impl Into<PathBuf>) -> Self {
        if let Origin::Made(made) = &mut self.0 {
            made.checkout = Some(folder.into());
        }
        self
    }
}

/// Where an uploaded asset is found.
#[derive(Clone)]
pub struct AssetRef {
    bucket: Value<String>,
    key: Text,
}

impl AssetRef {
    pub(crate) fn new(scope: &Scope, asset: &Asset) -> Self {
        let bucket = Json::concat(vec![
            Json::Text(asset.place().into()),
            scope.pseudo(Pseudo::AccountId).as_json().clone(),
            Json::Text("-".into()),
            scope.pseudo(Pseudo::Region).as_json().clone(),
        ]);
        Self {
            bucket: Value::from_json(bucket),
            key: asset.file_name().into(),
        }
    }

    /// The bucket that holds the asset, or the name of an image's repository.
    #[must_use]
    pub const fn bucket(&self) -> &Value<String> {
        &self.bucket
    }

    /// The object's key: the hash of the content and the file's extension. The tag of an image.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }
}

/// The bootstrap that holds a scope's assets.
pub(crate) fn qualifier(scope: &Scope) -> Text {
    scope.tree.read(|tree| qualifier_at(tree, scope.node))
}

/// The bootstrap that holds the assets of a construct.
pub(crate) fn qualifier_at(tree: &Tree, node: u32) -> Text {
    tree.context(node, QUALIFIER_KEY)
        .unwrap_or(DEFAULT_QUALIFIER.into())
}

/// An asset of a stack.
#[derive(Clone, PartialEq)]
pub struct Asset {
    pub(crate) hash: String,
    pub(crate) extension: String,
    pub(crate) display_name: String,
    pub(crate) content: Content,
    /// Names the bootstrap whose bucket or repository the asset goes to.
    pub(crate) qualifier: Text,
    pub(crate) is_image: bool,
}

/// What an asset holds.
#[derive(Clone, PartialEq)]
pub(crate) enum Content {
    Bytes(Vec<u8>),
    /// Whatever the command makes, from a source in the checkout.
    Made {
        command: Vec<String>,
        checkout: Option<PathBuf>,
    },
}

impl Asset {
    /// What people see of it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.display_name
    }

    /// The hash that it is known by.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.hash
    }

    /// The command that makes it; none when the assembly holds the file itself.
    #[must_use]
    pub fn command(&self) -> Option<&[String]> {
        match &self.content {
            Content::Made { command, .. } => Some(command),
            Content::Bytes(_) => None,
        }
    }

    /// The folder of this machine with the source of what is made.
    pub(crate) fn checkout(&self) -> Option<&Path> {
        match &self.content {
            Content::Made { checkout, .. } => checkout.as_deref(),
            Content::Bytes(_) => None,
        }
    }

    /// Reads a file; the error is a message and a help text.
    pub(crate) fn read(file: FileAsset, qualifier: Text) -> Result<Self, (String, String)> {
        match file.0 {
            Origin::OnDisk(path) => Self::on_disk(&path, qualifier),
            Origin::Made(made) => Self::made(made, qualifier),
        }
    }

    fn made(made: Made, qualifier: Text) -> Result<Self, (String, String)> {
        let Made {
            key,
            extension,
            name,
            command,
            checkout,
            is_image,
        } = made;
        let is_digit = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        if key.len() != KEY_LENGTH || !key.bytes().all(is_digit) {
            let message = format!(
                "the key of an asset that is made is {KEY_LENGTH} hexadecimal digits, got \"{key}\""
            );
            let help = "hash what it is made from with SHA-256".to_owned();
            return Err((message, help));
        }
        if command.first().is_none_or(String::is_empty) {
            let message = format!("the asset \"{name}\" is made by a command, got none");
            let help = "name the program and its arguments".to_owned();
            return Err((message, help));
        }
        Ok(Self {
            hash: key,
            extension,
            display_name: name,
            content: Content::Made { command, checkout },
            qualifier,
            is_image,
        })
    }

    fn on_disk(path: &Path, qualifier: Text) -> Result<Self, (String, String)> {
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let content = fs::read(path).map_err(|problem| {
            let message = format!("cannot read the asset \"{}\": {problem}", shown(path));
            (
                message,
                "check the path; `package!(\"..\")` starts at your package's folder".to_owned(),
            )
        })?;
        let extension = path
            .extension()
            .map(|extension| extension.to_string_lossy().into_owned());
        Ok(Self::from_content(
            content,
            extension.unwrap_or_default(),
            name.unwrap_or_default(),
            qualifier,
        ))
    }

    pub(crate) fn from_content(
        content: Vec<u8>,
        extension: String,
        display_name: String,
        qualifier: Text,
    ) -> Self {
        let hash = Hash::hash(&content)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        Self {
            hash,
            extension,
            display_name,
            content: Content::Bytes(content),
            qualifier,
            is_image: false,
        }
    }

    /// Stands for a file that could not be read; never written, since that is an error.
    pub(crate) fn missing() -> Self {
        Self::from_content(Vec::new(), String::new(), String::new(), "".into())
    }

    /// What the name of its bucket or repository begins with; account and region follow.
    pub(crate) fn place(&self) -> String {
        let kind = if self.is_image { "container-" } else { "" };
        format!("cdk-{}-{kind}assets-", self.qualifier)
    }

    /// The key in the asset bucket.
    pub(crate) fn file_name(&self) -> String {
        if self.extension.is_empty() {
            self.hash.clone()
        } else {
            format!("{}.{}", self.hash, self.extension)
        }
    }
}

/// The path as given when it is relative, else its last two components: no host path in messages.
fn shown(path: &Path) -> String {
    if path.is_relative() {
        return path.display().to_string();
    }
    let tail: Vec<_> = path.components().rev().take(2).collect();
    tail.into_iter()
        .rev()
        .collect::<PathBuf>()
        .display()
        .to_string()
}
