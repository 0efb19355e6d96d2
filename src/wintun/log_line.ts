/** A log line, either from wintun.dll or about loading it. */
export interface LogLine {
  /** WINTUN_LOGGER_LEVEL (wintun.h). */
  readonly level: "info" | "warning" | "error";
  /** Without a line break at the end. */
  readonly message: string;
}
