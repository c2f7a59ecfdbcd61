//! What is known of rows before anything is sent, and what has become of those in doubt.

use crate::Error;
use crate::apply::Apply;
use crate::fleet::Key;
use crate::ledger::{Entry, State};
use crate::plan::Action;
use crate::report::Outcome;
use crate::run::{MAX_ATTEMPTS, Run};
use crate::send::Task;
use crate::world::World;

impl Run<'_> {
    /// Sorts the rows: what there is to send, to look for, and to write.
    pub(crate) fn begin(&mut self) -> Vec<(Key, Entry)> {
        let mut adopted = Vec::new();
        for row in 0..self.steps.len() {
            let entry = self.apply.ledger.entries.get(self.key(row));
            match self.steps[row].action {
                Action::Create if self.steps[row].in_doubt => self.doubts.push(Task::new(row)),
                Action::Create | Action::Update => self.queue.push_back(Task::new(row)),
                Action::Adopt => {
                    // In doubt and there: it was the earlier run that made it so.
                    let earlier = entry.filter(|entry| matches!(entry.state, State::Intent | State::Applied));
                    let (outcome, action) = match earlier.map(|entry| entry.action.as_str()) {
                        Some("create") => (Outcome::Created, "create"),
                        Some("update") => (Outcome::Updated, "update"),
                        _ => (Outcome::Adopted, "adopt"),
                    };
                    let id = self.steps[row].id.clone();
                    adopted.push((self.key(row).clone(), Entry { id, ..Entry::new(State::Done, action) }));
                    self.end(row, outcome, None);
                }
                Action::Unchanged => self.end(row, Outcome::Unchanged, None),
                Action::Conflict => self.end(row, Outcome::Conflict, None),
            }
        }
        adopted
    }

    /// Looks for all that is in doubt, by one list. The inner error is of the list.
    pub(crate) async fn look(&mut self) -> Result<Result<(), Error>, Error> {
        let Apply { client, fleet, ledger, .. } = self.apply;
        let world = match World::read(client, fleet, &ledger.entries).await {
            Ok(world) => world,
            Err(error) => return Ok(Err(error)),
        };
        let mut found = Vec::new();
        for task in std::mem::take(&mut self.doubts) {
            let (row, action) = (task.row, self.action(task.row));
            let step = fleet.step(row, &world, None);
            let key = self.key(row).clone();
            match step.action {
                Action::Adopt | Action::Unchanged => {
                    found.push((key, Entry { id: step.id.clone(), ..Entry::new(State::Done, action) }));
                    self.steps[row].id = step.id;
                    self.end(row, if action == "create" { Outcome::Created } else { Outcome::Updated }, None);
                }
                Action::Create if task.applied => self.end(row, Outcome::Applied, task.failure),
                Action::Create | Action::Update if task.attempts >= MAX_ATTEMPTS => {
                    self.end(row, Outcome::Unknown, task.failure);
                }
                Action::Create | Action::Update => {
                    self.steps[row] = step;
                    self.queue.push_back(task);
                }
                Action::Conflict => {
                    self.steps[row] = step;
                    self.end(row, Outcome::Conflict, None);
                }
            }
        }
        ledger.write(found).await?;
        self.tell(0);
        Ok(Ok(()))
    }
}
