//! What egui paints, as the text of an SVG file: lines, boxes, circles, paths and words.
//!
//! Limitations: pictures and meshes are left out; the panels' legend has none, and the trends
//! draw lines in their place. A single icon is a dot: no other program has its font.

use std::fmt::Write;

use egui::epaint::{ClippedShape, ColorMode, PathStroke, TextShape};
use egui::{Color32, FullOutput, Pos2, Rect, Shape, Stroke, Vec2};

/// The shapes as a picture of this size.
pub(super) fn text(shapes: &[ClippedShape], size: Vec2) -> String {
    let mut page = Page::default();
    for clipped in shapes {
        page.clipped(clipped, Rect::from_min_size(Pos2::ZERO, size));
    }
    let (width, height) = (size.x, size.y);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"Ubuntu, 'DejaVu Sans', sans-serif\">\n\
         {}</svg>\n",
        page.text
    )
}

/// The last of some passes as a picture of this size.
pub(in crate::app) fn last_of(passes: Vec<FullOutput>, size: Vec2) -> String {
    let mut shapes = Vec::new();
    for mut pass in passes {
        pass.textures_delta.clear();
        shapes = pass.shapes;
    }
    text(&shapes, size)
}

#[derive(Default)]
struct Page {
    text: String,
    clips: usize,
}

impl Page {
    /// One element on a line of its own. Writing into a text cannot fail.
    fn line(&mut self, element: std::fmt::Arguments<'_>) {
        writeln!(self.text, "{element}").ok();
    }

    fn clipped(&mut self, clipped: &ClippedShape, whole: Rect) {
        let is_cut = !clipped.clip_rect.contains_rect(whole);
        if is_cut {
            self.clips += 1;
            let clip = clipped.clip_rect.intersect(whole);
            let id = self.clips;
            self.line(format_args!(
                "<clipPath id=\"clip{id}\">{}</clipPath>",
                rect_text(clip, 0.0, "")
            ));
            self.line(format_args!("<g clip-path=\"url(#clip{id})\">"));
        }
        self.shape(&clipped.shape);
        if is_cut {
            self.line(format_args!("</g>"));
        }
    }

    fn shape(&mut self, shape: &Shape) {
        match shape {
            Shape::Vec(shapes) => shapes.iter().for_each(|shape| self.shape(shape)),
            Shape::Circle(circle) => {
                let style = style(circle.fill, circle.stroke);
                let (at, radius) = (circle.center, circle.radius);
                self.line(format_args!(
                    "<circle cx=\"{}\" cy=\"{}\" r=\"{radius}\"{style}/>",
                    at.x, at.y
                ));
            }
            Shape::LineSegment { points, stroke } => {
                let [from, to] = points;
                let style = style(Color32::TRANSPARENT, *stroke);
                self.line(format_args!(
                    "<path d=\"M{} {}L{} {}\"{style}/>",
                    from.x, from.y, to.x, to.y
                ));
            }
            Shape::Path(path) => {
                let mut way = String::new();
                for (place, at) in path.points.iter().enumerate() {
                    let pen = if place == 0 { 'M' } else { 'L' };
                    write!(way, "{pen}{} {}", at.x, at.y).ok();
                }
                if path.closed {
                    way.push('Z');
                }
                let style = style(path.fill, plain(&path.stroke));
                self.line(format_args!("<path d=\"{way}\"{style}/>"));
            }
            Shape::Rect(rect) => {
                let shift = match rect.stroke_kind {
                    egui::StrokeKind::Inside => -0.5,
                    egui::StrokeKind::Middle => 0.0,
                    egui::StrokeKind::Outside => 0.5,
                };
                let place = rect.rect.expand(shift * rect.stroke.width);
                let round = f32::from(rect.corner_radius.nw);
                let style = style(rect.fill, rect.stroke);
                let element = rect_text(place, round, &style);
                self.line(format_args!("{element}"));
            }
            Shape::Text(text) => self.words(text),
            _ => {}
        }
    }

    fn words(&mut self, text: &TextShape) {
        let galley = &text.galley;
        for placed in &galley.rows {
            let row = &placed.row;
            let words: String = row.glyphs.iter().map(|glyph| glyph.chr).collect();
            let (Some(first), false) = (row.glyphs.first(), words.trim().is_empty()) else {
                continue;
            };
            // Words of the legend are of one style each.
            let format = galley.job.sections.first().map(|section| &section.format);
            let ink = match (text.override_text_color, format) {
                (Some(ink), _) => ink,
                (None, Some(format)) if format.color != Color32::PLACEHOLDER => format.color,
                _ => text.fallback_color,
            };
            let size = format.map_or(12.0, |format| format.font_id.size);
            let at = text.pos + placed.pos.to_vec2();
            let (x, y) = (at.x + first.pos.x, at.y + first.pos.y);
            let width = row.size.x;
            let ink = paint("fill", ink);
            let mut letters = words.trim().chars();
            if let (Some('\u{e000}'..='\u{f8ff}'), None) = (letters.next(), letters.next()) {
                let middle = at + placed.rect().size() / 2.0;
                let radius = size / 4.0;
                self.line(format_args!(
                    "<circle cx=\"{:.2}\" cy=\"{:.2}\" r=\"{radius}\"{ink}/>",
                    middle.x, middle.y
                ));
                continue;
            }
            // As wide as on screen, whatever font is at hand.
            self.line(format_args!(
                "<text x=\"{x:.2}\" y=\"{y:.2}\" font-size=\"{size}\" textLength=\"{width:.1}\" \
                 lengthAdjust=\"spacingAndGlyphs\"{ink}>{}</text>",
                escaped(&words)
            ));
        }
    }
}

fn rect_text(rect: Rect, round: f32, style: &str) -> String {
    format!(
        "<rect x=\"{}\" y=\"{:.2}\" width=\"{}\" height=\"{:.2}\" rx=\"{round}\"{style}/>",
        rect.left(),
        rect.top(),
        rect.width(),
        rect.height()
    )
}

fn plain(stroke: &PathStroke) -> Stroke {
    match stroke.color {
        ColorMode::Solid(colour) => Stroke::new(stroke.width, colour),
        ColorMode::UV(_) => Stroke::NONE,
    }
}

fn style(fill: Color32, stroke: Stroke) -> String {
    let mut style = match fill.a() {
        0 => " fill=\"none\"".to_owned(),
        _ => paint("fill", fill),
    };
    if stroke.width > 0.0 && stroke.color.a() > 0 {
        write!(style, " stroke-width=\"{}\"", stroke.width).ok();
        style.push_str(&paint("stroke", stroke.color));
    }
    style
}

/// A colour as the attribute `name`, with how much it covers.
fn paint(name: &str, colour: Color32) -> String {
    let [r, g, b, a] = colour.to_srgba_unmultiplied();
    let mut text = format!(" {name}=\"#{r:02x}{g:02x}{b:02x}\"");
    if a < 255 {
        write!(text, " {name}-opacity=\"{:.3}\"", f32::from(a) / 255.0).ok();
    }
    text
}

fn escaped(words: &str) -> String {
    let words = words.replace('&', "&amp;").replace('<', "&lt;");
    words.replace('>', "&gt;")
}
