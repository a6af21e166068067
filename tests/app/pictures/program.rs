//! The whole program without a display: it draws what a person would see, and says what it saw.

use std::fs;
use std::path::Path;
use std::process::Command;

use parallax::scene::Shape;

/// Width and height, from the header of a PNG (RFC 2083, section 4.1.1).
fn size_of_png(path: &Path) -> (u32, u32) {
    let bytes = fs::read(path).unwrap_or_else(|error| panic!("{error}: {}", path.display()));
    assert_eq!(&bytes[..8], b"\x89PNG\r\n\x1a\n", "{}", path.display());
    let number = |at: usize| u32::from_be_bytes(bytes[at..at + 4].try_into().expect("4 bytes"));
    // A picture of one colour would be far smaller.
    assert!(bytes.len() > 30_000, "{} is all but empty", path.display());
    (number(16), number(20))
}

#[test]
fn a_demo_without_a_display_writes_three_pictures_and_a_summary() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let done = Command::new(env!("CARGO_BIN_EXE_parallax"))
        .args([
            "demo",
            "waterworks",
            "--headless",
            "--for",
            "6s",
            "--past",
            "20min",
        ])
        .args(["--size", "960x600", "--out"])
        .arg(folder.path())
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .expect("the program starts");
    let talk = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(0), "{talk}");
    let pictures =
        ["live.png", "history.png", "simulated.png"].map(|name| folder.path().join(name));
    for picture in &pictures {
        assert_eq!(size_of_png(picture), (960, 600));
    }
    let [live, history, simulated] = pictures.map(|path| fs::read(path).expect("a picture"));
    assert!(
        live != history && history != simulated,
        "modes must look different"
    );

    let text = fs::read_to_string(folder.path().join("summary.json")).expect("summary.json");
    let summary: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let number = |field: &str| {
        summary[field]
            .as_u64()
            .unwrap_or_else(|| panic!("{field}: {text}"))
    };
    assert_eq!(summary["scene"], "Waterworks");
    assert!(number("signals_total") > 150, "{text}");
    assert!(
        number("signals_good") * 10 >= number("signals_total") * 9,
        "{text}"
    );
    assert!(
        number("messages_received") > 100 && number("samples_received") > 10_000,
        "{text}"
    );
    assert_eq!(number("samples_rejected"), 0, "{text}");
    assert_eq!(summary["run"]["horizon_s"], 86_400.0, "{text}");
    assert!(
        summary["run"]["members"]
            .as_u64()
            .is_some_and(|members| members > 1),
        "{text}"
    );
    let told: serde_json::Value = serde_json::from_slice(&done.stdout).expect("JSON on stdout");
    assert_eq!(told, summary, "stdout is data");
}

#[test]
fn a_snapshot_of_an_unknown_bookmark_names_the_known_ones() {
    let done = Command::new(env!("CARGO_BIN_EXE_parallax"))
        .args([
            "snapshot",
            "waterworks",
            "--bookmark",
            "Nowhere",
            "--past",
            "1min",
        ])
        .args(["--out", "/tmp/never-written.png"])
        .output()
        .expect("the program starts");
    assert_eq!(done.status.code(), Some(2));
    let talk = String::from_utf8_lossy(&done.stderr);
    assert!(
        talk.contains("no bookmark `Nowhere`") && talk.contains("Overview"),
        "{talk}"
    );
}

fn parallax(args: &[&str]) -> (Option<i32>, String) {
    let done = Command::new(env!("CARGO_BIN_EXE_parallax"))
        .args(args)
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .expect("the program starts");
    let talk = String::from_utf8_lossy(&done.stderr).into_owned();
    (done.status.code(), talk)
}

/// A tank that nothing fills and nobody watches, and a story of it.
const STILL: &str = r#"Scene(format: 1, name: "Still", types: {"tank": (shape: Tank, size: (6, 6, 8))},
    assets: [(tag: "TK-1", type: "tank"), (tag: "TK-2", type: "tank", at: (12, 3, 0))],
    bookmarks: [(name: "Near", eye: (0, -20, 8), focus: (0, 0, 3))],
    stories: [(name: "Two tanks", steps: [
        (caption: "Two tanks.", bookmark: "Near"),
        (caption: "This is the second.", select: "TK-2", xray: true),
    ])])"#;

fn still() -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let scene = folder.path().join("scene.ron");
    fs::write(&scene, STILL).expect("written");
    let scene = scene.to_string_lossy().into_owned();
    (folder, scene)
}

fn pixels(path: &Path) -> image::RgbaImage {
    let picture = image::open(path).unwrap_or_else(|error| panic!("{error}: {}", path.display()));
    picture.to_rgba8()
}

#[test]
fn a_turntable_is_the_same_each_time_and_turns() {
    let (folder, scene) = still();
    let rows: Vec<Vec<Vec<u8>>> = ["one", "two"]
        .map(|name| {
            let out = folder.path().join(name);
            let text = out.to_string_lossy();
            let (code, talk) = parallax(&[
                "snapshot",
                &scene,
                "--turntable",
                "4",
                "--transparent",
                "--size",
                "320x240",
                "--out",
                &text,
            ]);
            assert_eq!(code, Some(0), "{talk}");
            let frame = |frame| fs::read(out.join(format!("frame-{frame:05}.png")));
            (0..4)
                .map(|place| frame(place).expect("a picture"))
                .collect()
        })
        .to_vec();
    assert_eq!(rows[0], rows[1], "the same bytes");
    assert_ne!(rows[0][0], rows[0][1], "it turns");
    let picture = pixels(&folder.path().join("one/frame-00000.png"));
    let clear = picture.pixels().filter(|pixel| pixel.0[3] == 0).count();
    let solid = picture.pixels().filter(|pixel| pixel.0[3] == 255).count();
    let all = (picture.width() * picture.height()) as usize;
    assert!(
        clear > all / 3 && solid > all / 50,
        "{clear} clear, {solid} solid of {all}"
    );
}

#[test]
fn every_step_of_a_story_is_drawn_and_an_unknown_one_is_told() {
    let (folder, scene) = still();
    let out = folder.path().join("story");
    let text = out.to_string_lossy();
    let (code, talk) = parallax(&[
        "snapshot",
        &scene,
        "--story",
        "Two tanks",
        "--view-only",
        "--size",
        "480x320",
        "--out",
        &text,
    ]);
    assert_eq!(code, Some(0), "{talk}");
    let [one, two] = ["step-01.png", "step-02.png"].map(|name| pixels(&out.join(name)));
    assert_ne!(one, two);
    assert!(!out.join("step-03.png").exists());
    let (code, talk) = parallax(&["snapshot", &scene, "--story", "Two tank", "--out", &text]);
    assert_eq!(code, Some(2));
    assert!(talk.contains("Two tanks"), "{talk}");
}

#[test]
fn the_sheet_shows_every_shape() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let out = folder.path().join("shapes.png");
    let (code, talk) = parallax(&[
        "snapshot",
        "--shapes",
        "--present",
        "--out",
        &out.to_string_lossy(),
    ]);
    assert_eq!(code, Some(0), "{talk}");
    let sheet = pixels(&out);
    let (columns, tile) = (9, (sheet.width() / 9, 144));
    for (place, shape) in (0..).zip(Shape::ALL.iter().filter(|shape| **shape != Shape::Unseen)) {
        let (x, y) = (place % columns * tile.0, place / columns * tile.1);
        // The ground of Present is green, in light and in shade; the caption lies below.
        let is_ground =
            |[red, green, blue, _]: [u8; 4]| green >= red && green.saturating_sub(blue) > 12;
        let drawn = (x..x + tile.0)
            .flat_map(|x| (y..y + tile.1 * 4 / 5).map(move |y| (x, y)))
            .filter(|&(x, y)| !is_ground(sheet.get_pixel(x, y).0))
            .count();
        let least = match shape {
            // Thin, or of the colour of the ground.
            Shape::Tree | Shape::PowerPole | Shape::StreetLamp => 20,
            _ => 250,
        };
        assert!(drawn > least, "{shape:?}: {drawn} pixels");
    }
}

#[test]
fn a_scene_without_models_cannot_be_a_demo() {
    let done = Command::new(env!("CARGO_BIN_EXE_parallax"))
        .args(["demo", "pump-rig", "--headless", "--for", "1s"])
        .output()
        .expect("the program starts");
    assert_eq!(done.status.code(), Some(2));
    let talk = String::from_utf8_lossy(&done.stderr);
    assert!(talk.contains("use `open` or `replay`"), "{talk}");
}
