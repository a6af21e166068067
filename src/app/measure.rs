//! The ruler: distances between points of the plant, and the tool that the hand holds.

use bevy::prelude::*;

use super::TwinSystems;
use super::action::{Action, Named};
use super::scene::OpenScene;

/// What a click and a drag in the view do.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    /// Select, turn and shift.
    #[default]
    Point,
    /// Select all in a box.
    Box,
    /// Measure from point to point.
    Measure,
}

/// A distance that was measured: two points, east, north and up, m.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Measurement {
    /// Where it begins.
    pub from: [f64; 3],
    /// Where it ends.
    pub to: [f64; 3],
}

impl Measurement {
    /// The straight distance, m.
    pub fn length(&self) -> f64 {
        self.run().hypot(self.rise())
    }

    /// The distance on the map, m.
    pub fn run(&self) -> f64 {
        (self.to[0] - self.from[0]).hypot(self.to[1] - self.from[1])
    }

    /// How much higher it ends, m.
    pub fn rise(&self) -> f64 {
        self.to[2] - self.from[2]
    }
}

/// What was measured. Written by [`follow_actions`] alone.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub struct Ruler {
    /// What was measured, oldest first.
    pub measurements: Vec<Measurement>,
    /// Where the next one begins.
    pub begun: Option<[f64; 3]>,
}

/// So many measurements are kept; the oldest goes first.
const MOST: usize = 50;

impl Ruler {
    /// Takes a point: the begin of a measurement, or its end.
    fn take(&mut self, point: [f64; 3]) {
        match self.begun.take() {
            None => self.begun = Some(point),
            Some(from) if from == point => {}
            Some(from) => {
                self.measurements.push(Measurement { from, to: point });
                if self.measurements.len() > MOST {
                    self.measurements.remove(0);
                }
            }
        }
    }
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Tool>()
        .init_resource::<Ruler>()
        .add_systems(
            PreUpdate,
            follow_actions
                .run_if(on_message::<Action>.or_else(resource_exists_and_changed::<OpenScene>))
                .in_set(TwinSystems::Steer),
        );
}

pub(super) fn follow_actions(
    mut actions: MessageReader<Action>,
    open: Option<Res<OpenScene>>,
    mut tool: ResMut<Tool>,
    mut ruler: ResMut<Ruler>,
) {
    let (mut held, mut next) = (*tool, ruler.clone());
    if open.is_some_and(|open| open.is_changed()) {
        next = Ruler::default();
    }
    for action in actions.read() {
        let toggled = |own: Tool| if held == own { Tool::Point } else { own };
        match action {
            Action::Named(Named::BoxTool) => held = toggled(Tool::Box),
            Action::Named(Named::MeasureTool) => held = toggled(Tool::Measure),
            Action::Named(Named::Escape) => held = Tool::Point,
            Action::Named(Named::ClearMeasurements) => next = Ruler::default(),
            Action::MeasureAt(point) => next.take(*point),
            Action::Restore(edits) => {
                next.measurements.clone_from(&edits.measurements);
                next.begun = None;
            }
            _ => {}
        }
    }
    if held != Tool::Measure {
        next.begun = None;
    }
    tool.set_if_neq(held);
    ruler.set_if_neq(next);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_points_make_a_measurement_and_the_oldest_of_many_goes() {
        let mut ruler = Ruler::default();
        ruler.take([0.0, 0.0, 0.0]);
        assert!(ruler.measurements.is_empty());
        ruler.take([3.0, 4.0, 12.0]);
        let one = ruler.measurements[0];
        assert_eq!((one.length(), one.run(), one.rise()), (13.0, 5.0, 12.0));
        for step in 0..=MOST {
            ruler.take([step as f64, 0.0, 0.0]);
            ruler.take([step as f64, 1.0, 0.0]);
        }
        assert_eq!(ruler.measurements.len(), MOST);
        assert!(!ruler.measurements.contains(&one));
    }

    #[test]
    fn a_point_twice_is_no_distance() {
        let mut ruler = Ruler::default();
        ruler.take([1.0; 3]);
        ruler.take([1.0; 3]);
        assert_eq!(ruler, Ruler::default());
    }
}
