//! Samples to and from a real PostgreSQL, started for the test in a folder of its own.
