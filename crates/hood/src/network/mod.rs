//! Connections to the server: finds its address, goes through a proxy, and speaks TLS. It knows whom to trust and names the
//! stage that failed; it knows no request.

mod certificate;
mod connect_error;
mod connector;
mod host;
mod net_connect;
mod options;
mod pem_source;
mod probe;
mod proxy;
mod resolver;
mod roots;
mod socket;
mod stream;
mod tls;
mod tunnel;

pub use connect_error::{ConnectError, root_cause};
pub use connector::{CONNECT_TIMEOUT, Connector};
#[cfg(feature = "redis")]
pub use connector::{connect_tcp, encrypt};
pub use host::{is_http_host_allowed, is_loopback};
pub use net_connect::{check_send, disable_net_connect, disable_net_connect_if_set};
pub use options::NetworkOptions;
pub use pem_source::PemSource;
pub use probe::Probe;
pub use proxy::Proxy;
#[cfg(feature = "redis")]
pub use stream::Stream;
pub use tls::Tls;
