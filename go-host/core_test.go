package literllm

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/literllm/literllm/go-host/internal/engine"
)

// trap asks the simulator for the header that makes the core with hooks trap.
func trap() Option {
	return WithHeaders(Header{Name: "x-mock-header", Value: "x-literllm-hook=trap"})
}

func newTestSandbox(t *testing.T, config string) *sandbox {
	t.Helper()
	s, _, err := newSandbox(config, engine.Wanted{Component: embedded, MemoryBytes: memoryBytes}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func startCall(t *testing.T, s *sandbox) *sandboxCall {
	t.Helper()
	call, _, err := s.start(`{"model":"openai/x","messages":[{"role":"user","content":"Hi"}]}`, "{}", 1, 1)
	if err != nil {
		t.Fatal(err)
	}
	return call
}

// hedged asks the core with hooks for a second attempt beside the first.
func hedged() Option {
	return WithExtra(ExtraBody{Protocol: "test-hook", Body: `{"hedge_after_ms":30}`})
}

func TestAThousandCallsWithATrapInEveryHundredth(t *testing.T) {
	m := newMock(t)
	client := m.client(hooks(t))
	answers, traps := 0, 0
	for number := 1; number <= 1000; number++ {
		var options []Option
		if number%100 == 0 {
			options = append(options, trap())
		}
		_, err := client.Chat(t.Context(), question("openai/mock-tokens-2", "Hi"), options...)
		var failed *Error
		switch {
		case err == nil:
			answers++
		case errors.As(err, &failed) && failed.Kind == ErrorKindInternal && !failed.Retryable && number%100 == 0:
			traps++
		default:
			t.Fatalf("call %d: %v", number, err)
		}
	}
	if answers != 990 || traps != 10 || client.sandbox.nextNumber != 10 {
		t.Errorf("%d answers, %d traps, %d instances", answers, traps, client.sandbox.nextNumber)
	}
	noGoroutines(t)
}

func TestATrapEndsTheCallsOfItsInstanceAndNoOthers(t *testing.T) {
	m := newMock(t)
	client, other := m.client(hooks(t)), m.client(hooks(t))
	var begun, ended sync.WaitGroup
	proceed := make(chan struct{})
	errs := make(chan error, 49)
	begun.Add(49)
	// Each waits in the middle of its stream, until the trap has happened.
	for range 49 {
		ended.Go(func() {
			waiting, failure := true, error(nil)
			for _, err := range client.Stream(t.Context(), "openai/mock-tokens-50", "Hi", fault("stall;stall_ms=1")) {
				if failure = err; waiting {
					waiting = false
					begun.Done()
					<-proceed
				}
			}
			errs <- failure
		})
	}
	begun.Wait()
	_, err := client.Chat(t.Context(), textRequest("Hi"), trap())
	var trapped *Error
	if !errors.As(err, &trapped) || trapped.Kind != ErrorKindInternal || trapped.Retryable {
		t.Errorf("the call that trapped: %v", err)
	}
	if _, err := other.Chat(t.Context(), textRequest("Hi")); err != nil {
		t.Errorf("another client: %v", err)
	}
	if _, err := client.Chat(t.Context(), textRequest("Hi")); err != nil {
		t.Errorf("the next call: %v", err)
	}
	close(proceed)
	ended.Wait()
	for range 49 {
		var lost *Error
		if err := <-errs; !errors.As(err, &lost) || lost.Kind != ErrorKindInternal || !lost.Retryable {
			t.Errorf("a call of the same instance: %v", err)
		}
	}
	noGoroutines(t)
	m.until("all have ended", func(s stats) bool { return s.InFlight == 0 })
}

func TestFiftyAtOnceWithOneTrap(t *testing.T) {
	m := newMock(t)
	client := m.client(hooks(t))
	errs := make(chan error, 50)
	for number := range 50 {
		go func() {
			var options []Option
			if number == 25 {
				options = append(options, trap())
			}
			_, err := client.Infer(t.Context(), "openai/mock-tokens-20", "Hi", options...)
			errs <- err
		}()
	}
	trapped := 0
	for range 50 {
		var failed *Error
		switch err := <-errs; {
		case err == nil:
		case errors.As(err, &failed) && failed.Kind == ErrorKindInternal:
			if !failed.Retryable {
				trapped++
			}
		default:
			t.Errorf("%v", err)
		}
	}
	if trapped != 1 {
		t.Errorf("%d calls trapped", trapped)
	}
	if _, err := client.Chat(t.Context(), textRequest("Hi")); err != nil {
		t.Errorf("the next call: %v", err)
	}
}

func TestAHedgedCallIsSentTwiceAndTheLoserIsBrokenOff(t *testing.T) {
	m := newMock(t, "--plan", "slow-head;delay_ms=600000,ok")
	inference, err := m.client(hooks(t)).Infer(t.Context(), "openai/mock-small", "Hi", hedged())
	if err != nil {
		t.Fatal(err)
	}
	m.until("one of two was broken off", func(s stats) bool {
		return s.Requests == 2 && s.InFlight == 0 && s.AbortedByClient == 1
	})
	if plain, err := m.client().Chat(t.Context(), textRequest("Hi")); err != nil || plain.Text() != inference.Text {
		t.Errorf("%v: %q", err, inference.Text)
	}
	noGoroutines(t)
}

func TestTheFirstAttemptWinsThoughTheSecondWasSent(t *testing.T) {
	m := newMock(t, "--plan", "slow-head;delay_ms=300,slow-head;delay_ms=600000")
	inference, err := m.client(hooks(t)).Infer(t.Context(), "openai/mock-small", "Hi", hedged())
	if err != nil {
		t.Fatal(err)
	}
	if attempts := inference.Report.Attempts; len(attempts) != 1 || attempts[0].Attempt != 1 {
		t.Errorf("another one than the first answered: %+v", attempts)
	}
	m.until("the second was broken off", func(s stats) bool {
		return s.Requests == 2 && s.InFlight == 0 && s.AbortedByClient == 1
	})
	noGoroutines(t)
}

func TestACallerWhoLeavesEndsBothAttempts(t *testing.T) {
	m := newMock(t, "--plan", "slow-head;delay_ms=600000,slow-head;delay_ms=600000")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	left := make(chan error, 1)
	client := m.client(hooks(t))
	go func() {
		_, err := client.Infer(ctx, "openai/mock-small", "Hi", hedged())
		left <- err
	}()
	m.until("both are under way", func(s stats) bool { return s.InFlight == 2 })
	cancel()
	if err := <-left; !errors.Is(err, context.Canceled) || !errors.Is(err, ErrorKindCancelled) {
		t.Errorf("%v", err)
	}
	m.until("both were broken off", func(s stats) bool { return s.InFlight == 0 && s.AbortedByClient == 2 })
	noGoroutines(t)
}

func TestALateDropOfAnOldHandleHarmsNothing(t *testing.T) {
	s := newTestSandbox(t, "{}")
	old := startCall(t, s)
	s.living.end()
	young := startCall(t, s)
	old.drop()
	old.drop()
	if _, err := old.tell(happening{kind: callerLeft}, 2); !errors.Is(err, ErrorKindInternal) || !err.(*Error).Retryable {
		t.Errorf("the old call: %v", err)
	}
	// Its number says which instance a handle belongs to, in the core as well.
	if err := s.living.instance.CallDrop(old.call); err != nil {
		t.Errorf("an old handle in the core: %v", err)
	}
	if step, err := young.tell(happening{kind: callerLeft}, 2); err != nil || step.Outcome == nil {
		t.Errorf("the young call: %v", err)
	}
}

func TestAHandleOutOfOrderIsAnOrdinaryError(t *testing.T) {
	s := newTestSandbox(t, "{}")
	call := startCall(t, s)
	if _, err := call.tell(happening{kind: bodyEnded, attempt: 9}, 2); !errors.Is(err, ErrorKindInvalidState) {
		t.Errorf("%v", err)
	}
	if _, err := call.tell(happening{kind: callerLeft}, 2); err != nil {
		t.Errorf("the call is not as it was: %v", err)
	}
}

func TestASnapshotIsTakenWhenTheMemoryMovedAndOnceASecondAtMost(t *testing.T) {
	s := newTestSandbox(t, "{}")
	for _, test := range []struct {
		moved bool
		nowMs uint64
		taken uint64
		dirty bool
	}{
		{false, 4_000, 0, false},
		{true, 5_000, 5_000, false},
		{true, 5_999, 5_000, true},
		{false, 6_000, 6_000, false},
	} {
		s.note(&Step{StateChanged: test.moved}, test.nowMs)
		if s.snapshotAtMs != test.taken || s.dirty != test.dirty {
			t.Errorf("at %d: taken at %d, dirty %v", test.nowMs, s.snapshotAtMs, s.dirty)
		}
	}
}

func TestTheNextInstanceHasTheNextNumberAndTheNewestSnapshot(t *testing.T) {
	s := newTestSandbox(t, "{}")
	s.note(&Step{StateChanged: true}, 1)
	snapshot := s.snapshot
	s.living.end()
	startCall(t, s)
	if s.living.number != 1 || snapshot == "" || s.snapshot != snapshot {
		t.Errorf("number %d, snapshot %q", s.living.number, s.snapshot)
	}
	s.nextNumber = instanceNumbers - 1
	for _, number := range []uint32{instanceNumbers - 1, 0} {
		s.living.end()
		if startCall(t, s); s.living.number != number {
			t.Errorf("number %d", s.living.number)
		}
	}
}

func TestASnapshotThatCannotBeRestoredIsTriedOnce(t *testing.T) {
	s := newTestSandbox(t, "{}")
	s.living.end()
	s.snapshot = "nonsense"
	if _, _, err := s.start("{}", "{}", 1, 1); err == nil {
		t.Error("nonsense was restored")
	}
	startCall(t, s)
}

func TestALimitOfMemoryIsATypedError(t *testing.T) {
	var failed *Error
	_, err := NewClient(WithMemoryLimit(64 << 10))
	if !errors.As(err, &failed) || failed.Kind != ErrorKindInternal {
		t.Errorf("less than the core needs to start: %v", err)
	}
	m := newMock(t)
	client := m.client(WithMemoryLimit(8 << 20))
	_, err = client.Infer(t.Context(), "openai/mock-small", "Hi", fault("huge-line;bytes=8000000"))
	if !errors.As(err, &failed) || failed.Kind != ErrorKindInternal {
		t.Errorf("a line that does not fit: %v", err)
	}
	if _, err := client.Infer(t.Context(), "openai/mock-small", "Hi"); err != nil {
		t.Errorf("the next call: %v", err)
	}
}

func TestAnotherFileThanTheCoreIsSaidSo(t *testing.T) {
	for _, component := range [][]byte{{}, []byte("\x00asm\x01\x00\x00\x00"), embedded[:1000]} {
		if _, err := NewClient(WithComponent(component)); !errors.Is(err, ErrorKindInternal) {
			t.Errorf("%v", err)
		}
	}
}
