//! Scene text in, scene or problems out.

mod edge_mistakes;
mod hostile;
mod plant_mistakes;
mod pump_rig;
mod reading;

use parallax::problem::Problem;
use parallax::scene::{self, Scene};

/// A small plant in which every part of the format occurs once.
const PLANT: &str = include_str!("plant.ron");

fn plant() -> Scene {
    scene::parse(PLANT).unwrap_or_else(|problems| panic!("{}", listed(&problems)))
}

fn listed(problems: &[Problem]) -> String {
    let lines: Vec<_> = problems
        .iter()
        .map(|problem| problem.located("plant").to_string())
        .collect();
    lines.join("\n")
}

/// Replaces `part` of the plant by `broken`, and expects one problem, on the line where
/// the part begins, whose text (message and hint) holds every text in `says`.
#[track_caller]
fn check(part: &str, broken: &str, says: &[&str]) {
    let begins = PLANT.find(part).expect("a part of the plant");
    let line = PLANT[..begins].matches('\n').count() + 1;
    check_line(line, part, broken, says);
}

/// The same where the problem stands on the line that holds `marker`.
#[track_caller]
fn check_on(marker: &str, part: &str, broken: &str, says: &[&str]) {
    let text = PLANT.replacen(part, broken, 1);
    let begins = text.find(marker).expect("a part of the broken plant");
    let line = text[..begins].matches('\n').count() + 1;
    check_line(line, part, broken, says);
}

#[track_caller]
fn check_line(line: usize, part: &str, broken: &str, says: &[&str]) {
    assert_eq!(PLANT.matches(part).count(), 1, "`{part}` is not unique");
    let problems = scene::parse(&PLANT.replacen(part, broken, 1)).expect_err("a broken scene");
    let shown = listed(&problems);
    assert_eq!(problems.len(), 1, "{shown}");
    for words in says {
        assert!(shown.contains(words), "`{words}` is not in:\n{shown}");
    }
    assert_eq!(problems[0].line, Some(line as u32), "{shown}");
}
