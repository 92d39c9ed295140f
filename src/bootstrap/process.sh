# Signals, waiting, and the end. Everything that runs beside this shell is a direct child whose id is in
# `children`, so that SIGTERM ends it all within a second at any moment.
#
# A child that was just forked still has this shell's handlers and loses what they catch. So children are ended by
# SIGALRM, which this shell never catches, or by SIGKILL.
#
# Each of them lets go of the lock (9) before it opens a pipe: where nobody opens the other end, because this shell was
# killed just then, it would hold the lock for ever. In parentheses: around a single command, a shell keeps a copy.

children=' ' woken='' signalled='' nap='' download_pid=''

on_signals() {
	trap 'quit 143' TERM INT HUP
	# Retry now. The sleep is ended from here, so that a signal just before `wait` is not lost.
	trap 'woken=1 signalled=1; [ -z "$nap" ] || kill -ALRM "$nap" 2>/dev/null' USR1
	# There is no use in downloading on.
	trap 'signalled=1; [ -z "$download_pid" ] || kill -KILL "$download_pid" 2>/dev/null' USR2
}

quit() {
	trap '' TERM INT HUP USR1 USR2
	# The last one may not be in the list yet.
	# shellcheck disable=SC2086 # a list of process ids
	kill -ALRM $children ${!:-} 2>/dev/null
	[ -z "$locked" ] || remove_work
	rm -f "$TSR_RUN_DIR/.$state_file.$$" "$TSR_RUN_DIR/$state_file"
	[ "$state_file" != bootstrap.json ] || rm -f "$TSR_RUN_DIR/bootstrap.pid"
	exit "$1"
}

# To be called right after `&`.
born() {
	children="$children$! "
	[ ! -d "$work" ] || echo $! >>"$work/children"
}

# Ends what a bootstrap that was killed left at work: it would go on filling the memory.
end_orphans() {
	local orphan
	while read -r orphan; do
		case $(ls -l "/proc/$orphan/fd") in *"$work/"*) kill -KILL "$orphan" ;; esac
	done 2>/dev/null <"$work/children"
}

# reap PID: waits until the child has ended, also through signals, and returns its exit status. A signal while it
# waits for a download may tell of another network.
reap() {
	local status=127 again
	while :; do
		signalled=
		[ -z "$woken" ] || [ "$1" != "$download_pid" ] || look_at_download
		wait "$1" 2>/dev/null
		again=$?
		[ "$again" = 127 ] || status=$again
		[ -n "$signalled" ] || break
	done
	children="${children%%" $1 "*} ${children#*" $1 "}"
	return "$status"
}

# sleep_for SECONDS: returns early when SIGUSR1 came, woken is then 1; the caller empties woken before it tells
# anybody that it waits.
sleep_for() {
	[ -z "$woken" ] || return 0
	sleep "$1" 7>&- 9>&- &
	nap=$!
	born
	[ -z "$woken" ] || kill -ALRM "$nap" 2>/dev/null
	reap "$nap"
	nap=
}

# within SECONDS PID: ends the child if it takes longer than that; returns its exit status.
within() {
	local watchdog status
	(
		trap 'kill -KILL $!; exit' ALRM
		sleep "$1" &
		wait $!
		# By a shell that is gone the id may have passed to somebody else.
		kill -0 $$ && kill -KILL "$2"
	) 2>/dev/null 7>&- 9>&- &
	watchdog=$!
	born
	reap "$2"
	status=$?
	kill -ALRM "$watchdog" 2>/dev/null
	reap "$watchdog"
	return "$status"
}
