/** Where another process asks a service to stop that is starting, and so accepts no controls: a registry value. */
export interface CancelValue {
  /** The key below HKEY_LOCAL_MACHINE. It need not exist. */
  readonly key: string;
  /** The value of type REG_SZ. It asks by its existence. */
  readonly value: string;
}

/** What a service was asked to stop by: the control STOP, the end of Windows, or the registry value of `CancelValue`. */
export type StopRequest = "stop" | "shutdown" | "cancel";

/** What the main thread sends to the worker of a service. `enter` comes first, and once. */
export type ToServiceWorker =
  | {
    readonly type: "enter";
    /** The name of the service. */
    readonly name: string;
    readonly cancel: CancelValue;
    /** The paths of the DLLs. */
    readonly advapi32: string;
    readonly kernel32: string;
  }
  | { readonly type: "running" }
  | { readonly type: "end"; readonly exitCode: number };

/** What the worker sends to the main thread. */
export type FromServiceWorker =
  /** Windows has called ServiceMain: this process is the service. */
  | { readonly type: "started" }
  | { readonly type: "stop"; readonly request: StopRequest }
  /** The dispatcher has returned: the service has stopped, or Windows has not started this process as a service. */
  | { readonly type: "left" };

/** What the worker that starts services is asked for, once. */
export interface ToStartWorker {
  /** The name of the service. */
  readonly name: string;
  /** The paths of the DLLs. */
  readonly advapi32: string;
  readonly kernel32: string;
}

/** Its answer. */
export interface Started {
  /** `false` if the service ran already. */
  readonly started: boolean;
}
