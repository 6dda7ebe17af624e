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

use crate::cache_sync::index::Index;
use crate::cache_sync::package::{Package, Summary};
use crate::failure::Failure;
pub use connection::Address;
use connection::Server;
use text::{fields_of_package, fields_of_summary, package, summary};

const PACKAGE: &str = "pypicloud:package:";
const NAMES: &str = "pypicloud:set";
const FILES: &str = "pypicloud:set:";
const SUMMARY: &str = "pypicloud:summary:";

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

    /// All keys that begin so, without that beginning.
    async fn keys(&self, beginning: &str) -> Result<BTreeSet<String>, Failure> {
        let mut found = BTreeSet::new();
        let mut cursor = "0".to_owned();
        loop {
            let mut command = redis::cmd("SCAN");
            command
                .arg(&cursor)
                .arg("MATCH")
                .arg(format!("{beginning}*"))
                .arg("COUNT")
                .arg(1000);
            let (next, keys): (String, Vec<String>) = self.ask(&command).await?;
            let keys = keys.iter().filter_map(|key| key.strip_prefix(beginning));
            found.extend(keys.map(str::to_owned));
            if next == "0" {
                return Ok(found);
            }
            cursor = next;
        }
    }
}

impl Index for RedisIndex {
    fn lag(&self) -> Duration {
        Duration::ZERO
    }

    async fn package(&self, file: &str) -> Result<Option<Package>, Failure> {
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
            let found = self.package(file).await?.filter(|found| found.name == name);
            newest = newest.max(found.map(|found| found.as_summary()));
        }
        Ok(newest)
    }

    async fn files(&self) -> Result<Vec<String>, Failure> {
        Ok(self.keys(PACKAGE).await?.into_iter().collect())
    }

    async fn names(&self) -> Result<Vec<String>, Failure> {
        let mut names = self.keys(SUMMARY).await?;
        let mut members = redis::cmd("SMEMBERS");
        names.extend(self.ask::<Vec<String>>(members.arg(NAMES)).await?);
        Ok(names.into_iter().collect())
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
