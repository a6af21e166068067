//! How assets look: the shapes that a scene can name.

use serde::Deserialize;

/// Names the shapes once, with their usual sizes, so that no list of them can miss one.
macro_rules! shapes {
    ($($(#[$doc:meta])* $name:ident = $size:expr,)*) => {
        /// How an asset looks. Sizes are those of the type or asset.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
        pub enum Shape {
            $($(#[$doc])* $name,)*
        }

        impl Shape {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// Its name in a scene.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }

            /// An ordinary size of it: width, depth, height, m.
            pub const fn usual_size(self) -> [f64; 3] {
                match self {
                    $(Self::$name => $size,)*
                }
            }
        }
    };
}

shapes! {
    /// Closed upright cylinder with a dome.
    Tank = [6.0, 6.0, 8.0],
    /// Lying cylinder on saddles.
    HorizontalTank = [8.0, 3.0, 3.4],
    /// Upright tank with a cone below, on legs: hopper or silo.
    ConicalTank = [4.0, 4.0, 8.0],
    /// Ball on columns: gas under pressure.
    SphericalTank = [14.0, 14.0, 15.0],
    /// Tall column with platforms: distillation, absorption.
    Column = [3.4, 3.4, 24.0],
    /// Shell-and-tube heat exchanger on saddles.
    HeatExchanger = [6.0, 1.6, 2.2],
    /// Open rectangular basin.
    Basin = [16.0, 10.0, 4.0],
    /// Round covered reservoir, half sunk.
    Reservoir = [24.0, 24.0, 7.0],
    /// Rapid gravity filter: a deep open bed with troughs.
    FilterBed = [10.0, 7.0, 5.0],
    /// Centrifugal pump with motor on a base.
    Pump = [2.6, 1.1, 1.5],
    /// Small dosing pump with a head and a stroke knob.
    DosingPump = [0.5, 0.3, 0.5],
    /// Compressor set with its motor.
    Compressor = [5.0, 2.0, 2.4],
    /// Fan or blower in a ring.
    Fan = [0.8, 2.0, 2.1],
    /// Electric motor alone.
    Motor = [1.2, 0.6, 0.7],
    /// Hand or control valve with a wheel.
    Valve = [0.9, 0.5, 1.2],
    /// Gate valve with a rising wheel.
    GateValve = [0.8, 0.5, 1.4],
    /// Butterfly valve: a disc that turns, with a lever.
    ButterflyValve = [0.3, 0.8, 1.0],
    /// Control valve under a diaphragm actuator.
    ControlValve = [0.9, 0.6, 1.4],
    /// Pipe along its route.
    Pipe = [0.4, 0.4, 0.4],
    /// Cable tray along its route, or straight along its width.
    CableTray = [6.0, 0.5, 0.12],
    /// Belt conveyor along its route, which is the top of the belt, or straight along its width.
    Conveyor = [6.0, 0.8, 0.9],
    /// Roller conveyor, likewise.
    RollerConveyor = [6.0, 0.9, 0.8],
    /// Articulated robot on a pedestal.
    Robot = [2.6, 1.2, 2.4],
    /// Machining centre in its enclosure.
    MachineTool = [3.4, 2.2, 2.3],
    /// Rotary filler or capper: a carousel under a bowl.
    Filler = [3.2, 3.2, 3.0],
    /// Palletiser: a portal over a stack.
    Palletiser = [4.0, 3.4, 3.2],
    /// Stretch wrapper: a turntable with a mast.
    Wrapper = [3.0, 2.2, 2.4],
    /// Switchgear or control cabinet.
    Cabinet = [1.6, 0.6, 2.0],
    /// Pallet rack with bays and levels.
    Rack = [11.5, 1.2, 7.6],
    /// Pallet with its load.
    Pallet = [1.2, 0.8, 1.4],
    /// Crate, carton or tote.
    Crate = [0.6, 0.4, 0.4],
    /// Automated guided vehicle.
    Agv = [1.8, 1.0, 0.5],
    /// Forklift truck.
    Forklift = [3.2, 1.2, 2.2],
    /// Lorry with a box body.
    Truck = [9.0, 2.5, 3.6],
    /// Passenger car.
    Car = [4.4, 1.8, 1.45],
    /// City bus.
    Bus = [12.0, 2.55, 3.1],
    /// Building shell with a flat roof, seen through.
    Building = [18.0, 12.0, 6.0],
    /// Building with storeys.
    Storeys = [16.0, 12.0, 16.0],
    /// Districts and consumers: a small cluster of houses.
    District = [40.0, 40.0, 10.0],
    /// Road along its route, or straight along its width.
    Road = [24.0, 7.0, 0.05],
    /// Lamp post.
    StreetLamp = [3.0, 0.4, 8.0],
    /// Traffic signal on a post.
    TrafficLight = [0.4, 0.4, 3.4],
    /// Power pole with cross-arms.
    PowerPole = [2.6, 0.5, 10.0],
    /// Oil-filled power transformer.
    Transformer = [4.0, 3.0, 3.6],
    /// A tree.
    Tree = [5.0, 5.0, 8.0],
    /// Hospital bed.
    Bed = [2.2, 1.0, 1.1],
    /// Patient monitor on a stand.
    Monitor = [0.45, 0.4, 1.5],
    /// Scanner: a ring with a table through it.
    Scanner = [4.4, 2.2, 2.0],
    /// A person as a plain figure.
    Person = [0.55, 0.35, 1.75],
    /// Instrument on a stand: a round dial head.
    Instrument = [0.5, 0.4, 1.3],
    /// Intake tower with a screen.
    Intake = [6.0, 6.0, 12.0],
    /// A plain box.
    Block = [2.0, 2.0, 2.0],
    /// A ball where pipes of a network meet.
    Junction = [0.6, 0.6, 0.6],
    /// Nothing: it is in lists only.
    Unseen = [1.0, 1.0, 1.0],
}

impl Shape {
    /// True if it can run along a route; without one, only a pipe must.
    pub const fn follows_route(self) -> bool {
        matches!(
            self,
            Self::Pipe | Self::CableTray | Self::Conveyor | Self::RollerConveyor | Self::Road
        )
    }

    /// Its name in words, such as `Street lamp`.
    pub fn title(self) -> String {
        if self == Self::Agv {
            return "AGV".to_owned();
        }
        let mut title = String::new();
        for letter in self.name().chars() {
            if letter.is_uppercase() && !title.is_empty() {
                title.push(' ');
                title.extend(letter.to_lowercase());
            } else {
                title.push(letter);
            }
        }
        title
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for &shape in Shape::ALL {
            let read: Shape = ron::from_str(shape.name()).expect("a shape");
            assert_eq!(read, shape);
            assert!(shape.usual_size().iter().all(|side| *side > 0.0));
        }
        assert_eq!(Shape::HorizontalTank.title(), "Horizontal tank");
    }
}
