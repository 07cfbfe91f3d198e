// Command conformance plays every vector to the core as this host runs it, and prints what crossed: the core's
// documents as they came, and beside each the same document read into this package's types and written again, in the
// canonical form of RFC 8785. Whoever runs it compares those lines with the lines of other hosts.
//
//	conformance VECTORS_DIR [whole|bytes|seeded ...]
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/gowebpki/jcs"

	"github.com/literllm/literllm/go-host"
	"github.com/literllm/literllm/go-host/internal/engine"
)

const (
	// startMs is when every vector begins: Tue, 14 Nov 2023 22:13:20 GMT.
	startMs = 1_700_000_000_000
	// stepMs passes before each head, before a body's first byte, before each end.
	stepMs = 10
	// seed is the only source of chance.
	seed = 7
	// memoryBytes is what a client has by default.
	memoryBytes = 256 << 20
)

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: conformance VECTORS_DIR [whole|bytes|seeded ...]")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "conformance:", err)
		os.Exit(1)
	}
}

func run(root string, cuttings []string) error {
	if len(cuttings) == 0 {
		cuttings = []string{"whole", "bytes", "seeded"}
	}
	all, err := vectors(root)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return fmt.Errorf("%s holds no vectors", root)
	}
	module, err := engine.Load(engine.Wanted{Component: literllm.Component(), MemoryBytes: memoryBytes})
	if err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	for _, vector := range all {
		for _, cutting := range cuttings {
			p := player{out: out, vector: vector, cutting: cutting, nowMs: startMs}
			if p.instance, err = module.New(); err != nil {
				return err
			}
			err := p.play()
			p.instance.Close()
			if err != nil && !errors.Is(err, errRefused) {
				return fmt.Errorf("vector %s, %s: %w", vector.name, cutting, err)
			}
		}
	}
	return out.Flush()
}

// errRefused: the vector ends with the core's no.
var errRefused = errors.New("refused")

// player plays one vector with a clock that stands still between happenings.
type player struct {
	out      *bufio.Writer
	instance *engine.Instance
	vector   vector
	cutting  string
	nowMs    uint64
	call     uint64
	crossed  int
}

func (p *player) play() error {
	text, err := p.instance.ClientCreate(p.vector.config, 1, "")
	var created literllm.Created
	if err := p.crossing("client-create", text, err, &created); err != nil {
		return err
	}
	text, err = p.instance.CallStart(created.Client, p.vector.request, p.vector.options, startMs, seed)
	var started literllm.Started
	if err := p.crossing("call-start", text, err, &started); err != nil {
		return err
	}
	p.call = started.Call
	step, answers := &started.Step, p.vector.answers
	for step.Outcome == nil {
		switch {
		case len(step.Send) == 1 && len(answers) > 0:
			step, err = p.answer(step.Send[0].Attempt, answers[0])
			answers = answers[1:]
		case len(step.Send) == 0 && step.WakeAtMs != nil:
			p.nowMs = max(p.nowMs, *step.WakeAtMs)
			text, err := p.instance.CallWake(p.call, 0, p.nowMs)
			step, err = p.step("call-wake", text, err)
			if err != nil {
				return err
			}
		default:
			return fmt.Errorf("it has no answer to %d requests", len(step.Send))
		}
		if err != nil {
			return err
		}
	}
	return p.instance.ClientDrop(created.Client)
}

// answer tells what happens to one attempt, until it is over; the last step is the answer's.
func (p *player) answer(attempt uint32, answer answer) (*literllm.Step, error) {
	if answer.head != "" {
		text, err := p.instance.CallHead(p.call, attempt, answer.head, p.later())
		if _, err := p.step("call-head", text, err); err != nil {
			return nil, err
		}
	}
	if answer.body != nil {
		nowMs := p.later()
		cut, err := pieces(p.vector.name, p.cutting, answer.body)
		if err != nil {
			return nil, err
		}
		for _, piece := range cut {
			text, err := p.instance.CallBody(p.call, attempt, piece, nowMs)
			step, err := p.step("call-body", text, err)
			if err != nil || step.Outcome != nil || slices.Contains(step.Abort, attempt) {
				return step, err
			}
		}
	}
	if answer.failure != "" {
		text, err := p.instance.CallFailed(p.call, attempt, answer.failure, p.later())
		return p.step("call-failed", text, err)
	}
	text, err := p.instance.CallEnd(p.call, attempt, p.later())
	return p.step("call-end", text, err)
}

func (p *player) later() uint64 {
	p.nowMs += stepMs
	return p.nowMs
}

func (p *player) step(function, text string, err error) (*literllm.Step, error) {
	step := &literllm.Step{}
	return step, p.crossing(function, text, err, step)
}

// crossing prints an answer of the core and reads it into value.
func (p *player) crossing(function, text string, err error, value any) error {
	verdict := "ok"
	if refusal := (*engine.Refusal)(nil); errors.As(err, &refusal) {
		verdict, text, value = "err", refusal.Document, &literllm.ErrorDetail{}
	} else if err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(text), value); err != nil {
		return fmt.Errorf("%s answered what these types cannot read: %w: %s", function, err, text)
	}
	again, err := json.Marshal(value)
	if err != nil {
		return err
	}
	canonical, err := jcs.Transform(again)
	if err != nil {
		return fmt.Errorf("%s: %w: %s", function, err, again)
	}
	fmt.Fprintf(p.out, "%s\t%s\t%d\t%s\t%s\t%s\t%s\n", p.vector.name, p.cutting, p.crossed, function, verdict, text, canonical)
	p.crossed++
	if verdict == "err" {
		return errRefused
	}
	return nil
}
