package literllm

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"
)

// joinedBytes of a body are told to the core at once at most, when that many lie ready.
//
// One crossing for several small chunks; beyond this a crossing costs little compared to its bytes. It is also how far
// an attempt reads ahead of a reader that takes its time.
const joinedBytes = 64 * 1024

// lender is what a client lends its calls.
type lender struct {
	transport http.RoundTripper
	keys      *keyring
	egress    egress
	// The blobs of the call; a client has none of its own.
	blobs map[string][]byte
}

// attempt is a request lent to the transport, and what happens to it, in the core's words.
//
// Here the host's three duties meet: the key is filled in on the way out, an echo of it is overwritten on the way in, and
// nothing is read from the network beyond a buffer that nobody waits for. One goroutine does the waiting, and is gone
// when the attempt is over.
type attempt struct {
	number uint32
	// Zero: no bound.
	idle time.Duration
	// When it has been silent for too long, in what the call has waited.
	idleAt time.Duration
	// When there must be a connection. Zero: at no certain time, or there is one.
	connectBy time.Time

	exchange *exchange
	gone     chan struct{}
	// Told whenever there is something to take. Shared by the attempts of a call.
	ready chan<- struct{}
	// Told when bytes were taken.
	room chan struct{}

	mu    sync.Mutex
	head  *ResponseHead
	bytes []byte
	last  *happening
	// What was taken before, to be filled again.
	spare []byte
}

// beginAttempt begins one. What forbids the sending is told as the first happening.
func beginAttempt(ctx context.Context, send Send, lender *lender, ready chan<- struct{}, waited time.Duration) *attempt {
	a := &attempt{number: send.Attempt, ready: ready, gone: make(chan struct{}), room: make(chan struct{}, 1)}
	if send.IdleMs != nil {
		a.idle = milliseconds(*send.IdleMs)
	}
	a.heard(waited)
	key, failure := lender.egress.fill(&send, lender.keys)
	var joined *body
	if failure == nil {
		joined, failure = joinBody(send.Request.Body, lender.blobs, send.Request.BodyLength)
	}
	if failure != nil {
		return a.neverBegan(failure)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	a.exchange = &exchange{cancel: cancel}
	if send.ConnectTimeoutMs != nil {
		a.connectBy = time.Now().Add(milliseconds(*send.ConnectTimeoutMs))
	}
	go func() {
		defer close(a.gone)
		defer a.cancel()
		scrubber := newScrubber(key)
		if err := a.run(ctx, lender.transport, &send.Request, joined, scrubber); err != nil {
			failure := a.exchange.failure(ctx, err)
			failure.Message = scrubber.text(failure.Message)
			a.end(&happening{kind: hasFailed, attempt: a.number, failure: failure})
		}
	}()
	return a
}

// lostAttempt is one whose connection ended with its process. That is told as the first happening.
func lostAttempt(number uint32) *attempt {
	a := &attempt{number: number, gone: make(chan struct{})}
	words := "the call was taken up from a snapshot, and its connection was gone"
	return a.neverBegan(&TransportFailure{Kind: FailureKindLost, Reached: ReachedUnknown, Message: words})
}

// neverBegan: there is no exchange, only its failure to tell.
func (a *attempt) neverBegan(failure *TransportFailure) *attempt {
	a.exchange = &exchange{cancel: func(error) {}}
	close(a.gone)
	a.end(&happening{kind: hasFailed, attempt: a.number, failure: failure})
	return a
}

// buffers are what bodies are read into.
var buffers = sync.Pool{New: func() any { return new([joinedBytes / 2]byte) }}

// run is the exchange from its request to the end of its body.
func (a *attempt) run(ctx context.Context, transport http.RoundTripper, request *HTTPRequest, joined *body, scrubber scrubber) error {
	x := a.exchange
	response, err := x.begin(ctx, transport, request, joined)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	x.reach(ReachedHeadSeen)
	head := headOf(response)
	for i := range head.Headers {
		head.Headers[i].Value = scrubber.text(head.Headers[i].Value)
	}
	a.mu.Lock()
	a.head = head
	a.mu.Unlock()
	a.signal()
	buffer := buffers.Get().(*[joinedBytes / 2]byte)
	defer buffers.Put(buffer)
	for {
		n, err := response.Body.Read(buffer[:])
		if n > 0 {
			x.reach(ReachedBodySeen)
			a.push(ctx, scrubber.push(buffer[:n]))
		}
		if err == nil {
			continue
		}
		a.push(ctx, scrubber.finish())
		if err != io.EOF {
			return err
		}
		a.end(&happening{kind: bodyEnded, attempt: a.number})
		return nil
	}
}

// push adds bytes, once there is room.
func (a *attempt) push(ctx context.Context, bytes []byte) {
	if len(bytes) == 0 {
		return
	}
	a.mu.Lock()
	for len(a.bytes) > 0 && len(a.bytes)+len(bytes) > joinedBytes {
		a.mu.Unlock()
		select {
		case <-a.room:
		case <-ctx.Done():
			return
		}
		a.mu.Lock()
	}
	a.bytes = append(a.bytes, bytes...)
	a.mu.Unlock()
	a.signal()
}

func (a *attempt) end(last *happening) {
	a.mu.Lock()
	a.last = last
	a.mu.Unlock()
	a.signal()
}

func (a *attempt) signal() {
	select {
	case a.ready <- struct{}{}:
	default:
	}
}

// take is what happens next: the head, all bytes that lie ready, the end. False: nothing yet. The bytes are good
// until the next take.
func (a *attempt) take() (happening, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.head != nil:
		head := a.head
		a.head, a.connectBy = nil, time.Time{}
		return happening{kind: headCame, attempt: a.number, head: head}, true
	case len(a.bytes) > 0:
		bytes := a.bytes
		a.bytes, a.spare = a.spare[:0], bytes
		select {
		case a.room <- struct{}{}:
		default:
		}
		return happening{kind: bytesCame, attempt: a.number, bytes: bytes}, true
	case a.last != nil:
		last := *a.last
		a.last = nil
		return last, true
	}
	return happening{}, false
}

// cancel ends the exchange.
func (a *attempt) cancel() { a.exchange.cancel(context.Canceled) }

// stop ends the exchange; its goroutine is gone afterwards.
func (a *attempt) stop() {
	a.cancel()
	<-a.gone
}

// heard: it was not silent just now, and its patience begins anew.
func (a *attempt) heard(waited time.Duration) {
	a.idleAt = waited + a.idle
}

// patience is how much longer it may be silent; nothing, and the core wants to know.
func (a *attempt) patience(waited time.Duration) time.Duration {
	if a.idle == 0 {
		return never
	}
	return a.idleAt - waited
}

// connecting is how much longer it may look for a connection. It then fails by itself.
func (a *attempt) connecting() time.Duration {
	if a.connectBy.IsZero() {
		return never
	}
	left := time.Until(a.connectBy)
	if left > 0 {
		return left
	}
	a.exchange.giveUpConnecting()
	a.connectBy = time.Time{}
	return never
}
