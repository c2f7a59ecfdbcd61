//! Makes the plan of a world that breaks a rule smaller, as long as the world still breaks it.

use crate::plan::{Network, Plan, What};

type Change = fn(&mut Plan);

/// Maximum number of worlds that are tried.
const MOST_TRIES: usize = 500;

/// Returns the smallest plan that was found, for which `fails` is true as for this one.
pub fn shrink(plan: &Plan, mut fails: impl FnMut(&Plan) -> bool) -> Plan {
    let (mut plan, mut tries) = (plan.clone(), 0);
    loop {
        let smaller = smaller(&plan).into_iter().find(|plan| {
            tries += 1;
            tries <= MOST_TRIES && fails(plan)
        });
        match smaller {
            Some(smaller) => plan = smaller,
            None => return plan,
        }
    }
}

/// Returns plans that are each a little smaller, those that lack most first.
fn smaller(plan: &Plan) -> Vec<Plan> {
    let mut all = Vec::new();
    let mut add = |change: &dyn Fn(&mut Plan)| {
        let mut smaller = plan.clone();
        change(&mut smaller);
        all.push(smaller);
    };
    if plan.processes.len() > 1 {
        (0..plan.processes.len()).for_each(|process| add(&|plan| remove_process(plan, process)));
    }
    (0..plan.events.len()).for_each(|event| add(&|plan| remove(&mut plan.events, event)));
    (0..plan.faults.len()).for_each(|fault| add(&|plan| remove(&mut plan.faults, fault)));
    for (number, process) in plan.processes.iter().enumerate() {
        if let Some(fleet) = &process.fleet {
            add(&|plan| plan.processes[number].fleet = None);
            for row in (0..fleet.names.len()).filter(|_| fleet.names.len() > 1) {
                add(&|plan| drop(plan.processes[number].fleet.as_mut().map(|fleet| fleet.names.remove(row))));
            }
        }
        if process.tasks.len() > usize::from(process.fleet.is_none()) {
            (0..process.tasks.len()).for_each(|task| add(&|plan| remove(&mut plan.processes[number].tasks, task)));
        }
        for (task, calls) in process.tasks.iter().enumerate().filter(|(_, calls)| calls.len() > 1) {
            (0..calls.len()).for_each(|call| add(&|plan| remove(&mut plan.processes[number].tasks[task], call)));
        }
    }
    let Network { slow, cut, refuse, hang, latency_ms } = plan.network;
    let probabilities: [(f64, Change); 4] = [
        (slow, |plan| plan.network.slow = 0.0),
        (cut, |plan| plan.network.cut = 0.0),
        (refuse, |plan| plan.network.refuse = 0.0),
        (hang, |plan| plan.network.hang = 0.0),
    ];
    probabilities.iter().filter(|(now, _)| *now > 0.0).for_each(|(_, end)| add(end));
    if latency_ms > 0 {
        add(&|plan| plan.network.latency_ms = 0);
    }
    if !plan.drifts.is_empty() {
        add(&|plan| plan.drifts.clear());
    }
    if plan.skew_ms != 0 {
        add(&|plan| plan.skew_ms = 0);
    }
    for (number, process) in plan.processes.iter().enumerate() {
        if process.start_ms > 0 {
            add(&|plan| plan.processes[number].start_ms = 0);
        }
        for (task, calls) in process.tasks.iter().enumerate() {
            for (index, call) in calls.iter().enumerate() {
                if call.pause_ms > 0 {
                    add(&|plan| plan.processes[number].tasks[task][index].pause_ms = 0);
                }
                if call.cancel_ms.is_some() {
                    add(&|plan| plan.processes[number].tasks[task][index].cancel_ms = None);
                }
                if call.max_retries > 0 {
                    add(&|plan| plan.processes[number].tasks[task][index].max_retries = 0);
                }
            }
        }
    }
    all
}

fn remove<T>(all: &mut Vec<T>, index: usize) {
    all.remove(index);
}

/// Removes a process, and its events.
fn remove_process(plan: &mut Plan, removed: usize) {
    plan.processes.remove(removed);
    plan.events.retain_mut(|event| match &mut event.what {
        What::Kill { process, .. }
        | What::Stop { process, .. }
        | What::Clock { process, .. }
        | What::Fork { process, .. }
        | What::Remove { process } => {
            let is_kept = *process != removed;
            *process -= usize::from(*process > removed);
            is_kept
        }
        _ => true,
    });
}
