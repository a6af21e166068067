//! Writes what the trends show, for a spreadsheet.

use bevy::prelude::*;

use super::action::Action;
use super::notices::Tell;
use super::scene::OpenScene;
use super::selection::Selection;
use super::telemetry::Historian;
use super::ui::PanelMemory;
use crate::files;
use crate::session;

pub(super) fn plugin(app: &mut App) {
    app.add_systems(Update, export_trends.run_if(on_message::<Action>));
}

/// Everything measured of the trends' signals; what is on screen may be a part of it.
fn export_trends(
    mut actions: MessageReader<Action>,
    open: Res<OpenScene>,
    history: Res<Historian>,
    selection: Res<Selection>,
    memory: Res<PanelMemory>,
    mut tell: MessageWriter<Tell>,
) {
    for action in actions.read() {
        let Action::ExportTrends(path) = action else {
            continue;
        };
        let signals = memory.state.trend_signals(&open.scene, *selection);
        if signals.is_empty() {
            tell.write(Tell::warning(
                "The trends show no signal, so nothing was exported",
            ));
            continue;
        }
        let rows = session::recorded_rows(&open.scene, &history, signals);
        tell.write(match files::write_recorded_csv(path, rows) {
            Ok(()) => Tell::done(format!("Trends written: {}", path.display())),
            Err(error) => Tell::warning(error.to_string()),
        });
    }
}
