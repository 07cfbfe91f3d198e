package literllm

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheSoonerOfTheContextsDeadlineAndThePolicysEndsTheCallAndIsNamed(t *testing.T) {
	why := errors.New("the page was not worth more")
	for _, test := range []struct {
		contextMs, totalMs int
		deadline           Deadline
		afterMs            int
	}{
		{3000, 5000, DeadlineCaller, 3000},
		{5000, 3000, DeadlineTotal, 3000},
		{0, 3000, DeadlineTotal, 3000},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &script{answers: []answered{{silent: true}}}
			ctx, begun := t.Context(), time.Now()
			if test.contextMs > 0 {
				var cancel context.CancelFunc
				ctx, cancel = context.WithTimeoutCause(ctx, time.Duration(test.contextMs)*time.Millisecond, why)
				defer cancel()
			}
			_, err := s.client(t).Chat(ctx, textRequest("Hi"), WithPolicy(Policy{TotalTimeoutMs: Ptr(uint64(test.totalMs))}))
			failed := asError(t, err)
			if failed.Kind != ErrorKindTimeout || failed.Deadline == nil || *failed.Deadline != test.deadline {
				t.Errorf("%+v: %v", test, err)
			}
			ours := test.deadline == DeadlineCaller
			if errors.Is(err, context.DeadlineExceeded) != ours || errors.Is(err, context.Canceled) {
				t.Errorf("%+v: %v", test, err)
			}
			if took := time.Since(begun); took != time.Duration(test.afterMs)*time.Millisecond {
				t.Errorf("%+v: after %v", test, took)
			}
		})
	}
}

func TestADeadlineWhileTheReaderIsBusyOrBetweenTwoMillisecondsIsTheCallers(t *testing.T) {
	stalls := streamed(streamBegin)
	stalls.stalls = true
	for _, busy := range []time.Duration{0, time.Second} {
		synctest.Test(t, func(t *testing.T) {
			why := errors.New("enough")
			ctx, cancel := context.WithTimeoutCause(t.Context(), 30*time.Millisecond+700*time.Nanosecond, why)
			defer cancel()
			s := &script{answers: []answered{stalls}}
			var failure error
			for event, err := range s.client(t).ChatStream(ctx, textRequest("Hi")) {
				if _, ok := event.(*TextDeltaEvent); ok {
					time.Sleep(busy)
				}
				failure = err
			}
			failed := asError(t, failure)
			if failed.Kind != ErrorKindTimeout || !errors.Is(failure, context.DeadlineExceeded) || !errors.Is(failure, why) {
				t.Errorf("busy for %v: %v", busy, failure)
			}
			if failed.TextSoFar() != "Lima" {
				t.Errorf("busy for %v: %q", busy, failed.TextSoFar())
			}
		})
	}
}

func TestADeadlineThatHasPassedSendsNothing(t *testing.T) {
	s := &script{answers: []answered{whole()}}
	ctx, cancel := context.WithTimeout(t.Context(), -time.Second)
	defer cancel()
	_, err := s.client(t).Chat(ctx, textRequest("Hi"))
	if !errors.Is(err, context.DeadlineExceeded) || !errors.Is(err, ErrorKindTimeout) || s.requests() != 0 {
		t.Errorf("%v after %d requests", err, s.requests())
	}
}

func TestARefusedKeyIsFollowedByTheNextOne(t *testing.T) {
	t.Setenv("OPENAI_API_KEY", testKey)
	t.Setenv("LITERLLM_SPARE_2", testKey+"-2")
	source := func(row EgressRow) (Secret, bool) {
		return NewSecret(testKey + row.KeyEnv[0]), row.KeyEnv[0] != "LITERLLM_SPARE_1"
	}
	spare := WithSpareKeyEnv("openai", "LITERLLM_SPARE_1", "LITERLLM_SPARE_2")
	for name, test := range map[string]struct {
		options []ClientOption
		keys    string
		want    string
	}{
		"of the environment": {
			[]ClientOption{spare}, testKey + " " + testKey + "-2",
			"1 at 0 key 0: failed authentication, wait 0 for none; 2 at 0 key 1: failed authentication, wait 0 for none; 3 at 0 key 2: answered; ",
		},
		"of a source": {
			[]ClientOption{spare, WithKeySource(source)}, testKey + "OPENAI_API_KEY " + testKey + "LITERLLM_SPARE_2",
			"1 at 0 key 0: failed authentication, wait 0 for none; 2 at 0 key 1: failed authentication, wait 0 for none; 3 at 0 key 2: answered; ",
		},
		"given": {
			[]ClientOption{WithKey("openai", testKey+"-a"), WithSpareKeys("openai", testKey+"-b")}, testKey + "-a " + testKey + "-b",
			"1 at 0 key 0: failed authentication, wait 0 for none; 2 at 0 key 1: answered; ",
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			s := &script{answers: []answered{refused(401), whole()}}
			client, err := NewClient(append(test.options, WithTransport(s))...)
			if err != nil {
				t.Fatal(err)
			}
			var causes []string
			var answer *Answer
			for event, err := range client.NewCall(t.Context(), textRequest("Hi")).Events() {
				if err != nil {
					t.Fatal(err)
				}
				switch event := event.(type) {
				case *NoticeEvent:
					causes = append(causes, event.Notice.(*RetryNotice).Cause)
				case *Answer:
					answer = event
				}
			}
			var keys []string
			for _, request := range s.seen {
				keys = append(keys, strings.TrimPrefix(request.Header.Get("authorization"), "Bearer "))
			}
			if strings.Join(keys, " ") != test.keys {
				t.Errorf("%s: other keys were sent: %q", name, keys)
			}
			if got := decisions(&answer.Report); got != test.want {
				t.Errorf("%s: %s", name, got)
			}
			if len(causes) != len(answer.Report.Attempts)-1 || strings.Contains(strings.Join(causes, ""), testKey) {
				t.Errorf("%s: %q", name, causes)
			}
		})
	}
}

func TestASlotThatTheTableDoesNotNameIsNotFilled(t *testing.T) {
	row := EgressRow{Provider: "openai", Origins: []string{"https://api.openai.com"}, Auth: bearer(), KeyEnv: []string{"A"}, SpareKeyEnv: []string{"B"}}
	var asked []string
	keys := &keyring{source: func(row EgressRow) (Secret, bool) {
		asked = append(asked, strings.Join(row.KeyEnv, "+"))
		return NewSecret(testKey), true
	}}
	for slot := range uint32(3) {
		send := Send{Provider: "openai", KeySlot: slot, Request: HTTPRequest{URL: "https://api.openai.com/", Auth: bearer()}}
		_, failure := egress{row}.fill(&send, keys)
		if filled := failure == nil; filled != (slot < 2) || !filled && failure.Kind != FailureKindEgress {
			t.Errorf("slot %d: %+v", slot, failure)
		}
	}
	if strings.Join(asked, " ") != "A B" {
		t.Errorf("asked for %q", asked)
	}
}

func TestAnOpenCircuitSendsNothingAlsoInTheNextProcess(t *testing.T) {
	s := &script{answers: []answered{refused(500)}}
	guarded := []ClientOption{
		WithGuards(Guards{BreakerFailures: Ptr[uint32](2)}), WithClientPolicy(Policy{MaxAttempts: Ptr[uint32](1)}),
		WithClock(func() time.Time { return time.UnixMilli(1_000) }),
	}
	client := s.client(t, guarded...)
	for range 2 {
		if _, err := client.Chat(t.Context(), textRequest("Hi")); !errors.Is(err, ErrorKindServer) {
			t.Fatal(err)
		}
	}
	memory, err := client.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	for name, client := range map[string]*Client{"this": client, "the next": s.client(t, append(guarded, WithRestore(memory))...)} {
		_, err := client.Chat(t.Context(), textRequest("Hi"))
		failed := asError(t, err)
		if !errors.Is(err, ErrorKindCircuitOpen) || failed.MaybeBilled || failed.RetryAfterMs == nil || s.requests() != 2 {
			t.Errorf("%s process: %v after %d requests", name, err, s.requests())
		}
	}
	if _, err := s.client(t, guarded...).Chat(t.Context(), textRequest("Hi")); !errors.Is(err, ErrorKindServer) {
		t.Errorf("a client without that memory: %v", err)
	}
}

func TestAnotherModelIsTurnedToAndTheCallerIsTold(t *testing.T) {
	s := &script{answers: []answered{refused(404), streamed(streamBegin, streamEnd)}}
	var turned *FallbackNotice
	var answer *Answer
	// An option that says more of the policy keeps what was said before.
	options := []Option{WithPolicy(Policy{MaxAttempts: Ptr[uint32](1)}), WithFallback("openai/second")}
	for event, err := range s.client(t).Stream(t.Context(), "openai/first", "Hi", options...) {
		if err != nil {
			t.Fatal(err)
		}
		switch event := event.(type) {
		case *NoticeEvent:
			turned = event.Notice.(*FallbackNotice)
		case *Answer:
			answer = event
		}
	}
	if turned == nil || turned.FromModel != "openai/first" || turned.ToModel != "openai/second" || turned.Error != ErrorKindNotFound {
		t.Errorf("%+v", turned)
	}
	if answer.Text() != "Lima." || answer.Report.Attempts[1].Model != "second" {
		t.Errorf("%+v", answer)
	}
}

func TestOneIdempotencyKeyServesAllAttempts(t *testing.T) {
	row := ClientConfig{Providers: []ProviderRow{{ID: "openai", IdempotencyHeader: Ptr("idempotency-key")}}}
	for _, given := range []string{"", "order-66"} {
		s := &script{answers: []answered{refused(503, "retry-after-ms: 0"), whole()}}
		var options []Option
		if given != "" {
			options = append(options, WithIdempotencyKey(given))
		}
		if _, err := s.client(t, WithConfig(row)).Chat(t.Context(), textRequest("Hi"), options...); err != nil {
			t.Fatal(err)
		}
		first, second := s.seen[0].Header.Get("idempotency-key"), s.seen[1].Header.Get("idempotency-key")
		if first == "" || first != second || given != "" && first != given {
			t.Errorf("%q and %q", first, second)
		}
	}
}

func TestAnErrorSaysWhatHelpsBeforeOneActs(t *testing.T) {
	detail := ErrorDetail{Kind: ErrorKindCut, Message: "it broke off", Next: []NextStep{NextStepGiveUp}}
	plain := &Error{ErrorDetail: detail}
	detail.MaybeBilled, detail.RetryAfterMs = true, Ptr[uint64](1200)
	detail.Next = []NextStep{NextStepContinue, NextStepResend}
	full := &Error{ErrorDetail: detail, Report: &Report{Attempts: make([]AttemptReport, 3)}}
	for err, want := range map[*Error]string{
		plain: "literllm: it broke off",
		full: "literllm: it broke off; 3 attempts; it may have been billed; " +
			"you may ask the model to go on from the partial answer or send it again after 1200 ms",
	} {
		if err.Error() != want {
			t.Errorf("%s", err)
		}
	}
}
