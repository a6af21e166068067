//! Documents of assets: found in the inspector and in the palette, opened by the desktop, and by
//! nobody from a kiosk.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

use egui_kittest::kittest::{NodeT, Queryable};
use parallax::app::action::{Action, Named};
use parallax::app::documents::DocumentViewer;
use parallax::app::who::Who;
use parallax::scene::{AssetIndex, DocumentIndex};
use parallax::session::{self, Opened};

use super::panels::{Screen, check_texts, draw};
use super::plant::Stage;
use super::twin::Twin;

const SCENE: &str = r#"Scene(
    format: 1,
    name: "Pumps",
    types: {
        "pump": (label: "Pump", shape: Pump, documents: [
            (title: "Manual", file: "manual.md"),
            (title: "Maker", url: "https://pumps.example.org/"),
        ]),
        "tank": (label: "Tank", shape: Tank),
    },
    assets: [
        (tag: "P-1", type: "pump", documents: [(title: "Test report", file: "gone.pdf")]),
        (tag: "TK-1", type: "tank", at: (5, 0, 0)),
    ],
)"#;

fn open(folder: &Path) -> Opened {
    fs::write(folder.join("scene.ron"), SCENE).expect("written");
    fs::write(folder.join("manual.md"), "Turn it on.").expect("written");
    session::open(folder).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn the_inspector_lists_documents_with_kind_and_size_and_opens_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut stage = Stage::of(open(folder.path()));
    stage.select("P-1");
    let mut harness = draw(&stage, Screen::default());
    check_texts(
        &harness,
        &[
            "DOCUMENTS",
            "Test report",
            "PDF, not found",
            "Manual",
            "Markdown, 11 B",
            "Maker",
            "Web page, pumps.example.org",
        ],
    );
    let gone = harness.get_by_label("Test report");
    assert!(gone.accesskit_node().is_disabled(), "it cannot be opened");
    gone.click();
    harness.run();
    assert_eq!(harness.state().actions, []);
    harness.get_by_label("Manual").click();
    harness.run();
    let manual = Action::OpenDocument(DocumentIndex(0));
    assert_eq!(harness.state().actions, [manual]);
}

#[test]
fn an_asset_without_documents_says_nothing_of_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut stage = Stage::of(open(folder.path()));
    stage.select("TK-1");
    let harness = draw(&stage, Screen::default());
    assert_eq!(harness.query_all_by_label("DOCUMENTS").count(), 0);
    let twin = stage.twin();
    assert!(Named::OpenDocument.allowed(&twin).is_err());
}

#[test]
fn the_palette_offers_what_there_is_to_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut stage = Stage::of(open(folder.path()));
    stage.select("P-1");
    let mut screen = Screen::default();
    let show = Action::Named(Named::ShowPalette);
    screen.panels.follow(&show, &stage.scene);
    let mut harness = draw(&stage, screen);
    let field = harness.get_by_label("Command palette");
    field.type_text("read maker");
    harness.run();
    harness.get_by_label("Read Maker").click();
    harness.run();
    let maker = Action::OpenDocument(DocumentIndex(1));
    assert_eq!(harness.state().actions, [maker]);
}

/// A twin, and what its desktop was given to show.
struct Desk {
    twin: Twin,
    shown: Arc<Mutex<Vec<OsString>>>,
}

impl Desk {
    fn at(folder: &Path) -> Self {
        let mut twin = Twin::opened(open(folder));
        let shown = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&shown);
        let viewer = DocumentViewer::of(move |target| {
            seen.lock().expect("not poisoned").push(target.to_owned());
            Ok(None)
        });
        twin.app.insert_resource(viewer);
        Self { twin, shown }
    }

    fn shown(&self) -> Vec<OsString> {
        self.shown.lock().expect("not poisoned").clone()
    }
}

#[test]
fn the_desktop_is_given_the_whole_path_or_the_address() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = Desk::at(folder.path());
    desk.twin.act(Action::OpenDocument(DocumentIndex(0)));
    desk.twin.act(Action::OpenDocument(DocumentIndex(1)));
    desk.twin.act(Action::Select(Some(AssetIndex(0))));
    // The first that is there: its test report is not.
    desk.twin.act(Action::Named(Named::OpenDocument));
    let manual = folder.path().canonicalize().expect("a folder");
    let manual = manual.join("manual.md").into_os_string();
    let maker = OsString::from("https://pumps.example.org/");
    assert_eq!(desk.shown(), [manual.clone(), maker, manual]);
    desk.twin.update();
    assert_eq!(desk.twin.last_notice(), "Manual is being opened");
}

#[test]
fn a_kiosk_opens_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = Desk::at(folder.path());
    let who = desk.twin.app.world().resource::<Who>().clone();
    desk.twin.app.insert_resource(Who { kiosk: true, ..who });
    desk.twin.act(Action::Select(Some(AssetIndex(0))));
    desk.twin.act(Action::OpenDocument(DocumentIndex(0)));
    desk.twin.act(Action::Named(Named::OpenDocument));
    assert_eq!(desk.shown(), Vec::<OsString>::new());
    assert!(desk.twin.last_notice().contains("kiosk"));
}

#[test]
fn what_cannot_be_opened_is_told() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut desk = Desk::at(folder.path());
    desk.twin.act(Action::OpenDocument(DocumentIndex(2)));
    let told = desk.twin.last_notice();
    assert!(told.contains("`gone.pdf` cannot be read"), "{told}");
    desk.twin.act(Action::OpenDocument(DocumentIndex(9)));
    assert_eq!(desk.twin.last_notice(), "This scene has no such document");
    assert_eq!(desk.shown(), Vec::<OsString>::new());
    desk.twin
        .app
        .world_mut()
        .remove_resource::<DocumentViewer>();
    desk.twin.act(Action::OpenDocument(DocumentIndex(0)));
    assert!(desk.twin.last_notice().contains("no desktop"));
}
