//! Which cargo feature turns a service on.
//!
//! crates.io allows 300 features per crate and AWS has more services, so families of small
//! services share one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::names;

/// Families: the feature and its services. Every other service has a feature of its own name.
const FAMILIES: &[(&str, &[&str])] = &[
    (
        "arc",
        &[
            "ARCRegionSwitch",
            "ARCZonalShift",
            "Route53RecoveryControl",
            "Route53RecoveryReadiness",
        ],
    ),
    (
        "costmanagement",
        &[
            "BCM",
            "BCMDataExports",
            "BcmPricingCalculator",
            "Billing",
            "BillingConductor",
            "Budgets",
            "CE",
            "CUR",
            "Invoicing",
            "PricingPlanManager",
        ],
    ),
    (
        "iotmore",
        &[
            "IoTAnalytics",
            "IoTCoreDeviceAdvisor",
            "IoTEvents",
            "IoTFleetWise",
            "IoTManagedIntegrations",
            "IoTSecureTunneling",
            "IoTThingsGraph",
            "IoTTwinMaker",
        ],
    ),
    (
        "licensemanager",
        &[
            "LicenseManager",
            "LicenseManagerLinuxSubscriptions",
            "LicenseManagerUserSubscriptions",
        ],
    ),
    (
        "networkmonitoring",
        &["InternetMonitor", "NetworkFlowMonitor", "NetworkMonitor"],
    ),
    (
        "retired",
        &[
            "CodeStar",
            "Evidently",
            "Forecast",
            "FraudDetector",
            "LookoutEquipment",
            "LookoutVision",
            "NimbleStudio",
            "OpsWorks",
            "Panorama",
            "Proton",
            "QLDB",
            "RoboMaker",
            "SDB",
            "SimSpaceWeaver",
            "VoiceID",
        ],
    ),
    (
        "ssmmore",
        &[
            "SSMContacts",
            "SSMGuiConnect",
            "SSMIncidents",
            "SSMQuickSetup",
        ],
    ),
    (
        "workspaces",
        &[
            "WorkSpaces",
            "WorkSpacesThinClient",
            "WorkSpacesWeb",
            "WorkspacesInstances",
        ],
    ),
];

/// The services that are on by default, by feature: those that the crate above has more than L1 of,
/// and no others, since everybody who starts compiles them.
const DEFAULT: &[&str] = &[
    "cloudwatch",
    "iam",
    "kms",
    "lambda",
    "logs",
    "s3",
    "sns",
    "sqs",
];

/// The feature of a service, such as `s3` for `S3`.
pub fn feature_of(service: &str) -> String {
    let family = FAMILIES
        .iter()
        .find(|(_, services)| services.contains(&service));
    family.map_or_else(
        || names::service_module(service),
        |(name, _)| (*name).to_owned(),
    )
}

/// The families: each feature that several services share, with them.
pub fn families() -> &'static [(&'static str, &'static [&'static str])] {
    FAMILIES
}

/// The features that are on by default.
pub fn default_features() -> &'static [&'static str] {
    DEFAULT
}

/// The features of these services, sorted, with the services of each.
fn features<'a>(services: &[&'a str]) -> BTreeMap<String, BTreeSet<&'a str>> {
    let mut features: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for service in services {
        features
            .entry(feature_of(service))
            .or_default()
            .insert(service);
    }
    features
}

/// The `[features]` of this crate's manifest.
pub fn manifest_section(services: &[&str]) -> String {
    let features = features(services);
    let mut out = String::from("[features]\n");
    list(&mut out, "default", DEFAULT.iter().map(ToString::to_string));
    list(&mut out, "all", features.keys().cloned());
    out.push_str(
        "# The facts of all services as text (`facts`), without their types.\nfacts = []\n",
    );
    for (feature, services) in features {
        let services: Vec<&str> = services.into_iter().collect();
        let note = match services.as_slice() {
            [_] => String::new(),
            several => format!(" # {}", several.join(", ")),
        };
        let _ = writeln!(out, "{feature} = []{note}");
    }
    out
}

/// Services whose L2 is made of another one's: a group of servers starts from a launch template.
const L2_NEEDS: &[(&str, &str)] = &[
    ("autoscaling", "ec2"),
    ("ecs", "applicationautoscaling"),
    ("ecs", "ec2"),
    ("ecs", "ecr"),
    ("ecs", "secretsmanager"),
    ("scheduler", "events"),
];

/// The features of a crate that passes each of them on to this one.
pub fn passed_on(services: &[&str]) -> String {
    let mut out = String::from("all = [\"cloudwright-cfn/all\"]\n");
    for feature in features(services).keys() {
        let needs = L2_NEEDS.iter().filter(|(service, _)| service == feature);
        let needs: String = needs.map(|(_, other)| format!(", {other:?}")).collect();
        let _ = writeln!(out, "{feature} = [\"cloudwright-cfn/{feature}\"{needs}]");
    }
    out
}

fn list(out: &mut String, name: &str, items: impl Iterator<Item = String>) {
    let _ = writeln!(out, "{name} = [");
    for item in items {
        let _ = writeln!(out, "    {item:?},");
    }
    out.push_str("]\n");
}
