//! An object far larger than the worker's memory goes through it bit by bit. Bucket, queue and server are one stand-in that
//! makes up what it sends and keeps nothing of what it gets.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use super::*;

/// The size of the object, in bytes. `WORKER_OBJECT_BYTES` makes it another one.
const SIZE: u64 = 512 << 20;
/// The most memory that the worker may have needed, in KiB.
const MOST: u64 = 64 << 10;

#[derive(Default)]
struct World {
    size: u64,
    received: AtomicU64,
    is_removed: AtomicBool,
    is_handed_out: AtomicBool,
}

fn serve(connection: &TcpStream, world: &World) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(1 << 16, connection);
    loop {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line)? == 0 {
                return Ok(());
            }
            if line.trim_end().is_empty() {
                break;
            }
            head.push(line.trim_end().to_owned());
        }
        let header = |name: &str| {
            let mut found = head.iter().filter_map(|line| line.split_once(": "));
            found
                .find(|(found, _)| found.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.to_owned())
        };
        let length: u64 = header("content-length").map_or(0, |text| text.parse().unwrap());
        let mut body = (&mut reader).take(length);
        if head[0].starts_with("PUT ") {
            let got = io::copy(&mut body, &mut io::sink())?;
            world.received.fetch_add(got, Ordering::SeqCst);
            answer(connection, "", b"")?;
            continue;
        }
        io::copy(&mut body, &mut io::sink())?;
        match header("x-amz-target").as_deref() {
            Some("AmazonSQS.ReceiveMessage") => {
                answer(connection, "", received(world).to_string().as_bytes())?;
            }
            Some(operation) => {
                world
                    .is_removed
                    .fetch_or(operation.ends_with("DeleteMessage"), Ordering::SeqCst);
                answer(connection, "", b"{}")?;
            }
            None => object(connection, &head[0], world)?,
        }
    }
}

/// The one message, once.
fn received(world: &World) -> Document {
    if world.is_handed_out.swap(true, Ordering::SeqCst) {
        return expected!({});
    }
    let body = expected!({ "schemaVersion": 1, "eventName": "ObjectCreated:Put", "bucket": "media",
        "key": "film", "keyEncoding": "none" });
    let message = expected!({ "MessageId": "m", "ReceiptHandle": "r", "Body": body.to_string(),
        "Attributes": { "ApproximateReceiveCount": "1" } });
    expected!({ "Messages": [message] })
}

fn answer(mut connection: &TcpStream, headers: &str, body: &[u8]) -> io::Result<()> {
    let length = body.len();
    write!(
        connection,
        "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n{headers}\r\n"
    )?;
    connection.write_all(body)
}

/// The object, or what is known of it.
fn object(mut connection: &TcpStream, request: &str, world: &World) -> io::Result<()> {
    let size = world.size;
    write!(
        connection,
        "HTTP/1.1 200 OK\r\nContent-Length: {size}\r\nETag: \"e\"\r\n\r\n"
    )?;
    if request.starts_with("HEAD") {
        return Ok(());
    }
    let piece = vec![7; 1 << 20];
    let mut left = size;
    while left > 0 {
        let next = left.min(1 << 20);
        connection.write_all(&piece[..usize::try_from(next).unwrap()])?;
        left -= next;
    }
    Ok(())
}

fn start(size: u64) -> (Arc<World>, String) {
    let world = Arc::new(World {
        size,
        ..World::default()
    });
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener.local_addr().expect("an address");
    let shared = Arc::clone(&world);
    thread::spawn(move || {
        for connection in listener.incoming().map_while(Result::ok) {
            let world = Arc::clone(&shared);
            thread::spawn(move || serve(&connection, &world));
        }
    });
    (world, format!("http://{address}"))
}

/// The most memory that a process has had so far, in KiB.
fn most_memory(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse().ok()
}

#[test]
fn memory_does_not_grow_with_the_object() {
    let given = std::env::var("WORKER_OBJECT_BYTES").ok();
    let size = given.map_or(SIZE, |text| text.parse().expect("bytes"));
    let (world, url) = start(size);
    let mut process = isolated(&worker())
        .env("AWS_REGION", HERE)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_ENDPOINT_URL", &url)
        .env("QUEUE_URL", format!("{url}/0/q"))
        .env("DEAD_LETTER_URL", format!("{url}/0/d"))
        .env("SINK", "http")
        .env("SINK_URL", format!("{url}/files"))
        .stdout(Stdio::null())
        .spawn()
        .expect("the worker starts");
    let removed = wait_for("the object", || {
        world.is_removed.load(Ordering::SeqCst).then_some(true)
    });
    let memory = most_memory(process.id());
    let ended = process.kill().and_then(|()| process.wait());
    assert!(removed && ended.is_ok());
    assert_eq!(world.received.load(Ordering::SeqCst), size);
    let memory = memory.expect("the system tells how much memory a process had");
    println!("{size} bytes in {memory} KiB");
    assert!(memory <= MOST, "{memory} KiB for {size} bytes");
}
