//! `ocamba sandbox`.

use std::io::{self, IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;

use anstyle::{AnsiColor, Style};
use clap::Args;
use ocamba_sandbox::faults::Faults;
use ocamba_sandbox::{Builder, Error, Sandbox};

use crate::exit::Exit;
use crate::output;
use crate::report::Failure;
use crate::signals::StopSignal;

/// The options of `ocamba sandbox`.
#[derive(Args)]
pub struct Options {
    /// Where to listen; port 0: any
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:4010", value_parser = address)]
    listen: SocketAddr,

    /// Let other machines in; wants --token
    #[arg(long, requires = "token")]
    public: bool,

    /// The only token let in, not a real one [default: any]
    #[arg(long, value_name = "T", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    token: Option<String>,

    /// Requests let in within a second; 0: all [default: 10]
    #[arg(long, value_name = "N")]
    burst: Option<u32>,

    /// Requests let in within a minute; 0: all [default: 150]
    #[arg(long, value_name = "N")]
    steady: Option<u32>,

    /// No limits, and as many at once as come
    #[arg(long, conflicts_with_all = ["burst", "steady"])]
    no_limits: bool,

    /// What goes wrong, as JSON; see the sandbox's docs
    #[arg(long, value_name = "FILE")]
    faults: Option<PathBuf>,

    /// The last requests that are kept [default: 10000]
    #[arg(long, value_name = "N")]
    journal: Option<usize>,
}

/// Serves until it is told to stop.
pub fn run(options: Options) -> Result<(), Failure> {
    let runtime = tokio::runtime::Runtime::new();
    let runtime = runtime.map_err(|e| Failure::new(Exit::Failed, format!("the runtime cannot start: {e}")))?;
    runtime.block_on(serve(options))
}

async fn serve(options: Options) -> Result<(), Failure> {
    // Before the first line: who reads that line may stop the sandbox at once.
    let mut stop = StopSignal::listen()?;
    let (listen, faults) = (options.listen, options.faults.clone());
    let sandbox = set_up(options)?.start().await.map_err(|error| match (error, faults) {
        (Error::Faults(error), Some(file)) => bad_faults(format!("{}: {error}", file.display())),
        (error, _) => Failure::new(Exit::Failed, error.to_string())
            .hint(format!("choose another address by --listen; {}:0 takes any free port", listen.ip())),
    })?;
    announce(&sandbox.base_url()).map_err(|error| output::failure(&error))?;
    tokio::select! {
        () = sandbox.wait() => {}
        () = stop.received() => {}
    }
    Ok(())
}

fn set_up(options: Options) -> Result<Builder, Failure> {
    if !options.listen.ip().is_loopback() && !options.public {
        let message = format!("--listen {} can be reached from other machines", options.listen);
        return Err(
            Failure::new(Exit::BadInput, message).hint("if that is meant, add --public, and a --token of its own")
        );
    }
    let mut builder = Sandbox::builder().listen(options.listen);
    if let Some(token) = options.token {
        builder = builder.token(token);
    }
    if let Some(burst) = options.burst {
        builder = builder.burst(burst);
    }
    if let Some(steady) = options.steady {
        builder = builder.steady(steady);
    }
    if let Some(file) = options.faults {
        builder = builder.faults(Faults::from_file(&file).map_err(|e| bad_faults(e.to_string()))?);
    }
    if let Some(requests) = options.journal {
        builder = builder.journal(requests);
    }
    Ok(if options.no_limits { builder.no_limits() } else { builder })
}

fn bad_faults(message: String) -> Failure {
    const EXAMPLE: &str = r#"{"faults": [{"times": 1, "fault": {"answer": {"status": 503}}}]}"#;
    Failure::new(Exit::BadInput, message).hint(format!("a file of faults is JSON, as {EXAMPLE}"))
}

/// Tells programs where it listens, on stdout, and people how to use it, on stderr.
fn announce(base_url: &str) -> io::Result<()> {
    const COMMAND: Style = AnsiColor::Cyan.on_default();
    output::write(format!("listening on {base_url}\n").as_bytes())?;
    if io::stdout().is_terminal() && io::stderr().is_terminal() {
        let command = format!("OCAMBA_TOKEN=any ocamba --base-url {base_url} integrations create FILE");
        let _ = writeln!(
            anstream::stderr(),
            "see it:  {COMMAND}{base_url}/{COMMAND:#}\ntry it:  {COMMAND}{command}{COMMAND:#}\nstop it: Ctrl-C"
        );
    }
    Ok(())
}

fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "expected an IP address and a port, as 127.0.0.1:4010".into())
}
