package literllm

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// script answers one request after the other, and writes down what came. The last answer serves all that follow.
type script struct {
	mu      sync.Mutex
	answers []answered
	seen    []*http.Request
	bodies  []string
}

// answered is what one request gets: a status, headers as "name: value", and a body whose pieces come one read each.
type answered struct {
	status  int
	headers []string
	pieces  []string
	// It never answers.
	silent bool
	// After its pieces it says nothing more, and does not end.
	stalls bool
}

func (s *script) RoundTrip(request *http.Request) (*http.Response, error) {
	body := ""
	if request.Body != nil {
		bytes, _ := io.ReadAll(request.Body)
		body = string(bytes)
	}
	s.mu.Lock()
	answer := s.answers[min(len(s.seen), len(s.answers)-1)]
	s.seen, s.bodies = append(s.seen, request), append(s.bodies, body)
	s.mu.Unlock()
	if answer.silent {
		<-request.Context().Done()
		return nil, request.Context().Err()
	}
	head := http.Header{}
	for _, header := range answer.headers {
		name, value, _ := strings.Cut(header, ": ")
		head.Add(name, value)
	}
	pieces := answer.pieces
	read := readerFunc(func(to []byte) (int, error) {
		if len(pieces) == 0 && answer.stalls {
			<-request.Context().Done()
			return 0, request.Context().Err()
		}
		if len(pieces) == 0 {
			return 0, io.EOF
		}
		n := copy(to, pieces[0])
		pieces = pieces[1:]
		return n, nil
	})
	return &http.Response{StatusCode: answer.status, Header: head, Body: io.NopCloser(read)}, nil
}

func (s *script) requests() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen)
}

func (s *script) client(t *testing.T, options ...ClientOption) *Client {
	t.Helper()
	all := []ClientOption{WithTransport(s), WithKey("openai", testKey), WithChance(func() uint64 { return 7 })}
	client, err := NewClient(append(all, options...)...)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

const (
	wholeAnswer = `{"id":"a","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Lima."},"finish_reason":"stop"}],` +
		`"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}`
	streamBegin = `data: {"id":"a","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"Li"}}]}` + "\n\n" +
		`data: {"id":"a","choices":[{"index":0,"delta":{"content":"ma"}}]}` + "\n\n"
	streamEnd = `data: {"id":"a","choices":[{"index":0,"delta":{"content":"."},"finish_reason":"stop"}]}` + "\n\ndata: [DONE]\n\n"
)

func whole() answered {
	return answered{status: 200, headers: []string{"content-type: application/json"}, pieces: []string{wholeAnswer}}
}

func streamed(pieces ...string) answered {
	return answered{status: 200, headers: []string{"content-type: text/event-stream"}, pieces: pieces}
}

func refused(status int, headers ...string) answered {
	return answered{status: status, headers: headers, pieces: []string{`{"error":{"message":"no"}}`}}
}

func limited() answered { return refused(429, "retry-after-ms: 1500") }

// decisions of a call: of each attempt what the policy decided and why, with times since its start.
func decisions(report *Report) string {
	var all strings.Builder
	for _, attempt := range report.Attempts {
		fmt.Fprintf(&all, "%d at %d key %d: %s", attempt.Attempt, attempt.StartedMs-report.StartedMs, attempt.KeySlot, attempt.End)
		if attempt.Error != nil {
			fmt.Fprintf(&all, " %s", *attempt.Error)
		}
		if attempt.WaitMs != nil {
			fmt.Fprintf(&all, ", wait %d for %s", *attempt.WaitMs, *attempt.WaitReason)
		}
		if attempt.MaybeBilled {
			all.WriteString(", maybe billed")
		}
		all.WriteString("; ")
	}
	return all.String()
}

func asError(t *testing.T, err error) *Error {
	t.Helper()
	var failed *Error
	if !errors.As(err, &failed) {
		t.Fatalf("%v is no *Error", err)
	}
	return failed
}

func TestACallInAPauseGoesOnInAnotherClientAsIfNothingHadHappened(t *testing.T) {
	for _, stream := range []bool{false, true} {
		good := whole()
		if stream {
			good = streamed(streamBegin, streamEnd)
		}
		request := textRequest("Hi")
		request.Stream = &stream
		var wanted, got string
		synctest.Test(t, func(t *testing.T) {
			s := &script{answers: []answered{limited(), good}}
			answer, err := s.client(t).NewCall(t.Context(), request).Wait()
			if err != nil {
				t.Fatal(err)
			}
			wanted = decisions(&answer.Report) + answer.Text()
		})
		synctest.Test(t, func(t *testing.T) {
			s := &script{answers: []answered{limited(), good}}
			client := s.client(t)
			call := client.NewCall(t.Context(), request)
			var snapshot, memory []byte
			for event, err := range call.Events() {
				if _, ok := event.(*NoticeEvent); !ok {
					t.Fatalf("%T %v", event, err)
				}
				var failure error
				if snapshot, failure = call.Snapshot(); failure != nil {
					t.Fatal(failure)
				}
				if memory, failure = client.Snapshot(); failure != nil {
					t.Fatal(failure)
				}
				// The process ends here.
				break
			}
			time.Sleep(700 * time.Millisecond)
			again, err := s.client(t, WithRestore(memory)).Resume(t.Context(), snapshot)
			if err != nil {
				t.Fatal(err)
			}
			answer, err := again.Wait()
			if err != nil {
				t.Fatal(err)
			}
			got = decisions(&answer.Report) + answer.Text()
			if s.requests() != 2 || strings.Contains(string(snapshot)+string(memory), testKey) {
				t.Errorf("%d requests, or a key in %s %s", s.requests(), snapshot, memory)
			}
		})
		want := "1 at 0 key 0: failed rate_limit, wait 1500 for hint; 2 at 1500 key 0: answered; Lima."
		if wanted != want || got != want {
			t.Errorf("without an end of the process %q, with one %q", wanted, got)
		}
	}
}

func TestASnapshotIsSavedBeforeEachAttemptAndPauseAndALostAttemptIsOfUnknownFate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []answered{limited(), whole()}}
		var saved [][]byte
		var sentBefore []int
		save := WithSnapshots(func(snapshot []byte) {
			saved, sentBefore = append(saved, snapshot), append(sentBefore, s.requests())
		})
		if _, err := s.client(t).Chat(t.Context(), textRequest("Hi"), save); err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(sentBefore) != "[0 1 1]" {
			t.Fatalf("requests before each snapshot: %v", sentBefore)
		}
		// The first is taken up 1500 ms later; the backoffs are those of the seed.
		for _, test := range []struct {
			at   int
			want string
		}{
			{0, "1 at 0 key 0: failed connection, wait 195 for backoff, maybe billed; 2 at 1695 key 0: answered; "},
			{2, "1 at 0 key 0: failed rate_limit, wait 1500 for hint; " +
				"2 at 1500 key 0: failed connection, wait 390 for backoff, maybe billed; 3 at 2085 key 0: answered; "},
		} {
			s := &script{answers: []answered{whole()}}
			call, err := s.client(t).Resume(t.Context(), saved[test.at])
			if err != nil {
				t.Fatal(err)
			}
			answer, err := call.Wait()
			if err != nil {
				t.Fatal(err)
			}
			if got := decisions(&answer.Report); got != test.want || s.requests() != 1 {
				t.Errorf("snapshot %d: %d requests, %s", test.at, s.requests(), got)
			}
		}
		never := WithPolicy(Policy{ResendUnknown: Ptr(ResendUnknownNever)})
		if _, err := s.client(t).Chat(t.Context(), textRequest("Hi"), save, never); err != nil {
			t.Fatal(err)
		}
		call, err := s.client(t).Resume(t.Context(), saved[3])
		if err != nil {
			t.Fatal(err)
		}
		before := s.requests()
		_, err = call.Wait()
		failed := asError(t, err)
		if failed.Kind != ErrorKindConnection || !failed.MaybeBilled || s.requests() != before {
			t.Errorf("%v", err)
		}
		if reached := failed.Report.Attempts[0].Reached; reached == nil || *reached != ReachedUnknown {
			t.Errorf("%+v", failed.Report)
		}
	})
}

func TestAStreamThatIsTakenUpInItsMiddleSaysTheRestOfWhatCame(t *testing.T) {
	answer := streamed(streamBegin)
	answer.stalls = true
	s := &script{answers: []answered{answer}}
	client := s.client(t)
	stream := textRequest("Hi")
	stream.Stream = Ptr(true)
	first := func(call *Call) (snapshot []byte, failure error) {
		for event, err := range call.Events() {
			if err != nil {
				t.Fatal(err)
			}
			if delta, ok := event.(*TextDeltaEvent); ok {
				if delta.Text != "Li" {
					t.Fatal(delta.Text)
				}
				return call.Snapshot()
			}
		}
		t.Fatal("no words came")
		return nil, nil
	}
	if _, err := first(client.NewCall(t.Context(), stream)); !errors.Is(err, ErrorKindInvalidState) {
		t.Errorf("without WithResumable: %v", err)
	}
	snapshot, err := first(client.NewCall(t.Context(), stream, WithResumable()))
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.client(t).Resume(t.Context(), snapshot)
	if err != nil {
		t.Fatal(err)
	}
	words, failure := "", error(nil)
	for event, err := range again.Events() {
		if delta, ok := event.(*TextDeltaEvent); ok {
			words += delta.Text
		}
		failure = err
	}
	failed := asError(t, failure)
	if words != "ma" || failed.TextSoFar() != "Lima" || failed.Kind != ErrorKindConnection || !failed.MaybeBilled {
		t.Errorf("%q, then %v with %q", words, failure, failed.TextSoFar())
	}
	if len(failed.Next) == 0 || failed.Next[0] != NextStepContinue || s.requests() != 2 {
		t.Errorf("next %v after %d requests", failed.Next, s.requests())
	}
	noGoroutines(t)
}

func TestASnapshotOfAnotherComponentIsRefusedAndBothAreNamed(t *testing.T) {
	s := &script{answers: []answered{whole()}}
	client := s.client(t)
	memory, err := client.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	var saved []byte
	if _, err := client.Chat(t.Context(), textRequest("Hi"), WithSnapshots(func(snapshot []byte) { saved = snapshot })); err != nil {
		t.Fatal(err)
	}
	ours, other := client.sandbox.module.SHA256, strings.Repeat("ab", 32)
	takeUp := map[string]func([]byte) error{
		"call":   func(snapshot []byte) error { _, err := client.Resume(t.Context(), snapshot); return err },
		"client": func(snapshot []byte) error { _, err := NewClient(WithRestore(snapshot)); return err },
	}
	for what, good := range map[string][]byte{"call": saved, "client": memory} {
		if err := takeUp[what](good); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		err := takeUp[what]([]byte(strings.Replace(string(good), ours, other, 1)))
		if !errors.Is(err, ErrorKindInvalidState) || !strings.Contains(err.Error(), ours) || !strings.Contains(err.Error(), other) {
			t.Errorf("%s of another component: %v", what, err)
		}
		for _, bad := range []string{"", "null", "{}", "[]", `{"component":"` + ours + `"}`, `{"component":"` + ours + `","snapshot":{},"more":1}`} {
			if err := takeUp[what]([]byte(bad)); !errors.Is(err, ErrorKindInvalidState) {
				t.Errorf("%s of %q: %v", what, bad, err)
			}
		}
	}
	if err := takeUp["call"](memory); !errors.Is(err, ErrorKindInvalidState) {
		t.Errorf("a client's snapshot for a call: %v", err)
	}
}

func TestBlobsOfASnapshotAreGivenAgainAndNothingElseIs(t *testing.T) {
	s := &script{answers: []answered{limited(), whole()}}
	client := s.client(t)
	picture := []byte("not in a snapshot")
	var saved []byte
	ctx, cancel := context.WithCancel(t.Context())
	_, err := client.Chat(ctx, textRequest("What is it?"), WithImage(picture, "image/png"), WithSnapshots(func(snapshot []byte) {
		if saved = snapshot; s.requests() == 1 {
			cancel()
		}
	}))
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if strings.Contains(string(saved), "not in a") {
		t.Error("the blob is in the snapshot")
	}
	if _, err := client.Resume(t.Context(), saved); !errors.Is(err, ErrorKindInvalidRequest) || !strings.Contains(err.Error(), `"blob-1"`) {
		t.Errorf("without its blob: %v", err)
	}
	for _, option := range []Option{WithTemperature(1), WithStrict(), WithSystem("Be brief"), WithTemperature(nan())} {
		if _, err := client.Resume(t.Context(), saved, WithBlob("blob-1", picture), option); !errors.Is(err, ErrorKindInvalidRequest) {
			t.Errorf("an option that comes too late: %v", err)
		}
	}
	call, err := client.Resume(t.Context(), saved, WithBlob("blob-1", picture))
	if err != nil {
		t.Fatal(err)
	}
	if answer, err := call.Wait(); err != nil || answer.Text() != "Lima." {
		t.Fatalf("%v", err)
	}
	if last := s.bodies[len(s.bodies)-1]; last != s.bodies[0] || !json.Valid([]byte(last)) {
		t.Errorf("sent %s and then %s", s.bodies[0], last)
	}
}

func TestACallRunsOnceAndHasASnapshotOnlyMeanwhile(t *testing.T) {
	s := &script{answers: []answered{whole()}}
	call := s.client(t).NewCall(t.Context(), textRequest("Hi"))
	if _, err := call.Snapshot(); !errors.Is(err, ErrorKindInvalidState) {
		t.Errorf("before: %v", err)
	}
	if _, err := call.Wait(); err != nil {
		t.Fatal(err)
	}
	if _, err := call.Snapshot(); !errors.Is(err, ErrorKindInvalidState) {
		t.Errorf("after: %v", err)
	}
	if _, err := call.Wait(); !errors.Is(err, ErrorKindInvalidState) || s.requests() != 1 {
		t.Errorf("again: %v", err)
	}
}

func TestASnapshotMayBeTakenByAnotherGoroutineWhileTheCallWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &script{answers: []answered{{silent: true}}}
		ctx, cancel := context.WithCancel(t.Context())
		call := s.client(t).NewCall(ctx, textRequest("Hi"))
		ended := make(chan error)
		go func() {
			_, err := call.Wait()
			ended <- err
		}()
		synctest.Wait()
		snapshot, err := call.Snapshot()
		if err != nil || !strings.Contains(string(snapshot), `"running":[1]`) {
			t.Errorf("%v: %s", err, snapshot)
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("%v", err)
		}
	})
}
