# Sets up the namespaces that world.ts has created, and then runs the machine in them.
# usage: enter.sh BASE MOUNTPOINT CHECKOUT PARTS NPM-CACHE DENO [--stay]
set -eu
base=$1 root=$2 checkout=$3 parts=$4 npm=$5 deno=$6
shift 6

# The writable layer is in memory, under the mount point, and ends with the namespace.
mount -t tmpfs -o mode=755 world "$root"
mkdir "$root/upper" "$root/work" "$root/merged"
mount -t overlay -o "lowerdir=$base,upperdir=$root/upper,workdir=$root/work" world "$root/merged"
mount --bind "$root/merged" "$root"

mount -t proc proc /proc
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mkdir -p "$root/checkout" "$root/world"
mount --bind "$checkout" "$root/checkout"
mount -o remount,bind,ro "$root/checkout"
mount --bind "$npm" "$root/prefix/drive_c/deno/npm"
mount -o remount,bind,ro "$root/prefix/drive_c/deno/npm"
mount --bind "$deno" "$root/opt/deno/deno.exe"
mount --bind "$deno" "$root/opt/deno-elevated/deno.exe"
cp "$parts"/* "$root/world/"
# The stand-ins lie where the system has these DLLs.
for name in bcryptprimitives cfgmgr32 iphlpapi iphlpapi_wine nci sechost sechost_wine; do
  mv "$root/world/$name.dll" "$root/prefix/drive_c/windows/system32/"
done

ip link set dev lo up
exec "$parts/machine" "$@"
