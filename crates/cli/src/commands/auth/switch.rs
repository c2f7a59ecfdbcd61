//! `ocamba auth switch`.

use clap::Args;
use serde_json::json;

use crate::parts::table::DONE;
use crate::shared::failure::{self, Failure};
use crate::shared::options::Global;
use crate::shared::profiles::{self, Profiles};
use crate::shared::{account, help, output};

#[derive(Args)]
#[command(after_help = help::examples(&[
    ("use the account of profile 'work' from now on", "ocamba auth switch work"),
    ("use another for one command", "ocamba integrations list --profile test"),
]))]
pub struct Options {
    /// Profile to use from now on; 'ocamba auth list' shows all
    #[arg(value_name = "NAME", value_parser = profiles::name)]
    name: String,
}

/// Makes a profile the default.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let (name, base_url) = Profiles::change(|profiles| {
        let name = profiles.stored_name(options.name.clone());
        let base_url = profiles.find(&name)?.base_url.clone();
        profiles.default = Some(name.clone());
        Ok((name, base_url))
    })?;
    for variable in ["OCAMBA_PROFILE", "OCAMBA_TOKEN", "OCAMBA_BASE_URL"] {
        if account::environment(variable).is_some() {
            failure::note(&format!("{variable} is set and overrides the default profile"));
        }
    }
    let value = json!({ "action": "switched", "profile": name, "base_url": base_url });
    output::print(global.output, &value, || {
        format!("{DONE}Switched{DONE:#}: commands use profile {name}, for {base_url}\n")
    })
}
