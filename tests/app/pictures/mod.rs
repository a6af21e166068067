//! What a person sees, as pictures: written by the program, and held against references.

mod compare;
mod desks;
mod program;
mod references;
mod vision;
mod yard;
