# What a mirror of compact builds has: its manifest, which one of the pinned keys has signed (mirror/manifest.ts).

outdated=''

# resolve_compact MIRROR: sets version, file, sum and sizes to those of $flavour for $arch as a $member.
resolve_compact() {
	local key name id='' number='' until='' least='' last=0 word a b c d _ kept hash archive
	version='' file='' not_there=1
	download_small "$1/manifest" "$work/manifest" 262144 || return
	for key in "$TSR_KEYS"/*; do
		id=
		if download_small "$1/manifest.${key##*/}.sig" "$work/signature" 1024; then
			id=${key##*/}
			! "$TSR_VERIFY" -V -q -m "$work/manifest" -p "$key" -x "$work/signature" 2>/dev/null || break
			id=
		elif [ -z "$not_there" ]; then
			return 1
		fi
	done
	name=$(head -n 1 "$key" 2>/dev/null)
	name=${name##* }
	while read -r word a b c d _ kept hash archive; do
		case $word in
		name) [ "$a" = "$name" ] || id= ;;
		number) number=$a ;;
		until) until=$a ;;
		package) least=$a ;;
		build) [ "$a $b $c" != "$arch $flavour $member" ] || version=$d daemon_size=$kept sum=$hash file=$archive ;;
		esac
	done <"$work/manifest"
	if [ -z "$id" ] || ! is_file_name "$name"; then
		version=
		fail signature-invalid "no key in $TSR_KEYS has signed what $1 offers"
		return
	fi
	read -r last 2>/dev/null <"$TSR_STATE_DIR/manifest.$name" || :
	if ! is_number "$number" || [ "$number" -lt "$last" ]; then
		fail manifest-old "$name offers manifest $number, after $last"
		return
	fi
	follow_keys
	[ "$number" = "$last" ] || { echo "$number" >"$TSR_STATE_DIR/.manifest" && mv "$TSR_STATE_DIR/.manifest" "$TSR_STATE_DIR/manifest.$name"; } 2>/dev/null
	outdated=
	[ "$(date +%Y%m%d)" -le "${until:-0}" ] || outdated="$name was to be renewed until $until"
	cli_size=$daemon_size
	if ! version_at_least "$PACKAGE_VERSION" "$least"; then
		fail version-missing "$name is for version $least of this package"
	elif [ -z "$file" ]; then
		fail arch-unsupported "$name has no $flavour $member for $arch"
	else
		[ "$version" = "${wanted:-${TSR_VERSION:-$version}}" ] || fail version-missing "$name has no version but $version"
	fi
}

# Pins the keys that the manifest names, and forgets those that it takes back; never the one that has signed it.
follow_keys() {
	local word a b
	while read -r word a b; do
		is_file_name "$a" || continue
		case $word in
		key)
			[ ! -s "$TSR_KEYS/$a" ] || continue
			printf 'untrusted comment: %s\n%s\n' "$name" "$b" >"$TSR_KEYS/.new" && mv "$TSR_KEYS/.new" "$TSR_KEYS/$a"
			;;
		retire) [ "$a" = "$id" ] || rm -f "$TSR_KEYS/$a" ;;
		esac
	done <"$work/manifest"
} 2>/dev/null
