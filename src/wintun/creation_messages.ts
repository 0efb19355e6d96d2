/** What the worker is asked for, once. */
export interface ToCreationWorker {
  /** Path of wintun.dll, which is loaded already. */
  readonly path: string;
  /** Path of kernel32.dll. */
  readonly kernel32: string;
  readonly name: string;
  readonly type: string;
  readonly guid: Uint8Array<ArrayBuffer> | null;
}

/** The worker's answer. */
export interface CreatedAdapter {
  /** The WINTUN_ADAPTER_HANDLE. */
  readonly handle: bigint;
}
