//! Tests of cloudwright that cross crates.
