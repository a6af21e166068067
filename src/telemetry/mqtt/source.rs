//! A source: one thread that listens to one broker and hands on samples.
//!
//! A message is acknowledged only after its samples were handed over, so that what the
//! broker accepted with quality of service 1 is never lost: when the receiver stalls,
//! the thread waits, and the broker queues. After a cut the broker sends again what was
//! not acknowledged; the history drops what it has already. For the same reason a
//! subscription with quality of service 2 is served as 1. A receiver that stalls for
//! longer than one and a half times the keep-alive costs the link, and no more.
//!
//! What was read in one go from the socket goes out as one batch: no timer holds a
//! sample back, and under load a batch has many.

use std::collections::VecDeque;
use std::mem;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, select};
use tracing::{info, warn};

use super::backoff::Backoff;
use super::endpoint::{Endpoint, EndpointError};
use super::link::{self, Link, Message, News, Purpose, Requests};
use super::tally::{Tally, tallies};
use crate::signal::{Clock, Origin, SampleBatch, SignalId};
use crate::telemetry::clock::now;
use crate::telemetry::fault::LinkFault;
use crate::telemetry::payload::{self, Arrival, Rejection, Rejections};
use crate::telemetry::status::{LinkState, RefusedMessage, SourceStatus};
use crate::telemetry::topic::{RouteCache, TopicMap, Unmapped};
use crate::telemetry::track::{TrackMap, TrackedFixes};
use crate::telemetry::{SourceChange, SourceEvent, Wake};
use crate::time::Timestamp;

/// How many requests may wait for the link.
const REQUEST_CAPACITY: usize = 1_024;
/// A link that lasted this long was good: the next wait is the shortest again.
const GOOD_LINK: Duration = Duration::from_secs(10);
/// How long leaving in good order may take.
const LEAVE_TIMEOUT: Duration = Duration::from_secs(2);

/// What a source is to do.
#[derive(Clone)]
pub struct SourceSettings {
    /// Its place in [`Scene::sources`](crate::scene::Scene::sources), told with every event.
    pub source: usize,
    /// What it is called on screen.
    pub name: String,
    /// Where to connect.
    pub endpoint: Endpoint,
    /// What the topics mean.
    pub topics: Arc<TopicMap>,
    /// Which topics tell who is where.
    pub tracks: Arc<TrackMap>,
    /// Quality of service of the subscriptions; 2 is served as 1.
    pub qos: u8,
    /// Called after each event that was sent.
    pub wake: Option<Wake>,
}

/// A running source. Dropping it leaves the broker in good order.
pub struct SourceHandle {
    status: Arc<Mutex<SourceStatus>>,
    signals: Vec<SignalId>,
    stopping: Arc<AtomicBool>,
    requests: Box<dyn Requests>,
    status_topic: String,
    filters: Vec<String>,
    tracks: Arc<TrackMap>,
    qos: u8,
    remap: Arc<Mutex<Option<Remap>>>,
    /// Dropped to wake the thread from any wait but the socket's.
    stop: Option<Sender<()>>,
    /// Closes when the thread has ended.
    ended: Receiver<()>,
}

impl SourceHandle {
    /// How the source is doing. A copy: at most a few hundred short texts.
    pub fn status(&self) -> SourceStatus {
        lock(&self.status).clone()
    }

    /// Reads the status in place, for those who look at it in every frame.
    pub fn with_status<R>(&self, read: impl FnOnce(&SourceStatus) -> R) -> R {
        read(&lock(&self.status))
    }

    /// The signals that go stale when this source's link is lost.
    pub fn signals(&self) -> &[SignalId] {
        &self.signals
    }

    /// Lets topics mean something else from now on. The link stands; only what is new is
    /// subscribed to.
    pub fn remap(&mut self, topics: Arc<TopicMap>) {
        let filters = filters_of(&topics, &self.tracks);
        let fresh: Vec<String> = filters
            .iter()
            .filter(|filter| !self.filters.contains(filter))
            .cloned()
            .collect();
        let gone = self.filters.iter().filter(|one| !filters.contains(one));
        let connected = self.with_status(SourceStatus::connected);
        self.signals = topics.signals();
        *lock_remap(&self.remap) = Some(Remap {
            topics,
            asked: fresh.clone(),
        });
        // Without a link, the next one asks for all of them.
        if connected {
            for filter in gone {
                self.requests.unsubscribe(filter);
            }
            if !fresh.is_empty() {
                self.requests.subscribe(&fresh, self.qos > 0);
            }
        }
        self.filters = filters;
    }
}

/// Topics that mean something else now, until the thread takes notice.
struct Remap {
    topics: Arc<TopicMap>,
    /// What is subscribed to besides.
    asked: Vec<String>,
}

impl Drop for SourceHandle {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Release);
        drop(self.stop.take());
        // If the queue is full the thread is awake and sees the flag.
        say_goodbye(&*self.requests, &self.status_topic);
        if self.ended.recv_timeout(LEAVE_TIMEOUT) == Err(RecvTimeoutError::Timeout) {
            warn!("a source did not end in time; its thread is left behind");
        }
    }
}

/// Starts listening, and sends what happens to `out`.
///
/// `out` is bounded: when it is full, the thread waits. Nothing is dropped.
pub fn listen(
    settings: SourceSettings,
    out: Sender<SourceEvent>,
) -> Result<SourceHandle, EndpointError> {
    let link = link::open(&settings.endpoint, Purpose::Listen, REQUEST_CAPACITY);
    let requests = link.requests();
    let mut status = SourceStatus::new(&settings.name, &settings.endpoint.url());
    status.routes = tallies(&settings.topics, &[]);
    let remap = Arc::default();
    let (tracks, qos) = (Arc::clone(&settings.tracks), settings.qos);
    let filters = filters_of(&settings.topics, &tracks);
    let status = Arc::new(Mutex::new(status));
    let stopping = Arc::new(AtomicBool::new(false));
    let (stop, stopped) = bounded(0);
    let (ending, ended) = bounded(0);
    let signals = settings.topics.signals();
    let status_topic = settings.endpoint.status_topic();
    let listener = Listener {
        requests: link.requests(),
        link,
        batch: SampleBatch::new(Origin::Measured),
        fixes: Vec::new(),
        fresh: Tally::default(),
        remap: Arc::clone(&remap),
        asked: VecDeque::new(),
        unacknowledged: Vec::new(),
        routes: RouteCache::default(),
        told: Rejections::default(),
        backoff: Backoff::default(),
        up_since: None,
        links: 0,
        status: Arc::clone(&status),
        stopping: Arc::clone(&stopping),
        stopped,
        out,
        settings,
    };
    thread::Builder::new()
        .name("telemetry-mqtt".to_owned())
        .spawn(move || {
            let _ending = ending;
            listener.run();
        })?;
    Ok(SourceHandle {
        status,
        signals,
        stopping,
        requests,
        status_topic,
        filters,
        tracks,
        qos,
        remap,
        stop: Some(stop),
        ended,
    })
}

struct Listener {
    settings: SourceSettings,
    link: Box<dyn Link>,
    requests: Box<dyn Requests>,
    out: Sender<SourceEvent>,
    status: Arc<Mutex<SourceStatus>>,
    stopping: Arc<AtomicBool>,
    stopped: Receiver<()>,
    batch: SampleBatch,
    /// Where members are, as it was told since it was handed over last.
    fixes: Vec<TrackedFixes>,
    fresh: Tally,
    remap: Arc<Mutex<Option<Remap>>>,
    /// The filters of each subscription that the broker has not answered, oldest first.
    asked: VecDeque<Vec<String>>,
    /// Messages whose samples are in `batch`, or fixes in `fixes`, or were handed over.
    unacknowledged: Vec<u16>,
    routes: RouteCache,
    /// Which reasons were logged already.
    told: Rejections,
    backoff: Backoff,
    /// When the link came up, by a clock that never jumps.
    up_since: Option<Instant>,
    /// How often the link came up.
    links: u64,
}

/// The receiver is gone, or we are to stop.
struct Over;

impl Listener {
    fn run(mut self) {
        let mut left = false;
        while !left && !self.stopping.load(Ordering::Acquire) {
            let outcome = match self.link.next() {
                Ok(News::Left) => {
                    left = true;
                    Ok(())
                }
                Ok(news) => self.take(news),
                Err(fault) => self.lose(fault),
            };
            if outcome.is_err() {
                break;
            }
        }
        if self.up_since.is_some() {
            self.leave(left);
        }
        lock(&self.status).link = LinkState::Stopped;
    }

    fn take(&mut self, news: News) -> Result<(), Over> {
        self.adopt();
        match news {
            News::Up => self.greet()?,
            News::Message(message) => self.read(&message, true),
            News::Subscribed { refused } => {
                lock(&self.status).subscribed = true;
                let asked = self.asked.pop_front().unwrap_or_default();
                self.note_refused(&asked, &refused);
            }
            News::Sent(_) | News::Settled { .. } | News::Left | News::Other => {}
        }
        if !self.link.has_more() {
            self.hand_over()?;
        }
        self.acknowledge();
        Ok(())
    }

    /// Subscribes anew on every connection: a broker that restarted has forgotten us.
    fn greet(&mut self) -> Result<(), Over> {
        let at = now();
        let endpoint = &self.settings.endpoint;
        let filters = filters_of(&self.settings.topics, &self.settings.tracks);
        self.requests.subscribe(&filters, self.settings.qos > 0);
        self.asked.push_back(filters);
        self.requests
            .publish(&endpoint.status_topic(), "online", true);
        info!(source = self.settings.name, broker = %endpoint.url(), "connected");
        self.up_since = Some(Instant::now());
        self.links += 1;
        {
            let mut status = lock(&self.status);
            status.reconnects = self.links - 1;
            status.link = LinkState::Connected { since: at };
            status.fault = None;
            status.refused_filters.clear();
        }
        self.send(at, SourceChange::Connected)
    }

    /// Takes notice of topics that mean something else now.
    fn adopt(&mut self) {
        let Some(remap) = lock_remap(&self.remap).take() else {
            return;
        };
        self.routes = RouteCache::default();
        if !remap.asked.is_empty() && self.up_since.is_some() {
            self.asked.push_back(remap.asked);
        }
        let mut status = lock(&self.status);
        self.fresh.write_routes(&mut status);
        status.routes = tallies(&remap.topics, &status.routes);
        let meant = |topic: &String| remap.topics.find(topic).is_ok();
        status.unmapped.retain(|topic, _| !meant(topic));
        drop(status);
        self.settings.topics = remap.topics;
    }

    fn read(&mut self, message: &Message, acknowledge: bool) {
        let at = now();
        self.fresh.messages += 1;
        self.fresh.bytes += message.payload().len() as u64;
        if acknowledge {
            self.unacknowledged.extend(message.pkid());
        }
        let Some(topic) = message.topic() else {
            self.fresh.rejected.count(Rejection::NotUtf8);
            return;
        };
        let arrival = Arrival {
            at,
            retained: message.retained(),
        };
        if let Some(track) = self.settings.tracks.find(topic) {
            let mut reports = Vec::new();
            payload::decode_fixes(
                message.payload(),
                track,
                arrival,
                &mut reports,
                &mut self.fresh.rejected,
            );
            let population = track.population;
            let fixes = reports
                .into_iter()
                .map(|report| TrackedFixes { population, report });
            self.fixes.extend(fixes);
            return;
        }
        let topics = &self.settings.topics;
        let route = match self.routes.find(topics, topic) {
            Ok(route) => route,
            Err(why) => {
                if topic != self.settings.endpoint.status_topic() {
                    lock(&self.status).note_unmapped(topic, why, message.payload(), at);
                }
                return;
            }
        };
        let before = self.batch.samples.len();
        let mut rejected = Rejections::default();
        payload::decode(
            message.payload(),
            route.subject,
            topics.format(route.pattern),
            topics.scene(),
            arrival,
            &mut self.batch,
            &mut rejected,
        );
        let why = rejected.iter().next().map(|(why, _)| why);
        let refused = why.map(|why| RefusedMessage::new(why, topic, message.payload(), at));
        self.fresh.count(route.pattern, refused);
        self.fresh.rejected.add(&rejected);
        let newest = self.batch.samples[before..].last();
        if let Some((_, sample)) = newest.filter(|(_, sample)| sample.clock == Clock::Source) {
            self.fresh.lag_secs = Some(at.secs_since(sample.at));
        }
    }

    fn note_refused(&mut self, asked: &[String], refused: &[usize]) {
        let refused: Vec<_> = refused.iter().filter_map(|at| asked.get(*at)).collect();
        if !refused.is_empty() {
            let error = format!("the broker refused the subscription to {refused:?}");
            warn!(source = self.settings.name, error);
            let mut status = lock(&self.status);
            status.last_error = Some(error);
            status.refused_filters.extend(refused.into_iter().cloned());
        }
    }

    /// Sends the batch on and writes up the counts.
    fn hand_over(&mut self) -> Result<(), Over> {
        if self.fresh.messages > 0 {
            self.write_up();
        }
        if !self.fixes.is_empty() {
            let fixes = mem::take(&mut self.fixes);
            self.send(now(), SourceChange::Fixes(fixes))?;
        }
        if self.batch.samples.is_empty() {
            return Ok(());
        }
        let batch = mem::replace(&mut self.batch, SampleBatch::new(Origin::Measured));
        self.send(now(), SourceChange::Samples(batch))
    }

    fn write_up(&mut self) {
        let mut fresh = mem::take(&mut self.fresh);
        for (reason, _) in fresh.rejected.iter() {
            if self.told.of(reason) == 0 {
                self.told.count(reason);
                warn!(source = self.settings.name, %reason, "rejected; counted from now on");
            }
        }
        let mut status = lock(&self.status);
        status.messages += fresh.messages;
        status.bytes += fresh.bytes;
        status.samples += self.batch.samples.len() as u64;
        status.rejected.add(&fresh.rejected);
        fresh.write_routes(&mut status);
        status.last_message = Some(now());
        if let Some(secs) = fresh.lag_secs {
            status.note_lag(secs);
        }
    }

    /// Acknowledges what was handed over, as far as the link's queue has room.
    fn acknowledge(&mut self) {
        if self.batch.samples.is_empty() && self.fixes.is_empty() && self.fresh.messages == 0 {
            let full = |pkid: &u16| !self.requests.acknowledge(*pkid);
            let sent = self.unacknowledged.iter().position(full);
            let sent = sent.unwrap_or(self.unacknowledged.len());
            self.unacknowledged.drain(..sent);
        }
    }

    /// Tells at once that there is no link, then waits before the next attempt.
    fn lose(&mut self, fault: LinkFault) -> Result<(), Over> {
        let reason = fault.words.clone();
        self.asked.clear();
        // The broker will send them again, but this may be the last we hear of it.
        for message in self.link.reset() {
            self.read(&message, false);
        }
        self.unacknowledged.clear();
        self.hand_over()?;
        let at = now();
        let lasted = self.up_since.take().map(|since| since.elapsed());
        if lasted.is_some_and(|lasted| lasted >= GOOD_LINK) {
            self.backoff.reset();
        }
        let wait = self.backoff.next_wait();
        self.note_loss(at, at + wait, fault);
        self.wake();
        if lasted.is_some() {
            warn!(source = self.settings.name, reason, "link lost");
            self.send(at, SourceChange::Disconnected { reason })?;
        }
        match self.stopped.recv_timeout(wait) {
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Ok(()) | Err(RecvTimeoutError::Disconnected) => Err(Over),
        }
    }

    fn note_loss(&self, at: Timestamp, retry_at: Timestamp, fault: LinkFault) {
        let reason = &fault.words;
        let mut status = lock(&self.status);
        let since = match status.link {
            LinkState::Waiting { since, .. } => since,
            _ => at,
        };
        if status.last_error.as_ref() != Some(reason) {
            info!(source = self.settings.name, reason, "no link");
        }
        status.link = LinkState::Waiting { since, retry_at };
        status.subscribed = false;
        status.last_error = Some(reason.to_owned());
        status.fault = Some(fault);
    }

    fn send(&self, at: Timestamp, change: SourceChange) -> Result<(), Over> {
        let event = SourceEvent {
            source: self.settings.source,
            at,
            change,
        };
        select! {
            send(self.out, event) -> sent => sent.map_err(|_| Over)?,
            recv(self.stopped) -> _ => return Err(Over),
        }
        self.wake();
        Ok(())
    }

    fn wake(&self) {
        if let Some(wake) = &self.settings.wake {
            wake();
        }
    }

    /// Leaves nothing behind at the broker: neither the retained status nor the session.
    fn leave(&mut self, left: bool) {
        let deadline = Instant::now() + LEAVE_TIMEOUT;
        if !left {
            say_goodbye(&*self.requests, &self.settings.endpoint.status_topic());
        }
        if left || self.wait_until_left(deadline) {
            // Only a connection that asks for a clean session ends the one before.
            self.link.reset();
            self.link.end_session();
            if matches!(self.link.next(), Ok(News::Up)) {
                self.requests.disconnect();
                self.wait_until_left(deadline);
            }
        }
    }

    fn wait_until_left(&mut self, deadline: Instant) -> bool {
        while Instant::now() < deadline {
            match self.link.next() {
                Ok(News::Left) => return true,
                Ok(_) => {}
                Err(_) => return false,
            }
        }
        false
    }
}

/// Takes the retained status back and leaves.
fn say_goodbye(requests: &dyn Requests, status_topic: &str) {
    requests.publish(status_topic, "", true);
    requests.disconnect();
}

/// What to subscribe to, each once. A broker may send what fits two filters twice, so a track
/// that a pattern hears already is not asked for again.
fn filters_of(topics: &TopicMap, tracks: &TrackMap) -> Vec<String> {
    let mut filters = topics.filters();
    let tracks = tracks.iter().map(|track| &track.topic);
    let unheard = tracks.filter(|topic| topics.find(topic) == Err(Unmapped::NoPattern));
    filters.extend(unheard.cloned());
    filters.dedup();
    filters
}

fn lock_remap(remap: &Mutex<Option<Remap>>) -> MutexGuard<'_, Option<Remap>> {
    remap.lock().unwrap_or_else(PoisonError::into_inner)
}

fn lock(status: &Mutex<SourceStatus>) -> MutexGuard<'_, SourceStatus> {
    // Counters stay usable even if a reader panicked while it held the lock.
    status.lock().unwrap_or_else(PoisonError::into_inner)
}
