//! Equality and hashes of trees, which disregard spans: trees are equal if their operators, names and literals are.

use std::hash::{Hash, Hasher};

use super::ast::{AttrPath, Negation, SubTest, Test, ValuePath};

macro_rules! same_by {
    ($($of:ident: $($field:ident)*;)*) => {$(
        impl PartialEq for $of<'_> {
            fn eq(&self, other: &Self) -> bool {
                $(self.$field == other.$field)&&*
            }
        }

        impl Eq for $of<'_> {}

        impl Hash for $of<'_> {
            fn hash<H: Hasher>(&self, state: &mut H) {
                $(self.$field.hash(state);)*
            }
        }
    )*};
}

same_by! {
    // The offsets of the name follow from the text.
    AttrPath: text;
    Negation: expr;
    ValuePath: path filter then;
    SubTest: sub_attribute test;
}

impl PartialEq for Test<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Present { .. }, Self::Present { .. }) => true,
            (Self::Compare { op, value, .. }, Self::Compare { op: other_op, value: other_value, .. }) => {
                op == other_op && value == other_value
            }
            _ => false,
        }
    }
}

impl Eq for Test<'_> {}

impl Hash for Test<'_> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match self {
            Self::Present { .. } => None,
            Self::Compare { op, value, .. } => Some((op, value)),
        }
        .hash(state);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use crate::Expr;

    #[test]
    fn spans_are_not_compared() {
        let texts = [
            r#"emails[type eq "work"].value pr and not (a.b lt 5 or c eq null)"#,
            r#" ( emails[ type  EQ "\u0077ork" ].value pr )and not((a.b lt 5)or c eq null)"#,
        ];
        let set: HashSet<Expr<'_>> = texts.iter().map(|text| Expr::parse(text).unwrap()).collect();
        assert_eq!(set.len(), 1);
        for other in
            ["A pr", "a ne 1", "a eq 1", "a eq 2", "a eq \"1\"", "a pr", "a[b pr]", "a[b pr].c pr", "not (a pr)"]
        {
            assert!(!set.contains(&Expr::parse(other).unwrap()));
            let same: HashSet<Expr<'_>> = [Expr::parse(other).unwrap(), Expr::parse("a pr").unwrap()].into();
            assert_eq!(same.len(), if other == "a pr" { 1 } else { 2 });
        }
    }
}
