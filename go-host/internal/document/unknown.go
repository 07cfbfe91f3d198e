package document

import (
	"fmt"
	"slices"
	"strings"
)

// unknown says that the object around r has no such field, and which one was likely meant. r stands after its colon.
func (r *Reader) unknown(key string, known []string) error {
	in := ""
	if path, ok := strings.CutSuffix(r.where(), "."+key); ok {
		in = path + ": "
	}
	hint := "known are " + strings.Join(known, ", ")
	if at := slices.IndexFunc(known, func(known string) bool { return isNear(known, key) }); at >= 0 {
		hint = fmt.Sprintf("did you mean %q?", known[at])
	}
	return fmt.Errorf("%sthere is no field %q here; %s", in, key, hint)
}

// isNear tells whether one is likely the other with a slip: they share all but two characters in a row. It is the core's rule.
func isNear(known, given string) bool {
	shorter, longer := min(len(known), len(given)), max(len(known), len(given))
	head := 0
	for head < shorter && known[head] == given[head] {
		head++
	}
	tail := 0
	for head+tail < shorter && known[len(known)-1-tail] == given[len(given)-1-tail] {
		tail++
	}
	return head+tail+2 >= longer && head+tail >= 2
}
