//! The seams of simulated worlds: a thread on which many processes are pretended. Compiled with the feature `simulation`, which
//! only `tests/simulation` sets.

use std::any::Any;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::io;
use std::pin::Pin;
use std::rc::Rc;

use http::Uri;
use tokio::io::{AsyncRead, AsyncWrite};

/// A connection of a world.
pub trait Pipe: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Pipe for T {}

/// A connection of a world that is being made.
pub type Connecting = Pin<Box<dyn Future<Output = io::Result<Box<dyn Pipe>>> + Send>>;

/// Makes a connection to a host.
pub type Connect = fn(&Uri) -> Connecting;

/// The values of each process of a world, by the place of their static.
type Values = HashMap<(u32, usize), Rc<dyn Any>>;

thread_local! {
    static CONNECTOR: Cell<Option<Connect>> = const { Cell::new(None) };
    static VALUES: RefCell<Values> = RefCell::default();
}

/// Begins a world on this thread, whose connections this function makes.
pub fn begin(connector: Connect) {
    CONNECTOR.set(Some(connector));
}

/// Returns whether this thread is within a world.
pub fn is_world() -> bool {
    CONNECTOR.get().is_some()
}

/// Begins a connection to a host; none outside of a world.
pub(crate) fn connect(host: &Uri) -> Option<Connecting> {
    CONNECTOR.get().map(|connector| connector(host))
}

/// Returns the value that the current process of the world has in place of a static; none outside of a world.
pub(crate) fn value<T: Default + 'static>(place: usize) -> Option<Rc<RefCell<T>>> {
    CONNECTOR.get()?;
    let key = (std::process::id(), place);
    let value = VALUES
        .with_borrow_mut(|values| values.entry(key).or_insert_with(|| Rc::new(RefCell::new(T::default()))).clone());
    value.downcast().ok()
}
