//! What a function runs.

use std::fs;
use std::path::PathBuf;

use cloudwright_bundle::Problem;
use cloudwright_contract::Handler;
use cloudwright_synth::{AssetRef, FileAsset, Id, IntoValue, Json, Scope, Value};

use super::Architecture;
use super::made::{self, CargoCode, Made, PythonCode};
use super::zip::{self, Entry};
use super::{bundled, image};
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
/// let own = Function::new(Code::cargo(cloudwright::package!("handlers/thumbnails")));
/// # let _ = (built_here, resize, own);
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
    Folder(PathBuf),
    Cargo(CargoCode),
    Python(PythonCode),
    Bundled(Handler),
    Image(Json),
}

/// What of a function decides about its code.
pub(super) struct Platform<'a> {
    pub(super) architecture: Architecture,
    /// Such as `provided.al2023`.
    pub(super) runtime: &'a str,
}

/// The runtime of executables.
const PROVIDED: &str = "provided.al2023";

impl Code {
    /// A zip archive on disk, uploaded before the stack is deployed. A relative path starts at the
    /// current directory; `package!("handler.zip")` starts at the calling package.
    ///
    /// For `provided.al2023` the archive has to hold an executable called `bootstrap`.
    pub fn zip(path: impl Into<PathBuf>) -> Self {
        Self(Source::Zip(path.into()))
    }

    /// A Rust program, made from the package in a folder when the stack is deployed. A relative path
    /// starts at the current directory; `package!("handler")` starts at the calling package.
    ///
    /// Synthesis only hashes the source: the package's files as `cargo package` would take them, the
    /// packages in folders that it is built from, and their part of `Cargo.lock`. The function is
    /// deployed again when one of these changes, and not when something else in the workspace does.
    ///
    /// Making it takes `cargo-cloudwright` on `PATH` (`cargo install cloudwright-deploy`), the Rust
    /// target of the function's [`Architecture`], and for another processor than the machine's
    /// `pip install ziglang cargo-zigbuild`.
    ///
    /// ```
    /// use cloudwright::lambda::Code;
    /// let resize = Code::cargo(cloudwright::package!("handlers")).bin("resize").features(["png"]);
    /// # let _ = resize;
    /// ```
    pub fn cargo(folder: impl Into<PathBuf>) -> CargoCode {
        CargoCode::new(folder.into())
    }

    /// A folder, packed as it is when the stack is deployed: all files but those of version control,
    /// with their mark of being executable.
    ///
    /// For `provided.al2023` it has to hold an executable called `bootstrap`.
    pub fn dir(path: impl Into<PathBuf>) -> Self {
        Self(Source::Folder(path.into()))
    }

    /// A Python program, packed with what it needs when the stack is deployed: its folder without
    /// hidden files, compiled files and virtual environments.
    ///
    /// ```
    /// use cloudwright::lambda::{Code, Function, Runtime};
    /// let code = Code::python(cloudwright::package!("app")).requirements("requirements.txt");
    /// let function = Function::new(code).runtime(Runtime::Python3_14, "app.handler");
    /// # let _ = function;
    /// ```
    pub fn python(folder: impl Into<PathBuf>) -> PythonCode {
        PythonCode::new(folder.into())
    }

    /// A handler that cloudwright brings along. It sets the function's handler by itself; the
    /// environment that the handler reads is in `cloudwright-contract`.
    ///
    /// All handlers are one small program, whose build takes minutes, once per machine. With the
    /// context value `cloudwright:handlers=development` it is a quick build of this handler alone:
    /// larger, and under a key of its own.
    ///
    /// ```
    /// use cloudwright::lambda::{Code, Function, Handler};
    /// let forward = Function::new(Code::bundled(Handler::Forward));
    /// # let _ = forward;
    /// ```
    pub const fn bundled(handler: Handler) -> Self {
        Self(Source::Bundled(handler))
    }

    /// A container image of up to 10 GB in a private repository of the function's region, by its
    /// address ([AWS](https://docs.aws.amazon.com/lambda/latest/dg/images-create.html)). It says by
    /// itself what runs, so the function has neither a runtime nor a handler nor layers.
    ///
    /// ```
    /// use cloudwright::lambda::{Code, Function};
    /// let image = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/resize@sha256:5e4f..";
    /// let resize = Function::new(Code::image(image));
    /// # let _ = resize;
    /// ```
    pub fn image(address: impl IntoValue<String>) -> Self {
        Self(Source::Image(address.into_json()))
    }

    pub(super) const fn is_image(&self) -> bool {
        matches!(self.0, Source::Image(_))
    }

    /// The handler that the code itself says.
    pub(super) const fn handler(&self) -> Option<Handler> {
        match self.0 {
            Source::Bundled(handler) => Some(handler),
            _ => None,
        }
    }

    pub(super) const fn of_cargo(code: CargoCode) -> Self {
        Self(Source::Cargo(code))
    }

    pub(super) const fn of_python(code: PythonCode) -> Self {
        Self(Source::Python(code))
    }

    /// Whether it is made for the processor that the function has, whichever that is.
    pub(super) const fn suits_any_processor(&self) -> bool {
        match &self.0 {
            Source::Cargo(_) | Source::Bundled(_) => true,
            Source::Python(code) => code.has_wheels(),
            Source::Zip(_) | Source::Object { .. } | Source::Folder(_) | Source::Image(_) => false,
        }
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

    /// The L1 property.
    pub(super) fn bind(self, scope: &Scope, platform: &Platform<'_>) -> function::Code {
        let Platform {
            architecture,
            runtime,
        } = *platform;
        match self.0 {
            Source::Zip(path) => {
                check_archive(scope, &path, runtime == PROVIDED);
                uploaded(&scope.asset(FileAsset::file(path)))
            }
            Source::Folder(path) => made_code(scope, made::find_folder(&path)),
            Source::Cargo(code) => {
                check_provided(scope, runtime);
                made_code(scope, code.find(architecture))
            }
            Source::Bundled(handler) => {
                check_provided(scope, runtime);
                made_code(scope, Ok(bundled::find(scope, handler, architecture)))
            }
            Source::Python(code) => made_code(scope, code.find(architecture, runtime)),
            Source::Image(address) => {
                image::check(scope, &address);
                function::Code::new().image_uri(Value::<String>::from_json(address))
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

fn check_provided(scope: &Scope, runtime: &str) {
    if runtime != PROVIDED {
        let message = format!("a Rust program runs on {PROVIDED}, got {runtime}");
        let help = "leave the runtime out: it is what a function has unless said";
        scope.error(&rules::BAD_CODE, message, help);
    }
}

fn uploaded(asset: &AssetRef) -> function::Code {
    function::Code::new()
        .s3_bucket(asset.bucket().clone().cast::<Id<cfn::s3::Bucket>>())
        .s3_key(asset.key())
}

fn made_code(scope: &Scope, made: Result<Made, Problem>) -> function::Code {
    let asset = made::asset(scope, made);
    asset.as_ref().map_or_else(function::Code::new, uploaded)
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
