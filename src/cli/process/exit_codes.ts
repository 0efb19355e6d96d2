import type { HostErrorKind } from "../../tun/host_error.ts";

/** The exit codes of the program. Scripts rely on them, so they never change. */
export const EXIT = {
  done: 0,
  failed: 1,
  usage: 2,
  notElevated: 3,
  notFound: 4,
  exists: 5,
  library: 6,
  platform: 7,
  busy: 8,
  timeout: 9,
  removed: 10,
  interrupted: 130,
} as const;

/** An exit code of the program. */
export type ExitCode = typeof EXIT[keyof typeof EXIT];

/** The meaning of each code in sentences, for help and for the README. */
export const EXIT_MEANINGS: Readonly<Record<ExitCode, string>> = {
  0: "Done, or there was nothing to change.",
  1: "Failed. The message says why.",
  2: "The command line is wrong. Nothing was changed.",
  3: "Not elevated. The command needs an administrator.",
  4: "There is no such adapter.",
  5: "The name or the GUID is taken.",
  6: "wintun.dll is missing, wrong or not trusted.",
  7: "This platform is not Windows.",
  8: "Busy. The adapter has an open session, or the driver is in use.",
  9: "Timed out.",
  10: "The adapter was removed while it was in use.",
  130: "Interrupted before the command was done.",
};

/** The exit code of each kind of a host's errors. */
export const HOST_ERROR_EXIT: Readonly<Record<HostErrorKind, number>> = {
  "failed": EXIT.failed,
  "invalid": EXIT.usage,
  "not-elevated": EXIT.notElevated,
  "not-found": EXIT.notFound,
  "exists": EXIT.exists,
  "library": EXIT.library,
  "platform": EXIT.platform,
  "busy": EXIT.busy,
  "timeout": EXIT.timeout,
  "removed": EXIT.removed,
};
