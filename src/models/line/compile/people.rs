//! Lays out crews and shifts.

use super::Compiler;
use crate::models::config::Entry;
use crate::models::line::plan::{CrewPlan, ShiftPlan, Slot};
use crate::models::line::spec::ShiftSpec;

impl Compiler<'_, '_, '_> {
    pub(super) fn crews(&mut self) {
        for (index, crew) in self.spec.operators.iter().enumerate() {
            let entry = Entry::item("operators", index, &crew.tag);
            if self.nodes.contains_key(&crew.tag) {
                let message = format!("`{}` is there twice", crew.tag);
                self.reader
                    .problem(&entry, "tag", message, "give the crew a tag of its own");
            }
            let skills = crew
                .skills
                .iter()
                .filter_map(|skill| self.skill_place(skill));
            let skills = skills.collect();
            self.plan.crews.push(CrewPlan {
                tag: crew.tag.clone(),
                skills,
                count: crew.count,
            });
        }
    }

    pub(super) fn shifts(&mut self) {
        for (index, shift) in self.spec.shifts.iter().enumerate() {
            let entry = Entry::new(["shifts".into(), index.into()], "a shift");
            self.shift(&entry, shift);
        }
        if !self.plan.shifts.is_empty() {
            self.plan.add_slot(Slot::Shift);
        }
    }

    fn shift(&mut self, entry: &Entry, spec: &ShiftSpec) {
        let mut second = |field: &str, text: &str| {
            let parts = text.split_once(':');
            let parts = parts.and_then(|(hour, minute)| {
                Some((hour.parse::<u8>().ok()?, minute.parse::<u8>().ok()?))
            });
            match parts {
                Some((hour, minute)) if hour < 24 && minute < 60 => {
                    i64::from(hour) * 3_600 + i64::from(minute) * 60
                }
                _ => {
                    let message = format!("`{text}` is not a time of day");
                    self.reader
                        .problem(entry, field, message, "write hh:mm, such as 06:00");
                    0
                }
            }
        };
        let (from, to) = (second("from", &spec.from), second("to", &spec.to));
        let length = if to > from {
            to - from
        } else {
            to - from + 86_400
        };
        let days: Vec<i64> = if spec.days.is_empty() {
            (0..7).collect()
        } else {
            spec.days.iter().map(|day| *day as i64).collect()
        };
        let shifts = days.into_iter().map(|day| ShiftPlan {
            from: day * 86_400 + from,
            length,
        });
        self.plan.shifts.extend(shifts);
    }
}
