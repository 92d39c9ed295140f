# Which of the server's archives runs here. The build renders about_arch from src/shared: about_arch WORD, which is a key
# of the server's index, OpenWrt's name for an architecture or what read_elf prints first, sets key (empty if there is
# none, or unsupported), daemon_size and cli_size (bytes in RAM where the server does not tell), and minimum, the first
# version that runs well there.

# Sets arch from TSR_ARCH, else from OpenWrt's own name for the architecture, else from the shell's own ELF
# header: `uname -m` says mips for both byte orders.
find_arch() {
	local name
	arch=${arch:-$TSR_ARCH}
	[ -z "$arch" ] || return 0
	name=$(sed -n "s/^DISTRIB_ARCH='\(.*\)'/\1/p; /=/!p" "$TSR_ROOT/etc/openwrt_release" "$TSR_ROOT/etc/apk/arch" 2>/dev/null | head -n 1)
	about_arch "$name"
	[ -n "$key" ] || about_program "$TSR_ROOT/bin/busybox"
	arch=${key%unsupported}
	[ -n "$arch" ] || fail arch-unsupported "Tailscale publishes nothing for '$name'"
}

is_arch() {
	about_arch "$1"
	[ "$key" = "$1" ]
}

# about_program FILE: as about_arch, for what can run the program.
about_program() {
	# shellcheck disable=SC2046 # two words
	set -- $(read_elf "$1")
	about_arch "${1:-}"
}

# kept_size FILE: of a binary whose first 1,024 bytes are in FILE, prints where its last PT_LOAD segment ends;
# nothing if it is not such a binary.
kept_size() {
	# shellcheck disable=SC2046
	set -- $(read_elf "$1")
	echo "${2:-}"
}

# read_elf FILE: prints class (1: 32 bits, 2: 64 bits), byte order (1: little, 2: big), e_machine, with colons, and where the
# last PT_LOAD segment ends (0: further on than the first 1,024 bytes tell).
read_elf() {
	hexdump -n 1024 -v -e '1/1 "%u "' "$1" 2>/dev/null | awk '
		function number(at, size, i, n) {
			for (i = 0; i < size; i++) n = n * 256 + $(at + ($6 == 2 ? i + 1 : size - i))
			return n
		}
		$1 == 127 && $2 == 69 && $3 == 76 && $4 == 70 {
			wide = $5 == 2
			word = wide ? 8 : 4
			at = number(24 + word, word)
			entry = number(wide ? 54 : 42, 2)
			count = number(wide ? 56 : 44, 2)
			if (at + entry * count > 1024) count = 0
			for (; count--; at += entry) {
				end = number(at + word, word) + number(at + 4 * word, word)
				if (number(at, 4) == 1 && end > last) last = end
			}
			printf "%d:%d:%d %.0f\n", $5, $6, number(18, 2), last
		}'
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
