//! A stand-in of S3 that has every object of `source`, none anywhere else, and accepts every copy.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::Duration;

use cloudwright_runtime::harness::http::{Reply, Request, Server};

use crate::Outcome;

pub(super) struct S3 {
    server: Server,
    latency: Arc<AtomicU64>,
}

impl S3 {
    pub(super) fn start() -> Outcome<Self> {
        let latency = Arc::new(AtomicU64::new(0));
        let shared = Arc::clone(&latency);
        let server = Server::start(move |request| {
            sleep(Duration::from_millis(shared.load(Ordering::Relaxed)));
            answer(request)
        });
        Ok(Self {
            server: server.map_err(|e| format!("the stand-in of S3: {e}"))?,
            latency,
        })
    }

    pub(super) fn url(&self) -> String {
        self.server.url()
    }

    /// Lets every later answer come this late.
    pub(super) fn delay(&self, latency: Duration) {
        let millis = u64::try_from(latency.as_millis()).unwrap_or(u64::MAX);
        self.latency.store(millis, Ordering::Relaxed);
    }
}

fn answer(request: &Request) -> Reply {
    let is_source = request.path().starts_with("/source/");
    match &*request.method {
        "HEAD" if is_source => Reply::new(200, "x")
            .with("ETag", "\"1\"")
            .with("Last-Modified", "Sat, 31 Jan 2026 12:00:00 GMT")
            .with("Content-Type", "text/plain"),
        "HEAD" => Reply::new(404, ""),
        "PUT" => Reply::new(
            200,
            "<CopyObjectResult><ETag>\"1\"</ETag><LastModified>2026-01-31T12:00:00.000Z</LastModified>\
             </CopyObjectResult>",
        ),
        _ => Reply::new(500, ""),
    }
}
