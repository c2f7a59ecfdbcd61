//! `ocamba sandbox`.

mod address;
mod announce;
mod health;
mod log;
mod parent;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use ocamba_fleet::{NotText, RowReader, decode_text};
use ocamba_sandbox::faults::{Faults, InvalidFaults};
use ocamba_sandbox::{Builder, Error, InvalidAssumption, Sandbox};
use serde_json::Value;
use tempfile::NamedTempFile;

use crate::commands::sandbox::address::Address;
use crate::commands::sandbox::health::{Down, Place};
use crate::commands::sandbox::parent::Parent;
use crate::shared::failure::Failure;
use crate::shared::options::Global;
use crate::shared::{paths, signals};

#[derive(Args)]
pub struct Options {
    /// Address; port 0: a free one [default: localhost:4010]
    ///
    /// localhost:4010, 4010 or :4010 listen on both loopback addresses,
    /// 127.0.0.1:4010 and [::1]:4010 on one. Without a port, it is 4010.
    #[arg(
        long,
        value_name = "ADDR",
        default_value = "localhost:4010",
        hide_default_value = true,
        verbatim_doc_comment
    )]
    listen: Address,

    /// Wait until a sandbox is up, in place of starting one
    ///
    /// At this URL, or at the address of --listen. Waits for 30 s, or as
    /// long as --timeout says, and then fails with exit code 5. Other
    /// programs can wait until /health responds with 200.
    #[arg(long, value_name = "URL", num_args = 0..=1, default_missing_value = "", verbatim_doc_comment, conflicts_with_all = [
        "tls", "public", "allow_host", "cors", "token", "account_per_token", "state", "seed", "no_limits", "faults", "assume",
        "until_input_ends",
    ])]
    wait: Option<String>,

    /// Speak TLS, with a throwaway certificate authority
    ///
    /// The first line of the output names a file with its certificate.
    /// The address also serves all but the API in plain HTTP, with the
    /// certificate at /_sandbox/ca_certificate.
    #[arg(long, verbatim_doc_comment)]
    tls: bool,

    /// Accept other machines; requires --token
    #[arg(long, requires = "token")]
    public: bool,

    /// Name by which clients call it, besides localhost; repeatable
    ///
    /// Requests with another Host are refused, as web pages could send
    /// them. In containers: --allow-host host.docker.internal. With
    /// --public, names without a dot and private addresses are allowed.
    #[arg(long, value_name = "HOST", verbatim_doc_comment)]
    allow_host: Vec<String>,

    /// Origin of web pages that may call the API; repeatable
    ///
    /// As --cors http://localhost:5173, for a front end in a browser. The
    /// sandbox's own routes stay closed to other pages.
    #[arg(long, value_name = "ORIGIN", verbatim_doc_comment)]
    cors: Vec<String>,

    /// Accepted token, not a real one; repeatable [default: any]
    #[arg(long, value_name = "T", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    token: Vec<String>,

    /// Each token has an account of its own
    ///
    /// With its own integrations, limits, faults and journal, so that test
    /// suites that run at once do not meet. Requests to /_sandbox are about
    /// the account of their token, or about all accounts without one.
    #[arg(long, verbatim_doc_comment)]
    account_per_token: bool,

    /// File in which integrations survive a restart
    ///
    /// It is created if it is missing, and has secrets: only you can read
    /// it. One sandbox at a time uses it.
    #[arg(long, value_name = "FILE", value_parser = paths::parser(), verbatim_doc_comment)]
    state: Option<PathBuf>,

    /// Sheet of integrations to start with
    ///
    /// As for 'ocamba fleet': .csv, .jsonl, .json or .yaml. References to
    /// secrets stay texts. Each account has them, and a reset returns to
    /// them. With --state, they are only for a new file.
    #[arg(long, value_name = "FILE", value_parser = paths::parser(), verbatim_doc_comment)]
    seed: Option<PathBuf>,

    /// Accepted requests per second; 0: all
    #[arg(long, value_name = "N", default_value_t = 10)]
    burst: u32,

    /// Accepted requests per minute; 0: all
    #[arg(long, value_name = "N", default_value_t = 150)]
    steady: u32,

    /// No rate limit, and no limit of requests at once
    #[arg(long, conflicts_with_all = ["burst", "steady"])]
    no_limits: bool,

    /// JSON file of faults to inject; see --help
    ///
    /// {"seed": 7, "faults": [
    ///   {"operation": ID, "name": NAME, "skip": N, "times": N,
    ///    "probability": P, "fault": FAULT}]}
    ///
    /// FAULT is {"answer": {"status": 503}}, {"delay": {"ms": N}},
    ///   {"change": {"set": {"/status": "asleep"}}}, {"hang": {}},
    ///   {"close": {"at": AT}}, {"reset": {"at": AT}},
    ///   {"drip": {"ms": N}}, {"expire_token": {"after": REQUESTS, "ms": N}}
    ///   or, with --tls, {"tls": TLS}.
    /// AT is "arrival", {"request": BYTES}, "read", "commit",
    ///   {"answer": BYTES} or "end".
    /// TLS is of a connection: "alert_on_hello", "hang",
    ///   "alert_on_finished", "http2_only", "tls12_only",
    ///   "tls13_only", "no_tickets", "expired_certificate",
    ///   "other_host", "unknown_authority"; or of a request:
    ///   {"alert": {"at": AT}}, {"cut_in_record": {"at": AT}},
    ///   {"half_close": {"at": AT}}, {"no_close_notify": {"at": AT}}.
    #[arg(long, value_name = "FILE", value_parser = paths::parser(), verbatim_doc_comment)]
    faults: Option<PathBuf>,

    /// Other answer to what is not known of the API; repeatable
    ///
    /// As --assume list_lag=seconds: a list shows a create late. A wrong ID
    /// is refused with all that exist, and a wrong answer with those of its
    /// ID. ARCHITECTURE.md of this project has the table.
    #[arg(long, value_name = "ID=ANSWER", value_parser = assumption, verbatim_doc_comment)]
    assume: Vec<(String, String)>,

    /// Log of requests on stderr: text, json or none
    ///
    /// [default: text on a terminal, otherwise none] json is an object a
    /// line: the fields of /_sandbox/journal, and the time of arrival.
    /// Neither has tokens, settings or undocumented parameters.
    #[arg(long, value_name = "FORMAT", value_enum, hide_possible_values = true, verbatim_doc_comment)]
    log: Option<log::Format>,

    /// Requests to keep in the journal
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    journal: usize,

    /// Stop when the input or the program that started it ends
    #[arg(long)]
    until_input_ends: bool,
}

/// Serves until a signal stops it, or waits for a sandbox that another process starts.
pub fn run(options: Options, global: &Global) -> Result<(), Failure> {
    if let Some(url) = &options.wait {
        let place = if url.is_empty() { Ok(Place::of(options.listen)) } else { Place::parse(url) };
        let place = place.map_err(|why| Failure::bad_input(format!("--wait {url} was not understood; {why}")))?;
        return place.wait(global.timeout.unwrap_or(health::TIMEOUT));
    }
    let runtime = tokio::runtime::Runtime::new();
    runtime.map_err(|error| Failure::other(format!("the runtime cannot start: {error}")))?.block_on(serve(options))
}

async fn serve(options: Options) -> Result<(), Failure> {
    // Before the first line: its reader may stop the sandbox at once, or die.
    let parent = Parent::current();
    let stop = signals::first_signal(Failure::other("ended by a second signal"), false)?;
    let (listen, faults, token) = (options.listen, options.faults.clone(), options.token.first().cloned());
    let until_input_ends = options.until_input_ends;
    let (builder, log) = set_up(options)?;
    let sandbox = builder.start().await.map_err(|error| match (error, faults) {
        (Error::Faults(error), Some(file)) => bad_faults(format!("{}: {error}", file.display())),
        (Error::Assumption(error), _) => bad_assumption(&error),
        (Error::Origin { origin, why }, _) => Failure::bad_input(format!("--cors {origin} was not understood; {why}")),
        (Error::Host { host }, _) => Failure::bad_input(format!("--allow-host {host:?} is no name of a host"))
            .hint("give a name without scheme and port, such as host.docker.internal"),
        (Error::Token, _) => Failure::bad_input("--token has a text that no client can send as its token")
            .hint("give one without spaces, and with ASCII characters only"),
        (error @ (Error::State { .. } | Error::Seed { .. }), _) => Failure::bad_input(error.to_string()),
        (error, _) => cannot_start(&error, listen),
    })?;
    // Removed at the end.
    let certificate = sandbox.ca_certificate().map(|pem| certificate_file(&pem)).transpose();
    let certificate = certificate.map_err(|error| Failure::other(format!("cannot write the certificate: {error}")))?;
    announce::announce(&sandbox.base_url(), token.as_deref(), certificate.as_ref().map(NamedTempFile::path))?;
    tokio::select! {
        () = sandbox.wait() => {}
        () = stop => {}
        () = parent.end(until_input_ends) => {}
    }
    log.inspect(log::Log::flush);
    Ok(())
}

/// Says what is wrong with the address, and who uses its port if that can be found out.
fn cannot_start(error: &Error, listen: Address) -> Failure {
    let free = format!("choose another address with --listen; {} takes any free port", listen.with_any_port());
    let Error::Listen { address, cause } = error else { return Failure::other(error.to_string()).hint(free) };
    if cause.kind() != io::ErrorKind::AddrInUse {
        return Failure::other(error.to_string()).hint(free);
    }
    let holder = match Place::of(Address::Of(*address)).probe(Duration::from_secs(1)) {
        Ok(version) => format!("a sandbox of version {version}, which you can use too"),
        Err(Down::Silent(_) | Down::Other(_)) => "another program".to_owned(),
    };
    Failure::other(format!("cannot listen on {address}: its port is used by {holder}")).hint(free)
}

fn set_up(options: Options) -> Result<(Builder, Option<log::Log>), Failure> {
    if !options.listen.is_loopback() && !options.public {
        let message = format!("--listen {} can be reached from other machines", options.listen);
        return Err(Failure::bad_input(message).hint("if you intend that, add --public and a --token of its own"));
    }
    let mut builder = options.listen.set(Sandbox::builder());
    builder = builder.burst(options.burst).steady(options.steady).journal(options.journal);
    builder = builder.tls(options.tls);
    builder = options.allow_host.into_iter().fold(builder, Builder::allow_host);
    let format = options.log.or_else(log::Format::of_terminal).unwrap_or(log::Format::None);
    let (mut builder, log) = log::to_stderr(builder, format);
    builder = options.cors.into_iter().fold(builder, Builder::cors);
    builder = options.token.into_iter().fold(builder, Builder::token).account_per_token(options.account_per_token);
    builder = options.assume.into_iter().fold(builder, |builder, (id, answer)| builder.assume(id, answer));
    if let Some(file) = options.state {
        builder = builder.state(file);
    }
    if let Some(file) = &options.seed {
        builder = builder.seed(seed(file)?);
    }
    if let Some(file) = options.faults {
        builder = builder.faults(faults(&file).map_err(|why| bad_faults(format!("{}: {why}", file.display())))?);
    }
    Ok((if options.no_limits { builder.no_limits() } else { builder }, log))
}

/// Reads faults in the encodings of editors and shells.
fn faults(file: &Path) -> Result<Faults, String> {
    let bytes = std::fs::read(file).map_err(|error| error.to_string())?;
    let text = decode_text(bytes).map_err(|NotText { line, message }| format!("line {line} {message}"))?;
    text.parse().map_err(|error: InvalidFaults| error.to_string())
}

/// Reads a sheet. No reference to a secret is followed: the sandbox sends nothing.
fn seed(file: &Path) -> Result<Vec<Value>, Failure> {
    let rows = RowReader::from_path(file)?.check()?;
    let unreadable = |error| Failure::other(format!("the rows of {} cannot be read: {error}", file.display()));
    rows.unresolved().map(|row| serde_json::from_str(row).map_err(unreadable)).collect()
}

fn bad_faults(message: String) -> Failure {
    const EXAMPLE: &str = r#"{"faults": [{"times": 1, "fault": {"answer": {"status": 503}}}]}"#;
    Failure::bad_input(message).hint(format!("a file of faults is JSON, as {EXAMPLE}"))
}

fn assumption(text: &str) -> Result<(String, String), String> {
    let (id, answer) = text.split_once('=').ok_or("expected ID=ANSWER, as list_lag=seconds")?;
    Ok((id.trim().to_owned(), answer.trim().to_owned()))
}

fn bad_assumption(error: &InvalidAssumption) -> Failure {
    let choices = error.choices.iter().map(String::as_str);
    let meant = ocamba_hood::did_you_mean(&error.wrong, choices);
    let failure = Failure::bad_input(format!("--assume: {}{meant}", error.message));
    failure.hint(format!("choose one of {}", error.choices.join(", ")))
}

fn certificate_file(pem: &str) -> io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix("ocamba-sandbox-").suffix(".pem").tempfile()?;
    file.write_all(pem.as_bytes())?;
    Ok(file)
}
