//! The network between the clients' machine and the server.

use std::cell::RefCell;
use std::future::pending;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use http::Uri;
use ocamba_hood::simulation::{Connecting, Pipe};
use ocamba_sandbox::InProcess;
use tokio::time::{Instant, sleep};

use crate::kernel;
use crate::plan::{self, chance, how};
use crate::process::create_is_sent;
use crate::record::log;
use crate::redis;
use crate::wire::{Cut, Direction, Scissors, connection};

/// Port of the API's server.
pub const SERVER: u16 = 1;
/// Port of Redis.
pub const REDIS: u16 = 2;
/// Number of bytes of most requests and responses.
const LONGEST: u64 = 1_200;

struct Network {
    plan: plan::Network,
    server: Arc<InProcess>,
    random: Rng,
    down: Option<(Instant, Cut)>,
    /// The connections of each process.
    open: Vec<(u32, Scissors)>,
    count: u64,
}

thread_local! {
    static NETWORK: RefCell<Option<Network>> = const { RefCell::new(None) };
}

/// Begins the network of a world.
pub fn begin(plan: plan::Network, seed: u64, server: Arc<InProcess>) {
    let random = Rng::with_seed(seed ^ 0x006e_6574);
    NETWORK.set(Some(Network { plan, server, random, down: None, open: Vec::new(), count: 0 }));
}

/// Ends it.
pub fn end() {
    NETWORK.set(None);
}

/// Makes a connection for the process that runs.
pub fn connect(host: &Uri) -> Connecting {
    let is_redis = host.port_u16() == Some(REDIS);
    let process = kernel::process();
    let chosen = NETWORK.with_borrow_mut(|network| network.as_mut().map(Network::choose));
    Box::pin(async move {
        let refused = || io::Error::from(io::ErrorKind::ConnectionRefused);
        let Chosen { number, delay, directions, fate } = chosen.ok_or_else(refused)?;
        sleep(delay).await;
        match fate {
            Fate::Hang => {
                log(&format!("connection {number} hangs"));
                return pending().await;
            }
            Fate::Refuse => {
                log(&format!("connection {number} is refused"));
                return Err(refused());
            }
            Fate::Make => {}
        }
        log(&format!("connection {number} of process {process}: {directions:?}"));
        let [from_client, from_server] = directions;
        let (mut client, server, scissors) = connection(from_client, from_server);
        client.observe(move |bytes| {
            if bytes.starts_with(b"POST ") {
                create_is_sent(process);
            }
        });
        NETWORK.with_borrow_mut(|network| {
            let network = network.as_mut().ok_or_else(refused)?;
            network.open.push((process, scissors));
            match is_redis {
                true => tokio::spawn(redis::serve(server)),
                false => tokio::spawn(network.server.serve(server)),
            };
            Ok::<_, io::Error>(())
        })?;
        Ok(Box::new(client) as Box<dyn Pipe>)
    })
}

/// Cuts all connections, and makes none for a while.
pub fn partition(how: Cut, time: Duration) {
    NETWORK.with_borrow_mut(|network| {
        let Some(network) = network else { return };
        network.open.drain(..).for_each(|(_, scissors)| scissors.cut(how));
        network.down = Some((Instant::now() + time, how));
    });
}

/// Ends the connections of a process that was killed.
pub fn end_process(process: u32) {
    NETWORK.with_borrow_mut(|network| {
        let Some(network) = network else { return };
        network.open.retain(|(owner, scissors)| {
            if *owner == process {
                scissors.end_client();
            }
            *owner != process
        });
    });
}

/// What becomes of a connection.
struct Chosen {
    number: u64,
    delay: Duration,
    directions: [Direction; 2],
    fate: Fate,
}

#[derive(Clone, Copy)]
enum Fate {
    Make,
    Refuse,
    Hang,
}

impl Network {
    fn choose(&mut self) -> Chosen {
        let (plan, r) = (&self.plan, &mut self.random);
        self.count += 1;
        let mut direction = || Direction {
            latency: Duration::from_millis(plan.latency(r)),
            cut: chance(r, plan.cut / 2.0).then(|| (r.u64(..LONGEST), how(r))),
        };
        let directions = [direction(), direction()];
        let fate = match self.down {
            Some((until, Cut::Silence)) if Instant::now() < until => Fate::Hang,
            Some((until, _)) if Instant::now() < until => Fate::Refuse,
            _ if chance(r, plan.refuse) => Fate::Refuse,
            _ if chance(r, plan.hang) => Fate::Hang,
            _ => Fate::Make,
        };
        let delay = directions[0].latency + directions[1].latency;
        Chosen { number: self.count, delay, directions, fate }
    }
}
