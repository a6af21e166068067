//! Where on the earth the plant lies.

use super::check;
use super::findings::{Findings, Place};
use crate::scene::site::Site;
use crate::scene::spec::SiteSpec;

pub(super) fn compile(spec: Option<&SiteSpec>, findings: &mut Findings) -> Option<Site> {
    let spec = spec?;
    let root = Place::Scene;
    let place = root.key("site");
    for (key, degrees, most) in [
        ("latitude", spec.latitude, 85.0),
        ("longitude", spec.longitude, 180.0),
    ] {
        // NaN fails the comparison as well.
        if !(-most..=most).contains(&degrees) {
            let message = format!("the {key} is {degrees}°");
            let hint = format!("write degrees from -{most} to {most}");
            findings.add(&place.key(key), message, hint);
        }
    }
    check::finite(findings, &place.key("turn"), "turn", spec.turn);
    let [east, north] = spec.at;
    check::point(findings, &place.key("at"), "the point", [east, north, 0.0]);
    Some(Site::new(spec.latitude, spec.longitude, spec.at, spec.turn))
}
