//! What the broker publishes, and topics that are given to signals.
//!
//! A mapping is written beside the scene, whose own file stays as it is, and the running
//! sources take it over without a cut.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bevy::prelude::*;
use bevy::time::common_conditions::on_real_timer;

use super::TwinSystems;
use super::action::{Action, Named};
use super::deeds::Deed;
use super::notices::Tell;
use super::panels::topics::{Look, TopicsView};
use super::scenarios::SceneFile;
use super::scene::OpenScene;
use super::telemetry::Inbox;
use super::ui::PanelMemory;
use crate::files;
use crate::scene::{Mapping, Scene};
use crate::session::Feed;
use crate::telemetry::{Browser, Diagnosis, SourceStatus, Trouble, diagnose, mapping, now};

/// How often what the broker publishes is told anew: people read no faster.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// A look at which nobody looked for so long ends by itself.
const UNSEEN: Duration = Duration::from_secs(60);

/// What is asked of topics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TopicEdit {
    /// Begins to look at what the broker of this source publishes under a filter.
    Look {
        /// The source's place in the scene.
        source: usize,
        /// Such as `plant/#`; the branch of the source's own topics if it is empty.
        filter: String,
    },
    /// Reads a signal from a topic, from now on.
    Map(Mapping),
    /// Does so no more.
    TakeBack(Mapping),
}

/// What is looked at. Written by [`follow`] and [`tell_topics`] alone.
#[derive(Resource, Default)]
pub struct Topics {
    /// What panels show.
    pub view: TopicsView,
    browser: Option<Browser>,
    /// When somebody saw it last, since the program's start.
    seen: Duration,
}

pub(super) fn plugin(app: &mut App) {
    app.init_resource::<Topics>().add_systems(
        PreUpdate,
        (
            forget.run_if(resource_exists_and_changed::<OpenScene>),
            follow
                .run_if(on_message::<Action>)
                .run_if(resource_exists::<OpenScene>.and_then(resource_exists::<Inbox>))
                .in_set(TwinSystems::Steer),
            tell_topics
                .run_if(on_real_timer(LOOK_EVERY))
                .run_if(resource_exists::<Inbox>),
        )
            .chain(),
    );
}

/// Another scene has other brokers.
fn forget(mut topics: ResMut<Topics>) {
    topics.browser = None;
    topics.view = TopicsView::default();
}

fn follow(
    mut actions: MessageReader<Action>,
    time: Res<Time<Real>>,
    file: Option<Res<SceneFile>>,
    mut open: ResMut<OpenScene>,
    mut inbox: ResMut<Inbox>,
    mut topics: ResMut<Topics>,
    mut deeds: MessageWriter<Deed>,
    mut tell: MessageWriter<Tell>,
) {
    for action in actions.read() {
        let file = file.as_ref().map(|file| file.0.as_path());
        let (what, mapping) = match action {
            Action::Topics(TopicEdit::Look { source, filter }) => {
                topics.seen = time.elapsed();
                if let Err(why) = topics.look(&inbox.0, *source, filter) {
                    tell.write(Tell::warning(why));
                }
                continue;
            }
            Action::Named(Named::ShowTopics) => {
                topics.seen = time.elapsed();
                if topics.browser.is_none()
                    && let Err(why) = topics.look(&inbox.0, 0, "")
                {
                    tell.write(Tell::warning(why));
                }
                continue;
            }
            Action::Named(Named::StopTopics) => {
                topics.browser = None;
                topics.view.look = None;
                continue;
            }
            Action::Named(Named::TakeMappingBack) => match open.scene.mappings.last() {
                Some(last) => ("take topic back", last.clone()),
                None => continue,
            },
            Action::Topics(TopicEdit::Map(mapping)) => ("map topic", mapping.clone()),
            Action::Topics(TopicEdit::TakeBack(mapping)) => ("take topic back", mapping.clone()),
            _ => continue,
        };
        let is_new = what == "map topic";
        let feed = &mut inbox.bypass_change_detection().0;
        match change(&open.scene, &mapping, is_new, file, feed) {
            Ok(scene) => {
                // Assets and signals are the same: nothing that follows the scene begins anew.
                open.bypass_change_detection().scene = scene;
                deeds.write(Deed::new(what, &mapping.signal, &mapping.topic));
                tell.write(Tell::done(match is_new {
                    true => format!("{} is read from {}", mapping.signal, mapping.topic),
                    false => format!(
                        "{} is no longer read from {}",
                        mapping.signal, mapping.topic
                    ),
                }));
            }
            Err(why) => {
                tell.write(Tell::warning(format!("The topic is not mapped: {why}")));
            }
        }
    }
}

/// The scene with a mapping, or without one; written beside it, and taken over by its sources.
fn change(
    scene: &Arc<Scene>,
    mapping: &Mapping,
    is_new: bool,
    file: Option<&Path>,
    feed: &mut Feed,
) -> Result<Arc<Scene>, String> {
    let mut next = Scene::clone(scene);
    if is_new {
        mapping::check(mapping, scene).map_err(|error| error.to_string())?;
        next.mappings.push(mapping.clone());
    } else {
        next.mappings.retain(|known| known != mapping);
    }
    let file = file.ok_or("the scene has no file")?;
    let next = Arc::new(next);
    feed.remap(&next).map_err(|error| error.to_string())?;
    if let Err(error) = files::keep_mappings(file, &next.mappings) {
        // What is not kept is not done either: the sources go back to what they read.
        feed.remap(scene).map_err(|error| error.to_string())?;
        return Err(error.to_string());
    }
    Ok(next)
}

impl Topics {
    fn look(&mut self, feed: &Feed, source: usize, filter: &str) -> Result<(), String> {
        let filter = filter.trim();
        if !filter.is_empty() {
            check_filter(filter)?;
        }
        let Some(browser) = feed.browse(source, filter) else {
            return Err("There is no source whose broker could be looked at".to_owned());
        };
        let browser = browser.map_err(|error| error.to_string())?;
        self.view.look = Some(Look::of(source, &browser.status(), now()));
        self.browser = Some(browser);
        self.tell(feed);
        Ok(())
    }

    /// Copies what was seen.
    fn tell(&mut self, feed: &Feed) {
        let (Some(browser), Some(look)) = (&self.browser, &mut self.view.look) else {
            return;
        };
        let status = browser.status();
        let (topics, left_out) = browser.topics();
        look.link = link_of(&status, browser.filter());
        look.filter = browser.filter().to_owned();
        look.at = now();
        look.messages = status.messages;
        look.left_out = left_out;
        look.set_topics(topics, feed.topics(look.source));
    }
}

/// How the look's own link is; what comes by it has no signals to lead to.
fn link_of(status: &SourceStatus, filter: &str) -> Diagnosis {
    let mut told = diagnose(status, now());
    if told.trouble == Some(Trouble::Silent) {
        told.sentence = format!("Nothing is published under {filter}");
        told.fix = "Try the filter #, and look whether the plant publishes at all".to_owned();
    } else if told.trouble.is_none() && status.connected() {
        told.sentence = format!("Looking at {filter} at {}", status.broker);
    }
    told
}

/// Whether a text is a filter, or why not.
fn check_filter(filter: &str) -> Result<(), String> {
    let mut levels = filter.split('/').rev();
    let last = levels.next().unwrap_or_default();
    let whole = |level: &str| level == "+" || !level.contains(['+', '#']);
    let fits = !filter.is_empty() && (last == "#" || whole(last)) && levels.all(whole);
    match fits {
        true => Ok(()),
        false => Err(format!(
            "`{filter}` is no filter: + stands for a level, and # for the last ones, as in plant/#"
        )),
    }
}

/// Tells what was seen, and ends a look at which nobody looks.
fn tell_topics(
    time: Res<Time<Real>>,
    inbox: Res<Inbox>,
    memory: Option<Res<PanelMemory>>,
    mut topics: ResMut<Topics>,
    mut tell: MessageWriter<Tell>,
) {
    if topics.browser.is_none() {
        return;
    }
    if memory.is_none_or(|memory| memory.state.shows_topics()) {
        topics.seen = time.elapsed();
    }
    if time.elapsed() > topics.seen + UNSEEN {
        topics.browser = None;
        topics.view.look = None;
        tell.write(Tell::done("Nobody looked at the topics: browsing ended"));
        return;
    }
    topics.tell(&inbox.0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_filters_of_the_protocol_are_taken() {
        for good in ["#", "plant/#", "+/a", "a/+/b", "a", "/a//#"] {
            assert_eq!(check_filter(good), Ok(()), "{good}");
        }
        for bad in ["", "#/a", "a#", "a+/b", "a/#/b", "{asset}+"] {
            assert!(check_filter(bad).is_err(), "{bad}");
        }
    }
}
