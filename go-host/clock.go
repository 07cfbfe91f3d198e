package literllm

import "time"

// never is a wait without end.
const never = 365 * 24 * time.Hour

// callTime is the time of one call: what it is, and how long we have been waiting.
//
// A call reads the wall clock once, at its start, and goes on from there by the monotonic clock: a machine whose clock
// is set in mid-call meets its deadlines all the same.
type callTime struct {
	startMs uint64
	started time.Time
	// How long we have waited for the network. It stands still while the reader is busy with what it got.
	waited time.Duration
}

// nowMs is Unix milliseconds; never backwards.
func (t *callTime) nowMs() uint64 {
	return t.startMs + uint64(time.Since(t.started)/time.Millisecond)
}

// milliseconds beyond the calendar are a wait without end, and a Duration would overflow.
func milliseconds(ms uint64) time.Duration {
	return time.Duration(min(ms, uint64(never/time.Millisecond))) * time.Millisecond
}
