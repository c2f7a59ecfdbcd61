//! Text of the server, made fit to be shown.

use std::cmp::Reverse;

use serde_json::Value;

use crate::secret::REDACTED;

/// Minimum length of a secret, in bytes: a shorter text appears in other words by chance.
const SHORTEST_SECRET: usize = 4;
/// Maximum length of a text, in characters.
const MAX_TEXT: usize = 1_000;

/// Returns a text without the `secrets` that it quotes, fit for a log and a terminal: one line, no control characters, of
/// limited length.
pub fn redact(text: String, secrets: &[String]) -> String {
    let mut secrets: Vec<_> = secrets.iter().filter(|s| s.len() >= SHORTEST_SECRET).map(String::as_str).collect();
    // The longest first, of which others may be a part. All of them before the text is cut, perhaps within one.
    secrets.sort_by_key(|secret| Reverse(secret.len()));
    let hide = |text: String, secret: &str| {
        let in_json = Value::from(secret).to_string();
        text.replace(secret, REDACTED).replace(in_json.trim_matches('"'), REDACTED)
    };
    let text = secrets.into_iter().fold(text, hide);
    text.chars().take(MAX_TEXT).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secret_is_redacted_however_it_is_quoted() {
        for secret in ["canary", "two\nlines of canary", "a \"canary\"", "\tcanary"] {
            let before = "x".repeat(MAX_TEXT - 3);
            for quote in [secret.to_owned(), Value::from(secret).to_string(), format!("{before}{secret}")] {
                let text = redact(quote, &["cana".to_owned(), secret.to_owned()]);
                assert!(["can", "two", "nary"].iter().all(|part| !text.contains(part)), "{text}");
            }
        }
    }
}
