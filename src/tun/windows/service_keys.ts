import type { CancelValue } from "../../windows/services/service_messages.ts";
import { serviceName } from "../service_name.ts";

/** The registry key of all services. Every user can read it; administrators can write it. */
export const SERVICES_KEY = "SYSTEM\\CurrentControlSet\\Services";

/** Returns the registry key, below HKEY_LOCAL_MACHINE, of the service of an adapter. @param guid As in `serviceName`. */
export function serviceKey(guid: string): string {
  return `${SERVICES_KEY}\\${serviceName(guid)}`;
}

/** Returns the key of what this program keeps about that service. */
export function parametersKey(guid: string): string {
  return `${serviceKey(guid)}\\Parameters`;
}

/** Returns the key in which that service reports. A restart of Windows deletes it. */
export function reportKey(guid: string): string {
  return `${parametersKey(guid)}\\Report`;
}

/** The value of that key that has the reason for which the service failed, as a sentence without a full stop. */
export const REASON_VALUE = "Reason";

/** Returns the value by which others ask a service to stop that is starting. */
export function cancelValue(guid: string): CancelValue {
  return { key: parametersKey(guid), value: "Cancel" };
}
