//! The account of what came in, went out and reacted.

/// Amounts since the start: kg of a chemical, m³ s of age, m³ of traced water.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Balance {
    /// In pipes and tanks at the start.
    pub initial: f64,
    /// Brought by reservoirs and sources.
    pub inflow: f64,
    /// Taken by consumers and reservoirs.
    pub outflow: f64,
    /// Lost to reactions; below zero for what grew.
    pub reacted: f64,
}

impl Balance {
    /// What should be in pipes and tanks now.
    pub fn expected(&self) -> f64 {
        self.initial + self.inflow - self.outflow - self.reacted
    }

    /// Whatever went out, reacted or is still there (`stored`) over whatever came in or was
    /// there at the start: 1 where the account closes.
    pub fn ratio(&self, stored: f64) -> f64 {
        let gone = self.outflow + stored + self.reacted.max(0.0);
        let come = self.initial + self.inflow - self.reacted.min(0.0);
        if come == 0.0 { 1.0 } else { gone / come }
    }
}
