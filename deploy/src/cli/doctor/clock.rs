//! Whether this machine's clock agrees with AWS's, by the date in an answer to a request without credentials.

use std::io::{self, Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::{Duration, SystemTime};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use super::{Check, State};

/// Who is asked where requests go to AWS: it answers everybody, also without TLS.
const AWS: &str = "s3.amazonaws.com:80";
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(20);
/// A difference in seconds that AWS refuses requests for.
const MOST: u64 = 300;
/// A difference in seconds that is worth a word.
const WORTH: u64 = 60;

/// Compares the clocks; `endpoint` is where requests go instead of AWS.
pub(super) async fn check(endpoint: Option<String>) -> Check {
    if let Some(url) = endpoint.as_ref().filter(|url| !url.starts_with("http://")) {
        return Check::ok("clock", format!("not compared with that of {url}"));
    }
    let asked = tokio::task::spawn_blocking(move || difference(endpoint.as_deref())).await;
    match asked.unwrap_or_else(|_| Err(io::Error::other("the question was ended"))) {
        Ok(seconds) => judge(seconds),
        Err(why) => Check::bad(
            "clock",
            State::Warning,
            &format!("cannot be compared: {why}"),
            "nothing is wrong if requests go through a proxy; else see that AWS can be reached",
        ),
    }
}

fn judge(seconds: u64) -> Check {
    let help = "set the clock, for example by turning on NTP (`timedatectl set-ntp true`)";
    let detail = format!("is {seconds} s off");
    match seconds {
        _ if seconds > MOST => Check::bad("clock", State::Error, &detail, help),
        _ if seconds > WORTH => Check::bad("clock", State::Warning, &detail, help),
        _ => Check::ok("clock", format!("agrees within {} s", seconds.max(1))),
    }
}

/// How many seconds this machine's clock is off.
fn difference(endpoint: Option<&str>) -> io::Result<u64> {
    let there = endpoint
        .and_then(|url| url.strip_prefix("http://"))
        .map_or(AWS, |rest| rest.trim_end_matches('/'));
    let there = if there.contains(':') {
        there.to_owned()
    } else {
        format!("{there}:80")
    };
    let address = there.to_socket_addrs()?.next();
    let address = address.ok_or_else(|| io::Error::other("there is no such host"))?;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let request = format!("HEAD / HTTP/1.1\r\nHost: {there}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = String::new();
    stream.take(16_384).read_to_string(&mut answer)?;
    let theirs = date(&answer).ok_or_else(|| io::Error::other("the answer has no date"))?;
    let ours = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let ours = ours.map_err(io::Error::other)?.as_secs();
    Ok(ours.abs_diff(theirs))
}

/// The date of an answer, in seconds since 1970.
fn date(answer: &str) -> Option<u64> {
    let mut lines = answer.lines().take_while(|line| !line.is_empty());
    let value = lines.find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("date").then(|| value.trim())
    })?;
    let date = DateTime::from_str(value, Format::HttpDate).ok()?;
    date.secs().try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_date_of_an_answer_is_read() {
        let answer = "HTTP/1.1 307 Moved\r\nserver: S3\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT\r\n\r\nDate: none";
        assert_eq!(date(answer), Some(784_111_777));
        assert_eq!(
            date("HTTP/1.1 200 OK\r\n\r\nDate: Sun, 06 Nov 1994 08:49:37 GMT"),
            None
        );
    }

    #[test]
    fn a_clock_that_aws_would_refuse_is_an_error() {
        let states = [2, 100, 301].map(|seconds| judge(seconds).state);
        assert_eq!(states, [State::Ok, State::Warning, State::Error]);
    }
}
