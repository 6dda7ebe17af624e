//! Container images without Docker: a program, what it reads, and nothing else.
//!
//! An image is written as an [OCI layout](https://github.com/opencontainers/image-spec/blob/main/image-layout.md), which every
//! registry tool takes: `oci-layout`, `index.json`, and `blobs/sha256/..` with a layer, its configuration and the manifest that
//! names both. The same files are the same bytes, so the digest says what is in it: no time, no user of the machine.

mod tar;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use hmac_sha256::Hash;
use serde_json::{Value, json};

use crate::{Problem, Target};

const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
const CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// Whom the program runs as: nobody that the host knows.
const USER: &str = "65532:65532";
/// Where programs look for the certificates of authorities.
const CERTIFICATES: &str = "etc/ssl/certs/ca-certificates.crt";

/// A file of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageFile {
    /// Where it is, without a slash at the start: up to 100 bytes.
    pub path: String,
    /// What is in it.
    pub content: Vec<u8>,
    /// Whether it can be started.
    pub is_program: bool,
}

/// An image of one program.
///
/// ```
/// use cloudwright_bundle::Target;
/// use cloudwright_bundle::build::Image;
/// # let folder = tempfile::tempdir().unwrap();
/// # let folder = folder.path();
/// let image = Image::of("worker", b"\x7fELF..".to_vec(), Target::Arm64).certificates(b"-----BEGIN ..".to_vec());
/// let digest = image.write(folder)?;
/// assert!(digest.starts_with("sha256:"));
/// # Ok::<(), cloudwright_bundle::Problem>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    target: Target,
    entry_point: String,
    files: Vec<ImageFile>,
}

impl Image {
    /// An image of a static program, which is started as `/name`, as a user without rights. Names of hosts are looked up
    /// as everywhere: in `/etc/hosts`, then at the servers of `/etc/resolv.conf`, both of which Amazon ECS writes.
    #[must_use]
    pub fn of(name: &str, program: Vec<u8>, target: Target) -> Self {
        let program = ImageFile {
            path: name.to_owned(),
            content: program,
            is_program: true,
        };
        Self {
            target,
            entry_point: format!("/{name}"),
            files: vec![program],
        }
    }

    /// With the certificates of authorities, one after another in PEM, where programs look for them.
    #[must_use]
    pub fn certificates(self, pem: Vec<u8>) -> Self {
        self.file(ImageFile {
            path: CERTIFICATES.to_owned(),
            content: pem,
            is_program: false,
        })
    }

    /// With one more file.
    #[must_use]
    pub fn file(mut self, file: ImageFile) -> Self {
        self.files.push(file);
        self
    }

    /// Writes the layout into a folder, which is made, and gives the digest of the manifest: what the image is
    /// called by in a registry.
    ///
    /// # Errors
    /// If a path cannot be in an image, or the folder cannot be written.
    pub fn write(&self, folder: &Path) -> Result<String, Problem> {
        let blobs = folder.join("blobs/sha256");
        let written = |path: &Path, bytes: &[u8]| {
            fs::write(path, bytes).map_err(|error| unwritable(path, &error))
        };
        fs::create_dir_all(&blobs).map_err(|error| unwritable(&blobs, &error))?;
        let blob = |kind: &str, bytes: &[u8]| -> Result<Value, Problem> {
            let digest = digest(bytes);
            written(&blobs.join(&digest), bytes)?;
            let digest = format!("sha256:{digest}");
            Ok(json!({ "mediaType": kind, "digest": digest, "size": bytes.len() }))
        };
        let layer = blob(LAYER, &tar::pack(&self.files)?)?;
        let config = blob(CONFIG, &self.config(&layer["digest"]))?;
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [layer],
        });
        let mut manifest = blob(MANIFEST, manifest.to_string().as_bytes())?;
        let name = manifest["digest"].as_str().unwrap_or_default().to_owned();
        manifest["platform"] = json!({ "architecture": self.architecture(), "os": "linux" });
        let index = json!({ "schemaVersion": 2, "mediaType": INDEX, "manifests": [manifest] });
        written(&folder.join("index.json"), index.to_string().as_bytes())?;
        let layout = json!({ "imageLayoutVersion": "1.0.0" });
        written(&folder.join("oci-layout"), layout.to_string().as_bytes())?;
        Ok(name)
    }

    /// How the program is started. The layer is not compressed, so its own digest is that of its content.
    fn config(&self, layer: &Value) -> Vec<u8> {
        let config = json!({
            "architecture": self.architecture(), "os": "linux",
            "config": { "Entrypoint": [self.entry_point], "User": USER, "WorkingDir": "/" },
            "rootfs": { "type": "layers", "diff_ids": [layer] },
        });
        config.to_string().into_bytes()
    }

    /// The processor as images name it.
    const fn architecture(&self) -> &'static str {
        match self.target {
            Target::Arm64 => "arm64",
            Target::X86_64 => "amd64",
        }
    }
}

/// The SHA-256 of bytes, in hexadecimal digits.
fn digest(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(64);
    for byte in Hash::hash(bytes) {
        // Writing into a `String` cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}

fn unwritable(path: &Path, error: &std::io::Error) -> Problem {
    let message = format!("cannot write \"{}\": {error}", path.display());
    Problem::of_file(message, "give a folder that can be written")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;
    use std::process::Command;

    fn image() -> Image {
        let image = Image::of(
            "worker",
            b"#!/bin/sh\necho started\n".to_vec(),
            Target::Arm64,
        );
        image.certificates(b"-----BEGIN CERTIFICATE-----\n".to_vec())
    }

    fn read(path: &Path) -> Value {
        serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
    }

    /// All files below a folder, by their paths.
    fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
        let mut found = BTreeMap::new();
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            match path.is_dir() {
                true => found.extend(
                    files(&path)
                        .into_iter()
                        .map(|(below, held)| (format!("{name}/{below}"), held)),
                ),
                false => drop(found.insert(name, fs::read(&path).unwrap())),
            }
        }
        found
    }

    #[test]
    fn the_same_files_are_the_same_bytes_and_others_another_digest() {
        let [one, other, third] = [(); 3].map(|()| tempfile::tempdir().unwrap());
        let digest = image().write(one.path()).unwrap();
        assert_eq!(image().write(other.path()).unwrap(), digest);
        assert_eq!(files(one.path()), files(other.path()));
        let changed = image().certificates(Vec::new());
        let refused = changed.write(third.path()).unwrap_err();
        assert!(
            refused.message.contains("is in the image twice"),
            "{refused}"
        );
        let amd = Image {
            target: Target::X86_64,
            ..image()
        };
        assert_ne!(amd.write(third.path()).unwrap(), digest);
    }

    #[test]
    fn every_blob_has_its_digest_and_every_descriptor_its_blob() {
        let folder = tempfile::tempdir().unwrap();
        let name = image().write(folder.path()).unwrap();
        let layout = files(folder.path());
        let blobs: Vec<_> = layout
            .iter()
            .filter_map(|(path, held)| Some((path.strip_prefix("blobs/sha256/")?, held)))
            .collect();
        assert_eq!((layout.len(), blobs.len()), (5, 3));
        for (path, held) in &blobs {
            assert_eq!(*path, digest(held));
        }
        let blob = |descriptor: &Value| {
            let digest = descriptor["digest"]
                .as_str()
                .unwrap()
                .strip_prefix("sha256:")
                .unwrap();
            let path = folder.path().join("blobs/sha256").join(digest);
            assert_eq!(descriptor["size"], fs::metadata(&path).unwrap().len());
            path
        };
        let index = read(&folder.path().join("index.json"));
        assert_eq!(index["manifests"][0]["digest"], *name);
        assert_eq!(index["manifests"][0]["platform"]["architecture"], "arm64");
        let manifest = read(&blob(&index["manifests"][0]));
        let config = read(&blob(&manifest["config"]));
        assert_eq!(config["config"]["Entrypoint"], json!(["/worker"]));
        assert_eq!(
            config["rootfs"]["diff_ids"][0],
            manifest["layers"][0]["digest"]
        );
        blob(&manifest["layers"][0]);
    }

    /// The layer is read by a program that is not ours.
    #[test]
    fn the_layer_is_taken_out_and_started() {
        let (folder, root) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        image().write(folder.path()).unwrap();
        let index = read(&folder.path().join("index.json"));
        let blobs = folder.path().join("blobs/sha256");
        let path = |descriptor: &Value| blobs.join(&descriptor["digest"].as_str().unwrap()[7..]);
        let manifest = read(&path(&index["manifests"][0]));
        let layer = path(&manifest["layers"][0]);
        let taken = Command::new("tar")
            .arg("-xf")
            .arg(&layer)
            .arg("-C")
            .arg(root.path())
            .status();
        assert!(taken.unwrap().success());
        let said = Command::new(root.path().join("worker")).output().unwrap();
        assert_eq!(said.stdout, b"started\n");
        let certificates = root.path().join(CERTIFICATES);
        assert_eq!(
            fs::read(certificates).unwrap(),
            b"-----BEGIN CERTIFICATE-----\n"
        );
    }
}
