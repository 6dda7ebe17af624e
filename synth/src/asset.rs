//! File assets: what a template needs beside itself, uploaded before it is deployed.
//!
//! An asset is known by a hash of its content, so the same program yields the same key everywhere
//! and an unchanged file is neither uploaded nor deployed again. The file itself is copied into the
//! assembly, which therefore holds no path of the machine that made it.

use std::fs;
use std::path::PathBuf;

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

/// A file on disk that becomes an asset.
#[derive(Clone, Debug)]
#[must_use = "a file does nothing until it is passed to `Scope::asset`"]
pub struct FileAsset {
    path: PathBuf,
}

impl FileAsset {
    /// A file that is uploaded as it is, such as a zip archive. A relative path starts at the
    /// current directory; `package!("handler.zip")` starts at the calling package.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into() }
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
            Json::Text(format!("cdk-{}-assets-", asset.qualifier).into()),
            scope.pseudo(Pseudo::AccountId).as_json().clone(),
            Json::Text("-".into()),
            scope.pseudo(Pseudo::Region).as_json().clone(),
        ]);
        Self {
            bucket: Value::from_json(bucket),
            key: asset.file_name().into(),
        }
    }

    /// The bucket that holds the asset.
    #[must_use]
    pub const fn bucket(&self) -> &Value<String> {
        &self.bucket
    }

    /// The object's key: the hash of the content and the file's extension.
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
pub(crate) struct Asset {
    pub(crate) hash: String,
    pub(crate) extension: String,
    pub(crate) display_name: String,
    pub(crate) content: Vec<u8>,
    /// Names the bootstrap whose bucket the asset goes to.
    pub(crate) qualifier: Text,
}

impl Asset {
    /// Reads a file; the error is a message and a help text.
    pub(crate) fn read(file: FileAsset, qualifier: Text) -> Result<Self, (String, String)> {
        let FileAsset { path } = file;
        let name = path
            .file_name()
            .map(|name| name.to_string_lossy().into_owned());
        let content = fs::read(&path).map_err(|problem| {
            let message = format!("cannot read the asset \"{}\": {problem}", shown(&path));
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
            content,
            qualifier,
        }
    }

    /// Stands for a file that could not be read; never written, since that is an error.
    pub(crate) fn missing() -> Self {
        Self::from_content(Vec::new(), String::new(), String::new(), "".into())
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
fn shown(path: &std::path::Path) -> String {
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
