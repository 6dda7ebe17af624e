//! The synthesis engine of cloudwright: construct tree, values, facts, checks, assembly.
