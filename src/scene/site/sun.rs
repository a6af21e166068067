//! Where the sun stands: Meeus, *Astronomical algorithms* (1998), chapters 12, 13 and 25 in
//! their low accuracy, 0.01°; refraction is left out.

use crate::time::Timestamp;

/// 2000 January 1, 12 h.
const EPOCH_J2000: Timestamp = Timestamp::from_secs(946_728_000);
const DAY: f64 = 86_400.0;

/// Right ascension and declination of the sun, rad.
fn apparent(days: f64) -> (f64, f64) {
    let t = days / 36_525.0;
    let mean = 280.466_46 + t * (36_000.769_83 + t * 0.000_303_2);
    let anomaly = (357.529_11 + t * (35_999.050_29 - t * 0.000_153_7)).to_radians();
    let centre = (1.914_602 - t * (0.004_817 + t * 0.000_014)) * anomaly.sin()
        + (0.019_993 - t * 0.000_101) * (2.0 * anomaly).sin()
        + 0.000_289 * (3.0 * anomaly).sin();
    let node = (125.04 - 1_934.136 * t).to_radians();
    let longitude = (mean + centre - 0.005_69 - 0.004_78 * node.sin()).to_radians();
    let tilt = 23.439_291 - t * (0.013_004_2 + t * (1.64e-7 - t * 5.04e-7));
    let tilt = (tilt + 0.002_56 * node.cos()).to_radians();
    let (sin, cos) = longitude.sin_cos();
    ((tilt.cos() * sin).atan2(cos), (tilt.sin() * sin).asin())
}

/// Mean sidereal time at Greenwich, rad.
fn sidereal(days: f64) -> f64 {
    let t = days / 36_525.0;
    let degrees =
        280.460_618_37 + 360.985_647_366_29 * days + t * t * (0.000_387_933 - t / 38_710_000.0);
    degrees.rem_euclid(360.0).to_radians()
}

/// Towards the sun from a place: east, north, up, of length 1. Below the horizon, up is negative.
pub(super) fn direction(latitude: f64, longitude: f64, at: Timestamp) -> [f64; 3] {
    let days = at.secs_since(EPOCH_J2000) / DAY;
    let (ascension, declination) = apparent(days);
    let hour = sidereal(days) + longitude - ascension;
    let ((sin_d, cos_d), (sin_l, cos_l)) = (declination.sin_cos(), latitude.sin_cos());
    [
        -cos_d * hour.sin(),
        cos_l * sin_d - sin_l * cos_d * hour.cos(),
        sin_l * sin_d + cos_l * cos_d * hour.cos(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sun_stands_where_the_book_says() {
        // Example 25.a: 1992 October 13, 0 h.
        let (ascension, declination) = apparent(2_448_908.5 - 2_451_545.0);
        assert!((ascension.to_degrees() + 360.0 - 198.380_83).abs() < 2e-4);
        assert!((declination.to_degrees() + 7.785_07).abs() < 2e-4);
        // Example 12.b: 1987 April 10, 19 h 21 min.
        let turned = sidereal(2_446_896.306_25 - 2_451_545.0).to_degrees();
        assert!((turned - 128.737_873_4).abs() < 1e-5, "{turned}");
    }

    #[test]
    fn at_noon_of_an_equinox_it_stands_over_the_equator() {
        // 2024 March 20, 12 h: 7.5 minutes before the true noon of Greenwich.
        let at = "2024-03-20T12:07:30Z".parse().expect("a time");
        let [east, north, up] = direction(0.0, 0.0, at);
        assert!(
            up > 0.9999 && north.abs() < 0.01 && east.abs() < 0.01,
            "{east} {north} {up}"
        );
        let evening = "2024-03-20T18:30:00Z".parse().expect("a time");
        let [east, _, up] = direction(0.0, 0.0, evening);
        assert!(up < 0.0 && east < -0.9, "it has set in the west");
    }
}
