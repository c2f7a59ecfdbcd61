//! `ocamba integrations`.

use std::path::PathBuf;

use anstyle::{AnsiColor, Style};
use clap::{Args, Subcommand};
use ocamba_hood::{Body, Client, Integration, Lane, ProviderInfo, REDACTED, reveal};
use ocamba_sandbox::Sandbox;
use serde_json::{Map, Value, json};

use crate::exit::Exit;
use crate::report::Failure;
use crate::request_file::RequestFile;
use crate::signals::StopSignal;
use crate::table::{Cell, align, printable};
use crate::{Global, advice, output};

/// What can be done with integrations.
#[derive(Subcommand)]
pub enum Command {
    /// Create an integration; it is checked before, and never sent twice
    Create(CreateOptions),
}

/// The options of `ocamba integrations create`.
#[derive(Args)]
#[command(after_help = after_help())]
pub struct CreateOptions {
    /// The request as JSON; - reads standard input
    file: PathBuf,

    /// Create it in a sandbox within this command; needs no token
    #[arg(long)]
    pub sandbox: bool,

    /// Send a provider_id that is not known here, its settings unchecked
    #[arg(long)]
    allow_unknown_provider: bool,
}

/// Creates an integration and prints it.
pub fn create(options: &CreateOptions, global: &Global) -> Result<(), Failure> {
    let file = RequestFile::from(options.file.clone());
    let body = checked(&file.read()?, options, &file)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|e| Failure::new(Exit::Failed, format!("the runtime cannot start: {e}")))?;
    let created = runtime.block_on(send(body, options, global, &file));
    // Its `drop` would wait for a look-up of names that was given up.
    runtime.shutdown_background();
    let integration = created?;
    let value =
        if global.reveal { reveal(|| serde_json::to_value(&integration)) } else { serde_json::to_value(&integration) };
    let value = value.map_err(|e| Failure::new(Exit::Failed, format!("the result cannot be written as JSON: {e}")))?;
    let table = || table(&integration, &value, options.sandbox);
    output::print(global.output, &value, table).map_err(|error| {
        // By then it is too late to send nothing, and the id must not be lost.
        output::failure(&error).note("outcome", format!("the integration was created; its id is {}", integration.id))
    })
}

fn checked(text: &str, options: &CreateOptions, file: &RequestFile) -> Result<Body, Failure> {
    let names_provider = |e: &ocamba_hood::Error| e.problems().iter().any(|p| p.field == "provider_id");
    Body::new_integration(text, options.allow_unknown_provider).map_err(|error| {
        // Whether the flag would help is seen by trying.
        let flag = match Body::new_integration(text, true) {
            _ if !names_provider(&error) => "",
            Err(error) if names_provider(&error) => "",
            _ => ", or give --allow-unknown-provider if that is a new one,",
        };
        let mend = format!("mend {}{flag} and run the command again; nothing was sent", file.name());
        advice::on_request(&error, &file.name()).hint(mend)
    })
}

async fn send(
    body: Body,
    options: &CreateOptions,
    global: &Global,
    file: &RequestFile,
) -> Result<Integration, Failure> {
    let mut stop = StopSignal::listen()?;
    let sandbox = match options.sandbox {
        true => Some(Sandbox::start().await.map_err(|e| Failure::new(Exit::NotSent, format!("the sandbox {e}")))?),
        false => None,
    };
    let client = client(sandbox.as_ref(), global)?;
    tokio::select! {
        created = client.integrations().create_body(body) => {
            created.map_err(|error| advice::on_create(&error, &file.name(), client.base_url()))
        }
        () = stop.received() => Err(advice::on_interrupted_create()),
    }
}

fn client(sandbox: Option<&Sandbox>, global: &Global) -> Result<Client, Failure> {
    let mut builder = Client::builder().user_agent(concat!("ocamba-cli/", env!("CARGO_PKG_VERSION")));
    if let Some(timeout) = global.timeout {
        builder = builder.timeout(timeout);
    }
    if let Some(sandbox) = sandbox {
        builder = builder.base_url(sandbox.base_url()).token("any-token-will-do").lane(Lane::memory());
    } else if std::env::var_os("OCAMBA_TOKEN").is_none_or(|token| token.is_empty()) {
        return Err(Failure::new(Exit::BadInput, "there is no token: OCAMBA_TOKEN is not set")
            .hint("set OCAMBA_TOKEN in the environment, or try it without one by --sandbox; nothing was sent"));
    } else if let Some(url) = &global.base_url {
        builder = builder.base_url(url);
    }
    builder.build().map_err(|error| advice::on_configuration(&error))
}

/// A request to start from, and what every command's help says.
fn after_help() -> String {
    let header = crate::STYLES.get_header();
    let example = ocamba_hood::providers().first().map(|provider| {
        let settings: Map<_, _> = provider.settings.iter().map(|s| (s.name.to_owned(), json!("..."))).collect();
        let request = json!({ "name": "...", "provider_id": provider.id, "settings": settings, "status": "active" });
        format!("{header}FILE holds, for {}:{header:#}\n{request:#}\n\n", provider.title)
    });
    example.unwrap_or_default() + &crate::after_help()
}

const DONE: Style = AnsiColor::Green.on_default().bold();
const BOLD: Style = Style::new().bold();
const NAME: Style = AnsiColor::Cyan.on_default();
const DIM: Style = Style::new().dimmed();

/// An integration for people: whatever the server sent, the settings last.
fn table(integration: &Integration, value: &Value, sandbox: bool) -> String {
    let place = if sandbox { " in the sandbox; nothing left this machine" } else { "" };
    let mut text = format!("{DONE}Created{DONE:#} integration {BOLD}{}{BOLD:#}{place}\n\n", printable(&integration.id));
    let fields = || value.as_object().into_iter().flatten();
    let rows: Vec<_> = fields()
        .filter(|(name, _)| !["id", "settings"].contains(&name.as_str()))
        .map(|(name, value)| match name.as_str() {
            "provider_id" => row("provider", Cell::new(provider(integration.provider.id()))),
            _ => row(name, cell(value)),
        })
        .collect();
    text += &align(&rows, 2);
    for (name, settings) in fields().filter(|(name, _)| *name == "settings") {
        text += &format!("  {NAME}{name}{NAME:#}\n");
        match settings.as_object() {
            Some(all) => text += &align(&all.iter().map(|(name, value)| row(name, cell(value))).collect::<Vec<_>>(), 4),
            None => text += &align(&[vec![cell(settings)]], 4),
        }
    }
    text
}

fn row(name: &str, value: Cell) -> Vec<Cell> {
    vec![Cell::styled(name, NAME), value]
}

fn cell(value: &Value) -> Cell {
    match value {
        Value::String(text) if text == REDACTED => Cell::styled(text, DIM),
        Value::String(text) => Cell::new(text),
        Value::Bool(yes) => Cell::new(if *yes { "yes" } else { "no" }),
        Value::Null => Cell::styled("none", DIM),
        other => Cell::new(other.to_string()),
    }
}

fn provider(id: &str) -> String {
    ProviderInfo::of(id).map_or_else(|| id.to_owned(), |info| format!("{} ({id})", info.title))
}
