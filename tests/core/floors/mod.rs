//! The floors of the architecture, kept by reading the sources: what may import what.

mod source;

use std::path::Path;

use source::{Source, names_word, paths_after, source, sources};

/// The modules from the lowest floor up, as `src/lib.rs` and design.md list them.
const FLOORS: &[&[&str]] = &[
    &["problem", "quantile", "time", "units"],
    &["access", "population", "signal"],
    &["history", "models", "scene"],
    &[
        "alarm",
        "command",
        "forecast",
        "import",
        "simulation",
        "timeline",
    ],
    &["cluster", "files", "recording", "telemetry"],
    &["session"],
    &["app", "cli"],
];

/// The floor of threads, sockets and files; below it there are none.
const EDGE: usize = 4;
/// The floor that the edges must not look at: they carry samples and know no reasons.
const REASONING: usize = 3;

/// The floor of a module. A sibling on the same floor is not below.
fn floor_of(module: &str) -> Option<usize> {
    FLOORS.iter().position(|floor| floor.contains(&module))
}

/// The crates that only the app may name.
const WINDOW_CRATES: &[&str] = &[
    "bevy",
    "bevy_egui",
    "egui",
    "egui_dock",
    "egui_extras",
    "egui_phosphor",
    "rfd",
    "wgpu",
];
/// The modules that may ask what time it is.
const CLOCK_READERS: &[&str] = &["cluster", "recording", "telemetry", "session", "app", "cli"];
/// No file has more lines.
const LONGEST: usize = 800;

/// A rule: what one source does that it must not.
type Rule = fn(&Source) -> Vec<String>;

fn has_a_floor(source: &Source) -> Vec<String> {
    let unlisted = source.module().filter(|module| floor_of(module).is_none());
    unlisted
        .map(|module| format!("`{module}` has no floor"))
        .into_iter()
        .collect()
}

fn imports_from_below(source: &Source) -> Vec<String> {
    let Some(module) = source.module() else {
        return Vec::new(); // lib.rs and main.rs stand outside the house
    };
    let floor = floor_of(&module);
    let mut broken = Vec::new();
    for import in source.imports() {
        let used = import.split("::").next().unwrap_or_default();
        let Some(used_floor) = floor_of(used) else {
            continue; // an item at the root of the crate
        };
        if used != module && Some(used_floor) >= floor {
            broken.push(format!("`{module}` imports `{import}`"));
        }
        if floor == Some(EDGE) && used_floor == REASONING {
            broken.push(format!("the edge `{module}` imports `{import}`"));
        }
    }
    broken
}

fn keeps_panels_and_view_apart(source: &Source) -> Vec<String> {
    let mut foreign = Vec::new();
    if source.is_below("app/panels/") {
        foreign.push("view3d");
        if source.name() != "app/panels/mod.rs" {
            foreign.extend(["bevy", "bevy_egui"]);
        }
    }
    if source.is_below("app/view3d/") {
        foreign.push("panels");
    }
    foreign.retain(|word| names_word(&source.code, word));
    let told = foreign.iter().map(|word| format!("names `{word}`"));
    told.collect()
}

fn leaves_the_window_to_the_app(source: &Source) -> Vec<String> {
    if source.is_below("app/") {
        return Vec::new();
    }
    let named = WINDOW_CRATES.iter().flat_map(|window| {
        let paths = paths_after(&source.code, window);
        paths
            .into_iter()
            .map(move |path| format!("names `{window}::{path}`"))
    });
    named.collect()
}

fn leaves_the_clock_to_the_edges(source: &Source) -> Vec<String> {
    let module = source.module();
    if module.is_some_and(|module| CLOCK_READERS.contains(&module.as_str())) {
        return Vec::new();
    }
    ["SystemTime", "Instant"]
        .iter()
        .filter(|clock| {
            let imported = format!("time::{clock}");
            let paths = paths_after(&source.code, "std");
            let imports = paths.iter().any(|path| path.starts_with(&imported));
            imports || source.code.contains(&format!("{clock}::now"))
        })
        .map(|clock| format!("reads `{clock}`"))
        .collect()
}

fn leaves_the_machine_to_the_edges(source: &Source) -> Vec<String> {
    let floor = source.module().and_then(|module| floor_of(&module));
    if floor.is_none_or(|floor| floor >= EDGE) {
        return Vec::new();
    }
    let mut paths = paths_after(&source.code, "std");
    paths.retain(|path| {
        let part = path.split("::").next().unwrap_or_default();
        matches!(part, "thread" | "fs" | "net" | "process" | "env")
    });
    let told = paths.iter().map(|path| format!("uses `std::{path}`"));
    told.collect()
}

fn is_short_and_says_what_it_is(source: &Source) -> Vec<String> {
    let mut broken = Vec::new();
    if source.name() != "main.rs" && !source.text.starts_with("//! ") {
        broken.push("does not open with //!".to_owned());
    }
    let lines = source.text.lines().count();
    if lines > LONGEST {
        broken.push(format!("has {lines} lines, more than {LONGEST}"));
    }
    broken
}

#[track_caller]
fn check(rule: Rule) {
    let mut broken = Vec::new();
    for source in sources() {
        let told = rule(&source);
        broken.extend(
            told.iter()
                .map(|what| format!("src/{}: {what}", source.name())),
        );
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn every_part_of_the_source_has_its_floor() {
    check(has_a_floor);
    let lib = sources()
        .into_iter()
        .find(|source| source.name() == "lib.rs");
    let lib = lib.expect("src/lib.rs").code;
    for module in FLOORS.concat() {
        assert!(
            names_word(&lib, module),
            "lib.rs does not declare `{module}`"
        );
    }
}

#[test]
fn modules_import_only_from_lower_floors() {
    check(imports_from_below);
}

#[test]
fn panels_and_the_3d_view_are_apart() {
    check(keeps_panels_and_view_apart);
}

#[test]
fn only_the_app_names_the_window() {
    check(leaves_the_window_to_the_app);
}

#[test]
fn clocks_are_read_at_the_edges_only() {
    check(leaves_the_clock_to_the_edges);
}

#[test]
fn threads_files_and_sockets_begin_at_the_edges() {
    check(leaves_the_machine_to_the_edges);
}

#[test]
fn files_are_short_and_say_what_they_are() {
    check(is_short_and_says_what_it_is);
}

#[test]
fn no_file_lies_beside_a_folder_of_its_name() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for source in sources() {
        let folder = src.join(&source.path).with_extension("");
        assert!(
            !folder.is_dir(),
            "src/{} belongs into its folder",
            source.name()
        );
    }
}

/// A rule that finds nothing in what breaks it is no rule.
#[track_caller]
fn check_finds(rule: Rule, path: &str, code: &str, found: usize) {
    let told = rule(&source(Path::new(path), format!("//! Doc.\n{code}\n")));
    assert_eq!(told.len(), found, "{path}: {code}: {told:?}");
}

#[test]
fn each_rule_finds_what_breaks_it() {
    check_finds(has_a_floor, "weather/mod.rs", "", 1);
    check_finds(has_a_floor, "time.rs", "", 0);

    check_finds(
        imports_from_below,
        "scene/mod.rs",
        "use crate::history::History;",
        1,
    );
    check_finds(
        imports_from_below,
        "scene/mod.rs",
        "use crate::{time, app::{panels, mode}};",
        2,
    );
    check_finds(
        imports_from_below,
        "scene/spec.rs",
        "use super::super::models::Port;",
        1,
    );
    check_finds(
        imports_from_below,
        "scene/spec.rs",
        "use super::models::Port;",
        0,
    );
    check_finds(
        imports_from_below,
        "scene/mod.rs",
        "use crate::scene::spec; // crate::app",
        0,
    );
    check_finds(
        imports_from_below,
        "files/mod.rs",
        "use crate::alarm::Engine;",
        1,
    );
    check_finds(
        imports_from_below,
        "files/mod.rs",
        "use crate::telemetry::now;",
        1,
    );
    check_finds(
        imports_from_below,
        "session/mod.rs",
        "use crate::{alarm, files};",
        0,
    );
    check_finds(
        imports_from_below,
        "cli/mod.rs",
        "fn f() { crate::app::run() }",
        1,
    );

    let panel = "app/panels/tree.rs";
    check_finds(
        keeps_panels_and_view_apart,
        panel,
        "use bevy::prelude::*;",
        1,
    );
    check_finds(
        keeps_panels_and_view_apart,
        panel,
        "use super::super::view3d::Camera;",
        1,
    );
    check_finds(keeps_panels_and_view_apart, panel, "use egui::Ui;", 0);
    check_finds(
        keeps_panels_and_view_apart,
        "app/panels/mod.rs",
        "use bevy_egui::E;",
        0,
    );
    check_finds(
        keeps_panels_and_view_apart,
        "app/view3d/mod.rs",
        "use crate::app::panels;",
        1,
    );

    check_finds(
        leaves_the_window_to_the_app,
        "cli/mod.rs",
        "fn f() { rfd::FileDialog::new() }",
        1,
    );
    check_finds(
        leaves_the_window_to_the_app,
        "app/mod.rs",
        "use bevy::prelude::*;",
        0,
    );

    check_finds(
        leaves_the_clock_to_the_edges,
        "alarm/mod.rs",
        "use std::time::Instant;",
        1,
    );
    check_finds(
        leaves_the_clock_to_the_edges,
        "time.rs",
        "use std::time::{Duration, SystemTime};",
        1,
    );
    check_finds(
        leaves_the_clock_to_the_edges,
        "time.rs",
        "use std::time::Duration;",
        0,
    );
    check_finds(
        leaves_the_clock_to_the_edges,
        "session/mod.rs",
        "use std::time::Instant;",
        0,
    );

    check_finds(
        leaves_the_machine_to_the_edges,
        "simulation/run.rs",
        "std::thread::spawn(f);",
        1,
    );
    check_finds(
        leaves_the_machine_to_the_edges,
        "files/open.rs",
        "use std::fs;",
        0,
    );

    check_finds(
        is_short_and_says_what_it_is,
        "time.rs",
        &"\n".repeat(LONGEST),
        1,
    );
    let bare = is_short_and_says_what_it_is(&source(Path::new("a.rs"), "use a;\n".to_owned()));
    assert_eq!(bare.len(), 1);
}
