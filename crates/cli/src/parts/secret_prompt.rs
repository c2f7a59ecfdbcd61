//! Secrets that are typed without being shown, or piped in.

use std::io::{self, IsTerminal, Read};

use ocamba_fleet::{NotText, decode_text};

use crate::parts::hidden_prompt;

/// Maximum size of a secret, in bytes.
const MAX_BYTES: u64 = 64 * 1024;

/// Prompts for a secret on a terminal, or reads all of standard input. The line break at the end is left out.
pub fn read(prompt: &str) -> io::Result<String> {
    if io::stdin().is_terminal() {
        return hidden_prompt::read(&format!("{prompt} (hidden while you type): "));
    }
    let mut bytes = Vec::new();
    io::stdin().lock().take(MAX_BYTES).read_to_end(&mut bytes)?;
    of_file(bytes)
}

/// Returns the secret of a file in any encoding of editors and shells, as those of PowerShell. The line break at the end is left
/// out.
pub fn of_file(bytes: Vec<u8>) -> io::Result<String> {
    let invalid = |NotText { line, message }| io::Error::other(format!("its line {line} {message}"));
    decode_text(bytes).map(without_line_end).map_err(invalid)
}

/// Removes the line break at the end of a file's text, which is not part of the secret.
pub fn without_line_end(mut text: String) -> String {
    text.truncate(text.trim_end_matches(['\n', '\r']).len());
    text
}

/// Returns true for a character that shows as nothing, as a no-break or zero-width space: pasted text may begin or end with
/// some.
pub fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}
