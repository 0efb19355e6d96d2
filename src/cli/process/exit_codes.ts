import type { HostErrorKind } from "../../tun/host_error.ts";

/** Exit codes, a contract with scripts. */
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

/** What each code says, for help. */
export const EXIT_MEANINGS: Readonly<Record<number, string>> = {
  0: "Done.",
  1: "Failed; the message says why.",
  2: "The command line is wrong.",
  3: "Not elevated: run from an administrator's prompt.",
  4: "There is no such adapter.",
  5: "The name or GUID is taken.",
  6: "wintun.dll is missing, wrong or not trusted.",
  7: "Not on this platform.",
  8: "The adapter is busy: a session is open already.",
  9: "Timed out.",
  10: "The adapter was removed while in use.",
  130: "Interrupted before it was done.",
};

/** The exit code of each reason that a host has to refuse. */
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
