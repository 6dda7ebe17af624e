//! Typed values: a literal or an expression, known by its type alone.
//!
//! `Value<T>` is what attributes, parameters and intrinsic functions return, and
//! [`IntoValue<T>`] is what every setter takes. A literal, a token and (where the facts know the
//! relationship) a resource handle all fit the same argument:
//!
//! ```
//! use cloudwright_synth::{IntoValue, Pseudo, Value};
//! fn region_name(region: impl IntoValue<String>) -> Value<String> {
//!     region.into_value()
//! }
//! region_name("eu-central-1");
//! region_name(Pseudo::Region.value());
//! ```
//!
//! `Value` has no `Display` and no `Debug`, so a token cannot end up in a `format!` by accident:
//!
//! ```compile_fail
//! println!("{}", cloudwright_synth::Pseudo::Region.value());
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;
use std::mem::take;
use std::ops::Add;

use crate::construct::Builder;
use crate::json::{Json, Text};
use crate::resource::{HasArn, ResourceRef};

/// A literal or a CloudFormation expression of type `T`.
///
/// `T` names the kind of value: `String`, `i64`, `f64`, `bool`, `Vec<T>`, [`MapOf<T>`], [`Json`],
/// [`Arn<R>`], [`Id<R>`], or a property type of an L1 resource.
pub struct Value<T> {
    json: Json,
    kind: PhantomData<fn() -> T>,
}

/// The ARN of a resource of type `R`, such as `Arn<cfn::lambda::Function>`.
pub struct Arn<R: ?Sized>(PhantomData<fn() -> R>);

/// What `Ref` of a resource of type `R` returns: a name, an id or a URL.
pub struct Id<R: ?Sized>(PhantomData<fn() -> R>);

/// What `Ref` of a resource of type `R` returns, or its ARN: either is accepted. A handle passes
/// what `Ref` returns.
pub struct IdOrArn<R: ?Sized>(PhantomData<fn() -> R>);

/// The ARN of a resource of one of several types. Any handle that has an ARN passes it.
pub struct AnyArn(());

/// An object with free keys and values of type `T`.
pub struct MapOf<T>(PhantomData<fn() -> T>);

impl<T> Value<T> {
    /// Takes an untyped document as a value of type `T`; the checks at synthesis still apply.
    #[must_use]
    pub const fn from_json(json: Json) -> Self {
        Self {
            json,
            kind: PhantomData,
        }
    }

    /// The literal text, when the value is one.
    #[must_use]
    pub fn literal(&self) -> Option<&str> {
        self.json.as_text()
    }

    /// The untyped document.
    #[must_use]
    pub const fn as_json(&self) -> &Json {
        &self.json
    }

    /// Takes the value as one of another type, where the facts know less than you do.
    #[must_use]
    pub fn cast<U>(self) -> Value<U> {
        Value::from_json(self.json)
    }

    /// Makes references in this value weak: across stacks they become `Fn::GetStackOutput`, which
    /// leaves the producing stack free to change, instead of `Fn::ImportValue`, which locks it.
    #[must_use]
    pub fn weak(self) -> Self {
        Self::from_json(Json::expr(crate::expr::Expr::Weak(self.json)))
    }
}

/// Text that is there before synthesis: no token has it, so nothing implements this.
pub trait HasText {
    /// The text.
    fn text(&self) -> &str;
}

/// Never to be used: it exists so that the compiler shows what to do instead.
impl<T> fmt::Display for Value<T>
where
    Self: HasText, // no token has: join texts and values by `+`, or use `intrinsic::sub`
{
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.text())
    }
}

/// As `Display`.
impl<T> fmt::Debug for Value<T>
where
    Self: HasText, // no token has: join texts and values by `+`, or use `intrinsic::sub`
{
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.text())
    }
}

impl<T> Clone for Value<T> {
    fn clone(&self) -> Self {
        Self::from_json(self.json.clone())
    }
}

/// Whatever can stand where a value of type `T` is wanted.
#[diagnostic::on_unimplemented(
    message = "a value of type `{T}` is wanted here, got `{Self}`",
    label = "not a `{T}`",
    note = "pass a literal, a `Value<{T}>` (a parameter, an attribute, an intrinsic function) or the handle of a resource of the right type"
)]
pub trait IntoValue<T>: Sized {
    /// The value as an untyped document.
    fn into_json(self) -> Json;

    /// The value with its type.
    fn into_value(self) -> Value<T> {
        Value::from_json(self.into_json())
    }
}

/// An L1 property type with a closed set of values; text is accepted too, for values that AWS
/// added after the facts were taken.
pub trait Choice: IntoValue<Self> {}

#[diagnostic::do_not_recommend]
impl<B: Builder> IntoValue<B> for B {
    fn into_json(mut self) -> Json {
        take(self.props()).into_json()
    }
}

impl<T> IntoValue<T> for Value<T> {
    fn into_json(self) -> Json {
        self.json
    }
}

impl<T> IntoValue<T> for &Value<T> {
    fn into_json(self) -> Json {
        self.json.clone()
    }
}

#[diagnostic::do_not_recommend]
impl<E: Choice> IntoValue<E> for &str {
    fn into_json(self) -> Json {
        text(self)
    }
}

#[diagnostic::do_not_recommend]
impl<E: Choice> IntoValue<E> for String {
    fn into_json(self) -> Json {
        Json::Text(self.into())
    }
}

#[diagnostic::do_not_recommend]
impl<E: Choice> IntoValue<E> for Value<String> {
    fn into_json(self) -> Json {
        self.json
    }
}

#[diagnostic::do_not_recommend]
impl<H: ResourceRef> IntoValue<Id<H::Resource>> for &H {
    fn into_json(self) -> Json {
        self.handle().reference()
    }
}

#[diagnostic::do_not_recommend]
impl<H: HasArn> IntoValue<Arn<H::Resource>> for &H {
    fn into_json(self) -> Json {
        self.arn().json
    }
}

#[diagnostic::do_not_recommend]
impl<H: ResourceRef> IntoValue<IdOrArn<H::Resource>> for &H {
    fn into_json(self) -> Json {
        self.handle().reference()
    }
}

#[diagnostic::do_not_recommend]
impl<H: HasArn> IntoValue<AnyArn> for &H {
    fn into_json(self) -> Json {
        self.arn().json
    }
}

fn text(literal: &str) -> Json {
    Json::Text(Text::Owned(literal.to_owned()))
}

/// Literal text for each kind of value that CloudFormation writes as a string.
macro_rules! textual {
    ($([$($generic:ident)?] $kind:ty),* $(,)?) => {$(
        impl<$($generic: ?Sized)?> IntoValue<$kind> for &str {
            fn into_json(self) -> Json { text(self) }
        }
        impl<$($generic: ?Sized)?> IntoValue<$kind> for &String {
            fn into_json(self) -> Json { text(self) }
        }
        impl<$($generic: ?Sized)?> IntoValue<$kind> for String {
            fn into_json(self) -> Json { Json::Text(self.into()) }
        }
        impl<$($generic: ?Sized)?> IntoValue<$kind> for Text {
            fn into_json(self) -> Json { Json::Text(self) }
        }
    )*};
}
textual!([] String, [R] Arn<R>, [R] Id<R>, [R] IdOrArn<R>, [] AnyArn, [] Json);

/// Values that may stand for one another: an ARN is a string, a string may be an ARN.
macro_rules! coerces {
    ($([$($generic:ident)?] $from:ty => $to:ty),* $(,)?) => {$(
        impl<$($generic: ?Sized)?> IntoValue<$to> for Value<$from> {
            fn into_json(self) -> Json { self.json }
        }
        impl<$($generic: ?Sized)?> IntoValue<$to> for &Value<$from> {
            fn into_json(self) -> Json { self.json.clone() }
        }
    )*};
}
coerces!(
    [R] String => IdOrArn<R>, [R] IdOrArn<R> => String, [] String => AnyArn, [] AnyArn => String,
    [R] Arn<R> => AnyArn, [R] Arn<R> => String, [R] Id<R> => String, [R] String => Arn<R>, [R] String => Id<R>,
    [] i64 => f64, [] i64 => String, [] String => Json, [] i64 => Json, [] f64 => Json,
    [] bool => Json, [R] Arn<R> => Json, [R] Id<R> => Json, [] Vec<String> => Json,
);

/// The facts name several resource types here, so the value of another one may be right, too.
macro_rules! either {
    ($($from:ident),*) => {$(
        impl<R: ?Sized, S: ?Sized> IntoValue<IdOrArn<R>> for Value<$from<S>> {
            fn into_json(self) -> Json { self.json }
        }
        impl<R: ?Sized, S: ?Sized> IntoValue<IdOrArn<R>> for &Value<$from<S>> {
            fn into_json(self) -> Json { self.json.clone() }
        }
    )*};
}
either!(Arn, Id);

macro_rules! numeric {
    ($($literal:ty => $kind:ty as $variant:ident),* $(,)?) => {$(
        impl IntoValue<$kind> for $literal {
            fn into_json(self) -> Json { Json::$variant(self.into()) }
        }
    )*};
}
numeric!(
    i64 => i64 as Int, i32 => i64 as Int, u32 => i64 as Int, u16 => i64 as Int, u8 => i64 as Int,
    f64 => f64 as Float, f32 => f64 as Float, i32 => f64 as Int, u32 => f64 as Int,
    i64 => Json as Int, i32 => Json as Int, u32 => Json as Int, f64 => Json as Float,
    bool => bool as Bool, bool => Json as Bool,
);

impl IntoValue<Json> for Json {
    fn into_json(self) -> Json {
        self
    }
}

impl IntoValue<Json> for &Json {
    fn into_json(self) -> Json {
        self.clone()
    }
}

// Loops, since users wait for what is made anew for each type: iterators compile to far more.

fn list<T, V: IntoValue<T>>(values: impl IntoIterator<Item = V>) -> Json {
    let mut items = Vec::new();
    for value in values {
        items.push(value.into_json());
    }
    Json::List(items)
}

fn map<T, K: Into<Text>, V: IntoValue<T>>(entries: impl IntoIterator<Item = (K, V)>) -> Json {
    let mut members = Vec::new();
    for (key, value) in entries {
        members.push((key.into(), value.into_json()));
    }
    Json::Map(members)
}

impl<T, V: IntoValue<T>, const N: usize> IntoValue<Vec<T>> for [V; N] {
    fn into_json(self) -> Json {
        list(self)
    }
}

impl<T, V: IntoValue<T>> IntoValue<Vec<T>> for Vec<V> {
    fn into_json(self) -> Json {
        list(self)
    }
}

impl<T, V: IntoValue<T> + Clone> IntoValue<Vec<T>> for &[V] {
    fn into_json(self) -> Json {
        list(self.iter().cloned())
    }
}

impl<V: IntoValue<Json>, const N: usize> IntoValue<Json> for [V; N] {
    fn into_json(self) -> Json {
        list(self)
    }
}

impl<V: IntoValue<Json>> IntoValue<Json> for Vec<V> {
    fn into_json(self) -> Json {
        list(self)
    }
}

impl<T, K: Into<Text>, V: IntoValue<T>, const N: usize> IntoValue<MapOf<T>> for [(K, V); N] {
    fn into_json(self) -> Json {
        map(self)
    }
}

impl<T, K: Into<Text>, V: IntoValue<T>> IntoValue<MapOf<T>> for Vec<(K, V)> {
    fn into_json(self) -> Json {
        map(self)
    }
}

impl<T, K: Into<Text>, V: IntoValue<T>> IntoValue<MapOf<T>> for BTreeMap<K, V> {
    fn into_json(self) -> Json {
        map(self)
    }
}

impl<T, S: IntoValue<String>> Add<S> for Value<T>
where
    Value<T>: IntoValue<String>,
{
    type Output = Value<String>;

    /// Puts two strings in a row: `bucket.arn() + "/*"`.
    fn add(self, right: S) -> Value<String> {
        Value::from_json(Json::concat(vec![self.json, right.into_json()]))
    }
}
