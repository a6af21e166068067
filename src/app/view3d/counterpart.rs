//! The plant as its other telling says: beside the shown one, or as a ghost in it.
//!
//! Every mesh is there a second time, with the same slot and records of its own. Beside the
//! shown plant it stands on a layer that only the second camera sees; as a ghost it is drawn
//! over the shown one, in the colour of what is simulated, and only where the two differ.

use bevy::asset::Assets;
use bevy::camera::RenderTarget;
use bevy::camera::visibility::RenderLayers;
use bevy::core_pipeline::tonemapping::Tonemapping;
use bevy::light::NotShadowCaster;
use bevy::mesh::MeshTag;
use bevy::prelude::*;
use bevy::render::render_resource::{TextureFormat, TextureUsages};
use bevy::render::storage::ShaderBuffer;
use bevy_egui::{EguiTextureHandle, EguiUserTextures};

use super::super::differences::{Beside, Differences};
use super::super::scene::{AlarmMark, OpenScene, PhysicalAsset};
use super::super::settings::ViewSettings;
use super::StillView;
use super::camera::{self, Screen};
use super::drive::Heat;
use super::drivers::{self, Drivings, Showing};
use super::material::{Pass, SharedCanvas, TwinMaterial};
use super::record::{Record, Records, flag, slot};
use super::redraw::{PictureClock, Wake};
use super::second_view::SecondEye;
use crate::scene::AssetIndex;

/// What both cameras see: ground, river, sky, shadows.
pub(super) const SHARED: &[usize] = &[0, BESIDE];
/// What the second camera alone sees.
const BESIDE: usize = 1;
/// A smaller difference of a level or a position is not drawn.
const VISIBLE: f32 = 0.004;

/// The other telling in the picture. Written by the systems of this file alone.
#[derive(Resource, Default)]
pub(super) struct Counterpart {
    /// How it is shown; `None` while it is not.
    kind: Option<Beside>,
    records: Option<Records>,
    meshes: Vec<(AssetIndex, Entity)>,
}

impl Counterpart {
    /// True if the second picture is shown.
    pub(super) fn is_split(&self) -> bool {
        self.kind == Some(Beside::Split)
    }

    /// Its meshes, each with its asset.
    pub(super) fn meshes(&self) -> &[(AssetIndex, Entity)] {
        &self.meshes
    }

    /// Its records, if it is shown, to be sent.
    pub(super) fn records_mut(&mut self) -> Option<&mut Records> {
        self.records.as_mut()
    }
}

/// The second picture. Made when it is first wanted, and kept. Written by [`make_screen`] alone.
#[derive(Resource)]
pub(super) struct SecondScreen {
    /// What the right half of the tab shows.
    pub image: Handle<Image>,
    /// The camera that draws it.
    pub camera: Entity,
}

/// Makes the second picture and its camera.
pub(super) fn make_screen(
    mut commands: Commands,
    settings: Res<ViewSettings>,
    still: Res<StillView>,
    first: Res<Screen>,
    mut images: ResMut<Assets<Image>>,
    textures: Option<ResMut<EguiUserTextures>>,
) {
    let size = images
        .get(&first.image)
        .map_or(UVec2::splat(64), Image::size);
    let mut image = Image::new_target_texture(size.x, size.y, TextureFormat::Rgba8UnormSrgb, None);
    image.texture_descriptor.usage |= TextureUsages::COPY_SRC;
    let image = images.add(image);
    if let Some(mut textures) = textures {
        textures.add_image(EguiTextureHandle::Strong(image.clone()));
    }
    let camera = commands.spawn((
        Name::new("camera of the second picture"),
        Camera3d::default(),
        Camera {
            order: -2,
            ..default()
        },
        RenderTarget::Image(image.clone().into()),
        camera::edges_of(&settings, *still),
        Tonemapping::None,
        AmbientLight::default(),
        RenderLayers::layer(BESIDE),
    ));
    let camera = camera.id();
    commands.insert_resource(SecondScreen { image, camera });
}

/// True if a second picture is wanted and there is none yet.
pub(super) fn lacks_screen(
    counterpart: Res<Counterpart>,
    beside: Option<Res<SecondEye>>,
    screen: Option<Res<SecondScreen>>,
) -> bool {
    screen.is_none() && (counterpart.is_split() || beside.is_some())
}

/// Takes up or puts away the other telling.
pub(super) fn arrange(
    mut commands: Commands,
    open: Res<OpenScene>,
    settings: Res<ViewSettings>,
    differences: Res<Differences>,
    canvas: Res<SharedCanvas>,
    records: Res<Records>,
    assets: Query<(&PhysicalAsset, &Mesh3d, &MeshTag, &Transform)>,
    mut counterpart: ResMut<Counterpart>,
    mut stores: (ResMut<Assets<ShaderBuffer>>, ResMut<Assets<TwinMaterial>>),
    mut wake: ResMut<Wake>,
) {
    let wanted = differences.against.and(differences.beside);
    if wanted == counterpart.kind && !records.is_changed() {
        return;
    }
    let (buffers, materials) = (&mut stores.0, &mut stores.1);
    // Those of another scene are gone with it; those of other meshes show what is no more.
    for (_, mesh) in counterpart.meshes.drain(..) {
        commands.entity(mesh).try_despawn();
    }
    counterpart.records = None;
    counterpart.kind = wanted;
    wake.redraw();
    let Some(kind) = wanted else { return };
    let mut own = Records::new(open.scene.assets.len(), buffers);
    let material = materials.add(TwinMaterial {
        records: own.buffer.clone(),
        canvas: canvas.buffer.clone(),
        pass: match kind {
            Beside::Split => Pass::Solid,
            Beside::Ghost => Pass::Ghost,
        },
        lit: !settings.software && kind == Beside::Split,
        cut: false,
    });
    for (asset, mesh, tag, place) in &assets {
        let shown = records.get(slot(asset.index));
        own.set(
            slot(asset.index),
            Record {
                ground: shown.ground,
                grow: shown.grow,
                ..Record::default()
            },
        );
        let layer = match kind {
            Beside::Split => BESIDE,
            Beside::Ghost => 0,
        };
        let other = commands.spawn((
            Name::new(format!("other {}", asset.tag)),
            ChildOf(open.root),
            mesh.clone(),
            tag.clone(),
            *place,
            MeshMaterial3d(material.clone()),
            RenderLayers::layer(layer),
        ));
        let mut other = other;
        if kind == Beside::Ghost {
            other.insert(NotShadowCaster);
        }
        counterpart.meshes.push((asset.index, other.id()));
    }
    counterpart.records = Some(own);
}

/// Writes the records of the other telling where it, or what it is held against, changed.
pub(super) fn follow(
    open: Res<OpenScene>,
    settings: Res<ViewSettings>,
    heat: Res<Heat>,
    differences: Res<Differences>,
    clock: Res<PictureClock>,
    drivings: Res<Drivings>,
    shown: Res<Records>,
    mut counterpart: ResMut<Counterpart>,
    mut wake: ResMut<Wake>,
) {
    let arranged = counterpart.is_changed();
    let recoloured = settings.is_changed() || heat.is_changed();
    if !(arranged || recoloured || differences.is_changed() || shown.has_changed()) {
        return;
    }
    let counterpart = counterpart.bypass_change_detection();
    let (Some(kind), Some(records)) = (counterpart.kind, &mut counterpart.records) else {
        return;
    };
    let showing = Showing {
        look: settings.look,
        heat: heat.scale(),
        difference: None,
        residual: None,
        now: clock.motion,
    };
    let rows = differences.rows();
    for index in open.scene.asset_indices() {
        let last = records.get(slot(index));
        let mark = AlarmMark(None);
        let mut next = drivers::record(&drivings, index, rows, mark, showing, last);
        if kind == Beside::Ghost && differs(&shown.get(slot(index)), &next) {
            next.flags |= flag::GHOST;
        }
        records.set(slot(index), next);
    }
    if records.take_changed() {
        wake.redraw();
    }
}

/// True if a person would see that the two are not the same.
fn differs(shown: &Record, other: &Record) -> bool {
    let either = shown.flags | other.flags;
    // Of what one of the two does not know, nothing is said.
    if either & flag::DOUBTFUL != 0 {
        return false;
    }
    let moved =
        |unknown: u32, one: f32, two: f32| either & unknown == 0 && (one - two).abs() > VISIBLE;
    let stands = (shown.flags ^ other.flags) & flag::STOPPED != 0;
    let turned = (shown.spin.rate > 0.0) != (other.spin.rate > 0.0);
    let flows = shown.flow.rate.signum() != other.flow.rate.signum()
        || (shown.flow.rate == 0.0) != (other.flow.rate == 0.0);
    moved(flag::FILL_UNKNOWN, shown.fill, other.fill)
        || moved(flag::POSITION_UNKNOWN, shown.position, other.position)
        || stands
        || turned
        || flows
}

/// Gives the second camera a picture as large as the first, awake when that is; of the other
/// telling also the place of the first.
pub(super) fn follow_camera(
    first: Res<Screen>,
    second: Option<Res<SecondScreen>>,
    counterpart: Res<Counterpart>,
    beside: Option<Res<SecondEye>>,
    mut images: ResMut<Assets<Image>>,
    mut cameras: Query<(&mut Camera, &mut Transform, &mut Projection)>,
    mut layers: Query<&mut RenderLayers>,
) {
    let Some(second) = second else { return };
    if !counterpart.is_split() && beside.is_none() {
        if let Ok((mut camera, ..)) = cameras.get_mut(second.camera)
            && camera.is_active
        {
            camera.is_active = false;
        }
        return;
    }
    let size = images.get(&first.image).map(Image::size);
    let own = images.get(&second.image).map(Image::size);
    if let Some(size) = size.filter(|size| Some(*size) != own)
        && let Some(mut image) = images.get_mut(&second.image)
    {
        image.resize(bevy::render::render_resource::Extent3d {
            width: size.x,
            height: size.y,
            depth_or_array_layers: 1,
        });
    }
    if let Ok(mut layers) = layers.get_mut(second.camera) {
        let layer = if counterpart.is_split() { BESIDE } else { 0 };
        layers.set_if_neq(RenderLayers::layer(layer));
    }
    let Ok([shown, mut other]) = cameras.get_many_mut([first.camera, second.camera]) else {
        return;
    };
    if other.0.is_active != shown.0.is_active {
        other.0.is_active = shown.0.is_active;
    }
    if counterpart.is_split() {
        *other.1 = *shown.1;
        *other.2 = shown.2.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(shown: Record, other: Record, expected: bool) {
        assert_eq!(differs(&shown, &other), expected);
    }

    #[test]
    fn a_ghost_is_drawn_where_something_looks_different() {
        let tank = |fill, flags| Record {
            fill,
            flags,
            ..Record::default()
        };
        check(tank(0.5, 0), tank(0.5, 0), false);
        check(tank(0.5, 0), tank(0.501, 0), false);
        check(tank(0.5, 0), tank(0.6, 0), true);
        check(tank(0.5, 0), tank(0.5, flag::STOPPED), true);
        // A pump has no level to be known.
        let pump = flag::FILL_UNKNOWN | flag::POSITION_UNKNOWN;
        check(tank(0.5, pump), tank(0.5, pump | flag::STOPPED), true);
        check(tank(0.5, pump), tank(0.5, pump), false);
    }

    #[test]
    fn of_what_is_not_known_there_is_no_ghost() {
        let known = Record {
            fill: 0.2,
            ..Record::default()
        };
        let unknown = Record {
            flags: flag::FILL_UNKNOWN,
            ..Record::default()
        };
        check(known, unknown, false);
        check(unknown, known, false);
    }
}
