// Package document reads and writes the JSON documents of the contract, for the generated types.
//
// It is straight code because it lies on the path of every streamed token: no reflection, and texts are
// parts of the document they were read from. What it leaves to others is the shape of any document.
package document

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Reader walks over one document. The first thing that does not fit ends it: every later answer is empty, and
// [Reader.Err] says what it was.
type Reader struct {
	text   string
	at     int
	strict bool
	err    error
}

// NewReader reads text of the core: names it does not know are passed over, since the core may be newer.
func NewReader(text string) Reader {
	return Reader{text: text}
}

// Unmarshal reads text of a caller by read: a name it does not know is a mistake. As encoding/json wants
// it, null changes nothing.
func Unmarshal(text []byte, read func(*Reader)) error {
	if string(text) == "null" {
		return nil
	}
	return Read(text, read)
}

// Read is Unmarshal where a value must be: null is none.
func Read(text []byte, read func(*Reader)) error {
	if !json.Valid(text) {
		return notJSON(text)
	}
	r := Reader{text: string(text), strict: true}
	read(&r)
	return r.Err()
}

func notJSON(text []byte) error {
	var value any
	err := json.Unmarshal(text, &value)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("this is not JSON: %w (byte %d)", err, syntax.Offset)
	}
	return fmt.Errorf("this is not JSON: %w", err)
}

// Err is what did not fit. Absent: all did, and the document is at its end.
func (r *Reader) Err() error {
	r.space()
	if r.err == nil && r.at < len(r.text) {
		r.fail("the end")
	}
	return r.err
}

// Object enters an object; true when it has a member, whose Key comes next.
func (r *Reader) Object() bool { return r.open('{', '}') }

// Array enters a list; true when it has an item, which comes next.
func (r *Reader) Array() bool { return r.open('[', ']') }

// More goes on to the next member or item; false when the object or list is over.
func (r *Reader) More() bool {
	r.space()
	if r.at < len(r.text) {
		switch r.text[r.at] {
		case ',':
			r.at++
			return r.err == nil
		case '}', ']':
			r.at++
			return false
		}
	}
	r.fail("a comma or an end")
	return false
}

// Key is the name of a member; its value comes next.
func (r *Reader) Key() string {
	key := r.Text()
	r.space()
	if r.at < len(r.text) && r.text[r.at] == ':' {
		r.at++
	} else {
		r.fail("a colon")
	}
	return key
}

// Unknown passes over the value of a member that has no place here; known are those that have.
func (r *Reader) Unknown(key string, known ...string) {
	if r.strict && r.err == nil {
		r.err = r.unknown(key, known)
	}
	r.Skip()
}

// Null takes a null, where there is one.
func (r *Reader) Null() bool {
	r.space()
	if strings.HasPrefix(r.text[r.at:], "null") {
		r.at += len("null")
		return true
	}
	return false
}

// AtText tells whether a text comes next.
func (r *Reader) AtText() bool {
	r.space()
	return r.at < len(r.text) && r.text[r.at] == '"'
}

// Tag is the type of the object that comes next, which is not entered. The core writes it first.
func (r *Reader) Tag() string {
	r.space()
	const first = `{"type":"`
	if rest := r.text[r.at:]; strings.HasPrefix(rest, first) {
		if end := strings.IndexByte(rest[len(first):], '"'); end >= 0 {
			return rest[len(first) : len(first)+end]
		}
	}
	ahead := *r
	for more := ahead.Object(); more; more = ahead.More() {
		if ahead.Key() == "type" {
			return ahead.Text()
		}
		ahead.Skip()
	}
	return ""
}

// NoCase fails: no case of a variant has this tag.
func (r *Reader) NoCase(tag string) {
	r.fail(fmt.Sprintf("a known type instead of %q", tag))
}

// Bool reads true or false.
func (r *Reader) Bool() bool {
	r.space()
	switch {
	case strings.HasPrefix(r.text[r.at:], "true"):
		r.at += len("true")
		return true
	case strings.HasPrefix(r.text[r.at:], "false"):
		r.at += len("false")
	default:
		r.fail("true or false")
	}
	return false
}

// Unsigned reads a whole number of at most so many bits.
func (r *Reader) Unsigned(bits int) uint64 {
	word := r.word()
	// Nearly all numbers of a stream have one digit.
	if len(word) == 1 && '0' <= word[0] && word[0] <= '9' {
		return uint64(word[0] - '0')
	}
	number, err := strconv.ParseUint(word, 10, bits)
	if err != nil {
		r.failAt(len(word), fmt.Sprintf("a whole number of at most %d bits, not negative,", bits))
		return 0
	}
	return number
}

// Signed reads a whole number that may be negative.
func (r *Reader) Signed(bits int) int64 {
	word := r.word()
	number, err := strconv.ParseInt(word, 10, bits)
	if err != nil {
		r.failAt(len(word), fmt.Sprintf("a whole number of at most %d bits", bits))
	}
	return number
}

// Float reads a number.
func (r *Reader) Float() float64 {
	word := r.word()
	number, err := strconv.ParseFloat(word, 64)
	if err != nil {
		r.failAt(len(word), "a number")
	}
	return number
}

// Bytes reads base64 text.
func (r *Reader) Bytes() []byte {
	bytes, err := base64.StdEncoding.DecodeString(r.Text())
	if err != nil {
		r.failAt(1, "base64")
	}
	return bytes
}

// Text reads a text. Without escapes it is a part of the document, not a copy.
func (r *Reader) Text() string {
	if !r.AtText() {
		r.fail("a text")
		return ""
	}
	r.at++
	for end := r.at; end < len(r.text); end++ {
		switch r.text[end] {
		case '"':
			text := r.text[r.at:end]
			r.at = end + 1
			return text
		case '\\':
			return r.escaped(end)
		}
	}
	r.fail("the end of a text")
	return ""
}

// escaped reads on from the first escape of a text.
func (r *Reader) escaped(at int) string {
	text := append(make([]byte, 0, 2*(at-r.at)+16), r.text[r.at:at]...)
	for at < len(r.text) {
		switch c := r.text[at]; c {
		case '"':
			r.at = at + 1
			return string(text)
		case '\\':
			var size int
			if text, size = appendEscape(text, r.text[at:]); size == 0 {
				r.at = at
				r.fail("an escape of a Unicode character")
				return ""
			}
			at += size
		default:
			text = append(text, c)
			at++
		}
	}
	r.fail("the end of a text")
	return ""
}

// appendEscape adds the character that an escape means. Size 0: it means none.
func appendEscape(text []byte, escape string) (_ []byte, size int) {
	if len(escape) < 2 {
		return text, 0
	}
	switch c := escape[1]; c {
	case '"', '\\', '/':
		return append(text, c), 2
	case 'b':
		return append(text, '\b'), 2
	case 'f':
		return append(text, '\f'), 2
	case 'n':
		return append(text, '\n'), 2
	case 'r':
		return append(text, '\r'), 2
	case 't':
		return append(text, '\t'), 2
	case 'u':
		first, ok := unit(escape)
		if !ok {
			return text, 0
		}
		if !utf16.IsSurrogate(first) {
			return utf8.AppendRune(text, first), 6
		}
		// Half a character alone is no Unicode text.
		second, ok := unit(escape[6:])
		if char := utf16.DecodeRune(first, second); ok && char != utf8.RuneError {
			return utf8.AppendRune(text, char), 12
		}
	}
	return text, 0
}

// unit reads \uXXXX.
func unit(escape string) (rune, bool) {
	if len(escape) < 6 || escape[:2] != `\u` {
		return 0, false
	}
	number, err := strconv.ParseUint(escape[2:6], 16, 16)
	return rune(number), err == nil
}

// Skip passes over any value.
func (r *Reader) Skip() {
	for depth := 0; ; {
		r.space()
		if r.at >= len(r.text) || r.err != nil {
			r.fail("a value")
			return
		}
		switch r.text[r.at] {
		case '{', '[':
			depth++
			r.at++
		case '}', ']':
			depth--
			r.at++
		case ',', ':':
			r.at++
		case '"':
			r.skipText()
		default:
			r.word()
		}
		if depth <= 0 {
			return
		}
	}
}

// JSON is any value, as the text it is.
func (r *Reader) JSON() string {
	r.space()
	begin := r.at
	r.Skip()
	return r.text[begin:r.at]
}

func (r *Reader) skipText() {
	for at := r.at + 1; at < len(r.text); at++ {
		switch r.text[at] {
		case '"':
			r.at = at + 1
			return
		case '\\':
			at++
		}
	}
	r.fail("the end of a text")
}

// word is a number, or true, false and null.
func (r *Reader) word() string {
	r.space()
	begin := r.at
	for r.at < len(r.text) {
		switch c := r.text[r.at]; {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'z', c == '-', c == '+', c == '.', c == 'E':
			r.at++
			continue
		}
		break
	}
	if r.at == begin {
		r.fail("a value")
	}
	return r.text[begin:r.at]
}

func (r *Reader) open(begin, end byte) bool {
	r.space()
	if r.at >= len(r.text) || r.text[r.at] != begin {
		r.fail(string(begin))
		return false
	}
	r.at++
	r.space()
	if r.at < len(r.text) && r.text[r.at] == end {
		r.at++
		return false
	}
	return r.err == nil
}

func (r *Reader) space() {
	for r.at < len(r.text) && r.text[r.at] <= ' ' {
		r.at++
	}
}

// failAt fails at what was just read, so many bytes back.
func (r *Reader) failAt(back int, wanted string) {
	r.at -= back
	r.fail(wanted)
}

func (r *Reader) fail(wanted string) {
	if r.err == nil {
		r.err = fmt.Errorf("%s: %s was expected", r.where(), wanted)
	}
	// So that no loop goes on.
	r.at = len(r.text)
}

// where the reader stands: for a caller the path of the value, whose document is whole; for us the byte.
func (r *Reader) where() string {
	if r.strict {
		return place([]byte(r.text), r.at)
	}
	return fmt.Sprintf("byte %d", r.at)
}
