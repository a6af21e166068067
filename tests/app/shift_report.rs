//! The report of a shift as the window asks for it.

use std::fs;
use std::path::Path;
use std::time::Duration;

use parallax::app::action::{Action, Named};
use parallax::app::notices::Tell;
use parallax::app::recording::Store;
use parallax::session::{Recording, StorePlan};
use parallax::signal::{Sample, SignalId};

use bevy::prelude::Messages;

use super::twin::{Twin, secs, tanks};

fn told(twin: &Twin) -> Vec<String> {
    let tells = twin.app.world().resource::<Messages<Tell>>();
    let told = tells.iter_current_update_messages();
    told.map(|tell| format!("{tell:?}")).collect()
}

/// Asks for the report until what `wanted` looks for is in it: what was just written is on the
/// disk a little later.
fn page_with(twin: &mut Twin, file: &Path, wanted: &str) -> String {
    for _ in 0..100 {
        twin.act(Action::WriteShiftReport(file.to_owned()));
        for _ in 0..100 {
            twin.update();
            let page = fs::read_to_string(file).unwrap_or_default();
            if page.contains(wanted) {
                return page;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }
    panic!("no page with {wanted:?}");
}

#[test]
fn the_shift_up_to_the_playhead_is_written_as_a_page() {
    let folder = tempfile::tempdir().expect("a folder");
    let plan = StorePlan {
        place: folder.path().join("store").display().to_string(),
        record: true,
    };
    let mut twin = Twin::of(tanks(3));
    let recording = Recording::start(&twin.scene(), &plan, None);
    let recording = recording.unwrap_or_else(|error| panic!("{error}"));
    twin.app.insert_resource(Store(Some(recording)));
    let level = |at: i64, value: f64| (SignalId(0), Sample::good(secs(at), value));
    twin.send(&[level(0, 5.0), level(100, 9.5), level(200, 9.6)]);
    twin.update();
    twin.act(Action::Named(Named::AcknowledgeFirst));
    let file = folder.path().join("report.html");
    let page = page_with(&mut twin, &file, "still active");
    assert!(page.contains("<td>TK-1</td>"), "{page}");
    assert!(page.contains("operator"), "who acknowledged: {page}");
}

#[test]
fn without_a_store_there_is_nothing_to_report_and_that_is_said() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("report.html");
    let mut twin = Twin::of(tanks(1));
    twin.act(Action::WriteShiftReport(file.clone()));
    let said = told(&twin);
    assert!(
        said.iter()
            .any(|text| text.contains("open the scene with a store")),
        "{said:?}"
    );
    assert!(!file.exists());
}
