//! The app and its stages: the top of the construct tree.

use std::panic::Location;

use crate::aspect::Aspect;
use crate::assembly::Assembly;
use crate::check::custom::Check;
use crate::diagnostic::{Diagnostics, Severity, SourceLocation};
use crate::environment::{Environment, KNOWN_REGIONS, is_account_id, is_region_name};
use crate::hint::hint;
use crate::json::Text;
use crate::phases;
use crate::rules;
use crate::scope::Scope;
use crate::stack::Stack;
use crate::tree::TreeRef;

/// The root of a construct tree: everything that one program describes.
///
/// ```
/// use cloudwright_synth::{App, Environment, RawResource};
/// let app = App::new();
/// let stack = app.stack("Mail", Environment::new("123456789012", "eu-central-1"));
/// stack.add("Inbox", RawResource::new("AWS::SQS::Queue"));
/// let assembly = app.synth()?;
/// assert_eq!(assembly.stacks()[0].name(), "Mail");
/// # Ok::<(), cloudwright_synth::Diagnostics>(())
/// ```
pub struct App {
    scope: Scope,
}

impl App {
    /// An empty app.
    #[must_use]
    #[track_caller]
    #[allow(
        clippy::new_without_default,
        reason = "an app remembers the line that made it"
    )]
    pub fn new() -> Self {
        Self {
            scope: Scope {
                tree: TreeRef::new(),
                node: 0,
            },
        }
    }

    /// Adds a stack. Its environment is fixed here, before it has children, because names and
    /// references depend on it.
    #[track_caller]
    pub fn stack(&self, id: impl Into<Text>, environment: Environment) -> Stack {
        new_stack(
            &self.scope,
            &id.into(),
            environment,
            SourceLocation(Location::caller()),
        )
    }

    /// Adds a stage: a full copy of a system, such as `Dev` or `Prod`, whose stacks carry its name.
    #[track_caller]
    pub fn stage(&self, id: impl Into<Text>) -> Stage {
        Stage {
            scope: self
                .scope
                .make_stage(&id.into(), SourceLocation(Location::caller())),
        }
    }

    /// Names the app. The name is part of the stacks that
    /// [`sibling_stack`](Scope::sibling_stack) makes outside of any stage, so give one where two
    /// apps share an account.
    pub fn name(&self, name: impl Into<Text>) {
        let name = name.into();
        self.scope.tree.write(|tree| tree.name = Some(name));
    }

    /// Names an account, so that environments can say `"prod"` for its twelve digits.
    #[track_caller]
    pub fn account(&self, name: impl Into<Text>, id: impl Into<Text>) {
        let (name, id) = (name.into(), id.into());
        if !is_account_id(&id) {
            let message = format!("account \"{name}\" needs twelve digits, got \"{id}\"");
            self.scope.error(
                &rules::BAD_ENVIRONMENT,
                message,
                "copy the id from the AWS console",
            );
        }
        self.scope.tree.write(|tree| tree.accounts.name(name, id));
    }

    /// Names the regions that [`Regions::active`](crate::Regions::active) stands for.
    pub fn active_regions<R: Into<Text>>(&self, regions: impl IntoIterator<Item = R>) {
        let regions = regions.into_iter().map(Into::into).collect();
        self.scope.tree.write(|tree| tree.active_regions = regions);
    }

    /// Sets a context value for the whole app.
    pub fn set_context(&self, key: impl Into<Text>, value: impl Into<Text>) {
        self.scope.set_context(key, value);
    }

    /// Sets a context value that wins over what the program sets for the whole app: what a command
    /// line gives. Stages, stacks and constructs can still set their own. A key that nothing reads
    /// is reported as a warning.
    pub fn override_context(&self, key: impl Into<Text>, value: impl Into<Text>) {
        let pair = (key.into(), value.into());
        self.scope.tree.write(|tree| tree.given_context.push(pair));
    }

    /// The value of a context key, as given here or on the command line.
    #[must_use]
    pub fn context(&self, key: &str) -> Option<Text> {
        self.scope.context(key)
    }

    /// Tags every taggable resource of the app.
    pub fn tag(&self, key: impl Into<Text>, value: impl Into<Text>) {
        self.scope.tag(key, value);
    }

    /// Visits every construct of the app, once.
    #[track_caller]
    pub fn aspect(&self, priority: u16, aspect: impl Aspect + 'static) {
        self.scope.aspect(priority, aspect);
    }

    /// Shows every resource of every finished template to a check of one's own.
    pub fn check(&self, check: impl Check + 'static) {
        self.scope
            .tree
            .write(|tree| tree.checks.push(Box::new(check)));
    }

    /// The list of the resources that hold data: whoever renames or moves one is told before its data is lost.
    ///
    /// Each line is `STACK LOGICAL_ID TYPE`, with the path of the stack; `#` begins a remark. The command `ls --stateful`
    /// prints it, and the program keeps it as a file beside its source: `app.stateful_ids(include_str!("stateful.txt"))`. A
    /// resource that is in the list or in the templates alone is an error. A move that is meant changes the list, which a
    /// review shows; [`Stack::rename_logical_id`] keeps the id, and the data, instead.
    ///
    /// ```
    /// # use cloudwright_synth::{App, Environment, RawResource};
    /// # let app = App::new();
    /// app.stateful_ids("# what holds data\nMail Inbox AWS::SQS::Queue\n");
    /// let stack = app.stack("Mail", Environment::agnostic());
    /// // The inbox was renamed, or left out.
    /// stack.add("NewInbox", RawResource::new("AWS::SNS::Topic"));
    /// let mistakes = app.synth().err().unwrap().to_string();
    /// assert!(mistakes.contains("Inbox of Mail (AWS::SQS::Queue) holds data, and is in no template"));
    /// ```
    pub fn stateful_ids(&self, list: impl Into<Text>) {
        let list = list.into();
        self.scope.tree.write(|tree| tree.stateful_ids = Some(list));
    }

    /// Drops the list that [`stateful_ids`](Self::stateful_ids) gave, to write it anew: an outdated one is an error.
    pub fn forget_stateful_ids(&self) {
        self.scope.tree.write(|tree| tree.stateful_ids = None);
    }

    /// Checks literals against every pattern of their properties, those that need a regular
    /// expression engine included (feature `full`). One such pattern can take milliseconds.
    #[cfg(feature = "full")]
    pub fn check_every_pattern(&self) {
        self.scope.tree.write(|tree| tree.every_pattern = true);
    }

    /// The app's own place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }

    /// Turns the tree into templates. All phases run whatever is found, so that every mistake of
    /// the program comes back in one go.
    ///
    /// # Errors
    /// All findings, when at least one of them is an error. Warnings alone come with the
    /// [`Assembly`].
    pub fn synth(self) -> Result<Assembly, Diagnostics> {
        phases::synthesize(&self.scope)
    }
}

/// A full copy of a system: a group of stacks that are named and deployed together.
#[derive(Clone)]
pub struct Stage {
    scope: Scope,
}

impl Stage {
    /// Adds a stack; its name starts with the stage's.
    #[track_caller]
    pub fn stack(&self, id: impl Into<Text>, environment: Environment) -> Stack {
        new_stack(
            &self.scope,
            &id.into(),
            environment,
            SourceLocation(Location::caller()),
        )
    }

    /// Adds a stage within this one.
    #[track_caller]
    pub fn stage(&self, id: impl Into<Text>) -> Self {
        Self {
            scope: self
                .scope
                .make_stage(&id.into(), SourceLocation(Location::caller())),
        }
    }

    /// Tags every taggable resource of the stage.
    pub fn tag(&self, key: impl Into<Text>, value: impl Into<Text>) {
        self.scope.tag(key, value);
    }

    /// Sets a context value for the stage.
    pub fn set_context(&self, key: impl Into<Text>, value: impl Into<Text>) {
        self.scope.set_context(key, value);
    }

    /// Visits every construct of the stage, once.
    #[track_caller]
    pub fn aspect(&self, priority: u16, aspect: impl Aspect + 'static) {
        self.scope.aspect(priority, aspect);
    }

    /// The stage's own place in the tree.
    #[must_use]
    pub const fn scope(&self) -> &Scope {
        &self.scope
    }
}

fn new_stack(parent: &Scope, id: &Text, environment: Environment, caller: SourceLocation) -> Stack {
    let environment = parent.tree.read(|tree| tree.accounts.resolve(environment));
    let data = crate::tree::StackData {
        environment: environment.clone(),
        ..Default::default()
    };
    let stack = parent.make_stack(id, data, caller);
    check_environment(&stack, &environment, caller);
    stack
}

/// Reports an account that is neither an id nor a known name, and a region that is none.
pub(crate) fn check_environment(scope: &Scope, environment: &Environment, caller: SourceLocation) {
    if let Some(account) = environment
        .account
        .as_deref()
        .filter(|account| !is_account_id(account))
    {
        let known = scope.tree.read(|tree| tree.accounts.names());
        let known = if known.is_empty() {
            "none is".to_owned()
        } else {
            format!("named are {known}")
        };
        let message = format!(
            "an account is twelve digits or a name given by `app.account`, got \"{account}\" ({known})"
        );
        let help =
            "write the account's id, or name it first: `app.account(\"prod\", \"123456789012\")`";
        scope.error_at(caller, &rules::BAD_ENVIRONMENT, message, help);
    }
    if let Some(region) = environment.region.as_deref() {
        check_region(scope, region, caller);
    }
}

fn check_region(scope: &Scope, region: &str, caller: SourceLocation) {
    if !is_region_name(region) {
        let message = format!("a region looks like \"eu-central-1\", got \"{region}\"");
        let help = "write the region's code name";
        scope.error_at(caller, &rules::BAD_ENVIRONMENT, message, help);
    } else if !KNOWN_REGIONS.contains(&region) {
        let known = KNOWN_REGIONS.iter().copied();
        let help = hint(region, known, "if it is new, all is well");
        let message = format!("there was no region \"{region}\" when this library was released");
        scope.tree.write(|tree| {
            tree.report(
                scope.node,
                Severity::Warning,
                &rules::UNKNOWN_REGION,
                (message, help),
                caller,
            );
        });
    }
}
