//! `ocamba integrations get`.

use clap::Args;
use ocamba_hood::Operation;

use super::{fields, integration, show, to_json};
use crate::account::Account;
use crate::advice::{self, Deed};
use crate::report::Failure;
use crate::{Global, output, run};

/// What to do about a wrong id.
pub const MEND_ID: &str = "'ocamba integrations list' shows the ids; nothing was sent";

/// The options of `ocamba integrations get`.
#[derive(Args)]
#[command(after_help = after_help())]
pub struct Options {
    /// The id of the integration
    id: String,

    /// Only these fields, in their order, as name,status
    #[arg(long, value_name = "A,B", value_delimiter = ',', value_parser = fields::name)]
    fields: Vec<String>,
}

/// Prints an integration in full.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let operation = Operation::from_json("get", Some(&options.id), "", false);
    let operation = operation.map_err(|error| advice::on_request(&error, "ID").hint(MEND_ID))?;
    let deed = Deed { source: "the command line", right: "read integrations", change: None };
    let client = Account::of(global)?.client(global)?;
    let integration = integration(&run::to_end(run::send(&client, operation, &deed))?)?;
    let value = fields::only(to_json(&integration, global)?, &options.fields)?;
    output::print(global.output, &value, || show::table(&value)).map_err(|error| output::failure(&error))
}

fn after_help() -> String {
    crate::examples(&[
        ("all of it; secrets are hidden, unless --reveal", "ocamba integrations get 1165"),
        ("one field for a script", "ocamba integrations get 1165 --fields status --output json | jq -r .status"),
    ])
}
