//! Why a connection could not be made.

use std::fmt;

use crate::error::Stage;

/// Failure of one stage.
#[derive(Debug)]
pub struct ConnectError {
    pub stage: Stage,
    /// Whether the stage took too long.
    pub timed_out: bool,
    /// Whether it fails until someone changes something.
    pub is_lasting: bool,
    pub message: String,
}

impl ConnectError {
    pub fn new(stage: Stage, message: impl Into<String>) -> Self {
        Self { stage, timed_out: false, is_lasting: false, message: message.into() }
    }

    /// Returns a failure that stays until someone changes something.
    pub fn lasting(stage: Stage, message: impl Into<String>) -> Self {
        Self { is_lasting: true, ..Self::new(stage, message) }
    }

    pub fn timed_out(stage: Stage, message: impl Into<String>) -> Self {
        Self { timed_out: true, ..Self::new(stage, message) }
    }
}

impl fmt::Display for ConnectError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ConnectError {}

/// Returns the deepest reason of an error, as `Connection refused`.
pub fn root_cause<'a>(error: &'a (dyn std::error::Error + 'static)) -> &'a (dyn std::error::Error + 'static) {
    let mut root = error;
    while let Some(source) = root.source() {
        root = source;
    }
    root
}
