# A compact build's image: a squashfs that stays packed in RAM. Where image.X is mounted, packed.X is.

image='' cannot_mount=''

# Whether the kernel has loop devices; squashfs it has, or it is found out.
can_mount() {
	[ -z "$cannot_mount" ] && [ -e /dev/loop-control ]
}

# Sets image to where it is mounted. Nothing is read ahead: that would push out what is used where memory is short.
mount_image() {
	local packed device
	now
	image=$TSR_RAM_DIR/image.$version.$flavour.$uptime packed=$TSR_RAM_DIR/packed.$version.$flavour.$uptime
	mv "$work/image" "$packed" && mkdir "$image"
	mount -t squashfs -o loop,ro,nosuid,nodev "$packed" "$image" || {
		cannot_mount=1
		fail archive-invalid 'cannot mount the image'
		return
	}
	device=$(grep -l "$packed" /sys/block/loop*/loop/backing_file)
	echo 0 >"${device%loop/*}bdi/read_ahead_kb" || :
}

# Frees the images that do not run; one that a daemon still runs from stays.
free_images() {
	local used mounted
	used=$(readlink "$bin/tailscaled")
	for mounted in "$TSR_RAM_DIR"/image.*; do
		case $used in *"/${mounted##*/}/"*) continue ;; esac
		umount "$mounted"
		rmdir "$mounted" && rm "$TSR_RAM_DIR/packed${mounted##*/image}"
	done
} 2>/dev/null
