// deno-lint-ignore-file no-console
/**
 * Sends datagrams to a UDP echo service and checks what comes back, one after the other:
 * deno run udp_client.ts HOST PORT SIZE COUNT. Exits 0 when each came back as it was sent.
 */
const [hostname, port, size, count] = [Deno.args[0], ...Deno.args.slice(1).map(Number)] as [
  string,
  number,
  number,
  number,
];
const socket = Deno.listenDatagram({
  hostname: hostname.includes(":") ? "::" : "0.0.0.0",
  port: 0,
  transport: "udp",
});
const timer = setTimeout(() => {
  console.error("no answer within 30 s");
  Deno.exit(1);
}, 30_000);
for (let sequence = 0; sequence < count; sequence++) {
  const sent = Uint8Array.from({ length: size }, (_, index) => (index * 7 + sequence) & 0xFF);
  await socket.send(sent, { hostname, port, transport: "udp" });
  const [received, from] = await socket.receive(new Uint8Array(65_536));
  const same = received.length === size && received.every((byte, index) => byte === sent[index]);
  const address = from as Deno.NetAddr;
  if (!same || address.hostname !== hostname || address.port !== port) {
    console.error(
      `datagram ${sequence} came back wrong: ${received.length} bytes from ${address.hostname}:${address.port}`,
    );
    Deno.exit(1);
  }
}
clearTimeout(timer);
socket.close();
console.log(`${count} datagrams of ${size} bytes echoed by ${hostname}:${port}`);
