// Everything in the view: equipment, ground, sky, shadows, outline.
//
// A vertex says what it is made of and how it moves (part.rs); a record says how the
// asset is (record.rs); the canvas says how the picture is lit (paint.rs). With LIT the
// colours go through Bevy's physically based light; without, through six lines of light
// that a processor can afford.

#import bevy_pbr::{
    mesh_functions,
    mesh_view_bindings::view,
    view_transformations::position_world_to_clip,
}
#ifdef LIT
#import bevy_pbr::{
    mesh_bindings::mesh,
    pbr_functions,
    pbr_types,
}
#endif

const BODY: u32 = 0u;
const CONCRETE: u32 = 1u;
const METAL: u32 = 2u;
const DARK: u32 = 3u;
const ACCENT: u32 = 4u;
const WATER: u32 = 5u;
const GAUGE: u32 = 6u;
const SAND: u32 = 7u;
const DIAL: u32 = 8u;
const WALL: u32 = 9u;
const ROOF: u32 = 10u;
const PIPE: u32 = 11u;
const HANDLE: u32 = 12u;
const GRASS: u32 = 13u;
const GROUND: u32 = 14u;
const SKY: u32 = 15u;
const SHADE: u32 = 16u;
const RIVER: u32 = 17u;
const BELT: u32 = 18u;
const GLASS: u32 = 19u;
const ASPHALT: u32 = 20u;
const CARTON: u32 = 21u;
const WOOD: u32 = 22u;
const MODEL: u32 = 23u;
const PARTS: u32 = 24u;

const HOVERED: u32 = 1u;
const SELECTED: u32 = 2u;
const DOUBTFUL: u32 = 4u;
const DIMMED: u32 = 8u;
const ALARM: u32 = 16u;
const FLASHING: u32 = 32u;
const HEAT: u32 = 64u;
const FILL_UNKNOWN: u32 = 128u;
const POSITION_UNKNOWN: u32 = 256u;
const STOPPED: u32 = 512u;
const GHOST: u32 = 1024u;
const UNGAUGED: u32 = 2048u;
const MEMBER: u32 = 4096u;
const GONE: u32 = 8192u;

const TAU: f32 = 6.2831853;
// Turns of a valve's wheel from shut to open.
const WHEEL_TURNS: f32 = 2.0;

struct Record {
    body: u32,
    mark: u32,
    flags: u32,
    fill: f32,
    position: f32,
    spin_phase: f32,
    spin_rate: f32,
    flow_phase: f32,
    flow_rate: f32,
    ground: f32,
    grow: f32,
}

struct Canvas {
    sun: vec4<f32>,
    above: vec4<f32>,
    below: vec4<f32>,
    horizon: vec4<f32>,
    zenith: vec4<f32>,
    grid: vec4<f32>,
    selection: vec4<f32>,
    fade: vec4<f32>,
    clock: vec4<f32>,
    cut_low: vec4<f32>,
    cut_high: vec4<f32>,
    paints: array<vec4<f32>, 24>,
}

@group(#{MATERIAL_BIND_GROUP}) @binding(0) var<storage, read> records: array<Record>;
@group(#{MATERIAL_BIND_GROUP}) @binding(1) var<storage, read> canvas: Canvas;

struct VertexIn {
    @builtin(instance_index) instance: u32,
    @location(0) position: vec3<f32>,
    @location(1) normal: vec3<f32>,
    @location(2) uv: vec2<f32>,
    @location(5) part: vec4<f32>,
}

struct VertexOut {
    @builtin(position) clip: vec4<f32>,
    @location(0) world: vec3<f32>,
    @location(1) normal: vec3<f32>,
    @location(2) uv: vec2<f32>,
    @location(3) @interpolate(flat) part: u32,
    @location(4) @interpolate(flat) slot: u32,
    @location(5) @interpolate(flat) motion: u32,
    @location(6) @interpolate(flat) instance: u32,
#ifdef CUT
    @location(7) uncut: vec3<f32>,
#endif
}

// Metres that a point of the screen spans at `world`; the same in perspective and in plan.
fn metres_per_point(world: vec3<f32>) -> f32 {
    let ahead = max(position_world_to_clip(world).w, 1e-3);
    return 2.0 * ahead / (view.clip_from_view[1][1] * canvas.clock.w);
}

fn turned(v: vec2<f32>, angle: f32) -> vec2<f32> {
    let c = cos(angle);
    let s = sin(angle);
    return vec2(c * v.x - s * v.y, s * v.x + c * v.y);
}

fn positive(x: f32) -> f32 {
    return select(-1.0, 1.0, x >= 0.0);
}

// A direction that came as one number, on the faces of an octahedron.
fn direction_from(number: f32) -> vec3<f32> {
    let first = floor(number / 4096.0);
    let flat = vec2(first, number - first * 4096.0) / 4094.0 * 2.0 - 1.0;
    let z = 1.0 - abs(flat.x) - abs(flat.y);
    let folded = (1.0 - abs(flat.yx)) * vec2(positive(flat.x), positive(flat.y));
    return normalize(vec3(select(folded, flat, z >= 0.0), z));
}

// The point of a line that is nearest to the origin.
fn foot_of(axis: vec3<f32>, across: vec2<f32>) -> vec3<f32> {
    let side = positive(axis.z);
    let a = -1.0 / (side + axis.z);
    let b = axis.x * axis.y * a;
    let one = vec3(1.0 + side * axis.x * axis.x * a, side * b, -side * axis.x);
    let two = vec3(b, side + axis.y * axis.y * a, -axis.y);
    return one * across.x + two * across.y;
}

fn about(v: vec3<f32>, axis: vec3<f32>, angle: f32) -> vec3<f32> {
    let c = cos(angle);
    return v * c + cross(axis, v) * sin(angle) + axis * dot(axis, v) * (1.0 - c);
}

@vertex
fn vertex(in: VertexIn) -> VertexOut {
    let slot = mesh_functions::get_tag(in.instance);
    let record = records[slot];
    let part = u32(in.part.x + 0.5);
    let motion = u32(in.part.y + 0.5);
    var position = in.position;
    var normal = in.normal;
    let is_member = (record.flags & MEMBER) != 0u;
    if is_member {
        // Its record says where it is; nothing of it turns.
        let at = turned(position.xz, -record.spin_phase);
        position = vec3(at.x, position.y, at.y) + vec3(record.fill, record.position, record.ground);
        let n = turned(normal.xz, -record.spin_phase);
        normal = vec3(n.x, normal.y, n.y);
    } else if motion == 1u {
        let axis = in.part.zw;
        let angle = TAU * fract(record.spin_phase + record.spin_rate * canvas.clock.x);
        let at = turned(position.yz - axis, angle) + axis;
        position = vec3(position.x, at);
        normal = vec3(normal.x, turned(normal.yz, angle));
    } else if motion == 2u {
        position.y = mix(in.part.z, in.part.w, clamp(record.fill, 0.0, 1.0));
    } else if motion == 3u && part != GAUGE {
        let angle = TAU * WHEEL_TURNS * record.position;
        let at = turned(position.xz, angle);
        position = vec3(at.x, position.y + in.part.z * clamp(record.position, 0.0, 1.0), at.y);
        let n = turned(normal.xz, angle);
        normal = vec3(n.x, normal.y, n.y);
    } else if motion == 5u || motion == 6u {
        let axis = direction_from(in.uv.y);
        let foot = foot_of(axis, in.part.zw);
        let spun = fract(record.spin_phase + record.spin_rate * canvas.clock.x);
        let opened = (in.part.y - 6.0) * 10.0 * clamp(record.position, 0.0, 1.0);
        let angle = TAU * select(opened, spun, motion == 5u);
        position = foot + about(position - foot, axis, angle);
        normal = about(normal, axis, angle);
    } else if motion == 7u || motion == 8u {
        let share = select(record.fill, record.position, motion == 7u);
        position += direction_from(in.uv.y) * in.part.z * clamp(share, 0.0, 1.0);
    }
    let world_from_local = mesh_functions::get_world_from_local(in.instance);
    var out: VertexOut;
    out.world = (world_from_local * vec4(position, 1.0)).xyz;
    if motion == 4u {
        let out_of_pipe = mesh_functions::mesh_normal_local_to_world(normal, in.instance);
        let half_width = in.part.w * metres_per_point(out.world);
        out.world += out_of_pipe * max(half_width - in.part.z, 0.0);
    } else if record.grow > 0.0 {
        let foot = world_from_local[3].xyz;
        let size = max(record.grow * metres_per_point(foot), 1.0);
        out.world = foot + (out.world - foot) * size;
    }
#ifdef CUT
    out.uncut = out.world;
#endif
#ifdef SHADOW_PASS
    let rise = max(out.world.y - record.ground, 0.0);
    out.world -= canvas.sun.xyz * (rise / canvas.sun.y);
    out.world.y = record.ground + canvas.above.w * 0.6;
    normal = vec3(0.0, 1.0, 0.0);
#endif
    out.normal = mesh_functions::mesh_normal_local_to_world(normal, in.instance);
    out.clip = position_world_to_clip(out.world);
    if (record.flags & GONE) != 0u {
        out.clip = vec4(2.0, 2.0, 2.0, 1.0);
    }
#ifdef GHOST_PASS
    if (record.flags & GHOST) == 0u {
        // Outside of the picture.
        out.clip = vec4(2.0, 2.0, 2.0, 1.0);
    }
#endif
#ifdef OUTLINE_PASS
    let across = (view.clip_from_world * vec4(out.normal, 0.0)).xy * view.viewport.zw;
    let width = canvas.selection.w * canvas.clock.z;
    let shift = normalize(across + vec2(1e-6)) * 2.0 * width / view.viewport.zw;
    out.clip = vec4(out.clip.xy + shift * out.clip.w, out.clip.zw);
#endif
    out.uv = in.uv;
    out.part = part;
    out.slot = slot;
    out.motion = motion;
    out.instance = in.instance;
    return out;
}

// Colours travel as the square root of linear light: one multiplication to unpack.
fn linear_from(packed: u32) -> vec3<f32> {
    let c = unpack4x8unorm(packed).rgb;
    return c * c;
}

fn grey_of(c: vec3<f32>) -> f32 {
    return dot(c, vec3(0.2126, 0.7152, 0.0722));
}

// Diagonal stripes on the screen: what is doubtful, at any distance and from any side.
fn hatch(clip: vec4<f32>) -> f32 {
    let along = (clip.x + clip.y) / (8.0 * canvas.clock.z);
    return saturate((abs(fract(along) - 0.5) - 0.30) * 8.0);
}

// One family of grid lines, kept about a pixel wide, gone where they would flicker.
// `pixel` is what a pixel spans at `at`.
fn lines(at: vec2<f32>, pixel: vec2<f32>, step: f32, width: f32) -> f32 {
    let cell = at / step;
    let wide = pixel / step;
    let near = abs(fract(cell - 0.5) - 0.5) / wide;
    let seen = saturate((0.16 - max(wide.x, wide.y)) * 7.7);
    return saturate(width + 0.5 - min(near.x, near.y)) * seen;
}

// `known` is how sure the height of the ground is, 0 to 1.
fn ground_colour(world: vec3<f32>, paint: vec3<f32>, known: f32) -> vec3<f32> {
    let pixel = max(fwidth(world.xz), vec2(1e-6));
    let minor = lines(world.xz, pixel, canvas.below.w, 0.7) * 0.4;
    let major = lines(world.xz, pixel, canvas.below.w * 10.0, 1.0);
    var strength = max(minor, major) * canvas.grid.w;
    if canvas.zenith.w > 0.0 {
        // A network's land is read by its contours; the grid only tells how far things are.
        let height = world.y / canvas.zenith.w;
        // Nearly level ground would draw its lines in dashes, by the grain of numbers.
        let wide = max(fwidth(height), 3e-4);
        let off = abs(fract(height - 0.5) - 0.5) / wide;
        let seen = saturate((0.35 - wide) * 6.0) * known;
        strength = max(strength * 0.2, (1.0 - smoothstep(0.5, 1.7, off)) * seen * canvas.grid.w * 1.1);
    }
    return mix(paint, canvas.grid.rgb, strength);
}

// The share of the distance in what is seen at `world`.
fn haze(world: vec3<f32>) -> f32 {
    return smoothstep(canvas.fade.z, canvas.fade.w, distance(world.xz, canvas.fade.xy));
}

struct Paint {
    colour: vec3<f32>,
    roughness: f32,
    // How much of the light shapes it: 1 for matter, less for what must be read.
    modelled: f32,
}

fn gauge(in: VertexOut, record: Record, base: Paint, stripes: f32) -> Paint {
    var paint = base;
    let position = in.motion == 3u;
    let unknown = select(FILL_UNKNOWN, POSITION_UNKNOWN, position);
    let level = select(record.fill, record.position, position);
    let below = select(canvas.paints[WATER].rgb * 1.15, canvas.paints[DIAL].rgb * 0.75, position);
    let soft = max(fwidth(in.uv.y), 1e-5);
    paint.modelled = 0.6;
    paint.colour = mix(below, base.colour, saturate((in.uv.y - level) / soft + 0.5));
    // The surface as a light line, and a tick at every quarter.
    let surface = saturate(2.2 - abs(in.uv.y - level) / soft);
    let tick = saturate(1.4 - abs(fract(in.uv.y * 4.0 + 0.5) - 0.5) * 0.25 / soft)
        * f32(in.uv.x < 0.22);
    paint.colour = mix(paint.colour, vec3(0.62, 0.68, 0.72), max(surface * 0.8, tick * 0.35));
    if (record.flags & unknown) != 0u {
        paint.colour = mix(base.colour, vec3(0.3), stripes);
    }
    return paint;
}

// How strongly the pattern of a network's main shows, brightest at the front of each drop.
//
// The pattern is as long on screen at any distance: the map's scale sets it, not the bore.
fn drops(in: VertexOut, record: Record) -> f32 {
    let at = in.uv.x / canvas.horizon.w;
    let cell = fract(at - record.flow_phase - record.flow_rate * canvas.clock.x);
    let ahead = select(1.0 - cell, cell, record.flow_rate > 0.0);
    let seen = 1.0 - smoothstep(0.12, 0.35, fwidth(at));
    return ahead * ahead * seen;
}

fn flowing(in: VertexOut, record: Record, base: Paint) -> Paint {
    var paint = base;
    if record.flow_rate == 0.0 {
        return paint;
    }
    if in.motion == 4u {
        paint.colour = mix(paint.colour, canvas.paints[WATER].rgb, 0.9 * drops(in, record));
        return paint;
    }
    // Arrows: the pattern is drawn back at the sides of the pipe.
    let side = abs(fract(in.uv.y + 0.5) - 0.5) * 2.0;
    let lean = 0.3 * side * sign(record.flow_rate);
    let cell = in.uv.x + lean - record.flow_phase - record.flow_rate * canvas.clock.x;
    let wide = max(fwidth(in.uv.x), 0.02);
    let seen = 1.0 - smoothstep(0.2, 0.5, wide);
    let wave = saturate((abs(fract(cell) - 0.5) - 0.3) / wide + 0.5);
    let tint = mix(canvas.paints[WATER].rgb * 0.9, paint.colour, 0.25);
    paint.colour = mix(paint.colour, tint, wave * 0.85 * seen);
    return paint;
}

// A belt with cross bars that move with it, gone where they would flicker.
fn belted(in: VertexOut, record: Record, base: Paint) -> Paint {
    var paint = base;
    let cell = in.uv.x * 2.0 - 2.0 * (record.flow_phase + record.flow_rate * canvas.clock.x);
    let wide = max(fwidth(in.uv.x) * 2.0, 0.02);
    let seen = 1.0 - smoothstep(0.3, 0.8, wide);
    let bar = saturate((0.09 - abs(fract(cell) - 0.5)) / wide + 0.5);
    paint.colour = mix(paint.colour, canvas.paints[METAL].rgb * 0.55, bar * seen);
    return paint;
}

// A road with arrows that move with its traffic, gone where they would flicker.
fn driven(in: VertexOut, record: Record, base: Paint) -> Paint {
    var paint = base;
    if record.flow_rate == 0.0 {
        return paint;
    }
    // Counted in metres along the road: an arrow every few of them, moving as a pipe's do.
    let at = in.uv.x / 6.0;
    let lean = 0.3 * abs(in.uv.y - 0.5) * sign(record.flow_rate);
    let cell = at + lean - record.flow_phase - record.flow_rate * canvas.clock.x;
    let wide = max(fwidth(at), 0.02);
    let seen = 1.0 - smoothstep(0.2, 0.5, wide);
    let within = step(0.16, in.uv.y) * step(in.uv.y, 0.84);
    let bar = saturate((0.07 - abs(fract(cell) - 0.5)) / wide + 0.5);
    paint.colour = mix(paint.colour, canvas.paints[DIAL].rgb, 0.5 * bar * seen * within);
    return paint;
}

// The colour of a drawing; Operate keeps its brightness only, and what runs is told by the
// asset's own colour.
fn drawn_colour(in: VertexOut, record: Record, data: vec3<f32>) -> vec3<f32> {
    let packed = u32(in.uv.x + 0.5);
    let srgb = vec3(
        f32((packed >> 11u) & 31u) / 31.0,
        f32((packed >> 5u) & 63u) / 63.0,
        f32(packed & 31u) / 31.0,
    );
    let own = srgb * srgb;
    if canvas.cut_low.w > 0.5 {
        return own;
    }
    // As bright as equipment is, a little lighter or darker by its own colour.
    let base = select(canvas.paints[MODEL].rgb, data, record.body != 0u);
    return base * mix(0.55, 1.1, sqrt(grey_of(own)));
}

fn paint_of(in: VertexOut, record: Record) -> Paint {
    let entry = canvas.paints[in.part];
    var paint = Paint(entry.rgb, entry.w, 1.0);
    let data = linear_from(record.body);
    if in.part == BODY || in.part == PIPE {
        paint.colour = data;
    }
    if in.part == MODEL {
        paint.colour = drawn_colour(in, record, data);
    }
    let stripes = hatch(in.clip);
    if in.part == GAUGE && (record.flags & UNGAUGED) != 0u {
        paint.colour = data * 0.9;
    } else if in.part == GAUGE {
        paint = gauge(in, record, paint, stripes);
    } else if in.part == WATER && (record.flags & FILL_UNKNOWN) != 0u {
        let grey = vec3(grey_of(paint.colour));
        paint.colour = mix(grey * 0.55, grey * 1.6, stripes);
    } else if in.part == PIPE {
        paint = flowing(in, record, paint);
    } else if in.part == BELT {
        paint = belted(in, record, paint);
    } else if in.part == ASPHALT {
        paint = driven(in, record, paint);
    }
    let equipment = in.part != GAUGE && in.part != WATER;
    if (record.flags & HEAT) != 0u && equipment {
        let keep = select(0.12, 0.0, in.part == BODY || in.part == PIPE);
        paint.colour = mix(data, paint.colour, keep);
        if in.part == PIPE && in.motion == 4u && record.flow_rate != 0.0 {
            // Colour is taken: the drops are told by brightness.
            paint.colour *= mix(0.7, 1.15, drops(in, record));
        }
        if in.motion == 4u || record.grow > 0.0 {
            // What is small must not sink into the dark ground.
            paint.colour = mix(paint.colour, vec3(1.0), 0.1);
        }
        paint.modelled = 0.55;
    }
    if (record.flags & DIMMED) != 0u {
        paint.colour = mix(paint.colour, canvas.paints[GROUND].rgb, 0.55);
        paint.colour = mix(paint.colour, vec3(grey_of(paint.colour)), 0.7);
    }
    if (record.flags & DOUBTFUL) != 0u && equipment {
        let grey = vec3(grey_of(paint.colour));
        paint.colour = mix(mix(paint.colour, grey, 0.6) * 0.8, vec3(0.045), stripes * 0.75);
    }
    if (record.flags & ALARM) != 0u && equipment {
        let lit = (record.flags & FLASHING) == 0u || fract(canvas.clock.y) < 0.5;
        // What waits is of the full colour; what was seen is paler.
        let full = select(0.85, 0.95, (record.flags & FLASHING) != 0u);
        paint.colour = mix(paint.colour, linear_from(record.mark), select(0.2, full, lit));
        paint.modelled = 0.55;
    }
    if (record.flags & (SELECTED | HEAT | DIMMED)) == SELECTED && equipment {
        paint.colour = mix(paint.colour, canvas.selection.rgb, 0.12);
    }
    if (record.flags & HOVERED) != 0u {
        paint.colour = paint.colour * 1.22 + 0.035;
    }
    return paint;
}

#ifdef LIT
fn shone(in: VertexOut, paint: Paint, front: bool) -> vec3<f32> {
    var pbr = pbr_types::pbr_input_new();
    pbr.flags = mesh[in.instance].flags;
    pbr.is_orthographic = view.clip_from_view[3].w == 1.0;
    pbr.frag_coord = in.clip;
    pbr.world_position = vec4(in.world, 1.0);
    pbr.world_normal = select(-1.0, 1.0, front) * normalize(in.normal);
    pbr.N = pbr.world_normal;
    pbr.V = pbr_functions::calculate_view(pbr.world_position, pbr.is_orthographic);
    pbr.material.base_color = vec4(paint.colour, 1.0);
    pbr.material.perceptual_roughness = paint.roughness;
    pbr.material.reflectance = vec3(0.35);
    let lit = pbr_functions::apply_pbr_lighting(pbr).rgb;
    let shone = pbr_functions::main_pass_post_lighting_processing(pbr, vec4(lit, 1.0)).rgb;
    return mix(paint.colour, shone, paint.modelled);
}
#else
fn shone(in: VertexOut, paint: Paint, front: bool) -> vec3<f32> {
    let n = select(-1.0, 1.0, front) * normalize(in.normal);
    let sun = saturate(dot(n, canvas.sun.xyz)) * canvas.sun.w;
    let sky = mix(canvas.below.rgb, canvas.above.rgb, n.y * 0.5 + 0.5);
    var light = sky + vec3(sun);
#ifdef LAND_PASS
    return paint.colour * light;
#else ifdef SHADOW_PASS
    return paint.colour * light;
#else
    // A little gloss for what is smooth.
    let eye = normalize(view.world_position - in.world);
    let half_way = normalize(eye + canvas.sun.xyz);
    var gloss = saturate(dot(n, half_way));
    gloss *= gloss;
    gloss *= gloss;
    gloss *= gloss;
    gloss *= gloss;
    gloss *= gloss * (1.0 - paint.roughness) * 0.35;
    light = mix(vec3(0.86), light, paint.modelled);
    return paint.colour * light + gloss;
#endif
}
#endif

// What is simulated: violet on a screen, linear.
const VIOLET: vec3<f32> = vec3(0.52, 0.27, 0.86);

// The other telling: its water, its mark on a gauge, and the rim of everything else.
fn ghost(in: VertexOut, record: Record) -> vec4<f32> {
    if in.part == WATER {
        return vec4(VIOLET, 0.55);
    }
    if in.part == GAUGE {
        let level = select(record.fill, record.position, in.motion == 3u);
        let near = abs(in.uv.y - level) / max(fwidth(in.uv.y), 1e-5);
        return vec4(mix(VIOLET, vec3(1.0), 0.35), saturate(3.0 - near));
    }
    let n = normalize(in.normal);
    let facing = abs(dot(n, normalize(view.world_position - in.world)));
    let rim = 1.0 - facing;
    // What has a level is told by its level; of the rest the outline stands out.
    if (record.flags & FILL_UNKNOWN) == 0u {
        return vec4(VIOLET, 0.25 * rim * rim * rim);
    }
    return vec4(VIOLET, 0.1 + 0.7 * rim * rim);
}

// How solid something is that is seen through: its rim tells its form, an alarm stays.
fn seen_through(in: VertexOut, record: Record) -> f32 {
    let n = normalize(in.normal);
    let rim = 1.0 - abs(dot(n, normalize(view.world_position - in.world)));
    var solid = 0.1 + 0.45 * rim * rim;
    if in.part == WATER || in.part == GAUGE {
        solid = 0.55;
    }
    if (record.flags & ALARM) != 0u {
        solid = max(solid, 0.7);
    }
    return solid;
}

@fragment
fn fragment(in: VertexOut, @builtin(front_facing) front: bool) -> @location(0) vec4<f32> {
#ifdef CUT
    if any(in.uncut < canvas.cut_low.xyz) || any(in.uncut > canvas.cut_high.xyz) {
        discard;
    }
#endif
#ifdef OUTLINE_PASS
    return vec4(canvas.selection.rgb, 1.0);
#else ifdef GHOST_PASS
    return ghost(in, records[in.slot]);
#else ifdef SHADE_PASS
    let strength = in.uv.x * in.uv.x * (1.0 - haze(in.world));
    return vec4(canvas.paints[SHADE].rgb, strength * 0.55);
#else ifdef SKY_PASS
    let up = normalize(in.world - view.world_position).y;
    let colour = mix(canvas.horizon.rgb, canvas.zenith.rgb, smoothstep(0.0, 0.45, up));
    return vec4(colour, 1.0);
#else ifdef LAND_PASS
    let soil = canvas.paints[in.part];
    let lined = ground_colour(in.world, soil.rgb, in.uv.x);
    let colour = shone(in, Paint(select(soil.rgb, lined, in.part == GROUND), soil.w, 1.0), true);
    return vec4(mix(colour, canvas.horizon.rgb, haze(in.world)), 1.0);
#else ifdef SHADOW_PASS
    let soil = canvas.paints[GROUND];
    let paint = Paint(ground_colour(in.world, soil.rgb, 0.0) * 0.6, 1.0, 1.0);
    return vec4(mix(shone(in, paint, true), canvas.horizon.rgb, haze(in.world)), 1.0);
#else
    let record = records[in.slot];
    var paint = paint_of(in, record);
    // The foot of things is a little darker, so that they stand on the ground.
    paint.colour *= mix(0.72, 1.0, saturate((in.world.y - record.ground) * 0.04 / canvas.above.w));
    var lit = shone(in, paint, front);
#ifdef CUT
    if !front && in.part != WATER {
        // The inside of what is cut, seen through the cut, closes it: flat and darker.
        lit = paint.colour * 0.5;
    }
#endif
    lit = mix(lit, canvas.horizon.rgb, haze(in.world));
#ifdef THROUGH_PASS
    return vec4(lit, seen_through(in, record));
#else
    return vec4(lit, 1.0);
#endif
#endif
}
