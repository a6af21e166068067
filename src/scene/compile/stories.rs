//! Stories: each step with a view, an instant and an asset that there are.

use std::collections::{BTreeSet, HashSet};

use super::check::{self, quoted};
use super::findings::{Findings, Place};
use super::names::Names;
use super::read;
use crate::problem::{Problem, did_you_mean};
use crate::scene::spec::{StoriesSpec, StorySpec, StoryStepSpec, StoryViewSpec};
use crate::scene::{
    Bookmark, FORMAT_VERSION, Scenario, Scene, Story, StoryShown, StoryStep, StoryTime, StoryView,
};

/// Reads a file of stories about `scene`, or everything that is wrong with it.
pub fn read_stories(text: &str, scene: &Scene) -> Result<Vec<Story>, Vec<Problem>> {
    let spec: StoriesSpec = read::read_as(text).map_err(|problem| vec![problem])?;
    if spec.format != FORMAT_VERSION {
        let (message, hint) = read::foreign_format(spec.format);
        return Err(vec![Problem::new(None, message, hint)]);
    }
    let mut findings = Findings::default();
    let sound = HashSet::new();
    let names = Names::new(scene, &sound);
    let (bookmarks, scenarios) = (&scene.bookmarks, &scene.scenarios);
    let mut stories = compile(&spec.stories, bookmarks, scenarios, &names, &mut findings);
    if findings.count() > 0 {
        return Err(findings.into_problems(text));
    }
    for story in &mut stories {
        story.kept = true;
    }
    let back = scene.origin.map(|side| -side);
    Ok(stories.into_iter().map(|story| story.moved(back)).collect())
}

pub(super) fn compile(
    specs: &[StorySpec],
    bookmarks: &[Bookmark],
    scenarios: &[Scenario],
    names: &Names<'_>,
    findings: &mut Findings,
) -> Vec<Story> {
    let root = Place::Scene;
    let list = root.key("stories");
    let titles = specs.iter().map(|spec| spec.name.as_str());
    check::unique(findings, &list, "name", "story", titles);
    let mut stories = Vec::with_capacity(specs.len());
    for (index, spec) in specs.iter().enumerate() {
        let place = list.item(index);
        check::title(
            findings,
            &place.key("name"),
            "name of the story",
            &spec.name,
        );
        let hold = check::positive_duration(findings, &place.key("hold"), &spec.hold);
        let steps_place = place.key("steps");
        if spec.steps.is_empty() {
            let message = format!("the story {} has no steps", quoted(&spec.name));
            let hint = "give it at least one: (caption: \"...\", bookmark: \"...\")";
            findings.add(&steps_place, message, hint);
            continue;
        }
        let steps = spec.steps.iter().enumerate().map(|(index, step)| {
            let place = steps_place.item(index);
            compile_step(step, (bookmarks, scenarios), names, &place, findings)
        });
        let steps = steps.collect();
        stories.push(Story {
            name: spec.name.clone(),
            hold,
            steps,
            kept: false,
        });
    }
    stories
}

fn compile_step(
    spec: &StoryStepSpec,
    (bookmarks, scenarios): (&[Bookmark], &[Scenario]),
    names: &Names<'_>,
    place: &Place<'_>,
    findings: &mut Findings,
) -> StoryStep {
    check::title(findings, &place.key("caption"), "caption", &spec.caption);
    let bookmark = spec.bookmark.as_ref().and_then(|name| {
        let found = bookmarks.iter().position(|one| one.name == *name);
        if found.is_none() {
            let message = format!("there is no bookmark {}", quoted(name));
            let known = bookmarks.iter().map(|one| one.name.as_str());
            findings.add(&place.key("bookmark"), message, did_you_mean(name, known));
        }
        found
    });
    if bookmark.is_some() && spec.view.is_some() {
        let message = "the step has two views";
        findings.add(&place.key("view"), message, "remove `view` or `bookmark`");
    }
    let mut view_of = |key: &str, view: StoryViewSpec| {
        let place = place.key(key);
        check::point(findings, &place.key("eye"), "eye", view.eye);
        check::point(findings, &place.key("focus"), "focus", view.focus);
        if view.eye == view.focus {
            let message = "the camera stands where it looks";
            findings.add(&place.key("eye"), message, "move `eye` away from `focus`");
        }
        StoryView::from(view)
    };
    let view = spec.view.map(|view| view_of("view", view));
    let second_view = spec.second_view.map(|view| view_of("second_view", view));
    let section = spec.section.map(|section| {
        let place = place.key("section");
        check::point(findings, &place.key("low"), "low", section.low);
        check::point(findings, &place.key("high"), "high", section.high);
        let mut axes = section.low.iter().zip(section.high);
        if axes.any(|(low, high)| *low >= high) {
            let hint = "write the lowest corner first: each number of `low` below that of `high`";
            findings.add(&place, "nothing is left of the plant", hint);
        }
        (section.low, section.high)
    });
    let select_place = place.key("select");
    let select = spec.select.as_ref();
    let select = select.and_then(|tag| names.asset(findings, &select_place, tag));
    if let Some(heat) = &spec.heat {
        names.signal_of_any(findings, &place.key("heat"), heat);
    }
    StoryStep {
        caption: spec.caption.clone(),
        bookmark,
        view,
        second_view,
        section,
        select,
        heat: spec.heat.clone(),
        xray: spec.xray,
        shown: shown(spec, names, place, findings),
        time: time(spec, scenarios, place, findings),
    }
}

/// The most that storeys are pulled apart, m.
const MOST_SPREAD: f64 = 30.0;

fn shown(
    spec: &StoryStepSpec,
    names: &Names<'_>,
    place: &Place<'_>,
    findings: &mut Findings,
) -> StoryShown {
    let spread = place.key("spread");
    if !(0.0..=MOST_SPREAD).contains(&spec.spread) {
        let message = format!("storeys cannot be {} m apart", spec.spread);
        findings.add(&spread, message, "write metres from 0 to 30");
    }
    let mut assets = |key: &str, tags: &[String]| {
        let list = place.key(key);
        let found = tags.iter().enumerate();
        found
            .filter_map(|(index, tag)| names.asset(findings, &list.item(index), tag))
            .collect()
    };
    let (hidden, alone) = (assets("hide", &spec.hide), assets("alone", &spec.alone));
    let mut places = |key: &str, what: &str, wanted: &[String], known: &[&str]| {
        let list = place.key(key);
        let mut found = BTreeSet::new();
        for (index, name) in wanted.iter().enumerate() {
            match known.iter().position(|one| one == name) {
                Some(place) => drop(found.insert(place)),
                None => {
                    let message = format!("there is no {what} {}", quoted(name));
                    let hint = did_you_mean(name, known.iter().copied());
                    findings.add(&list.item(index), message, hint);
                }
            }
        }
        found
    };
    let layers: Vec<_> = names.layers().names().iter().map(String::as_str).collect();
    let storeys: Vec<_> = names.storeys().names().collect();
    StoryShown {
        hidden,
        alone,
        layers_off: places("without_layers", "layer", &spec.without_layers, &layers),
        storeys_off: places("without_storeys", "storey", &spec.without_storeys, &storeys),
        ground_off: spec.without_ground,
        spread: spec.spread,
    }
}

fn time(
    spec: &StoryStepSpec,
    scenarios: &[Scenario],
    place: &Place<'_>,
    findings: &mut Findings,
) -> StoryTime {
    match (&spec.back, &spec.scenario, &spec.ahead) {
        (None, None, None) => StoryTime::Live,
        (Some(back), None, None) => {
            let back = check::positive_duration(findings, &place.key("back"), back);
            StoryTime::Back(back)
        }
        (None, Some(name), Some(ahead)) => {
            let ahead = check::positive_duration(findings, &place.key("ahead"), ahead);
            match scenarios.iter().find(|one| one.name == *name) {
                None => {
                    let message = format!("there is no scenario {}", quoted(name));
                    let known = scenarios.iter().map(|one| one.name.as_str());
                    findings.add(&place.key("scenario"), message, did_you_mean(name, known));
                }
                Some(scenario) if ahead > scenario.horizon => {
                    let message = format!("{} does not reach so far", quoted(name));
                    let hint = "name a shorter time, or give the scenario a longer `horizon`";
                    findings.add(&place.key("ahead"), message, hint);
                }
                Some(_) => {}
            }
            StoryTime::Ahead {
                scenario: name.clone(),
                ahead,
            }
        }
        _ => {
            let message = "the step plays at more than one time, or a part of it is missing";
            let hint = "write `back` alone, or `scenario` and `ahead` together, or neither";
            findings.add(place, message, hint);
            StoryTime::Live
        }
    }
}
