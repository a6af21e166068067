//! A rapid gravity filter bed between two washes.
//!
//! ```text
//! σ' = C_in v                                deposit, NTU·m
//! h  = (v / v_d) (h_clean + h_clogged σ / σ_s)
//! C  = C_in (p + (1 − p) B(σ)) + C_r e^(−z / 2 m)
//! B  = 1 / (1 + e^((1.25 σ_s − σ) / 0.06 σ_s))
//! ```
//!
//! `v` is the filtration rate and `z` the height of water filtered since the wash. Head
//! loss grows in proportion to the deposit at a steady rate (Crittenden et al., MWH's
//! Water Treatment, 3rd ed. 2012, chapter 11: k·V·C·t); a bed ripens at first and breaks
//! through at last (same chapter, the stages of a filter run); the two exponential shapes
//! are a common description of those stages, not a law.

use super::spec::FiltersSpec;
use crate::models::config::{Entry, Reader};
use crate::units::Quantity;

/// Height of water after which the remnants of a wash have faded to a third, m.
const RIPENING: f64 = 2.0;
/// Deposit at breakthrough, as a share of the storage.
const BREAKTHROUGH: f64 = 1.25;
/// How suddenly it comes, as a share of the storage.
const SUDDENNESS: f64 = 0.06;

/// What all beds of a works have in common, SI and NTU.
#[derive(Clone, Debug)]
pub(super) struct Design {
    area: f64,
    design_rate: f64,
    clean_headloss: f64,
    clogged_headloss: f64,
    storage: f64,
    passing: f64,
    remnants: f64,
}

/// What a bed holds.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Deposit {
    /// σ, NTU·m.
    pub(super) load: f64,
    /// z, m.
    pub(super) height: f64,
}

impl Design {
    pub(super) fn compile(spec: &FiltersSpec, entry: &Entry, reader: &mut Reader<'_>) -> Self {
        let area = reader.positive(entry, "area", &spec.area, Quantity::Area);
        let flow = &spec.design_flow;
        let flow = reader.positive(entry, "design_flow", flow, Quantity::VolumeFlow);
        let (clean, clogged) = (&spec.clean_headloss, &spec.clogged_headloss);
        let (storage, passing) = (spec.storage, spec.passing);
        let share = (0.0..1.0).contains(&passing);
        Self {
            area,
            design_rate: flow / area,
            clean_headloss: reader.positive(entry, "clean_headloss", clean, Quantity::Length),
            clogged_headloss: reader.positive(entry, "clogged_headloss", clogged, Quantity::Length),
            storage: reader.checked(entry, "storage", storage, storage > 0.0, "above zero"),
            passing: reader.checked(entry, "passing", passing, share, "0 or more, below 1"),
            remnants: reader.value(entry, "remnants", &spec.remnants, Quantity::Turbidity),
        }
    }

    /// A bed that has used up `share` of its storage.
    pub(super) fn used(&self, share: f64) -> Deposit {
        Deposit {
            load: share * self.storage,
            height: 50.0 * RIPENING * share,
        }
    }

    /// The bed that shows `headloss`, m, at `flow`, m³/s; `None` where that tells nothing.
    pub(super) fn seen(&self, headloss: f64, flow: f64) -> Option<Deposit> {
        let rate = flow / (self.area * self.design_rate);
        let told = rate > 0.1 && headloss.is_finite();
        told.then(|| {
            let clogged = headloss / rate - self.clean_headloss;
            self.used((clogged / self.clogged_headloss).clamp(0.0, 2.0))
        })
    }

    /// Goes on for `secs` at `flow`, m³/s, of `turbidity`, NTU.
    pub(super) fn filter(&self, deposit: &mut Deposit, flow: f64, turbidity: f64, secs: f64) {
        let height = flow.max(0.0) / self.area * secs;
        deposit.height += height;
        deposit.load += turbidity.max(0.0) * height;
    }

    /// The flow at which a bed filters to waste, m³/s.
    pub(super) fn design_flow(&self) -> f64 {
        self.design_rate * self.area
    }

    /// Head loss, m, at `flow`, m³/s.
    pub(super) fn headloss(&self, deposit: &Deposit, flow: f64) -> f64 {
        let rate = flow.max(0.0) / (self.area * self.design_rate);
        rate * (self.clean_headloss + self.clogged_headloss * deposit.load / self.storage)
    }

    /// Turbidity of the filtrate, NTU, of water of `turbidity`.
    pub(super) fn filtrate(&self, deposit: &Deposit, turbidity: f64) -> f64 {
        let used = deposit.load / self.storage;
        let broken = 1.0 / (1.0 + ((BREAKTHROUGH - used) / SUDDENNESS).exp());
        turbidity.max(0.0) * (self.passing + (1.0 - self.passing) * broken)
            + self.remnants * (-deposit.height / RIPENING).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn design() -> Design {
        Design {
            area: 40.0,
            design_rate: 6.0 / 3_600.0,
            clean_headloss: 0.4,
            clogged_headloss: 1.6,
            storage: 200.0,
            passing: 0.03,
            remnants: 0.6,
        }
    }

    #[test]
    fn a_run_ripens_and_then_breaks_through() {
        let (design, mut bed) = (design(), Deposit::default());
        let mut turbidities = Vec::new();
        for _ in 0..60 {
            turbidities.push(design.filtrate(&bed, 1.0));
            design.filter(&mut bed, design.design_flow(), 1.0, 3_600.0);
        }
        assert!((turbidities[0] - 0.63).abs() < 1e-9, "{}", turbidities[0]);
        assert!((turbidities[5] - 0.03).abs() < 1e-6, "{}", turbidities[5]);
        assert!(turbidities[59] > 0.9, "{}", turbidities[59]);
    }

    #[test]
    fn head_loss_grows_by_its_share_and_tells_the_deposit_back() {
        let (design, mut bed) = (design(), Deposit::default());
        let flow = 0.8 * design.design_flow();
        // 100 NTU·m: half of the storage.
        design.filter(&mut bed, design.design_flow(), 1.0, 100.0 / 6.0 * 3_600.0);
        assert!((design.headloss(&bed, flow) - 0.8 * 1.2).abs() < 1e-9);
        let seen = design
            .seen(design.headloss(&bed, flow), flow)
            .expect("a rate");
        assert!((seen.load - bed.load).abs() < 1e-9);
        assert_eq!(design.seen(1.0, 0.0), None);
    }
}
