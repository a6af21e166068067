//! Where on the earth a plant lies: degrees for its metres, and its sun.

mod mercator;
mod sun;

use mercator::WGS84;

use crate::time::Timestamp;

/// Where on the earth a plant lies.
///
/// Its metres are those of a transverse Mercator projection of WGS 84 that touches the earth
/// along the meridian of a known point: true lengths there, 3 cm more in a kilometre 50 km off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Site {
    /// Of the known point, rad; the southern half is negative.
    latitude: f64,
    /// Of the known point, rad; the western half is negative.
    longitude: f64,
    /// The known point in the plant: east and north, m.
    at: [f64; 2],
    /// By how much the plant's axes are turned counter-clockwise from true east and north, rad.
    turn: f64,
}

impl Site {
    /// The site whose point `at` (east and north, m) lies at a latitude and longitude, with axes
    /// turned by `turn` counter-clockwise from true east and north; all angles in degrees.
    pub fn new(latitude: f64, longitude: f64, at: [f64; 2], turn: f64) -> Self {
        Self {
            latitude: latitude.to_radians(),
            longitude: longitude.to_radians(),
            at,
            turn: turn.to_radians(),
        }
    }

    /// Latitude and longitude of a point of the plant, degrees.
    pub fn degrees(&self, point: [f64; 2]) -> [f64; 2] {
        let off = [point[0] - self.at[0], point[1] - self.at[1]];
        let [east, north] = turned(off, self.turn);
        let base = WGS84.plane(self.latitude, 0.0)[1];
        let (latitude, longitude) = WGS84.sphere([east, base + north]);
        let longitude = (self.longitude + longitude).to_degrees();
        [
            latitude.to_degrees(),
            (longitude + 180.0).rem_euclid(360.0) - 180.0,
        ]
    }

    /// The point of the plant at a latitude and longitude, degrees.
    pub fn point(&self, [latitude, longitude]: [f64; 2]) -> [f64; 2] {
        let base = WGS84.plane(self.latitude, 0.0)[1];
        let off = longitude.to_radians() - self.longitude;
        let [east, north] = WGS84.plane(latitude.to_radians(), off);
        let [east, north] = turned([east, north - base], -self.turn);
        [self.at[0] + east, self.at[1] + north]
    }

    /// Towards the sun, in the plant's axes: east, north, up, of length 1; up is negative at night.
    pub fn sun(&self, at: Timestamp) -> [f64; 3] {
        let [east, north, up] = sun::direction(self.latitude, self.longitude, at);
        let [east, north] = turned([east, north], -self.turn);
        [east, north, up]
    }

    /// The same site, told in axes whose origin lies at `origin`.
    pub(super) fn seen_from(self, origin: [f64; 2]) -> Self {
        Self {
            at: [self.at[0] - origin[0], self.at[1] - origin[1]],
            ..self
        }
    }
}

fn turned([east, north]: [f64; 2], by: f64) -> [f64; 2] {
    let (sin, cos) = by.sin_cos();
    [east * cos - north * sin, east * sin + north * cos]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_comes_back_from_its_degrees() {
        let site = Site::new(52.37, 4.89, [120_000.0, 480_000.0], 30.0);
        let point = [121_234.5, 478_000.25];
        let back = site.point(site.degrees(point));
        assert!(
            (back[0] - point[0]).abs() < 1e-6 && (back[1] - point[1]).abs() < 1e-6,
            "{back:?}"
        );
        let [latitude, longitude] = site.degrees([120_000.0, 480_000.0]);
        assert!((latitude - 52.37).abs() < 1e-10 && (longitude - 4.89).abs() < 1e-10);
    }

    #[test]
    fn a_turned_plant_has_its_north_elsewhere() {
        // Turned by a quarter: the plant's east is true north.
        let site = Site::new(0.0, 10.0, [0.0; 2], 90.0);
        let [latitude, longitude] = site.degrees([110_574.4, 0.0]);
        assert!(
            (latitude - 1.0).abs() < 1e-5,
            "a degree on the equator: {latitude}"
        );
        assert!((longitude - 10.0).abs() < 1e-9);
        let at = "2024-06-21T06:00:00Z".parse().expect("a time");
        let ([east, _, up], [_, north, high]) =
            (Site::new(0.0, 10.0, [0.0; 2], 0.0).sun(at), site.sun(at));
        assert!((east + north).abs() < 1e-12 && up == high, "{east} {north}");
    }
}
