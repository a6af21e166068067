//! The one material of the plant, in four passes, and what all of them share per picture.
//!
//! `twin.wgsl` paints everything. Software renderers get its lean light; graphics cards
//! get Bevy's physically based light and shadows with the same colours.

use bevy::asset::{load_internal_asset, uuid_handle};
use bevy::mesh::MeshVertexBufferLayoutRef;
use bevy::pbr::{MaterialPipeline, MaterialPipelineKey};
use bevy::prelude::*;
use bevy::reflect::TypePath;
use bevy::render::render_resource::{
    AsBindGroup, Face, RenderPipelineDescriptor, SpecializedMeshPipelineError,
};
use bevy::render::storage::ShaderBuffer;
use bevy::shader::{Shader, ShaderRef};
use bytemuck::{Pod, Zeroable};

use super::part::PARTS;
use super::record::storage;

const SHADER: Handle<Shader> = uuid_handle!("5f0c7f7e-3d7e-4b1c-9f6a-5b1f7a0e9d31");

/// What a mesh is drawn for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Pass {
    /// The thing itself.
    Solid,
    /// Ground and river.
    Land,
    /// The sky.
    Sky,
    /// The soft dark around its foot; blended.
    Shade,
    /// Its shadow on the ground, where nothing else casts one.
    Shadow,
    /// A coloured hull around it that marks the selection.
    Outline,
    /// Its other telling, where that looks different; blended.
    Ghost,
    /// The thing itself, seen through; blended.
    Through,
}

impl Pass {
    /// True if what lies outside of the section is cut away.
    pub(super) fn is_cut(self) -> bool {
        !matches!(self, Self::Land | Self::Sky | Self::Shade)
    }
}

/// The material of everything in the view.
#[derive(Asset, AsBindGroup, TypePath, Clone, Debug)]
#[bind_group_data(TwinKey)]
pub(super) struct TwinMaterial {
    /// One record per asset.
    #[storage(0, read_only)]
    pub records: Handle<ShaderBuffer>,
    /// One [`Canvas`].
    #[storage(1, read_only)]
    pub canvas: Handle<ShaderBuffer>,
    /// What is drawn.
    pub pass: Pass,
    /// True for physically based light.
    pub lit: bool,
    /// True if there is a section.
    pub cut: bool,
}

/// What makes pipelines of the material differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct TwinKey {
    pass: Pass,
    lit: bool,
    cut: bool,
}

impl From<&TwinMaterial> for TwinKey {
    fn from(material: &TwinMaterial) -> Self {
        Self {
            pass: material.pass,
            lit: material.lit,
            cut: material.cut,
        }
    }
}

impl Material for TwinMaterial {
    fn vertex_shader() -> ShaderRef {
        SHADER.into()
    }

    fn fragment_shader() -> ShaderRef {
        SHADER.into()
    }

    fn alpha_mode(&self) -> AlphaMode {
        match self.pass {
            Pass::Shade | Pass::Ghost | Pass::Through => AlphaMode::Blend,
            _ => AlphaMode::Opaque,
        }
    }

    fn enable_prepass() -> bool {
        false
    }

    fn specialize(
        _: &MaterialPipeline,
        descriptor: &mut RenderPipelineDescriptor,
        _: &MeshVertexBufferLayoutRef,
        key: MaterialPipelineKey<Self>,
    ) -> Result<(), SpecializedMeshPipelineError> {
        let mut defs = Vec::new();
        if key.bind_group_data.lit {
            defs.push("LIT".into());
        }
        if key.bind_group_data.cut {
            defs.push("CUT".into());
        }
        match key.bind_group_data.pass {
            // Inside of what is cut open, its far walls close the cut.
            Pass::Solid if key.bind_group_data.cut => descriptor.primitive.cull_mode = None,
            Pass::Solid => {}
            Pass::Through => defs.push("THROUGH_PASS".into()),
            Pass::Ghost => defs.push("GHOST_PASS".into()),
            Pass::Land => defs.push("LAND_PASS".into()),
            Pass::Sky => defs.push("SKY_PASS".into()),
            Pass::Shade => defs.push("SHADE_PASS".into()),
            Pass::Shadow => {
                defs.push("SHADOW_PASS".into());
                // Flattened to the ground, half of the faces look down.
                descriptor.primitive.cull_mode = None;
            }
            Pass::Outline => {
                defs.push("OUTLINE_PASS".into());
                descriptor.primitive.cull_mode = Some(Face::Front);
            }
        }
        descriptor.vertex.shader_defs.extend(defs.iter().cloned());
        if let Some(fragment) = &mut descriptor.fragment {
            fragment.shader_defs.extend(defs);
        }
        Ok(())
    }
}

/// What all surfaces share in one picture. The layout is that of `Canvas` in `twin.wgsl`.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
pub(super) struct Canvas {
    /// Towards the sun, and its strength.
    pub sun: [f32; 4],
    /// Light from above, linear; how far what lies on the ground is lifted off it, m.
    pub above: [f32; 4],
    /// Light from below, linear; the distance of minor grid lines, m.
    pub below: [f32; 4],
    /// The colour of the distance, linear; how long the pattern of mains is, m.
    pub horizon: [f32; 4],
    /// The colour overhead, linear; the distance in height of contour lines, m, 0 for none.
    pub zenith: [f32; 4],
    /// Grid lines, linear, and their strength.
    pub grid: [f32; 4],
    /// Selection, linear, and the outline's width, pixels.
    pub selection: [f32; 4],
    /// Middle of the view on the ground, x and z, m; where the fade to the distance begins
    /// and ends, m.
    pub fade: [f32; 4],
    /// Motion time and wall time, s; pixels per point; height of the picture, points.
    pub clock: [f32; 4],
    /// What lies below is cut away, m; far down if nothing is.
    pub cut_low: [f32; 4],
    /// What lies above is cut away, m.
    pub cut_high: [f32; 4],
    /// Colour of each part, linear, and its roughness.
    pub paints: [[f32; 4]; PARTS],
}

/// The canvas of the picture, here and on the graphics card.
///
/// Written by [`super::redraw::write_canvas`] alone.
#[derive(Resource)]
pub(super) struct SharedCanvas {
    /// The buffer that the materials read.
    pub buffer: Handle<ShaderBuffer>,
    shown: Option<Canvas>,
}

impl SharedCanvas {
    /// Sends `canvas` to the graphics card, if it differs.
    pub(super) fn show(&mut self, canvas: Canvas, buffers: &mut Assets<ShaderBuffer>) {
        if self.shown == Some(canvas) {
            return;
        }
        self.shown = Some(canvas);
        if let Some(mut buffer) = buffers.get_mut(&self.buffer) {
            buffer.data = Some(bytemuck::bytes_of(&canvas).to_vec());
        }
    }
}

impl FromWorld for SharedCanvas {
    fn from_world(world: &mut World) -> Self {
        let empty = Canvas::zeroed();
        let mut buffers = world.resource_mut::<Assets<ShaderBuffer>>();
        Self {
            buffer: buffers.add(storage("canvas", bytemuck::bytes_of(&empty))),
            shown: None,
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    load_internal_asset!(app, SHADER, "twin.wgsl", Shader::from_wgsl);
    app.add_plugins(MaterialPlugin::<TwinMaterial>::default());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_canvas_is_as_long_as_the_shader_says() {
        assert_eq!(size_of::<Canvas>(), (11 + PARTS) * 16);
    }
}
