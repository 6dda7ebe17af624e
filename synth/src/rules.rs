//! Every mistake that the engine itself finds, with its stable code.
//!
//! Codes of the engine are `CW00xx` (tree), `CW01xx` (references), `CW02xx` (limits) and `CW03xx`
//! (property values); the construct library adds its own.

use crate::diagnostic::Rule;

macro_rules! rules {
    ($($(#[doc = $doc:literal])+ $name:ident $code:literal $title:literal $explanation:literal)*) => {
        $($(#[doc = $doc])+ pub static $name: Rule =
            Rule { code: $code, title: $title, explanation: $explanation };)*

        /// All rules of the engine, by code.
        pub static ALL: &[&Rule] = &[$(&$name),*];
    };
}

rules! {
    /// A construct id without a usable letter, or with letters that a logical id would lose.
    BAD_ID "CW0001" "unusable construct id"
    "Logical ids consist of ASCII letters and digits. Other letters would vanish from the id, so that two constructs could end up with the same one, or with ids that no reader can tell apart. Use an UpperCamel ASCII name."
    /// Two constructs of one scope with the same id.
    TAKEN_ID "CW0002" "construct id taken"
    "Ids are unique within a scope, because the path of ids is what identifies a resource from one deployment to the next. Give one of the two constructs another id."
    /// A resource, parameter or output outside of any stack.
    NO_STACK "CW0003" "resource outside of a stack"
    "Only stacks become templates. Add the construct to a stack."
    /// An account or region that cannot be one.
    BAD_ENVIRONMENT "CW0004" "impossible environment"
    "An account is twelve digits, or a name that `App::account` gave to twelve digits. A region is a code name such as eu-central-1."
    /// No region where at least one is wanted.
    NO_REGION "CW0005" "no region"
    "The construct spans regions, and none was given. Name them, or name the app's active regions once."
    /// A file that cannot become an asset.
    BAD_ASSET "CW0006" "unreadable asset"
    "The file that a construct points at could not be read. Relative paths start at the current directory; `package!` starts at the package that calls it."
    /// Two elements of a template with the same logical id.
    TAKEN_LOGICAL_ID "CW0007" "logical id taken"
    "Two constructs have different paths that become the same logical id, mostly because punctuation is stripped (`a-b` and `ab`) or an override was used twice. Rename one."
    /// A logical id that CloudFormation would refuse.
    BAD_LOGICAL_ID "CW0008" "unusable logical id"
    "A logical id consists of 1 to 255 ASCII letters and digits."
    /// An aspect that adds aspects.
    ASPECT_IN_ASPECT "CW0009" "aspect added by an aspect"
    "Aspects run once, in order of priority; one that adds another would have to run again. Add both from the program."
    /// A stack name that CloudFormation would refuse, or that is used twice in one environment.
    BAD_STACK_NAME "CW0010" "unusable stack name"
    "A stack name starts with a letter, holds letters, digits and dashes, has at most 128 characters, and is unique in its account and region."
    /// A rename of a logical id that nothing has.
    UNUSED_RENAME "CW0011" "rename without effect"
    "A logical id was to be replaced by another, and no element of the stack has it. Perhaps the construct has moved once more, or is gone."
    /// A context key from outside that nothing reads.
    UNREAD_CONTEXT "CW0012" "context that nothing reads"
    "A context value was given on the command line, and the program never asks for its key. Most likely the key is misspelt, and the program runs with a default."
    /// A resource that holds data under another logical id than the program's list says, or none.
    MOVED_DATA "CW0013" "data under another logical id"
    "CloudFormation knows a resource by its logical id. Under another one it would be made anew, empty, and the old one with its data would be deleted or left behind. The list given to `App::stateful_ids` says where data is; whoever means to let it go changes the list, which a review shows."
    /// A resource that holds data and is not in the program's list.
    UNLISTED_DATA "CW0014" "data that is not in the list"
    "The program keeps a list of the resources that hold data, by `App::stateful_ids`. A new one is added to it, so that its logical id is held from then on. `ls --stateful` prints the whole list."
    /// An operation that nobody could call, or whose payload nobody could check.
    BAD_OPERATION "CW0015" "unusable operation"
    "An operation is called by its name on a command line, on a resource of the app, with a payload that is checked against its schema before anything is sent. Name it with small letters, digits and dashes, and write the schema out."
    /// A value of one app used in another.
    FOREIGN_HANDLE "CW0101" "handle of another app"
    "A reference only means something within the app whose tree it points into. Build both constructs in one app."
    /// A reference to something that is not in the template.
    DANGLING_REFERENCE "CW0102" "dangling reference"
    "CloudFormation refuses a template that names a logical id which is not in it."
    /// Resources that need each other.
    RESOURCE_CYCLE "CW0103" "circular dependency between resources"
    "Each of these resources can only be created after the next one. Break the circle: name one of them, so that the others can be told the name without waiting, or separate a policy from its role."
    /// Stacks that need each other.
    STACK_CYCLE "CW0104" "circular dependency between stacks"
    "Each of these stacks can only be deployed after the next one. Move a construct to the other stack, or pass a name that is known beforehand."
    /// A reference that cannot cross to the other stack.
    IMPOSSIBLE_REFERENCE "CW0105" "reference that cannot cross stacks"
    "Some values cannot be carried from one stack to another: a condition, a list whose length is unknown across accounts or regions."
    /// A secret in a place that shows it.
    SHOWN_SECRET "CW0106" "secret in an output"
    "Outputs are shown in the console and returned by every API call that describes the stack. Pass on the secret's ARN, and let the reader fetch the value."
    /// Conditions that are defined by each other.
    CONDITION_CYCLE "CW0107" "circular definition of conditions"
    "A condition can use other conditions, and none of them may use the first again."
    /// A key or password that stands in the template.
    PLAIN_SECRET "CW0108" "secret in a template"
    "Everybody who can describe the stack can read its template. Let the deployment read the secret by a dynamic reference, or give the code a role instead of keys."
    /// A look-up that cannot find anything.
    EMPTY_LOOKUP "CW0109" "look-up that finds nothing"
    "Fn::FindInMap names a row or column that the mapping does not have, or Fn::Select an item that the list does not have."
    /// An export without a name, or with a name that is taken.
    BAD_EXPORT "CW0110" "unusable export"
    "The names of exports are not empty and are unique in an account and region."
    /// A region that did not exist when the library was released.
    UNKNOWN_REGION "CW0111" "unknown region"
    "A stack in a region that does not exist cannot be deployed. A region newer than this library can."
    /// A resource that a condition may leave out, and that something refers to in any case.
    MAYBE_MISSING "CW0112" "reference to what may not be there"
    "The resource is created only when its condition holds, and what refers to it is there in any case. When the condition does not hold, the deployment fails. Give both the same condition, or choose by it: `condition.choose(reference, no_value())`."
    /// More of something than CloudFormation takes.
    OVER_LIMIT "CW0201" "over a CloudFormation limit"
    "CloudFormation limits the number of resources (500), parameters, outputs and mappings (200 each) and the size of a template (1 MB). Split the stack, or nest a part of it."
    /// Near to a limit.
    NEAR_LIMIT "CW0202" "close to a CloudFormation limit"
    "The stack will hit a limit soon. Split it while that is easy: moving resources between stacks later replaces them."
    /// A text that is too long.
    TOO_LONG "CW0203" "text too long"
    "CloudFormation limits descriptions (1,024 bytes) and names (255 characters)."
    /// A stack without resources.
    EMPTY_STACK "CW0204" "stack without resources"
    "CloudFormation refuses a template without resources. Add one, or leave the stack out."
    /// A template that cannot be sent with a request.
    NEEDS_UPLOAD "CW0205" "template that has to be uploaded"
    "A template of more than 51,200 bytes is deployed from a bucket. The bootstrap of the account and region makes one; deployment tools upload the template by themselves."
    /// A tag that CloudFormation would refuse.
    BAD_TAG "CW0206" "unusable tag"
    "The key of a tag has 1 to 128 characters and does not start with aws:, the value has at most 256, and there are at most 50 tags."
    /// A number that JSON cannot hold.
    NOT_A_NUMBER "CW0301" "not a finite number"
    "JSON has no NaN and no infinity; CloudFormation would read null."
    /// A character that no template can hold.
    BAD_CHARACTER "CW0302" "unusable character"
    "Control characters other than tab and line feed cannot be deployed."
    /// A property value that the facts about its type forbid.
    BAD_VALUE "CW0303" "property value out of bounds"
    "The value is a literal, and the facts about the resource type say that CloudFormation would refuse it."
    /// A property that the type does not have.
    UNKNOWN_PROPERTY "CW0304" "unknown property"
    "The resource type has no property of this name. Check the spelling; a property newer than the facts can be silenced by using a raw resource."
    /// A required property that is not set.
    MISSING_PROPERTY "CW0305" "missing property"
    "The resource type requires this property."
    /// A placeholder of `Fn::Sub` that has no value, or a value without a placeholder.
    BAD_SUBSTITUTION "CW0306" "placeholder and value do not match"
    "Every `${Name}` of the text needs a value of that name, and every value a placeholder. Write `${!Name}` for a dollar sign and brace that shall stay."
    /// A null in a template.
    NULL_VALUE "CW0307" "null in a template"
    "CloudFormation refuses null anywhere in a template. Leave the property out; in a branch of Fn::If use AWS::NoValue."
    /// An intrinsic function that does not exist, stands in the wrong place or has wrong arguments.
    BAD_FUNCTION "CW0308" "wrong use of an intrinsic function"
    "Each function takes a fixed number of arguments and is allowed in some parts of a template only; see the intrinsic function reference of CloudFormation."
    /// A parameter that no deployment can satisfy.
    BAD_PARAMETER "CW0309" "impossible parameter"
    "The type does not exist, the constraints contradict each other, or the default breaks them."
    /// A mapping that CloudFormation cannot read.
    BAD_MAPPING "CW0314" "unusable mapping"
    "A mapping has rows, and each row has columns with a literal or a list of literals. Keys of rows hold letters, digits, dots and dashes, keys of columns letters and digits."
    /// Two resources of one type with one name.
    TAKEN_NAME "CW0315" "name used twice"
    "Two resources of the stack are of one type and state the same name. CloudFormation would create the first and fail at the second."
    /// Facts about a resource type that cannot be read.
    BAD_FACTS "CW0313" "unreadable facts"
    "The constant SPEC of a resource's Rust type is not in the notation of the spec files, so its properties cannot be checked."
    /// One key twice in an object.
    DUPLICATE_KEY "CW0311" "key used twice"
    "An object of a template holds each key once; of two values for one key, one would be lost."
    /// A value that is nested too deep.
    TOO_DEEP "CW0312" "value nested too deep"
    "No property needs that many levels; a loop that wraps a value in itself is the usual reason."
    /// A resource type that cannot be one.
    BAD_TYPE "CW0310" "impossible resource type"
    "A type has three words joined by `::`, or is `Custom::` and a name of at most 60 letters, digits, `_`, `@` and `-`."
}
