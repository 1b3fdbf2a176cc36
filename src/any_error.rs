//! The error of any layer.

use std::fmt;

use crate::document::DocumentError;
use crate::error::{ScimError, ScimType, UnknownName};
use crate::filter::CompileError;
#[cfg(feature = "client")]
use crate::onelogin::{PeopleError, PersonError, RenderError, TemplateError};
use crate::patch::PatchError;
#[cfg(feature = "protocol")]
use crate::protocol::QueryError;
use crate::resource::ResourceError;
#[cfg(feature = "scan")]
use crate::scan::ScanError;
use crate::schema::SchemaError;
use crate::syntax::{ParseError, Span};

macro_rules! layers {
    ($($(#[$cfg:meta])* $name:ident($error:ty) = $doc:literal;)*) => {
        /// The error of any layer, for functions that use several of them with `?`. It converts into a [`ScimError`], which
        /// is the answer to the client.
        ///
        /// ```
        /// use scim_engine::{Error, Filter, Patch, ResourceType, ScimError};
        /// fn suspended(filter: &str, body: &[u8]) -> Result<bool, Error> {
        ///     let user = ResourceType::user();
        ///     let mut stored = serde_json::json!({"userName": "bjensen", "active": true});
        ///     Patch::from_slice(body)?.apply(&mut stored, &user)?;
        ///     Ok(Filter::parse(filter)?.compile(&user)?.matches(&stored)?)
        /// }
        /// let body = br#"{"Operations": [{"op": "replace", "path": "active", "value": false}]}"#;
        /// assert!(suspended("active eq false", body)?);
        /// let error = suspended("titel pr", body).unwrap_err();
        /// assert_eq!(error.hint(), Some("did you mean `title`?"));
        /// assert_eq!(ScimError::from(error).to_body()["scimType"], "invalidFilter");
        /// # Ok::<(), Error>(())
        /// ```
        #[derive(Debug, Clone, PartialEq)]
        #[non_exhaustive]
        pub enum Error {
            $($(#[$cfg])* #[doc = $doc] $name($error),)*
            /// An error that already has the form for clients.
            Scim(ScimError),
        }

        $(
            $(#[$cfg])*
            impl From<$error> for Error {
                fn from(error: $error) -> Self {
                    Self::$name(error)
                }
            }
        )*

        impl Error {
            /// The message, without the place and the hint.
            pub fn message(&self) -> &str {
                match self {
                    $($(#[$cfg])* Self::$name(error) => error.message(),)*
                    Self::Scim(error) => error.detail(),
                }
            }
        }

        impl fmt::Display for Error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self {
                    $($(#[$cfg])* Self::$name(error) => error.fmt(f),)*
                    Self::Scim(error) => error.fmt(f),
                }
            }
        }

        impl std::error::Error for Error {}

        impl From<ScimError> for Error {
            fn from(error: ScimError) -> Self {
                Self::Scim(error)
            }
        }
    };
}

layers! {
    Parse(ParseError) = "A filter or path that cannot be parsed.";
    Compile(CompileError) = "A filter that cannot be used for the resource type.";
    Document(DocumentError) = "A value that is not a document.";
    #[cfg(feature = "scan")]
    Scan(ScanError) = "JSON text that is not a document.";
    Patch(PatchError) = "A PATCH that is refused.";
    Resource(ResourceError) = "A POST or PUT that is refused.";
    Schema(SchemaError) = "A schema that is not valid.";
    UnknownName(UnknownName) = "A name of the host that does not exist.";
    #[cfg(feature = "protocol")]
    Query(QueryError) = "A list request that is refused.";
    #[cfg(feature = "client")]
    Template(TemplateError) = "A template of OneLogin that cannot be parsed.";
    #[cfg(feature = "client")]
    Render(RenderError) = "A template of OneLogin that gives no JSON.";
    #[cfg(feature = "client")]
    Person(PersonError) = "A value that is not a person of OneLogin.";
    #[cfg(feature = "client")]
    People(PeopleError) = "A file of people that cannot be read.";
}

impl Error {
    /// The correction, if the mistake is a common one.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Parse(error) => error.hint(),
            Self::Compile(error) => error.hint(),
            Self::Patch(error) => error.hint(),
            Self::Resource(error) => error.hint(),
            Self::UnknownName(error) => error.hint(),
            #[cfg(feature = "protocol")]
            Self::Query(error) => error.hint(),
            #[cfg(feature = "client")]
            Self::Render(error) => error.hint(),
            #[cfg(feature = "client")]
            Self::Person(error) => error.hint(),
            _ => None,
        }
    }

    /// The bytes at fault, in the text of the filter, path or template; `None` if no text is at fault.
    pub fn span(&self) -> Option<Span> {
        match self {
            Self::Parse(error) => Some(error.span()),
            Self::Compile(error) => Some(error.span()),
            Self::Patch(error) => error.span(),
            Self::Resource(error) => error.span(),
            #[cfg(feature = "protocol")]
            Self::Query(error) => error.span(),
            #[cfg(feature = "client")]
            Self::Template(error) => Some(error.span()),
            #[cfg(feature = "client")]
            Self::Render(error) => error.span(),
            _ => None,
        }
    }

    /// The text at fault with carets under the fault, the message and the hint, on several lines. Without a text at fault,
    /// the same as `Display`.
    pub fn render(&self) -> String {
        match self {
            Self::Parse(error) => error.render(),
            Self::Compile(error) => error.render(),
            Self::Patch(error) => error.render(),
            Self::Resource(error) => error.render(),
            #[cfg(feature = "protocol")]
            Self::Query(error) => error.render(),
            #[cfg(feature = "client")]
            Self::Template(error) => error.render(),
            #[cfg(feature = "client")]
            Self::Render(error) => error.render(),
            other => other.to_string(),
        }
    }

    /// The kind of error; `None` if the host is at fault, or if the RFC has no kind for it (404).
    pub fn scim_type(&self) -> Option<ScimType> {
        match self {
            Self::Parse(error) => error.scim_type(),
            Self::Compile(error) => error.scim_type(),
            Self::Patch(error) => error.scim_type(),
            Self::Resource(error) => error.scim_type(),
            #[cfg(feature = "scan")]
            Self::Scan(error) => error.scim_type(),
            #[cfg(feature = "protocol")]
            Self::Query(error) => error.scim_type(),
            other => ScimError::from(other.clone()).scim_type(),
        }
    }
}

impl From<Error> for ScimError {
    fn from(error: Error) -> Self {
        match error {
            Error::Parse(error) => error.into(),
            Error::Compile(error) => error.into(),
            Error::Document(error) => error.into(),
            #[cfg(feature = "scan")]
            Error::Scan(error) => error.into(),
            Error::Patch(error) => error.into(),
            Error::Resource(error) => error.into(),
            Error::Schema(error) => error.into(),
            Error::UnknownName(error) => error.into(),
            #[cfg(feature = "protocol")]
            Error::Query(error) => error.into(),
            Error::Scim(error) => error,
            // The layers that an endpoint has no use for.
            #[cfg(feature = "client")]
            other => Self::with_status(500, other.to_string()),
        }
    }
}

#[cfg(all(test, feature = "client"))]
mod tests {
    use super::Error;
    use crate::onelogin::{Person, RenderOptions, Template, Unset};

    #[test]
    fn accessors_are_those_of_the_layer() {
        let template = Template::parse(r#"{"title": "{$user.emial}"}"#).unwrap();
        let options = RenderOptions::default().unset(Unset::Error);
        let of_layer = template.render_with(&Person::new(), &options).unwrap_err();
        let error = Error::from(of_layer.clone());
        assert_eq!((error.hint(), error.span()), (Some("did you mean `{$user.email}`?"), of_layer.span()));
        assert_eq!(error.render(), of_layer.render());
        let of_layer = Template::parse("{").unwrap_err();
        assert_eq!(Error::from(of_layer.clone()).render(), of_layer.render());
        let error = Error::from(Person::new().with("frist_name", "Mara").unwrap_err());
        assert_eq!(error.hint(), Some("did you mean `firstname`?"));
    }
}
