import { COM_FUNCTIONS } from "../../windows/com.ts";
import { CONNECTION_NAME_FUNCTIONS } from "../../windows/connection_name.ts";
import { CONSOLE_FUNCTIONS } from "../../windows/console_control.ts";
import { DRIVE_FUNCTIONS } from "../../windows/drive.ts";
import { TOKEN_FUNCTIONS } from "../../windows/elevation.ts";
import { OPEN_TOKEN_FUNCTIONS, OWN_PROCESS_FUNCTIONS } from "../../windows/own_token.ts";
import { PRIVILEGE_FUNCTIONS } from "../../windows/privileges.ts";
import { EVENT_FUNCTIONS } from "../../windows/event.ts";
import { FILE_FUNCTIONS } from "../../windows/file.ts";
import { LOCK_FUNCTIONS } from "../../windows/file_lock.ts";
import { HANDLE_FUNCTIONS } from "../../windows/handle.ts";
import { MEMORY_FUNCTIONS } from "../../windows/memory.ts";
import { MUTEX_FUNCTIONS } from "../../windows/named_objects.ts";
import { ADDRESS_FUNCTIONS } from "../../windows/network/address.ts";
import { DNS_FUNCTIONS } from "../../windows/network/dns.ts";
import { ICMP_FUNCTIONS } from "../../windows/network/icmp.ts";
import { INTERFACE_FUNCTIONS } from "../../windows/network/interface_info.ts";
import { IP_INTERFACE_FUNCTIONS } from "../../windows/network/ip_interface.ts";
import { TABLE_FUNCTIONS } from "../../windows/network/mib_table.ts";
import { ALIAS_FUNCTIONS } from "../../windows/network/network.ts";
import { ROUTE_FUNCTIONS } from "../../windows/network/route.ts";
import { WATCH_FUNCTIONS } from "../../windows/network/network_watch.ts";
import { NAMESPACE_FUNCTIONS, SID_FUNCTIONS } from "../../windows/private_namespace.ts";
import { PROCESS_FUNCTIONS } from "../../windows/process.ts";
import { KNOWN_FOLDER_FUNCTIONS, TASK_MEMORY_FUNCTIONS } from "../../windows/program_folder.ts";
import { FOLDER_FUNCTIONS } from "../../windows/protected_folder.ts";
import { REGISTRY_FUNCTIONS } from "../../windows/registry.ts";
import { LOCAL_MEMORY_FUNCTIONS, SECURITY_FUNCTIONS } from "../../windows/security.ts";
import { SERVICE_FUNCTIONS } from "../../windows/services/service.ts";
import { DISPATCHER_FUNCTIONS } from "../../windows/services/service_dispatcher.ts";
import { SERVICE_MANAGER_FUNCTIONS } from "../../windows/services/service_manager.ts";
import { SETUP_FUNCTIONS } from "../../windows/setupapi.ts";
import { DEVICE_FUNCTIONS } from "../../windows/setupapi_device.ts";
import { OWN_FUNCTIONS } from "../../windows/system_libraries.ts";
import { TIMER_FUNCTIONS } from "../../windows/timer.ts";
import { CERTIFICATE_FUNCTIONS, WINTRUST_FUNCTIONS } from "../../windows/wintrust.ts";
import { MODULE_FUNCTIONS } from "../../wintun/library.ts";
import { RING_SYSTEM_FUNCTIONS } from "../../wintun/ring_packets.ts";
import type { AnySystemFunctions } from "../../windows/system_functions.ts";

/** The tables of all functions of Windows that this program uses, in the order of their DLLs. */
export const USED_FUNCTIONS: readonly AnySystemFunctions[] = [
  DISPATCHER_FUNCTIONS,
  OPEN_TOKEN_FUNCTIONS,
  PRIVILEGE_FUNCTIONS,
  REGISTRY_FUNCTIONS,
  SECURITY_FUNCTIONS,
  SERVICE_FUNCTIONS,
  SERVICE_MANAGER_FUNCTIONS,
  SID_FUNCTIONS,
  TOKEN_FUNCTIONS,
  CERTIFICATE_FUNCTIONS,
  ADDRESS_FUNCTIONS,
  ALIAS_FUNCTIONS,
  DNS_FUNCTIONS,
  ICMP_FUNCTIONS,
  INTERFACE_FUNCTIONS,
  IP_INTERFACE_FUNCTIONS,
  ROUTE_FUNCTIONS,
  TABLE_FUNCTIONS,
  WATCH_FUNCTIONS,
  CONSOLE_FUNCTIONS,
  DRIVE_FUNCTIONS,
  EVENT_FUNCTIONS,
  FILE_FUNCTIONS,
  FOLDER_FUNCTIONS,
  HANDLE_FUNCTIONS,
  LOCAL_MEMORY_FUNCTIONS,
  LOCK_FUNCTIONS,
  MEMORY_FUNCTIONS,
  MODULE_FUNCTIONS,
  MUTEX_FUNCTIONS,
  NAMESPACE_FUNCTIONS,
  OWN_FUNCTIONS,
  OWN_PROCESS_FUNCTIONS,
  PROCESS_FUNCTIONS,
  RING_SYSTEM_FUNCTIONS,
  TIMER_FUNCTIONS,
  COM_FUNCTIONS,
  CONNECTION_NAME_FUNCTIONS,
  TASK_MEMORY_FUNCTIONS,
  DEVICE_FUNCTIONS,
  SETUP_FUNCTIONS,
  KNOWN_FOLDER_FUNCTIONS,
  WINTRUST_FUNCTIONS,
];
