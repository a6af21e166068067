//! The view cube: which way one looks, and a click away from every other.

use std::f32::consts::{FRAC_PI_2, PI};

use egui::{Align2, FontId, Painter, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, Vec2};

use super::theme;
use crate::app::action::Action;

/// Half of an edge, points.
const HALF: f32 = 13.0;

/// A face: its name, where it looks in the plant (east, up, south), and whence it is seen.
struct Face {
    name: &'static str,
    letter: &'static str,
    normal: [f32; 3],
    yaw: f32,
    pitch: f32,
}

/// The faces that can be seen: nobody looks up from below the ground.
const FACES: [Face; 5] = [
    Face {
        name: "Look from above",
        letter: "",
        normal: [0.0, 1.0, 0.0],
        yaw: 0.0,
        pitch: FRAC_PI_2,
    },
    Face {
        name: "Look from the south",
        letter: "S",
        normal: [0.0, 0.0, 1.0],
        yaw: 0.0,
        pitch: 0.0,
    },
    Face {
        name: "Look from the north",
        letter: "",
        normal: [0.0, 0.0, -1.0],
        yaw: PI,
        pitch: 0.0,
    },
    Face {
        name: "Look from the east",
        letter: "E",
        normal: [1.0, 0.0, 0.0],
        yaw: FRAC_PI_2,
        pitch: 0.0,
    },
    Face {
        name: "Look from the west",
        letter: "W",
        normal: [-1.0, 0.0, 0.0],
        yaw: -FRAC_PI_2,
        pitch: 0.0,
    },
];

/// How the view is turned.
#[derive(Clone, Copy, Debug)]
struct Turned {
    yaw: f32,
    pitch: f32,
}

impl Turned {
    /// A direction of the plant on the screen, to the right and down, and towards the eye.
    fn seen(self, [x, y, z]: [f32; 3]) -> [f32; 3] {
        let (sin, cos) = self.yaw.sin_cos();
        let (right, near) = (x * cos - z * sin, x * sin + z * cos);
        let (sin, cos) = self.pitch.sin_cos();
        let (up, towards) = (y * cos - near * sin, y * sin + near * cos);
        [right, -up, towards]
    }

    fn at(self, centre: Pos2, point: [f32; 3]) -> Pos2 {
        let [right, down, _] = self.seen(point);
        centre + Vec2::new(right, down) * HALF
    }

    /// The corners of a face on the screen.
    fn corners(self, centre: Pos2, normal: [f32; 3]) -> Vec<Pos2> {
        let axis = normal.iter().position(|side| *side != 0.0).unwrap_or(0);
        let (one, two) = ((axis + 1) % 3, (axis + 2) % 3);
        [(-1.0, -1.0), (1.0, -1.0), (1.0, 1.0), (-1.0, 1.0)]
            .map(|(a, b)| {
                let mut point = normal;
                (point[one], point[two]) = (a, b);
                self.at(centre, point)
            })
            .to_vec()
    }
}

/// Where the cube stands.
pub fn cube_rect(view: Rect) -> Rect {
    Rect::from_center_size(view.right_top() + Vec2::new(-40.0, 42.0), Vec2::splat(68.0))
}

/// Paints the cube.
pub fn paint_cube(painter: &Painter, view: Rect, yaw: f32, pitch: f32, hovered: Option<usize>) {
    let turned = Turned { yaw, pitch };
    let centre = cube_rect(view).center();
    painter.circle_filled(centre, 32.0, theme::plate(70));
    let line = Stroke::new(1.0, theme::weak());
    for (place, face) in FACES.iter().enumerate() {
        let [.., towards] = turned.seen(face.normal);
        if towards <= 0.02 {
            continue;
        }
        let lit = hovered == Some(place);
        let shade = (52.0 + 64.0 * towards) as u8 + if lit { 60 } else { 0 };
        let fill = theme::facet(shade);
        let corners = turned.corners(centre, face.normal);
        painter.add(Shape::convex_polygon(corners, fill, line));
        if towards > 0.35 {
            let at = turned.at(centre, face.normal);
            let font = FontId::proportional(11.0);
            painter.text(
                at,
                Align2::CENTER_CENTER,
                face.letter,
                font,
                theme::strong(),
            );
        }
    }
    // North on the map, outside of the cube.
    let [right, down, _] = turned.seen([0.0, 0.0, -1.0]);
    let way = Vec2::new(right, down);
    let way = if way.length() > 0.05 {
        way.normalized()
    } else {
        Vec2::new(0.0, -1.0)
    };
    let font = FontId::proportional(11.0);
    painter.text(
        centre + way * 27.0,
        Align2::CENTER_CENTER,
        "N",
        font,
        theme::strong(),
    );
}

/// Lets a click on a face turn the view.
pub fn cube_ui(ui: &Ui, view: Rect, yaw: f32, pitch: f32, actions: &mut Vec<Action>) {
    let turned = Turned { yaw, pitch };
    let centre = cube_rect(view).center();
    let mut hovered = None;
    for (place, face) in FACES.iter().enumerate() {
        let [.., towards] = turned.seen(face.normal);
        if towards <= 0.02 {
            continue;
        }
        let corners = turned.corners(centre, face.normal);
        let ground = Rect::from_points(&corners);
        let id = ui.id().with("view cube").with(place);
        let response = ui.interact(ground, id, Sense::click());
        response
            .widget_info(|| egui::WidgetInfo::labeled(egui::WidgetType::Button, true, face.name));
        let inside = |response: &Response| {
            let pointer = response.hover_pos().or(response.interact_pointer_pos());
            pointer.is_none_or(|at| holds(&corners, at))
        };
        if response.hovered() && inside(&response) {
            hovered = Some(place);
        }
        if response.clicked() && inside(&response) {
            actions.push(Action::LookFrom(face.yaw, face.pitch));
        }
    }
    paint_cube(&ui.painter_at(view), view, yaw, pitch, hovered);
}

/// True if a convex outline holds the point, whichever way round it runs.
fn holds(outline: &[Pos2], at: Pos2) -> bool {
    let next = outline.iter().cycle().skip(1);
    let sides = outline.iter().zip(next).map(|(from, to)| {
        let (side, way) = (*to - *from, at - *from);
        side.x * way.y - side.y * way.x
    });
    let sides: Vec<f32> = sides.collect();
    sides.iter().all(|side| *side >= 0.0) || sides.iter().all(|side| *side <= 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_face_one_looks_at_is_the_nearest() {
        for face in &FACES {
            let turned = Turned {
                yaw: face.yaw,
                pitch: face.pitch,
            };
            let [right, down, towards] = turned.seen(face.normal);
            assert!(towards > 0.999, "{}", face.name);
            assert!(right.abs() < 1e-3 && down.abs() < 1e-3, "{}", face.name);
        }
    }

    #[test]
    fn from_the_south_east_is_to_the_right_and_north_is_away() {
        let turned = Turned {
            yaw: 0.0,
            pitch: 0.5,
        };
        assert!(turned.seen([1.0, 0.0, 0.0])[0] > 0.99);
        let [_, down, towards] = turned.seen([0.0, 0.0, -1.0]);
        assert!(down < 0.0 && towards < 0.0, "north is up on the screen");
        assert!(turned.seen([0.0, 1.0, 0.0])[1] < 0.0, "up is up");
    }
}
