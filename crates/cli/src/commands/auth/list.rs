//! `ocamba auth list`.

use serde_json::{Value, json};

use crate::parts::style::{BOLD, DIM};
use crate::parts::table::{Cell, with_header};
use crate::shared::failure::Failure;
use crate::shared::options::Global;
use crate::shared::output;
use crate::shared::profiles::{Profile, Profiles};

/// Prints all profiles.
pub fn run(global: &Global) -> Result<(), Failure> {
    let profiles = Profiles::read()?;
    let item = |(name, profile): (&str, &Profile)| {
        let Profile { base_url, rate_limit, rate_limit_tier, token } = profile;
        json!({
            "profile": name, "base_url": base_url, "token": token, "rate_limit": rate_limit,
            "rate_limit_tier": rate_limit_tier,
        })
    };
    let value: Value = profiles.iter().map(item).collect();
    output::print(global.output, &value, || table(&profiles))
}

fn table(profiles: &Profiles) -> String {
    if profiles.iter().len() == 0 {
        return "no profiles yet; 'ocamba auth login' creates one\n".to_owned();
    }
    let or_default = |value: &Option<String>| match value {
        Some(value) => Cell::new(value),
        None => Cell::styled("default", DIM),
    };
    let row = |(name, profile): (&str, &Profile)| {
        let Profile { base_url, rate_limit, rate_limit_tier, token } = profile;
        let [base_url, rate_limit, tier] = [base_url, rate_limit, rate_limit_tier].map(or_default);
        vec![Cell::styled(name, BOLD), base_url, Cell::new(token.as_str()), rate_limit, tier]
    };
    with_header(["profile", "base_url", "token", "rate_limit", "rate_limit_tier"], profiles.iter().map(row))
}
