//! The camera of the view: steered by the tab and by actions, drawn into an image.

use std::f32::consts::FRAC_PI_2;
use std::time::Duration;

use bevy::camera::visibility::RenderLayers;
use bevy::camera::{RenderTarget, ScalingMode};
use bevy::core_pipeline::tonemapping::Tonemapping;
use bevy::light::CascadeShadowConfigBuilder;
use bevy::prelude::*;
use bevy::render::render_resource::{Extent3d, TextureFormat, TextureUsages};

use super::super::action::{Action, Named};
use super::super::coords;
use super::super::reveal::Revealed;
use super::super::scene::OpenScene;
use super::super::selection::Selection;
use super::super::settings::ViewSettings;
use super::super::viewport::{Look, ViewInput};
use super::counterpart::{SHARED, SecondScreen};
use super::daylight::Daylight;
use super::framing::{Extent, fitted};
use super::members::Members;
use super::orbit::{Orbit, Pose};
use super::paint;
use super::plant::Plant;
use super::redraw::Wake;
use super::{StillView, picking};
use crate::scene::{Bookmark, StoryView};

/// Room left around a network.
const NETWORK_ROOM: f32 = 1.1;
/// Steeper than this, a camera stands above what it looks at, rad.
const STEEPEST: f32 = 1.5;
/// Who moves is followed from no farther than this, m.
const MEMBER_DISTANCE: f32 = 18.0;
/// A notch of the wheel, points.
const NOTCH: f32 = 50.0;

/// The image that the view is drawn into, and who is drawn there.
#[derive(Resource)]
pub(super) struct Screen {
    /// What the tab shows.
    pub image: Handle<Image>,
    /// The camera that draws it.
    pub camera: Entity,
}

/// The eye of the view. Written by [`steer`] alone.
#[derive(Resource)]
pub(super) struct Eye {
    /// Where it is and where it goes.
    pub orbit: Orbit,
    /// Width of the picture over its height.
    pub aspect: f32,
    /// Where it looks from at the whole plant, which fits whatever size the tab gets, until a
    /// person moves it.
    framing: Option<Outlook>,
    /// It keeps looking at the member that is looked at.
    follows: bool,
}

impl Eye {
    /// Looks from no farther than this, m.
    fn come_near(&mut self, most: f32) {
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
struct Outlook {
    yaw: f32,
    pitch: f32,
}

impl Outlook {
    fn of(pose: &Pose) -> Self {
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
    let mut canvas = paint::canvas(settings.look);
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

/// Moves the eye as the tab and actions ask, and the camera with it.
pub(super) fn steer(
    time: Res<Time>,
    still: Res<StillView>,
    input: Res<ViewInput>,
    open: Res<OpenScene>,
    plant: Res<Plant>,
    (selection, revealed, members): (Res<Selection>, Res<Revealed>, Res<Members>),
    mut actions: MessageReader<Action>,
    mut eye: ResMut<Eye>,
    mut wake: ResMut<Wake>,
) {
    let eye = eye.bypass_change_detection();
    let aspect = aspect_of(&input);
    if (aspect - eye.aspect).abs() > 1e-3 {
        eye.aspect = aspect;
        wake.redraw();
        if let Some(outlook) = eye.framing {
            eye.orbit.fly_to(overview(&plant, outlook, aspect));
            eye.orbit.settle();
        }
    }
    for action in actions.read() {
        if let Some(pose) = asked_for(action, eye, &open, &plant, &selection) {
            eye.orbit.fly_to(pose);
            eye.framing = outlook_of(action, &open);
            eye.follows = false;
        } else if matches!(action, Action::Named(Named::FollowMember)) {
            eye.follows = !eye.follows && members.chosen_at().is_some();
            if eye.follows {
                eye.come_near(MEMBER_DISTANCE);
            }
        } else if let Action::Turn(angle) = action {
            eye.orbit.turn_by(*angle);
            eye.framing = None;
        } else if let Action::LookFrom(yaw, pitch) = action {
            eye.orbit.look_from(*yaw, *pitch);
            eye.framing = None;
        } else if let Action::LookThere([east, north]) = action {
            let mut goal = eye.orbit.goal();
            let at = coords::point([*east, *north, 0.0]);
            let height = plant.terrain.height(at.x, at.z);
            goal.focus = Vec3::new(at.x, height, at.z);
            eye.orbit.fly_to(goal);
            eye.framing = None;
        } else if matches!(action, Action::Named(Named::IsoView)) {
            eye.orbit.toggle_isometric();
            eye.framing = None;
        } else if matches!(action, Action::Named(Named::TopView)) {
            eye.orbit.toggle_plan();
            eye.framing = None;
        }
    }
    if follow_hand(eye, &input, &plant, &revealed, time.delta()) {
        eye.framing = None;
        // Who shifts the view looks at something else.
        eye.follows &= input.pan == [0.0; 2] && input.fly == [0.0; 3];
    }
    if eye.follows {
        match members.chosen_at() {
            Some(at) => eye.orbit.keep_at(at),
            None => eye.follows = false,
        }
    }
    let moved = if still.0 {
        let before = eye.orbit.now;
        eye.orbit.settle();
        before != eye.orbit.now
    } else {
        eye.orbit.glide(time.delta_secs().min(0.25))
    };
    if moved {
        wake.moved();
    }
}

/// Puts the camera where the eye is.
pub(super) fn place(
    eye: Res<Eye>,
    plant: Res<Plant>,
    screen: Res<Screen>,
    mut cameras: Query<(&mut Transform, &mut Projection)>,
) {
    let Ok((mut transform, mut projection)) = cameras.get_mut(screen.camera) else {
        return;
    };
    let pose = eye.orbit.now;
    let next = Transform::from_translation(pose.eye()).with_rotation(pose.rotation());
    if *transform != next {
        *transform = next;
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
    lens.apply(eye.aspect, &mut projection);
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

fn aspect_of(input: &ViewInput) -> f32 {
    let [width, height] = input.size;
    if width < 1.0 || height < 1.0 {
        return 16.0 / 9.0;
    }
    width / height
}

/// The plant as one sees it first: all of it, from above.
fn overview(plant: &Plant, outlook: Outlook, aspect: f32) -> Pose {
    let mut pose = fitted(&plant.cluster, outlook.yaw, outlook.pitch, aspect);
    if plant.contours > 0.0 {
        // The labels of a network stand above its symbols, which do not shrink with it.
        pose.distance *= NETWORK_ROOM;
    }
    pose
}

/// The direction from which an action asks to see the whole plant, if it does.
fn outlook_of(action: &Action, open: &OpenScene) -> Option<Outlook> {
    match action {
        Action::Named(Named::FrameAll) => {
            let home = open.scene.bookmarks.first().filter(|first| first.whole);
            let home = home.map(|bookmark| Outlook::of(&pose_of(bookmark)));
            Some(home.unwrap_or_else(|| Outlook::of(&Pose::default())))
        }
        Action::GoToBookmark(place) => {
            let bookmark = open.scene.bookmarks.get(*place).filter(|found| found.whole);
            bookmark.map(|bookmark| Outlook::of(&pose_of(bookmark)))
        }
        _ => None,
    }
}

fn pose_of(bookmark: &Bookmark) -> Pose {
    let (from, to) = (coords::point(bookmark.eye), coords::point(bookmark.focus));
    Pose::looking(from, to)
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

/// The pose of a camera that stands there.
fn pose_at(view: &StoryView) -> Pose {
    let pose = Pose::looking(coords::point(view.eye), coords::point(view.focus));
    if !view.plan {
        return pose;
    }
    let straight = pose.pitch > STEEPEST - 0.01;
    Pose {
        pitch: if straight { FRAC_PI_2 } else { pose.pitch },
        plan: 1.0,
        ..pose
    }
}

/// The pose that an action asks for.
fn asked_for(
    action: &Action,
    eye: &Eye,
    open: &OpenScene,
    plant: &Plant,
    selection: &Selection,
) -> Option<Pose> {
    let framing = |extent: &Extent| {
        let from = eye.orbit.goal();
        let pitch = if from.plan > 0.0 {
            Pose::default().pitch
        } else {
            from.pitch
        };
        // Room around a single thing tells where it stands.
        let reach = ((extent.high - extent.low).length() * 0.35).max(0.4);
        let room = Extent {
            low: extent.low - Vec3::new(reach, 0.0, reach),
            high: extent.high + Vec3::splat(reach),
        };
        fitted(&[room], from.yaw, pitch.clamp(0.25, 1.2), eye.aspect)
    };
    match action {
        Action::FlyTo(asset) => plant.extent(*asset).map(framing),
        Action::LookAt(view) => Some(pose_at(view)),
        Action::Named(Named::FrameSelection) => {
            let chosen = selection.chosen.iter();
            let chosen: Vec<Extent> = chosen
                .filter_map(|asset| plant.extent(*asset).copied())
                .collect();
            Extent::around(chosen).as_ref().map(framing)
        }
        Action::GoToBookmark(place) if outlook_of(action, open).is_none() => {
            open.scene.bookmarks.get(*place).map(pose_of)
        }
        _ => outlook_of(action, open).map(|outlook| overview(plant, outlook, eye.aspect)),
    }
}

/// Turns, shifts, zooms and walks as the hand does in the tab; true if it does.
fn follow_hand(
    eye: &mut Eye,
    input: &ViewInput,
    plant: &Plant,
    revealed: &Revealed,
    elapsed: Duration,
) -> bool {
    let height = input.size[1].max(1.0);
    let mut touched = false;
    if input.orbit != [0.0; 2] {
        eye.orbit.turn(Vec2::from(input.orbit) / height);
        touched = true;
    }
    if input.pan != [0.0; 2] {
        eye.orbit.shift(Vec2::from(input.pan) / height);
        touched = true;
    }
    if input.zoom != 0.0 {
        let under = input.pointer.unwrap_or(input.size.map(|side| side * 0.5));
        let point = picking::point_under(under, input, eye, plant, revealed);
        eye.orbit.zoom(point, input.zoom / NOTCH);
        touched = true;
    }
    if input.fly != [0.0; 3] {
        eye.orbit
            .walk(Vec3::from(input.fly), elapsed.as_secs_f32().min(0.1));
        touched = true;
    }
    touched
}
