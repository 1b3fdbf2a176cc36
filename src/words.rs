//! Macros for names in configurations: the words of enums, and the fields of structs that are set by name.

use crate::error::UnknownName;
use crate::suggest::nearest;

/// Gives each variant of an enum its word. The command line, the Python module and serde read and write these words, so
/// they cannot disagree.
macro_rules! words {
    ($type:ident { $($word:literal => $name:ident,)* }) => {
        impl $type {
            /// All choices.
            pub const ALL: [Self; [$($word),*].len()] = [$(Self::$name),*];

            /// The word of the choice. `from_str` parses it.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => $word,)*
                }
            }
        }

        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $type {
            type Err = $crate::error::UnknownName;

            fn from_str(word: &str) -> Result<Self, Self::Err> {
                match word {
                    $($word => Ok(Self::$name),)*
                    _ => Err($crate::words::no_word(word, &[$($word),*])),
                }
            }
        }

        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let word = String::deserialize(deserializer)?;
                word.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use words;

/// Gives access by name to the fields of a struct, and a builder method for each. `$what` is the noun for a field in messages, such as `limit`, and
/// `$value` is the type of all fields.
macro_rules! named_fields {
    ($type:ident: $what:literal $value:ty: $($name:ident)*) => {
        impl $type {
            #[doc = concat!("The names for which there is a ", $what, ".")]
            pub const NAMES: &'static [&'static str] = &[$(stringify!($name)),*];

            #[doc = concat!("The ", $what, " of this name.")]
            pub fn get(&self, name: &str) -> Option<$value> {
                match name {
                    $(stringify!($name) => Some(self.$name),)*
                    _ => None,
                }
            }

            #[doc = concat!("Sets the ", $what, " of this name.")]
            ///
            /// # Errors
            #[doc = concat!("[`UnknownName`](crate::UnknownName) if there is no such ", $what, ".")]
            pub fn set(&mut self, name: &str, value: $value) -> Result<(), $crate::error::UnknownName> {
                match name {
                    $(stringify!($name) => self.$name = value,)*
                    _ => return Err($crate::words::no_field($what, name, Self::NAMES)),
                }
                Ok(())
            }

            $(
                #[doc = concat!("Sets [`", stringify!($name), "`](#structfield.", stringify!($name), ").")]
                #[must_use]
                pub const fn $name(mut self, value: $value) -> Self {
                    self.$name = value;
                    self
                }
            )*
        }
    };
}
pub(crate) use named_fields;

/// The error for a word that is not one of `known`, which has at least two words. The message lists all known words,
/// because they are few.
pub(crate) fn no_word(word: &str, known: &[&str]) -> UnknownName {
    let (last, others) = known.split_last().unwrap_or((&"", &[]));
    UnknownName::new(word, &format!("expected `{}` or `{last}`, found `{word}`", others.join("`, `")), None)
}

/// The error for a name that is not the name of a field.
pub(crate) fn no_field(what: &str, name: &str, known: &[&str]) -> UnknownName {
    let hint = nearest(name, known.iter().copied())
        .map_or_else(|| format!("there are `{}`", known.join("`, `")), |near| format!("did you mean `{near}`?"));
    UnknownName::new(name, &format!("there is no {what} `{name}`"), Some(&hint))
}

#[cfg(test)]
mod tests {
    #[derive(Debug, Clone, Copy, PartialEq)]
    enum Sail {
        Jib,
        Main,
        Spanker,
    }

    words! {
        Sail {
            "jib" => Jib,
            "main" => Main,
            "spanker" => Spanker,
        }
    }

    #[derive(Default)]
    struct Crew {
        deckhands: usize,
        cooks: usize,
    }

    named_fields!(Crew: "rank" usize: deckhands cooks);

    #[test]
    fn words_are_parsed_back() {
        for sail in Sail::ALL {
            assert_eq!(sail.as_str().parse(), Ok(sail));
            assert_eq!(sail.to_string(), sail.as_str());
            assert_eq!(serde_json::to_value(sail).unwrap(), sail.as_str());
            assert_eq!(serde_json::from_value::<Sail>(sail.as_str().into()).unwrap(), sail);
        }
        let said = "Jib".parse::<Sail>().map_err(|error| error.to_string());
        assert_eq!(said, Err("expected `jib`, `main` or `spanker`, found `Jib`".to_owned()));
    }

    #[test]
    fn fields_are_set_by_name() {
        let mut crew = Crew::default();
        for name in Crew::NAMES {
            crew.set(name, 7).unwrap();
            assert_eq!(crew.get(name), Some(7));
        }
        assert_eq!((crew.deckhands, crew.cooks, crew.get("cook")), (7, 7, None));
        assert_eq!(Crew::default().deckhands(1).cooks(2).get("cooks"), Some(2));
        let said = |name: &str| Crew::default().set(name, 7).unwrap_err().to_string();
        assert_eq!(said("cook"), "there is no rank `cook`; did you mean `cooks`?");
        assert_eq!(said("captains"), "there is no rank `captains`; there are `deckhands`, `cooks`");
    }
}
