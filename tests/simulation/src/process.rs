//! A process of the clients' machine, which may be stopped, and killed at any await.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use tokio::time::{Instant, Sleep, sleep_until};

use crate::record::log;
use crate::{kernel, network};

/// Controls a process.
#[derive(Default)]
pub struct Control {
    /// Steps until the process is killed, and the time until it starts again.
    kill: Cell<Option<(u64, Duration)>>,
    /// Steps until the process is stopped, and for how long.
    stop: Cell<Option<(u64, Duration)>>,
    /// Whether both wait until the process has sent a create.
    awaits_create: Cell<bool>,
    stopped_until: Cell<Option<Instant>>,
    /// Time for which it was stopped so far.
    stopped: Cell<Duration>,
    waker: RefCell<Option<Waker>>,
    /// The run, while there is one.
    id: Cell<Option<u32>>,
}

/// When the steps to a kill or stop begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum From {
    Now,
    /// When the process has sent its next create.
    Create,
}

type Main = Pin<Box<dyn Future<Output = ()>>>;

thread_local! {
    /// The processes that were killed, for the end of the world.
    static DEAD: RefCell<Vec<(u32, Main)>> = const { RefCell::new(Vec::new()) };
    /// The runs of processes.
    static CONTROLS: RefCell<Vec<(u32, Rc<Control>)>> = const { RefCell::new(Vec::new()) };
}

/// Notes that a run of a process has sent a create.
pub fn create_is_sent(id: u32) {
    let control = CONTROLS.with_borrow(|controls| controls.iter().find(|(other, _)| *other == id).cloned());
    if let Some((_, control)) = control.filter(|(_, control)| control.awaits_create.replace(false)) {
        control.wake();
    }
}

/// Frees what the killed processes have in memory, when the world has ended.
pub fn bury() {
    for (id, main) in DEAD.take() {
        kernel::switch(id);
        drop(main);
    }
    kernel::switch(0);
}

/// How a run of a process ended.
pub enum Ended {
    Finished,
    /// It starts again after this time.
    Killed(Duration),
}

/// A running process.
pub struct Running {
    number: usize,
    id: u32,
    control: Rc<Control>,
    main: Option<Main>,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Control {
    /// Kills the process after some steps, from now or from its next create.
    pub fn kill(&self, from: From, steps: u64, restart: Duration) {
        self.kill.set(Some((steps, restart)));
        self.begin(from);
    }

    /// Stops the process after some steps, from now or from its next create.
    pub fn stop(&self, from: From, steps: u64, time: Duration) {
        self.stop.set(Some((steps, time)));
        self.begin(from);
    }

    /// Returns the current run of the process, or the last one.
    pub fn id(&self) -> Option<u32> {
        self.id.get()
    }

    /// Returns the time that the process could not use so far.
    pub fn lost(&self) -> Duration {
        self.stopped.get() + kernel::delayed()
    }

    fn begin(&self, from: From) {
        self.awaits_create.set(from == From::Create);
        self.wake();
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }

    /// Counts a step. Returns what is due.
    fn is_due(&self, action: &Cell<Option<(u64, Duration)>>) -> Option<Duration> {
        match action.get() {
            _ if self.awaits_create.get() => None,
            Some((0, time)) => {
                action.set(None);
                Some(time)
            }
            Some((steps, time)) => {
                action.set(Some((steps - 1, time)));
                None
            }
            None => None,
        }
    }
}

impl Running {
    pub fn new(number: usize, id: u32, control: Rc<Control>, main: impl Future<Output = ()> + 'static) -> Self {
        control.id.set(Some(id));
        CONTROLS.with_borrow_mut(|controls| controls.push((id, control.clone())));
        Self { number, id, control, main: Some(Box::pin(main)), pause: None }
    }
}

impl Future for Running {
    type Output = Ended;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Ended> {
        let this = &mut *self;
        this.control.waker.replace(Some(context.waker().clone()));
        if let Some(restart) = this.control.is_due(&this.control.kill) {
            log(&format!("process {} is killed", this.number));
            this.control.stopped_until.set(None);
            this.control.stop.set(None);
            // None of its code runs any more in this world.
            DEAD.with_borrow_mut(|dead| dead.extend(this.main.take().map(|main| (this.id, main))));
            kernel::end_process(this.id);
            network::end_process(this.id);
            return Poll::Ready(Ended::Killed(restart));
        }
        if this.control.stopped_until.get().is_none()
            && let Some(time) = this.control.is_due(&this.control.stop)
        {
            log(&format!("process {} is stopped for {} ms", this.number, time.as_millis()));
            this.control.stopped_until.set(Some(Instant::now() + time));
            this.control.stopped.set(this.control.stopped.get() + time);
        }
        if let Some(until) = this.control.stopped_until.get() {
            let pause = this.pause.insert(Box::pin(sleep_until(until)));
            if pause.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            log(&format!("process {} continues", this.number));
            this.control.stopped_until.set(None);
        }
        let Some(main) = &mut this.main else { return Poll::Ready(Ended::Finished) };
        let before = kernel::switch(this.id);
        let polled = main.as_mut().poll(context);
        if polled.is_ready() {
            this.main = None;
        }
        kernel::switch(before);
        polled.map(|()| Ended::Finished)
    }
}
