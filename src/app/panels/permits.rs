//! What whoever sits at the desk may do, for buttons: the rule of the gate, and nothing besides.

use egui::Ui;

use super::Twin;
use crate::access::Right;
use crate::app::rights::{Around, At, Need};

impl Twin<'_> {
    /// Whether what is needed is permitted, or why not.
    pub fn permits(&self, need: &Need) -> Result<(), &'static str> {
        let first = self.desk.first();
        let around = Around {
            scene: self.scene,
            orders: self.orders,
            first_alarm: first.map(|alarm| self.scene.signal(alarm.signal).asset),
        };
        let permitted = self.who.permits(need, around);
        permitted.map_err(|denied| denied.hover())
    }

    /// Whether he has the right for the whole plant, or why not.
    pub fn may(&self, right: Right) -> Result<(), &'static str> {
        self.permits(&Need::Right(right, At::Plant))
    }

    /// Whether he has the right anywhere, or why not.
    pub fn may_somewhere(&self, right: Right) -> Result<(), &'static str> {
        self.permits(&Need::Right(right, At::Somewhere))
    }
}

/// Lays out what needs a right: greyed out without it, with the reason on hover.
pub fn rightful_ui<R>(
    ui: &mut Ui,
    allowed: Result<(), &'static str>,
    add: impl FnOnce(&mut Ui) -> R,
) -> R {
    let part = ui.add_enabled_ui(allowed.is_ok(), add);
    if let Err(why) = allowed
        && part.response.contains_pointer()
    {
        part.response.show_tooltip_text(why);
    }
    part.inner
}
