//! What never gets through: markup of names, and comments that code hosts refuse.

use cloudwright_review::Review;
use proptest::prelude::*;
use serde_json::json;

use crate::{facts, mail, review};

/// A name that wants to be markup everywhere.
pub(crate) const HOSTILE: &str =
    "</code><script>alert('x')</script>`*[a](javascript:b)@somebody|\"&amp;";

#[test]
fn a_hostile_name_is_text_in_a_comment() {
    let path = format!("Mail/{}", HOSTILE.replace('/', "|"));
    let now = mail()
        .resource(
            &path,
            "Bad1",
            "AWS::SQS::Queue",
            json!({ "QueueName": HOSTILE }),
        )
        .finding("CW0001", HOSTILE, HOSTILE, &path, "src/main.rs:1");
    let text = review(&now, &mail()).to_markdown();
    let outside = outside_of_code(&text);
    for bad in ["<script", "@somebody", "[a]("] {
        assert!(!outside.contains(bad), "{bad}\n{outside}");
    }
    assert!(outside.contains("### Findings"), "{outside}");
}

/// Markdown without its code: from a run of backticks to the next one of as many.
fn outside_of_code(text: &str) -> String {
    let mut outside = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('`') {
        let run = rest[at..]
            .chars()
            .take_while(|letter| *letter == '`')
            .count();
        outside += &rest[..at];
        let (fence, after) = rest[at..].split_at(run);
        if outside.ends_with('\\') {
            rest = after;
            continue;
        }
        let is_end =
            |at: &usize| !after[..*at].ends_with('`') && !after[at + run..].starts_with('`');
        let mut ends = after.match_indices(fence).map(|(at, _)| at);
        let end = ends.find(is_end);
        rest = end.map_or("", |end| &after[end + run..]);
    }
    outside + rest
}

#[test]
fn a_comment_is_never_too_long_and_says_what_it_leaves_out() {
    let name = |number: usize| format!("{number}-{}", "x".repeat(300));
    let of = |value: &str| {
        (0..500).fold(mail(), |program, number| {
            let (path, id) = (format!("Mail/{}", name(number)), format!("Id{number}"));
            program.resource(&path, &id, "AWS::SQS::Queue", json!({ "QueueName": value }))
        })
    };
    let text = review(&of("new"), &of("old")).to_markdown();
    assert!(text.len() <= 65_536, "{}", text.len());
    let shown = text.matches("\n- `Mail/").count();
    assert!(shown > 50, "{shown}");
    let rest = 500 - shown;
    assert!(
        text.contains(&format!(
            "**{rest} entries more are left out of this comment**"
        )),
        "{shown} shown"
    );
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, rng_seed: prop::test_runner::RngSeed::Fixed(11), ..ProptestConfig::default() })]

    #[test]
    fn any_names_and_values_give_a_comment_and_data(
        name in "[^/]{1,20}", old in ".{0,300}", new in ".{0,300}",
    ) {
        let of = |value: &str| mail().resource(&format!("Mail/{name}"), "Id1", "AWS::SQS::Queue", json!({ "QueueName": value }));
        let review = review(&of(&new), &of(&old));
        prop_assert_eq!(review.is_any_change(), old != new);
        prop_assert!(review.to_markdown().len() <= 65_536);
        prop_assert_eq!(&review.to_json()["anyChange"], &json!(old != new));
        let alone = Review::new(&of(&new).source(), None, &facts);
        prop_assert!(!alone.is_any_change());
    }
}
