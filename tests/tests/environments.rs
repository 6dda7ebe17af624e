//! What crosses the borders of the example `environments`, by its templates: regions and accounts
//! are where a wrong reference shows up only at the deployment, and no local engine has them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use tests::examples::{self, Stack};

fn stacks() -> BTreeMap<String, Stack> {
    examples::synth("environments").stacks()
}

/// The arguments of every use of an intrinsic function in a document.
fn uses(document: &Value, function: &str) -> Vec<Value> {
    let mut found = Vec::new();
    if let Some(argument) = document.get(function) {
        found.push(argument.clone());
    }
    let (list, object) = (document.as_array(), document.as_object());
    let inner = list.into_iter().flatten();
    let inner = inner.chain(object.into_iter().flat_map(serde_json::Map::values));
    found.extend(inner.flat_map(|part| uses(part, function)));
    found
}

fn exports(stack: &Stack) -> BTreeMap<String, Value> {
    let outputs = stack.template["Outputs"].as_object();
    let outputs = outputs.into_iter().flat_map(serde_json::Map::values);
    let export = |output: &Value| {
        let name = output["Export"]["Name"].as_str()?;
        Some((name.to_owned(), output["Value"].clone()))
    };
    outputs.filter_map(export).collect()
}

/// The resources of a type, which must be one.
#[track_caller]
fn only(stack: &Stack, kind: &str) -> Value {
    let resources = stack.template["Resources"].as_object().unwrap();
    let mut found = resources.values().filter(|one| one["Type"] == kind);
    let resource = found.next().unwrap_or_else(|| panic!("no {kind}"));
    assert_eq!(found.next(), None, "{} has several {kind}", stack.id);
    resource.clone()
}

/// The statements of the policy of the only identity in a stack.
fn identity_statements(stack: &Stack) -> Vec<Value> {
    let policy = only(stack, "AWS::IAM::Policy");
    let document = &policy["Properties"]["PolicyDocument"];
    document["Statement"].as_array().unwrap().clone()
}

fn bucket_arn(name: &str) -> Value {
    json!({ "Fn::Sub": format!("arn:${{AWS::Partition}}:s3:::{name}") })
}

/// The statement of exactly these actions.
#[track_caller]
fn allowing<'a>(statements: &'a [Value], action: &str) -> &'a Value {
    let mut found = statements.iter().filter(|statement| {
        let actions = statement["Action"].as_array();
        let listed = actions.is_some_and(|all| all.iter().any(|one| one == action));
        statement["Effect"] == "Allow" && (listed || statement["Action"] == action)
    });
    let statement = found
        .next()
        .unwrap_or_else(|| panic!("nobody may {action}"));
    assert_eq!(found.next(), None, "{action} is allowed twice");
    statement
}

const KEY_EXPORT: &str = "ExportsOutputFnGetAttKey961B73FDArn5A860C43";

#[test]
fn the_stacks_are_two_stages_of_two_accounts_and_an_auditor() {
    let places: Vec<_> = stacks()
        .into_values()
        .map(|stack| (stack.path, stack.environment))
        .collect();
    let place = |path: &str, environment: &str| (path.to_owned(), format!("aws://{environment}"));
    let expected = [
        place("Audit", "111111111111/eu-central-1"),
        place("Dev/Data", "111111111111/eu-central-1"),
        place("Dev/Recovery", "111111111111/eu-west-1"),
        place("Dev/Work", "111111111111/eu-central-1"),
        place("Prod/Data", "222222222222/eu-central-1"),
        place("Prod/Recovery", "222222222222/eu-west-1"),
        place("Prod/Work", "222222222222/eu-central-1"),
    ];
    assert_eq!(places, expected);
}

#[test]
fn inside_one_environment_the_key_is_exported_and_imported() {
    let stacks = stacks();
    for stage in ["Dev", "Prod"] {
        let (data, work) = (
            &stacks[&format!("{stage}-Data")],
            &stacks[&format!("{stage}-Work")],
        );
        let name = format!("{stage}-Data:{KEY_EXPORT}");
        let key = json!({"Fn::GetAtt": ["Key961B73FD", "Arn"]});
        assert_eq!(exports(data), BTreeMap::from([(name.clone(), key)]));
        assert_eq!(uses(&work.template, "Fn::ImportValue"), [json!(name)]);
        let decrypt = identity_statements(work);
        let decrypt = allowing(&decrypt, "kms:Decrypt");
        assert_eq!(decrypt["Resource"], json!({ "Fn::ImportValue": name }));
        assert_eq!(work.needs, [data.id.as_str()]);
        assert_eq!(data.environment, work.environment);
    }
}

#[test]
fn every_import_has_its_export_in_the_same_account_and_region() {
    let stacks = stacks();
    let exported: BTreeSet<_> = stacks
        .values()
        .flat_map(|stack| {
            let names = exports(stack).into_keys();
            names.map(|name| (stack.environment.clone(), name))
        })
        .collect();
    let mut imports = 0;
    for stack in stacks.values() {
        for name in uses(&stack.template, "Fn::ImportValue") {
            let wanted = (
                stack.environment.clone(),
                name.as_str().unwrap_or_default().to_owned(),
            );
            assert!(
                exported.contains(&wanted),
                "{} imports {name}, exported are {exported:?}",
                stack.id
            );
            imports += 1;
        }
    }
    assert_eq!(imports, 2);
}

#[test]
fn across_regions_the_output_is_read_from_the_stack_that_has_it() {
    let stacks = stacks();
    for stage in ["Dev", "Prod"] {
        let recovery = &stacks[&format!("{stage}-Recovery")];
        let data = &stacks[&format!("{stage}-Data")];
        let source = json!({
            "StackName": data.name, "OutputName": KEY_EXPORT, "Region": "eu-central-1",
        });
        assert_eq!(data.region(), Some("eu-central-1"));
        assert_eq!(recovery.region(), Some("eu-west-1"));
        let read = uses(&recovery.template, "Fn::GetStackOutput");
        assert_eq!(read, std::slice::from_ref(&source));
        let decrypt = identity_statements(recovery);
        let decrypt = allowing(&decrypt, "kms:Decrypt");
        assert_eq!(decrypt["Resource"], json!({ "Fn::GetStackOutput": source }));
        assert!(data.template["Outputs"][KEY_EXPORT].is_object());
        assert_eq!(recovery.needs, [data.id.as_str()]);
        // An import would be looked for in the wrong region.
        assert!(uses(&recovery.template, "Fn::ImportValue").is_empty());
    }
}

#[test]
fn bucket_names_are_known_everywhere_and_no_two_are_alike() {
    let stacks = stacks();
    let mut all = BTreeSet::new();
    for stack in stacks.values() {
        let (account, region) = stack
            .environment
            .trim_start_matches("aws://")
            .split_once('/')
            .unwrap();
        let resources = stack.template["Resources"].as_object().unwrap();
        for bucket in resources
            .values()
            .filter(|one| one["Type"] == "AWS::S3::Bucket")
        {
            let name = bucket["Properties"]["BucketName"].as_str().unwrap();
            assert!(name.ends_with(&format!("-{account}-{region}-an")), "{name}");
            assert!(name.len() <= 63, "{name} is too long");
            assert!(all.insert(name.to_owned()), "{name} is there twice");
        }
    }
    assert_eq!(all.len(), 6);
    let output = |stage: &str| {
        let outputs = &stacks[&format!("{stage}-Recovery")].template["Outputs"];
        outputs["CopiesOf"]["Value"].as_str().unwrap().to_owned()
    };
    assert!(output("Dev").starts_with("dev-data-uploads-"));
    assert!(all.contains(&output("Dev")) && all.contains(&output("Prod")));
}

#[test]
fn a_grant_across_accounts_is_written_on_both_sides() {
    let stacks = stacks();
    let (audit, data) = (&stacks["Audit"], &stacks["Prod-Data"]);
    assert_ne!(audit.environment, data.environment);
    let name = data.template["Resources"]["Reports65402A0A"]["Properties"]["BucketName"]
        .as_str()
        .unwrap();
    let objects = bucket_arn(&format!("{name}/*"));

    // The auditor's side: the name is a literal, since nothing can be imported across accounts.
    let own = identity_statements(audit);
    assert_eq!(own.len(), 2);
    assert_eq!(allowing(&own, "s3:GetObject")["Resource"], objects);
    assert_eq!(
        allowing(&own, "s3:ListBucket")["Resource"],
        bucket_arn(name)
    );
    for function in ["Fn::ImportValue", "Fn::GetStackOutput"] {
        assert!(uses(&audit.template, function).is_empty());
    }

    // The bucket's side: the same, for exactly that role.
    let role = only(audit, "AWS::IAM::Role");
    assert_eq!(role["Properties"]["RoleName"], "uploads-auditor");
    let account = json!({"AWS": {"Fn::Sub": "arn:${AWS::Partition}:iam::111111111111:root"}});
    let auditor = json!({"ArnEquals": {"aws:PrincipalArn": {
        "Fn::Sub": "arn:${AWS::Partition}:iam::111111111111:role/uploads-auditor"
    }}});
    let policy = &data.template["Resources"]["ReportsPolicyA13B441D"]["Properties"];
    let theirs = policy["PolicyDocument"]["Statement"].as_array().unwrap();
    for action in ["s3:GetObject", "s3:ListBucket"] {
        let (mine, theirs) = (allowing(&own, action), allowing(theirs, action));
        assert_eq!(theirs["Principal"], account);
        assert_eq!(theirs["Condition"], auditor);
        for part in ["Action", "Resource"] {
            assert_eq!(mine[part], theirs[part]);
        }
    }

    // A condition may name a role that is not there yet.
    assert!(!data.needs.contains(&"Audit".to_owned()));
    assert!(audit.needs.is_empty());
}

#[test]
fn nobody_else_may_do_anything() {
    let stacks = stacks();
    for stack in stacks.values() {
        let resources = stack.template["Resources"].as_object().unwrap();
        let policies = resources
            .iter()
            .filter(|(_, one)| one["Type"] == "AWS::S3::BucketPolicy");
        for (id, policy) in policies {
            let statements = policy["Properties"]["PolicyDocument"]["Statement"].as_array();
            let allowed = statements
                .into_iter()
                .flatten()
                .filter(|one| one["Effect"] == "Allow")
                .count();
            let granted = stack.id == "Prod-Data" && id.starts_with("Reports");
            assert_eq!(allowed, if granted { 2 } else { 0 }, "{}: {id}", stack.id);
        }
    }
}
