//! Stories that are kept in a file beside a scene.

use std::fs;
use std::time::Duration;

use parallax::files::{keep_stories, kept_stories};
use parallax::scene::{AssetIndex, Story, StoryShown, StoryStep, StoryTime, StoryView};
use parallax::session;

const SCENE: &str = r#"Scene(format: 1, name: "Yard", // as it is
    types: {"tank": (shape: Tank, size: (6, 6, 8), signals: [(name: "level", unit: "m", range: (0, 8))])},
    storeys: [(name: "Ground", at: 0), (name: "Roof", at: 8)],
    assets: [(tag: "TK-1", type: "tank")],
    scenarios: [(name: "Dry", horizon: "6h")],
    bookmarks: [(name: "Home", eye: (9, -9, 9), focus: (0, 0, 1))],
    stories: [(name: "Own", steps: [(caption: "Here it is", bookmark: "Home")])],
)"#;

fn step(caption: &str, time: StoryTime) -> StoryStep {
    StoryStep {
        caption: caption.to_owned(),
        bookmark: None,
        view: None,
        second_view: None,
        select: None,
        heat: None,
        xray: false,
        section: None,
        shown: StoryShown::default(),
        time,
    }
}

#[test]
fn kept_stories_are_read_with_the_scene_whose_file_stays_as_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("scene.ron");
    fs::write(&file, SCENE).expect("written");
    let open = || session::open(folder.path()).expect("a scene").scene;
    let scene = open();
    let ahead = StoryTime::Ahead {
        scenario: "Dry".to_owned(),
        ahead: Duration::from_secs(5_400),
    };
    let mine = Story {
        name: "Mine \"so far\"".to_owned(),
        hold: Duration::from_secs(9),
        steps: vec![
            StoryStep {
                view: Some(StoryView {
                    eye: [12.5, -7.0, 6.25],
                    focus: [0.0, 0.0, 1.0],
                    plan: true,
                }),
                second_view: Some(StoryView {
                    eye: [0.5, 0.5, 30.0],
                    focus: [0.0, 0.5, 2.0],
                    plan: false,
                }),
                select: Some(AssetIndex(0)),
                heat: Some("level".to_owned()),
                xray: true,
                section: Some(([-4.0, -4.0, 0.0], [4.0, 0.5, 9.0])),
                shown: StoryShown {
                    hidden: [AssetIndex(0)].into(),
                    alone: [AssetIndex(0)].into(),
                    layers_off: [0].into(),
                    storeys_off: [1].into(),
                    ground_off: true,
                    spread: 4.5,
                },
                ..step("Cut open; it says \"full\"", ahead)
            },
            StoryStep {
                bookmark: Some(0),
                ..step("Home", StoryTime::Back(Duration::from_secs(90)))
            },
        ],
        kept: true,
    };
    keep_stories(&file, &scene, &[&mine]).expect("kept");
    let again = open();
    assert_eq!(again.stories.len(), 2);
    assert_eq!(again.stories[1], mine);
    assert!(!again.stories[0].kept);
    assert_eq!(fs::read_to_string(&file).expect("there"), SCENE);

    // One of the name of the scene's own takes its place.
    let own = Story {
        name: "Own".to_owned(),
        ..mine.clone()
    };
    keep_stories(&file, &scene, &[&own, &mine]).expect("kept");
    let names: Vec<_> = open().stories.iter().map(|one| one.kept).collect();
    assert_eq!(names, [true, true]);
}

#[test]
fn a_mistake_in_the_file_is_told_with_its_line() {
    let check = |text: &str, expected: &[&str]| {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("scene.ron");
        fs::write(&file, SCENE).expect("written");
        fs::write(kept_stories(&file), text).expect("written");
        let error = session::open(folder.path()).err().expect("a wrong file");
        let error = error.to_string();
        for part in expected {
            assert!(error.contains(part), "{part} in {error}");
        }
    };
    check("(format: 9, stories: [])", &["stories.ron", "newer"]);
    check(
        "(format: 1, stories: [\n(name: \"X\", steps: [\n(caption: \"a\", select: \"TK-9\")])])",
        &["stories.ron:3", "TK-9"],
    );
    check(
        "(format: 1, stories: [(name: \"X\", steps: [(caption: \"a\", bookmark: \"Home\",\n\
         view: (eye: (1, 1, 1), focus: (1, 1, 1)))])])",
        &["stories.ron:2", "two views", "stands where it looks"],
    );
    check(
        "(format: 1, stories: [(name: \"X\", steps: [(caption: \"a\",\n\
         second_view: (eye: (1, 1, 1), focus: (1, 1, 1)))])])",
        &["stories.ron:2", "stands where it looks"],
    );
    check(
        "(format: 1, stories: [(name: \"X\", steps: [(caption: \"a\",\n\
         section: (low: (0, 0, 0), high: (1, 0, 1)))])])",
        &["stories.ron:2", "nothing is left"],
    );
    check(
        "(format: 1, stories: [(name: \"X\", steps: [(caption: \"a\",\n\
         hide: [\"TK-2\"], without_layers: [\"Tonk\"], without_storeys: [\"Rof\"], spread: 99)])])",
        &["stories.ron:2", "TK-2", "Tonk", "Rof", "Roof", "99 m apart"],
    );
    check(
        "(format: 1, stories: [(name: \"X\", steps: [(caption: \"a\",\n\
         scenario: \"Dry\", ahead: \"7h\")])])",
        &["stories.ron:2", "does not reach"],
    );
}
