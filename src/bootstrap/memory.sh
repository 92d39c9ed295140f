# What the binaries and the daemon need, and what there is. All in bytes unless the name says otherwise.

daemon_runs=''

# Sets memory_total; small, how many MiB of that are little; and memory_free, what can be had without killing anything:
# MemAvailable and swap, of zram half (swap), because what is swapped out there still takes memory.
read_memory() {
	local key value
	memory_total=0 memory_free=0 swap=0 small=96
	while read -r key value _; do
		case $key in
		MemTotal:) memory_total=$((value * 1024)) ;;
		MemAvailable:) memory_free=$((value * 1024)) ;;
		SwapFree:) swap=$((value * 1024)) ;;
		esac
	done <"$TSR_MEMINFO"
	if grep -qs ^/dev/zram /proc/swaps; then
		small=256 swap=$((swap / 2))
	fi
	memory_free=$((memory_free + swap))
}

# How hard Go's collector works, by the memory there is: it halves the daemon's peak at login where that
# matters, or did not suffice before. Never GOMEMLIMIT, with which TCP was seen to die.
choose_gogc() {
	read_memory
	gogc='' daemon_mb=$DAEMON_MB
	[ "$memory_total" -gt $((256 << 20)) ] || gogc=50 daemon_mb=$DAEMON_MB_GOGC_50
	[ "$memory_total" -gt $((small << 20)) ] && [ -z "$was_starved" ] || gogc=20 daemon_mb=$DAEMON_MB_GOGC_20
}

# Sets reserve: what must stay free beside the binaries: 4 MiB and, unless a daemon runs already, what it needs
# for itself at login; of an official one that takes a compact one's place, what it needs more.
choose_reserve() {
	choose_gogc
	[ -z "$flavour" ] || daemon_mb=$COMPACT_DAEMON_MB
	reserve=$TSR_RESERVE_MB
	[ "$reserve" != auto ] || reserve=$((daemon_mb + 4))
	case $daemon_runs:$flavour:$installed_flavour in
	:*) ;;
	*::?*) reserve=$((reserve > COMPACT_DAEMON_MB + 4 ? reserve - COMPACT_DAEMON_MB : 4)) ;;
	*) reserve=4 ;;
	esac
	reserve=$((reserve << 20))
}

# choose_members MEMBER…: sets members to those of the wanted binaries that fit, and need to their bytes. The
# daemon comes first; the CLI is kept with TSR_CLI=always, and with auto if there is room for it.
choose_members() {
	local free disk both
	choose_reserve
	free=$((memory_free - reserve))
	disk=$(space_in "$TSR_RAM_DIR")
	[ "$disk" -ge "$free" ] || free=$disk
	members=$1 need=$cli_size
	if [ $# = 2 ]; then
		need=$daemon_size both=$((daemon_size + cli_size))
		case $TSR_CLI:$((both <= free)) in always:* | auto:1) members=$* need=$both ;; esac
	fi
	[ "$need" -le "$free" ] && return
	if grow_swap; then
		choose_members "$@"
	else
		fail memory-low "$members $version needs $(mib "$need") MB and $(mib "$reserve") MB to work with; $(mib "$memory_free") MB are free, $(mib "$disk") MB for files"
	fi
}

# zram-swap makes swap of half the memory: too little for an official build in 27 MB, which runs with as much again as
# there is memory. Files may take more of that then, too. A router with 18 MB free, 14 once this runs, would only swap.
grow_swap() {
	local n
	[ "$(grep -cs ^/dev/zram /proc/swaps)" = 1 ] || return
	# What starts beside this takes 5 MB for a moment.
	sleep 1
	read_memory
	[ $((memory_free - swap)) -gt $((17 << 20)) ] && n=$(cat /sys/class/zram-control/hot_add) || return
	# procd makes its node.
	sleep 1
	{
		echo "$memory_total" >"/sys/block/zram$n/disksize" && mkswap "/dev/zram$n" && swapon "/dev/zram$n" ||
			! echo "$n" >/sys/class/zram-control/hot_remove
	} && mount -o remount,size=75% /tmp && sleep 1
}

# space_in DIRECTORY: prints how much room there is.
space_in() {
	df -Pk "$1" | awk 'END { print $4 * 1024 }'
}

mib() {
	echo $((($1 + 524288) >> 20))
}
