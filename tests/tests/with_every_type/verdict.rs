//! Which findings of cfn-lint count.

use std::fmt::Write as _;

use tests::cfn_lint::Finding;

/// Rules that say nothing about the types, and why.
const NOT_ABOUT_TYPES: &[(&str, &[&str])] = &[
    (
        "the service is shut down, its types exist",
        &["E3710", "W3696", "W3697"],
    ),
    (
        "which instance types a region offers is not part of the facts",
        &[
            "E3617", "E3620", "E3621", "E3628", "E3635", "E3640", "E3642", "E3647", "E3667",
            "E3670", "E3672", "E3675",
        ],
    ),
    (
        "what a policy, a document or a state machine says, and to whom, is made up",
        &["E3051", "E3512", "E3601", "W3037"],
    ),
    (
        "what the made-up values of several properties mean together",
        &[
            "E3013", "E3039", "E3044", "E3047", "E3048", "E3063", "E3501", "E3639", "E3660",
            "E3673", "E3678", "E3680", "E3689", "E3695", "E3700", "E3701", "E3715", "W2533",
            "W3687", "W3703",
        ],
    ),
    ("advice on literals", &["W2501", "W3002", "W3010"]),
];

/// A rule, a part of the path or message, and why it is known.
type Known = (&'static str, &'static str, &'static str);

/// Findings that a type is known to get.
const KNOWN: &[Known] = &[
    ("E3017", "Properties/StackFilters/StackRoles", FORMS),
    ("E3031", "Properties/StackFilters/StackRoles", FORMS),
    ("E3003", "BillingConductorBillingGroup", NESTED),
    ("E3017", "BillingConductorBillingGroup", NESTED),
    (
        "E3018",
        "SecurityHubAutomationRuleOptional/Properties/Criteria/",
        NESTED,
    ),
    ("E3002", "Properties/KeySchema/0/KeyType", HASH_FIRST),
    ("E3012", "Properties/KeySchema", HASH_FIRST),
    ("E3018", "Properties/KeySchema", HASH_FIRST),
    ("E3012", "Properties/IpDiscovery", CONTRADICTION),
    (
        "E3031",
        "EventsV2SubscriberOptional/Properties/InvokeConfiguration/TargetArn",
        "its form depends on the event bus",
    ),
    (
        "E3031",
        "Exception 'bad character range",
        "cfn-lint cannot read the pattern of the schema",
    ),
    (
        "E3032",
        "Properties/PolygonRegionsOfInterest/0",
        "the facts hold the length of the outer list",
    ),
];

const FORMS: &str = "alternatives of two forms of a text are not part of the facts";
const NESTED: &str = "alternatives that speak of nested members are not part of the facts";
const HASH_FIRST: &str = "the first key is the hash key; values are made up one by one";
const CONTRADICTION: &str = "the schema wants an object and a text at once";

/// Fails with every finding that says that a type is wrong, and with what is known no more.
pub fn assert_no_fault(findings: &[Finding]) {
    let about_types: Vec<&Finding> = findings
        .iter()
        .filter(|finding| is_about_types(finding))
        .collect();
    let mut faults = String::new();
    for finding in &about_types {
        if !KNOWN.iter().any(|known| is(known, finding)) {
            let _ = writeln!(faults, "  {finding}");
        }
    }
    assert!(faults.is_empty(), "cfn-lint finds:\n{faults}");
    let seen = |known: &&Known| about_types.iter().any(|finding| is(known, finding));
    let gone = KNOWN.iter().filter(|known| !seen(known));
    let gone: Vec<String> = gone
        .map(|(rule, part, _)| format!("{rule} {part}"))
        .collect();
    assert!(
        gone.is_empty(),
        "cfn-lint does not find these any more: {gone:#?}"
    );
}

fn is((rule, part, _): &Known, finding: &Finding) -> bool {
    finding.rule == *rule && (finding.path.contains(part) || finding.message.contains(part))
}

fn is_about_types(finding: &Finding) -> bool {
    let rule = finding.rule.as_str();
    finding.is_fault()
        && !NOT_ABOUT_TYPES
            .iter()
            .any(|(_, rules)| rules.contains(&rule))
}
