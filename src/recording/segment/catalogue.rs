//! All series of a file, each once: slices name them by their place in it.

use std::collections::HashMap;
use std::sync::Arc;

use super::encoding::{Damage, push_varint, take, take_varint};
use crate::recording::{Name, Series, Who};

/// The series of a file that is being written.
#[derive(Debug, Default)]
pub(super) struct CatalogueWriter {
    series: Vec<Series>,
    /// A name may come twice, with another unit or other states.
    places: HashMap<(Name, Who), Vec<u32>>,
}

/// The series of a file.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    pub(super) series: Vec<Series>,
}

/// Texts that come again and again, each once.
#[derive(Default)]
struct Texts<'a> {
    all: Vec<&'a str>,
    places: HashMap<&'a str, u64>,
}

impl CatalogueWriter {
    /// The place of a series, new or known.
    pub(super) fn place(&mut self, series: &Series) -> u32 {
        let key = (series.name.clone(), series.who);
        let places = self.places.entry(key).or_default();
        let known = places
            .iter()
            .find(|&&place| self.series[place as usize] == *series);
        if let Some(&place) = known {
            return place;
        }
        let place = self.series.len() as u32;
        self.series.push(series.clone());
        places.push(place);
        place
    }

    /// All of it as bytes.
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut texts = Texts::default();
        let mut lists: Vec<&[String]> = Vec::new();
        let mut rows = Vec::new();
        let mut last: &[u8] = &[];
        for series in &self.series {
            let tag = series.name.tag.as_bytes();
            let shared = tag.iter().zip(last).take_while(|(a, b)| a == b).count();
            push_varint(&mut rows, shared as u64);
            push_text(&mut rows, &tag[shared..]);
            last = tag;
            push_varint(&mut rows, texts.place(&series.name.signal));
            push_varint(&mut rows, texts.place(&series.unit));
            rows.push(series.who as u8);
            let known = lists.iter().position(|list| **list == *series.states);
            let list = known.unwrap_or_else(|| {
                lists.push(&series.states);
                lists.len() - 1
            });
            push_varint(&mut rows, list as u64);
        }
        let mut out = Vec::new();
        push_varint(&mut out, texts.all.len() as u64);
        for text in texts.all {
            push_text(&mut out, text.as_bytes());
        }
        push_varint(&mut out, lists.len() as u64);
        for list in lists {
            push_varint(&mut out, list.len() as u64);
            for state in list {
                push_text(&mut out, state.as_bytes());
            }
        }
        push_varint(&mut out, self.series.len() as u64);
        out.extend(rows);
        out
    }
}

impl Catalogue {
    /// From what [`CatalogueWriter::encode`] gave.
    pub(super) fn decode(mut bytes: &[u8]) -> Result<Self, Damage> {
        let bytes = &mut bytes;
        let mut texts: Vec<Arc<str>> = Vec::new();
        for _ in 0..take_varint(bytes)? {
            texts.push(take_text(bytes)?.into());
        }
        let mut lists: Vec<Arc<[String]>> = Vec::new();
        for _ in 0..take_varint(bytes)? {
            let mut list = Vec::new();
            for _ in 0..take_varint(bytes)? {
                list.push(take_text(bytes)?.to_owned());
            }
            lists.push(list.into());
        }
        let mut series: Vec<Series> = Vec::new();
        let mut tag = Vec::new();
        for _ in 0..take_varint(bytes)? {
            let shared = usize::try_from(take_varint(bytes)?).unwrap_or(usize::MAX);
            let rest = take_length(bytes)?;
            let rest = take(bytes, rest)?;
            if shared > tag.len() {
                return Err("a tag goes on from more than there is");
            }
            tag.truncate(shared);
            tag.extend(rest);
            let text = str::from_utf8(&tag).map_err(|_| "a tag is no text")?;
            // Signals of one asset share the text of its tag.
            let known = series.last().map(|series| &series.name.tag);
            let known = known.filter(|known| ***known == *text).cloned();
            let name = Name {
                tag: known.unwrap_or_else(|| text.into()),
                signal: entry(&texts, take_varint(bytes)?)?,
            };
            let unit = entry(&texts, take_varint(bytes)?)?;
            let who = match take(bytes, 1)? {
                [0] => Who::Measured,
                [1] => Who::Estimated,
                _ => return Err("a series is of an unknown origin"),
            };
            let states = entry(&lists, take_varint(bytes)?)?;
            series.push(Series {
                name,
                who,
                unit,
                states,
            });
        }
        Ok(Self { series })
    }

    /// The series at a place.
    pub(super) fn get(&self, place: u32) -> Result<&Series, Damage> {
        let series = self.series.get(place as usize);
        series.ok_or("a slice names a series that the file does not list")
    }

    /// The places of a name.
    pub(super) fn find(&self, name: &Name, who: Who) -> Vec<u32> {
        let all = self.series.iter().enumerate();
        let named = all.filter(|(_, series)| series.who == who && series.name == *name);
        named.map(|(place, _)| place as u32).collect()
    }
}

impl<'a> Texts<'a> {
    fn place(&mut self, text: &'a str) -> u64 {
        *self.places.entry(text).or_insert_with(|| {
            self.all.push(text);
            self.all.len() as u64 - 1
        })
    }
}

fn entry<T: ?Sized>(entries: &[Arc<T>], place: u64) -> Result<Arc<T>, Damage> {
    let entry = usize::try_from(place).ok().and_then(|at| entries.get(at));
    entry.cloned().ok_or("a series has a text that is missing")
}

fn push_text(out: &mut Vec<u8>, text: &[u8]) {
    push_varint(out, text.len() as u64);
    out.extend(text);
}

fn take_text<'a>(bytes: &mut &'a [u8]) -> Result<&'a str, Damage> {
    let length = take_length(bytes)?;
    str::from_utf8(take(bytes, length)?).map_err(|_| "a name is no text")
}

fn take_length(bytes: &mut &[u8]) -> Result<usize, Damage> {
    Ok(usize::try_from(take_varint(bytes)?).unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_series() -> impl Strategy<Value = Series> {
        let states = prop::collection::vec("[a-z]{0,3}", 0..3);
        (
            "[PTé-]{0,6}",
            "[a-c]{0,2}",
            any::<bool>(),
            "(m³/h|Pa)?",
            states,
        )
            .prop_map(|(tag, signal, measured, unit, states)| Series {
                name: Name::new(&tag, &signal),
                who: if measured {
                    Who::Measured
                } else {
                    Who::Estimated
                },
                unit: unit.into(),
                states: states.into(),
            })
    }

    proptest! {
        #[test]
        fn series_are_read_as_they_were_written(all in prop::collection::vec(any_series(), 0..40)) {
            let mut writer = CatalogueWriter::default();
            let places: Vec<u32> = all.iter().map(|series| writer.place(series)).collect();
            let read = Catalogue::decode(&writer.encode()).expect("as it was written");
            for (series, place) in all.iter().zip(places) {
                prop_assert_eq!(read.get(place), Ok(series));
                prop_assert!(read.find(&series.name, series.who).contains(&place));
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in prop::collection::vec(0..20_u8, 0..60)) {
            Catalogue::decode(&bytes).ok();
        }
    }
}
