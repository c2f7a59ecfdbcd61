//! The name that was probably meant.

/// Returns the known name that is most like an unknown one, if any is: with a third of its letters wrong at most.
pub fn closest<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> Option<&'k str> {
    let plain = |name: &str| -> Vec<char> {
        name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
    };
    let name = plain(&name.chars().take(MAX_LENGTH).collect::<String>());
    let distance = |known: &'k str| (edits(&name, &plain(known)), known);
    let (edits, known) = known.into_iter().map(distance).min_by_key(|(edits, _)| *edits)?;
    (edits <= name.len() / 3).then_some(known)
}

/// Returns a question with the known name that was probably meant, to be added to a message.
pub fn did_you_mean<'k>(name: &str, known: impl IntoIterator<Item = &'k str>) -> String {
    closest(name, known).map(|known| format!("; did you mean {known}?")).unwrap_or_default()
}

/// Longer names are no typing errors, and take time.
const MAX_LENGTH: usize = 60;

/// Returns the number of letters to insert, remove or replace (Levenshtein's distance).
fn edits(one: &[char], other: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.iter().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, b) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(a != b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closest_name_is_found_if_any_is_close() {
        let known = ["name", "provider", "settings.api_key", "settings.sender_name"];
        for (name, expected) in [
            ("nmae", None),
            ("nam", Some("name")),
            ("Provider ", Some("provider")),
            ("settings.apikey", Some("settings.api_key")),
            ("Settings Sender-Name", Some("settings.sender_name")),
            ("settings.sendername2", Some("settings.sender_name")),
            ("notes", None),
            ("", None),
            ("é", None),
        ] {
            assert_eq!(closest(name, known), expected, "{name}");
        }
        assert_eq!(closest(&"x".repeat(1 << 20), known), None);
    }
}
