//! The report as one HTML file: nothing from elsewhere, no script, laid out for A4.

use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::held::{Held, HeldSpan};
use super::{Episode, ShiftReport, plot, signal_of};
use crate::alarm::{Standing, Target};
use crate::scene::{Priority, Scene};
use crate::time::{Timestamp, duration_text};

/// Alarms that are listed one by one.
const LISTED: usize = 200;
/// Deeds and notes that are listed one by one.
const ROWS: usize = 300;

/// How it looks: greys, with colour for priorities alone, which a shape and a number tell as well.
const STYLE: &str = "\
@page{size:A4;margin:14mm}\
*{box-sizing:border-box}\
body{font:13px/1.4 'Ubuntu','DejaVu Sans',sans-serif;color:#222;background:#fff;max-width:960px;\
margin:24px auto;padding:0 16px}\
h1{font-size:22px;margin:0 0 2px}h2{font-size:15px;margin:22px 0 6px;border-bottom:1px solid #bbb}\
p{margin:4px 0}.weak{color:#666}.cards{display:flex;flex-wrap:wrap;gap:8px;margin:12px 0}\
.card{border:1px solid #bbb;border-radius:4px;padding:6px 12px;min-width:104px}\
.card b{display:block;font-size:20px;font-variant-numeric:tabular-nums}\
table{border-collapse:collapse;width:100%;margin:4px 0 14px;font-variant-numeric:tabular-nums}\
th{text-align:left;font-weight:600;color:#555;border-bottom:1px solid #999;padding:3px 8px 3px 0}\
td{vertical-align:top;border-bottom:1px solid #e2e2e2;padding:3px 8px 3px 0;overflow-wrap:anywhere}\
td.n,th.n{text-align:right;padding-right:20px}tr{break-inside:avoid}thead{display:table-header-group}\
figure{margin:10px 0;break-inside:avoid}figcaption{font-weight:600}\
svg{width:100%;font:10px 'Ubuntu','DejaVu Sans',sans-serif;fill:#444}\
.ground{fill:#f4f4f4}.unknown{fill:url(#hatch)}.line{fill:none;stroke:#1f4e79;stroke-width:1.2}\
.limit{fill:none;stroke:#8a5a00;stroke-dasharray:5 3}.hour{fill:none;stroke:#d0d0d0}\
img{max-width:100%;border:1px solid #bbb}\
.p{display:inline-block;min-width:22px;font-weight:600}\
.p1{color:#b3201c}.p2{color:#a05a00}.p3{color:#7a6a00}";

/// The whole file.
pub(super) fn html(report: &ShiftReport, scene: &Scene) -> String {
    let mut page = Page::default();
    page.head(report, scene);
    page.cards(report);
    page.handed_over(report, scene);
    page.kpis(report, scene);
    page.notes(report);
    page.alarms(report, scene);
    page.cascades(report);
    page.performance(report);
    page.deeds(report);
    page.trends(report, scene);
    page.pictures(report);
    page.text.push_str("</body>\n</html>\n");
    page.text
}

/// Text that HTML takes for text, in elements and in attributes.
pub(super) fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // What no page may hold, and what would write from right to left over its neighbours.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => safe.push('\u{fffd}'),
            _ if letter.is_control() && letter != '\n' => safe.push(' '),
            _ => safe.push(letter),
        }
    }
    safe
}

#[derive(Default)]
pub(super) struct Page {
    text: String,
}

impl Page {
    /// Writing into a text cannot fail.
    fn add(&mut self, text: std::fmt::Arguments<'_>) {
        writeln!(self.text, "{text}").ok();
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.add(format_args!("<h2>{}</h2>", escaped(text)));
    }

    pub(super) fn weak(&mut self, text: &str) {
        self.add(format_args!("<p class=\"weak\">{}</p>", escaped(text)));
    }

    /// A table; cells are HTML already, and columns whose name ends in `#` are numbers.
    pub(super) fn table(&mut self, columns: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
        let class = |name: &str| {
            if name.ends_with('#') {
                " class=\"n\""
            } else {
                ""
            }
        };
        self.text.push_str("<table><thead><tr>");
        for name in columns {
            let shown = escaped(name.trim_end_matches('#'));
            write!(self.text, "<th{}>{shown}</th>", class(name)).ok();
        }
        self.text.push_str("</tr></thead><tbody>\n");
        for row in rows {
            self.text.push_str("<tr>");
            for (cell, name) in row.iter().zip(columns) {
                write!(self.text, "<td{}>{cell}</td>", class(name)).ok();
            }
            self.text.push_str("</tr>\n");
        }
        self.text.push_str("</tbody></table>\n");
    }

    fn head(&mut self, report: &ShiftReport, scene: &Scene) {
        let plan = &report.plan;
        let (name, store) = (escaped(&scene.name), escaped(&report.store));
        self.add(format_args!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <title>Shift report: {name}, {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
             <svg width=\"0\" height=\"0\" style=\"position:absolute\" aria-hidden=\"true\"><defs>\
             <pattern id=\"hatch\" width=\"6\" height=\"6\" patternUnits=\"userSpaceOnUse\" \
             patternTransform=\"rotate(45)\"><rect width=\"6\" height=\"6\" fill=\"#e8e8e8\"/>\
             <path d=\"M0 0V6\" stroke=\"#b8b8b8\" stroke-width=\"2\"/></pattern></defs></svg>",
            clock(plan.from)
        ));
        self.add(format_args!(
            "<h1>Shift report: {name}</h1>\n<p>{} to {} UTC, {}</p>",
            clock(plan.from),
            clock(plan.to),
            duration_text(plan.to.secs_since(plan.from))
        ));
        self.add(format_args!(
            "<p class=\"weak\">Measured values as recorded in {store}. Where nothing usable was known, \
             nothing is told for it. Made {} UTC by {}.</p>",
            clock(plan.made),
            escaped(&plan.by)
        ));
    }

    fn cards(&mut self, report: &ShiftReport) {
        let active = report.told.iter().filter(|one| one.over.is_none());
        let unknown = report.told.iter().filter(|one| one.acknowledged.is_none());
        let writes = report.deeds.iter().filter(|deed| deed.action == "write");
        self.text.push_str("<div class=\"cards\">");
        for (count, what) in [
            (report.alarms.told, "alarms told"),
            (active.count(), "still active"),
            (unknown.count(), "never acknowledged"),
            (report.aside.len(), "put aside"),
            (report.notes.len(), "noted"),
            (writes.count(), "steps of writing"),
        ] {
            write!(self.text, "<div class=\"card\"><b>{count}</b>{what}</div>").ok();
        }
        self.text.push_str("</div>\n");
    }

    fn handed_over(&mut self, report: &ShiftReport, scene: &Scene) {
        self.heading("Handed over");
        let active = report.told.iter().filter(|one| one.over.is_none());
        let mut active: Vec<&Episode> = active.collect();
        // Stable: of equal priority in order of time.
        active.sort_by_key(|one| one.priority);
        if active.is_empty() {
            self.weak("No alarm is active at the end.");
        } else {
            let rows = active.iter().map(|one| alarm_row(one, scene));
            self.table(ALARM_COLUMNS, rows);
        }
        if report.aside.is_empty() {
            self.weak("No alarm is put aside.");
            return;
        }
        let rows = report.aside.iter().map(|aside| {
            let name = &aside.name;
            vec![
                escaped(&name.tag),
                escaped(&format!("{} {}", name.signal, name.limit)),
                match aside.standing {
                    Standing::Shelved => "shelved",
                    Standing::Suppressed => "suppressed by the plant's state",
                    _ => "out of service",
                }
                .to_owned(),
                clock(aside.since),
                aside.by.as_deref().map_or_else(String::new, escaped),
                aside.until.map_or_else(String::new, clock),
                aside.reason.as_deref().map_or_else(String::new, escaped),
            ]
        });
        let columns = &[
            "Asset",
            "Alarm put aside",
            "How",
            "Since",
            "By",
            "Returns",
            "Reason",
        ];
        self.table(columns, rows.collect::<Vec<_>>());
    }

    fn kpis(&mut self, report: &ShiftReport, scene: &Scene) {
        if scene.kpis.is_empty() {
            return;
        }
        self.heading("Indicators");
        let rows = scene.kpis.iter().zip(&report.kpis).map(|(kpi, measured)| {
            let value = measured.value.map_or_else(
                || "not known".to_owned(),
                |si| {
                    let value = kpi.unit.from_si(si);
                    let decimals = if value.abs() >= 100.0 { 0 } else { 2 };
                    format!("{value:.decimals$} {}", kpi.unit.symbol())
                },
            );
            let whole = measured.known > 0.999_5;
            let known = format!("{:.1} %", (measured.known * 1e3).floor() * 0.1);
            vec![
                escaped(&kpi.name),
                escaped(value.trim_end()),
                if whole { "all of it".to_owned() } else { known },
            ]
        });
        self.table(
            &["Indicator", "Value#", "Known for#"],
            rows.collect::<Vec<_>>(),
        );
    }

    fn notes(&mut self, report: &ShiftReport) {
        self.heading("Notes");
        if report.notes.is_empty() {
            self.weak("None.");
            return;
        }
        let rows = report.notes.iter().take(ROWS).map(|note| {
            vec![
                clock(note.at),
                note.tag.as_deref().map_or_else(String::new, escaped),
                escaped(&note.by),
                escaped(&note.text).replace('\n', "<br>"),
            ]
        });
        self.table(&["About", "Asset", "By", "Note"], rows.collect::<Vec<_>>());
        self.left_out(report.notes.len(), ROWS);
    }

    fn alarms(&mut self, report: &ShiftReport, scene: &Scene) {
        self.heading("Alarms");
        let [urgent, high, low] = report.alarms.by_priority;
        self.weak(&format!(
            "Told {} times: urgent {urgent}, high {high}, low {low}.",
            report.alarms.told
        ));
        if report.told.is_empty() {
            return;
        }
        let rows = report
            .told
            .iter()
            .take(LISTED)
            .map(|one| alarm_row(one, scene));
        self.table(ALARM_COLUMNS, rows.collect::<Vec<_>>());
        self.left_out(report.told.len(), LISTED);
    }

    fn performance(&mut self, report: &ShiftReport) {
        self.heading("How the alarm system did");
        let (known, hours) = (report.alarms.known_hours, report.alarms.hours);
        if known <= 0.0 {
            self.weak("Nothing was recorded, so nothing is known of it.");
            return;
        }
        if hours - known > 0.01 {
            self.weak(&format!(
                "Recorded for {} of {}: rates are over that time.",
                duration_text(3_600.0 * known),
                duration_text(3_600.0 * hours)
            ));
        }
        let row = |target: &Target| {
            vec![
                escaped(target.measure),
                format!("{:.2}", target.value),
                format!("{:.2}", target.at_most),
                if target.met { "met" } else { "missed" }.to_owned(),
            ]
        };
        let columns = &["Measure", "Value#", "At most#", "Target"];
        self.table(columns, report.alarms.targets.iter().map(row));
        let worst = report.alarms.worst.iter();
        let worst = worst.map(|one| vec![escaped(&one.alarm), one.told.to_string()]);
        let worst: Vec<_> = worst.collect();
        if !worst.is_empty() {
            self.table(&["Told most often", "Times#"], worst);
        }
    }

    fn deeds(&mut self, report: &ShiftReport) {
        self.heading("What people did");
        if report.deeds.is_empty() {
            self.weak("Nothing was recorded.");
            return;
        }
        let rows = report.deeds.iter().take(ROWS).map(|deed| {
            vec![
                clock(deed.at),
                escaped(&deed.by),
                escaped(&deed.action),
                escaped(&deed.subject),
                escaped(&deed.detail),
            ]
        });
        let columns = &["When", "Who", "What", "To what", "Particulars"];
        self.table(columns, rows.collect::<Vec<_>>());
        self.left_out(report.deeds.len(), ROWS);
    }

    fn trends(&mut self, report: &ShiftReport, scene: &Scene) {
        if report.trends.is_empty() {
            return;
        }
        self.heading("Trends");
        for (id, spans) in &report.trends {
            let signal = scene.signal(*id);
            let label = &scene.asset(signal.asset).label;
            let svg = plot::svg(signal, spans, (report.plan.from, report.plan.to));
            self.add(format_args!(
                "<figure><figcaption>{} <span class=\"weak\">{} {}</span></figcaption>{svg}\
                 <p class=\"weak\">{}</p></figure>",
                escaped(&signal.full_name),
                escaped(label),
                escaped(&signal.label),
                escaped(&missing_text(spans))
            ));
        }
    }

    fn pictures(&mut self, report: &ShiftReport) {
        if report.plan.pictures.is_empty() {
            return;
        }
        self.heading("Pictures");
        for (caption, png) in &report.plan.pictures {
            let caption = escaped(caption);
            self.add(format_args!(
                "<figure><img alt=\"{caption}\" src=\"data:image/png;base64,{}\">\
                 <figcaption>{caption}</figcaption></figure>",
                STANDARD.encode(png)
            ));
        }
    }

    pub(super) fn left_out(&mut self, all: usize, shown: usize) {
        if all > shown {
            let more = all - shown;
            self.weak(&format!(
                "{more} more are in the store, and not listed here."
            ));
        }
    }
}

const ALARM_COLUMNS: &[&str] = &[
    "Priority",
    "Asset",
    "Alarm",
    "Value#",
    "Raised",
    "Acknowledged",
    "Over",
];

/// An alarm as a row of a table.
fn alarm_row(one: &Episode, scene: &Scene) -> Vec<String> {
    let name = &one.name;
    let value = match signal_of(scene, name) {
        Some(id) => scene.signal(id).value_with_unit(one.value),
        None => format!("{} (SI)", one.value),
    };
    let (number, shape) = match one.priority {
        Priority::Urgent => (1, '\u{25a0}'),
        Priority::High => (2, '\u{25b2}'),
        Priority::Low => (3, '\u{25cf}'),
    };
    let known = one.acknowledged.as_ref().map_or_else(
        || "no".to_owned(),
        |(at, by)| format!("{} {}", clock(*at), escaped(by)),
    );
    vec![
        format!("<span class=\"p p{number}\">{shape} {number}</span>"),
        escaped(&name.tag),
        escaped(&format!("{} {}", name.signal, name.limit)),
        escaped(&value),
        clock(one.raised),
        known,
        one.over.map_or_else(|| "still active".to_owned(), clock),
    ]
}

/// How much of a trend cannot be used.
fn missing_text(spans: &[HeldSpan]) -> String {
    let secs = |wanted: fn(Held) -> bool| -> f64 {
        let wanted = spans.iter().filter(|span| wanted(span.held));
        wanted.map(HeldSpan::secs).sum()
    };
    let missing = secs(|held| held == Held::Missing);
    let bad = secs(|held| held == Held::Bad);
    match (missing >= 1.0, bad >= 1.0) {
        (false, false) => String::new(),
        (true, false) => format!("No fresh value for {} (hatched).", duration_text(missing)),
        (false, true) => format!("Bad values only for {} (hatched).", duration_text(bad)),
        (true, true) => format!(
            "No fresh value for {}, bad values only for {} (hatched).",
            duration_text(missing),
            duration_text(bad)
        ),
    }
}

pub(super) fn clock(at: Timestamp) -> String {
    at.to_clock_text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_become_markup() {
        let hostile = "<script>alert('x')</script>\"&\u{202e}\u{7}";
        let safe = escaped(hostile);
        assert_eq!(
            safe,
            "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;\u{fffd} "
        );
    }
}
