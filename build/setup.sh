# Sourced by ./netvs and ./test: finds what is missing on this machine and installs it, saying what it does.
# Needs: root for installing packages; nothing else is changed on the machine.

root_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

say() { printf 'netvs: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }

# need_packages PURPOSE PROBE=PACKAGE...: installs the packages whose probe fails. A probe is a command name, or a path.
need_packages() {
	local purpose=$1 pair probe package missing=()
	shift
	for pair in "$@"; do
		probe=${pair%%=*} package=${pair#*=}
		case $probe in
			/*) compgen -G "$probe" >/dev/null || missing+=("$package") ;;
			*) PATH="$PATH:/usr/sbin:/sbin" command -v "$probe" >/dev/null || missing+=("$package") ;;
		esac
	done
	[ ${#missing[@]} -eq 0 ] && return 0
	if ! command -v apt-get >/dev/null; then
		die "missing for $purpose: ${missing[*]} (Debian's names): install them with your package manager, then run this again"
	fi
	[ "$(id -u)" -eq 0 ] || die "missing for $purpose: ${missing[*]}: run this once with sudo, or: sudo apt-get install ${missing[*]}"
	say "installing for $purpose: ${missing[*]}"
	export DEBIAN_FRONTEND=noninteractive
	# A package that starts a service must not do so here: the labs run their own instances in namespaces.
	local policy=/usr/sbin/policy-rc.d own_policy=
	if [ ! -e $policy ]; then
		printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy && own_policy=1
	fi
	apt-get update -q >/dev/null 2>&1 || say "apt-get update failed: going on with the package lists there are"
	apt-get install -y -q --no-install-recommends "${missing[@]}" >"${TMPDIR:-/tmp}/netvs-apt.$$" 2>&1
	local status=$?
	[ -n "$own_policy" ] && rm -f $policy
	if [ $status -ne 0 ]; then
		tail -n 15 "${TMPDIR:-/tmp}/netvs-apt.$$" >&2
		rm -f "${TMPDIR:-/tmp}/netvs-apt.$$"
		die "apt-get could not install ${missing[*]}: see its last lines above"
	fi
	rm -f "${TMPDIR:-/tmp}/netvs-apt.$$"
}

need_dotnet() {
	command -v dotnet >/dev/null ||
		die "the .NET SDK is not installed: https://learn.microsoft.com/dotnet/core/install/linux (version 10 or later)"
	local major
	major=$(dotnet --version 2>/dev/null | cut -d. -f1)
	[ "${major:-0}" -ge 10 ] || die "the .NET SDK found is too old ($(dotnet --version 2>&1 | head -n 1)): version 10 or later is needed"
}

# What compiling the eBPF programs and loading them needs. clang is only for building.
need_build_packages() {
	local clang=clang=clang
	compgen -G '/usr/bin/clang-[0-9]*' >/dev/null && clang=/usr/bin/clang-[0-9]*=clang
	need_packages "building" "$clang" /usr/include/bpf/bpf_helpers.h=libbpf-dev '/usr/lib/*/libbpf.so.1*=libbpf1' \
		ip=iproute2 /usr/include/linux/bpf.h=linux-libc-dev
}

# What the labs use as clients, servers and witnesses.
need_lab_packages() {
	need_packages "the labs" ethtool=ethtool ping=iputils-ping nginx=nginx-light curl=curl tcpdump=tcpdump tshark=tshark ip=iproute2 nsenter=util-linux nft=nftables
}

# What the tests use besides.
need_test_packages() {
	need_packages "the tests" bpftool=bpftool conntrack=conntrack wrk=wrk haproxy=haproxy iperf3=iperf3 cc=gcc /usr/include/stdio.h=libc6-dev keepalived=keepalived vsftpd=vsftpd nft=nftables
}

# What a comparison with a kernel's IPVS uses inside of that kernel, and where the kernel is kept.
need_oracle_packages() {
	need_packages "comparing with a kernel's IPVS" ipvsadm=ipvsadm nft=nftables ip=iproute2 python3=python3 ethtool=ethtool
}
oracle_cache() { echo "${NETVS_ORACLE_CACHE:-${XDG_CACHE_HOME:-/var/cache}/netvs-oracle}"; }

# Publishes the program (Release, ReadyToRun) to artifacts/netvs unless it is newer than every source. Arguments are for dotnet.
# No analysers: they say nothing that ./test does not say, and take a third of the time.
publish_netvs() {
	case $(uname -m) in x86_64|aarch64) ;; *) die "no build for $(uname -m): x86_64 and aarch64 are supported" ;; esac
	local out=$root_dir/artifacts/netvs stamp=$root_dir/artifacts/netvs/.built
	local sources=("$root_dir"/src "$root_dir"/bpf "$root_dir"/Directory.Build.props "$root_dir"/Directory.Packages.props "$root_dir"/global.json)
	if [ -e "$stamp" ] && [ -z "$(find "${sources[@]}" -newer "$stamp" -print -quit)" ]; then return 0; fi
	mkdir -p "$root_dir/artifacts"
	exec 9>"$root_dir/artifacts/.publish.lock"
	flock 9
	# Somebody else may have built it while this one waited.
	if [ ! -e "$stamp" ] || [ -n "$(find "${sources[@]}" -newer "$stamp" -print -quit)" ]; then
		need_dotnet
		need_build_packages
		say "building (Release, ReadyToRun); the next call starts at once"
		local began; began=$(mktemp "$root_dir/artifacts/.began.XXXXXX")
		if ! dotnet publish "$root_dir/src/NetVS/NetVS.csproj" -c Release -o "$out" -p:RunAnalyzers=false "$@" -v q -nologo \
			>"$root_dir/artifacts/publish.log" 2>&1; then
			rm -f "$began"
			grep -E 'error|warning' "$root_dir/artifacts/publish.log" | sort -u | head -n 30 >&2
			die "the build failed: the whole log is artifacts/publish.log"
		fi
		ln -sfn netvs "$out/ipvsadm"
		mv "$began" "$stamp"
	fi
	exec 9>&-
}
