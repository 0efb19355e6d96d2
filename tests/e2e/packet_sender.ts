/**
 * Sends IP packets unchanged over a network device, which no socket of Deno can do: deno run -A packet_sender.ts DEVICE
 * PACKET..., each packet in hexadecimal digits. The program that reads the device gets every byte.
 */

/** Constants from the headers of Linux. */
const AF_PACKET = 17;
const SOCK_DGRAM = 2;
const ETH_P_IP = 0x0800;
const ETH_P_IPV6 = 0x86dd;
const SOCKADDR_LL_BYTES = 20;

const libc = Deno.dlopen("libc.so.6", {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  sendto: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"], result: "isize" },
  if_nametoindex: { parameters: ["buffer"], result: "u32" },
});

const [device, ...packets] = Deno.args;
const { symbols: { socket, sendto, if_nametoindex } } = libc;
const descriptor = socket(AF_PACKET, SOCK_DGRAM, 0);
const index = if_nametoindex(new TextEncoder().encode(`${device}\0`));
if (descriptor < 0 || index === 0) throw new Error(`Cannot open a packet socket on ${device}`);
for (const text of packets) {
  const packet = Uint8Array.from(text.match(/../g)!, (digits) => parseInt(digits, 16));
  // struct sockaddr_ll: family, protocol in network byte order, index of the interface; the rest does not matter.
  const address = new DataView(new ArrayBuffer(SOCKADDR_LL_BYTES));
  address.setUint16(0, AF_PACKET, true);
  address.setUint16(2, packet[0] >> 4 === 4 ? ETH_P_IP : ETH_P_IPV6);
  address.setInt32(4, index, true);
  const sent = sendto(
    descriptor,
    packet,
    BigInt(packet.length),
    0,
    new Uint8Array(address.buffer),
    SOCKADDR_LL_BYTES,
  );
  if (Number(sent) !== packet.length) {
    throw new Error(`Cannot send a packet of ${packet.length} bytes: ${sent}`);
  }
}
