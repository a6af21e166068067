//! Heat: the colour of one signal over the whole plant, on one scale.

use super::super::super::palette::heat_colour;
use super::super::super::residuals::AssetResidual;
use super::super::super::viewport::{HeatLegend, LARGE_DIFFERENCE, LARGE_RESIDUAL};
use super::super::record::{Record, flag, packed};
use super::Reading;
use crate::scene::{Asset, AssetIndex, Scene, Signal};
use crate::signal::SignalId;
use crate::units::Unit;

/// Fewer values than this tell nothing about a scale.
const ENOUGH: usize = 20;
/// Values that fill this share of a scale leave it as it is.
const FULL_ENOUGH: f64 = 0.5;

/// The signals of one name, and the scale that all of them share.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) struct HeatScale {
    name: String,
    label: String,
    unit: Unit,
    /// SI.
    range: (f64, f64),
    /// Which way it goes is not coloured, only how much: flows of pipes.
    by_size: bool,
    /// By asset, its signal that is coloured.
    signals: Vec<Option<SignalId>>,
}

impl HeatScale {
    /// The scale of the signals called `name`; `None` if there is none.
    ///
    /// It spans the ranges of all of them, so that one colour means one value. Signals of
    /// another quantity than the first are left out. What goes both ways alike is coloured by
    /// its size: which way a pipe counts as forward is chance.
    pub(in super::super) fn of(scene: &Scene, name: &str) -> Option<Self> {
        let first = scene.signals.iter().find(|signal| signal.name == name)?;
        let mut scale = Self {
            name: name.to_owned(),
            label: first.label.clone(),
            unit: first.unit,
            range: first.range,
            by_size: false,
            signals: Vec::new(),
        };
        for signal in &scene.signals {
            if scale.covers(signal) {
                scale.range.0 = scale.range.0.min(signal.range.0);
                scale.range.1 = scale.range.1.max(signal.range.1);
                if signal.label != first.label {
                    // What one of them is called would be wrong for the others.
                    scale.label = in_words(name);
                }
            }
        }
        if scale.range.0 == -scale.range.1 {
            (scale.range.0, scale.by_size) = (0.0, true);
        }
        let coloured = |asset: &Asset| {
            let mut signals = asset.signal_ids();
            signals.find(|&id| scale.covers(scene.signal(id)))
        };
        scale.signals = scene.assets.iter().map(coloured).collect();
        Some(scale)
    }

    /// The name of the signals.
    pub(in super::super) fn name(&self) -> &str {
        &self.name
    }

    /// The ends of the scale, SI.
    pub(in super::super) fn range(&self) -> (f64, f64) {
        self.range
    }

    /// Where `value`, SI, lies on the scale, 0 to 1 on it.
    pub(in super::super) fn fraction(&self, value: f64) -> f64 {
        let value = if self.by_size { value.abs() } else { value };
        (value - self.range.0) / (self.range.1 - self.range.0)
    }

    /// Narrows the scale to the values that are there, if they fill little of it: the ranges of
    /// imported files are guesses. False if too few values are known to tell.
    pub(in super::super) fn fit(&mut self, values: impl IntoIterator<Item = f64>) -> bool {
        let size = |value: f64| if self.by_size { value.abs() } else { value };
        let mut values: Vec<f64> = values.into_iter().map(size).collect();
        if values.len() < ENOUGH {
            return false;
        }
        values.sort_by(f64::total_cmp);
        // A few that stand out must not take the colours from all others.
        let at = |share: f64| values[((values.len() - 1) as f64 * share) as usize];
        let (low, high) = (self.unit.from_si(at(0.02)), self.unit.from_si(at(0.98)));
        let given = self.unit.span_from_si(self.range.1 - self.range.0);
        let span = high - low;
        if !(span > 0.0 && span < given * FULL_ENOUGH) {
            return true;
        }
        let decade = 10_f64.powf((span / 4.0).log10().floor());
        let steps = [1.0, 2.0, 2.5, 5.0, 10.0];
        let step = steps.into_iter().find(|step| step * decade >= span / 4.0);
        let step = step.unwrap_or(10.0) * decade;
        let low = (low / step).floor() * step;
        let high = (high / step).ceil() * step;
        self.range = (self.unit.to_si(low), self.unit.to_si(high));
        true
    }

    /// The signal of an asset that it colours, if it has one.
    fn signal_of(&self, asset: AssetIndex) -> Option<SignalId> {
        *self.signals.get(asset.index())?
    }

    /// The signals that it colours: one of an asset.
    pub(in super::super) fn signals(&self) -> impl Iterator<Item = SignalId> {
        self.signals.iter().copied().flatten()
    }

    /// What the colours mean, in the unit of the screen.
    pub(in super::super) fn legend(&self) -> HeatLegend {
        HeatLegend {
            signal: self.name.clone(),
            label: self.label.clone(),
            unit: self.unit.symbol().to_owned(),
            range: (
                self.unit.from_si(self.range.0),
                self.unit.from_si(self.range.1),
            ),
        }
    }

    fn covers(&self, signal: &Signal) -> bool {
        signal.name == self.name && signal.unit.quantity() == self.unit.quantity()
    }
}

/// The name of a signal as a headline: `free_chlorine` is "Free chlorine".
fn in_words(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect::<String>().replace('_', " ")
}

/// Colours the asset by its signal of the scale; dims it if it has none. `look` tells what a
/// signal shows, and whether it is measured.
pub(super) fn heat(
    asset: AssetIndex,
    look: impl Fn(SignalId) -> (Reading, bool),
    scale: &HeatScale,
    record: &mut Record,
) {
    let Some(id) = scale.signal_of(asset) else {
        record.flags |= flag::DIMMED;
        record.flags &= !flag::DOUBTFUL;
        return;
    };
    let (reading, measured) = look(id);
    match reading {
        Reading::Fresh(value) => {
            record.body = packed(heat_colour(scale.fraction(value) as f32));
            record.flags |= flag::HEAT;
            record.flags &= !flag::DOUBTFUL;
        }
        Reading::Unknown if !measured => {
            // Nobody measures it, so nothing is missing.
            record.flags |= flag::DIMMED;
            record.flags &= !flag::DOUBTFUL;
        }
        Reading::Old(_) | Reading::Unknown => record.flags |= flag::DOUBTFUL,
    }
}

/// Colours the asset by how far it differs from its other telling; dims it where one of the two
/// says nothing.
pub(super) fn difference(share: Option<f32>, record: &mut Record) {
    record.flags &= !flag::DOUBTFUL;
    match share {
        Some(share) => {
            record.body = packed(heat_colour((share / LARGE_DIFFERENCE).min(1.0)));
            record.flags |= flag::HEAT;
        }
        None => record.flags |= flag::DIMMED,
    }
}

/// Colours the asset by how many standard deviations it lies from what a run expected; hatches it
/// where that cannot be told because its readings are old, bad or missing.
pub(super) fn residual(told: AssetResidual, record: &mut Record) {
    record.flags &= !flag::DOUBTFUL;
    match told {
        AssetResidual::Sigmas(sigmas) => {
            record.body = packed(heat_colour((sigmas / LARGE_RESIDUAL).min(1.0)));
            record.flags |= flag::HEAT;
        }
        AssetResidual::Doubtful => record.flags |= flag::DOUBTFUL,
        AssetResidual::None => record.flags |= flag::DIMMED,
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{asset, scene, signal};
    use super::*;
    use crate::scene::Shape;

    fn two_pressures() -> Scene {
        let assets = vec![
            asset(Shape::Pipe, 0..1, Vec::new()),
            asset(Shape::Pipe, 1..2, Vec::new()),
            asset(Shape::Block, 2..2, Vec::new()),
        ];
        let signals = vec![signal(0, "pressure", 4.0), signal(1, "pressure", 10.0)];
        scene(assets, signals)
    }

    #[test]
    fn one_colour_means_one_value_everywhere() {
        let scene = two_pressures();
        let scale = HeatScale::of(&scene, "pressure").expect("it is there");
        assert_eq!(scale.legend().range, (0.0, 10.0));
        let body = |place: u32| {
            let mut record = Record::default();
            let look = |_| (Reading::Fresh(4.0), true);
            heat(AssetIndex(place), look, &scale, &mut record);
            record.body
        };
        assert_eq!(body(0), body(1), "4 is 4, whatever the range of the signal");
        assert_eq!(HeatScale::of(&scene, "colour"), None);
    }

    #[test]
    fn a_scale_is_fitted_to_what_is_there_on_round_numbers() {
        let scene = two_pressures();
        let fitted = |values: Vec<f64>| {
            let mut scale = HeatScale::of(&scene, "pressure").expect("it is there");
            let known = scale.fit(values);
            known.then(|| scale.legend().range)
        };
        assert_eq!(fitted(vec![1.0, 2.0]), None, "two tell nothing");
        let spread =
            |low: f64, high: f64| (0..100).map(move |n| low + (high - low) * f64::from(n) / 99.0);
        assert_eq!(fitted(spread(2.1, 3.0).collect()), Some((2.0, 3.0)));
        assert_eq!(
            fitted(spread(0.5, 9.0).collect()),
            Some((0.0, 10.0)),
            "it is full enough"
        );
        let outlier = spread(2.1, 3.0).chain([10.0]);
        assert_eq!(fitted(outlier.collect()), Some((2.0, 3.0)));
    }

    #[test]
    fn what_goes_both_ways_is_coloured_by_how_much() {
        let mut flow = signal(0, "flow", 4.0);
        flow.range.0 = -4.0;
        let scene = scene(vec![asset(Shape::Pipe, 0..1, Vec::new())], vec![flow]);
        let scale = HeatScale::of(&scene, "flow").expect("it is there");
        assert_eq!(scale.legend().range, (0.0, 4.0));
        assert_eq!(scale.fraction(-3.0), scale.fraction(3.0));
    }

    #[test]
    fn a_residual_has_a_colour_and_what_cannot_be_compared_has_none() {
        let of = |told| {
            let mut record = Record::default();
            record.flags |= flag::DOUBTFUL;
            residual(told, &mut record);
            (record.flags, record.body)
        };
        let plain = Record::default().body;
        assert_eq!(of(AssetResidual::None), (flag::DIMMED, plain));
        assert_eq!(of(AssetResidual::Doubtful), (flag::DOUBTFUL, plain));
        let (flags, half) = of(AssetResidual::Sigmas(2.0));
        assert_eq!((flags, half), (flag::HEAT, packed(heat_colour(0.5))));
        // The last colour is that of all that lies further out.
        assert_eq!(
            of(AssetResidual::Sigmas(4.0)),
            of(AssetResidual::Sigmas(40.0))
        );
    }

    #[test]
    fn without_the_signal_dimmed_and_without_a_value_hatched() {
        let scene = two_pressures();
        let scale = HeatScale::of(&scene, "pressure").expect("it is there");
        let flags = |place: u32, reading: Reading| {
            let mut record = Record::default();
            heat(AssetIndex(place), |_| (reading, true), &scale, &mut record);
            record.flags
        };
        assert_eq!(flags(2, Reading::Unknown), flag::DIMMED);
        assert_eq!(flags(0, Reading::Unknown), flag::DOUBTFUL);
        assert_eq!(flags(0, Reading::Old(3.0)), flag::DOUBTFUL);
        assert_eq!(flags(0, Reading::Fresh(3.0)), flag::HEAT);
    }
}
