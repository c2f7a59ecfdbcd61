//! A broken rule.

use std::fmt;

/// A rule of the [crate's table](crate).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// `not_sent`
    NotSent,
    /// `rejected`
    Rejected,
    /// `applied`
    Applied,
    /// `sent_once`
    SentOnce,
    /// `ensure`
    Ensure,
    /// `find_created`
    FindCreated,
    /// `unclaimed`
    Unclaimed,
    /// `usable`
    Usable,
}

/// A rule that a history and a journal break.
#[derive(Clone, Debug)]
pub struct Violation {
    /// The rule.
    pub rule: Rule,
    /// Name of the integration, if the violation is of one.
    pub name: Option<String>,
    /// What was seen.
    pub what: String,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSent => "not_sent",
            Self::Rejected => "rejected",
            Self::Applied => "applied",
            Self::SentOnce => "sent_once",
            Self::Ensure => "ensure",
            Self::FindCreated => "find_created",
            Self::Unclaimed => "unclaimed",
            Self::Usable => "usable",
        })
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.rule)?;
        if let Some(name) = &self.name {
            write!(f, "{name:?}: ")?;
        }
        f.write_str(&self.what)
    }
}
