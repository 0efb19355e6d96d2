/*
 * Prints one JSON object: the size and the field offsets of every structure that src/ reads or writes, from the Windows
 * headers for the target of this compilation.
 */
#define CINTERFACE /* COM interfaces with their tables of methods */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <iphlpapi.h>
#include <netlistmgr.h>
#include <icmpapi.h>
#include <setupapi.h>
#include <devpropdef.h>
#include <wintrust.h>
#include <stddef.h>
#include <stdio.h>

#include "dns_settings.h"
#include "icmpv6_reply.h"

typedef IUnknownVtbl IUNKNOWN_VTBL;
typedef INetworkListManagerVtbl INETWORK_LIST_MANAGER_VTBL;
typedef IEnumNetworkConnectionsVtbl IENUM_NETWORK_CONNECTIONS_VTBL;
typedef INetworkConnectionVtbl INETWORK_CONNECTION_VTBL;
typedef INetworkVtbl INETWORK_VTBL;

static const char *separator = "";

#define STRUCT(type, ...)                                                                                              \
    do {                                                                                                               \
        typedef type self;                                                                                             \
        printf("%s\n\"%s\":{\"size\":%zu", separator, #type, sizeof(self));                                            \
        separator = ",";                                                                                               \
        __VA_ARGS__                                                                                                    \
        printf("}");                                                                                                   \
    } while (0)
#define F(field) printf(",\"%s\":%zu", #field, offsetof(self, field));

int main(void) {
    printf("{");
    STRUCT(SOCKADDR_IN, F(sin_addr));
    STRUCT(SOCKADDR_IN6, F(sin6_addr));
    STRUCT(SOCKADDR_INET, F(si_family));
    STRUCT(IP_ADDRESS_PREFIX, F(Prefix) F(PrefixLength));
    STRUCT(MIB_UNICASTIPADDRESS_ROW, F(Address) F(InterfaceLuid) F(PrefixOrigin) F(OnLinkPrefixLength) F(DadState));
    STRUCT(MIB_UNICASTIPADDRESS_TABLE, F(NumEntries) F(Table));
    STRUCT(MIB_IPINTERFACE_ROW, F(Family) F(InterfaceLuid) F(ForwardingEnabled) F(UseAutomaticMetric) F(SitePrefixLength) F(Metric) F(NlMtu));
    STRUCT(MIB_IF_ROW2, F(InterfaceLuid) F(InterfaceIndex) F(InterfaceGuid) F(Alias) F(Description) F(Mtu) F(OperStatus)
        F(MediaConnectState) F(InOctets) F(InUcastPkts) F(InNUcastPkts) F(InDiscards) F(InErrors) F(OutOctets)
        F(OutUcastPkts) F(OutNUcastPkts) F(OutDiscards) F(OutErrors));
    STRUCT(MIB_IF_TABLE2, F(NumEntries) F(Table));
    STRUCT(MIB_IPFORWARD_ROW2, F(InterfaceLuid) F(DestinationPrefix) F(NextHop) F(SitePrefixLength) F(Metric)
        F(Protocol));
    STRUCT(MIB_IPFORWARD_TABLE2, F(NumEntries) F(Table));
    STRUCT(DNS_INTERFACE_SETTINGS, F(Version) F(Flags) F(Domain) F(NameServer) F(SearchList) F(RegistrationEnabled));
    STRUCT(ICMP_ECHO_REPLY, F(Status) F(DataSize) F(Data));
    STRUCT(ICMPV6_ECHO_REPLY, F(Status));
    STRUCT(SP_DEVINFO_DATA, F(cbSize));
    STRUCT(SP_CLASSINSTALL_HEADER, F(cbSize) F(InstallFunction));
    STRUCT(SP_REMOVEDEVICE_PARAMS, F(Scope));
    STRUCT(DEVPROPKEY, F(fmtid) F(pid));
    STRUCT(MEMORY_BASIC_INFORMATION, F(AllocationBase) F(RegionSize) F(State));
    STRUCT(SECURITY_ATTRIBUTES, F(nLength) F(lpSecurityDescriptor));
    STRUCT(SERVICE_STATUS, F(dwServiceType) F(dwCurrentState) F(dwControlsAccepted) F(dwWin32ExitCode)
        F(dwServiceSpecificExitCode) F(dwCheckPoint) F(dwWaitHint));
    STRUCT(SERVICE_STATUS_PROCESS, F(dwProcessId));
    STRUCT(SERVICE_TABLE_ENTRYW, F(lpServiceName) F(lpServiceProc));
    STRUCT(QUERY_SERVICE_CONFIGW, F(dwStartType) F(lpBinaryPathName) F(lpServiceStartName) F(lpDisplayName));
    STRUCT(SERVICE_FAILURE_ACTIONSW, F(dwResetPeriod) F(cActions) F(lpsaActions));
    STRUCT(SC_ACTION, F(Type) F(Delay));
    STRUCT(TOKEN_PRIVILEGES, F(PrivilegeCount) F(Privileges));
    STRUCT(LUID_AND_ATTRIBUTES, F(Luid) F(Attributes));
    STRUCT(TOKEN_ELEVATION, F(TokenIsElevated));
    STRUCT(BY_HANDLE_FILE_INFORMATION, F(dwFileAttributes) F(nFileSizeHigh) F(nFileSizeLow));
    STRUCT(CRYPT_PROVIDER_CERT, F(pCert));
    STRUCT(WINTRUST_FILE_INFO, F(cbStruct) F(pcwszFilePath) F(hFile));
    STRUCT(WINTRUST_DATA, F(cbStruct) F(dwUIChoice) F(fdwRevocationChecks) F(dwUnionChoice) F(pFile) F(dwStateAction)
        F(hWVTStateData) F(dwProvFlags));
    STRUCT(IUNKNOWN_VTBL, F(Release));
    STRUCT(INETWORK_LIST_MANAGER_VTBL, F(GetNetworkConnections));
    STRUCT(IENUM_NETWORK_CONNECTIONS_VTBL, F(Next));
    STRUCT(INETWORK_CONNECTION_VTBL, F(GetNetwork) F(GetAdapterId));
    STRUCT(INETWORK_VTBL, F(GetNetworkId) F(GetTimeCreatedAndConnected) F(GetCategory) F(SetCategory));
    printf("\n}\n");
    return 0;
}
