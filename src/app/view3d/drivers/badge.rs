//! Badge: the alarm of an asset, by priority; flashing while it waits to be acknowledged.

use super::super::super::palette;
use super::super::super::scene::{AlarmMark, Unacknowledged};
use super::super::record::{Record, flag, packed};

/// Writes the mark of the most urgent alarm.
pub(super) fn badge(mark: AlarmMark, record: &mut Record) {
    let Some((priority, Unacknowledged(waits))) = mark.0 else {
        return;
    };
    record.mark = packed(palette::priority_colour(priority));
    record.flags |= flag::ALARM;
    if waits {
        record.flags |= flag::FLASHING;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Priority;

    #[test]
    fn only_what_waits_flashes() {
        let flags = |mark| {
            let mut record = Record::default();
            badge(AlarmMark(mark), &mut record);
            record.flags
        };
        assert_eq!(flags(None), 0);
        let seen = Some((Priority::High, Unacknowledged(false)));
        let waits = Some((Priority::High, Unacknowledged(true)));
        assert_eq!(flags(seen), flag::ALARM);
        assert_eq!(flags(waits), flag::ALARM | flag::FLASHING);
    }
}
