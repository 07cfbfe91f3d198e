package literllm

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

const configTOML = `
[[providers]]
id = "openai"
base_url = "https://llm.example.com/v1"
auth = { type = "query", name = "key" }
key_env = ["EXAMPLE_KEY"]
spare_key_env = ["EXAMPLE_KEY_2"]

[policy]
max_attempts = 2
resend_unknown = "before_head"

[[policy.fallback]]
model = "groq/llama-3.3-70b-versatile"
on = ["rate_limit", "overloaded"]

[limits]
max_line_bytes = 1_048_576

[guards]
breaker_failures = 3
`

func theConfig() ClientConfig {
	return ClientConfig{
		Providers: []ProviderRow{{
			ID: "openai", BaseURL: Ptr("https://llm.example.com/v1"), Auth: &QueryAuth{Name: "key"},
			KeyEnv: []string{"EXAMPLE_KEY"}, SpareKeyEnv: []string{"EXAMPLE_KEY_2"},
		}},
		Policy: &Policy{
			MaxAttempts: Ptr[uint32](2), ResendUnknown: Ptr(ResendUnknownBeforeHead),
			Fallback: []FallbackStep{{
				Model: "groq/llama-3.3-70b-versatile", On: []ErrorKind{ErrorKindRateLimit, ErrorKindOverloaded},
			}},
		},
		Limits: &Limits{MaxLineBytes: Ptr[uint64](1 << 20)},
		Guards: &Guards{BreakerFailures: Ptr[uint32](3)},
	}
}

func configFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestAFileSaysTheSameInBothLanguagesAndAsADocument(t *testing.T) {
	asJSON, err := json.Marshal(theConfig())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"literllm.toml": configTOML, "literllm.JSON": string(asJSON)} {
		path := configFile(t, name, text)
		config, err := ReadConfig(path)
		if err != nil || !reflect.DeepEqual(config, theConfig()) {
			t.Errorf("%s: %+v, %v", name, config, err)
		}
		s := &script{answers: []answered{whole()}}
		client := s.client(t, WithConfigFile(path))
		if _, err := client.Chat(t.Context(), textRequest("Hi")); err != nil {
			t.Fatal(err)
		}
		if url := s.seen[0].URL.String(); url != "https://llm.example.com/v1/chat/completions?key="+testKey {
			t.Errorf("%s: sent to %s", name, strings.ReplaceAll(url, testKey, "[key]"))
		}
	}
}

func TestThePolicyOfAFileHoldsAndOptionsAfterItAddToIt(t *testing.T) {
	path := configFile(t, "literllm.toml", "[policy]\nmax_attempts = 2\nbackoff_base_ms = 0\n")
	broken := answered{status: 500, headers: []string{"content-type: application/json"}, pieces: []string{"{}"}}
	for _, test := range []struct {
		attempts int
		options  []ClientOption
	}{
		{2, []ClientOption{WithConfigFile(path)}},
		{1, []ClientOption{WithConfigFile(path), WithGuards(Guards{RetryBudget: Ptr[uint32](0)})}},
		{2, []ClientOption{WithConfig(ClientConfig{Policy: &Policy{MaxAttempts: Ptr[uint32](1)}}), WithConfigFile(path)}},
	} {
		s := &script{answers: []answered{broken, broken, broken}}
		_, err := s.client(t, test.options...).Chat(t.Context(), textRequest("Hi"))
		if failed := asError(t, err); failed.Kind != ErrorKindServer || len(failed.Report.Attempts) != test.attempts {
			t.Errorf("%d attempts were wanted: %v", test.attempts, err)
		}
	}
}

func TestAFileThatIsNotSoundIsNamedWithThePlaceAndWhatWasLikelyMeant(t *testing.T) {
	for _, test := range []struct{ name, text, words string }{
		{"a.toml", "[policy]\nmax_atempts = 2\n", `policy: there is no field "max_atempts" here; did you mean "max_attempts"?`},
		{"a.json", `{"policy":{"max_atempts":2}}`, `policy: there is no field "max_atempts" here; did you mean "max_attempts"?`},
		{"a.toml", "[guard]\n", `there is no field "guard" here; did you mean "guards"?`},
		{"a.toml", "[http]\n", `there is no field "http" here; known are providers, policy, limits, guards`},
		{"a.toml", "[[providers]]\nid = 'a'\n[[providers]]\nid = 'openai'\nkey = 'sk-in-a-file'\n", `providers[1]: there is no field "key" here; `},
		{"a.toml", "[policy]\nmax_attempts = '4'\n", "policy.max_attempts: "},
		{"a.toml", "[policy]\nmax_attempts = 4.0\n", "policy.max_attempts: a whole number of at most 32 bits"},
		{"a.toml", "[policy]\nmax_attempts = nan\n", "policy.max_attempts is not a number"},
		{"a.toml", "[policy]\ntotal_timeout_ms = 2026-01-01\n", "policy.total_timeout_ms is a date"},
		{"a.toml", "[[providers]]\nid = 'openai'\nkey_env = [07:32:00]\n", "providers[0].key_env[0] is a date or a time"},
		{"a.toml", "[policy\n", "toml: line"},
		{"a.toml", "providers = 3\n", "providers: "},
		{"a.toml", "providers = [3]\n", "providers[0]: "},
		{"a.json", "{", "this is not JSON: unexpected end"},
		{"a.json", "[]", "the document: { was expected"},
		{"a.json", "null", "the document: { was expected"},
		{"a.json", "", "this is not JSON"},
		{"a.yaml", "policy: 1", "its name must end in .toml or .json"},
	} {
		path := configFile(t, test.name, test.text)
		_, err := ReadConfig(path)
		failed := asError(t, err)
		if failed.Kind != ErrorKindInvalidRequest || failed.Retryable || !strings.Contains(failed.Message, test.words) {
			t.Errorf("%q: %v, want %s", test.text, err, test.words)
		}
		if begin := "the configuration " + path + " cannot be used: "; !strings.HasPrefix(failed.Message, begin) {
			t.Errorf("%q: %v, want the name of the file", test.text, err)
		}
		if strings.Contains(err.Error(), "sk-in-a-file") {
			t.Errorf("a value is shown: %v", err)
		}
		// An option after it does not hide it.
		if _, again := NewClient(WithConfigFile(path), WithConfig(ClientConfig{})); again == nil || again.Error() != err.Error() {
			t.Errorf("%q: the client says %v", test.text, again)
		}
	}
}

func TestWhatTheCoreRefusesInAFileNamesTheFile(t *testing.T) {
	for text, words := range map[string]string{
		"[policy]\nmax_attempts = 0\n":                "max_attempts",
		"[policy]\nresend_unknown = 'before-head'\n":  "policy.resend_unknown",
		"[[policy.fallback]]\nmodel = \"nobody/x\"\n": "nobody",
	} {
		path := configFile(t, "literllm.toml", text)
		config, err := ReadConfig(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = NewClient(WithConfigFile(path))
		if !strings.HasPrefix(asError(t, err).Message, "the configuration "+path+" cannot be used: ") || !strings.Contains(err.Error(), words) {
			t.Errorf("%q: %v", text, err)
		}
		_, err = NewClient(WithConfigFile(path), WithConfig(config))
		if asError(t, err); strings.Contains(err.Error(), path) {
			t.Errorf("%q is not what was set last: %v", text, err)
		}
	}
}

func TestAFileThatIsNotThere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.toml")
	_, err := ReadConfig(path)
	if asError(t, err); !errors.Is(err, fs.ErrNotExist) || !errors.Is(err, ErrorKindInvalidRequest) || !strings.Contains(err.Error(), path) {
		t.Error(err)
	}
}
