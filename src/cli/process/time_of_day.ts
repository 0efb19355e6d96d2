/** Returns the local time of day as `12:03:04`. */
export function timeOfDay(time: Date): string {
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => `${part}`.padStart(2, "0"))
    .join(":");
}
