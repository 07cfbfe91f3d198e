package literllm

import (
	"context"
	"errors"
	"slices"
	"time"
)

// errReaderLeft ends a drive whose reader wants no more events.
var errReaderLeft = errors.New("the reader left")

// drive is the loop between the core and the network.
//
// A step says what to do: requests to begin, attempts to break off, events for the caller, when to wake. We do it, wait
// for whatever happens first, tell the core, and get the next step. Nothing here decides anything.
//
// It runs in its reader's goroutine. When it returns, every exchange has ended and its goroutine with it.
type drive struct {
	call     coreCall
	lender   *lender
	time     callTime
	attempts []*attempt
	// Told when some attempt has something to take.
	ready chan struct{}
	// Absent: the core need not be woken.
	wakeAtMs *uint64
	alarm    *time.Timer
	rings    time.Time
	// The deadline of the caller's context, as the core knows it. Absent: it knows none.
	callerAtMs *uint64
	// Some request was handed to the transport.
	began bool
	over  bool
}

// run acts on steps, from the first one, until there is an outcome, or the reader leaves. Events go to yield.
func (d *drive) run(ctx context.Context, step *Step, yield func(Event) bool) (*Outcome, error) {
	d.ready = make(chan struct{}, 1)
	defer d.leave()
	for {
		d.act(ctx, step)
		for _, event := range step.Events {
			if !yield(event) {
				return nil, errReaderLeft
			}
		}
		if step.Outcome != nil {
			return step.Outcome, nil
		}
		next, err := d.call.tell(d.next(ctx), d.time.nowMs())
		if err != nil {
			return nil, err
		}
		step = next
	}
}

func (d *drive) act(ctx context.Context, step *Step) {
	for _, send := range step.Send {
		d.began = true
		d.attempts = append(d.attempts, beginAttempt(ctx, send, d.lender, d.ready, d.time.waited))
	}
	d.attempts = slices.DeleteFunc(d.attempts, func(a *attempt) bool {
		aborted := slices.Contains(step.Abort, a.number)
		if aborted {
			a.stop()
		}
		return aborted
	})
	d.wakeAtMs = step.WakeAtMs
	d.over = step.Outcome != nil
}

// next is whatever happens first: the caller gives up, something of an attempt, the moment to wake, an attempt's
// patience at its end.
func (d *drive) next(ctx context.Context) happening {
	for {
		if ctx.Err() != nil {
			return d.contextEnded(ctx)
		}
		for at, attempt := range d.attempts {
			if happening, ok := attempt.take(); ok {
				attempt.heard(d.time.waited)
				if happening.kind == hasFailed && ctx.Err() != nil {
					// It failed because of that.
					return d.contextEnded(ctx)
				}
				if happening.isLast() {
					attempt.stop()
					d.attempts = slices.Delete(d.attempts, at, at+1)
				}
				return happening
			}
		}
		wait := never
		if d.wakeAtMs != nil {
			now := d.time.nowMs()
			if now >= *d.wakeAtMs {
				return happening{kind: momentCame}
			}
			wait = milliseconds(*d.wakeAtMs - now)
		}
		for _, attempt := range d.attempts {
			patience := attempt.patience(d.time.waited)
			if patience <= 0 {
				attempt.heard(d.time.waited)
				return happening{kind: wasIdle, attempt: attempt.number}
			}
			wait = min(wait, patience, attempt.connecting())
		}
		d.wait(ctx, wait)
	}
}

// contextEnded is a moment that the core waits for, where it knows of the deadline; else it is the caller's will.
func (d *drive) contextEnded(ctx context.Context) happening {
	if d.callerAtMs != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		d.time.reachedMs = *d.callerAtMs
		if d.wakeAtMs != nil && d.time.nowMs() >= *d.wakeAtMs {
			return happening{kind: momentCame}
		}
	}
	return happening{kind: callerLeft}
}

// wait until something is there to look at, or for so long.
func (d *drive) wait(ctx context.Context, atMost time.Duration) {
	begun := time.Now()
	// An alarm that rings too soon costs one look; setting it anew for every chunk would cost more.
	if until := begun.Add(atMost); d.alarm == nil {
		d.alarm, d.rings = time.NewTimer(atMost), until
	} else if d.rings.IsZero() || until.Before(d.rings) {
		d.alarm.Reset(atMost)
		d.rings = until
	}
	select {
	case <-d.ready:
	case <-ctx.Done():
	case <-d.alarm.C:
		d.rings = time.Time{}
	}
	d.time.waited += time.Since(begun)
}

// leave ends what is under way; a call without an outcome is forgotten.
func (d *drive) leave() {
	for _, attempt := range d.attempts {
		attempt.cancel()
	}
	for _, attempt := range d.attempts {
		attempt.stop()
	}
	if d.alarm != nil {
		d.alarm.Stop()
	}
	if !d.over {
		d.call.drop()
	}
}
