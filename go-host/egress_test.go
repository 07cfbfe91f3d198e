package literllm

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"
)

func bearer() AuthSlot { return &HeaderAuth{Name: "authorization", Prefix: "Bearer "} }

func fill(url string, row, asked AuthSlot, key string) (*HTTPRequest, *TransportFailure) {
	table := egress{{Provider: "openai", Origins: []string{"https://api.openai.com", "http://[::1]:80"}, Auth: row}}
	request := &HTTPRequest{URL: url, Auth: asked, Headers: []Header{{Name: "Authorization", Value: "other"}}}
	send := Send{Provider: "openai", Request: *request}
	_, failure := table.fill(&send, &keyring{source: func(EgressRow) (Secret, bool) { return NewSecret(key), key != "none" }})
	return &send.Request, failure
}

func TestTheKeyGoesToTheOriginHoweverItIsSpelled(t *testing.T) {
	for _, url := range []string{"https://api.openai.com/v1", "HTTPS://API.OpenAI.com:443/v1", "http://[::1]/v1"} {
		request, failure := fill(url, bearer(), bearer(), testKey)
		if failure != nil || len(request.Headers) != 1 || request.Headers[0].Value != "Bearer "+testKey {
			t.Errorf("%s: %+v %+v", url, failure, request.Headers)
		}
	}
}

func TestTheKeyGoesNowhereElse(t *testing.T) {
	for _, url := range []string{
		"https://api.openai.com.evil.example/v1", "https://api.openai.com@evil.example/v1", "https://api.openai.com:8443/v1",
		"http://api.openai.com/v1", "https://me:pw@api.openai.com/v1", "file:///etc/passwd", "not a url", "https://api.openai.com%2eevil.example/",
		`https://evil.example\@api.openai.com/`, "https:///v1", "//api.openai.com/v1", "https://evil.example#@api.openai.com/", "",
	} {
		request, failure := fill(url, bearer(), bearer(), testKey)
		if failure == nil || failure.Kind != FailureKindEgress || strings.Contains(fmt.Sprint(failure, request.Headers), testKey) || strings.Contains(failure.Message, "pw@") {
			t.Errorf("%s: %+v", url, failure)
		}
	}
	if _, failure := fill("https://api.openai.com/", bearer(), &HeaderAuth{Name: "x-leak"}, testKey); failure.Kind != FailureKindEgress {
		t.Errorf("another header: %+v", failure)
	}
	if _, failure := fill("https://api.openai.com/", nil, bearer(), testKey); failure.Kind != FailureKindEgress {
		t.Errorf("no key in the table: %+v", failure)
	}
}

func TestAMissingOrUnfitKeyIsSaidWithoutShowingIt(t *testing.T) {
	for key, word := range map[string]string{"none": "", "sk-0123\n": "line break", "sk-é": "ASCII", "sk-\xff": "ASCII", "sk 1": "space", "sk\x7f": "control", "": "empty"} {
		_, failure := fill("https://api.openai.com/", bearer(), bearer(), key)
		if failure == nil || failure.Kind != FailureKindMissingKey || !strings.Contains(failure.Message, word) || strings.Contains(failure.Message, "sk") {
			t.Errorf("%q: %+v", key, failure)
		}
	}
}

func TestAKeyInTheQueryIsEncoded(t *testing.T) {
	slot := &QueryAuth{Name: "key"}
	request, failure := fill("https://api.openai.com/v1?alt=sse", slot, slot, "a+b/c&d=12")
	if failure != nil || request.URL != "https://api.openai.com/v1?alt=sse&key=a%2Bb%2Fc%26d%3D12" {
		t.Errorf("%+v %s", failure, request.URL)
	}
}

func TestKeysComeFromTheFirstVariableThatIsSet(t *testing.T) {
	t.Setenv("LITERLLM_TEST_EMPTY", "")
	t.Setenv("LITERLLM_TEST_KEY", testKey)
	key, ok := EnvKeys(EgressRow{KeyEnv: []string{"LITERLLM_TEST_NO_SUCH", "LITERLLM_TEST_EMPTY", "LITERLLM_TEST_KEY"}})
	if !ok || key.Expose() != testKey {
		t.Error("not found")
	}
	if _, ok := EnvKeys(EgressRow{KeyEnv: []string{"LITERLLM_TEST_EMPTY"}}); ok {
		t.Error("an empty one was found")
	}
}

func TestASecretShowsInNoWay(t *testing.T) {
	key := NewSecret(testKey)
	holder := struct {
		Public  Secret
		private Secret
	}{key, key}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("a call", "key", key, "holder", holder)
	slog.New(slog.NewTextHandler(&log, nil)).Info("a call", "key", key, "holder", holder)
	written, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	words := log.String() + string(written) + fmt.Sprintf("%s %v %+v %#v %q %x %d", key, key, key, key, key, key, key) + fmt.Sprintf("%v %+v %#v", holder, holder, &holder)
	if strings.Contains(words, testKey) || strings.Contains(words, fmt.Sprintf("%x", testKey)) {
		t.Error(words)
	}
	if !strings.Contains(words, "[key]") || (Secret{}).Expose() != "" {
		t.Error(words)
	}
}

func scrubbed(key string, chunks ...string) string {
	s := newScrubber(NewSecret(key))
	var out []byte
	for _, chunk := range chunks {
		out = append(out, s.push([]byte(chunk))...)
	}
	return string(append(out, s.finish()...))
}

func TestAKeyCutInTwoIsOverwrittenAndABeginningAloneComesBack(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{scrubbed("sk-12345678", "key sk-1234", "5678 is wrong"), "key *********** is wrong"},
		{scrubbed("sk-12345678", "key sk-1234", "9"), "key sk-12349"},
		{scrubbed("sk-12345678", "key sk-1234"), "key sk-1234"},
		{scrubbed("ab+/cdef==", "?key=ab%2B%2Fcd", "ef%3D%3D&"), "?key=******************&"},
		{scrubbed("test", "a test"), "a test"},
		{scrubbed("", "a"), "a"},
	} {
		if test.got != test.want {
			t.Errorf("%q, want %q", test.got, test.want)
		}
	}
}

func TestAnyCuttingGivesTheBytesOfTheWhole(t *testing.T) {
	// Few letters, so that keys and their beginnings are met often.
	random := rand.New(rand.NewPCG(1, 2))
	some := func(letters string, length int) string {
		text := make([]byte, length)
		for i := range text {
			text[i] = letters[random.IntN(len(letters))]
		}
		return string(text)
	}
	for range 20_000 {
		key, body := some("ab+", 8+random.IntN(3)), some("ab+%2B", random.IntN(80))
		if random.IntN(2) == 0 {
			body += key
		}
		if random.IntN(2) == 0 {
			body += "ab" + body
		}
		var chunks []string
		for rest := body; rest != ""; {
			at := random.IntN(min(len(rest), 20) + 1)
			chunks = append(chunks, rest[:at])
			rest = rest[at:]
		}
		whole, cut := scrubbed(key, body), scrubbed(key, chunks...)
		if whole != cut || len(whole) != len(body) || strings.Contains(whole, key) {
			t.Fatalf("key %q, body %q: whole %q, cut %q at %q", key, body, whole, cut, chunks)
		}
	}
}

func TestTextRawAndBase64AreJoinedInOrder(t *testing.T) {
	blobs := map[string][]byte{"a": {0xff, 0}, "large": bytes.Repeat([]byte("0123456789"), 20_000), "nothing": {}}
	segments := []BodySegment{
		&TextSegment{Text: "<"},
		&BlobSegment{ID: "a", Encoding: BlobEncodingRaw},
		&TextSegment{Text: "|"},
		&BlobSegment{ID: "a", Encoding: BlobEncodingBase64},
		&BlobSegment{ID: "nothing", Encoding: BlobEncodingBase64},
		&BlobSegment{ID: "large", Encoding: BlobEncodingBase64},
	}
	want := "<\xff\x00|/wA=" + base64.StdEncoding.EncodeToString(blobs["large"])
	body, failure := joinBody(segments, blobs, uint64(len(want)))
	if failure != nil {
		t.Fatal(failure)
	}
	// A retry begins from the same bytes.
	for range 2 {
		if got, err := io.ReadAll(iotest.HalfReader(body.open())); err != nil || string(got) != want {
			t.Errorf("%d bytes, %v", len(got), err)
		}
	}
}

func TestABlobThatIsMissingOrOfAnotherLengthIsSaid(t *testing.T) {
	segments := []BodySegment{&BlobSegment{ID: "cat", Encoding: BlobEncodingBase64}}
	if _, failure := joinBody(segments, nil, 4); failure == nil || failure.Kind != FailureKindMissingBlob || !strings.Contains(failure.Message, "cat") {
		t.Errorf("%+v", failure)
	}
	if _, failure := joinBody(segments, map[string][]byte{"cat": []byte("1234")}, 4); failure == nil || failure.Kind != FailureKindMissingBlob {
		t.Errorf("%+v", failure)
	}
}
