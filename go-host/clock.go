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
	// A moment that has come, whatever our own clock says.
	reachedMs uint64
}

// nowMs is Unix milliseconds; never backwards.
func (t *callTime) nowMs() uint64 {
	return max(t.startMs+uint64(time.Since(t.started)/time.Millisecond), t.reachedMs)
}

// milliseconds beyond the calendar are a wait without end, and a Duration would overflow.
func milliseconds(ms uint64) time.Duration {
	return time.Duration(min(ms, uint64(never/time.Millisecond))) * time.Millisecond
}

// wholeMs is a length in milliseconds, rounded up, so that what it bounds has passed when they have.
func wholeMs(length time.Duration) uint64 {
	length = max(length, 0)
	ms := uint64(length / time.Millisecond)
	if length%time.Millisecond > 0 {
		ms++
	}
	return ms
}
