# The commands.

main() {
	read_settings
	case $#:${1:-}:${2:-} in
	*:run:--)
		shift 2
		run "$@"
		;;
	2:fetch:tailscaled | 2:fetch:tailscale)
		state_file=fetch.json
		fetch "$2"
		;;
	[12]:update:*)
		[ -z "${2:-}" ] || is_version "$2" || usage
		state_file=update.json
		update "${2:-}"
		;;
	*) usage ;;
	esac
}

usage() {
	echo 'usage: bootstrap run|fetch|update' >&2
	exit 2
}

begin() {
	umask 077
	find_dialect
	private_directory "$TSR_RAM_DIR" && private_directory "$TSR_RUN_DIR" && private_directory "$bin" || exit 1
	on_signals
}

run() {
	begin
	echo $$ >"$TSR_RUN_DIR/bootstrap.pid"
	lock
	backoff=2
	while :; do
		attempt=$((attempt + 1))
		wan_came_up || :
		forget_error
		if find_other_tailscaled; then
			fail other-tailscaled "$other"
		elif ready; then
			start "$@"
		fi
		[ ! -d "$work" ] || rm -rf "$work"
		person_asks=
		wait_for_next_attempt
	done
}

# Whether a daemon that deserves to be started is in RAM, after fetching it if need be.
ready() {
	read_installed
	judge_last_run
	if [ -z "$installed" ]; then
		obtain tailscaled tailscale
	elif [ "$starved" -ge 3 ]; then
		rm -f "$bin/tailscale" "$TSR_RUN_DIR/starts"
		fail memory-low "tailscaled $version was ended for lack of memory $starved times in a row"
	elif [ "$quick" -ge 3 ]; then
		crashed
	fi
}

# Back to the last good version; without one there is nothing but to try again, at longer and longer intervals.
crashed() {
	local pause
	fail daemon-crashed "tailscaled $version died within 10 s, $quick times in a row"
	set_aside "$version" daemon-crashed
	if last_good_version; then
		for image in "$TSR_RAM_DIR/image.$good."*; do
			[ -x "$image/tailscaled" ] || continue
			version=$good flavour=${image#*".$good."} members=image
			flavour=${flavour%.*}
			mkdir -p "$work" && put_in_place
			return
		done
		# There may be no room for both.
		rm -f "$bin/tailscaled" "$bin/tailscale"
		obtain tailscaled tailscale
		return
	fi
	pause=$((1 << (quick < 6 ? quick : 6)))
	[ "$pause" -le "$TSR_RETRY_MAX_S" ] || pause=$TSR_RETRY_MAX_S
	woken=
	enter retrying "$pause"
	sleep_for "$pause"
}

# Becomes tailscaled.
start() {
	local aside code
	read_installed
	enter starting
	if read -r aside code 2>/dev/null <"$TSR_RUN_DIR/set-aside" && ! version_at_least "$version" "$aside"; then
		error_code=$code error_detail="version $aside did not work here; $version runs instead"
	fi
	[ -z "$outdated" ] || fail manifest-old "$outdated"
	[ -z "$was_starved" ] || fail memory-low "tailscaled $version was ended for lack of memory"
	if [ ! -c /dev/net/tun ]; then
		fail tun-missing "no /dev/net/tun: install kmod-tun"
		set -- "$@" --tun=userspace-networking
	fi
	case $* in
	*=userspace*)
		# It ends if it cannot listen there.
		! ip addr | grep -qF " ${TSR_PROXY%:*}/" ||
			set -- "$@" "--socks5-server=$TSR_PROXY" "--outbound-http-proxy-listen=$TSR_PROXY"
		;;
	esac
	choose_gogc
	[ "$memory_free" -ge $((daemon_mb << 20)) ] || free_images
	[ -z "$gogc" ] || export GOGC="${GOGC:-$gogc}"
	note_start
	enter running
	log "starting tailscaled $version"
	rm -f "$TSR_RUN_DIR/bootstrap.pid"
	unlock
	trap - TERM INT HUP
	# One that comes right now must not end the daemon.
	trap '' USR1 USR2
	umask 022
	# Where memory ends, the router's own services outlive it.
	echo 500 >/proc/self/oom_score_adj
	exec "$bin/tailscaled" "$@"
}

# Sleeps as long as the error asks for. A person's SIGUSR1 ends it at once; that of an event (WAN up, clock set)
# does not when whole archives came to nothing, because that costs the line and helps nobody.
wait_for_next_attempt() {
	local seconds deadline clock_was_set='' next=retrying
	clock_is_set && clock_was_set=1
	wan_came_up || :
	# What woke it meanwhile came too late for this attempt.
	if [ -n "$woken" ] && [ -z "$vain_now" ]; then
		woken='' backoff=2
		return
	fi
	woken=
	if is_blocking "$error_code"; then
		next=blocked seconds=600
	elif [ -n "$vain_now" ]; then
		seconds=$(vain_pause)
	else
		jitter
		case $error_code in
		clock-not-set) next=waiting-clock ;;
		network-unreachable) has_default_route || next=waiting-network ;;
		esac
	fi
	enter "$next" "$seconds"
	deadline=$((uptime + seconds))
	while [ "$uptime" -lt "$deadline" ]; do
		sleep_for $((deadline - uptime))
		now
		[ -n "$woken" ] || continue
		woken=
		if wan_came_up || { [ -z "$clock_was_set" ] && clock_is_set; }; then
			clock_was_set=1
			[ -z "$vain_now" ] || continue
		else
			person_asks=1
		fi
		backoff=2
		return
	done
}

# Sets seconds to the current pause and up to a quarter more, so that a street of routers does not come back at
# the same moment; doubles the pause.
jitter() {
	local fraction
	read -r fraction _ </proc/uptime
	fraction=${fraction#*.}
	[ "$backoff" -le "$TSR_RETRY_MAX_S" ] || backoff=$TSR_RETRY_MAX_S
	seconds=$((backoff + backoff * ${fraction#0} / 400))
	backoff=$((backoff * 2))
}

# For the stubs: the path of a binary in RAM, fetched if it is not there; one attempt.
fetch() {
	begin
	lock
	read_installed
	if [ ! -x "$bin/$1" ]; then
		person_asks=1 attempt=1
		if [ "$1" = tailscale ]; then
			# The daemon's own version, whatever it is.
			wanted=$installed daemon_runs=$installed
			installed=
			obtain tailscale || give_up_command
		else
			obtain tailscaled tailscale || give_up_command
		fi
	fi
	rm -f "$TSR_RUN_DIR/$state_file"
	echo "$bin/$1"
	unlock
}

# Beside the running daemon, which goes on until whoever called restarts it.
update() {
	begin
	lock
	read_installed
	person_asks=1 attempt=1 wanted=$1 daemon_runs=$installed
	until obtain tailscaled tailscale; do
		# A resolver or a link may just be starting again: nobody else asks anew.
		[ "$error_code" = network-unreachable ] && [ "$attempt" -lt 5 ] || give_up_command
		enter retrying 3
		sleep_for 3
		attempt=$((attempt + 1))
	done
	rm -f "$TSR_RUN_DIR/$state_file"
	log "tailscaled $version is in place"
	unlock
}

# What was there before is there still.
give_up_command() {
	if is_blocking "$error_code"; then enter blocked; else enter retrying; fi
	unlock
	exit 1
}

main "$@"
