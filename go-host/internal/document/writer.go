package document

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"
)

// Writer puts one document together.
type Writer struct {
	text []byte
	// The first thing that no document can hold, and where it would stand.
	fault   string
	faultAt int
}

// Fault is something in a document that cannot be sent: text that is not Unicode, a number that is none, a
// value that is missing.
type Fault struct {
	// Place is its path, such as messages[1].content[0].text.
	Place string
	// What is wrong with it.
	What string
}

// Error says both.
func (f *Fault) Error() string {
	return fmt.Sprintf("%s %s", f.Place, f.What)
}

// Marshal is the document that write makes, or a [*Fault].
func Marshal(write func(*Writer)) ([]byte, error) {
	w := Writer{text: make([]byte, 0, 512)}
	write(&w)
	if w.fault == "" {
		if utf8.Valid(w.text) {
			return w.text, nil
		}
		w.fault, w.faultAt = "holds bytes that are not UTF-8", firstInvalid(w.text)
	}
	return nil, &Fault{Place: place(w.text, w.faultAt), What: w.fault}
}

// MarshalJSON is Marshal for encoding/json, whose errors are plain.
func MarshalJSON(write func(*Writer)) ([]byte, error) {
	text, err := Marshal(write)
	if err != nil {
		return nil, errors.New(err.Error())
	}
	return text, nil
}

// Open begins an object or a list.
func (w *Writer) Open(bracket byte) { w.text = append(w.text, bracket) }

// Close ends it.
func (w *Writer) Close(bracket byte) { w.text = append(w.text, bracket) }

// Key begins a member. quoted is its name in quotes, with the colon.
func (w *Writer) Key(quoted string) {
	w.Item()
	w.text = append(w.text, quoted...)
}

// Item begins an item of a list.
func (w *Writer) Item() {
	switch w.text[len(w.text)-1] {
	case '{', '[':
	default:
		w.text = append(w.text, ',')
	}
}

// Missing stands where a value must be and is not.
func (w *Writer) Missing() {
	w.blame("is missing (nil)")
	w.text = append(w.text, "null"...)
}

// Bool writes true or false.
func (w *Writer) Bool(value bool) { w.text = strconv.AppendBool(w.text, value) }

// Unsigned writes a whole number.
func (w *Writer) Unsigned(value uint64) { w.text = strconv.AppendUint(w.text, value, 10) }

// Signed writes a whole number.
func (w *Writer) Signed(value int64) { w.text = strconv.AppendInt(w.text, value, 10) }

// Float writes a number, with as few digits as say it.
func (w *Writer) Float(value float64) {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		w.blame("is not a number that JSON can hold")
	}
	format := byte('f')
	if size := math.Abs(value); size != 0 && (size < 1e-6 || size >= 1e21) {
		format = 'e'
	}
	w.text = strconv.AppendFloat(w.text, value, format, -1, 64)
}

// JSON writes a value that is JSON already, as it is.
func (w *Writer) JSON(value string) { w.text = append(w.text, value...) }

// Bytes writes base64 text.
func (w *Writer) Bytes(value []byte) {
	w.text = append(w.text, '"')
	w.text = base64.StdEncoding.AppendEncode(w.text, value)
	w.text = append(w.text, '"')
}

// Text writes a text. Whether it is Unicode is seen at the end, for all of them at once.
func (w *Writer) Text(value string) {
	const hex = "0123456789abcdef"
	w.text = append(w.text, '"')
	begin := 0
	for at := 0; at < len(value); at++ {
		c := value[at]
		if c >= ' ' && c != '"' && c != '\\' {
			continue
		}
		w.text = append(w.text, value[begin:at]...)
		begin = at + 1
		switch c {
		case '"', '\\':
			w.text = append(w.text, '\\', c)
		case '\n':
			w.text = append(w.text, '\\', 'n')
		case '\r':
			w.text = append(w.text, '\\', 'r')
		case '\t':
			w.text = append(w.text, '\\', 't')
		case '\b':
			w.text = append(w.text, '\\', 'b')
		case '\f':
			w.text = append(w.text, '\\', 'f')
		default:
			w.text = append(w.text, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	w.text = append(w.text, value[begin:]...)
	w.text = append(w.text, '"')
}

func (w *Writer) blame(fault string) {
	if w.fault == "" {
		w.fault, w.faultAt = fault, len(w.text)
	}
}

func firstInvalid(text []byte) int {
	for at := 0; ; {
		char, size := utf8.DecodeRune(text[at:])
		if char == utf8.RuneError && size <= 1 {
			return at
		}
		at += size
	}
}

// place is the path of the value that stands at a byte of a document: messages[1].content[0].text.
func place(text []byte, at int) string {
	r := NewReader(string(text))
	path := r.placeOf(at)
	switch {
	case path == "":
		return "the document"
	case path[0] == '.':
		return path[1:]
	default:
		return path
	}
}

// placeOf walks into whatever holds the byte.
func (r *Reader) placeOf(target int) string {
	r.space()
	holds := func() bool {
		ahead := *r
		ahead.Skip()
		return ahead.at > target || ahead.err != nil
	}
	switch {
	case r.at >= target || r.at >= len(r.text):
	case r.text[r.at] == '{':
		for more := r.Object(); more; more = r.More() {
			key := r.Key()
			if r.at > target {
				return ""
			}
			if holds() {
				return "." + key + r.placeOf(target)
			}
			r.Skip()
		}
	case r.text[r.at] == '[':
		index := 0
		for more := r.Array(); more; more = r.More() {
			if holds() {
				return "[" + strconv.Itoa(index) + "]" + r.placeOf(target)
			}
			r.Skip()
			index++
		}
	}
	return ""
}
