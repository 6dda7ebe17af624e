//! What a function runs.

use std::fs;
use std::path::PathBuf;

use cloudwright_synth::{FileAsset, Id, IntoValue, Json, Scope, Value};

use super::zip::{self, Entry};
use crate::cfn::lambda::function;
use crate::{cfn, rules};

/// What `provided.al2023` starts.
const BOOTSTRAP: &str = "bootstrap";
/// How many bytes an unpacked archive may have.
const UNPACKED_LIMIT: u64 = 250 * 1024 * 1024;

/// A function's code ([AWS](https://docs.aws.amazon.com/lambda/latest/dg/configuration-function-zip.html)).
///
/// ```
/// use cloudwright::lambda::{Architecture, Code, Function};
/// let built_here = Code::zip(cloudwright::package!("target/resize.zip"));
/// let released = Code::s3("releases", "resize.zip").version("3sL4kqtJlcpXroDTDmJ.rmSpXd3dIbrHY");
/// let resize = Function::new(released).architecture(Architecture::X86_64);
/// # let _ = (built_here, resize);
/// ```
#[derive(Clone)]
#[must_use = "code does nothing until a function takes it"]
pub struct Code(Source);

#[derive(Clone)]
enum Source {
    Zip(PathBuf),
    Object {
        bucket: Json,
        key: Json,
        version: Option<Json>,
    },
}

impl Code {
    /// A zip archive on disk, uploaded before the stack is deployed. A relative path starts at the
    /// current directory; `package!("handler.zip")` starts at the calling package.
    ///
    /// For `provided.al2023` the archive has to hold an executable called `bootstrap`.
    pub fn zip(path: impl Into<PathBuf>) -> Self {
        Self(Source::Zip(path.into()))
    }

    /// A zip archive in a bucket of the function's region. Lambda reads it when the function is
    /// created or its key or version changes, and never again.
    pub fn s3(bucket: impl IntoValue<Id<cfn::s3::Bucket>>, key: impl IntoValue<String>) -> Self {
        Self(Source::Object {
            bucket: bucket.into_json(),
            key: key.into_json(),
            version: None,
        })
    }

    /// A version of the archive in the bucket. It has no effect on an archive on disk, whose key
    /// changes with its content.
    pub fn version(mut self, id: impl IntoValue<String>) -> Self {
        if let Source::Object { version, .. } = &mut self.0 {
            *version = Some(id.into_json());
        }
        self
    }

    /// The L1 property; `starts_bootstrap` says whether the runtime starts a file of that name.
    pub(super) fn bind(self, scope: &Scope, starts_bootstrap: bool) -> function::Code {
        match self.0 {
            Source::Zip(path) => {
                check_archive(scope, &path, starts_bootstrap);
                let asset = scope.asset(FileAsset::file(path));
                function::Code::new()
                    .s3_bucket(asset.bucket().clone().cast::<Id<cfn::s3::Bucket>>())
                    .s3_key(asset.key())
            }
            Source::Object {
                bucket,
                key,
                version,
            } => {
                let code = function::Code::new()
                    .s3_bucket(Value::<Id<cfn::s3::Bucket>>::from_json(bucket))
                    .s3_key(Value::<String>::from_json(key));
                match version {
                    Some(id) => code.s3_object_version(Value::<String>::from_json(id)),
                    None => code,
                }
            }
        }
    }
}

/// Reports an archive that Lambda could not start. A file that cannot be read is reported by the
/// asset itself.
fn check_archive(scope: &Scope, path: &std::path::Path, starts_bootstrap: bool) {
    let Ok(content) = fs::read(path) else { return };
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match zip::entries(&content) {
        Err(kind) => {
            let message = format!("a function's code is a zip archive, got {kind} (\"{name}\")");
            let help = "pack the executable under the name `bootstrap`: `zip code.zip bootstrap`";
            scope.error(&rules::BAD_CODE, message, help);
        }
        Ok(entries) => {
            check_size(scope, &name, &entries);
            if starts_bootstrap {
                check_bootstrap(scope, &name, &entries);
            }
        }
    }
}

fn check_size(scope: &Scope, name: &str, entries: &[Entry]) {
    let size: u64 = entries.iter().map(|entry| entry.size).sum();
    if size > UNPACKED_LIMIT {
        let message = format!(
            "\"{name}\" unpacks to {size} bytes, expected at most {UNPACKED_LIMIT} (250 MiB)"
        );
        let help = "leave out what the function does not run, or use a container image";
        scope.error(&rules::BAD_CODE, message, help);
    }
}

fn check_bootstrap(scope: &Scope, name: &str, entries: &[Entry]) {
    match entries.iter().find(|entry| entry.name == BOOTSTRAP) {
        None => {
            let found: Vec<_> = entries.iter().map(|entry| &*entry.name).take(3).collect();
            let message = format!(
                "provided.al2023 starts a file called \"{BOOTSTRAP}\", and \"{name}\" holds {}",
                found.join(", ")
            );
            let help = "name the executable `bootstrap`, at the top of the archive";
            scope.error(&rules::BAD_CODE, message, help);
        }
        Some(entry) if entry.executable == Some(false) => {
            let message = format!("\"{BOOTSTRAP}\" in \"{name}\" is not executable");
            let help = "`chmod +x bootstrap` before packing it";
            scope.error(&rules::BAD_CODE, message, help);
        }
        Some(_) => {}
    }
}
