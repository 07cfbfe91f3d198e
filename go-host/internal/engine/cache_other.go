//go:build !unix

package engine

import (
	"io/fs"
	"runtime"
)

// isOurs looks at what can be seen without owners. On Windows the mode says nothing either; the user's own folders are
// private there.
func isOurs(folder, parent fs.FileInfo) bool {
	return runtime.GOOS == "windows" || !othersWrite(folder) && !othersWrite(parent)
}
