# One stream, so that the archive never lies in RAM:
#
#   downloader → tee → gunzip → unpack → $work/tailscaled, $work/tailscale
#                 ├──→ sha256sum
#                 └──→ wc (how far the stream is, to go on there)
#
# The part from tee to the right lives as long as the stream; a download that breaks off is followed by another
# one that goes on where it stopped. Every stage is a child of this shell, joined by named pipes; one that is a
# function closes for itself what it must not hold (a redirection of its call would keep a copy).

# transfer URL: fetches the archive and leaves its verified binaries in $work. Sets downloaded, in bytes. Where the
# server cannot go on in the middle, all of it begins again, three times at most.
transfer() {
	downloaded=0 no_range='' repeats=0
	until pass "$1"; do
		[ -n "$begins_again" ] || return
		repeats=$((repeats + 1))
	done
}

# pass URL: from the archive's beginning to its end.
pass() {
	local hasher unzipper unpacker status code='' found='' hash=''
	rm -rf "$work"
	mkdir "$work" && mkfifo "$work/stream" "$work/packed" "$work/hashed" "$work/tar" "$work/counted" ||
		fail disk-full "$TSR_RAM_DIR cannot be written" || return
	offset=0 total=$need begins_again=''
	enter downloading
	choose_cache_part
	(exec sha256sum) 9>&- >"$work/sum" <"$work/hashed" 2>/dev/null &
	hasher=$!
	born
	(exec gunzip -c) 9>&- 2>"$work/gunzip.messages" <"$work/packed" >"$work/tar" &
	unzipper=$!
	born
	(unpack) 9>&- <"$work/tar" &
	unpacker=$!
	born
	# Held open from the first to the last download.
	exec 7>"$work/packed" 8>"$work/hashed"
	stream "$1"
	status=$?
	exec 7>&- 8>&-
	reap "$hasher"
	reap "$unzipper"
	reap "$unpacker"
	[ -z "$begins_again" ] || return

	bytes=$need
	enter verifying
	read -r code found 2>/dev/null <"$work/failure" || :
	case $code in disk-full | memory-low) fail "$code" "$found" || return ;; esac
	[ "$status" = 0 ] || return
	read -r hash _ <"$work/sum"
	if [ -z "$hash" ]; then
		fail disk-full "$TSR_RAM_DIR cannot be written"
	elif [ "$hash" = "$sum" ]; then
		if [ -s "$work/gunzip.messages" ]; then
			code=archive-invalid found=$(head -c 200 "$work/gunzip.messages")
		fi
		[ -z "$code" ] || fail "$code" "$file: $found" || return
		for found in $members; do
			[ -s "$work/$found" ] || fail archive-invalid "$file holds no $found" || return
		done
	elif grep -qsiE 'end of file|short read|eof' "$work/gunzip.messages"; then
		fail truncated "$file broke off after $offset bytes"
	else
		fail checksum-mismatch "$file has $hash, published is $sum"
	fi
}

# stream URL: sends the whole archive into the pipes; a break is followed by going on, or by the wish to begin again.
# Gives up when eight tries in a row, over four minutes, brought next to nothing.
stream() {
	local status said tries=0 pause=2 before
	while :; do
		before=$offset
		one_download "$1"
		status=$?
		[ ! -s "$work/failure" ] || grep -q '^archive-invalid ' "$work/failure" || return 1
		[ "$status" != 0 ] || return 0
		if [ "$downloaded" = 0 ]; then
			read_messages
			download_failed "$status" "$1"
			return
		fi
		tries=$((tries + 1))
		[ $((offset - before)) -lt 65536 ] || tries=0 pause=2
		if [ -n "$no_range" ] && [ "$offset" != 0 ]; then
			note_vain truncated
			if [ "$repeats" -lt 3 ] && may_download; then
				log "the download broke off after $offset bytes; beginning again"
				begins_again=1
				return 1
			fi
			tries=8
		fi
		if [ "$tries" = 8 ]; then
			fail truncated "$file broke off after $offset bytes: $(tail -c 200 "$work/messages" | tr '\r\n' '  ')"
			return
		fi
		[ "$pause" -le "$TSR_RETRY_MAX_S" ] || pause=$TSR_RETRY_MAX_S
		bytes=$(progress)
		fail truncated "the download broke off after $offset bytes; going on in $pause s" || write_state
		sleep_for "$pause"
		forget_error
		woken=
		pause=$((pause * 2))
	done
}

# one_download URL: from offset on; moves offset. Sets no_range if it turns out that the server knows only whole files.
one_download() {
	local counter teer guard status got first
	(count) 9>&- >"$work/count" <"$work/counted" &
	counter=$!
	born
	(fan_out) 9>&- <"$work/stream" &
	teer=$!
	born
	(download "$1" "$offset") 7>&- 8>&- 9>&- 2>"$work/messages" >"$work/stream" &
	download_pid=$!
	born
	watch_progress "$download_pid" &
	guard=$!
	born
	reap "$download_pid"
	status=$?
	download_pid=
	kill -ALRM "$guard" 2>/dev/null
	reap "$guard"
	reap "$teer"
	reap "$counter"
	read -r got <"$work/count"
	if [ "$offset" != 0 ]; then
		first=$(wc -c <"$work/first")
		got=$((got + first))
	fi
	if [ -e "$work/no-range" ]; then
		no_range=1 status=1
	elif [ "$dialect" = gnu ] && [ "$offset" != 0 ] && grep -q 'HTTP/1.* 200' "$work/messages"; then
		# GNU wget drops what is known by itself, and only tells what the server answered.
		no_range=1
		[ "$status" != 0 ] || note_vain truncated
	fi
	offset=$((offset + got)) downloaded=$((downloaded + got))
	return "$status"
}

# To the checksum, the counter and, where there is one, the cache; standard output goes to gunzip.
fan_out() {
	# A gunzip that gives up must not keep the rest from the checksum.
	trap '' PIPE
	exec >&7 2>/dev/null 8>&- 9>&-
	exec tee -a "$work/hashed" "$work/counted" ${cache_part:+"$cache_part"}
}

# Prints how much came. A server that ignores the range sends the archive from its beginning again: that is ended,
# and what took it for the rest is thrown away.
count() {
	exec 2>/dev/null 7>&- 8>&- 9>&-
	if [ "$offset" != 0 ]; then
		dd bs=10 count=1 iflag=fullblock of="$work/first"
		case $(hexdump -n 3 -v -e '1/1 "%02x"' "$work/first") in
		1f8b08)
			: >"$work/no-range"
			kill -USR2 $$
			;;
		esac
	fi
	exec wc -c
}

# watch_progress PID: ends a download that brings less than 4 KiB a second over TSR_IDLE_S seconds. Measured is
# what was unpacked, which is never less than what came.
watch_progress() {
	local before current
	exec 2>/dev/null 7>&- 8>&- 9>&-
	trap 'kill -KILL $!; exit' ALRM
	sleep "$TSR_IDLE_S" &
	wait $!
	before=$(progress)
	while :; do
		sleep "$TSR_IDLE_S" &
		wait $!
		current=$(progress)
		# Nor does it go on for a shell that is gone, or for ever.
		if [ $((current - before)) -lt $((4096 * TSR_IDLE_S)) ] || ! kill -0 $$ || [ "$current" -gt $((need * 10)) ]; then
			kill -KILL "$1"
			return
		fi
		before=$current
	done
}

progress() {
	local skipped=0
	read -r skipped <"$work/skipped.total"
	# shellcheck disable=SC2012 # only names that we gave
	ls -ln "$work" | awk -v more="$skipped" '{ sum += $5 } END { printf "%.0f\n", sum + more }'
} 2>/dev/null

# While a download is waited for, WAN came up: its connection may have died with the old one. One that brings
# next to nothing for a second is ended.
look_at_download() {
	local before
	wan_came_up || return 0
	woken=
	before=$(progress)
	sleep_for 1
	[ $(($(progress) - before)) -ge 512 ] || kill -KILL "$download_pid" 2>/dev/null
	woken=1
}
