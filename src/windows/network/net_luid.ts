/**
 * Returns the NET_LUID of an interface (ifdef.h): from the lowest bit, 24 reserved bits, 24 bits of index, 16 bits of type.
 * @param type The interface type, an IF_TYPE constant of ipifcons.h.
 * @param index The NetLuidIndex of the interface.
 */
export function netLuid(type: number, index: number): bigint {
  return BigInt(type) << 48n | BigInt(index) << 24n;
}
