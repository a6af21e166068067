//! Drawings: glTF files written here byte by byte, read, matched and refused.

use std::fs;
use std::path::Path;

use parallax::import::gltf::{Drawing, DrawingError};
use parallax::session;
use proptest::prelude::*;
use serde_json::{Value, json};

/// A quad of 2 m by 1 m, in a GLB with these nodes.
fn glb(nodes: &Value, roots: &[usize]) -> Vec<u8> {
    let positions: [[f32; 3]; 4] = [
        [0.0, 0.0, 0.0],
        [2.0, 0.0, 0.0],
        [2.0, 1.0, 0.0],
        [0.0, 1.0, 0.0],
    ];
    let indices: [u16; 6] = [0, 1, 2, 0, 2, 3];
    let mut data: Vec<u8> = Vec::new();
    for at in positions.iter().flatten() {
        data.extend(at.to_le_bytes());
    }
    for index in indices {
        data.extend(index.to_le_bytes());
    }
    let root = json!({
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": roots}],
        "nodes": nodes,
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1, "material": 0}]}],
        "materials": [{"pbrMetallicRoughness": {"baseColorFactor": [1.0, 0.0, 0.0, 1.0]}}],
        "buffers": [{"byteLength": data.len()}],
        "bufferViews": [
            {"buffer": 0, "byteOffset": 0, "byteLength": 48},
            {"buffer": 0, "byteOffset": 48, "byteLength": 12},
        ],
        "accessors": [
            {"bufferView": 0, "componentType": 5126, "count": 4, "type": "VEC3",
             "min": [0.0, 0.0, 0.0], "max": [2.0, 1.0, 0.0]},
            {"bufferView": 1, "componentType": 5123, "count": 6, "type": "SCALAR"},
        ],
    });
    wrap(&root, &data)
}

/// The container of glTF 2.0: a head, a JSON chunk and a BIN chunk, each padded to 4 bytes.
fn wrap(root: &Value, data: &[u8]) -> Vec<u8> {
    let mut json = root.to_string().into_bytes();
    json.resize(json.len().next_multiple_of(4), b' ');
    let mut data = data.to_vec();
    data.resize(data.len().next_multiple_of(4), 0);
    let length = 12 + 8 + json.len() + 8 + data.len();
    let mut bytes = b"glTF".to_vec();
    bytes.extend(2_u32.to_le_bytes());
    bytes.extend((length as u32).to_le_bytes());
    for (kind, chunk) in [(b"JSON", &json), (b"BIN\0", &data)] {
        bytes.extend((chunk.len() as u32).to_le_bytes());
        bytes.extend(kind);
        bytes.extend(chunk);
    }
    bytes
}

fn read(bytes: &[u8]) -> Result<Drawing, DrawingError> {
    Drawing::read(bytes, |_| None)
}

fn two_pumps() -> Vec<u8> {
    let nodes = json!([
        {"name": "hall", "children": [1, 2], "translation": [10.0, 0.0, 0.0]},
        {"name": "P-1", "mesh": 0},
        {"name": "anything", "mesh": 0, "scale": [-2.0, 2.0, 2.0], "extras": {"asset": "P-2"}},
    ]);
    glb(&nodes, &[0])
}

#[test]
fn nodes_are_read_with_place_colour_and_names() {
    let drawing = read(&two_pumps()).expect("a drawing");
    let [one, two] = &drawing.pieces[..] else {
        panic!("{:?}", drawing.pieces.len());
    };
    assert_eq!(one.names, ["P-1", "hall"]);
    assert_eq!(two.names, ["P-2", "anything", "hall"]);
    assert_eq!(one.colour, [255, 0, 0]);
    assert_eq!(one.positions[2], [12.0, 1.0, 0.0], "10 m to the right");
    assert_eq!(
        two.positions[2],
        [6.0, 2.0, 0.0],
        "mirrored and twice as large"
    );
    for piece in &drawing.pieces {
        // Also mirrored, a triangle and its normal look the same way.
        let [a, b, c] = piece.triangles[0].map(|index| piece.positions[index as usize]);
        let up = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
        assert!(up * piece.normals[0][2] > 0.0, "{piece:?}");
    }
}

#[test]
fn what_is_malformed_is_refused_with_a_reason() {
    let refused = |nodes: Value, roots: &[usize]| read(&glb(&nodes, roots)).expect_err("refused");
    let deep: Vec<Value> = (0..200)
        .map(|node| json!({"children": [node + 1]}))
        .collect();
    let mut deep = deep;
    deep.push(json!({"mesh": 0}));
    let error = refused(json!(deep), &[0]);
    assert!(matches!(error, DrawingError::TooLarge(_)), "{error}");
    let error = refused(json!([{"children": [0]}]), &[0]);
    assert!(
        matches!(error, DrawingError::TooLarge(_)),
        "a ring: {error}"
    );
    let error = refused(json!([{"name": "nothing"}]), &[0]);
    assert!(matches!(error, DrawingError::Empty), "{error}");
    let error = refused(json!([{"mesh": 7}]), &[0]);
    assert!(matches!(error, DrawingError::Invalid(_)), "{error}");
    let nan = json!([{"mesh": 0, "translation": [1e39, 0.0, 0.0]}]);
    assert!(read(&glb(&nan, &[0])).is_err());
    assert!(read(b"solid cube").is_err());
    assert!(read(&[]).is_err());
}

#[test]
fn buffers_come_from_the_same_folder_only() {
    for uri in [
        "https://example.org/a.bin",
        "../secret.bin",
        "/etc/passwd",
        "data:application/octet-stream;base64,AAAA",
    ] {
        let root = json!({
            "asset": {"version": "2.0"},
            "buffers": [{"byteLength": 4, "uri": uri}],
        });
        let asked = std::cell::Cell::new(false);
        let read = Drawing::read(root.to_string().as_bytes(), |_: &Path| {
            asked.set(true);
            Some(vec![0; 4])
        });
        let error = read.expect_err("refused");
        assert!(matches!(error, DrawingError::Buffer(_)), "{uri}: {error}");
        assert!(!asked.get(), "{uri} is not even looked for");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_mutant_of_a_valid_file_ends_the_program(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        end in any::<prop::sample::Index>(),
        cut in any::<bool>(),
    ) {
        let mut bytes = two_pumps();
        for (place, value) in changes {
            let at = place.index(bytes.len());
            bytes[at] = value;
        }
        if cut {
            bytes.truncate(end.index(bytes.len()));
        }
        if let Ok(drawing) = read(&bytes) {
            for piece in drawing.pieces {
                prop_assert!(piece.triangles.iter().flatten().all(|&index| (index as usize) < piece.positions.len()));
                prop_assert!(piece.positions.iter().flatten().all(|side| side.is_finite()));
            }
        }
    }

    #[test]
    fn no_number_in_the_json_ends_the_program(
        field in 0..9_usize,
        value in prop_oneof![Just(0_u64), 1..100_u64, Just(u64::from(u32::MAX)), Just(u64::MAX / 2)],
    ) {
        let names = ["byteOffset\":48", "byteLength\":48", "byteLength\":12", "count\":4",
            "count\":6", "bufferView\":1", "componentType\":5123", "byteLength\":60", "mesh\":0"];
        let bytes = two_pumps();
        let length = u32::from_le_bytes([bytes[12], bytes[13], bytes[14], bytes[15]]) as usize;
        let text = String::from_utf8(bytes[20..20 + length].to_vec()).expect("text");
        let (name, _) = names[field].split_once("\":").expect("two parts");
        let text = text.replacen(names[field], &format!("{name}\":{value}"), 1);
        let Ok(root) = serde_json::from_str::<Value>(&text) else { return Ok(()) };
        let changed = wrap(&root, &bytes[20 + length + 8..]);
        // It is read or refused.
        let _ = read(&changed).is_ok();
    }
}

#[test]
fn a_scene_tells_which_nodes_are_its_assets() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("hall.glb"), two_pumps()).expect("written");
    let scene = r#"Scene(format: 1, name: "Hall", types: {"pump": (shape: Pump)},
        drawings: [(file: "hall.glb")],
        assets: [(tag: "P-1", type: "pump"), (tag: "P-2", type: "pump"), (tag: "P-3", type: "pump")])"#;
    let file = folder.path().join("scene.ron");
    fs::write(&file, scene).expect("written");
    let opened = session::open(&file).expect("it opens");
    let found = session::matches(&opened.scene, &opened.drawings);
    assert_eq!(found[0].matched, ["P-1", "P-2"]);
    assert!(found[0].scenery.is_empty());

    fs::write(&file, scene.replace("hall.glb", "hull.glb")).expect("written");
    let error = session::open(&file).err().expect("there is no such file");
    assert!(error.to_string().contains("hull.glb"), "{error}");
}

#[test]
fn a_node_that_moves_is_checked_against_drives_and_drawing() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("two.glb"), two_pumps()).expect("written");
    let open = |drives: &str, moves: &str| {
        let text = format!(
            r#"Scene(format: 1, name: "Hall",
                types: {{"pump": (shape: Pump, drawing: "two.glb",
                    signals: [(name: "speed", unit: "%", range: (0, 100))],
                    drives: [{drives}], moves: [{moves}])}},
                assets: [(tag: "A", type: "pump")])"#
        );
        fs::write(folder.path().join("scene.ron"), text).expect("written");
        session::open(folder.path()).map_err(|error| error.to_string())
    };
    let opened = open(r#"Spin("speed")"#, r#"Spins("P-1", (1, 0, 0))"#).expect("valid");
    assert_eq!(opened.scene.assets[0].moves.len(), 1);
    // The origin of each node stands where the node does.
    let piece = &opened.drawings[0].pieces[0];
    assert_eq!(piece.names, ["P-1", "hall"]);
    assert_eq!(piece.origins, [[10.0, 0.0, 0.0], [10.0, 0.0, 0.0]]);
    for (drives, moves, expected) in [
        (r#"Spin("speed")"#, r#"Spins("P-9", (1, 0, 0))"#, "P-9"),
        (
            r#"Spin("speed")"#,
            r#"Slides("P-1", (0, 0, 1))"#,
            "Position",
        ),
        (
            r#"Spin("speed")"#,
            r#"Spins("P-1", (0, 0, 0))"#,
            "no direction",
        ),
        (
            r#"Position("speed")"#,
            r#"Turns("P-1", (0, 0, 1), 9999)"#,
            "degrees",
        ),
        (
            r#"Spin("speed")"#,
            r#"Spins("P-1", (1, 0, 0)), Spins("P-1", (0, 1, 0))"#,
            "twice",
        ),
    ] {
        let error = open(drives, moves).err().expect("a mistake");
        assert!(error.contains(expected), "{expected} in {error}");
    }
}

#[test]
fn buffers_may_lie_in_the_file_itself() {
    let read_with = |uri: &str| {
        let root = json!({
            "asset": {"version": "2.0"},
            "scene": 0, "scenes": [{"nodes": [0]}],
            "nodes": [{"name": "A", "mesh": 0}],
            "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}]}],
            "buffers": [{"byteLength": 36, "uri": uri}],
            "bufferViews": [{"buffer": 0, "byteLength": 36}],
            "accessors": [{"bufferView": 0, "componentType": 5126, "count": 3, "type": "VEC3",
                "min": [0.0, 0.0, 0.0], "max": [1.0, 1.0, 1.0]}],
        });
        read(root.to_string().as_bytes())
    };
    // (0, 0, 0), (1, 0, 0), (0, 1, 0) as little-endian floats, by another program.
    let kind = "data:application/octet-stream;base64,";
    let text = "AAAAAAAAAAAAAAAAAACAPwAAAAAAAAAAAAAAAAAAgD8AAAAA";
    let drawing = read_with(&format!("{kind}{text}")).expect("valid");
    let expected = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 1.0, 0.0]];
    assert_eq!(drawing.pieces[0].positions, expected);
    for wrong in [&text[..40], "A", "????", ""] {
        let refused = read_with(&format!("{kind}{wrong}"));
        assert!(matches!(refused, Err(DrawingError::Buffer(_))), "{wrong}");
    }
    assert!(read_with("data:text/plain,hello").is_err());
}

/// Two triangles that share an edge, with colours of vertices in this form, and what follows from
/// the bytes.
fn coloured(component: u32, shape: &str, colours: &[u8], count: usize) -> Vec<u8> {
    let mut root: Value = {
        let whole = glb(&json!([{"name": "P-1", "mesh": 0}]), &[0]);
        let length = u32::from_le_bytes([whole[12], whole[13], whole[14], whole[15]]) as usize;
        serde_json::from_slice(&whole[20..20 + length]).expect("JSON")
    };
    let plain = glb(&json!([{"name": "P-1", "mesh": 0}]), &[0]);
    let data = plain.len() - 60;
    let mut data = plain[data..].to_vec();
    data.extend(colours);
    root["buffers"][0]["byteLength"] = json!(data.len());
    let view = json!({"buffer": 0, "byteOffset": 60, "byteLength": colours.len()});
    root["bufferViews"]
        .as_array_mut()
        .expect("views")
        .push(view);
    let accessor = json!({"bufferView": 2, "componentType": component, "count": count,
        "type": shape, "normalized": component != 5126});
    root["accessors"]
        .as_array_mut()
        .expect("accessors")
        .push(accessor);
    root["meshes"][0]["primitives"][0]["attributes"]["COLOR_0"] = json!(2);
    root["materials"][0]["pbrMetallicRoughness"]["baseColorFactor"] = json!([1.0, 0.4, 1.0, 1.0]);
    wrap(&root, &data)
}

#[test]
fn triangles_have_the_colours_of_their_vertices_times_that_of_the_material() {
    // Linear red, and in the fourth corner linear green.
    let floats: Vec<u8> = [
        [1.0, 0.0, 0.0],
        [1.0, 0.0, 0.0],
        [1.0, 0.0, 0.0],
        [0.0, 1.0, 0.0_f32],
    ]
    .iter()
    .flatten()
    .flat_map(|channel| channel.to_le_bytes())
    .collect();
    let words: Vec<u8> = [
        [65_535, 0, 0, 9],
        [65_535, 0, 0, 9],
        [65_535, 0, 0, 9],
        [0, 65_535, 0, 9_u16],
    ]
    .iter()
    .flatten()
    .flat_map(|channel| channel.to_le_bytes())
    .collect();
    let bytes = [
        [255, 0, 0, 9],
        [255, 0, 0, 9],
        [255, 0, 0, 9],
        [0, 255, 0, 9_u8],
    ]
    .concat();
    // sRGB by IEC 61966-2-1: 2/3 is 213.18, 1/3 x 0.4 is 102.17 of 255.
    let mixed = [213, 102, 0];
    for file in [
        coloured(5126, "VEC3", &floats, 4),
        coloured(5123, "VEC4", &words, 4),
        coloured(5121, "VEC4", &bytes, 4),
    ] {
        let drawing = read(&file).expect("a drawing");
        let piece = &drawing.pieces[0];
        let colours: Vec<_> = piece
            .triangles
            .iter()
            .map(|triangle| triangle.map(|index| piece.colours[index as usize]))
            .collect();
        assert_eq!(colours, [[[255, 0, 0]; 3], [mixed; 3]]);
        assert_eq!(piece.positions.len(), 6, "what they share is there twice");
        let at = |triangle: usize| piece.triangles[triangle].map(|at| piece.positions[at as usize]);
        assert_eq!(at(0), [[0.0, 0.0, 0.0], [2.0, 0.0, 0.0], [2.0, 1.0, 0.0]]);
        assert_eq!(at(1), [[0.0, 0.0, 0.0], [2.0, 1.0, 0.0], [0.0, 1.0, 0.0]]);
    }
    for wrong in [
        coloured(5121, "VEC4", &bytes[..12], 3),
        coloured(5121, "SCALAR", &bytes, 4),
        coloured(5121, "VEC4", &bytes[..8], 4),
    ] {
        let error = read(&wrong).expect_err("refused");
        assert!(matches!(error, DrawingError::Invalid(_)), "{error}");
    }
}

#[test]
fn what_is_passed_over_is_told() {
    assert!(read(&two_pumps()).expect("a drawing").unread.is_empty());
    let bytes = two_pumps();
    let length = u32::from_le_bytes([bytes[12], bytes[13], bytes[14], bytes[15]]) as usize;
    let mut root: Value = serde_json::from_slice(&bytes[20..20 + length]).expect("JSON");
    root["animations"] = json!([
        {"channels": [{"sampler": 0, "target": {"node": 1, "path": "rotation"}}],
         "samplers": [{"input": 0, "output": 0}]},
        {"channels": [{"sampler": 0, "target": {"node": 2, "path": "rotation"}}],
         "samplers": [{"input": 0, "output": 0}]},
    ]);
    root["skins"] = json!([{"joints": [1]}]);
    let primitives = root["meshes"][0]["primitives"]
        .as_array_mut()
        .expect("some");
    primitives[0]["targets"] = json!([{"POSITION": 0}]);
    primitives.push(json!({"attributes": {"POSITION": 0}, "mode": 1}));
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(
        folder.path().join("hall.glb"),
        wrap(&root, &bytes[bytes.len() - 60..]),
    )
    .expect("written");
    let scene = r#"Scene(format: 1, name: "Hall", types: {"pump": (shape: Pump, drawing: "hall.glb")},
        assets: [(tag: "P-1", type: "pump")])"#;
    let file = folder.path().join("scene.ron");
    fs::write(&file, scene).expect("written");
    let opened = session::open(&file).expect("it opens");
    let told: Vec<_> = session::unread_of(&opened.scene, &opened.drawings).collect();
    let [(file, unread)] = &told[..] else {
        panic!("{told:?}");
    };
    assert_eq!(*file, "hall.glb");
    assert_eq!(
        *unread,
        [
            "2 animations",
            "1 skin",
            "1 mesh with morph targets",
            "1 mesh of lines, points, strips or fans"
        ]
    );
}
