//! `ocamba auth list`.

use serde_json::{Value, json};

use crate::profiles::Profiles;
use crate::report::Failure;
use crate::table::{Cell, align};
use crate::{Global, output, style};

/// Prints all profiles.
pub fn run(global: &Global) -> Result<(), Failure> {
    let profiles = Profiles::read()?;
    let value: Value = profiles
        .iter()
        .map(|(name, it)| {
            json!({ "profile": name, "base_url": it.base_url, "token": it.token, "tier": it.tier, "lane": it.lane })
        })
        .collect();
    output::print(global.output, &value, || table(&profiles)).map_err(|error| output::failure(&error))
}

fn table(profiles: &Profiles) -> String {
    if profiles.iter().next().is_none() {
        return "no profile yet; 'ocamba auth login' makes one\n".to_owned();
    }
    let header = ["PROFILE", "BASE URL", "TOKEN", "TIER", "LANE"].map(|title| Cell::styled(title, style::HEADER));
    let mut rows = vec![header.to_vec()];
    let or_default = |value: &Option<String>| match value {
        Some(value) => Cell::new(value),
        None => Cell::styled("default", style::DIM),
    };
    rows.extend(profiles.iter().map(|(name, it)| {
        let token = Cell::new(it.token.as_str());
        vec![
            Cell::styled(name, style::BOLD),
            or_default(&it.base_url),
            token,
            or_default(&it.tier),
            or_default(&it.lane),
        ]
    }));
    align(&rows, 0)
}
