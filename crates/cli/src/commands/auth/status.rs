//! `ocamba auth status`.

use clap::Args;
use serde_json::{Value, json};

use crate::parts::table::{Cell, DIM, NAME, align};
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
    let rate_limit = account.shown_rate_limit();
    let (store, profile) = match (account.token_origin(), &account.profile) {
        (Origin::Profile, Some((name, profile))) => (json!(profile.token), Some(name)),
        (_, profile) => (json!("environment"), profile.as_ref().map(|(name, _)| name)),
    };
    let accepted = options.live.then_some(true);
    let mut value = json!({ "profile": profile, "token": store, "token_accepted": accepted });
    let settings = [
        ("base_url", &account.base_url, client.base_url()),
        ("rate_limit", &rate_limit, "shared"),
        ("rate_limit_tier", &account.rate_limit_tier, "10/150"),
    ];
    for (name, (text, origin), default) in &settings {
        value[*name] = json!({ "value": text.as_deref().unwrap_or(default), "from": origin });
    }
    // Without Redis, every other command says why.
    let status = calls::block_on(async { client.rate_limit_status().await.map_err(|e| Failure::other(e.to_string())) });
    if let Ok(status) = status {
        let (storage, fallback_reason) = (status.storage, status.fallback_reason);
        value["rate_limit_status"] = json!({ "storage": storage, "fallback_reason": fallback_reason });
    }
    output::print(global.output, &value, || {
        let row = |name: &str, text: &Value, from: &Value| {
            let text = text.as_str().unwrap_or("none");
            let from = from.as_str().map_or_else(String::new, |from| format!("from {from}"));
            vec![Cell::styled(name, NAME), Cell::new(text), Cell::styled(from, DIM)]
        };
        let token = if options.live { "accepted by the server" } else { "set" };
        let mut rows = vec![row("profile", &value["profile"], &Value::Null), row("token", &json!(token), &store)];
        rows.extend(settings.iter().map(|(name, ..)| row(name, &value[*name]["value"], &value[*name]["from"])));
        align(&rows, 0)
    })
}
