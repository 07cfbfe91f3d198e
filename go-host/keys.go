package literllm

import (
	"fmt"
	"log/slog"
	"os"
	"strings"
	"unicode"
)

// Secret is a key. However it is printed, logged or written as JSON, it shows as [key].
type Secret struct {
	// A function, since whatever prints the fields of a struct prints no function.
	expose func() string
}

// NewSecret takes a key as it is; whether it can stand in a header is seen when it is used.
func NewSecret(key string) Secret {
	return Secret{func() string { return key }}
}

// Expose is the key itself. Keep it out of messages.
func (s Secret) Expose() string {
	if s.expose == nil {
		return ""
	}
	return s.expose()
}

const hidden = "[key]"

// String hides the key.
func (Secret) String() string { return hidden }

// Format hides the key, whatever the verb.
func (Secret) Format(f fmt.State, _ rune) { _, _ = f.Write([]byte(hidden)) }

// LogValue hides the key.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText hides the key.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// fault is what keeps the key from being sent, without showing it.
func (s Secret) fault() string {
	key := s.Expose()
	switch {
	case key == "":
		return "is empty"
	case strings.ContainsAny(key, "\r\n"):
		return "holds a line break (a file read with its last line end?)"
	case strings.ContainsFunc(key, func(char rune) bool { return char > unicode.MaxASCII }):
		return "holds a character that is not ASCII"
	case strings.ContainsFunc(key, func(char rune) bool { return char <= ' ' || char == 0x7f }):
		return "holds a space or a control character"
	}
	return ""
}

// KeySource finds the key of a provider; false when there is none, and the call ends with an authentication error.
//
// row.KeyEnv says which key is wanted: it holds the names of its variables. For a spare key (row.SpareKeyEnv) that is the
// one name of its own.
//
// It is asked for every request to a provider that takes a key, so a key that was rotated in the meantime is the one
// that is used. It may be asked by many calls at once. The answer is only ever sent to the origins of that row.
type KeySource func(row EgressRow) (Secret, bool)

// keyring finds a provider's keys by their slots: 0 is its first key, the others are its spare ones.
type keyring struct {
	// Given by hand, by provider and slot. They go before the source's.
	given  map[keySlot]Secret
	source KeySource
}

type keySlot struct {
	provider string
	slot     uint32
}

// find a key; false when there is none in that slot.
func (k *keyring) find(row EgressRow, slot uint32) (Secret, bool) {
	if key, ok := k.given[keySlot{row.Provider, slot}]; ok {
		return key, true
	}
	if slot > 0 {
		row.KeyEnv = row.SpareKeyEnv[slot-1 : slot : slot]
	}
	return k.source(row)
}

// EnvKeys takes keys from the environment variables of the row, the first that is set to something wins. The default.
func EnvKeys(row EgressRow) (Secret, bool) {
	for _, name := range row.KeyEnv {
		if key := os.Getenv(name); key != "" {
			return NewSecret(key), true
		}
	}
	return Secret{}, false
}
