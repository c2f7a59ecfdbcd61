//! Sets the `cfg` by which the gate is compiled for loom.

fn main() {
    println!("cargo::rustc-cfg=loom");
}
