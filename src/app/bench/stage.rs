//! A program without a window whose two worlds are timed one after the other.

use std::fs;
use std::sync::Arc;
use std::time::Instant;

use bevy::core_pipeline::core_3d::{AlphaMask3d, Opaque3d, Transparent3d};
use bevy::pbr::Shadow;
use bevy::prelude::*;
use bevy::render::RenderApp;
use bevy::render::pipelined_rendering::PipelinedRenderingPlugin;
use bevy::render::render_phase::{
    BinnedPhaseItem, SortedPhaseItem, ViewBinnedRenderPhases, ViewSortedRenderPhases,
};
use bevy::render::renderer::{
    RenderAdapter, RenderAdapterInfo, RenderDevice, RenderInstance, RenderQueue, WgpuWrapper,
};
use bevy::render::settings::RenderCreation;
use cpu_time::ProcessTime;

use super::super::launch::{LaunchError, check_graphics, windowless_plugins};
use super::super::threads::OneThreadPerWorld;
use super::{Measured, Spread, ViewBench, WARM_UP};

/// What draws.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Backend {
    /// Nobody: commands are made and checked, and thrown away.
    #[default]
    Noop,
    /// The graphics card of this machine, or a processor in its place.
    Default,
}

/// What one frame took, ms.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct FrameTimes {
    pub ingest: f64,
    pub main: f64,
    pub extract: f64,
    pub render: f64,
    pub main_cpu: f64,
    pub render_cpu: f64,
    pub drawn: bool,
}

/// Bevy without window and event loop, on this backend; its systems run as the program runs them,
/// or in Bevy's own way.
pub(super) fn program(backend: Backend, is_plain: bool) -> Result<App, LaunchError> {
    let creation = match backend {
        Backend::Noop => nobody()?,
        Backend::Default => {
            check_graphics()?;
            RenderCreation::default()
        }
    };
    let mut app = App::new();
    let mut plugins = windowless_plugins(creation).disable::<PipelinedRenderingPlugin>();
    if is_plain {
        plugins = plugins.disable::<OneThreadPerWorld>();
    }
    app.add_plugins(plugins);
    Ok(app)
}

/// A device that has the features of an ordinary graphics card and does nothing.
fn nobody() -> Result<RenderCreation, LaunchError> {
    let failed = |error: String| LaunchError::Picture(format!("the no-op backend: {error}"));
    let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
        backends: wgpu::Backends::NOOP,
        flags: wgpu::InstanceFlags::empty(),
        backend_options: wgpu::BackendOptions {
            noop: wgpu::NoopBackendOptions { enable: true },
            ..wgpu::BackendOptions::default()
        },
        ..wgpu::InstanceDescriptor::new_without_display_handle()
    });
    let asked = instance.request_adapter(&wgpu::RequestAdapterOptions::default());
    let adapter = bevy::tasks::block_on(asked).map_err(|error| failed(error.to_string()))?;
    let asked = adapter.request_device(&wgpu::DeviceDescriptor {
        required_features: wgpu::Features::INDIRECT_FIRST_INSTANCE
            | wgpu::Features::IMMEDIATES
            | wgpu::Features::MULTI_DRAW_INDIRECT_COUNT
            | wgpu::Features::TEXTURE_BINDING_ARRAY
            | wgpu::Features::BUFFER_BINDING_ARRAY
            | wgpu::Features::STORAGE_RESOURCE_BINDING_ARRAY
            | wgpu::Features::SAMPLED_TEXTURE_AND_STORAGE_BUFFER_ARRAY_NON_UNIFORM_INDEXING
            | wgpu::Features::PARTIALLY_BOUND_BINDING_ARRAY
            | wgpu::Features::DEPTH_CLIP_CONTROL
            | wgpu::Features::FLOAT32_FILTERABLE,
        required_limits: wgpu::Limits {
            max_storage_buffers_per_shader_stage: 64,
            max_storage_textures_per_shader_stage: 16,
            max_sampled_textures_per_shader_stage: 256,
            max_samplers_per_shader_stage: 64,
            max_binding_array_elements_per_shader_stage: 500_000,
            max_binding_array_sampler_elements_per_shader_stage: 2_048,
            max_immediate_size: 128,
            max_buffer_size: 1 << 30,
            max_storage_buffer_binding_size: 1 << 30,
            max_bind_groups: 8,
            max_texture_dimension_2d: 16_384,
            max_non_sampler_bindings: 1_000_000,
            max_color_attachment_bytes_per_sample: 128,
            ..wgpu::Limits::default()
        },
        ..wgpu::DeviceDescriptor::default()
    });
    let (device, queue) =
        bevy::tasks::block_on(asked).map_err(|error| failed(error.to_string()))?;
    let info = adapter.get_info();
    Ok(RenderCreation::manual(
        RenderDevice::from(device),
        RenderQueue(Arc::new(WgpuWrapper::new(queue))),
        RenderAdapterInfo(WgpuWrapper::new(info)),
        RenderAdapter(Arc::new(WgpuWrapper::new(adapter))),
        RenderInstance(Arc::new(WgpuWrapper::new(instance))),
    ))
}

/// Who draws in this program.
pub(super) fn adapter_of(app: &App) -> String {
    let adapter = app.world().get_resource::<RenderAdapterInfo>();
    adapter.map_or_else(
        || "none".to_owned(),
        |adapter| {
            format!(
                "{} ({:?}, {:?})",
                adapter.name, adapter.device_type, adapter.backend
            )
        },
    )
}

/// One frame, both worlds to their end; `ingest` comes first.
pub(super) fn frame(app: &mut App, ingest: impl FnOnce(&mut World)) -> FrameTimes {
    let mut times = FrameTimes::default();
    (times.ingest, _) = timed(|| ingest(app.world_mut()));
    let parts = app.sub_apps_mut();
    (times.main, times.main_cpu) = timed(|| parts.main.run_default_schedule());
    for part in parts.sub_apps.values_mut() {
        let (wall, _) = timed(|| part.extract(parts.main.world_mut()));
        times.extract += wall;
        let (wall, cpu) = timed(|| part.update());
        times.render += wall;
        times.render_cpu += cpu;
    }
    parts.main.world_mut().clear_trackers();
    let world = app.world_mut();
    let mut cameras = world.query_filtered::<&Camera, With<Camera3d>>();
    times.drawn = cameras.iter(world).any(|camera| camera.is_active);
    times
}

/// How long something takes on the clock, and how long on all threads together, ms.
fn timed(work: impl FnOnce()) -> (f64, f64) {
    let (wall, cpu) = (Instant::now(), ProcessTime::now());
    work();
    let (wall, cpu) = (wall.elapsed(), cpu.elapsed());
    (wall.as_secs_f64() * 1e3, cpu.as_secs_f64() * 1e3)
}

/// As many frames as the plan says; `ingest` is told which.
pub(super) fn frames(
    app: &mut App,
    plan: &ViewBench,
    mut ingest: impl FnMut(&mut World, usize),
) -> Measured {
    let mut times = Vec::with_capacity(plan.frames);
    for count in 0..WARM_UP + plan.frames {
        let time = frame(app, |world| ingest(world, count));
        if count >= WARM_UP {
            times.push(time);
        }
    }
    let spread = |of: fn(&FrameTimes) -> f64| Spread::of(times.iter().map(of));
    Measured {
        ingest_ms: spread(|time| time.ingest),
        main_ms: spread(|time| time.main),
        extract_ms: spread(|time| time.extract),
        render_ms: spread(|time| time.render),
        work_ms: spread(|time| time.main + time.render),
        main_cpu_ms: spread(|time| time.main_cpu),
        render_cpu_ms: spread(|time| time.render_cpu),
        drawn_frames: times.iter().filter(|time| time.drawn).count(),
        draw_calls: draw_calls(app),
        entities: app.world().entities().count_spawned() as usize,
        meshes: app.world().resource::<Assets<Mesh>>().len(),
        memory_mib: resident_mib(),
    }
}

/// Draw calls of the last frame, shadows included.
fn draw_calls(app: &App) -> usize {
    let Some(render) = app.get_sub_app(RenderApp) else {
        return 0;
    };
    let world = render.world();
    binned::<Opaque3d>(world)
        + binned::<AlphaMask3d>(world)
        + binned::<Shadow>(world)
        + sorted::<Transparent3d>(world)
}

fn binned<Item: BinnedPhaseItem>(world: &World) -> usize {
    let phases = world.get_resource::<ViewBinnedRenderPhases<Item>>();
    let views = phases.into_iter().flat_map(|phases| phases.values());
    views
        .map(|phase| {
            let alone = phase.unbatchable_meshes.values();
            let alone: usize = alone.map(|bin| bin.entities.len()).sum();
            phase.multidrawable_meshes.len() + phase.batchable_meshes.len() + alone
        })
        .sum()
}

fn sorted<Item: SortedPhaseItem>(world: &World) -> usize {
    let phases = world.get_resource::<ViewSortedRenderPhases<Item>>();
    let views = phases.into_iter().flat_map(|phases| phases.values());
    views.map(|phase| phase.items.len()).sum()
}

/// Resident memory of this program, MiB.
fn resident_mib() -> Option<u64> {
    let text = fs::read_to_string("/proc/self/status").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: u64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1_024)
}
