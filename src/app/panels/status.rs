//! The line at the bottom: what was done or refused, how the data are, how fast we draw.

use egui::{Align, Label, Layout, RichText, Ui};
use egui_phosphor::regular as icon;

use super::reading::{Reading, Trust};
use super::{Twin, theme};

/// How long a notice stays, s.
const NOTICE_SECS: f64 = 12.0;

/// How the readings at the playhead are, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// To be used.
    pub good: usize,
    /// To be used with care.
    pub uncertain: usize,
    /// Not to be used.
    pub bad: usize,
    /// Too old, or the link is lost.
    pub stale: usize,
    /// Nothing known.
    pub missing: usize,
}

impl Counts {
    /// Counts the readings of all signals that telemetry should carry.
    pub fn of(twin: &Twin<'_>) -> Self {
        let mut counts = Self::default();
        let measured = twin.scene.signal_ids();
        for id in measured.filter(|id| twin.scene.signal(*id).measured) {
            let count = match Reading::of(twin, id).trust {
                Trust::Good => &mut counts.good,
                Trust::Uncertain(_) => &mut counts.uncertain,
                Trust::Bad(_) => &mut counts.bad,
                Trust::Stale | Trust::Unlinked => &mut counts.stale,
                Trust::Missing => &mut counts.missing,
            };
            *count += 1;
        }
        counts
    }
}

/// The status line.
pub fn status_ui(ui: &mut Ui, twin: &Twin<'_>) {
    ui.horizontal_centered(|ui| {
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let pace = twin.pace;
            if pace.frames_per_sec > 0.0 {
                let text = format!("{:.0} fps  {:.1} ms", pace.frames_per_sec, pace.frame_ms);
                ui.label(theme::note(text))
                    .on_hover_text("Frames per second, and this program's own work per frame");
                ui.separator();
            }
            counts_ui(ui, twin);
            ui.separator();
            ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                notice_ui(ui, twin);
            });
        });
    });
}

fn counts_ui(ui: &mut Ui, twin: &Twin<'_>) {
    let counts = Counts::of(twin);
    let rows = [
        (counts.missing, "no data", icon::MINUS_CIRCLE),
        (counts.bad, "bad", icon::X_CIRCLE),
        (counts.stale, "stale", icon::CLOCK_COUNTDOWN),
        (counts.uncertain, "uncertain", icon::QUESTION),
    ];
    for (count, word, icon) in rows {
        if count > 0 {
            ui.label(RichText::new(format!("{icon} {count} {word}")).size(11.5));
        }
    }
    ui.label(theme::note(format!("{} good", counts.good)));
    ui.separator();
    let (assets, signals) = (twin.scene.assets.len(), twin.scene.signals.len());
    ui.label(theme::note(format!("{assets} assets, {signals} signals")));
}

fn notice_ui(ui: &mut Ui, twin: &Twin<'_>) {
    let now = ui.input(|input| input.time);
    let Some(notice) = twin.notices.last() else {
        ui.label(theme::note("Ready"));
        return;
    };
    let past = twin.notices.iter().rev().take(8);
    let log: Vec<_> = past.map(|notice| notice.text.as_str()).collect();
    let fresh = now - notice.at_secs < NOTICE_SECS;
    // What is long past is still there to be read, and no more than that.
    let ink = match (fresh, notice.warning) {
        (false, _) => theme::weak(),
        (true, true) => theme::warning(),
        (true, false) => theme::text(),
    };
    let text = match notice.warning {
        true => format!("{}  {}", icon::WARNING, notice.text),
        false => notice.text.clone(),
    };
    let text = RichText::new(text).size(11.5).color(ink);
    ui.add(Label::new(text).truncate())
        .on_hover_text(log.join("\n"));
}
