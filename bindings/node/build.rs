//! Linker options that some platforms need.

fn main() {
    napi_build::setup();
}
