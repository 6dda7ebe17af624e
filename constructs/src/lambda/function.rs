//! Functions with secure defaults.

use std::time::Duration;

use cloudwright_synth::Builder as _;
use cloudwright_synth::{Arn, Construct, Id, IntoValue, Json, ResourceRef, Scope, Text, Value};

use super::asynchronous::{Destination, Settings};
use super::code::Platform;
use super::environment::Variable;
use super::network::{Mount, Network};
use super::{Architecture, Code, FunctionRef, Layer, LogLevel, Runtime};
use crate::acknowledge::{Finding, residuals};
use crate::cfn::lambda::function;
use crate::iam::{Principal, Role, RoleRef, Statement};
use crate::logs::LogGroupRef;
use crate::sqs::QueueRef;
use crate::units::{MiB, whole_seconds};
use crate::{cfn, defaults, kms, rules};

/// The service that runs functions.
const LAMBDA: &str = "lambda.amazonaws.com";
/// What `provided.al2023` is told to run when nothing else is said.
const BOOTSTRAP: &str = "bootstrap";
/// How much memory a function may have, and has unless said.
const MEMORY: std::ops::RangeInclusive<u32> = 128..=10_240;
const DEFAULT_MEMORY: MiB = MiB(256);
/// How much temporary storage a function may have.
const STORAGE: std::ops::RangeInclusive<u32> = 512..=10_240;
/// How long a call may take, in seconds, and takes at most unless said.
const TIMEOUT: std::ops::RangeInclusive<i64> = 1..=900;
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
/// What every function leaves open.
const RESIDUALS: [Finding; 3] = [
    Finding::NoFunctionDeadLetterQueue,
    Finding::NoReservedConcurrency,
    Finding::NoVpc,
];
/// How many layers a function may have.
const LAYER_LIMIT: usize = 5;
/// The longest name of a function.
const NAME_LIMIT: usize = 64;

/// A function ([AWS](https://docs.aws.amazon.com/lambda/latest/dg/welcome.html)).
///
/// It runs `provided.al2023` on arm64 with 256 MiB for up to 30 seconds, writes JSON logs to a log
/// group of its own, is traced by X-Ray, and acts as a role of its own that may do just that.
///
/// ```
/// use cloudwright::prelude::*;
/// use cloudwright::lambda::Code;
/// # let app = App::new();
/// # let stack = app.stack("Images", Environment::agnostic());
/// let uploads = stack.add("Uploads", s3::Bucket::new());
/// let resize = stack.add("Resize", lambda::Function::new(Code::s3("releases", "resize.zip"))
///     .memory(MiB(512))
///     .env("BUCKET", uploads.name()));
/// uploads.grant_read_write(&resize);
/// uploads.notify(s3::Event::ObjectCreated, s3::Filter::prefix("incoming/"), &resize);
/// # app.synth().unwrap();
/// ```
#[derive(Clone)]
#[must_use = "a construct does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
pub struct Function {
    cfn: cfn::lambda::Function,
    code: Code,
    handler: Option<Json>,
    architecture: Option<Architecture>,
    runtime: Runtime,
    name: Option<Json>,
    memory: Option<MiB>,
    storage: Option<MiB>,
    timeout: Option<Duration>,
    variables: Vec<(Text, Json)>,
    layers: Vec<Layer>,
    role: Option<RoleRef>,
    key: Option<kms::KeyRef>,
    network: Option<Network>,
    mount: Option<Mount>,
    log_level: Option<LogLevel>,
    log_group: Option<LogGroupRef>,
    traced: bool,
    asynchronous: Settings,
}

impl Function {
    /// A function that runs the given code.
    pub fn new(code: impl Into<Code>) -> Self {
        Self {
            cfn: cfn::lambda::Function::new(function::Code::new(), ""),
            code: code.into(),
            handler: None,
            architecture: None,
            runtime: Runtime::ProvidedAl2023,
            name: None,
            memory: None,
            storage: None,
            timeout: None,
            variables: Vec::new(),
            layers: Vec::new(),
            role: None,
            key: None,
            network: None,
            mount: None,
            log_level: None,
            log_group: None,
            traced: true,
            asynchronous: Settings::default(),
        }
    }

    /// Runs code of another language, starting at a handler in that language's notation, such as
    /// `app.handler`.
    pub fn runtime(mut self, runtime: Runtime, handler: impl IntoValue<String>) -> Self {
        self.runtime = runtime;
        self.handler(handler)
    }

    /// What the runtime is told to run; `bootstrap` unless said, here or by the code. A `provided.al2023` executable
    /// finds it in the variable `_HANDLER`.
    pub fn handler(mut self, name: impl IntoValue<String>) -> Self {
        self.handler = Some(name.into_json());
        self
    }

    /// The processor that the code was built for; arm64 unless said. Code that is made when it is
    /// deployed is made for it, and follows the context value `cloudwright:architecture` where
    /// nothing is said here.
    pub const fn architecture(mut self, architecture: Architecture) -> Self {
        self.architecture = Some(architecture);
        self
    }

    /// Memory, 128 to 10,240 MiB, and 256 unless said. Processor time grows with it.
    pub const fn memory(mut self, size: MiB) -> Self {
        self.memory = Some(size);
        self
    }

    /// How long one call may take: 1 second to 15 minutes, and 30 seconds unless said.
    pub const fn timeout(mut self, duration: Duration) -> Self {
        self.timeout = Some(duration);
        self
    }

    /// Storage below `/tmp`, 512 to 10,240 MiB, and 512 unless said.
    pub const fn ephemeral_storage(mut self, size: MiB) -> Self {
        self.storage = Some(size);
        self
    }

    /// Sets an environment variable. All together have at most 4 KB. Never a secret: variables are
    /// shown in the console.
    pub fn env(mut self, name: impl Into<Text>, value: impl IntoValue<String>) -> Self {
        self.variables.push((name.into(), value.into_json()));
        self
    }

    /// Encrypts the environment variables with a key of your own.
    pub fn encrypted_with(mut self, key: &kms::KeyRef) -> Self {
        self.key = Some(key.clone());
        self
    }

    /// Adds a layer, by ARN or as a [`Layer`]; at most five.
    pub fn layer(mut self, layer: impl Into<Layer>) -> Self {
        self.layers.push(layer.into());
        self
    }

    /// Says what the function is for; at most 256 characters.
    pub fn description(mut self, text: impl Into<Text>) -> Self {
        self.cfn = self.cfn.description(text.into());
        self
    }

    /// A fixed name, at most 64 letters, digits, `-` and `_`. Without one CloudFormation makes a
    /// unique name. A change replaces the function.
    pub fn function_name(mut self, name: impl IntoValue<String>) -> Self {
        self.name = Some(name.into_json());
        self
    }

    /// How many calls may run at once, taken from what the account shares. The deployment fails when
    /// that would leave the account fewer than 100.
    pub fn reserved_concurrency(mut self, calls: u32) -> Self {
        self.cfn = self.cfn.reserved_concurrent_executions(calls);
        self
    }

    /// Acts as this role in place of one of its own; the rights to log and to be traced are added to
    /// it.
    pub fn role(mut self, role: &RoleRef) -> Self {
        self.role = Some(role.clone());
        self
    }

    /// Runs inside these subnets with these security groups, without a way to the internet unless
    /// the subnets have one.
    pub fn vpc(
        mut self,
        subnets: impl IntoValue<Vec<Id<cfn::ec2::Subnet>>>,
        security_groups: impl IntoValue<Vec<Id<cfn::ec2::SecurityGroup>>>,
    ) -> Self {
        self.network = Some(Network {
            subnets: subnets.into_value(),
            groups: security_groups.into_value(),
        });
        self
    }

    /// Mounts a file system at a path such as `/mnt/models`; the function has to be in a network
    /// that reaches it.
    pub fn file_system(
        mut self,
        access_point: impl IntoValue<Arn<cfn::efs::AccessPoint>>,
        path: impl Into<Text>,
    ) -> Self {
        self.mount = Some(Mount {
            access_point: access_point.into_value(),
            path: path.into(),
        });
        self
    }

    /// The least important messages of the function that are kept; Lambda keeps `INFO` and above
    /// unless said.
    pub const fn log_level(mut self, level: LogLevel) -> Self {
        self.log_level = Some(level);
        self
    }

    /// Writes its logs to this group in place of one of its own.
    pub fn log_group(mut self, group: &LogGroupRef) -> Self {
        self.log_group = Some(group.clone());
        self
    }

    /// Sends no traces to X-Ray.
    pub const fn untraced(mut self) -> Self {
        self.traced = false;
        self
    }

    /// Keeps events of asynchronous calls that the function gives up in this queue, in place of one
    /// of its own.
    pub fn on_failure(mut self, queue: &QueueRef) -> Self {
        self.asynchronous.destination = Destination::Given(Box::new(queue.clone()));
        self
    }

    /// Keeps events of asynchronous calls that the function gives up as they came, as its dead letters
    /// (`DeadLetterConfig`), in place of records that hold the event and the error. The rules of checkers look for this
    /// one, so a [strict](cloudwright_synth::Stack::strict) stack has it by itself.
    ///
    /// ```
    /// use cloudwright::prelude::*;
    /// use cloudwright::lambda::Code;
    /// # let app = App::new();
    /// # let stack = app.stack("Images", Environment::agnostic());
    /// let resize = lambda::Function::new(Code::s3("releases", "resize.zip")).with_dead_letter_queue();
    /// let resize = stack.add("Resize", resize);
    /// let uploads = stack.add("Uploads", s3::Bucket::new());
    /// uploads.notify(s3::Event::ObjectCreated, s3::Filter::all(), &resize);
    /// # app.synth().unwrap();
    /// ```
    pub const fn with_dead_letter_queue(mut self) -> Self {
        self.asynchronous.as_dead_letters = true;
        self
    }

    /// Drops events of asynchronous calls that the function gives up.
    pub fn without_failure_queue(mut self) -> Self {
        self.asynchronous.destination = Destination::Nowhere;
        self
    }

    /// How old an event of an asynchronous call may get before it is given up: 1 minute to 6 hours,
    /// and 6 hours unless said.
    pub const fn maximum_event_age(mut self, duration: Duration) -> Self {
        self.asynchronous.age = Some(duration);
        self
    }

    /// How often a failed asynchronous call is tried again: 0 to 2 times, and 2 unless said.
    pub const fn retry_attempts(mut self, count: u32) -> Self {
        self.asynchronous.retries = Some(count);
        self
    }

    /// A function that exists already, by ARN. It can be called, watched and notified; to give it
    /// rights, say [its role](FunctionRef::acting_as).
    #[track_caller]
    pub fn import(
        scope: &Scope,
        id: impl Into<Text>,
        arn: impl IntoValue<Arn<cfn::lambda::Function>>,
    ) -> FunctionRef {
        FunctionRef::imported(scope.place(id), arn.into_value())
    }

    /// Takes from the defaults of the place what is not said.
    fn settle(&mut self, scope: &Scope) {
        let memory = self.memory.take();
        self.memory = memory.or_else(|| defaults::function_memory(scope));
        let timeout = self.timeout.take();
        self.timeout = timeout.or_else(|| defaults::function_timeout(scope));
        let name = self.name.take();
        self.name = name.or_else(|| defaults::name(scope, NAME_LIMIT).map(Json::Text));
    }

    fn check(&self, scope: &Scope) {
        if let Some(memory) = self.memory {
            check_range(scope, "a function's memory", memory, MEMORY);
        }
        if let Some(storage) = self.storage {
            check_range(scope, "a function's storage", storage, STORAGE);
        }
        if let Some(name) = self.name.as_ref().and_then(Json::as_text) {
            check_name(scope, name);
        }
        if self.layers.len() > LAYER_LIMIT {
            let message = format!(
                "a function has at most {LAYER_LIMIT} layers, got {}",
                self.layers.len()
            );
            let help = "pack several into one, or into the code";
            scope.error(&rules::OUT_OF_RANGE, message, help);
        }
        self.asynchronous.check(scope);
        self.check_image(scope);
        if let (Some(bundled), Some(_)) = (self.code.handler(), &self.handler) {
            let message = format!("the code is the handler {bundled}, and another one is said");
            let help = "leave one of the two out";
            scope.error(&rules::CONTRADICTION, message, help);
        }
        if self.mount.is_some() && self.network.is_none() {
            let message = "a function with a file system has to be in a network, got none";
            let help = "name the subnets and security groups: `.vpc([&subnet], [&group])`";
            scope.error(&rules::CONTRADICTION, message, help);
        }
    }

    /// An image says by itself what else a function says.
    fn check_image(&self, scope: &Scope) {
        let is_said = self.handler.is_some() || !self.layers.is_empty();
        if self.code.is_image() && is_said {
            let message = "the code is an image, and a runtime, a handler or a layer is said";
            let help = "say it in the image: its `ENTRYPOINT` and `CMD`, and files in it";
            scope.error(&rules::CONTRADICTION, message, help);
        }
    }

    /// What the function's role may do from the start.
    fn statements(&self, scope: &Scope) -> Vec<Statement> {
        let traces = Statement::allow(["xray:PutTelemetryRecords", "xray:PutTraceSegments"]);
        // X-Ray knows no narrower resource.
        let traced = self.traced.then(|| traces.on("*"));
        let plugged = self.network.as_ref().map(|_| Network::statement());
        let mounted = self.mount.as_ref().map(|mount| mount.statement(scope));
        [traced, plugged, mounted].into_iter().flatten().collect()
    }
}

impl Construct for Function {
    type Handle = FunctionRef;

    fn construct(mut self, scope: &Scope) -> FunctionRef {
        self.settle(scope);
        self.check(scope);
        let role = self.role.take().unwrap_or_else(|| service_role(scope));
        self.statements(scope)
            .into_iter()
            .for_each(|statement| role.add_statement(statement));
        let key = defaults::key(scope, self.key.take());
        let timeout = self.timeout.unwrap_or(DEFAULT_TIMEOUT);
        let asynchronous = std::mem::take(&mut self.asynchronous);
        let is_said = asynchronous.are_said();
        let variables = std::mem::take(&mut self.variables);
        let log_group = super::logging::group(scope, &role, self.log_group.take());
        let l1 = self.l1(scope, &role, key.as_ref(), &log_group);
        let cfn = scope.add("Resource", l1);
        role.acts_for(&cfn);
        // Else a first call could come before the rights that it needs.
        cfn.handle().scope().depends_on(role.scope());
        let function = FunctionRef::owned(scope, cfn, role.clone(), timeout, asynchronous);
        if is_said {
            function.called_asynchronously();
        }
        if let Some(key) = key {
            key.grant_decrypt(&function);
        }
        residuals(scope, &RESIDUALS);
        residuals(role.scope(), &[Finding::WildcardResource]);
        for (name, value) in variables {
            let function = function.clone();
            scope.record(Variable {
                function,
                name,
                value,
            });
        }
        function
    }
}

impl Function {
    fn architecture_in(&self, scope: &Scope) -> Architecture {
        self.architecture.unwrap_or_else(|| {
            if self.code.suits_any_processor() {
                Architecture::of_context(scope)
            } else {
                Architecture::default()
            }
        })
    }

    fn l1(
        self,
        scope: &Scope,
        role: &RoleRef,
        key: Option<&kms::KeyRef>,
        log_group: &LogGroupRef,
    ) -> cfn::lambda::Function {
        let architecture = self.architecture_in(scope);
        let runtime = IntoValue::<Runtime>::into_json(self.runtime);
        let platform = Platform {
            architecture,
            runtime: runtime.as_text().unwrap_or_default(),
        };
        let bundled = self
            .code
            .handler()
            .map(|bundled| Json::Text(bundled.name().into()));
        let handler = bundled.or(self.handler);
        let layers = self.layers.into_iter();
        let layers = layers.filter_map(|layer| layer.bind(scope, &platform));
        let layers: Vec<_> = layers.collect();
        let is_image = self.code.is_image();
        let code = self.code.bind(scope, &platform);
        let timeout = checked_timeout(scope, self.timeout.unwrap_or(DEFAULT_TIMEOUT));
        let logging = function::LoggingConfig::new()
            .log_format("JSON")
            .log_group(log_group);
        let logging = match self.log_level {
            Some(level) => logging.application_log_level(level),
            None => logging,
        };
        let mode = if self.traced { "Active" } else { "PassThrough" };
        let mut l1 = self
            .cfn
            .raw("Code", IntoValue::<function::Code>::into_json(code))
            .raw("Role", IntoValue::<Json>::into_json(role.arn()))
            .architectures([architecture.l1()])
            .memory_size(self.memory.unwrap_or(DEFAULT_MEMORY).0)
            .timeout(timeout)
            .logging_config(logging)
            .tracing_config(function::TracingConfig::new().mode(mode));
        let handler = handler.unwrap_or_else(|| Json::Text(BOOTSTRAP.into()));
        l1 = if is_image {
            l1.package_type("Image")
        } else {
            l1.raw("Handler", handler).runtime(self.runtime)
        };
        if let Some(name) = self.name {
            l1 = l1.function_name(Value::<String>::from_json(name));
        }
        if let Some(storage) = self.storage {
            l1 = l1.ephemeral_storage(function::EphemeralStorage::new(storage.0));
        }
        if !layers.is_empty() {
            // A later layer covers files of an earlier one: their order means something.
            l1 = l1.layers(Value::from_json(Json::List(layers)));
        }
        if let Some(key) = key {
            l1 = l1.kms_key_arn(key);
        }
        if let Some(mount) = &self.mount {
            l1 = l1.file_system_configs([mount.l1()]);
        }
        match self.network {
            Some(network) => l1.vpc_config(network.l1()),
            None => l1,
        }
    }
}

fn service_role(scope: &Scope) -> RoleRef {
    scope.add("ServiceRole", Role::assumed_by(Principal::service(LAMBDA)))
}

fn check_range(scope: &Scope, what: &str, size: MiB, range: std::ops::RangeInclusive<u32>) {
    if !range.contains(&size.0) {
        let (least, most) = (range.start(), range.end());
        let message = format!("{what} is {least} to {most} MiB, got {} MiB", size.0);
        let help = format!("choose a size in this range, such as `MiB({least})`");
        scope.error(&rules::OUT_OF_RANGE, message, help);
    }
}

fn checked_timeout(scope: &Scope, duration: Duration) -> i64 {
    let timeout = whole_seconds(scope, "a function's timeout", duration);
    if !TIMEOUT.contains(&timeout) {
        let message = format!("a function's timeout is 1 to 900 seconds, got {timeout} s");
        let help = "split the work into steps, or run it as a container task";
        scope.error(&rules::OUT_OF_RANGE, message, help);
    }
    timeout
}

fn check_name(scope: &Scope, name: &str) {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if name.is_empty() || name.len() > NAME_LIMIT || !name.bytes().all(allowed) {
        let message = format!(
            "a function's name has 1 to {NAME_LIMIT} letters, digits, `-` and `_`, got {} (\"{name}\")",
            name.len()
        );
        let help = "choose another name, or leave it out";
        scope.error(&rules::BAD_NAME, message, help);
    }
}
