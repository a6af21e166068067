//! What egui paints, as pixels, by the processor alone: no window, no graphics card.
//!
//! Colours are mixed as egui's shaders mix them: premultiplied, in gamma space.

use egui::epaint::{ImageData, Mesh, Primitive, Vertex};
use egui::{ColorImage, Context, FullOutput, Pos2, Rect, TextureId, Vec2};
use image::{Rgba, RgbaImage};

/// The last of some passes of one context as a picture of `size` points.
pub(in crate::app) fn picture(ctx: &Context, passes: Vec<FullOutput>, size: Vec2) -> RgbaImage {
    let mut font = ColorImage::filled([1, 1], egui::Color32::WHITE);
    let mut last = None;
    for mut pass in passes {
        let fonts = pass.textures_delta.set.get(&TextureId::default());
        for delta in fonts.into_iter().flatten() {
            take_in(&mut font, delta.pos, &delta.image);
        }
        pass.textures_delta.clear();
        last = Some((pass.shapes, pass.pixels_per_point));
    }
    let Some((shapes, scale)) = last else {
        return RgbaImage::new(1, 1);
    };
    let pixels = (size * scale).round();
    let mut canvas = Canvas {
        image: RgbaImage::from_pixel(pixels.x as u32, pixels.y as u32, Rgba([0, 0, 0, 255])),
        font,
    };
    for part in ctx.tessellate(shapes, scale) {
        if let Primitive::Mesh(mesh) = &part.primitive {
            let clip = part.clip_rect * scale;
            canvas.mesh(mesh, clip, scale);
        }
    }
    canvas.image
}

/// Puts a whole texture, or a part of one, into its place.
fn take_in(font: &mut ColorImage, pos: Option<[usize; 2]>, image: &ImageData) {
    let ImageData::Color(new) = image;
    let Some([left, top]) = pos else {
        *font = ColorImage::clone(new);
        return;
    };
    for row in 0..new.height() {
        for column in 0..new.width() {
            font[(left + column, top + row)] = new[(column, row)];
        }
    }
}

struct Canvas {
    image: RgbaImage,
    font: ColorImage,
}

impl Canvas {
    fn mesh(&mut self, mesh: &Mesh, clip: Rect, scale: f32) {
        for corners in mesh.indices.chunks_exact(3) {
            let corners = [corners[0], corners[1], corners[2]];
            let corners = corners.map(|corner| mesh.vertices[corner as usize]);
            self.triangle(
                corners.map(|corner| Vertex {
                    pos: corner.pos * scale,
                    ..corner
                }),
                clip,
            );
        }
    }

    /// Fills the pixels whose middle lies within; one on the edge of two triangles is of one.
    fn triangle(&mut self, mut corners: [Vertex; 3], clip: Rect) {
        let twice = area(corners[0].pos, corners[1].pos, corners[2].pos);
        if twice == 0.0 || !twice.is_finite() {
            return;
        }
        if twice < 0.0 {
            corners.swap(1, 2);
        }
        let twice = twice.abs();
        let ends = Rect::from_points(&corners.map(|corner| corner.pos)).intersect(clip);
        let (width, height) = self.image.dimensions();
        let (left, right) = (
            ends.left().max(0.0) as u32,
            ends.right().ceil().max(0.0) as u32,
        );
        let (top, bottom) = (
            ends.top().max(0.0) as u32,
            ends.bottom().ceil().max(0.0) as u32,
        );
        for row in top..bottom.min(height) {
            for column in left..right.min(width) {
                let at = Pos2::new(column as f32 + 0.5, row as f32 + 0.5);
                if !clip.contains(at) {
                    continue;
                }
                let [a, b, c] = corners.map(|corner| corner.pos);
                let edges = [(b, c), (c, a), (a, b)];
                let shares = edges.map(|(from, to)| area(from, to, at));
                let owns = |place: usize| {
                    let (from, to) = edges[place];
                    let is_first = to.y < from.y || to.y == from.y && to.x > from.x;
                    shares[place] > 0.0 || shares[place] == 0.0 && is_first
                };
                if (0..3).all(owns) {
                    self.mix(column, row, &corners, shares.map(|share| share / twice));
                }
            }
        }
    }

    fn mix(&mut self, column: u32, row: u32, corners: &[Vertex; 3], shares: [f32; 3]) {
        let mixed = |of: &dyn Fn(&Vertex) -> f32| {
            let parts = corners.iter().zip(shares);
            parts.map(|(corner, share)| of(corner) * share).sum::<f32>()
        };
        let uv = Pos2::new(mixed(&|corner| corner.uv.x), mixed(&|corner| corner.uv.y));
        let texel = self.texel(uv);
        let ink: [f32; 4] = std::array::from_fn(|channel| {
            mixed(&|corner| f32::from(corner.color[channel])) * texel[channel]
        });
        let pixel = self.image.get_pixel_mut(column, row);
        for channel in 0..3 {
            let under = f32::from(pixel[channel]) * (1.0 - ink[3] / 255.0);
            pixel[channel] = (ink[channel] + under).round().clamp(0.0, 255.0) as u8;
        }
    }

    /// The texture at a point of it, 0 to 1, between its four nearest texels.
    fn texel(&self, uv: Pos2) -> [f32; 4] {
        let (width, height) = (self.font.width(), self.font.height());
        let x = (uv.x * width as f32 - 0.5).clamp(0.0, width as f32 - 1.0);
        let y = (uv.y * height as f32 - 0.5).clamp(0.0, height as f32 - 1.0);
        let (left, top) = (x as usize, y as usize);
        let (right, bottom) = ((left + 1).min(width - 1), (top + 1).min(height - 1));
        let (across, down) = (x.fract(), y.fract());
        std::array::from_fn(|channel| {
            let of = |x, y| f32::from(self.font[(x, y)][channel]) / 255.0;
            let upper = of(left, top) * (1.0 - across) + of(right, top) * across;
            let lower = of(left, bottom) * (1.0 - across) + of(right, bottom) * across;
            upper * (1.0 - down) + lower * down
        })
    }
}

/// Twice the area of a triangle; positive if it turns as the hands of a clock do on screen.
fn area(a: Pos2, b: Pos2, c: Pos2) -> f32 {
    (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{Color32, RawInput};

    fn drawn(paint: impl Fn(&egui::Painter)) -> RgbaImage {
        let ctx = Context::default();
        ctx.set_pixels_per_point(2.0);
        let size = Vec2::new(40.0, 20.0);
        let passes = (0..2).map(|_| {
            let input = RawInput {
                screen_rect: Some(Rect::from_min_size(Pos2::ZERO, size)),
                ..RawInput::default()
            };
            ctx.run_ui(input, |ui| paint(ui.painter()))
        });
        let passes = passes.collect();
        picture(&ctx, passes, size)
    }

    #[test]
    fn a_box_is_where_it_is_painted_and_half_of_it_shows_through() {
        let image = drawn(|painter| {
            let place = Rect::from_min_max(Pos2::new(10.0, 5.0), Pos2::new(20.0, 15.0));
            painter.rect_filled(place, 0.0, Color32::RED);
            painter.rect_filled(place, 0.0, Color32::from_black_alpha(128));
        });
        assert_eq!(image.dimensions(), (80, 40));
        for (x, y, red) in [
            (30, 20, 127),
            (21, 11, 127),
            (10, 20, 0),
            (60, 20, 0),
            (30, 35, 0),
        ] {
            let pixel = image.get_pixel(x, y).0;
            assert!(
                pixel[0].abs_diff(red) <= 1 && pixel[1] == 0,
                "{x}, {y}: {pixel:?}"
            );
        }
    }

    /// Each pixel of a translucent fan is painted once, on the seams of its triangles too.
    #[test]
    fn seams_are_painted_once() {
        let image = drawn(|painter| {
            let mut mesh = Mesh::default();
            let ink = Color32::from_white_alpha(100);
            for corner in [
                (2.0, 2.0),
                (38.0, 2.0),
                (38.0, 18.0),
                (2.0, 18.0),
                (20.0, 10.0),
            ] {
                mesh.colored_vertex(corner.into(), ink);
            }
            for corner in 0..4 {
                mesh.add_triangle(corner, (corner + 1) % 4, 4);
            }
            painter.add(mesh);
        });
        for y in 4..36 {
            for x in 4..76 {
                assert_eq!(image.get_pixel(x, y).0[0], 100, "{x}, {y}");
            }
        }
    }

    #[test]
    fn words_leave_ink_between_their_letters_and_ground() {
        let image = drawn(|painter| {
            let font = egui::FontId::proportional(12.0);
            let at = Pos2::new(2.0, 2.0);
            painter.text(at, egui::Align2::LEFT_TOP, "mm", font, Color32::WHITE);
        });
        let bright = image.pixels().filter(|pixel| pixel.0[0] > 128).count();
        let dark = image.pixels().filter(|pixel| pixel.0[0] < 10).count();
        assert!((40..700).contains(&bright), "{bright} bright pixels");
        assert!(dark > 2_000, "{dark} dark pixels");
    }
}
