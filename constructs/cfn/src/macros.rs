//! What every generated type has, written once.

use crate::synth::{IntoValue, Json, Props, Text};

/// Sets a property. Every setter is this one call: there are thirty thousand of them, and each
/// statement more is checked by the compiler as often.
pub(crate) fn put<T>(props: Props, name: &'static str, value: impl IntoValue<T>) -> Props {
    props.with(name, value.into_json())
}

/// The value of a closed set that a variant stands for, by its place.
pub(crate) fn chosen(values: &[&'static str], place: usize) -> Json {
    Json::Text(Text::Borrowed(values[place]))
}

/// What resources and property types share. Written out: a derive costs twice as much to check.
macro_rules! builder {
    ($name:ident) => {
        impl ::core::clone::Clone for $name {
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }
        }

        impl crate::synth::Builder for $name {
            #[inline]
            fn props(&mut self) -> &mut crate::synth::Props {
                &mut self.0
            }
        }
    };
}

/// A resource type: its builder and its handle.
macro_rules! resource {
    ($(#[$doc:meta])* $name:ident, $handle:ident, $type:literal, $facts:literal) => {
        $(#[$doc])*
        #[must_use = "a resource does nothing until it is added to a scope: `scope.add(\"Id\", ..)`"]
        pub struct $name(crate::synth::Props);

        crate::macros::builder!($name);

        impl crate::synth::Resource for $name {
            const TYPE: &'static str = $type;
            const SPEC: &'static str = include_str!($facts);
            type Ref = $handle;
        }

        #[doc = concat!("The handle of a [`", stringify!($name), "`].")]
        pub struct $handle(crate::synth::Handle);

        impl ::core::clone::Clone for $handle {
            fn clone(&self) -> Self {
                Self(self.0.clone())
            }
        }

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
        #[must_use = "a property type does nothing until a setter takes it"]
        pub struct $name(crate::synth::Props);

        crate::macros::builder!($name);
    };
}

/// A closed set of text.
macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$said:meta])* $variant:ident = $value:literal,)* }) => {
        $(#[$doc])*
        #[allow(non_camel_case_types)]
        pub enum $name {
            $($(#[$said])* $variant,)*
        }

        impl ::core::marker::Copy for $name {}

        impl ::core::clone::Clone for $name {
            fn clone(&self) -> Self {
                *self
            }
        }

        impl crate::synth::IntoValue<$name> for $name {
            #[inline]
            fn into_json(self) -> crate::synth::Json {
                crate::macros::chosen(&[$($value,)*], self as usize)
            }
        }

        impl crate::synth::Choice for $name {}
    };
}

pub(crate) use {builder, choice, has_arn, property, resource};
