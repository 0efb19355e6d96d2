/** Reading: nothing to read now; wait. */
export const EMPTY = -1;
/** Reading: the adapter is being removed (ERROR_HANDLE_EOF, 38). Final for this session. */
export const ENDED = -2;
/** Reading: the receive ring is corrupt (ERROR_INVALID_DATA, 13). Final; a new session helps. */
export const CORRUPT = -3;

/** Replying: the packet is in the send ring. */
export const SENT = 0;
/** Replying: the send ring is full (ERROR_BUFFER_OVERFLOW, 111); nothing was sent. */
export const FULL = 1;
/** Replying: the adapter is being removed (ERROR_HANDLE_EOF, 38); nothing was sent. */
export const CLOSED = 2;

/** Waiting: there may be packets to read. */
export const READABLE = 0;
/** Waiting: the session's owner called `stop()`. */
export const STOPPED = 1;
/** Waiting: the time is over. */
export const TIMED_OUT = 2;
