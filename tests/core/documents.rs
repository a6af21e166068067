//! Documents of assets: from the scene's text to what a viewer is given.

use std::fs;
use std::path::Path;

use parallax::scene::{Document, DocumentPlace, Scene};
use parallax::session::{self, Opened, document_target, lost_documents};

use super::scenes;

/// A scene whose type and whose asset have documents, on lines 5 and 8.
fn text(of_type: &str, own: &str) -> String {
    format!(
        r#"Scene(
    format: 1,
    name: "Pumps",
    types: {{
        "pump": (shape: Pump, documents: [{of_type}]),
    }},
    assets: [
        (tag: "P-1", type: "pump", documents: [{own}]),
        (tag: "P-2", type: "pump"),
    ],
)"#
    )
}

const MANUAL: &str = r#"(title: "Manual", file: "docs/pump.md")"#;
const MAKER: &str = r#"(title: "Maker", url: "https://pumps.example.org/p?1")"#;

fn open(folder: &Path, of_type: &str, own: &str) -> Result<Opened, String> {
    fs::write(folder.join("scene.ron"), text(of_type, own)).expect("written");
    session::open(folder).map_err(|error| error.to_string())
}

/// A folder with a manual of 1500 bytes in it.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    fs::create_dir(folder.path().join("docs")).expect("made");
    fs::write(folder.path().join("docs/pump.md"), "x".repeat(1_500)).expect("written");
    folder
}

fn titles(scene: &Scene, tag: &str) -> Vec<String> {
    let asset = scene.asset(scene.find_asset(tag).expect("an asset"));
    let documents = asset.documents.iter();
    let each = documents.map(|index| &scene.documents[index.index()]);
    each.map(|document| format!("{}: {}", document.title, document.story()))
        .collect()
}

#[test]
fn an_asset_has_its_own_documents_and_those_of_its_type() {
    let folder = folder();
    let opened = open(folder.path(), MANUAL, MAKER).expect("a sound scene");
    let manual = "Manual: Markdown, 1.5 kB";
    assert_eq!(
        titles(&opened.scene, "P-1"),
        ["Maker: Web page, pumps.example.org", manual]
    );
    assert_eq!(titles(&opened.scene, "P-2"), [manual]);
    assert_eq!(lost_documents(&opened), []);
}

#[test]
fn a_viewer_is_given_an_absolute_path_or_the_address() {
    let folder = folder();
    let opened = open(folder.path(), MANUAL, MAKER).expect("a sound scene");
    let target = |place: usize| {
        let document = &opened.scene.documents[place];
        document_target(document, folder.path()).expect("it is there")
    };
    let whole = folder.path().canonicalize().expect("a folder");
    assert_eq!(target(0), whole.join("docs/pump.md"));
    assert_eq!(target(1), "https://pumps.example.org/p?1");
}

#[track_caller]
fn check_refused(document: &str, says: &str) {
    let folder = folder();
    for (of_type, own, line) in [(document, "", 5), ("", document, 8)] {
        let told = open(folder.path(), of_type, own).err();
        let told = told.unwrap_or_else(|| panic!("{document} was taken"));
        assert!(told.contains(&format!("scene.ron:{line}: ")), "{told}");
        assert!(told.contains(says), "`{says}` is not in:\n{told}");
    }
}

#[test]
fn nothing_leads_out_of_the_folder_or_to_what_could_be_run() {
    for file in ["../pump.md", "/etc/hosts.txt", "docs/../../pump.md", ""] {
        let document = format!(r#"(title: "A", file: "{file}")"#);
        check_refused(&document, "is not in the folder of the scene");
    }
    for file in [
        "docs/start.sh",
        "docs/pump.desktop",
        "docs/page.html",
        "docs/README",
    ] {
        let document = format!(r#"(title: "A", file: "{file}")"#);
        check_refused(&document, "no document that is only looked at");
    }
    for url in [
        "http://example.org",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://me:secret@example.org/",
        "https://example.org/ --help",
        "-h",
    ] {
        let document = format!(r#"(title: "A", url: "{url}")"#);
        check_refused(&document, "is no address of a page");
    }
    check_refused(r#"(title: "A")"#, "nowhere");
    check_refused(r#"(title: " ", file: "a.md")"#, "title of the document");
    check_refused(
        r#"(title: "A", file: "a.md", url: "https://example.org")"#,
        "a file and a url",
    );
    check_refused(
        r#"(title: "A", file: "a.md"), (title: "A", file: "b.md")"#,
        "`A` stands twice",
    );
}

#[test]
fn a_missing_file_keeps_nobody_from_the_plant_and_is_told_with_its_line() {
    let folder = folder();
    fs::create_dir(folder.path().join("docs/folder.md")).expect("made");
    let gone = r#"(title: "Gone", file: "docs/gone.pdf")"#;
    let odd = r#"(title: "Odd", file: "docs/folder.md")"#;
    let opened = open(folder.path(), gone, odd).expect("the plant is shown");
    assert_eq!(
        titles(&opened.scene, "P-1"),
        ["Odd: Markdown, not found", "Gone: PDF, not found"]
    );
    let lost: Vec<_> = lost_documents(&opened)
        .into_iter()
        .map(|problem| (problem.line, problem.message))
        .collect();
    assert_eq!(lost.len(), 2, "{lost:?}");
    assert_eq!(lost[0].0, Some(5));
    assert!(
        lost[0].1.contains("`docs/gone.pdf` cannot be read"),
        "{lost:?}"
    );
    assert_eq!(lost[1], (Some(8), "`docs/folder.md` is no file".to_owned()));
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_out_later_is_not_followed() {
    let folder = folder();
    let opened = open(folder.path(), MANUAL, "").expect("a sound scene");
    let outside = tempfile::NamedTempFile::new().expect("a temporary file");
    let manual = folder.path().join("docs/pump.md");
    fs::remove_file(&manual).expect("removed");
    std::os::unix::fs::symlink(outside.path(), &manual).expect("a link");
    let document: &Document = &opened.scene.documents[0];
    let told = document_target(document, folder.path()).expect_err("it leads out");
    assert!(
        told.to_string().contains("not in the scene's folder"),
        "{told}"
    );
}

#[cfg(unix)]
#[test]
fn a_link_to_what_could_be_run_is_not_followed() {
    let folder = folder();
    let starter = folder.path().join("docs/start.desktop");
    fs::write(&starter, "[Desktop Entry]").expect("written");
    std::os::unix::fs::symlink(&starter, folder.path().join("docs/start.md")).expect("a link");
    let linked = r#"(title: "Start", file: "docs/start.md")"#;
    let opened = open(folder.path(), linked, "").expect("the plant is shown");
    let document = &opened.scene.documents[0];
    let told = document_target(document, folder.path()).expect_err("it could be run");
    assert!(told.to_string().contains("no document"), "{told}");
    assert_eq!(lost_documents(&opened).len(), 1);
}

#[test]
fn the_shipped_documents_are_there() {
    for name in ["waterworks", "factory"] {
        let opened = scenes::open(name);
        let documents = &opened.scene.documents;
        let files = documents.iter().filter(|document| {
            let file = matches!(document.place, DocumentPlace::File { .. });
            file && document.is_there()
        });
        assert!(files.count() >= 2, "{name}");
        assert_eq!(lost_documents(&opened), [], "{name}");
    }
}
