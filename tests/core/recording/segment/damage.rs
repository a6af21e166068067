//! Damage, foreign files and hostile ones: told by name, never a panic.

use std::sync::Arc;

use parallax::recording::segment::SegmentMistake;
use parallax::recording::{Name, Who};
use parallax::time::Timestamp;
use proptest::prelude::*;

use super::{Shape, any_shape, open, small, write};

#[test]
fn no_byte_can_change_or_be_missing_unseen() {
    let whole = write(&tiny().build());
    for at in 0..whole.len() {
        let error = open(whole[..at].to_vec()).err().map(|error| error.mistake);
        assert!(
            matches!(error, Some(SegmentMistake::NotParquet)),
            "{at}: {error:?}"
        );
        let mut bytes = whole.clone();
        bytes[at] ^= 1 << (at % 8);
        let found = open(bytes).and_then(|segment| segment.verify());
        assert!(found.is_err(), "byte {at} of {}", whole.len());
    }
}

/// Puts the right checksum on a footer that was tampered with.
fn reseal(bytes: &mut [u8]) {
    let tail = bytes.len() - 8;
    let length = u32::from_le_bytes(bytes[tail..tail + 4].try_into().expect("four")) as usize;
    let footer = &mut bytes[tail - length..];
    let key = b"parallax.seal\x18\x08";
    let at = footer.windows(key.len()).rposition(|part| part == key);
    let at = at.expect("a seal") + key.len();
    footer[at..at + 8].copy_from_slice(b"00000000");
    let seal = format!("{:08x}", crc32fast::hash(footer));
    footer[at..at + 8].copy_from_slice(seal.as_bytes());
}

fn tiny() -> Shape {
    Shape {
        series: 4,
        rows: 40,
        ..small()
    }
}

#[test]
fn a_newer_schema_is_refused_by_its_number() {
    let mut bytes = write(&small().build());
    let key = b"parallax.schema\x18\x01";
    let at = bytes.windows(key.len()).rposition(|part| part == key);
    bytes[at.expect("a schema") + key.len()] = b'2';
    reseal(&mut bytes);
    let error = open(bytes).err().map(|error| error.to_string());
    assert_eq!(
        error.as_deref(),
        Some(
            "its schema is version 2, and this Parallax knows 1: use a newer Parallax: part.parquet"
        )
    );
}

#[test]
fn foreign_files_are_refused_with_the_way_out() {
    let foreign = foreign_parquet();
    for (bytes, start) in [
        (foreign.as_slice(), "not written by Parallax"),
        (b"", "not a whole Parquet file"),
        (b"PAR1", "not a whole Parquet file"),
        (b"PAR1PAR1", "not a whole Parquet file"),
        (b"PAR1\0\0\0\0PAR1", "not written by Parallax"),
        (b"PAR1\xff\xff\xff\xffPAR1", "not a whole Parquet file"),
        (b"time,tag,signal\n", "not a whole Parquet file"),
    ] {
        let error = open(bytes.to_vec()).err().map(|error| error.to_string());
        let error = error.expect("refused");
        assert!(
            error.starts_with(start) && error.ends_with(": part.parquet"),
            "{error}"
        );
    }
}

/// Parquet of somebody else.
fn foreign_parquet() -> Vec<u8> {
    use parquet::data_type::DoubleType;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;
    let schema = parse_message_type("message m { REQUIRED DOUBLE value; }").expect("a schema");
    let mut file = SerializedFileWriter::new(Vec::new(), schema.into(), Arc::default()).expect("");
    let mut group = file.next_row_group().expect("a group");
    let mut column = group.next_column().expect("a column").expect("one");
    column
        .typed::<DoubleType>()
        .write_batch(&[1.0], None, None)
        .expect("a value");
    column.close().expect("closes");
    group.close().expect("closes");
    file.into_inner().expect("closes")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_flipped_bit_is_found(shape in any_shape(false), at: prop::sample::Index, bit in 0..8_u32) {
        let shape = Shape { rows: shape.rows % 400 + 1, ..shape };
        let mut bytes = write(&shape.build());
        let at = at.index(bytes.len());
        bytes[at] ^= 1_u8 << bit;
        let found = open(bytes).and_then(|segment| segment.verify());
        let error = found.err().map(|error| error.to_string());
        let named = error.is_some_and(|error| error.ends_with(": part.parquet"));
        prop_assert!(named, "byte {at} bit {bit}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whoever can make a seal can say anything in a footer: it must not end the program.
    #[test]
    fn a_hostile_footer_is_an_error_or_changes_nothing(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = write(&small().build());
        let tail = bytes.len() - 8;
        let length = u32::from_le_bytes(bytes[tail..tail + 4].try_into().expect("four")) as usize;
        for (at, byte) in changes {
            let at = tail - length + at.index(length);
            bytes[at] = byte;
        }
        let key = b"parallax.seal\x18\x08";
        prop_assume!(bytes[tail - length..].windows(key.len()).any(|part| part == key));
        reseal(&mut bytes);
        if let Ok(segment) = open(bytes) {
            segment.verify().ok();
            for slice in 0..segment.info().slices.len() {
                segment.read_slice(slice).ok();
            }
            let name = Name::new("P-1", "flow");
            segment.read_series(&name, Who::Measured, Timestamp::MIN, Timestamp::MAX).ok();
        }
    }
}
