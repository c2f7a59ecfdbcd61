//! Where the sandbox listens, for programs and for people.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use ocamba_hood::printable;

use crate::parts::shell::quoted;
use crate::parts::table::NAME;
use crate::shared::failure::Failure;
use crate::shared::output;

/// Prints the address for programs on stdout, and instructions for people on stderr.
pub fn announce(base_url: &str, token: Option<&str>, certificate: Option<&Path>) -> Result<(), Failure> {
    let certificate = certificate.map(|path| path.display().to_string());
    let first = certificate.as_ref().map_or(String::new(), |path| format!("certificate authority {path}\n"));
    output::write(&format!("{first}listening on {base_url}\n"))?;
    if io::stdout().is_terminal() && io::stderr().is_terminal() {
        let command = printable(&command(base_url, token, certificate.as_deref()));
        let _ = writeln!(
            anstream::stderr(),
            "open it: {NAME}{base_url}/{NAME:#}\ntry it:  {NAME}{command}{NAME:#}\nstop it: Ctrl-C"
        );
    }
    Ok(())
}

/// Returns a command that the sandbox accepts.
fn command(base_url: &str, token: Option<&str>, certificate: Option<&str>) -> String {
    let trust = certificate.map_or(String::new(), |path| format!("OCAMBA_ROOT_CERTIFICATES={} ", quoted(path)));
    // It was typed here a moment ago, and is not a real one.
    let token = quoted(token.unwrap_or("any"));
    format!("{trust}OCAMBA_TOKEN={token} ocamba --base-url {base_url} integrations create FILE")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_has_the_token_and_the_certificate() {
        let with = |token, certificate| command("http://127.0.0.1:1", token, certificate);
        let rest = "ocamba --base-url http://127.0.0.1:1 integrations create FILE";
        assert_eq!(with(None, None), format!("OCAMBA_TOKEN=any {rest}"));
        assert_eq!(with(Some("it's $x"), None), format!(r"OCAMBA_TOKEN='it'\''s $x' {rest}"));
        let trust = "OCAMBA_ROOT_CERTIFICATES='/a b.pem'";
        assert_eq!(with(Some("t"), Some("/a b.pem")), format!("{trust} OCAMBA_TOKEN=t {rest}"));
    }
}
