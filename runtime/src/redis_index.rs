//! The package index of `cache-sync` in a Redis server, in the form in which pypicloud writes it.
//!
//! | key | what |
//! |---|---|
//! | `pypicloud:package:<file>` | a hash of one file; the entries of its data as JSON |
//! | `pypicloud:set` | the names of all packages |
//! | `pypicloud:set:<name>` | the files of a package |
//! | `pypicloud:summary:<name>` | a hash of what is said about a package |
//!
//! Every write is one script, so that the sets are never at odds with the hashes, and it does nothing
//! if a hash is no longer as it was read. The keys of a script are of several slots, so the server
//! cannot be a cluster.

mod connection;
mod text;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use redis::{Cmd, FromRedisValue};

use crate::cache_sync::index::{Index, Mark, Page};
use crate::cache_sync::package::Package;
use crate::cache_sync::projection::Summary;
use crate::failure::Failure;
pub use connection::Address;
use connection::Server;
use text::{fields_of_package, fields_of_summary, package, summary};

const PACKAGE: &str = "pypicloud:package:";
const NAMES: &str = "pypicloud:set";
const FILES: &str = "pypicloud:set:";
const SUMMARY: &str = "pypicloud:summary:";

/// Where a scan begins, and what it names when it is through.
const FIRST: &str = "0";
/// About how many keys a page has.
const PAGE: usize = 1000;
/// What stands before the place of a scan of the set of names.
const LISTED: &str = "set-";

/// When the files with these keys were written, and their paths. A key of another kind has neither.
const MARKS: &str = "local marks = {}
for at, key in ipairs(KEYS) do
  local found = redis.pcall('HMGET', key, 'last_modified', 'path')
  marks[at] = found.err and {false, false} or found
end
return marks";

/// A hash, as it is stored.
type Fields = BTreeMap<String, String>;

/// Does nothing unless the hash `KEYS[1]` has exactly the `ARGV[1]` fields that follow. Leaves in
/// `at` the place of the first argument after them.
const IF_UNCHANGED: &str = "local count = tonumber(ARGV[1])
if redis.call('HLEN', KEYS[1]) ~= count then return 0 end
local at = 2
for _ = 1, count do
  if redis.call('HGET', KEYS[1], ARGV[at]) ~= ARGV[at + 1] then return 0 end
  at = at + 2
end
";

/// `KEYS`: the file's hash, all names, the files of the old name, those of the new name. Arguments: the
/// file, the old name, the new name, each empty if there is none; the fields of the new hash.
const REPLACE_FILE: &str = "local file, old, new = ARGV[at], ARGV[at + 1], ARGV[at + 2]
redis.call('DEL', KEYS[1])
if old ~= '' and old ~= new then
  redis.call('SREM', KEYS[3], file)
  if redis.call('SCARD', KEYS[3]) == 0 then redis.call('SREM', KEYS[2], old) end
end
if new ~= '' then
  redis.call('HSET', KEYS[1], unpack(ARGV, at + 3))
  redis.call('SADD', KEYS[4], file)
  redis.call('SADD', KEYS[2], new)
end
return 1";

/// `KEYS`: the name's hash, all names, the files of the name. Arguments: the name; the fields of the new
/// hash, if there is to be one.
const REPLACE_SUMMARY: &str = "redis.call('DEL', KEYS[1])
if ARGV[at + 1] then
  redis.call('HSET', KEYS[1], unpack(ARGV, at + 1))
elseif redis.call('SCARD', KEYS[3]) == 0 then
  redis.call('SREM', KEYS[2], ARGV[at])
end
return 1";

/// A package index in a Redis server.
#[derive(Debug)]
pub struct RedisIndex {
    server: Server,
}

impl RedisIndex {
    /// The index in the server at this address, to which it connects when it is first asked.
    #[must_use]
    pub fn new(address: Address) -> Self {
        Self {
            server: Server::new(address),
        }
    }

    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, Failure> {
        self.server.ask(command).await
    }

    async fn hash(&self, key: &str) -> Result<Fields, Failure> {
        let mut command = redis::cmd("HGETALL");
        self.ask(command.arg(key)).await
    }

    /// Replaces a file's hash that holds exactly `fields`.
    async fn replace(
        &self,
        file: &str,
        fields: &Fields,
        was: Option<&Package>,
        new: Option<&Package>,
    ) -> Result<bool, Failure> {
        let name =
            |package: Option<&Package>| package.map_or(String::new(), |found| found.name.clone());
        // A hash that cannot be read as a package still tells in which set it is.
        let stored = fields.get("name").cloned().unwrap_or_default();
        let (old, new_name) = (if was.is_some() { name(was) } else { stored }, name(new));
        let mut command = redis::cmd("EVAL");
        command.arg(format!("{IF_UNCHANGED}{REPLACE_FILE}")).arg(4);
        command.arg(format!("{PACKAGE}{file}")).arg(NAMES);
        command
            .arg(format!("{FILES}{old}"))
            .arg(format!("{FILES}{new_name}"));
        expect(&mut command, fields);
        command.arg(file).arg(old).arg(new_name);
        add(
            &mut command,
            &new.map(fields_of_package).unwrap_or_default(),
        );
        self.ask(&command).await
    }

    /// A page of the keys that begin so, without that beginning. The server may tell a key twice, and pages
    /// may be empty.
    async fn keys(&self, beginning: &str, from: Option<&str>) -> Result<Page, Failure> {
        let mut command = redis::cmd("SCAN");
        command
            .arg(from.unwrap_or(FIRST))
            .arg("MATCH")
            .arg(format!("{beginning}*"))
            .arg("COUNT")
            .arg(PAGE);
        let (next, keys): (String, Vec<String>) = self.ask(&command).await?;
        Ok(page(next, &keys, beginning))
    }

    /// A page of the set of names.
    async fn members(&self, from: Option<&str>) -> Result<Page, Failure> {
        let mut command = redis::cmd("SSCAN");
        command.arg(NAMES).arg(from.unwrap_or(FIRST));
        let (next, names): (String, Vec<String>) = self.ask(command.arg("COUNT").arg(PAGE)).await?;
        Ok(page(next, &names, ""))
    }
}

fn page(next: String, keys: &[String], beginning: &str) -> Page {
    let keys = keys.iter().filter_map(|key| key.strip_prefix(beginning));
    Page {
        entries: keys.map(str::to_owned).collect(),
        next: Some(next).filter(|next| next != FIRST),
    }
}

impl Index for RedisIndex {
    type Row = Package;

    fn lag(&self) -> Duration {
        Duration::ZERO
    }

    async fn row(&self, file: &str) -> Result<Option<Package>, Failure> {
        let fields = self.hash(&format!("{PACKAGE}{file}")).await?;
        Ok(package(file, &fields))
    }

    async fn put(&self, new: &Package, was: Option<&Package>) -> Result<bool, Failure> {
        let fields = self.hash(&format!("{PACKAGE}{}", new.file)).await?;
        match package(&new.file, &fields).as_ref() == was {
            true => self.replace(&new.file, &fields, was, Some(new)).await,
            false => Ok(false),
        }
    }

    async fn remove(&self, was: &Package) -> Result<bool, Failure> {
        let fields = self.hash(&format!("{PACKAGE}{}", was.file)).await?;
        match package(&was.file, &fields).as_ref() == Some(was) {
            true => self.replace(&was.file, &fields, Some(was), None).await,
            false => Ok(false),
        }
    }

    async fn summary(&self, name: &str) -> Result<Option<Summary>, Failure> {
        Ok(summary(&self.hash(&format!("{SUMMARY}{name}")).await?))
    }

    async fn say(
        &self,
        name: &str,
        new: Option<&Summary>,
        was: Option<&Summary>,
    ) -> Result<bool, Failure> {
        let key = format!("{SUMMARY}{name}");
        let fields = self.hash(&key).await?;
        if summary(&fields).as_ref() != was {
            return Ok(false);
        }
        let mut command = redis::cmd("EVAL");
        command
            .arg(format!("{IF_UNCHANGED}{REPLACE_SUMMARY}"))
            .arg(3)
            .arg(key)
            .arg(NAMES)
            .arg(format!("{FILES}{name}"));
        expect(&mut command, &fields);
        command.arg(name);
        let new = new.map(|new| fields_of_summary(name, new));
        add(&mut command, &new.unwrap_or_default());
        self.ask(&command).await
    }

    async fn newest(&self, name: &str, except: &str) -> Result<Option<Summary>, Failure> {
        let mut members = redis::cmd("SMEMBERS");
        let files: BTreeSet<String> = self.ask(members.arg(format!("{FILES}{name}"))).await?;
        let mut newest = None;
        for file in files.iter().filter(|file| *file != except) {
            let found = self.row(file).await?.filter(|found| found.name == name);
            newest = newest.max(found.map(|found| found.as_summary()));
        }
        Ok(newest)
    }

    async fn marks(&self, files: &[String]) -> Result<BTreeMap<String, Mark>, Failure> {
        let mut command = redis::cmd("EVAL");
        command.arg(MARKS).arg(files.len());
        for file in files {
            command.arg(format!("{PACKAGE}{file}"));
        }
        // One answer for all: a pipeline would be another way to ask.
        let marks: Vec<(Option<String>, Option<String>)> = self.ask(&command).await?;
        let mark = |(file, (modified, path)): (&String, (Option<String>, Option<String>))| {
            let mark = Mark {
                modified: modified?.parse().ok()?,
                key: serde_json::from_str(&path?).ok()?,
            };
            Some((file.clone(), mark))
        };
        Ok(files.iter().zip(marks).filter_map(mark).collect())
    }

    async fn ids(&self, from: Option<&str>) -> Result<Page, Failure> {
        self.keys(PACKAGE, from).await
    }

    async fn groups(&self, from: Option<&str>) -> Result<Page, Failure> {
        // First those that something is said about, then those that pypicloud lists.
        let listed = from.and_then(|from| from.strip_prefix(LISTED));
        if let Some(from) = listed {
            let page = self.members(Some(from)).await?;
            let next = page.next.map(|next| format!("{LISTED}{next}"));
            return Ok(Page { next, ..page });
        }
        let page = self.keys(SUMMARY, from).await?;
        let next = page.next.or_else(|| Some(format!("{LISTED}{FIRST}")));
        Ok(Page { next, ..page })
    }
}

fn expect(command: &mut Cmd, fields: &Fields) {
    command.arg(fields.len());
    add(command, fields);
}

fn add(command: &mut Cmd, fields: &Fields) {
    for (name, text) in fields {
        command.arg(name).arg(text);
    }
}
