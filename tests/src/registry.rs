//! A real registry of container images for tests, on a free port of 127.0.0.1, that lets one user in.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use serde_json::Value;
use tempfile::TempDir;

use crate::tools::{isolated, require};

/// The user's name and password in base64, with a colon between them.
pub const TOKEN: &str = "QVdTOnJlZ2lzdHJ5LXBhc3N3b3Jk";
/// The same as the registry keeps it, in bcrypt.
const USERS: &str = "AWS:$2b$04$k6L2aoM4O1EF.BLR58Ci2O25lH8lPkHYbx20C32a3wNHQAF6v1nYS\n";
/// How the registry says where it listens.
const LISTENS: &str = "listening on 127.0.0.1:";
/// What the manifest of an image is.
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";

/// A running registry. It ends with its owner, and with the process in any case.
#[derive(Debug)]
pub struct Registry {
    process: Child,
    port: u16,
    _folder: TempDir,
}

impl Registry {
    /// Starts an empty registry and waits until it listens.
    ///
    /// # Panics
    /// If it is missing or does not start.
    #[must_use]
    pub fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder for the registry");
        let path = |name: &str| folder.path().join(name).display().to_string();
        let settings = format!(
            "version: 0.1\nlog:\n  level: info\nstorage:\n  filesystem:\n    rootdirectory: {}\n\
             http:\n  addr: 127.0.0.1:0\nauth:\n  htpasswd:\n    realm: tests\n    path: {}\n",
            path("images"),
            path("users"),
        );
        fs::write(path("users"), USERS).expect("the list of users");
        fs::write(path("settings.yml"), settings).expect("the settings");
        // The shell ends the registry when its input closes, as it does when the test's process dies.
        let mut process = isolated(Path::new("/bin/sh"))
            .args(["-c", "\"$@\" & cat; kill $!; wait", "sh"])
            .arg(require("docker-registry", "usr/bin/docker-registry"))
            .args(["serve", &path("settings.yml")])
            .env("OTEL_TRACES_EXPORTER", "none")
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("a shell starts");
        let log = process.stderr.take().expect("its log is piped");
        let mut log = BufReader::new(log).lines();
        let mut said = String::new();
        let port = loop {
            let line = log.next().unwrap_or_else(|| panic!("no registry: {said}"));
            let line = line.expect("it writes text");
            if let Some((_, rest)) = line.split_once(LISTENS) {
                let digits = rest.split(|one: char| !one.is_ascii_digit()).next();
                break digits
                    .and_then(|digits| digits.parse().ok())
                    .expect("a port");
            }
            said += &line;
        };
        // Whoever does not read what it says stops it.
        thread::spawn(move || log.map_while(Result::ok).for_each(drop));
        Self {
            process,
            port,
            _folder: folder,
        }
    }

    /// Its address.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// What it answers to `GET`, if that is a success: the body.
    ///
    /// # Panics
    /// If it does not answer.
    #[must_use]
    pub fn get(&self, path: &str) -> Option<Vec<u8>> {
        let mut connection = TcpStream::connect(("127.0.0.1", self.port)).expect("a connection");
        let request = format!(
            "GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\nAccept: {MANIFEST}\r\nAuthorization: Basic {TOKEN}\r\n\r\n"
        );
        connection.write_all(request.as_bytes()).expect("it reads");
        let mut answer = Vec::new();
        connection.read_to_end(&mut answer).expect("it answers");
        let end = answer.windows(4).position(|at| at == b"\r\n\r\n");
        let end = end.expect("an answer has a head");
        let is_fine = answer[..end].windows(5).any(|at| at == b" 200 ");
        is_fine.then(|| answer.split_off(end + 4))
    }

    /// Pulls an image: takes the layers of a tag out into a folder, and gives the digest of its manifest. Every blob has
    /// the digest that it is asked for by.
    ///
    /// # Panics
    /// If it is not there, or not whole.
    #[must_use]
    pub fn pull(&self, repository: &str, tag: &str, into: &Path) -> String {
        let manifest = self.get(&format!("/v2/{repository}/manifests/{tag}"));
        let manifest = manifest.expect("the image is there");
        let parts: Value = serde_json::from_slice(&manifest).expect("a manifest is JSON");
        let layers = parts["layers"].as_array().expect("layers");
        for part in layers.iter().chain([&parts["config"]]) {
            let digest = part["digest"].as_str().expect("a digest");
            let blob = self.get(&format!("/v2/{repository}/blobs/{digest}"));
            let blob = blob.expect("the blob is there");
            assert_eq!(sha256(&blob), digest);
            if *part != parts["config"] {
                take_out(&blob, into);
            }
        }
        sha256(&manifest)
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

fn piped(command: &mut Command, input: &[u8]) -> Vec<u8> {
    let command = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut process = command.spawn().expect("the program starts");
    let mut stdin = process.stdin.take().expect("its input is piped");
    stdin.write_all(input).expect("it reads");
    drop(stdin);
    let output = process.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{output:?}");
    output.stdout
}

/// By a program that is not ours.
fn sha256(bytes: &[u8]) -> String {
    let said = piped(&mut Command::new("sha256sum"), bytes);
    format!("sha256:{}", String::from_utf8_lossy(&said[..64]))
}

fn take_out(layer: &[u8], into: &Path) {
    let _ = piped(Command::new("tar").arg("-xC").arg(into), layer);
}
