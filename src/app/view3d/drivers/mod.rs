//! Drivers: what readings say, turned into what the graphics card draws.
//!
//! One small pure function per file, from a reading and its signal to fields of the
//! record; [`record`] puts them together. A value that is not known is never drawn as a
//! value: its part is hatched.

mod badge;
mod driven;
mod fill;
mod flow;
mod heat;
mod position;
mod running;
mod spin;

pub(super) use driven::{Driven, Drivings, Gauge};
pub(super) use heat::HeatScale;

use super::super::residuals::AssetResidual;
use super::super::scene::AlarmMark;
use super::super::viewport::Look;
use super::paint;
use super::record::{Record, flag, packed};
use crate::history::Row;
use crate::scene::{AssetIndex, DrivenPart, Shape};
use crate::signal::{QualityClass, SignalId};

/// What a signal shows at the playhead, as far as a picture may show it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Reading {
    /// Nothing, or a value not to be used.
    Unknown,
    /// A value that is too old, or whose link is lost.
    Old(f64),
    /// A value.
    Fresh(f64),
}

impl Reading {
    /// What `row` shows.
    pub(super) fn of(row: Option<&Row>) -> Self {
        match row {
            Some(row) if row.sample.quality.class() == QualityClass::Bad => Self::Unknown,
            Some(row) if row.stale || row.lost => Self::Old(row.sample.value),
            Some(row) => Self::Fresh(row.sample.value),
            None => Self::Unknown,
        }
    }

    /// The value, old or not.
    pub(super) fn value(self) -> Option<f64> {
        match self {
            Self::Unknown => None,
            Self::Old(value) | Self::Fresh(value) => Some(value),
        }
    }

    fn is_fresh(self) -> bool {
        matches!(self, Self::Fresh(_))
    }
}

/// How an asset is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Showing<'a> {
    /// Operate or Present.
    pub look: Look,
    /// What colours mean, if heat is on.
    pub heat: Option<&'a HeatScale>,
    /// How far the asset differs from its other telling, if that is shown; nothing if one of
    /// the two says nothing.
    pub difference: Option<Option<f32>>,
    /// How far the asset lies from what a run expected of it, if that is shown.
    pub residual: Option<AssetResidual>,
    /// Motion time, s.
    pub now: f32,
}

/// The record of an asset, going on from its last one.
pub(super) fn record(
    drivings: &Drivings,
    index: AssetIndex,
    rows: &[Option<Row>],
    mark: AlarmMark,
    showing: Showing<'_>,
    last: Record,
) -> Record {
    let Some(asset) = drivings.asset(index) else {
        return last;
    };
    let reading = |id: SignalId| Reading::of(rows.get(id.index()).and_then(Option::as_ref));
    let drive = |part: DrivenPart| {
        let id = asset.drive(part)?;
        Some((reading(id), drivings.gauge(id)?))
    };
    let mut next = Record {
        ground: last.ground,
        grow: last.grow,
        flags: last.flags & flag::POINTED,
        ..Record::default()
    };
    let filled = drive(DrivenPart::Fill);
    fill::fill(filled, &mut next);
    let opening = drive(DrivenPart::Position);
    if filled.is_none() && opening.is_none() {
        next.flags |= flag::UNGAUGED;
    }
    position::position(opening, &mut next);
    let spin = drive(DrivenPart::Spin);
    let rate = spin.map_or(0.0, |(reading, gauge)| spin::turns_per_sec(reading, gauge));
    let runs_by = drive(DrivenPart::Running);
    let runs = match (runs_by, spin) {
        (Some((reading, _)), _) => running::runs(reading),
        (None, Some((reading, _))) => reading.value().map(|value| value.abs() > 1e-6),
        (None, None) => None,
    };
    // What is told to stand still does not turn, whatever its speed set point says.
    let rate = if runs == Some(false) { 0.0 } else { rate };
    next.spin = last.spin.at_rate(rate, showing.now);
    let flow = drive(DrivenPart::Flow);
    let rate = flow.map_or(0.0, |(reading, gauge)| {
        flow::patterns_per_sec(reading, gauge)
    });
    next.flow = last.flow.at_rate(rate, showing.now);

    let own = paint::body(showing.look, asset.shape);
    let body = match runs {
        Some(runs) => paint::running(showing.look, own, runs),
        None if is_valve(asset.shape) => {
            position::colour(showing.look, own, opening, next.position)
        }
        None => own,
    };
    if runs == Some(false) {
        next.flags |= flag::STOPPED;
    }
    next.body = packed(body);
    let look = |id: SignalId| {
        let measured = drivings.gauge(id).is_some_and(|gauge| gauge.measured);
        (reading(id), measured)
    };
    let drives = [filled, opening, runs_by, spin, flow];
    if is_doubtful(drivings, asset, drives, look) {
        next.flags |= flag::DOUBTFUL;
    }
    if let Some(share) = showing.difference {
        heat::difference(share, &mut next);
    } else if let Some(told) = showing.residual {
        heat::residual(told, &mut next);
    } else if let Some(scale) = showing.heat {
        heat::heat(index, look, scale, &mut next);
    }
    badge::badge(mark, &mut next);
    next
}

fn is_valve(shape: Shape) -> bool {
    matches!(
        shape,
        Shape::Valve | Shape::GateValve | Shape::ButterflyValve | Shape::ControlValve
    )
}

/// True if what the asset shows is old or unknown. `drives` are what drives it, `look` tells what
/// a signal shows, and whether it is measured.
///
/// An asset shows what drives it; one that nothing drives shows its main measured values.
fn is_doubtful(
    drivings: &Drivings,
    asset: &Driven,
    drives: [Option<(Reading, &Gauge)>; 5],
    look: impl Fn(SignalId) -> (Reading, bool),
) -> bool {
    if drives.iter().all(Option::is_none) {
        let shown = |id: &SignalId| drivings.gauge(*id).is_some_and(|gauge| gauge.shown);
        return asset.signals().filter(shown).any(|id| {
            let (reading, measured) = look(id);
            measured && !reading.is_fresh()
        });
    }
    drives
        .into_iter()
        .flatten()
        .any(|(reading, gauge)| match reading {
            Reading::Fresh(_) => false,
            Reading::Old(_) => true,
            // Where nobody measures, nothing is missing.
            Reading::Unknown => gauge.measured,
        })
}

#[cfg(test)]
pub(super) mod testing {
    //! A made-up tank, pump, valve and pipe to drive.

    use std::time::Duration;

    use super::*;
    use crate::scene::{Asset, Scene, Signal};
    use crate::signal::{Quality, Sample};
    use crate::time::Timestamp;
    use crate::units::Unit;

    /// A signal from 0 to `high`.
    pub(in super::super) fn signal(asset: u32, name: &str, high: f64) -> Signal {
        Signal {
            asset: AssetIndex(asset),
            name: name.to_owned(),
            full_name: format!("A-{asset}.{name}"),
            label: name.to_owned(),
            unit: Unit::NUMBER,
            range: (0.0, high),
            decimals: 1,
            max_age: Duration::from_secs(30),
            measured: true,
            shown: true,
            states: Vec::new(),
            limits: Vec::new(),
            write: None,
            prognosis: None,
        }
    }

    /// An asset whose signals are `signals`, from `first` on.
    pub(in super::super) fn asset(
        shape: Shape,
        signals: std::ops::Range<u32>,
        drives: Vec<(DrivenPart, SignalId)>,
    ) -> Asset {
        Asset {
            tag: "A-1".to_owned(),
            kind: "kind".to_owned(),
            kind_label: "Kind".to_owned(),
            drawing: None,
            moves: std::sync::Arc::default(),
            label: String::new(),
            shape,
            position: [0.0; 3],
            heading: 0.0,
            size: [2.0, 2.0, 2.0],
            symbol: 0.0,
            route: Vec::new(),
            parent: None,
            links: Vec::new(),
            parameters: std::collections::BTreeMap::new(),
            documents: std::sync::Arc::default(),
            signals,
            drives,
        }
    }

    /// A good row.
    pub(in super::super) fn row(value: f64) -> Row {
        Row {
            sample: Sample::good(Timestamp::from_secs(0), value),
            stale: false,
            lost: false,
        }
    }

    /// A scene of these assets and signals.
    pub(in super::super) fn scene(assets: Vec<Asset>, signals: Vec<Signal>) -> Scene {
        let mut scene = Scene::default();
        (scene.assets, scene.signals) = (assets, signals);
        scene
    }

    const PLAIN: Showing<'_> = Showing {
        look: Look::Operate,
        heat: None,
        difference: None,
        residual: None,
        now: 0.0,
    };

    fn driven(shape: Shape, part: DrivenPart, row: Option<Row>) -> Record {
        let scene = scene(
            vec![asset(shape, 0..1, vec![(part, SignalId(0))])],
            vec![signal(0, "value", 4.0)],
        );
        shown(&scene, vec![row])
    }

    /// The record of the first asset with these readings.
    fn shown(scene: &Scene, rows: Vec<Option<Row>>) -> Record {
        let (drivings, mark) = (Drivings::of(scene), AlarmMark(None));
        let last = Record::default();
        record(&drivings, AssetIndex(0), &rows, mark, PLAIN, last)
    }

    #[test]
    fn a_row_is_fresh_old_or_unknown() {
        let old = Row {
            stale: true,
            ..row(2.0)
        };
        let lost = Row {
            lost: true,
            ..row(2.0)
        };
        let mut bad = row(2.0);
        bad.sample.quality = Quality::BadSensorFailure;
        assert_eq!(Reading::of(Some(&row(2.0))), Reading::Fresh(2.0));
        assert_eq!(Reading::of(Some(&old)), Reading::Old(2.0));
        assert_eq!(Reading::of(Some(&lost)), Reading::Old(2.0));
        assert_eq!(Reading::of(Some(&bad)), Reading::Unknown);
        assert_eq!(Reading::of(None), Reading::Unknown);
    }

    #[test]
    fn an_unknown_level_is_hatched_and_never_empty() {
        let record = driven(Shape::Tank, DrivenPart::Fill, None);
        assert_ne!(record.flags & flag::FILL_UNKNOWN, 0);
        assert_ne!(record.flags & flag::DOUBTFUL, 0);
        assert!(record.fill > 0.0, "no level is drawn, least of all zero");
    }

    #[test]
    fn a_level_that_nobody_measures_is_hatched_without_doubt() {
        let scene = scene(vec![asset(Shape::Tank, 0..0, Vec::new())], Vec::new());
        let record = shown(&scene, Vec::new());
        assert_ne!(record.flags & flag::FILL_UNKNOWN, 0);
        assert_ne!(record.flags & flag::POSITION_UNKNOWN, 0);
        assert_eq!(record.flags & flag::DOUBTFUL, 0);
    }

    #[test]
    fn a_known_level_stands_where_it_is() {
        let record = driven(Shape::Tank, DrivenPart::Fill, Some(row(3.0)));
        assert_eq!(record.flags & (flag::FILL_UNKNOWN | flag::DOUBTFUL), 0);
        assert!((record.fill - 0.75).abs() < 1e-6, "{}", record.fill);
    }

    #[test]
    fn an_old_level_is_kept_and_hatched() {
        let old = Row {
            stale: true,
            ..row(3.0)
        };
        let record = driven(Shape::Tank, DrivenPart::Fill, Some(old));
        assert_eq!(record.flags & flag::FILL_UNKNOWN, 0);
        assert_ne!(record.flags & flag::DOUBTFUL, 0);
        assert!((record.fill - 0.75).abs() < 1e-6);
    }

    #[test]
    fn what_runs_is_lighter_than_what_stands() {
        let runs = driven(Shape::Pump, DrivenPart::Running, Some(row(1.0)));
        let stands = driven(Shape::Pump, DrivenPart::Running, Some(row(0.0)));
        assert!(runs.body.to_le_bytes()[0] > stands.body.to_le_bytes()[0]);
        assert_eq!(runs.flags & flag::STOPPED, 0);
        assert_ne!(stands.flags & flag::STOPPED, 0);
    }

    #[test]
    fn a_stopped_pump_does_not_turn_whatever_its_speed_says() {
        let (run, speed) = (SignalId(0), SignalId(1));
        let drives = vec![(DrivenPart::Running, run), (DrivenPart::Spin, speed)];
        let scene = scene(
            vec![asset(Shape::Pump, 0..2, drives)],
            vec![signal(0, "running", 1.0), signal(0, "speed", 1.0)],
        );
        let with = |running: f64| shown(&scene, vec![Some(row(running)), Some(row(0.9))]);
        assert!(with(1.0).spin.rate > 0.0);
        assert_eq!(with(0.0).spin.rate, 0.0);
    }

    #[test]
    fn an_instrument_is_hatched_when_its_value_is_not_there() {
        let scene = scene(
            vec![asset(Shape::Instrument, 0..1, Vec::new())],
            vec![signal(0, "pressure", 4.0)],
        );
        let flags = |row: Option<Row>| shown(&scene, vec![row]).flags;
        assert_ne!(flags(None) & flag::DOUBTFUL, 0);
        assert_eq!(flags(Some(row(1.0))) & flag::DOUBTFUL, 0);
    }

    #[test]
    fn pointer_and_ground_survive_new_readings() {
        let scene = scene(
            vec![asset(Shape::Block, 0..1, Vec::new())],
            vec![signal(0, "value", 4.0)],
        );
        let last = Record {
            flags: flag::SELECTED | flag::ALARM,
            ground: 7.0,
            ..Record::default()
        };
        let (drivings, mark) = (Drivings::of(&scene), AlarmMark(None));
        let rows = [Some(row(1.0))];
        let next = record(&drivings, AssetIndex(0), &rows, mark, PLAIN, last);
        let kept = next.flags & (flag::POINTED | flag::ALARM);
        assert_eq!((kept, next.ground), (flag::SELECTED, 7.0));
    }
}
