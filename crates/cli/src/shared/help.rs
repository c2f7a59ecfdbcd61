//! Parts of the help that several commands share: styles, examples, environment variables and exit codes.

use anstyle::{AnsiColor, Style};
use clap::builder::Styles;

use super::failure::Exit;

pub const STYLES: Styles = Styles::styled()
    .header(AnsiColor::Green.on_default().bold())
    .usage(AnsiColor::Green.on_default().bold())
    .literal(AnsiColor::Cyan.on_default().bold())
    .placeholder(AnsiColor::Cyan.on_default());

/// Returns the examples of a command, each with its explanation, followed by [`environment_and_exit_codes`].
pub fn examples(examples: &[(&str, &str)]) -> String {
    let (header, literal) = (STYLES.get_header(), STYLES.get_literal());
    let lines = examples.iter().map(|(what, command)| format!("  # {what}\n  {literal}{command}{literal:#}\n"));
    format!("{header}Examples:{header:#}\n{}\n{}", lines.collect::<String>(), environment_and_exit_codes())
}

/// Returns the environment variables and the exit codes.
pub fn environment_and_exit_codes() -> String {
    let (header, literal) = (STYLES.get_header(), STYLES.get_literal());
    let variables = [
        ("OCAMBA_TOKEN", "the account's token, kept out of the command line"),
        ("OCAMBA_BASE_URL", "URL of the API"),
        ("OCAMBA_PROFILE", "profile to use"),
        ("OCAMBA_RATE_LIMIT", "shared, memory, off, redis://... [default: shared]"),
        ("OCAMBA_RATE_LIMIT_TIER", "requests per second/minute [default: 10/150]"),
        ("OCAMBA_RATE_LIMIT_DIR", "folder of 'shared' [default: in the user's cache]"),
        ("OCAMBA_PROXY", "proxy: system, off or a URL [default: system]"),
        ("OCAMBA_ROOT_CERTIFICATES", "file of certificates to trust, too"),
        ("OCAMBA_CLIENT_CERTIFICATE", "file of the client's certificate and key"),
        ("OCAMBA_HTTP_HOST", "host that may be spoken to by plain http"),
        ("OCAMBA_DISABLE_NET_CONNECT", "if set, no connection is made to another machine"),
        ("OCAMBA_CONFIG_DIR", "folder of the profiles [default: ~/.config/ocamba]"),
        ("OCAMBA_KEYRING", "off: store tokens in files, not in the keyring"),
        ("OCAMBA_DEBUG", "1: show each request, wait and retry on stderr"),
        ("NO_COLOR", "any value turns colours off"),
    ];
    let line =
        |style: &Style, name: &str, width: usize, text: &str| format!("  {style}{name:<width$}{style:#}  {text}\n");
    let variables = variables.map(|(name, text)| line(literal, name, 26, text)).concat();
    let codes = Exit::ALL.map(|exit| line(literal, &(exit as u8).to_string(), 1, exit.describe().2)).concat();
    format!(
        "{header}Environment variables (options come first, the default profile last):{header:#}\n{variables}\n\
         {header}Exit codes:{header:#}\n{codes}"
    )
}
