//! The reference system before the checkers of the field: no more findings than the bar by default, none under the stricter one.
//!
//! The bar is what cdk-nag 3.0.2, checkov 3.3.30 and Guard found in a system of the same 22 resources that was written by hand to be as
//! safe as templates without keys of one's own can be, each function's failures in a dead-letter queue and its concurrency
//! reserved. A finding is a rule at a resource; Guard tells rules only.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;
use tempfile::TempDir;
use tests::cfn_lint;
use tests::checkers::{Said, cdk_nag, checkov, guard};
use tests::reference::{reference, reference_with};

/// What cdk-nag found in the bar's system, by pack.
const NAG: [(&str, usize); 6] = [
    ("AwsSolutions", 2),
    ("HIPAA", 7),
    ("NIST4", 7),
    ("NIST5", 7),
    ("PCI", 7),
    ("Serverless", 2),
];
/// What checkov found there.
const CHECKOV: usize = 8;
/// Those of the nine rules of Guard's registry that it failed whose types the rules at hand are about. The other four ask for keys
/// of one's own for logs, queues and topics, and for a network.
const GUARD: [&str; 5] = [
    "IAM_POLICYDOCUMENT_NO_WILDCARD_RESOURCE",
    "S3_BUCKET_DEFAULT_LOCK_ENABLED",
    "S3_BUCKET_LOGGING_ENABLED",
    "S3_BUCKET_NO_PUBLIC_RW_ACL",
    "S3_BUCKET_REPLICATION_ENABLED",
];

/// The system as the bar has it: what is no default, since it takes from other functions or tells less, is said.
static AS_THE_BAR: LazyLock<Judged> = LazyLock::new(|| {
    Judged::new(reference_with(false, |function| {
        function.reserved_concurrency(10).with_dead_letter_queue()
    }))
});

/// The system of which nothing is said.
static PLAIN: LazyLock<Judged> = LazyLock::new(|| Judged::new(reference(false)));
/// The system under the stricter bar.
static STRICT: LazyLock<Judged> = LazyLock::new(|| Judged::new(reference(true)));

/// A template, and what each checker says about it.
struct Judged {
    template: Value,
    nag: Said,
    checkov: Said,
    guard: Said,
}

impl Judged {
    fn new(template: Value) -> Self {
        Self {
            nag: cdk_nag(&template),
            checkov: checkov(&template),
            guard: guard(&template).0,
            template,
        }
    }

    fn all(&self) -> [&Said; 3] {
        [&self.nag, &self.checkov, &self.guard]
    }

    /// How much each checker finds, as a row of a table.
    fn row(&self, name: &str) -> String {
        let counts = self.all().map(Said::counts);
        let counts = counts.map(|counts| {
            let counts: Vec<_> = counts.values().map(ToString::to_string).collect();
            counts.join(", ")
        });
        format!("| {name} | {} |", counts.join(" | "))
    }
}

#[test]
fn no_more_is_found_than_in_the_bar() {
    let judged = &*AS_THE_BAR;
    // One less than the bar's: how long an event may wait is left as Lambda has it.
    assert_eq!(judged.template["Resources"].as_object().unwrap().len(), 21);
    let counts = judged.nag.counts();
    for (pack, bar) in NAG {
        assert!(
            (1..=bar).contains(&counts[pack]),
            "{pack}: {:#?}",
            judged.nag
        );
    }
    let count = judged.checkov.counts()["checkov"];
    assert!((1..=CHECKOV).contains(&count), "{:#?}", judged.checkov);
    assert_eq!(judged.guard.rules(), GUARD);
}

/// The defaults leave two choices to the program, and these alone are found more.
#[test]
fn the_defaults_differ_from_the_bar_in_two_settings() {
    let plain = &*PLAIN;
    let more = |plain: &Said, bar: &Said| {
        let mut bar: Vec<_> = bar.found.values().flatten().collect();
        let mut more = BTreeSet::new();
        for one in plain.found.values().flatten() {
            match bar.iter().position(|other| *other == one) {
                Some(at) => drop(bar.swap_remove(at)),
                None => drop(more.insert(one.rule.clone())),
            }
        }
        assert!(bar.is_empty(), "found only where more is said: {bar:?}");
        more.into_iter().collect::<Vec<_>>()
    };
    assert_eq!(
        more(&plain.nag, &AS_THE_BAR.nag),
        [
            "AwsSolutions-SQS3",
            "HIPAA.Security-LambdaConcurrency",
            "HIPAA.Security-LambdaDLQ",
            "NIST.800.53.R5-LambdaConcurrency",
            "NIST.800.53.R5-LambdaDLQ",
            "Serverless-LambdaDLQ",
        ]
    );
    let concurrency_and_dead_letters = ["CKV_AWS_115", "CKV_AWS_116"];
    assert_eq!(
        more(&plain.checkov, &AS_THE_BAR.checkov),
        concurrency_and_dead_letters
    );
    assert!(more(&plain.guard, &AS_THE_BAR.guard).is_empty());
}

#[test]
fn nothing_is_found_in_a_strict_stack() {
    let judged = &*STRICT;
    let kinds = judged.template["Resources"].as_object().unwrap().values();
    let kinds: BTreeSet<_> = kinds.filter_map(|one| one["Type"].as_str()).collect();
    let is_own = |kind: &str| kind.starts_with("Custom::") || kind.contains("CustomResource");
    assert!(!kinds.iter().any(|kind| is_own(kind)), "{kinds:?}");

    for said in judged.all() {
        assert!(said.rules().is_empty(), "{said:#?}");
    }
    let met: BTreeSet<_> = (judged.all().into_iter())
        .flat_map(|said| &said.accepted)
        .map(|one| (one.resource.as_str(), one.rule.as_str()))
        .collect();
    for ((resource, reason), rules) in reasons(&judged.template) {
        assert!(reason.len() > 20, "{resource}: {reason}");
        assert!(
            rules.iter().any(|rule| met.contains(&(resource, *rule))),
            "{resource} accepts {rules:?}, and no checker finds one of them"
        );
    }
}

/// The rules that exceptions are about, by resource and reason: an exception has the words of every checker.
fn reasons(template: &Value) -> BTreeMap<(&str, &str), Vec<&str>> {
    let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for (id, resource) in template["Resources"].as_object().into_iter().flatten() {
        for (place, reason) in [
            ("/cdk_nag/rules_to_suppress", "reason"),
            ("/checkov/skip", "comment"),
        ] {
            let entries = resource["Metadata"].pointer(place);
            for entry in entries.and_then(Value::as_array).into_iter().flatten() {
                let text = |name: &str| entry[name].as_str().unwrap_or_default();
                let key = (id.as_str(), text(reason));
                all.entry(key).or_default().push(text("id"));
            }
        }
    }
    assert!(!all.is_empty(), "a strict stack accepts something");
    all
}

/// What Guard is told not to tell is there: without the exceptions it finds each rule that it knows.
#[test]
fn what_guard_is_told_to_leave_out_is_found_without_it() {
    let mut template = STRICT.template.clone();
    let mut left_out = BTreeSet::new();
    let resources = template["Resources"].as_object_mut().unwrap();
    for (_, resource) in resources {
        let rules = resource["Metadata"]["guard"]["SuppressedRules"].take();
        let rules = rules.as_array().into_iter().flatten();
        left_out.extend(rules.filter_map(|rule| rule.as_str().map(str::to_owned)));
        if let Some(metadata) = resource["Metadata"].as_object_mut() {
            metadata.remove("guard");
        }
    }
    let (found, known) = guard(&template);
    assert!(!found.rules().is_empty());
    for rule in left_out.intersection(&known) {
        assert!(
            found.rules().contains(&&**rule),
            "{rule} is accepted and found nowhere"
        );
    }
    for rule in found.rules() {
        assert!(left_out.contains(rule), "{rule} is accepted nowhere");
    }
}

#[test]
fn cfn_lint_finds_neither_errors_nor_warnings() {
    let folder = TempDir::new().unwrap();
    let templates = [
        ("default", PLAIN.template.clone()),
        ("bar", AS_THE_BAR.template.clone()),
        ("strict", STRICT.template.clone()),
    ];
    let files = templates.map(|(name, template)| {
        let file = folder.path().join(format!("{name}.json"));
        fs::write(&file, template.to_string()).unwrap();
        file
    });
    cfn_lint::assert_clean_in(&["eu-central-1"], &files);
}

#[test]
fn the_guide_says_how_much_is_found() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/src/reference/security.md");
    let page = fs::read_to_string(page).unwrap();
    for row in [
        PLAIN.row("nothing said"),
        AS_THE_BAR.row("two settings"),
        STRICT.row("`strict()`"),
    ] {
        assert!(page.contains(&row), "the guide has no {row}");
    }
}
