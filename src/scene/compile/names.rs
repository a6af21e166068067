//! Names in a scene, resolved, and what to say when they name nothing.

use std::collections::HashSet;

use super::check::quoted;
use super::findings::{Findings, Place};
use crate::problem::did_you_mean;
use crate::scene::{AssetIndex, Layers, Scene, Signal, Storeys};
use crate::signal::SignalId;

/// Among more names than this, none is proposed: the search would take too long.
const MAX_PROPOSED: usize = 20_000;

/// The assets and signals of a scene whose other parts are still being read.
///
/// Assets whose type has problems of its own are *doubtful*: a signal missing there is
/// no second problem, but a consequence of the first.
pub(super) struct Names<'a> {
    scene: &'a Scene,
    doubtful: &'a HashSet<AssetIndex>,
}

impl<'a> Names<'a> {
    pub(super) fn new(scene: &'a Scene, doubtful: &'a HashSet<AssetIndex>) -> Self {
        Self { scene, doubtful }
    }

    pub(super) fn get(&self, id: SignalId) -> &'a Signal {
        self.scene.signal(id)
    }

    pub(super) fn signals(&self) -> impl Iterator<Item = (SignalId, &'a Signal)> + use<'a> {
        self.scene.signal_ids().zip(&self.scene.signals)
    }

    pub(super) fn layers(&self) -> &'a Layers {
        &self.scene.layers
    }

    pub(super) fn storeys(&self) -> &'a Storeys {
        &self.scene.storeys
    }

    /// The signal called `tag.signal`, if there is one.
    pub(super) fn find(&self, full_name: &str) -> Option<SignalId> {
        self.scene.find_signal(full_name)
    }

    /// True if nothing certain can be said about the signal's unit.
    pub(super) fn is_doubtful(&self, id: SignalId) -> bool {
        self.doubtful.contains(&self.get(id).asset)
    }

    /// True if some signal may be missing for a reason that is told elsewhere.
    pub(super) fn any_doubtful(&self) -> bool {
        !self.doubtful.is_empty()
    }

    /// The asset called `tag`; notes a problem if there is none.
    pub(super) fn asset(
        &self,
        findings: &mut Findings,
        place: &Place<'_>,
        tag: &str,
    ) -> Option<AssetIndex> {
        let found = self.scene.find_asset(tag);
        if found.is_none() {
            let message = format!("there is no asset {}", quoted(tag));
            findings.add(place, message, self.near_tag(tag));
        }
        found
    }

    /// The signal called `tag.signal`; notes a problem if there is none.
    pub(super) fn signal(
        &self,
        findings: &mut Findings,
        place: &Place<'_>,
        full_name: &str,
    ) -> Option<SignalId> {
        if let Some(id) = self.scene.find_signal(full_name) {
            return Some(id);
        }
        let Some((tag, name)) = full_name.split_once('.') else {
            findings.add(
                place,
                format!("{} is not the name of a signal", quoted(full_name)),
                "write tag and signal with a dot between, such as `P-1.flow`",
            );
            return None;
        };
        let asset = self.asset(findings, place, tag)?;
        self.missing_signal(findings, place, asset, name);
        None
    }

    /// The signal `name` of `asset`; notes a problem if there is none.
    pub(super) fn signal_of(
        &self,
        findings: &mut Findings,
        place: &Place<'_>,
        asset: AssetIndex,
        name: &str,
    ) -> Option<SignalId> {
        let ids = self.scene.asset(asset).signal_ids();
        let found = { ids }.find(|id| self.get(*id).name == name);
        if found.is_none() {
            self.missing_signal(findings, place, asset, name);
        }
        found
    }

    /// Notes a problem unless some asset has a signal called `name`.
    pub(super) fn signal_of_any(&self, findings: &mut Findings, place: &Place<'_>, name: &str) {
        let known = || self.scene.signals.iter().map(|signal| signal.name.as_str());
        if self.any_doubtful() || known().any(|other| other == name) {
            return;
        }
        let known: HashSet<&str> = known().collect();
        findings.add(
            place,
            format!("no asset has a signal {}", quoted(name)),
            did_you_mean(name, known),
        );
    }

    fn missing_signal(
        &self,
        findings: &mut Findings,
        place: &Place<'_>,
        asset: AssetIndex,
        name: &str,
    ) {
        if self.doubtful.contains(&asset) {
            return;
        }
        let asset = self.scene.asset(asset);
        let known: Vec<&str> = asset
            .signal_ids()
            .map(|id| self.get(id).name.as_str())
            .collect();
        let hint = if known.is_empty() {
            format!("its type `{}` has no signals", asset.kind)
        } else {
            did_you_mean(name, known)
        };
        let message = format!("{} has no signal {}", quoted(&asset.tag), quoted(name));
        findings.add(place, message, hint);
    }

    fn near_tag(&self, tag: &str) -> String {
        if self.scene.assets.len() > MAX_PROPOSED {
            return String::new();
        }
        let tags: Vec<&str> = self.scene.assets.iter().map(|a| a.tag.as_str()).collect();
        did_you_mean(tag, tags)
    }
}
