//! Fields: what is shown between sensors.

use super::check;
use super::findings::{Findings, Place};
use super::names::Names;
use crate::scene::Scene;
use crate::scene::field::{Field, stations};
use crate::scene::spec::FieldSpec;

pub(super) fn compile(
    specs: &[FieldSpec],
    scene: &Scene,
    names: &Names<'_>,
    findings: &mut Findings,
) -> Vec<Field> {
    let root = Place::Scene;
    let list = root.key("fields");
    let titles = specs.iter().map(|spec| spec.name.as_str());
    check::unique(findings, &list, "name", "field", titles);
    let mut fields = Vec::with_capacity(specs.len());
    for (index, spec) in specs.iter().enumerate() {
        let place = list.item(index);
        check::title(
            findings,
            &place.key("name"),
            "name of the field",
            &spec.name,
        );
        check::scale(findings, &place.key("radius"), "radius", spec.radius);
        check::finite(findings, &place.key("height"), "height", spec.height);
        names.signal_of_any(findings, &place.key("signal"), &spec.signal);
        let (stations, unit) = stations(scene, &spec.signal);
        let Some(unit) = unit else { continue };
        let around = |axis: usize, side: f64| {
            let ends = stations.iter().map(|(_, at)| at[axis] * side);
            side * (ends.fold(f64::MIN, f64::max) + spec.radius)
        };
        let low = spec.low.unwrap_or([around(0, -1.0), around(1, -1.0)]);
        let high = spec.high.unwrap_or([around(0, 1.0), around(1, 1.0)]);
        check::point(findings, &place.key("low"), "corner", [low[0], low[1], 0.0]);
        check::point(
            findings,
            &place.key("high"),
            "corner",
            [high[0], high[1], 0.0],
        );
        if !(low[0] < high[0] && low[1] < high[1]) {
            let message = "the area of the field is empty";
            let hint = "`low` is its south-west corner, `high` its north-east one";
            findings.add(&place.key("high"), message, hint);
        }
        fields.push(Field {
            name: spec.name.clone(),
            signal: spec.signal.clone(),
            radius: spec.radius,
            low,
            high,
            height: spec.height,
            stations,
            unit,
        });
    }
    fields
}
