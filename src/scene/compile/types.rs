//! Types of assets: their signals, ready to be given to each asset of the type.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::check::{self, quoted};
use super::findings::{Findings, Place};
use super::{documents, drawings, limits, prognoses, writes};
use crate::problem::did_you_mean;
use crate::scene::spec::{Drive, SignalSpec, TypeSpec};
use crate::scene::{AssetIndex, Document, DocumentIndex, DrivenPart, NodeMove, Shape, Signal};
use crate::units::{Quantity, Unit};

/// More decimals say nothing: an `f64` has no more.
const MAX_DECIMALS: u8 = 15;

/// The types of a scene by name.
pub(super) type Types<'a> = HashMap<&'a str, AssetType>;

/// A checked type.
#[derive(Debug)]
pub(super) struct AssetType {
    pub(super) label: String,
    pub(super) layer: String,
    pub(super) shape: Shape,
    /// The file that draws it: a place in the scene's drawings.
    pub(super) drawing: Option<usize>,
    pub(super) size: [f64; 3],
    pub(super) symbol: f64,
    /// Each without its asset.
    pub(super) signals: Vec<Signal>,
    /// Of each signal, whether the author said how many decimals it has.
    pub(super) decimals_given: Vec<bool>,
    /// Each with the place of its signal in `signals`.
    pub(super) drives: Vec<(DrivenPart, u32)>,
    /// How nodes of its drawing move.
    pub(super) moves: Arc<[NodeMove]>,
    /// What there is to read of its assets.
    pub(super) documents: Arc<[DocumentIndex]>,
    /// False if it is not known what the signals are called or what they measure.
    pub(super) is_sound: bool,
}

pub(super) fn compile<'a>(
    specs: &'a BTreeMap<String, TypeSpec>,
    shelf: &mut Vec<Document>,
    findings: &mut Findings,
) -> Types<'a> {
    let root = Place::Scene;
    let types = root.key("types");
    let files = drawings::of_types(specs);
    specs
        .iter()
        .map(|(name, spec)| {
            (
                name.as_str(),
                asset_type(name, spec, (&files, shelf), &types.key(name), findings),
            )
        })
        .collect()
}

fn asset_type(
    name: &str,
    spec: &TypeSpec,
    (files, shelf): (&[&str], &mut Vec<Document>),
    place: &Place<'_>,
    findings: &mut Findings,
) -> AssetType {
    check::title(findings, place, "name of the type", name);
    check::size(findings, &place.key("size"), spec.size);
    check::not_negative(findings, &place.key("symbol"), "symbol size", spec.symbol);
    let list = place.key("signals");
    let before = findings.count();
    let names = spec.signals.iter().map(|signal| signal.name.as_str());
    check::unique(findings, &list, "name", "signal", names);
    let units = units(&spec.signals, &list, findings);
    let is_sound = findings.count() == before;
    let mut signals = signals(&spec.signals, &units, &list, findings);
    writes::compile(&spec.signals, &mut signals, &list, findings);
    let drives = drives(&spec.drives, &signals, &place.key("drives"), findings);
    let moves = drawings::moves(&spec.moves, &drives, &place.key("moves"), findings);
    let documents = documents::compile(&spec.documents, &place.key("documents"), shelf, findings);
    let label = or_headline(&spec.label, name);
    AssetType {
        layer: if spec.layer.is_empty() {
            label.clone()
        } else {
            spec.layer.clone()
        },
        label,
        shape: spec.shape,
        drawing: files.binary_search(&spec.drawing.as_str()).ok(),
        size: spec.size,
        symbol: spec.symbol,
        decimals_given: spec
            .signals
            .iter()
            .map(|signal| signal.decimals.is_some())
            .collect(),
        signals,
        drives,
        moves: moves.into(),
        documents,
        is_sound,
    }
}

fn units(specs: &[SignalSpec], list: &Place<'_>, findings: &mut Findings) -> Vec<Unit> {
    let mut units = Vec::with_capacity(specs.len());
    for (index, spec) in specs.iter().enumerate() {
        let place = list.item(index);
        let place = place.key("unit");
        let unit = spec.unit.parse::<Unit>().unwrap_or_else(|error| {
            findings.add_error(&place, &error);
            Unit::NUMBER
        });
        if !spec.states.is_empty() && unit.quantity() != Quantity::Number {
            let message = format!("a signal with states has the unit `{}`", unit.name());
            findings.add(
                &place,
                message,
                "states are counted from 0: remove the unit",
            );
        }
        units.push(unit);
    }
    units
}

fn signals(
    specs: &[SignalSpec],
    units: &[Unit],
    list: &Place<'_>,
    findings: &mut Findings,
) -> Vec<Signal> {
    specs
        .iter()
        .zip(units)
        .enumerate()
        .map(|(index, (spec, unit))| signal(spec, *unit, &list.item(index), findings))
        .collect()
}

fn signal(spec: &SignalSpec, unit: Unit, place: &Place<'_>, findings: &mut Findings) -> Signal {
    check::name(
        findings,
        &place.key("name"),
        "name of the signal",
        &spec.name,
    );
    check::range(findings, &place.key("range"), spec.range);
    let (low, high) = spec.range;
    if spec
        .decimals
        .is_some_and(|decimals| decimals > MAX_DECIMALS)
    {
        let hint = format!("write a number from 0 to {MAX_DECIMALS}");
        findings.add(&place.key("decimals"), "too many decimals", hint);
    }
    let label = or_headline(&spec.label, &spec.name);
    Signal {
        asset: AssetIndex(0),
        name: spec.name.clone(),
        full_name: String::new(),
        unit,
        range: (unit.to_si(low), unit.to_si(high)),
        decimals: decimals(spec),
        max_age: check::positive_duration(findings, &place.key("max_age"), &spec.max_age),
        measured: spec.measured,
        shown: spec.shown,
        states: spec.states.clone(),
        limits: limits::compile(
            (&spec.limits, spec.range),
            &label,
            unit,
            &place.key("limits"),
            findings,
        ),
        write: None,
        prognosis: prognoses::compile(spec, unit, &place.key("prognosis"), findings),
        label,
    }
}

/// The decimals that the author wants, or that suit the range.
fn decimals(spec: &SignalSpec) -> usize {
    if let Some(decimals) = spec.decimals {
        return usize::from(decimals.min(MAX_DECIMALS));
    }
    if !spec.states.is_empty() {
        return 0;
    }
    decimals_for(spec.range)
}

/// The decimals that show three to four digits of a value in the range.
pub(super) fn decimals_for(range: (f64, f64)) -> usize {
    let span = range.1 - range.0;
    [1_000.0, 100.0, 10.0, 1.0, 0.1, 0.01]
        .iter()
        .position(|size| span >= *size)
        .unwrap_or(6)
}

fn drives(
    specs: &[Drive],
    signals: &[Signal],
    place: &Place<'_>,
    findings: &mut Findings,
) -> Vec<(DrivenPart, u32)> {
    let mut drives: Vec<(DrivenPart, u32)> = Vec::with_capacity(specs.len());
    for (index, drive) in specs.iter().enumerate() {
        let place = place.item(index);
        let (part, name) = match drive {
            Drive::Fill(name) => (DrivenPart::Fill, name),
            Drive::Spin(name) => (DrivenPart::Spin, name),
            Drive::Flow(name) => (DrivenPart::Flow, name),
            Drive::Position(name) => (DrivenPart::Position, name),
            Drive::Running(name) => (DrivenPart::Running, name),
        };
        if drives.iter().any(|(taken, _)| *taken == part) {
            let message = format!("{part:?} is driven twice");
            findings.add(&place, message, "one signal drives one part");
        }
        match (0..).zip(signals).find(|(_, signal)| signal.name == *name) {
            Some((offset, _)) => drives.push((part, offset)),
            None => {
                let known: Vec<&str> = signals.iter().map(|signal| signal.name.as_str()).collect();
                let message = format!("this type has no signal {}", quoted(name));
                findings.add(&place, message, did_you_mean(name, known));
            }
        }
    }
    drives
}

/// `label`, or if it is empty the name as a headline: `raw_pump` becomes `Raw pump`.
fn or_headline(label: &str, name: &str) -> String {
    if !label.is_empty() {
        return label.to_owned();
    }
    let mut letters = name.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect::<String>().replace('_', " ")
}
