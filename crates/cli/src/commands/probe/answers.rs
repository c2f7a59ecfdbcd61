//! What was found out about the unknowns, next to what is assumed.

use ocamba_sandbox::Unknown;

/// What was found out about one unknown.
#[derive(Clone, Debug, PartialEq)]
pub enum Found {
    /// One of these answers is true.
    OneOf(Vec<String>),
    /// None of the answers is; this is. A text of the probe, without anything of the account.
    Other(String),
    /// Nothing, for this reason.
    Nothing(&'static str),
}

/// What was found out, by the ids of the unknowns.
#[derive(Debug, Default)]
pub struct Answers(Vec<(&'static str, Found)>);

/// A comparison with what is assumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is as assumed.
    Confirmed,
    /// It may be as assumed, or one of the other answers that were found.
    Possible,
    /// It is not as assumed.
    Differs,
    /// Nothing was found out.
    Open,
}

impl Found {
    /// Returns the answer that is true.
    pub fn is(answer: impl ToString) -> Self {
        Self::OneOf(vec![answer.to_string()])
    }

    /// Returns the answers of which one is true.
    pub fn one_of<const N: usize>(answers: [&str; N]) -> Self {
        Self::OneOf(answers.map(str::to_owned).to_vec())
    }
}

impl Answers {
    pub fn add(&mut self, id: &'static str, found: Found) {
        self.0.push((id, found));
    }

    /// Returns what was found out. An answer that the document does not have is another one.
    pub fn of(&self, unknown: &Unknown) -> Found {
        let found = self.0.iter().rev().find(|(id, _)| *id == unknown.id).map(|(_, found)| found.clone());
        match found {
            Some(Found::OneOf(answers)) => {
                let is_known = |answer: &String| unknown.answers.iter().any(|(known, _)| known == answer);
                let (known, other): (Vec<_>, Vec<_>) = answers.into_iter().partition(is_known);
                if known.is_empty() { Found::Other(other.join(" or ")) } else { Found::OneOf(known) }
            }
            Some(found) => found,
            None if unknown.ask.as_deref() == Some("write") => Found::Nothing("only --write can tell"),
            None => Found::Nothing("a probe cannot tell"),
        }
    }
}

impl Verdict {
    /// All, in the order of a summary.
    pub const ALL: [Self; 4] = [Self::Confirmed, Self::Possible, Self::Differs, Self::Open];

    /// Compares what was found with what is assumed.
    pub fn of(unknown: &Unknown, found: &Found) -> Self {
        match found {
            Found::OneOf(answers) if !answers.contains(&unknown.assumed) => Self::Differs,
            Found::OneOf(answers) if answers.len() > 1 => Self::Possible,
            Found::OneOf(_) => Self::Confirmed,
            Found::Other(_) => Self::Differs,
            Found::Nothing(_) => Self::Open,
        }
    }

    /// Returns the name for programs and people.
    pub fn code(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Possible => "possible",
            Self::Differs => "differs",
            Self::Open => "open",
        }
    }
}
