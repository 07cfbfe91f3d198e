//go:build unix

package engine

import (
	"io/fs"
	"os"
	"syscall"
)

// root may do anything to us as it is.
const root = 0

// isOurs tells whether nobody else can have filled a folder, nor can put another in its place.
//
// A sticky parent keeps others from moving our folder away, not from making one of that name before we do. So whose
// folder it is counts, wherever it is.
func isOurs(folder, parent fs.FileInfo) bool {
	us := os.Geteuid()
	owner, ok := ownerOf(folder)
	if !ok || owner != us || othersWrite(folder) {
		return false
	}
	// Whoever owns the parent may replace what is in it.
	if owner, ok := ownerOf(parent); !ok || owner != us && owner != root {
		return false
	}
	return !othersWrite(parent) || parent.Mode()&fs.ModeSticky != 0
}

func ownerOf(info fs.FileInfo) (int, bool) {
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return int(stat.Uid), true
}
