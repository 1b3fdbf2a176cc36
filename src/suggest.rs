//! Finds the known name that is nearest to an unknown one.

/// The name nearest to `wrong`, if it is so near that `wrong` is probably a typing error for it.
pub(crate) fn nearest<'a>(wrong: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    // A word this long is not a typing error, and comparing it would take time that grows with the square of its length.
    if wrong.len() > 64 {
        return None;
    }
    // One edit for every three letters is allowed, at least one and at most three. With more edits, short names would
    // match anything.
    let allowed = (wrong.len() / 3).clamp(1, 3);
    let wrong = wrong.to_ascii_lowercase();
    // Clients choose the unknown names, and a request may have thousands. So known names whose length differs by more
    // than `allowed` are rejected first, because computing a distance is slow.
    names
        .filter(|name| name.len().abs_diff(wrong.len()) <= allowed)
        .filter_map(|name| Some((distance(&wrong, &name.to_ascii_lowercase(), allowed)?, name)))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// The edit distance in bytes; a swap of neighbours, such as `tilte` for `title`, is one edit. `None` if it exceeds
/// `most`.
#[expect(
    clippy::indexing_slicing,
    reason = "each row has one entry more than `b` has bytes, and the current one an entry for each byte so far"
)]
fn distance(a: &str, b: &str, most: usize) -> Option<usize> {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut least = (above[j] + usize::from(x != y)).min(above[j + 1] + 1).min(row[j] + 1);
            let is_swap = i > 0 && j > 0 && a[i - 1] == *y && b[j - 1] == *x;
            if is_swap {
                least = least.min(before[j - 1] + 1);
            }
            row.push(least);
        }
        before = std::mem::replace(&mut above, row);
        // The minimum of a later row is no smaller, with one exception: a swap builds on the row before this one, whose
        // minimum may be smaller by one. So once a minimum exceeds `most + 1`, the distance exceeds `most`.
        if above.iter().min().is_some_and(|least| *least > most + 1) {
            return None;
        }
    }
    above.last().copied().filter(|distance| *distance <= most)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn slips_and_no_guesses() {
        let names = || ["userName", "displayName", "title"].into_iter();
        assert_eq!(nearest("usrname", names()), Some("userName"));
        assert_eq!(nearest("tilte", names()), Some("title"));
        assert_eq!(nearest("titel", names()), Some("title"));
        assert_eq!(nearest("tite", names()), Some("title"));
        assert_eq!(nearest("tax", names()), None);
        assert_eq!(nearest("titles", names()), Some("title"));
        assert_eq!(nearest("favouriteColour", names()), None);
        // The early `return None` in `distance` must not change an answer.
        for (wrong, name, is_near) in [
            ("abcdefghij", "abcdefghij", true),
            ("xyzdefghij", "abcdefghij", true),
            ("wxyzefghij", "abcdefghij", false),
            ("badcfeghij", "abcdefghij", true),
            ("badcfehgij", "abcdefghij", false),
            ("defghij", "abcdefghij", false),
            ("defghijkl", "abcdefghijkl", true),
        ] {
            assert_eq!(nearest(wrong, std::iter::once(name)).is_some(), is_near, "{wrong}");
        }
    }
}
