package literllm

import (
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"

	"github.com/literllm/literllm/go-host/internal/document"
	"github.com/literllm/literllm/go-host/internal/engine"
)

// snapshotEveryMs is the least time between two snapshots. A snapshot is a crossing: not one for every call.
const snapshotEveryMs = 1000

// instanceNumbers is what instances are numbered below: the number is part of every handle and has 16 bits there.
const instanceNumbers = 1 << 16

// happening is what can happen to a call.
type happening struct {
	kind    happeningKind
	attempt uint32
	head    *ResponseHead
	bytes   []byte
	failure *TransportFailure
}

// happeningKind: one for each verb of the engine.
type happeningKind int

const (
	// The head of an attempt has come.
	headCame happeningKind = iota
	// Bytes of an attempt's body have come.
	bytesCame
	// An attempt's body has ended in good order.
	bodyEnded
	// An attempt has failed.
	hasFailed
	// An attempt was silent for its idle_ms.
	wasIdle
	// The moment of wake_at_ms has come.
	momentCame
	// The caller gives up.
	callerLeft
)

// isLast: nothing more comes of that attempt.
func (h *happening) isLast() bool { return h.kind == bodyEnded || h.kind == hasFailed }

// coreCall is a call in the core.
type coreCall interface {
	// tell what happened at nowMs (Unix milliseconds). An error leaves the call without hope: end it.
	tell(what happening, nowMs uint64) (*Step, error)
	// drop a call that has no outcome yet.
	drop()
}

// sandbox is a client's core: one instance, behind a short lock.
//
// A trap poisons an instance, and a dead one must not be asked for anything (it would even answer). So we keep a
// snapshot of the client's memory, at most a second older than its last change (which a step tells by state_changed),
// and make the next instance from it. Calls of the dead instance end with an error; calls that start afterwards know
// nothing of it.
type sandbox struct {
	module *engine.Module
	// A client-config document.
	config string

	mu sync.Mutex
	// Apart, so that it can be freed once nobody holds the sandbox.
	living     *living
	nextNumber uint32
	// Newest client-snapshot document (empty: none) and when it was taken.
	snapshot     string
	snapshotAtMs uint64
	// The memory moved since the snapshot.
	dirty bool
}

// living is the instance, its number and the client in it. No instance: it is dead, until somebody asks for the next.
type living struct {
	instance *engine.Instance
	number   uint32
	client   uint64
}

func (l *living) end() {
	if l.instance != nil {
		l.instance.Close()
		l.instance = nil
	}
}

// newSandbox fails when the configuration is not sound, the component does not load, or restore (nil: none) is no
// snapshot of a client of that very component.
func newSandbox(config string, wanted engine.Wanted, restore []byte) (*sandbox, egress, error) {
	module, err := engine.Load(wanted)
	if err != nil {
		return nil, nil, failed(ErrorKindInternal, "the core does not load: "+err.Error())
	}
	s := &sandbox{module: module, config: config, living: &living{}}
	if restore != nil {
		kept, err := openKept(restore, module.SHA256)
		if err != nil {
			return nil, nil, err
		}
		s.snapshot = kept.document
	}
	table, err := s.revive()
	if err != nil {
		return nil, nil, s.said(err)
	}
	runtime.AddCleanup(s, func(living *living) { living.end() }, s.living)
	return s, table, nil
}

// revive makes the next instance when the last one is dead. Its egress table matters the first time only: that one
// stays frozen.
func (s *sandbox) revive() (egress, error) {
	if s.living.instance != nil {
		return nil, nil
	}
	number := s.nextNumber
	s.nextNumber = (number + 1) % instanceNumbers
	// Taken, and put back only once it has served: a snapshot that cannot be restored is tried once.
	snapshot := s.snapshot
	s.snapshot = ""
	instance, err := s.module.New()
	if err != nil {
		return nil, err
	}
	text, err := instance.ClientCreate(s.config, number, snapshot)
	var created Created
	if err == nil {
		err = read(text, created.read)
	}
	if err != nil {
		instance.Close()
		return nil, err
	}
	*s.living = living{instance, number, created.Client}
	s.snapshot = snapshot
	return created.Egress, nil
}

// start begins a call and gives its first step.
func (s *sandbox) start(request, options string, nowMs, seed uint64) (*sandboxCall, *Step, error) {
	return s.begin(nowMs, func() (string, error) {
		return s.living.instance.CallStart(s.living.client, request, options, nowMs, seed)
	})
}

// restore takes up a call of a call-snapshot document. Its step sends nothing.
func (s *sandbox) restore(snapshot string, nowMs uint64) (*sandboxCall, *Step, error) {
	return s.begin(nowMs, func() (string, error) {
		return s.living.instance.CallRestore(s.living.client, snapshot, nowMs)
	})
}

// begin a call by cross, which answers with a started document.
func (s *sandbox) begin(nowMs uint64, cross func() (string, error)) (*sandboxCall, *Step, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.revive(); err != nil {
		return nil, nil, s.said(err)
	}
	text, err := cross()
	started := &Started{}
	if err == nil {
		err = read(text, started.read)
	}
	if err != nil {
		return nil, nil, s.said(err)
	}
	s.note(&started.Step, nowMs)
	return &sandboxCall{s, s.living.number, started.Call}, &started.Step, nil
}

// note a step: when the memory moved and the last snapshot is old enough, take one.
func (s *sandbox) note(step *Step, nowMs uint64) {
	s.dirty = s.dirty || step.StateChanged
	if !s.dirty || s.snapshot != "" && nowMs < s.snapshotAtMs+snapshotEveryMs {
		return
	}
	snapshot, err := s.living.instance.ClientSnapshot(s.living.client)
	if err == nil {
		s.snapshot, s.snapshotAtMs, s.dirty = snapshot, nowMs, false
	} else if isDeath(err) {
		s.living.end()
	}
}

// memory is the client's, as a client-snapshot document of this moment.
func (s *sandbox) memory() (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.revive()
	if err != nil {
		return "", s.said(err)
	}
	snapshot, err := s.living.instance.ClientSnapshot(s.living.client)
	if err != nil {
		return "", s.said(err)
	}
	return snapshot, nil
}

// said is a failure in words. A death is one: the instance is gone.
func (s *sandbox) said(err error) error {
	if refusal := (*engine.Refusal)(nil); errors.As(err, &refusal) {
		detail := ErrorDetail{}
		if err = read(refusal.Document, detail.read); err == nil {
			return &Error{ErrorDetail: detail}
		}
	}
	s.living.end()
	return failed(ErrorKindInternal, fmt.Sprintf("the sandbox of this client broke: %v. Its calls under way are lost; the "+
		"next call gets a new sandbox. This is a bug of Liter-LLM, or a bound of its memory: please report it", err))
}

func isDeath(err error) bool {
	death := (*engine.Death)(nil)
	return errors.As(err, &death)
}

// read a document of the core. That one cannot be read means that the core is not what it should be.
func read(text string, shape func(*document.Reader)) error {
	r := document.NewReader(text)
	shape(&r)
	if err := r.Err(); err != nil {
		return &engine.Death{Cause: fmt.Sprintf("it answered what this host cannot read (%v)", err)}
	}
	return nil
}

// sandboxCall is a call in a sandbox. It belongs to one instance and ends with it.
type sandboxCall struct {
	sandbox *sandbox
	number  uint32
	// The core's handle.
	call uint64
}

// lives tells whether the sandbox still holds the instance this call lives in.
func (c *sandboxCall) lives() bool {
	return c.sandbox.living.instance != nil && c.sandbox.living.number == c.number
}

func (c *sandboxCall) tell(what happening, nowMs uint64) (*Step, error) {
	text, err := c.cross(what, nowMs)
	if err != nil {
		return nil, err
	}
	step := &Step{}
	if err := read(text, step.read); err != nil || step.StateChanged {
		s := c.sandbox
		s.mu.Lock()
		defer s.mu.Unlock()
		if err != nil && c.lives() {
			return nil, s.said(err)
		} else if err != nil {
			return nil, goneError()
		} else if c.lives() {
			s.note(step, nowMs)
		}
	}
	return step, nil
}

// cross is the part of tell that needs the lock: the core's part.
func (c *sandboxCall) cross(what happening, nowMs uint64) (text string, err error) {
	document, err := writeHappening(what)
	if err != nil {
		return "", err
	}
	s := c.sandbox
	s.mu.Lock()
	defer s.mu.Unlock()
	if !c.lives() {
		return "", goneError()
	}
	instance := s.living.instance
	switch what.kind {
	case headCame:
		text, err = instance.CallHead(c.call, what.attempt, document, nowMs)
	case bytesCame:
		text, err = instance.CallBody(c.call, what.attempt, what.bytes, nowMs)
	case bodyEnded:
		text, err = instance.CallEnd(c.call, what.attempt, nowMs)
	case hasFailed:
		text, err = instance.CallFailed(c.call, what.attempt, document, nowMs)
	case wasIdle:
		text, err = instance.CallWake(c.call, what.attempt, nowMs)
	case momentCame:
		text, err = instance.CallWake(c.call, 0, nowMs)
	case callerLeft:
		text, err = instance.CallCancel(c.call, nowMs)
	}
	if err != nil {
		return "", s.said(err)
	}
	return text, nil
}

// writeHappening is the document of those that have one.
func writeHappening(what happening) (string, error) {
	var text []byte
	var err error
	switch what.kind {
	case headCame:
		text, err = document.Marshal(what.head.write)
	case hasFailed:
		// A transport's words may be anything.
		what.failure.Message = strings.ToValidUTF8(what.failure.Message, "\uFFFD")
		text, err = document.Marshal(what.failure.write)
	}
	if err != nil {
		return "", failed(ErrorKindInternal, "a document for the core cannot be written: "+err.Error())
	}
	return string(text), nil
}

// snapshot is the call as a call-snapshot document; it goes on undisturbed.
func (c *sandboxCall) snapshot() (string, error) {
	s := c.sandbox
	s.mu.Lock()
	defer s.mu.Unlock()
	if !c.lives() {
		return "", goneError()
	}
	snapshot, err := s.living.instance.CallSnapshot(c.call)
	if err != nil {
		return "", s.said(err)
	}
	return snapshot, nil
}

func (c *sandboxCall) drop() {
	s := c.sandbox
	s.mu.Lock()
	defer s.mu.Unlock()
	if c.lives() && isDeath(s.living.instance.CallDrop(c.call)) {
		s.living.end()
	}
}

// goneError is for a call whose instance died while it served another call.
func goneError() error {
	err := failed(ErrorKindInternal,
		"the sandbox of this call broke while it served another call of the same client; start this call again")
	err.Retryable, err.Next = true, []NextStep{NextStepResend}
	return err
}
