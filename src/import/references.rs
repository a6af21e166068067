//! Numbers in a glTF file that name something else in it: each must be there, and nodes a tree,
//! before the reader of the structure follows them. It does so unchecked in places.

use serde_json::Value;

/// Where references stand, and the list that they point into. `*` is any item.
const REFERENCES: [(&str, &str); 25] = [
    ("scene", "scenes"),
    ("scenes/*/nodes/*", "nodes"),
    ("nodes/*/children/*", "nodes"),
    ("nodes/*/mesh", "meshes"),
    ("nodes/*/skin", "skins"),
    ("nodes/*/camera", "cameras"),
    ("meshes/*/primitives/*/attributes/*", "accessors"),
    ("meshes/*/primitives/*/targets/*/*", "accessors"),
    ("meshes/*/primitives/*/indices", "accessors"),
    ("meshes/*/primitives/*/material", "materials"),
    ("accessors/*/bufferView", "bufferViews"),
    ("accessors/*/sparse/indices/bufferView", "bufferViews"),
    ("accessors/*/sparse/values/bufferView", "bufferViews"),
    ("bufferViews/*/buffer", "buffers"),
    ("animations/*/channels/*/target/node", "nodes"),
    ("animations/*/samplers/*/input", "accessors"),
    ("animations/*/samplers/*/output", "accessors"),
    ("skins/*/joints/*", "nodes"),
    ("skins/*/skeleton", "nodes"),
    ("skins/*/inverseBindMatrices", "accessors"),
    ("images/*/bufferView", "bufferViews"),
    ("textures/*/source", "images"),
    ("textures/*/sampler", "samplers"),
    ("materials/*/*/index", "textures"),
    ("materials/*/pbrMetallicRoughness/*/index", "textures"),
];

/// Refuses a file in which a reference leads nowhere or nodes are no tree, with the reason.
pub(super) fn check(bytes: &[u8]) -> Result<(), String> {
    let text = text_of(bytes).ok_or("its first chunk is torn")?;
    let root: Value = serde_json::from_slice(text).map_err(|error| error.to_string())?;
    for (path, list) in REFERENCES {
        let count = length(&root[list]);
        let steps: Vec<&str> = path.split('/').collect();
        follow(&root, &steps, &mut |found| check_one(found, path, count))?;
    }
    // A channel's sampler is one of its own animation.
    for animation in root["animations"].as_array().into_iter().flatten() {
        let count = length(&animation["samplers"]);
        let path = "animations/*/channels/*/sampler";
        follow(animation, &["channels", "*", "sampler"], &mut |found| {
            check_one(found, path, count)
        })?;
    }
    // Nodes that hang on two others could be shown without end.
    let mut hang = vec![false; length(&root["nodes"])];
    follow(&root, &["nodes", "*", "children", "*"], &mut |found| {
        let place = index(found).filter(|&place| place < hang.len());
        match place.map(|place| std::mem::replace(&mut hang[place], true)) {
            Some(false) => Ok(()),
            _ => Err(format!(
                "the node {found} hangs on two nodes; nodes must be a tree"
            )),
        }
    })
}

/// The JSON of a `.gltf`, or that of the first chunk of a `.glb`.
fn text_of(bytes: &[u8]) -> Option<&[u8]> {
    if !bytes.starts_with(b"glTF") {
        return Some(bytes);
    }
    let length = bytes.get(12..16)?;
    let length = u32::from_le_bytes(length.try_into().ok()?) as usize;
    bytes.get(20..)?.get(..length)
}

fn index(found: &Value) -> Option<usize> {
    usize::try_from(found.as_u64()?).ok()
}

fn length(list: &Value) -> usize {
    list.as_array().map_or(0, Vec::len)
}

fn check_one(found: &Value, path: &str, count: usize) -> Result<(), String> {
    if index(found).is_some_and(|index| index < count) {
        return Ok(());
    }
    Err(format!(
        "{found} at {path} names nothing: there are {count}"
    ))
}

/// Gives `check` everything that stands at `steps` below `value`.
fn follow(
    value: &Value,
    steps: &[&str],
    check: &mut impl FnMut(&Value) -> Result<(), String>,
) -> Result<(), String> {
    let Some((step, rest)) = steps.split_first() else {
        return check(value);
    };
    match (value, *step) {
        (Value::Array(items), "*") => items.iter().try_for_each(|item| follow(item, rest, check)),
        (Value::Object(items), "*") => {
            let mut items = items.values();
            items.try_for_each(|item| follow(item, rest, check))
        }
        (Value::Object(items), key) => match items.get(key) {
            Some(item) => follow(item, rest, check),
            None => Ok(()),
        },
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_names_nothing_is_refused_before_it_is_followed() {
        let told = |root: Value| check(root.to_string().as_bytes()).err().unwrap_or_default();
        let primitive = |attributes: Value| json!({"accessors": [{}], "meshes": [{"primitives": [{"attributes": attributes}]}]});
        assert_eq!(told(primitive(json!({"POSITION": 0}))), "");
        assert!(told(primitive(json!({"POSITION": 1}))).contains("1 at meshes/*/primitives/*"));
        assert!(told(primitive(json!({"NORMAL": -1}))).contains("names nothing"));
        let target = json!({"animations": [{"channels": [{"sampler": 0, "target": {"node": 5}}]}]});
        assert!(told(target).contains("target/node"));
        assert!(told(json!({"scene": 0})).contains("scene"));
    }

    #[test]
    fn nodes_must_be_a_tree() {
        let nodes = |children: [&[usize]; 3]| {
            let nodes = children.map(|children| json!({"children": children}));
            check(json!({"nodes": nodes}).to_string().as_bytes())
        };
        assert_eq!(nodes([&[1], &[2], &[]]), Ok(()));
        assert!(nodes([&[1, 1], &[], &[]]).is_err());
        assert!(nodes([&[2], &[2], &[]]).is_err());
    }

    #[test]
    fn the_first_chunk_of_a_container_is_read() {
        let mut bytes = b"glTF\x02\0\0\0\0\0\0\0".to_vec();
        let text = br#"{"scene": 0}"#;
        bytes.extend((text.len() as u32).to_le_bytes());
        bytes.extend(b"JSON");
        bytes.extend(text);
        let told = check(&bytes).expect_err("no scene");
        assert!(told.contains("scene"), "{told}");
        for end in 4..bytes.len() {
            assert!(check(&bytes[..end]).is_err(), "cut at {end}");
        }
    }
}
