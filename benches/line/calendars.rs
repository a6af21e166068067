//! Which calendar is quickest: a winner tree over slots, a heap of four, or the standard heap.
//!
//! The hold model (Jones, *An empirical comparison of priority-queue and event-set
//! implementations*, CACM 29, 1986): the next event is taken out and planned anew an exponential
//! span later, with so many events pending all the time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use cpu_time::ThreadTime;
use parallax::models::Seed;
use parallax::models::line::calendar::Calendar;
use parallax::models::line::stream::Stream;
use rand_distr::{Distribution, Exp1};
use serde_json::{Value, json};

const HOLDS: u32 = 2_000_000;

/// Holds per CPU second of each calendar, by events pending.
pub(super) fn compare() -> Value {
    let rows = [10, 20, 200, 2_000, 20_000].map(|pending| {
        json!({
            "pending": pending,
            "winner_tree": tree(pending),
            "heap_of_four": heap_of_four(pending),
            "std_binary_heap": std_heap(pending),
            "draws_alone": draws_alone(),
        })
    });
    json!({ "holds_per_cpu_s": rows })
}

struct Spans(Stream);

impl Spans {
    fn new() -> Self {
        Self(Stream::new(
            Seed {
                run: 1,
                member: 0,
                model: 0,
            },
            0,
        ))
    }

    fn next(&mut self) -> u64 {
        let unit: f64 = Exp1.sample(&mut self.0);
        (unit * 1e9) as u64
    }
}

fn timed(mut hold: impl FnMut()) -> f64 {
    let clock = ThreadTime::now();
    for _ in 0..HOLDS {
        hold();
    }
    f64::from(HOLDS) / clock.elapsed().as_secs_f64()
}

fn draws_alone() -> f64 {
    let mut spans = Spans::new();
    let mut sum = 0u64;
    let rate = timed(|| sum = sum.wrapping_add(spans.next()));
    std::hint::black_box(sum);
    rate
}

fn tree(pending: u32) -> f64 {
    let (mut calendar, mut spans) = (Calendar::new(pending as usize), Spans::new());
    for slot in 0..pending {
        calendar.plan(slot, spans.next());
    }
    timed(|| {
        if let Some((now, slot)) = calendar.take(u64::MAX) {
            calendar.plan(slot, now + spans.next());
        }
    })
}

fn std_heap(pending: u32) -> f64 {
    let (mut heap, mut spans) = (BinaryHeap::new(), Spans::new());
    for slot in 0..pending {
        heap.push(Reverse((spans.next(), u64::from(slot), slot)));
    }
    let mut sequence = u64::from(pending);
    timed(|| {
        if let Some(Reverse((now, _, slot))) = heap.pop() {
            sequence += 1;
            heap.push(Reverse((now + spans.next(), sequence, slot)));
        }
    })
}

/// A heap of four children of keys like those of the winner tree.
#[derive(Default)]
struct HeapOfFour(Vec<u128>);

impl HeapOfFour {
    fn push(&mut self, key: u128) {
        self.0.push(key);
        let mut place = self.0.len() - 1;
        while place > 0 && self.0[place] < self.0[(place - 1) / 4] {
            self.0.swap(place, (place - 1) / 4);
            place = (place - 1) / 4;
        }
    }

    fn pop(&mut self) -> Option<u128> {
        let last = self.0.len().checked_sub(1)?;
        self.0.swap(0, last);
        let first = self.0.pop();
        let mut place = 0;
        loop {
            let children = 4 * place + 1..(4 * place + 5).min(self.0.len());
            let Some(least) = children.min_by_key(|child| self.0[*child]) else {
                return first;
            };
            if self.0[place] <= self.0[least] {
                return first;
            }
            self.0.swap(place, least);
            place = least;
        }
    }
}

fn heap_of_four(pending: u32) -> f64 {
    let (mut heap, mut spans) = (HeapOfFour::default(), Spans::new());
    let key = |at: u64, sequence: u64| u128::from(at) << 64 | u128::from(sequence);
    for slot in 0..pending {
        heap.push(key(spans.next(), u64::from(slot)));
    }
    let mut sequence = u64::from(pending);
    timed(|| {
        if let Some(first) = heap.pop() {
            sequence += 1;
            heap.push(key((first >> 64) as u64 + spans.next(), sequence));
        }
    })
}
