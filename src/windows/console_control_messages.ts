/** Why Windows is about to end this process: its console is closed, its user logs off, or Windows shuts down. */
export type ConsoleEnd = "close" | "logoff" | "shutdown";

/** What the worker says: first the address of its handler, then why the process is about to end. */
export type FromConsoleWorker = bigint | ConsoleEnd;

/** What the handler waits for, as a number that both threads share. */
export const HANDLER_STATE = { waits: 0, letGo: 1 } as const;
