package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"
	"sync"

	"github.com/tetratelabs/wazero"
)

// pageBytes is the size of a page of linear memory.
const pageBytes = 64 * 1024

// Module is the core, compiled. It is shared by all clients of a process that want the same, and never freed.
type Module struct {
	// SHA256 of the component it was cut out of, in hexadecimal: snapshots belong to that very file.
	SHA256 string

	runtime  wazero.Runtime
	compiled wazero.CompiledModule
}

// Wanted says which module.
type Wanted struct {
	// Component is the file.
	Component []byte
	// MemoryBytes bounds the linear memory of each instance.
	MemoryBytes uint64
	// CacheDir is where compiled code is kept. Empty: it is not kept.
	CacheDir string
}

type loadedKey struct {
	sha256   [sha256.Size]byte
	pages    uint32
	cacheDir string
}

// loaded are the modules of this process. Compiling takes a tenth of a second, so it is done once for each.
var loaded = struct {
	sync.Mutex
	modules map[loadedKey]*Module
	// Machine code by its module, so that another bound of the memory compiles nothing again.
	code wazero.CompilationCache
}{modules: map[loadedKey]*Module{}}

// Load finds the core in a component and compiles it, or takes what was compiled before.
func Load(wanted Wanted) (*Module, error) {
	pages := uint32(min(wanted.MemoryBytes/pageBytes, 65536))
	key := loadedKey{sha256.Sum256(wanted.Component), pages, wanted.CacheDir}
	loaded.Lock()
	defer loaded.Unlock()
	if module := loaded.modules[key]; module != nil {
		return module, nil
	}
	core, err := CutCoreModule(wanted.Component)
	if err != nil {
		return nil, err
	}
	var module *Module
	if wanted.CacheDir != "" {
		module = loadCached(core, pages, wanted.CacheDir)
	}
	if module == nil {
		if loaded.code == nil {
			loaded.code = wazero.NewCompilationCache()
		}
		if module, err = compile(core, pages, loaded.code); err != nil {
			return nil, err
		}
	}
	module.SHA256 = hex.EncodeToString(key.sha256[:])
	loaded.modules[key] = module
	return module, nil
}

// compile needs no watchdog: the core bounds its own work, and wazero's makes every event several times dearer.
func compile(core []byte, pages uint32, code wazero.CompilationCache) (*Module, error) {
	config := wazero.NewRuntimeConfig().
		WithMemoryLimitPages(max(pages, 1)).
		WithDebugInfoEnabled(false).
		WithCompilationCache(code)
	ctx := context.Background()
	runtime := wazero.NewRuntimeWithConfig(ctx, config)
	compiled, err := runtime.CompileModule(ctx, core)
	if err != nil {
		_ = runtime.Close(ctx)
		return nil, fmt.Errorf("the core module does not compile: %s", firstLine(err))
	}
	return &Module{runtime: runtime, compiled: compiled}, nil
}

// firstLine leaves the stack trace out: its functions have no names.
func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}
