# Which of the server's archives runs here. The tables (arch_of_distrib, arch_of_elf, is_arch, kept_sizes,
# is_32_bit) are rendered from src/shared by the build.

# Sets arch from TSR_ARCH, else from OpenWrt's own name for the architecture, else from the shell's own ELF
# header: `uname -m` says mips for both byte orders.
find_arch() {
	local name=
	arch=${arch:-$TSR_ARCH}
	[ -z "$arch" ] || return 0
	if [ -r "$TSR_ROOT/etc/openwrt_release" ]; then
		name=$(sed -n "s/^DISTRIB_ARCH=['\"]\{0,1\}\([A-Za-z0-9_+-]*\).*/\1/p" "$TSR_ROOT/etc/openwrt_release")
	fi
	[ -n "$name" ] || [ ! -r "$TSR_ROOT/etc/apk/arch" ] || read -r name <"$TSR_ROOT/etc/apk/arch"
	arch=$(arch_of_distrib "$name")
	if [ "$arch" = unsupported ]; then
		arch=
		fail arch-unsupported "Tailscale publishes nothing for $name"
		return
	fi
	[ -n "$arch" ] || arch=$(arch_of_elf "$(elf_identity "$TSR_ROOT/bin/busybox")")
	[ -n "$arch" ] || fail arch-unsupported "neither '$name' nor the header of /bin/busybox is known"
}

# elf_identity FILE: prints class (1: 32 bits, 2: 64 bits), byte order (1: little, 2: big) and e_machine.
elf_identity() {
	hexdump -n 20 -v -e '1/1 "%u "' "$1" 2>/dev/null | awk '
		$1 == 127 && $2 == 69 && $3 == 76 && $4 == 70 { print $5, $6, $6 == 2 ? $19 * 256 + $20 : $20 * 256 + $19 }'
}

# version_at_least A B
version_at_least() {
	local a=$1. b=$2.
	while [ -n "$a$b" ]; do
		[ "${a%%.*}" = "${b%%.*}" ] || break
		a=${a#*.} b=${b#*.}
	done
	a=${a%%.*} b=${b%%.*}
	[ "${a:-0}" -ge "${b:-0}" ]
}
