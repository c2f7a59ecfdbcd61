//! A forward proxy that prints where it listens, and serves until it is killed.

use clap::Parser;
use ocamba_proxy::{Options, Proxy};

/// Run a forward proxy on a free port of this machine
#[derive(Parser)]
struct Arguments {
    #[command(flatten)]
    options: Options,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let proxy = Proxy::start(Arguments::parse().options).await?;
    println!("listening on http://{}", proxy.address());
    std::future::pending().await
}
