//! `ocamba integrations get`.

use clap::Args;

use super::by_name::{id_of, is_id};
use super::request::operation_by_id;
use super::show::{self, decode, to_json};
use crate::shared::account::Account;
use crate::shared::error_hints::CommandContext;
use crate::shared::failure::Failure;
use crate::shared::options::Global;
use crate::shared::{calls, help, output};

#[derive(Args)]
#[command(after_help = help::examples(&[
    ("all fields; secrets are hidden without --reveal", "ocamba integrations get 1165"),
    ("by its name", "ocamba integrations get 'Example Mitto'"),
    ("one field for a script", "ocamba integrations get 1165 --fields status --output json | jq -r .status"),
]))]
pub struct Options {
    /// ID or name of the integration
    #[arg(value_name = "ID|NAME")]
    id: String,

    /// Only these fields, in this order, as name,status
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = show::field_name)]
    fields: Vec<String>,
}

/// Prints an integration in full.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let context = CommandContext::reading("the command line", "read integrations");
    if is_id(&options.id) {
        operation_by_id("get", &options.id)?;
    }
    let client = Account::of(global)?.client(global)?;
    let response = calls::block_on(async {
        let id = id_of(&client, &options.id).await?;
        calls::send(global, &client, operation_by_id("get", &id)?, &context).await
    })?;
    let value = show::only(to_json(&decode(&response)?, global)?, &options.fields)?;
    output::print(global.output, &value, || show::table(&value))
}
