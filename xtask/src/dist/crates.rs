//! The crates that are published.

/// Their folders.
pub const CRATES: [&str; 4] = ["crates/hood", "crates/fleet", "crates/sandbox", "crates/cli"];

/// The name of the crate in a folder.
pub fn name(folder: &str) -> String {
    folder.replace("crates/", "ocamba-")
}

/// The arguments of cargo that choose them.
pub fn arguments() -> impl Iterator<Item = String> {
    CRATES.iter().map(|folder| format!("--package={}", name(folder)))
}
