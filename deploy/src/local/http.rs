//! Questions to the engine itself, which speaks plain HTTP on loopback.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// How long an engine on this machine may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// The JSON that a path answers with. `process` is the id of the process that is meant.
pub(super) fn ask(port: u16, method: &str, path: &str, process: u64) -> io::Result<Value> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = format!(
        "{method} {path} HTTP/1.0\r\nHost: {address}\r\nContent-Length: 0\r\nX-Cloudwright-Process: {process}\r\n\r\n"
    );
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    document(&answer).ok_or_else(|| io::Error::other("this is no engine"))
}

/// The document of an answer that is fine.
fn document(answer: &str) -> Option<Value> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split_whitespace().nth(1)?;
    (status == "200").then(|| serde_json::from_str(body).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

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
