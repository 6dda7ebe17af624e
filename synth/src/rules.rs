//! Every mistake that the engine itself finds, with its stable code.
//!
//! Codes of the engine are `CW00xx` (tree), `CW01xx` (references), `CW02xx` (limits) and `CW03xx`
//! (property values), and `CW120x` (exceptions); the construct library adds its own. Each row says a
//! code, how bad it is, what is wrong, why that matters, what to do, and the page of AWS, if there is
//! one.

use crate::diagnostic::{Rule, Severity};

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

        /// All rules of the engine, by code.
        pub static ALL: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    /// A construct id without a usable letter, or with letters that a logical id would lose.
    BAD_ID "CW0001" Error "unusable construct id"
    "Logical ids consist of ASCII letters and digits. Other letters would vanish from the id, so that two constructs could end up with the same one, or with ids that no reader can tell apart."
    "Use an UpperCamel ASCII name."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html"
    /// Two constructs of one scope with the same id.
    TAKEN_ID "CW0002" Error "construct id taken"
    "Ids are unique within a scope, because the path of ids is what identifies a resource from one deployment to the next."
    "Give one of the two constructs another id."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html"
    /// A resource, parameter or output outside of any stack.
    NO_STACK "CW0003" Error "resource outside of a stack"
    "Only stacks become templates."
    "Add the construct to a stack."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-anatomy.html"
    /// An account or region that cannot be one.
    BAD_ENVIRONMENT "CW0004" Error "impossible environment"
    "An account is twelve digits, or a name that `App::account` gave to twelve digits. A region is a code name such as eu-central-1."
    "Write the twelve digits or a name that the app knows, and a code name of a region."
    "https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html"
    /// No region where at least one is wanted.
    NO_REGION "CW0005" Error "no region"
    "The construct spans regions, and none was given."
    "Name them, or name the app's active regions once."
    "https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html"
    /// A file that cannot become an asset.
    BAD_ASSET "CW0006" Error "unreadable asset"
    "The file that a construct points at could not be read. Relative paths start at the current directory; `package!` starts at the package that calls it."
    "Check the path and whether it may be read."
    ""
    /// Two elements of a template with the same logical id.
    TAKEN_LOGICAL_ID "CW0007" Error "logical id taken"
    "Two constructs have different paths that become the same logical id, mostly because punctuation is stripped (`a-b` and `ab`) or an override was used twice."
    "Rename one."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html"
    /// A logical id that CloudFormation would refuse.
    BAD_LOGICAL_ID "CW0008" Error "unusable logical id"
    "A logical id consists of 1 to 255 ASCII letters and digits."
    "Override the logical id by letters and digits only, or leave it to the construct."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html"
    /// An aspect that adds aspects.
    ASPECT_IN_ASPECT "CW0009" Error "aspect added by an aspect"
    "Aspects run once, in order of priority; one that adds another would have to run again."
    "Add both from the program."
    ""
    /// A stack name that CloudFormation would refuse, or that is used twice in one environment.
    BAD_STACK_NAME "CW0010" Error "unusable stack name"
    "A stack name starts with a letter, holds letters, digits and dashes, has at most 128 characters, and is unique in its account and region."
    "Rename the stack, or give it a name by `.stack_name(..)`."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cfn-console-create-stack.html"
    /// A rename of a logical id that nothing has.
    UNUSED_RENAME "CW0011" Error "rename without effect"
    "A logical id was to be replaced by another, and no element of the stack has it. Perhaps the construct has moved once more, or is gone."
    "Take the rename away, or name the id that the element has now."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html"
    /// A context key from outside that nothing reads.
    UNREAD_CONTEXT "CW0012" Warning "context that nothing reads"
    "A context value was given on the command line, and the program never asks for its key. Most likely the key is misspelt, and the program runs with a default."
    "Correct the key, or take it off the command line."
    ""
    /// A resource that holds data under another logical id than the program's list says, or none.
    MOVED_DATA "CW0013" Error "data under another logical id"
    "CloudFormation knows a resource by its logical id. Under another one it would be made anew, empty, and the old one with its data would be deleted or left behind. The list given to `App::stateful_ids` says where data is; whoever means to let it go changes the list, which a review shows."
    "Keep the id by `stack.rename_logical_id(..)`, or change the list where the data may go."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html"
    /// A resource that holds data and is not in the program's list.
    UNLISTED_DATA "CW0014" Error "data that is not in the list"
    "The program keeps a list of the resources that hold data, by `App::stateful_ids`."
    "A new one is added to it, so that its logical id is held from then on. `ls --stateful` prints the whole list."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html"
    /// An operation that nobody could call, or whose payload nobody could check.
    BAD_OPERATION "CW0015" Error "unusable operation"
    "An operation is called by its name on a command line, on a resource of the app, with a payload that is checked against its schema before anything is sent."
    "Name it with small letters, digits and dashes, and write the schema out."
    ""
    /// A check that fails itself.
    FAILED_CHECK "CW0016" Warning "check that fails"
    "A check looked at a resource and could not go on. That is a mistake of the check; what it would have found here is not known, and all others have run."
    "Tell whoever wrote the check, with the construct and the text of the message."
    ""
    /// A value of one app used in another.
    FOREIGN_HANDLE "CW0101" Error "handle of another app"
    "A reference only means something within the app whose tree it points into."
    "Build both constructs in one app."
    ""
    /// A reference to something that is not in the template.
    DANGLING_REFERENCE "CW0102" Error "dangling reference"
    "CloudFormation refuses a template that names a logical id which is not in it."
    "Correct the name, or add what is named to the stack."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-ref.html"
    /// Resources that need each other.
    RESOURCE_CYCLE "CW0103" Error "circular dependency between resources"
    "Each of these resources can only be created after the next one."
    "Break the circle: name one of them, so that the others can be told the name without waiting, or separate a policy from its role."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/troubleshooting.html"
    /// Stacks that need each other.
    STACK_CYCLE "CW0104" Error "circular dependency between stacks"
    "Each of these stacks can only be deployed after the next one."
    "Move a construct to the other stack, or pass a name that is known beforehand."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html"
    /// A reference that cannot cross to the other stack.
    IMPOSSIBLE_REFERENCE "CW0105" Error "reference that cannot cross stacks"
    "Some values cannot be carried from one stack to another: a condition, a list whose length is unknown across accounts or regions."
    "Pass a single value, or a name that is known beforehand."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html"
    /// A secret in a place that shows it.
    SHOWN_SECRET "CW0106" Error "secret in an output"
    "Outputs are shown in the console and returned by every API call that describes the stack."
    "Pass on the secret's ARN, and let the reader fetch the value."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/security-best-practices.html"
    /// Conditions that are defined by each other.
    CONDITION_CYCLE "CW0107" Error "circular definition of conditions"
    "A condition can use other conditions, and none of them may use the first again."
    "Write one of the two conditions without the other."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html"
    /// A key or password that stands in the template.
    PLAIN_SECRET "CW0108" Warning "secret in a template"
    "Everybody who can describe the stack can read its template."
    "Let the deployment read the secret by a dynamic reference, or give the code a role instead of keys."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/security-best-practices.html"
    /// A look-up that cannot find anything.
    EMPTY_LOOKUP "CW0109" Error "look-up that finds nothing"
    "Fn::FindInMap names a row or column that the mapping does not have, or Fn::Select an item that the list does not have."
    "Correct the name, or add the row, the column or the item."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-findinmap.html"
    /// An export without a name, or with a name that is taken.
    BAD_EXPORT "CW0110" Error "unusable export"
    "The names of exports are not empty and are unique in an account and region."
    "Give the export a name of its own, one that the template need not read from a resource."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html"
    /// A region that did not exist when the library was released.
    UNKNOWN_REGION "CW0111" Warning "unknown region"
    "A stack in a region that does not exist cannot be deployed. A region newer than this library can."
    "Correct the spelling. If the region is new, all is well."
    "https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html"
    /// A resource that a condition may leave out, and that something refers to in any case.
    MAYBE_MISSING "CW0112" Warning "reference to what may not be there"
    "The resource is created only when its condition holds, and what refers to it is there in any case. When the condition does not hold, the deployment fails."
    "Give both the same condition, or choose by it: `condition.choose(reference, no_value())`."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/conditions-section-structure.html"
    /// More of something than CloudFormation takes.
    OVER_LIMIT "CW0201" Error "over a CloudFormation limit"
    "CloudFormation limits the number of resources (500), parameters, outputs and mappings (200 each) and the size of a template (1 MB)."
    "Split the stack, or nest a part of it."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"
    /// Near to a limit.
    NEAR_LIMIT "CW0202" Warning "close to a CloudFormation limit"
    "The stack will hit a limit soon."
    "Split it while that is easy: moving resources between stacks later replaces them."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"
    /// A text that is too long.
    TOO_LONG "CW0203" Error "text too long"
    "CloudFormation limits descriptions (1,024 bytes) and names (255 characters)."
    "Shorten it."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"
    /// A stack without resources.
    EMPTY_STACK "CW0204" Error "stack without resources"
    "CloudFormation refuses a template without resources."
    "Add one, or leave the stack out."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html"
    /// A template that cannot be sent with a request.
    NEEDS_UPLOAD "CW0205" Warning "template that has to be uploaded"
    "A template of more than 51,200 bytes is deployed from a bucket. The bootstrap of the account and region makes one; deployment tools upload the template by themselves."
    "Nothing, where a deployment tool is used: it uploads the template to the bucket of the bootstrap."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html"
    /// A tag that CloudFormation would refuse.
    BAD_TAG "CW0206" Error "unusable tag"
    "The key of a tag has 1 to 128 characters and does not start with aws:, the value has at most 256, and there are at most 50 tags."
    "Shorten or rename the tag, or leave some out."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-resource-tags.html"
    /// A number that JSON cannot hold.
    NOT_A_NUMBER "CW0301" Error "not a finite number"
    "JSON has no NaN and no infinity; CloudFormation would read null."
    "Calculate the number so that it is always finite."
    ""
    /// A character that no template can hold.
    BAD_CHARACTER "CW0302" Error "unusable character"
    "Control characters other than tab and line feed cannot be deployed."
    "Take the character out."
    ""
    /// A property value that the facts about its type forbid.
    BAD_VALUE "CW0303" Error "property value out of bounds"
    "The value is a literal, and the facts about the resource type say that CloudFormation would refuse it."
    "Give a value within the bounds that the message names."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html"
    /// A property that the type does not have.
    UNKNOWN_PROPERTY "CW0304" Error "unknown property"
    "The resource type has no property of this name."
    "Check the spelling; a property newer than the facts can be silenced by using a raw resource."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html"
    /// A required property that is not set.
    MISSING_PROPERTY "CW0305" Error "missing property"
    "The resource type requires this property."
    "Set the property."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html"
    /// A placeholder of `Fn::Sub` that has no value, or a value without a placeholder.
    BAD_SUBSTITUTION "CW0306" Error "placeholder and value do not match"
    "Every `${Name}` of the text needs a value of that name, and every value a placeholder."
    "Write `${!Name}` for a dollar sign and brace that shall stay."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-sub.html"
    /// A null in a template.
    NULL_VALUE "CW0307" Error "null in a template"
    "CloudFormation refuses null anywhere in a template."
    "Leave the property out; in a branch of Fn::If use AWS::NoValue."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/pseudo-parameter-reference.html"
    /// An intrinsic function that does not exist, stands in the wrong place or has wrong arguments.
    BAD_FUNCTION "CW0308" Error "wrong use of an intrinsic function"
    "Each function takes a fixed number of arguments and is allowed in some parts of a template only; see the intrinsic function reference of CloudFormation."
    "Move the function, or correct what it is given, as the message says."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html"
    /// A parameter that no deployment can satisfy.
    BAD_PARAMETER "CW0309" Error "impossible parameter"
    "The type does not exist, the constraints contradict each other, or the default breaks them."
    "Choose a type that exists, and a default that the constraints allow."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/parameters-section-structure.html"
    /// A mapping that CloudFormation cannot read.
    BAD_MAPPING "CW0314" Error "unusable mapping"
    "A mapping has rows, and each row has columns with a literal or a list of literals. Keys of rows hold letters, digits, dots and dashes, keys of columns letters and digits."
    "Give every row the same kind of columns, and keys of the letters that are allowed."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/mappings-section-structure.html"
    /// Two resources of one type with one name.
    TAKEN_NAME "CW0315" Error "name used twice"
    "Two resources of the stack are of one type and state the same name. CloudFormation would create the first and fail at the second."
    "Leave the name out of one of the two, or give it another."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-name.html"
    /// Facts about a resource type that cannot be read.
    BAD_FACTS "CW0313" Error "unreadable facts"
    "The constant SPEC of a resource's Rust type is not in the notation of the spec files, so its properties cannot be checked."
    "Correct the constant SPEC, or leave it empty."
    ""
    /// One key twice in an object.
    DUPLICATE_KEY "CW0311" Error "key used twice"
    "An object of a template holds each key once; of two values for one key, one would be lost."
    "Say the key once."
    ""
    /// A value that is nested too deep.
    TOO_DEEP "CW0312" Error "value nested too deep"
    "No property needs that many levels; a loop that wraps a value in itself is the usual reason."
    "Look for a loop that wraps a value in itself, and end it."
    ""
    /// A resource type that cannot be one.
    BAD_TYPE "CW0310" Error "impossible resource type"
    "A type has three words joined by `::`, or is `Custom::` and a name of at most 60 letters, digits, `_`, `@` and `-`."
    "Correct the type; it is written as in the resource type reference."
    "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html"
    /// An acknowledgement without a reason.
    EMPTY_REASON "CW1201" Error "acknowledgement without a reason"
    "Every exception to a rule says why it is safe here; reviewers and auditors read it in the template."
    "Say why the exception is safe here."
    ""
    /// An exception to a rule that no resource breaks.
    IDLE_EXCEPTION "CW1203" Error "exception that concerns nothing"
    "An exception is said of the resources that need it, and goes away with what it was said for. Otherwise it would cover something that nobody has looked at."
    "Take the exception away, or say it where the finding is."
    ""
}
