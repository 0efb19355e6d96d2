/** What wintun.dll reports, and what this program reports about loading it. */
export interface LogLine {
  /** WINTUN_LOGGER_LEVEL */
  readonly level: "info" | "warning" | "error";
  /** Without a line's end. */
  readonly message: string;
}
