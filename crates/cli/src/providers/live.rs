//! Providers in the server's own words.

use ocamba_hood::{ProviderDescription, SettingDescription};

use super::{rows, yes_no};
use crate::account::Account;
use crate::advice::{self, Deed};
use crate::exit::Exit;
use crate::report::Failure;
use crate::style::{ATTENTION, BOLD, HEADER, NAME};
use crate::table::{Cell, align};
use crate::{Global, output, run};

/// Prints every provider that the server has, with its settings.
pub fn list(global: &Global) -> Result<(), Failure> {
    let deed = Deed { source: "the command line", right: "list providers", change: None };
    let client = Account::of(global)?.client(global)?;
    let providers = run::to_end(async {
        client.providers().list().all().await.map_err(|error| advice::on_call(&error, &deed, client.base_url()))
    })?;
    let value = serde_json::to_value(&providers)
        .map_err(|error| Failure::new(Exit::Failed, format!("the result cannot be written as JSON: {error}")))?;
    output::print(global.output, &value, || table(&providers)).map_err(|error| output::failure(&error))
}

fn table(providers: &[ProviderDescription]) -> String {
    let header = ["ID", "NAME", "TYPE", "SETTING", "REQUIRED", "DEPRECATED"].map(|title| Cell::styled(title, HEADER));
    let mut all = vec![header.to_vec()];
    all.extend(providers.iter().flat_map(|provider| {
        let kind = provider.kind.as_ref().map_or("", |kind| kind.as_str());
        let name = Cell::styled(provider.name.as_deref().unwrap_or_default(), BOLD).cut(24);
        let first = [Cell::styled(&provider.id, BOLD), name, Cell::new(kind)];
        rows(first, provider.settings.as_deref().unwrap_or_default().iter().map(setting))
    }));
    align(&all, 0)
}

fn setting(setting: &SettingDescription) -> [Cell; 3] {
    let told = |yes: Option<bool>, style| yes.map_or_else(|| Cell::new(""), |yes| yes_no(yes, style));
    [Cell::styled(&setting.name, NAME), told(setting.required, BOLD), told(setting.deprecated, ATTENTION)]
}
