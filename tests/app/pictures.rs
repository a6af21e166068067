//! The whole program without a display: it draws what a person would see, and says what it saw.

use std::fs;
use std::path::Path;
use std::process::Command;

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
