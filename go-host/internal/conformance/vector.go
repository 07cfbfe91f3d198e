package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// vector is a folder of documents and bytes; tests/vectors/README.md tells its format.
type vector struct {
	// Wire format and folder, such as openai-chat/no-done-mark.
	name                     string
	config, request, options string
	answers                  []answer
}

// answer is what the network does to one attempt.
type answer struct {
	// Documents; empty: none.
	head, failure string
	// Nil: no bytes come.
	body []byte
}

// vectors below a folder, by name.
func vectors(root string) ([]vector, error) {
	var all []vector
	formats, err := os.ReadDir(root)
	if err != nil {
		return nil, err
	}
	for _, format := range formats {
		if !format.IsDir() {
			continue
		}
		folders, err := os.ReadDir(filepath.Join(root, format.Name()))
		if err != nil {
			return nil, err
		}
		for _, folder := range folders {
			if !folder.IsDir() {
				continue
			}
			name := format.Name() + "/" + folder.Name()
			vector, err := readVector(filepath.Join(root, name), name)
			if err != nil {
				return nil, fmt.Errorf("vector %s: %w", name, err)
			}
			all = append(all, vector)
		}
	}
	return all, nil
}

func readVector(folder, name string) (vector, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return vector{}, err
	}
	files := map[string][]byte{}
	for _, entry := range entries {
		bytes, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return vector{}, err
		}
		// A body is known by its stem: its ending is for people and editors.
		known := entry.Name()
		if stem, _, _ := strings.Cut(known, "."); stem == "body" || strings.HasPrefix(stem, "body-") {
			known = stem
		}
		files[known] = append([]byte{}, bytes...)
	}
	v := vector{name: name, config: "{}", options: "{}"}
	for file, into := range map[string]*string{"config.json": &v.config, "request.json": &v.request, "options.json": &v.options} {
		if bytes, ok := files[file]; ok {
			*into = string(bytes)
		}
	}
	for number := 1; ; number++ {
		suffix := ""
		if number > 1 {
			suffix = fmt.Sprintf("-%d", number)
		}
		a := answer{
			head:    string(files["head"+suffix+".json"]),
			failure: string(files["failure"+suffix+".json"]),
			body:    files["body"+suffix],
		}
		if a.head == "" && a.failure == "" && a.body == nil {
			return v, nil
		}
		v.answers = append(v.answers, a)
	}
}
