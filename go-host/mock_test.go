package literllm

import (
	"bufio"
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"
	"time"
)

// testKey is long enough to be searched for.
const testKey = "sk-test-0123456789"

// mock is a provider simulator in a process of its own.
type mock struct {
	t   *testing.T
	url string
}

// newMock starts one for this test: the command of LITERLLM_MOCK, or the one of this repository.
func newMock(t *testing.T, args ...string) *mock {
	t.Helper()
	path := os.Getenv("LITERLLM_MOCK")
	if path == "" {
		path = "../target/debug/literllm"
	}
	command := exec.Command(path, append([]string{"mock", "--port", "0", "--chunk-delay-ms", "0"}, args...)...)
	stdout, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatalf("the simulator does not start: %v; next: cargo build --workspace --bin literllm, or set LITERLLM_MOCK", err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	line, err := bufio.NewReader(stdout).ReadString('\n')
	if err != nil {
		t.Fatalf("the simulator tells no address: %v", err)
	}
	return &mock{t, strings.TrimSpace(line)}
}

// stats of the simulator, as far as tests look at them.
type stats struct {
	Requests        int            `json:"requests"`
	ByFault         map[string]int `json:"by_fault"`
	ByStatus        map[string]int `json:"by_status"`
	Connections     int            `json:"connections"`
	InFlight        int            `json:"in_flight"`
	AbortedByClient int            `json:"aborted_by_client"`
}

func (m *mock) stats() stats {
	m.t.Helper()
	response, err := http.Get(m.url + "/stats")
	if err != nil {
		m.t.Fatal(err)
	}
	defer response.Body.Close()
	var stats stats
	if err := json.NewDecoder(response.Body).Decode(&stats); err != nil {
		m.t.Fatal(err)
	}
	return stats
}

// until polls the simulator, which notices a closed connection a moment later.
func (m *mock) until(what string, holds func(stats) bool) {
	m.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		stats := m.stats()
		if holds(stats) {
			return
		}
		if time.Now().After(deadline) {
			m.t.Fatalf("the simulator never told that %s: %+v", what, stats)
		}
	}
}

// client of this simulator, with a key.
func (m *mock) client(options ...ClientOption) *Client {
	m.t.Helper()
	all := []ClientOption{
		WithBaseURL("openai", m.url+"/v1"),
		WithKey("openai", testKey),
		WithKeyEnv("openai", "LITERLLM_TEST_KEY"),
		WithClientPolicy(Policy{BackoffBaseMs: Ptr[uint64](1), BackoffCapMs: Ptr[uint64](1)}),
	}
	client, err := NewClient(append(all, options...)...)
	if err != nil {
		m.t.Fatal(err)
	}
	return client
}

// fault asks the simulator to go wrong in one call.
func fault(words string) Option { return WithHeaders(Header{Name: "x-mock-fault", Value: words}) }

// hooks is the test build of the core, which traps and hedges on request.
func hooks(t *testing.T) ClientOption {
	t.Helper()
	component, err := os.ReadFile("../target/literllm-hooks.wasm")
	if err != nil {
		if os.Getenv("LITERLLM_REQUIRE_ALL") != "" {
			t.Fatalf("%v; next: cargo xtask build", err)
		}
		t.Skipf("SKIPPED, the core with hooks is absent (%v); next: cargo xtask build", err)
	}
	return WithComponent(component)
}

// noGoroutines: nothing of ours is left running.
func noGoroutines(t *testing.T) {
	t.Helper()
	var dump string
	// The goroutine that said it is gone may need a moment to be.
	for range 100 {
		buffer := make([]byte, 1<<20)
		dump = string(buffer[:runtime.Stack(buffer, true)])
		if !strings.Contains(dump, "literllm.beginAttempt") {
			return
		}
		runtime.Gosched()
	}
	t.Errorf("a goroutine outlives its call:\n%s", dump)
}

func textRequest(text string) Request { return question("openai/mock-small", text) }
