//! What is loaded, within a bound of memory: what was not used for the longest time goes
//! first, and what is in use stays even beyond the bound.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};

/// Loaded things by name. Time is told by the user, in rounds.
#[derive(Debug)]
pub(super) struct Cache<K, V> {
    held: HashMap<K, Entry<V>>,
    bytes: usize,
    budget: usize,
    /// What was used within this many rounds is in use.
    patience: u64,
}

#[derive(Debug)]
struct Entry<V> {
    value: V,
    bytes: usize,
    /// Noted by readers, who share the cache.
    used: AtomicU64,
}

impl<K: Copy + Eq + Hash, V> Cache<K, V> {
    pub(super) fn new(budget: usize, patience: u64) -> Self {
        Self {
            held: HashMap::new(),
            bytes: 0,
            budget,
            patience,
        }
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Gets a thing, and notes that it was used in `round`.
    pub(super) fn get(&self, key: K, round: u64) -> Option<&V> {
        let entry = self.held.get(&key)?;
        entry.used.fetch_max(round, Ordering::Relaxed);
        Some(&entry.value)
    }

    pub(super) fn put(&mut self, key: K, value: V, bytes: usize, round: u64) {
        let used = AtomicU64::new(round);
        let entry = Entry { value, bytes, used };
        self.bytes += bytes;
        if let Some(old) = self.held.insert(key, entry) {
            self.bytes -= old.bytes;
        }
        if self.bytes > self.budget {
            self.make_room(round);
        }
    }

    pub(super) fn retain(&mut self, keep: impl Fn(K) -> bool) {
        self.held.retain(|&key, entry| {
            let kept = keep(key);
            self.bytes -= if kept { 0 } else { entry.bytes };
            kept
        });
    }

    pub(super) fn for_each(&mut self, mut change: impl FnMut(K, &mut V)) {
        for (&key, entry) in &mut self.held {
            change(key, &mut entry.value);
        }
    }

    fn make_room(&mut self, round: u64) {
        let used = |entry: &Entry<V>| entry.used.load(Ordering::Relaxed);
        let idle = self.held.iter().map(|(&key, entry)| (used(entry), key));
        let mut idle: Vec<_> = idle
            .filter(|(used, _)| used + self.patience < round)
            .collect();
        idle.sort_unstable_by_key(|&(used, _)| used);
        for (_, key) in idle {
            if self.bytes <= self.budget {
                break;
            }
            if let Some(entry) = self.held.remove(&key) {
                self.bytes -= entry.bytes;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_unused_goes_first_and_what_is_in_use_stays() {
        let mut cache = Cache::new(30, 2);
        for (key, round) in [(1, 0), (2, 1), (3, 1)] {
            cache.put(key, key, 10, round);
        }
        assert_eq!(cache.get(1, 8), Some(&1));
        cache.put(4, 4, 10, 9);
        assert_eq!(cache.bytes(), 30);
        assert_eq!(cache.get(1, 9), Some(&1), "used since");
        cache.put(5, 5, 30, 10);
        assert_eq!(cache.bytes(), 50, "1, 4 and 5 are in use");
        cache.put(5, 5, 1, 20);
        assert_eq!(cache.bytes(), 21);
        cache.retain(|key| key == 5);
        assert_eq!(cache.bytes(), 1);
    }
}
