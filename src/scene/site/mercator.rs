//! The transverse Mercator projection: plane metres around a point of the earth.
//!
//! Krüger's series to the fourth order in the third flattening, with the latitude found again
//! by Newton's steps (Karney, *Transverse Mercator with an accuracy of a few nanometers*, 2011,
//! equations 7 to 21, 35 and 36). Within a degree or two of the meridian its error is far below
//! a millimetre.

/// An ellipsoid of revolution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Ellipsoid {
    /// Half its longer axis, m.
    pub radius: f64,
    /// By how much of that the other one is shorter.
    pub flattening: f64,
}

/// The World Geodetic System 1984, that of satellite navigation.
pub(super) const WGS84: Ellipsoid = Ellipsoid {
    radius: 6_378_137.0,
    flattening: 1.0 / 298.257_223_563,
};

/// Newton's steps for the latitude; three are enough for doubles.
const STEPS: usize = 5;

impl Ellipsoid {
    fn third(&self) -> f64 {
        self.flattening / (2.0 - self.flattening)
    }

    fn eccentricity(&self) -> f64 {
        (self.flattening * (2.0 - self.flattening)).sqrt()
    }

    /// The radius of the sphere whose meridian is as long.
    fn rectifying(&self) -> f64 {
        let n = self.third();
        let squared = n * n;
        self.radius / (1.0 + n) * (1.0 + squared / 4.0 + squared * squared / 64.0)
    }

    fn forward(&self) -> [f64; 4] {
        let n = self.third();
        [
            n * (1.0 / 2.0 + n * (-2.0 / 3.0 + n * (5.0 / 16.0 + n * 41.0 / 180.0))),
            n * n * (13.0 / 48.0 + n * (-3.0 / 5.0 + n * 557.0 / 1_440.0)),
            n * n * n * (61.0 / 240.0 - n * 103.0 / 140.0),
            n * n * n * n * 49_561.0 / 161_280.0,
        ]
    }

    fn backward(&self) -> [f64; 4] {
        let n = self.third();
        [
            n * (1.0 / 2.0 + n * (-2.0 / 3.0 + n * (37.0 / 96.0 - n / 360.0))),
            n * n * (1.0 / 48.0 + n * (1.0 / 15.0 - n * 437.0 / 1_440.0)),
            n * n * n * (17.0 / 480.0 - n * 37.0 / 840.0),
            n * n * n * n * 4_397.0 / 161_280.0,
        ]
    }

    /// The tangent of the conformal latitude, from that of the latitude.
    fn conformal(&self, tangent: f64) -> f64 {
        let e = self.eccentricity();
        let sigma = (e * (e * tangent / tangent.hypot(1.0)).atanh()).sinh();
        tangent * sigma.hypot(1.0) - sigma * tangent.hypot(1.0)
    }

    /// East of a meridian and north of the equator, m, of a point that lies `longitude` east of
    /// the meridian; angles in rad.
    pub(super) fn plane(&self, latitude: f64, longitude: f64) -> [f64; 2] {
        let tangent = self.conformal(latitude.tan());
        let (sin, cos) = longitude.sin_cos();
        let xi = tangent.atan2(cos);
        let eta = (sin / tangent.hypot(cos)).asinh();
        let [eta, xi] = series(eta, xi, &self.forward(), 1.0);
        [eta * self.rectifying(), xi * self.rectifying()]
    }

    /// Latitude, and longitude east of the meridian, of a point of the plane; rad.
    pub(super) fn sphere(&self, [east, north]: [f64; 2]) -> (f64, f64) {
        let (eta, xi) = (east / self.rectifying(), north / self.rectifying());
        let [eta, xi] = series(eta, xi, &self.backward(), -1.0);
        let (sin, cos) = xi.sin_cos();
        let goal = sin / eta.sinh().hypot(cos);
        let (e, mut tangent) = (self.eccentricity(), goal);
        for _ in 0..STEPS {
            let is = self.conformal(tangent);
            let rest = 1.0 - e * e;
            let slope = (1.0 + rest * tangent * tangent) / (rest * tangent.hypot(1.0));
            tangent += (goal - is) / is.hypot(1.0) * slope;
        }
        (tangent.atan(), eta.sinh().atan2(cos))
    }
}

fn series(eta: f64, xi: f64, terms: &[f64; 4], sign: f64) -> [f64; 2] {
    let (mut east, mut north) = (eta, xi);
    for (term, order) in terms.iter().zip([2.0, 4.0, 6.0, 8.0]) {
        north += sign * term * (order * xi).sin() * (order * eta).cosh();
        east += sign * term * (order * xi).cos() * (order * eta).sinh();
    }
    [east, north]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_gives_the_published_example() {
        // Snyder, Map projections: a working manual (1987), page 269.
        let clarke = Ellipsoid {
            radius: 6_378_206.4,
            flattening: 1.0 - (1.0_f64 - 0.006_768_66).sqrt(),
        };
        let [east, north] = clarke.plane(40.5_f64.to_radians(), 1.5_f64.to_radians());
        let scale = 0.999_6;
        assert!((east * scale - 127_106.5).abs() < 0.1, "{}", east * scale);
        assert!(
            (north * scale - 4_484_124.4).abs() < 0.1,
            "{}",
            north * scale
        );
    }

    #[test]
    fn there_and_back_is_the_same_point() {
        for (latitude, longitude) in [(0.0, 0.0), (52.4, 0.4), (-33.9, -1.2), (69.6, 2.0)] {
            let (latitude, longitude) = (f64::to_radians(latitude), f64::to_radians(longitude));
            let back = WGS84.sphere(WGS84.plane(latitude, longitude));
            assert!((back.0 - latitude).abs() < 1e-13 && (back.1 - longitude).abs() < 1e-13);
        }
    }
}
