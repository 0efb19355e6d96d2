/*
 * Prints, as one JSON object, the size of every structure that src/ reads or writes and the offsets of its fields, as the Windows
 * headers have them for the machine this is compiled for.
 */
#include <winsock2.h>
#include <ws2tcpip.h>
#include <windows.h>
#include <iphlpapi.h>
#include <setupapi.h>
#include <devpropdef.h>
#include <wintrust.h>
#include <stddef.h>
#include <stdio.h>

#include "dns_settings.h"

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
    STRUCT(GUID, F(Data1) F(Data2) F(Data3) F(Data4));
    STRUCT(NET_LUID, F(Value));
    STRUCT(SOCKADDR_IN, F(sin_family) F(sin_port) F(sin_addr));
    STRUCT(SOCKADDR_IN6, F(sin6_family) F(sin6_port) F(sin6_flowinfo) F(sin6_addr) F(sin6_scope_id));
    STRUCT(SOCKADDR_INET, F(si_family) F(Ipv4) F(Ipv6));
    STRUCT(IP_ADDRESS_PREFIX, F(Prefix) F(PrefixLength));
    STRUCT(MIB_UNICASTIPADDRESS_ROW, F(Address) F(InterfaceLuid) F(InterfaceIndex) F(PrefixOrigin) F(SuffixOrigin)
        F(ValidLifetime) F(PreferredLifetime) F(OnLinkPrefixLength) F(SkipAsSource) F(DadState) F(ScopeId)
        F(CreationTimeStamp));
    STRUCT(MIB_UNICASTIPADDRESS_TABLE, F(NumEntries) F(Table));
    STRUCT(MIB_IPINTERFACE_ROW, F(Family) F(InterfaceLuid) F(InterfaceIndex) F(MaxReassemblySize) F(InterfaceIdentifier)
        F(MinRouterAdvertisementInterval) F(MaxRouterAdvertisementInterval) F(AdvertisingEnabled) F(ForwardingEnabled)
        F(WeakHostSend) F(WeakHostReceive) F(UseAutomaticMetric) F(UseNeighborUnreachabilityDetection)
        F(ManagedAddressConfigurationSupported) F(OtherStatefulConfigurationSupported) F(AdvertiseDefaultRoute)
        F(RouterDiscoveryBehavior) F(DadTransmits) F(BaseReachableTime) F(RetransmitTime) F(PathMtuDiscoveryTimeout)
        F(LinkLocalAddressBehavior) F(LinkLocalAddressTimeout) F(ZoneIndices) F(SitePrefixLength) F(Metric) F(NlMtu)
        F(Connected) F(SupportsWakeUpPatterns) F(SupportsNeighborDiscovery) F(SupportsRouterDiscovery) F(ReachableTime)
        F(TransmitOffload) F(ReceiveOffload) F(DisableDefaultRoutes));
    STRUCT(MIB_IF_ROW2, F(InterfaceLuid) F(InterfaceIndex) F(InterfaceGuid) F(Alias) F(Description)
        F(PhysicalAddressLength) F(PhysicalAddress) F(PermanentPhysicalAddress) F(Mtu) F(Type) F(TunnelType) F(MediaType)
        F(PhysicalMediumType) F(AccessType) F(DirectionType) F(InterfaceAndOperStatusFlags) F(OperStatus) F(AdminStatus)
        F(MediaConnectState) F(NetworkGuid) F(ConnectionType) F(TransmitLinkSpeed) F(ReceiveLinkSpeed) F(InOctets)
        F(OutOctets));
    STRUCT(MIB_IF_TABLE2, F(NumEntries) F(Table));
    STRUCT(MIB_IPFORWARD_ROW2, F(InterfaceLuid) F(InterfaceIndex) F(DestinationPrefix) F(NextHop) F(SitePrefixLength)
        F(ValidLifetime) F(PreferredLifetime) F(Metric) F(Protocol) F(Loopback) F(AutoconfigureAddress) F(Publish)
        F(Immortal) F(Age) F(Origin));
    STRUCT(MIB_IPFORWARD_TABLE2, F(NumEntries) F(Table));
    STRUCT(DNS_INTERFACE_SETTINGS, F(Version) F(Flags) F(Domain) F(NameServer) F(SearchList) F(RegistrationEnabled)
        F(RegisterAdapterName) F(EnableLLMNR) F(QueryAdapterName) F(ProfileNameServer));
    STRUCT(SP_DEVINFO_DATA, F(cbSize) F(ClassGuid) F(DevInst) F(Reserved));
    STRUCT(SP_CLASSINSTALL_HEADER, F(cbSize) F(InstallFunction));
    STRUCT(SP_REMOVEDEVICE_PARAMS, F(ClassInstallHeader) F(Scope) F(HwProfile));
    STRUCT(DEVPROPKEY, F(fmtid) F(pid));
    STRUCT(MEMORY_BASIC_INFORMATION, F(BaseAddress) F(AllocationBase) F(AllocationProtect) F(RegionSize) F(State)
        F(Protect) F(Type));
    STRUCT(JOBOBJECT_BASIC_LIMIT_INFORMATION, F(LimitFlags));
    STRUCT(JOBOBJECT_EXTENDED_LIMIT_INFORMATION, F(BasicLimitInformation));
    STRUCT(SECURITY_ATTRIBUTES, F(nLength) F(lpSecurityDescriptor) F(bInheritHandle));
    STRUCT(STARTUPINFOW, F(cb) F(lpReserved) F(lpDesktop) F(lpTitle) F(dwX) F(dwY) F(dwXSize) F(dwYSize)
        F(dwXCountChars) F(dwYCountChars) F(dwFillAttribute) F(dwFlags) F(wShowWindow) F(cbReserved2) F(lpReserved2)
        F(hStdInput) F(hStdOutput) F(hStdError));
    STRUCT(STARTUPINFOEXW, F(lpAttributeList));
    STRUCT(PROCESS_INFORMATION, F(hProcess) F(hThread) F(dwProcessId) F(dwThreadId));
    STRUCT(TOKEN_ELEVATION, F(TokenIsElevated));
    STRUCT(SID_IDENTIFIER_AUTHORITY, F(Value));
    STRUCT(FILETIME, F(dwLowDateTime) F(dwHighDateTime));
    STRUCT(SYSTEM_INFO, F(wProcessorArchitecture) F(dwPageSize) F(dwAllocationGranularity));
    STRUCT(BY_HANDLE_FILE_INFORMATION, F(dwFileAttributes) F(nFileSizeHigh) F(nFileSizeLow));
    STRUCT(CRYPT_PROVIDER_CERT, F(cbStruct) F(pCert));
    STRUCT(WINTRUST_FILE_INFO, F(cbStruct) F(pcwszFilePath) F(hFile) F(pgKnownSubject));
    STRUCT(WINTRUST_DATA, F(cbStruct) F(pPolicyCallbackData) F(pSIPClientData) F(dwUIChoice) F(fdwRevocationChecks)
        F(dwUnionChoice) F(pFile) F(dwStateAction) F(hWVTStateData) F(pwszURLReference) F(dwProvFlags) F(dwUIContext));
    printf("\n}\n");
    return 0;
}
