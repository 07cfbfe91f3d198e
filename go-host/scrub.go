package literllm

import (
	"bytes"
	"net/url"
	"strings"
)

// shortestKeyBytes: shorter keys are not searched for.
//
// No provider issues such keys; people write `test` or `x` for a server that asks for none, and every x of an
// answer would be lost.
const shortestKeyBytes = 8

// scrubber overwrites one call's key wherever it is echoed, in the form it has as a secret and in the form it has in a
// URL, with as many `*`, before any byte reaches the core.
//
// Some providers repeat a wrong key in the error they answer with, and from there it would travel into error texts and
// logs. A chunk can end inside the key: what may be its beginning is held back until the next chunk shows.
type scrubber []*filter

// newScrubber without a key, or with a short one, lets everything pass as it is.
func newScrubber(key Secret) scrubber {
	text := key.Expose()
	if len(text) < shortestKeyBytes {
		return nil
	}
	filters := scrubber{{key: []byte(text)}}
	if encoded := url.QueryEscape(text); encoded != text {
		filters = append(filters, &filter{key: []byte(encoded)})
	}
	return filters
}

// push takes the next chunk, which may be overwritten, and answers with it less what is held back.
func (s scrubber) push(chunk []byte) []byte {
	for _, filter := range s {
		chunk = filter.push(chunk)
	}
	return chunk
}

// finish gives what was held back: the body has ended and it is not the key.
func (s scrubber) finish() []byte {
	var before []byte
	for _, filter := range s {
		before = append(bytes.Clone(filter.push(before)), filter.held...)
		filter.held = nil
	}
	return before
}

// text is a text without the key.
func (s scrubber) text(text string) string {
	for _, filter := range s {
		text = strings.ReplaceAll(text, string(filter.key), strings.Repeat("*", len(filter.key)))
	}
	return text
}

type filter struct {
	// Visible ASCII, not empty.
	key []byte
	// A proper prefix of the key with which the last chunk ended.
	held []byte
}

func (f *filter) push(chunk []byte) []byte {
	if len(chunk) == 0 {
		return chunk
	}
	if len(f.held) > 0 {
		chunk = append(f.held, chunk...)
		f.held = nil
	}
	tail := f.overwrite(chunk)
	if tail < len(chunk) {
		f.held = bytes.Clone(chunk[tail:])
	}
	return chunk[:tail]
}

// overwrite the key where it stands; the answer is from where the rest may be its beginning. The first place wins,
// whatever the cuts.
func (f *filter) overwrite(chunk []byte) (tail int) {
	for at := 0; ; {
		next := bytes.IndexByte(chunk[at:], f.key[0])
		if next < 0 {
			return len(chunk)
		}
		at += next
		switch rest := chunk[at:]; {
		case bytes.HasPrefix(rest, f.key):
			for i := range f.key {
				rest[i] = '*'
			}
			at += len(f.key)
		case bytes.HasPrefix(f.key, rest):
			return at
		default:
			at++
		}
	}
}
