//! Drawings: the files that draw assets, those of types first.

use std::collections::BTreeMap;

use super::check;
use super::findings::{Findings, Place};
use crate::scene::spec::{MoveSpec, SceneSpec, TypeSpec};
use crate::scene::{DrawingFile, DrawingPlace, DrivenPart, NodeMotion, NodeMove};

/// The files; those of types come first, each once, sorted.
pub(super) fn compile(spec: &SceneSpec<'_>, findings: &mut Findings) -> Vec<DrawingFile> {
    let mut files: Vec<DrawingFile> = of_types(&spec.types)
        .into_iter()
        .map(|file| DrawingFile {
            file: file.to_owned(),
            place: None,
        })
        .collect();
    let root = Place::Scene;
    let list = root.key("drawings");
    for (index, drawing) in spec.drawings.iter().enumerate() {
        let place = list.item(index);
        check::title(
            findings,
            &place.key("file"),
            "file of the drawing",
            &drawing.file,
        );
        check::point(findings, &place.key("at"), "position", drawing.at);
        check::finite(findings, &place.key("heading"), "heading", drawing.heading);
        files.push(DrawingFile {
            file: drawing.file.clone(),
            place: Some(DrawingPlace {
                at: drawing.at,
                heading: drawing.heading.to_radians(),
            }),
        });
    }
    files
}

/// More than this a node does not turn, degrees.
const MOST_TURNED: f64 = 4.0 * 360.0;

/// How nodes move: each about or along an axis, by a signal that drives its type.
pub(super) fn moves(
    specs: &[MoveSpec],
    drives: &[(DrivenPart, u32)],
    list: &Place<'_>,
    findings: &mut Findings,
) -> Vec<NodeMove> {
    let mut moves: Vec<NodeMove> = Vec::with_capacity(specs.len());
    for (index, spec) in specs.iter().enumerate() {
        let place = list.item(index);
        let (node, axis, part, motion) = match spec {
            MoveSpec::Spins(node, axis) => (node, axis, DrivenPart::Spin, NodeMotion::Spin(*axis)),
            MoveSpec::Turns(node, axis, degrees) => {
                if degrees.is_nan() || degrees.abs() > MOST_TURNED {
                    let message = format!("it turns by {degrees} degrees");
                    findings.add(&place, message, "four turns are the most: 1440 degrees");
                }
                let motion = NodeMotion::Turn(*axis, degrees.to_radians());
                (node, axis, DrivenPart::Position, motion)
            }
            MoveSpec::Slides(node, by) => (node, by, DrivenPart::Position, NodeMotion::Slide(*by)),
            MoveSpec::Rises(node, by) => (node, by, DrivenPart::Fill, NodeMotion::Rise(*by)),
        };
        check::title(findings, &place, "name of the node", node);
        check::point(findings, &place, "axis", *axis);
        if axis.iter().all(|side| *side == 0.0) {
            let hint = "write width, depth, height, such as (0, 0, 1) for upright";
            findings.add(&place, "the axis has no direction", hint);
        }
        if !drives.iter().any(|(driven, _)| *driven == part) {
            let message = format!("nothing says how {} moves", check::quoted(node));
            let hint = format!("add {part:?}(\"...\") to `drives` of the type");
            findings.add(&place, message, hint);
        }
        if moves.iter().any(|known| known.node == *node) {
            let message = format!("{} moves twice", check::quoted(node));
            findings.add(
                &place,
                message,
                "a node moves in one way; nodes in it move along",
            );
        }
        moves.push(NodeMove {
            node: node.clone(),
            motion,
        });
    }
    moves
}

/// The files that types name, each once, sorted.
pub(super) fn of_types(types: &BTreeMap<String, TypeSpec>) -> Vec<&str> {
    let named = types.values().map(|kind| kind.drawing.as_str());
    let mut files: Vec<&str> = named.filter(|file| !file.is_empty()).collect();
    files.sort_unstable();
    files.dedup();
    files
}
