# Reads the archive's tar stream and keeps of the wanted binaries what the kernel loads: a Go binary ends with
# symbols and debug information, a quarter of it. An own reader, because tar would create whatever the archive
# names, links and devices included; here nothing but two plain files can come into being.

# Bytes copied by one dd; more and more while that takes no second. A piece of what is not wanted lies in RAM for a
# moment, so that the file's growth tells a slow download from a dead one; a larger one comes fast enough.
KEPT_PIECE=1048576
SKIPPED_PIECE=262144
LARGEST_PIECE=8388608

# unpack: standard input is the tar stream; runs in a subshell. What is wrong goes to $work/failure, code first.
unpack() {
	local size kind name member rest kept
	exec 9>&-
	trap - TERM INT HUP USR1 USR2
	bytes=0 skipped=0 told=0
	while take 512 "$work/header" && [ "$taken" = 512 ]; do
		read -r size kind name <<-EOT
			$(tar_header "$work/header")
		EOT
		[ "$kind" != end ] || break
		if [ "$kind" = bad ]; then
			give_up archive-invalid "after $((bytes + skipped)) bytes there is no proper tar header"
			break
		fi
		rest=$(((size + 511) & ~511))
		member=${name##*/}
		case $name in
		"${file%.tgz}/tailscaled" | "${file%.tgz}/tailscale")
			case " $members " in *" $member "*)
				if [ "$kind" != file ] || [ -e "$work/$member" ] || [ "$size" -lt 1024 ]; then
					give_up archive-invalid "its $member makes no sense"
					break
				fi
				take 1024 "$work/$member" || break
				kept=$(kept_size "$work/$member")
				[ -n "$kept" ] && [ "$kept" -le "$size" ] && [ "$kept" -ge 1024 ] || kept=$size
				read_memory
				if [ "$kept" -gt $((memory_free - reserve / 2)) ]; then
					give_up memory-low "$member takes $(mib "$kept") MB, only $(mib "$memory_free") MB are free"
					break
				fi
				bytes=$((bytes + 1024))
				copy $((kept - 1024)) "$work/$member" || break
				rest=$((rest - kept))
				;;
			esac
			;;
		esac
		skip "$rest" || break
	done
	# The checksum is of the whole archive, so the rest must come, too.
	skip 1099511627776
	[ ! -e "$work/failure" ]
}

# give_up CODE DETAIL: only the first reason counts. Room comes first: without any, not even the reason could be
# written.
give_up() {
	case $1 in
	disk-full | memory-low)
		rm -f "$work/tailscaled" "$work/tailscale" "$work/skipped"
		echo "$1 $2" >"$work/failure"
		kill -USR2 $$
		;;
	*) [ -e "$work/failure" ] || echo "$1 $2" >"$work/failure" ;;
	esac
	return 1
}

# take BYTES FILE: moves that many bytes of the stream into FILE, or fewer at its end; sets taken to 0 then.
take() {
	piece "$1" "$2" '' || return
	taken=$1
	[ "$at_end" = '' ] || taken=0
}

# piece BYTES FILE FLAG: one dd; sets at_end if the stream is over.
piece() {
	local said
	at_end=
	if [ "$3" = append ]; then
		said=$(dd bs=16384 count="$1" iflag=fullblock,count_bytes 2>&1 >>"$2")
	else
		said=$(dd bs=16384 count="$1" iflag=fullblock,count_bytes 2>&1 >"$2")
	fi || give_up disk-full "$said" || return
	case $said in 0+0*) at_end=1 ;; esac
}

# copy BYTES FILE: appends that much of the stream; tells how far it is and watches the memory meanwhile.
copy() {
	local left=$1 n size=$KEPT_PIECE
	while [ "$left" -gt 0 ]; do
		n=$size
		[ "$left" -ge "$n" ] || n=$left
		piece "$n" "$2" append || return
		[ -z "$at_end" ] || give_up archive-invalid "${2##*/} breaks off in it" || return
		left=$((left - n)) bytes=$((bytes + n))
		now
		if [ "$uptime" = "$told" ]; then
			[ "$size" = "$LARGEST_PIECE" ] || size=$((size * 2))
		else
			told=$uptime size=$KEPT_PIECE
			write_state
			read_memory
			if [ "$memory_free" -lt $((need - bytes + reserve / 2)) ]; then
				give_up memory-low "only $(mib "$memory_free") MB are left after $(mib "$bytes") of $(mib "$need") MB"
				return
			fi
		fi
	done
}

# skip BYTES
skip() {
	local left=$1 n size=$SKIPPED_PIECE begun='' to="$work/skipped"
	while [ "$left" -gt 0 ]; do
		n=$size
		[ "$left" -ge "$n" ] || n=$left
		piece "$n" "$to" '' || return
		[ -z "$at_end" ] || return 0
		left=$((left - n)) skipped=$((skipped + n))
		echo "$skipped" >"$work/skipped.total"
		now
		if [ "$uptime" != "$begun" ]; then
			begun=$uptime size=$SKIPPED_PIECE to=$work/skipped
		elif [ "$size" != "$LARGEST_PIECE" ]; then
			size=$((size * 2)) to=/dev/null
		fi
	done
}

# tar_header FILE: prints size, kind (file, other, end or bad) and name of a ustar header.
tar_header() {
	hexdump -v -e '1/1 "%u "' "$1" | awk '
		{
			for (i = 1; i <= 512; i++) {
				sum += (i > 148 && i <= 156) ? 32 : $i
				any += $i
			}
			for (i = 149; i <= 156 && ($i < 48 || $i > 55); i++);
			for (; $i >= 48 && $i <= 55; i++) check = check * 8 + $i - 48
			for (i = 125; i <= 136 && $i >= 48 && $i <= 55; i++) size = size * 8 + $i - 48
			for (i = 1; i <= 100 && $i; i++) name = name sprintf("%c", $i)
			if (!any) print 0, "end"
			else if (sum != check || NF != 512 || $125 >= 128 || name ~ /^\// || name ~ /(^|\/)\.\.(\/|$)/) print 0, "bad"
			else if (name !~ /^[A-Za-z0-9._\/-]+$/) printf "%.0f other\n", size
			else printf "%.0f %s %s\n", size, ($157 == 48 || $157 == 0) ? "file" : "other", name
		}'
}

# kept_size FILE: of a binary whose first 1,024 bytes are in FILE, prints where its last PT_LOAD segment ends;
# nothing if it is not such a binary.
kept_size() {
	hexdump -v -e '1/1 "%u "' "$1" | awk '
		function number(at, length_, i, n) {
			for (i = 0; i < length_; i++) n = n * 256 + $(at + 1 + (big ? i : length_ - 1 - i))
			return n
		}
		$1 == 127 && $2 == 69 && $3 == 76 && $4 == 70 {
			wide = $5 == 2
			big = $6 == 2
			table = wide ? number(32, 8) : number(28, 4)
			entry = number(wide ? 54 : 42, 2)
			count = number(wide ? 56 : 44, 2)
			if (!count || table + entry * count > 1024) exit
			for (k = 0; k < count; k++) {
				at = table + k * entry
				if (number(at, 4) != 1) continue
				end = wide ? number(at + 8, 8) + number(at + 32, 8) : number(at + 4, 4) + number(at + 16, 4)
				if (end > last) last = end
			}
			if (last) printf "%.0f\n", last
		}'
}
