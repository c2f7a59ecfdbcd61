//! `ocamba auth status`.

use clap::Args;
use serde_json::{Value, json};

use crate::account::{Account, Origin};
use crate::advice::{self, Deed};
use crate::report::Failure;
use crate::table::{Cell, align};
use crate::{Global, output, run, style};

/// The options of `ocamba auth status`.
#[derive(Args)]
pub struct Options {
    /// Ask the server whether it takes the token
    #[arg(long)]
    live: bool,
}

/// Tells what commands would use. Without a token it fails.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let account = Account::of(global)?;
    // Made although nothing may be sent by it: whatever is wrong is wrong for other commands as well.
    let client = account.client(global)?;
    if options.live {
        let deed = Deed { source: "the command line", right: "list integrations", change: None };
        let page = client.integrations().list().page_size(1).page(1);
        run::to_end(async { page.await.map_err(|error| advice::on_call(&error, &deed, client.base_url())) })?;
    }
    let lane = match account.lane() {
        // It may have a password in it.
        (Some(url), origin) if url.contains("://") => ("redis".to_owned(), origin),
        (lane, origin) => (lane.unwrap_or_else(|| "shared".to_owned()), origin),
    };
    let tier = account.tier();
    let rows = [
        ("base_url", (client.base_url().to_owned(), account.base_url().1)),
        ("tier", (tier.0.unwrap_or_else(|| "10/150".to_owned()), tier.1)),
        ("lane", lane),
    ];
    let kept = match (&account.profile, account.token_origin()) {
        (Some((_, profile)), Origin::Profile) => profile.token.as_str(),
        _ => "environment",
    };
    let profile = account.profile.as_ref().map(|(name, _)| name.as_str());
    let checked = if options.live { json!(true) } else { Value::Null };
    let mut value = json!({ "profile": profile, "token": kept, "token_accepted": checked });
    for (name, (text, origin)) in &rows {
        value[*name] = json!({ "value": text, "from": origin.as_str() });
    }
    let table = || {
        let row = |name: &str, text: &str, from: &str| {
            vec![Cell::styled(name, style::NAME), Cell::new(text), Cell::styled(from, style::DIM)]
        };
        let token = if options.live { "the server takes it" } else { "there is one" };
        let mut all = vec![row("profile", profile.unwrap_or("none"), ""), row("token", token, &format!("from {kept}"))];
        all.extend(rows.iter().map(|(name, (text, from))| row(name, text, &format!("from {}", from.as_str()))));
        align(&all, 0)
    };
    output::print(global.output, &value, table).map_err(|error| output::failure(&error))
}
