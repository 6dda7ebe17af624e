//! AWS by its SDK: credentials for each account, clients for each account and region.
//!
//! Credentials come from where every tool of AWS finds them: variables, profiles (SSO and roles included),
//! containers, instances. A stack of another account than the caller's needs a profile of its own
//! (`--profile ACCOUNT=NAME`) or a role to assume there (`--assume-role NAME`). Whose credentials they are is
//! asked once, before anything is sent to the wrong account.

mod faults;
mod formation;
mod formation_read;
mod images;
mod profiles;
#[cfg(feature = "images")]
mod registry;
#[cfg(feature = "operate")]
mod running;
mod storage;

use std::collections::BTreeMap;
use std::rc::Rc;
use std::time::{Duration, Instant};

use aws_config::default_provider::region::DefaultRegionChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use futures_util::FutureExt;
use futures_util::future::LocalBoxFuture;
use futures_util::lock::Mutex;

use crate::assembly::partition;
#[cfg(feature = "operate")]
use crate::cloud::Lambda;
use crate::cloud::{Clock, Cloud};
use crate::fault::{Class, Fault};
use crate::problem::Problem;
#[cfg(feature = "operate")]
use crate::running::services::Services;

/// What the command line says about AWS.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The region of stacks that leave it open.
    pub region: Option<String>,
    /// The profile of the caller.
    pub profile: Option<String>,
    /// The profiles of further accounts.
    pub accounts: BTreeMap<String, String>,
    /// The name of the role that is assumed in accounts without a profile.
    pub assume_role: Option<String>,
    /// Where requests go instead of AWS.
    pub endpoint: Option<String>,
    /// Whether that is the local AWS, which takes an account's number as access key. Nothing of this machine's
    /// own credentials is read then.
    pub local: bool,
}

/// The region of the local AWS where neither a stack nor the command line names one.
pub const LOCAL_REGION: &str = "us-east-1";
/// The access key of the local AWS's own account, 000000000000; and the secret of every key.
pub const LOCAL_KEY: &str = "test";

/// The accounts and regions of a run.
pub struct Clouds {
    settings: Settings,
    accounts: Mutex<BTreeMap<Option<String>, Account>>,
    clouds: Mutex<BTreeMap<(String, String), Rc<Cloud>>>,
    #[cfg(feature = "operate")]
    services: Mutex<BTreeMap<(String, String), Rc<Services>>>,
}

/// Credentials, and whose they are.
#[derive(Clone)]
struct Account {
    sdk: SdkConfig,
    id: String,
}

impl Clouds {
    /// Nothing is asked yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            accounts: Mutex::default(),
            clouds: Mutex::default(),
            #[cfg(feature = "operate")]
            services: Mutex::default(),
        }
    }

    /// The clients for an account and a region; the caller's own where a stack leaves them open.
    ///
    /// # Errors
    /// When there are no credentials, they are for another account, or no region is named anywhere.
    pub async fn cloud(
        &self,
        account: Option<&str>,
        region: Option<&str>,
    ) -> Result<Rc<Cloud>, Problem> {
        let (account, region) = self.place(account, region).await?;
        let mut clouds = self.clouds.lock().await;
        let cloud = clouds.entry((account.id.clone(), region.clone()));
        Ok(cloud
            .or_insert_with(|| Rc::new(self.connect(&account, region)))
            .clone())
    }

    /// The clients for what runs in an account and a region, as [`cloud`](Self::cloud) finds them.
    ///
    /// # Errors
    /// As those of [`cloud`](Self::cloud).
    #[cfg(feature = "operate")]
    pub async fn services(
        &self,
        account: Option<&str>,
        region: Option<&str>,
    ) -> Result<Rc<Services>, Problem> {
        let (account, region) = self.place(account, region).await?;
        let mut services = self.services.lock().await;
        let found = services.entry((account.id.clone(), region.clone()));
        let connect = || Rc::new(running::connect(&in_region(&account, region)));
        Ok(found.or_insert_with(connect).clone())
    }

    /// Lambda in an account and a region, for functions that are updated past CloudFormation.
    ///
    /// # Errors
    /// As those of [`cloud`](Self::cloud).
    #[cfg(feature = "operate")]
    pub async fn lambda(
        &self,
        account: Option<&str>,
        region: Option<&str>,
    ) -> Result<Box<dyn Lambda>, Problem> {
        let (account, region) = self.place(account, region).await?;
        Ok(running::lambda(&in_region(&account, region)))
    }

    /// The credentials and the region for a stack.
    async fn place(
        &self,
        account: Option<&str>,
        region: Option<&str>,
    ) -> Result<(Account, String), Problem> {
        let account = self.account(account, region).await?;
        let own = || account.sdk.region().map(ToString::to_string);
        let region = region
            .map(str::to_owned)
            .or_else(|| self.settings.region.clone())
            .or_else(own);
        let region = region.ok_or_else(no_region)?;
        require_region(&region)?;
        Ok((account, region))
    }

    fn connect(&self, account: &Account, region: String) -> Cloud {
        let sdk = in_region(account, region.clone());
        Cloud {
            account: account.id.clone(),
            formation: Box::new(formation::Client::new(&sdk)),
            storage: Box::new(storage::Client::new(&sdk, &region, &account.id)),
            images: images::connect(&sdk, self.settings.local),
            #[cfg(feature = "operate")]
            logs: Some(running::logs(&sdk)),
            #[cfg(not(feature = "operate"))]
            logs: None,
            region,
        }
    }

    /// The credentials for an account.
    async fn account(
        &self,
        wanted: Option<&str>,
        region: Option<&str>,
    ) -> Result<Account, Problem> {
        let mut accounts = self.accounts.lock().await;
        let key = wanted.map(str::to_owned);
        if let Some(known) = accounts.get(&key) {
            return Ok(known.clone());
        }
        let found = self.find(wanted, region).await?;
        accounts.insert(key, found.clone());
        Ok(found)
    }

    async fn find(&self, wanted: Option<&str>, region: Option<&str>) -> Result<Account, Problem> {
        if self.settings.local {
            return self
                .verified(self.local(wanted, region).await, (None, wanted))
                .await;
        }
        if let Some(profile) = wanted.and_then(|account| self.settings.accounts.get(account)) {
            return self
                .verified(
                    self.load(Some(profile), region).await,
                    (Some(profile), wanted),
                )
                .await;
        }
        let profile = self.settings.profile.as_deref();
        let own = self.load(profile, region).await;
        let Some((wanted, role)) = wanted.zip(self.settings.assume_role.as_deref()) else {
            return self.verified(own, (profile, wanted)).await;
        };
        let caller = self.verified(own, (profile, None)).await?;
        if caller.id == wanted {
            return Ok(caller);
        }
        let name = caller
            .sdk
            .region()
            .map_or("aws", |region| partition(region.as_ref()));
        let arn = format!("arn:{name}:iam::{wanted}:role/{role}");
        let provider = AssumeRoleProvider::builder(&arn)
            .session_name("cloudwright")
            .configure(&caller.sdk);
        let credentials =
            aws_sdk_s3::config::SharedCredentialsProvider::new(provider.build().await);
        let sdk = caller
            .sdk
            .into_builder()
            .credentials_provider(credentials)
            .build();
        // The caller is known by now: whatever fails here, no profile is at fault.
        match identity(&sdk).await {
            Ok(id) => of_account(sdk, id, Some(wanted)),
            Err(fault) => {
                let what = format!("the role {arn} (--assume-role)");
                let by = format!("by the caller, of account {}", caller.id);
                let fault = located(fault, &sdk, sdk.endpoint_url());
                Err(profiles::refused(fault, &what, &by))
            }
        }
    }

    /// The local AWS, as a caller with all rights in an account.
    async fn local(&self, account: Option<&str>, region: Option<&str>) -> SdkConfig {
        let key = account.unwrap_or(LOCAL_KEY);
        let credentials =
            aws_sdk_sts::config::Credentials::new(key, LOCAL_KEY, None, None, "local");
        let region = region
            .or(self.settings.region.as_deref())
            .unwrap_or(LOCAL_REGION);
        let loader = aws_config::defaults(BehaviorVersion::latest())
            .credentials_provider(credentials)
            .region(Region::new(region.to_owned()));
        self.reached(loader).load().await
    }

    async fn load(&self, profile: Option<&str>, region: Option<&str>) -> SdkConfig {
        let region = region.or(self.settings.region.as_deref());
        let mut loader: ConfigLoader = aws_config::defaults(BehaviorVersion::latest());
        if let Some(region) = region {
            loader = loader.region(Region::new(region.to_owned()));
        }
        if let Some(profile) = profile {
            // A profile that is named counts more than keys in variables, as for every tool of AWS.
            let provider = of_profile(profile, region).await;
            loader = loader.profile_name(profile).credentials_provider(provider);
        }
        self.reached(loader).load().await
    }

    /// How requests get to where they go.
    fn reached(&self, mut loader: ConfigLoader) -> ConfigLoader {
        if let Some(endpoint) = &self.settings.endpoint {
            loader = loader.endpoint_url(endpoint);
            if endpoint.starts_with("http://") {
                // Reading the machine's certificates would cost more than all requests to a local engine.
                loader = loader.http_client(aws_smithy_http_client::Builder::new().build_http());
            }
        }
        // What is worth another try is tried again by us, with more patience than the SDK has.
        let loader = loader.retry_config(RetryConfig::disabled());
        loader.timeout_config(waits(ANSWER))
    }

    /// Whose credentials they are, and that they are those of the account that is wanted.
    async fn verified(
        &self,
        sdk: SdkConfig,
        (profile, wanted): (Option<&str>, Option<&str>),
    ) -> Result<Account, Problem> {
        let Some(region) = sdk.region().map(ToString::to_string) else {
            // A profile that is not there has none.
            return Err(self.missing(profile).await.unwrap_or_else(no_region));
        };
        require_region(&region)?;
        match identity(&sdk).await {
            Ok(id) => of_account(sdk, id, wanted),
            Err(fault) => Err(self.unverified(fault, profile, &sdk).await),
        }
    }
}

impl Clouds {
    /// Why nobody knows whose the credentials are.
    async fn unverified(&self, fault: Fault, profile: Option<&str>, sdk: &SdkConfig) -> Problem {
        // Nobody but the client itself goes to the endpoint of the command line.
        let is_asked = fault.operation == IDENTITY;
        let mut fault = located(fault, sdk, sdk.endpoint_url().filter(|_| is_asked));
        if self.settings.local || is_asked && !fault.code.is_empty() {
            return fault.into();
        }
        // Nothing was sent yet that asks whose they are.
        if fault.class == Class::Credentials
            && fault.code.is_empty()
            && let Some(problem) = self.missing(profile).await
        {
            return problem;
        }
        if let Some(problem) = profiles::without_credentials(profile, &fault).await {
            return problem;
        }
        if fault.message == faults::NO_CREDENTIALS {
            fault.message = profiles::empty(profile).unwrap_or(fault.message);
        }
        fault.into()
    }

    /// That the profile which is asked for is not there. The local AWS needs none.
    async fn missing(&self, profile: Option<&str>) -> Option<Problem> {
        if self.settings.local {
            return None;
        }
        profiles::missing(profile).await
    }
}

/// The question for whose credentials they are.
const IDENTITY: &str = "GetCallerIdentity";

/// The account of whoever the credentials are of.
async fn identity(sdk: &SdkConfig) -> Result<String, Fault> {
    let client = aws_sdk_sts::Client::from_conf(
        aws_sdk_sts::config::Builder::from(sdk)
            .retry_config(RetryConfig::standard())
            .build(),
    );
    let answer = client.get_caller_identity().send().await;
    let answer = answer.map_err(|error| faults::of(IDENTITY, &error))?;
    Ok(answer.account().unwrap_or_default().to_owned())
}

/// Credentials of an account, if that is the one that is wanted.
fn of_account(sdk: SdkConfig, id: String, wanted: Option<&str>) -> Result<Account, Problem> {
    match wanted {
        Some(wanted) if wanted != id => {
            let message = format!("the credentials are those of account {id}, expected {wanted}");
            let help = format!(
                "name a profile for it (`--profile {wanted}=NAME`), or a role (`--assume-role NAME`)"
            );
            Err(Problem::usage(message, help))
        }
        _ => Ok(Account { sdk, id }),
    }
}

/// Where nobody was reached, with the place: a mistyped region is a host that is not there.
fn located(mut fault: Fault, sdk: &SdkConfig, endpoint: Option<&str>) -> Fault {
    if fault.class == Class::Unreachable && fault.operation != faults::CREDENTIALS {
        let region = sdk.region().map_or("", |region| region.as_ref());
        let endpoint = endpoint.map(|endpoint| format!(", endpoint {endpoint}"));
        fault.message += &format!(" (region {region}{})", endpoint.unwrap_or_default());
    }
    fault
}

/// The credentials of a profile. Roles in it are assumed in a region: the one that is wanted, or else the profile's.
async fn of_profile(profile: &str, region: Option<&str>) -> ProfileFileCredentialsProvider {
    let region = match region {
        Some(region) => Some(Region::new(region.to_owned())),
        None => {
            let chain = DefaultRegionChain::builder().profile_name(profile);
            chain.build().region().await
        }
    };
    ProfileFileCredentialsProvider::builder()
        .profile_name(profile)
        .configure(&ProviderConfig::default().with_region(region))
        .build()
}

fn no_region() -> Problem {
    let help = "name one: `--region eu-central-1`, or AWS_REGION";
    Problem::usage("there is no region", help)
}

/// Refuses what is no name of a region before it becomes a part of host names.
fn require_region(region: &str) -> Result<(), Problem> {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let number = region.rsplit_once('-').map(|(_, number)| number);
    let ends = number.is_some_and(|number| number.parse::<u8>().is_ok());
    if ends && region.bytes().all(is_plain) {
        return Ok(());
    }
    let message = format!("a region has a name like eu-central-1, got \"{region}\"");
    let help = "name it by `--region`, AWS_REGION, or the environment of the stack";
    Err(Problem::usage(message, help))
}

/// The configuration of an account's clients in a region.
fn in_region(account: &Account, region: String) -> SdkConfig {
    let sdk = account.sdk.clone().into_builder();
    sdk.region(Region::new(region)).build()
}

/// How long an answer is waited for. Most come within seconds; a network that drops connections without a word must
/// not hold a command for ever.
const ANSWER: Duration = Duration::from_secs(120);
/// The same where a request is long: a function works 900 seconds at most, and a large file takes its time.
const LONG: Duration = Duration::from_secs(930);

/// The times of requests whose answer takes so long.
fn waits(answer: Duration) -> TimeoutConfig {
    let times = TimeoutConfig::builder().connect_timeout(Duration::from_secs(10));
    times.read_timeout(answer).build()
}

/// Real time.
#[derive(Debug)]
pub struct RealClock(Instant);

impl RealClock {
    /// A clock that starts now.
    #[must_use]
    pub fn start() -> Self {
        Self(Instant::now())
    }
}

impl Clock for RealClock {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    fn sleep(&self, time: Duration) -> LocalBoxFuture<'_, ()> {
        tokio::time::sleep(time).boxed_local()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_is_told_from_what_is_none() {
        let regions = ["eu-central-1", "us-gov-west-1", "eusc-de-east-1"];
        assert!(regions.iter().all(|region| require_region(region).is_ok()));
        let others = [
            "",
            "frankfurt",
            "eu central 1",
            "EU-central-1",
            "eu-central",
            "a/b-1",
        ];
        for region in others {
            let problem = require_region(region).unwrap_err();
            assert!(problem.message.ends_with(&format!("got \"{region}\"")));
        }
    }
}
