//! `ocamba open`.

use clap::{Args, ValueEnum};
use serde_json::json;
use url::{Host, Url};

use crate::parts::browser;
use crate::shared::account::Account;
use crate::shared::failure::{self, Failure};
use crate::shared::options::Global;
use crate::shared::{help, output};

#[derive(Args)]
#[command(after_help = help::examples(&[
    ("the requests and the faults of a sandbox", "ocamba open --base-url http://127.0.0.1:4010"),
    ("the reference of the API, with samples", "ocamba open reference --base-url http://127.0.0.1:4010"),
]))]
pub struct Options {
    /// Page: sandbox or reference
    #[arg(
        value_name = "PAGE",
        value_enum,
        default_value = "sandbox",
        hide_possible_values = true,
        hide_default_value = true
    )]
    page: Page,

    /// Print the address only
    #[arg(long)]
    print: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Page {
    Sandbox,
    Reference,
}

/// Opens a page of a running sandbox in the browser.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let (base_url, _) = Account::of(global)?.base_url;
    let base_url = base_url.as_deref().unwrap_or(ocamba_hood::DEFAULT_BASE_URL);
    let url = Url::parse(base_url).ok().filter(is_local).ok_or_else(|| {
        Failure::bad_input(format!("{base_url} is not a sandbox, and the API documents no page of its own"))
            .hint("start one with 'ocamba sandbox', and name it with --base-url http://127.0.0.1:4010")
    })?;
    let path = match options.page {
        Page::Sandbox => "/",
        Page::Reference => "/docs",
    };
    let url = format!("{}{path}", url.origin().ascii_serialization());
    if !options.print
        && let Err(why) = browser::open(&url)
    {
        failure::note(&format!("no browser could be started ({why}); open the address yourself"));
    }
    output::print(global.output, &json!({ "url": url }), || format!("{url}\n"))
}

/// Returns true for an address of this machine, where a sandbox may listen.
fn is_local(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}
