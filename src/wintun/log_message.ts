/** WINTUN_LOGGER_LEVEL */
export type LogLevel = "info" | "warning" | "error";

/** One message of the DLL. */
export interface LogMessage {
  readonly level: LogLevel;
  readonly text: string;
}
