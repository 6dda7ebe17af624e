//! Every mistake that the construct library finds, with its stable code.
//!
//! Codes are `CW1xxx` for what constructs are told, and `CW2xxx` for what the finished templates show;
//! those of the engine are in [`cloudwright_synth::rules`], whose rows these are like.

use cloudwright_synth::sorted::sort_by;
use cloudwright_synth::{Rule, Severity};

pub use cloudwright_synth::rules::{EMPTY_REASON, IDLE_EXCEPTION};

/// Every rule of the engine and of the library, by code.
#[must_use]
pub fn all() -> Vec<&'static Rule> {
    let mut all: Vec<&Rule> = cloudwright_synth::rules::ALL.to_vec();
    all.extend(ALL);
    sort_by(&mut all, |a, b| a.code.cmp(b.code));
    all
}

macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $name:ident $code:literal $severity:ident $title:literal
        $explanation:literal $fix:literal $page:literal)*) => {
        $($(#[doc = $doc])+ pub static $name: Rule = Rule {
            code: $code,
            severity: Severity::$severity,
            title: $title,
            explanation: $explanation,
            fix: $fix,
            page: $page,
        };)*

        /// All rules of the construct library, by code.
        pub static ALL: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    /// A duration that the property cannot express.
    BAD_DURATION "CW1001" Error "impossible duration"
    "CloudFormation counts this duration in whole units, within a range."
    "Round it to one it can express."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html"
    /// A size or a number outside of what the service takes.
    OUT_OF_RANGE "CW1002" Error "value out of range"
    "The service documents the range of this value."
    "Choose one within it."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html"
    /// A text that is not an ARN of the kind that is wanted.
    BAD_ARN "CW1003" Error "unusable ARN"
    "An ARN has the form arn:partition:service:region:account:resource, and this place wants one of a certain service."
    "Copy the ARN from the console, or take it from the handle of a construct."
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"
    /// A physical name that the service refuses.
    BAD_NAME "CW1004" Error "unusable name"
    "The service documents which characters and lengths a name may have."
    "Leave the name out to let one be made."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html"
    /// A grant to somebody outside on a resource without a policy.
    NO_RESOURCE_POLICY "CW1005" Error "no resource policy"
    "Only a resource policy can let a principal in that this app does not manage, and this kind of resource (or an imported one) has none that the app could write."
    "Grant to a role of this app, or add the statement where the resource is kept."
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html"
    /// Notifications that S3 would refuse because two rules match the same event of the same key.
    OVERLAPPING_NOTIFICATIONS "CW1101" Error "overlapping notifications"
    "S3 refuses two notification rules of one bucket that can match the same event of the same object."
    "Make the prefixes or suffixes disjoint, or fan out behind one topic."
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html"
    /// Two settings that exclude each other.
    CONTRADICTION "CW1103" Error "contradicting settings"
    "The two settings cannot both hold."
    "Leave one of the two out."
    ""
    /// A queue whose messages become visible again while they are still being worked on.
    SHORT_VISIBILITY "CW1104" Error "visibility timeout shorter than the work"
    "Lambda advises a visibility timeout of at least six times the function's timeout, and refuses one below the timeout itself: with a shorter one, messages are worked on twice."
    "Raise the visibility timeout of the queue, or shorten the timeout of the function."
    "https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html"
    /// An endpoint that does not fit the subscription's protocol.
    BAD_ENDPOINT "CW1106" Error "endpoint does not fit the protocol"
    "An HTTPS subscription wants an https:// URL, an e-mail subscription an address, an SMS subscription a phone number in E.164 form."
    "Give an endpoint of the form that the message names."
    "https://docs.aws.amazon.com/sns/latest/dg/sns-create-subscribe-endpoint-to-topic.html"
    /// A subscription that cannot be named by its endpoint.
    UNNAMED_SUBSCRIPTION "CW1107" Error "subscription without an id"
    "A subscription is named by its endpoint."
    "When only the deployment knows the endpoint, the program has to name the subscription."
    "https://docs.aws.amazon.com/sns/latest/dg/sns-create-subscribe-endpoint-to-topic.html"
    /// A filter policy that SNS would refuse.
    BAD_FILTER_POLICY "CW1108" Error "unusable filter policy"
    "A filter policy has at most five keys, at least one condition for each, and at most 150 combinations of conditions."
    "Drop or shorten the keys that the message names."
    "https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html"
    /// Two constructs in different regions or accounts that AWS does not connect.
    TOO_FAR "CW1109" Error "in another region or account"
    "Buckets notify and alarms tell targets of their own region; dead-letter queues, and the metrics of an alarm, belong to the same account, too."
    "Across regions, subscribe a queue or a function to a topic."
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html"
    /// A role of another account that cannot be named before it exists.
    UNNAMED_ROLE "CW1110" Error "role of another account without a fixed name"
    "Across accounts both sides have to agree: the role's policy names the resource, and the resource's policy the role. Each would wait for the other unless one of them has a fixed name."
    "Give the role or the resource a fixed name."
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/tutorial_cross-account-with-roles.html"
    /// A statement for a role that is in another account.
    FOREIGN_ROLE "CW1111" Error "policy for a role of another account"
    "IAM attaches policies to roles of its own account only. What a role of another account may do here is said by the resource's policy, and has to be allowed by a policy of the role's account, too."
    "Let the resource's policy allow the role, and the role's own account allow it too."
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/tutorial_cross-account-with-roles.html"
    /// A role that this app gives no policy to.
    UNTOUCHED_ROLE "CW1112" Warning "role that gets its rights elsewhere"
    "The program leaves this role as it is. Whoever keeps its policies has to allow what is named, or what acts as the role will be refused; the template has the whole policy in the Metadata of the functions."
    "Have the policy added where the role is kept."
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_manage-attach-detach.html"
    /// An environment variable that looks like a credential.
    PLAINTEXT_SECRET "CW1202" Error "credential in plain text"
    "Environment variables are shown in the console and returned by the API."
    "Store the secret in Secrets Manager and pass on its ARN."
    "https://docs.aws.amazon.com/secretsmanager/latest/userguide/best-practices.html"
    /// An archive that Lambda could not start.
    BAD_CODE "CW1301" Error "unusable code"
    "A function's code is a zip archive of at most 250 MiB unpacked; the runtime provided.al2023 starts the executable file `bootstrap` at its top. Code that is made when it is deployed needs a source that can be hashed: a package with its Cargo.lock, a folder with files, requirements with exact versions."
    "Put a bootstrap at the top of the archive, or give the source what makes it hashable."
    "https://docs.aws.amazon.com/lambda/latest/dg/configuration-function-zip.html"
    /// An environment variable that Lambda would refuse.
    BAD_VARIABLE "CW1302" Error "unusable environment variable"
    "Names start with a letter and hold letters, digits and `_`; some are Lambda's own; all names and values together have at most 4 KB."
    "Rename the variable, or keep long values in a parameter or a file."
    "https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html"
    /// A filter pattern that Lambda would refuse.
    BAD_PATTERN "CW1304" Error "unusable filter pattern"
    "A filter pattern is an object of fields; each field holds an object of further fields, or a list of the values or conditions that it may have."
    "Write each field as an object of fields, or as a list of values or conditions."
    "https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html"
    /// A processor that Lambda has not.
    UNKNOWN_ARCHITECTURE "CW1305" Error "unknown architecture"
    "The context value cloudwright:architecture names the processor of functions that say none and whose code is made when they are deployed: arm64, which is the default, or x86_64. A function that says its architecture keeps it."
    "Say arm64 or x86_64."
    "https://docs.aws.amazon.com/lambda/latest/dg/foundation-arch.html"
    /// A build of the bundled handlers that there is not.
    UNKNOWN_BUILD "CW1306" Error "unknown build of the handlers"
    "The context value cloudwright:handlers says how the handlers that cloudwright brings along are built: release, which is the default, is one small program of all of them; development is a quick build of each handler that the app uses."
    "Say release or development."
    ""
    /// A layer that its function cannot use.
    BAD_LAYER "CW1307" Error "unusable layer"
    "A layer is of one region, and of the processors and runtimes that it was packed for. Lambda takes layers of the function's own region only; a wrong processor or runtime shows when the function starts."
    "Use a layer of the region, the processor and the runtime of the function."
    "https://docs.aws.amazon.com/lambda/latest/dg/chapter-layers.html"
    /// A bucket that would get copies of its own objects under their own keys.
    REPLICATION_LOOP "CW1401" Error "bucket that replicates onto itself"
    "A copy in the bucket of its original has to have another key: give it a prefix of its own. Objects below that prefix are not copied again."
    "Give the copies a prefix of their own."
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html"
    /// Copies that would overwrite each other.
    DUPLICATE_REPLICA "CW1402" Error "two replicas in one place"
    "Each replica is a bucket of its own region and account, or a prefix of its own in a bucket that exists already. Two in one place would be the same copies twice."
    "Name each place once."
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html"
    /// Something that the chosen way of replication cannot do.
    UNFIT_REPLICATION "CW1403" Error "not possible in this kind of replication"
    "One-way replication by the bundled function can rename copies and filter by prefix and suffix; in two-way replication objects have the same key everywhere; S3's own replication needs versions, keeps keys and filters by prefix alone."
    "Choose the kind of replication that can, or leave the setting out."
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication.html"
    /// A package index that the handler cannot keep.
    BAD_INDEX "CW1411" Error "unusable package index"
    "The index of a pypicloud server is kept in DynamoDB, or in a Redis server that is no cluster, with the settings that the server itself has."
    "What pypicloud keeps in a SQL database has to be kept by pypicloud: choose `pypi.db = dynamo` or `pypi.db = redis`."
    ""
    /// A stage of a pipeline that no object can reach.
    UNFED_STAGE "CW1421" Error "stage that nobody feeds"
    "A stage gets the objects of a place: the one in which files come in, one that another stage writes to, or a bucket that others fill, which is named with `Place::bucket`."
    "Name the place by `Place::bucket`, or let another stage write to it."
    ""
    /// Something that starts itself again by what it writes.
    RECURSION "CW1422" Error "endless recursion"
    "Each object would make the next one, without end and at a price."
    "What starts a stage has to be apart from what it, or a stage after it, writes: by another bucket, another prefix, or another suffix."
    "https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html"
    /// An operation on a resource of somebody else.
    FOREIGN_OPERATION "CW1501" Error "operation on an imported resource"
    "The command line finds the resource of an operation in the deployed stacks of the app. A resource that was imported is in none of them."
    "Declare the operation in the app that makes the resource."
    ""
    /// A document that Systems Manager would refuse, or that could run something else than it says.
    BAD_DOCUMENT "CW1601" Error "unusable document"
    "A document of Systems Manager has steps and parameters of different names and at most 64 KB. What it is given each time reaches a script as an environment variable: text between double braces would become a part of the script, and so a command."
    "Give steps and parameters different names, and let scripts read parameters as environment variables."
    "https://docs.aws.amazon.com/systems-manager/latest/userguide/documents-syntax-data-elements-parameters.html"
    /// A rule of EventBridge that it would refuse, or that nothing could ever match.
    BAD_EVENT_RULE "CW1631" Error "unusable rule"
    "A rule matches events by fields whose values stand in lists, or runs by `rate(..)` or by a `cron(..)` of six fields. Its targets have ids of their own, and what they get in place of the event is JSON."
    "Write the pattern, the schedule or the input as the message says."
    "https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-event-patterns.html"
    /// A route of an API that API Gateway would refuse.
    BAD_ROUTE "CW1651" Error "unusable route"
    "A route is a method and a path, such as `GET /orders/{id}`, or `$default`; each is there once, and a parameter stands between two slashes as a whole."
    "Write the route as the message says, once."
    "https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html"
    /// A schedule that EventBridge Scheduler would refuse.
    BAD_SCHEDULE "CW1642" Error "unusable schedule"
    "A schedule runs by `rate(..)`, by a `cron(..)` of six fields, or once at a time such as 2027-03-14T01:59:00; what it is limited to begins before it ends."
    "Write the schedule as the message says."
    "https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html"
    /// A flow of a state machine that Step Functions would refuse, or that goes nowhere.
    BAD_FLOW "CW1641" Error "unusable flow"
    "A flow begins with its first state. States have names of their own and lead to states of the same flow; each can be reached, and one of them is an end."
    "Lead each state to the next or to an end, and name each once."
    "https://docs.aws.amazon.com/step-functions/latest/dg/statemachine-structure.html"
    /// A network, or a machine in it, that EC2 would refuse.
    BAD_NETWORK "CW1611" Error "unusable network"
    "EC2 documents how addresses, descriptions of rules and kinds of machines are written, and what belongs to a network."
    "Write it as the message says."
    "https://docs.aws.amazon.com/vpc/latest/userguide/what-is-amazon-vpc.html"
    /// A network rule that lets everybody try to log in.
    OPEN_TO_WORLD "CW1612" Warning "administration open to everybody"
    "Ports at which people log in are tried by machines all over the world within minutes."
    "Session Manager needs no open port; otherwise, name the addresses that may."
    "https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager.html"
    /// Servers that cannot follow a bucket as it is said.
    BAD_FLEET "CW1621" Error "servers that cannot follow"
    "Servers are found by tags with values, directories are absolute paths that lie apart from each other, limits are numbers of servers or parts of them, and a marker is the exact name of an object."
    "Choose values as the message says."
    ""
    /// A grant to a construct whose role is not known.
    UNKNOWN_ROLE "CW1303" Error "unknown role"
    "A right is a statement in the policy of the role that a construct acts as."
    "The role of an imported construct has to be said."
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_identity-vs-resource.html"
    /// Data that a deployment would delete.
    UNKEPT_DATA "CW2001" Warning "data that is not kept"
    "A resource that holds data has no DeletionPolicy or no UpdateReplacePolicy. When it leaves the template, is replaced, or its stack is deleted, the data is deleted with it."
    "Set both attributes: `RetainExceptOnCreate` and `Retain` keep the data; `Delete` says that it may go."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-deletionpolicy.html"
    /// Data that lies unencrypted.
    UNENCRYPTED "CW2002" Warning "no encryption at rest"
    "The service encrypts this kind of resource only when it is asked to, and most cannot be encrypted later."
    "Set the property that the message names, and a key of your own where the data has to be out of reach of the account's administrators."
    "https://docs.aws.amazon.com/prescriptive-guidance/latest/encryption-best-practices/welcome.html"
    /// Requests that may come without TLS.
    PLAIN_TRANSPORT "CW2003" Warning "requests without TLS"
    "Buckets, queues and topics answer to plain HTTP, where anybody on the way can read along, unless a policy refuses it."
    "Add a policy that denies every action when `aws:SecureTransport` is false; the L2 constructs have one."
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html"
    /// Logs that nobody deletes.
    ENDLESS_LOGS "CW2004" Warning "logs that never end"
    "A log group without a retention keeps every line for ever: at a price, and longer than most rules about personal data allow."
    "Set RetentionInDays."
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/Working-with-log-groups-and-streams.html"
    /// An alarm that nobody hears.
    SILENT_ALARM "CW2005" Warning "alarm that tells nobody"
    "An alarm without an action turns red in a console that nobody looks at."
    "Name a topic in AlarmActions, or let a composite alarm use it."
    "https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html"
    /// More of something than a service takes.
    OVER_QUOTA "CW2006" Error "over a quota of a service"
    "Each service limits how much of something it takes, which no schema says and which shows only in the deployment."
    "Split what is too long. Some quotas can be raised: acknowledge it then by a resource of its own."
    "https://docs.aws.amazon.com/general/latest/gr/aws-service-information.html"
    /// An event that S3 does not know.
    UNKNOWN_EVENT "CW2011" Error "unknown event of a bucket"
    "S3 refuses a notification of an event that it does not know, after minutes of deployment."
    "Correct the name; `s3::Event` has them all."
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html"
    /// A FIFO queue or topic that S3 would have to tell.
    FIFO_NOTIFIED "CW2012" Error "FIFO target of a bucket"
    "S3 tells standard queues and topics only, and refuses a FIFO one."
    "Put a function in between (the pattern `NotifiedQueue`), or EventBridge."
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-event-types-and-destinations.html"
    /// A bucket that is made before it may call its function.
    NOT_LET_IN "CW2013" Error "bucket that may not call its function yet"
    "S3 tries the function when it takes the notifications. Without a permission, or when the permission is made later, the bucket cannot be created: sometimes, since the order is open."
    "Add the permission, and make the bucket depend on it."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-s3-bucket-notificationconfiguration.html"
    /// Failures that Lambda cannot put into a FIFO queue.
    FIFO_FAILURES "CW2021" Error "failures to a FIFO queue"
    "Lambda gives failed asynchronous calls to standard queues and topics only."
    "Name a standard queue."
    "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html"
    /// A role without the rights that its function is wired for.
    MAY_NOT_SEND "CW2022" Error "role without rights on its queue"
    "The function is wired to a queue, and no policy of its role lets it use the queue. Lambda refuses it as a source or for failures; what the code itself sends is refused when it runs."
    "Grant it: `queue.grant_send(&function)` or `queue.grant_consume(&function)`."
    "https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html"
    /// Somebody who may use a queue and not its key.
    MAY_NOT_ENCRYPT "CW2023" Warning "no right to the key of a queue"
    "Whoever sends to an encrypted queue needs kms:GenerateDataKey and kms:Decrypt on its key, whoever receives kms:Decrypt; without them each message is refused."
    "Allow it in the role's policy or, for a service of AWS, in the policy of the key."
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html"
    /// A function that may set itself off.
    SELF_TRIGGER "CW2024" Warning "function that may trigger itself"
    "The function may write to what calls it. If it does, every call makes the next, until somebody looks at the bill."
    "Write to another place, narrow the grant to other keys, or acknowledge it with what ends the circle."
    "https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html"
    /// An action that IAM does not know.
    UNKNOWN_ACTION "CW2031" Warning "unknown action"
    "IAM takes any action of a policy, and a misspelt one allows or denies nothing."
    "Correct the spelling."
    "https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html"
    /// An action on a resource that it does not work on.
    WRONG_RESOURCE "CW2032" Warning "action on the wrong resource"
    "Each action works on certain kinds of resources. A statement that names none of them allows nothing."
    "Name a resource of the right kind; s3:ListBucket wants the bucket, s3:GetObject its objects."
    "https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html"
    /// Something that everybody may reach.
    PUBLIC_ACCESS "CW2033" Warning "open to everybody"
    "A policy, a permission or a setting lets in people without an account of yours."
    "Name who may, or add a condition that says whom you mean. Where the public is meant, acknowledge it with the reason."
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html"
    /// A service that acts for anybody.
    CONFUSED_DEPUTY "CW2034" Warning "service that may act for strangers"
    "A service of AWS acts for all its customers. When it is let in without saying for whom, another account can have it act on this resource. The ARN of a bucket does not say the account."
    "Add a condition on aws:SourceAccount, and on aws:SourceArn where the source is known."
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"
    /// A role that strangers may become.
    OPEN_TRUST "CW2035" Warning "role open to the world"
    "The trust policy lets every account, or every holder of a token, become the role, with all its rights."
    "Name who may, or add a condition on their organization, an external id, or the token's subject."
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_update-role-trust-policy.html"
    /// A FIFO queue or topic that cannot be.
    BAD_FIFO "CW2041" Error "impossible FIFO queue or topic"
    "The name of a FIFO queue or topic ends in `.fifo` and no other does; its dead letters are FIFO as well; a standard topic cannot tell it; and a standard queue has no settings of order."
    "Make both ends the same kind."
    "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/FIFO-queues-understanding-logic.html"
    /// A parameter that shows a secret.
    SHOWN_PARAMETER "CW2051" Warning "secret in a parameter"
    "The value of a parameter without NoEcho is shown in the console and by every call that describes the stack."
    "Set NoEcho; better, read the secret by a dynamic reference, so that it is no parameter."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/security-best-practices.html"
}
