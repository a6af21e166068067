//! Who moves and is looked at: what it is, where it is, and where it has been.

use egui::{RichText, Ui};

use super::view_tools::head_ui;
use super::{Twin, theme};
use crate::app::action::{Action, Named};
use crate::population::{Population, Visit};
use crate::time::{Timestamp, duration_text};
use crate::units::Quantity;

/// Places that are listed, the latest.
const VISITS: usize = 7;

/// The card of the member that is looked at.
pub fn member_ui(ui: &mut Ui, twin: &Twin<'_>, actions: &mut Vec<Action>) {
    let Some((member, row)) = twin.movement.chosen() else {
        return;
    };
    let Some(population) = twin.plant.populations().nth(member.population.0 as usize) else {
        return;
    };
    let kind = population.kinds.get(usize::from(row.kind));
    let title = format!("{} {}", kind.map_or("Member", String::as_str), member.id);
    if head_ui(ui, &title, "Look at nobody") {
        actions.push(Action::SelectMember(None));
    }
    let place = row.place.and_then(|place| place_text(population, place));
    if let Some(place) = place {
        ui.label(format!("at {place}"));
    }
    let value = match population.quantity {
        Quantity::Time => duration_text(row.value),
        _ => format!("{:.0}", row.value),
    };
    ui.label(theme::note(format!("{value} {}", population.value)));
    if let Some(seen) = twin.movement.seen_at() {
        let age = twin.timeline.playhead().secs_since(seen).max(0.0);
        ui.label(theme::note(format!("seen {} before", duration_text(age))));
        let behind = twin.movement.behind().as_secs_f64();
        if behind > 0.0 {
            let text = format!(
                "shown as of {} ago, between two fixes",
                duration_text(behind)
            );
            ui.label(theme::note(text))
                .on_hover_text("So it moves evenly, and is never drawn ahead of what was seen");
        }
    }
    let (text, hint) = if twin.picture.follows {
        ("Stay here", "The camera stays where it is")
    } else {
        ("Follow", Named::FollowMember.title())
    };
    if ui.button(text).on_hover_text(hint).clicked() {
        actions.push(Action::Named(Named::FollowMember));
    }
    let visits = twin.movement.visits();
    if visits.is_empty() {
        return;
    }
    ui.add_space(4.0);
    ui.label(theme::caption("Where it has been"));
    let at = twin.timeline.playhead();
    egui::Grid::new("visits").num_columns(3).show(ui, |ui| {
        for visit in visits.iter().rev().take(VISITS) {
            let place = place_text(population, visit.place);
            ui.label(theme::note(visit.from.format("%H:%M:%S")));
            ui.label(place.unwrap_or_default());
            ui.label(RichText::new(stay_text(visit, at)).color(theme::weak()));
            ui.end_row();
        }
    });
}

fn place_text(population: &Population, place: u32) -> Option<String> {
    population.places.get(place as usize).cloned()
}

/// How long somebody stayed, or has stayed so far.
fn stay_text(visit: &Visit, at: Timestamp) -> String {
    duration_text(visit.until.unwrap_or(at).secs_since(visit.from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stay_that_lasts_is_counted_to_the_playhead() {
        let (from, at) = (Timestamp::from_secs(100), Timestamp::from_secs(160));
        let visit = Visit {
            place: 0,
            from,
            until: None,
        };
        assert_eq!(stay_text(&visit, at), duration_text(60.0));
        let over = Visit {
            until: Some(Timestamp::from_secs(105)),
            ..visit
        };
        assert_eq!(stay_text(&over, at), duration_text(5.0));
    }
}
