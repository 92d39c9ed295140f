# Settings come from the environment (design: the table of TSR_ variables). A value that cannot be right is
# logged and its default taken, so that a typing error never keeps a far-away router out of its tailnet.

log() {
	echo "tailscale-ram: $*" >&2
}

is_number() {
	case $1 in '' | *[!0-9]* | ?????????*) return 1 ;; esac
}

is_version() {
	case $1 in '' | *[!0-9.]* | .* | *. | *..*) return 1 ;; esac
}

# A file name that is safe in a path, a URL and a message.
is_file_name() {
	case $1 in '' | .* | -* | *[!A-Za-z0-9._-]*) return 1 ;; esac
}

# Only https: the checksum comes from the same server, so the connection is what is trusted.
is_source() {
	case $1 in https://?*) ;; *) return 1 ;; esac
	case ${1#https://} in *[!A-Za-z0-9.:/_~-]* | */) return 1 ;; esac
}

is_track() {
	case $1 in stable | unstable | release-candidate) ;; *) return 1 ;; esac
}

is_cli_choice() {
	case $1 in auto | always | never) ;; *) return 1 ;; esac
}

is_reserve() {
	[ "$1" = auto ] || is_number "$1"
}

is_path() {
	case $1 in /*) ;; *) return 1 ;; esac
}

# check NAME VALUE TEST DEFAULT: sets NAME to VALUE if TEST accepts it, else to DEFAULT.
check() {
	if [ -z "$2" ]; then
		set -- "$1" "$4" "$3" "$4"
	elif ! "$3" "$2"; then
		log "$1 cannot be '$2'; taking '$4' instead"
		set -- "$1" "$4" "$3" "$4"
	fi
	# One name at a time, and no eval on what somebody else wrote.
	case $1 in
	TSR_TRACK) TSR_TRACK=$2 ;;
	TSR_VERSION) TSR_VERSION=$2 ;;
	TSR_ARCH) TSR_ARCH=$2 ;;
	TSR_CLI) TSR_CLI=$2 ;;
	TSR_RESERVE_MB) TSR_RESERVE_MB=$2 ;;
	TSR_DAILY_ARCHIVES) TSR_DAILY_ARCHIVES=$2 ;;
	TSR_RAM_DIR) TSR_RAM_DIR=$2 ;;
	TSR_RUN_DIR) TSR_RUN_DIR=$2 ;;
	TSR_STATE_DIR) TSR_STATE_DIR=$2 ;;
	TSR_CACHE_DIR) TSR_CACHE_DIR=$2 ;;
	TSR_CA_FILE) TSR_CA_FILE=$2 ;;
	TSR_RETRY_MAX_S) TSR_RETRY_MAX_S=$2 ;;
	TSR_IDLE_S) TSR_IDLE_S=$2 ;;
	esac
}

read_settings() {
	local source sources=
	set -f
	for source in ${TSR_SOURCE:-}; do
		source=${source%/}
		if is_source "$source"; then
			sources="$sources $source"
		else
			log "'$source' is not the https address of a download server; leaving it out"
		fi
	done
	set +f
	TSR_SOURCE=${sources:-https://pkgs.tailscale.com}
	check TSR_TRACK "${TSR_TRACK:-}" is_track stable
	check TSR_VERSION "${TSR_VERSION:-}" is_version ''
	check TSR_ARCH "${TSR_ARCH:-}" is_arch ''
	check TSR_CLI "${TSR_CLI:-}" is_cli_choice auto
	check TSR_RESERVE_MB "${TSR_RESERVE_MB:-}" is_reserve auto
	check TSR_DAILY_ARCHIVES "${TSR_DAILY_ARCHIVES:-}" is_number 3
	check TSR_RAM_DIR "${TSR_RAM_DIR:-}" is_path /tmp/tailscale-ram
	check TSR_RUN_DIR "${TSR_RUN_DIR:-}" is_path /var/run/tailscale-ram
	check TSR_STATE_DIR "${TSR_STATE_DIR:-}" is_path /etc/tailscale-ram
	check TSR_CACHE_DIR "${TSR_CACHE_DIR:-}" is_path ''
	check TSR_CA_FILE "${TSR_CA_FILE:-}" is_path ''
	check TSR_RETRY_MAX_S "${TSR_RETRY_MAX_S:-}" is_number 60
	check TSR_IDLE_S "${TSR_IDLE_S:-}" is_number 30
	: "${TSR_RESOLV_CONF:=/etc/resolv.conf}" "${TSR_MEMINFO:=/proc/meminfo}" "${TSR_VMSTAT:=/proc/vmstat}"
	# For tests: where /etc/openwrt_release, /etc/rc.d and the like are, and the TUN device.
	: "${TSR_ROOT:=}" "${TSR_TUN:=/dev/net/tun}"
	[ -n "${TSR_FETCH:-}" ] || TSR_FETCH=$(command -v uclient-fetch || command -v wget) || TSR_FETCH=uclient-fetch

	bin=$TSR_RAM_DIR/bin
	work=$TSR_RAM_DIR/work
}
