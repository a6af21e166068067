//! The camera's pose as a value: it turns about a point, and glides towards a goal.
//!
//! Pure arithmetic: no Bevy entity, no clock. Flying somewhere is setting the goal.
//! Seen from straight above, the perspective flattens: the eye moves away while the
//! field of view narrows, so that the picture goes over into a plan without a jump.

use std::f32::consts::{FRAC_PI_2, PI, TAU};

use bevy::math::Dir3;
use bevy::math::{EulerRot, Mat3, Quat, Ray3d, Vec2, Vec3};

use super::super::viewport::Sight;

/// Vertical field of view in perspective, rad.
pub(super) const FIELD: f32 = 0.72;
/// Vertical field of view where a plan takes over, rad.
const PLAN_FIELD: f32 = 0.02;
/// Steepest and flattest view, rad below the horizon.
const PITCH: (f32, f32) = (0.02, FRAC_PI_2);
/// The pitch at which all three axes are equally short.
const ISOMETRIC: f32 = 0.615_479_7;
/// How fast the pose closes in on its goal, 1/s.
const CLOSING: f32 = 9.0;
/// Closest view, m.
const NEAREST: f32 = 0.4;

/// Where the camera stands and looks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Pose {
    /// What it looks at.
    pub focus: Vec3,
    /// Turned counter-clockwise seen from above; 0 looks north, rad.
    pub yaw: f32,
    /// Below the horizon, rad.
    pub pitch: f32,
    /// From the focus, m, as in perspective.
    pub distance: f32,
    /// 0 in perspective, 1 in plan.
    pub plan: f32,
}

impl Default for Pose {
    fn default() -> Self {
        Self {
            focus: Vec3::ZERO,
            yaw: 0.62,
            pitch: 0.62,
            distance: 60.0,
            plan: 0.0,
        }
    }
}

impl Pose {
    /// The pose of an eye that looks at `focus`.
    pub(super) fn looking(eye: Vec3, focus: Vec3) -> Self {
        let out = eye - focus;
        let distance = out.length().max(NEAREST);
        Self {
            focus,
            yaw: out.x.atan2(out.z),
            pitch: (out.y / distance).asin().clamp(PITCH.0, PITCH.1),
            distance,
            plan: 0.0,
        }
    }

    /// How the camera is turned.
    pub(super) fn rotation(&self) -> Quat {
        Quat::from_euler(EulerRot::YXZ, self.yaw, -self.pitch, 0.0)
    }

    /// True if the picture is a plan, without perspective.
    pub(super) fn is_plan(&self) -> bool {
        self.plan > 0.999
    }

    /// Vertical field of view, rad; of no meaning in a plan.
    pub(super) fn field(&self) -> f32 {
        FIELD + (PLAN_FIELD - FIELD) * self.plan
    }

    /// From the eye to the focus, m.
    pub(super) fn eye_distance(&self) -> f32 {
        self.height() * 0.5 / (self.field() * 0.5).tan()
    }

    /// What the picture spans upwards at the focus, m.
    pub(super) fn height(&self) -> f32 {
        2.0 * self.distance * (FIELD * 0.5).tan()
    }

    /// Where the eye is.
    pub(super) fn eye(&self) -> Vec3 {
        self.focus + self.rotation() * Vec3::Z * self.eye_distance()
    }

    /// The ray through a point of the picture: -1 to 1, to the right and up.
    pub(super) fn ray(&self, point: Vec2, aspect: f32) -> Ray3d {
        let rotation = self.rotation();
        let half = self.height() * 0.5;
        let across = Vec3::new(point.x * half * aspect, point.y * half, 0.0);
        let at_focus = self.focus + rotation * across;
        let (origin, direction) = if self.is_plan() {
            let ahead = rotation * Vec3::NEG_Z;
            (at_focus - ahead * self.eye_distance(), ahead)
        } else {
            (self.eye(), (at_focus - self.eye()).normalize())
        };
        Ray3d {
            origin,
            direction: Dir3::new(direction).unwrap_or(Dir3::NEG_Z),
        }
    }

    /// Where a point of the world lies in the picture.
    #[cfg(test)]
    pub(super) fn project(&self, world: Vec3, aspect: f32) -> Option<(Vec2, f32)> {
        self.lens(aspect).project(world)
    }

    /// What projects points into the picture.
    pub(super) fn lens(&self, aspect: f32) -> Lens {
        Lens {
            eye: self.eye(),
            eye_from_world: Mat3::from_quat(self.rotation().inverse()),
            spread: if self.is_plan() {
                (0.0, self.height() * 0.5)
            } else {
                ((self.field() * 0.5).tan(), 0.0)
            },
            aspect,
        }
    }

    fn towards(&self, goal: &Self, share: f32) -> Self {
        let mix = |from: f32, to: f32| from + (to - from) * share;
        Self {
            focus: self.focus.lerp(goal.focus, share),
            yaw: mix(self.yaw, goal.yaw),
            pitch: mix(self.pitch, goal.pitch),
            distance: mix(self.distance, goal.distance),
            plan: mix(self.plan, goal.plan),
        }
    }

    fn is_near(&self, goal: &Self) -> bool {
        let reach = goal.distance * 2e-4;
        self.focus.distance(goal.focus) < reach
            && (self.distance - goal.distance).abs() < reach
            && (self.yaw - goal.yaw).abs() < 2e-4
            && (self.pitch - goal.pitch).abs() < 2e-4
            && (self.plan - goal.plan).abs() < 5e-4
    }
}

/// A pose made ready to project points.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lens {
    eye: Vec3,
    eye_from_world: Mat3,
    /// Half the height of what is seen: for each metre ahead, and everywhere, m.
    spread: (f32, f32),
    aspect: f32,
}

impl Lens {
    /// How far ahead of the eye a point lies, m; negative behind it.
    pub(super) fn ahead(&self, world: Vec3) -> f32 {
        self.eye_from_world.row(2).dot(self.eye - world)
    }

    /// Where a point of the world lies for whoever looks at a picture of this size, points.
    pub(super) fn sight(&self, world: Vec3, size: [f32; 2]) -> Sight {
        match self.project(world) {
            Some((at, _)) => {
                Sight::Ahead([(at.x * 0.5 + 0.5) * size[0], (0.5 - at.y * 0.5) * size[1]])
            }
            None => {
                let seen = self.eye_from_world * (world - self.eye);
                Sight::Behind([seen.x, -seen.y])
            }
        }
    }

    /// Where a point of the world lies in the picture, -1 to 1, and how far ahead, m;
    /// `None` behind the eye.
    pub(super) fn project(&self, world: Vec3) -> Option<(Vec2, f32)> {
        let seen = self.eye_from_world * (world - self.eye);
        let ahead = -seen.z;
        if ahead <= 0.05 {
            return None;
        }
        let half = ahead * self.spread.0 + self.spread.1;
        Some((
            Vec2::new(seen.x / (half * self.aspect), seen.y / half),
            ahead,
        ))
    }
}

/// Where the camera may go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds {
    /// Lowest corner of what there is to see.
    pub low: Vec3,
    /// Highest corner of what there is to see.
    pub high: Vec3,
}

impl Bounds {
    fn reach(&self) -> f32 {
        (self.high - self.low).length().max(2.0)
    }
}

/// The pose, and where it glides to.
#[derive(Clone, Copy, Debug)]
pub(super) struct Orbit {
    /// Where the camera is.
    pub now: Pose,
    goal: Pose,
    bounds: Bounds,
}

impl Orbit {
    /// A camera at rest.
    pub(super) fn new(pose: Pose, bounds: Bounds) -> Self {
        Self {
            now: pose,
            goal: pose,
            bounds,
        }
    }

    /// Stays near what is there now.
    pub(super) fn stay_near(&mut self, bounds: Bounds) {
        self.bounds = bounds;
    }

    /// Where it glides to.
    pub(super) fn goal(&self) -> Pose {
        self.goal
    }

    /// Glides to `goal`, by the shorter way round.
    pub(super) fn fly_to(&mut self, goal: Pose) {
        self.goal = goal;
        let turn = (goal.yaw - self.now.yaw + PI).rem_euclid(TAU) - PI;
        self.goal.yaw = self.now.yaw + turn;
        self.keep_in_bounds();
    }

    /// Glides to look at `point` from where it looks now.
    pub(super) fn keep_at(&mut self, point: Vec3) {
        if self.goal.focus != point {
            self.goal.focus = point;
            self.keep_in_bounds();
        }
    }

    /// Is at its goal at once.
    pub(super) fn settle(&mut self) {
        self.now = self.goal;
    }

    /// Glides for `dt` seconds; true if the pose moved. The way does not depend on how
    /// `dt` is cut up.
    pub(super) fn glide(&mut self, dt: f32) -> bool {
        if self.now == self.goal {
            return false;
        }
        let share = 1.0 - (-CLOSING * dt).exp();
        self.now = self.now.towards(&self.goal, share);
        if self.now.is_near(&self.goal) {
            self.now = self.goal;
        }
        true
    }

    /// Turns by a drag of this many heights of the picture; leaves the plan.
    pub(super) fn turn(&mut self, drag: Vec2) {
        let is_top = self.goal.pitch >= PITCH.1;
        if self.goal.plan > 0.0 && (!is_top || drag.y.abs() < drag.x.abs() * 2.0) {
            // A plan is turned about its upright; only a clear upwards drag tilts it.
            self.goal.yaw -= drag.x * 3.4;
            if !is_top {
                let pitch = self.goal.pitch + drag.y * 2.6;
                self.goal.pitch = pitch.clamp(PITCH.0, PITCH.1);
            }
            return;
        }
        self.goal.plan = 0.0;
        self.goal.yaw -= drag.x * 3.4;
        self.goal.pitch = (self.goal.pitch + drag.y * 2.6).clamp(PITCH.0, PITCH.1);
        self.keep_in_bounds();
    }

    /// Turns about the focus, rad counter-clockwise from above.
    pub(super) fn turn_by(&mut self, angle: f32) {
        self.goal.yaw += angle;
    }

    /// Shifts by a drag of this many heights of the picture: what was under the pointer
    /// at the focus stays there.
    pub(super) fn shift(&mut self, drag: Vec2) {
        let span = self.goal.height();
        let rotation = self.goal.rotation();
        let right = rotation * Vec3::X;
        // Upwards drags go along the ground, not into the sky, where the view is steep.
        let up = rotation * Vec3::Y;
        let level = Vec3::new(up.x, 0.0, up.z);
        let ahead = level.normalize_or(Vec3::NEG_Z) / self.goal.pitch.sin().max(0.25);
        self.goal.focus += (-right * drag.x + ahead * drag.y) * span;
        self.keep_in_bounds();
    }

    /// Comes closer to `point` by this many notches of the wheel, or goes away.
    pub(super) fn zoom(&mut self, point: Vec3, notches: f32) {
        let reach = self.bounds.reach();
        let wished = self.goal.distance * (-0.16 * notches).exp();
        let distance = wished.clamp(NEAREST, reach * 4.0);
        let share = distance / self.goal.distance;
        self.goal.focus = point + (self.goal.focus - point) * share;
        self.goal.distance = distance;
        self.keep_in_bounds();
    }

    /// Walks for `dt` seconds: right, up, ahead; -1 to 1.
    pub(super) fn walk(&mut self, steps: Vec3, dt: f32) {
        let pace = self.goal.distance.max(4.0) * 0.9 * dt;
        let heading = Quat::from_rotation_y(self.goal.yaw);
        let way = heading * Vec3::new(steps.x, 0.0, -steps.z) + Vec3::Y * steps.y;
        self.goal.focus += way * pace;
        self.keep_in_bounds();
    }

    /// Goes over to the plan, or back to the perspective it came from.
    pub(super) fn toggle_plan(&mut self) {
        if self.goal.plan > 0.0 && self.goal.pitch >= PITCH.1 {
            self.goal.plan = 0.0;
            self.goal.pitch = Pose::default().pitch;
        } else {
            // North up: plans are read that way.
            let turn = (-self.now.yaw + PI).rem_euclid(TAU) - PI;
            self.goal.yaw = self.now.yaw + turn;
            self.goal.plan = 1.0;
            self.goal.pitch = FRAC_PI_2;
        }
    }

    /// Looks from above the nearest corner as isometric drawings do, or back in perspective.
    pub(super) fn toggle_isometric(&mut self) {
        if self.goal.plan > 0.0 && self.goal.pitch < PITCH.1 {
            self.goal.plan = 0.0;
            return;
        }
        let quarter = FRAC_PI_2;
        let yaw = ((self.now.yaw - quarter * 0.5) / quarter).round() * quarter + quarter * 0.5;
        self.look_from(yaw, ISOMETRIC);
    }

    /// Looks at the focus from there, without perspective, by the shorter way round.
    pub(super) fn look_from(&mut self, yaw: f32, pitch: f32) {
        let turn = (yaw - self.now.yaw + PI).rem_euclid(TAU) - PI;
        self.goal.yaw = self.now.yaw + turn;
        self.goal.pitch = pitch.clamp(PITCH.0, PITCH.1);
        self.goal.plan = 1.0;
        self.keep_in_bounds();
    }

    fn keep_in_bounds(&mut self) {
        let reach = self.bounds.reach();
        let margin = Vec3::splat(reach * 0.5);
        let (low, high) = (self.bounds.low - margin, self.bounds.high + margin);
        self.goal.focus = self.goal.focus.clamp(low, high);
        self.goal.focus.y = self.goal.focus.y.max(self.bounds.low.y);
        self.goal.distance = self.goal.distance.clamp(NEAREST, reach * 4.0);
        // The eye stays above the ground, also of a sunken focus.
        let above = self.goal.focus.y + self.goal.pitch.sin() * self.goal.distance;
        let least = self.bounds.low.y + 0.3;
        if above < least {
            self.goal.focus.y += least - above;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        low: Vec3::new(-50.0, 0.0, -50.0),
        high: Vec3::new(50.0, 20.0, 50.0),
    };

    fn orbit() -> Orbit {
        Orbit::new(Pose::default(), BOUNDS)
    }

    #[test]
    fn a_flight_ends_at_its_goal_at_any_frame_rate() {
        let goal = Pose {
            focus: Vec3::new(10.0, 2.0, -5.0),
            yaw: 3.0,
            pitch: 0.4,
            distance: 12.0,
            plan: 0.0,
        };
        for dt in [0.004, 0.016, 0.1, 0.5] {
            let mut orbit = orbit();
            orbit.fly_to(goal);
            let mut steps = 0;
            while orbit.glide(dt) {
                steps += 1;
                assert!(steps < 5_000, "never arrives at dt {dt}");
            }
            assert_eq!(orbit.now, orbit.goal());
            assert!((orbit.now.focus - goal.focus).length() < 1e-5);
        }
    }

    #[test]
    fn the_way_does_not_depend_on_the_frame_rate() {
        let goal = Pose {
            focus: Vec3::new(10.0, 2.0, -5.0),
            distance: 20.0,
            ..Pose::default()
        };
        let (mut coarse, mut fine) = (orbit(), orbit());
        coarse.fly_to(goal);
        fine.fly_to(goal);
        coarse.glide(0.2);
        for _ in 0..10 {
            fine.glide(0.02);
        }
        assert!((coarse.now.focus - fine.now.focus).length() < 1e-3);
        assert!((coarse.now.distance - fine.now.distance).abs() < 1e-3);
    }

    #[test]
    fn it_turns_the_shorter_way() {
        let mut orbit = Orbit::new(
            Pose {
                yaw: 3.0,
                ..Pose::default()
            },
            BOUNDS,
        );
        orbit.fly_to(Pose {
            yaw: -3.0,
            ..Pose::default()
        });
        assert!((orbit.goal().yaw - (TAU - 3.0)).abs() < 1e-5);
    }

    #[test]
    fn what_is_under_the_pointer_stays_there_while_zooming() {
        let mut orbit = orbit();
        let point = Vec3::new(9.0, 1.5, 4.0);
        let (at, _) = orbit.now.project(point, 1.6).expect("it is ahead");
        orbit.zoom(point, 3.0);
        for _ in 0..40 {
            orbit.glide(0.016);
            let (seen, _) = orbit.now.project(point, 1.6).expect("it is ahead");
            assert!((seen - at).length() < 1e-3, "{seen}");
        }
        assert!(orbit.now.distance < Pose::default().distance);
    }

    #[test]
    fn a_ray_goes_through_what_is_projected_there() {
        for plan in [0.0, 0.5, 1.0] {
            let pose = Pose {
                plan,
                ..Pose::default()
            };
            let world = Vec3::new(4.0, 3.0, -7.0);
            let (at, _) = pose.project(world, 1.5).expect("it is ahead");
            let ray = pose.ray(at, 1.5);
            let off = (world - ray.origin).reject_from(*ray.direction).length();
            assert!(off < 0.05, "{plan}: {off}");
        }
    }

    #[test]
    fn the_plan_comes_without_a_jump() {
        let mut orbit = orbit();
        orbit.toggle_plan();
        let mut last = orbit.now.project(Vec3::new(8.0, 0.0, 3.0), 1.6);
        while orbit.glide(0.01) {
            let next = orbit.now.project(Vec3::new(8.0, 0.0, 3.0), 1.6);
            let (from, to) = (last.expect("ahead").0, next.expect("ahead").0);
            assert!(from.distance(to) < 0.06, "{from} jumps to {to}");
            last = next;
        }
        assert!(orbit.now.is_plan());
        orbit.toggle_plan();
        assert!(!orbit.goal().is_plan());
    }

    #[test]
    fn the_eye_stays_above_the_ground() {
        let mut orbit = orbit();
        for _ in 0..50 {
            orbit.turn(Vec2::new(0.1, -0.3));
            orbit.walk(Vec3::new(0.0, -1.0, 1.0), 0.5);
            orbit.zoom(Vec3::ZERO, 4.0);
        }
        orbit.settle();
        assert!(orbit.now.eye().y > 0.0, "{}", orbit.now.eye());
        assert!(orbit.now.distance >= NEAREST);
    }

    #[test]
    fn a_bookmark_is_what_it_says() {
        let (eye, focus) = (Vec3::new(30.0, 25.0, 40.0), Vec3::new(1.0, 2.0, 3.0));
        let pose = Pose::looking(eye, focus);
        assert!((pose.eye() - eye).length() < 1e-3);
    }

    #[test]
    fn isometric_shortens_all_axes_alike_and_goes_back() {
        let pose = Pose {
            yaw: 0.6,
            ..Pose::default()
        };
        let mut orbit = Orbit::new(pose, BOUNDS);
        orbit.toggle_isometric();
        orbit.settle();
        assert!(orbit.now.is_plan());
        let seen = |axis: Vec3| {
            let at = |world| orbit.now.project(world, 1.0).expect("ahead").0;
            at(orbit.now.focus + axis).distance(at(orbit.now.focus))
        };
        let [x, y, z] = [Vec3::X, Vec3::Y, Vec3::Z].map(seen);
        assert!((x - y).abs() < 1e-4 && (y - z).abs() < 1e-4, "{x} {y} {z}");
        orbit.turn(Vec2::new(0.1, 0.1));
        orbit.settle();
        assert!(orbit.now.is_plan(), "turning keeps it without perspective");
        orbit.toggle_isometric();
        orbit.settle();
        assert!(!orbit.now.is_plan());
    }
}
