//! `ocamba auth list`.

use serde_json::{Value, json};

use crate::parts::table::{BOLD, Cell, DIM, with_header};
use crate::shared::failure::Failure;
use crate::shared::options::Global;
use crate::shared::output;
use crate::shared::profiles::{Profile, Profiles};

const COLUMNS: [&str; 5] = ["profile", "base_url", "token", "rate_limit", "rate_limit_tier"];

/// Prints all profiles.
pub fn run(global: &Global) -> Result<(), Failure> {
    let item = |(name, profile): (&String, &Profile)| {
        let Profile { base_url, rate_limit, rate_limit_tier, token } = profile;
        let values = [json!(name), json!(base_url), json!(token), json!(rate_limit), json!(rate_limit_tier)];
        Value::from_iter(COLUMNS.into_iter().zip(values))
    };
    let profiles: Vec<_> = Profiles::read()?.all.iter().map(item).collect();
    output::print(global.output, &json!(profiles), || table(&profiles))
}

fn table(profiles: &[Value]) -> String {
    if profiles.is_empty() {
        return "no profiles yet; 'ocamba auth login' creates one\n".to_owned();
    }
    let cell = |profile: &Value, column: &str| match profile[column].as_str() {
        Some(name) if column == "profile" => Cell::styled(name, BOLD),
        Some(value) => Cell::new(value),
        None => Cell::styled("default", DIM),
    };
    with_header(COLUMNS, profiles.iter().map(|profile| COLUMNS.map(|column| cell(profile, column)).to_vec()))
}
