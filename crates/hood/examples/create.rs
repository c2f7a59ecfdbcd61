//! Creates an integration from a file: `cargo run --package ocamba-hood --example create -- request.json`.
//!
//! The token is that of `OCAMBA_TOKEN`; with `OCAMBA_BASE_URL` it goes to a sandbox.

use ocamba_hood::{Client, NewIntegration};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).ok_or("which file? for example openapi/examples/mitto/request.json")?;
    let request = NewIntegration::from_json(&std::fs::read_to_string(file)?)?;
    let integration = Client::from_env()?.integrations().create(request).await?;
    println!("created {}", integration.id);
    Ok(())
}
