//! Questions to the engine itself, which speaks plain HTTP on loopback.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long an engine on this machine may take to answer, all in all.
const PATIENCE: Duration = Duration::from_secs(15);
/// The most that is read of an answer, in bytes.
const MOST: usize = 1 << 20;

/// The JSON that a path answers with. `process` is the id of the process that is meant.
pub(super) fn ask(port: u16, method: &str, path: &str, process: u64) -> io::Result<Value> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = format!(
        "{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Length: 0\r\nX-Cloudwright-Process: {process}\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let answer = read(&mut stream, PATIENCE)?;
    document(&String::from_utf8_lossy(&answer)).ok_or_else(|| io::Error::other("this is no engine"))
}

/// What comes until the other side ends. Whoever has the port now may never end.
fn read(stream: &mut TcpStream, patience: Duration) -> io::Result<Vec<u8>> {
    let until = Instant::now() + patience;
    let (mut answer, mut part) = (Vec::new(), [0; 4096]);
    while answer.len() < MOST {
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        stream.set_read_timeout(Some(left))?;
        match stream.read(&mut part)? {
            0 => return Ok(answer),
            count => answer.extend_from_slice(&part[..count]),
        }
    }
    Err(io::Error::other("the answer does not end"))
}

/// The document of an answer that is fine.
fn document(answer: &str) -> Option<Value> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split_whitespace().nth(1)?;
    (status == "200").then(|| serde_json::from_str(body).ok())?
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    #[test]
    fn somebody_who_never_stops_is_not_listened_to_for_ever() {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            while stream.write_all(b"data: tick\n").is_ok() {
                thread::sleep(Duration::from_millis(20));
            }
        });
        let mut stream = TcpStream::connect(address).unwrap();
        let began = Instant::now();
        assert!(read(&mut stream, Duration::from_millis(200)).is_err());
        // It would be for ever.
        assert!(began.elapsed() < Duration::from_secs(60));
    }

    #[test]
    fn only_a_fine_answer_with_a_document_is_one() {
        assert_eq!(
            document("HTTP/1.1 200 \r\nA: b\r\n\r\n{}"),
            Some(serde_json::json!({}))
        );
        assert_eq!(document("HTTP/1.1 404 \r\n\r\n{}"), None);
        assert_eq!(document("HTTP/1.1 200 OK\r\n\r\n<html>"), None);
        assert_eq!(document("SSH-2.0"), None);
    }
}
