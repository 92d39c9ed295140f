# One stream, so that the archive never lies in RAM:
#
#   downloader → [skip] → tee → gunzip → unpack → $work/tailscaled, $work/tailscale
#                          ├──→ sha256sum
#                          └──→ wc (how far the stream is, to go on there)
#
# The part from tee to the right lives as long as the stream; a download that breaks off is followed by another
# one that goes on where it stopped. Every stage is a child of this shell, joined by named pipes; one that is a
# function closes for itself what it must not hold (a redirection of its call would keep a copy).

# transfer URL: fetches the archive and leaves its verified binaries in $work. Sets downloaded, in bytes.
transfer() {
	local hasher unzipper unpacker status found
	rm -rf "$work"
	if ! mkdir "$work" || ! mkfifo "$work/stream" "$work/packed" "$work/hashed" "$work/tar" "$work/counted"; then
		fail disk-full "$TSR_RAM_DIR cannot be written"
		return
	fi
	offset=0 downloaded=0 total=$need
	enter downloading
	choose_cache_part
	sha256sum <"$work/hashed" >"$work/sum" 2>/dev/null 9>&- &
	hasher=$!
	born
	gunzip -c <"$work/packed" >"$work/tar" 2>"$work/gunzip.messages" 9>&- &
	unzipper=$!
	born
	unpack <"$work/tar" &
	unpacker=$!
	born
	# Held open from the first to the last download.
	exec 7>"$work/packed" 8>"$work/hashed"
	stream "$1"
	status=$?
	exec 7>&- 8>&-
	reap "$hasher"
	reap "$unzipper" || [ -s "$work/gunzip.messages" ] || echo 'gunzip ended early' >"$work/gunzip.messages"
	reap "$unpacker"

	bytes=$need
	enter verifying
	if grep -qsE '^(disk-full|memory-low) ' "$work/failure"; then
		read -r error_code found <"$work/failure"
		fail "$error_code" "$found"
		return
	fi
	[ "$status" = 0 ] || return
	read -r found _ <"$work/sum"
	if [ "$found" = "$sum" ]; then
		if [ -s "$work/gunzip.messages" ]; then
			fail archive-invalid "$file: $(head -c 200 "$work/gunzip.messages")"
			return
		fi
	elif grep -qsiE 'end of file|short read|eof' "$work/gunzip.messages"; then
		fail truncated "$file ended after $offset bytes"
		return
	else
		fail checksum-mismatch "$file has $found, published is $sum"
		return
	fi
	if [ -s "$work/failure" ]; then
		read -r error_code found <"$work/failure"
		fail "$error_code" "$file: $found"
		return
	fi
	for found in $members; do
		if [ ! -s "$work/$found" ]; then
			fail archive-invalid "$file holds no $found"
			return
		fi
	done
}

# stream URL: sends the whole archive into the pipes; a break is followed by going on. Gives up when eight tries
# in a row, over four minutes, brought next to nothing.
stream() {
	local status tries=0 pause=2 before
	while :; do
		before=$offset
		one_download "$1"
		status=$?
		[ ! -s "$work/failure" ] || grep -q '^archive-invalid ' "$work/failure" || return 1
		[ "$status" != 0 ] || return 0
		if [ "$offset" = 0 ]; then
			download_failed "$status" "$1"
			return
		fi
		if [ $((offset - before)) -lt 65536 ]; then tries=$((tries + 1)); else tries=0 pause=2; fi
		if [ "$tries" = 8 ] || [ "$status" = 100 ]; then
			fail truncated "$file broke off after $offset bytes: $(tail -c 200 "$work/messages" | tr '\r\n' '  ')"
			return
		fi
		log "the download broke off after $offset bytes; going on in $pause s"
		[ "$pause" -le "$TSR_RETRY_MAX_S" ] || pause=$TSR_RETRY_MAX_S
		woken=
		sleep_for "$pause"
		pause=$((pause * 2))
	done
}

# one_download URL: from offset on; moves offset. Status 100: it would have to begin again, and the day's
# allowance does not hold that.
one_download() {
	local counter teer guard status got
	wc -c <"$work/counted" >"$work/count" 7>&- 8>&- 9>&- &
	counter=$!
	born
	rm -f "$work/no-range"
	if [ "$offset" = 0 ]; then
		fan_out <"$work/stream" &
	else
		skip_repeated <"$work/stream" | fan_out &
	fi
	teer=$!
	born
	(download "$1" "$offset") >"$work/stream" 2>"$work/messages" 7>&- 8>&- 9>&- &
	transfer_pid=$!
	born
	watch_progress "$transfer_pid" &
	guard=$!
	born
	reap "$transfer_pid"
	status=$?
	transfer_pid=
	kill -ALRM "$guard" 2>/dev/null
	reap "$guard"
	reap "$teer"
	reap "$counter"
	read -r got <"$work/count"
	offset=$((offset + got)) downloaded=$((downloaded + got))
	# GNU wget drops what is known by itself, and only tells what the server answered.
	if [ "$dialect" = gnu ] && [ "$offset" != "$got" ] && grep -q 'HTTP/1.* 200' "$work/messages"; then
		note_vain truncated
		may_download || : >"$work/no-range"
	fi
	[ "$status" = 0 ] || [ ! -e "$work/no-range" ] || status=100
	return "$status"
}

# To the checksum, the counter and, where there is one, the cache; standard output goes to gunzip.
fan_out() {
	# A gunzip that gives up must not keep the rest from the checksum.
	trap '' PIPE
	exec >&7 2>/dev/null 8>&- 9>&-
	if [ -n "$cache_part" ]; then
		exec tee -a "$work/hashed" "$work/counted" "$cache_part"
	else
		exec tee "$work/hashed" "$work/counted"
	fi
}

# A server that ignores the range sends the archive from its beginning again: what is known already is dropped.
# It cost its bytes all the same, so it counts as a download in vain.
skip_repeated() {
	local left=$((offset - 10)) n repeated=10
	exec 2>/dev/null 7>&- 8>&- 9>&-
	dd bs=10 count=1 iflag=fullblock of="$work/beginning" 2>/dev/null
	case $(hexdump -n 3 -v -e '1/1 "%02x"' "$work/beginning") in
	1f8b08)
		note_vain truncated
		if ! may_download; then
			: >"$work/no-range"
			kill -USR2 $$
			return
		fi
		while [ "$left" -gt 0 ]; do
			n=$SKIPPED_PIECE
			[ "$left" -ge "$n" ] || n=$left
			piece "$n" "$work/repeated" '' && [ -z "$at_end" ] || return
			left=$((left - n)) repeated=$((repeated + n))
			echo "$repeated" >"$work/repeated.total"
		done
		;;
	*) cat "$work/beginning" ;;
	esac
	exec cat
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
	local skipped=0 repeated=0
	read -r skipped <"$work/skipped.total"
	read -r repeated <"$work/repeated.total"
	# shellcheck disable=SC2012 # only names that we gave
	ls -ln "$work" | awk -v more=$((skipped + repeated)) '{ sum += $5 } END { printf "%.0f\n", sum + more }'
} 2>/dev/null
