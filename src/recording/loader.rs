//! Brings what was asked of the history from the store into memory, on a thread of its own.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, Sender, bounded, unbounded};

use super::block::{Block, StartFrame};
use super::layout::Table;
use super::library::{Library, LibraryError};
use super::row::{Name, Series, Who};
use super::segment::Bucket;
use crate::history::{
    self, Column, Resolution, Slice, SliceEntry, SliceId, StartRow, Strand, StrandKey, Want,
};
use crate::signal::{Origin, SignalId};
use crate::time::Timestamp;

/// How often the thread looks for news of the catalogue.
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// How often it looks for files that another program wrote.
const REFRESH_EVERY: Duration = Duration::from_secs(5);
/// What is loaded waits for the frame; then the thread does.
const RESULTS_WAITING: usize = 64;

/// What the loader brings.
#[derive(Debug)]
pub enum Loaded {
    /// What there is changed.
    Catalogue(Vec<SliceEntry>, Vec<(Timestamp, Timestamp)>),
    /// The plant over a stretch.
    Slice(SliceId, Arc<Slice>),
    /// A signal over a stretch, from the archive as it was at this revision or later.
    Strand(StrandKey, Strand, u64),
    /// It could not be loaded, and why.
    Failed(Want, String),
}

/// Called when something was loaded.
pub type Wake = Arc<dyn Fn() + Send + Sync>;

/// A running loader. Dropping it ends its thread.
pub struct Loader {
    asked: Option<Sender<Ask>>,
    loaded: Receiver<Loaded>,
    /// How many results were taken.
    taken: u64,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// What is wanted, by who has taken so many results.
struct Ask {
    wants: Vec<Want>,
    taken: u64,
    as_of: u64,
}

/// From names to signals of the scene that is open, and back.
pub struct SignalNames {
    names: Vec<Name>,
    places: HashMap<Name, SignalId>,
}

impl Loaded {
    /// What it answers; `None` for news of the catalogue.
    pub fn want(&self) -> Option<Want> {
        match self {
            Self::Catalogue(..) => None,
            Self::Slice(id, _) => Some(Want::Slice(*id)),
            Self::Strand(key, ..) => Some(Want::Strand(*key)),
            Self::Failed(want, _) => Some(*want),
        }
    }
}

/// A strand of buckets as the history takes it.
fn strand_of(buckets: &[Bucket]) -> Strand {
    let buckets = buckets.iter().map(|bucket| history::Bucket {
        start: bucket.start,
        column: Column {
            first: bucket.first_sample(),
            last: bucket.last_sample(),
            min: bucket.min,
            max: bucket.max,
            mean: bucket.mean,
            worst: bucket.worst,
            count: usize::try_from(bucket.count).unwrap_or(usize::MAX),
        },
    });
    Strand::of_buckets(buckets.collect())
}

impl SignalNames {
    /// The names of all signals, in their order.
    pub fn new(names: Vec<Name>) -> Self {
        let ids = (0..names.len() as u32).map(SignalId);
        let places = names.iter().cloned().zip(ids).collect();
        Self { names, places }
    }

    /// How many signals there are.
    pub fn len(&self) -> usize {
        self.names.len()
    }

    /// True if there are none.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// The name of a signal.
    pub fn name(&self, signal: SignalId) -> Option<&Name> {
        self.names.get(signal.index())
    }

    /// The signal of a name, if the scene has it.
    pub fn find(&self, name: &Name) -> Option<SignalId> {
        self.places.get(name).copied()
    }

    fn find_series(&self, series: &Series) -> Option<(Origin, SignalId)> {
        Some((series.who.origin(), self.find(&series.name)?))
    }

    /// A slice as the history takes it; what the scene does not have is left out.
    fn place(&self, frame: &StartFrame, block: Block) -> Slice {
        let start = frame.rows.iter().filter_map(|(series, sample, lost)| {
            let (origin, signal) = self.find_series(series)?;
            Some(StartRow {
                origin,
                signal,
                sample: Some(*sample),
                lost: *lost,
            })
        });
        let ranges = block
            .series
            .iter()
            .enumerate()
            .filter_map(|(place, series)| {
                let (origin, signal) = self.find_series(series)?;
                Some((origin, signal, block.rows_of(place)))
            });
        let (start, ranges) = (start.collect(), ranges.collect());
        Slice::new(self.len(), start, ranges, block.columns)
    }
}

impl Loader {
    /// Starts to serve the history of a scene from `library`.
    ///
    /// With `follow`, files are looked for that another program writes.
    pub fn start(
        library: Arc<Library>,
        signals: Arc<SignalNames>,
        follow: bool,
        wake: Option<Wake>,
    ) -> std::io::Result<Self> {
        let (asked, asks) = unbounded();
        let (out, loaded) = bounded(RESULTS_WAITING);
        let stop = Arc::new(AtomicBool::new(false));
        let mut worker = Worker {
            library,
            signals,
            asks,
            out,
            stop: Arc::clone(&stop),
            wake,
            follow,
            told: 0,
            refreshed: Instant::now(),
            handed: VecDeque::new(),
            results: 0,
            as_of: 0,
        };
        let thread = thread::Builder::new()
            .name("loader".to_owned())
            .spawn(move || worker.work())?;
        Ok(Self {
            asked: Some(asked),
            loaded,
            taken: 0,
            stop,
            thread: Some(thread),
        })
    }

    /// Asks for these and no longer for what was asked before, the first one first.
    ///
    /// `as_of` is the revision of the archive that is known to who asks.
    pub fn ask(&self, wants: Vec<Want>, as_of: u64) {
        if let Some(asked) = &self.asked {
            let ask = Ask {
                wants,
                taken: self.taken,
                as_of,
            };
            asked.send(ask).ok(); // its thread has ended: nothing comes any more
        }
    }

    /// What was loaded, if anything waits.
    pub fn take(&mut self) -> Option<Loaded> {
        self.take_within(Duration::ZERO)
    }

    /// As [`take`](Self::take), waiting up to `patience`.
    pub fn take_within(&mut self, patience: Duration) -> Option<Loaded> {
        let loaded = self.loaded.recv_timeout(patience).ok()?;
        self.taken += 1;
        Some(loaded)
    }
}

impl Drop for Loader {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.asked = None;
        // A thread that waits to hand something over must see that nobody takes it.
        self.loaded = crossbeam_channel::never();
        if let Some(thread) = self.thread.take() {
            // A panic there was already told by its own message.
            thread.join().ok();
        }
    }
}

struct Worker {
    library: Arc<Library>,
    signals: Arc<SignalNames>,
    asks: Receiver<Ask>,
    out: Sender<Loaded>,
    stop: Arc<AtomicBool>,
    wake: Option<Wake>,
    follow: bool,
    /// The revision of the catalogue that was told last.
    told: u64,
    refreshed: Instant,
    /// What was handed over last, and how many results there have been with it.
    handed: VecDeque<(u64, Want)>,
    results: u64,
    /// The revision of the archive that the last question knew.
    as_of: u64,
}

impl Worker {
    fn work(&mut self) {
        let mut wants: Vec<Want> = Vec::new();
        while !self.stop.load(Ordering::Relaxed) {
            self.tell_catalogue();
            // Only the newest question counts.
            while let Ok(ask) = self.asks.try_recv() {
                wants = self.missing(ask);
            }
            if wants.is_empty() {
                match self.asks.recv_timeout(LOOK_EVERY) {
                    Ok(ask) => wants = self.missing(ask),
                    Err(crossbeam_channel::RecvTimeoutError::Timeout) => continue,
                    Err(crossbeam_channel::RecvTimeoutError::Disconnected) => return,
                }
            }
            if wants.is_empty() {
                continue;
            }
            let want = wants.remove(0);
            let loaded = match self.load(&want) {
                Ok(loaded) => loaded,
                Err(error) => Loaded::Failed(want, error.to_string()),
            };
            self.hand_over(loaded);
        }
    }

    /// What was asked for and is not on its way to who asked.
    fn missing(&mut self, ask: Ask) -> Vec<Want> {
        self.as_of = ask.as_of;
        let on_its_way = |want: &Want| {
            let mut handed = self.handed.iter();
            handed.any(|(result, handed)| *result > ask.taken && handed == want)
        };
        let mut wants = ask.wants;
        wants.retain(|want| !on_its_way(want));
        wants
    }

    fn tell_catalogue(&mut self) {
        if self.follow && self.refreshed.elapsed() > REFRESH_EVERY {
            self.refreshed = Instant::now();
            if let Err(error) = self.library.refresh() {
                tracing::warn!("the store cannot be looked at: {error}");
            }
        }
        let (entries, stretches) = {
            let catalogue = self.library.catalogue();
            if catalogue.revision() == self.told {
                return;
            }
            self.told = catalogue.revision();
            (catalogue.entries(), catalogue.stretches())
        };
        self.hand_over(Loaded::Catalogue(entries, stretches));
    }

    fn load(&self, want: &Want) -> Result<Loaded, LibraryError> {
        match want {
            Want::Slice(id) => {
                let slice = {
                    let catalogue = self.library.catalogue();
                    let mut slices = catalogue.slices().iter();
                    slices.find(|slice| slice.id == id.0).cloned()
                };
                match slice {
                    Some(slice) => {
                        let (frame, block) = self.library.slice(&slice)?;
                        let loaded = self.signals.place(&frame, block);
                        Ok(Loaded::Slice(*id, Arc::new(loaded)))
                    }
                    None => Ok(Loaded::Failed(
                        *want,
                        "it was merged or removed meanwhile".to_owned(),
                    )),
                }
            }
            Want::Strand(key) => Ok(Loaded::Strand(*key, self.strand(key)?, self.as_of)),
        }
    }

    fn strand(&self, key: &StrandKey) -> Result<Strand, LibraryError> {
        let name = self.signals.name(key.signal);
        let (Some(name), Some(who)) = (name, Who::of(key.origin)) else {
            return Ok(Strand::of_buckets(Vec::new()));
        };
        let (from, to) = key.span();
        match key.resolution {
            Resolution::Samples => {
                let rows = self.library.series(name, who, from, to)?;
                Ok(Strand::of_samples(&rows))
            }
            Resolution::Minutes => {
                let buckets = self.library.buckets(Table::Minutes, name, who, from, to)?;
                Ok(strand_of(&buckets))
            }
            Resolution::Hours => {
                let buckets = self.library.hours(name, who, from, to)?;
                Ok(strand_of(&buckets))
            }
        }
    }

    fn hand_over(&mut self, loaded: Loaded) {
        self.results += 1;
        if let Some(want) = loaded.want() {
            self.handed.push_back((self.results, want));
            if self.handed.len() > 2 * RESULTS_WAITING {
                self.handed.pop_front();
            }
        }
        let mut loaded = Some(loaded);
        while let Some(result) = loaded.take()
            && !self.stop.load(Ordering::Relaxed)
        {
            if let Err(crossbeam_channel::SendTimeoutError::Timeout(back)) =
                self.out.send_timeout(result, LOOK_EVERY)
            {
                loaded = Some(back);
            }
        }
        if let Some(wake) = &self.wake {
            wake();
        }
    }
}
