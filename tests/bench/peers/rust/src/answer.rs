fn get16(packet: &[u8], at: usize) -> u16 {
    u16::from_be_bytes([packet[at], packet[at + 1]])
}

fn put16(packet: &mut [u8], at: usize, value: u16) {
    packet[at..at + 2].copy_from_slice(&value.to_be_bytes());
}

/// Returns the checksum after a change of one 16-bit word (RFC 1624, equation 3).
fn updated(checksum: u16, old_word: u16, new_word: u16) -> u16 {
    let sum = u32::from(!checksum) + u32::from(!old_word) + u32::from(new_word);
    let sum = (sum & 0xFFFF) + (sum >> 16);
    !(((sum & 0xFFFF) + (sum >> 16)) as u16)
}

/// Returns whether the address can be a host's: not "this network", loopback, multicast, or class E.
fn is_host(address: &[u8]) -> bool {
    address[0] != 0 && address[0] != 127 && address[0] < 224
}

/// Turns an ICMPv4 echo request into its reply, in place. Returns whether the packet was one.
pub fn answer(packet: &mut [u8]) -> bool {
    if packet.len() < 28 || packet[0] != 0x45 {
        return false;
    }
    let total = usize::from(get16(packet, 2));
    if total > packet.len() || total < 28 || get16(packet, 6) & 0x3FFF != 0 {
        return false;
    }
    let sum: u32 = (0..20).step_by(2).map(|at| u32::from(get16(packet, at))).sum();
    if (sum & 0xFFFF) + (sum >> 16) != 0xFFFF || packet[9] != 1 || packet[20] != 8 || packet[21] != 0 {
        return false;
    }
    if !is_host(&packet[12..]) || !is_host(&packet[16..]) || packet[12..16] == packet[16..20] {
        return false;
    }
    packet[20] = 0;
    put16(packet, 22, updated(get16(packet, 22), 0x0800, 0));
    let (source, destination) = packet[12..20].split_at_mut(4);
    source.swap_with_slice(destination);
    let old = get16(packet, 8);
    packet[8] = 64;
    put16(packet, 10, updated(get16(packet, 10), old, get16(packet, 8)));
    true
}
