//! Containers: one program of a task.

use std::time::Duration;

use cloudwright_synth::Builder as _;
use cloudwright_synth::{IntoValue, Json, Scope, Text, Value};

use super::HealthCheck;
use crate::cfn::ecs::task_definition as l1;
use crate::ecr::RepositoryRef;
use crate::plaintext::secret;
use crate::rules;
use crate::secretsmanager::SecretRef;
use crate::units::check_seconds;

/// How long Fargate waits for a container to stop, at most, in seconds.
const LONGEST_STOP: i64 = 120;

/// Where the image of a container is
/// ([AWS](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html)).
#[derive(Clone)]
pub struct Image {
    uri: Value<String>,
    pub(crate) repository: Option<RepositoryRef>,
    /// Whether it is made with the stack, and pushed to the bootstrap's repository.
    pub(super) is_made: bool,
}

impl Image {
    /// A public image, or one that the task's execution role may pull, such as `public.ecr.aws/nginx/nginx:1.29`. Images are
    /// not built of Dockerfiles here.
    pub fn uri(uri: impl IntoValue<String>) -> Self {
        Self {
            uri: uri.into_value(),
            repository: None,
            is_made: false,
        }
    }

    /// An image of a repository by its tag. The task may pull it.
    pub fn tagged(repository: &RepositoryRef, tag: impl IntoValue<String>) -> Self {
        Self::of(repository, ":", &tag.into_value())
    }

    /// An image of a repository by what it is, such as `sha256:6c3c..`, which never becomes another one. The task
    /// may pull it.
    pub fn digest(repository: &RepositoryRef, digest: impl IntoValue<String>) -> Self {
        Self::of(repository, "@", &digest.into_value())
    }

    /// An image that is made with the stack, by its tag in the bootstrap's repository.
    #[cfg(feature = "queue-worker")]
    pub(crate) fn made(repository: &RepositoryRef, tag: String) -> Self {
        Self {
            is_made: true,
            ..Self::tagged(repository, tag)
        }
    }

    fn of(repository: &RepositoryRef, separator: &'static str, version: &Value<String>) -> Self {
        let uri = Json::concat(vec![
            repository.uri().as_json().clone(),
            Json::Text(separator.into()),
            version.as_json().clone(),
        ]);
        Self {
            uri: Value::from_json(uri),
            repository: Some(repository.clone()),
            is_made: false,
        }
    }
}

/// Whether a text is the path of a Dockerfile or its folder: no image has such a URI.
fn is_dockerfile(text: &str) -> bool {
    let last = text.rsplit('/').next().unwrap_or(text);
    text.starts_with(['.', '/', '~']) || last.starts_with("Dockerfile")
}

/// What another container of the task has to be before one starts
/// ([AWS](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Started.
    Start,
    /// Ended, with whatever result.
    Complete,
    /// Ended well.
    Success,
    /// Well, by its health check.
    Healthy,
}

impl Needs {
    const fn name(self) -> &'static str {
        match self {
            Self::Start => "START",
            Self::Complete => "COMPLETE",
            Self::Success => "SUCCESS",
            Self::Healthy => "HEALTHY",
        }
    }
}

/// One program of a task ([AWS](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#container_definitions)).
///
/// Its file system can only be read, except for [`scratch`](Self::scratch) folders, and the task ends with it.
#[derive(Clone)]
#[must_use = "a container does nothing until a task has it: `task.container(..)`"]
pub struct Container {
    pub(super) name: Text,
    pub(super) image: Image,
    env: Vec<(Text, Json)>,
    pub(super) secrets: Vec<(Text, SecretRef, Option<Text>)>,
    command: Vec<Text>,
    entry_point: Vec<Text>,
    user: Option<Text>,
    folder: Option<Text>,
    ports: Vec<u16>,
    health: Option<HealthCheck>,
    stop: Option<Duration>,
    pub(super) scratch: Vec<Text>,
    needs: Vec<(Text, Needs)>,
    is_essential: bool,
    is_writable: bool,
}

impl Container {
    /// A container: up to 255 letters, digits, hyphens and underscores, and its image.
    pub fn new(name: impl Into<Text>, image: Image) -> Self {
        Self {
            name: name.into(),
            image,
            env: Vec::new(),
            secrets: Vec::new(),
            command: Vec::new(),
            entry_point: Vec::new(),
            user: None,
            folder: None,
            ports: Vec::new(),
            health: None,
            stop: None,
            scratch: Vec::new(),
            needs: Vec::new(),
            is_essential: true,
            is_writable: false,
        }
    }

    /// An environment variable. Everybody who may see the task may read it: a secret is passed by
    /// [`secret`](Self::secret).
    pub fn env(mut self, name: impl Into<Text>, value: impl IntoValue<String>) -> Self {
        self.env.push((name.into(), value.into_json()));
        self
    }

    /// An environment variable with the text of a secret, which Amazon ECS reads when the task starts.
    pub fn secret(mut self, name: impl Into<Text>, secret: &SecretRef) -> Self {
        self.secrets.push((name.into(), secret.clone(), None));
        self
    }

    /// As [`secret`](Self::secret), for one key of a secret that holds a JSON object.
    pub fn secret_key(
        mut self,
        name: impl Into<Text>,
        secret: &SecretRef,
        key: impl Into<Text>,
    ) -> Self {
        self.secrets
            .push((name.into(), secret.clone(), Some(key.into())));
        self
    }

    /// The arguments, in place of the image's.
    pub fn command<T: Into<Text>>(mut self, arguments: impl IntoIterator<Item = T>) -> Self {
        self.command = arguments.into_iter().map(Into::into).collect();
        self
    }

    /// The program, in place of the image's.
    pub fn entry_point<T: Into<Text>>(mut self, program: impl IntoIterator<Item = T>) -> Self {
        self.entry_point = program.into_iter().map(Into::into).collect();
        self
    }

    /// Whom it runs as, such as `65532` or `65532:65532`, in place of the image's user. See
    /// [`scratch`](Self::scratch) for what such a user may write to.
    pub fn user(mut self, user: impl Into<Text>) -> Self {
        self.user = Some(user.into());
        self
    }

    /// The folder that it starts in.
    pub fn working_directory(mut self, folder: impl Into<Text>) -> Self {
        self.folder = Some(folder.into());
        self
    }

    /// A TCP port that it listens at. Who may come in, the service's security group says.
    pub fn port(mut self, port: u16) -> Self {
        self.ports.push(port);
        self
    }

    /// How it tells that it works. A task of a service is replaced when it does not.
    pub fn health_check(mut self, check: HealthCheck) -> Self {
        self.health = Some(check);
        self
    }

    /// How long it has to end after it was told to (`SIGTERM`): 30 seconds unless said, up to 120.
    pub const fn stop_timeout(mut self, timeout: Duration) -> Self {
        self.stop = Some(timeout);
        self
    }

    /// A folder of its own, empty at the start and gone at the end, such as `/tmp`. It belongs to root. For another
    /// user the image has to say whose it is, which the folder takes over
    /// ([AWS](https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html)): `RUN chmod 1777 /tmp` and
    /// `VOLUME /tmp` in its Dockerfile.
    pub fn scratch(mut self, path: impl Into<Text>) -> Self {
        self.scratch.push(path.into());
        self
    }

    /// Waits for another container of the task.
    pub fn after(mut self, container: impl Into<Text>, needs: Needs) -> Self {
        self.needs.push((container.into(), needs));
        self
    }

    /// Lets the task go on when this container ends.
    pub const fn not_essential(mut self) -> Self {
        self.is_essential = false;
        self
    }

    /// Lets it write everywhere in its file system.
    pub const fn writable(mut self) -> Self {
        self.is_writable = true;
        self
    }

    pub(super) const fn is_essential(&self) -> bool {
        self.is_essential
    }

    pub(super) const fn is_writable(&self) -> bool {
        self.is_writable
    }

    /// The names of the volumes behind its scratch folders.
    pub(super) fn volumes(&self) -> impl Iterator<Item = String> {
        (0..self.scratch.len()).map(|number| format!("{}-{number}", self.name))
    }

    pub(super) fn check(&self, scope: &Scope, others: &[Self]) {
        let name = &*self.name;
        let is_plain = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '_');
        if name.is_empty() || name.len() > 255 || !name.chars().all(is_plain) {
            let message = format!(
                "a container's name is up to 255 letters, digits, hyphens and underscores, got \"{name}\""
            );
            scope.error(&rules::OUT_OF_RANGE, message, "such as \"worker\"");
        }
        if let Some(path) =
            Json::as_text(self.image.uri.as_json()).filter(|text| is_dockerfile(text))
        {
            let message = format!(
                "a container has an image by its URI, got \"{path}\": Dockerfiles are not built here"
            );
            let help = "build and push it (`docker build`, `docker push`), and name it: `Image::tagged(&repository, \"1.0.0\")`";
            scope.error(&rules::BAD_CODE, message, help);
        }
        for path in self.scratch.iter().filter(|path| !path.starts_with('/')) {
            let message = format!("a scratch folder begins with `/`, got \"{path}\"");
            scope.error(&rules::OUT_OF_RANGE, message, "such as \"/tmp\"");
        }
        self.check_user(scope);
        for (other, needs) in &self.needs {
            let other = (others.iter()).find(|one| one.name == *other).ok_or(other);
            if let Some((message, help)) = self.refusal(other, *needs, others) {
                scope.error(&rules::CONTRADICTION, message, help);
            }
        }
        self.check_env(scope);
    }

    /// Warns of folders that the user cannot write to.
    fn check_user(&self, scope: &Scope) {
        let is_root = |user: &Text| matches!(user.split(':').next(), Some("0" | "root"));
        if let Some(user) = self.user.as_ref().filter(|user| !is_root(user))
            && !self.scratch.is_empty()
        {
            let message = format!(
                "`{}` runs as {user}, and its scratch folders belong to root unless the image says otherwise",
                self.name
            );
            let help = "give them to that user in the image, where `VOLUME` names them too, and say the user there in place of `.user(..)`";
            scope.warn(&rules::CONTRADICTION, message, help);
        }
    }

    /// Why Amazon ECS would not have this container wait for another one
    /// ([AWS](https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html)).
    fn refusal(
        &self,
        other: Result<&Self, &Text>,
        needs: Needs,
        all: &[Self],
    ) -> Option<(String, &'static str)> {
        let name = &self.name;
        let other = match other {
            Ok(other) if other.name != *name => other,
            Ok(Self { name: missing, .. }) | Err(missing) => {
                let message =
                    format!("`{name}` waits for `{missing}`, which is no other of the task");
                return Some((message, "name another container of the task"));
            }
        };
        let ends = matches!(needs, Needs::Complete | Needs::Success);
        if ends && other.is_essential {
            let message = format!(
                "`{name}` waits for the end of `{}`, with which the task ends",
                other.name
            );
            return Some((message, "say `.not_essential()` of the one that ends first"));
        }
        if needs == Needs::Healthy && other.health.is_none() {
            let message = format!(
                "`{name}` waits for the health of `{}`, which tells none",
                other.name
            );
            return Some((
                message,
                "give it a `.health_check(..)`, or wait for `Needs::Start`",
            ));
        }
        if other.leads_to(name, all, all.len()) {
            let message = format!("`{name}` and `{}` wait for each other", other.name);
            return Some((message, "drop one `.after(..)` of the circle"));
        }
        None
    }

    /// Whether it waits for a container, over so many others at most.
    fn leads_to(&self, name: &Text, all: &[Self], steps: usize) -> bool {
        let leads = |(next, _): &(Text, Needs)| {
            let next = all.iter().find(|one| one.name == *next);
            next.is_some_and(|next| {
                next.name == *name || (steps > 0 && next.leads_to(name, all, steps - 1))
            })
        };
        self.needs.iter().any(leads)
    }

    fn check_env(&self, scope: &Scope) {
        let mut names: Vec<&Text> = self.env.iter().map(|(name, _)| name).collect();
        names.extend(self.secrets.iter().map(|(name, ..)| name));
        let twice = |at: &usize| names[..*at].contains(&names[*at]);
        if let Some(at) = (0..names.len()).find(twice) {
            let message = format!("the environment variable {} is set twice", names[at]);
            scope.error(&rules::CONTRADICTION, message, "drop one of the two");
        }
        for (name, value) in &self.env {
            if let Some(what) = value.as_text().and_then(|text| secret(name, text)) {
                let message = format!("the environment variable {name} holds {what} as plain text");
                let help = "keep it in Secrets Manager and pass it by `.secret(name, &secret)`";
                scope.error(&rules::PLAINTEXT_SECRET, message, help);
            }
        }
    }

    /// The container as CloudFormation has it, with its place for logs.
    pub(super) fn l1(&self, scope: &Scope, logs: l1::LogConfiguration) -> l1::ContainerDefinition {
        let mut l1 = l1::ContainerDefinition::new(self.image.uri.clone(), self.name.clone())
            .essential(self.is_essential)
            .readonly_root_filesystem(!self.is_writable)
            .log_configuration(logs);
        if !self.env.is_empty() {
            l1 = l1.environment(self.variables());
        }
        if !self.secrets.is_empty() {
            l1 = l1.secrets(self.secrets.iter().map(secret_l1).collect::<Vec<_>>());
        }
        if !self.command.is_empty() {
            l1 = l1.command(self.command.clone());
        }
        if !self.entry_point.is_empty() {
            l1 = l1.entry_point(self.entry_point.clone());
        }
        if let Some(user) = &self.user {
            l1 = l1.user(user.clone());
        }
        if let Some(folder) = &self.folder {
            l1 = l1.working_directory(folder.clone());
        }
        if let Some(health) = &self.health {
            l1 = l1.health_check(health.l1(scope));
        }
        if let Some(stop) = self.stop {
            let what = "the time to end";
            l1 = l1.stop_timeout(check_seconds(scope, what, stop, 0..=LONGEST_STOP));
        }
        self.surroundings(l1)
    }

    fn variables(&self) -> Vec<l1::KeyValuePair> {
        let variable = |(name, value): &(Text, Json)| {
            l1::KeyValuePair::new()
                .name(name.clone())
                .value(Value::<String>::from_json(value.clone()))
        };
        self.env.iter().map(variable).collect()
    }

    /// Ports, folders and the others of the task.
    fn surroundings(&self, mut l1: l1::ContainerDefinition) -> l1::ContainerDefinition {
        if !self.ports.is_empty() {
            let port = |port: &u16| l1::PortMapping::new().container_port(i64::from(*port));
            l1 = l1.port_mappings(self.ports.iter().map(port).collect::<Vec<_>>());
        }
        if !self.scratch.is_empty() {
            let mount = |(path, volume): (&Text, String)| {
                l1::MountPoint::new()
                    .container_path(path.clone())
                    .source_volume(volume)
                    .read_only(false)
            };
            let mounts = self.scratch.iter().zip(self.volumes()).map(mount);
            l1 = l1.mount_points(mounts.collect::<Vec<_>>());
        }
        if !self.needs.is_empty() {
            let needs = |(container, needs): &(Text, Needs)| {
                l1::ContainerDependency::new()
                    .container_name(container.clone())
                    .raw("Condition", needs.name())
            };
            l1 = l1.depends_on(self.needs.iter().map(needs).collect::<Vec<_>>());
        }
        l1
    }
}

/// `arn` or `arn:key::`, the newest version of either.
fn secret_l1((name, secret, key): &(Text, SecretRef, Option<Text>)) -> l1::Secret {
    let arn = secret.arn().as_json().clone();
    let from = match key {
        None => arn,
        Some(key) => Json::concat(vec![
            arn,
            Json::Text(":".into()),
            Json::Text(key.clone()),
            Json::Text("::".into()),
        ]),
    };
    l1::Secret::new(name.clone(), Value::<String>::from_json(from))
}
