//! A minimal server: responds to every request with the same created integration.

use std::io::Write;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const BODY: &str = r#"{"id":"1165","company_id":"6197120","name":"Example","type":"sms","provider_id":"1000","settings":{"account_sid":"AC7XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX","auth_token":"464XXXXXXXXXXXXXXXXXXXXXXXXXXXXXX","default_phone_number":"+121XXXXXXXXX"},"status":"active","is_default":false}"#;

/// Serves on a free port, which it prints, until the process is killed.
pub async fn serve() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening on http://{}", listener.local_addr()?);
    std::io::stdout().flush()?;
    let answer = format!(
        "HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{BODY}",
        BODY.len()
    );
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        tokio::spawn(connection(stream, answer.clone()));
    }
}

/// Responds to each request of a connection once its body is complete.
async fn connection(mut stream: TcpStream, answer: String) -> std::io::Result<()> {
    let mut bytes = Vec::new();
    loop {
        while let Some(length) = request_length(&bytes) {
            bytes.drain(..length);
            stream.write_all(answer.as_bytes()).await?;
        }
        if stream.read_buf(&mut bytes).await? == 0 {
            return Ok(());
        }
    }
}

/// The length of the first request, if it is complete.
fn request_length(bytes: &[u8]) -> Option<usize> {
    let head = bytes.windows(4).position(|w| w == b"\r\n\r\n")? + 4;
    let length = std::str::from_utf8(&bytes[..head]).ok()?.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse::<usize>().ok())?
    });
    let whole = head + length.unwrap_or(0);
    (bytes.len() >= whole).then_some(whole)
}
