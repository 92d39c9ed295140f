# Settings come from the environment (design: the table of TSR_ variables). A value that cannot be right is
# logged and its default taken, so that a typing error never keeps a far-away router out of its tailnet.

log() {
	echo "tailscale-ram: $*" >&2
}

# A file name that is safe in a path, a URL and a message.
is_file_name() {
	case $1 in '' | .* | -* | *[!A-Za-z0-9._-]*) return 1 ;; esac
}

# check NAME DEFAULT TEST ARGS…: sets NAME to DEFAULT unless it has a value that `TEST VALUE ARGS…` accepts.
check() {
	# No eval on what somebody else wrote: here it reads a variable.
	eval "set -- \"\${$1:-}\" \"\$@\""
	local value="$1" name="$2" default="$3" test="$4"
	shift 4
	if [ -n "$value" ] && [ "$value" != "$default" ] && ! "$test" "$value" "$@"; then
		log "$name cannot be '$value'; taking the default"
		value=
	fi
	readonly "$name=${value:-$default}"
}

# keep_addresses WORD…: sets addresses to those of the words that are addresses of servers.
keep_addresses() {
	local address
	addresses=
	for address; do
		address=${address%/}
		if is_address "$address"; then
			addresses="$addresses $address"
		else
			log "'$address' is not the https address of a server"
		fi
	done
}

read_settings() {
	local addresses
	set -f
	# shellcheck disable=SC2086 # lists
	keep_addresses ${TSR_MIRROR:-} && TSR_MIRROR=$addresses
	# shellcheck disable=SC2086
	keep_addresses ${TSR_SOURCE:-} && TSR_SOURCE=${addresses:-https://pkgs.tailscale.com}
	set +f
	check TSR_TRACK stable one_of stable unstable release-candidate
	check TSR_VERSION '' is_version
	check TSR_BUILD auto one_of official compact compact-ssh
	check TSR_ARCH '' is_arch
	check TSR_CLI auto one_of auto always never
	check TSR_RESERVE_MB auto is_number
	check TSR_DAILY_ARCHIVES 3 is_number
	check TSR_RAM_DIR /tmp/tailscale-ram is_path
	check TSR_RUN_DIR /var/run/tailscale-ram is_path
	check TSR_STATE_DIR /etc/tailscale-ram is_path
	check TSR_KEYS /etc/tailscale-ram/keys is_path
	check TSR_CACHE_DIR '' is_path
	check TSR_CA_FILE '' is_path
	check TSR_RETRY_MAX_S 60 is_number
	check TSR_IDLE_S 30 is_number
	# For tests: where the kernel's files are, and where /etc/openwrt_release, /etc/rc.d and the like.
	: "${TSR_RESOLV_CONF:=/etc/resolv.conf}" "${TSR_MEMINFO:=/proc/meminfo}" "${TSR_VMSTAT:=/proc/vmstat}" "${TSR_ROOT:=}"
	: "${TSR_PROXY:=none}"
	: "${TSR_FETCH:=$(command -v uclient-fetch || command -v wget)}" "${TSR_VERIFY:=$(command -v usign || command -v signify-openbsd)}"

	bin=$TSR_RAM_DIR/bin
	work=$TSR_RAM_DIR/work
}
