# Directories that belong to root alone, and a lock that dies with its holder.

locked=''

# private_directory PATH: makes it, or takes it over if it is root's own; a link or somebody else's is moved
# out of the way, because /tmp is open to everybody.
private_directory() {
	mkdir -p "$1" 2>/dev/null
	if [ -L "$1" ] || [ ! -d "$1" ] || [ ! -O "$1" ]; then
		log "$1 is not root's; moving it away"
		mv "$1" "$1.foreign.$$"
		mkdir "$1" || return
	fi
	chmod 0700 "$1"
}

# Two bootstraps never work at once on one directory. The lock belongs to file descriptor 9, which no child
# keeps, so that it is gone as soon as this shell is.
lock() {
	local waiter
	exec 9>>"$TSR_RAM_DIR/lock"
	if ! flock -n 9; then
		log 'waiting for another bootstrap'
		# The child locks the descriptor that it shares with this shell.
		flock 9 &
		waiter=$!
		born
		while [ "$state_file" != bootstrap.json ] && kill -0 "$waiter" 2>/dev/null; do
			# A person's command does not wait for what only a person can change.
			if grep -q '"phase":"blocked"' "$TSR_RUN_DIR/bootstrap.json" 2>/dev/null; then
				log "giving up: $(cat "$TSR_RUN_DIR/bootstrap.json")"
				quit 1
			fi
			woken=
			sleep_for 2
		done
		reap "$waiter" || quit 1
	fi
	locked=1
	end_orphans
	rm -rf "$work" "$work".*
}

# A grandchild that has not noticed yet may still make a file there: it finds no such directory any more.
remove_work() {
	if [ -d "$work" ] && mv "$work" "$work.$$"; then rm -rf "$work.$$"; fi
}

unlock() {
	rm -rf "$work"
	exec 9>&-
	locked=
}
