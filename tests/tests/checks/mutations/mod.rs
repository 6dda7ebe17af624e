//! Faults put into right templates, one at a time, at every place where a rule should see them.
//!
//! The templates are those of the examples, which are told of nothing. Each row of [`FAULTS`] names a rule and changes a
//! template at every place that fits; the table that the test prints (`--nocapture`) counts how many of the changes the
//! rule told, and each row says how many it has to tell at least.

mod copies;
mod policies;
mod resources;

use serde_json::Value;

use crate::clean::{codes, templates};
use policies::{
    action, bucket_only, everybody, long, no_key, no_right, not_permitted, own_queue, plain,
    too_early, trusted, unconditional, without_account,
};
use resources::{
    circle, dangling, endless, event, failures_fifo, fifo_name, fifo_source, hidden_shortly, key,
    parameter, password, replaced, silent, told_fifo, twice, unblocked, unencrypted, unkept,
};

/// A template with one fault for each place that fits.
type Fault = fn(&Value) -> Vec<Value>;

/// The rule, the fault in words, the smallest part of the changes that is told in percent, and the change.
const FAULTS: &[(&str, &str, usize, Fault)] = &[
    ("CW0102", "a name in a `Ref` loses a letter", 100, dangling),
    ("CW0103", "two resources wait for each other", 100, circle),
    ("CW0108", "a key in a description", 100, key),
    ("CW1101", "a notification twice", 100, twice),
    (
        "CW1104",
        "a source hides messages for a second",
        100,
        hidden_shortly,
    ),
    ("CW1202", "a password in a variable", 100, password),
    ("CW2001", "no DeletionPolicy", 100, unkept),
    ("CW2001", "no UpdateReplacePolicy", 100, replaced),
    ("CW2002", "no encryption of a queue", 100, unencrypted),
    ("CW2003", "no statement about TLS", 100, plain),
    ("CW2004", "no end of logs", 100, endless),
    ("CW2005", "an alarm without actions", 100, silent),
    ("CW2006", "a policy of 300 times its statements", 100, long),
    ("CW2011", "an event of S3 loses a letter", 100, event),
    (
        "CW2012",
        "a queue that S3 tells becomes FIFO",
        100,
        told_fifo,
    ),
    (
        "CW2013",
        "the bucket does not wait for the permission",
        100,
        too_early,
    ),
    ("CW2013", "the permission is gone", 100, not_permitted),
    ("CW2021", "failures go to a FIFO queue", 100, failures_fifo),
    (
        "CW2022",
        "no right to the queue of failures or of work",
        95,
        no_right,
    ),
    ("CW2023", "no right to the key of a queue", 100, no_key),
    (
        "CW2024",
        "a worker may send to its own queue",
        95,
        own_queue,
    ),
    ("CW2031", "an action loses its last letter", 100, action),
    ("CW2032", "objects become their bucket", 95, bucket_only),
    ("CW2033", "everybody in place of a service", 100, everybody),
    ("CW2033", "a block of public access is off", 100, unblocked),
    (
        "CW2034",
        "a service without a condition",
        100,
        unconditional,
    ),
    (
        "CW2034",
        "a permission without SourceAccount",
        100,
        without_account,
    ),
    ("CW2035", "every account may become a role", 100, trusted),
    (
        "CW2041",
        "a standard queue with a FIFO name",
        100,
        fifo_name,
    ),
    (
        "CW2041",
        "a FIFO queue with standard dead letters",
        100,
        fifo_source,
    ),
    ("CW2051", "a parameter for a password", 100, parameter),
];

#[test]
fn right_templates_are_told_of_nothing() {
    for (name, template) in templates() {
        assert_eq!(codes(&template), [], "{name}");
    }
}

#[test]
fn every_fault_is_told_by_its_rule() {
    let templates = templates();
    let mut table = String::new();
    let mut wrong = String::new();
    for (code, fault, least, change) in FAULTS {
        let (mut told, mut all) = (0, 0);
        let mut missed = String::new();
        for (name, template) in &templates {
            for changed in change(template) {
                all += 1;
                if codes(&changed).iter().any(|(found, _)| found == code) {
                    told += 1;
                } else if missed.is_empty() {
                    missed = format!("{name}: {}", difference(template, &changed));
                }
            }
        }
        let part = told * 100 / all.max(1);
        table += &format!("{code}  {told:>4} of {all:>4}  {part:>3} %  {fault}  {missed}\n");
        if all == 0 || part < *least {
            wrong += &format!("{code} ({fault}): {told} of {all}, expected {least} %: {missed}\n");
        }
    }
    println!("{table}");
    assert!(wrong.is_empty(), "{wrong}\n{table}");
}

/// The first resource that differs.
fn difference(old: &Value, new: &Value) -> String {
    let resources = old["Resources"].as_object().into_iter().flatten();
    let changed = resources.filter(|(id, resource)| new["Resources"][id.as_str()] != **resource);
    changed.map(|(id, _)| id.clone()).take(1).collect()
}
