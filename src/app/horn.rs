//! The horn: alarms that nobody acknowledged are heard until they are, or until somebody
//! silences it. Silence is not an acknowledgement, and ends with the next alarm.
//!
//! A short tone is written as a private WAV file and handed to a player of the desktop, which is looked
//! for once: `pw-play`, `paplay`, `aplay` or `afplay`. Where none is found, nothing is heard,
//! and the menu says so.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use std::{env, fs, thread};

use bevy::prelude::*;
use crossbeam_channel::{Receiver, Sender, unbounded};

use super::action::{Action, Named};
use super::alarms::AlarmOrder;
use super::notices::Tell;
use super::panels::desk::HornView;
use super::ui::PanelMemory;
use crate::alarm::{Alarm, AlarmId, AlarmState};
use crate::scene::Priority;
use crate::time::Timestamp;

/// Players, and what they are told before the file.
const PLAYERS: [(&str, &[&str]); 4] = [
    ("pw-play", &[]),
    ("paplay", &[]),
    ("aplay", &["-q"]),
    ("afplay", &[]),
];
/// Samples a second of a tone.
const RATE: u32 = 22_050;

/// When the horn sounds. Pure: it is told the alarms, the frame and the time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Horn {
    /// The alarms that wait, each as it was raised, and the frame in which it was first heard.
    waiting: BTreeMap<(AlarmId, Timestamp), u64>,
    silenced: BTreeSet<(AlarmId, Timestamp)>,
    loudest: Option<Priority>,
    /// When it sounds next, time of the program.
    next: Duration,
}

impl Horn {
    /// Takes in the alarms of the present, in a frame.
    pub fn hear(&mut self, alarms: &[Alarm], frame: u64) {
        let waits = |alarm: &&Alarm| alarm.state == AlarmState::Unacknowledged;
        let waiting: Vec<_> = alarms.iter().filter(waits).collect();
        let known = std::mem::take(&mut self.waiting);
        let since = |alarm: &&&Alarm| {
            let key = key(alarm);
            (key, known.get(&key).copied().unwrap_or(frame))
        };
        self.waiting = waiting.iter().map(|alarm| since(&alarm)).collect();
        self.silenced.retain(|key| self.waiting.contains_key(key));
        let heard = waiting
            .iter()
            .filter(|alarm| !self.silenced.contains(&key(alarm)));
        let loudest = heard.map(|alarm| alarm.priority).min();
        // What is more urgent is heard at once.
        if loudest != self.loudest
            && loudest.is_some_and(|now| self.loudest.is_none_or(|before| now < before))
        {
            self.next = Duration::ZERO;
        }
        self.loudest = loudest;
    }

    /// Quiet, until another alarm is raised: asked for on the screen that `frame` drew, which
    /// was touched before the alarms of that frame came in. These, and later ones, stay.
    pub fn silence(&mut self, frame: u64) {
        let heard = self.waiting.iter().filter(|(_, since)| **since < frame);
        self.silenced.extend(heard.map(|(key, _)| *key));
    }

    /// What sounds at `now`, the time of the program, if something does.
    pub fn sound(&mut self, now: Duration) -> Option<Priority> {
        let loudest = self.loudest.filter(|_| now >= self.next)?;
        self.next = now + pause(loudest);
        Some(loudest)
    }

    /// How urgent what is heard is; `None` while it is quiet.
    pub fn loudest(&self) -> Option<Priority> {
        self.loudest
    }
}

fn key(alarm: &Alarm) -> (AlarmId, Timestamp) {
    (alarm.id, alarm.raised)
}

/// From the beginning of a tone to the next.
const fn pause(priority: Priority) -> Duration {
    Duration::from_secs(match priority {
        Priority::Urgent => 2,
        Priority::High => 5,
        Priority::Low => 20,
    })
}

/// A tone as a WAV file, 16 bit, mono: the more urgent, the higher and the more often.
pub fn tone(priority: Priority) -> Vec<u8> {
    let (hertz, pulses) = match priority {
        Priority::Urgent => (988.0, 3),
        Priority::High => (784.0, 2),
        Priority::Low => (587.0, 1),
    };
    let (pulse, gap) = (RATE * 16 / 100, RATE * 6 / 100);
    let mut samples: Vec<i16> = Vec::new();
    for _ in 0..pulses {
        for place in 0..pulse {
            let share = f64::from(place) / f64::from(pulse);
            // A soft beginning and end, so that nothing clicks.
            let swell = (share * std::f64::consts::PI).sin();
            let turn = std::f64::consts::TAU * hertz * f64::from(place) / f64::from(RATE);
            samples.push((turn.sin() * swell * 0.5 * f64::from(i16::MAX)) as i16);
        }
        samples.extend(std::iter::repeat_n(0, gap as usize));
    }
    let bytes = samples.len() as u32 * 2;
    let mut wav = Vec::with_capacity(44 + bytes as usize);
    wav.extend(b"RIFF");
    wav.extend((36 + bytes).to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    wav.extend(1_u16.to_le_bytes()); // PCM
    wav.extend(1_u16.to_le_bytes()); // mono
    wav.extend(RATE.to_le_bytes());
    wav.extend((RATE * 2).to_le_bytes());
    wav.extend(2_u16.to_le_bytes());
    wav.extend(16_u16.to_le_bytes());
    wav.extend(b"data");
    wav.extend(bytes.to_le_bytes());
    wav.extend(samples.into_iter().flat_map(i16::to_le_bytes));
    wav
}

/// A program that plays files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Player {
    /// What it is called.
    pub name: &'static str,
    program: PathBuf,
    arguments: &'static [&'static str],
}

impl Player {
    /// The first player in the folders of `path`, which reads as `PATH` does.
    pub fn find(path: &OsStr) -> Option<Self> {
        PLAYERS.iter().find_map(|&(name, arguments)| {
            let mut places = env::split_paths(path).map(|folder| folder.join(name));
            Some(Self {
                name,
                program: places.find(|place| place.is_file())?,
                arguments,
            })
        })
    }

    fn play(&self, file: &Path) -> Result<(), String> {
        let mut command = Command::new(&self.program);
        command.args(self.arguments).arg(file);
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let status = command.stderr(Stdio::null()).status();
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(status) => Err(format!("{} ended with {status}", self.name)),
            Err(error) => Err(format!("{}: {error}", self.name)),
        }
    }
}

/// The horn of the program. Written by the systems of this file alone.
#[derive(Resource)]
pub struct HornState {
    /// For the screen.
    pub view: HornView,
    horn: Horn,
    player: Option<Player>,
    /// True while a tone is played.
    playing: Arc<AtomicBool>,
    troubles: (Sender<String>, Receiver<String>),
    /// Which alarms were heard last, by the revision of their list.
    heard: u64,
    /// How many frames there were.
    frame: u64,
    has_told: bool,
}

impl Default for HornState {
    fn default() -> Self {
        Self {
            view: HornView::default(),
            horn: Horn::default(),
            player: None,
            playing: Arc::default(),
            troubles: unbounded(),
            heard: 0,
            frame: 0,
            has_told: false,
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<HornState>()
        .add_systems(Update, sound.run_if(resource_exists::<AlarmOrder>));
}

/// Looks for a player. Only the window does: what has no window makes no noise.
pub(super) fn find_player(mut state: ResMut<HornState>) {
    state.player = env::var_os("PATH").and_then(|path| Player::find(&path));
    state.view.player = state.player.as_ref().map(|player| player.name);
    match &state.player {
        Some(player) => info!("alarms are played by {}", player.name),
        None => warn!("alarms are not heard: none of pw-play, paplay, aplay, afplay was found"),
    }
}

fn sound(
    mut actions: MessageReader<Action>,
    order: Res<AlarmOrder>,
    memory: Option<Res<PanelMemory>>,
    time: Res<Time<Real>>,
    mut state: ResMut<HornState>,
    mut tell: MessageWriter<Tell>,
) {
    let state = state.bypass_change_detection();
    let silenced = actions
        .read()
        .any(|action| *action == Action::Named(Named::SilenceHorn));
    if silenced {
        // What the last frame drew was answered.
        state.horn.silence(state.frame);
    }
    state.frame += 1;
    if silenced || state.heard != order.revision {
        state.horn.hear(&order.live, state.frame);
    }
    state.heard = order.revision;
    let wanted = memory.is_none_or(|memory| !memory.state.muted);
    let can_sound = wanted && state.player.is_some();
    state.view.sounding = state.horn.loudest().filter(|_| can_sound);
    for trouble in state.troubles.1.try_iter() {
        // Told once: a player that fails fails with every tone.
        if !std::mem::replace(&mut state.has_told, true) {
            tell.write(Tell::warning(format!("The alarm was not heard: {trouble}")));
        }
    }
    let Some(player) = state.player.clone().filter(|_| wanted) else {
        return;
    };
    if state.playing.load(Ordering::Acquire) {
        return;
    }
    if let Some(priority) = state.horn.sound(time.elapsed()) {
        state.playing.store(true, Ordering::Release);
        let (playing, end) = (Arc::clone(&state.playing), state.troubles.0.clone());
        let begun = thread::Builder::new().name("horn".into()).spawn(move || {
            let played = ToneFile::write(&env::temp_dir(), priority);
            let played = played.and_then(|file| player.play(&file.0));
            if let Err(trouble) = played {
                end.send(trouble).ok(); // the program has ended: nobody to tell
            }
            playing.store(false, Ordering::Release);
        });
        if let Err(error) = begun {
            state.playing.store(false, Ordering::Release);
            state.troubles.0.send(error.to_string()).ok();
        }
    }
}

/// The file of a tone while it is played. Dropping it removes it.
///
/// The folder may be open to everybody: nobody can tell its name in advance, a file or a link
/// that stands there already is never written to, and nobody else may read or write it.
struct ToneFile(PathBuf);

impl ToneFile {
    fn write(folder: &Path, priority: Priority) -> Result<Self, String> {
        let chance = getrandom::u64().map_err(|error| format!("no random name: {error}"))?;
        let file = folder.join(format!("parallax-{chance:016x}.wav"));
        let told = |error: io::Error| format!("{error}: {}", file.display());
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut opened = options.open(&file).map_err(told)?;
        let own = Self(file.clone());
        opened.write_all(&tone(priority)).map_err(told)?;
        Ok(own)
    }
}

impl Drop for ToneFile {
    fn drop(&mut self) {
        fs::remove_file(&self.0).ok(); // whoever tidies temporary files was first
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alarm::Standing;
    use crate::scene::LimitKind;
    use crate::signal::SignalId;

    fn alarm(id: u32, priority: Priority, raised: i64) -> Alarm {
        let at = Timestamp::from_secs(raised);
        Alarm {
            id: AlarmId(id),
            signal: SignalId(0),
            limit: Some(0),
            rule: None,
            kind: LimitKind::High,
            priority,
            standing: Standing::Unacknowledged,
            state: AlarmState::Unacknowledged,
            since: at,
            raised: at,
            value: 1.0,
            acknowledged: None,
        }
    }

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn the_most_urgent_sounds_at_its_pace_and_a_new_one_at_once() {
        let mut horn = Horn::default();
        horn.hear(&[alarm(1, Priority::Low, 0)], 1);
        assert_eq!(horn.sound(secs(10)), Some(Priority::Low));
        assert_eq!(horn.sound(secs(12)), None, "20 s apart");
        let both = [alarm(1, Priority::Low, 0), alarm(2, Priority::Urgent, 5)];
        horn.hear(&both, 2);
        assert_eq!(horn.sound(secs(12)), Some(Priority::Urgent));
        assert_eq!(horn.sound(secs(13)), None);
        assert_eq!(horn.sound(secs(14)), Some(Priority::Urgent));
    }

    #[test]
    fn silence_lasts_until_another_alarm_is_raised() {
        let first = alarm(1, Priority::High, 0);
        let mut horn = Horn::default();
        horn.hear(std::slice::from_ref(&first), 1);
        horn.silence(2);
        horn.hear(std::slice::from_ref(&first), 3);
        assert_eq!(horn.loudest(), None);
        assert_eq!(horn.sound(secs(100)), None);
        // The same alarm, raised anew, is another one.
        horn.hear(&[alarm(1, Priority::High, 60)], 4);
        assert_eq!(horn.sound(secs(100)), Some(Priority::High));
    }

    #[test]
    fn silence_swallows_no_alarm_that_comes_with_it() {
        let old = alarm(1, Priority::High, 0);
        for raised_in in [2, 3] {
            let mut horn = Horn::default();
            horn.hear(std::slice::from_ref(&old), 1);
            let both = [old.clone(), alarm(2, Priority::Low, 5)];
            for frame in 2..=4 {
                // A person answers what frame 2 draws; frame 3 is told so.
                if frame == 3 {
                    horn.silence(2);
                }
                let shown = if frame < raised_in { &both[..1] } else { &both };
                horn.hear(shown, frame);
            }
            assert_eq!(horn.loudest(), Some(Priority::Low), "raised in {raised_in}");
            horn.silence(4);
            horn.hear(&both, 5);
            assert_eq!(horn.loudest(), None, "raised in {raised_in}");
        }
    }

    #[test]
    fn a_tone_lies_in_a_private_file_that_nobody_can_foretell() {
        let folder = tempfile::tempdir().expect("a folder");
        let files = || fs::read_dir(folder.path()).expect("readable").count();
        {
            let one = ToneFile::write(folder.path(), Priority::Low).expect("written");
            let other = ToneFile::write(folder.path(), Priority::Low).expect("written");
            assert_ne!(one.0, other.0, "the same tone, another name");
            assert_eq!(fs::read(&one.0).expect("read"), tone(Priority::Low));
            #[cfg(unix)]
            {
                let metadata = fs::metadata(&one.0).expect("it is there");
                let mode = std::os::unix::fs::PermissionsExt::mode(&metadata.permissions());
                assert_eq!(mode & 0o777, 0o600);
            }
            assert_eq!(files(), 2);
        }
        assert_eq!(files(), 0, "removed after it was played");
    }

    #[test]
    fn what_is_acknowledged_is_quiet() {
        let mut seen = alarm(1, Priority::Urgent, 0);
        seen.state = AlarmState::Acknowledged;
        let mut horn = Horn::default();
        horn.hear(&[seen], 1);
        assert_eq!(horn.sound(secs(1)), None);
    }

    #[test]
    fn a_tone_is_a_wav_file_of_the_length_that_it_says() {
        for priority in [Priority::Urgent, Priority::High, Priority::Low] {
            let wav = tone(priority);
            assert_eq!((&wav[..4], &wav[8..16]), (&b"RIFF"[..], &b"WAVEfmt "[..]));
            let length = |at: usize| {
                let bytes: [u8; 4] = wav[at..at + 4].try_into().expect("four bytes");
                u32::from_le_bytes(bytes) as usize
            };
            assert_eq!(length(4) + 8, wav.len());
            assert_eq!(length(40) + 44, wav.len());
            assert!(wav[44..].iter().any(|byte| *byte != 0), "not silent");
        }
        assert!(tone(Priority::Urgent).len() > tone(Priority::Low).len());
    }

    #[test]
    fn the_first_player_of_the_path_is_taken() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().as_os_str();
        assert_eq!(Player::find(path), None);
        fs::write(folder.path().join("aplay"), "").expect("written");
        assert_eq!(Player::find(path).map(|found| found.name), Some("aplay"));
        fs::write(folder.path().join("paplay"), "").expect("written");
        assert_eq!(Player::find(path).map(|found| found.name), Some("paplay"));
    }
}
