//! Akamai NetStorage, by its HTTP API.
//!
//! An object is at `/CPCODE/PREFIX/KEY`. The path is signed as it is sent, so it is encoded once, here, and nobody
//! may change it after that. What keys NetStorage cannot hold is refused before anything is sent:
//!
//! | key | what is done |
//! |---|---|
//! | with `.` or `..` between slashes | refused: it would lead out of the CP code, or to another file |
//! | with a name of more than 255 bytes between slashes, or a NUL | refused: no file has such a name |
//! | with a slash at its end | a directory, if the object is empty; else refused |
//! | any other, slashes at its start included | a file; the directories above it come by themselves |
//!
//! A signature is good for some seconds. When the server refuses one and its clock shows another time, the failure says by how
//! much, and the next signature is made by the server's clock.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};

use super::signature::Signer;
use super::{Outgoing, Reply, Transport, answer, check_path};
use crate::failure::{Class, Failure};
use crate::intake::{encode_form, encode_path};
use crate::worker::ports::{Head, Sink};

/// By how many seconds a clock may be wrong.
const SKEW: i64 = 30;

/// The longest name of a file or directory, in bytes.
const LONGEST_NAME: usize = 255;

/// A directory of a storage group.
#[derive(Debug)]
pub struct NetStorage<T> {
    transport: T,
    /// Scheme and host.
    origin: String,
    /// The CP code and the prefix, with a slash before each.
    root: String,
    signer: Signer,
    /// Seconds since 1970.
    clock: fn() -> i64,
    /// By how many seconds the server's clock is ahead.
    ahead: AtomicI64,
    once: AtomicU32,
}

/// What is done with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verb {
    Upload,
    Delete,
    Rename,
    Stat,
    MakeDirectory,
    RemoveDirectory,
}

impl Verb {
    const fn name(self) -> &'static str {
        match self {
            Self::Upload => "upload",
            Self::Delete => "delete",
            Self::Rename => "rename",
            Self::Stat => "stat&format=xml",
            Self::MakeDirectory => "mkdir",
            Self::RemoveDirectory => "rmdir",
        }
    }

    const fn method(self) -> &'static str {
        match self {
            Self::Upload => "PUT",
            Self::Stat => "GET",
            _ => "POST",
        }
    }

    const fn operation(self) -> &'static str {
        match self {
            Self::Upload => "NetStorage upload",
            Self::Delete => "NetStorage delete",
            Self::Rename => "NetStorage rename",
            Self::Stat => "NetStorage stat",
            Self::MakeDirectory => "NetStorage mkdir",
            Self::RemoveDirectory => "NetStorage rmdir",
        }
    }
}

/// An answer, and by how many seconds the signature was made ahead of this machine's clock.
struct Signed {
    reply: Reply,
    ahead: i64,
}

/// What `stat` tells of a file or directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stat {
    /// Such as `file`, `dir` or `symlink`.
    pub kind: String,
    /// The size in bytes; files have one.
    pub size: Option<u64>,
    /// The MD5 of the content in hexadecimal digits; files have one.
    pub md5: Option<String>,
}

impl<T: Transport> NetStorage<T> {
    /// The directory of a CP code, or one below it, on this host: `https` unless the host comes with a scheme.
    /// `seed` should differ between workers that start in the same second.
    pub fn new(
        transport: T,
        hostname: &str,
        (cp_code, prefix): (&str, Option<&str>),
        signer: Signer,
        (clock, seed): (fn() -> i64, u32),
    ) -> Self {
        let origin = match hostname.contains("://") {
            true => hostname.to_owned(),
            false => format!("https://{hostname}"),
        };
        let below = prefix.map(|prefix| format!("/{}", encode_path(prefix)));
        Self {
            transport,
            origin,
            root: format!("/{cp_code}{}", below.unwrap_or_default()),
            signer,
            clock,
            ahead: AtomicI64::new(0),
            once: AtomicU32::new(seed),
        }
    }

    /// What is at a path; nothing if nothing is.
    ///
    /// # Errors
    /// If the server does not tell.
    pub async fn stat(&self, path: &str) -> Result<Option<Stat>, Failure> {
        let reply = self.send(Verb::Stat, path, "", None).await?;
        match reply.reply.status {
            200 => Ok(Some(read_stat(&reply.reply.body))),
            404 => Ok(None),
            _ => Err(self.refused(Verb::Stat, &reply)),
        }
    }

    /// Gives a file another path of the storage group, in place of what may be there.
    ///
    /// # Errors
    /// If the server does not.
    pub async fn rename(&self, path: &str, to: &str) -> Result<(), Failure> {
        let parameter = format!(
            "&destination={}",
            encode_form(&decoded(to)).replace("%20", "+")
        );
        let reply = self.send(Verb::Rename, path, &parameter, None).await?;
        self.done(Verb::Rename, &reply, &[])
    }

    /// Makes a directory, or finds it there.
    ///
    /// # Errors
    /// If the server does not.
    pub async fn make_directory(&self, path: &str) -> Result<(), Failure> {
        let reply = self.send(Verb::MakeDirectory, path, "", None).await?;
        if reply.reply.status == 200 {
            return Ok(());
        }
        match self.stat(path).await {
            Ok(Some(stat)) if stat.kind == "dir" => Ok(()),
            _ => Err(self.refused(Verb::MakeDirectory, &reply)),
        }
    }

    async fn send(
        &self,
        verb: Verb,
        path: &str,
        parameters: &str,
        content: Option<(T::Content, u64)>,
    ) -> Result<Signed, Failure> {
        let action = format!("version=1&action={}{parameters}", verb.name());
        let ahead = self.ahead.load(Ordering::Relaxed);
        let time = (self.clock)() + ahead;
        let once = self.once.fetch_add(1, Ordering::Relaxed);
        let mut headers = self.signer.headers(path, &action, time, once);
        headers.push(("accept-encoding", "identity".to_owned()));
        let request = Outgoing {
            method: verb.method(),
            url: format!("{}{path}", self.origin),
            headers,
            content,
        };
        let sent = self.transport.send(request).await;
        let reply = sent.map_err(|failure| failure.during(verb.operation()))?;
        Ok(Signed { reply, ahead })
    }

    /// Success is 200 and nothing else, but for what is as good.
    fn done(&self, verb: Verb, reply: &Signed, as_good: &[u16]) -> Result<(), Failure> {
        match reply.reply.status {
            200 => Ok(()),
            status if as_good.contains(&status) => Ok(()),
            _ => Err(self.refused(verb, reply)),
        }
    }

    /// The failure of an answer. If it comes from the clock, that is said, and the next signature is made by the
    /// server's.
    fn refused(&self, verb: Verb, signed: &Signed) -> Failure {
        let reply = &signed.reply;
        let failure = answer::failure(verb.operation(), reply);
        let (Some(date), 400..=403) = (reply.date, reply.status) else {
            return failure;
        };
        let ahead = date - (self.clock)();
        // By what this request was signed with: others may have found out meanwhile.
        if (ahead - signed.ahead).abs() <= SKEW {
            return failure;
        }
        self.ahead.store(ahead, Ordering::Relaxed);
        let direction = if ahead > 0 { "behind" } else { "ahead of" };
        let message = format!(
            "{}; this machine's clock is {} s {direction} the server's, and signatures are refused above {SKEW} s: the next is made by the server's clock",
            failure.message,
            ahead.abs()
        );
        Failure::new(Class::AccessDenied, message).during(verb.operation())
    }
}

impl<T: Transport> Sink<T::Content> for NetStorage<T> {
    fn place(&self, key: &str) -> Result<String, Failure> {
        check_path(key)?;
        let refused = |message: String| Err(Failure::new(Class::Refused, message));
        if let Some(name) = key.split('/').find(|name| name.len() > LONGEST_NAME) {
            return refused(format!(
                "NetStorage holds names of up to {LONGEST_NAME} bytes, got one of {} between slashes",
                name.len()
            ));
        }
        if key.contains('\0') {
            return refused("NetStorage holds no name with a NUL".to_owned());
        }
        Ok(format!("{}/{}", self.root, encode_path(key)))
    }

    async fn put(&self, place: &str, head: &Head, content: T::Content) -> Result<(), Failure> {
        if let Some(directory) = place.strip_suffix('/') {
            if head.size > 0 {
                let message = "the key ends with a slash and the object is not empty: NetStorage holds nothing in a directory's own place";
                return Err(Failure::new(Class::Refused, message));
            }
            return self.make_directory(directory).await;
        }
        let content = Some((content, head.size));
        match self.send(Verb::Upload, place, "", content).await {
            Ok(reply) => self.done(Verb::Upload, &reply, &[]),
            // A server that refuses may hang up while the content is on its way. A request without
            // one shows why.
            Err(broken) => match self.stat(place).await {
                Err(refused) if refused.class == Class::AccessDenied => Err(refused),
                _ => Err(broken),
            },
        }
    }

    async fn remove(&self, place: &str) -> Result<(), Failure> {
        if let Some(directory) = place.strip_suffix('/') {
            let reply = self
                .send(Verb::RemoveDirectory, directory, "", None)
                .await?;
            // A directory goes with what is in it, not before.
            return self.done(Verb::RemoveDirectory, &reply, &[404, 409]);
        }
        let reply = self.send(Verb::Delete, place, "", None).await?;
        self.done(Verb::Delete, &reply, &[404])
    }

    async fn check(&self) -> Result<(), Failure> {
        let cp_code = self.root.split('/').nth(1).unwrap_or_default();
        let top = format!("/{cp_code}");
        if self.stat(&self.root).await?.is_some() {
            return Ok(());
        }
        // The folder comes with the first object. Above it this account may have nothing to look at.
        if top != self.root {
            match self.stat(&top).await {
                Err(failure) if failure.class == Class::AccessDenied => return Ok(()),
                found => {
                    if found?.is_some() {
                        return Ok(());
                    }
                }
            }
        }
        let message = format!("there is no CP code {cp_code} in the storage group of this account");
        Err(Failure::new(Class::NotFound, message).during(Verb::Stat.operation()))
    }
}

/// A path as it is called.
fn decoded(path: &str) -> String {
    // What was encoded from text decodes to text, and holds no plus.
    crate::intake::decode_form(path).unwrap_or_else(|_| path.to_owned())
}

/// Reads `<file type="file" name=".." size=".." md5=".."/>`.
fn read_stat(body: &[u8]) -> Stat {
    let text = String::from_utf8_lossy(body);
    let element = text.split_once("<file").map_or("", |(_, rest)| rest);
    let element = element.split('>').next().unwrap_or_default();
    let attribute = |name: &str| {
        let (_, rest) = element.split_once(&format!(" {name}=\""))?;
        rest.split('"').next().map(str::to_owned)
    };
    Stat {
        kind: attribute("type").unwrap_or_default(),
        size: attribute("size").and_then(|text| text.parse().ok()),
        md5: attribute("md5"),
    }
}
