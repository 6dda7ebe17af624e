//! `local`, as a newcomer uses it: a local AWS is prepared and started, the stacks are deployed to it, something
//! goes in and its effect comes out, and all is gone afterwards.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use tests::aws::{Aws, Caller, wait_for};
use tests::deploys::{Deployer, Run, TestStack, run};
use tests::tools::{cargo_cloudwright, isolated, quickstart};

/// A folder in which a local AWS is used. It is down when the test is over, however that ends.
struct Place {
    folder: TempDir,
    program: std::path::PathBuf,
}

impl Place {
    fn of(program: std::path::PathBuf) -> Self {
        let folder = TempDir::new().expect("a temporary folder for a project");
        Self { folder, program }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        local(self.folder.path(), &self.program, arguments)
    }

    fn local(&self, arguments: &[&str]) -> Run {
        run(&mut self.command(arguments))
    }

    /// The document that a verb prints with `--json`.
    #[track_caller]
    fn document(&self, arguments: &[&str]) -> Value {
        let run = self.local(&[arguments, &["--json"]].concat()).ended(0);
        serde_json::from_str(&run.out).unwrap_or_else(|why| panic!("{why}: {run:?}"))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = self.command(&["down"]).output();
    }
}

/// `local` with these arguments. The environment of the engine is made once for all runs of this checkout: the
/// first one downloads it, as a user's does.
fn local(folder: &Path, program: &Path, arguments: &[&str]) -> Command {
    let mut command = isolated(program);
    command
        .current_dir(folder)
        .arg("local")
        .args(arguments)
        .env(
            "CLOUDWRIGHT_HOME",
            Path::new(env!("CARGO_TARGET_TMPDIR")).join("cloudwright-home"),
        )
        .env("HOME", folder)
        // Whoever has credentials and another engine is not asked for them.
        .env("AWS_PROFILE", "no-such-profile")
        .env("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1")
        .stdin(Stdio::null());
    command
}

/// Whether a process has ended, whether or not somebody has taken notice.
fn is_over(process: &str) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{process}/stat")) else {
        return true;
    };
    let state = stat.rsplit_once(") ").map(|(_, rest)| &rest[..1]);
    matches!(state, Some("Z" | "X"))
}

/// A client as `local env` says.
fn client(variables: &Value) -> Aws {
    let text = |name: &str| variables["variables"][name].as_str().unwrap().to_owned();
    let caller = Caller {
        key: text("AWS_ACCESS_KEY_ID"),
        secret: text("AWS_SECRET_ACCESS_KEY"),
        token: None,
    };
    Aws::with_caller(&text("AWS_ENDPOINT_URL"), &text("AWS_REGION"), caller)
}

#[test]
fn a_newcomer_sees_an_upload_become_work_again_and_again() {
    let place = Place::of(quickstart());
    for _ in 0..2 {
        let started = place.document(&["up"]);
        assert_eq!(started["state"], "started", "{started}");
        let found = place.document(&["up"]);
        assert_eq!(
            (&found["state"], &found["process"]),
            (&json!("running"), &started["process"])
        );

        let created = place.local(&["deploy", "--json"]).ended(0);
        assert_eq!(created.stack("Uploads")["outcome"], "created");
        assert!(
            created
                .err
                .contains("LifecycleConfiguration of AWS::S3::Bucket is not done"),
            "{}",
            created.err
        );
        let outputs = &created.stack("Uploads")["outputs"];
        let aws = client(&place.document(&["env"]));
        let [bucket, jobs] =
            ["BucketName", "JobsUrl"].map(|name| outputs[name].as_str().unwrap().to_owned());
        for message in aws.take_messages(&jobs) {
            assert!(message["Body"].as_str().unwrap().contains("s3:TestEvent"));
        }
        aws.put_object(&bucket, "incoming/a.txt", "hello");
        let told = aws.await_messages(&jobs);
        assert!(
            told[0]["Body"].as_str().unwrap().contains("incoming/a.txt"),
            "{told:?}"
        );

        let again = place.local(&["deploy", "--json"]).ended(0);
        assert_eq!(again.stack("Uploads")["outcome"], "unchanged");
        assert_eq!(place.document(&["down"])["state"], "stopped");
        assert_eq!(place.document(&["down"])["state"], "absent");
    }
    let missing = place.local(&["status"]).ended(2);
    assert!(
        missing.err.contains("start it: `local up`"),
        "{}",
        missing.err
    );
}

/// `local deploy` is the first command of the tutorial: what is not there yet is started on the way, and the same again when
/// it was ended.
#[test]
fn the_first_command_may_be_a_deployment() {
    let place = Place::of(quickstart());
    for _ in 0..2 {
        let created = place.local(&["deploy", "--json"]).ended(0);
        assert_eq!(created.stack("Uploads")["outcome"], "created");
        assert_eq!(place.document(&["down"])["state"], "stopped");
    }
}

#[test]
fn two_projects_have_two_engines_and_a_lost_one_is_told_and_started_anew() {
    let (one, other) = (Place::of(quickstart()), Place::of(quickstart()));
    let (first, second) = (one.document(&["up"]), other.document(&["up"]));
    assert_ne!(first["endpointUrl"], second["endpointUrl"]);

    let process = first["process"].to_string();
    let killed = Command::new("kill").args(["-9", &process]).status();
    assert!(killed.is_ok_and(|status| status.success()));
    // The kernel ends it a while after it was told to.
    wait_for("the end of the engine", || is_over(&process).then_some(()));
    let lost = one.local(&["down"]).ended(1);
    let said = format!("process {process}, was ended by something else");
    assert!(lost.err.contains(&said), "{}", lost.err);
    assert_eq!(one.document(&["up"])["state"], "started");
    assert_eq!(other.document(&["up"])["state"], "running");

    // One that is only busy stays as it is, whatever is asked of it.
    let process = second["process"].to_string();
    let signal = |name: &str| {
        Command::new("kill")
            .args([name, &process])
            .status()
            .unwrap()
    };
    assert!(signal("-STOP").success());
    let told: Vec<_> = ["up", "status", "down"]
        .map(|verb| other.local(&[verb]))
        .into();
    assert!(signal("-CONT").success());
    for run in told {
        assert!(run.ended(1).err.contains("does not answer just now"));
    }
    let answers = || (other.local(&["up"]).code == 0).then_some(());
    wait_for("an engine that goes on", answers);
    assert_eq!(other.document(&["up"])["process"], second["process"]);
    assert_eq!(other.document(&["down"])["state"], "stopped");
}

/// A page signs whatever it likes: every key is known.
#[test]
fn pages_of_a_browser_are_refused_and_a_shell_forgets_what_leads_elsewhere() {
    let place = Place::of(quickstart());
    let port = place.document(&["up"])["endpointUrl"]
        .as_str()
        .unwrap()
        .rsplit(':')
        .next()
        .unwrap()
        .to_owned();
    let status = |headers: &str| {
        let mut stream = std::net::TcpStream::connect(format!("127.0.0.1:{port}")).unwrap();
        let request = format!("OPTIONS /bucket HTTP/1.0\r\n{headers}\r\n");
        std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
        let mut answer = String::new();
        std::io::Read::read_to_string(&mut stream, &mut answer).unwrap();
        answer.split(' ').nth(1).unwrap().to_owned()
    };
    let local = format!("Host: 127.0.0.1:{port}\r\n");
    assert_eq!(status(&local), "200");
    assert_eq!(
        status(&format!("{local}Origin: http://localhost:3000\r\n")),
        "200"
    );
    assert_eq!(
        status(&format!("{local}Origin: https://example.com\r\n")),
        "403"
    );
    assert_eq!(status(&format!("{local}Origin: null\r\n")), "403");
    assert_eq!(
        status(&format!("Host: rebound.example.com:{port}\r\n")),
        "403"
    );

    let mut shell = isolated(Path::new("sh"));
    let lines = place.local(&["env"]).ended(0).out;
    shell.args(["-c", &format!("{lines}env")]);
    shell
        .env("AWS_SESSION_TOKEN", "real")
        .env("AWS_ENDPOINT_URL_S3", "http://127.0.0.1:1");
    let after = run(&mut shell).ended(0).out;
    assert!(
        after.contains(&format!("AWS_ENDPOINT_URL=http://127.0.0.1:{port}\n")),
        "{after}"
    );
    assert!(
        !after.contains("real") && !after.contains("AWS_ENDPOINT_URL_S3"),
        "{after}"
    );
}

/// An app of two accounts and two regions, without profiles and without credentials.
#[test]
fn all_accounts_and_regions_of_an_app_are_deployed_and_what_is_not_known_is_told_before() {
    let places = [
        ("111111111111", "eu-central-1"),
        ("222222222222", "us-west-2"),
    ];
    let document = json!({ "Type": "AWS::SSM::Document",
        "Properties": { "Name": "sync", "Content": { "schemaVersion": "2.2", "mainSteps": [] } } });
    let stack = |(account, region): (&str, &str), more: &[(&str, Value)]| {
        let mut resources = json!({ "Jobs": { "Type": "AWS::SQS::Queue" }, "Sync": document });
        for (id, resource) in more {
            resources[*id] = resource.clone();
        }
        let template = json!({ "Resources": resources, "Outputs": {
            "Url": { "Value": { "Ref": "Jobs" } }, "Document": { "Value": { "Ref": "Sync" } } } });
        let mut stack = TestStack::new(&format!("In-{account}"), region, template);
        account.clone_into(&mut stack.place.0);
        // A file, so that each place needs a bucket.
        stack.files = vec![("data.json".to_owned(), b"{}".to_vec())];
        stack
    };
    let deployer = Deployer::at("http://127.0.0.1:1", &places.map(|place| stack(place, &[])));
    let local = |arguments: &[&str]| {
        run(&mut local(
            deployer.folder(),
            &cargo_cloudwright(),
            arguments,
        ))
    };
    let deployed = local(&["deploy", "--json"]);
    let document = &deployed.stack("In-111111111111");
    let unknown = json!({ "Type": "AWS::EC2::Instance" });
    deployer.write(&[
        stack(places[0], &[("Server", unknown)]),
        stack(places[1], &[]),
    ]);
    let refused = local(&["deploy"]);
    let failed = local(&["destroy", "--app", "cloudwright.out"]);
    let elsewhere = local(&["status", "--endpoint-url", "http://127.0.0.1:1"]);
    let _ = local(&["down"]);

    let deployed = deployed.ended(0);
    assert!(
        deployed
            .err
            .contains("AWS::SSM::Document is written down, and nothing is done with it"),
        "{}",
        deployed.err
    );
    assert_eq!(document["outputs"]["Document"], "sync");
    for (account, _) in places {
        let url = deployed.stack(&format!("In-{account}"))["outputs"]["Url"].clone();
        assert!(
            url.as_str().unwrap().contains(&format!("/{account}/")),
            "{url}"
        );
    }
    let refused = refused.ended(1);
    for said in [
        "AWS::EC2::Instance",
        "src/In-111111111111.rs:7",
        "`local deploy --exclusively In-222222222222`",
    ] {
        assert!(refused.err.contains(said), "{}", refused.err);
    }
    let failed = failed.ended(4);
    assert!(
        failed.err.contains("--allow-data-loss")
            && elsewhere.ended(2).err.contains("takes no --endpoint-url")
    );
}
