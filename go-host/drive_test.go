package literllm

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// fakeCall answers with the steps it was given, and writes down what it was told and when.
type fakeCall struct {
	steps []*Step
	told  []string
}

func (f *fakeCall) tell(what happening, nowMs uint64) (*Step, error) {
	words := map[happeningKind]string{bodyEnded: "end", hasFailed: "failed", wasIdle: "idle", momentCame: "wake", callerLeft: "cancel"}[what.kind]
	switch what.kind {
	case headCame:
		words = fmt.Sprintf("head %d", what.head.Status)
	case bytesCame:
		words = fmt.Sprintf("body %s", what.bytes)
	case hasFailed:
		words += fmt.Sprintf(" %s %s", what.failure.Kind, what.failure.Reached)
	}
	f.told = append(f.told, fmt.Sprintf("%d: %d %s", nowMs, what.attempt, words))
	step := f.steps[0]
	f.steps = f.steps[1:]
	if step == nil {
		return nil, failed(ErrorKindInternal, "it broke")
	}
	return step, nil
}

func (f *fakeCall) drop() { f.told = append(f.told, "dropped") }

// paced plays by the URL's path: /MS/MS/... is a head after the first pause and one chunk after each other; then silence,
// or the end when the path ends in /end.
type paced struct{}

func (paced) RoundTrip(request *http.Request) (*http.Response, error) {
	pauses := strings.Split(request.URL.Path[1:], "/")
	if err := pause(request.Context(), pauses[0]); err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: 200, Body: &pacedBody{request.Context(), pauses[1:]}}, nil
}

type pacedBody struct {
	ctx    context.Context
	pauses []string
}

func (b *pacedBody) Close() error { return nil }

func (b *pacedBody) Read(to []byte) (int, error) {
	if len(b.pauses) == 0 {
		<-b.ctx.Done()
		return 0, b.ctx.Err()
	}
	next := b.pauses[0]
	b.pauses = b.pauses[1:]
	if next == "end" {
		return 0, io.EOF
	}
	return copy(to, next), pause(b.ctx, next)
}

func pause(ctx context.Context, words string) error {
	var ms int
	fmt.Sscan(words, &ms)
	if ms == 0 {
		return nil
	}
	select {
	case <-time.After(time.Duration(ms) * time.Millisecond):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func sending(attempt uint32, path string, idleMs uint64) Send {
	send := Send{Attempt: attempt, Provider: "example", Request: HTTPRequest{Method: "GET", URL: "https://api.example.com/" + path}}
	if idleMs > 0 {
		send.IdleMs = &idleMs
	}
	return send
}

func ended() *Step { return &Step{Outcome: &Outcome{Result: &ResponseResult{}}} }

func say() *Step { return &Step{Events: []Event{&HeartbeatEvent{}}} }

// drives a script through virtual time and tells what the core was told. reader sees each event.
func drives(t *testing.T, first *Step, then []*Step, reader func(context.CancelFunc) bool) (told []string, err error) {
	synctest.Test(t, func(t *testing.T) {
		call := &fakeCall{steps: then}
		row := EgressRow{Provider: "example", Origins: []string{"https://api.example.com"}}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		d := drive{call: call, lender: &lender{transport: paced{}, keys: &keyring{source: EnvKeys}, egress: egress{row}}, time: callTime{started: time.Now()}}
		// Goroutines that outlive it would keep the bubble from ending.
		_, err = d.run(ctx, first, func(Event) bool { return reader == nil || reader(cancel) })
		told = call.told
	})
	return told, err
}

func expect(t *testing.T, told []string, want ...string) {
	t.Helper()
	if !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}

func TestHeadBytesAndEndAreTold(t *testing.T) {
	first := &Step{Send: []Send{sending(1, "5/7/9/end", 0)}}
	told, err := drives(t, first, []*Step{{}, {}, {}, ended()}, nil)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, told, "5: 1 head 200", "12: 1 body 7", "21: 1 body 9", "21: 1 end")
}

func TestBytesThatLieReadyAreToldAsOne(t *testing.T) {
	first := &Step{Send: []Send{sending(1, "0/1/2/3/4/20/end", 0)}}
	// The reader is busy with what the first byte brought, and meanwhile others come.
	told, _ := drives(t, first, []*Step{{}, say(), {}, {}, ended()}, func(context.CancelFunc) bool {
		time.Sleep(15 * time.Millisecond)
		return true
	})
	expect(t, told, "0: 1 head 200", "1: 1 body 1", "16: 1 body 234", "30: 1 body 20", "30: 1 end")
}

func TestThePatienceWithOneAttemptDoesNotHangOnAnother(t *testing.T) {
	// 1 speaks, and each time the reader takes a second for what it got; 2 never speaks. Of the time between two chunks
	// the reader waits for 60 ms.
	first := &Step{Send: []Send{sending(1, "0/60/1060/1060", 100), sending(2, "100000", 150)}}
	told, _ := drives(t, first, []*Step{{}, say(), say(), ended()}, func(context.CancelFunc) bool {
		time.Sleep(time.Second)
		return true
	})
	// The reader waited 60 + 60 + 30 ms in all; that is when the patience with 2 ends.
	expect(t, told, "0: 1 head 200", "60: 1 body 60", "1120: 1 body 1060", "2150: 2 idle")
}

func TestAnIdleAttemptThatMayStayIsToldAgainLaterAndNotAtOnce(t *testing.T) {
	first := &Step{Send: []Send{sending(1, "100000", 100)}}
	told, _ := drives(t, first, []*Step{{}, ended()}, nil)
	expect(t, told, "100: 1 idle", "200: 1 idle")
}

func TestTheMomentWakesAndAbortedAttemptsAreSilent(t *testing.T) {
	first := &Step{Send: []Send{sending(1, "50/1", 0)}, WakeAtMs: Ptr[uint64](20)}
	aborting := &Step{Abort: []uint32{1}, Send: []Send{sending(2, "100", 0)}, WakeAtMs: Ptr[uint64](70)}
	told, _ := drives(t, first, []*Step{aborting, ended()}, nil)
	expect(t, told, "20: 0 wake", "70: 0 wake")
}

func TestAnEarlierMomentIsNotOverslept(t *testing.T) {
	first := &Step{Send: []Send{sending(1, "10/80", 0)}, WakeAtMs: Ptr[uint64](500)}
	told, _ := drives(t, first, []*Step{{WakeAtMs: Ptr[uint64](30)}, {WakeAtMs: Ptr[uint64](600)}, {WakeAtMs: Ptr[uint64](600)}, ended()}, nil)
	expect(t, told, "10: 1 head 200", "30: 0 wake", "90: 1 body 80", "600: 0 wake")
}

func TestSeveralAttemptsRunSideBySide(t *testing.T) {
	first := &Step{Send: []Send{sending(1, "30/1/end", 0), sending(2, "20/2", 0)}}
	told, _ := drives(t, first, []*Step{{}, {}, {}, {}, ended()}, nil)
	expect(t, told, "20: 2 head 200", "22: 2 body 2", "30: 1 head 200", "31: 1 body 1", "31: 1 end")
}

func TestARequestOutsideTheTableIsToldAsAFailure(t *testing.T) {
	astray := sending(1, "0", 0)
	astray.Request.URL = "https://evil.example/"
	told, _ := drives(t, &Step{Send: []Send{astray}}, []*Step{ended()}, nil)
	expect(t, told, "0: 1 failed egress not_connected")
}

func TestACoreThatRefusesEndsTheCallAndItsExchanges(t *testing.T) {
	first := &Step{Send: []Send{sending(1, "0/5", 0), sending(2, "1000", 0)}}
	told, err := drives(t, first, []*Step{say(), nil}, nil)
	if err == nil {
		t.Error("no error")
	}
	expect(t, told, "0: 1 head 200", "5: 1 body 5", "dropped")
}

func TestAReaderThatLeavesEndsTheExchangesAndTheCallIsForgotten(t *testing.T) {
	first := &Step{Send: []Send{sending(1, "0/5/100000", 0)}}
	told, err := drives(t, first, []*Step{say()}, func(context.CancelFunc) bool { return false })
	if err != errReaderLeft {
		t.Errorf("%v", err)
	}
	expect(t, told, "0: 1 head 200", "dropped")
}

func TestAReaderThatLeavesTwoAttemptsEndsBoth(t *testing.T) {
	// Neither would end by itself: 1 is in the middle of its body, 2 has no head.
	first := &Step{Send: []Send{sending(1, "0/5/100000", 0), sending(2, "100000", 0)}}
	told, err := drives(t, first, []*Step{{}, say()}, func(context.CancelFunc) bool { return false })
	if err != errReaderLeft {
		t.Errorf("%v", err)
	}
	expect(t, told, "0: 1 head 200", "5: 1 body 5", "dropped")
}

func TestACallerThatGivesUpIsTold(t *testing.T) {
	first := &Step{Send: []Send{sending(1, "0/5/100000", 0)}}
	told, err := drives(t, first, []*Step{say(), ended()}, func(cancel context.CancelFunc) bool {
		cancel()
		return true
	})
	if err != nil {
		t.Errorf("%v", err)
	}
	expect(t, told, "0: 1 head 200", "0: 0 cancel")
}

// endingContext ends between two looks at it.
type endingContext struct {
	context.Context
	looks int
}

func (c *endingContext) Err() error {
	if c.looks++; c.looks > 1 {
		return context.Canceled
	}
	return nil
}

func TestAnAttemptThatFailedWithItsContextIsNoFailureOfTheProvider(t *testing.T) {
	d := drive{attempts: []*attempt{lostAttempt(1)}}
	if next := d.next(&endingContext{Context: t.Context()}); next.kind != callerLeft || len(d.attempts) != 1 {
		t.Errorf("%+v, %d attempts", next, len(d.attempts))
	}
}

func TestAFloodIsReadNoFurtherThanItsBuffer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var read int
		flood := roundTripper(func(request *http.Request) (*http.Response, error) {
			body := readerFunc(func(to []byte) (int, error) {
				if request.Context().Err() != nil {
					return 0, request.Context().Err()
				}
				read += len(to)
				return len(to), nil
			})
			return &http.Response{StatusCode: 200, Body: io.NopCloser(body)}, nil
		})
		ready := make(chan struct{}, 1)
		lender := &lender{transport: flood, keys: &keyring{source: EnvKeys}, egress: egress{{Provider: "example", Origins: []string{"https://api.example.com"}}}}
		attempt := beginAttempt(t.Context(), sending(1, "", 0), lender, ready, 0)
		synctest.Wait()
		if read > joinedBytes+joinedBytes/2 {
			t.Errorf("%d bytes were read and nobody took them", read)
		}
		attempt.take()
		if happening, _ := attempt.take(); len(happening.bytes) != joinedBytes {
			t.Errorf("%d bytes were joined", len(happening.bytes))
		}
		attempt.stop()
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(request *http.Request) (*http.Response, error) { return f(request) }

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(to []byte) (int, error) { return f(to) }
