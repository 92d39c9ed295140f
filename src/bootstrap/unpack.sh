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
	local size name member rest kept
	exec 9>&-
	trap - TERM INT HUP USR1 USR2
	bytes=0 skipped=0 told=0
	while piece 512 "$work/header" && [ -z "$at_end" ]; do
		name=$(field 1 100) size=$(field 125 11)
		[ -n "$name$size" ] || break
		case $name in /* | *..*) size= ;; esac
		case $size in '' | *[!0-7]*)
			give_up archive-invalid 'no tar header'
			break
			;;
		esac
		size=$((0$size))
		rest=$(((size + 511) & ~511))
		member=${name#"${file%.tgz}/"}
		case " $members " in *" $member "*)
			case $(field 157 1) in '' | 0) ;; *) size=0 ;; esac
			if [ -e "$work/$member" ] || [ "$size" -lt 1024 ]; then
				give_up archive-invalid "its $member makes no sense"
				break
			fi
			piece 1024 "$work/$member" || break
			kept=$(kept_size "$work/$member")
			[ "${kept:-0}" -ge 1024 ] && [ "$kept" -le "$size" ] || kept=$size
			if [ -n "$flavour" ] && [ "$kept" != "$need" ]; then
				give_up archive-invalid "$member takes $kept bytes, not $need as the manifest says"
				break
			fi
			read_memory
			if [ "$kept" -gt $((memory_free - reserve / 2)) ]; then
				give_up memory-low "$member takes $(mib "$kept") MB, only $(mib "$memory_free") MB are free"
				break
			fi
			bytes=$((bytes + 1024))
			copy $((kept - 1024)) || break
			rest=$((rest - kept))
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

# piece BYTES FILE [append]: moves that many bytes of the stream into FILE; sets at_end if there are none. It is not open
# any more when there is no room in it.
piece() {
	local said
	at_end=
	if [ $# = 3 ]; then
		said=$(dd bs=16384 count="$1" iflag=fullblock,count_bytes 2>&1 >>"$2")
	else
		said=$(dd bs=16384 count="$1" iflag=fullblock,count_bytes 2>&1 >"$2")
	fi || give_up disk-full "$said" || return
	case $said in 0+0*) at_end=1 ;; esac
}

# copy BYTES: appends that much of the stream to the member; tells how far it is and watches the memory meanwhile.
copy() {
	local left=$1 n size=$KEPT_PIECE
	while [ "$left" -gt 0 ]; do
		n=$size
		[ "$left" -ge "$n" ] || n=$left
		piece "$n" "$work/$member" append || return
		[ -z "$at_end" ] || give_up archive-invalid "$member breaks off in it" || return
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
		piece "$n" "$to" || return
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

# field AT LENGTH: prints what stands there in the header.
field() {
	tail -c +"$1" "$work/header" | head -c "$2" | tr -d '\0'
}
