package engine

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const memoryBytes = 256 << 20

func component(t *testing.T) []byte {
	t.Helper()
	component, err := os.ReadFile("../../literllm.wasm")
	if err != nil {
		t.Fatalf("%v; next: cargo xtask build", err)
	}
	return component
}

func TestTheCoreModuleIsCutOut(t *testing.T) {
	core, err := CutCoreModule(component(t))
	if err != nil {
		t.Fatal(err)
	}
	if string(core[:8]) != string(moduleHead) {
		t.Errorf("% x", core[:8])
	}
}

func TestAFileThatIsNotTheEngineIsSaidToBeNone(t *testing.T) {
	whole := component(t)
	section := func(id byte, content string) string { return string([]byte{id, byte(len(content))}) + content }
	head, module := string(componentHead), string(moduleHead)
	for want, file := range map[string]string{
		"begin":                  module,
		"begin ":                 "",
		"ends inside":            string(whole[:len(whole)-1]),
		"ends inside ":           head + "\x01",
		"0 core modules":         head,
		"2 core modules":         head + section(1, module) + section(1, module),
		"component has imports":  head + section(10, "") + section(1, module),
		"core module: it begins": head + section(1, "wat"),
		"core module: it has":    head + section(1, module+section(2, "\x01")),
	} {
		want = strings.TrimSpace(strings.Replace(want, "it begins", "it does not begin", 1))
		if _, err := CutCoreModule([]byte(file)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if _, err := CutCoreModule([]byte(head + section(1, module+section(2, "\x00")))); err != nil {
		t.Errorf("an empty list of imports: %v", err)
	}
	if _, err := Load(Wanted{Component: []byte(head + section(1, module)), MemoryBytes: memoryBytes}); err != nil {
		t.Errorf("an empty module compiles: %v", err)
	}
}

func TestAModuleWithoutTheFunctionsIsDead(t *testing.T) {
	empty := string(componentHead) + "\x01\x08" + string(moduleHead)
	module, err := Load(Wanted{Component: []byte(empty), MemoryBytes: memoryBytes})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := module.New(); !isDeath(err) {
		t.Errorf("%v", err)
	}
}

func TestDocumentsCross(t *testing.T) {
	module, err := Load(Wanted{Component: component(t), MemoryBytes: memoryBytes})
	if err != nil {
		t.Fatal(err)
	}
	again, _ := Load(Wanted{Component: component(t), MemoryBytes: memoryBytes})
	if again != module {
		t.Error("it was compiled twice")
	}
	i, err := module.New()
	if err != nil {
		t.Fatal(err)
	}
	defer i.Close()
	created, err := i.ClientCreate("{}", 3, "")
	if err != nil || !strings.HasPrefix(created, `{"client":`) {
		t.Fatalf("%s %v", created, err)
	}
	var refusal *Refusal
	if _, err := i.ClientCreate("{", 3, ""); !errors.As(err, &refusal) || !strings.Contains(refusal.Document, "invalid_request") {
		t.Errorf("%v", err)
	}
	if _, err := i.ClientCreate("{\"a\xff", 3, ""); err == nil || errors.As(err, &refusal) || isDeath(err) {
		t.Errorf("what is not UTF-8: %v", err)
	}
	if _, err := i.CallCancel(12345, 1); !errors.As(err, &refusal) {
		t.Errorf("%v", err)
	}
	if err := i.CallDrop(12345); err != nil {
		t.Errorf("%v", err)
	}
}

func TestACallGoesFromOneInstanceToAnother(t *testing.T) {
	module, err := Load(Wanted{Component: component(t), MemoryBytes: memoryBytes})
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(component(t)); module.SHA256 != hex.EncodeToString(sum[:]) {
		t.Errorf("it is %x and calls itself %s", sum, module.SHA256)
	}
	// begin makes an instance with a client and a call in it, by start.
	begin := func(number uint32, start func(i *Instance, client uint64) (string, error)) (*Instance, uint64) {
		i, err := module.New()
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(i.Close)
		created, err := i.ClientCreate("{}", number, "")
		var client struct{ Client uint64 }
		if err != nil || json.Unmarshal([]byte(created), &client) != nil {
			t.Fatal(created, err)
		}
		started, err := start(i, client.Client)
		var call struct{ Call uint64 }
		if err != nil || json.Unmarshal([]byte(started), &call) != nil {
			t.Fatal(started, err)
		}
		return i, call.Call
	}
	one, call := begin(1, func(i *Instance, client uint64) (string, error) {
		return i.CallStart(client, `{"model":"openai/x","messages":[{"role":"user","content":"Hi"}]}`, "{}", 1, 1)
	})
	snapshot, err := one.CallSnapshot(call)
	if err != nil || !strings.Contains(snapshot, `"running":[1]`) {
		t.Fatal(snapshot, err)
	}
	two, again := begin(2, func(i *Instance, client uint64) (string, error) { return i.CallRestore(client, snapshot, 2) })
	if second, err := two.CallSnapshot(again); err != nil || !strings.Contains(second, `"running":[1]`) {
		t.Error(second, err)
	}
	var refusal *Refusal
	if _, err := two.CallSnapshot(call); !errors.As(err, &refusal) || !strings.Contains(refusal.Document, "invalid_state") {
		t.Errorf("a handle of another instance: %v", err)
	}
}

func isDeath(err error) bool {
	death := (*Death)(nil)
	return errors.As(err, &death)
}

// files of a cache, without its seal.
func files(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "literllm-*", "*", "*"))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// privateDir is one that others may not write to, whatever the umask.
func privateDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	return dir
}

func works(module *Module) bool {
	if module == nil {
		return false
	}
	i, err := module.New()
	if err != nil {
		return false
	}
	defer i.Close()
	_, err = i.ClientCreate("{}", 0, "")
	return err == nil
}

func TestACacheIsUsedAndADamagedOneIsMadeAnew(t *testing.T) {
	core, err := CutCoreModule(component(t))
	if err != nil {
		t.Fatal(err)
	}
	dir := privateDir(t)
	if !works(loadCached(core, 4096, dir)) || len(files(t, dir)) != 1 {
		t.Fatalf("not filled: %v", files(t, dir))
	}
	file := files(t, dir)[0]
	good, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if before, _ := os.Stat(file); !works(loadCached(core, 4096, dir)) {
		t.Error("it does not work a second time")
	} else if after, _ := os.Stat(file); !before.ModTime().Equal(after.ModTime()) {
		t.Error("it was not used")
	}
	damage := func(at int, with byte) []byte {
		bad := append([]byte{}, good...)
		bad[at] = with
		return bad
	}
	for what, bytes := range map[string][]byte{
		"nothing": {}, "half of it": good[:len(good)/2], "another file": []byte("#!/bin/sh\n"),
		"another version": damage(8, 'x'), "a great number of functions": damage(25, 0xff),
		"another offset": damage(40, 0x77), "other code": damage(len(good)/2, 0xcc),
	} {
		if err := os.WriteFile(file, bytes, 0o600); err != nil {
			t.Fatal(err)
		}
		if !works(loadCached(core, 4096, dir)) {
			t.Errorf("%s: it does not work", what)
		}
		if now, _ := os.ReadFile(file); len(now) != len(good) {
			t.Errorf("%s: it was not made anew", what)
		}
	}
	if err := os.Remove(filepath.Join(filepath.Dir(filepath.Dir(file)), sealName)); err != nil {
		t.Fatal(err)
	}
	if !works(loadCached(core, 4096, dir)) {
		t.Error("without its seal it does not work")
	}
}

func TestACacheThatIsOfNoUseIsDoneWithout(t *testing.T) {
	file := filepath.Join(t.TempDir(), "a-file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	open := privateDir(t)
	core, err := CutCoreModule(component(t))
	if err != nil {
		t.Fatal(err)
	}
	if loadCached(core, 4096, open) == nil {
		t.Fatal("not filled")
	}
	folders, _ := filepath.Glob(filepath.Join(open, "literllm-*"))
	if err := os.Chmod(folders[0], 0o777); err != nil {
		t.Fatal(err)
	}
	if loadCached(core, 4096, open) != nil {
		t.Error("a folder that everybody may write to was used")
	}
	for _, dir := range []string{file, open} {
		module, err := Load(Wanted{Component: component(t), MemoryBytes: memoryBytes, CacheDir: dir})
		if err != nil || !works(module) {
			t.Errorf("%s: %v", dir, err)
		}
	}
}
