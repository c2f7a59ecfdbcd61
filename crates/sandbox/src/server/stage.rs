//! What a connection does.

/// What a connection does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Stage {
    /// Nothing: it is between two requests, or sends a response.
    #[default]
    Idle,
    /// It waits for the rest of a head or of a handshake.
    Head,
    /// It waits until its client takes bytes.
    Stalled,
    /// The server works for it.
    Busy,
}
