//! Paths as options name them.

use std::path::PathBuf;

use clap::builder::{PathBufValueParser, TypedValueParser};
use ocamba_fleet::expand_home;

/// Returns a parser of a path, with the home folder in place of a `~` that the shell has not expanded, as in `--out=~/plan.json`.
pub fn parser() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().map(|path| expand_home(&path).into_owned())
}
