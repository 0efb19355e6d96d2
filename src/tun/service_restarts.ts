/**
 * What Windows does when the service of a persistent adapter fails: it restarts the service twice. A third failure is the last,
 * unless there was none for an hour before it.
 */
export const RESTARTS = { restartAfterMs: [5_000, 30_000], resetAfterS: 3_600 } as const;
