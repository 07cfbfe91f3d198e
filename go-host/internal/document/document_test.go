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

func TestAMistakeOfACallerNamesItsPlaceAndWhatWasLikelyMeant(t *testing.T) {
	read := func(r *Reader) {
		for more := r.Object(); more; more = r.More() {
			switch key := r.Key(); key {
			case "rows":
				for more := r.Array(); more; more = r.More() {
					for more := r.Object(); more; more = r.More() {
						switch key := r.Key(); key {
						case "max_attempts":
							r.Unsigned(8)
						case "share":
							r.Float()
						case "offset":
							r.Signed(8)
						case "data":
							r.Bytes()
						case "name":
							r.Text()
						default:
							r.Unknown(key, "max_attempts", "share", "offset", "data", "name")
						}
					}
				}
			default:
				r.Unknown(key, "rows")
			}
		}
	}
	for text, want := range map[string]string{
		`{"row": [{"name":"a"}]}`:                        `there is no field "row" here; did you mean "rows"?`,
		`{"columns":1}`:                                  `there is no field "columns" here; known are rows`,
		`{"rows":[{}, {"max_atempts" : [4], "name":1}]}`: `rows[1]: there is no field "max_atempts" here; did you mean "max_attempts"?`,
		`{"rows":[{"max_atempts":{"a":4}}]}`:             `rows[0]: there is no field "max_atempts" here; did you mean "max_attempts"?`,
		`{"rows":[{"key":"sk-secret"}]}`:                 `rows[0]: there is no field "key" here; known are max_attempts, share, offset, data, name`,
		`{"rows":[{"max_attempts":256}]}`:                `rows[0].max_attempts: a whole number of at most 8 bits, not negative, was expected`,
		`{"rows":[{"max_attempts": "4"}]}`:               `rows[0].max_attempts: a value was expected`,
		`{"rows":[{"max_attempts":[4]}]}`:                `rows[0].max_attempts: a value was expected`,
		`{"rows":[{"offset":1.5}]}`:                      `rows[0].offset: a whole number of at most 8 bits was expected`,
		`{"rows":[{"share":true}]}`:                      `rows[0].share: a number was expected`,
		`{"rows":[{"data":"*"}]}`:                        `rows[0].data: base64 was expected`,
		`{"rows":[{"name":null}]}`:                       `rows[0].name: a text was expected`,
		`{"rows":[[1]]}`:                                 `rows[0]: { was expected`,
		`{"rows":{"a":1}}`:                               `rows: [ was expected`,
		`[]`:                                             `the document: { was expected`,
		`{"rows":}`:                                      `this is not JSON: invalid character '}' looking for beginning of value (byte 9)`,
	} {
		if err := Unmarshal([]byte(text), read); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
	if Unmarshal([]byte("null"), read) != nil || Read([]byte("null"), read) == nil {
		t.Error("null changes nothing, and is no document")
	}
}

func TestASlipIsNearAndAnotherWordIsNot(t *testing.T) {
	near := [][2]string{{"max_attempts", "max_atempts"}, {"max_attempts", "max_attempt"}, {"policy", "plicy"}, {"guards", "guard"}, {"policy", "pollicy"}, {"temperature", "temprature"}, {"model", "modle"}, {"on", "ons"}}
	far := [][2]string{{"id", "url"}, {"policy", "police_it"}, {"on", ""}, {"", ""}, {"data", "date_of"}, {"id", "key"}}
	for _, pair := range near {
		if !isNear(pair[0], pair[1]) || !isNear(pair[1], pair[0]) {
			t.Error(pair)
		}
	}
	for _, pair := range far {
		if isNear(pair[0], pair[1]) || isNear(pair[1], pair[0]) {
			t.Error(pair)
		}
	}
}
