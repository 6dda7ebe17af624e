//! Profiles of the AWS configuration that are not there, or that lead to no credentials.

use std::fs;
use std::process::Command;

use cloudwright_runtime::harness::http::Server;
use tests::deploys::Deployer;

use super::callers::{refusal, unsigned};
use super::{stack, stopped};

#[test]
fn a_profile_that_is_not_there_is_named_and_no_keys_take_its_place() {
    let deployer = Deployer::at("http://127.0.0.1:1", &[stack()]);
    let named =
        |words: &[&'static str]| deployer.command(&[words, &["--profile", "nope"]].concat());
    let file = deployer.folder().join("credentials");
    let other = "[other]\naws_access_key_id = a\naws_secret_access_key = b\n";
    std::fs::write(&file, other).unwrap();
    for words in [&["deploy", "--yes"][..], &["status"]] {
        let mut command = named(words);
        command.env("AWS_SHARED_CREDENTIALS_FILE", &file);
        let said = format!(
            "there is no profile \"nope\" (--profile) in ~/.aws/config or {}",
            file.display()
        );
        let said = &said;
        let _ = stopped(&mut command, 2, said, "the profiles are other");
        // Without a region anywhere the profile is still what is wrong.
        let open = Deployer::at("http://127.0.0.1:1", &[super::places::open()]);
        let mut command = open.command(&[words, &["--profile", "nope"]].concat());
        command.env_remove("AWS_REGION");
        command.env("AWS_SHARED_CREDENTIALS_FILE", &file);
        let _ = stopped(&mut command, 2, said, "the profiles are other");
        // Nobody has made one, and a variable names it.
        let mut command = deployer.command(words);
        unsigned(&mut command);
        command.env("AWS_PROFILE", "nope");
        let said =
            "there is no profile \"nope\" (AWS_PROFILE) in ~/.aws/config or ~/.aws/credentials";
        let _ = stopped(&mut command, 2, said, "`aws configure sso`");
    }
}

/// One that only names a region, and a file that nobody can read.
#[test]
fn a_profile_without_credentials_is_named_and_so_is_a_broken_file() {
    let deployer = Deployer::at("http://127.0.0.1:1", &[stack()]);
    let file = deployer.folder().join("config");
    let status = |variable: &str| {
        let mut command = deployer.command(&["status", "--profile", "other"]);
        command.env(variable, &file);
        command
    };
    std::fs::write(&file, "[profile other]\nregion = eu-central-1\n").unwrap();
    let said = format!(
        "the profile \"other\" (--profile) in {} has no credentials",
        file.display()
    );
    let said = &said;
    let _ = stopped(&mut status("AWS_CONFIG_FILE"), 1, said, "sign in (");
    std::fs::write(&file, "[profile other\n").unwrap();
    let said = "the AWS configuration cannot be read: error parsing ";
    let _ = stopped(&mut status("AWS_CONFIG_FILE"), 3, said, "mend the file");
}

/// A configuration, and the command that takes a profile of it.
struct Configured {
    deployer: Deployer,
    file: String,
}

impl Configured {
    fn new(text: &str) -> Self {
        let deployer = Deployer::at("http://127.0.0.1:1", &[stack()]);
        let file = deployer.folder().join("config");
        fs::write(&file, text).unwrap();
        let file = file.display().to_string();
        Self { deployer, file }
    }

    fn command(&self, profile: &[&str]) -> Command {
        let mut command = self.deployer.command(&[&["status"], profile].concat());
        unsigned(&mut command);
        command.env("AWS_CONFIG_FILE", &self.file);
        command
    }

    /// What is said of a profile: the whole line but its beginning, and a part of what to do.
    #[track_caller]
    fn says(&self, profile: &str, code: i32, what: &str, help: &str) {
        let mut command = self.command(&["--profile", profile]);
        let said = format!(
            "error: the profile \"{profile}\" (--profile) in {} {what}",
            self.file
        );
        let run = stopped(&mut command, code, &said, help);
        assert!(run.err.starts_with(&format!("{said}\n")), "{}", run.err);
    }
}

const ROLE: &str = "role_arn = arn:aws:iam::123456789012:role/Dev";
const PORTAL: &str = "sso_start_url = https://d-1.awsapps.com/start\nsso_region = eu-central-1";
const AS: &str = "sso_account_id = 123456789012\nsso_role_name = Dev";
/// A profile's name, what stands in it, what is said of it, and what to do.
type Incomplete = (
    &'static str,
    &'static [&'static str],
    &'static str,
    &'static str,
);

const INCOMPLETE: &[Incomplete] = &[
    (
        "account",
        &[PORTAL, "sso_role_name = Dev"],
        "has no `sso_account_id`",
        "`aws configure sso --profile account`",
    ),
    (
        "nobody",
        &[PORTAL],
        "has no `sso_account_id` and no `sso_role_name`",
        "`aws configure sso --profile nobody`",
    ),
    (
        "portal",
        &[AS, "sso_region = eu-central-1"],
        "has no `sso_start_url`",
        "`aws configure sso --profile portal`",
    ),
    (
        "gone",
        &[AS, "sso_session = corp"],
        "names the `sso_session` \"corp\", which is not there",
        "there is half, whole; `aws configure sso-session`",
    ),
    (
        "half",
        &[AS, "sso_session = half"],
        "has the `sso_session` \"half\", which has no `sso_region`",
        "add it to [sso-session half]",
    ),
    (
        "open",
        &["sso_session = whole\nsso_account_id = 1"],
        "has no `sso_role_name`",
        "`aws configure sso --profile open`",
    ),
    (
        "twice",
        &[AS, "sso_session = whole\nsso_region = eu-central-1"],
        "says `sso_region` beside its `sso_session`, which says it",
        "take it out of the profile: it belongs to [sso-session whole]",
    ),
    (
        "role",
        &[ROLE],
        "has a `role_arn`, and says of nobody who assumes it",
        "add `source_profile = NAME`",
    ),
    (
        "double",
        &[
            ROLE,
            "source_profile = keys\ncredential_source = Environment",
        ],
        "has both `source_profile` and `credential_source`",
        "keep the one that is meant",
    ),
    (
        "lost",
        &[ROLE, "source_profile = nope"],
        "names the `source_profile` \"nope\", which is not there",
        "write the name of one that is",
    ),
    (
        "circle",
        &[ROLE, "source_profile = double-circle"],
        "leads round in a circle by `source_profile`: circle, double-circle, circle",
        "let one of them have credentials",
    ),
    (
        "source",
        &[ROLE, "credential_source = Ec2Instance"],
        "names the `credential_source` \"Ec2Instance\", which is none",
        "Environment, Ec2InstanceMetadata, EcsContainer",
    ),
    (
        "token",
        &[ROLE, "web_identity_token_file = /no/such/token"],
        "names the `web_identity_token_file` \"/no/such/token\", which cannot be read: No such file or directory (os error 2)",
        "let it name the file that the token is written to",
    ),
    (
        "unnamed",
        &["web_identity_token_file = /no/such/token"],
        "has a `web_identity_token_file`, but no `role_arn`",
        "add the role that the token is for",
    ),
    (
        "secret",
        &["aws_access_key_id = a"],
        "has `aws_access_key_id`, but no `aws_secret_access_key`",
        "add `aws_secret_access_key` to it",
    ),
    (
        "console",
        &["login_session = arn:aws:iam::123456789012:user/Ada"],
        "has its credentials from `aws login`, which this program cannot ask",
        "aws configure export-credentials --profile console",
    ),
];

#[test]
fn an_incomplete_profile_is_told_with_its_file_and_what_it_lacks() {
    let mut text = format!(
        "[sso-session half]\nsso_start_url = https://d-1.awsapps.com/start\n[sso-session whole]\n{PORTAL}\n\
         [profile keys]\naws_access_key_id = a\naws_secret_access_key = b\n\
         [profile double-circle]\n{ROLE}\nsource_profile = circle\n"
    );
    for (name, inner, ..) in INCOMPLETE {
        let inner = inner.join("\n");
        text += &format!("[profile {name}]\nregion = eu-central-1\n{inner}\n");
    }
    let configured = Configured::new(&text);
    for (name, _, what, help) in INCOMPLETE {
        configured.says(name, 3, what, help);
    }
}

/// The one that another leads to is named, and so is the one that nobody asks for.
#[test]
fn the_profile_that_lacks_something_is_named_whoever_asked_for_it() {
    let configured = Configured::new(
        "[default]\naws_access_key_id = a\n[profile empty]\nregion = eu-central-1\n\
         [profile admin]\nrole_arn = arn:aws:iam::123456789012:role/Dev\nsource_profile = empty\n",
    );
    let file = &configured.file;
    let mut admin = configured.command(&["--profile", "admin"]);
    let said = format!(
        "error: the profile \"empty\" in {file}, to which \"admin\" (--profile) leads, has no credentials\n"
    );
    let run = stopped(&mut admin, 3, said.trim_end(), "`aws configure sso`");
    assert!(run.err.starts_with(&said), "{}", run.err);
    let mut nobody = configured.command(&[]);
    let said = format!(
        "the profile \"default\" (by default) in {file} has `aws_access_key_id`, but no `aws_secret"
    );
    let _ = stopped(&mut nobody, 3, &said, "add `aws_secret_access_key` to it");
    // Keys in variables count more, and nobody looks at it.
    let mut signed = configured.command(&[]);
    signed.env("AWS_ACCESS_KEY_ID", "test");
    signed.env("AWS_SECRET_ACCESS_KEY", "test");
    let _ = stopped(&mut signed, 1, "no connection: ", "check the network");
}

#[test]
fn whoever_is_not_signed_in_is_told_by_which_profile() {
    let place = "sso_start_url = https://d-1.awsapps.com/start\nsso_region = eu-central-1\n";
    let who = "sso_account_id = 123456789012\nsso_role_name = Dev\n";
    let configured = Configured::new(&format!(
        "[profile plain]\n{place}{who}[sso-session corp]\n{place}[profile dev]\nsso_session = corp\n{who}"
    ));
    for profile in ["plain", "dev"] {
        let mut command = configured.command(&["--profile", profile]);
        let said = format!(
            "nobody is signed in by the profile \"{profile}\" (--profile) in {}: ",
            configured.file
        );
        let help = format!("`aws sso login --profile {profile}`");
        let _ = stopped(&mut command, 1, &said, &help);
    }
}

/// A program that prints credentials: what it prints is taken, and what it says when it fails is told.
#[test]
fn credentials_come_from_a_process_too() {
    let keys = r#"{"Version": 1, "AccessKeyId": "AKIAOFAPROCESS", "SecretAccessKey": "s", "SessionToken": "t"}"#;
    let wrong = [
        (
            "fails",
            r#"sh -c "echo the VPN is off >&2; exit 3""#,
            "external process exited with code exit status: 3. Stderr: the VPN is off",
        ),
        (
            "rubbish",
            "echo hello",
            "could not parse response: invalid JSON in response",
        ),
        (
            "half",
            r#"echo '{"Version": 1, "AccessKeyId": "a"}'"#,
            "Expected field `SecretAccessKey` in response",
        ),
    ];
    let mut text = format!("[profile good]\ncredential_process = echo '{keys}'\n");
    for (name, command, _) in wrong {
        text += &format!("[profile {name}]\ncredential_process = {command}\n");
    }
    let configured = Configured::new(&text);
    for (name, _, said) in wrong {
        let mut command = configured.command(&["--profile", name]);
        let file = &configured.file;
        let begin = format!(
            "the `credential_process` of the profile \"{name}\" (--profile) in {file} gave no credentials: "
        );
        let run = stopped(&mut command, 1, &begin, "run it by hand");
        assert!(run.err.contains(said), "{}", run.err);
    }
    let server = Server::start(|request| {
        let signed = request.header("authorization").unwrap_or_default();
        assert!(signed.contains("Credential=AKIAOFAPROCESS/"), "{signed}");
        refusal("ExpiredToken", "the caller of the process")
    })
    .unwrap();
    let mut command = configured.command(&["--profile", "good", "--endpoint-url", &server.url()]);
    let _ = stopped(
        &mut command,
        1,
        "the caller of the process",
        "sign in again",
    );
}

/// The region is what is missing, whatever a profile lacks that nobody looked at.
#[test]
fn keys_in_variables_without_a_region_say_nothing_of_a_profile() {
    let deployer = Deployer::at("http://127.0.0.1:1", &[super::places::open()]);
    let file = deployer.folder().join("config");
    let text = format!("[sso-session corp]\n{PORTAL}\n[profile ci]\nsso_session = corp\n");
    fs::write(&file, text).unwrap();
    let mut command = deployer.command(&["status"]);
    command.env_remove("AWS_REGION");
    command
        .env("AWS_CONFIG_FILE", &file)
        .env("AWS_PROFILE", "ci");
    let _ = stopped(
        &mut command,
        2,
        "error: there is no region",
        "name one: `--region",
    );
}

/// Files are told as they are written and read where the SDK reads them; a session of the same name is no profile.
#[test]
fn a_file_is_found_below_the_home_folder_and_by_its_profile_alone() {
    let deployer = Deployer::at("http://127.0.0.1:1", &[stack()]);
    let write = |file: &str, text: &str| {
        fs::write(deployer.folder().join(file), text).unwrap();
    };
    write(
        "config",
        "[sso-session corp]\nsso_region = eu-central-1\n[services corp]\n",
    );
    write("credentials", "[corp]\naws_access_key_id = a\n");
    let mut command = deployer.command(&["status", "--profile", "corp"]);
    command
        .env("AWS_CONFIG_FILE", "~/config")
        .env("AWS_SHARED_CREDENTIALS_FILE", "~/credentials");
    let said = "error: the profile \"corp\" (--profile) in ~/credentials has `aws_access_key_id`, but no `aws_secret_access_key`";
    let help = "add `aws_secret_access_key` to it";
    let run = stopped(&mut command, 3, said, help);
    assert!(run.err.starts_with(&format!("{said}\n")), "{}", run.err);
}
