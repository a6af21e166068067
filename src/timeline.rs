//! Which instant is looked at, and whose samples answer for it. Floor 3.
//!
//! The past and the present belong to measurements, the future to the selected run;
//! where no run reaches there is no data, never a held last value. Commands go in,
//! questions come out; the caller brings the clock.

use std::time::Duration;

use crate::signal::{Origin, RunId};
use crate::time::Timestamp;

/// Slowest and fastest play, seconds of plant time per second.
pub const SPEEDS: (f64, f64) = (0.1, 1_000.0);

/// Whether and how the playhead moves by itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PlayState {
    /// Stands still.
    Paused,
    /// Moves at `speed` > 0 seconds of plant time per second.
    Playing {
        /// Seconds of plant time per second.
        speed: f64,
    },
    /// Stays on `now`.
    Live,
}

/// What a person asks of the timeline.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TimelineCommand {
    /// Goes to an instant and stays there.
    Seek(Timestamp),
    /// Goes forward, or back if negative, by seconds, and stays there.
    SeekBy(f64),
    /// Goes to the oldest sample.
    Home,
    /// Follows the present.
    GoLive,
    /// Moves by itself.
    Play,
    /// Stands still.
    Pause,
    /// Plays if paused, pauses if not.
    Toggle,
    /// Sets the speed of play, now and later.
    SetSpeed(f64),
    /// Lets this run answer for the future.
    SelectRun(Option<RunId>),
    /// Plays this stretch over and over.
    Loop(Option<(Timestamp, Timestamp)>),
}

/// What kind of answer the playhead gives. Screens must make it unmistakable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// The present, as measured.
    Live,
    /// The past, as measured.
    History,
    /// The future, as a run computed it.
    Simulated,
    /// The future where no run reaches: no data.
    Beyond,
}

/// The stretch that a run answers for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunSpan {
    /// The run.
    pub run: RunId,
    /// Its analysis time t0.
    pub start: Timestamp,
    /// How far it has come.
    pub reached: Timestamp,
}

/// The one time control.
#[derive(Clone, Debug, PartialEq)]
pub struct Timeline {
    playhead: Timestamp,
    now: Timestamp,
    oldest: Timestamp,
    play: PlayState,
    speed: f64,
    run: Option<RunSpan>,
    looped: Option<(Timestamp, Timestamp)>,
}

impl Timeline {
    /// A timeline that follows the present.
    pub fn new(now: Timestamp) -> Self {
        Self {
            playhead: now,
            now,
            oldest: now,
            play: PlayState::Live,
            speed: 1.0,
            run: None,
            looped: None,
        }
    }

    /// Does what is asked.
    pub fn apply(&mut self, command: TimelineCommand) {
        match command {
            TimelineCommand::Seek(to) => self.seek(to),
            TimelineCommand::SeekBy(secs) => self.seek(self.playhead.plus_secs(secs)),
            TimelineCommand::Home => self.seek(self.oldest),
            TimelineCommand::GoLive => {
                self.play = PlayState::Live;
                self.playhead = self.now;
                self.looped = None;
            }
            TimelineCommand::Play => self.play = PlayState::Playing { speed: self.speed },
            TimelineCommand::Pause => self.play = PlayState::Paused,
            TimelineCommand::Toggle => {
                self.play = match self.play {
                    PlayState::Paused => PlayState::Playing { speed: self.speed },
                    PlayState::Playing { .. } | PlayState::Live => PlayState::Paused,
                };
            }
            TimelineCommand::SetSpeed(speed) => {
                self.speed = speed.clamp(SPEEDS.0, SPEEDS.1);
                if let PlayState::Playing { speed } = &mut self.play {
                    *speed = self.speed;
                }
            }
            TimelineCommand::SelectRun(run) => {
                self.run = run.map(|run| RunSpan {
                    run,
                    start: self.now,
                    reached: self.now,
                });
            }
            TimelineCommand::Loop(range) => {
                self.looped = range.filter(|(from, to)| from < to);
                if let Some((from, _)) = self.looped {
                    self.playhead = from;
                    self.play = PlayState::Playing { speed: self.speed };
                }
            }
        }
    }

    /// Moves on by `elapsed` of wall time; `now` is the present, live or replayed.
    ///
    /// The present never goes back. Play that catches up with it, where no run leads
    /// further, goes live; play that reaches the end of its run stops there.
    pub fn advance(&mut self, now: Timestamp, elapsed: Duration) {
        self.now = self.now.max(now);
        match self.play {
            PlayState::Paused => {}
            PlayState::Live => self.playhead = self.now,
            PlayState::Playing { speed } => self.play_on(speed * elapsed.as_secs_f64()),
        }
    }

    fn play_on(&mut self, secs: f64) {
        let to = self.playhead.plus_secs(secs);
        if let Some((from, until)) = self.looped {
            self.playhead = if to >= until { from } else { to };
            return;
        }
        match self.end() {
            end if to < end => self.playhead = to,
            end if end == self.now => self.apply(TimelineCommand::GoLive),
            end => {
                self.playhead = end;
                self.play = PlayState::Paused;
            }
        }
    }

    /// Tells how far back there is data.
    pub fn set_oldest(&mut self, oldest: Timestamp) {
        self.oldest = oldest;
    }

    /// Tells how far the selected run reaches; of no effect for any other run.
    pub fn set_run_span(&mut self, span: RunSpan) {
        if let Some(selected) = &mut self.run
            && selected.run == span.run
        {
            *selected = span;
        }
    }

    /// Whose samples answer for `at`: the measured past, or the selected run.
    pub fn origin_at(&self, at: Timestamp) -> Option<Origin> {
        if at <= self.now {
            return Some(Origin::Measured);
        }
        let covering = self
            .run
            .filter(|span| (span.start..=span.reached).contains(&at));
        covering.map(|span| Origin::Simulated(span.run))
    }

    /// What kind of answer the playhead gives.
    pub fn mode(&self) -> Mode {
        match self.origin_at(self.playhead) {
            _ if self.play == PlayState::Live => Mode::Live,
            Some(Origin::Measured) => Mode::History,
            Some(_) => Mode::Simulated,
            None => Mode::Beyond,
        }
    }

    /// The instant looked at.
    pub fn playhead(&self) -> Timestamp {
        self.playhead
    }

    /// The present.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The oldest sample's instant.
    pub fn oldest(&self) -> Timestamp {
        self.oldest
    }

    /// The last instant with an answer: the present, or the end of the selected run.
    pub fn end(&self) -> Timestamp {
        self.run.map_or(self.now, |span| span.reached.max(self.now))
    }

    /// Whether and how the playhead moves.
    pub fn play_state(&self) -> PlayState {
        self.play
    }

    /// The speed of play, now or when it begins.
    pub fn speed(&self) -> f64 {
        self.speed
    }

    /// The run that answers for the future.
    pub fn selected_run(&self) -> Option<RunId> {
        self.run.map(|span| span.run)
    }

    /// The stretch that is played over and over.
    pub fn looped(&self) -> Option<(Timestamp, Timestamp)> {
        self.looped
    }

    fn seek(&mut self, to: Timestamp) {
        self.playhead = to;
        self.play = PlayState::Paused;
        self.looped = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_000);

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    fn with_run(reached: i64) -> Timeline {
        let mut timeline = Timeline::new(NOW);
        timeline.apply(TimelineCommand::SelectRun(Some(RunId(7))));
        timeline.set_run_span(RunSpan {
            run: RunId(7),
            start: NOW,
            reached: at(reached),
        });
        timeline
    }

    #[test]
    fn the_past_is_measured_and_the_future_is_the_runs() {
        let timeline = with_run(2_000);
        assert_eq!(timeline.origin_at(at(1_000)), Some(Origin::Measured));
        assert_eq!(
            timeline.origin_at(at(1_001)),
            Some(Origin::Simulated(RunId(7)))
        );
        assert_eq!(
            timeline.origin_at(at(2_001)),
            None,
            "no data past the horizon"
        );
        assert_eq!(Timeline::new(NOW).origin_at(at(1_001)), None);
    }

    #[test]
    fn play_that_catches_up_goes_live() {
        let mut timeline = Timeline::new(NOW);
        timeline.apply(TimelineCommand::Seek(at(990)));
        timeline.apply(TimelineCommand::SetSpeed(100.0));
        timeline.apply(TimelineCommand::Play);
        timeline.advance(at(1_001), Duration::from_secs(1));
        assert_eq!(timeline.mode(), Mode::Live);
        assert_eq!(timeline.playhead(), at(1_001));
    }

    #[test]
    fn play_goes_on_into_the_run_and_stops_at_its_end() {
        let mut timeline = with_run(1_060);
        timeline.apply(TimelineCommand::SetSpeed(50.0));
        timeline.apply(TimelineCommand::Play);
        timeline.advance(NOW, Duration::from_secs(1));
        assert_eq!(
            (timeline.playhead(), timeline.mode()),
            (at(1_050), Mode::Simulated)
        );
        timeline.advance(NOW, Duration::from_secs(1));
        assert_eq!(
            (timeline.playhead(), timeline.play_state()),
            (at(1_060), PlayState::Paused)
        );
    }

    #[test]
    fn the_present_never_goes_back() {
        let mut timeline = Timeline::new(NOW);
        timeline.advance(at(900), Duration::ZERO);
        assert_eq!(timeline.now(), NOW);
    }

    #[test]
    fn a_loop_starts_over() {
        let mut timeline = Timeline::new(NOW);
        timeline.apply(TimelineCommand::Loop(Some((at(100), at(110)))));
        timeline.advance(NOW, Duration::from_secs(9));
        assert_eq!(timeline.playhead(), at(109));
        timeline.advance(NOW, Duration::from_secs(2));
        assert_eq!(timeline.playhead(), at(100));
    }
}
