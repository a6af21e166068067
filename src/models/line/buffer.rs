//! A place where parts wait, first in, first out.

use super::plan::{BufferPlan, Plan};
use super::queue::Queue;
use super::world::{Task, World};

/// The state of a buffer.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Buffer {
    pub(super) queue: Queue<6>,
    /// How many parts it holds; no limit if absent.
    pub(super) capacity: Option<usize>,
}

impl Buffer {
    pub(super) fn new(plan: &BufferPlan) -> Self {
        Self {
            queue: Queue::default(),
            capacity: plan.capacity.map(|capacity| capacity as usize),
        }
    }

    #[inline]
    pub(super) fn has_room(&self) -> bool {
        self.capacity
            .is_none_or(|capacity| self.queue.len() < capacity)
    }
}

impl World {
    /// A buffer holds so many parts from now on; what is in it stays.
    pub(super) fn set_capacity(&mut self, plan: &Plan, place: usize, capacity: usize) {
        let buffer = &mut self.buffers[place];
        if buffer.capacity != Some(capacity) {
            buffer.capacity = Some(capacity);
            self.add_task(Task::Open(plan.buffers[place].node));
        }
    }
}
