//! What an answer of the archive means.
//!
//! Only an answer that says so is a success, and only one that surely means that nothing was kept
//! leads to another request. A gateway that lost the archive's answer, a success that cannot be read
//! and a connection that broke leave open what became of the object.

use std::time::Duration;

use serde_json::Value;

use crate::failure::{Class, Failure};

/// What was tried.
pub const OPERATION: &str = "HTTP POST";

/// The longest part of an answer that is repeated, in characters.
const LONGEST: usize = 300;

/// What the archive, or the lack of its answer, says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It has the object.
    Accepted,
    /// It does not want the object, and would not the next time.
    Refused(Failure),
    /// It does not have the object, and may take it later: in this time, if it says so.
    Later(Failure, Option<Duration>),
    /// Nobody knows whether it has the object.
    Lost(Failure),
}

impl Answer {
    /// What a whole answer says: its status, its header `Retry-After` and its body.
    #[must_use]
    pub fn read(status: u16, retry_after: Option<&str>, body: &[u8]) -> Self {
        let body_text = String::from_utf8_lossy(body);
        let problem = |class, what: &str| {
            let text = format!("HTTP status {status}{what}{}", excerpt(&body_text));
            Failure::new(class, text).during(OPERATION)
        };
        match status {
            200..=299 => match verdict(body) {
                Some(true) => Self::Accepted,
                Some(false) => Self::Refused(problem(Class::Refused, ", but no success")),
                None => {
                    let what = ", but no JSON object with `success` true or false";
                    Self::Lost(problem(Class::OutcomeUnknown, what))
                }
            },
            300..=399 => Self::Refused(problem(Class::Refused, ", which is not followed")),
            502 | 504 => Self::Lost(problem(Class::OutcomeUnknown, " of a gateway")),
            408 | 425 | 429 | 500 | 503 | 505.. => {
                let class = match status {
                    408 | 425 => Class::ServiceFailed,
                    status => Class::of_answer("", status),
                };
                let wait = retry_after.and_then(|text| text.trim().parse().ok());
                Self::Later(problem(class, ""), wait.map(Duration::from_secs))
            }
            status => Self::Refused(problem(Class::of_answer("", status), "")),
        }
    }

    /// The same without the token, which an archive may repeat.
    #[must_use]
    pub fn without(self, token: &str) -> Self {
        let masked = |problem: Failure| match !token.is_empty() && problem.message.contains(token) {
            true => Failure::new(problem.class, problem.message.replace(token, "***"))
                .during(problem.operation.clone()),
            false => problem,
        };
        match self {
            Self::Accepted => Self::Accepted,
            Self::Refused(problem) => Self::Refused(masked(problem)),
            Self::Later(problem, wait) => Self::Later(masked(problem), wait),
            Self::Lost(problem) => Self::Lost(masked(problem)),
        }
    }

    /// That there was no answer in time.
    #[must_use]
    pub fn none_within(patience: Duration) -> Self {
        let message = format!("no answer within {} s", patience.as_secs_f32());
        Self::Lost(Failure::new(Class::OutcomeUnknown, message).during(OPERATION))
    }
}

fn verdict(body: &[u8]) -> Option<bool> {
    let body: Value = serde_json::from_slice(body).ok()?;
    body.get("success")?.as_bool()
}

/// The beginning of a body in one line.
fn excerpt(body: &str) -> String {
    let words: Vec<_> = body.split_whitespace().collect();
    let line = words.join(" ");
    match line.char_indices().nth(LONGEST) {
        _ if line.is_empty() => String::new(),
        Some((end, _)) => format!(": {}..", &line[..end]),
        None => format!(": {line}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(answer: &Answer) -> (&'static str, Option<Class>) {
        match answer {
            Answer::Accepted => ("accepted", None),
            Answer::Refused(problem) => ("refused", Some(problem.class)),
            Answer::Later(problem, _) => ("later", Some(problem.class)),
            Answer::Lost(problem) => ("lost", Some(problem.class)),
        }
    }

    #[test]
    fn only_a_body_that_says_so_is_a_success() {
        let refused = ("refused", Some(Class::Refused));
        let lost = ("lost", Some(Class::OutcomeUnknown));
        let table = [
            (200, "{\"success\": true, \"more\": 1}", ("accepted", None)),
            (201, "{\"success\":true}", ("accepted", None)),
            (200, "{\"success\": false}", refused),
            (200, "{\"success\": \"true\"}", lost),
            (200, "{\"success\": tr", lost),
            (200, "[true]", lost),
            (200, "<html>", lost),
            (204, "", lost),
            (302, "", refused),
            (400, "{\"success\": true}", refused),
            (401, "", ("refused", Some(Class::AccessDenied))),
            (404, "", ("refused", Some(Class::NotFound))),
            (408, "", ("later", Some(Class::ServiceFailed))),
            (429, "", ("later", Some(Class::Throttled))),
            (
                500,
                "{\"success\": true}",
                ("later", Some(Class::ServiceFailed)),
            ),
            (501, "", ("refused", Some(Class::ServiceFailed))),
            (503, "", ("later", Some(Class::ServiceFailed))),
            (502, "", lost),
            (504, "", lost),
        ];
        for (status, body, expected) in table {
            let answer = Answer::read(status, None, body.as_bytes());
            assert_eq!(class(&answer), expected, "{status} {body}");
        }
    }

    #[test]
    fn the_time_to_wait_is_read_and_a_date_is_not() {
        let wait = |text| match Answer::read(429, text, b"") {
            Answer::Later(_, wait) => wait,
            other => panic!("{other:?}"),
        };
        assert_eq!(wait(Some(" 7 ")), Some(Duration::from_secs(7)));
        for text in [None, Some("-1"), Some("Sat, 31 Jan 2026 12:00:00 GMT")] {
            assert_eq!(wait(text), None);
        }
    }

    #[test]
    fn a_problem_shows_the_beginning_of_the_body_in_one_line() {
        let Answer::Refused(problem) = Answer::read(400, None, b"not\r\n  today") else {
            panic!("not refused")
        };
        assert_eq!(problem.to_string(), "HTTP POST: HTTP status 400: not today");
        let Answer::Refused(problem) = Answer::read(400, None, "é".repeat(5_000).as_bytes())
        else {
            panic!("not refused")
        };
        assert_eq!(problem.message.chars().count(), 17 + LONGEST + 2);
    }
}
