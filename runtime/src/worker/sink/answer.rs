//! What an answer of a server means.

use super::Reply;
use crate::failure::{Class, Failure};

/// How much of a body a failure shows, in characters.
const SHOWN: usize = 200;

/// What a refusal may mean: a status tells no more.
const NOT_LET_IN: &str =
    "the sink does not let the worker in: its login is wrong or out of date, or it may not do this";

/// The failure of an answer that is no success.
#[must_use]
pub fn failure(operation: &str, reply: &Reply) -> Failure {
    let class = match reply.status {
        408 | 425 => Class::ServiceFailed,
        // What may be there for a moment: a lock, a request that came in between.
        409 | 412 | 423 => Class::KeepsChanging,
        status => Class::of_answer("", status),
    };
    let text = shown(&reply.body);
    let status = format!("HTTP status {}", reply.status);
    let message = match &*text {
        "" => status,
        text => format!("{status}: {text}"),
    };
    let failure = Failure::new(class, message).during(operation);
    match class {
        Class::AccessDenied => failure.explained(NOT_LET_IN),
        _ => failure,
    }
}

/// The beginning of a body in one line.
fn shown(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let words: Vec<_> = text.split_whitespace().collect();
    let mut line: String = words.join(" ");
    if let Some((end, _)) = line.char_indices().nth(SHOWN) {
        line.truncate(end);
        line.push_str("..");
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(status: u16, body: &str) -> Failure {
        let reply = Reply {
            status,
            date: None,
            body: body.as_bytes().to_vec(),
        };
        failure("HTTP PUT", &reply)
    }

    #[test]
    fn what_may_pass_is_not_final() {
        let table = [
            (400, Class::Refused),
            (401, Class::AccessDenied),
            (403, Class::AccessDenied),
            (404, Class::NotFound),
            (408, Class::ServiceFailed),
            (409, Class::KeepsChanging),
            (413, Class::Refused),
            (429, Class::Throttled),
            (500, Class::ServiceFailed),
            (503, Class::ServiceFailed),
        ];
        for (status, class) in table {
            assert_eq!(of(status, "").class, class, "{status}");
        }
    }

    #[test]
    fn a_failure_shows_the_beginning_of_the_body_in_one_line() {
        let shown = of(400, "not\r\n  today").to_string();
        assert_eq!(shown, "HTTP PUT: HTTP status 400: not today");
        assert!(of(400, &"é".repeat(5_000)).message.chars().count() < 230);
        let refused = of(403, "who are you?").to_string();
        assert_eq!(
            refused,
            "HTTP PUT: HTTP status 403: who are you?; the sink does not let the worker in: its login is wrong or out of date, or it may not do this"
        );
    }
}
