//! Creates an integration from a file, in a sandbox of its own:
//! `cargo run -p ocamba-sandbox --example create_in_sandbox FILE`.

use std::io::Write;

use ocamba_hood::{Client, NewIntegration};
use ocamba_sandbox::Sandbox;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("which file? openapi/examples has some")?;
    let request = NewIntegration::from_json(&std::fs::read_to_string(file)?)?;

    let sandbox = Sandbox::start().await?;
    let client = Client::builder().base_url(sandbox.base_url()).token("any").build()?;
    let integration = client.integrations().create(request).await?;
    writeln!(std::io::stdout(), "created {integration:#?}")?;
    Ok(())
}
