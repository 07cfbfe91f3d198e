// Command faults plays fault scripts to the simulator and prints what came of each: one line of JSON for each script, as
// tests/faults/README.md tells. What every host prints must be the same decisions.
//
//	faults ADDRESS
//
// ADDRESS is that of `literllm mock --scripts`.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"sync"
	"time"

	"github.com/literllm/literllm/go-host"
)

// atATime is how many scripts are played together: most of their time is spent waiting.
const atATime = 8

// script is what the simulator tells of one.
type script struct {
	Script string                `json:"script"`
	Seed   uint64                `json:"seed"`
	Config literllm.ClientConfig `json:"config"`
	Calls  []scriptedCall        `json:"calls"`
}

type scriptedCall struct {
	Request literllm.Request     `json:"request"`
	Options literllm.CallOptions `json:"options"`
	Cancel  string               `json:"cancel"`
}

// line is what is said of a script.
type line struct {
	Script string     `json:"script"`
	Calls  []callLine `json:"calls"`
}

type callLine struct {
	Outcome     literllm.ErrorKind  `json:"outcome"`
	Text        string              `json:"text"`
	Next        []literllm.NextStep `json:"next"`
	MaybeBilled bool                `json:"maybe_billed"`
	Deadline    *literllm.Deadline  `json:"deadline"`
	Message     *string             `json:"message"`
	Warnings    []string            `json:"warnings"`
	Attempts    []attemptLine       `json:"attempts"`
	Notices     []noticeLine        `json:"notices"`
}

type attemptLine struct {
	Model       string               `json:"model"`
	Status      *uint16              `json:"status"`
	Error       *literllm.ErrorKind  `json:"error"`
	WaitMs      *uint64              `json:"wait_ms"`
	WaitReason  *literllm.WaitReason `json:"wait_reason"`
	KeySlot     uint32               `json:"key_slot"`
	MaybeBilled bool                 `json:"maybe_billed"`
}

// noticeLine has of each kind of notice what that kind has.
type noticeLine struct {
	Type      string              `json:"type"`
	FromModel string              `json:"from_model,omitempty"`
	ToModel   string              `json:"to_model,omitempty"`
	Model     string              `json:"model,omitempty"`
	Error     literllm.ErrorKind  `json:"error,omitempty"`
	Reason    literllm.WaitReason `json:"reason,omitempty"`
	DelayMs   *uint64             `json:"delay_ms,omitempty"`
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: faults ADDRESS")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "faults:", err)
		os.Exit(1)
	}
}

func run(address string) error {
	response, err := http.Get(address + "/faults")
	if err != nil {
		return err
	}
	defer response.Body.Close()
	var scripts []script
	if err := json.NewDecoder(response.Body).Decode(&scripts); err != nil {
		return err
	}
	var (
		group  sync.WaitGroup
		print  sync.Mutex
		places = make(chan struct{}, atATime)
		failed = make([]error, len(scripts))
		lines  = json.NewEncoder(os.Stdout)
	)
	for at, script := range scripts {
		places <- struct{}{}
		group.Go(func() {
			defer func() { <-places }()
			said, err := play(script)
			print.Lock()
			defer print.Unlock()
			if err == nil {
				err = lines.Encode(said)
			}
			if err != nil {
				failed[at] = fmt.Errorf("%s: %w", script.Script, err)
			}
		})
	}
	group.Wait()
	return errors.Join(failed...)
}

// play makes one client, and its calls one after the other.
func play(script script) (*line, error) {
	seed := func() uint64 { return script.Seed }
	client, err := literllm.NewClient(literllm.WithConfig(script.Config), literllm.WithChance(seed))
	if err != nil {
		return nil, err
	}
	said := &line{Script: script.Script}
	for _, call := range script.Calls {
		said.Calls = append(said.Calls, *call.play(client))
	}
	return said, nil
}

func (s scriptedCall) play(client *literllm.Client) *callLine {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if timeoutMs := s.Options.CallerTimeoutMs; timeoutMs != nil {
		var over context.CancelFunc
		ctx, over = context.WithTimeout(ctx, time.Duration(*timeoutMs)*time.Millisecond)
		defer over()
	}
	var options []literllm.Option
	if policy := s.Options.Policy; policy != nil {
		options = append(options, literllm.WithPolicy(*policy))
	}
	if key := s.Options.IdempotencyKey; key != nil {
		options = append(options, literllm.WithIdempotencyKey(*key))
	}
	if streamed := s.Request.Stream; streamed == nil || !*streamed {
		answer, err := client.Chat(ctx, s.Request, options...)
		return endOf(answer, err)
	}
	var (
		notices = []noticeLine{}
		answer  *literllm.Answer
		failed  error
	)
	for event, err := range client.ChatStream(ctx, s.Request, options...) {
		switch event := event.(type) {
		case nil:
			failed = err
		case *literllm.Answer:
			answer = event
		case *literllm.TextDeltaEvent:
			if s.Cancel == "first_delta" {
				cancel()
			}
		case *literllm.NoticeEvent:
			notice, pause := noticeOf(event.Notice)
			notices = append(notices, notice)
			if pause && s.Cancel == "wait" {
				cancel()
			}
		}
	}
	said := endOf(answer, failed)
	said.Notices = notices
	return said
}

// endOf a call: its answer, or how it failed.
func endOf(answer *literllm.Answer, err error) *callLine {
	said := &callLine{Next: []literllm.NextStep{}, Warnings: []string{}, Notices: []noticeLine{}}
	var (
		failed   *literllm.Error
		report   *literllm.Report
		response *literllm.Response
	)
	switch {
	case errors.As(err, &failed):
		said.Outcome, said.Text = failed.Kind, failed.TextSoFar()
		said.Next = append(said.Next, failed.Next...)
		said.MaybeBilled, said.Deadline, said.Message = failed.MaybeBilled, failed.Deadline, &failed.Message
		report, response = failed.Report, failed.Partial
	case err != nil:
		said.Outcome = literllm.ErrorKind(err.Error())
	default:
		said.Outcome, said.Text = "response", answer.Text()
		report, response = &answer.Report, &answer.Response
	}
	if response != nil {
		for _, warning := range response.Warnings {
			said.Warnings = append(said.Warnings, warning.Field)
		}
	}
	said.Attempts = []attemptLine{}
	if report != nil {
		for _, attempt := range report.Attempts {
			said.Attempts = append(said.Attempts, attemptLine{
				Model:       attempt.Provider + "/" + attempt.Model,
				Status:      attempt.Status,
				Error:       attempt.Error,
				WaitMs:      attempt.WaitMs,
				WaitReason:  attempt.WaitReason,
				KeySlot:     attempt.KeySlot,
				MaybeBilled: attempt.MaybeBilled,
			})
		}
	}
	return said
}

// noticeOf the policy, and whether it tells of a pause.
func noticeOf(notice literllm.Notice) (line noticeLine, pause bool) {
	switch notice := notice.(type) {
	case *literllm.RetryNotice:
		return noticeLine{Type: "retry", Error: notice.Error, Reason: notice.Reason, DelayMs: &notice.DelayMs}, true
	case *literllm.FallbackNotice:
		return noticeLine{Type: "fallback", FromModel: notice.FromModel, ToModel: notice.ToModel, Error: notice.Error}, false
	case *literllm.HoldNotice:
		return noticeLine{Type: "hold", Model: notice.Model, Reason: notice.Reason, DelayMs: &notice.DelayMs}, true
	}
	return noticeLine{Type: fmt.Sprintf("%T", notice)}, false
}
