//! A stand-in of S3 in all regions: buckets, copies in one request and in parts, and the faults that
//! a test asks for. It remembers every request.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};
use std::thread::sleep;
use std::time::Duration;

use cloudwright_runtime::harness::http::{Reply, Request, Server};
use cloudwright_runtime::intake::{decode_form, encode_form};

use crate::sqs::scope;

/// The headers that belong to an object.
const KEPT: [&str; 9] = [
    "content-type",
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "expires",
    "x-amz-website-redirect-location",
    "x-amz-storage-class",
    "x-amz-server-side-encryption-aws-kms-key-id",
];

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stored {
    pub(crate) etag: String,
    pub(crate) size: u64,
    pub(crate) version: Option<String>,
    /// The minute after noon at which it was written.
    pub(crate) minute: u32,
    /// Those of [`KEPT`] and the metadata.
    pub(crate) headers: BTreeMap<String, String>,
    /// As `x-amz-tagging` writes them.
    pub(crate) tags: String,
}

/// A request, taken apart.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// Method and what is asked for, such as `PUT near/a b` or `POST near/a?uploads`.
    pub(crate) line: String,
    /// What it was signed for, such as `us-west-2/s3`.
    pub(crate) scope: String,
    pub(crate) request: Request,
}

/// What is answered to requests whose line holds the text.
pub(crate) struct Fault {
    pub(crate) text: &'static str,
    pub(crate) times: u32,
    pub(crate) delay: Duration,
    /// Nothing for a request that is only late.
    pub(crate) reply: Option<Reply>,
}

#[derive(Default)]
struct State {
    buckets: BTreeMap<String, BTreeMap<String, Stored>>,
    uploads: Vec<Stored>,
    seen: Vec<Seen>,
    /// The buckets that copies were made in.
    copied: Vec<String>,
    faults: Vec<Fault>,
    at_once: usize,
    most_at_once: usize,
}

pub(crate) struct S3 {
    server: Server,
    state: Arc<Mutex<State>>,
}

impl S3 {
    /// With these buckets.
    pub(crate) fn start(buckets: &[&str]) -> Self {
        let buckets = buckets
            .iter()
            .map(|name| ((*name).to_owned(), BTreeMap::new()));
        let state = State {
            buckets: buckets.collect(),
            ..State::default()
        };
        let state = Arc::new(Mutex::new(state));
        let shared = Arc::clone(&state);
        let server = Server::start(move |request| handle(request, &shared)).unwrap();
        Self { server, state }
    }

    pub(crate) fn url(&self) -> String {
        self.server.url()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn put(&self, bucket: &str, key: &str, object: Stored) {
        let mut state = self.state();
        let bucket = state.buckets.get_mut(bucket).unwrap();
        bucket.insert(key.to_owned(), object);
    }

    pub(crate) fn remove(&self, bucket: &str, key: &str) {
        self.state().buckets.get_mut(bucket).unwrap().remove(key);
    }

    pub(crate) fn get(&self, bucket: &str, key: &str) -> Option<Stored> {
        self.state().buckets[bucket].get(key).cloned()
    }

    pub(crate) fn keys(&self, bucket: &str) -> Vec<String> {
        self.state().buckets[bucket].keys().cloned().collect()
    }

    pub(crate) fn fault(&self, fault: Fault) {
        self.state().faults.push(fault);
    }

    /// Answers requests whose line holds the text so, this often.
    pub(crate) fn answer(&self, text: &'static str, times: u32, reply: Reply) {
        self.fault(Fault {
            text,
            times,
            delay: Duration::ZERO,
            reply: Some(reply),
        });
    }

    /// How many requests were open at the same time, at most.
    pub(crate) fn most_at_once(&self) -> usize {
        self.state().most_at_once
    }

    /// How many copies were made in a bucket.
    pub(crate) fn copies(&self, bucket: &str) -> usize {
        let state = self.state();
        let copied = state.copied.iter().filter(|copied| *copied == bucket);
        copied.count()
    }

    /// The requests whose line holds the text.
    pub(crate) fn seen(&self, text: &str) -> Vec<Seen> {
        let mut seen = self.state().seen.clone();
        seen.retain(|seen| seen.line.contains(text));
        seen
    }
}

/// An error as S3 writes it.
pub(crate) fn error(status: u16, code: &str) -> Reply {
    let body = format!("<Error><Code>{code}</Code><Message>said S3</Message></Error>");
    Reply::new(status, body).with("x-amz-request-id", "R1")
}

fn handle(request: &Request, state: &Mutex<State>) -> Reply {
    let path = request.path().trim_start_matches('/');
    let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
    let key = decode(key);
    let query = request
        .target
        .split_once('?')
        .map_or("", |(_, query)| query);
    let line = format!("{} {bucket}/{key}?{query}", request.method);
    let (delay, reply) = {
        let mut state = state.lock().unwrap();
        state.at_once += 1;
        state.most_at_once = state.most_at_once.max(state.at_once);
        state.seen.push(Seen {
            line: line.clone(),
            scope: scope(request),
            request: request.clone(),
        });
        let mut faults = state.faults.iter_mut();
        match faults.find(|fault| fault.times > 0 && line.contains(fault.text)) {
            Some(fault) => {
                fault.times -= 1;
                (fault.delay, fault.reply.clone())
            }
            None => (Duration::ZERO, None),
        }
    };
    sleep(delay);
    let mut state = state.lock().unwrap();
    state.at_once -= 1;
    reply.unwrap_or_else(|| serve(request, &mut state, bucket, &key, query))
}

/// A path's `+` is a plus, unlike a form's.
fn decode(text: &str) -> String {
    decode_form(&text.replace('+', "%2B")).unwrap()
}

fn serve(request: &Request, state: &mut State, bucket: &str, key: &str, query: &str) -> Reply {
    let is = |name: &str| {
        query
            .split('&')
            .any(|pair| pair.split('=').next() == Some(name))
    };
    let Some(objects) = state.buckets.get(bucket) else {
        return error(404, "NoSuchBucket");
    };
    let found = objects.get(key).cloned();
    // Conditional writes.
    let etag = found.as_ref().map(|object| object.etag.as_str());
    let is_other = |wanted: &str| etag != Some(wanted);
    if request.header("if-match").is_some_and(is_other)
        || (request.header("if-none-match").is_some() && found.is_some())
    {
        return error(412, "PreconditionFailed");
    }
    match (&*request.method, found) {
        ("HEAD", Some(object)) => head(&object),
        ("GET", None) if key.is_empty() && is("list-type") => list(objects, query),
        ("GET" | "HEAD", None) => error(404, "NoSuchKey"),
        ("GET", Some(object)) if is("tagging") => tagging(&object),
        ("GET", Some(object)) if request.header("range").is_none() => {
            let content = "x".repeat(usize::try_from(object.size).unwrap());
            described(Reply::new(200, content), &object)
        }
        ("GET", Some(object)) if object.size == 0 => error(416, "InvalidRange"),
        ("GET", Some(_)) => Reply::new(206, "x").with("Content-Range", "bytes 0-0/1"),
        ("PUT", Some(_)) if is("tagging") => {
            let objects = state.buckets.get_mut(bucket).unwrap();
            objects.get_mut(key).unwrap().tags = tags_of(&request.text());
            Reply::new(200, "")
        }
        ("PUT", _) => copy(request, state, bucket, key, is("partNumber")),
        ("POST", _) if is("uploads") => begin(request, state),
        ("POST", _) => complete(state, bucket, key, query),
        ("DELETE", _) => {
            if !is("uploadId") {
                state.buckets.get_mut(bucket).unwrap().remove(key);
            }
            Reply::new(204, "")
        }
        (method, _) => panic!("{method}"),
    }
}

/// Two objects of a list, whose keys are as in a form. Who does not ask for that gets what no parser reads, as from S3.
fn list(objects: &BTreeMap<String, Stored>, query: &str) -> Reply {
    let said = |name: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let found = pairs.find(|(found, _)| *found == name);
        found.map_or_else(String::new, |(_, value)| decode_form(value).unwrap())
    };
    let (prefix, after) = (said("prefix"), said("start-after"));
    let is_encoded = said("encoding-type") == "url";
    let begins = |(key, _): &(&String, &Stored)| key.starts_with(&prefix) && **key > after;
    let mut rest = objects.iter().filter(begins);
    let entry = |(key, object): (&String, &Stored)| {
        let key = if is_encoded {
            encode_form(key)
        } else {
            key.clone()
        };
        let (etag, size, minute) = (&object.etag, object.size, object.minute);
        format!(
            "<Contents><Key>{key}</Key><ETag>{etag}</ETag><Size>{size}</Size>\
             <LastModified>2026-01-31T12:{minute:02}:00.000Z</LastModified></Contents>"
        )
    };
    let page: String = rest.by_ref().take(2).map(entry).collect();
    let is_truncated = rest.next().is_some();
    let body = format!(
        "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>{is_truncated}</IsTruncated>{page}</ListBucketResult>"
    );
    Reply::new(200, body)
}

fn head(object: &Stored) -> Reply {
    let reply = Reply::new(200, "").with("Content-Length", &object.size.to_string());
    described(reply, object)
}

/// The answer with the headers that tell of an object.
fn described(reply: Reply, object: &Stored) -> Reply {
    let minute = format!("Sat, 31 Jan 2026 12:{:02}:00 GMT", object.minute);
    let mut reply = reply
        .with("ETag", &object.etag)
        .with("Last-Modified", &minute);
    if let Some(version) = &object.version {
        reply = reply.with("x-amz-version-id", version);
    }
    let headers = object.headers.iter();
    headers.fold(reply, |reply, (name, value)| reply.with(name, value))
}

fn tagging(object: &Stored) -> Reply {
    let pairs = object
        .tags
        .split('&')
        .filter_map(|pair| pair.split_once('='));
    let tag = |(key, value): (&str, &str)| {
        let (key, value) = (decode(key), decode(value).replace('&', "&amp;"));
        format!("<Tag><Key>{key}</Key><Value>{value}</Value></Tag>")
    };
    let tags: String = pairs.map(tag).collect();
    Reply::new(200, format!("<Tagging><TagSet>{tags}</TagSet></Tagging>"))
}

/// The tags of a `Tagging` document, as `x-amz-tagging` writes them.
fn tags_of(document: &str) -> String {
    let between = |text: &str, name: &str| {
        let (start, end) = (format!("<{name}>"), format!("</{name}>"));
        let rest = text.split_once(&start).unwrap().1;
        rest.split_once(&end).unwrap().0.replace(' ', "%20")
    };
    let tags = document.split("<Tag>").skip(1);
    let pair = |tag: &str| format!("{}={}", between(tag, "Key"), between(tag, "Value"));
    tags.map(pair).collect::<Vec<_>>().join("&")
}

fn kept(request: &Request) -> BTreeMap<String, String> {
    let is_kept = |name: &str| KEPT.contains(&name) || name.starts_with("x-amz-meta-");
    let headers = request.headers.iter().filter(|(name, _)| is_kept(name));
    headers.cloned().collect()
}

/// The object that a copy is made of, if it is as the request wants it.
fn source(request: &Request, state: &State) -> Result<Stored, Reply> {
    let header = request.header("x-amz-copy-source").unwrap();
    let (path, version) = match header.split_once("?versionId=") {
        Some((path, version)) => (path, Some(decode(version))),
        None => (header, None),
    };
    let (bucket, key) = path.split_once('/').unwrap();
    let found = state.buckets[bucket].get(&decode(key)).cloned();
    let found = found.ok_or_else(|| error(404, "NoSuchKey"))?;
    if version.is_some() && version != found.version {
        return Err(error(404, "NoSuchVersion"));
    }
    match request.header("x-amz-copy-source-if-match") == Some(&found.etag) {
        true => Ok(found),
        false => Err(error(412, "PreconditionFailed")),
    }
}

fn copy(request: &Request, state: &mut State, bucket: &str, key: &str, is_part: bool) -> Reply {
    let found = match source(request, state) {
        Ok(found) => found,
        Err(reply) => return reply,
    };
    let result = if is_part {
        "CopyPartResult"
    } else {
        "CopyObjectResult"
    };
    let answer = format!(
        "<{result}><ETag>{}</ETag><LastModified>2026-01-31T12:00:00.000Z</LastModified></{result}>",
        found.etag
    );
    if !is_part {
        let stored = Stored {
            version: None,
            headers: kept(request),
            ..found
        };
        let objects = state.buckets.get_mut(bucket).unwrap();
        objects.insert(key.to_owned(), stored);
        state.copied.push(bucket.to_owned());
    }
    Reply::new(200, answer)
}

fn begin(request: &Request, state: &mut State) -> Reply {
    state.uploads.push(Stored {
        etag: "\"parts\"".to_owned(),
        headers: kept(request),
        tags: request
            .header("x-amz-tagging")
            .unwrap_or_default()
            .to_owned(),
        ..Stored::default()
    });
    let id = state.uploads.len();
    Reply::new(
        200,
        format!(
            "<InitiateMultipartUploadResult><UploadId>{id}</UploadId></InitiateMultipartUploadResult>"
        ),
    )
}

fn complete(state: &mut State, bucket: &str, key: &str, query: &str) -> Reply {
    let id = query
        .rsplit('=')
        .next()
        .and_then(|id| id.parse::<usize>().ok());
    let stored = state.uploads[id.unwrap() - 1].clone();
    let objects = state.buckets.get_mut(bucket).unwrap();
    objects.insert(key.to_owned(), stored);
    Reply::new(
        200,
        "<CompleteMultipartUploadResult><ETag>\"parts\"</ETag></CompleteMultipartUploadResult>",
    )
}
