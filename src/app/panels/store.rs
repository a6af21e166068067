//! How the recording is: where, how much, how safe, and what is wrong.

use egui::{Align, Layout, RichText, Ui};
use egui_phosphor::regular as icon;

use super::{RecordingView, Twin, theme};
use crate::recording::RecorderStatus;

/// The store of the open scene.
pub fn store_ui(ui: &mut Ui, twin: &Twin<'_>) {
    egui::Frame::new()
        .fill(theme::raised())
        .corner_radius(4.0)
        .inner_margin(8)
        .show(ui, |ui| {
            ui.set_width(ui.available_width());
            match twin.recording {
                Some(recording) => recording_ui(ui, twin, recording),
                None => {
                    ui.label(theme::heading("Recording"));
                    let text = "Nothing is recorded: the past is what is in memory. \
                        Open with --store DIR to keep every sample";
                    ui.add(egui::Label::new(theme::note(text)).wrap());
                }
            }
        });
}

fn recording_ui(ui: &mut Ui, twin: &Twin<'_>, recording: &RecordingView) {
    ui.horizontal(|ui| {
        ui.label(theme::heading("Recording"));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let ink = match recording.trouble {
                Some(_) => theme::warning(),
                None => theme::text(),
            };
            ui.label(RichText::new(state_text(recording)).color(ink));
            ui.label(RichText::new(icon::DATABASE).size(15.0).color(ink));
        });
    });
    ui.add(egui::Label::new(theme::note(&recording.place)).wrap());
    if let Some(trouble) = &recording.trouble {
        ui.add_space(2.0);
        let text = RichText::new(format!("{}  {trouble}", icon::WARNING)).color(theme::warning());
        ui.add(egui::Label::new(text).wrap());
    }
    ui.add_space(4.0);
    egui::Grid::new("recording")
        .num_columns(2)
        .spacing([16.0, 4.0])
        .show(ui, |ui| {
            let mut row = |name: &str, text: String| {
                ui.label(RichText::new(name).color(theme::weak()));
                ui.label(text);
                ui.end_row();
            };
            if let Some((from, _)) = twin.history.recorded().first() {
                row("Since", format!("{} UTC", from.to_clock_text()));
            }
            if let Some(status) = &recording.status {
                counters(status, &mut row);
            }
        });
}

fn counters(status: &RecorderStatus, row: &mut impl FnMut(&str, String)) {
    row("Rows this time", status.rows_written.to_string());
    if status.rows_waiting > 0 {
        row("Waiting", format!("{} rows", status.rows_waiting));
    }
    if status.rows_lost > 0 {
        row("Lost", format!("{} rows", status.rows_lost));
    }
    let log = format!(
        "{}, {} files",
        bytes_text(status.log_bytes),
        status.logs_waiting
    );
    row("Log", log);
    if let Some(free) = status.free_bytes {
        row("Free", bytes_text(free));
    }
}

/// What the recorder does, in a word or two.
pub fn state_text(recording: &RecordingView) -> &'static str {
    match &recording.status {
        None => "read only",
        Some(status) if status.writing.stopped().is_some() => "not recorded",
        Some(status) if status.sealing.stopped().is_some() => "log only",
        Some(_) => "recorded",
    }
}

/// A size as people read it: `1.4 GB`.
pub fn bytes_text(bytes: u64) -> String {
    let units = ["B", "kB", "MB", "GB", "TB"];
    let mut size = bytes as f64;
    let mut unit = 0;
    while size >= 999.5 && unit + 1 < units.len() {
        size /= 1_000.0;
        unit += 1;
    }
    let decimals = usize::from(unit > 0 && size < 99.95);
    format!("{size:.decimals$} {}", units[unit])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_as_people_write_them() {
        for (bytes, text) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (123_456_789, "123 MB"),
            (5_000_000_000_000, "5.0 TB"),
        ] {
            assert_eq!(bytes_text(bytes), text);
        }
    }
}
