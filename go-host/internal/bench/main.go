// Command bench measures what this package costs beside the least that could do the same: net/http, encoding/json for
// every chunk, and the smallest loop over server-sent events.
//
// It counts the processor time of this process (the provider is another one), since waiting costs nothing. The
// contenders take turns in one process.
//
//	bench --base-url URL [--wakes-url URL] [--rounds N] [--calls N] [--case NAME] [--contender NAME]
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime/pprof"
	"strings"

	"github.com/literllm/literllm/go-host"
)

// streamTokens is how many chunks of text a stream has.
const streamTokens = 100

// measured is a kind of call.
type measured struct {
	name, url, model string
	stream           bool
	// Of them in a measurement.
	calls int
}

// contender does one call and tells its text.
type contender struct {
	name string
	call func(measured) (string, error)
}

// result is one line.
type result struct {
	Case          string   `json:"case"`
	Contender     string   `json:"contender"`
	Round         int      `json:"round"`
	CPUUsPerCall  float64  `json:"cpu_us_per_call"`
	CPUUsPerChunk *float64 `json:"cpu_us_per_chunk,omitempty"`
}

func main() {
	baseURL := flag.String("base-url", "", "the simulator that sends streams ten pieces at a time, with /v1")
	wakesURL := flag.String("wakes-url", "", "the simulator that sends streams piece by piece")
	rounds := flag.Int("rounds", 5, "how many times each contender is measured")
	calls := flag.Int("calls", 200, "calls in a measurement")
	only := flag.String("case", "", "this case alone")
	alone := flag.String("contender", "", "this contender alone")
	profile := flag.String("profile", "", "write a CPU profile to this file")
	flag.Parse()
	if *profile != "" {
		file, err := os.Create(*profile)
		if err != nil {
			fail(err)
		}
		if err := pprof.StartCPUProfile(file); err != nil {
			fail(err)
		}
		defer pprof.StopCPUProfile()
	}
	cases := []measured{
		{"plain", *baseURL, "mock-tokens-20", false, *calls},
		{"bursts", *baseURL, fmt.Sprintf("mock-tokens-%d", streamTokens), true, *calls},
		// Each takes as long as a hundred pauses of the simulator.
		{"wakes", *wakesURL, fmt.Sprintf("mock-tokens-%d", streamTokens), true, max(*calls/10, 1)},
	}
	for _, measured := range cases {
		if measured.url == "" || *only != "" && *only != measured.name {
			continue
		}
		contenders := []contender{{"floor", newFloor().call}, {"literllm", newHost(measured.url)}}
		var texts []string
		for _, contender := range contenders {
			if *alone == "" || *alone == contender.name {
				text := warm(contender, measured)
				texts = append(texts, text)
			}
		}
		if len(texts) == 2 && (texts[0] != texts[1] || texts[0] == "") {
			fail(fmt.Errorf("%s: the contenders read different texts: %q, %q", measured.name, texts[0], texts[1]))
		}
		for round := range *rounds {
			for _, contender := range contenders {
				if *alone == "" || *alone == contender.name {
					measure(contender, measured, round)
				}
			}
		}
	}
}

func newHost(url string) func(measured) (string, error) {
	client, err := literllm.NewClient(
		literllm.WithBaseURL("openai", url),
		literllm.WithKey("openai", "sk-bench-0123456789"),
		literllm.WithKeyEnv("openai", "LITERLLM_BENCH_KEY"),
	)
	if err != nil {
		fail(err)
	}
	messages := []literllm.Message{literllm.Text(literllm.RoleUser, "Tell me a story.")}
	return func(measured measured) (string, error) {
		request := literllm.Request{Model: "openai/" + measured.model, Messages: messages}
		if !measured.stream {
			answer, err := client.Chat(context.Background(), request)
			if err != nil {
				return "", err
			}
			return answer.Text(), nil
		}
		var text strings.Builder
		for event, err := range client.ChatStream(context.Background(), request) {
			if err != nil {
				return "", err
			}
			if delta, ok := event.(*literllm.TextDeltaEvent); ok {
				text.WriteString(delta.Text)
			}
		}
		return text.String(), nil
	}
}

// warm does some calls that do not count, and tells the text of the last.
func warm(contender contender, measured measured) (text string) {
	for range max(measured.calls/4, 1) {
		var err error
		if text, err = contender.call(measured); err != nil {
			fail(fmt.Errorf("%s, %s: %w", measured.name, contender.name, err))
		}
	}
	return text
}

func measure(contender contender, measured measured, round int) {
	before := cpuMicroseconds()
	for range measured.calls {
		if _, err := contender.call(measured); err != nil {
			fail(fmt.Errorf("%s, %s: %w", measured.name, contender.name, err))
		}
	}
	perCall := (cpuMicroseconds() - before) / float64(measured.calls)
	line := result{Case: measured.name, Contender: contender.name, Round: round, CPUUsPerCall: perCall}
	if measured.stream {
		perChunk := perCall / streamTokens
		line.CPUUsPerChunk = &perChunk
	}
	text, err := json.Marshal(line)
	if err != nil {
		fail(err)
	}
	fmt.Println(string(text))
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "bench:", err)
	os.Exit(1)
}
