//! The water in one pipe or tank: a row of segments, each of one quality.
//!
//! In a pipe the front of the row is the downstream end. Water enters at the back and
//! leaves at the front, and nothing mixes on the way (plug flow).

use std::collections::VecDeque;

/// A row never holds more segments than this; then the two most alike become one.
const MOST_SEGMENTS: usize = 1_000;

/// Whether two qualities differ by less than `tolerance`.
///
/// Files give qualities and tolerances in round numbers, so a difference of just the
/// tolerance is common; it counts as unlike, and rounding does not decide.
pub(super) fn alike(one: f64, other: f64, tolerance: f64) -> bool {
    (one - other).abs() < tolerance * (1.0 - 1e-9)
}

/// A body of water of one quality.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Segment {
    /// m³.
    pub(super) volume: f64,
    /// kg/m³, s or a share.
    pub(super) quality: f64,
}

/// An amount of water with what it carries.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Parcel {
    /// m³.
    pub(super) volume: f64,
    /// Volume times quality.
    pub(super) mass: f64,
}

/// Segments from the downstream end to the upstream end.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Segments {
    row: VecDeque<Segment>,
}

impl Segments {
    /// One segment.
    pub(super) fn one(volume: f64, quality: f64) -> Self {
        Self {
            row: VecDeque::from([Segment { volume, quality }]),
        }
    }

    /// Every segment, from the front.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Segment> {
        self.row.iter()
    }

    /// Every segment, from the front.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Segment> {
        self.row.iter_mut()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.row.len()
    }

    /// The downstream end.
    pub(super) fn front(&self) -> Option<&Segment> {
        self.row.front()
    }

    /// The upstream end.
    pub(super) fn back(&self) -> Option<&Segment> {
        self.row.back()
    }

    /// The upstream end.
    pub(super) fn back_mut(&mut self) -> Option<&mut Segment> {
        self.row.back_mut()
    }

    /// The two segments, if there are just two.
    pub(super) fn pair_mut(&mut self) -> Option<[&mut Segment; 2]> {
        match self.row.make_contiguous() {
            [front, back] => Some([front, back]),
            _ => None,
        }
    }

    /// The sum of all.
    pub(super) fn whole(&self) -> Parcel {
        let mut whole = Parcel::default();
        for segment in &self.row {
            whole.volume += segment.volume;
            whole.mass += segment.volume * segment.quality;
        }
        whole
    }

    /// Turns front into back.
    pub(super) fn reverse(&mut self) {
        self.row.make_contiguous().reverse();
    }

    /// Lets `volume` in at the back; it blends with what is there if it is [`alike`].
    pub(super) fn enter(&mut self, volume: f64, quality: f64, tolerance: f64) {
        match self.row.back_mut() {
            Some(back) if alike(back.quality, quality, tolerance) => {
                let whole = back.volume + volume;
                back.quality = (back.quality * back.volume + quality * volume) / whole;
                back.volume = whole;
            }
            _ => self.push(volume, quality),
        }
    }

    /// A segment more at the back.
    pub(super) fn push(&mut self, volume: f64, quality: f64) {
        self.row.push_back(Segment { volume, quality });
        if self.row.len() > MOST_SEGMENTS {
            self.join_most_alike();
        }
    }

    /// Takes up to `volume` from the front.
    pub(super) fn leave(&mut self, volume: f64) -> Parcel {
        let mut left = volume;
        let mut taken = Parcel::default();
        while left > 0.0
            && let Some(front) = self.row.front_mut()
        {
            let share = front.volume.min(left);
            taken.volume += share;
            taken.mass += share * front.quality;
            left -= share;
            if share >= front.volume {
                self.row.pop_front();
            } else {
                front.volume -= share;
            }
        }
        taken
    }

    /// Takes `volume` from the front; the last segment gives whatever is asked.
    pub(super) fn draw_front(&mut self, volume: f64) -> Parcel {
        self.draw(volume, VecDeque::front_mut, VecDeque::pop_front)
    }

    /// Takes `volume` from the back; the last segment gives whatever is asked.
    pub(super) fn draw_back(&mut self, volume: f64) -> Parcel {
        self.draw(volume, VecDeque::back_mut, VecDeque::pop_back)
    }

    fn draw(
        &mut self,
        volume: f64,
        end: fn(&mut VecDeque<Segment>) -> Option<&mut Segment>,
        pop: fn(&mut VecDeque<Segment>) -> Option<Segment>,
    ) -> Parcel {
        let mut left = volume;
        let mut drawn = Parcel::default();
        while left > 0.0 {
            let last = self.row.len() == 1;
            let Some(segment) = end(&mut self.row) else {
                break;
            };
            let share = if last { left } else { segment.volume.min(left) };
            drawn.volume += share;
            drawn.mass += share * segment.quality;
            left -= share;
            if share < segment.volume {
                segment.volume -= share;
            } else if !last {
                pop(&mut self.row);
            }
        }
        drawn
    }

    /// Makes one of the two neighbours whose blending moves the least mass.
    fn join_most_alike(&mut self) {
        let row = self.row.make_contiguous();
        let moved = |pair: &[Segment]| {
            let [a, b] = [pair[0], pair[1]];
            (a.quality - b.quality).abs() * a.volume * b.volume / (a.volume + b.volume)
        };
        let least = row
            .windows(2)
            .enumerate()
            .min_by(|(_, one), (_, other)| moved(one).total_cmp(&moved(other)));
        if let Some((place, _)) = least {
            let gone = self.row.remove(place + 1);
            if let (Some(kept), Some(gone)) = (self.row.get_mut(place), gone) {
                let volume = kept.volume + gone.volume;
                if volume > 0.0 {
                    kept.quality =
                        (kept.quality * kept.volume + gone.quality * gone.volume) / volume;
                }
                kept.volume = volume;
            }
        }
    }
}

impl FromIterator<Segment> for Segments {
    fn from_iter<I: IntoIterator<Item = Segment>>(segments: I) -> Self {
        Self {
            row: segments.into_iter().collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_entered_first_leaves_first() {
        let mut row = Segments::one(2.0, 1.0);
        row.enter(3.0, 5.0, 0.1);
        assert_eq!(
            row.leave(4.0),
            Parcel {
                volume: 4.0,
                mass: 2.0 + 10.0
            }
        );
        assert_eq!(row.leave(4.0).volume, 1.0, "no more than there is");
        assert_eq!(row.len(), 0);
    }

    #[test]
    fn alike_water_blends_and_unlike_water_does_not() {
        let mut row = Segments::one(1.0, 1.0);
        row.enter(1.0, 1.05, 0.1);
        assert_eq!((row.len(), row.whole().mass), (1, 2.05));
        row.enter(1.0, 2.0, 0.1);
        assert_eq!(row.len(), 2);
        row.reverse();
        assert_eq!(row.front().map(|segment| segment.quality), Some(2.0));
    }

    #[test]
    fn a_row_stays_bounded_and_keeps_its_mass() {
        let mut row = Segments::default();
        let (mut volume, mut mass) = (0.0, 0.0);
        for step in 0..5_000 {
            let (v, c) = (1.0 + f64::from(step % 7), f64::from(step % 13));
            row.enter(v, c, 0.0);
            volume += v;
            mass += v * c;
        }
        assert_eq!(row.len(), MOST_SEGMENTS);
        assert!((row.whole().volume / volume - 1.0).abs() < 1e-12);
        assert!((row.whole().mass / mass - 1.0).abs() < 1e-12);
    }
}
