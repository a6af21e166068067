//! What the graphics card knows of an asset: one small record, found by its slot.
//!
//! A mesh carries its slot as a [`MeshTag`](bevy::mesh::MeshTag); one material serves all.
//! So ten thousand assets may change every frame at the cost of one upload.

use std::sync::LazyLock;

use bevy::asset::{Assets, Handle, RenderAssetUsages};
use bevy::prelude::*;
use bevy::render::storage::ShaderBuffer;
use bytemuck::{Pod, Zeroable};

use super::super::palette::Rgb;
use super::paint;
use crate::scene::AssetIndex;

/// One asset as the shader sees it. The layout is that of `Record` in `twin.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
pub(super) struct Record {
    /// Colour of the painted parts, as [`packed`] makes it.
    pub body: u32,
    /// Colour of the alarm, as [`packed`] makes it.
    pub mark: u32,
    /// What holds of the asset: bits of [`flag`].
    pub flags: u32,
    /// Fill, 0 to 1.
    pub fill: f32,
    /// Open fraction, 0 to 1.
    pub position: f32,
    /// The turning of shafts.
    pub spin: Turning,
    /// The stripes along a pipe, in pattern lengths.
    pub flow: Turning,
    /// Height of the ground at its foot, m.
    pub ground: f32,
    /// Seen from afar it grows until a metre of it is this large on screen, points; 0 for never.
    pub grow: f32,
}

/// What holds of an asset, as bits.
pub(super) mod flag {
    /// Under the pointer.
    pub(in super::super) const HOVERED: u32 = 1;
    /// Chosen.
    pub(in super::super) const SELECTED: u32 = 2;
    /// What it shows is old or unknown: hatched all over.
    pub(in super::super) const DOUBTFUL: u32 = 4;
    /// Heat is on and it has no such signal.
    pub(in super::super) const DIMMED: u32 = 8;
    /// An alarm is active.
    pub(in super::super) const ALARM: u32 = 16;
    /// The alarm waits to be acknowledged.
    pub(in super::super) const FLASHING: u32 = 32;
    /// Its colour is data.
    pub(in super::super) const HEAT: u32 = 64;
    /// Nobody knows its fill.
    pub(in super::super) const FILL_UNKNOWN: u32 = 128;
    /// Nobody knows its position.
    pub(in super::super) const POSITION_UNKNOWN: u32 = 256;
    /// It stands still that could run.
    pub(in super::super) const STOPPED: u32 = 512;
    /// A ghost of it is drawn: its other telling looks different.
    pub(in super::super) const GHOST: u32 = 1024;
    /// Nothing tells a fill or a position of it: its gauges are part of its skin.
    pub(in super::super) const UNGAUGED: u32 = 2048;
    /// It moves: fill, position, ground and the phase of its shaft tell where it is: x, y and z,
    /// and its heading, rad.
    pub(in super::super) const MEMBER: u32 = 4096;
    /// Nobody has the slot.
    pub(in super::super) const GONE: u32 = 8192;
    /// The bits that belong to the pointer and not to readings.
    pub(in super::super) const POINTED: u32 = HOVERED | SELECTED;
}

/// Something that turns evenly: `phase + rate · t`, in turns.
///
/// The phase is kept so that a change of rate does not make it jump, and nothing needs
/// to be written while the rate stays.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Pod, Zeroable)]
pub(super) struct Turning {
    /// Turns at motion time 0.
    pub phase: f32,
    /// Turns per second.
    pub rate: f32,
}

impl Turning {
    /// The same turning, going on at `rate` from motion time `now`, s.
    pub(super) fn at_rate(self, rate: f32, now: f32) -> Self {
        if rate == self.rate {
            return self;
        }
        let phase = self.phase + (self.rate - rate) * now;
        Self {
            phase: fraction(phase),
            rate,
        }
    }
}

/// How far `turns` is beyond a whole one; as [`f32::rem_euclid`] tells it, without the call of a
/// library that this costs a hundred thousand times in a frame.
fn fraction(turns: f32) -> f32 {
    let rest = turns - turns as i64 as f32;
    if rest < 0.0 { rest + 1.0 } else { rest }
}

/// The slot of what belongs to no asset: ground, sky, river.
pub(super) const WORLD_SLOT: u32 = 0;

/// The slot of an asset.
pub(super) fn slot(asset: AssetIndex) -> u32 {
    asset.0 + 1
}

/// By sRGB channel, the square root of its linear light.
static ROOTS: LazyLock<[u8; 256]> = LazyLock::new(|| {
    let greys: [[f32; 3]; 256] = std::array::from_fn(|channel| paint::linear([channel as u8; 3]));
    greys.map(|[light, ..]| (light.sqrt() * 255.0).round() as u8)
});

/// An sRGB colour as the shader unpacks it: the square root of linear light, 8 bits each.
pub(super) fn packed(colour: Rgb) -> u32 {
    let [red, green, blue] = colour.map(|channel| ROOTS[usize::from(channel)]);
    u32::from_le_bytes([red, green, blue, 255])
}

/// Words of a record.
const WORDS: usize = size_of::<Record>() / size_of::<u32>();

/// Records that are sent together, if one of them changed.
const STRETCH: usize = 128;

/// The records of the open scene, here and on the graphics card.
///
/// Written by the drivers, sent by [`super::upload`] when one changed.
#[derive(Resource)]
pub(super) struct Records {
    /// The buffer that the materials read.
    pub buffer: Handle<ShaderBuffer>,
    data: Vec<Record>,
    /// By stretch, whether one of its records changed since it was sent.
    stretches: Vec<bool>,
    /// True if there is such a stretch.
    unsent: bool,
    /// True if a record changed that is in no picture yet.
    changed: bool,
    moving: usize,
    flashing: usize,
}

impl Records {
    /// Records for this many assets.
    pub(super) fn new(assets: usize, buffers: &mut Assets<ShaderBuffer>) -> Self {
        let data = vec![Record::default(); assets + 1];
        Self {
            buffer: buffers.add(storage("asset records", bytemuck::cast_slice(&data))),
            stretches: vec![false; data.len().div_ceil(STRETCH)],
            data,
            unsent: false,
            changed: false,
            moving: 0,
            flashing: 0,
        }
    }

    /// The record of a slot.
    pub(super) fn get(&self, slot: u32) -> Record {
        self.data.get(slot as usize).copied().unwrap_or_default()
    }

    /// Writes the record of a slot, if it differs.
    pub(super) fn set(&mut self, slot: u32, record: Record) {
        let Some(old) = self.data.get_mut(slot as usize) else {
            return;
        };
        // As words: a float that is as it was has the same bits.
        let words = bytemuck::cast_ref::<Record, [u32; WORDS]>;
        if words(old) == words(&record) {
            return;
        }
        self.moving += usize::from(moves(&record));
        self.moving -= usize::from(moves(old));
        self.flashing += usize::from(record.flags & flag::FLASHING != 0);
        self.flashing -= usize::from(old.flags & flag::FLASHING != 0);
        *old = record;
        self.stretches[slot as usize / STRETCH] = true;
        (self.unsent, self.changed) = (true, true);
    }

    /// Gives `send` what changed since this was asked last: an offset in the buffer, and the
    /// bytes from there on.
    pub(super) fn take_changes(&mut self, mut send: impl FnMut(u64, &[u8])) {
        if !std::mem::take(&mut self.unsent) {
            return;
        }
        let mut place = 0;
        while let Some(stretch) = self.stretches.get_mut(place) {
            let first = place;
            place += 1;
            if !std::mem::take(stretch) {
                continue;
            }
            // Neighbours go together.
            while self.stretches.get(place).is_some_and(|changed| *changed) {
                self.stretches[place] = false;
                place += 1;
            }
            let from = first * STRETCH;
            let data = &self.data[from..(place * STRETCH).min(self.data.len())];
            send(
                (from * size_of::<Record>()) as u64,
                bytemuck::cast_slice(data),
            );
        }
    }

    /// True if something turns or flows.
    pub(super) fn any_moving(&self) -> bool {
        self.moving > 0
    }

    /// True if an alarm waits to be acknowledged.
    pub(super) fn any_flashing(&self) -> bool {
        self.flashing > 0
    }

    /// True if a record changed that is in no picture yet.
    pub(super) fn has_changed(&self) -> bool {
        self.changed
    }

    /// True if a record changed since this was asked last.
    pub(super) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.changed)
    }
}

fn moves(record: &Record) -> bool {
    record.spin.rate != 0.0 || record.flow.rate != 0.0
}

/// A buffer that shaders read and that is written in place.
pub(super) fn storage(label: &'static str, bytes: &[u8]) -> ShaderBuffer {
    let mut buffer = ShaderBuffer::new(bytes, RenderAssetUsages::RENDER_WORLD);
    buffer.buffer_description.label = Some(label);
    buffer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_of_rate_does_not_make_it_jump() {
        let before = Turning {
            phase: 0.25,
            rate: 1.0,
        };
        for (rate, now) in [(0.5, 12.3), (-2.0, 100.0), (0.0, 7.0)] {
            let after = before.at_rate(rate, now);
            let angle = |turning: Turning| (turning.phase + turning.rate * now).rem_euclid(1.0);
            let gap = (angle(before) - angle(after)).abs();
            assert!(!(1e-3..=0.999).contains(&gap), "{rate}: {gap}");
        }
        assert_eq!(before.at_rate(1.0, 55.0), before);
    }

    #[test]
    fn records_count_what_moves_and_flashes() {
        let mut buffers = Assets::<ShaderBuffer>::default();
        let mut records = Records::new(2, &mut buffers);
        let turning = Record {
            spin: Turning {
                phase: 0.0,
                rate: 1.0,
            },
            flags: flag::FLASHING,
            ..Record::default()
        };
        records.set(1, turning);
        records.set(1, turning);
        assert!(records.any_moving() && records.any_flashing());
        assert!(records.take_changed() && !records.take_changed());
        records.set(1, Record::default());
        assert!(!records.any_moving() && !records.any_flashing());
        records.set(99, turning);
        assert!(!records.any_moving(), "a slot of another scene is ignored");
    }

    #[test]
    fn only_what_changed_is_sent_and_only_once() {
        let mut buffers = Assets::<ShaderBuffer>::default();
        let mut records = Records::new(1_000, &mut buffers);
        let sent = |records: &mut Records| {
            let mut all: Vec<std::ops::Range<usize>> = Vec::new();
            records.take_changes(|offset, bytes| {
                let first = offset as usize / size_of::<Record>();
                all.push(first..first + bytes.len() / size_of::<Record>());
            });
            all
        };
        assert!(sent(&mut records).is_empty());
        let tall = Record {
            fill: 0.5,
            ..Record::default()
        };
        for slot in [3, 130, 300, 301, 1_000] {
            records.set(slot, tall);
        }
        // 3 and 130 lie in neighbouring stretches, 300 in the third, 1,000 in the last.
        assert_eq!(sent(&mut records), [0..3 * STRETCH, 7 * STRETCH..1_001]);
        assert!(sent(&mut records).is_empty());
        records.set(1_000, tall);
        assert!(sent(&mut records).is_empty(), "it is as it was");
    }

    #[test]
    fn the_shader_knows_the_flags() {
        let shader = include_str!("twin.wgsl");
        for (name, bit) in [
            ("HOVERED", flag::HOVERED),
            ("SELECTED", flag::SELECTED),
            ("DOUBTFUL", flag::DOUBTFUL),
            ("DIMMED", flag::DIMMED),
            ("UNGAUGED", flag::UNGAUGED),
            ("ALARM", flag::ALARM),
            ("FLASHING", flag::FLASHING),
            ("HEAT", flag::HEAT),
            ("FILL_UNKNOWN", flag::FILL_UNKNOWN),
            ("POSITION_UNKNOWN", flag::POSITION_UNKNOWN),
            ("STOPPED", flag::STOPPED),
            ("GHOST", flag::GHOST),
            ("MEMBER", flag::MEMBER),
            ("GONE", flag::GONE),
        ] {
            let line = format!("const {name}: u32 = {bit}u;");
            assert!(shader.contains(&line), "twin.wgsl lacks `{line}`");
        }
        assert_eq!(size_of::<Record>(), 11 * 4, "as many words as in twin.wgsl");
    }
}
