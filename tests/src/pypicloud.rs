//! A real pypicloud server for tests, with its bucket and its tables on the local AWS.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpStream};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::{NamedTempFile, TempDir};

use crate::engine::Engine;
use crate::tools::{isolated, require, support};

/// A running server. It ends with its owner, and with the process in any case.
#[derive(Debug)]
pub struct Pypicloud {
    process: Child,
    port: u16,
    folder: TempDir,
}

impl Pypicloud {
    /// Starts a server for the packages of a bucket below a prefix, with these further settings, such as
    /// those of its index.
    ///
    /// # Panics
    /// If pypicloud is missing or does not start.
    #[must_use]
    pub fn start(bucket: &str, prefix: &str, region: &str, more: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().expect("a temporary folder for pypicloud");
        let settings = settings(bucket, prefix, region, more);
        let log = std::fs::File::create(folder.path().join("log")).expect("a log file");
        let mut process = isolated(&require("pypicloud", "bin/python"))
            .args(["-W", "ignore"])
            .arg(support("pypicloud_server.py"))
            .arg(settings.to_string())
            .env("HOME", folder.path())
            .env("TMPDIR", folder.path())
            .current_dir(folder.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("the interpreter of the server's environment starts");
        let mut line = String::new();
        let output = process.stdout.take().expect("a pipe");
        let _ = BufReader::new(output).read_line(&mut line);
        let announced: Value = serde_json::from_str(&line).unwrap_or_default();
        let port = announced["port"]
            .as_u64()
            .and_then(|port| port.try_into().ok());
        let Some(port) = port else {
            let log = std::fs::read_to_string(folder.path().join("log")).unwrap_or_default();
            panic!("pypicloud does not start: {log}")
        };
        Self {
            process,
            port,
            folder,
        }
    }

    /// The page or the answer at a path, such as `/simple/`.
    ///
    /// # Panics
    /// If the server does not answer with it.
    #[must_use]
    pub fn get(&self, path: &str) -> String {
        let request = format!(
            "GET {path} HTTP/1.0\r\nHost: 127.0.0.1:{}\r\n\r\n",
            self.port
        );
        let mut stream =
            TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).expect("the server listens");
        stream
            .write_all(request.as_bytes())
            .expect("the server reads");
        let mut answer = String::new();
        stream
            .read_to_string(&mut answer)
            .expect("the server answers with text");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        assert!(
            head.contains(" 200 "),
            "{path}: {answer}\n{}",
            std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
        );
        body.to_owned()
    }

    /// Lets pip install a package from this server and nowhere else, and gives the text of a module.
    ///
    /// # Panics
    /// If pip does not install it.
    #[must_use]
    pub fn install(&self, requirement: &str, module: &str) -> String {
        let place = self.folder.path().join("installed");
        let mut pip: Command = isolated(&require("pypicloud", "bin/python"));
        let output = pip
            .args(["-m", "pip", "install", "--no-cache-dir", "--no-deps"])
            .args(["--disable-pip-version-check", "--index-url"])
            .arg(format!("http://127.0.0.1:{}/simple/", self.port))
            .arg("--target")
            .arg(&place)
            .arg(requirement)
            .env("HOME", self.folder.path())
            .env("TMPDIR", self.folder.path())
            .output()
            .expect("pip starts");
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "pip: {said}");
        std::fs::read_to_string(place.join(module)).expect("the module was installed")
    }

    /// The names of the files of a package, as its page tells pip, sorted.
    ///
    /// # Panics
    /// If the server does not answer with them.
    #[must_use]
    pub fn files(&self, name: &str) -> Vec<String> {
        let page = self.get(&format!("/simple/{name}/"));
        let links = page.split("</a>").filter(|link| link.contains("<a "));
        let text = |link: &str| link.rsplit('>').next().unwrap_or_default().to_owned();
        let mut files: Vec<_> = links.map(text).collect();
        files.sort();
        files
    }

    /// What the server says about each package, by its name.
    ///
    /// # Panics
    /// If the server does not answer with it.
    #[must_use]
    pub fn summaries(&self) -> BTreeMap<String, Value> {
        let all = self.get("/api/package/?verbose=true");
        let all: Value = serde_json::from_str(&all).expect("an answer in JSON");
        let packages = all["packages"].as_array().expect("a list of packages");
        let told = |package: &Value| {
            let name = package["name"].as_str().unwrap_or_default();
            (name.to_owned(), package["summary"].clone())
        };
        packages.iter().map(told).collect()
    }
}

/// A package that pip can install: one module, as a wheel in a bucket.
#[derive(Debug)]
pub struct Demo {
    /// The object's key.
    pub key: String,
    file: NamedTempFile,
}

impl Demo {
    /// The name of the file.
    pub const FILE: &str = "our_demo-1.0-py3-none-any.whl";
    /// What its metadata says about it.
    pub const SUMMARY: &str = "shows, \"it\"";
    /// The text of the module.
    const MODULE: &str = "ANSWER = 42\n";

    /// The package below a prefix.
    ///
    /// # Panics
    /// If the file cannot be written.
    #[must_use]
    pub fn new(prefix: &str) -> Self {
        let file = NamedTempFile::new().expect("a temporary file");
        let writer = file.reopen().expect("the file that was just made");
        let mut archive = zip::ZipWriter::new(writer);
        let metadata = "Metadata-Version: 2.1\nName: our-demo\nVersion: 1.0\n";
        let tag = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n";
        let record = "our_demo.py,,\nour_demo-1.0.dist-info/METADATA,,\n\
            our_demo-1.0.dist-info/WHEEL,,\nour_demo-1.0.dist-info/RECORD,,\n";
        for (name, text) in [
            ("our_demo.py", Self::MODULE),
            ("our_demo-1.0.dist-info/METADATA", metadata),
            ("our_demo-1.0.dist-info/WHEEL", tag),
            ("our_demo-1.0.dist-info/RECORD", record),
        ] {
            let options = zip::write::SimpleFileOptions::default();
            let begun = archive.start_file(name, options);
            begun.expect("a member of the archive");
            archive.write_all(text.as_bytes()).expect("its text");
        }
        archive.finish().expect("the archive");
        let key = format!("{prefix}our-demo/{}", Self::FILE);
        Self { key, file }
    }

    /// The parameters of `PutObject`, with metadata as a server writes it.
    #[must_use]
    pub fn object(&self, bucket: &str) -> Value {
        let metadata = json!({
            "name": "our_demo", "version": "1.0", "summary": Self::SUMMARY, "requires-python": ">=3.8",
        });
        json!({ "Bucket": bucket, "Key": self.key, "BodyFile": self.file.path(), "Metadata": metadata })
    }

    /// Looks whether a server lists the package, says what it needs, and gives pip its bytes.
    ///
    /// # Panics
    /// If it does not.
    pub fn is_served_by(&self, server: &Pypicloud) {
        let names = server.get("/simple/");
        assert!(names.contains("our-demo"), "{names}");
        let page = server.get("/simple/our-demo/");
        assert!(page.contains("data-requires-python"), "{page}");
        assert_eq!(server.files("our-demo"), [Self::FILE]);
        let module = server.install("our-demo==1.0", "our_demo.py");
        assert_eq!(module, Self::MODULE);
    }
}

impl Drop for Pypicloud {
    fn drop(&mut self) {
        drop(self.process.stdin.take());
        let _ = self.process.wait();
    }
}

fn settings(bucket: &str, prefix: &str, region: &str, more: &[(&str, &str)]) -> Value {
    let engine = Engine::shared().endpoint();
    let mut settings = json!({
        "pypi.default_read": "everyone", "pypi.auth": "config", "pypi.fallback": "none",
        "session.encrypt_key": "0".repeat(40), "session.validate_key": "1".repeat(40),
        "pypi.storage": "s3", "storage.bucket": bucket, "storage.prefix": prefix,
        "storage.region_name": region, "storage.endpoint_url": engine,
        "storage.aws_access_key_id": "test", "storage.aws_secret_access_key": "test",
    });
    for (name, value) in more {
        settings[*name] = Value::from(*value);
    }
    settings
}
