//! Texts that are typed without being shown, or piped in.

use std::io::{self, IsTerminal, Read};

/// More than any secret has.
const MAX_BYTES: u64 = 64 * 1024;

/// What standard input has, or what is typed there on a terminal after `prompt`; without the line break at its end.
pub fn read(prompt: &str) -> io::Result<String> {
    if io::stdin().is_terminal() {
        return rpassword::prompt_password(format!("{prompt} (it is not shown): "));
    }
    let mut text = String::new();
    io::stdin().lock().take(MAX_BYTES).read_to_string(&mut text)?;
    Ok(without_end(text))
}

/// A text without the line break that ends a file, which is no part of it.
pub fn without_end(mut text: String) -> String {
    text.truncate(text.trim_end_matches(['\n', '\r']).len());
    text
}
