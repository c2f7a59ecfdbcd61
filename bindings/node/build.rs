//! What the linker needs to be told on some platforms.

fn main() {
    napi_build::setup();
}
