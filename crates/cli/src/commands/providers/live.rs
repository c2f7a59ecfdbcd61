//! Providers as the server describes them.

use super::{Provider, setting, table};
use crate::parts::style::{ATTENTION, BOLD};
use crate::shared::account::Account;
use crate::shared::error_hints::{self, CommandContext};
use crate::shared::failure::Failure;
use crate::shared::options::Global;
use crate::shared::{calls, output};

/// Prints every provider of the server with its settings.
pub fn list(global: &Global) -> Result<(), Failure> {
    let context = CommandContext::reading("the command line", "list providers");
    let client = Account::of(global)?.client(global)?;
    let providers = calls::block_on(async {
        let all = client.providers().list().all().await;
        all.map_err(|error| error_hints::on_call(&error, &context, client.base_url()))
    })?;
    output::print(global.output, &output::json(&providers)?, || {
        let shown = providers.iter().map(|provider| Provider {
            id: &provider.id,
            name: provider.name.as_deref().unwrap_or_default(),
            channel: provider.kind.as_ref().map_or("", |kind| kind.as_str()),
            settings: (provider.settings.iter().flatten())
                .map(|it| setting(&it.name, [(it.required, BOLD), (it.deprecated, ATTENTION)]))
                .collect(),
        });
        table(["setting", "required", "deprecated"], shown)
    })
}
