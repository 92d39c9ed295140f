# The two downloaders that exist on routers and on Debian: OpenWrt's uclient-fetch and GNU wget. Both give up
# after TSR_IDLE_S seconds without a byte, and end with 4 (network), 5 (certificate) or 8 (HTTP status).

find_dialect() {
	case $("$TSR_FETCH" --version 2>/dev/null) in
	'GNU Wget'*) dialect=gnu ;;
	*) dialect=uclient ;;
	esac
}

# download URL OFFSET: the file from that byte on to standard output; replaces the (sub)shell. An URL that is a
# path is an archive in the cache.
download() {
	case $1 in /*) exec tail -c +$(($2 + 1)) "$1" ;; esac
	# What came before does not concern this connection.
	wan_came_up || :
	set -- "$1" "$2" -T "$TSR_IDLE_S" -O - ${TSR_CA_FILE:+"--ca-certificate=$TSR_CA_FILE"}
	if [ "$dialect" = gnu ]; then
		set -- "$@" -nv -t 1
		[ "$2" = 0 ] || set -- "$@" -S "--start-pos=$2"
	elif [ "$2" != 0 ]; then
		# uclient-fetch asks for a range only to complete a file of the URL's name here: one without content
		# and of the right length will do.
		mkdir -p "$work/resume" && cd "$work/resume" || exit 3
		dd if=/dev/null of="${1##*/}" bs=1 seek="$2" 2>/dev/null || exit 3
		set -- "$@" -q -c
	fi
	local url=$1
	shift 2
	# shellcheck disable=SC2093 # replacing the subshell is the point: its id is the downloader's
	exec "$TSR_FETCH" "$@" "$url"
}

# download_small URL FILE LIMIT: at most LIMIT bytes, within a minute. Fails with the code for what happened;
# not_there is set then if the server does not have it.
download_small() {
	local status said
	mkdir -p "$work"
	[ -p "$work/small" ] || mkfifo "$work/small"
	for _ in 1 2 3; do
		download_limited "$1" "$2" "$3"
		status=$?
		[ "$status" != 0 ] || break
		read_messages
		# In a race of its own, uclient-fetch loses the reason why a connection ended: a certificate, perhaps.
		case $status:$said in 4:*'request: Unknown error'*) ;; *) break ;; esac
	done
	not_there=
	if [ -s "$2" ] && [ "$(wc -c <"$2")" -ge "$3" ]; then
		fail index-unreadable "$1 is too large"
	elif [ "$status" != 0 ]; then
		download_failed "$status" "$1"
	fi
}

# download_limited URL FILE LIMIT: returns the downloader's exit status.
download_limited() {
	local reader status
	(download "$1" 0) 9>&- 2>"$work/messages" >"$work/small" &
	download_pid=$!
	born
	# It opens the pipe itself: a child of it that waited there for a downloader that was ended would wait for ever.
	(
		head -c "$3" >"$2"
		# uclient-fetch would go on when nobody takes the rest.
		[ ! -s "$2" ] || [ "$(wc -c <"$2")" -lt "$3" ] || kill -KILL "$download_pid"
	) 9>&- <"$work/small" 2>/dev/null &
	reader=$!
	born
	within 60 "$download_pid"
	status=$?
	download_pid=
	reap "$reader"
	return "$status"
}

# Sets said: the end of what the downloader has written, in one line.
read_messages() {
	set -f
	# shellcheck disable=SC2046 # all words in one line
	set -- $(tail -c 400 "$work/messages" 2>/dev/null)
	set +f
	said=$*
}

# download_failed STATUS URL: what the downloader's exit status means, and what it said.
download_failed() {
	local code=network-unreachable
	# uclient-fetch sometimes ends with 4 after it refused a certificate, and with 5 after it never saw one.
	case $1:$said in
	# Its number for this is EPERM by chance.
	4:*'Operation not permitted'*) said='no such name, or no answer' ;;
	5:*'SSL error: '*) ;;
	5:* | 4:*'SSL verify error'*)
		code=tls-untrusted
		clock_is_set || code=clock-not-set
		;;
	8:*)
		code=http-error
		case $said in *[Rr]' 404'*) not_there=1 ;; esac
		;;
	esac
	fail "$code" "$2: $said"
}
