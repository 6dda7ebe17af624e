//! What every generated type has, written once.

use crate::synth::{IntoValue, Props};

/// Sets a property. Every setter is this one call: there are ten thousand of them, and each
/// statement more is checked by the compiler as often.
pub(crate) fn put<T>(props: Props, name: &'static str, value: impl IntoValue<T>) -> Props {
    props.with(name, value.into_json())
}

/// A resource type: its builder and its handle.
macro_rules! resource {
    ($(#[$doc:meta])* $name:ident, $handle:ident, $type:literal, $facts:literal) => {
        $(#[$doc])*
        #[derive(Clone)]
        #[must_use = "a resource does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
        pub struct $name(crate::synth::Props);

        impl $name {
            /// Sets a property by name, replacing its value: for what has no setter.
            pub fn raw(
                self,
                name: impl ::core::convert::Into<crate::synth::Text>,
                value: impl crate::synth::IntoValue<crate::synth::Json>,
            ) -> Self {
                Self(self.0.with(name, value.into_json()))
            }
        }

        impl crate::synth::Resource for $name {
            const TYPE: &'static str = $type;
            const SPEC: &'static str = include_str!($facts);
            type Ref = $handle;

            #[inline]
            fn into_props(self) -> crate::synth::Props {
                self.0
            }
        }

        #[doc = concat!("The handle of a [`", stringify!($name), "`].")]
        #[derive(Clone)]
        pub struct $handle(crate::synth::Handle);

        impl $handle {
            /// What `Ref` returns.
            #[inline]
            #[must_use]
            pub fn reference(&self) -> crate::synth::Value<crate::synth::Id<$name>> {
                crate::synth::Value::from_json(self.0.reference())
            }
        }

        impl ::core::convert::From<crate::synth::Handle> for $handle {
            #[inline]
            fn from(handle: crate::synth::Handle) -> Self {
                Self(handle)
            }
        }

        impl crate::synth::ResourceRef for $handle {
            type Resource = $name;

            #[inline]
            fn handle(&self) -> &crate::synth::Handle {
                &self.0
            }
        }
    };
}

/// The ARN of a resource: an attribute, or what `Ref` returns.
macro_rules! has_arn {
    ($name:ident, $handle:ident, $attribute:literal) => {
        has_arn!(@ $name, $handle, concat!("The ARN, by the attribute `", $attribute, "`."),
            handle => handle.0.attribute($attribute));
    };
    ($name:ident, $handle:ident) => {
        has_arn!(@ $name, $handle, "The ARN, which is what `Ref` returns.",
            handle => handle.reference().cast());
    };
    (@ $name:ident, $handle:ident, $doc:expr, $self:ident => $arn:expr) => {
        impl $handle {
            #[doc = $doc]
            #[inline]
            #[must_use]
            pub fn arn(&self) -> crate::synth::Value<crate::synth::Arn<$name>> {
                let $self = self;
                $arn
            }
        }

        impl crate::synth::HasArn for $handle {
            #[inline]
            fn arn(&self) -> crate::synth::Value<crate::synth::Arn<$name>> {
                $handle::arn(self)
            }
        }
    };
}

/// A nested property type.
macro_rules! property {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone)]
        #[must_use = "a property type does nothing until a setter takes it"]
        pub struct $name(crate::synth::Props);

        impl $name {
            /// Sets a member by name, replacing its value: for what has no setter.
            pub fn raw(
                self,
                name: impl ::core::convert::Into<crate::synth::Text>,
                value: impl crate::synth::IntoValue<crate::synth::Json>,
            ) -> Self {
                Self(self.0.with(name, value.into_json()))
            }
        }

        impl crate::synth::Property for $name {
            #[inline]
            fn into_json(self) -> crate::synth::Json {
                self.0.into_json()
            }
        }
    };
}

/// A closed set of text.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($variant:ident = $value:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        #[allow(non_camel_case_types)]
        pub enum $name {
            $(#[doc = concat!("`", $value, "`")] $variant,)*
        }

        impl crate::synth::Property for $name {
            #[inline]
            fn into_json(self) -> crate::synth::Json {
                crate::synth::Json::Text(crate::synth::Text::Borrowed(match self {
                    $(Self::$variant => $value,)*
                }))
            }
        }

        impl crate::synth::Choice for $name {}
    };
}

pub(crate) use {choice, has_arn, property, resource};
