//! A small HTTP/1.1 server on loopback: connections that are kept alive, bodies by length or in
//! chunks. Enough for a Runtime API and for stand-ins of services; not for the open network.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// A request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    /// Such as `GET`.
    pub method: String,
    /// Path and query as they were sent, not decoded.
    pub target: String,
    /// Names in lower case, in the order in which they came.
    pub headers: Vec<(String, String)>,
    /// The body without its chunks.
    pub body: Vec<u8>,
}

impl Request {
    /// The value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(found, _)| found == name);
        found.next().map(|(_, value)| value.as_str())
    }

    /// The path without the query.
    #[must_use]
    pub fn path(&self) -> &str {
        let path = self.target.split('?').next();
        path.unwrap_or(&self.target)
    }

    /// The body as text; what is no text is replaced.
    #[must_use]
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// What a request is answered with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reply {
    /// A whole answer.
    Answer {
        /// The status, such as 200.
        status: u16,
        /// Headers besides `Content-Length`.
        headers: Vec<(String, String)>,
        /// The body; only its length is sent in answer to `HEAD`.
        body: Vec<u8>,
    },
    /// The connection is closed without an answer.
    HangUp,
    /// The answer promises more than it sends, and the connection is closed.
    Break,
}

impl Reply {
    /// An answer without headers of its own.
    #[must_use]
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self::Answer {
            status,
            headers: Vec::new(),
            body: body.into(),
        }
    }

    /// Adds a header, if it is a whole answer.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }
}

type Handler = dyn Fn(&Request) -> Reply + Send + Sync;

/// A server on a free port of 127.0.0.1. It takes no new connections after it is dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    is_over: Arc<AtomicBool>,
}

impl Server {
    /// Starts a server. Every connection has a thread, so `handler` may take its time.
    ///
    /// # Errors
    /// If there is no free port.
    pub fn start(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        let address = listener.local_addr()?;
        let is_over = Arc::new(AtomicBool::new(false));
        let handler: Arc<Handler> = Arc::new(handler);
        let ends = Arc::clone(&is_over);
        thread::spawn(move || {
            for connection in listener.incoming().map_while(Result::ok) {
                if ends.load(Ordering::SeqCst) {
                    return;
                }
                let handler = Arc::clone(&handler);
                // A client that goes away ends its thread only.
                thread::spawn(move || serve(&connection, &*handler));
            }
        });
        Ok(Self { address, is_over })
    }

    /// Host and port, such as `127.0.0.1:40123`.
    #[must_use]
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// The address of the server as a URL without a path.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::SeqCst);
        // Wakes the listener, which then sees that it is over.
        let _ = TcpStream::connect(self.address);
    }
}

fn serve(connection: &TcpStream, handler: &Handler) -> io::Result<()> {
    connection.set_nodelay(true)?;
    let mut reader = BufReader::new(connection);
    while let Some(request) = read(&mut reader)? {
        let reply = handler(&request);
        if !answer(connection, &request.method, reply)? {
            return Ok(());
        }
    }
    Ok(())
}

/// The next request, or nothing when the client has closed the connection.
fn read(reader: &mut impl BufRead) -> io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let mut request = Request {
        method: words.next().unwrap_or_default(),
        target: words.next().unwrap_or_default(),
        headers: headers(reader)?,
        body: Vec::new(),
    };
    let is_chunked = request
        .header("transfer-encoding")
        .is_some_and(|encoding| encoding.eq_ignore_ascii_case("chunked"));
    request.body = if is_chunked {
        chunks(reader)?
    } else {
        let length = request.header("content-length").unwrap_or("0");
        let length = length
            .parse()
            .map_err(|_| broken("its length is no number"))?;
        exactly(reader, length)?
    };
    Ok(Some(request))
}

fn headers(reader: &mut impl BufRead) -> io::Result<Vec<(String, String)>> {
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end();
        let Some((name, value)) = line.split_once(':') else {
            return Ok(headers);
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
}

fn chunks(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let length = line.split(';').next().unwrap_or_default().trim();
        let length =
            usize::from_str_radix(length, 16).map_err(|_| broken("a chunk has no length"))?;
        if length == 0 {
            // Trailers end with an empty line, as headers do.
            headers(reader)?;
            return Ok(body);
        }
        body.extend(exactly(reader, length)?);
        reader.read_line(&mut String::new())?;
    }
}

fn exactly(reader: &mut impl Read, length: usize) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; length];
    reader.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn broken(what: &str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

/// Writes the answer; false if the connection is to be closed.
fn answer(mut connection: &TcpStream, method: &str, reply: Reply) -> io::Result<bool> {
    let (status, headers, body) = match reply {
        Reply::HangUp => return Ok(false),
        Reply::Break => {
            connection.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<")?;
            return Ok(false);
        }
        Reply::Answer {
            status,
            headers,
            body,
        } => (status, headers, body),
    };
    let mut text = format!("HTTP/1.1 {status} -\r\n");
    // A stand-in that answers HEAD says itself how long the object is.
    let has_length = headers
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    if !has_length && status != 204 {
        text += &format!("Content-Length: {}\r\n", body.len());
    }
    for (name, value) in headers {
        text += &format!("{name}: {value}\r\n");
    }
    let mut bytes = (text + "\r\n").into_bytes();
    if method != "HEAD" {
        bytes.extend(body);
    }
    connection.write_all(&bytes)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn echo() -> Server {
        let echo = |request: &Request| {
            let line = format!("{} {} ", request.method, request.target);
            Reply::new(200, [line.as_bytes(), &request.body].concat()).with("x-echo", "yes")
        };
        Server::start(echo).unwrap()
    }

    fn body(reader: &mut impl BufRead) -> String {
        let mut status = String::new();
        reader.read_line(&mut status).unwrap();
        assert_eq!(status.trim_end(), "HTTP/1.1 200 -");
        let found = headers(reader).unwrap();
        let length = found.iter().find(|(name, _)| name == "content-length");
        let length = length.unwrap().1.parse().unwrap();
        String::from_utf8(exactly(reader, length).unwrap()).unwrap()
    }

    #[test]
    fn one_connection_serves_bodies_by_length_in_chunks_and_none() {
        let server = echo();
        let mut connection = TcpStream::connect(server.host()).unwrap();
        let requests = "POST /a HTTP/1.1\r\nContent-Length: 5\r\n\r\nhello\
             POST /b?c HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3;x=y\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n\
             GET /d HTTP/1.1\r\n\r\n";
        connection.write_all(requests.as_bytes()).unwrap();
        let mut reader = BufReader::new(&connection);
        let bodies: Vec<_> = (0..3).map(|_| body(&mut reader)).collect();
        assert_eq!(bodies, ["POST /a hello", "POST /b?c hello", "GET /d "]);
    }

    #[test]
    fn a_dropped_server_takes_no_more_connections() {
        let server = echo();
        let host = server.host();
        drop(server);
        let refused = (0..100).any(|_| {
            thread::sleep(std::time::Duration::from_millis(10));
            TcpStream::connect(&host).is_err()
        });
        assert!(refused);
    }
}
