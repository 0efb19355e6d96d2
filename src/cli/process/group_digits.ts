/**
 * Returns a whole number with commas between its thousands: 1,234,567. Number.toLocaleString does the same, but its first
 * call loads ICU and blocks the thread for 50 ms, in which a capture loses packets.
 */
export function groupDigits(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}
