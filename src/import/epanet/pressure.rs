//! What pressures are ordinary in a network, and which are too low: no file says it.

use super::Import;
use super::report::Notes;
use super::units::{plain, unit};
use crate::scene::spec::{LimitKind, LimitSpec, Priority};

impl Import<'_> {
    /// From nothing to what the sources alone give most junctions, in the file's unit.
    ///
    /// Of the three ordinary scales the narrowest that holds it; what lies above is drawn as
    /// its top.
    pub(super) fn pressure_range(&self) -> (f64, f64) {
        let network = self.network();
        let reservoirs = network.reservoirs.iter().map(|r| r.bottom + r.level);
        let tanks = network.tanks.iter().map(|tank| tank.bottom + tank.max);
        let mut tops: Vec<f64> = reservoirs.chain(tanks).collect();
        let mut grounds: Vec<f64> = network.junctions.iter().map(|at| at.elevation).collect();
        tops.sort_by(f64::total_cmp);
        grounds.sort_by(f64::total_cmp);
        // A typical source over a low consumer: one high zone does not set the scale of all.
        let top = tops.get(tops.len() / 2).copied().unwrap_or(60.0);
        let ground = grounds.get(grounds.len() / 10).copied().unwrap_or(0.0);
        let head = unit("mH2O").to_si((top - ground).max(0.0));
        let head = self.units.pressure.from_si(head) * 0.9;
        let scales = if self.units.is_us {
            [75.0, 100.0, 150.0]
        } else {
            [50.0, 75.0, 100.0]
        };
        let scale = scales.into_iter().find(|top| *top >= head);
        (0.0, scale.unwrap_or(scales[2]))
    }

    /// What consumers need, in the file's unit of pressure: no file says it.
    pub(super) fn pressure_limits(&self, notes: &mut Notes) -> Vec<LimitSpec> {
        // In the United States 20 psi are to be held always and 35 psi in ordinary service
        // (Ten States Standards 2018, 8.2.1); elsewhere 20 m of water serve two floors.
        let (low_low, low) = if self.units.is_us {
            (20.0, 35.0)
        } else {
            (10.0, 20.0)
        };
        let symbol = self.units.pressure.symbol();
        notes.guess(
            format!("pressure at demand junctions is low below {low} {symbol}, too low below {low_low} {symbol}"),
            "name the type `demand junction` in a scene of your own to set other limits",
        );
        let limit = |kind, at: f64, priority, message: &str| LimitSpec {
            deadband: plain(at * 0.05),
            ..limit(kind, at, priority, message)
        };
        vec![
            limit(LimitKind::Low, low, Priority::Low, "Pressure low"),
            limit(
                LimitKind::LowLow,
                low_low,
                Priority::High,
                "Pressure too low",
            ),
        ]
    }
}

/// A limit without deadband or delay.
pub(super) fn limit(kind: LimitKind, at: f64, priority: Priority, message: &str) -> LimitSpec {
    LimitSpec {
        kind,
        at,
        deadband: 0.0,
        on_delay: "0s".to_owned(),
        off_delay: "0s".to_owned(),
        priority,
        message: message.to_owned(),
        advice: String::new(),
    }
}
