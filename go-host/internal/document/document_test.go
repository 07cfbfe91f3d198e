package document

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
)

// walk reads any document by its look, with every function there is, and writes it again.
func walk(r *Reader, w *Writer) {
	switch {
	case r.AtText():
		w.Text(r.Text())
	case r.Null():
		w.Missing()
	case strings.HasPrefix(r.text[r.at:], "{"):
		_ = r.Tag()
		w.Open('{')
		for more := r.Object(); more; more = r.More() {
			quoted, _ := json.Marshal(r.Key())
			w.Key(string(quoted) + ":")
			walk(r, w)
		}
		w.Close('}')
	case strings.HasPrefix(r.text[r.at:], "["):
		w.Open('[')
		for more := r.Array(); more; more = r.More() {
			w.Item()
			walk(r, w)
		}
		w.Close(']')
	case strings.HasPrefix(r.text[r.at:], "t"), strings.HasPrefix(r.text[r.at:], "f"):
		w.Bool(r.Bool())
	default:
		w.Float(r.Float())
	}
}

const sample = ` {"type":"a","n":[1,-2.5,1e30,0.0000001,{}],"s":"\u00e9\ud83d\ude00\n\"\\\/","t":true,"f":[false,[]] , "last":{"x":"é"}} `

func TestADocumentIsReadAndWrittenAgain(t *testing.T) {
	r := NewReader(sample)
	text, err := Marshal(func(w *Writer) { walk(&r, w) })
	if err != nil || r.Err() != nil {
		t.Fatal(err, r.Err())
	}
	want := `{"type":"a","n":[1,-2.5,1e+30,1e-07,{}],"s":"é😀\n\"\\/","t":true,"f":[false,[]],"last":{"x":"é"}}`
	if string(text) != want {
		t.Errorf("%s, want %s", text, want)
	}
}

func TestNoDamageIsTooMuch(t *testing.T) {
	try := func(text string) {
		r := NewReader(text)
		w := Writer{text: []byte{' '}}
		walk(&r, &w)
		if r.Err() == nil && !json.Valid([]byte(text)) && !strings.ContainsAny(text, "]}") {
			t.Errorf("%q was read", text)
		}
		r = NewReader(text)
		r.Skip()
		_ = r.Err()
		r = NewReader(text)
		_ = r.Tag()
		_ = place([]byte(text), len(text)/2)
	}
	for end := range len(sample) {
		try(sample[:end])
		for _, with := range []string{"", "\"", "{", "]", "\\", ",", "\x00", "\xff"} {
			try(sample[:end] + with + sample[end+1:])
		}
	}
}

func TestHalfACharacterIsNoText(t *testing.T) {
	for _, text := range []string{`"\ud83d"`, `"\ud83d\n"`, `"\ude00\ud83d"`, `"\u12"`, `"\q"`, `"\`, `"a`} {
		r := NewReader(text)
		if got := r.Text(); r.Err() == nil || got != "" {
			t.Errorf("%s was read as %q", text, got)
		}
	}
}

func TestNumbersKeepToTheirWidth(t *testing.T) {
	for text, bits := range map[string]int{"256": 8, "-1": 64, "1.5": 64, "1e3": 64, "": 8, "4294967296": 32, "x": 8} {
		r := NewReader(text)
		if r.Unsigned(bits); r.Err() == nil {
			t.Errorf("%s has %d bits", text, bits)
		}
	}
	r := NewReader("18446744073709551615")
	if r.Unsigned(64) != math.MaxUint64 || r.Err() != nil {
		t.Error(r.Err())
	}
}

func TestAFaultNamesItsPlace(t *testing.T) {
	for want, write := range map[string]func(*Writer){
		"messages[1].text holds bytes that are not UTF-8": func(w *Writer) {
			w.Open('{')
			w.Key(`"messages":`)
			w.Open('[')
			w.Item()
			w.Float(1)
			w.Item()
			w.Open('{')
			w.Key(`"role":`)
			w.Text("\"}],")
			w.Key(`"text":`)
			w.Text("a\xffb")
			w.Close('}')
			w.Close(']')
			w.Close('}')
		},
		"a[0] is not a number that JSON can hold": func(w *Writer) {
			w.Open('{')
			w.Key(`"a":`)
			w.Open('[')
			w.Item()
			w.Float(math.Inf(1))
			w.Close(']')
			w.Close('}')
		},
		"the document is missing (nil)": func(w *Writer) { w.Missing() },
	} {
		_, err := Marshal(write)
		var fault *Fault
		if !errors.As(err, &fault) || err.Error() != want {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
