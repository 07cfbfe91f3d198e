// Package engine runs the core: numbers, strings and bytes in, JSON documents out, as wit/engine.wit has it.
//
// wazero runs core modules and no components. The component holds exactly one core module without
// imports, so that module is cut out of the very file that every other host embeds, and its functions are called
// through the canonical ABI. What the documents say is left to package literllm.
package engine

import (
	"encoding/binary"
	"errors"
	"fmt"
)

// Sections of a component and of a module that matter here (Binary.md of the component model; core specification 5.5).
const (
	componentCoreModule = 1
	componentImports    = 10
	moduleImports       = 2
)

var (
	componentHead = []byte{0, 'a', 's', 'm', 0x0d, 0, 1, 0}
	moduleHead    = []byte{0, 'a', 's', 'm', 1, 0, 0, 0}
)

// CutCoreModule finds the one core module of a component, and holds the file to its promise: it imports nothing.
func CutCoreModule(component []byte) ([]byte, error) {
	var modules [][]byte
	imports := 0
	err := sections(component, componentHead, func(id byte, content []byte) error {
		switch id {
		case componentCoreModule:
			modules = append(modules, content)
		case componentImports:
			imports++
		}
		return nil
	})
	switch {
	case err != nil:
		return nil, fmt.Errorf("this is no component: %w", err)
	case imports > 0:
		return nil, errors.New("the component has imports, and the engine needs none: is it another component?")
	case len(modules) != 1:
		return nil, fmt.Errorf("the component holds %d core modules, and the engine is exactly one", len(modules))
	}
	err = sections(modules[0], moduleHead, func(id byte, content []byte) error {
		if count, size := binary.Uvarint(content); id == moduleImports && (size <= 0 || count > 0) {
			return errors.New("it has imports, and the engine needs none")
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("the component's core module: %w", err)
	}
	return modules[0], nil
}

// sections walks over the sections of a binary: an id, a length, that many bytes.
func sections(binaryFile, head []byte, visit func(id byte, content []byte) error) error {
	if len(binaryFile) < len(head) || string(binaryFile[:len(head)]) != string(head) {
		return errors.New("it does not begin as it should")
	}
	for rest := binaryFile[len(head):]; len(rest) > 0; {
		length, size := binary.Uvarint(rest[1:])
		if size <= 0 || length > uint64(len(rest)-1-size) {
			return errors.New("it ends inside a section")
		}
		content := rest[1+size:][:length]
		if err := visit(rest[0], content); err != nil {
			return err
		}
		rest = rest[1+size:][length:]
	}
	return nil
}
