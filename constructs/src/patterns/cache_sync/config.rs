//! The configuration file of a pypicloud server, as the settings of a [`CacheSync`](super::CacheSync).

use std::path::Path;

use cloudwright_synth::Text;
use cloudwright_synth::sorted::Map;

use super::ini;
use super::redis::RedisServer;
use super::sync::Index;
use super::tables::PackageTables;

/// The section that pypicloud reads.
const SECTION: &str = "app:main";

/// What a file says, and what is wrong with it: message and help.
pub(super) struct Config {
    pub(super) index: Index,
    pub(super) bucket: Option<Text>,
    pub(super) bucket_region: Option<Text>,
    pub(super) prefix: Text,
    pub(super) problems: Vec<Problem>,
}

/// A message and what helps.
pub(super) type Problem = (String, &'static str);

/// Reads a file.
pub(super) fn read(path: &Path) -> Config {
    let shown = path.display();
    let text = std::fs::read_to_string(path);
    let text = text.map_err(|error| {
        let help = "name the file by its path from where the program is started";
        (format!("`{shown}` cannot be read: {error}"), help)
    });
    let settings = text.and_then(|text| {
        let help = "name the configuration file of the pypicloud server";
        ini::section(&text, SECTION)
            .ok_or_else(|| (format!("`{shown}` has no section [{SECTION}]"), help))
    });
    match settings {
        Ok(settings) => Reader { settings }.config(),
        Err(problem) => Config {
            index: Index::Tables(PackageTables::existing()),
            bucket: None,
            bucket_region: None,
            prefix: "".into(),
            problems: vec![problem],
        },
    }
}

struct Reader {
    settings: Map<String, String>,
}

impl Reader {
    fn get(&self, name: &str) -> Option<&str> {
        let value = self.settings.get(name).map(String::as_str);
        value.filter(|value| !value.is_empty())
    }

    fn text(&self, name: &str) -> Option<Text> {
        self.get(name).map(|value| Text::Owned(value.to_owned()))
    }

    fn config(&self) -> Config {
        let mut problems = Vec::new();
        problems.extend(self.unfit_storage());
        problems.extend(self.unfit_values());
        let index = self.index().unwrap_or_else(|problem| {
            problems.push(problem);
            Index::Tables(PackageTables::existing())
        });
        Config {
            index,
            bucket: self.text("storage.bucket"),
            bucket_region: self.text("storage.region_name"),
            prefix: self.text("storage.prefix").unwrap_or_default(),
            problems,
        }
    }

    fn unfit_storage(&self) -> Option<Problem> {
        if self.get("storage.bucket").is_none() {
            let message = "no bucket is named in `storage.bucket`";
            return Some((message.to_owned(), "name the bucket of the packages"));
        }
        let storage = self.get("pypi.storage").unwrap_or("file");
        (storage != "s3").then(|| {
            let message =
                format!("the packages are in a bucket with `pypi.storage = s3`, got \"{storage}\"");
            (message, "an index can follow a bucket only")
        })
    }

    /// Values that refer to others; only the server knows what they become.
    fn unfit_values(&self) -> Vec<Problem> {
        let ours = |name: &str| name.starts_with("db.") || name.starts_with("storage.");
        let refers = |value: &str| value.contains("%(");
        let unfit = self.settings.iter();
        let unfit = unfit.filter(|(name, value)| ours(name) && refers(value));
        let problem = |(name, _): &(String, String)| {
            let message = format!("`{name}` refers to another value by `%(..)s`");
            (
                message,
                "write the value out, or leave it to the program: `CacheSync::dynamodb()` and its settings",
            )
        };
        unfit.map(problem).collect()
    }

    fn index(&self) -> Result<Index, Problem> {
        match self.get("pypi.db").unwrap_or("sql") {
            "dynamo" => self.tables().map(Index::Tables),
            "redis" => self.redis().map(Index::Redis),
            "sql" => {
                let message = "the index is in a SQL database (`pypi.db = sql`, or nothing said), which is not kept by events";
                let help = "choose `pypi.db = dynamo` or `pypi.db = redis` for the server";
                Err((message.to_owned(), help))
            }
            other => {
                let message =
                    format!("the index is `pypi.db = dynamo` or `redis`, got \"{other}\"");
                Err((
                    message,
                    "choose `pypi.db = dynamo` or `pypi.db = redis` for the server",
                ))
            }
        }
    }

    fn tables(&self) -> Result<PackageTables, Problem> {
        if let Some(host) = self.get("db.host") {
            let message = format!("`db.host = {host}` names a DynamoDB of one's own");
            return Err((message, "name a region of AWS by `db.region_name`"));
        }
        let mut tables = match self.text("db.region_name") {
            Some(region) => PackageTables::existing_in(region),
            None => PackageTables::existing(),
        };
        if let Some(namespace) = self.text("db.namespace") {
            tables = tables.namespace(namespace);
        }
        let Some(names) = self.get("db.tablenames") else {
            return Ok(tables);
        };
        let names: Vec<_> = names.split_whitespace().map(str::to_owned).collect();
        match &names[..] {
            [packages, summaries] => Ok(tables.names(packages.clone(), summaries.clone())),
            other => {
                let message = format!(
                    "`db.tablenames` names the table of the files and that of the names, got {} names",
                    other.len()
                );
                Err((
                    message,
                    "say two names, such as `DynamoPackage PackageSummary`",
                ))
            }
        }
    }

    fn redis(&self) -> Result<RedisServer, Problem> {
        if self.get("db.clustered").is_some_and(is_true) {
            let message = "`db.clustered = true` names a Redis cluster, and the index is kept in a single server";
            return Err((
                message.to_owned(),
                "use a server that is no cluster, or DynamoDB",
            ));
        }
        let url = self.text("db.url").ok_or_else(|| {
            let message = "`pypi.db = redis` needs the address of the server in `db.url`";
            (
                message.to_owned(),
                "say it as in `db.url = redis://host:6379`",
            )
        })?;
        Ok(RedisServer::at(url))
    }
}

/// As [Pyramid](https://docs.pylonsproject.org/projects/pyramid/en/latest/api/settings.html) reads a setting.
fn is_true(text: &str) -> bool {
    let text = text.to_lowercase();
    matches!(&*text, "t" | "true" | "y" | "yes" | "on" | "1")
}
