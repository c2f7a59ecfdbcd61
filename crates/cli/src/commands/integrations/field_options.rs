//! The fields of an integration as options, which override those of a FILE.

use clap::Args;
use serde_json::{Map, Value};

use super::settings::Assignment;

#[derive(Args)]
pub struct FieldOptions {
    /// Name of the integration
    #[arg(long)]
    name: Option<String>,

    /// Status; a new integration is active
    #[arg(long)]
    status: Option<String>,

    /// Value of a setting; @FILE reads a file, - stdin
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<Assignment>,
}

impl FieldOptions {
    /// Returns whether none of them is given.
    pub fn is_empty(&self) -> bool {
        self.name.is_none() && self.status.is_none() && self.set.is_empty()
    }

    /// Sets the name and the status.
    pub fn add_to(&self, fields: &mut Map<String, Value>) {
        for (field, value) in [("name", &self.name), ("status", &self.status)] {
            fields.extend(value.as_deref().map(|value| (field.to_owned(), value.into())));
        }
    }
}
