//! A stand-in of S3 and DynamoDB with as many packages as wanted, none of which takes memory: what the bucket
//! lists and what the tables hold is made of numbers when it is asked for. What is written is remembered.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::sleep;
use std::time::Duration;

use cloudwright_runtime::harness::http::{Reply, Request, Server};
use serde_json::{Value, json};

use super::index::text;
use crate::Outcome;

/// When every object was written, as S3 and as the tables say it.
pub(super) const MODIFIED_TEXT: &str = "2026-01-31T12:00:00.000Z";
const MODIFIED: &str = "1769860800";
/// The most keys of a list, and the most rows of a scan.
const KEYS: usize = 1_000;
const ROWS: usize = 5_000;
/// The tables, by their last names.
pub(super) const FILES_TABLE: &str = "DynamoPackage";
pub(super) const NAMES_TABLE: &str = "PackageSummary";
/// How many files a package has.
const FILES: usize = 100;
/// What stands before the number of a file and of a package.
const PREFIX: &str = "py/p-1.";
const NAME: &str = "p";

pub(super) struct Packages {
    server: Server,
    shared: Arc<Shared>,
}

struct Shared {
    count: usize,
    late_list: Duration,
    late_table: Duration,
    /// Pages of the list, and of scans by table, that were made beforehand.
    lists: Vec<String>,
    scans: HashMap<String, Vec<String>>,
    /// Rows by table and key.
    written: Mutex<HashMap<(String, String), Value>>,
}

impl Packages {
    /// With so many packages.
    pub(super) fn start(count: usize) -> Outcome<Self> {
        Self::serve(Shared::new(count))
    }

    /// With so many packages, and answers of S3 and of DynamoDB that come this late; no later, since their pages are
    /// made beforehand.
    pub(super) fn late(count: usize, list: Duration, table: Duration) -> Outcome<Self> {
        let mut shared = Shared::new(count);
        shared.lists = starts(count, KEYS)
            .map(|first| shared.list(first))
            .collect();
        let pages = |shared: &Shared, table, count| {
            let pages = starts(count, ROWS).map(|first| shared.scan(table, first));
            pages.map(|page| page.to_string()).collect()
        };
        for (table, count) in [(FILES_TABLE, count), (NAMES_TABLE, names(count))] {
            let pages = pages(&shared, table, count);
            shared.scans.insert(table.to_owned(), pages);
        }
        (shared.late_list, shared.late_table) = (list, table);
        Self::serve(shared)
    }

    fn serve(shared: Shared) -> Outcome<Self> {
        let shared = Arc::new(shared);
        let answering = Arc::clone(&shared);
        let server = Server::start(move |request| answering.answer(request));
        let server = server.map_err(|e| format!("the stand-in of AWS: {e}"))?;
        Ok(Self { server, shared })
    }

    pub(super) fn url(&self) -> String {
        self.server.url()
    }

    /// How many rows of files were written.
    pub(super) fn written(&self) -> usize {
        let rows = self.shared.written.lock();
        let rows = rows.unwrap_or_else(PoisonError::into_inner);
        rows.keys()
            .filter(|(table, _)| table == FILES_TABLE)
            .count()
    }
}

impl Shared {
    fn new(count: usize) -> Self {
        Self {
            count,
            late_list: Duration::ZERO,
            late_table: Duration::ZERO,
            lists: Vec::new(),
            scans: HashMap::new(),
            written: Mutex::default(),
        }
    }

    fn answer(&self, request: &Request) -> Reply {
        match &*request.method {
            // Only the first of the keys under which a file may be is there.
            "HEAD" if request.path().starts_with("/source/packages/six/") => Reply::new(200, "x")
                .with("ETag", "\"1\"")
                .with("Last-Modified", "Sat, 31 Jan 2026 12:00:00 GMT"),
            "HEAD" => Reply::new(404, ""),
            // What a HEAD did not find is asked for once more, for the reason.
            "GET" if !request.target.contains("list-type=2") => {
                let error = "<Error><Code>NoSuchKey</Code><Message>none</Message></Error>";
                Reply::new(404, error)
            }
            "GET" => {
                sleep(self.late_list);
                let after = request
                    .target
                    .split(['?', '&'])
                    .find_map(|part| part.strip_prefix("start-after="));
                let first = after.and_then(number).map_or(0, |last| last + 1);
                let ready = ready(&self.lists, first, KEYS);
                Reply::new(200, ready.cloned().unwrap_or_else(|| self.list(first)))
            }
            _ => {
                sleep(self.late_table);
                self.table(request)
            }
        }
    }

    /// A page of the bucket's list, from this package.
    fn list(&self, first: usize) -> String {
        let end = (first + KEYS).min(self.count);
        let mut list = format!(
            "<ListBucketResult><Name>source</Name><IsTruncated>{}</IsTruncated>",
            end < self.count
        );
        for number in first..end {
            let _ = write!(
                list,
                "<Contents><Key>{}</Key><LastModified>{MODIFIED_TEXT}</LastModified><ETag>&quot;1&quot;</ETag>\
                 <Size>1</Size><StorageClass>STANDARD</StorageClass></Contents>",
                key(number)
            );
        }
        list + "</ListBucketResult>"
    }

    fn table(&self, request: &Request) -> Reply {
        let operation = request.header("x-amz-target").unwrap_or_default();
        let operation = operation.rsplit('.').next().unwrap_or_default();
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let json =
            |text: String| Reply::new(200, text).with("Content-Type", "application/x-amz-json-1.0");
        let answer = match operation {
            "BatchGetItem" => batch(&body),
            "Scan" => return json(self.scanned(&body)),
            "GetItem" => self.get(&body),
            "Query" => json!({"Items": [summary()]}),
            "PutItem" => {
                let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
                written.insert(
                    (table_of(&body), key_of(&body["Item"])),
                    body["Item"].clone(),
                );
                json!({})
            }
            _ => return Reply::new(500, "{}"),
        };
        json(answer.to_string())
    }

    fn get(&self, body: &Value) -> Value {
        let written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let found = written.get(&(table_of(body), key_of(&body["Key"])));
        match found {
            Some(item) => json!({"Item": item}),
            // Whatever is asked for in a rebuild is there.
            None if self.count > 0 => json!({"Item": summary()}),
            None => json!({}),
        }
    }

    fn scanned(&self, body: &Value) -> String {
        let table = table_of(body);
        let last = body["ExclusiveStartKey"].as_object();
        let last = last.and_then(|key| key.values().next()?["S"].as_str());
        let first = last.and_then(number).map_or(0, |last| last + 1);
        let pages = self.scans.get(&table);
        let ready = pages.and_then(|pages| ready(pages, first, ROWS));
        ready
            .cloned()
            .unwrap_or_else(|| self.scan(&table, first).to_string())
    }

    /// A page of the keys of a table, from this one.
    fn scan(&self, table: &str, first: usize) -> Value {
        let is_files = table == FILES_TABLE;
        let (count, attribute) = match is_files {
            true => (self.count, "filename"),
            false => (names(self.count), "name"),
        };
        let name = |number: usize| match is_files {
            true => key(number).split_off(3),
            false => format!("{NAME}-{number:07}"),
        };
        let end = (first + ROWS).min(count);
        let rows: Vec<_> = (first..end)
            .map(|number| json!({ attribute: text(name(number)) }))
            .collect();
        match end < count {
            true => json!({"Items": rows, "LastEvaluatedKey": rows.last()}),
            false => json!({ "Items": rows }),
        }
    }
}

/// The page of this size that begins there, if it was made beforehand.
fn ready(pages: &[String], first: usize, size: usize) -> Option<&String> {
    pages
        .get(first / size)
        .filter(|_| first.is_multiple_of(size))
}

/// Where pages of this size begin.
fn starts(count: usize, page: usize) -> impl Iterator<Item = usize> {
    (0..count).step_by(page)
}

/// How many names so many packages have.
const fn names(count: usize) -> usize {
    count.div_ceil(FILES)
}

/// The rows that are asked for, with what an unchanged object says.
fn batch(body: &Value) -> Value {
    let keys = body["RequestItems"][FILES_TABLE]["Keys"].as_array();
    let row = |key: &Value| {
        let file = key["filename"]["S"].as_str().unwrap_or_default();
        json!({"filename": text(file), "last_modified": {"N": MODIFIED}, "data": {"M": {"path": text(format!("py/{file}"))}}})
    };
    let rows: Vec<_> = keys.into_iter().flatten().map(row).collect();
    json!({"Responses": {FILES_TABLE: rows}, "UnprocessedKeys": {}})
}

fn summary() -> Value {
    json!({"name": text(NAME), "filename": text(NAME), "last_modified": {"N": MODIFIED}})
}

/// Numbers of one length, so that they are sorted as keys are.
fn key(number: usize) -> String {
    format!("{PREFIX}{number:07}.tar.gz")
}

/// The number in a key or a name.
fn number(key: &str) -> Option<usize> {
    let digits = key.trim_end_matches(".tar.gz").rsplit(['.', '-']).next()?;
    digits.parse().ok()
}

fn table_of(body: &Value) -> String {
    body["TableName"].as_str().unwrap_or_default().to_owned()
}

/// The partition key of a row.
fn key_of(row: &Value) -> String {
    let key = row["filename"]["S"].as_str().or(row["name"]["S"].as_str());
    key.unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{key, number};

    #[test]
    fn keys_are_sorted_as_their_numbers() {
        assert!(key(9) < key(10) && key(999_999) < key(1_000_000));
        assert_eq!(number(&key(1_234)), Some(1_234));
        assert_eq!(number("p-0000012"), Some(12));
        assert_eq!(number("p"), None);
    }
}
