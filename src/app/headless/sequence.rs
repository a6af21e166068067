//! Several pictures in a row: around the plant, or through time; as PNG files or as a video.
//!
//! The same sequence gives the same pictures: each frame is told where it stands and when.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::super::action::Action;
use super::super::launch::LaunchError;
use super::stage::Stage;
use crate::time::Timestamp;
use crate::timeline::TimelineCommand;

/// Pictures of a second in a video.
const FRAMES_PER_SEC: u32 = 30;

/// A row of pictures.
#[derive(Clone, Debug, PartialEq)]
pub enum Sequence {
    /// Once around what is looked at, in so many pictures.
    Turntable {
        /// How many.
        frames: u32,
    },
    /// From one instant to another, in so many pictures.
    TimeLapse {
        /// The first instant.
        from: Timestamp,
        /// The last instant.
        to: Timestamp,
        /// How many.
        frames: u32,
    },
}

impl Sequence {
    fn frames(&self) -> u32 {
        match self {
            Self::Turntable { frames } | Self::TimeLapse { frames, .. } => *frames,
        }
    }

    /// What brings about the picture of this number.
    fn action(&self, frame: u32) -> Action {
        match self {
            Self::Turntable { frames } => {
                // The last picture is not the first again: the row can be shown in a loop.
                Action::Turn(if frame == 0 {
                    0.0
                } else {
                    std::f32::consts::TAU / *frames as f32
                })
            }
            Self::TimeLapse { from, to, frames } => {
                let share = f64::from(frame) / f64::from(frames.saturating_sub(1).max(1));
                let at = from.plus_secs(to.secs_since(*from) * share);
                Action::Timeline(TimelineCommand::Seek(at))
            }
        }
    }

    /// Writes the pictures into the folder `out`, or as the video `out`.
    pub(super) fn write(&self, stage: &mut Stage, out: &Path) -> Result<(), LaunchError> {
        let video = Video::asked_for(out)?;
        let folder = video
            .as_ref()
            .map_or_else(|| out.to_owned(), |video| video.frames.clone());
        let failed =
            |error: std::io::Error| LaunchError::Picture(format!("{error}: {}", folder.display()));
        fs::create_dir_all(&folder).map_err(failed)?;
        let written = (0..self.frames()).try_for_each(|frame| {
            stage.act(self.action(frame));
            stage.write_picture(&folder.join(format!("frame-{frame:05}.png")))
        });
        match video {
            None => written,
            Some(video) => {
                let encoded = written.and_then(|()| video.encode(out));
                // What was needed for the video only.
                fs::remove_dir_all(&folder).ok();
                encoded
            }
        }
    }
}

/// A video that ffmpeg makes of pictures.
struct Video {
    /// Where the pictures wait.
    frames: PathBuf,
}

impl Video {
    /// The video that the name of `out` asks for, if it does; an error where it cannot be made.
    fn asked_for(out: &Path) -> Result<Option<Self>, LaunchError> {
        let ending = out.extension().and_then(|ending| ending.to_str());
        let Some(ending @ ("mp4" | "webm" | "mkv" | "gif")) = ending else {
            return Ok(None);
        };
        let known = Command::new("ffmpeg").arg("-version").output();
        if !known.is_ok_and(|output| output.status.success()) {
            return Err(LaunchError::Picture(format!(
                "a .{ending} needs ffmpeg, which was not found; install it, \
                 or name a folder to get PNG files"
            )));
        }
        let mut frames = out.as_os_str().to_owned();
        frames.push(".frames");
        Ok(Some(Self {
            frames: frames.into(),
        }))
    }

    fn encode(&self, out: &Path) -> Result<(), LaunchError> {
        let done = Command::new("ffmpeg")
            .args(["-y", "-loglevel", "error", "-framerate"])
            .arg(FRAMES_PER_SEC.to_string())
            .arg("-i")
            .arg(self.frames.join("frame-%05d.png"))
            // Sides must be even for the usual colours of a video.
            .args([
                "-vf",
                "pad=ceil(iw/2)*2:ceil(ih/2)*2",
                "-pix_fmt",
                "yuv420p",
            ])
            .arg(out)
            .output()
            .map_err(|error| LaunchError::Picture(format!("ffmpeg: {error}")))?;
        if done.status.success() {
            return Ok(());
        }
        let why = String::from_utf8_lossy(&done.stderr);
        Err(LaunchError::Picture(format!("ffmpeg: {}", why.trim())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_lapse_begins_and_ends_where_it_says() {
        let (from, to) = (Timestamp::from_secs(100), Timestamp::from_secs(400));
        let lapse = Sequence::TimeLapse {
            from,
            to,
            frames: 4,
        };
        let at = |secs| Action::Timeline(TimelineCommand::Seek(Timestamp::from_secs(secs)));
        let seen: Vec<_> = (0..4).map(|frame| lapse.action(frame)).collect();
        assert_eq!(seen, [at(100), at(200), at(300), at(400)]);
        let one = Sequence::TimeLapse {
            from,
            to,
            frames: 1,
        };
        assert_eq!(one.action(0), at(100));
    }

    #[test]
    fn a_folder_is_no_video() {
        let video = Video::asked_for(Path::new("out/pictures")).expect("a folder");
        assert!(video.is_none());
    }
}
