//! Records on their way to the graphics card: only the stretches that changed.
//!
//! They are written into the one buffer that the materials read, so that no bind group is
//! made anew, and nothing is copied that is as it was.

use std::ops::Range;

use bevy::asset::AssetId;
use bevy::prelude::*;
use bevy::render::render_asset::RenderAssets;
use bevy::render::renderer::RenderQueue;
use bevy::render::storage::{GpuShaderBuffer, ShaderBuffer};
use bevy::render::{ExtractSchedule, MainWorld, Render, RenderApp, RenderSystems};

use super::record::Records;

/// What goes to the graphics card next. In the main world written by [`pack`] alone; the
/// render world has one of its own for what waits for its buffer.
#[derive(Resource, Default)]
pub(super) struct Outbox {
    buffer: Option<AssetId<ShaderBuffer>>,
    bytes: Vec<u8>,
    writes: Vec<Write>,
}

/// Bytes of the outbox, and where in the buffer they belong.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Write {
    offset: u64,
    bytes: Range<usize>,
}

impl Outbox {
    fn clear(&mut self) {
        self.bytes.clear();
        self.writes.clear();
    }

    fn put(&mut self, offset: u64, bytes: &[u8]) {
        let from = self.bytes.len();
        self.bytes.extend_from_slice(bytes);
        self.writes.push(Write {
            offset,
            bytes: from..self.bytes.len(),
        });
    }

    /// Takes what is in `other`, behind what waits here; of another scene nothing waits.
    fn take(&mut self, other: &mut Self) {
        if other.writes.is_empty() {
            return;
        }
        if self.writes.is_empty() || self.buffer != other.buffer {
            std::mem::swap(self, other);
        } else {
            for write in &other.writes {
                self.put(write.offset, &other.bytes[write.bytes.clone()]);
            }
        }
        other.clear();
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Outbox>();
    if let Some(render) = app.get_sub_app_mut(RenderApp) {
        render
            .init_resource::<Outbox>()
            .add_systems(ExtractSchedule, take)
            .add_systems(Render, send.in_set(RenderSystems::PrepareResources));
    }
}

/// Packs the records that changed.
pub(super) fn pack(mut records: ResMut<Records>, mut outbox: ResMut<Outbox>) {
    // Still full only where nobody draws.
    outbox.clear();
    let records = records.bypass_change_detection();
    outbox.buffer = Some(records.buffer.id());
    records.take_changes(|offset, bytes| outbox.put(offset, bytes));
}

fn take(mut main: ResMut<MainWorld>, mut waiting: ResMut<Outbox>) {
    if let Some(mut outbox) = main.get_resource_mut::<Outbox>() {
        waiting.take(&mut outbox);
    }
}

fn send(
    buffers: Res<RenderAssets<GpuShaderBuffer>>,
    queue: Res<RenderQueue>,
    mut waiting: ResMut<Outbox>,
) {
    if waiting.writes.is_empty() {
        return;
    }
    // A buffer of a new scene takes a frame or two; until then all waits.
    let Some(buffer) = waiting.buffer.and_then(|buffer| buffers.get(buffer)) else {
        return;
    };
    for write in &waiting.writes {
        queue.write_buffer(
            &buffer.buffer,
            write.offset,
            &waiting.bytes[write.bytes.clone()],
        );
    }
    waiting.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn full(buffer: Option<AssetId<ShaderBuffer>>, puts: &[(u64, &[u8])]) -> Outbox {
        let mut outbox = Outbox {
            buffer,
            ..Outbox::default()
        };
        for (offset, bytes) in puts {
            outbox.put(*offset, bytes);
        }
        outbox
    }

    #[test]
    fn what_waits_is_written_before_what_comes() {
        let mut waiting = full(None, &[(0, &[1, 2]), (8, &[3])]);
        let mut next = full(None, &[(0, &[4])]);
        waiting.take(&mut next);
        assert_eq!(waiting.bytes, [1, 2, 3, 4]);
        let places: Vec<_> = waiting.writes.iter().map(|write| write.offset).collect();
        assert_eq!(places, [0, 8, 0]);
        assert!(next.writes.is_empty() && next.bytes.is_empty());
    }

    #[test]
    fn what_waits_for_another_scene_is_dropped() {
        let mut waiting = full(None, &[(0, &[1, 2])]);
        let mut next = full(Some(AssetId::invalid()), &[(0, &[9])]);
        waiting.take(&mut next);
        assert_eq!(waiting.bytes, [9]);
    }
}
