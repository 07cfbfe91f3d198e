package literllm

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"time"

	"github.com/literllm/literllm/go-host/internal/document"
)

// Call is one call in the hand: for those who want to save it while it runs. All others have [Client.Chat] and
// [Client.ChatStream].
//
//	call := client.NewCall(ctx, request)
//	for event, err := range call.Events() {
//		...
//		if notice, ok := event.(*literllm.NoticeEvent); ok { // it failed, and there is a pause
//			snapshot, err := call.Snapshot()
//			...
//		}
//	}
//
// It runs once, in the goroutine that ranges over its events or waits for it; Snapshot may be called from any.
type Call struct {
	client *Client
	ctx    context.Context
	chat   chat
	// The snapshot it goes on from. Absent: it begins anew.
	kept *keptCall

	mu    sync.Mutex
	state callState
	core  *sandboxCall
	// What the last step said and the reader has not taken yet.
	unread []Event
}

// keptCall is a call in a snapshot.
type keptCall struct {
	kept
	CallSnapshot
}

type callState int

const (
	notBegun callState = iota
	running
	hasEnded
)

// NewCall makes a call; request.Stream says whether its answer comes piece by piece. Nothing happens before it runs.
func (c *Client) NewCall(ctx context.Context, request Request, options ...Option) *Call {
	call := &Call{client: c, ctx: ctx, chat: chat{request: request}}
	for _, option := range options {
		option(&call.chat)
	}
	return call
}

// Resume makes a call that goes on where a snapshot was taken, in another process too. The client must have the same
// configuration; its own memory is another matter (see [Client.Snapshot]).
//
// An attempt that was under way counts as lost: whether the provider did the work is not known, so the policy's
// ResendUnknown decides whether it is sent again. A stream gives what its reader had not taken, and goes on from there. Blobs
// are not in a snapshot: give them again, with [WithBlob]. Beside it only [WithSnapshots] has a meaning here.
//
// Bounds of time go on from the first start of the call, that of the first context's deadline among them. When ctx has an
// earlier one, the call ends as [ErrorKindCancelled].
func (c *Client) Resume(ctx context.Context, snapshot []byte, options ...Option) (*Call, error) {
	opened, err := openKept(snapshot, c.sandbox.module.SHA256)
	if err != nil {
		return nil, err
	}
	kept := &keptCall{kept: *opened}
	r := document.NewReader(kept.document)
	kept.CallSnapshot.read(&r)
	if err := r.Err(); err != nil || kept.State == "" {
		return nil, failed(ErrorKindInvalidState, "this is no snapshot of a call")
	}
	call := c.NewCall(ctx, Request{}, options...)
	call.kept = kept
	if call.chat.saysMore() {
		return nil, failed(ErrorKindInvalidRequest,
			"the request and its policy are in the snapshot: beside it only WithBlob and WithSnapshots have a meaning")
	}
	for _, id := range kept.Blobs {
		if _, ok := call.chat.blobs[id]; !ok {
			return nil, failed(ErrorKindInvalidRequest,
				fmt.Sprintf("the snapshot names the blob %q, which is not in it; give it again with WithBlob", id))
		}
	}
	return call, nil
}

// saysMore: something was asked of the request or the options.
func (c *chat) saysMore() bool {
	words := func(c *chat) string {
		text, err := document.Marshal(func(w *document.Writer) {
			w.Open('[')
			c.request.write(w)
			w.Item()
			c.options.write(w)
			w.Close(']')
		})
		return fmt.Sprint(string(text), err)
	}
	return words(c) != words(&chat{})
}

// Events runs the call and gives its events as they come, like [Client.Stream].
func (c *Call) Events() iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		answer, err := c.run(func(event Event) bool { return yield(event, nil) })
		switch {
		case err == errReaderLeft:
		case err != nil:
			yield(nil, err)
		default:
			yield(answer, nil)
		}
	}
}

// Wait runs the call and waits for the whole answer.
func (c *Call) Wait() (*Answer, error) {
	return c.run(func(Event) bool { return true })
}

// Snapshot is the call as it stands, as plain JSON for [Client.Resume]; it goes on undisturbed. It holds the request but
// neither keys nor blobs.
//
// It fails with [ErrorKindInvalidState] when the call does not run, and in the middle of a streamed answer without
// [WithResumable].
func (c *Call) Snapshot() ([]byte, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch c.state {
	case notBegun:
		return nil, failed(ErrorKindInvalidState, "the call has not begun: take a snapshot while it runs")
	case hasEnded:
		return nil, failed(ErrorKindInvalidState, "the call has ended: there is nothing to take up")
	}
	document, err := c.core.snapshot()
	if err != nil {
		return nil, err
	}
	return kept{c.client.sandbox.module.SHA256, document, c.unread}.marshal()
}

// run is the call from its start to its end.
func (c *Call) run(yield func(Event) bool) (*Answer, error) {
	ctx := c.ctx
	if ctx.Err() != nil {
		return nil, endedBefore(ctx)
	}
	started := time.Now()
	startMs := uint64(max(c.client.now().UnixMilli(), 0))
	lender := c.client.lender
	lender.blobs = c.chat.blobs
	d := drive{call: c, lender: &lender, time: callTime{startMs: startMs, started: started}}
	step, err := c.start(&d)
	if err != nil {
		return nil, err
	}
	defer c.end()
	if c.kept == nil {
		if err := c.save(step); err != nil {
			c.drop()
			return nil, err
		}
	}
	outcome, err := d.run(ctx, step, func(event Event) bool {
		c.mu.Lock()
		c.unread = c.unread[1:]
		c.mu.Unlock()
		return yield(event)
	})
	if err != nil {
		if ours := (*Error)(nil); errors.As(err, &ours) {
			ours.MaybeBilled = d.began || c.kept != nil
		}
		return nil, err
	}
	switch result := outcome.Result.(type) {
	case *ResponseResult:
		return &Answer{Response: result.Response, Report: outcome.Report}, nil
	case *ErrorResult:
		ended := &Error{ErrorDetail: result.ErrorDetail, Report: &outcome.Report}
		ended.blame(ctx)
		return nil, ended
	}
	return nil, failed(ErrorKindInternal, "the call ended without an outcome")
}

// start begins the call in the core, or takes it up there.
func (c *Call) start(d *drive) (*Step, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.state != notBegun {
		return nil, failed(ErrorKindInvalidState, "a Call runs once, and this one has run: make another with NewCall")
	}
	c.state = hasEnded
	sandbox, startMs := c.client.sandbox, d.time.startMs
	if c.kept != nil {
		call, step, err := sandbox.restore(c.kept.document, startMs)
		if err != nil {
			return nil, err
		}
		for _, number := range c.kept.Running {
			d.attempts = append(d.attempts, lostAttempt(number))
		}
		step.Events = append(c.kept.unread, step.Events...)
		c.state, c.core, c.unread = running, call, step.Events
		return step, nil
	}
	if deadline, ok := c.ctx.Deadline(); ok {
		leftMs := wholeMs(deadline.Sub(d.time.started))
		c.chat.options.CallerTimeoutMs = &leftMs
		d.callerAtMs = Ptr(startMs + leftMs)
	}
	request, err := marshal(c.chat.request.write)
	if err != nil {
		return nil, err
	}
	options, err := marshal(c.chat.options.write)
	if err != nil {
		return nil, err
	}
	call, step, err := sandbox.start(request, options, startMs, c.client.seed())
	if err != nil {
		return nil, err
	}
	c.state, c.core, c.unread = running, call, step.Events
	return step, nil
}

// tell what happened, and keep what the core says to it.
func (c *Call) tell(what happening, nowMs uint64) (*Step, error) {
	c.mu.Lock()
	step, err := c.core.tell(what, nowMs)
	if err == nil {
		c.unread = step.Events
		if step.Outcome != nil {
			c.state = hasEnded
		}
	}
	c.mu.Unlock()
	if err == nil {
		err = c.save(step)
	}
	return step, err
}

func (c *Call) drop() { c.core.drop() }

// save a snapshot when the step begins an attempt or a pause; nothing of that has been done yet.
func (c *Call) save(step *Step) error {
	begins := len(step.Send) > 0 || slices.ContainsFunc(step.Events, func(event Event) bool {
		_, ok := event.(*NoticeEvent)
		return ok
	})
	if c.chat.save == nil || !begins || step.Outcome != nil {
		return nil
	}
	snapshot, err := c.Snapshot()
	if err == nil {
		c.chat.save(snapshot)
	}
	return err
}

func (c *Call) end() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = hasEnded
}
