//! Drawings: glTF 2.0 files (`.glb`, or `.gltf` with its buffer in it or beside it), as triangles
//! by node.
//!
//! Positions, normals, base colours, colours of vertices, names and the extra `asset` are read;
//! textures, skins, morph targets and animations are not, and are told. What is malformed, endless
//! or from elsewhere is refused.

use std::collections::HashMap;
use std::path::{Component, Path};

use gltf::accessor::{DataType, Dimensions};
use gltf::mesh::Mode;
use thiserror::Error;

/// So many vertices a drawing may have.
const MOST_VERTICES: usize = 4_000_000;
/// So many nodes a drawing may have.
const MOST_NODES: usize = 100_000;
/// So deep nodes may lie in nodes.
const DEEPEST: usize = 64;

/// Why a drawing cannot be used.
#[derive(Debug, Error)]
pub enum DrawingError {
    /// It is no glTF 2.0 file.
    #[error("it is no valid glTF 2.0: {0}")]
    Invalid(String),
    /// A buffer cannot be had.
    #[error("its buffer `{0}` cannot be read; save it as one .glb file")]
    Buffer(String),
    /// It is too large.
    #[error("it has more than {0}")]
    TooLarge(String),
    /// It holds nothing that could be drawn.
    #[error("it has no triangles")]
    Empty,
}

/// A drawing: its pieces in one space, x right, y up, z towards the viewer, m.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawing {
    /// What it is made of.
    pub pieces: Vec<Piece>,
    /// What the file holds besides and is passed over, such as "2 animations".
    pub unread: Vec<String>,
}

/// The triangles of a node that are of one material.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Piece {
    /// What the node and those above it are called, the nearest first: names and the extra
    /// `asset`.
    pub names: Vec<String>,
    /// By name, where the origin of its node stands.
    pub origins: Vec<[f32; 3]>,
    /// Its colour, sRGB.
    pub colour: [u8; 3],
    /// By vertex, where they are not all of that colour; the same for the three of a triangle.
    pub colours: Vec<[u8; 3]>,
    /// Where its vertices stand.
    pub positions: Vec<[f32; 3]>,
    /// Which way they look, of length 1.
    pub normals: Vec<[f32; 3]>,
    /// Its triangles, counter-clockwise from outside.
    pub triangles: Vec<[u32; 3]>,
}

impl Drawing {
    /// Reads a file of these bytes; `beside` gives the bytes of a file in its folder.
    pub fn read(
        bytes: &[u8],
        beside: impl Fn(&Path) -> Option<Vec<u8>>,
    ) -> Result<Self, DrawingError> {
        let invalid = |error: gltf::Error| DrawingError::Invalid(error.to_string());
        super::references::check(bytes).map_err(DrawingError::Invalid)?;
        let file = gltf::Gltf::from_slice(bytes).map_err(invalid)?;
        if file.document.nodes().count() > MOST_NODES {
            return Err(DrawingError::TooLarge(format!("{MOST_NODES} nodes")));
        }
        let buffers = buffers(&file, beside)?;
        let scene = file.default_scene().or_else(|| file.scenes().next());
        let mut reading = Reading {
            buffers: &buffers,
            drawing: Self::default(),
            vertices: 0,
        };
        for node in scene.iter().flat_map(gltf::Scene::nodes) {
            reading.node(&node, &IDENTITY, &Names::new(), 0)?;
        }
        if reading.drawing.pieces.is_empty() {
            return Err(DrawingError::Empty);
        }
        reading.drawing.unread = unread(&file.document);
        Ok(reading.drawing)
    }

    /// What its nodes are called, each once, sorted.
    pub fn names(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self
            .pieces
            .iter()
            .filter_map(|piece| piece.names.first())
            .map(String::as_str)
            .collect();
        names.sort_unstable();
        names.dedup();
        names
    }
}

/// What of a file is passed over.
fn unread(file: &gltf::Document) -> Vec<String> {
    let primitives = || file.meshes().flat_map(|mesh| mesh.primitives());
    let morphs = primitives().filter(|one| one.morph_targets().len() > 0);
    let others = primitives().filter(|one| one.mode() != Mode::Triangles);
    let counts = [
        (file.animations().len(), "animation"),
        (file.skins().len(), "skin"),
        (morphs.count(), "mesh with morph targets"),
        (file.textures().len(), "texture"),
        (others.count(), "mesh of lines, points, strips or fans"),
    ];
    let told = counts.into_iter().filter(|(count, _)| *count > 0);
    let told = told.map(|(count, what)| match what.strip_prefix("mesh") {
        _ if count == 1 => format!("1 {what}"),
        Some(which) => format!("{count} meshes{which}"),
        None => format!("{count} {what}s"),
    });
    told.collect()
}

type Matrix = [[f32; 4]; 4];

const IDENTITY: Matrix = [
    [1.0, 0.0, 0.0, 0.0],
    [0.0, 1.0, 0.0, 0.0],
    [0.0, 0.0, 1.0, 0.0],
    [0.0, 0.0, 0.0, 1.0],
];

/// `a` after `b`, both by columns.
fn after(a: &Matrix, b: &Matrix) -> Matrix {
    std::array::from_fn(|column| {
        std::array::from_fn(|row| (0..4).map(|inner| a[inner][row] * b[column][inner]).sum())
    })
}

fn moved(by: &Matrix, [x, y, z]: [f32; 3]) -> [f32; 3] {
    std::array::from_fn(|row| by[0][row] * x + by[1][row] * y + by[2][row] * z + by[3][row])
}

/// A direction under the inverse transpose of `by`, of length 1: right also where it stretches.
fn turned(by: &Matrix, normal: [f32; 3]) -> [f32; 3] {
    let column = |place: usize| [by[place][0], by[place][1], by[place][2]];
    let (a, b, c) = (column(0), column(1), column(2));
    let rows = [cross(b, c), cross(c, a), cross(a, b)];
    let side = dot(a, rows[0]).signum();
    let out: [f32; 3] = std::array::from_fn(|axis| {
        side * (0..3).map(|row| rows[row][axis] * normal[row]).sum::<f32>()
    });
    unit(out).unwrap_or([0.0, 1.0, 0.0])
}

fn cross(a: [f32; 3], b: [f32; 3]) -> [f32; 3] {
    [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]
}

fn dot(a: [f32; 3], b: [f32; 3]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn unit(vector: [f32; 3]) -> Option<[f32; 3]> {
    let length = dot(vector, vector).sqrt();
    (length > 1e-20 && length.is_finite()).then(|| vector.map(|side| side / length))
}

/// The bytes of each buffer: the file's own, or of a file beside it.
fn buffers(
    file: &gltf::Gltf,
    beside: impl Fn(&Path) -> Option<Vec<u8>>,
) -> Result<Vec<Vec<u8>>, DrawingError> {
    let each = file.buffers().map(|buffer| {
        let (name, bytes) = match buffer.source() {
            gltf::buffer::Source::Bin => ("BIN".to_owned(), file.blob.clone()),
            gltf::buffer::Source::Uri(uri) if uri.starts_with("data:") => {
                ("data:".to_owned(), of_data_uri(uri))
            }
            gltf::buffer::Source::Uri(uri) => {
                let path = Path::new(uri);
                // Only a plain name of a file in the same folder: no other place, no network.
                let plain = !uri.contains(':')
                    && path
                        .components()
                        .all(|part| matches!(part, Component::Normal(_)));
                let short: String = uri.chars().take(60).collect();
                (short, plain.then(|| beside(path)).flatten())
            }
        };
        let bytes = bytes.filter(|bytes| bytes.len() >= buffer.length());
        bytes.ok_or(DrawingError::Buffer(name))
    });
    each.collect()
}

/// The bytes that a `data:` address holds in base64 (RFC 4648); `None` if it holds others.
fn of_data_uri(uri: &str) -> Option<Vec<u8>> {
    let (_, text) = uri.split_once(";base64,")?;
    let text = text.trim_end_matches('=').as_bytes();
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3 + 2);
    for four in text.chunks(4) {
        let mut bits = 0_u32;
        for &letter in four {
            let six = match letter {
                b'A'..=b'Z' => letter - b'A',
                b'a'..=b'z' => letter - b'a' + 26,
                b'0'..=b'9' => letter - b'0' + 52,
                b'+' => 62,
                b'/' => 63,
                _ => return None,
            };
            bits = bits << 6 | u32::from(six);
        }
        // The last ones may be fewer: two letters hold one byte, three hold two.
        let missing = 4 - four.len() as u32;
        if missing == 3 {
            return None;
        }
        let whole = (bits << (6 * missing)).to_be_bytes();
        bytes.extend(&whole[1..4 - missing as usize]);
    }
    Some(bytes)
}

/// What a node and those above it are called, the nearest first, and where their origins stand.
type Names = Vec<(String, [f32; 3])>;

struct Reading<'a> {
    buffers: &'a [Vec<u8>],
    drawing: Drawing,
    vertices: usize,
}

impl Reading<'_> {
    fn node(
        &mut self,
        node: &gltf::Node<'_>,
        above: &Matrix,
        above_it: &Names,
        depth: usize,
    ) -> Result<(), DrawingError> {
        // A ring of nodes would be endless.
        if depth > DEEPEST {
            return Err(DrawingError::TooLarge(format!(
                "{DEEPEST} nodes in each other"
            )));
        }
        let place = after(above, &node.transform().matrix());
        let origin = moved(&place, [0.0; 3]);
        let own = asset_of(node).into_iter();
        let own = own.chain(node.name().map(str::to_owned));
        let own = own.map(|name| (name, origin));
        let names: Names = own.chain(above_it.iter().cloned()).collect();
        if let Some(mesh) = node.mesh() {
            for primitive in mesh.primitives() {
                if let Some(piece) = self.piece(&primitive, &place, &names)? {
                    self.drawing.pieces.push(piece);
                }
            }
        }
        for child in node.children() {
            self.node(&child, &place, &names, depth + 1)?;
        }
        Ok(())
    }

    /// The triangles of a primitive; nothing if it is lines or points.
    fn piece(
        &mut self,
        primitive: &gltf::Primitive<'_>,
        place: &Matrix,
        names: &Names,
    ) -> Result<Option<Piece>, DrawingError> {
        if primitive.mode() != Mode::Triangles {
            return Ok(None);
        }
        let Some(accessor) = primitive.get(&gltf::Semantic::Positions) else {
            return Ok(None);
        };
        self.vertices = self.vertices.saturating_add(accessor.count());
        if self.vertices > MOST_VERTICES {
            return Err(DrawingError::TooLarge(format!("{MOST_VERTICES} vertices")));
        }
        let local = self.vectors(&accessor)?;
        let normals = match primitive.get(&gltf::Semantic::Normals) {
            Some(accessor) => Some(self.vectors(&accessor)?),
            None => None,
        };
        let indices = match primitive.indices() {
            Some(accessor) => self.indices(&accessor)?,
            None => (0..local.len() as u32).collect(),
        };
        let flips = dot(
            [place[0][0], place[0][1], place[0][2]],
            cross(
                [place[1][0], place[1][1], place[1][2]],
                [place[2][0], place[2][1], place[2][2]],
            ),
        ) < 0.0;
        let triangles: Vec<[u32; 3]> = indices
            .chunks_exact(3)
            .map(|three| {
                let [a, b, c] = [three[0], three[1], three[2]];
                if flips { [a, c, b] } else { [a, b, c] }
            })
            .collect();
        if triangles
            .iter()
            .flatten()
            .any(|&index| index as usize >= local.len())
        {
            let message = "a triangle names a vertex that is not there".to_owned();
            return Err(DrawingError::Invalid(message));
        }
        let positions: Vec<[f32; 3]> = local.iter().map(|&at| moved(place, at)).collect();
        if positions.iter().flatten().any(|side| !side.is_finite()) {
            let message = "a vertex stands at no number".to_owned();
            return Err(DrawingError::Invalid(message));
        }
        let normals = match normals {
            Some(normals) if normals.len() == positions.len() => normals
                .into_iter()
                .map(|normal| turned(place, normal))
                .collect(),
            _ => faceted(&positions, &triangles),
        };
        let material = primitive.material();
        let [red, green, blue, _] = material.pbr_metallic_roughness().base_color_factor();
        let base = [red, green, blue];
        let colours = match primitive.get(&gltf::Semantic::Colors(0)) {
            Some(accessor) => self.colours(&accessor)?,
            None => Vec::new(),
        };
        let mut mesh = Painted {
            colours: Vec::new(),
            positions,
            normals,
            triangles,
        };
        if !colours.is_empty() {
            if colours.len() != mesh.positions.len() {
                let message = "it has not as many colours as vertices".to_owned();
                return Err(DrawingError::Invalid(message));
            }
            mesh.paint(&colours, base);
        }
        Ok(Some(Piece {
            names: names.iter().map(|(name, _)| name.clone()).collect(),
            origins: names.iter().map(|(_, origin)| *origin).collect(),
            colour: base.map(srgb),
            colours: mesh.colours,
            positions: mesh.positions,
            normals: mesh.normals,
            triangles: mesh.triangles,
        }))
    }

    fn vectors(&self, accessor: &gltf::Accessor<'_>) -> Result<Vec<[f32; 3]>, DrawingError> {
        if (accessor.data_type(), accessor.dimensions()) != (DataType::F32, Dimensions::Vec3) {
            let message = "positions and normals are to be three floats each".to_owned();
            return Err(DrawingError::Invalid(message));
        }
        let each = self.elements(accessor)?;
        let vector = |bytes: &[u8]| {
            std::array::from_fn(|axis| {
                let at = axis * 4;
                f32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]])
            })
        };
        Ok(each.map(vector).collect())
    }

    /// The linear colours of vertices; how opaque they are is passed over.
    fn colours(&self, accessor: &gltf::Accessor<'_>) -> Result<Vec<[f32; 3]>, DrawingError> {
        let refused = || {
            let message = "colours are to be three or four floats, bytes or words each";
            DrawingError::Invalid(message.to_owned())
        };
        if !matches!(accessor.dimensions(), Dimensions::Vec3 | Dimensions::Vec4) {
            return Err(refused());
        }
        // Whole numbers are shares of the largest of their kind.
        let (size, read): (usize, fn(&[u8]) -> f32) = match accessor.data_type() {
            DataType::U8 => (1, |bytes| f32::from(bytes[0]) / 255.0),
            DataType::U16 => (2, |bytes| {
                f32::from(u16::from_le_bytes([bytes[0], bytes[1]])) / 65_535.0
            }),
            DataType::F32 => (4, |bytes| {
                f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
            }),
            _ => return Err(refused()),
        };
        let each = self.elements(accessor)?;
        let colour = |bytes: &[u8]| std::array::from_fn(|place| read(&bytes[place * size..]));
        Ok(each.map(colour).collect())
    }

    fn indices(&self, accessor: &gltf::Accessor<'_>) -> Result<Vec<u32>, DrawingError> {
        let read: fn(&[u8]) -> u32 = match accessor.data_type() {
            DataType::U8 => |bytes| u32::from(bytes[0]),
            DataType::U16 => |bytes| u32::from(u16::from_le_bytes([bytes[0], bytes[1]])),
            DataType::U32 => |bytes| u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]),
            _ => {
                let message = "its triangles are not counted in whole numbers".to_owned();
                return Err(DrawingError::Invalid(message));
            }
        };
        Ok(self.elements(accessor)?.map(read).collect())
    }

    /// The bytes of each element of an accessor, all within its buffer.
    fn elements(
        &self,
        accessor: &gltf::Accessor<'_>,
    ) -> Result<impl Iterator<Item = &[u8]>, DrawingError> {
        let refused = |why: &str| DrawingError::Invalid(why.to_owned());
        if accessor.sparse().is_some() {
            return Err(refused("sparse accessors are not read"));
        }
        let view = accessor
            .view()
            .ok_or_else(|| refused("an accessor has no data"))?;
        let size = accessor.size();
        let step = view.stride().unwrap_or(size);
        let count = accessor.count();
        let reach = count
            .checked_sub(1)
            .and_then(|last| last.checked_mul(step))
            .and_then(|before| before.checked_add(size))
            .and_then(|reach| reach.checked_add(accessor.offset()))
            .filter(|reach| *reach <= view.length());
        let end = view.offset().checked_add(view.length());
        let bytes = self.buffers.get(view.buffer().index());
        let bytes = bytes
            .zip(end)
            .and_then(|(bytes, end)| bytes.get(view.offset()..end));
        let (Some(_), Some(bytes), true) = (reach, bytes, step >= size) else {
            return Err(refused("an accessor reaches beyond its data"));
        };
        let first = accessor.offset();
        Ok((0..count).map(move |place| {
            let at = first + place * step;
            &bytes[at..at + size]
        }))
    }
}

/// The asset that a node's extras name: `{"asset": "P-101"}`.
fn asset_of(node: &gltf::Node<'_>) -> Option<String> {
    let extras = node.extras().as_ref()?;
    let value: serde_json::Value = serde_json::from_str(extras.get()).ok()?;
    Some(value.get("asset")?.as_str()?.to_owned())
}

/// Triangles whose vertices have colours of their own.
struct Painted {
    colours: Vec<[u8; 3]>,
    positions: Vec<[f32; 3]>,
    normals: Vec<[f32; 3]>,
    triangles: Vec<[u32; 3]>,
}

impl Painted {
    /// Gives each triangle the mean of its vertices' colours, each times `base`, and vertices of
    /// its own where those around it are of another colour.
    fn paint(&mut self, colours: &[[f32; 3]], base: [f32; 3]) {
        let mut known: HashMap<(u32, [u8; 3]), u32> = HashMap::new();
        let (positions, normals) = (
            std::mem::take(&mut self.positions),
            std::mem::take(&mut self.normals),
        );
        for triangle in &mut self.triangles {
            let of = triangle.map(|index| colours[index as usize]);
            let colour = std::array::from_fn(|channel| {
                let sum: f32 = of.iter().map(|colour| colour[channel]).sum();
                srgb(sum / 3.0 * base[channel])
            });
            for index in triangle {
                let next = self.positions.len() as u32;
                let at = *index as usize;
                *index = *known.entry((*index, colour)).or_insert(next);
                if *index == next {
                    self.positions.push(positions[at]);
                    self.normals.push(normals[at]);
                    self.colours.push(colour);
                }
            }
        }
    }
}

/// A normal per vertex from the triangles around it.
fn faceted(positions: &[[f32; 3]], triangles: &[[u32; 3]]) -> Vec<[f32; 3]> {
    let mut sums = vec![[0.0; 3]; positions.len()];
    for three in triangles {
        let [a, b, c] = three.map(|index| positions[index as usize]);
        let way = |from: [f32; 3], to: [f32; 3]| std::array::from_fn(|axis| to[axis] - from[axis]);
        let normal = cross(way(a, b), way(a, c));
        for index in three {
            let sum: &mut [f32; 3] = &mut sums[*index as usize];
            *sum = std::array::from_fn(|axis| sum[axis] + normal[axis]);
        }
    }
    sums.into_iter()
        .map(|sum| unit(sum).unwrap_or([0.0, 1.0, 0.0]))
        .collect()
}

/// Linear light to an sRGB channel (IEC 61966-2-1).
fn srgb(linear: f32) -> u8 {
    let linear = linear.clamp(0.0, 1.0);
    let share = if linear <= 0.003_130_8 {
        linear * 12.92
    } else {
        1.055 * linear.powf(1.0 / 2.4) - 0.055
    };
    (share * 255.0).round() as u8
}
