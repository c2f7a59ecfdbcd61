//! `ocamba integrations create`.

use std::path::PathBuf;

use clap::Args;
use ocamba_hood::{Client, RateLimit};
use ocamba_sandbox::Sandbox;
use serde_json::{Map, json};

use super::request::{Reading, Request};
use super::{integration, ocamba, show, to_json};
use crate::account::{self, Account};
use crate::advice::{Change, Deed};
use crate::exit::Exit;
use crate::report::Failure;
use crate::request_file::RequestFile;
use crate::{Global, advice, output, run};

/// The options of `ocamba integrations create`.
#[derive(Args)]
#[command(after_help = after_help())]
pub struct Options {
    /// The request as JSON; - reads standard input
    file: PathBuf,

    /// Create it within this command; needs no token
    #[arg(long)]
    pub sandbox: bool,

    #[command(flatten)]
    reading: Reading,
}

/// Creates an integration and prints it.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let file = RequestFile::from(options.file.clone());
    let request = options.reading.read("create", &file)?;
    let deed =
        Deed { source: &request.source, right: "create integrations", change: Some(change(&request, &file, global)) };
    let created = run::to_end(async {
        let sandbox = match options.sandbox {
            true => Some(Sandbox::start().await.map_err(|e| Failure::new(Exit::NotSent, format!("the sandbox {e}")))?),
            false => None,
        };
        let client = match &sandbox {
            Some(sandbox) => in_sandbox(sandbox, global)?,
            None => Account::of(global)?.client(global)?,
        };
        run::send(&client, request.operation.clone(), &deed).await
    });
    let integration = integration(&created?)?;
    let value = to_json(&integration, global)?;
    let place = if options.sandbox { " in the sandbox; nothing left this machine" } else { "" };
    let table = || show::done("Created", &value, place);
    output::print(global.output, &value, table).map_err(|error| {
        // By then it is too late to send nothing, and the id must not be lost.
        output::failure(&error).note("outcome", format!("the integration was created; its id is {}", integration.id))
    })
}

fn in_sandbox(sandbox: &Sandbox, global: &Global) -> Result<Client, Failure> {
    let builder = account::builder(global).base_url(sandbox.base_url()).token("any-token-will-do");
    builder.rate_limit(RateLimit::memory()).build().map_err(|error| advice::on_configuration(&error))
}

fn change(request: &Request, file: &RequestFile, global: &Global) -> Change {
    let ocamba = ocamba(global);
    let (look, ensure) = (request.look(&ocamba), request.ensure(&ocamba, file));
    Change {
        none: "nothing was created",
        perhaps: "the integration may have been created",
        made: "the integration was created; its id is not known",
        look: format!(
            "look whether the account has it before you run the command again, or there may be two: {look}; or run \
             {ensure}, which looks before it creates"
        ),
        know: format!("do not run it again, that would create a second one; find this one in the account: {look}"),
    }
}

/// A request to start from, and what every command's help says.
fn after_help() -> String {
    let header = crate::STYLES.get_header();
    let example = ocamba_hood::providers().first().map(|provider| {
        let settings: Map<_, _> = provider.settings.iter().map(|s| (s.name.to_owned(), json!("..."))).collect();
        let request = json!({ "name": "...", "provider_id": provider.id, "settings": settings, "status": "active" });
        format!("{header}FILE holds, for {}:{header:#}\n{request:#}\n\n", provider.title)
    });
    let examples = crate::examples(&[
        ("try a request, without a token", "ocamba integrations create request.json --sandbox"),
        ("create it", "ocamba integrations create request.json"),
    ]);
    example.unwrap_or_default() + &examples
}
