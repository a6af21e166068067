//! Colours as they are seen without one kind of cone, and in grey, from the kept pictures.
//!
//! The three deficiencies are those of Machado, Oliveira and Fernandes (2009) at severity 1, on
//! linear RGB; grey is luminance (Rec. ITU-R BT.709). Distances are Euclidean in OKLab (Ottosson
//! 2020), where 0.02 is just seen beside each other.

use std::fmt;

use image::RgbImage;
use parallax::app::palette::{self, Rgb};
use parallax::scene::Priority;

use super::compare;

/// Colours that mean different things are this far apart in OKLab.
const APART: f32 = 0.06;
/// The same where only lightness is left; shape and number tell priorities apart besides.
const APART_IN_GREY: f32 = 0.03;
/// A pixel with more chroma than this in OKLab is coloured; water at rest is not.
const COLOURED: f32 = 0.08;

/// What a tank without alarm is called.
const WELL: &str = "a tank that is well";

const PRIORITIES: [Priority; 3] = [Priority::Urgent, Priority::High, Priority::Low];

/// How colours are seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sight {
    Full,
    Protan,
    Deutan,
    Tritan,
    Grey,
}

impl Sight {
    const ALL: [Self; 5] = [
        Self::Full,
        Self::Protan,
        Self::Deutan,
        Self::Tritan,
        Self::Grey,
    ];

    /// What is seen instead of a colour, linear RGB.
    fn seen(self, colour: Rgb) -> [f32; 3] {
        let linear = colour.map(linear);
        let grey = [0.2126, 0.7152, 0.0722];
        let rows = match self {
            Self::Full => return linear,
            Self::Protan => [
                [0.152_286, 1.052_583, -0.204_868],
                [0.114_503, 0.786_281, 0.099_216],
                [-0.003_882, -0.048_116, 1.051_998],
            ],
            Self::Deutan => [
                [0.367_322, 0.860_646, -0.227_968],
                [0.280_085, 0.672_501, 0.047_413],
                [-0.011_820, 0.042_940, 0.968_881],
            ],
            Self::Tritan => [
                [1.255_528, -0.076_749, -0.178_779],
                [-0.078_411, 0.930_809, 0.147_602],
                [0.004_733, 0.691_367, 0.303_900],
            ],
            Self::Grey => [grey; 3],
        };
        rows.map(|row| {
            let sum: f32 = row
                .iter()
                .zip(linear)
                .map(|(share, part)| share * part)
                .sum();
            sum.clamp(0.0, 1.0)
        })
    }

    fn apart(self) -> f32 {
        if self == Self::Grey {
            APART_IN_GREY
        } else {
            APART
        }
    }
}

fn linear(channel: u8) -> f32 {
    let share = f32::from(channel) / 255.0;
    if share <= 0.040_45 {
        share / 12.92
    } else {
        ((share + 0.055) / 1.055).powf(2.4)
    }
}

/// Lightness and the two axes of colour of OKLab.
fn oklab([red, green, blue]: [f32; 3]) -> [f32; 3] {
    let cone = |shares: [f32; 3]| (shares[0] * red + shares[1] * green + shares[2] * blue).cbrt();
    let long = cone([0.412_221_46, 0.536_332_55, 0.051_445_995]);
    let middle = cone([0.211_903_5, 0.680_699_5, 0.107_396_96]);
    let short = cone([0.088_302_46, 0.281_718_85, 0.629_978_7]);
    [
        0.210_454_26 * long + 0.793_617_8 * middle - 0.004_072_047 * short,
        1.977_998_5 * long - 2.428_592_2 * middle + 0.450_593_7 * short,
        0.025_904_037 * long + 0.782_771_77 * middle - 0.808_675_77 * short,
    ]
}

fn distance(sight: Sight, one: Rgb, two: Rgb) -> f32 {
    let (one, two) = (oklab(sight.seen(one)), oklab(sight.seen(two)));
    let squares = one.iter().zip(two).map(|(one, two)| (one - two).powi(2));
    squares.sum::<f32>().sqrt()
}

fn chroma(colour: Rgb) -> f32 {
    let [_, a, b] = oklab(colour.map(linear));
    a.hypot(b)
}

/// Two colours that somebody takes for the same.
#[derive(Debug)]
struct Confusion {
    sight: Sight,
    names: [String; 2],
    distance: f32,
}

impl fmt::Display for Confusion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [one, two] = &self.names;
        let (sight, distance) = (self.sight, self.distance);
        write!(f, "{one} and {two} are {distance:.3} apart for {sight:?}")
    }
}

/// The colours that are taken for each other by somebody.
fn confusions(colours: &[(String, Rgb)]) -> Vec<Confusion> {
    let mut found = Vec::new();
    for sight in Sight::ALL {
        for (place, (one, first)) in colours.iter().enumerate() {
            for (two, second) in &colours[place + 1..] {
                let distance = distance(sight, *first, *second);
                if distance < sight.apart() {
                    let names = [one.clone(), two.clone()];
                    found.push(Confusion {
                        sight,
                        names,
                        distance,
                    });
                }
            }
        }
    }
    found
}

#[track_caller]
fn check(colours: &[(String, Rgb)]) {
    let found = confusions(colours);
    let told: Vec<_> = found.iter().map(Confusion::to_string).collect();
    assert!(found.is_empty(), "{colours:?}:\n{}", told.join("\n"));
}

fn kept(name: &str) -> RgbImage {
    let file = compare::folder().join(format!("{name}.png"));
    let picture = image::open(&file);
    let picture = picture.unwrap_or_else(|error| panic!("{error}: {}", file.display()));
    picture.to_rgb8()
}

/// The middle one of many colours, by channel.
fn median(mut colours: Vec<Rgb>) -> Rgb {
    assert!(colours.len() > 200, "only {} pixels", colours.len());
    std::array::from_fn(|channel| {
        colours.sort_by_key(|colour| colour[channel]);
        colours[colours.len() / 2][channel]
    })
}

/// What tanks with an alarm of each priority look like, and what the same ones look like when
/// they are well: those of a priority stand in a third of the picture each.
fn tanks(alarmed: &RgbImage, well: &RgbImage) -> Vec<(String, Rgb)> {
    let third = alarmed.width() / 3;
    let mut colours = Vec::new();
    for (place, priority) in (0..).zip(PRIORITIES) {
        let (mut marked, mut plain) = (Vec::new(), Vec::new());
        for (x, y, pixel) in alarmed.enumerate_pixels() {
            let before = well.get_pixel(x, y).0;
            if x / third == place && distance(Sight::Full, pixel.0, before) > 0.04 {
                marked.push(pixel.0);
                plain.push(before);
            }
        }
        colours.push((format!("{priority:?}"), median(marked)));
        if priority == Priority::Urgent {
            colours.push((WELL.to_owned(), median(plain)));
        }
    }
    colours
}

#[test]
fn alarms_in_the_view_are_told_from_each_other_and_from_what_is_well() {
    let colours = |look: &str| {
        let [alarmed, well] = ["alarmed", "well"].map(|state| format!("tanks-{state}-{look}"));
        tanks(&kept(&alarmed), &kept(&well))
    };
    check(&colours("operate"));
    check(&colours("light"));
    // For visitors equipment has colours of its own, as light as may be: in grey the mark tells.
    let found = confusions(&colours("present")).into_iter();
    let by_lightness =
        |one: &Confusion| one.sight == Sight::Grey && one.names.contains(&WELL.into());
    let found: Vec<_> = found.filter(|one| !by_lightness(one)).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn alarm_marks_are_told_from_each_other_and_from_the_words_and_plates_around_them() {
    let named = |name: &str, colour| (name.to_owned(), colour);
    let mut marks: Vec<_> = PRIORITIES
        .iter()
        .map(|priority| (format!("{priority:?}"), palette::priority_colour(*priority)))
        .collect();
    marks.push(named("a plate", [22, 23, 25]));
    check(&marks);
    // In grey a mark is told from a word by its shape: both are light on a dark plate.
    marks.push(named("a word", [208, 210, 213]));
    marks.push(named("what is selected", palette::SELECTION));
    let found = confusions(&marks).into_iter();
    let found: Vec<_> = found.filter(|one| one.sight != Sight::Grey).collect();
    assert!(found.is_empty(), "{found:?}");
}

/// On light ground marks are outlined, and letters written, in a darker colour of each priority.
#[test]
fn alarms_on_light_ground_are_told_from_the_ground_and_outlines_by_lightness_as_well() {
    let named = |name: &str, colour| (name.to_owned(), colour);
    let inks = PRIORITIES.map(|one| (format!("{one:?}"), palette::priority_ink(one)));
    for ground in [[226, 228, 230], [246, 247, 248]] {
        let mut colours = inks.to_vec();
        colours.push(named("the ground", ground));
        let found = confusions(&colours);
        let in_grey = |one: &Confusion| one.sight == Sight::Grey;
        let told: Vec<_> = found.iter().map(Confusion::to_string).collect();
        assert!(!found.iter().any(in_grey), "{told:?}");
        assert!(found.is_empty(), "{told:?}");
    }
}

#[test]
fn red_and_green_of_one_lightness_are_found_out() {
    let bad = [("red", [200, 84, 60]), ("green", [110, 132, 50])];
    let bad = bad.map(|(name, colour)| (name.to_owned(), colour));
    assert!(distance(Sight::Full, bad[0].1, bad[1].1) > APART);
    let found = confusions(&bad);
    let by = |sight| found.iter().any(|one| one.sight == sight);
    assert!(by(Sight::Deutan) && by(Sight::Grey), "{found:?}");
    assert!(
        !by(Sight::Tritan),
        "who lacks blue cones tells red from green"
    );
}

#[test]
fn what_is_seen_without_a_kind_of_cone_leaves_greys_as_they_are() {
    for sight in Sight::ALL {
        for grey in [0, 40, 128, 255] {
            let away = distance(sight, [grey; 3], [grey; 3]);
            let seen = oklab(sight.seen([grey; 3]));
            assert!(
                away == 0.0 && seen[1].hypot(seen[2]) < 0.003,
                "{sight:?} {seen:?}"
            );
        }
    }
    let [lightness, ..] = oklab([1.0; 3]);
    assert!(
        (lightness - 1.0).abs() < 1e-3,
        "white is as light as can be"
    );
}

#[test]
fn a_plant_that_is_well_has_no_colour() {
    let share = |name: &str| {
        let picture = kept(name);
        let coloured = picture.pixels().filter(|pixel| chroma(pixel.0) > COLOURED);
        let count = coloured.count() as f64;
        count / f64::from(picture.width() * picture.height())
    };
    for name in ["tanks-well-operate", "tanks-well-light", "waterworks-well"] {
        let share = share(name);
        assert!(share < 0.01, "{name}: {:.2} %", share * 100.0);
    }
    assert!(share("tanks-alarmed-operate") > 0.05, "alarms have");
}
