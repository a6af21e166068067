//! Records on their way to the graphics card: only the stretches that changed.
//!
//! They are written straight into the one buffer that the materials read: no bind group is
//! made anew, and nothing is copied that is as it was.

use bevy::prelude::*;
use bevy::render::render_asset::RenderAssets;
use bevy::render::renderer::RenderQueue;
use bevy::render::storage::GpuShaderBuffer;
use bevy::render::{ExtractSchedule, MainWorld, RenderApp};

use super::counterpart::Counterpart;
use super::members::Members;
use super::record::Records;

pub(super) fn plugin(app: &mut App) {
    if let Some(render) = app.get_sub_app_mut(RenderApp) {
        render.add_systems(ExtractSchedule, send);
    }
}

/// Sends the records that changed. While the buffer of a new scene is being made, they wait.
fn send(
    mut main: ResMut<MainWorld>,
    buffers: Res<RenderAssets<GpuShaderBuffer>>,
    queue: Res<RenderQueue>,
) {
    let send = |records: &mut Records| {
        let Some(buffer) = buffers.get(&records.buffer) else {
            return;
        };
        records.take_changes(|offset, bytes| queue.write_buffer(&buffer.buffer, offset, bytes));
    };
    if let Some(mut records) = main.get_resource_mut::<Records>() {
        send(records.bypass_change_detection());
    }
    if let Some(mut other) = main.get_resource_mut::<Counterpart>()
        && let Some(records) = other.bypass_change_detection().records_mut()
    {
        send(records);
    }
    if let Some(mut members) = main.get_resource_mut::<Members>()
        && let Some(records) = members.bypass_change_detection().records_mut()
    {
        send(records);
    }
}
