//! Echo on the crate wintun. It runs until it is ended.
mod answer;

use std::error::Error;
use std::sync::Arc;

fn main() -> Result<(), Box<dyn Error>> {
    let wintun = unsafe { wintun::load()? };
    let adapter = wintun::Adapter::create(&wintun, "bench", "Wintun", None)?;
    let session = Arc::new(adapter.start_session(0x400000)?);
    loop {
        let mut packet = session.receive_blocking()?;
        if !answer::answer(packet.bytes_mut()) {
            continue;
        }
        // The send ring is full if this fails.
        if let Ok(mut reply) = session.allocate_send_packet(packet.bytes().len() as u16) {
            reply.bytes_mut().copy_from_slice(packet.bytes());
            session.send_packet(reply);
        }
    }
}
