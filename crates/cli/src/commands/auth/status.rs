//! `ocamba auth status`.

use clap::Args;
use serde_json::{Value, json};

use crate::parts::style::{DIM, NAME};
use crate::parts::table::{Cell, align};
use crate::shared::account::{Account, Origin};
use crate::shared::error_hints::{self, CommandContext};
use crate::shared::failure::Failure;
use crate::shared::options::Global;
use crate::shared::{calls, output};

#[derive(Args)]
pub struct Options {
    /// Check that the server accepts the token
    #[arg(long)]
    live: bool,
}

/// Prints the settings that commands use. Fails without a token.
pub fn run(options: &Options, global: &Global) -> Result<(), Failure> {
    let account = Account::of(global)?;
    // Created even if it sends nothing, because invalid settings would fail in every other command too.
    let client = account.client(global)?;
    if options.live {
        let context = CommandContext::reading("the command line", "list integrations");
        let page = client.integrations().list().page_size(1).page(1);
        calls::block_on(async {
            page.await.map_err(|error| error_hints::on_call(&error, &context, client.base_url()))
        })?;
    }
    let rate_limit = match account.rate_limit() {
        // The URL may contain a password.
        (Some(url), origin) if url.contains("://") => ("redis".to_owned(), origin),
        (text, origin) => (text.unwrap_or_else(|| "shared".to_owned()), origin),
    };
    let (tier, tier_origin) = account.rate_limit_tier();
    let rows = [
        ("base_url", (client.base_url().to_owned(), account.base_url().1)),
        ("rate_limit", rate_limit),
        ("rate_limit_tier", (tier.unwrap_or_else(|| "10/150".to_owned()), tier_origin)),
    ];
    let store = match (&account.profile, account.token_origin()) {
        (Some((_, profile)), Origin::Profile) => profile.token.as_str(),
        _ => "environment",
    };
    let profile = account.profile.as_ref().map(|(name, _)| name.as_str());
    let accepted = if options.live { json!(true) } else { Value::Null };
    let mut value = json!({ "profile": profile, "token": store, "token_accepted": accepted });
    for (name, (text, origin)) in &rows {
        value[*name] = json!({ "value": text, "from": origin.as_str() });
    }
    output::print(global.output, &value, || {
        let row = |name: &str, text: &str, from: &str| {
            let from = if from.is_empty() { String::new() } else { format!("from {from}") };
            vec![Cell::styled(name, NAME), Cell::new(text), Cell::styled(from, DIM)]
        };
        let token = if options.live { "accepted by the server" } else { "set" };
        let mut all = vec![row("profile", profile.unwrap_or("none"), ""), row("token", token, store)];
        all.extend(rows.iter().map(|(name, (text, origin))| row(name, text, origin.as_str())));
        align(&all, 0)
    })
}
