//! Every mistake that the construct library finds, with its stable code.
//!
//! Codes are `CW1xxx`; those of the engine are in [`cloudwright_synth::rules`].

use cloudwright_synth::Rule;

macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $name:ident $code:literal $title:literal $explanation:literal)*) => {
        $($(#[doc = $doc])+ pub static $name: Rule =
            Rule { code: $code, title: $title, explanation: $explanation };)*

        /// All rules of the construct library, by code.
        pub static ALL: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    /// A duration that the property cannot express.
    BAD_DURATION "CW1001" "impossible duration"
    "CloudFormation counts this duration in whole units, within a range. Round it to one it can express."
    /// A size or a number outside of what the service takes.
    OUT_OF_RANGE "CW1002" "value out of range"
    "The service documents the range of this value. Choose one within it."
    /// A text that is not an ARN of the kind that is wanted.
    BAD_ARN "CW1003" "unusable ARN"
    "An ARN has the form arn:partition:service:region:account:resource, and this place wants one of a certain service."
    /// A physical name that the service refuses.
    BAD_NAME "CW1004" "unusable name"
    "The service documents which characters and lengths a name may have. Leave the name out to let one be made."
    /// A grant to somebody outside on a resource without a policy.
    NO_RESOURCE_POLICY "CW1005" "no resource policy"
    "Only a resource policy can let a principal in that this app does not manage, and this kind of resource (or an imported one) has none that the app could write."
    /// Notifications that S3 would refuse because two rules match the same event of the same key.
    OVERLAPPING_NOTIFICATIONS "CW1101" "overlapping notifications"
    "S3 refuses two notification rules of one bucket that can match the same event of the same object. Make the prefixes or suffixes disjoint, or fan out behind one topic."
    /// Two settings that exclude each other.
    CONTRADICTION "CW1103" "contradicting settings"
    "The two settings cannot both hold. Drop one."
    /// A queue whose messages become visible again while they are still being worked on.
    SHORT_VISIBILITY "CW1104" "visibility timeout shorter than the work"
    "Lambda advises a visibility timeout of at least six times the function's timeout, and refuses one below the timeout itself: with a shorter one, messages are worked on twice."
    /// An endpoint that does not fit the subscription's protocol.
    BAD_ENDPOINT "CW1106" "endpoint does not fit the protocol"
    "An HTTPS subscription wants an https:// URL, an e-mail subscription an address, an SMS subscription a phone number in E.164 form."
    /// A subscription that cannot be named by its endpoint.
    UNNAMED_SUBSCRIPTION "CW1107" "subscription without an id"
    "A subscription is named by its endpoint. When only the deployment knows the endpoint, the program has to name the subscription."
    /// A filter policy that SNS would refuse.
    BAD_FILTER_POLICY "CW1108" "unusable filter policy"
    "A filter policy has at most five keys, at least one condition for each, and at most 150 combinations of conditions."
    /// Two constructs in different regions or accounts that AWS does not connect.
    TOO_FAR "CW1109" "in another region or account"
    "Buckets notify and alarms tell targets of their own region; dead-letter queues, and the metrics of an alarm, belong to the same account, too. Across regions, subscribe a queue or a function to a topic."
    /// A role of another account that cannot be named before it exists.
    UNNAMED_ROLE "CW1110" "role of another account without a fixed name"
    "Across accounts both sides have to agree: the role's policy names the resource, and the resource's policy the role. Each would wait for the other unless one of them has a fixed name."
    /// A statement for a role that is in another account.
    FOREIGN_ROLE "CW1111" "policy for a role of another account"
    "IAM attaches policies to roles of its own account only. What a role of another account may do here is said by the resource's policy, and has to be allowed by a policy of the role's account, too."
    /// A role that this app gives no policy to.
    UNTOUCHED_ROLE "CW1112" "role that gets its rights elsewhere"
    "The program leaves this role as it is. Whoever keeps its policies has to allow what is named, or what acts as the role will be refused; the template has the whole policy in the Metadata of the functions."
    /// An acknowledgement without a reason.
    EMPTY_REASON "CW1201" "acknowledgement without a reason"
    "Every exception to a rule says why it is safe here; reviewers and auditors read it in the template."
    /// An environment variable that looks like a credential.
    PLAINTEXT_SECRET "CW1202" "credential in plain text"
    "Environment variables are shown in the console and returned by the API. Store the secret in Secrets Manager and pass on its ARN."
    /// An exception to a rule that no resource breaks.
    IDLE_EXCEPTION "CW1203" "exception that concerns nothing"
    "An exception is said of the resources that need it, and goes away with what it was said for. Otherwise it would cover something that nobody has looked at."
    /// An archive that Lambda could not start.
    BAD_CODE "CW1301" "unusable code"
    "A function's code is a zip archive of at most 250 MiB unpacked; the runtime provided.al2023 starts the executable file `bootstrap` at its top. Code that is made when it is deployed needs a source that can be hashed: a package with its Cargo.lock, a folder with files, requirements with exact versions."
    /// An environment variable that Lambda would refuse.
    BAD_VARIABLE "CW1302" "unusable environment variable"
    "Names start with a letter and hold letters, digits and `_`; some are Lambda's own; all names and values together have at most 4 KB."
    /// A filter pattern that Lambda would refuse.
    BAD_PATTERN "CW1304" "unusable filter pattern"
    "A filter pattern is an object of fields; each field holds an object of further fields, or a list of the values or conditions that it may have."
    /// A processor that Lambda has not.
    UNKNOWN_ARCHITECTURE "CW1305" "unknown architecture"
    "The context value cloudwright:architecture names the processor of functions that say none and whose code is made when they are deployed: arm64, which is the default, or x86_64. A function that says its architecture keeps it."
    /// A build of the bundled handlers that there is not.
    UNKNOWN_BUILD "CW1306" "unknown build of the handlers"
    "The context value cloudwright:handlers says how the handlers that cloudwright brings along are built: release, which is the default, is one small program of all of them; development is a quick build of each handler that the app uses."
    /// A layer that its function cannot use.
    BAD_LAYER "CW1307" "unusable layer"
    "A layer is of one region, and of the processors and runtimes that it was packed for. Lambda takes layers of the function's own region only; a wrong processor or runtime shows when the function starts."
    /// A bucket that would get copies of its own objects under their own keys.
    REPLICATION_LOOP "CW1401" "bucket that replicates onto itself"
    "A copy in the bucket of its original has to have another key: give it a prefix of its own. Objects below that prefix are not copied again."
    /// Copies that would overwrite each other.
    DUPLICATE_REPLICA "CW1402" "two replicas in one place"
    "Each replica is a bucket of its own region and account, or a prefix of its own in a bucket that exists already. Two in one place would be the same copies twice."
    /// Something that the chosen way of replication cannot do.
    UNFIT_REPLICATION "CW1403" "not possible in this kind of replication"
    "One-way replication by the bundled function can rename copies and filter by prefix and suffix; in two-way replication objects have the same key everywhere; S3's own replication needs versions, keeps keys and filters by prefix alone."
    /// A package index that the handler cannot keep.
    BAD_INDEX "CW1411" "unusable package index"
    "The index of a pypicloud server is kept in DynamoDB, or in a Redis server that is no cluster, with the settings that the server itself has. What pypicloud keeps in a SQL database has to be kept by pypicloud: choose `pypi.db = dynamo` or `pypi.db = redis`."
    /// A stage of a pipeline that no object can reach.
    UNFED_STAGE "CW1421" "stage that nobody feeds"
    "A stage gets the objects of a place: the one in which files come in, one that another stage writes to, or a bucket that others fill, which is named with `Place::bucket`."
    /// Something that starts itself again by what it writes.
    RECURSION "CW1422" "endless recursion"
    "Each object would make the next one, without end and at a price. What starts a stage has to be apart from what it, or a stage after it, writes: by another bucket, another prefix, or another suffix."
    /// An operation on a resource of somebody else.
    FOREIGN_OPERATION "CW1501" "operation on an imported resource"
    "The command line finds the resource of an operation in the deployed stacks of the app. A resource that was imported is in none of them."
    /// A document that Systems Manager would refuse, or that could run something else than it says.
    BAD_DOCUMENT "CW1601" "unusable document"
    "A document of Systems Manager has steps and parameters of different names and at most 64 KB. What it is given each time reaches a script as an environment variable: text between double braces would become a part of the script, and so a command."
    /// A rule of EventBridge that it would refuse, or that nothing could ever match.
    BAD_EVENT_RULE "CW1631" "unusable rule"
    "A rule matches events by fields whose values stand in lists, or runs by `rate(..)` or by a `cron(..)` of six fields. Its targets have ids of their own, and what they get in place of the event is JSON."
    /// A schedule that EventBridge Scheduler would refuse.
    BAD_SCHEDULE "CW1642" "unusable schedule"
    "A schedule runs by `rate(..)`, by a `cron(..)` of six fields, or once at a time such as 2027-03-14T01:59:00; what it is limited to begins before it ends."
    /// A flow of a state machine that Step Functions would refuse, or that goes nowhere.
    BAD_FLOW "CW1641" "unusable flow"
    "A flow begins with its first state. States have names of their own and lead to states of the same flow; each can be reached, and one of them is an end."
    /// A network, or a machine in it, that EC2 would refuse.
    BAD_NETWORK "CW1611" "unusable network"
    "EC2 documents how addresses, descriptions of rules and kinds of machines are written, and what belongs to a network."
    /// A network rule that lets everybody try to log in.
    OPEN_TO_WORLD "CW1612" "administration open to everybody"
    "Ports at which people log in are tried by machines all over the world within minutes. Session Manager needs no open port; otherwise, name the addresses that may."
    /// Servers that cannot follow a bucket as it is said.
    BAD_FLEET "CW1621" "servers that cannot follow"
    "Servers are found by tags with values, directories are absolute paths that lie apart from each other, limits are numbers of servers or parts of them, and a marker is the exact name of an object."
    /// A grant to a construct whose role is not known.
    UNKNOWN_ROLE "CW1303" "unknown role"
    "A right is a statement in the policy of the role that a construct acts as. The role of an imported construct has to be said."
}
