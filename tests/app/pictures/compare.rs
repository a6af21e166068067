//! Holds a picture against the one that is kept of it.
//!
//! Both are blurred by 3 × 3 pixels, so that the edge of a line may fall on the next pixel. A
//! pixel differs if one of its channels does by more than [`CHANNEL`]; a picture differs if more
//! than [`SHARE`] of the pixels of one of its tiles do. `PARALLAX_UPDATE_PICTURES=1` keeps what is
//! drawn now instead.

use std::fs;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::{GrayImage, Luma, RgbImage};

/// Channels of 0 to 255 that are no further apart are the same.
const CHANNEL: f32 = 24.0;
/// The share of the pixels of a tile that may differ.
const SHARE: f64 = 0.005;

/// Where references are kept.
pub(super) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/app/pictures/reference")
}

/// What is wrong with `drawn`, the picture called `name`, made of `tiles` columns and rows.
pub(super) fn hold(name: &str, drawn: &RgbImage, tiles: (u32, u32)) -> Result<(), String> {
    let file = folder().join(format!("{name}.png"));
    if std::env::var_os("PARALLAX_UPDATE_PICTURES").is_some() {
        fs::create_dir_all(folder()).map_err(|error| error.to_string())?;
        return keep(drawn, &file).map_err(|error| error.to_string());
    }
    let kept = image::open(&file)
        .map_err(|error| format!("{error}: {}", file.display()))?
        .to_rgb8();
    let Err((reason, differing)) = same(&kept, drawn, tiles) else {
        return Ok(());
    };
    let beside = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures");
    let (picture, marked) = (
        beside.join(format!("{name}.png")),
        beside.join(format!("{name}-differs.png")),
    );
    fs::create_dir_all(&beside).map_err(|error| error.to_string())?;
    drawn.save(&picture).map_err(|error| error.to_string())?;
    differing.save(&marked).map_err(|error| error.to_string())?;
    Err(format!(
        "{name}: {reason}; drawn {}, where it differs {}, kept {}",
        picture.display(),
        marked.display(),
        file.display()
    ))
}

/// Writes a picture as small as can be.
fn keep(drawn: &RgbImage, file: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let out = BufWriter::new(fs::File::create(file)?);
    let (best, adaptive) = (CompressionType::Best, FilterType::Adaptive);
    drawn.write_with_encoder(PngEncoder::new_with_quality(out, best, adaptive))?;
    Ok(())
}

/// Why two pictures are not the same, and where: white is what differs.
fn same(kept: &RgbImage, drawn: &RgbImage, tiles: (u32, u32)) -> Result<(), (String, GrayImage)> {
    let (width, height) = drawn.dimensions();
    let mut differing = GrayImage::new(width, height);
    if kept.dimensions() != drawn.dimensions() {
        let reason = format!(
            "{:?} pixels, not {:?}",
            drawn.dimensions(),
            kept.dimensions()
        );
        return Err((reason, differing));
    }
    let (columns, rows) = tiles;
    let mut counts = vec![0_u32; (columns * rows) as usize];
    for (x, y, mark) in differing.enumerate_pixels_mut() {
        let (one, two) = (blurred(kept, x, y), blurred(drawn, x, y));
        if (0..3).any(|channel| (one[channel] - two[channel]).abs() > CHANNEL) {
            *mark = Luma([255]);
            let tile = (y * rows / height) * columns + x * columns / width;
            counts[tile as usize] += 1;
        }
    }
    let whole = f64::from(width * height) / f64::from(columns * rows);
    let worst = (0..).zip(counts).max_by_key(|(_, count)| *count);
    match worst {
        Some((tile, count)) if f64::from(count) > SHARE * whole => {
            let share = f64::from(count) / whole * 100.0;
            let reason = format!("{share:.2} % of the pixels of tile {tile} differ");
            Err((reason, differing))
        }
        _ => Ok(()),
    }
}

/// The mean of a pixel and those around it.
fn blurred(image: &RgbImage, x: u32, y: u32) -> [f32; 3] {
    let mut sums = [0.0; 3];
    let mut count = 0.0;
    for y in y.saturating_sub(1)..=(y + 1).min(image.height() - 1) {
        for x in x.saturating_sub(1)..=(x + 1).min(image.width() - 1) {
            let pixel = image.get_pixel(x, y).0;
            for channel in 0..3 {
                sums[channel] += f32::from(pixel[channel]);
            }
            count += 1.0;
        }
    }
    sums.map(|sum| sum / count)
}

/// A grey picture with a square of `side` pixels that is lighter by `more`.
fn square(side: u32, more: u8) -> RgbImage {
    RgbImage::from_fn(100, 100, |x, y| {
        let inside = (40..40 + side).contains(&x) && (40..40 + side).contains(&y);
        image::Rgb([if inside { 100 + more } else { 100 }; 3])
    })
}

#[test]
fn a_square_that_is_missing_differs_and_noise_does_not() {
    let (none, large) = (square(0, 0), square(12, 80));
    assert!(same(&none, &none, (1, 1)).is_ok());
    assert!(same(&none, &large, (1, 1)).is_err());
    // One pixel, or a shade that nobody sees.
    assert!(same(&none, &square(1, 155), (1, 1)).is_ok());
    assert!(same(&none, &square(60, 20), (1, 1)).is_ok());
}

#[test]
fn what_is_little_of_the_picture_is_much_of_a_tile() {
    let (none, small) = (square(0, 0), square(4, 90));
    assert!(same(&none, &small, (1, 1)).is_ok());
    let told = same(&none, &small, (10, 10)).expect_err("a tile differs");
    assert!(told.0.contains("tile 44"), "{}", told.0);
}

#[test]
fn a_picture_of_another_size_differs() {
    let other = RgbImage::new(99, 100);
    let told = same(&square(0, 0), &other, (1, 1)).expect_err("another size");
    assert!(told.0.contains("(99, 100)"), "{}", told.0);
}
