//! The camera of the view: where its eye is, drawn into an image.

use bevy::camera::visibility::RenderLayers;
use bevy::camera::{RenderTarget, ScalingMode};
use bevy::core_pipeline::tonemapping::Tonemapping;
use bevy::light::CascadeShadowConfigBuilder;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureFormat, TextureUsages};

use super::super::coords;
use super::super::settings::ViewSettings;
use super::super::viewport::{Look, ViewInput};
use super::StillView;
use super::counterpart::{SHARED, SecondScreen};
use super::daylight::Daylight;
use super::framing::fitted;
use super::orbit::{Orbit, Pose};
use super::paint;
use super::plant::Plant;
use super::redraw::Wake;
use crate::scene::StoryView;

/// Room left around a network.
const NETWORK_ROOM: f32 = 1.1;
/// Steeper than this, a camera stands above what it looks at, rad.
pub(super) const STEEPEST: f32 = 1.5;

/// The image that the view is drawn into, and who is drawn there.
#[derive(Resource)]
pub(super) struct Screen {
    /// What the tab shows.
    pub image: Handle<Image>,
    /// The camera that draws it.
    pub camera: Entity,
}

/// The eye of the view. Written by [`super::steering::steer`] alone.
#[derive(Resource, Clone, Copy)]
pub(super) struct Eye {
    /// Where it is and where it goes.
    pub orbit: Orbit,
    /// Width of the picture over its height.
    pub aspect: f32,
    /// Where it looks from at the whole plant, which fits whatever size the tab gets, until a
    /// person moves it.
    pub framing: Option<Outlook>,
    /// It keeps looking at the member that is looked at.
    pub follows: bool,
}

impl Eye {
    /// Looks from no farther than this, m.
    pub(super) fn come_near(&mut self, most: f32) {
        let mut goal = self.orbit.goal();
        goal.distance = goal.distance.min(most);
        self.orbit.fly_to(goal);
        self.framing = None;
    }

    /// True if it goes where a member goes.
    pub(super) fn follows(&self) -> bool {
        self.follows
    }
}

/// The direction from which the whole plant is seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Outlook {
    yaw: f32,
    pitch: f32,
}

impl Outlook {
    pub(super) fn of(pose: &Pose) -> Self {
        Self {
            yaw: pose.yaw,
            pitch: pose.pitch,
        }
    }
}

#[derive(Component)]
pub(super) struct Sun;

/// Makes the image, the camera and the light.
pub(super) fn spawn(
    mut commands: Commands,
    mut images: ResMut<Assets<Image>>,
    settings: Res<ViewSettings>,
    still: Res<StillView>,
) {
    let mut image = Image::new_target_texture(640, 360, TextureFormat::Rgba8UnormSrgb, None);
    image.texture_descriptor.usage |= TextureUsages::COPY_SRC;
    let image = images.add(image);
    let camera = commands
        .spawn((
            Name::new("camera of the view"),
            Camera3d::default(),
            Camera {
                order: -1,
                ..default()
            },
            RenderTarget::Image(image.clone().into()),
            edges_of(&settings, *still),
            Tonemapping::None,
            AmbientLight::default(),
        ))
        .id();
    if !settings.software {
        commands.spawn((
            Name::new("sun"),
            Sun,
            RenderLayers::from_layers(SHARED),
            DirectionalLight {
                shadow_maps_enabled: true,
                ..default()
            },
            CascadeShadowConfigBuilder {
                num_cascades: 3,
                first_cascade_far_bound: 60.0,
                maximum_distance: 600.0,
                ..default()
            }
            .build(),
            Transform::default(),
        ));
    }
    commands.insert_resource(Screen { image, camera });
}

/// How smooth edges are.
pub(super) fn edges_of(settings: &ViewSettings, still: StillView) -> Msaa {
    let quality = settings.quality_drawn(still.0);
    if quality.is_smooth(settings.software) {
        Msaa::Sample4
    } else {
        Msaa::Off
    }
}

/// Lights the view for the look; of no effect on the lean light, which is in the shader.
pub(super) fn light(
    settings: Res<ViewSettings>,
    screen: Res<Screen>,
    mut ambient: Query<(&mut AmbientLight, &mut Msaa)>,
    second: Option<Res<SecondScreen>>,
    (daylight, still): (Res<Daylight>, Res<StillView>),
    mut sun: Query<(&mut DirectionalLight, &mut Transform), With<Sun>>,
) {
    let mut canvas = paint::canvas(settings.look, settings.theme);
    daylight.light(&mut canvas);
    let (bright, day) = match settings.look {
        Look::Operate => (400.0, 4_200.0),
        Look::Present => (430.0, 5_600.0),
    };
    let cameras = [Some(screen.camera), second.map(|second| second.camera)];
    for camera in cameras.into_iter().flatten() {
        if let Ok((mut ambient, mut edges)) = ambient.get_mut(camera) {
            ambient.brightness = bright * daylight.share();
            edges.set_if_neq(edges_of(&settings, *still));
        }
    }
    for (mut sun, mut place) in &mut sun {
        sun.illuminance = day * daylight.share() * daylight.share();
        let towards = Vec3::from_slice(&canvas.sun[..3]);
        *place = Transform::from_translation(towards).looking_at(Vec3::ZERO, Vec3::Y);
    }
}

/// Looks at another plant.
pub(super) fn look_at_plant(mut commands: Commands, plant: Res<Plant>, input: Res<ViewInput>) {
    let aspect = aspect_of(&input);
    let outlook = Outlook::of(&Pose::default());
    commands.insert_resource(Eye {
        orbit: Orbit::new(overview(&plant, outlook, aspect), plant.whole.into()),
        aspect,
        framing: Some(outlook),
        follows: false,
    });
}

/// Puts the camera where the eye is.
pub(super) fn place(
    eye: Res<Eye>,
    plant: Res<Plant>,
    screen: Res<Screen>,
    mut cameras: Query<(&mut Transform, &mut Projection)>,
) {
    if let Ok((mut transform, mut projection)) = cameras.get_mut(screen.camera) {
        put(&eye, &plant, &mut transform, &mut projection);
    }
}

/// Puts a camera where an eye is.
pub(super) fn put(
    eye: &Eye,
    plant: &Plant,
    transform: &mut Mut<'_, Transform>,
    projection: &mut Mut<'_, Projection>,
) {
    let pose = eye.orbit.now;
    let next = Transform::from_translation(pose.eye()).with_rotation(pose.rotation());
    if **transform != next {
        **transform = next;
    }
    let span = (plant.whole.high - plant.whole.low).length();
    let far = pose.eye_distance() + span * 4.0 + 20_000.0;
    let lens = if pose.is_plan() {
        Lens::Plan {
            height: pose.height(),
            far,
        }
    } else {
        Lens::Perspective {
            field: pose.field(),
            near: (pose.eye_distance() * 0.01).clamp(0.02, 2.0),
            far,
        }
    };
    lens.apply(eye.aspect, projection);
}

/// What stands between the world and the picture.
#[derive(Clone, Copy)]
enum Lens {
    Perspective { field: f32, near: f32, far: f32 },
    Plan { height: f32, far: f32 },
}

impl Lens {
    fn apply(self, aspect: f32, projection: &mut Mut<'_, Projection>) {
        match (self, &**projection) {
            (Self::Perspective { field, near, far }, Projection::Perspective(is))
                if is.fov == field && is.near == near && is.far == far => {}
            (Self::Plan { height, far }, Projection::Orthographic(is))
                if is.scale == height && is.far == far => {}
            (Self::Perspective { field, near, far }, _) => {
                **projection = Projection::Perspective(PerspectiveProjection {
                    fov: field,
                    near,
                    far,
                    aspect_ratio: aspect,
                    near_clip_plane: Vec4::new(0.0, 0.0, -1.0, -near),
                });
            }
            (Self::Plan { height, far }, _) => {
                **projection = Projection::Orthographic(OrthographicProjection {
                    near: 0.0,
                    far,
                    scaling_mode: ScalingMode::FixedVertical {
                        viewport_height: 1.0,
                    },
                    scale: height,
                    ..OrthographicProjection::default_3d()
                });
            }
        }
    }
}

/// Makes the image as large as the tab; only then is a new texture made.
pub(super) fn resize(
    input: Res<ViewInput>,
    settings: Res<ViewSettings>,
    still: Res<StillView>,
    screen: Res<Screen>,
    mut images: ResMut<Assets<Image>>,
    mut wake: ResMut<Wake>,
) {
    let points = Vec2::from(input.size);
    if points.min_element() < 1.0 {
        return;
    }
    let mut pixels = points * input.pixels_per_point.max(0.1);
    let quality = settings.quality_drawn(still.0);
    let share = quality.most_pixels(settings.software && !still.0) / (pixels.x * pixels.y);
    pixels *= share.min(1.0).sqrt();
    let size = pixels
        .round()
        .max(Vec2::ONE)
        .as_uvec2()
        .min(UVec2::splat(8_192));
    if images
        .get(&screen.image)
        .is_some_and(|image| image.size() == size)
    {
        return;
    }
    if let Some(mut image) = images.get_mut(&screen.image) {
        image.resize(Extent3d {
            width: size.x,
            height: size.y,
            depth_or_array_layers: 1,
        });
        wake.redraw();
    }
}

pub(super) fn aspect_of(input: &ViewInput) -> f32 {
    let [width, height] = input.size;
    if width < 1.0 || height < 1.0 {
        return 16.0 / 9.0;
    }
    width / height
}

/// The plant as one sees it first: all of it, from above.
pub(super) fn overview(plant: &Plant, outlook: Outlook, aspect: f32) -> Pose {
    let mut pose = fitted(&plant.cluster, outlook.yaw, outlook.pitch, aspect);
    if plant.contours > 0.0 {
        // The labels of a network stand above its symbols, which do not shrink with it.
        pose.distance *= NETWORK_ROOM;
    }
    pose
}

/// Where the camera of a pose stands in the plant.
pub(super) fn stand_of(pose: &Pose) -> StoryView {
    // Straight down, nothing would tell where north points.
    let pitch = pose.pitch.min(STEEPEST);
    let turned = Pose {
        pitch,
        plan: 0.0,
        ..*pose
    };
    StoryView {
        eye: coords::plant_point(turned.eye()),
        focus: coords::plant_point(pose.focus),
        plan: pose.is_plan(),
    }
}
