//! Roles that nobody may assume, portals and hosts that nobody reaches: no profile is told to be at fault for them.

use std::process::Command;

use cloudwright_runtime::harness::http::{Reply, Server};
use tests::deploys::Deployer;

use super::callers::refusal;
use super::{stack, stopped};

const OWN: &str = "000000000000";
const ROLE: &str = "arn:aws:iam::123456789012:role/Deployer";
const KEYS: &str = "aws_access_key_id = AKIAOFASOURCE\naws_secret_access_key = s\n";
const HELP: &str = "see that the role is there, that its trust policy lets this caller in";

/// What STS says to whoever may not assume a role.
const NOT_TRUSTED: &str = "User: arn:aws:iam::000000000000:user/Ada is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::123456789012:role/Deployer";

/// STS as it answers callers who are known and whom no role trusts, and the portal to which one of them is signed in.
fn untrusting() -> Server {
    Server::start(|request| {
        if request.path().starts_with("/federation/credentials") {
            let keys = r#"{"accessKeyId": "AKIAOFASESSION", "secretAccessKey": "s", "sessionToken": "t", "expiration": 32503680000000}"#;
            return Reply::new(200, format!("{{\"roleCredentials\": {keys}}}"));
        }
        let asked = request.text();
        if asked.starts_with("Action=GetCallerIdentity") {
            return known();
        }
        let role = asked.starts_with("Action=AssumeRole&") && asked.contains("role%2FDeployer");
        assert!(role, "{asked}");
        refusal("AccessDenied", NOT_TRUSTED)
    })
    .unwrap()
}

/// The answer to a caller whose credentials are good.
fn known() -> Reply {
    let text = format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>arn:aws:iam::{OWN}:user/Ada</Arn><UserId>A</UserId><Account>{OWN}</Account></GetCallerIdentityResult>\
         <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
    );
    Reply::new(200, text).with("content-type", "text/xml")
}

/// A deployer of a stack in an account, and its configuration of AWS.
fn configured(endpoint: &str, account: &str, text: &str) -> (Deployer, String) {
    let mut stack = stack();
    stack.place.0 = account.to_owned();
    let deployer = Deployer::at(endpoint, &[stack]);
    let file = deployer.folder().join("config");
    std::fs::write(&file, text).unwrap();
    let file = file.display().to_string();
    (deployer, file)
}

fn status(of: &(Deployer, String), words: &[&str]) -> Command {
    let mut command = of.0.command(&[&["status"], words].concat());
    command.env("AWS_CONFIG_FILE", &of.1);
    command
}

/// The line of the error, whole.
#[track_caller]
fn says(command: &mut Command, said: &str, help: &str) {
    let run = stopped(command, 1, said, help);
    let line = format!("error: {said}\n");
    assert!(run.err.starts_with(&line), "{}", run.err);
}

#[test]
fn a_role_of_a_profile_that_nobody_may_assume_is_told_with_who_wanted_to() {
    let server = untrusting();
    let keys = r#"{"Version": 1, "AccessKeyId": "AKIAOFAPROCESS", "SecretAccessKey": "s"}"#;
    let text = format!(
        "[profile keys]\n{KEYS}[profile process]\ncredential_process = echo '{keys}'\n\
         [profile admin]\nrole_arn = {ROLE}\nsource_profile = keys\n\
         [profile other]\nrole_arn = {ROLE}\nsource_profile = process\n\
         [profile self]\nrole_arn = {ROLE}\nsource_profile = self\n{KEYS}\
         [profile environment]\nrole_arn = {ROLE}\ncredential_source = Environment\n\
         [profile session]\nrole_arn = {ROLE}\nsource_profile = dev\n{SESSION}\
         [profile upper]\nrole_arn = arn:aws:iam::123456789012:role/Upper\nsource_profile = admin\n"
    );
    let configured = configured(&server.url(), OWN, &text);
    sign_in(&configured.0);
    let file = &configured.1;
    let refused = |of: &str, by: &str| {
        format!(
            "the role {ROLE} of {of} cannot be assumed by {by}: AssumeRole: AccessDenied: {NOT_TRUSTED}"
        )
    };
    for (profile, by) in [
        ("admin", "its `source_profile` \"keys\""),
        ("other", "its `source_profile` \"process\""),
        ("session", "its `source_profile` \"dev\""),
        ("self", "its own keys"),
        ("environment", "its `credential_source` Environment"),
    ] {
        let mut command = status(&configured, &["--profile", profile]);
        let of = format!("the profile \"{profile}\" (--profile) in {file}");
        says(&mut command, &refused(&of, by), HELP);
    }
    // Of two roles it is the one that the answer names.
    let mut command = status(&configured, &["--profile", "upper"]);
    let of = format!("the profile \"admin\" in {file}, to which \"upper\" (--profile) leads,");
    says(
        &mut command,
        &refused(&of, "its `source_profile` \"keys\""),
        HELP,
    );
}

#[test]
fn a_role_of_the_command_line_that_nobody_may_assume_is_no_fault_of_a_profile() {
    let server = untrusting();
    let keys = r#"{"Version": 1, "AccessKeyId": "AKIAOFAPROCESS", "SecretAccessKey": "s"}"#;
    let text = format!(
        "[default]\naws_access_key_id = half\n[profile corp]\ncredential_process = echo '{keys}'\n"
    );
    let configured = configured(&server.url(), "123456789012", &text);
    let said = format!(
        "the role {ROLE} (--assume-role) cannot be assumed by the caller, of account {OWN}: AssumeRole: AccessDenied: {NOT_TRUSTED}"
    );
    let role = ["--assume-role", "Deployer"];
    // Keys in variables, beside a profile by default that is half written, or one that a variable names and that is not there.
    says(&mut status(&configured, &role), &said, HELP);
    let mut named = status(&configured, &role);
    says(named.env("AWS_PROFILE", "nope"), &said, HELP);
    // A profile that leads to credentials.
    let words = [&role[..], &["--profile", "corp"]].concat();
    says(&mut status(&configured, &words), &said, HELP);
}

/// A profile by a session in IAM Identity Center, and the session.
const SESSION: &str = "[sso-session corp]\nsso_start_url = https://d-1.awsapps.com/start\nsso_region = eu-central-1\n\
    [profile dev]\nsso_session = corp\nsso_account_id = 123456789012\nsso_role_name = Dev\n";

/// Leaves what `aws sso login` leaves: the token of the session, in a file named by the hash of `corp`.
fn sign_in(deployer: &Deployer) {
    let folder = deployer.folder().join(".aws/sso/cache");
    std::fs::create_dir_all(&folder).unwrap();
    let token = r#"{"accessToken": "t", "expiresAt": "2999-01-01T00:00:00Z"}"#;
    let file = "ee0bfd2552fbd840c02cc48b6e823320543c450f.json";
    std::fs::write(folder.join(file), token).unwrap();
}

#[test]
fn a_host_that_is_not_reached_is_no_lack_of_a_session() {
    let text = format!(
        "[profile admin]\nrole_arn = {ROLE}\nsource_profile = keys\n[profile keys]\n{KEYS}{SESSION}"
    );
    let configured = configured("http://127.0.0.1:1", OWN, &text);
    let mut admin = status(&configured, &["--profile", "admin"]);
    let said = "error: AssumeRole: no connection: ";
    let run = stopped(&mut admin, 1, said, "check the network");
    assert!(run.err.contains(" (region eu-central-1)\n"), "{}", run.err);
    sign_in(&configured.0);
    let mut dev = status(&configured, &["--profile", "dev"]);
    let said = format!(
        "error: the portal of the profile \"dev\" (--profile) in {} is not reached: no connection: ",
        configured.1
    );
    let _ = stopped(&mut dev, 1, &said, "check the network and the `sso_region`");
}

#[test]
fn what_a_portal_answers_tells_whether_anybody_is_signed_in() {
    let answers = [
        (
            "UnauthorizedException",
            401,
            "nobody is signed in by",
            "`aws sso login --profile dev`",
        ),
        (
            "ForbiddenException",
            403,
            "the portal gives no credentials to",
            "see that whoever is signed in has the profile's `sso_role_name`",
        ),
        // Of anything else nothing is claimed.
        (
            "InvalidRequestException",
            400,
            "InvalidRequestException: what it says",
            "sign in (",
        ),
    ];
    for (code, answered, said, help) in answers {
        let server = Server::start(move |request| {
            let path = request.path();
            assert!(path.starts_with("/federation/credentials"), "{path}");
            let body = r#"{"message": "what it says"}"#;
            Reply::new(answered, body).with("x-amzn-errortype", code)
        })
        .unwrap();
        let configured = configured(&server.url(), OWN, SESSION);
        sign_in(&configured.0);
        let mut dev = status(&configured, &["--profile", "dev"]);
        let err = stopped(&mut dev, 1, said, help).err;
        let is_signed_in = code != "UnauthorizedException";
        assert_eq!(err.contains("nobody is signed in"), !is_signed_in, "{err}");
        assert!(err.contains("what it says") && err.contains(code), "{err}");
    }
}
