#!/usr/bin/env bash
# Builds the kernel that NetVS is compared with: Debian's source, with IPVS, as a User-Mode Linux program that runs as an ordinary process.
#
#   build/oracle/kernel.sh [-f]     builds it unless it is there already, of the same kernel.config; -f: again
#
# It goes to $NETVS_ORACLE_CACHE (default: $XDG_CACHE_HOME or /var/cache, netvs-oracle), about 10 MB; 3 GB while building.
# NETVS_ORACLE_SOURCE names Debian's package of the source (linux-source-6.1), or a folder with a kernel's source, which is copied.
set -eu
. "$(dirname "$(readlink -f "$0")")/../setup.sh"
cache=$(oracle_cache) wanted=$root_dir/build/oracle/kernel.config
is_there() { [ -x "$cache/linux" ] && cmp -s "$wanted" "$cache/kernel.config"; }
is_there && [ "${1-}" != -f ] && exit 0
package=${NETVS_ORACLE_SOURCE:-linux-source-6.1}
need_packages "building a kernel with IPVS" gcc=gcc make=make flex=flex bison=bison bc=bc xz=xz-utils pahole=dwarves /usr/include/stdio.h=libc6-dev dpkg-deb=dpkg
need_oracle_packages
mkdir -p "$cache"
exec 9>"$cache/.lock"
flock 9
is_there && [ "${1-}" != -f ] && exit 0
say "building a kernel with IPVS to compare with, once: about seven minutes on two processors"
work=$(mktemp -d "$cache/building.XXXXXX") log=$cache/build.log
trap 'rm -rf "$work"' EXIT

build() (
	set -e
	# apt-get drops its privileges for a download, and then may not write here.
	cd "$work" && chmod 755 .
	if [ -d "$package" ]; then
		cp -r "$package" source
	else
		apt-get download -q -o APT::Sandbox::User=root "$package"
		archive=$(dpkg-deb --contents "$package"_*.deb | awk '$NF ~ /\.tar\.xz$/ { print $NF }')
		mkdir source
		dpkg-deb --fsys-tarfile "$package"_*.deb | tar -xO "$archive" | tar -xJ -C source --strip-components=1
	fi
	cd source
	# The buffer for a process's vector registers is sized for processors of 2010. A short one makes ptrace fail, and the kernel stop at its first
	# process, where AVX-512 or AMX make them larger.
	sed -i -E 's/(DEFINE_LONGS\(HOST_FP_SIZE, )[^;]*\)/\112288)/' arch/x86/um/user-offsets.c
	make -s ARCH=um x86_64_defconfig
	./scripts/kconfig/merge_config.sh -m .config "$wanted"
	make -s ARCH=um olddefconfig
	make -s ARCH=um -j"$(nproc)" linux
	strip -o "$cache/linux.new" linux
	cp .config "$cache/config"
	cp "$wanted" "$cache/kernel.config"
	mv "$cache/linux.new" "$cache/linux"
)

if ! build >"$log" 2>&1; then
	tail -n 20 "$log" >&2
	die "the kernel could not be built: the whole log is $log"
fi
say "built $cache/linux"
