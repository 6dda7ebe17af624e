//! The template of a bootstrap: the bucket for files, the repository for images, and the roles of those who deploy from
//! elsewhere.

use serde_json::{Value, json};

use crate::assembly::repository_beside;

/// Who may deploy into an account besides its own people, and what CloudFormation may do for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::cli) struct Trust {
    /// The accounts whose callers may take the deployment role.
    pub(super) accounts: Vec<String>,
    /// The managed policies of the role that CloudFormation works as.
    pub(super) policies: Vec<String>,
}

/// What has no tag was left by a push that did not end; a tag stays as long as a rollback can need it.
const UNTAGGED: &str = r#"{"rules":[{"rulePriority":1,"selection":{"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":30},"action":{"type":"expire"}}]}"#;

/// What the deployment role needs of CloudFormation. Some of these know no resource.
const FORMATION: [&str; 18] = [
    "cloudformation:CancelUpdateStack",
    "cloudformation:ContinueUpdateRollback",
    "cloudformation:CreateChangeSet",
    "cloudformation:DeleteChangeSet",
    "cloudformation:DeleteStack",
    "cloudformation:DescribeChangeSet",
    "cloudformation:DescribeEvents",
    "cloudformation:DescribeStackDriftDetectionStatus",
    "cloudformation:DescribeStackEvents",
    "cloudformation:DescribeStackResourceDrifts",
    "cloudformation:DescribeStacks",
    "cloudformation:DetectStackDrift",
    "cloudformation:ExecuteChangeSet",
    "cloudformation:GetTemplate",
    "cloudformation:ListImports",
    "cloudformation:ListStackResources",
    "cloudformation:RollbackStack",
    "cloudformation:UpdateTerminationProtection",
];

/// The template of the stack that makes a bucket and its repository, and the roles if anybody is trusted.
pub(super) fn template(bucket: &str, qualifier: &str, trust: Option<&Trust>) -> Value {
    let mut template = of_bucket(bucket);
    if let Some(trust) = trust {
        let (deployment, execution) = roles(qualifier, trust);
        template["Resources"]["DeploymentRole"] = deployment;
        template["Resources"]["ExecutionRole"] = execution;
        for role in ["DeploymentRole", "ExecutionRole"] {
            template["Outputs"][role] = json!({ "Value": { "Fn::GetAtt": [role, "Arn"] } });
        }
    }
    template
}

/// The role of who deploys, and that of CloudFormation. They have the names that the CDK gives them.
fn roles(qualifier: &str, trust: &Trust) -> (Value, Value) {
    let name = |role: &str| json!({ "Fn::Sub": format!("cdk-{qualifier}-{role}-role-${{AWS::AccountId}}-${{AWS::Region}}") });
    let root = |account: &str| json!({ "Fn::Sub": format!("arn:${{AWS::Partition}}:iam::{account}:root") });
    let accounts = ["${AWS::AccountId}"]
        .into_iter()
        .chain(trust.accounts.iter().map(String::as_str));
    let callers: Value = accounts.map(root).collect();
    let assumed = |principal: &Value| {
        json!({ "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole" }] })
    };
    let statements = json!([
        { "Sid": "Stacks", "Effect": "Allow", "Action": FORMATION, "Resource": "*" },
        { "Sid": "Files", "Effect": "Allow",
            "Action": ["s3:AbortMultipartUpload", "s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket", "s3:PutObject"],
            "Resource": [{ "Fn::GetAtt": ["Bucket", "Arn"] }, { "Fn::Sub": "${Bucket.Arn}/*" }] },
        { "Sid": "Images", "Effect": "Allow",
            "Action": ["ecr:BatchCheckLayerAvailability", "ecr:CompleteLayerUpload", "ecr:DescribeImages",
                "ecr:InitiateLayerUpload", "ecr:PutImage", "ecr:UploadLayerPart"],
            "Resource": { "Fn::GetAtt": ["Images", "Arn"] } },
        // It is a token for every registry that the caller may use.
        { "Sid": "Login", "Effect": "Allow", "Action": "ecr:GetAuthorizationToken", "Resource": "*" },
        { "Sid": "HandOver", "Effect": "Allow", "Action": "iam:PassRole",
            "Resource": { "Fn::GetAtt": ["ExecutionRole", "Arn"] },
            "Condition": { "StringEquals": { "iam:PassedToService": "cloudformation.amazonaws.com" } } },
    ]);
    let policy = json!({ "PolicyName": "Deploy",
        "PolicyDocument": { "Version": "2012-10-17", "Statement": statements } });
    let role = |properties: Value| json!({ "Type": "AWS::IAM::Role", "Properties": properties });
    let deployment = role(json!({ "RoleName": name("deploy"),
        "AssumeRolePolicyDocument": assumed(&json!({ "AWS": callers })), "Policies": [policy] }));
    let execution = role(json!({ "RoleName": name("cfn-exec"),
        "AssumeRolePolicyDocument": assumed(&json!({ "Service": "cloudformation.amazonaws.com" })),
        "ManagedPolicyArns": trust.policies }));
    (deployment, execution)
}

fn of_bucket(bucket: &str) -> Value {
    let tls = json!({ "Sid": "OnlyThroughTls", "Effect": "Deny", "Principal": "*", "Action": "s3:*",
        "Resource": [{ "Fn::GetAtt": ["Bucket", "Arn"] }, { "Fn::Sub": "${Bucket.Arn}/*" }],
        "Condition": { "Bool": { "aws:SecureTransport": "false" } } });
    json!({
        "Description": "The bucket for files and the repository for images of stacks that cloudwright or the AWS CDK deploy",
        "Resources": {
            "Bucket": {
                "Type": "AWS::S3::Bucket",
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
                "Properties": {
                    "BucketName": bucket,
                    "BucketEncryption": { "ServerSideEncryptionConfiguration": [
                        { "ServerSideEncryptionByDefault": { "SSEAlgorithm": "AES256" } }] },
                    "LifecycleConfiguration": { "Rules": [{
                        "Id": "Old", "Status": "Enabled",
                        "AbortIncompleteMultipartUpload": { "DaysAfterInitiation": 1 },
                        "NoncurrentVersionExpiration": { "NoncurrentDays": 30 } }] },
                    "OwnershipControls": { "Rules": [{ "ObjectOwnership": "BucketOwnerEnforced" }] },
                    "PublicAccessBlockConfiguration": { "BlockPublicAcls": true, "BlockPublicPolicy": true,
                        "IgnorePublicAcls": true, "RestrictPublicBuckets": true },
                    "VersioningConfiguration": { "Status": "Enabled" },
                },
            },
            "BucketPolicy": {
                "Type": "AWS::S3::BucketPolicy",
                "Properties": { "Bucket": { "Ref": "Bucket" },
                    "PolicyDocument": { "Version": "2012-10-17", "Statement": [tls] } },
            },
            "Images": {
                "Type": "AWS::ECR::Repository",
                "DeletionPolicy": "Retain",
                "UpdateReplacePolicy": "Retain",
                "Properties": {
                    "RepositoryName": repository_beside(bucket),
                    "ImageTagMutability": "IMMUTABLE",
                    "ImageScanningConfiguration": { "ScanOnPush": true },
                    "LifecyclePolicy": { "LifecyclePolicyText": UNTAGGED },
                },
            },
        },
        "Outputs": { "Bucket": { "Value": { "Ref": "Bucket" } }, "Images": { "Value": { "Ref": "Images" } } },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_are_there_for_whom_is_trusted_and_for_nobody_else() {
        assert!(template("b", "q", None)["Resources"]["DeploymentRole"].is_null());
        let trust = Trust {
            accounts: vec!["222222222222".to_owned()],
            policies: vec!["arn:aws:iam::aws:policy/PowerUserAccess".to_owned()],
        };
        let template = template("b", "q", Some(&trust));
        let role = |name: &str| template["Resources"][name]["Properties"].clone();
        let caller =
            &role("DeploymentRole")["AssumeRolePolicyDocument"]["Statement"][0]["Principal"]["AWS"];
        let expected = json!([
            { "Fn::Sub": "arn:${AWS::Partition}:iam::${AWS::AccountId}:root" },
            { "Fn::Sub": "arn:${AWS::Partition}:iam::222222222222:root" },
        ]);
        assert_eq!(*caller, expected);
        assert_eq!(
            role("ExecutionRole")["ManagedPolicyArns"],
            json!(trust.policies)
        );
    }
}
