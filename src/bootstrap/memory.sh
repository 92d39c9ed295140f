# What the binaries and the daemon need, and what there is. All in bytes unless the name says otherwise.

daemon_runs=''

# Sets memory_total and memory_free. Free is what can be had without killing anything: MemAvailable and swap;
# of zram swap half, because what is swapped out there still takes memory.
read_memory() {
	local key value swap=0
	memory_total=0 memory_free=0
	while read -r key value _; do
		case $key in
		MemTotal:) memory_total=$((value * 1024)) ;;
		MemAvailable:) memory_free=$((value * 1024)) ;;
		SwapFree:)
			swap=$((value * 1024))
			break
			;;
		esac
	done <"$TSR_MEMINFO"
	if [ "$swap" -gt 0 ] && grep -q '^/dev/zram' /proc/swaps 2>/dev/null; then swap=$((swap / 2)); fi
	memory_free=$((memory_free + swap))
}

# How hard Go's collector works, by the memory there is: it halves the daemon's peak at login where that
# matters. Never GOMEMLIMIT, with which TCP was seen to die.
choose_gogc() {
	read_memory
	if [ "$memory_total" -le $((96 << 20)) ]; then
		gogc=20
	elif [ "$memory_total" -le $((256 << 20)) ]; then
		gogc=50
	else
		gogc=
	fi
}

# Sets reserve: what must stay free beside the binaries: 4 MiB and, unless a daemon runs already, what it needs
# for itself at login.
choose_reserve() {
	choose_gogc
	if [ -n "$daemon_runs" ]; then
		reserve=$((4 << 20))
		return
	fi
	case $TSR_RESERVE_MB:$gogc in
	auto:20) reserve=$((DAEMON_MB_GOGC_20 + 4)) ;;
	auto:50) reserve=$((DAEMON_MB_GOGC_50 + 4)) ;;
	auto:*) reserve=$((DAEMON_MB + 4)) ;;
	*) reserve=$TSR_RESERVE_MB ;;
	esac
	reserve=$((reserve << 20))
}

# choose_members MEMBER…: sets members to those of the wanted binaries that fit, and need to their bytes. The
# daemon comes first; the CLI is kept with TSR_CLI=always, and with auto if there is room for it.
choose_members() {
	local free disk
	choose_reserve
	free=$((memory_free - reserve))
	disk=$(df -Pk "$TSR_RAM_DIR" | awk 'END { print $4 * 1024 }')
	[ "$disk" -ge "$free" ] || free=$disk
	members=$1
	case $1 in
	tailscale) need=$cli_size ;;
	*) need=$daemon_size ;;
	esac
	if [ "$need" -gt "$free" ]; then
		fail memory-low "$members $version needs $(mib "$need") MB and $(mib "$reserve") MB to work with; $(mib "$memory_free") MB are free, $(mib "$disk") MB of them for files in memory"
		return
	fi
	[ $# = 2 ] && [ "$TSR_CLI" != never ] || return 0
	if [ $((need + cli_size)) -le "$free" ]; then
		members="$1 $2" need=$((need + cli_size))
	elif [ "$TSR_CLI" = always ]; then
		fail memory-low "both binaries of $version need $(mib $((need + cli_size))) MB and $(mib "$reserve") MB to work with; $(mib "$memory_free") MB are free"
	fi
}

mib() {
	echo $((($1 + 524288) >> 20))
}
