package main

import "encoding/binary"

var be = binary.BigEndian

// updated returns the checksum after a change of one 16-bit word (RFC 1624, equation 3).
func updated(checksum, oldWord, newWord uint16) uint16 {
	sum := uint32(^checksum) + uint32(^oldWord) + uint32(newWord)
	sum = sum&0xFFFF + sum>>16
	sum = sum&0xFFFF + sum>>16
	return ^uint16(sum)
}

// isHost reports whether the address can be a host's: not "this network", loopback, multicast, or class E.
func isHost(address []byte) bool {
	return address[0] != 0 && address[0] != 127 && address[0] < 224
}

// answer turns an ICMPv4 echo request into its reply, in place. It reports whether the packet was one.
func answer(packet []byte) bool {
	if len(packet) < 28 || packet[0] != 0x45 {
		return false
	}
	total := int(be.Uint16(packet[2:]))
	if total > len(packet) || total < 28 || be.Uint16(packet[6:])&0x3FFF != 0 {
		return false
	}
	var sum uint32
	for at := 0; at < 20; at += 2 {
		sum += uint32(be.Uint16(packet[at:]))
	}
	if sum&0xFFFF+sum>>16 != 0xFFFF || packet[9] != 1 || packet[20] != 8 || packet[21] != 0 {
		return false
	}
	source, destination := be.Uint32(packet[12:]), be.Uint32(packet[16:])
	if !isHost(packet[12:]) || !isHost(packet[16:]) || source == destination {
		return false
	}
	packet[20] = 0
	be.PutUint16(packet[22:], updated(be.Uint16(packet[22:]), 0x0800, 0))
	be.PutUint32(packet[12:], destination)
	be.PutUint32(packet[16:], source)
	old := be.Uint16(packet[8:])
	packet[8] = 64
	be.PutUint16(packet[10:], updated(be.Uint16(packet[10:]), old, be.Uint16(packet[8:])))
	return true
}
