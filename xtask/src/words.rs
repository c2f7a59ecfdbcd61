//! Checks that the project's text uses the field's words.

use crate::run::{command, run_quietly};
use crate::{Result, root};

/// What not to say, and what to say. Spaces also match `_`, line breaks and comment signs; case does not matter.
const WORDS: [(&str, &str); 19] = [
    ("lane", "rate limit"),
    ("lanes", "rate limits"),
    ("turnstile", "rate limiter"),
    ("sought", "unconfirmed create"),
    ("deed", "command"),
    ("mend", "fix"),
    ("mends", "fixes"),
    ("mended", "fixed"),
    ("told", "said, reported or named"),
    ("stands there", "exists"),
    ("come to be", "be created, or take effect"),
    ("came to be", "was created, or took effect"),
    ("gone on", "resumed"),
    ("go on", "continue, or resume"),
    ("goes on", "continues, or resumes"),
    ("heard of", "known"),
    ("asked for", "requested"),
    ("by itself", "automatically"),
    ("as it is", "unchanged"),
];
/// Files with text of ours, by how their names end.
const ENDINGS: [&str; 14] =
    ["css", "html", "js", "json", "md", "mjs", "mts", "py", "pyi", "rs", "toml", "ts", "txt", "yaml"];
/// The table above, and the text of others.
const EXEMPT: [&str; 3] = ["xtask/src/words.rs", "package-lock.json", "scalar-licence.txt"];

/// Checks every file that git tracks, but for generated ones.
pub fn test() -> Result {
    let mut count = 0;
    for path in run_quietly(&mut command("git ls-files"))?.lines() {
        let ending = path.rsplit('.').next().unwrap_or_default();
        if !ENDINGS.contains(&ending) || EXEMPT.iter().any(|name| path.ends_with(name)) {
            continue;
        }
        // A file that git tracks may have been removed.
        let text = std::fs::read_to_string(root().join(path)).unwrap_or_default();
        if text.lines().next().is_some_and(|first| first.contains("@generated")) {
            continue;
        }
        for problem in check(path, &text) {
            println!("  {problem}");
            count += 1;
        }
    }
    if count == 0 {
        Ok(())
    } else {
        Err(format!("{count} words are not the field's; xtask/src/words.rs lists them").into())
    }
}

/// Returns the words of a text that are to be replaced: `path:line: what to say instead`.
fn check(path: &str, text: &str) -> Vec<String> {
    let words = words(text);
    let mut problems = Vec::new();
    for (wrong, instead) in WORDS {
        let wrong: Vec<_> = wrong.split(' ').collect();
        for found in words
            .windows(wrong.len())
            .filter(|found| found.iter().map(|word| word.text.as_str()).eq(wrong.iter().copied()))
        {
            problems.push((found[0].line, format!("`{}`: say {instead}", wrong.join(" "))));
        }
    }
    problems.sort();
    problems.into_iter().map(|(line, problem)| format!("{path}:{line}: {problem}")).collect()
}

struct Word {
    line: usize,
    /// In lower case; punctuation is a word, so that no phrase reaches across it.
    text: String,
}

/// The words of a text; those of a name, as in `asked_for` and `askedFor`, count one by one.
fn words(text: &str) -> Vec<Word> {
    let mut words: Vec<Word> = Vec::new();
    let mut line = 1;
    let mut last = ' ';
    for letter in text.chars() {
        let is_new = !last.is_alphabetic() || last.is_lowercase() && letter.is_uppercase();
        match words.last_mut() {
            Some(word) if letter.is_alphabetic() && !is_new => word.text.extend(letter.to_lowercase()),
            _ if letter.is_whitespace() || "_/*#!".contains(letter) => line += usize::from(letter == '\n'),
            _ => words.push(Word { line, text: letter.to_lowercase().collect() }),
        }
        last = letter;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn words_are_found_in_text_and_names() {
        let lines = ["// It was asked", "// for, and", "fn is_asked_for(deed: Deed) {} // askedFor"];
        let found = check("a.rs", &lines.join("\n"));
        let expected = [(1, "asked for", "requested"), (3, "asked for", "requested"), (3, "asked for", "requested")];
        let expected = expected.into_iter().chain([(3, "deed", "command"); 2]);
        let expected: Vec<_> = expected.map(|(line, word, say)| format!("a.rs:{line}: `{word}`: say {say}")).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn parts_of_words_and_of_sentences_are_no_words() {
        assert_eq!(
            check("a.rs", "They planed, amended and indeed asked. For lunch: a stolen airplane; asked (for)"),
            [""; 0]
        );
    }
}
