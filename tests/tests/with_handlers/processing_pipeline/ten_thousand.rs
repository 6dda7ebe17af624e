//! `run PIPELINE status` of ten thousand objects: what it answers, and how many requests that takes.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use cloudwright_runtime::harness::http::{Reply, Request, Server};
use tests::engine::Engine;
use tests::tools::cargo_cloudwright;

use super::*;

const NAME: &str = "trace";
/// Files that came in, and which of them have no result: ten thousand objects in all.
const FILES: usize = 5_200;
const WITHOUT: usize = 13;
const RESULTS: usize = FILES - FILES / WITHOUT;
/// Files that the first stage gave up: as many as a queue of the engine shows, which gives the same ten each time.
const GIVEN_UP: usize = 9;
/// How many rows a request takes at most.
const ROWS: usize = 25;

/// A way to the engine on which requests are counted.
struct Counted {
    server: Server,
    requests: Arc<AtomicUsize>,
}

impl Counted {
    fn start() -> Self {
        let requests = Arc::<AtomicUsize>::default();
        let seen = Arc::clone(&requests);
        let server = Server::start(move |request| {
            seen.fetch_add(1, Ordering::SeqCst);
            pass_on(request)
        });
        let server = server.expect("a port on loopback");
        Self { server, requests }
    }
}

/// What the engine answers.
fn pass_on(request: &Request) -> Reply {
    let endpoint = Engine::shared().endpoint();
    let mut engine = TcpStream::connect(endpoint.trim_start_matches("http://")).unwrap();
    // Of this version of HTTP, an answer ends with its connection.
    let mut head = format!("{} {} HTTP/1.0\r\n", request.method, request.target);
    let own = ["connection", "content-length", "transfer-encoding"];
    let kept = |(name, _): &&(String, String)| !own.contains(&&**name);
    for (name, value) in request.headers.iter().filter(kept) {
        head += &format!("{name}: {value}\r\n");
    }
    head += &format!("content-length: {}\r\n\r\n", request.body.len());
    engine.write_all(head.as_bytes()).unwrap();
    engine.write_all(&request.body).unwrap();
    let mut answer = Vec::new();
    engine.read_to_end(&mut answer).unwrap();
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    let (head, body) = answer.split_at(end.expect("a head of an answer") + 4);
    let head = String::from_utf8_lossy(head);
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    let mut reply = Reply::new(status.expect("a status"), body);
    for line in head.lines().skip(1) {
        if let Some((name, value)) = line.split_once(": ")
            && !own.contains(&&*name.to_lowercase())
        {
            reply = reply.with(name, value);
        }
    }
    reply
}

/// Puts an object as whoever has all rights, and tells its entity tag: ten thousand of them by the client of the other tests
/// would take minutes.
fn put(bucket: &str, key: &str) -> String {
    let scope = format!("test/20260101/{HERE}/s3/aws4_request");
    let signed = format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0");
    let headers = [("host", "127.0.0.1".to_owned()), ("authorization", signed)];
    let request = Request {
        method: "PUT".to_owned(),
        target: format!("/{bucket}/{key}"),
        headers: headers.map(|(name, value)| (name.to_owned(), value)).into(),
        body: b"x".to_vec(),
    };
    let Reply::Answer {
        status, headers, ..
    } = pass_on(&request)
    else {
        panic!("no whole answer")
    };
    assert_eq!(status, 200, "{key}");
    let mut headers = headers.into_iter();
    let etag = headers.find(|(name, _)| name.eq_ignore_ascii_case("etag"));
    etag.expect("an entity tag").1
}

/// The template with a plan by which every object is late at once: nobody waits for days in a test.
fn at_once(mut template: Document) -> Document {
    let resources = template["Resources"].as_object_mut().unwrap();
    for resource in resources.values_mut() {
        let stages = "/Properties/Definition/States/Look/Parameters/status/stages";
        let stages = resource.pointer_mut(stages);
        for stage in stages
            .and_then(Document::as_array_mut)
            .into_iter()
            .flatten()
        {
            stage["late"] = expected!(0);
            stage["over"] = expected!(0);
        }
    }
    template
}

/// What the table says of the result with this number.
fn state(number: usize) -> Option<&'static str> {
    match number % 50 {
        1 => None,
        2 => Some("refused"),
        3 => Some("unknown"),
        4 => Some("failed"),
        _ => Some("accepted"),
    }
}

/// Files and results, as functions that nobody called would have left them.
fn fill(pipeline: &Pipeline) {
    let aws = aws(HERE);
    for place in ["IncomingName", "StagingName"] {
        let silent =
            expected!({ "Bucket": pipeline.output(place), "NotificationConfiguration": {} });
        aws.call("s3", "PutBucketNotificationConfiguration", &silent);
    }
    let mut rows = Vec::new();
    let incoming = pipeline.output("IncomingName");
    let staging = pipeline.output("StagingName");
    for number in 0..FILES {
        put(incoming, &format!("d/{number}.wibl"));
        if number % WITHOUT == 0 {
            continue;
        }
        let key = format!("d/{number}.json");
        let etag = put(staging, &key);
        let Some(state) = state(number) else { continue };
        rows.push(expected!({ "PutRequest": { "Item": {
            "object": { "S": format!("{staging}/{key}") }, "version": { "S": etag }, "etag": { "S": etag },
            "state": { "S": state }, "attempts": { "N": "1" }, "until": { "N": "1" },
        } } }));
    }
    for rows in rows.chunks(ROWS) {
        let rows = expected!({ "RequestItems": { pipeline.output("Table"): rows } });
        aws.call("dynamodb", "BatchWriteItem", &rows);
    }
    for number in (0..FILES).step_by(WITHOUT).take(GIVEN_UP) {
        let record = expected!({ "eventSource": "aws:s3", "eventName": "ObjectCreated:Put", "s3": {
            "bucket": { "name": incoming }, "object": { "key": format!("d/{number}.wibl") } } });
        let letter = expected!({ "version": "1.0", "requestContext": { "condition": "RetriesExhausted" },
            "requestPayload": { "Records": [record] }, "responsePayload": { "errorMessage": "no logger's file" } });
        let queue = pipeline.output("ConvertFailures");
        let message = expected!({ "QueueUrl": queue, "MessageBody": letter.to_string() });
        aws.call("sqs", "SendMessage", &message);
    }
}

/// Has the function of the operation go by way of `counted`.
fn lead(counted: &Counted) {
    let aws = aws(HERE);
    let is_own = |name: &str| name.starts_with(&format!("{NAME}-")) && name.contains("Status");
    // Other tests have functions there, too: more than a page of them.
    let (mut name, mut page) = (None, expected!({}));
    while name.is_none() {
        let answer = aws.call("lambda", "ListFunctions", &page);
        let functions = answer["Functions"].as_array().unwrap().iter();
        let mut names = functions.filter_map(|one| one["FunctionName"].as_str());
        name = names.find(|name| is_own(name)).map(str::to_owned);
        let next = answer["NextMarker"].as_str().unwrap_or_default();
        let is_last = name.is_none() && next.is_empty();
        assert!(!is_last, "the function of the operation is not there");
        page = expected!({ "Marker": next });
    }
    let url = counted.server.url();
    let services =
        ["S3", "SQS", "DYNAMODB"].map(|service| (format!("AWS_ENDPOINT_URL_{service}"), &url));
    let variables: BTreeMap<_, _> = services.into();
    let change = expected!({ "FunctionName": name, "Environment": { "Variables": variables } });
    aws.call("lambda", "UpdateFunctionConfiguration", &change);
}

/// What the verb `run` prints, in the folder of the assembly.
fn run(pipeline: &Pipeline, more: &[&str]) -> Document {
    let ran = isolated(&cargo_cloudwright())
        .args(["run", &format!("{NAME}/Files"), "status"])
        .args(more)
        .arg("--app")
        .arg(pipeline.assembly.path())
        .env("HOME", pipeline.assembly.path())
        .env("AWS_ENDPOINT_URL", Engine::shared().endpoint())
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .output()
        .expect("cargo-cloudwright starts");
    let said = String::from_utf8_lossy(&ran.stderr);
    assert!(ran.status.success(), "{said}");
    serde_json::from_slice(&ran.stdout).unwrap_or_else(|why| panic!("{why}: {said}"))
}

/// The counts of a stage, as they are to be by what was put where.
fn counts(stage: &Document) -> BTreeMap<&str, usize> {
    let names = ["seen", "done", "failed", "lost", "stuck", "waiting", "dead"];
    let count = |name: &str| usize::try_from(stage[name].as_u64().unwrap()).unwrap();
    names.map(|name| (name, count(name))).into()
}

#[test]
fn status_of_ten_thousand_objects_agrees_with_the_trace_in_a_few_dozen_requests() {
    let setup = Setup {
        name: NAME,
        hand_over: HandOver::Call,
        submission: |submission| submission,
    };
    let pipeline = Pipeline::deploy_as(&setup, &Archive::open(), at_once);
    fill(&pipeline);
    let counted = Counted::start();
    lead(&counted);
    let started = Instant::now();
    let answer = run(&pipeline, &[]);
    let (requests, took) = (counted.requests.load(Ordering::SeqCst), started.elapsed());
    let objects = FILES + RESULTS;
    eprintln!(
        "status of {objects} objects: {requests} requests, {} s",
        took.as_secs_f32()
    );
    assert_eq!(objects, 10_000);

    let with = (0..FILES).filter(|number| number % WITHOUT > 0);
    let told = |wanted: &[Option<&str>]| {
        with.clone()
            .filter(|number| wanted.contains(&state(*number)))
            .count()
    };
    let accepted = told(&[Some("accepted")]);
    let failed = told(&[Some("refused"), Some("unknown"), Some("failed")]);
    let lost = FILES - RESULTS - GIVEN_UP;
    let expected = |seen, done, failed, lost, dead| {
        [
            ("seen", seen),
            ("done", done),
            ("failed", failed),
            ("lost", lost),
            ("stuck", 0),
            ("waiting", 0),
            ("dead", dead),
        ]
        .into()
    };
    let stages = answer["stages"].as_array().unwrap();
    assert_eq!(
        counts(&stages[0]),
        expected(FILES, RESULTS, GIVEN_UP, lost, GIVEN_UP)
    );
    assert_eq!(counts(&stages[1]), expected(0, 0, 0, 0, 0));
    assert_eq!(
        counts(&stages[2]),
        expected(RESULTS, accepted, failed, told(&[None]), 0)
    );
    // Lists of a thousand: both places as what stages read, the second twice more as what they write; the table; and
    // for each of three queues of what was given up two counts and a few looks.
    let lists = 2 * FILES.div_ceil(1_000) + 3 * RESULTS.div_ceil(1_000);
    assert!(requests <= lists + 4 + 3 * 6, "{requests} requests");

    // A single file costs no list of all.
    let before = counted.requests.load(Ordering::SeqCst);
    let one = run(&pipeline, &["d/7.wibl"]);
    let items = &one["stages"][0]["items"];
    assert_eq!(
        (&items[0]["state"], &items[0]["detail"]),
        (&expected!("done"), &expected!("d/7.json"))
    );
    assert_eq!(one["stages"][2]["seen"], 1, "{one}");
    let requests = counted.requests.load(Ordering::SeqCst) - before;
    assert!(requests <= 40, "{requests} requests");
}
