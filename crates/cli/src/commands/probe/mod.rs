//! `ocamba probe`: what a real account shows of what is not known of the API.

mod answers;
mod ask;
mod drift;
mod lists;
mod reads;
mod report;
mod table;
mod writes;

use std::io::{IsTerminal, Write, stderr, stdin};
use std::path::PathBuf;

use clap::Args;
use ocamba_hood::{Client, RateLimit};
use ocamba_sandbox::unknowns;
use serde_json::Value;

use crate::commands::probe::answers::Answers;
use crate::commands::probe::ask::{Asker, PROVIDERS};
use crate::commands::probe::report::Private;
use crate::shared::account::{self, Account};
use crate::shared::failure::{self, Exit, Failure};
use crate::shared::options::Global;
use crate::shared::{calls, help, output, paths};

/// A token that no account has.
const NO_TOKEN: &str = "ocamba-probe-without-a-valid-token";

#[derive(Args)]
#[command(after_help = help::examples(&[
    ("ask by reading only, and print what was found", "ocamba probe"),
    ("write a report without names, ids and secrets, for an issue", "ocamba probe --report probe.json"),
]))]
pub struct Options {
    /// Create one integration, too, which cannot be deleted
    ///
    /// Its name begins with 'Ocamba Probe', and its settings are made up. It
    /// shows how names are stored, and how soon a list has a new integration.
    /// The API documents no way to delete it.
    #[arg(long, verbatim_doc_comment)]
    write: bool,

    /// Create it without a question
    #[arg(long, requires = "write")]
    yes: bool,

    /// File to write the report to, after it was shown
    ///
    /// What is not known of the API, each with what was found, and differences
    /// from the API's document: names of fields and types, and providers as
    /// the server describes them. No token, name, secret or ID of the account.
    #[arg(long, value_name = "FILE", value_parser = paths::parser(), verbatim_doc_comment)]
    report: Option<PathBuf>,
}

/// Asks, prints what was found next to what is assumed, and writes the report.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    options.report.as_deref().map_or(Ok(()), report::check)?;
    let client = Account::of(global)?.client(global)?;
    let mut stranger = account::builder(global).token(NO_TOKEN).base_url(client.base_url());
    stranger = stranger.rate_limit(RateLimit::memory());
    let stranger = stranger.build().map_err(|error| Failure::other(error.to_string()))?;
    let request = options.write.then(writes::request);
    if let Some(request) = request.as_ref().filter(|_| !options.yes) {
        confirm(request)?;
    }
    let report = calls::block_on(probe(&client, &stranger, request.as_ref(), global))?;
    output::print(global.output, &report, || table::text(&report))?;
    let Some(path) = &options.report else {
        if !global.is_json() {
            failure::note("'--report FILE' writes this for an issue, without names, secrets and ids");
        }
        return Ok(());
    };
    let text = format!("{report:#}\n");
    if !global.is_json() {
        let _ = writeln!(stderr(), "the report, with nothing else of the account:\n{text}");
    }
    std::fs::write(path, text)
        .map_err(|error| Failure::other(format!("{} was not written: {error}", path.display())))?;
    failure::note(&format!("{} has this report; read it before you attach it to an issue", path.display()));
    Ok(())
}

async fn probe(client: &Client, stranger: &Client, request: Option<&Value>, global: &Global) -> Result<Value, Failure> {
    let (mut asker, mut stranger) = (Asker::new(client), Asker::new(stranger));
    let first = asker.list(&[("page", "1,1")]).await?;
    if !first.is_success() {
        let message = format!("the first request, for the list of integrations, got a {}", first.status);
        return Err(Failure::new(Exit::Failed, message).hint("'ocamba doctor' checks the token and the connection"));
    }
    let document: Value = serde_json::from_str(ocamba_sandbox::DOCUMENT).unwrap_or_default();
    let (mut answers, mut private) = (Answers::default(), Private::default());
    let sample = lists::pages(&mut asker, &mut answers).await?;
    let default = lists::default_page(&mut asker, &sample, &mut answers).await?;
    lists::search(&mut asker, &sample, &mut answers).await?;
    lists::parameters(&mut asker, &sample, default.first(), &mut answers).await?;
    reads::missing(&mut asker, &mut answers).await?;
    reads::unauthorized(&mut stranger, &mut answers).await?;
    let described = asker.get(PROVIDERS, &[("page", "1,100")]).await?;
    let mut integrations = sample;
    reads::create_times(&integrations, first.date, &mut answers);
    if let Some(request) = request {
        private.note_integration(request);
        integrations.push(writes::create(&mut asker, request, &mut answers, global).await?);
    }
    reads::ids(&integrations.iter().chain(described.items()).collect::<Vec<_>>(), &mut answers);
    reads::secrets(&integrations, &mut answers);
    reads::default_view(default.first(), &mut answers);
    reads::trace_ids(&[asker.trace_ids.clone(), stranger.trace_ids].concat(), &mut answers);
    let tier = client.rate_limit_status().await.map(|status| status.tier).unwrap_or_default();
    reads::headers(&asker, tier, &mut answers);

    integrations.iter().for_each(|it| private.note_integration(it));
    let mut differences = drift::of_integrations(&integrations, &document);
    differences.extend(drift::of_providers(described.items(), &document));
    differences.extend(drift::of_headers(asker.headers.iter()));
    let mut report = report::report(&unknowns(), &answers, differences, &private);
    report["wrote"] = request.is_some().into();
    report["production"] = (client.base_url() == ocamba_hood::DEFAULT_BASE_URL).into();
    Ok(report)
}

/// Asks whether the integration may be created.
fn confirm(request: &Value) -> Result<(), Failure> {
    let not_confirmed = |message: &str| {
        Err(Failure::new(Exit::NotSent, message.to_owned())
            .hint("--yes creates the integration without a question, and without --write the probe only reads"))
    };
    if !stdin().is_terminal() || !stderr().is_terminal() {
        return not_confirmed("--write needs a terminal for its question; nothing was sent");
    }
    let name = request["name"].as_str().unwrap_or_default().trim();
    let question = format!("Create the integration {name}? It cannot be deleted through the API. [y/N] ");
    let _ = write!(stderr(), "{question}");
    let mut answer = String::new();
    match stdin().read_line(&mut answer) {
        Ok(_) if ["y", "yes"].contains(&answer.trim().to_ascii_lowercase().as_str()) => Ok(()),
        _ => not_confirmed("not confirmed; nothing was sent"),
    }
}
