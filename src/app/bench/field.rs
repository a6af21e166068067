//! A plant of any size, as the text of a scene.

use std::fmt::Write;

/// What stands in the field, in turn: its letter, its share of ten, and its type.
const KINDS: &[(&str, u32, &str)] = &[
    (
        "TK",
        3,
        "(shape: Tank, size: (2, 2, 2.4), signals: [(name: \"level\", unit: \"m\", range: (0, 4), \
         shown: true, limits: [(kind: High, at: 9)])], drives: [Fill(\"level\")])",
    ),
    (
        "P",
        2,
        "(shape: Pump, size: (2, 1, 1.2), signals: [(name: \"speed\", unit: \"%\", \
         range: (0, 100), shown: true, limits: [(kind: High, at: 900)])], drives: [Spin(\"speed\")])",
    ),
    (
        "V",
        2,
        "(shape: Valve, size: (1, 0.8, 1.2), signals: [(name: \"opening\", unit: \"%\", \
         range: (0, 100), shown: true, limits: [(kind: High, at: 900)])], \
         drives: [Position(\"opening\")])",
    ),
    (
        "B",
        2,
        "(shape: Block, size: (1.4, 1.4, 1), signals: [(name: \"power\", unit: \"kW\", \
         range: (0, 50), shown: true, limits: [(kind: High, at: 900)])])",
    ),
    (
        "PL",
        1,
        "(shape: Pipe, size: (0.3, 0.3, 0.3), signals: [(name: \"flow\", unit: \"m3/h\", \
         range: (-40, 40), shown: true, limits: [(kind: High, at: 900)])], drives: [Flow(\"flow\")])",
    ),
];

/// Metres from asset to asset.
pub(super) const STEP: f64 = 3.0;

/// How many assets stand side by side in a field of `assets`.
pub(super) fn side(assets: u32) -> u32 {
    (f64::from(assets).sqrt().ceil() as u32).max(1)
}

/// A square field of assets: tanks, pumps, valves, cabinets and pipes, one signal each.
pub(super) fn scene_text(assets: u32) -> String {
    let mut text = String::from("Scene(format: 1, name: \"Field\", types: {");
    for (letter, _, kind) in KINDS {
        push(&mut text, format_args!("\"{letter}\": {kind},"));
    }
    text.push_str("}, assets: [");
    let ten: Vec<&str> = KINDS
        .iter()
        .flat_map(|(letter, share, _)| std::iter::repeat_n(*letter, *share as usize))
        .collect();
    let side = side(assets);
    for place in 0..assets {
        // By sevens, so that neighbours differ.
        let letter = ten[(place as usize * 7 + place as usize / 10) % ten.len()];
        let (east, north) = (
            f64::from(place % side) * STEP,
            f64::from(place / side) * STEP,
        );
        if letter == "PL" {
            // No two pipes of a plant are equally long.
            let bend = east + 0.8 + 0.9 * f64::from(place % 1_009) / 1_009.0;
            let end = north + 1.2 + 0.9 * f64::from(place % 613) / 613.0;
            push(
                &mut text,
                format_args!(
                    "(tag: \"{letter}-{place}\", type: \"{letter}\", route: [({east}, {north}, 0.5), \
                     ({bend:.3}, {north}, 0.5), ({bend:.3}, {end:.3}, 0.5)]),"
                ),
            );
        } else {
            push(
                &mut text,
                format_args!(
                    "(tag: \"{letter}-{place}\", type: \"{letter}\", at: ({east}, {north}, 0)),"
                ),
            );
        }
    }
    text.push_str("])");
    text
}

fn push(text: &mut String, what: std::fmt::Arguments<'_>) {
    text.write_fmt(what).expect("a String takes everything");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene;

    #[test]
    fn the_field_is_a_scene_with_one_signal_per_asset() {
        let scene = scene::parse(&scene_text(250)).expect("it is valid");
        assert_eq!((scene.assets.len(), scene.signals.len()), (250, 250));
        let pipes = scene.assets.iter().filter(|asset| !asset.route.is_empty());
        assert_eq!(pipes.count(), 25, "one in ten");
        assert!(scene.assets.iter().all(|asset| asset.signals.len() == 1));
    }
}
