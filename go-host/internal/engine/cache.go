package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/tetratelabs/wazero"
)

// sealName is the file that holds the hash of all others of its folder.
const sealName = "seal"

// loadCached compiles with code kept in a folder below dir, and makes that folder anew when it is not as we left it.
//
// wazero checks less of its files than a crash costs (the table of function offsets has no checksum), so we
// hash them ourselves. That finds damage, not malice: whoever can write there can run code here, so a folder
// of somebody else, or one that others may write to or replace, is not used. The answer is nil when the cache is of no use.
func loadCached(core []byte, pages uint32, dir string) *Module {
	hash := sha256.Sum256(core)
	folder := filepath.Join(dir, "literllm-"+hex.EncodeToString(hash[:8]))
	if !isPrivate(folder) {
		return nil
	}
	sealed := isSealed(folder)
	if !sealed {
		// Looked at again: while it was gone, somebody else may have made one.
		if os.RemoveAll(folder) != nil || !isPrivate(folder) {
			return nil
		}
	}
	code, err := wazero.NewCompilationCacheWithDir(folder)
	if err != nil {
		return nil
	}
	module, err := compile(core, pages, code)
	if err != nil {
		// Perhaps another process made the folder anew at the same moment.
		return nil
	}
	// Another version of wazero adds a file of its own.
	if !sealed || !isSealed(folder) {
		seal(folder)
	}
	return module
}

// isPrivate makes the folder where it is absent, and tells whether only we can have written to it.
func isPrivate(folder string) bool {
	above := filepath.Dir(folder)
	if os.MkdirAll(above, 0o700) != nil {
		return false
	}
	if err := os.Mkdir(folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return false
	}
	parent, err := os.Stat(above)
	if err != nil {
		return false
	}
	info, err := os.Lstat(folder)
	return err == nil && info.IsDir() && isOurs(info, parent)
}

func othersWrite(folder fs.FileInfo) bool { return folder.Mode().Perm()&0o022 != 0 }

func isSealed(folder string) bool {
	seal, err := os.ReadFile(filepath.Join(folder, sealName))
	if err != nil {
		return false
	}
	hash, err := hashOf(folder)
	return err == nil && hash == string(seal)
}

// seal writes beside and renames, so that a half-written seal is never read.
func seal(folder string) {
	hash, err := hashOf(folder)
	if err != nil {
		return
	}
	file, err := os.CreateTemp(folder, sealName+".*")
	if err != nil {
		return
	}
	_, err = file.WriteString(hash)
	if err = errors.Join(err, file.Close()); err == nil {
		err = os.Rename(file.Name(), filepath.Join(folder, sealName))
	}
	if err != nil {
		_ = os.Remove(file.Name())
	}
}

// hashOf all files but the seal, with their names, in the order of their names.
func hashOf(folder string) (string, error) {
	sum := sha256.New()
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Dir(path) == folder {
			return err
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		name, err := filepath.Rel(folder, path)
		inner := sha256.Sum256(content)
		sum.Write([]byte(filepath.ToSlash(name) + "\n"))
		sum.Write(inner[:])
		return err
	})
	return hex.EncodeToString(sum.Sum(nil)), err
}
