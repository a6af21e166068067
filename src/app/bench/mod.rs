//! `parallax bench view`: what a frame costs a processor, for a plant of any size.
//!
//! The plant is made up; the way it takes is the product's own, from the text of a scene to
//! the commands for the graphics card. Beside it stands the same number of entities in Bevy's
//! plain way. The two worlds run one after the other here, so that each can be timed; in the
//! program they run side by side.

mod field;
mod plain;
mod stage;
mod twin;

use serde::Serialize;

use super::launch::LaunchError;

pub use stage::Backend;

/// Frames before the first that counts: meshes are uploaded, pipelines made.
const WARM_UP: usize = 20;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ViewBench {
    /// Assets of the plant.
    pub assets: u32,
    /// How many of them get a new value in every frame, %.
    pub changing: f64,
    /// Things that move besides, every one in every frame.
    pub moving: u32,
    /// Frames that count.
    pub frames: usize,
    /// What draws.
    pub backend: Backend,
    /// True if the eye stands still: then a still plant is not drawn.
    pub rests: bool,
    /// True to draw the panels too.
    pub panels: bool,
}

/// What `parallax bench view` says.
#[derive(Clone, Debug, Serialize)]
pub struct ViewReport {
    /// Assets of the plant.
    pub assets: u32,
    /// Assets with a new value in every frame.
    pub changing: u32,
    /// Things that move besides.
    pub moving: u32,
    /// Frames that count.
    pub frames: usize,
    /// True if the eye stood still.
    pub rests: bool,
    /// True if the panels were drawn too.
    pub panels: bool,
    /// Who drew.
    pub adapter: String,
    /// Processors.
    pub processors: usize,
    /// From the text of the scene to the first frame.
    pub start: StartTimes,
    /// What picking costs in the plant.
    pub picks: PickTimes,
    /// Parallax.
    pub twin: Measured,
    /// As many entities with one mesh of each shape and one material of Bevy's own; nothing of
    /// them changes.
    pub plain: Measured,
}

/// What it takes until something is seen, ms.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct StartTimes {
    /// From the text to a checked scene with its models.
    pub scene_ms: f64,
    /// The program around it.
    pub program_ms: f64,
    /// From the scene to entities, history and rules.
    pub enter_ms: f64,
    /// The first frame that is drawn.
    pub first_frame_ms: f64,
    /// All of it.
    pub total_ms: f64,
}

/// What picking costs.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct PickTimes {
    /// What is under a point of the picture, ms.
    pub point_ms: Spread,
    /// All that lies in a box over the whole picture, ms.
    pub box_ms: Spread,
}

/// What frames cost.
#[derive(Clone, Debug, Serialize)]
pub struct Measured {
    /// Samples into history and alarm rules, ms.
    pub ingest_ms: Spread,
    /// The main world: readings, drivers, pointer, labels, visibility, ms.
    pub main_ms: Spread,
    /// From the main world into the render world, ms.
    pub extract_ms: Spread,
    /// The render world, ms.
    pub render_ms: Spread,
    /// Main and render world together, ms.
    pub work_ms: Spread,
    /// The main world on all threads of the program together, ms.
    pub main_cpu_ms: Spread,
    /// The render world on all threads of the program together, ms.
    pub render_cpu_ms: Spread,
    /// Frames in which the view was drawn.
    pub drawn_frames: usize,
    /// Draw calls of one frame; many meshes in one indirect draw count once.
    pub draw_calls: usize,
    /// Entities of the main world.
    pub entities: usize,
    /// Meshes.
    pub meshes: usize,
    /// Resident memory of the program at the end, MiB; nothing where nobody tells it.
    pub memory_mib: Option<u64>,
}

/// The middle of many times, and what one in twenty exceeds.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Spread {
    /// Half are shorter.
    pub median: f64,
    /// 95 % are shorter.
    pub p95: f64,
}

impl Spread {
    /// Of these times; zero of none.
    fn of(times: impl IntoIterator<Item = f64>) -> Self {
        let mut times: Vec<f64> = times.into_iter().collect();
        times.sort_by(f64::total_cmp);
        let at = |share: usize| times.get(times.len() * share / 100).copied();
        // A microsecond is as fine as such times mean anything.
        let rounded = |time: Option<f64>| (time.unwrap_or(0.0) * 1e3).round() / 1e3;
        Self {
            median: rounded(at(50)),
            p95: rounded(at(95)),
        }
    }
}

/// Measures the plant and its plain counterpart.
pub fn measure(plan: &ViewBench) -> Result<ViewReport, LaunchError> {
    let changing = (f64::from(plan.assets) * plan.changing * 0.01).round() as u32;
    let changing = changing.min(plan.assets);
    // The plain one first: what it leaves in memory is little.
    let plain = plain::measure(plan)?;
    let (twin, start, picks, adapter) = twin::measure(plan, changing)?;
    Ok(ViewReport {
        assets: plan.assets,
        changing,
        moving: plan.moving,
        frames: plan.frames,
        rests: plan.rests,
        panels: plan.panels,
        adapter,
        processors: std::thread::available_parallelism().map_or(1, usize::from),
        start,
        picks,
        twin,
        plain,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spread_is_that_of_its_times() {
        let spread = Spread::of((1..=100).rev().map(f64::from));
        assert_eq!((spread.median, spread.p95), (51.0, 96.0));
        let none = Spread::of([]);
        assert_eq!((none.median, none.p95), (0.0, 0.0));
    }
}
