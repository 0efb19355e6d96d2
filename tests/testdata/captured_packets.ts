/**
 * Packets as a Linux 6 kernel (10.6.7.7/24, fd00:6:7::7/64) sent them into a TUN device of MTU 1400, checksums and all.
 */
const hex = (text: string): Uint8Array => Uint8Array.from(text.match(/../g)!, (byte) => parseInt(byte, 16));

/** Long packets are one pattern byte from some point on. */
const padded = (text: string, length: number, fill: number): Uint8Array => {
  const bytes = new Uint8Array(length).fill(fill);
  bytes.set(hex(text));
  return bytes;
};

/** MLDv2 listener report of a starting interface, hop-by-hop options with router alert. */
export const MLD_REPORT: Uint8Array = hex("6000000000083afffe80000000000000601b361009b2da08ff0200000000000000000000000000028500035100000000");

/** `ping -4 -s 56 10.6.7.9`. */
export const PING4: Uint8Array = hex(
    "45000054e8494000400130440a0607070a06070908006b61554e0001e3e6036b00000000882a09000000000010111213" +
    "1415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637",
  );

/** `ping -6 -s 56 fd00:6:7::9`. */
export const PING6: Uint8Array = hex(
    "60043d5500403a40fd000006000700000000000000000007fd00000600070000000000000000000980004a9655500001" +
    "e3e6036b00000000334d0c0000000000101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f" +
    "3031323334353637",
  );

/** `ping -4 -s 2000` at MTU 1400: first fragment. */
export const PING4_FIRST_FRAGMENT: Uint8Array = padded(
    "45000574e864200040014b090a0607070a0607090800651255520001e4e6036b00000000372a000000000000",
    1396,
    0x5a,
);

/** The same: last fragment. */
export const PING4_LAST_FRAGMENT: Uint8Array = padded(
    "4500028ce86400ac40016d450a0607070a060709",
    652,
    0x5a,
);

/** `ping -6 -s 2000` at MTU 1400: first fragment. */
export const PING6_FIRST_FRAGMENT: Uint8Array = padded(
    "60043d5505502c40fd000006000700000000000000000007fd0000060007000000000000000000093a00000149dd63c0" +
    "800085b355540001e4e6036b000000009948030000000000",
    1400,
    0x5a,
);

/** The same: last fragment. */
export const PING6_LAST_FRAGMENT: Uint8Array = padded(
    "60043d5502982c40fd000006000700000000000000000007fd0000060007000000000000000000093a00054849dd63c0",
    704,
    0x5a,
);

/** `ping -4 -R`: a header of 60 bytes with no-operation and record route options. */
export const PING4_RECORD_ROUTE: Uint8Array = hex(
    "4f00007ce88d40004001ecbb0a0607070a060709010727080a0607070000000000000000000000000000000000000000" +
    "0000000000000000000000000800c00c55660001e4e6036b000000003567060000000000101112131415161718191a1b" +
    "1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637",
  );

/** `ping -4 -b 10.6.7.255`, the directed broadcast address of 10.6.7.0/24. */
export const PING4_BROADCAST: Uint8Array = hex(
    "4500005400004000400117980a0607070a0607ff0800f2eb55680001e4e6036b00000000ff8509000000000010111213" +
    "1415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f3031323334353637",
  );

/** UDP from port 40000 to 7, "hello wintun". */
export const UDP4: Uint8Array = hex("450000282c9740004011ec120a0607070a0607099c4000070014a22468656c6c6f2077696e74756e");

/** The same over IPv6. */
export const UDP6: Uint8Array = hex(
    "6002bebd00141140fd000006000700000000000000000007fd0000060007000000000000000000099c4000070014ca14" +
    "68656c6c6f2077696e74756e",
  );

/** TCP connect to port 80. */
export const TCP4_SYN: Uint8Array = hex(
    "4500003c35c140004006e2df0a0607070a060709d97800501584dcc900000000a002ff008e510000020405500402080a" +
    "991f33bd000000000103030a",
  );
