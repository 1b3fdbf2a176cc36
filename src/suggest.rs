//! The nearest known name to one that is not.

/// The name that differs least from `wrong`, if it is near enough to be meant.
pub(crate) fn nearest<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // A long word is nobody's slip, and comparing it would cost its length squared.
    if wrong.len() > 64 {
        return None;
    }
    let allowed = (wrong.len() / 3).clamp(1, 3);
    names
        .map(|name| (distance(&wrong.to_ascii_lowercase(), &name.to_ascii_lowercase()), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// Edit distance by bytes.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut left = i + 1;
        let mut above_left = i;
        for (y, cell) in b.bytes().zip(row.iter_mut().skip(1)) {
            let above = *cell;
            *cell = (above_left + usize::from(x != y)).min(above + 1).min(left + 1);
            above_left = above;
            left = *cell;
        }
        if let Some(first) = row.first_mut() {
            *first = i + 1;
        }
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_and_no_guesses() {
        let names = || ["userName", "displayName", "title"].into_iter();
        assert_eq!(nearest("usrname", names()), Some("userName"));
        assert_eq!(nearest("tilte", names()), None);
        assert_eq!(nearest("titel", names()), None);
        assert_eq!(nearest("titles", names()), Some("title"));
        assert_eq!(nearest("favouriteColour", names()), None);
    }
}
