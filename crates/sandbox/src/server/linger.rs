//! Reads what a client sends after the server's last byte.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt};

use crate::server::arrival_reader::ArrivalReader;

/// How long, and how many bytes, a refused client may continue to send its body. A busy machine takes seconds for megabytes.
pub const LINGER: Duration = Duration::from_secs(10);
const LINGER_BYTES: usize = 64 << 20;

/// Reads until the client closes its side. Closing with unread bytes would make the operating system reset the connection,
/// and the client might not see the last response.
pub async fn linger(stream: &mut (impl AsyncRead + Unpin), mut arrivals: Option<&mut ArrivalReader>) -> io::Result<()> {
    // Not within the future, which each open connection has.
    let mut unwanted = vec![0; 8 << 10];
    let mut left = LINGER_BYTES;
    while left > 0 {
        let read = stream.read(&mut unwanted).await?;
        if read == 0 {
            break;
        }
        if let Some(arrivals) = &mut arrivals {
            arrivals.read(&unwanted[..read]);
        }
        left = left.saturating_sub(read);
    }
    Ok(())
}
