//! A short soak: after each cycle of hard work the program holds what it held before.

use std::process::Command;

use serde_json::Value;

#[test]
fn what_a_cycle_of_hard_work_takes_it_gives_back() {
    let done = Command::new(env!("CARGO_BIN_EXE_parallax"))
        .args(["bench", "soak", "--cycles", "1", "--size", "320x200"])
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
        .output()
        .expect("the program starts");
    let talk = String::from_utf8_lossy(&done.stderr);
    let report: Value =
        serde_json::from_slice(&done.stdout).unwrap_or_else(|error| panic!("{error}: {talk}"));
    assert_eq!(report["failures"], Value::Array(Vec::new()), "{report:#}");
    assert_eq!(done.status.code(), Some(0), "{talk}");
    // It was hard work.
    let deed = |name: &str| report["deeds"][name].as_u64().expect("a count");
    assert!(deed("alarms_in_floods") >= 15, "{report:#}");
    assert_eq!(
        [deed("reloads"), deed("runs"), deed("reconnects")],
        [3, 3, 6]
    );
    assert!(
        deed("story_steps") >= 3 && deed("panels") >= 20,
        "{report:#}"
    );
    let base = &report["base"];
    for held in ["entities", "meshes", "images", "materials", "buffers"] {
        assert!(base[held].as_u64() > Some(0), "{held}: {base}");
    }
}
