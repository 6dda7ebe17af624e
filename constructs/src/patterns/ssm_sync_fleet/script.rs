//! What runs on the servers.

use cloudwright_synth::{IntoValue, Scope, Text};

use super::directory::Directory;
use super::quote::quoted;
use crate::ec2::UserData;
use crate::s3::BucketRef;
use crate::ssm::{Document, DocumentParameter, DocumentRef, Step};

/// The part of the script that is the same for all directories.
const SYNC: &str = include_str!("sync.sh");
/// What names of buckets and regions look like.
const BUCKET: &str = "^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$";
const REGION: &str = "^[a-z0-9-]{1,32}$";
/// What ends the script within another one. No line of it says this.
const END: &str = "CLOUDWRIGHT_SYNC_END";
/// How often a new server tries, and how long it waits in between, in seconds.
const TRIES: u32 = 10;
const PAUSE: u32 = 6;

/// The lines that bring directories to the state of the bucket `SSM_S3Bucket`.
fn lines(directories: &[Directory]) -> Vec<Text> {
    let common = SYNC.lines().map(|line| Text::Owned(line.to_owned()));
    let each = directories
        .iter()
        .map(|directory| Text::Owned(directory.line()));
    // What one directory fails with keeps no other from following.
    let end = std::iter::once(Text::Borrowed("exit \"$failed\""));
    common.chain(each).chain(end).collect()
}

/// The document that does so.
pub(super) fn document(
    scope: &Scope,
    directories: &[Directory],
    bucket: &BucketRef,
    timeout: std::time::Duration,
) -> DocumentRef {
    let name = DocumentParameter::new("S3Bucket")
        .description("the bucket that is followed")
        .pattern(BUCKET)
        .default_value(bucket.name());
    let region = DocumentParameter::new("Region")
        .description("where the bucket is")
        .pattern(REGION)
        .default_value(scope.region());
    let shell = std::iter::once(Text::Borrowed("#!/bin/bash"));
    let step = Step::shell("Sync", shell.chain(lines(directories))).timeout(timeout);
    let document = Document::command("Brings directories to the state of a bucket")
        .parameter(name)
        .parameter(region)
        .step(step);
    scope.add("Document", document)
}

/// What a new server does first: the same, until it works, and then what makes it serve.
pub(super) fn boot(
    scope: &Scope,
    directories: &[Directory],
    bucket: &BucketRef,
    then: &[Text],
) -> UserData {
    let export = |name: &str, value: cloudwright_synth::Value<String>| {
        let parts = [format!("export {name}='"), "'".to_owned()];
        let [before, after] = parts.map(|text| cloudwright_synth::Json::Text(text.into()));
        let line = vec![before, value.as_json().clone(), after];
        cloudwright_synth::Value::<String>::from_json(cloudwright_synth::Json::concat(line))
    };
    UserData::bash()
        .line(export("SSM_S3Bucket", bucket.name().cast::<String>()))
        .line(export("SSM_Region", scope.region()))
        .line("tries=0")
        .line(format!("until bash <<{}", quoted(END)))
        .lines(lines(directories))
        .line(END)
        .lines([
            "do".to_owned(),
            "  tries=$((tries + 1))".to_owned(),
            format!("  if [ \"$tries\" -ge {TRIES} ]; then echo 'the first sync failed, and this server does not start' >&2; shutdown -h now; exit 1; fi"),
            format!("  sleep {PAUSE}"),
            "done".to_owned(),
        ])
        .lines(then.iter().cloned())
}

/// The parameters of a document that [`SsmSyncFleet::run_document`](super::SsmSyncFleet::run_document) runs:
/// `S3Bucket`, `S3Key` and `S3Version`, which scripts find in `SSM_S3Bucket`, `SSM_S3Key` and `SSM_S3Version`. The version
/// is empty where a bucket has none.
///
/// A key may hold anything, so it is never written into a script: a server with an SSM agent before
/// 3.3.2746.0 runs nothing, and says so.
pub fn object_parameters() -> [DocumentParameter; 3] {
    [
        DocumentParameter::new("S3Bucket")
            .description("the bucket of the object")
            .pattern(BUCKET),
        DocumentParameter::new("S3Key")
            .description("the key of the object")
            .length(1..=1024),
        DocumentParameter::new("S3Version")
            .description("the version of the object, if it has one")
            .pattern("^[A-Za-z0-9._-]{0,1024}$")
            .default_value(IntoValue::<String>::into_value("")),
    ]
}
