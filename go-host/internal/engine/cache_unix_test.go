//go:build unix

package engine

import (
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// seen is a folder as the file system tells of it.
type seen struct {
	fs.FileInfo
	owner int
	mode  fs.FileMode
}

func (s seen) Mode() fs.FileMode { return s.mode }
func (s seen) Sys() any          { return &syscall.Stat_t{Uid: uint32(s.owner)} }

func TestAFolderThatSomebodyElseCanHaveFilledOrReplacedIsNotOurs(t *testing.T) {
	us, them := os.Geteuid(), os.Geteuid()+1
	const sticky = fs.ModeSticky | 0o777
	for _, test := range []struct {
		what           string
		folder, parent seen
		want           bool
	}{
		{"all is ours", seen{owner: us, mode: 0o700}, seen{owner: us, mode: 0o755}, true},
		{"a parent of root", seen{owner: us, mode: 0o700}, seen{owner: root, mode: 0o755}, true},
		{"a part of /tmp that is ours", seen{owner: us, mode: 0o755}, seen{owner: root, mode: sticky}, true},
		{"a part of /tmp that somebody made before us", seen{owner: them, mode: 0o755}, seen{owner: root, mode: sticky}, false},
		{"somebody else's, in our own", seen{owner: them, mode: 0o700}, seen{owner: us, mode: 0o700}, false},
		{"the group may write", seen{owner: us, mode: 0o770}, seen{owner: us, mode: 0o700}, false},
		{"others may write", seen{owner: us, mode: 0o702}, seen{owner: us, mode: 0o700}, false},
		{"the parent's group may replace it", seen{owner: us, mode: 0o700}, seen{owner: us, mode: 0o770}, false},
		{"others may replace it", seen{owner: us, mode: 0o700}, seen{owner: us, mode: 0o777}, false},
		{"the parent's owner may replace it", seen{owner: us, mode: 0o700}, seen{owner: them, mode: 0o755}, false},
		{"a sticky parent's owner may too", seen{owner: us, mode: 0o700}, seen{owner: them, mode: sticky}, false},
	} {
		if isOurs(test.folder, test.parent) != test.want {
			t.Errorf("%s: ours is %v", test.what, !test.want)
		}
	}
}

func TestACacheInASharedFolderIsUsedOnlyWhereItIsOurs(t *testing.T) {
	core, err := CutCoreModule(component(t))
	if err != nil {
		t.Fatal(err)
	}
	shared := privateDir(t)
	if loadCached(core, 4096, shared) == nil {
		t.Fatal("not filled")
	}
	chmod := func(mode fs.FileMode) {
		if err := os.Chmod(shared, mode); err != nil {
			t.Fatal(err)
		}
	}
	chmod(0o777)
	if loadCached(core, 4096, shared) != nil {
		t.Error("a folder that everybody may replace was used")
	}
	chmod(0o777 | fs.ModeSticky)
	if loadCached(core, 4096, shared) == nil {
		t.Error("a folder of ours that nobody may replace was not used")
	}
	folders, _ := filepath.Glob(filepath.Join(shared, "literllm-*"))
	// Only root can give a folder away; the table above shows the same to all others.
	if os.Geteuid() == root {
		if err := os.Chown(folders[0], 12345, -1); err != nil {
			t.Fatal(err)
		}
		if loadCached(core, 4096, shared) != nil {
			t.Error("somebody else's folder was used")
		}
	}
}
